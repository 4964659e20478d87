"""Every field of every model is classified for data protection, and what is sensitive is encrypted."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test.utils import isolate_apps

from dudao.upkeep import classes


def test_every_field_stands_in_exactly_one_class_and_secrets_are_encrypted():
    assert list(classes.faults()) == []


def test_the_table_in_the_reference_is_the_present_one():
    page = settings.ROOT / "docs" / "reference" / "data-classes.md"
    assert page.read_text("utf-8") == classes.table(), "run: dudao data classes --out docs/reference/data-classes.md"


@pytest.mark.parametrize(
    ("sets", "fault"),
    [
        ({}, "in no class"),
        ({"plain": {"id"}}, "shell.made.number: in no class"),
        ({"plain": {"id", "number"}, "personal": {"number"}}, "in ['plain', 'personal']"),
        ({"plain": {"id", "number", "gone"}}, "shell.made.gone: classified, but no such field"),
        ({"plain": {"id"}, "sensitive": {"number"}}, "sensitive but not encrypted"),
    ],
)
def test_a_field_that_nobody_thought_about_is_found(monkeypatch: Any, sets: dict[str, set[str]], fault: str):
    with isolate_apps("dudao.shell"):

        class Made(models.Model):
            number = models.CharField(max_length=3)

            class Meta:
                app_label = "shell"

    if sets:
        Made.Data = type("Data", (), sets)
    monkeypatch.setattr(apps, "get_models", lambda: [Made])
    assert any(fault in line for line in classes.faults())
