"""The forms of ``library/forms`` and the frozen texts of campaigns, each read once."""

from collections.abc import Mapping
from functools import cache, lru_cache

from django.conf import settings

from dudao.shell.errors import Refused
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import forms as engine
from dudao_engines.standards.forms import Form

FOLDER = settings.LIBRARY / "forms"


@cache
def forms() -> Mapping[str, Form]:
    """The house's forms by id."""
    return engine.load(FOLDER)


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
