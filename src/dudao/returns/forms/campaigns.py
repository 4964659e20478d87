"""Forms of campaigns and of a county's forms."""

from collections.abc import Sequence
from typing import Any

from django import forms

from dudao.places.models import UnitStage
from dudao.returns.models import Campaign
from dudao.returns.queries import InForce
from dudao.shell.forms import DAY

#: Stages of compulsory schooling: who is asked where nothing else is chosen.
COMPULSORY = (UnitStage.Stage.PRIMARY, UnitStage.Stage.JUNIOR)


class NewCampaignForm(forms.Form):
    """Form, period, days; which units are called is looked at on the next page."""

    form = forms.ChoiceField(label="表")
    title = forms.CharField(label="名称", max_length=100, help_text="学校看到的名称，如“2024年义务教育优质均衡填报”。")
    period = forms.RegexField(
        r"^[0-9A-Za-z一-龥-]{1,12}$",
        label="期次",
        error_messages={"invalid": "期次写年份，如 2024；同一年有两期的，如 2024春。"},
        help_text="年份，如 2024。一张表一期只有一次填报。",
    )
    period_label = forms.CharField(
        label="期次说明", max_length=60, help_text="统计时点和口径，如“2024年9月1日（2024—2025学年初）”。"
    )
    census_on = forms.DateField(label="统计时点", widget=DAY, help_text="在校生、教师、校舍、设备按这一天的数填。")
    opens_on = forms.DateField(label="开始日期", widget=DAY)
    due_on = forms.DateField(label="截止日期", widget=DAY)
    main_source = forms.ChoiceField(label="数据来源", choices=Campaign.MainSource.choices)
    stages = forms.MultipleChoiceField(
        label="填报单位的学段",
        choices=UnitStage.Stage.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="学校表按学段选学校；幼儿园表选全部幼儿园；县级表下一步选单位。下一步可以增减。",
    )
    words = forms.CharField(label="填报说明", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, known: Sequence[InForce], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["form"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.form.id, f"{one.form.name}（{one.label}）") for one in known]


class CampaignForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be changed of a campaign; of an open one the days and words."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Campaign
        fields = ("title", "period_label", "census_on", "opens_on", "due_on", "main_source", "words")
        widgets = {"census_on": DAY, "opens_on": DAY, "due_on": DAY, "words": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.state != Campaign.State.DRAFT:
            for name in ("census_on", "opens_on", "main_source"):
                del self.fields[name]


class UnitsForm(forms.Form):
    """Which units are called."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    units = forms.MultipleChoiceField(label="填报单位", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, groups: Sequence[tuple[str, list[tuple[str, str]]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["units"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(groups)


class VersionForm(forms.Form):
    """A button: which version of the row its page showed."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(VersionForm):
    """An act that wants a reason."""

    reason = forms.CharField(label="理由", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


class LockForm(VersionForm):
    """Locking: the reason is wanted where something is not approved."""

    reason = forms.CharField(
        label="仍要锁定的理由", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class CountyFormForm(forms.Form):
    """The text of a form as the county edits it."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label="表的内容（YAML）",
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "class": "font-monospace"}),
    )
    note = forms.CharField(label="改了什么", max_length=200)
