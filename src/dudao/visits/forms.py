"""Forms of regular visits. They look at what was typed; rules of the work are the services'."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from dudao.files.forms import EvidenceListField
from dudao.findings.models import Finding
from dudao.shell.forms import DAY, Choices, KeyField, choose
from dudao.visits.models import Answer, Visit
from dudao.visits.queries import Line
from dudao.visits.services import Said

#: The control of a time of the day.
TIME = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
LINES = forms.Textarea(attrs={"rows": 3})


class _Where(forms.Form):
    """Which school, and for the office whose visit."""

    key = KeyField()
    person = forms.ChoiceField(label="督学")
    unit = forms.ChoiceField(label="学校（园）")

    def __init__(self, *args: Any, units: Choices, people: Choices | None, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "unit", [("", "请选择"), *units])
        if people is None:
            del self.fields["person"]
        else:
            choose(self, "person", [("", "请选择"), *people])


class _Themed(forms.Form):
    theme = forms.ChoiceField(label="主题", required=False, help_text="不选，就是当月的主题。")

    def __init__(self, *args: Any, themes: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "theme", [("", "当月的主题"), *themes])


class PlanForm(_Where, _Themed):
    """One visit of the plan."""

    month = forms.DateField(label="月份", widget=forms.Select)
    planned_on = forms.DateField(
        label="计划日期", widget=DAY, required=False, help_text="不填，当月内任一天。学校看不到计划。"
    )
    field_order = ("person", "unit", "month", "planned_on", "theme")

    def __init__(self, *args: Any, months: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["month"].widget.choices = list(months)


class ChangeForm(_Themed):
    """Another month, day or theme."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    month = forms.DateField(label="月份", widget=forms.Select)
    planned_on = forms.DateField(label="计划日期", widget=DAY, required=False)
    field_order = ("month", "planned_on", "theme")

    def __init__(self, *args: Any, months: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["month"].widget.choices = list(months)


class VersionForm(forms.Form):
    """Nothing but the version that was seen."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)


class GiveUpForm(VersionForm):
    words = forms.CharField(label="没有去的原因", max_length=300, widget=LINES)


class ReopenForm(VersionForm):
    words = forms.CharField(label="退回的原因", max_length=300, widget=LINES)


class SeenForm(VersionForm):
    words = forms.CharField(label="意见", max_length=500, required=False, widget=LINES)


class ArriveForm(VersionForm):
    """At the school."""

    visited_on = forms.DateField(label="到校日期", widget=DAY)
    arrived_at = forms.TimeField(label="到校时间", widget=TIME, required=False)
    companions = forms.CharField(label="同行人员", max_length=200, required=False)


class BeginForm(_Where, _Themed):
    """A visit that nobody planned."""

    visited_on = forms.DateField(label="到校日期", widget=DAY)
    arrived_at = forms.TimeField(label="到校时间", widget=TIME, required=False)
    companions = forms.CharField(label="同行人员", max_length=200, required=False)
    field_order = ("person", "unit", "visited_on", "arrived_at", "theme", "companions")


class NotesForm(VersionForm):
    """What else was seen, and photos."""

    notes = forms.CharField(label="督导记录", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 5}))
    companions = forms.CharField(label="同行人员", max_length=200, required=False)
    photos = EvidenceListField(label="照片", required=False)


class ProblemForm(forms.Form):
    """Something that is wrong."""

    key = KeyField()
    title = forms.CharField(label="问题", max_length=200)
    facts = forms.CharField(label="看到了什么", required=False, widget=LINES, max_length=2000)
    basis = forms.CharField(label="依据的条款或要求", max_length=200)
    severity = forms.ChoiceField(label="严重程度", choices=Finding.Severity.choices)
    wanted = forms.CharField(label="整改要求", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    days = forms.IntegerField(
        label="整改期限（天）",
        min_value=1,
        max_value=365,
        required=False,
        help_text="从到校那天起算。国家没有统一天数。",
    )
    photos = EvidenceListField(label="照片", required=False)
    drafts_notice = forms.BooleanField(label="同时拟整改通知书（拟好后送签发、送达）", required=False, initial=True)


class TellForm(VersionForm):
    """What the head was told before the inspector left."""

    told = forms.CharField(label="反馈意见", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    head_name = forms.CharField(label="校（园）方在场人和职务", max_length=64)
    head_words = forms.CharField(
        label="校（园）方意见", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    way = forms.ChoiceField(label="怎样确认", choices=[("", "请选择"), *Visit.Way.choices])
    scan = EvidenceListField(label="签了字的记录表（照片）", required=False)
    arrived_at = forms.TimeField(label="到校时间", widget=TIME, required=False)
    left_at = forms.TimeField(label="离校时间", widget=TIME, required=False)
    told_on = forms.DateField(label="反馈日期", widget=DAY)


class PaperForm(_Where, _Themed):
    """A 督导记录表 that was filled in by hand."""

    scan = EvidenceListField(label="记录表照片或扫描件")
    visited_on = forms.DateField(label="到校日期", widget=DAY)
    arrived_at = forms.TimeField(label="到校时间", widget=TIME, required=False)
    left_at = forms.TimeField(label="离校时间", widget=TIME, required=False)
    notes = forms.CharField(label="督导记录要点", max_length=4000, required=False, widget=LINES)
    told = forms.CharField(label="反馈意见", max_length=2000, widget=LINES)
    head_name = forms.CharField(label="签字的校（园）方人员", max_length=64)
    head_words = forms.CharField(
        label="校（园）方意见", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    field_order = (
        "person", "unit", "scan", "visited_on", "arrived_at", "left_at", "theme", "notes", "told", "head_name", "head_words",
    )  # fmt: skip


class ChecklistForm(forms.Form):
    """The list: for each thing an outcome and a note, the key of its row and the version it was seen in."""

    is_quiet = True

    def __init__(self, *args: Any, lines: Sequence[Line], **more: Any) -> None:
        super().__init__(*args, **more)
        self.lines = list(lines)
        for line in self.lines:
            row, item = line.answer, line.item
            self.fields[f"outcome-{item}"] = forms.ChoiceField(
                label=line.text, choices=Answer.Outcome.choices, required=False, widget=forms.RadioSelect,
                initial=row.outcome if row else "",
            )  # fmt: skip
            self.fields[f"note-{item}"] = forms.CharField(
                label="看到了什么", required=False, max_length=500, initial=row.note if row else "",
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip
            self.fields[f"key-{item}"] = KeyField()
            if row:
                self.fields[f"key-{item}"].initial = row.pk
            self.fields[f"version-{item}"] = forms.IntegerField(
                required=False, widget=forms.HiddenInput, initial=row.version if row else 0
            )

    def said(self) -> list[Said]:
        """What was answered; things left open are left out."""
        data = self.cleaned_data
        return [
            Said(one.item, data[f"outcome-{one.item}"], data[f"note-{one.item}"], data[f"key-{one.item}"], data[f"version-{one.item}"] or 0)
            for one in self.lines
            if data[f"outcome-{one.item}"]
        ]  # fmt: skip

    def catch_up(self, lines: Sequence[Line]) -> None:
        """Go on from what stands now: saved again, it is written over knowingly."""
        data = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict(mutable=True)
        for line in lines:
            if line.answer:
                data[f"version-{line.item}"] = str(line.answer.version)
        self.data, self.lines = data, list(lines)

    def rows(self) -> list[tuple[Line, Any, Any, Any, Any]]:
        """For the page: each line with its fields."""
        return [
            (one, self[f"outcome-{one.item}"], self[f"note-{one.item}"], self[f"key-{one.item}"], self[f"version-{one.item}"])
            for one in self.lines
        ]  # fmt: skip


def month_in(text: str, otherwise: date) -> date:
    """A month of an address (2024-04), or another where there is none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return otherwise


def unit_in(text: str) -> UUID | None:
    """A key of an address; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
