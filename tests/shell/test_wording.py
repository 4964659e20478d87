"""What a form says when something is missing, too long or gone, in words of the house."""

from datetime import date

import pytest
from django import forms
from django.core.validators import MinValueValidator

from dudao.accounts.forms import PersonForm


class Paper(forms.Form):
    title = forms.CharField(max_length=4)
    kind = forms.ChoiceField(choices=[("a", "甲")])
    units = forms.MultipleChoiceField(choices=[("a", "甲")])
    day = forms.DateField()
    count = forms.IntegerField(min_value=1)
    read = forms.BooleanField()
    own = forms.CharField(error_messages={"required": "自己的话。"})
    proof = forms.FileField()
    mail = forms.EmailField(required=False)
    part = forms.DecimalField(required=False)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, {"title": "请填写。", "kind": "请选择。", "units": "请选择。", "day": "请填写。", "count": "请填写。",
              "read": "请打勾。", "own": "自己的话。", "proof": "请选择文件。"}),
        ({"title": "一二三四五"}, {"title": "最多 4 个字，现在 5 个。"}),
        ({"kind": "019b-gone", "units": ["019b-gone"]},
         {"kind": "这一项现在不能选，请重新选择。", "units": "有一项现在不能选，请重新选择。"}),
        ({"day": "昨天"}, {"day": "请填写日期，如 2024-04-10。"}),
        ({"count": "0"}, {"count": "不能小于 1。"}),
        ({"count": "一"}, {"count": "请填写整数。"}),
        ({"part": "一半"}, {"part": "请填写数字。"}),
        ({"mail": "我"}, {"mail": "邮箱地址不完整，如 name@example.cn。"}),
    ],
)  # fmt: skip
def test_a_field_says_in_plain_words_what_it_wants(typed: dict[str, object], said: dict[str, str]) -> None:
    errors = Paper(typed).errors
    assert {name: " ".join(errors[name]) for name in said} == said


def test_forms_of_the_house_speak_so_too_and_a_message_of_ones_own_goes_first() -> None:
    assert PersonForm({"name": ""}).errors["name"] == ["请填写。"]
    with pytest.raises(forms.ValidationError, match="不能小于 3"):
        MinValueValidator(3)(2)
    with pytest.raises(forms.ValidationError, match="自己的"):
        MinValueValidator(date.max, "自己的")(date.min)
