"""Forms of the training. They check what was typed; rules of the work are the services'."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from dudao.files.forms import EvidenceField, EvidenceListField
from dudao.inspectors.models import Inspector
from dudao.shell.forms import DAY, Choices, choose
from dudao.training import library
from dudao.training.models import Attendance, Kind, Level, Score
from dudao.training.queries.competence import plain
from dudao.training.services import Course, Elsewhere, Lesson, Said

_CLOCK = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class _Areas(forms.MultipleChoiceField):
    """Areas of the training."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            label="领域", choices=list(library.areas().items()), widget=forms.CheckboxSelectMultiple, **more
        )


class _Hours(forms.DecimalField):
    """Hours, in quarters at the finest."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, **more)


class CourseForm(forms.Form):
    """A training of the plan."""

    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label="名称", max_length=120)
    year = forms.IntegerField(label="计划年度", min_value=2012, max_value=2100)
    level = forms.ChoiceField(label="级别", choices=Level.choices, initial=Level.COUNTY)
    kind = forms.ChoiceField(label="方式", choices=Kind.choices)
    areas = _Areas(required=False)
    starts_on = forms.DateField(label="开始", widget=DAY)
    ends_on = forms.DateField(label="结束", widget=DAY)
    organiser = forms.CharField(label="主办单位", max_length=120, required=False)
    place = forms.CharField(label="地点", max_length=120, required=False)
    seats = forms.IntegerField(label="名额", required=False, min_value=1, max_value=2000)
    hours_wanted = _Hours(label="结业学时", required=False, help_text="不填的要上满全部课次。")
    note = forms.CharField(label="说明", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def course(self) -> Course:
        return Course(**{name: self.cleaned_data[name] for name in Course.__dataclass_fields__})


class LessonForm(forms.Form):
    """A session."""

    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label="内容", max_length=120)
    day = forms.DateField(label="日期", widget=DAY)
    begins = forms.TimeField(label="开始时间", widget=_CLOCK)
    ends = forms.TimeField(label="结束时间", widget=_CLOCK)
    hours = _Hours(label="学时", help_text="最细到 0.25；一学时的分钟数按主办单位的规定。")
    areas = _Areas(required=False, help_text="不选的与这一批相同。")
    place = forms.CharField(label="地点", max_length=120, required=False)
    teacher = forms.CharField(label="主讲", max_length=80, required=False)
    opens_before = forms.IntegerField(label="提前几分钟可签到", min_value=0, max_value=180, initial=30)
    closes_after = forms.IntegerField(label="开始后几分钟内可签到", min_value=0, max_value=720, initial=30)

    def lesson(self) -> Lesson:
        return Lesson(**{name: self.cleaned_data[name] for name in Lesson.__dataclass_fields__})


class WhyForm(forms.Form):
    """Why something does not take place."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.CharField(label="取消的原因", max_length=200)


class PeopleForm(forms.Form):
    """Some of the inspectors."""

    inspectors = forms.MultipleChoiceField(label="督学", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "inspectors", people)


class CertifyForm(PeopleForm):
    """Who gets a certificate, and on which day."""

    issued_on = forms.DateField(label="发证日期", widget=DAY)


class CodeForm(forms.Form):
    """The code on the screen."""

    code = forms.CharField(
        label="签到码",
        max_length=12,
        help_text="屏幕上的六位字母和数字，每分钟换一次。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class AttendanceForm(forms.Form):
    """Who came to a session, one line for each who is to take part."""

    def __init__(
        self, *args: Any, people: Sequence[Inspector], known: dict[Any, Attendance], hours: Decimal, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.people, self.known = people, known
        self.lines = []
        for person in people:
            row, key = known.get(person.pk), person.pk
            self.fields[f"was_{key}"] = forms.IntegerField(widget=forms.HiddenInput, initial=row.version if row else 0)
            self.fields[f"state_{key}"] = forms.ChoiceField(
                label=person.person.name, choices=Attendance.State.choices, widget=forms.RadioSelect, required=False,
                initial=row.state if row else None,
            )  # fmt: skip
            self.fields[f"hours_{key}"] = forms.DecimalField(
                label=f"{person.person.name}的学时", required=False, max_digits=4, decimal_places=2,
                initial=row.hours if row and row.state == "present" and row.hours != hours else None,
            )  # fmt: skip
            self.fields[f"reason_{key}"] = forms.CharField(
                label=f"{person.person.name}的事由", required=False, max_length=100, initial=row.reason if row else ""
            )
            self.lines.append(
                (person, row, self[f"was_{key}"], self[f"state_{key}"], self[f"hours_{key}"], self[f"reason_{key}"])
            )

    def rows(self) -> list[Said]:
        """What was said; of whom nothing was said is left out."""
        data = self.cleaned_data
        return [
            Said(
                person, data[f"state_{person.pk}"], data[f"hours_{person.pk}"], data[f"reason_{person.pk}"],
                data[f"was_{person.pk}"],
            )
            for person in self.people
            if data[f"state_{person.pk}"]
        ]  # fmt: skip


class TableForm(forms.Form):
    """A table of who came."""

    table = forms.FileField(label="Excel 表", widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods"}))


class MaterialForm(forms.Form):
    """A material."""

    material = EvidenceField(label="材料")


class ExamForm(forms.Form):
    """A test."""

    title = forms.CharField(label="名称", max_length=120)
    day = forms.DateField(label="日期", widget=DAY)
    areas = _Areas(required=False, help_text="不选的与这一批相同。")
    full = forms.DecimalField(label="满分", max_digits=6, decimal_places=2, initial=100)
    pass_mark = forms.DecimalField(label="合格线", max_digits=6, decimal_places=2, initial=60)


class ScoreForm(forms.Form):
    """Scores of a test."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Sequence[Inspector], known: dict[Any, Score], **more: Any) -> None:
        super().__init__(*args, **more)
        self.people, self.lines = people, []
        for person in people:
            row, key = known.get(person.pk), person.pk
            self.fields[f"points_{key}"] = forms.DecimalField(
                label=f"{person.person.name}的得分", required=False, max_digits=6, decimal_places=2,
                initial=plain(row.points) if row and row.points is not None else None,
            )  # fmt: skip
            self.fields[f"away_{key}"] = forms.BooleanField(
                label="缺考", required=False, initial=bool(row and row.points is None)
            )
            self.lines.append((person, row, self[f"points_{key}"], self[f"away_{key}"]))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for person in self.people:
            if data.get(f"away_{person.pk}") and data.get(f"points_{person.pk}") is not None:
                self.add_error(f"points_{person.pk}", "缺考的不填得分。")
        return data

    def points(self) -> dict[Inspector, Decimal | None]:
        """Scores of those of whom something was said."""
        data = self.cleaned_data
        said = {}
        for person in self.people:
            value = data[f"points_{person.pk}"]
            if value is not None or data[f"away_{person.pk}"]:
                said[person] = value
        return said


class ClaimForm(forms.Form):
    """A training elsewhere."""

    inspector = forms.ChoiceField(label="督学")
    title = forms.CharField(label="培训名称", max_length=120)
    level = forms.ChoiceField(label="级别", choices=[("", "请选择"), *Level.choices])
    kind = forms.ChoiceField(label="方式", choices=[("", "请选择"), *Kind.choices])
    organiser = forms.CharField(label="主办单位", max_length=120)
    starts_on = forms.DateField(label="开始", widget=DAY)
    ends_on = forms.DateField(label="结束", widget=DAY)
    hours = _Hours(label="学时")
    areas = _Areas(required=False)
    certificate = forms.CharField(
        label="证书编号", max_length=60, required=False, help_text="有结业证书的填写，能力矩阵据此计算。"
    )
    proofs = EvidenceListField(label="证明材料", help_text="证书、通知或学时证明的照片或扫描件。")

    def __init__(self, *args: Any, people: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        if len(people) == 1:
            del self.fields["inspector"]
        else:
            choose(self, "inspector", [("", "请选择"), *people])

    def elsewhere(self) -> Elsewhere:
        return Elsewhere(**{name: self.cleaned_data[name] for name in Elsewhere.__dataclass_fields__})


class DecideForm(forms.Form):
    """Whether hours are accepted."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    accepts = forms.ChoiceField(label="认定", choices=[("1", "认定"), ("0", "不予认定")], widget=forms.RadioSelect)
    decision = forms.CharField(label="说明", max_length=200, required=False)
    decided_on = forms.DateField(label="认定日期", widget=DAY)


class JudgeForm(forms.Form):
    """What the office judges of somebody's competence."""

    level = forms.ChoiceField(label="水平")
    reason = forms.CharField(label="理由", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))
    judged_on = forms.DateField(label="评定日期", widget=DAY)

    def __init__(self, *args: Any, takes_back: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        levels = [(str(level), f"{level}　{name}") for level, name in library.levels().items()]
        choose(self, "level", [("", "请选择"), *levels, *([("back", "收回评定，按记录计算")] if takes_back else [])])


class RuleForm(forms.Form):
    """What holds in the county."""

    value = forms.IntegerField(label="取值", min_value=0, max_value=999)
    from_on = forms.DateField(label="自何日起", widget=DAY, help_text="每个年度按年末那一天的取值计算。")
    source = forms.CharField(label="依据", max_length=200)
