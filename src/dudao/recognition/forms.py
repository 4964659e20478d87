"""What people type for reports."""

from typing import Any

from django import forms

from dudao.files.forms import EvidenceField
from dudao.recognition.library import Step
from dudao.recognition.models import Sending
from dudao.shell.forms import DAY
from dudao_engines.standards.reports import Report as Kind


class VersionForm(forms.Form):
    """Something that others may have changed meanwhile."""

    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_base_version(self) -> int:
        return self.cleaned_data["base_version"] or 0


class DraftForm(forms.Form):
    to_words = forms.CharField(label="主送机关", max_length=200, help_text="上一级人民政府教育督导机构。")


class WordsForm(VersionForm):
    """What people write themselves in a kind of report."""

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in kind.free:
            self.fields[place.free] = forms.CharField(
                label=place.name,
                help_text=place.hint,
                max_length=5000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 6}),
            )


class ReasonForm(VersionForm):
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class SendForm(forms.Form):
    receiver = forms.CharField(label="接收单位", max_length=100)
    way = forms.ChoiceField(label="方式", choices=Sending.Way.choices)
    sent_on = forms.DateField(label="报送日期", widget=DAY)
    evidence = EvidenceField(label="报送凭证", required=False)


class ReceiptForm(VersionForm):
    receipt_on = forms.DateField(label="回执日期", widget=DAY)
    words = forms.CharField(label="回执", max_length=200, required=False, help_text="对方怎样确认收到。")
    evidence = EvidenceField(label="回执件", required=False)


class ReturnedForm(VersionForm):
    returned_on = forms.DateField(label="退回日期", widget=DAY)
    words = forms.CharField(label="退回意见", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    evidence = EvidenceField(label="退回文件", required=False)


class StageForm(forms.Form):
    """A step that was taken."""

    occurred_on = forms.DateField(label="日期", widget=DAY)
    outcome = forms.ChoiceField(label="结果")
    document = forms.CharField(label="文件", max_length=200, required=False, help_text="文件名和文号。")
    words = forms.CharField(label="说明", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    evidence = EvidenceField(label="材料", required=False)

    def __init__(self, *args: Any, step: Step, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(one, one) for one in step.outcomes]  # type: ignore[attr-defined]
