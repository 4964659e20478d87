"""Forms of papers. They check what was typed; rules of the work are the services'."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from dudao.files.forms import EvidenceField
from dudao.papers import library
from dudao.papers.models import Cosign, NumberCode, PaperText, Receipt
from dudao.shell.forms import DAY, Choices, choose
from dudao_engines.papers.templates import Field, Template


def open_kinds() -> list[tuple[str, str]]:
    """The kinds that are not for named persons only: those are drafted in their case."""
    return [(key, one.name) for key, one in library.kinds().items() if not one.restricted]


class VersionForm(forms.Form):
    """What was seen when the page was opened."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)


class TextForm(forms.ModelForm):  # type: ignore[type-arg]
    """The words of a paper."""

    #: Which fields may stay empty is said by their own words.
    is_quiet = True

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("title", "to_words", "body", "attachments", "organ", "copies_words", "note", "remark")

    class Meta:
        model = PaperText
        fields = ("title", "to_words", "body", "attachments", "organ", "copies_words", "note", "remark")
        widgets = {
            "body": forms.Textarea(attrs={"rows": 22}),
            "attachments": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "body": "一行一段。行首写“一、”“（一）”“1.”“（1）”就是各级标题；表格一行写成 | 甲 | 乙 |。",
            "attachments": "一行一个附件名称，不写序号。",
            "remark": "改了什么、为什么，留在各稿里。",
        }


class NewPaperForm(forms.Form):
    """A paper by itself."""

    kind = forms.ChoiceField(label="文种")
    title = forms.CharField(label="标题", required=False, max_length=200, help_text="不填的，按模板起标题。")
    to_units = forms.MultipleChoiceField(label="主送单位", required=False, widget=forms.CheckboxSelectMultiple)
    to_words = forms.CharField(
        label="主送（印在文件上的称呼）",
        required=False,
        max_length=500,
        help_text="例如“各乡镇（场）、各学校”；不填的，写单位名称。",
    )

    def __init__(self, *args: Any, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "kind", open_kinds())
        choose(self, "to_units", units)


class OutsideForm(forms.Form):
    """A paper that was issued on paper or by the OA."""

    kind = forms.ChoiceField(label="文种")
    number = forms.CharField(label="发文字号", max_length=60, help_text="照原件写全。")
    title = forms.CharField(label="标题", max_length=200)
    issued_on = forms.DateField(label="成文日期", widget=DAY)
    to_units = forms.MultipleChoiceField(label="主送单位", required=False, widget=forms.CheckboxSelectMultiple)
    evidence = EvidenceField(label="原件扫描件", required=False)

    def __init__(self, *args: Any, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "kind", open_kinds())
        choose(self, "to_units", units)


class FieldsForm(VersionForm):
    """The fields of a template. Each is a control by its kind; a table is one line a row, its cells between bars."""

    #: Which fields may stay empty is said by their own words.
    is_quiet = True

    def __init__(self, *args: Any, template: Template, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template = template
        for n, one in enumerate(template.fields):
            self.fields[f"f{n}"] = _control(one)
        self.fields["remark"] = forms.CharField(label="修改说明", required=False, max_length=200)

    @staticmethod
    def initial_of(template: Template, values: dict[str, Any]) -> dict[str, Any]:
        """What stands in the controls for the values of a paper."""
        return {f"f{n}": _shown(one, values.get(one.key)) for n, one in enumerate(template.fields)}

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, by field key, as ``filling.fill`` takes it."""
        typed = {one.key: self.cleaned_data[f"f{n}"] for n, one in enumerate(self.template.fields)}
        return {key: value.isoformat() if isinstance(value, date) else value for key, value in typed.items() if value}


def _control(one: Field) -> forms.Field:
    said = " ".join(
        filter(
            None,
            [
                f"每行一条，各栏用 | 隔开：{' | '.join(c.key for c in one.columns)}。" if one.columns else "",
                one.hint and f"{one.hint}。",
                f"依据：{one.clause}。" if one.clause else "",
                "未核实。" if one.unchecked and one.clause else "",
            ],
        )
    )
    facts: dict[str, Any] = {
        "label": f"{one.name}（必备）" if one.required else one.name,
        "required": False,
        "help_text": said,
    }
    if one.kind == "day":
        return forms.DateField(widget=DAY, **facts)
    if one.kind == "table":
        return RowsField(columns=[column.key for column in one.columns], **facts)
    if one.kind == "lines":
        return forms.CharField(max_length=50_000, widget=forms.Textarea(attrs={"rows": 4}), **facts)
    return forms.CharField(max_length=2000, **facts)


def _shown(one: Field, value: Any) -> Any:
    if one.kind == "table" and isinstance(value, list):
        keys = [column.key for column in one.columns]
        return "\n".join(" | ".join(str(row.get(key) or "") for key in keys) for row in value if isinstance(row, dict))
    if isinstance(value, list):
        return "\n".join(str(line) for line in value)
    return value


class RowsField(forms.CharField):
    """Rows of a table as lines, cells between bars; a line with too many cells is said by its number."""

    def __init__(self, *, columns: list[str], **kwargs: Any) -> None:
        super().__init__(max_length=50_000, widget=forms.Textarea(attrs={"rows": 5}), **kwargs)
        self.columns = columns

    def clean(self, value: Any) -> Any:
        rows = []
        for n, line in enumerate(super().clean(value).splitlines(), 1):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if len(cells) > len(self.columns):
                raise forms.ValidationError(f"第 {n} 行有 {len(cells)} 栏，最多 {len(self.columns)} 栏。")
            if any(cells):
                rows.append(dict(zip(self.columns, [*cells, *[""] * len(self.columns)], strict=False)))
        return rows


class ReasonForm(VersionForm):
    """Why."""

    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class WithdrawForm(ReasonForm):
    """Why and since when."""

    occurred_on = forms.DateField(label="撤回日期", widget=DAY)
    field_order = ("occurred_on", "reason")


class CosignAskForm(VersionForm):
    """Who is asked to agree."""

    persons = forms.MultipleChoiceField(label="人员", required=False, widget=forms.CheckboxSelectMultiple)
    units = forms.MultipleChoiceField(label="单位", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: Choices, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "persons", people)
        choose(self, "units", units)
        if not units:
            del self.fields["units"]


class CosignForm(forms.Form):
    """Agree or object."""

    answer = forms.ChoiceField(label="意见", choices=Cosign.Answer.choices, widget=forms.RadioSelect)
    words = forms.CharField(label="会签意见", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class CosignRecordForm(CosignForm):
    """What was signed on paper or said on the phone."""

    way = forms.ChoiceField(
        label="方式",
        choices=[one for one in Cosign.Way.choices if one[0] != Cosign.Way.SYSTEM],
        initial=Cosign.Way.PAPER,
    )
    occurred_on = forms.DateField(label="会签日期", widget=DAY)
    evidence = EvidenceField(label="会签件扫描件", required=False, help_text="纸质会签要有扫描件或照片。")


class IssueForm(VersionForm):
    """Sign and issue."""

    #: Which fields may stay empty is said by their own words.
    is_quiet = True

    code = forms.ChoiceField(label="机关代字")
    number = forms.CharField(
        label="OA 给的文号", required=False, max_length=60, help_text="只有由 OA 编号的代字才填，照 OA 上的写全。"
    )
    signed_by = forms.ChoiceField(
        label="签发人", required=False, help_text="领导在纸上签的，选签发人、日期并上传签发件；自己签发的不用选。"
    )
    signed_on = forms.DateField(label="签发日期", required=False, widget=DAY)
    evidence = EvidenceField(label="签发件扫描件", required=False)
    despite_warnings = forms.BooleanField(label="上面的提醒我都看过，照样签发", required=False)

    def __init__(
        self,
        *args: Any,
        codes: Sequence[NumberCode],
        signers: Choices,
        asks: bool,
        numbered: bool,
        own: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "code", [(one.code, f"{one.code}（{one.organ}）") for one in codes])
        choose(self, "signed_by", [("", "本人签发") if own else ("", "请选择"), *signers])
        if not asks:
            del self.fields["despite_warnings"]
        if not any(one.by == NumberCode.By.OA for one in codes) or not numbered:
            del self.fields["number"]
        if not numbered:
            self.fields["code"].label = "发文机关"


class ServeForm(forms.Form):
    """How a unit got the paper."""

    unit = forms.ChoiceField(label="单位")
    on = forms.DateField(label="收到日期", widget=DAY)
    way = forms.ChoiceField(
        label="送达方式",
        choices=[one for one in Receipt.Way.choices if one[0] != Receipt.Way.SYSTEM],
        initial=Receipt.Way.PAPER,
    )
    received_by_words = forms.CharField(label="签收人", required=False, max_length=100)
    note = forms.CharField(label="备注", required=False, max_length=200, help_text="留置送达的，写明拒收情况和见证人。")
    evidence = EvidenceField(label="送达回证扫描件", required=False, help_text="送达回证和留置送达要有扫描件或照片。")

    def __init__(self, *args: Any, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "unit", units)


class ReceiveForm(forms.Form):
    """The unit signs for a paper."""

    on = forms.DateField(label="收到日期", widget=DAY)
    note = forms.CharField(label="备注", required=False, max_length=200)


class CodeForm(forms.Form):
    """A 机关代字."""

    code = forms.CharField(label="机关代字", max_length=20, help_text="例如“贺政教督发”，不带年份和号。")
    organ = forms.CharField(label="发文机关", max_length=100, help_text="印在红头上，后面加“文件”。")
    numbered_by = forms.ChoiceField(label="编号", choices=NumberCode.By.choices, initial=NumberCode.By.HERE)


class ChangeCodeForm(VersionForm):
    """Who issues under a 机关代字, who numbers it, and whether it is in use."""

    organ = forms.CharField(label="发文机关", max_length=100)
    numbered_by = forms.ChoiceField(label="编号", choices=NumberCode.By.choices)
    is_active = forms.BooleanField(label="在用", required=False)
    field_order = ("organ", "numbered_by", "is_active")


class BeforeForm(forms.Form):
    """What was used before the county came to this system."""

    year = forms.IntegerField(label="年份", min_value=2000, max_value=2100)
    before = forms.IntegerField(label="已用到第几号", min_value=0, max_value=99_999)


class TemplateForm(forms.Form):
    """A county's own .docx."""

    file = forms.FileField(label="Word 文件", widget=forms.FileInput(attrs={"accept": ".docx"}))
    note = forms.CharField(label="说明", required=False, max_length=200, help_text="改了什么，例如“红头换成教体局”。")
