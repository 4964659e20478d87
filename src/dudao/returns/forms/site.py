"""Forms of on-site checks. They look at what was typed; rules of the work are the services'."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from dudao.files.forms import EvidenceListField
from dudao.returns import checks
from dudao.returns.models import CellCheck, CheckGroup, CheckRound
from dudao.returns.services.site_cells import Entry, Signing
from dudao.returns.services.site_rounds import Group, Turn
from dudao.shell.forms import DAY, Choices, KeyField, choose
from dudao_engines.standards.forms import Field


class AboutForm(forms.Form):
    """What a round is about."""

    title = forms.CharField(label="核查名称", max_length=100)
    begin_on = forms.DateField(label="开始日期", widget=DAY)
    end_on = forms.DateField(label="结束日期", widget=DAY)
    per_day = forms.IntegerField(label="每组每天核查几所学校", min_value=1, max_value=20, initial=2)
    scope = forms.ChoiceField(
        label="核查哪些数据", choices=CheckRound.Scope.choices, widget=forms.Select,
        help_text="被标为“优先核查”的数据项，不论选哪种范围都要核。",
    )  # fmt: skip
    codes = forms.MultipleChoiceField(
        label="选定的填报项目", required=False, widget=forms.CheckboxSelectMultiple, help_text="范围选“选定的填报项目”时勾选。"
    )  # fmt: skip

    def __init__(self, *args: Any, fields: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "codes", fields)


class ChangeForm(AboutForm):
    base_version = forms.IntegerField(widget=forms.HiddenInput)


class PlanForm(AboutForm):
    """A new round."""

    key = KeyField()
    units = forms.MultipleChoiceField(
        label="核查哪些学校", required=False, widget=forms.CheckboxSelectMultiple, help_text="都不勾，就是全部。"
    )  # fmt: skip
    occurred_on = forms.DateField(label="安排日期", widget=DAY, help_text="可以是以前的日子，不能晚于今天。")
    field_order = ("title", "begin_on", "end_on", "per_day", "scope", "codes", "units", "occurred_on")

    def __init__(self, *args: Any, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "units", units)

    def clean_units(self) -> list[UUID]:
        return [UUID(key) for key in self.cleaned_data["units"]]


class GroupForm(forms.Form):
    """One group: its name, who leads, who comes along. An empty one is left out."""

    is_quiet = True
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label="组名", max_length=40, required=False)
    lead = forms.ChoiceField(label="组长", required=False)
    persons = forms.MultipleChoiceField(label="组员", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "lead", [("", "待定"), *people])
        choose(self, "persons", people)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("lead") or data.get("persons")) and not data.get("name"):
            self.add_error("name", "请填写组名。")
        if data.get("persons") and not data.get("lead"):
            self.add_error("lead", "请选择组长。")
        return data

    def group(self) -> Group | None:
        data = self.cleaned_data
        if not data.get("name") or not (data["key"] or data["persons"] or data["lead"]):
            return None
        persons = [data["lead"], *(key for key in data["persons"] if key != data["lead"])] if data["lead"] else []
        return Group(data["name"], tuple(UUID(key) for key in persons), data["key"])


#: Groups of one round.
MOST_GROUPS = 12
GroupForms = forms.formset_factory(GroupForm, extra=0, max_num=MOST_GROUPS, absolute_max=MOST_GROUPS)


class TurnForm(forms.Form):
    """One line of the table."""

    is_quiet = True
    key = forms.UUIDField(widget=forms.HiddenInput)
    group = forms.ChoiceField(label="核查组", required=False)
    on = forms.DateField(label="日期", required=False, widget=DAY)
    left_out = forms.CharField(label="本轮不核查的原因", required=False, max_length=300)

    def __init__(self, *args: Any, groups: Sequence[CheckGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "group", [("", "待定"), *((str(one.pk), one.name) for one in groups)])

    def turn(self) -> Turn:
        data = self.cleaned_data
        return Turn(UUID(data["group"]) if data["group"] else None, data["on"], data["left_out"])


#: Schools of one table.
MOST_SCHOOLS = 1000
TurnForms = forms.formset_factory(TurnForm, extra=0, max_num=MOST_SCHOOLS, absolute_max=MOST_SCHOOLS)


class VersionForm(forms.Form):
    """Nothing but the version that was seen."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)


class WordsForm(VersionForm):
    """An act with its reason."""

    words = forms.CharField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class EndForm(VersionForm):
    words = forms.CharField(
        label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="有学校没有办完，或者要取消的，写明原因。",
    )  # fmt: skip
    cancel = forms.BooleanField(label="取消这一轮（还没有开始核查的）", required=False)


class DecideForm(VersionForm):
    """What the office makes of a head's objection."""

    upheld = forms.ChoiceField(
        label="处理", choices=[("", "请选择"), ("yes", "维持核查结果"), ("no", "异议成立，重新核查")]
    )  # fmt: skip
    words = forms.CharField(label="意见和理由", max_length=500, widget=forms.Textarea(attrs={"rows": 4}))


def proofs() -> Choices:
    return [(one.id, one.name) for one in checks.proofs().values()]


def causes() -> Choices:
    return [(one.id, one.name) for one in checks.causes().values()]


class CellForm(forms.Form):
    """One cell: what was found, on what proof, and why it differs."""

    # What has to be filled depends on the outcome; the service says it beside the field.
    is_quiet = True
    key = KeyField()
    base_version = forms.IntegerField(required=False, widget=forms.HiddenInput, initial=0)
    occurred_on = forms.DateField(label="到校日期", widget=DAY)
    outcome = forms.ChoiceField(label="核查结果", choices=CellCheck.Outcome.choices, widget=forms.RadioSelect)
    found = forms.CharField(label="核查值", required=False, max_length=400)
    proof = forms.ChoiceField(label="佐证", required=False)
    proof_words = forms.CharField(
        label="佐证说明", required=False, max_length=300, help_text="如房产证号、台账页码、名册日期；选“其他”时必填。"
    )  # fmt: skip
    cause = forms.ChoiceField(label="差异原因", required=False)
    words = forms.CharField(label="说明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    evidence = EvidenceListField(label="照片、扫描件", required=False)

    def __init__(self, *args: Any, item: Field, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        choose(self, "proof", [("", "请选择"), *proofs()])
        choose(self, "cause", [("", "请选择"), *causes()])
        found = self.fields["found"]
        found.label = f"核查值（{item.unit}）" if item.unit else "核查值"
        if item.kind in ("bool", "enum"):
            options = [("true", "是"), ("false", "否")] if item.kind == "bool" else [(one, one) for one in item.choices]
            self.fields["found"] = forms.ChoiceField(
                label=found.label, required=False, choices=[("", "请选择"), *options]
            )
        elif item.is_number:
            found.widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def entry(self, evidence: Sequence[Any] = ()) -> Entry:
        data = self.cleaned_data
        names = ("outcome", "found", "proof", "proof_words", "cause", "words", "key")
        values = {name: data[name] for name in names}
        return Entry(
            code=self.item.code, evidence=tuple(evidence), base_version=data["base_version"] or 0, **values
        )  # fmt: skip


class SignForm(forms.Form):
    """A checker signs what is on the screen."""

    key = KeyField()
    seen = forms.IntegerField(widget=forms.HiddenInput)
    occurred_on = forms.DateField(label="签字日期", widget=DAY)
    sure = forms.BooleanField(label="以上记录是我在学校核查所得，属实。")

    def signing(self) -> Signing:
        return Signing(seen=self.cleaned_data["seen"], key=self.cleaned_data["key"])


class HeadForm(forms.Form):
    """The head signs, or says what is not right."""

    key = KeyField()
    seen = forms.IntegerField(widget=forms.HiddenInput)
    agrees = forms.ChoiceField(
        label="意见", choices=[("", "请选择"), ("yes", "核查情况属实，同意"), ("no", "有异议")]
    )  # fmt: skip
    words = forms.CharField(
        label="异议", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="有异议的，写明哪几项、为什么。",
    )  # fmt: skip
    occurred_on = forms.DateField(label="签字日期", widget=DAY)

    def signing(self, scan: Sequence[Any] = ()) -> Signing:
        data = self.cleaned_data
        return Signing(
            seen=data["seen"], agrees=data["agrees"] == "yes", words=data["words"], key=data["key"],
            name=data.get("name", ""), on_paper="scan" in data, scan=tuple(scan),
        )  # fmt: skip


class HeadPaperForm(HeadForm):
    """What the head signed on paper, written down by the group."""

    name = forms.CharField(label="签字的校（园）长", max_length=64)
    scan = EvidenceListField(label="签字页扫描件或照片")
    field_order = ("name", "agrees", "words", "occurred_on", "scan")


class CheckerPaperForm(forms.Form):
    """What a checker signed on paper, written down by somebody of the group or the office."""

    key = KeyField()
    seen = forms.IntegerField(widget=forms.HiddenInput)
    person = forms.ChoiceField(label="签字的核查人")
    occurred_on = forms.DateField(label="签字日期", widget=DAY)
    scan = EvidenceListField(label="签字页扫描件或照片")

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "person", [("", "请选择"), *people])

    def signing(self, scan: Sequence[Any]) -> Signing:
        data = self.cleaned_data
        return Signing(
            seen=data["seen"], key=data["key"], person=UUID(data["person"]), on_paper=True, scan=tuple(scan)
        )  # fmt: skip


class AdoptForm(VersionForm):
    """Which differing cells keep the reported value all the same, and why."""

    occurred_on = forms.DateField(label="采用日期", widget=DAY)

    def __init__(self, *args: Any, codes: Sequence[str], labels: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = list(codes)
        for code, label in zip(codes, labels, strict=True):
            self.fields[f"take-{code}"] = forms.ChoiceField(
                label=label, choices=[("found", "采用核查值"), ("keep", "保留填报值")], widget=forms.RadioSelect,
                initial="found",
            )  # fmt: skip
            self.fields[f"words-{code}"] = forms.CharField(
                label=f"{label}保留填报值的理由", required=False, max_length=300
            )

    def keep(self) -> dict[str, str]:
        data = self.cleaned_data
        return {code: data[f"words-{code}"] for code in self.codes if data[f"take-{code}"] == "keep"}

    def lines(self) -> list[tuple[str, Any, Any]]:
        """For the page: each code with its two fields."""
        return [(code, self[f"take-{code}"], self[f"words-{code}"]) for code in self.codes]


def day_in(text: str, otherwise: date) -> date:
    """A day of an address, or another where there is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise
