"""What is published of a draw: one JSON file that anybody can check, and the checker itself."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from dudao_engines.draws.drawing import Result
from dudao_engines.draws.frozen import Frozen


def published(frozen: Frozen, seeds: Sequence[str], result: Result, *, on: date) -> Mapping[str, Any]:
    """The whole draw as plain JSON, as ``verify.py`` reads it.

    Args:
        seeds: as they were given.
        on: the day of drawing.
    """
    return {
        "frozen": frozen.content, "sha256": frozen.sha256, "sm3": frozen.sm3, "seeds": list(seeds),
        "drawn_on": on.isoformat(), "tickets": list(result.tickets), "drawn": list(result.drawn),
        "teams": {unit: list(team) for unit, team in result.teams.items()},
    }  # fmt: skip


def verifier() -> bytes:
    """The stand-alone checker: one file for Python's standard library, to be offered beside each draw."""
    return (Path(__file__).parent / "verify.py").read_bytes()
