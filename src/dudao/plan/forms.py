"""Forms of the plan. They check what was typed; rules of the work are the services'."""

import re
from collections import defaultdict
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db.models import QuerySet

from dudao.files.forms import EvidenceField
from dudao.places.models import Region, UnitVersion
from dudao.plan.models import Level, Notice, Point, Section, Task, TaskChange
from dudao.shell.forms import DAY, choose
from dudao.shell.templatetags.parts import fullday
from dudao_engines.notices.reading import MAX_BYTES, endings


class TextOrFileForm(forms.Form):
    """Paste a text, or choose a file; pasted text comes first."""

    text = forms.CharField(
        label="粘贴正文",
        required=False,
        strip=False,
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 14, "placeholder": "打开网页或文件，全选、复制，粘贴到这里"}),
        error_messages={"max_length": "正文超过 200 万字，请分开导入。"},
    )
    file = forms.FileField(
        label="或者选择文件",
        required=False,
        widget=forms.FileInput(),
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        file, readable = self.fields["file"], endings()
        file.widget.attrs["accept"] = ",".join(readable)
        old = "" if ".doc" in readable else "和 .doc、.wps "
        file.help_text = f"可用 {'、'.join(readable)}，不超过 20 MB。没有文字的扫描件{old}请打开后复制正文粘贴到上面。"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        # One that is too large arrives without its content, but with its size.
        if file and (file.size or 0) > MAX_BYTES:
            size = f"{file.size / 1024 / 1024:.0f} MB，超过 {MAX_BYTES // 1024 // 1024} MB"
            raise forms.ValidationError(f"文件 {size}。请打开后复制正文，粘贴到上面。")
        return file

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("text", "").strip() and not data.get("file") and not self.errors:
            self.add_error("text", "请粘贴正文，或选择一个文件。")
        return data


class HandInForm(TextOrFileForm):
    """A notice to read."""

    same_number = forms.BooleanField(label="文号相同，但是另一份", required=False)


class CheckTextForm(TextOrFileForm):
    """A text whose numbers are to be recomputed."""

    LONGEST = 200_000
    TOO_LONG = "超过 20 万字，请分段核对。"


class TypeNoticeForm(forms.Form):
    """A notice typed by hand: one line a point."""

    title = forms.CharField(label="标题", max_length=300, help_text="写上年份，要点里只写了月份的时限才能定到日子。")
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    level = forms.ChoiceField(label="哪一级的", choices=Level.choices, initial=Level.COUNTY)
    doc_no = forms.CharField(label="文号", max_length=100, required=False)
    points = forms.CharField(
        label="要点，一行一项",
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="可以带序号：“一、”下面还有内容的是小标题，“1.”和“（一）”是要点的序号。",
        error_messages={"max_length": "内容太长，请在“导入要点”里粘贴。"},
    )
    same_number = forms.BooleanField(label="文号相同，但是另一份", required=False)

    def clean_points(self) -> list[str]:
        return [line for line in self.cleaned_data["points"].splitlines() if line.strip()]


class NoticeForm(forms.ModelForm):  # type: ignore[type-arg]
    """What was read of the notice as a whole."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Notice
        fields = ("title", "doc_no", "issuer", "dated_on", "year", "level")
        widgets = {"dated_on": DAY}


class PointForm(forms.ModelForm):  # type: ignore[type-arg]
    """One point: where it belongs, its number, title and words."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    section = forms.ModelChoiceField(label="所属部分", queryset=Section.objects.none(), empty_label=None)

    class Meta:
        model = Point
        fields = ("section", "no", "title", "words")
        labels = {"words": "读出的内容"}
        widgets = {"words": forms.Textarea(attrs={"rows": 7})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _model_choices(self, "section", Section.objects.filter(notice=self.instance.section.notice_id))


class AddPointForm(forms.Form):
    """A point that the reader did not find."""

    section = forms.ModelChoiceField(label="所属部分", queryset=Section.objects.none(), empty_label=None)
    no = forms.CharField(label="序号", max_length=16, required=False)
    words = forms.CharField(label="内容", max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, *args: Any, notice: Notice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _model_choices(self, "section", Section.objects.filter(notice=notice))


def _model_choices(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200)


class AddTaskForm(forms.Form):
    """A duty that the reader did not find in a point."""

    title = forms.CharField(label="做什么", max_length=300, help_text="照抄要点里的话，就能点回原文。")


class SplitForm(forms.Form):
    """One line for each task."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    titles = forms.CharField(
        label="每行一项",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="在要拆开的地方按回车，一行就是一项任务；照抄要点里的话，就能点回原文。",
    )

    def clean_titles(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["titles"].splitlines() if line.strip()]


class MergeForm(forms.Form):
    """Tasks of one point that are one."""

    tasks = forms.MultipleChoiceField(label="合并哪几项", widget=forms.CheckboxSelectMultiple)
    title = forms.CharField(label="合并后的任务", max_length=300, required=False, help_text="不填就用其中第一项的。")

    def __init__(self, *args: Any, duties: list[Task], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "tasks", [(str(task.pk), task.title) for task in duties])


Choices = list[tuple[str, str]]

UNDECIDED = ("", "待定")


class DutyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A duty while it is checked: what, who, when. Many stand on one page, so that optional fields do not say so."""

    is_quiet = True
    base_version = forms.IntegerField(widget=forms.HiddenInput)
    lead_id = forms.ChoiceField(label="牵头", required=False)
    rule = forms.ChoiceField(label="频次", required=False, choices=[("", "一次"), *Task.Rule.choices])

    class Meta:
        model = Task
        fields: tuple[str, ...] = ("title", "subject", "cooperating", "due_on", "rule")
        widgets: ClassVar[dict[str, forms.Widget]] = {"due_on": DAY}
        help_texts: ClassVar[dict[str, str]] = {"subject": ""}

    field_order: tuple[str, ...] = ("title", "subject", "lead_id", "cooperating", "due_on", "rule")

    def __init__(self, *args: Any, instance: Task, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, instance=instance, **kwargs)  # type: ignore[misc]
        self.initial["base_version"], self.initial["lead_id"] = instance.version, str(instance.lead_id or "")
        choose(self, "lead_id", [UNDECIDED, *units])

    def _post_clean(self) -> None:
        """A model form writes what was typed onto its instance; the service starts from the row as it stands."""

    def clean_lead_id(self) -> UUID | None:
        return UUID(self.cleaned_data["lead_id"]) if self.cleaned_data["lead_id"] else None

    def values(self) -> dict[str, Any]:
        """What was typed, by field of the task."""
        return {name: value for name, value in self.cleaned_data.items() if name != "base_version"}

    @classmethod
    def theirs(cls, task: Task) -> dict[str, Any]:
        """What stands in the database, as the form would have it."""
        names = [name for name in cls.field_order if name != "base_version"]
        return {
            name: str(value or "") if name.endswith("_id") else value
            for name in names
            for value in [getattr(task, name)]
        }


class TaskForm(DutyForm):
    """All that a person can set of a task."""

    is_quiet = False
    leader_id = forms.ChoiceField(label="分管领导", required=False)
    person_id = forms.ChoiceField(label="责任人", required=False)

    class Meta(DutyForm.Meta):
        fields: tuple[str, ...] = (*DutyForm.Meta.fields, "level", "level_label", "line", "proof")
        widgets = {**DutyForm.Meta.widgets, "proof": forms.Textarea(attrs={"rows": 2})}

    field_order: tuple[str, ...] = (
        "title", "level", "level_label", "line", "subject", "lead_id", "leader_id", "person_id", "cooperating", "due_on",
        "rule", "proof",
    )  # fmt: skip

    def __init__(self, *args: Any, instance: Task, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, instance=instance, **kwargs)
        for name in ("leader_id", "person_id"):
            self.initial[name] = str(getattr(instance, name) or "")
            choose(self, name, [UNDECIDED, *people])

    def clean_leader_id(self) -> UUID | None:
        return UUID(self.cleaned_data["leader_id"]) if self.cleaned_data["leader_id"] else None

    def clean_person_id(self) -> UUID | None:
        return UUID(self.cleaned_data["person_id"]) if self.cleaned_data["person_id"] else None


class NewTaskForm(TaskForm):
    """A task set by hand, of which no notice of the house speaks."""

    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    origin = forms.CharField(
        label="来源", max_length=200, required=False, help_text="谁布置的、哪份文件，如“市督导室 2024年4月3日电话”。"
    )

    field_order: tuple[str, ...] = (*TaskForm.field_order[:1], "year", "origin", *TaskForm.field_order[1:])


class CarryForm(forms.Form):
    """A duty of another year, taken into this one."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label="任务", max_length=300)
    due_on = forms.DateField(
        label="完成时限", required=False, widget=DAY, help_text="牵头、配合、频次、佐证照旧，补入后可以改。"
    )


class ParagraphForm(forms.Form):
    """The words of one paragraph of a summary."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label="文字",
        max_length=20_000,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="留空，这一段不印，也不进 Word 文件。",
    )


class FinishForm(forms.Form):
    base_version = forms.IntegerField(widget=forms.HiddenInput)


class HandDownForm(forms.Form):
    """Which tasks go to which units, and until when to sign."""

    # Kinds of unit that are picked at once, and the words of a task that ask for them.
    KINDS: ClassVar[dict[str, tuple[str, str]]] = {
        "kindergarten": ("所有幼儿园", "幼儿园|园所|各园"),
        "school": ("所有学校", "学校|中小学|各校|小学|中学"),
        "township": ("所有乡镇场街道", "乡镇|街道|镇场"),
        "department": ("所有成员单位", "成员单位|相关部门|各部门"),
        "section": ("教体局各科室", "科室|股室"),
    }

    tasks = forms.MultipleChoiceField(label="任务", widget=forms.CheckboxSelectMultiple)
    groups = forms.MultipleChoiceField(
        label="一次选一类或一个乡镇", required=False, widget=forms.CheckboxSelectMultiple
    )
    units = forms.MultipleChoiceField(label="或逐个选", required=False, widget=forms.CheckboxSelectMultiple)
    sign_by = forms.DateField(label="签收期限", widget=DAY)
    occurred_on = forms.DateField(
        label="下达日期", required=False, widget=DAY, help_text="在纸上或 OA 里早已下达的，填当天；现在下达的不用填。"
    )
    reopen = forms.BooleanField(label="重新打开已办结的任务", required=False)

    def __init__(
        self, *args: Any, tasks: list[Task], units: list[UnitVersion], towns: list[Region], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.members: dict[str, list[str]] = defaultdict(list)
        grouped: dict[str, Choices] = defaultdict(list)
        for unit in units:
            key = str(unit.unit_id)
            self.members[unit.kind].append(key)
            if unit.kind in ("school", "kindergarten"):
                self.members[f"{unit.kind}:{'private' if unit.is_private else 'public'}"].append(key)
            if unit.region_code:
                self.members[f"town:{unit.region_code[:9]}"].append(key)
            grouped[unit.get_kind_display()].append((key, unit.name))
        kinds = []
        for kind, (name, _) in self.KINDS.items():
            kinds.append((kind, name))
            if self.members[f"{kind}:private"] and self.members[f"{kind}:public"]:
                label = name.removeprefix("所有")
                kinds += [(f"{kind}:public", f"公办{label}"), (f"{kind}:private", f"民办{label}")]
        where = [(f"town:{town.code[:9]}", f"{town.name}的单位") for town in towns]
        picks = {"按类别": self._counted(kinds), "按乡镇场街道": self._counted(where)}
        choose(self, "groups", [(name, found) for name, found in picks.items() if found])
        choose(self, "units", list(grouped.items()))
        points: dict[str, Choices] = defaultdict(list)
        for task in tasks:
            state = "（已办结）" if task.state == Task.State.DONE else ""
            points[str(task.point) if task.point else "补录"].append(
                (str(task.pk), f"{task.number}　{task.named}{state}")
            )
        choose(self, "tasks", list(points.items()))
        if not any(task.state == Task.State.DONE for task in tasks):
            del self.fields["reopen"]

    def _counted(self, picks: Choices) -> Choices:
        """Picks that hold a unit, each with how many."""
        return [(key, f"{name}（{len(self.members[key])}）") for key, name in picks if self.members[key]]

    @classmethod
    def suggested(cls, task: Task) -> list[str]:
        """The kinds of unit that a task's own words ask for."""
        words = f"{task.cooperating} {task.subject}"
        return [kind for kind, (_, asks) in cls.KINDS.items() if re.search(asks, words)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [key for kind in data.get("groups", []) for key in self.members[kind]] + data.get("units", [])
        data["all_units"] = list(dict.fromkeys(chosen))
        if not chosen and "units" not in self.errors:
            self.add_error("units", "请至少选一类或一个单位。")
        return data


class SetForm(forms.Form):
    """What is to be the same of many tasks; a field left empty stays as it is."""

    lead_id = forms.ChoiceField(label="牵头", required=False)
    leader_id = forms.ChoiceField(label="分管领导", required=False)
    person_id = forms.ChoiceField(label="责任人", required=False)
    level = forms.ChoiceField(label="层级", required=False, choices=[("", "不改"), *Level.choices])
    level_label = forms.CharField(label="层级的叫法", required=False, max_length=20, help_text="国检、区考、市强等")
    line = forms.ChoiceField(label="工作线", required=False, choices=[("", "不改"), *Task.Line.choices])
    due_on = forms.DateField(label="完成时限", required=False, widget=DAY)
    proof = forms.CharField(label="佐证要求", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, units: Choices, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("lead_id", units), ("leader_id", people), ("person_id", people)):
            choose(self, name, [("", "不改"), *choices])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.values()):
            raise forms.ValidationError("请至少填一项要改的。")
        return data

    def values(self) -> dict[str, Any]:
        """What was filled in, by field of the task."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return {name: UUID(value) if name.endswith("_id") else value for name, value in given.items()}

    def words(self) -> Choices:
        """What was filled in, for the eye: label and value."""
        said = []
        for name in self.values():
            field, value = self.fields[name], self.cleaned_data[name]
            if isinstance(field, forms.ChoiceField):
                value = dict(field.choices).get(value, value)  # type: ignore[arg-type]
            said.append((str(field.label), fullday(value) if isinstance(value, date) else str(value)))
        return said


class CloseForm(forms.Form):
    """A task is done: what was done, when, with proof."""

    result = forms.CharField(label="办理结果", max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))
    occurred_on = forms.DateField(
        label="办结日期", required=False, widget=DAY, help_text="以前办结的填当天；今天办结的不用填。"
    )
    evidence = EvidenceField(
        required=False, help_text="照片、扫描件、表格、文档；多份请打成一个 zip。每个不超过 50 MB。"
    )


class ChangeForm(forms.Form):
    """A wish to put off, pause or resume; of a unit's own part only to put off."""

    kind = forms.ChoiceField(label="申请")
    due_on = forms.DateField(label="延到", required=False, widget=DAY, help_text="延期的填新的完成时限。")
    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, kinds: list[TaskChange.Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "kind", [(kind.value, kind.label) for kind in kinds])
        self.fields["kind"].initial = kinds[0].value
        if len(kinds) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
        if TaskChange.Kind.EXTEND not in kinds:
            del self.fields["due_on"]


class DecideForm(forms.Form):
    """Approved or not."""

    approved = forms.ChoiceField(label="批准", choices=(("yes", "同意"), ("no", "不同意")), initial="yes")
    note = forms.CharField(label="意见", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_approved(self) -> bool:
        return bool(self.cleaned_data["approved"] == "yes")


class RecordDecisionForm(DecideForm):
    """What a leader decided on paper or by word."""

    decided_by = forms.CharField(label="批准人", max_length=64, help_text="纸上签字的领导，不能是申请人。")
    how = forms.ChoiceField(
        label="批准方式", choices=[(way, way) for way in ("书面签字", "OA 系统", "会议", "口头", "电话")]
    )
    occurred_on = forms.DateField(label="批准日期", required=False, widget=DAY, help_text="以前批准的填当天。")
    evidence = EvidenceField(required=False, help_text="签批件的照片或扫描件，不超过 50 MB。")

    field_order = ("approved", "decided_by", "how", "occurred_on", "note", "evidence")


class SignOnBehalfForm(forms.Form):
    """What a unit that does not sign in did on paper or by phone."""

    signer = forms.CharField(label="签收人", max_length=64)
    how = forms.ChoiceField(
        label="签收方式", choices=[(way, way) for way in ("电话", "纸质签收单", "OA 系统", "微信", "当面")]
    )
    occurred_on = forms.DateField(label="签收日期", widget=DAY, help_text="可以是以前的日子，不能晚于今天。")
    evidence = EvidenceField(required=False, help_text="签收单照片、通话或聊天截图等，每个不超过 50 MB。")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["occurred_on"].initial = today


class AnswerForm(forms.Form):
    """What a unit has done, with proof; who told it and how, when the office writes it down for the unit."""

    answer = forms.CharField(label="办理情况", max_length=5000, widget=forms.Textarea(attrs={"rows": 8}))
    evidence = EvidenceField(
        required=False, help_text="照片、扫描件、表格、文档；多份请打成一个 zip。每个不超过 50 MB。"
    )
    person = forms.CharField(label="报送人", max_length=64)
    how = forms.ChoiceField(
        label="报送方式", choices=[(way, way) for way in ("电话", "纸质", "OA 系统", "微信", "当面")]
    )
    occurred_on = forms.DateField(
        label="报送日期", required=False, widget=DAY, help_text="以前报的填当天；今天的不用填。"
    )

    def __init__(self, *args: Any, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own:
            del self.fields["person"], self.fields["how"], self.fields["occurred_on"]


class ReviewForm(forms.Form):
    """Done, or back to the unit."""

    accepted = forms.ChoiceField(label="审核", choices=(("yes", "办结"), ("no", "退回补办")), initial="yes")
    note = forms.CharField(label="审核意见", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
