"""Forms of inspections. They check what was typed; rules of the work are the services'."""

from typing import Any
from uuid import UUID

from django import forms

from dudao.findings.models import Finding
from dudao.inspections.models import Inspection, TeamMember
from dudao.inspections.services import Member
from dudao.shell.forms import DAY, Choices, KeyField, choose


class AboutForm(forms.Form):
    """What an inspection is about and when."""

    kind = forms.ChoiceField(label="督导类别", choices=Inspection.Kind.choices)
    title = forms.CharField(
        label="督导名称", max_length=100, help_text="如“2024年春季学期规范办学行为”；文书里会自动接上“专项督导”等字样。"
    )
    matters = forms.CharField(
        label="督导事项", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), help_text="一行一项。"
    )
    begin_on = forms.DateField(label="计划进驻日期", widget=DAY)
    end_on = forms.DateField(label="计划结束日期", widget=DAY)
    task = forms.ChoiceField(label="年度任务", required=False, help_text="这次督导是哪一项年度任务要求的。")

    def __init__(self, *args: Any, tasks: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "task", [("", "不是年度任务里的"), *tasks])

    def clean_task(self) -> UUID | None:
        return UUID(self.cleaned_data["task"]) if self.cleaned_data["task"] else None


class ChangeForm(AboutForm):
    base_version = forms.IntegerField(widget=forms.HiddenInput)


class TeamFields(forms.Form):
    """Who goes: inspectors first, then people invited for what they know."""

    lead = forms.ChoiceField(label="组长", required=False)
    persons = forms.MultipleChoiceField(
        label="组员（督学）", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="被督导单位的人、3年内在那里任过职的人不能进组。",
    )  # fmt: skip
    invited = forms.MultipleChoiceField(
        label="特邀人员（部门、专家）", required=False, widget=forms.CheckboxSelectMultiple
    )
    guests = forms.CharField(
        label="名册以外的特邀人员", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="一行一人，先写姓名，空一格写单位职务。",
    )  # fmt: skip

    def __init__(self, *args: Any, inspectors: Choices, others: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "lead", [("", "待定"), *inspectors])
        choose(self, "persons", inspectors)
        choose(self, "invited", others)

    def clean_guests(self) -> list[tuple[str, str]]:
        found = []
        for line in self.cleaned_data["guests"].replace("\u3000", " ").splitlines():
            name, _, post = line.strip().partition(" ")
            if len(name) > 64 or len(post) > 200:
                raise forms.ValidationError(f"“{line[:20]}…”太长：姓名最多 64 个字，单位职务最多 200 个字。")
            if name:
                found.append((name, post.strip()))
        return found

    def members(self) -> list[Member]:
        """The team as the service takes it; who leads is a member as well, once."""
        data, roles = self.cleaned_data, TeamMember.Role
        lead = [Member(roles.LEAD, UUID(data["lead"]))] if data["lead"] else []
        members = [Member(roles.MEMBER, UUID(key)) for key in data["persons"] if key != data["lead"]]
        invited = [Member(roles.INVITED, UUID(key)) for key in data["invited"]]
        guests = [Member(roles.INVITED, None, name, post) for name, post in data["guests"]]
        return [*lead, *members, *invited, *guests]


class TeamForm(TeamFields):
    base_version = forms.IntegerField(widget=forms.HiddenInput)


class PlanForm(TeamFields, AboutForm):
    """The same inspection for one unit or several."""

    key = KeyField()
    units = forms.MultipleChoiceField(label="被督导单位", widget=forms.CheckboxSelectMultiple)
    occurred_on = forms.DateField(label="列入计划的日期", widget=DAY, help_text="可以是以前的日子，不能晚于今天。")
    field_order = ("kind", "title", "matters", "units", "begin_on", "end_on", "occurred_on", "task")

    def __init__(self, *args: Any, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "units", units)

    def clean_units(self) -> list[UUID]:
        return [UUID(key) for key in self.cleaned_data["units"]]


class ListHeadForm(forms.Form):
    """What holds for all new lines of a list of problems."""

    found_on = forms.DateField(label="发现日期", widget=DAY, help_text="新登记的问题用这一天。")
    due_on = forms.DateField(label="统一的整改期限", required=False, widget=DAY, help_text="没有单独填期限的都用它。")
    was_told = forms.BooleanField(label="新增的问题已经写在送达的初步意见里", required=False)

    def __init__(self, *args: Any, asks: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks:
            del self.fields["was_told"]


class LineForm(forms.Form):
    """One problem."""

    is_quiet = True
    key = KeyField()
    finding = forms.UUIDField(required=False, widget=forms.HiddenInput)
    base_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label="问题", max_length=200)
    basis = forms.CharField(label="依据（条款或指标）", max_length=200)
    facts = forms.CharField(
        label="事实和证据", max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    wanted = forms.CharField(label="整改要求", max_length=300, required=False)
    due_on = forms.DateField(label="整改期限", required=False, widget=DAY)
    severity = forms.ChoiceField(
        label="严重程度", choices=Finding.Severity.choices, initial=Finding.Severity.ORDINARY, required=False
    )
    department = forms.ChoiceField(label="主管（责任）部门", required=False)

    def __init__(self, *args: Any, departments: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "department", [("", "—"), *departments])

    def clean_department(self) -> UUID | None:
        return UUID(self.cleaned_data["department"]) if self.cleaned_data["department"] else None


#: Lines of one list.
MOST = 60
LineForms = forms.formset_factory(LineForm, extra=0, max_num=MOST, absolute_max=MOST)

#: How columns of a table that is pasted go to the fields of a line.
PASTED = ("title", "basis", "wanted", "due_on")


def pasted_lines(text: str) -> list[dict[str, str]]:
    """Lines of a table copied from Excel, WPS or Word: problem, basis, what is wanted, until when."""
    found = []
    for row in text.splitlines():
        cells = [cell.strip() for cell in row.split("\t")]
        if cells and cells[0].rstrip(".、").isdecimal():
            # The number of the line in the office's own table.
            cells = cells[1:]
        if any(cells) and cells[0] not in ("问题", "问题描述", "存在问题", "存在的问题"):
            given = dict(zip(PASTED, cells, strict=False))
            given["due_on"] = _day(given.get("due_on", ""))
            found.append(given)
    return found


def _day(words: str) -> str:
    """2024年5月31日 and 2024/5/31 as a day box takes it; anything else as it is."""
    for sign in "年月/.":
        words = words.replace(sign, "-")
    parts = words.replace("日", "").replace("前", "").split("-")
    if len(parts) == 3 and all(part.isdecimal() for part in parts):
        return f"{int(parts[0]):04d}-{int(parts[1]):02d}-{int(parts[2]):02d}"
    return words


class RewardForm(forms.Form):
    """A unit without problems is praised."""

    key = KeyField()
    title = forms.CharField(label="事由", max_length=200)
    wanted = forms.CharField(
        label="督导结果和激励的理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="形式（通报表扬、评优推荐等）也写在这里。",
    )  # fmt: skip
    occurred_on = forms.DateField(label="提出日期", widget=DAY, help_text="可以是以前的日子，不能晚于今天。")
