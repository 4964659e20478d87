"""Forms of what a county says of a standard."""

from typing import Any

from django import forms

from dudao.files.forms import EvidenceListField
from dudao.indicators.elements import Element
from dudao.indicators.models import Choice
from dudao.shell.forms import DAY


def _words(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class CheckForm(forms.Form):
    """A comparison with the original."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=128)
    checked_on = forms.DateField(label="核对日期", widget=DAY)
    checked_by = forms.CharField(label="核对人", max_length=64)
    against = forms.CharField(
        label="核对所据文件", max_length=200, help_text="文件名称和文号，如：教督〔2017〕6号（教育部门户网站下载件）。"
    )
    place = forms.CharField(
        label="原文位置", max_length=200, help_text="章、条、款、项或页码，如：第二章第五条第（一）项。"
    )
    note = forms.CharField(label="说明", required=False, max_length=500, widget=_words())
    evidence = EvidenceListField(label="原文截图或扫描件", required=False)


class ChoiceForm(forms.Form):
    """What holds in the county from a day on."""

    value = forms.CharField(label="取值", max_length=80)
    origin = forms.ChoiceField(
        label="规定层级",
        choices=Choice.Origin.choices,
        help_text="几个层级都有规定时，依次取本县、自治区（市）、国家。",
    )
    from_on = forms.DateField(label="自何日起", widget=DAY, help_text="按判定所用的日期取当日有效的值。")
    until_on = forms.DateField(label="至何日止", required=False, widget=DAY, help_text="没有期限的不填。")
    source = forms.CharField(label="依据文件", max_length=200, help_text="文件名称和文号。")
    place = forms.CharField(label="原文位置", required=False, max_length=200)
    checked_on = forms.DateField(
        label="核对日期",
        required=False,
        widget=DAY,
        help_text="与依据文件核对的日期；不填的只作试算，不进正式结论。",
    )
    checked_by = forms.CharField(label="核对人", required=False, max_length=64)
    note = forms.CharField(label="说明", required=False, max_length=500, widget=_words())
    evidence = EvidenceListField(label="依据文件扫描件", required=False)

    def __init__(self, *args: Any, element: Element, **more: Any) -> None:
        super().__init__(*args, **more)
        if element.kind == "variant":
            # The element is the value.
            self.fields["value"] = forms.CharField(widget=forms.HiddenInput, required=False)
        elif element.options:
            self.fields["value"] = forms.ChoiceField(label="取值", choices=element.options)
        else:
            self.fields["value"].help_text = f"单位：{element.unit}。" if element.unit not in ("", "—") else ""


class TakeBackForm(forms.Form):
    """Why something no longer holds."""

    on = forms.DateField(label="撤销日期", widget=DAY)
    reason = forms.CharField(label="撤销原因", max_length=300, widget=_words())
