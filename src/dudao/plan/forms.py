"""Forms of the plan. They check what was typed; rules of the work are the services'."""

from collections import defaultdict
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db.models import QuerySet

from dudao.files.forms import EvidenceField
from dudao.places.models import UnitVersion
from dudao.plan.models import Level, Notice, Point, Section, Task
from dudao_engines.notices.reading import MAX_BYTES, endings

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


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


def choose(form: forms.BaseForm, name: str, choices: list[Any]) -> None:
    """Give a field of choices its choices."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


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


class HandDownForm(forms.Form):
    """Which tasks go to which units, and until when to sign."""

    GROUPS = (
        ("kindergarten", "所有幼儿园"),
        ("school", "所有学校"),
        ("township", "所有乡镇场街道"),
        ("department", "所有成员单位"),
        ("section", "教体局各科室"),
    )

    tasks = forms.MultipleChoiceField(label="任务", widget=forms.CheckboxSelectMultiple)
    groups = forms.MultipleChoiceField(
        label="一次选一类", required=False, choices=GROUPS, widget=forms.CheckboxSelectMultiple
    )
    units = forms.MultipleChoiceField(label="或逐个选", required=False, widget=forms.CheckboxSelectMultiple)
    sign_by = forms.DateField(label="签收期限", widget=DAY)
    occurred_on = forms.DateField(
        label="下达日期", required=False, widget=DAY, help_text="在纸上或 OA 里早已下达的，填当天；现在下达的不用填。"
    )

    def __init__(self, *args: Any, tasks: list[Task], units: list[UnitVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds: dict[str, list[str]] = defaultdict(list)
        grouped: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for unit in units:
            self.kinds[unit.kind].append(str(unit.unit_id))
            grouped[unit.get_kind_display()].append((str(unit.unit_id), unit.name))
        choose(self, "tasks", [(str(task.pk), f"{task.number}　{task.named}") for task in tasks])
        choose(self, "units", list(grouped.items()))
        choose(self, "groups", [(k, f"{name}（{len(self.kinds[k])}）") for k, name in self.GROUPS if self.kinds[k]])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [key for kind in data.get("groups", []) for key in self.kinds[kind]] + data.get("units", [])
        data["all_units"] = list(dict.fromkeys(chosen))
        if not chosen and "units" not in self.errors:
            self.add_error("units", "请至少选一类或一个单位。")
        return data


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
