"""Writing draws; other apps use these names only."""

from dudao.draws.packing import bundle
from dudao.draws.services.drawing import adopt, enlarge, open_draw, reveal, run, say_seed, shown, void
from dudao.draws.services.preparing import (
    change,
    commit,
    dry,
    freeze_draw,
    name_event,
    prepare,
    set_lines,
    set_people,
    set_take,
)

__all__ = [
    "adopt",
    "bundle",
    "change",
    "commit",
    "dry",
    "enlarge",
    "freeze_draw",
    "name_event",
    "open_draw",
    "prepare",
    "reveal",
    "run",
    "say_seed",
    "set_lines",
    "set_people",
    "set_take",
    "shown",
    "void",
]
