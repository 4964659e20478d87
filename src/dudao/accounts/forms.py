"""Forms of people and accounts. What a service refuses is shown at the field it belongs to."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from dudao.accounts.models import Person
from dudao.accounts.posts import posts, purposes
from dudao.places import queries as places
from dudao.places.models import Unit
from dudao.shell.acts import Actor
from dudao.shell.forms import DAY

Choices = list[tuple[str, str]]


def _units(actor: Actor, day: date) -> Choices:
    return [("", "请选择"), *((str(v.unit_id), v.name) for v in places.units_visible_to(actor, as_of=day))]


def _people(actor: Actor) -> Choices:
    people = Person.objects.filter(county=actor.county).order_by("sort_key", "pk")
    return [("", "请选择"), *((str(key), name) for key, name in people.values_list("pk", "name"))]


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DAY, **more)


def _choice(label: str, choices: Choices, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, **more)


class SignInForm(forms.Form):
    username = forms.CharField(
        label="账号",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="首次使用：填纸条上的一次性码。",
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="动态口令",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        help_text="手机上的 6 位数字；手机不在身边，填一个备用码。",
    )


class PasswordForm(forms.Form):
    old = forms.CharField(
        label="原密码",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label="新密码",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少 10 位，不用常见密码，不能全是数字。一句话最好记。",
    )
    again = forms.CharField(
        label="再填一次",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if first:
            del self.fields["old"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", "两次填的不一样。")
        return data


class PersonForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=64)
    phone = forms.CharField(label="电话", max_length=20, required=False)
    id_number = forms.CharField(
        label="身份证件号",
        max_length=30,
        required=False,
        help_text="加密保存，页面上只显首三位和末两位。不填则不改。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class AppointForm(forms.Form):
    start_on = _day("自")
    end_on = _day("至", required=False, help_text="不填为未定。")

    def __init__(self, *args: Any, actor: Actor, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        admin = actor.can("grants.manage")
        offered = [("", "请选择"), *((code, post.name) for code, post in posts().items() if post.admin == admin)]
        fields = {"post": _choice("岗位", offered), "unit": _choice("单位", _units(actor, day))}
        self.fields = {**fields, **self.fields}

    def clean_unit(self) -> Unit:
        return Unit.objects.get(pk=self.cleaned_data["unit"])


class EndForm(forms.Form):
    last_day = _day("最后一天", help_text="次日起不再以这个身份办理，也看不到相关内容。")
    reason = forms.CharField(label="原因或依据", max_length=200)


class HandOverForm(forms.Form):
    on = _day("自哪天起接任", help_text="前任自这一天起看不到本单位的内容。")
    reason = forms.CharField(label="依据", max_length=200, help_text="例如任免通知的文号。")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"to": _choice("接任的人", _people(actor)), **self.fields}

    def clean_to(self) -> Person:
        return Person.objects.get(pk=self.cleaned_data["to"])


class LendForm(forms.Form):
    start_on = _day("自")
    end_on = _day("至")
    reason = forms.CharField(label="事由", max_length=200)

    def __init__(self, *args: Any, stand_ins: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(str(one.pk), one.name) for one in stand_ins]
        self.fields = {"to": _choice("委托给", [("", "请选择"), *offered]), **self.fields}

    def clean_to(self) -> Person:
        return Person.objects.get(pk=self.cleaned_data["to"])


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200)


class GrantForm(forms.Form):
    """A whole unit to one person; grants on single things are made where the thing is handed on."""

    start_on = _day("自")
    end_on = _day("至")
    reason = forms.CharField(label="依据", max_length=200)

    def __init__(self, *args: Any, actor: Actor, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = {
            "to_person": _choice("授权给", _people(actor)),
            "unit": _choice("可看的单位", _units(actor, day)),
            "purpose": _choice(
                "用途",
                [("", "请选择"), *((code, one.name) for code, one in purposes().items())],
                help_text="".join(f"{one.name}：{one.allows}。" for one in purposes().values()),
            ),
        }
        self.fields = {**fields, **self.fields}

    def clean_to_person(self) -> Person:
        return Person.objects.get(pk=self.cleaned_data["to_person"])


class OpenAccountsForm(forms.Form):
    """Which people without an account get one."""

    people = forms.MultipleChoiceField(
        label="人员",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "所选人员里有刚开通的账号。纸条只显示一次；没有打印好的，到本人页面办“重置密码”。"
        },
    )

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(person.pk): person for person in people}
        self.fields["people"].choices = [(key, person.name) for key, person in self.known.items()]  # type: ignore[attr-defined]

    def clean_people(self) -> list[Person]:
        return [self.known[key] for key in self.cleaned_data["people"]]
