"""Forms of the register. They check what was typed; rules of the work are the services'."""

import re
from typing import Any
from uuid import UUID

from django import forms

from dudao.files.forms import EvidenceField
from dudao.inspectors import library
from dudao.inspectors.models import Inspector, Recusal, Term
from dudao.inspectors.services import Facts
from dudao.places.models import Unit
from dudao.shell.forms import DAY, Choices, choose


class EntryForm(forms.Form):
    """What the register says of somebody."""

    kind = forms.ChoiceField(label="类别", choices=Inspector.Kind.choices, initial=Inspector.Kind.PART)
    sex = forms.ChoiceField(label="性别", choices=[("", "—"), *Inspector.Sex.choices], required=False)
    born = forms.CharField(label="出生年月", max_length=7, required=False, help_text="写成 1979-03。")
    work_unit = forms.ChoiceField(label="所在单位", required=False, help_text="县外或不在名单上的，写在下一格。")
    work_words = forms.CharField(label="单位及职务", max_length=200, required=False)
    education = forms.ChoiceField(label="学历", choices=[("", "—"), *Inspector.Education.choices], required=False)
    since_year = forms.IntegerField(label="从教年份", required=False, help_text="四位年份；从教年限由它算出。")
    subjects = forms.CharField(label="学科", max_length=100, required=False, help_text="几个学科用顿号隔开。")
    stages = forms.MultipleChoiceField(
        label="学段", choices=Inspector.Stage.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    lines = forms.MultipleChoiceField(
        label="专长", choices=Inspector.Line.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    certificate_number = forms.CharField(label="督学证号", max_length=40, required=False)
    certificate_from = forms.DateField(label="督学证起", widget=DAY, required=False)
    certificate_to = forms.DateField(label="督学证止", widget=DAY, required=False)
    days_a_month = forms.IntegerField(label="每月可用天数", required=False, min_value=0, max_value=31)
    note = forms.CharField(label="备注", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, units: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "work_unit", [("", "—"), *units])

    def facts(self) -> Facts:
        """The facts as the service takes them."""
        said = {name: self.cleaned_data[name] for name in Facts.__dataclass_fields__}
        said["work_unit"] = Unit.objects.get(pk=said["work_unit"]) if said["work_unit"] else None
        said["subjects"] = [one for one in re.split(r"[、，,;；\s]+", said["subjects"]) if one]
        return Facts(**said)


class NewForm(EntryForm):
    """Somebody new in the register."""

    person = forms.ChoiceField(label="人员", help_text="名单上没有的，先在“人员”里登记。")
    field_order = ("person",)

    def __init__(self, *args: Any, people: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "person", [("", "请选择"), *people])


class ChangeForm(EntryForm):
    """A change of what the register says."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)


class TableForm(forms.Form):
    """A table of inspectors to hand in."""

    table = forms.FileField(
        label="督学名册", help_text="Excel 或 WPS 表格（.xlsx、.xls、.et、.csv），5 MB 以内，最多 2000 行。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods,.csv"}),
    )  # fmt: skip


class RecommendForm(forms.Form):
    """A recommendation."""

    recommended_on = forms.DateField(label="推荐日期", widget=DAY)
    who = forms.CharField(label="推荐单位", max_length=120)
    words = forms.CharField(label="推荐意见", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    paper = EvidenceField(label="推荐材料", required=False)


class ConditionsForm(forms.Form):
    """A look at the conditions of 条例 article 7."""

    is_quiet = True

    looked_on = forms.DateField(label="核查日期", widget=DAY)
    who = forms.CharField(label="核查人", max_length=64)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for one in library.conditions():
            self.fields[f"met_{one.id}"] = forms.ChoiceField(
                label=one.name, choices=[("", "这次没有看"), ("1", "符合"), ("0", "不符合")], required=False,
                widget=forms.RadioSelect, initial="",
            )  # fmt: skip
            self.fields[f"against_{one.id}"] = forms.CharField(
                label=f"{one.short}：依据的材料（看了的必填）", max_length=200, required=False
            )  # fmt: skip
        self.fields["paper"] = EvidenceField(label="附件", required=False)

    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Of each condition, whether it is met and against which paper."""
        return [(self[f"met_{one.id}"], self[f"against_{one.id}"]) for one in library.conditions()]

    def found(self) -> dict[str, tuple[bool, str]]:
        """What was looked at: whether it is met, and against which paper."""
        data = self.cleaned_data
        return {
            one.id: (data[f"met_{one.id}"] == "1", data[f"against_{one.id}"])
            for one in library.conditions()
            if data[f"met_{one.id}"]
        }


class StepForm(forms.Form):
    """审核, 公示, 公布 or 不予通过."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    occurred_on = forms.DateField(label="日期", widget=DAY)
    until = forms.DateField(label="公示到", widget=DAY)
    start_on = forms.DateField(label="任期起", widget=DAY, required=False, help_text="不填的从公布之日起。")
    end_on = forms.DateField(label="任期止", widget=DAY, required=False, help_text="兼职不填的为三年；专职可以不填。")
    document = forms.CharField(label="任命（聘任）文号", max_length=80, required=False)
    who = forms.CharField(label="经办单位", max_length=120, required=False)
    words = forms.CharField(label="意见", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    paper = EvidenceField(label="文件", required=False)

    def __init__(self, *args: Any, step: str, **more: Any) -> None:
        super().__init__(*args, **more)
        if step != "publicise":
            del self.fields["until"]
        if step != "announce":
            for name in ("start_on", "end_on", "document"):
                del self.fields[name]


class EndForm(forms.Form):
    """The end of a term."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    ended_on = forms.DateField(label="结束日期", widget=DAY)
    ground = forms.ChoiceField(label="原因", choices=[("", "请选择"), *Term.Ground.choices])
    words = forms.CharField(
        label="说明和依据", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    paper = EvidenceField(label="文件", required=False)


class AssessForm(forms.Form):
    """A yearly assessment."""

    year = forms.IntegerField(label="年度")
    grade = forms.CharField(label="等次", max_length=20, help_text="按本县的叫法；国家文本的等次未核实。")
    is_fail = forms.BooleanField(label="不合格", required=False)
    words = forms.CharField(label="评语", max_length=800, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    assessed_on = forms.DateField(label="考核日期", widget=DAY)


class RecusalForm(forms.Form):
    """Why somebody must not inspect a unit."""

    unit = forms.ChoiceField(label="单位")
    ground = forms.ChoiceField(label="情形", choices=[("", "请选择"), *Recusal.Ground.choices])
    origin = forms.ChoiceField(label="提出方式", choices=Recusal.Origin.choices)
    words = forms.CharField(
        label="关系说明",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="加密保存，只有督导室和本人看得到。",
    )
    start_on = forms.DateField(label="起", widget=DAY)
    end_on = forms.DateField(label="止", widget=DAY, required=False)
    said_on = forms.DateField(label="提出日期", widget=DAY)

    def __init__(self, *args: Any, units: Choices, manages: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "unit", [("", "请选择"), *units])
        if not manages:
            del self.fields["origin"]

    def unit_chosen(self) -> Unit:
        return Unit.objects.get(pk=UUID(self.cleaned_data["unit"]))


class DecideForm(forms.Form):
    """A decision on a recusal."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    grants = forms.ChoiceField(label="决定", choices=[("1", "应当回避"), ("0", "不需回避")], widget=forms.RadioSelect)
    decision = forms.CharField(label="理由", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    decided_on = forms.DateField(label="决定日期", widget=DAY)


class EndRecusalForm(forms.Form):
    """The end of a recusal."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="解除的原因", max_length=400)
    on = forms.DateField(label="解除日期", widget=DAY)


class AbsenceForm(forms.Form):
    """Days on which somebody cannot come."""

    start_on = forms.DateField(label="起", widget=DAY)
    end_on = forms.DateField(label="止", widget=DAY)
    reason = forms.CharField(
        label="事由", max_length=100, required=False, help_text="可以不写；只有督导室和本人看得到。"
    )


class PhotoForm(forms.Form):
    """A photo for the board."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    photo = EvidenceField(
        label="照片", help_text="JPG 或 PNG 的证件照，公示牌上用。",
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png"}),
    )  # fmt: skip


class AskForm(forms.Form):
    """A unit asks that somebody does not inspect it."""

    inspector = forms.ChoiceField(label="督学")
    ground = forms.ChoiceField(label="情形", choices=[("", "请选择"), *Recusal.Ground.choices])
    words = forms.CharField(
        label="关系说明", max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="加密保存，只有督导室、督学本人和本单位看得到。",
    )  # fmt: skip
    start_on = forms.DateField(label="自何日起", widget=DAY)

    def __init__(self, *args: Any, inspectors: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "inspector", [("", "请选择"), *inspectors])


class RuleForm(forms.Form):
    """What a number of a rule is in this county from a day on."""

    value = forms.IntegerField(label="取值", min_value=1, max_value=400)
    from_on = forms.DateField(label="自何日起", widget=DAY)
    source = forms.CharField(
        label="依据", max_length=200, help_text="文件、文号、条款，例如：示政教督〔2024〕1号第三条。"
    )
    is_checked = forms.BooleanField(label="已与原文核对", required=False, help_text="不勾选的，页面上标“未核实”。")
