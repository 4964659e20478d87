"""Django's own words about a field, in ours: its translation speaks of 字段 and 选项 to people who fill in a form.

A form's or field's own ``error_messages`` still go first.
"""

from django import forms
from django.core import validators

_WORDS: dict[type[forms.Field], dict[str, str]] = {
    forms.Field: {"required": "请填写。"},
    forms.BooleanField: {"required": "请打勾。"},
    forms.ChoiceField: {"required": "请选择。", "invalid_choice": "这一项现在不能选，请重新选择。"},
    forms.MultipleChoiceField: {"required": "请选择。", "invalid_choice": "有一项现在不能选，请重新选择。"},
    forms.ModelChoiceField: {"required": "请选择。", "invalid_choice": "这一项现在不能选，请重新选择。"},
    forms.DateField: {"invalid": "请填写日期，如 2024-04-10。"},
    forms.DateTimeField: {"invalid": "请填写日期和时间，如 2024-04-10 14:30。"},
    forms.IntegerField: {"invalid": "请填写整数。"},
    forms.DecimalField: {"invalid": "请填写数字。"},
    forms.UUIDField: {"invalid": "地址或编号不完整，请从页面上重新打开。"},
    forms.FileField: {"required": "请选择文件。", "empty": "这是空文件，请重新选择。"},
}

_LIMITS: dict[type[validators.BaseValidator], str] = {
    validators.MaxLengthValidator: "最多 %(limit_value)s 个字，现在 %(show_value)s 个。",
    validators.MinLengthValidator: "至少 %(limit_value)s 个字，现在 %(show_value)s 个。",
    validators.MaxValueValidator: "不能大于 %(limit_value)s。",
    validators.MinValueValidator: "不能小于 %(limit_value)s。",
}


def speak_plainly() -> None:
    """Put our words in the place of Django's, once, when the apps are ready."""
    for field, words in _WORDS.items():
        # ``default_error_messages`` is looked up class by class; one that a class only inherits must not be changed.
        field.default_error_messages = {**vars(field).get("default_error_messages", {}), **words}
    for validator, message in _LIMITS.items():
        validator.message = message
    validators.EmailValidator.message = "邮箱地址不完整，如 name@example.cn。"
    validators.URLValidator.message = "网址不完整，请从 https:// 开始填。"
    validators.ProhibitNullCharactersValidator.message = "有看不见的字符，请删掉重填。"
