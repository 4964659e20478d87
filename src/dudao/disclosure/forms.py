"""Forms of publication. They check what was typed; rules of the work are the services'."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from dudao.accounts.models import Person
from dudao.disclosure import library
from dudao.disclosure.models import Edition, Review, Setting, Trace
from dudao.disclosure.services import Decision, Words
from dudao.files.forms import EvidenceField, EvidenceListField
from dudao.shell.forms import DAY, choose


class VersionForm(forms.Form):
    """The version of the edition as it was seen."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)


class WordsForm(forms.Form):
    """What is published in words."""

    title = forms.CharField(label="名称", max_length=200)
    body = forms.CharField(
        label="正文", widget=forms.Textarea(attrs={"rows": 18}),
        help_text="一行一段；行首写“一、”“（一）”“1.”就是标题；表格写成 | 甲 | 乙 |，第二行 | --- | --- | 表示第一行是表头。",
    )  # fmt: skip
    summary = forms.CharField(
        label="内容概述", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="进公开目录的一两句话。",
    )  # fmt: skip
    sources = forms.CharField(
        label="数字怎么来的", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="一行一条，如“算式：(9169 + 2133) ÷ 13619 × 100%”“来源：各园上报，现场核查后采用”。正文有百分数或表格的必须写。",
    )  # fmt: skip

    def words(self) -> Words:
        data = self.cleaned_data
        return Words(data["title"], data["body"], data["summary"], data["sources"])


class NewForm(WordsForm):
    """A text that is typed in."""

    formed_on = forms.DateField(label="生成日期", widget=DAY, help_text="信息形成的日子，公开期限从这一天的次日算起。")
    doc_no = forms.CharField(label="文号", required=False, max_length=60)
    subject_title = forms.CharField(
        label="属于哪件事项", required=False, max_length=300, help_text="如某次督导、某项曝光；可以不填。"
    )
    field_order = ("title", "formed_on", "doc_no", "subject_title", "body", "summary", "sources")


class EditForm(WordsForm):
    """Other words for an edition under way."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    remark = forms.CharField(label="修改说明", required=False, max_length=200)


class FactsForm(forms.Form):
    """The facts of the page."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    formed_on = forms.DateField(label="生成日期", widget=DAY, help_text="改了这一天，公开期限重新计算。")
    doc_no = forms.CharField(label="文号", required=False, max_length=60)
    publisher = forms.CharField(label="发布机构", max_length=100)
    signed_by = forms.CharField(label="署名", required=False, max_length=100, help_text="可以和发布机构不同。")
    department = forms.CharField(label="责任部门", max_length=100)
    category = forms.ChoiceField(label="所属分类")
    term = forms.ChoiceField(label="公开时限")
    mode = forms.ChoiceField(label="公开方式")
    validity = forms.ChoiceField(label="效力状态")

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rule in library.rules().facts.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            # What was chosen before the list changed may stay.
            words = dict.fromkeys([*rule.choices, getattr(edition, name)])
            field.choices = [(one, one) for one in words if one]


class FileForm(forms.Form):
    base_version = forms.IntegerField(widget=forms.HiddenInput)
    file = EvidenceField(label="附件", help_text="随正文一起公开。Word、Excel、文字型 PDF 会检查里面的文字。")


class ReviewForm(forms.Form):
    """One conclusion: made here, or on paper by somebody whose scan is handed in."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    conclusion = forms.ChoiceField(label="结论", widget=forms.RadioSelect)
    grounds = forms.MultipleChoiceField(
        label="不公开的依据（政府信息公开条例）", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="部分公开、不公开的须选。",
    )  # fmt: skip
    words = forms.CharField(label="审查意见", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    reviewer = forms.ChoiceField(
        label="审查人（纸质审查的填）", required=False, help_text="领导在纸上审签的，选审查人、填日期、传扫描件。"
    )
    on = forms.DateField(label="审查日期", required=False, widget=DAY)
    scan = EvidenceListField(label="审查表扫描件", required=False)

    def __init__(self, *args: Any, kind: str, people: Sequence[Person], may_here: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_secrecy = kind == Review.Kind.SECRECY
        choices = {
            Review.Conclusion.OPEN: "不涉密，可以公开" if is_secrecy else "公开",
            **({} if is_secrecy else {Review.Conclusion.PARTLY: "部分公开（已删去不公开的部分）"}),
            Review.Conclusion.CLOSED: "涉密或敏感，不得公开" if is_secrecy else "不公开",
            Review.Conclusion.BACK: "退回修改",
        }
        choose(self, "conclusion", list(choices.items()))
        grounds = [(one.code, f"{one.article}：{one.words}") for one in library.rules().grounds]
        choose(self, "grounds", grounds)
        first = [("", "本人现在审查")] if may_here else [("", "请选择")]
        choose(self, "reviewer", [*first, *((str(one.pk), one.name) for one in people)])
        self.fields["reviewer"].required = not may_here

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("reviewer") and not data.get("on"):
            self.add_error("on", "请填写审查日期。")
        return data


class TracesForm(forms.Form):
    """What becomes of each thing found: nothing yet, masked, other words, or kept with a reason."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, traces: Sequence[Trace], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.traces = traces
        for one in traces:
            in_text = one.part != Trace.Part.FILE
            choices = [("", "以后再定")]
            if in_text and one.mask:
                choices.append(("mask", f"遮盖为“{one.mask}”"))
            if in_text:
                choices.append(("words", "改写为"))
            if one.may_stay:
                choices.append(("keep", "保留，理由是"))
            self.fields[f"choice_{one.pk}"] = forms.ChoiceField(label="处理", required=False, choices=choices)
            words = forms.CharField(label="改写的文字或保留的理由", required=False, max_length=500)
            words.widget.attrs["placeholder"] = "改写成什么，或为什么保留"
            self.fields[f"words_{one.pk}"] = words

    def pair(self, trace: Trace) -> tuple[forms.BoundField, forms.BoundField]:
        return self[f"choice_{trace.pk}"], self[f"words_{trace.pk}"]

    def decisions(self, *, mask_rest: bool) -> dict[UUID, Decision]:
        """What was decided; what was left for later is left out, or masked where it can be."""
        found = {}
        for one in self.traces:
            choice, words = self.cleaned_data[f"choice_{one.pk}"], self.cleaned_data[f"words_{one.pk}"]
            if not choice and mask_rest and one.mask and one.part != Trace.Part.FILE:
                choice = "mask"
            if choice:
                found[one.pk] = Decision(choice, words)
        return found


class PublishForm(forms.Form):
    """Where and when it stands on the portal."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    address = forms.CharField(
        label="公开网址", max_length=500, widget=forms.URLInput, help_text="县政府网站上这一页的完整网址。"
    )
    on = forms.DateField(label="公开日期", widget=DAY, help_text="网页上的发布日期，不能晚于今天。")
    evidence = EvidenceListField(label="网页截图")


class ReasonForm(forms.Form):
    """Why it is not gone on with."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ReopenForm(forms.Form):
    base_version = forms.IntegerField(widget=forms.HiddenInput)
    words = forms.CharField(label="评估情况", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="撤下原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="会写在公开网页上。"
    )
    on = forms.DateField(label="撤下日期", widget=DAY)


class CorrectForm(forms.Form):
    note = forms.CharField(
        label="更正说明", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="更正了什么、为什么；和更正后的内容一起公开。",
    )  # fmt: skip
    changed_on = forms.DateField(label="变更日期", widget=DAY, help_text="更正后的公开期限从这一天的次日重新计算。")
    hides = forms.BooleanField(label="原来公开的内容有不该公开的（如个人信息），马上不再显示", required=False)


class SettingForm(forms.ModelForm):  # type: ignore[type-arg]
    """How the county publishes."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Setting
        fields = ("org_code", "index_template", "index_digits", "publisher", "department", "signed_by", "contact")
        help_texts = {
            "org_code": "统一社会信用代码或组织机构代码，编索引号用。",
            "index_template": "可用 {机构}、{年}、{流水}；年和流水必须有。已经编出的号不变。",
            "signed_by": "和发布机构不同的写在这里。",
            "contact": "写在公开网页上，如“可向县人民政府教育督导室书面反映”。",
        }
