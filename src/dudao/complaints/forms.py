"""Forms of complaints. They check what was typed; rules of the work are the services'."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from dudao.complaints import library
from dudao.complaints.models import Complaint
from dudao.findings.models import Finding
from dudao.shell.forms import DAY, Choices, KeyField, choose

_WORDS = 4000


def _area(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})


class SayForm(forms.Form):
    """What anybody may say at a board."""

    key = KeyField()
    kind = forms.ChoiceField(
        label="我要", choices=Complaint.Kind.choices, widget=forms.RadioSelect, initial="complaint"
    )
    about = forms.ChoiceField(label="说的是", required=False)
    words = forms.CharField(
        label="事情的经过", max_length=_WORDS, widget=_area(6), help_text="时间、地点、什么事，越具体越好核实。",
        error_messages={"required": "请写明是什么事。"},
    )  # fmt: skip
    name = forms.CharField(
        label="您的称呼", max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    contact = forms.CharField(
        label="联系方式", max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "tel"}),
        help_text="电话或微信，需要向您了解情况时用。",
    )  # fmt: skip
    #: Left empty by people, who do not see it; programs that fill every field fill it.
    more = forms.CharField(label="这一格请留空", required=False, max_length=200)

    def __init__(self, *args: Any, inspectors: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "about", [("", "学校（园）的事"), *((key, f"督学{name}的工作") for key, name in inspectors)])
        # Something is always chosen; that it may be left as it stands needs no words.
        self.fields["about"].is_quiet = True  # type: ignore[attr-defined]
        if not inspectors:
            del self.fields["about"]

    def about_whom(self) -> UUID | None:
        """The inspector's key where it is about one."""
        said = self.cleaned_data.get("about")
        return UUID(said) if said else None


class CodeForm(forms.Form):
    """The receipt code."""

    code = forms.CharField(
        label="查询码", max_length=60, help_text="提交时给您的 12 位字母和数字，横线、空格、大小写不影响。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "请填写查询码。"},
    )  # fmt: skip


class NewForm(forms.Form):
    """A complaint that came by phone, letter or in person, written down by the office."""

    key = KeyField()
    source = forms.ChoiceField(
        label="来源", choices=[one for one in Complaint.Source.choices if one[0] != Complaint.Source.BOARD]
    )
    received_on = forms.DateField(label="收到日期", widget=DAY)
    kind = forms.ChoiceField(label="类别", choices=Complaint.Kind.choices)
    unit = forms.ChoiceField(label="学校（园）")
    about = forms.ChoiceField(label="投诉的督学", required=False, help_text="对督学本人的投诉才选；该督学看不到。")
    title = forms.CharField(
        label="事项", max_length=100, help_text="一句话，不写是谁说的；登记表和 Excel 里只有这一句。"
    )
    words = forms.CharField(label="原话", max_length=_WORDS, widget=_area(5), help_text="加密保存。")
    name = forms.CharField(label="投诉人称呼", max_length=100, required=False, help_text="加密保存，写明理由才能看。")
    contact = forms.CharField(label="投诉人联系方式", max_length=200, required=False)

    def __init__(self, *args: Any, units: Choices, inspectors: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "unit", [("", "请选择"), *units])
        choose(self, "about", [("", "不是对督学的投诉"), *inspectors])

    def clean_about(self) -> UUID | None:
        said = self.cleaned_data["about"]
        return UUID(said) if said else None


class StepForm(forms.Form):
    """A step without more than a day and words."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    occurred_on = forms.DateField(label="日期", widget=DAY)
    words = forms.CharField(label="说明", max_length=_WORDS, widget=_area(4))

    field_order: Sequence[str] = ("base_version", "occurred_on")


class NoteForm(StepForm):
    """A step whose words may be left out."""

    words = forms.CharField(label="说明", max_length=_WORDS, widget=_area(3), required=False)


class AcceptForm(NoteForm):
    """受理."""

    title = forms.CharField(
        label="事项", max_length=100, help_text="一句话，不写是谁说的；登记表、Excel 和承办督学看到的是这一句。"
    )
    about = forms.ChoiceField(label="投诉的督学", required=False, help_text="对督学本人的投诉才选；该督学看不到。")

    field_order = ("base_version", "title", "about", "occurred_on", "words")

    def __init__(self, *args: Any, inspectors: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "about", [("", "不是对督学的投诉"), *inspectors])

    def clean_about(self) -> UUID | None:
        said = self.cleaned_data["about"]
        return UUID(said) if said else None


class RefuseForm(StepForm):
    """不予受理."""

    ground = forms.ChoiceField(label="情形")
    words = forms.CharField(label="理由", max_length=_WORDS, widget=_area(4), help_text="投诉人凭查询码能看到。")

    field_order = ("base_version", "ground", "words", "occurred_on")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "ground", [("", "请选择"), *((one.id, one.name) for one in library.grounds().values())])


class HandForm(StepForm):
    """转办."""

    follower = forms.ChoiceField(
        label="跟踪督学", help_text="一直跟踪到办结；这所学校的责任督学排在前面，应当回避的没有列出。"
    )
    unit = forms.ChoiceField(label="承办单位", required=False, help_text="不选的由跟踪督学自己办理。")
    words = forms.CharField(
        label="转办要求", max_length=_WORDS, widget=_area(4), help_text="写要核实、处理什么，不写是谁说的。"
    )
    shows_words = forms.BooleanField(label="原话也给跟踪督学看（原话里可能看得出是谁）", required=False)

    field_order = ("base_version", "follower", "unit", "words", "shows_words", "occurred_on")

    def __init__(self, *args: Any, inspectors: Choices, units: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "follower", [("", "请选择"), *inspectors])
        choose(self, "unit", [("", "督学自己办理"), *units])

    def clean_follower(self) -> UUID:
        return UUID(self.cleaned_data["follower"])

    def clean_unit(self) -> UUID | None:
        said = self.cleaned_data["unit"]
        return UUID(said) if said else None


class ReportForm(StepForm):
    """报告办理情况."""

    words = forms.CharField(label="核实和处理情况", max_length=_WORDS, widget=_area(6))


class AnswerForm(StepForm):
    """答复."""

    verdict = forms.ChoiceField(label="核实结果", choices=[("", "请选择"), *Complaint.Verdict.choices])
    words = forms.CharField(label="答复", max_length=_WORDS, widget=_area(6), help_text="投诉人凭查询码能看到。")
    way = forms.ChoiceField(label="怎么答复的", choices=Complaint.Way.choices)

    field_order = ("base_version", "verdict", "words", "way", "occurred_on")


class ReasonForm(forms.Form):
    """Why one looks."""

    reason = forms.CharField(label="查看的理由", max_length=200)


class FindingForm(forms.Form):
    """What turned out to be wrong."""

    key = KeyField()
    base_version = forms.IntegerField(widget=forms.HiddenInput)
    basis = forms.CharField(label="依据（条款或指标）", max_length=200)
    title = forms.CharField(label="问题概述", max_length=200, help_text="学校看得到，不写是谁说的。")
    facts = forms.CharField(
        label="核实的事实", max_length=_WORDS, widget=_area(5), help_text="学校看得到，写核实到的，不照抄原话。"
    )
    severity = forms.ChoiceField(label="严重程度", choices=Finding.Severity.choices)
    found_on = forms.DateField(label="核实日期", widget=DAY)


class SettingForm(forms.Form):
    """How the county takes complaints."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    is_open = forms.BooleanField(label="开通公示牌二维码上的网上投诉", required=False)
    accept_days = forms.IntegerField(label="决定是否受理（日）", required=False)
    answer_days = forms.IntegerField(label="答复（日）", required=False)
    source = forms.CharField(
        label="期限的依据", max_length=200, required=False, help_text="文件、文号、条款；不填的标“未核实”。"
    )
