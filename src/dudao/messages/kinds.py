"""The kinds of messages. Each app declares its own when it is made ready; a setting per county hangs on the code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """What messages of one kind are called, for people."""

    code: str
    label: str


KINDS: dict[str, Kind] = {}


def declare(code: str, label: str) -> None:
    """Make a kind known. Called once, from the ``ready()`` of the app that prepares such messages."""
    KINDS[code] = Kind(code, label)


def label_of(code: str) -> str:
    return KINDS[code].label if code in KINDS else code
