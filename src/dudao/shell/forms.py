"""How forms look, and the pieces that the forms of all apps are made of."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

from dudao.shell.keys import uuid7

#: The control of a day; a form takes its own copy of it.
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
#: Values and their words, or groups of them.
Choices = Sequence[tuple[str, Any]]


class Renderer(TemplatesSetting):
    """Fields in the markup of the house: label, control, hint, error beside it."""

    field_template_name = "components/field.html"


class KeyField(forms.UUIDField):
    """Of the new row, made with the page: what is sent twice is written once. Never a change by itself."""

    def __init__(self) -> None:
        super().__init__(required=False, initial=uuid7, widget=forms.HiddenInput)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


def choose(form: forms.BaseForm, name: str, choices: Choices) -> None:
    """Give a field of choices its choices."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)
