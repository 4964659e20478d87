"""What people fill in about messages."""

from typing import Any

from django import forms

from dudao.messages.models import Contact


class VersionForm(forms.Form):
    """The version of the message that the reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ChangeForm(VersionForm):
    title = forms.CharField(label="标题", max_length=200)
    text = forms.CharField(label="正文", widget=forms.Textarea(attrs={"rows": 10}), max_length=4000)
    own_text = forms.CharField(
        label="单位看到的话",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="站内、邮件、短信里的话，不写别的单位；留空则用上面的正文。",
    )
    bot_text = forms.CharField(
        label="群消息",
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="发到企业微信、钉钉、飞书群里的话，只写数目和单位名称。",
    )


class SendForm(VersionForm):
    """Through which channels, beside the inbox."""

    channels = forms.MultipleChoiceField(label="同时发到", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, channels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channels"].choices = channels  # type: ignore[attr-defined]


class DropForm(VersionForm):
    reason = forms.CharField(label="不发的原因", max_length=200)


class KindForm(forms.Form):
    """How messages of one kind go out."""

    is_automatic = forms.BooleanField(label="备好后自动发送", required=False)
    channels = forms.MultipleChoiceField(label="同时发到", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, channels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channels"].choices = channels  # type: ignore[attr-defined]


class BotForm(forms.Form):
    name = forms.CharField(label="群名", max_length=60)
    url = forms.CharField(
        label="机器人地址",
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="从群设置的机器人页复制，以 https:// 开头。保存后不再显示。钉钉机器人要加签的，在地址后面接上 &secret=SEC…。",
    )


class ContactForm(forms.Form):
    """A unit's address; left empty it is taken away."""

    unit = forms.ChoiceField(label="单位")
    kind = forms.ChoiceField(label="方式", choices=Contact.Kind.choices)
    address = forms.CharField(label="地址或号码", max_length=200, required=False, help_text="留空即删去。")

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = units  # type: ignore[attr-defined]
