"""Forms of meetings. They check what was typed; rules of the work are the services'."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from dudao.accounts.models import Person
from dudao.accounts.posts import posts
from dudao.meetings import library
from dudao.meetings.models import Meeting, Member
from dudao.shell.forms import DAY


class MeetingForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a meeting is called, when and where it is, who chairs and who writes."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Meeting
        fields = ("title", "day", "at", "place", "chair", "recorder")
        widgets = {"day": DAY, "at": forms.TimeInput(format="%H:%M", attrs={"type": "time"})}


class NewMeetingForm(forms.Form):
    """A meeting set up by hand."""

    kind = forms.ChoiceField(label="会议类别")
    title = forms.CharField(label="会议名称", required=False, max_length=200, help_text="不填的，按类别和期次起名。")
    day = forms.DateField(label="日期", required=False, widget=DAY)
    at = forms.TimeField(label="时间", required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    place = forms.CharField(label="地点", required=False, max_length=100)
    chair = forms.CharField(label="主持人", required=False, max_length=64)
    recorder = forms.CharField(label="记录人", required=False, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(code, one.name) for code, one in library.kinds().items()]


class MembersForm(forms.Form):
    """Who is invited: people of the county, and guests by name."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    persons = forms.MultipleChoiceField(label="人员", required=False, widget=forms.CheckboxSelectMultiple)
    guests = forms.CharField(
        label="列席和外单位人员",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="一行一人，先写姓名，空一格写单位职务。",
    )

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grouped: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for person in people:
            held = [posts()[one.post].name for one in person.held]  # type: ignore[attr-defined]
            grouped[held[0] if held else "没有任职"].append((str(person.pk), person.name))
        field = self.fields["persons"]
        assert isinstance(field, forms.MultipleChoiceField)
        order = [post.name for post in posts().values()]
        field.choices = sorted(grouped.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order))

    def clean_guests(self) -> list[tuple[str, str]]:
        found = []
        for line in self.cleaned_data["guests"].splitlines():
            name, _, post = line.strip().partition(" ") if " " in line.strip() else line.strip().partition("\u3000")
            if len(name) > 64 or len(post) > 200:
                raise forms.ValidationError(f"“{line[:20]}…”太长：姓名最多 64 个字，单位职务最多 200 个字。")
            if name:
                found.append((name, post.strip()))
        if len({name for name, _ in found}) < len(found):
            raise forms.ValidationError("有重名，请在姓名后面加上区别。")
        return found


class AttendanceForm(forms.Form):
    """Who came: one line for each member."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, members: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = members
        for member in members:
            self.fields[f"attendance_{member.pk}"] = forms.ChoiceField(
                label=member.name,
                choices=Member.Attendance.choices,
                widget=forms.RadioSelect,
                # Most come; the rest is changed by hand. Nothing is recorded before it is saved.
                initial=member.attendance or Member.Attendance.PRESENT,
            )
            self.fields[f"note_{member.pk}"] = forms.CharField(
                label=f"{member.name}的备注", required=False, max_length=100, initial=member.note
            )
            self.fields[f"note_{member.pk}"].widget.attrs["placeholder"] = "备注，如请假事由"

    def lines(self) -> list[tuple[Member, forms.BoundField, forms.BoundField]]:
        """Each member with both fields."""
        return [(m, self[f"attendance_{m.pk}"], self[f"note_{m.pk}"]) for m in self.members]

    def rows(self) -> list[tuple[Member, str, str]]:
        """What was said of each member."""
        data = self.cleaned_data
        return [(m, data[f"attendance_{m.pk}"], data[f"note_{m.pk}"]) for m in self.members]


class HoldForm(forms.Form):
    """When the meeting took place."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    day = forms.DateField(label="召开日期", widget=DAY, help_text="可以是以前的日子，不能晚于今天。")

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = day


class CancelForm(forms.Form):
    """Why the meeting is not held."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="取消原因", max_length=200)


class VersionForm(forms.Form):
    """The version of the meeting as it was seen, for a button."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)


class ItemForm(forms.Form):
    title = forms.CharField(label="增加议题", max_length=300)


class RhythmForm(forms.Form):
    """How often a kind of meeting is proposed."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    every = forms.ChoiceField(label="多久一次", choices=tuple(library.EVERY.items()))


class ParagraphForm(forms.Form):
    """One paragraph of the minutes."""

    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(label="内容", widget=forms.Textarea(attrs={"rows": 5}))


class AmendForm(ParagraphForm):
    """A correction of minutes that stand."""

    reason = forms.CharField(label="更正原因", max_length=200)


class DecisionForm(forms.Form):
    """Who does what until when."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    matter = forms.CharField(label="要办的事", max_length=300)
    unit = forms.ChoiceField(label="责任单位", required=False)
    person = forms.ChoiceField(label="责任人", required=False)
    due_on = forms.DateField(label="时限", required=False, widget=DAY)
    at_once = forms.BooleanField(
        label="现在就列为任务", required=False, help_text="不勾选的，纪要定稿时一起列为任务；列为任务前可以再改。"
    )

    def __init__(
        self, *args: Any, units: Sequence[tuple[str, Any]], people: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("unit", units), ("person", people)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "待定"), *choices]

    def clean_unit(self) -> UUID | None:
        return UUID(self.cleaned_data["unit"]) if self.cleaned_data["unit"] else None

    def clean_person(self) -> UUID | None:
        return UUID(self.cleaned_data["person"]) if self.cleaned_data["person"] else None


class CloseForm(forms.Form):
    """What holding the meeting came to, for the task of the plan that it fulfils."""

    result = forms.CharField(label="办理结果", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
