"""Forms of ledgers and dossiers. They check what was typed; rules of the work are the services'."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from dudao.accounts.models import Person
from dudao.dossiers.counting import LABELS
from dudao.dossiers.items import CONCLUSIONS
from dudao.dossiers.models import Survey
from dudao.files.forms import EvidenceField, EvidenceListField
from dudao.shell.forms import DAY


def _words(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class VersionForm(forms.Form):
    """The version of the row as it was seen."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)


class LedgerForm(forms.Form):
    """A new ledger."""

    standard = forms.ChoiceField(label="标准")
    period = forms.CharField(label="年度", max_length=5, help_text="四位年份；分春秋的在后面加“春”或“秋”，如 2024春。")
    title = forms.CharField(label="名称", max_length=120, required=False, help_text="不填的按年度和标准起名。")
    opened_on = forms.DateField(label="建立日期", widget=DAY)
    due_on = forms.DateField(label="报送时限", widget=DAY)

    def __init__(self, *args: Any, standards: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["standard"].choices = list(standards)  # type: ignore[attr-defined]


class ChangeForm(VersionForm):
    """A ledger's name and day."""

    title = forms.CharField(label="名称", max_length=120)
    due_on = forms.DateField(label="报送时限", widget=DAY, help_text="单独定过时限的条目不跟着变。")


class AssignForm(forms.Form):
    """Who is asked for which items, and who is asked to judge them."""

    items = forms.MultipleChoiceField(label="条目", widget=forms.CheckboxSelectMultiple)
    department = forms.ChoiceField(label="责任部门", required=False)
    judge = forms.ChoiceField(
        label="判定人", required=False, help_text="请谁判定；督学没有分管的条目，定为判定人后能看到。"
    )
    due_on = forms.DateField(label="报送时限", required=False, widget=DAY)

    def __init__(
        self, *args: Any, items: Sequence[tuple[str, str]], departments: Sequence[tuple[UUID, str]],
        judges: Sequence[Person], **more: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **more)
        self.fields["items"].choices = list(items)  # type: ignore[attr-defined]
        unchanged = ("", "不改")
        self.fields["department"].choices = [unchanged, *((str(key), name) for key, name in departments)]  # type: ignore[attr-defined]
        self.fields["judge"].choices = [unchanged, *((str(one.pk), one.name) for one in judges)]  # type: ignore[attr-defined]
        self._judges = {str(one.pk): one for one in judges}

    def said(self) -> dict[str, Any]:
        data = self.cleaned_data
        department = data["department"]
        return {
            "department": UUID(department) if department else None,
            "judge": self._judges.get(data["judge"]),
            "due_on": data["due_on"],
        }


class AskForm(forms.Form):
    """Whom to ask."""

    units = forms.MultipleChoiceField(label="单位", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, units: Sequence[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["units"].choices = [(str(key), words) for key, words in units]  # type: ignore[attr-defined]
        self.fields["units"].initial = [str(key) for key, _ in units]


class MaterialForm(forms.Form):
    """One more material that is wanted."""

    name = forms.CharField(label="材料名称", max_length=200)


class ReasonForm(forms.Form):
    """Why something ends or does not count."""

    reason = forms.CharField(label="原因", max_length=300, widget=_words(2))


class VersionReasonForm(VersionForm):
    """The same for a row that others may have changed meanwhile."""

    reason = forms.CharField(label="原因", max_length=300, widget=_words(2))


class WordsForm(VersionForm):
    """What is to be completed."""

    words = forms.CharField(label="要补什么", max_length=500, widget=_words())


class PieceForm(forms.Form):
    """A version of a material."""

    file = EvidenceField(label="文件", required=False)
    address = forms.URLField(
        label="网址", required=False, max_length=500, assume_scheme="https", help_text="已在网上公开的，可以只填网址。"
    )
    formed_on = forms.DateField(label="形成日期", widget=DAY, help_text="文件的成文日期或图表的形成日期。")
    note = forms.CharField(label="说明", required=False, max_length=300)
    is_restricted = forms.BooleanField(label="不外带：加密保存，制作材料包时不随包，只在目录里列出", required=False)


class HandInForm(VersionForm):
    """That this is all there is."""

    occurred_on = forms.DateField(label="报送日期", widget=DAY)
    words = forms.CharField(
        label="说明",
        required=False,
        max_length=1000,
        widget=_words(),
        help_text="缺材料的，写明为什么没有、什么时候补。",
    )


class JudgeForm(VersionForm):
    """A conclusion with its reason and what it rests on."""

    conclusion = forms.ChoiceField(label="结论")
    words = forms.CharField(label="理由", max_length=2000, widget=_words(4))
    pieces = forms.MultipleChoiceField(label="所据材料", required=False, widget=forms.CheckboxSelectMultiple)
    evidence = EvidenceListField(
        label="核查记录", required=False, help_text="现场核查的记录、照片；没有选材料的必须附。"
    )
    judged_on = forms.DateField(label="判定日期", widget=DAY)

    def __init__(self, *args: Any, kind: str, pieces: Sequence[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["conclusion"].choices = [("", "请选择"), *((one, one) for one in CONCLUSIONS[kind])]  # type: ignore[attr-defined]
        if pieces:
            self.fields["pieces"].choices = [(str(key), words) for key, words in pieces]  # type: ignore[attr-defined]
            self.fields["pieces"].initial = [str(key) for key, _ in pieces]
        else:
            del self.fields["pieces"]


class LookForm(VersionForm):
    """What a second person says."""

    agrees = forms.ChoiceField(label="复核", choices=[("", "请选择"), ("1", "同意"), ("0", "退回")])
    words = forms.CharField(label="意见", max_length=1000, widget=_words())
    looked_on = forms.DateField(label="复核日期", widget=DAY)


class TakeBackForm(VersionForm):
    """Why a judgement ends."""

    on = forms.DateField(label="撤回日期", widget=DAY)
    reason = forms.CharField(label="撤回原因", max_length=300, widget=_words(2))


class CaseForm(forms.Form):
    """A lead on what a veto names."""

    title = forms.CharField(label="事由", max_length=200)
    facts = forms.CharField(label="事实", max_length=2000, widget=_words(4))
    source = forms.CharField(label="线索来源", max_length=200, help_text="如：信访件、督导检查、媒体报道、上级转办。")
    happened_on = forms.DateField(label="发生日期", widget=DAY)
    registered_on = forms.DateField(label="登记日期", widget=DAY)
    evidence = EvidenceListField(label="线索材料", required=False)


class FindForm(VersionForm):
    """What was found of a lead."""

    is_so = forms.ChoiceField(label="是否成立", choices=[("", "请选择"), ("1", "成立"), ("0", "不成立")])
    words = forms.CharField(label="核实情况", max_length=2000, widget=_words(4))
    evidence = EvidenceListField(label="证据", required=False, help_text="认定成立的必须附。")
    found_on = forms.DateField(label="核实日期", widget=DAY)


class SurveyForm(forms.Form):
    """Counts of 社会认可度."""

    received = forms.CharField(required=False, widget=forms.HiddenInput)
    place = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    source = forms.CharField(
        label="数据来源",
        max_length=200,
        help_text="谁组织、怎么调查的，如：国家督导评估平台网络问卷、第三方机构调查报告。",
    )
    from_on = forms.DateField(label="调查开始", widget=DAY)
    until_on = forms.DateField(label="调查结束", widget=DAY)
    file = EvidenceField(label="来源文件", required=False, help_text="调查报告、平台截图或统计表。")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in Survey.COUNTS:
            for ending, who in (("", ""), ("_parent", "（其中家长）")):
                self.fields[name + ending] = forms.IntegerField(
                    label=LABELS[name] + who, min_value=0, max_value=9_999_999, help_text=""
                )

    def counts(self) -> dict[str, int]:
        return {name + ending: self.cleaned_data[name + ending] for name in Survey.COUNTS for ending in ("", "_parent")}

    def rows(self) -> list[tuple[str, Any, Any]]:
        """The counts as the table has them: label, all, parents."""
        return [(LABELS[name], self[name], self[f"{name}_parent"]) for name in Survey.COUNTS]

    def above(self) -> list[Any]:
        return [self[name] for name in ("source", "from_on", "until_on", "file")]


class TableForm(forms.Form):
    """A table to read the counts from."""

    table = forms.FileField(
        label="Excel 小表", widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods,.csv"}),
        help_text="国家申报表Ⅵ 的样子：有“计”和“其中：家长”两行；5 MB 以内。",
    )  # fmt: skip
