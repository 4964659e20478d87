"""Forms of draws. They check what was typed; rules of the work are the services'."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from dudao.draws.models import METHODS, Draw
from dudao.inspections.models import Inspection
from dudao.places.models import UnitStage, UnitVersion
from dudao.shell.forms import DAY, Choices, choose

_TABLE = {"accept": ".xlsx,.xls,.et,.ods"}
#: Parties that can put something aside on the page.
PARTIES = 3


class _Based(forms.Form):
    base_version = forms.IntegerField(widget=forms.HiddenInput)


class DrawForm(forms.Form):
    """What is drawn, how, and when it takes place."""

    purpose = forms.CharField(
        label="抽取事项", max_length=200, help_text="抽取什么、用来做什么，例如：2024年春季学校食堂专项督导抽取学校和督学。会公布。"
    )  # fmt: skip
    method = forms.ChoiceField(
        label="抽取方法", choices=METHODS,
        help_text="按规模的两种要有每校规模（如年级在校生数）；以后可能扩大样本的，用简单、分层或永久随机数。",
    )  # fmt: skip
    held_on = forms.DateField(
        label="计划开展日期", widget=DAY, help_text="按这一天核对单位、督学任期、督学证、请假和回避。"
    )


class ChangeForm(DrawForm, _Based):
    """The same of a draft."""


class RegisterForm(_Based):
    """Lines from the register of units."""

    kinds = forms.MultipleChoiceField(
        label="类别", widget=forms.CheckboxSelectMultiple, initial=["school"],
        choices=[(UnitVersion.Kind.SCHOOL.value, "学校"), (UnitVersion.Kind.KINDERGARTEN.value, "幼儿园")],
    )  # fmt: skip
    stages = forms.MultipleChoiceField(
        label="学段", choices=UnitStage.Stage.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="有其中一个学段的；都不选为不限。",
    )  # fmt: skip
    towns = forms.MultipleChoiceField(
        label="乡镇街道", required=False, widget=forms.CheckboxSelectMultiple, help_text="都不选为不限。"
    )
    sponsor = forms.ChoiceField(
        label="办学性质", choices=[("", "不限"), ("public", "公办"), ("private", "民办")], required=False
    )
    strata = forms.ChoiceField(
        label="按什么分层", required=False,
        choices=[("", "不分层"), ("kind", "类别"), ("stages", "学段"), ("town", "乡镇街道"), ("sponsor", "办学性质")],
    )  # fmt: skip

    def __init__(self, *args: Any, towns: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "towns", towns)


class TableForm(_Based):
    """Lines from a table."""

    table = forms.FileField(
        label="表格", widget=forms.FileInput(attrs=_TABLE),
        help_text="表头：代码、名称、层、规模；层和规模可以不填。只放单位、班级，不放学生和教师的姓名：名单会公布。",
        error_messages={"required": "请选择文件。", "empty": "这是空文件，请重新选择。"},
    )  # fmt: skip


class SizesForm(_Based):
    """Sizes for the list as it stands: from a table, or from what the units reported."""

    cell = forms.ChoiceField(
        label="从填报数据取", required=False, help_text="取各单位锁定或正在填报的这一项；没有数的会列出来。"
    )
    table = forms.FileField(
        label="或从表格取", required=False, widget=forms.FileInput(attrs=_TABLE), help_text="表头：代码、规模。"
    )

    def __init__(self, *args: Any, cells: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "cell", [("", "—"), *cells])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("cell")) == bool(data.get("table")) and not self.errors:
            raise forms.ValidationError("请选一种：从填报数据取，或上传表格。")
        return data


class TakeForm(_Based):
    """How many; of each stratum where the method asks for it."""

    take = forms.IntegerField(label="抽几个", min_value=1)

    def __init__(self, *args: Any, strata: Mapping[str, int] | None, total: int, **more: Any) -> None:
        super().__init__(*args, **more)
        self.names = list(strata or ())
        if strata is None:
            self.fields["take"].help_text = f"名单上有 {total} 个。"
            return
        del self.fields["take"]
        for at, (name, held) in enumerate(strata.items()):
            self.fields[f"take_{at}"] = forms.IntegerField(
                label=name or "（没有写层的）", min_value=0, max_value=held, help_text=f"这一层有 {held} 个。"
            )

    def taken(self) -> int | dict[str, int]:
        """What was typed, as the service takes it."""
        if not self.names:
            return int(self.cleaned_data["take"])
        return {name: int(self.cleaned_data[f"take_{at}"]) for at, name in enumerate(self.names)}


class EnlargeForm(TakeForm):
    """More of the same draw."""

    reason = forms.CharField(label="为什么扩大", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))


class PeopleForm(_Based):
    """Inspectors that are drawn too."""

    each = forms.IntegerField(label="每校去几人", min_value=1, max_value=20, initial=3)
    most = forms.IntegerField(label="每人最多去几校", min_value=1, max_value=100, initial=2)
    shows_names = forms.BooleanField(
        label="名单和结果写督学姓名", required=False,
        help_text="不勾的只写编号和封签。勾了，公开的核验包里就有姓名，也看得出谁要回避哪所学校（不写原因）。",
    )  # fmt: skip
    people = forms.MultipleChoiceField(
        label="参加抽取的督学", required=False, widget=forms.CheckboxSelectMultiple, help_text="都不选的，只抽单位。"
    )

    def __init__(self, *args: Any, people: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "people", people)


class EventForm(_Based):
    """The public event that gives the seed."""

    event = forms.CharField(
        label="公开事件和取哪个数", max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="谁都查得到、谁也左右不了的，例如：中国福利彩票双色球第2024042期开奖号码，红球由小到大再加蓝球，连写。",
    )  # fmt: skip
    event_on = forms.DateField(label="事件日期", widget=DAY, help_text="名单要在这一天以前冻结。")


class CommitForm(_Based):
    """What parties put aside."""

    put_on = forms.DateField(label="封存日期", widget=DAY)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for at in range(1, PARTIES + 1):
            needed = at <= 2
            self.fields[f"who_{at}"] = forms.CharField(
                label=f"第 {at} 方", max_length=60, required=needed, help_text="" if needed else "只有两方的不填。"
            )
            self.fields[f"sha256_{at}"] = forms.CharField(
                label=f"第 {at} 方的摘要（SHA-256）", max_length=80, required=needed
            )

    def put(self) -> Sequence[tuple[str, str]]:
        """Pairs of who and digest."""
        said = [(self.cleaned_data[f"who_{at}"], self.cleaned_data[f"sha256_{at}"]) for at in range(1, PARTIES + 1)]
        return [one for one in said if any(one)]


class FreezeForm(_Based):
    """Freezing, said twice."""

    sure = forms.BooleanField(label="我已核对名单、数量、督学和种子来源，冻结以后不能再改")


class SeedForm(_Based):
    """The seed that the event gave."""

    seed = forms.CharField(label="种子", max_length=200, help_text="照公布的抄写；全角半角、空格不影响。")
    seed_from = forms.CharField(
        label="在哪里查得到", max_length=400, help_text="网址、公告编号或报纸版面，让别人也能核对。"
    )
    on = forms.DateField(label="公布日期", widget=DAY)


class RevealForm(_Based):
    """The number that one party put aside."""

    secret = forms.CharField(label="公开的数", max_length=200, help_text="照封存时的抄写；全角半角、空格不影响。")
    on = forms.DateField(label="公开日期", widget=DAY)


class RunForm(_Based):
    """Drawing."""

    witnesses = forms.CharField(
        label="监督人员", max_length=200, required=False, help_text="在场监督的人，印在抽签记录上；不对外公开。"
    )


class VoidForm(_Based):
    """Voiding."""

    reason = forms.CharField(label="作废的原因", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))


class AdoptForm(_Based):
    """Inspections for the drawn units."""

    kind = forms.ChoiceField(label="类别", choices=Inspection.Kind.choices)
    title = forms.CharField(label="督导名称", max_length=100)
    matters = forms.CharField(
        label="督导事项", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), help_text="一行一项。"
    )
    begin_on = forms.DateField(label="进驻日期", widget=DAY)
    end_on = forms.DateField(label="结束日期", widget=DAY)
    leaves_out = forms.BooleanField(
        label="进驻那天应当回避的不列入小组",
        required=False,
        help_text="冻结以后新登记了回避的，可以这样处理，缺的人另行补派。",
    )


class CheckForm(forms.Form):
    """A bundle or a list to be checked."""

    file = forms.FileField(
        label="核验包或名单", widget=forms.FileInput(attrs={"accept": ".zip,.json"}),
        help_text="下载的核验包（.zip）、其中的 draw.json，或名单 frozen.json。",
        error_messages={"required": "请选择文件。", "empty": "这是空文件，请重新选择。"},
    )  # fmt: skip
    draw = forms.ChoiceField(label="和哪一次抽取核对", required=False, help_text="不选的按摘要自动找。")

    def __init__(self, *args: Any, draws: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "draw", [("", "自动"), *draws])


#: Filters of the list.
STATES = Draw.State.choices
