"""Forms of findings and measures. They check what was typed; the rules are the services' and the procedures'."""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dudao.files.forms import EvidenceListField
from dudao.findings.models import Case, Finding, Measure
from dudao.places import queries as places
from dudao.procedures import library
from dudao.shell.acts import Actor
from dudao.shell.forms import DAY, choose
from dudao.shell.keys import uuid7

Choices = list[tuple[str, str]]
Grouped = list[tuple[str, Choices]]
_LEADING = ("office", "bureau", "section", "department", "township")


def unit_choices(actor: Actor, *, today: date, leading: bool = False) -> Grouped:
    """Units to choose from, by kind: all of the county, or those of an inspector; ``leading`` those that answer for a field."""
    found: dict[str, Choices] = defaultdict(list)
    for unit in places.units_visible_to(actor, as_of=today):
        if leading != (unit.kind in _LEADING):
            continue
        if leading or actor.sees_county or (unit.unit_id in actor.units and not actor.is_of(unit.unit_id)):
            found[unit.get_kind_display()].append((str(unit.unit_id), unit.name))
    return list(found.items())


class SuggestInput(forms.TextInput):
    """A line of text with suggestions; anything else can be typed."""

    def __init__(self, suggestions: list[str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.suggestions = suggestions

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        key = f"{(attrs or {}).get('id', name)}-suggested"
        line = super().render(name, value, {**(attrs or {}), "list": key}, renderer)
        options = format_html_join("", '<option value="{}">', ((one,) for one in self.suggestions))
        return format_html('{}<datalist id="{}">{}</datalist>', line, key, options)


class FactsForm(forms.Form):
    """What is known of a finding, for registering and for correcting it."""

    title = forms.CharField(label="问题概述", max_length=200, help_text="一句话说清哪里不对。")
    basis = forms.CharField(
        label="依据（条款或指标）", max_length=200, help_text="如“教育督导条例22条”，或指标的名称和编号。"
    )
    facts = forms.CharField(
        label="事实和证据说明", max_length=5000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="时间、地点、数量。不写投诉人、学生的姓名和联系方式。",
    )  # fmt: skip
    severity = forms.ChoiceField(label="严重程度", choices=Finding.Severity.choices, initial=Finding.Severity.ORDINARY)
    cause = forms.ChoiceField(label="原因", required=False)
    wanted = forms.CharField(
        label="整改要求", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="整改到什么程度算到位。",
    )  # fmt: skip
    due_on = forms.DateField(label="整改期限", required=False, widget=DAY, help_text="告知单位时还可以改。")
    department = forms.ChoiceField(label="主管（责任）部门", required=False)
    responsible = forms.CharField(label="单位责任人", max_length=64, required=False)

    def __init__(self, *args: Any, departments: Grouped, causes: Choices, bases: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "department", [("", "未定"), *departments])
        choose(self, "cause", [("", "未定"), *causes])
        self.fields["basis"].widget = SuggestInput(bases, {"maxlength": 200})

    def clean_department(self) -> UUID | None:
        return UUID(self.cleaned_data["department"]) if self.cleaned_data["department"] else None

    def clean_cause(self) -> UUID | None:
        return UUID(self.cleaned_data["cause"]) if self.cleaned_data["cause"] else None


class NewForm(FactsForm):
    """A finding that is registered by hand."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    unit = forms.ChoiceField(label="被督导单位")
    source = forms.ChoiceField(label="来源", choices=Finding.Source.choices, initial=Finding.Source.VISIT)
    found_on = forms.DateField(label="发现日期", widget=DAY)
    told_on = forms.DateField(
        label="早已告知单位的日期", required=False, widget=DAY,
        help_text="只有补录使用本系统以前已经告知单位的问题才填；填了就直接进入整改，须同时填整改期限。",
    )  # fmt: skip
    evidence = EvidenceListField(
        label="佐证材料", required=False, help_text="照片、扫描件、表格、文档，可以一次选几个；每个不超过 50 MB。"
    )
    field_order = (
        "unit", "source", "found_on", "title", "basis", "facts", "evidence", "severity", "cause", "wanted", "due_on",
        "department", "responsible", "told_on",
    )  # fmt: skip

    def __init__(self, *args: Any, units: Grouped, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "unit", [("", "请选择"), *units])
        self.initial.setdefault("found_on", today)
        self.initial.setdefault("key", uuid7())

    def clean_unit(self) -> UUID:
        return UUID(self.cleaned_data["unit"])


class ChangeForm(FactsForm):
    """What was registered, corrected."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, told: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if told:
            del self.fields["due_on"]

    @staticmethod
    def values_of(row: Finding) -> dict[str, Any]:
        """What stands in the database, as the form has it."""
        names = ("title", "basis", "facts", "severity", "wanted", "due_on", "responsible")
        return {name: getattr(row, name) for name in names} | {
            "cause": str(row.cause_id or ""),
            "department": str(row.department_id or ""),
        }


class MeasureForm(forms.Form):
    """A measure on a unit: the ground, the findings it is about, what is asked for."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    findings = forms.MultipleChoiceField(label="涉及的问题", required=False, widget=forms.CheckboxSelectMultiple)
    grounds = forms.MultipleChoiceField(label="情形", widget=forms.CheckboxSelectMultiple)
    title = forms.CharField(label="事由", max_length=200)
    wanted = forms.CharField(label="要求", max_length=3000, widget=forms.Textarea(attrs={"rows": 5}))
    due_on = forms.DateField(
        label="期限", required=False, widget=DAY, help_text="拟定的期限，送达时以送达当日重新确定。"
    )
    occurred_on = forms.DateField(label="拟办日期", widget=DAY, help_text="可以是以前的日子，不能晚于今天。")

    WORDS = {
        Measure.Kind.ORDER: "督办要求",
        Measure.Kind.TALK: "约谈事由",
        Measure.Kind.CIRCULAR: "拟通报的事实和要求",
        Measure.Kind.EXPOSURE: "拟曝光的事实和依据",
        Measure.Kind.REWARD: "督导结果和激励的理由",
    }

    def __init__(
        self, *args: Any, kind: str, findings: Choices, today: date, suggested: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        grounds = [g for g in library.procedure("measure").grounds if kind in g.kinds]
        choose(self, "grounds", [(g.id, g.name) for g in grounds])
        choose(self, "findings", findings)
        self.initial.setdefault("key", uuid7())
        self.fields["wanted"].label = self.WORDS[Measure.Kind(kind)]
        self.initial.setdefault("occurred_on", today)
        self.initial.setdefault("grounds", suggested or ([grounds[0].id] if len(grounds) == 1 else []))
        if not findings:
            del self.fields["findings"]
        elif kind == Measure.Kind.ORDER:
            self.fields["findings"].required = True
        if kind == Measure.Kind.REWARD:
            del self.fields["due_on"]


class _SeenVersion(forms.HiddenInput):
    """The version that was seen; a draft of another day does not bring an old one back."""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return True


class RecheckForm(forms.Form):
    """What was found when several findings of a unit were looked at on one day."""

    OUTCOMES = (("recheck_passed", "复查合格"), ("recheck_failed", "复查不到位"), ("", "这次不登记"))

    occurred_on = forms.DateField(label="复查日期", widget=DAY, help_text="可以是以前的日子，不能晚于今天。")
    words = forms.CharField(
        label="复查方式和结果", max_length=5000, widget=forms.Textarea(attrs={"rows": 5}), help_text="写到每个问题里。"
    )
    evidence = EvidenceListField(label="现场照片或凭证", help_text="附到每个问题里，可以一次选几个；每个不超过 50 MB。")

    def __init__(self, *args: Any, findings: list[Finding], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("occurred_on", today)
        self.findings = findings
        asked: dict[str, forms.Field] = {}
        for row in findings:
            asked[f"outcome_{row.pk.hex}"] = forms.ChoiceField(
                label=f"{row.number} {row.title}", choices=self.OUTCOMES, required=False
            )
            asked[f"version_{row.pk.hex}"] = forms.IntegerField(widget=_SeenVersion, initial=row.version)
        for name in asked:
            if name.startswith("outcome_"):
                asked[name].is_quiet = True  # type: ignore[attr-defined]
        self.fields = {**asked, **self.fields}

    def outcomes(self) -> list[tuple[Finding, str, int]]:
        """The findings that were looked at, with the act and the version that was seen."""
        data = self.cleaned_data
        return [
            (row, data[f"outcome_{row.pk.hex}"], data[f"version_{row.pk.hex}"])
            for row in self.findings
            if data[f"outcome_{row.pk.hex}"]
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(value for name, value in data.items() if name.startswith("outcome_")):
            self.add_error(None, "请至少给一个问题选复查结果。")
        return data


class CaseForm(forms.Form):
    """A case against a unit: what for, on which findings, and what is thought of."""

    findings = forms.MultipleChoiceField(label="涉及的问题", required=False, widget=forms.CheckboxSelectMultiple)
    grounds = forms.MultipleChoiceField(label="问责情形", widget=forms.CheckboxSelectMultiple)
    title = forms.CharField(label="事由", max_length=200, help_text="只有案件成员看得到。")
    words = forms.CharField(label="线索来源和事实", max_length=5000, widget=forms.Textarea(attrs={"rows": 5}))
    persons = forms.CharField(
        label="责任人", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="姓名和职务；只追究单位的不填。",
    )  # fmt: skip
    methods = forms.MultipleChoiceField(
        label="拟用方式", required=False, choices=Case.Method.choices, widget=forms.CheckboxSelectMultiple,
        help_text="县里不能自行处分、处罚的，只提建议或移送，并登记结果。",
    )  # fmt: skip
    work_done_on = forms.DateField(
        label="督导工作完成日期", widget=DAY, help_text="从这天起 60 日内成立调查认定工作组。"
    )
    occurred_on = forms.DateField(label="立案日期", widget=DAY)

    def __init__(self, *args: Any, findings: Choices, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "grounds", [(g.id, g.name) for g in library.procedure("accountability").grounds])
        choose(self, "findings", findings)
        self.initial.setdefault("occurred_on", today)
        if not findings:
            del self.fields["findings"]


class MemberForm(forms.Form):
    """Another person who may see a case."""

    person = forms.ChoiceField(label="人员", help_text="在被问责单位任职的人员应当回避。")
    role = forms.CharField(label="职责", max_length=40, required=False, help_text="如“审定”“调查”“记录”。")

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "person", [("", "请选择"), *people])

    def clean_person(self) -> UUID:
        return UUID(self.cleaned_data["person"])


class ReasonForm(forms.Form):
    """Why somebody wants to see what is kept secret."""

    reason = forms.CharField(label="查看理由", max_length=200, help_text="每次查看都记入留痕。")


class ComplainantForm(forms.Form):
    """Who complained; kept closed."""

    name = forms.CharField(label="投诉人", max_length=64, required=False, help_text="匿名投诉不填。")
    contact = forms.CharField(label="联系方式", max_length=100, required=False)
    words = forms.CharField(
        label="投诉内容（原话）", max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
