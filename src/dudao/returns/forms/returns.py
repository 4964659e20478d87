"""Forms of one unit's return. The cells themselves are read by the engine, not here: what is typed always stays."""

from django import forms

from dudao.returns.forms.campaigns import VersionForm
from dudao.shell.forms import DAY


class PaperForm(VersionForm):
    """A confirmation that was signed on paper."""

    signed_by = forms.CharField(label="签字人", max_length=64)
    occurred_on = forms.DateField(label="签字日期", widget=DAY)
    evidence = forms.FileField(label="签字盖章页", help_text="照片或扫描件。")


class SheetForm(forms.Form):
    """A filled-in sheet."""

    sheet = forms.FileField(label="填好的表格", help_text="用本页下载的模板填写，.xlsx 或 .xls。")
