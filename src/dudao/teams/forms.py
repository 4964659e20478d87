"""Forms of plans. They check what was typed; rules of the work are the services'."""

from typing import Any

from django import forms

from dudao.inspectors.models import Inspector
from dudao.shell.forms import DAY, Choices, choose


class DutiesForm(forms.Form):
    """A plan of who is responsible for which schools."""

    title = forms.CharField(label="名称", max_length=80, help_text="如：2024年秋季学期责任督学分工。")
    starts_on = forms.DateField(label="从哪天起", widget=DAY, help_text="按这一天的任期、督学证、回避和责任区安排。")
    most = forms.IntegerField(
        label="每人最多负责几所",
        min_value=1,
        max_value=60,
        help_text="硬上限。一般每人约5所（教督〔2019〕3号），超过的在得分里扣。",
    )
    only_gaps = forms.BooleanField(
        label="只补缺口", required=False, help_text="现任责任督学符合规则的不动，只给没有责任督学的学校安排。"
    )


class TeamsForm(forms.Form):
    """A plan of who goes on which inspections."""

    title = forms.CharField(label="名称", max_length=80, help_text="如：4月下旬专项督导组队。")
    inspections = forms.MultipleChoiceField(
        label="督导检查",
        widget=forms.CheckboxSelectMultiple,
        help_text="还没有开始的都在这里；现有小组在采用后由方案代替。",
    )
    size = forms.IntegerField(label="每组几名督学", min_value=1, max_value=20)
    most = forms.IntegerField(label="每人最多参加几项", min_value=1, max_value=60)
    lines = forms.MultipleChoiceField(
        label="每组要有的专长", choices=Inspector.Line.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="被督导单位的学段自动算在内。",
    )  # fmt: skip

    def __init__(self, *args: Any, inspections: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "inspections", inspections)


class SchoolForm(forms.Form):
    """Another inspector for one school, by hand."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    person = forms.ChoiceField(label="责任督学", required=False)

    def __init__(self, *args: Any, people: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "person", [("", "换掉现在的，由系统另选"), *people])


class TeamForm(forms.Form):
    """Another team for one inspection, by hand."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    people = forms.MultipleChoiceField(
        label="组员", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="新勾上的一定留下，去掉的不再安排；不够的由系统补齐。",
    )  # fmt: skip
    lead = forms.ChoiceField(label="组长", required=False)

    def __init__(self, *args: Any, people: Choices, leads: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "people", people)
        choose(self, "lead", [("", "由系统确定"), *leads])


class AdoptForm(forms.Form):
    """Put a plan into force."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    document = forms.CharField(label="文号或依据", max_length=120, required=False)


class DropForm(forms.Form):
    """Put a plan away."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
