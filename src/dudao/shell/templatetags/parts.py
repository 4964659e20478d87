"""Template tags of the house; built in, so no page loads them."""

from datetime import date
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, FileInput, IntegerField, NumberInput, Select, TextInput
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dudao.shell.evidence import EVIDENCE

register = template.Library()

WEEKDAYS = "一二三四五六日"
SHAPES = {
    "late": "alert-octagon",
    "soon": "clock",
    "go": "progress",
    "wait": "hourglass",
    "none": "circle-dashed",
    "done": "circle-check",
}
VERDICTS = {
    "met": ("done", "circle-check", "达标"),
    "unmet": ("late", "circle-x", "不达标"),
    "unknown": ("none", "help-circle", "无法判定"),
    "unsettled": ("soon", "lock-question", "暂不能判定"),
}
# The sprite holds the icons that sources name like this; those of the tables above are named here for it:
# icon "alert-octagon" icon "clock" icon "progress" icon "hourglass" icon "circle-dashed" icon "circle-check"
# icon "circle-x" icon "help-circle" icon "lock-question"


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite, hidden from screen readers: a word stands beside it."""
    return format_html('<svg class="dd-i" aria-hidden="true"><use href="{}#i-{}"/></svg>', static("icons.svg"), name)


@register.simple_tag
def status(tone: str, word: str) -> SafeString:
    """Status in a row: shape, colour and word. Tones: late soon go wait none done."""
    return format_html('<span class="dd-st {}">{}{}</span>', tone, icon(SHAPES[tone]), word)


@register.simple_tag
def tag(tone: str, word: str) -> SafeString:
    """Status of the whole object, in its head."""
    return format_html('<span class="dd-st {0} dd-tag">{1}{2}</span>', tone, icon(SHAPES[tone]), word)


@register.simple_tag
def verdict(code: str) -> SafeString:
    """What an indicator came to: met, unmet, unknown (data missing), unsettled (the rule itself is unchecked)."""
    tone, shape, word = VERDICTS[code]
    return format_html('<span class="dd-st {}">{}{}</span>', tone, icon(shape), word)


@register.simple_tag
def seg(done: int, going: int, late: int, none: int) -> SafeString:
    """One block per task, so that length is the count."""
    blocks = "".join(
        f'<i class="{letter}"></i>' * count for letter, count in zip("dgln", (done, going, late, none), strict=True)
    )
    total = done + going + late + none
    words = f"共 {total} 项：办结 {done}，办理中 {going}，逾期 {late}，未开始 {none}"
    return format_html('<span class="dd-seg" role="img" aria-label="{}">{}</span>', words, mark_safe(blocks))  # noqa: S308


@register.simple_tag
def draft_slot(slot: object) -> SafeString:
    """The hidden field by which a form is kept as a draft (``drafts.Slot``)."""
    return format_html('<input type="hidden" name="_draft" value="{}">', str(slot))


@register.simple_tag
def due(day: date | None, today: date) -> SafeString:
    """How far a due day is, in words: 逾期 6 天, 今天, 明天, 还剩 N 天; 待定 where there is none."""
    if day is None:
        return status("none", "待定")
    left = (day - today).days
    if left < 0:
        return status("late", f"逾期 {-left} 天")
    if left <= 3:
        return status("soon", ("今天到期", "还剩 1 天", "还剩 2 天", "还剩 3 天")[left])
    return status("go", f"还剩 {left} 天")


@register.filter
def undo(message: Any) -> str:
    """The address that takes back what a message tells of, where it was given one (``toasts.done``)."""
    return next((one.removeprefix("undo:") for one in message.extra_tags.split() if one.startswith("undo:")), "")


@register.filter
def day(value: date | None) -> str:
    """9月12日; with the year where it is another one than asked is the caller's choice (``fullday``)."""
    return f"{value.month}月{value.day}日" if value else "—"


@register.filter
def fullday(value: date | None) -> str:
    """2024年9月12日."""
    return f"{value.year}年{value.month}月{value.day}日" if value else "—"


@register.filter
def weekday(value: date) -> str:
    """星期四."""
    return f"星期{WEEKDAYS[value.weekday()]}"


@register.filter
def dash(value: Any) -> Any:
    """Missing is —, never 0."""
    return "—" if value is None or value == "" else value


@register.filter
def evidence(code: str) -> str:
    """How sure a rule is, in words, from the code in its file."""
    return EVIDENCE[code]


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """An entry of a mapping by a key that is only known in the template."""
    return mapping.get(key)


@register.filter
def can(actor: Any, capability: str) -> bool:
    """Whether the hat gives a capability."""
    return actor is not None and actor.can(capability)


@register.filter
def control(field: BoundField) -> SafeString:
    """The control of a field in the house's look; whatever else the form gave it stays."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        look = "form-check-input"
    elif isinstance(widget, Select) and not isinstance(widget, FileInput):
        look = "form-select"
    else:
        look = "form-control"
    attrs: dict[str, str | bool] = {"class": f"{look} {widget.attrs.get('class', '')}".strip()}
    if isinstance(widget, NumberInput):
        # A number box throws away what is no number; here what was typed stays, and the form says what is wrong with it.
        numeric = isinstance(field.field, IntegerField)
        typed = TextInput({"inputmode": "numeric" if numeric else "decimal", "autocomplete": "off", **attrs})
        typed.is_localized, typed.is_required = widget.is_localized, widget.is_required
        return field.as_widget(widget=typed)
    return field.as_widget(attrs=attrs)


@register.filter
def boxes(field: BoundField) -> list[tuple[str, list[dict[str, Any]]]]:
    """The boxes of a multiple choice: groups with their options."""
    groups = field.field.widget.optgroups(field.html_name, field.value() or [])
    return [(name or "", options) for name, options, _ in groups]
