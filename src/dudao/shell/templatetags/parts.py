"""Template tags of the house; built in, so no page loads them."""

from datetime import date
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, FileInput, Select
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
# The sprite holds the icons that sources name like this; SHAPES are named here for it:
# icon "alert-octagon" icon "clock" icon "progress" icon "hourglass" icon "circle-dashed" icon "circle-check"


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite, hidden from screen readers: a word stands beside it."""
    return format_html('<svg class="dd-i" aria-hidden="true"><use href="{}#i-{}"/></svg>', static("icons.svg"), name)


@register.simple_tag
def status(tone: str, word: str) -> SafeString:
    """Status in a row: shape, colour and word. Tones: late soon go wait none done."""
    return format_html('<span class="dd-st {}">{}{}</span>', tone, icon(SHAPES[tone]), word)


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
    return field.as_widget(attrs={"class": f"{look} {widget.attrs.get('class', '')}".strip()})


@register.filter
def boxes(field: BoundField) -> list[tuple[str, list[dict[str, Any]]]]:
    """The boxes of a multiple choice: groups with their options."""
    groups = field.field.widget.optgroups(field.html_name, field.value() or [])
    return [(name or "", options) for name, options, _ in groups]
