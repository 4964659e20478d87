"""The standards and forms of ``library`` and the frozen texts of campaigns, each read once."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from django.conf import settings

from dudao.shell.errors import Refused
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import forms as engine
from dudao_engines.standards import schema
from dudao_engines.standards.forms import Form
from dudao_engines.standards.schema import Standard

FOLDER = settings.LIBRARY / "forms"
#: A code of an indicator inside a note.
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{1,2}(?![A-Za-z0-9])")


@cache
def standards() -> Mapping[str, Standard]:
    """The house's standards by id."""
    return schema.load(settings.LIBRARY / "standards")


@cache
def forms() -> Mapping[str, Form]:
    """The house's forms by id."""
    return engine.load(FOLDER)


@cache
def _items() -> Mapping[str, str]:
    """What the standards call their indicators, by the codes that notes of forms use."""
    return {one.id: one.name for standard in standards().values() for one in standard.indicators}


def by_name(note: str) -> str:
    """A note with indicators called by name: “用于 R5” is “用于“生均体育运动场馆面积””."""
    return _CODE.sub(lambda code: f"“{_items()[code[0]]}”" if code[0] in _items() else code[0], note).replace(
        "用于 “", "用于“"
    )


def text_of(form: str) -> str:
    """A form of the house as it stands in its file."""
    return (FOLDER / f"{form}.yaml").read_text("utf-8")


@lru_cache(maxsize=64)
def read(text: str) -> Form:
    """A form from a text that was accepted before; the same text is read once."""
    return engine.loads(text, name="表", beside=tuple(forms().values()))


def checked(text: str, *, form: str) -> Form:
    """A form from a text that somebody edited.

    Raises:
        Refused: ``returns.form``: the line and the mistake.
    """
    try:
        found = engine.loads(text, name="表", beside=tuple(forms().values()))
    except EngineInputError as error:
        raise Refused(error.message, code="returns.form", field="text") from None
    if found.id != form:
        raise Refused(f"id 应当仍是 {form}，不能改成 {found.id}。", code="returns.form", field="text")
    return found
