"""Forms of the register: causes, limits, and taking a ledger in."""

from collections.abc import Sequence
from typing import Any

from django import forms

from dudao.findings import ledger
from dudao.findings.models import Cause, Finding
from dudao.shell.forms import DAY
from dudao_engines.procedures import schema


class CauseForm(forms.Form):
    """A new cause."""

    name = forms.CharField(label="新增原因", max_length=40)


class CauseChangeForm(forms.Form):
    """What a cause is called and whether it can be chosen."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label=Cause._meta.get_field("name").verbose_name, max_length=40)
    is_used = forms.BooleanField(label="使用中", required=False, help_text="停用以后不能再选，用过的问题不变。")


class LimitForm(forms.Form):
    """What a limit is in this county from a day on."""

    is_enabled = forms.BooleanField(label="启用", required=False)
    amount = forms.IntegerField(
        label="数量", required=False, min_value=1, max_value=3650, help_text="逐案确定的期限可以不填。"
    )
    unit = forms.ChoiceField(label="单位", choices=[(u, u) for u in ("日", "工作日", "月", "年")])
    from_on = forms.DateField(label="自何日起", widget=DAY, help_text="只管这一天起新起算的。")
    source = forms.CharField(
        label="依据", max_length=200, help_text="文件、文号、条款，例如：示政办发〔2024〕1号第三条。"
    )
    is_checked = forms.BooleanField(label="已与原文核对", required=False, help_text="不勾选的，页面上标“未核实”。")

    def __init__(self, *args: Any, limit: schema.Limit, **more: Any) -> None:
        super().__init__(*args, **more)
        self.limit = limit
        if limit.unit not in ("日", "工作日", "月", "年"):
            self.fields["unit"].choices = [(limit.unit, limit.unit)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("is_enabled") and not self.limit.case_by_case and "amount" in data and not data["amount"]:
            self.add_error("amount", "请填写大于 0 的数量，或停用这个期限。")
        return data


class LedgerForm(forms.Form):
    """A ledger to hand in."""

    table = forms.FileField(
        label="整改台账", help_text="Excel 或 WPS 表格（.xlsx、.xls、.et），10 MB 以内，最多 20000 行；表头在哪一行都可以。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods"}),
    )  # fmt: skip


class ColumnsForm(forms.Form):
    """What each column of a ledger is, and what goes for rows that do not say."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    source = forms.ChoiceField(label="问题来源", choices=Finding.Source.choices, help_text="表里没有写来源的。")
    year = forms.IntegerField(
        label="台账的年份",
        required=False,
        min_value=1990,
        max_value=2100,
        help_text="“3月5日”这样没有年份的日期按它计。",
    )
    basis = forms.CharField(label="共同的依据", required=False, max_length=200, help_text="表里没有写依据的。")
    found_on = forms.DateField(label="共同的发现日期", required=False, widget=DAY, help_text="表里没有写发现日期的。")
    due_on = forms.DateField(
        label="共同的整改时限", required=False, widget=DAY, help_text="还没有整改、又没有写时限的（如“长期坚持”）。"
    )
    closed_on = forms.DateField(
        label="共同的销号日期", required=False, widget=DAY, help_text="已整改、又没有写完成或销号日期的。"
    )

    def __init__(self, *args: Any, heads: Sequence[str], columns: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.count = len(heads)
        choices = [("", "不导入"), *((field.code, field.label) for field in ledger.FIELDS)]
        for at, head in enumerate(heads):
            self.fields[f"column_{at}"] = forms.ChoiceField(
                label=head or f"第 {at + 1} 列", choices=choices, required=False, initial=columns[at]
            )

    def columns(self) -> list[str]:
        return [self.cleaned_data[f"column_{at}"] for at in range(self.count)]

    def options(self) -> dict[str, Any]:
        names = ("year", "source", "basis", "found_on", "due_on", "closed_on")
        return {name: self.cleaned_data[name] for name in names}

    def common(self) -> list[Any]:
        """The fields that go for all rows."""
        return [self[name] for name in ("source", "basis", "found_on", "due_on", "closed_on", "year")]
