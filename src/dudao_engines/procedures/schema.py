"""The strict schema of ``library/procedures/*.yaml`` and its loader.

A procedure has one or two tracks that run side by side; each track has states. An act leads from states of its track to
a state of it (or stays), asks for what the person must bring, for conditions, and for people. It starts and stops
limits and tells matters that stand together with this one. Limits carry where they come from and how sure we are.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dudao_engines.kernel import datafiles
from dudao_engines.kernel.errors import EngineInputError

Evidence = Literal["LAW", "NAT2", "NAT1", "SEED", "LOCAL", "RECALL", "DESIGN"]
#: What may be shown without 未核实 (domain rule 2: below NAT1 is a default that a county may change).
SURE = frozenset({"LAW", "NAT2", "NAT1"})
Role = Literal["office", "inspector", "leader", "unit", "department", "upper"]
ROLES: Mapping[str, str] = {
    "office": "督导室",
    "inspector": "督学",
    "leader": "督委会主任、副主任或分管领导",
    "unit": "被督导单位",
    "department": "主管部门",
    "upper": "上一级督导机构",
}
Bring = Literal["evidence", "words", "due", "received"]
Unit = Literal["日", "工作日", "月", "年", "名", "次"]
_Id = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,30}$")]
_LimitId = Annotated[str, Field(pattern=r"^L_[A-Z_]{2,40}$")]
_Words = Annotated[str, Field(min_length=1, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class State(_Strict):
    """A state of a track. ``rest``: nothing has to follow; ``final`` states are at rest and nobody waits for them."""

    id: _Id
    name: _Words
    track: _Id = "main"
    final: bool = False
    rest: bool = False
    note: str = ""


class Choice(_Strict):
    """A ground for which a matter is begun, or a kind of matter."""

    id: _Id
    name: _Words
    clause: str = ""
    evidence: Evidence = "DESIGN"
    kinds: tuple[_Id, ...] = ()


class Limit(_Strict):
    """A span of time of the rules. ``amount`` empty: set case by case, or not said by any rule."""

    id: _LimitId
    name: _Words
    amount: int | None = None
    unit: Unit = "日"
    start: _Words
    op: Literal["max", "min", "at", "window"] = "max"
    case_by_case: bool = False
    enabled: bool = True
    clause: str = ""
    evidence: Evidence
    note: str = ""
    alternatives: tuple[str, ...] = ()
    checked_on: date | None = None

    @property
    def is_sure(self) -> bool:
        return self.checked_on is not None or self.evidence in SURE


class Need(_Strict):
    """One condition on where the matter stands; exactly one of its fields is set, ``says`` apart.

    done: one of these acts was taken in this round. lapsed: this limit has passed. open: this limit runs and has not
    passed. other_than: the person took none of these acts in this round. mark: the matter has one of these grounds or
    marks. state: one of its tracks is in one of these states. each, some: the matters of this kind that stand together
    with it all (at least one) meet ``meets``. any: one of these is met. ``when``: asked only of a matter with this mark.
    """

    done: tuple[_Id, ...] = ()
    lapsed: _LimitId | None = None
    open: _LimitId | None = None
    other_than: tuple[_Id, ...] = ()
    mark: tuple[_Id, ...] = ()
    state: tuple[_Id, ...] = ()
    each: _Id | None = None
    some: _Id | None = None
    meets: tuple["Need", ...] = ()
    any: tuple["Need", ...] = ()
    when: str = ""
    says: str = ""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        fields = ("done", "lapsed", "open", "other_than", "mark", "state", "each", "some", "any")
        chosen = [name for name in fields if getattr(self, name)]
        if len(chosen) != 1:
            raise ValueError(f"a condition says one thing, this one says {chosen or 'nothing'}")
        if self.meets and not (self.each or self.some):
            raise ValueError("meets goes with each or some")
        return self

    def within(self) -> Iterator["Need"]:
        """This condition and those inside it that speak of the same matter."""
        yield self
        for inner in self.any:
            yield from inner.within()


class Tell(_Strict):
    """An act that matters of another procedure take because of this one, where their own state allows it."""

    to: _Id
    act: _Id


class Act(_Strict):
    """Something that can be done. ``from`` empty: it begins a matter. ``to`` empty: the state stays.

    ``history``: it begins a matter where a ledger from before says it ended; what came between is told, not proved, so
    that the laws on how a matter comes to its end do not speak of it.
    """

    id: _Id
    name: _Words
    track: _Id = "main"
    kinds: tuple[_Id, ...] = ()
    source: tuple[_Id, ...] = Field((), alias="from")
    to: _Id | None = None
    who: tuple[Role, ...] = ()
    told: bool = False
    brings: tuple[Bring, ...] = ()
    words: str = ""
    ticks: tuple[_Words, ...] = ()
    paper: str = ""
    record: str = ""
    needs: tuple[Need, ...] = ()
    starts: tuple[_LimitId, ...] = ()
    stops: tuple[_LimitId, ...] = ()
    tells: tuple[Tell, ...] = ()
    round: Literal["", "new"] = ""
    relapse: bool = False
    history: bool = False
    mechanism: str = ""
    clause: str = ""
    evidence: Evidence = "DESIGN"
    note: str = ""

    @property
    def begins(self) -> bool:
        return not self.source


class Procedure(_Strict):
    """One machine: its states, limits and acts."""

    id: _Id
    name: _Words
    version: int
    scope: str = ""
    tracks: Mapping[_Id, _Words] = {"main": "办理"}
    kinds: tuple[Choice, ...] = ()
    grounds: tuple[Choice, ...] = ()
    states: tuple[State, ...]
    limits: tuple[Limit, ...] = ()
    acts: tuple[Act, ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for what, ids in (
            ("state", [s.id for s in self.states]),
            ("limit", [x.id for x in self.limits]),
            ("act", [a.id for a in self.acts]),
            ("kind", [k.id for k in self.kinds]),
            ("ground", [g.id for g in self.grounds]),
        ):
            if doubled := sorted({i for i in ids if ids.count(i) > 1}):
                raise ValueError(f"{what} given twice: {doubled}")
        known = {s.id: s for s in self.states}
        kinds, limits, acts = {k.id for k in self.kinds}, {x.id for x in self.limits}, {a.id for a in self.acts}
        for state in self.states:
            if state.track not in self.tracks:
                raise ValueError(f"state {state.id}: no track {state.track}")
        for ground in self.grounds:
            if unknown := set(ground.kinds) - kinds:
                raise ValueError(f"ground {ground.id}: no kinds {sorted(unknown)}")
        for act in self.acts:
            self._check(act, known, kinds, limits, acts)
        for track in self.tracks:
            if not any(s.track == track for s in self.states):
                raise ValueError(f"track {track} has no state")
        return self

    @staticmethod
    def _check(act: Act, known: Mapping[str, State], kinds: set[str], limits: set[str], acts: set[str]) -> None:
        named = [*act.source, *([act.to] if act.to else [])]
        if unknown := [s for s in named if s not in known]:
            raise ValueError(f"act {act.id}: no states {unknown}")
        if strays := [s for s in named if known[s].track != act.track]:
            raise ValueError(f"act {act.id}: {strays} are not of track {act.track}")
        if unknown := sorted(set(act.kinds) - kinds):
            raise ValueError(f"act {act.id}: no kinds {unknown}")
        if act.history and not act.begins:
            raise ValueError(f"act {act.id}: only what begins a matter can be history")
        if act.begins and not act.to:
            raise ValueError(f"act {act.id} begins a matter and must say in which state")
        if not act.who and not act.told:
            raise ValueError(f"act {act.id}: nobody may do it")
        said = {*act.starts, *act.stops}
        for need in act.needs:
            for inner in need.within():
                said |= {x for x in (inner.lapsed, inner.open) if x}
                if unknown := sorted({*inner.done, *inner.other_than} - acts):
                    raise ValueError(f"act {act.id}: no acts {unknown}")
                if unknown := sorted(set(inner.state) - set(known)):
                    raise ValueError(f"act {act.id}: no states {unknown}")
        if unknown := sorted(said - limits):
            raise ValueError(f"act {act.id}: no limits {unknown}")

    def state(self, code: str) -> State:
        return next(s for s in self.states if s.id == code)

    def act(self, code: str) -> Act:
        """The act of a code. Raises: ``KeyError``."""
        for act in self.acts:
            if act.id == code:
                return act
        raise KeyError(code)

    def limit(self, code: str) -> Limit:
        return next(x for x in self.limits if x.id == code)

    def first(self, track: str) -> str:
        """The first state of a track, in which it stands when nothing was done there."""
        return next(s.id for s in self.states if s.track == track)


def read(text: str, *, name: str = "procedure") -> Procedure:
    """A procedure from the words of its file.

    Raises:
        EngineInputError: as ``kernel.datafiles.loads``, with the line of every mistake.
    """
    return datafiles.loads(text, Procedure, name=name)


def load(folder: Path) -> dict[str, Procedure]:
    """All procedures of a folder by id; what they tell one another is checked.

    Raises:
        EngineInputError: as ``read``; ``procedures.file`` where files do not fit together.
    """
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        procedure = read(path.read_text("utf-8"), name=path.name)
        found[procedure.id] = procedure
    for procedure in found.values():
        for act in procedure.acts:
            for tell in act.tells:
                if tell.to not in found or not any(a.id == tell.act and a.told for a in found[tell.to].acts):
                    words = f"{procedure.id}: {act.id} tells {tell.to}.{tell.act}, which nobody can be told"
                    raise EngineInputError("procedures.file", words)
            for need in act.needs:
                _check_links(procedure.id, act.id, need, found)
    return found


def _check_links(procedure: str, act: str, need: Need, found: Mapping[str, Procedure]) -> None:
    for inner in need.within():
        to = inner.each or inner.some
        if not to:
            continue
        other = found.get(to)
        if other is None:
            raise EngineInputError("procedures.file", f"{procedure}: {act}: no procedure {to}")
        known = {s.id for s in other.states} | {a.id for a in other.acts} | {x.id for x in other.limits}
        for meets in inner.meets:
            for deep in meets.within():
                said = {*deep.done, *deep.state, *deep.other_than, *(x for x in (deep.lapsed, deep.open) if x)}
                if unknown := sorted(said - known):
                    raise EngineInputError("procedures.file", f"{procedure}: {act}: {to} has no {unknown}")
