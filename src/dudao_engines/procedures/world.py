"""The model check: the four machines together, driven by everybody in every order, against the laws of the field.

The check drives the same functions that the application calls (``rules.refusals``, ``rules.after``, ``rules.takes_note``)
and watches with facts of its own (who wrote the report, whether the unit was heard), so a hole in a file or in the rules
shows as a law broken, with the shortest trail that leads there.

What is left out, and why nothing is lost by it:

- *Papers.* A paper only ever opens an act, and issuing it asks nothing of the matter. So issuing is done right before the act
  that needs it, and at each such act the check sees that it is refused without.
- *What was brought.* More brought never closes an act, so each act gets exactly what it asks for, and the laws look at that.
- *What nobody asks for.* Acts and limits that no condition names cannot change what is permitted: they are dropped from
  where a matter stands (``_Asked``). Acts that stand in the same conditions count as one, and for one of them only the
  union of its persons matters (``other_than`` asks for nothing else).
- *Time.* Every running limit may lapse at any moment, in any order: more than any calendar allows.
- *Persons.* Separation looks only at the matter's own acts. Worlds with persons have one or two matters and are walked to
  the end; in worlds of many matters (``persons=False``) one person per role stands for all and separation stops nobody, so
  that they hold every course the real ones hold, and more.
- *The two of the office.* Who is 甲 and who 乙 makes no difference to a matter, so of two standings that differ by that alone one
  is kept (``_swapped``); trails name them as they came.
- *Machines that do not touch* (``coupled``) take nothing from one another: accountability is walked to its end alone and
  beside a finding, and all together to the given depth.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count

from dudao_engines.procedures import rules
from dudao_engines.procedures.schema import ROLES, Act, Need, Procedure
from dudao_engines.procedures.situation import Offer, Situation, Taken

#: The laws: code, what it says, where it comes from.
LAWS: Mapping[str, tuple[str, str]] = {
    "way_out": ("每件事项从任何状态都能走到办结或可以放下的状态", "教育督导条例22条；设计4"),
    "papers": ("要用文书的动作，没有签发的文书不能办", "教育督导条例17、20、21条"),
    "own_unit": ("被督导单位的人不以督导室、督学、领导的身份办理本单位的事项", "教育督导条例10、26条"),
    "evidence": ("没有证据不算复查合格、不销号、不归档、不撤销", "教育督导条例22条2款"),
    "second_person": (
        "写整改方案、整改报告的人（含代录的人）不复查、不销号、不回头看；登记问题的人不撤销",
        "教育督导条例22条2款",
    ),
    "closing": ("只有复查合格的问题能销号，只有销号的问题能归档", "教育督导条例22条2款"),
    "open_inspection": ("还有没销号的问题，督导不归档", "教育督导条例22条"),
    "receipts": ("督导报告有政府收到和上级备案才公布", "教育督导条例23条"),
    "heard": (
        "单位有机会说话以前不定论：申辩、陈述申辩有答复或期满，督办单的报告栏开到期满",
        "教育督导条例20、25条；问责办法",
    ),
    "talk_record": ("约谈须有记录才办结", "2020意见 约谈"),
    "order_ground": ("督办单只来自逾期未报整改或复查不到位", "县2024要点第2项"),
    "reward_open": ("问题没有全部销号，不激励", "教育督导条例24条"),
    "pair": ("提出的人不批准：曝光、激励、问责决定、不予问责", "设计7"),
    "beside": ("措施和问责不代替整改，不结束问题", "设计4；教育督导条例22条"),
    "execution": ("复核、申诉不停止执行", "问责办法（学习问答19）"),
    "once": ("每个问责决定只有一次复核、一次申诉", "青岛规程（LOCAL）"),
    "remedy_open": ("复核、申诉还没有结果或还在期限内，不归档；归档后不再有复核、申诉", "问责办法"),
    "clocks": ("办结的事项没有还在走的期限", "设计5"),
    "possible": ("规则允许的做法走得通", "教育督导条例22—25条；设计4"),
}
_CLOSED = frozenset({"closed", "archived", "withdrawn"})
_CASE = ("opened", "investigating", "hearing", "approving", "decided", "executed", "archived", "not_opened")
_EVERY_ROLE = frozenset(ROLES)


@dataclass(frozen=True, slots=True)
class Slot:
    """A matter of the world: ``findings`` are the places of the findings it stands together with."""

    name: str
    procedure: str
    kind: str = ""
    marks: frozenset[str] = frozenset()
    findings: tuple[int, ...] = ()
    inspection: int | None = None


@dataclass(frozen=True, slots=True)
class Local:
    """Where one matter stands, and what the check itself remembers of it."""

    at: Situation
    facts: frozenset[str] = frozenset()

    @property
    def begun(self) -> bool:
        return bool(self.at.states)


@dataclass(frozen=True, slots=True)
class Hat:
    """Somebody in a role; ``plain``: one who surely is there (the way out must not lean on rare hats)."""

    words: str
    person: str
    roles: frozenset[str]
    of_unit: bool = False
    #: The role of the one it is written down for.
    recorded: str = ""
    plain: bool = True

    @property
    def who(self) -> frozenset[str]:
        return frozenset({self.person, self.recorded} - {""})

    def may_come(self, act: Act) -> bool:
        """Whether they may take the act, or write it down for one who may."""
        return (not self.recorded or self.recorded in act.who) and rules.may_take(act, self.offer(act))

    def offer(self, act: Act) -> Offer:
        """Exactly what the act asks for."""
        brings = frozenset(act.brings) | (frozenset({"evidence"}) if self.recorded else frozenset())
        return Offer(self.person, self.who - {self.person}, self.roles, self.of_unit, brings, frozenset(act.ticks))


@dataclass(frozen=True, slots=True)
class Move:
    """A step from one place: what was done in words, and the new standing of the places it changes."""

    words: str
    changes: tuple[tuple[int, int], ...]
    takes_time: bool = False
    plain: bool = True
    #: The matter that moves, and those in which 甲 and 乙 are called the other way round from here on.
    place: int = 0
    swaps: tuple[int, ...] = ()
    #: Leads nearer to rest, by the drawing alone.
    nearer: bool = False


@dataclass(frozen=True, slots=True)
class Breach:
    """A law that does not hold: the steps that lead there, in words."""

    law: str
    steps: tuple[str, ...]

    def __str__(self) -> str:
        words, clause = LAWS[self.law]
        steps = "\n".join(f"  {n}. {step}" for n, step in enumerate(self.steps, 1))
        return f"[{self.law}] {words}（{clause}）\n{steps}"


State = tuple[int, ...]
#: The moves from where one matter stands, and the laws broken there, each with the breaking step in words.
_Seen = tuple[tuple[Move, ...], tuple[tuple[str, tuple[Move, ...]], ...]]
_Came = dict[State, tuple[State, Move] | None]
_OTHER = str.maketrans("甲乙", "乙甲")
_NEVER = 1 << 30


@dataclass(frozen=True, slots=True)
class Plan:
    """A world to walk: its matters, whether persons are told apart, how deep (``None``: to the end).

    ``newcomer``: the unit's head may come back as one of the office.
    """

    name: str
    slots: tuple[Slot, ...]
    persons: bool = False
    newcomer: bool = False
    depth: int | None = None
    #: What must be reachable: words and a test on the local standings.
    possible: tuple[tuple[str, Callable[[tuple[Local, ...]], bool]], ...] = ()


@dataclass(slots=True)
class Walk:
    """What a walk saw."""

    breaches: list[Breach] = field(default_factory=list)
    states: int = 0
    moves: int = 0
    depth: int = 0


class _Asked:
    """What conditions anywhere ask of a procedure: only that is kept of where its matters stand.

    Of the persons who took an act only those are kept who may take one that asks for somebody else.
    """

    def __init__(self, procedures: Mapping[str, Procedure], procedure: Procedure, hats: Iterable["Hat"]) -> None:
        places: dict[str, set[tuple[int, str]]] = {}
        self.limits: set[str] = set()
        needs = [need for act in procedure.acts for need in act.needs]
        for other in procedures.values():
            for act in other.acts:
                for need in act.needs:
                    for inner in need.within():
                        if procedure.id in (inner.each, inner.some):
                            needs += inner.meets
        for number, need in enumerate(_all_within(needs)):
            self.limits |= {x for x in (need.lapsed, need.open) if x}
            for how, acts in (("done", need.done), ("other", need.other_than)):
                for code in acts:
                    places.setdefault(code, set()).add((number, how))
        groups: dict[frozenset[tuple[int, str]], str] = {}
        self.name = {code: groups.setdefault(frozenset(where), code) for code, where in places.items()}
        self.persons: dict[str, frozenset[str]] = {}
        for act in procedure.acts:
            people = frozenset(p for hat in hats if hat.may_come(act) for p in hat.who)
            for inner in _all_within(act.needs):
                for code in inner.other_than:
                    self.persons[code] = self.persons.get(code, frozenset()) | people

    def project(self, at: Situation, *, persons: bool, limits: bool) -> Situation:
        done: dict[str, frozenset[str]] = {}
        for taken in at.done:
            if taken.act in self.name:
                name = self.name[taken.act]
                kept = taken.persons & self.persons.get(taken.act, frozenset()) if persons else frozenset()
                done[name] = done.get(name, frozenset()) | kept
        return replace(
            at,
            done=frozenset(Taken(act, who) for act, who in done.items()),
            running=at.running if limits else at.running & self.limits,
            passed=at.passed & self.limits,
            papers=frozenset(),
            linked=(),
        )


def _all_within(needs: Iterable[Need]) -> Iterator[Need]:
    for need in needs:
        yield from need.within()


def coupled(procedures: Mapping[str, Procedure]) -> set[frozenset[str]]:
    """The pairs of procedures of which one asks for or tells the other."""
    pairs = set()
    for procedure in procedures.values():
        for act in procedure.acts:
            others = {tell.to for tell in act.tells}
            others |= {inner.each or inner.some or procedure.id for need in act.needs for inner in need.within()}
            pairs |= {frozenset({procedure.id, other}) for other in others - {procedure.id}}
    return pairs


def _hats(plan: Plan) -> list[Hat]:
    """Everybody who may come: two of the office (the smallest there is), of which each may also be inspector and leader;
    the unit's head, who in some worlds moves to the office; the others; and the office for those who do not sign in."""
    persons = plan.persons
    head = Hat("被督导单位", "unit", frozenset({"unit"}), of_unit=True)
    disguised = Hat("被督导单位的人（兼各种身份）", "unit", _EVERY_ROLE, of_unit=True)
    outside = [Hat(ROLES[role], role, frozenset({role})) for role in ("inspector", "leader", "department", "upper")]
    office = [Hat("督导室甲", "office-a", frozenset({"office"}))]
    if persons:
        office.append(Hat("督导室乙", "office-b", frozenset({"office"})))
    recorded = [
        replace(one, words=f"{one.words}（代录{other.words}）", recorded=other.person)
        for one in office
        for other in (head, *outside)
        if other.roles & rules.RECORDED
    ]
    if persons:
        office += [
            Hat(f"{one.words}（兼督学、领导）", one.person, frozenset({"office", "inspector", "leader"}), plain=False)
            for one in tuple(office)
        ]
    if plan.newcomer:
        office.append(Hat("原单位负责人（已调入督导室）", "unit", frozenset({"office", "inspector"}), plain=False))
    return [head, disguised, *outside, *office, *recorded]


class World:
    """Several matters and everybody who may act on them.

    Args:
        procedures: as loaded.
        plan: what to walk.
    """

    def __init__(self, procedures: Mapping[str, Procedure], plan: Plan) -> None:
        self.procedures, self.plan = procedures, plan
        self.slots = plan.slots
        self._hats = _hats(plan)
        self._asked = {p.id: _Asked(procedures, p, self._hats) for p in procedures.values()}
        self._ids: dict[Local, int] = {}
        self._locals: list[Local] = []
        self._who: dict[tuple[str, str], list[tuple[Hat, Offer]]] = {}
        self._seen: dict[tuple[int, ...], _Seen] = {}
        self._reads = [
            (i, *slot.findings, *([] if slot.inspection is None else [slot.inspection]))
            for i, slot in enumerate(self.slots)
        ]
        self._far = {p.id: _distances(p) for p in procedures.values()}
        self._left: dict[int, int] = {}
        self.start: State = tuple(
            self._id(Local(Situation(slot.procedure, slot.kind, marks=slot.marks))) for slot in self.slots
        )

    def locals(self, state: State) -> tuple[Local, ...]:
        return tuple(self._locals[number] for number in state)

    def walk(self, *, depth: int | None = None, until: str = "", patience: int = 200_000) -> Walk:
        """Walks breadth first, counting acts (what time does costs nothing), and looks for ways out.

        Args:
            depth: acts; ``None``: the plan's own.
            until: stop as soon as this law is seen to break.
            patience: states looked at for one way out in a world that is not walked to its end.
        """
        limit = self.plan.depth if depth is None else depth
        came: _Came = {self.start: None}
        at: dict[State, int] = {self.start: 0}
        queue: deque[State] = deque([self.start])
        order: list[State] = []
        found: dict[str, Breach] = {}
        wanted = dict(self.plan.possible)
        result = Walk()
        settled: set[State] = set()
        while queue:
            state = queue.popleft()
            if state in settled:
                continue
            settled.add(state)
            order.append(state)
            here = [self._at(i, state) for i in range(len(state))]
            for _, faults in here:
                for law, last in faults:
                    if law not in found:
                        found[law] = Breach(law, _trail(came, state, *last))
            if until in found:
                break
            if wanted:
                stands = self.locals(state)
                wanted = {words: test for words, test in wanted.items() if not test(stands)}
            steps = at[state]
            result.depth = max(result.depth, steps)
            for moves, _ in here:
                for move in moves:
                    cost = 0 if move.takes_time else 1
                    if limit is not None and steps + cost > limit:
                        continue
                    result.moves += 1
                    new = self._apply(state, move)
                    if at.get(new, _NEVER) > steps + cost:
                        at[new] = steps + cost
                        came[new] = (state, move)
                        (queue.append if cost else queue.appendleft)(new)
        result.states = len(order)
        if until not in found:
            stuck = self._stuck(order, patience if limit is not None else None)
            if stuck is not None:
                found["way_out"] = Breach("way_out", _trail(came, stuck))
            if wanted:
                found["possible"] = Breach("possible", tuple(f"走不到：{words}" for words in wanted))
        result.breaches = list(found.values())
        return result

    def moves(self, state: State) -> Iterator[Move]:
        for i in range(len(state)):
            yield from self._at(i, state)[0]

    def _at(self, i: int, state: State) -> _Seen:
        key = (i, *[state[j] for j in self._reads[i]])
        seen = self._seen.get(key)
        if seen is None:
            seen = self._seen[key] = self._look(i, state)
        return seen

    @staticmethod
    def _apply(state: State, move: Move) -> State:
        if len(move.changes) == 1:
            place, number = move.changes[0]
            return (*state[:place], number, *state[place + 1 :])
        new = list(state)
        for place, number in move.changes:
            new[place] = number
        return tuple(new)

    def _id(self, local: Local) -> int:
        if local not in self._ids:
            self._ids[local] = len(self._locals)
            self._locals.append(local)
        return self._ids[local]

    def _keep(self, at: Situation, facts: frozenset[str]) -> tuple[int, bool]:
        """The number of a standing, and whether it is kept with 甲 and 乙 changed for one another."""
        asked = self._asked[at.procedure]
        local = Local(asked.project(at, persons=self.plan.persons, limits=self.plan.persons), facts)
        if not self.plan.persons or local in self._ids:
            return self._id(local), False
        other = _swapped(local)
        return (self._id(other), True) if _rank(other) < _rank(local) else (self._id(local), False)

    # ---- one matter

    def _look(self, i: int, state: State) -> _Seen:
        """The moves of one matter, and the laws that it or one of its moves breaks (with the breaking step)."""
        slot, local = self.slots[i], self._locals[state[i]]
        procedure = self.procedures[slot.procedure]
        linked = [(j, self._locals[state[j]]) for j in slot.findings if self._locals[state[j]].begun]
        at = replace(local.at, linked=tuple(one.at for _, one in linked))
        moves: dict[tuple[tuple[int, int], ...], Move] = {}
        faults: dict[str, tuple[Move, ...]] = {}

        def note(move: Move) -> None:
            known = moves.get(move.changes)
            if known is None or (move.plain and not known.plain):
                moves[move.changes] = move

        executes = False
        acts = rules.open_acts(procedure, at) if local.begun else [a for a in procedure.acts if a.begins]
        for act in acts if local.begun or self._may_begin(slot, state) else ():
            issued = replace(at, papers=frozenset({act.paper})) if act.paper else at
            for hat, offer in self._takers(slot.procedure, act):
                if rules.refusals(procedure, act, issued, offer):
                    continue
                as_other = "" if hat.recorded or hat.roles & set(act.who) else "（代录）"
                words = f"{hat.words}{as_other}：{slot.name} {act.name}"
                step = (Move(words, (), place=i),)
                if act.paper and not rules.refusals(procedure, act, at, offer):
                    faults.setdefault("papers", step)
                who = hat.who
                new = rules.after(procedure, act, at, who)
                facts = _remember(local, act, new, who if self.plan.persons else frozenset())
                for law in _broken(slot, local, act, hat, who, new, facts, [one for _, one in linked]):
                    faults.setdefault(law, step)
                executes |= new.states != at.states and new.state() == "executed"
                kept = [(i, *self._keep(new, facts))]
                for tell in act.tells:
                    for j, one in linked:
                        other = self.procedures[tell.to]
                        if one.at.procedure == tell.to and rules.takes_note(other, tell.act, one.at):
                            told = other.act(tell.act)
                            after = rules.after(other, told, one.at, ())
                            if after.state() in ("passed", *_CLOSED):
                                faults.setdefault("beside", step)
                            kept.append((j, *self._keep(after, _remember(one, told, after, frozenset()))))
                # To withdraw a finding is no way out of it.
                lost = slot.procedure == "finding" and new.state() == "withdrawn"
                plain = hat.plain and not lost
                gain = sum(self._to_rest(state[place]) - self._to_rest(number) for place, number, _ in kept)
                changes = tuple((place, number) for place, number, _ in kept)
                swaps = tuple(place for place, _, is_swapped in kept if is_swapped)
                note(Move(words, changes, plain=plain, place=i, swaps=swaps, nearer=plain and gain > 0))
        for limit in sorted(at.running):
            later = replace(at, running=at.running - {limit}, passed=at.passed | {limit})
            facts = local.facts | ({"heard"} if limit in _HEARINGS else set())
            words = f"时间：{slot.name} “{procedure.limit(limit).name}”期满"
            number, is_swapped = self._keep(later, facts)
            note(Move(words, ((i, number),), takes_time=True, place=i, swaps=(i,) if is_swapped else ()))
        if slot.procedure == "accountability" and local.begun and at.state() == "decided" and not executes:
            faults.setdefault("execution", ())
        if self.plan.persons and local.begun and procedure.state(at.state()).final and at.running:
            faults.setdefault("clocks", ())
        return tuple(m for m in moves.values() if m.changes != ((i, state[i]),)), tuple(faults.items())

    def _may_begin(self, slot: Slot, state: State) -> bool:
        """As the application has it: a measure covers findings that are there, an inspection that ended takes no more."""
        if slot.procedure == "measure":
            return all(self._locals[state[j]].begun for j in slot.findings)
        if slot.inspection is None:
            return True
        parent = self._locals[state[slot.inspection]]
        return not parent.begun or not self.procedures["inspection"].state(parent.at.state()).final

    def _takers(self, procedure: str, act: Act) -> list[tuple[Hat, Offer]]:
        """Those who may take an act. Where persons are not told apart, one stands for all (those of the unit apart)."""
        key = (procedure, act.id)
        if key not in self._who:
            may = [(hat, hat.offer(act)) for hat in self._hats if hat.may_come(act)]
            if not self.plan.persons:
                may = [*[one for one in may if not one[0].of_unit][:1], *[one for one in may if one[0].of_unit]]
            self._who[key] = may
        return self._who[key]

    # ---- ways out

    def _stuck(self, order: list[State], patience: int | None) -> State | None:
        """The first state (in the order of the walk) from which those who surely are there cannot bring all to rest."""
        good: set[State] = set()
        for state in reversed(order):
            if not self._gets_out(state, good, patience):
                return next(s for s in order if not self._gets_out(s, good, patience))
        return None

    def _gets_out(self, state: State, good: set[State], patience: int | None) -> bool:
        """Straight on while some act leads nearer, else by looking around."""
        path, step = [state], state
        while step not in good and self._distance(step):
            nearer = next((move for move in self.moves(step) if move.nearer), None)
            if nearer is None:
                return self._looks_around(state, good, patience)
            step = self._apply(step, nearer)
            path.append(step)
        good.update(path)
        return True

    def _looks_around(self, state: State, good: set[State], patience: int | None) -> bool:
        came: dict[State, State | None] = {state: None}
        tie = count()
        heap = [(self._distance(state), next(tie), state)]
        while heap:
            far, _, here = heappop(heap)
            if here in good or far == 0:
                step: State | None = here
                while step is not None:
                    good.add(step)
                    step = came[step]
                return True
            for move in self.moves(here):
                new = self._apply(here, move)
                if move.plain and new not in came:
                    came[new] = here
                    heappush(heap, (self._distance(new), next(tie), new))
            if patience is not None and len(came) > patience:
                return False
        return False

    def _distance(self, state: State) -> int:
        return sum(self._to_rest(number) for number in state)

    def _to_rest(self, number: int) -> int:
        """How many acts a matter is from rest by its drawing alone; exactly 0 only at rest."""
        if number not in self._left:
            at = self._locals[number].at
            far = self._far[at.procedure]
            self._left[number] = sum(far[state] for _, state in at.states)
        return self._left[number]


def _distances(procedure: Procedure) -> dict[str, int]:
    far = {s.id: 0 for s in procedure.states if s.final or s.rest}
    changed = True
    while changed:
        changed = False
        for act in procedure.acts:
            for source in act.source:
                if act.to in far and not act.told and far[act.to] + 1 < far.get(source, 99):
                    far[source], changed = far[act.to] + 1, True
    return {s.id: far.get(s.id, 99) for s in procedure.states}


def _trail(came: "_Came", state: State, *last: Move) -> tuple[str, ...]:
    moves = list(last)
    link = came[state]
    while link is not None:
        moves.insert(0, link[1])
        link = came[link[0]]
    swapped: set[int] = set()
    steps = []
    for move in moves:
        steps.append(move.words.translate(_OTHER) if move.place in swapped else move.words)
        swapped ^= set(move.swaps)
    return tuple(steps)


def _swapped(local: Local) -> Local:
    """The same with the two of the office changed for one another."""
    names = {"office-a": "office-b", "office-b": "office-a"}
    done = frozenset(Taken(t.act, frozenset(names.get(p, p) for p in t.persons)) for t in local.at.done)
    facts = frozenset(f"{what}{at}{names.get(who, who)}" for what, at, who in (f.partition(":") for f in local.facts))
    return Local(replace(local.at, done=done), facts)


def _rank(local: Local) -> tuple[list[tuple[str, list[str]]], list[str]]:
    return sorted((t.act, sorted(t.persons)) for t in local.at.done), sorted(local.facts)


# ---- what the check remembers, and the laws ----------------------------------------------------------------------------

#: The end of these is a chance to speak that was not used.
_HEARINGS = frozenset({"L_DEFENCE", "L_HEARING", "L_ACC_HEARING", "L_SUPERVISE_CLOSE"})
_SPOKE = frozenset({"defend", "accept", "plead", "reply_order"})
#: These are entered with a paper in the hands of the unit.
_PAPERED = frozenset(
    {("inspection", state) for state in ("notified", "fed_back", "issued")}
    | {("measure", state) for state in ("running", "called", "hearing", "issued")}
    | {("accountability", state) for state in ("hearing", "decided")}
)
#: A new chance to speak: what was heard before does not count for it.
_ASKS = frozenset({"fed_back", "hearing", "running", "investigating"})


def _remember(local: Local, act: Act, new: Situation, who: frozenset[str]) -> frozenset[str]:
    """The facts after an act, from the act itself and never from ``done``."""
    facts = set(local.facts)
    state = new.state(act.track)
    moved = not local.begun or state != local.at.state(act.track)
    if act.begins:
        facts |= {f"began:{p}" for p in who}
    if act.id in ("plan", "report") and new.procedure == "finding":
        facts |= {f"wrote:{p}" for p in who}
    if act.id in ("establish_facts", "submit"):
        facts |= {f"wrote:{p}" for p in who}
    if act.round:
        facts = {f for f in facts if not f.startswith("wrote:")}
    if moved and state in _ASKS:
        facts -= {"heard"}
    if act.id in _SPOKE:
        facts |= {"heard"}
    if state == "passed" and moved and "evidence" in act.brings:
        facts |= {"proved"}
    if state == "rectifying" and moved:
        facts -= {"proved"}
    if state == "held" and moved and "evidence" in act.brings and act.paper:
        facts |= {"recorded"}
    if state == "submitted" and moved and len(act.ticks) >= 2:
        facts |= {"receipts"}
    if state in ("reviewing", "appealing") and moved:
        facts |= {state}
    return frozenset(facts)


def _broken(
    slot: Slot,
    local: Local,
    act: Act,
    hat: Hat,
    who: frozenset[str],
    new: Situation,
    facts: frozenset[str],
    linked: list[Local],
) -> Iterator[str]:
    """The laws that this step breaks. They look at where it leads, so that an act nobody thought of is seen as well."""
    if hat.of_unit and "unit" not in act.who:
        yield "own_unit"
    before = local.at.state(act.track) if local.begun else ""
    state = new.state(act.track)
    if state == before:
        return
    if (slot.procedure, state) in _PAPERED and not act.paper:
        yield "papers"
    wrote = {f[6:] for f in local.facts if f.startswith("wrote:")}
    began = {f[6:] for f in local.facts if f.startswith("began:")}
    open_findings = [one for one in linked if one.at.state() not in _CLOSED]
    if act.history and act.begins:
        # What a ledger says was done before the system was there, shown as such.
        return
    if slot.procedure == "finding":
        if state in ("passed", "archived", "withdrawn") and "evidence" not in act.brings:
            yield "evidence"
        if state == "closed" and "proved" not in local.facts:
            yield "evidence"
        if state in ("passed", "closed", "archived") and who & wrote:
            yield "second_person"
        if state == "withdrawn" and who & began:
            yield "second_person"
        if {"closed": "passed", "archived": "closed"}.get(state, before) != before:
            yield "closing"
    elif slot.procedure == "inspection":
        if state == "archived" and open_findings:
            yield "open_inspection"
        if state in ("opinion", "issued") and "heard" not in local.facts:
            yield "heard"
        if state == "published" and "receipts" not in facts:
            yield "receipts"
    elif slot.procedure == "measure":
        yield from _broken_measure(slot, local, act, who & began, before, state, linked, open_findings)
    else:
        yield from _broken_case(local, who & wrote, before, state, new)


def _broken_measure(
    slot: Slot,
    local: Local,
    act: Act,
    proposers: frozenset[str] | set[str],
    before: str,
    state: str,
    linked: list[Local],
    open_findings: list[Local],
) -> Iterator[str]:
    heard = "heard" in local.facts
    late = [one for one in linked if one.at.state() == "not_in_place" or "L_RECT_DEADLINE" in one.at.passed]
    rectifying = [one for one in late if one.at.state() in ("rectifying", "not_in_place")]
    if slot.kind == "order" and state in ("drafting", "running") and (not linked or len(rectifying) != len(linked)):
        yield "order_ground"
    if slot.kind == "order" and before == "running" and state != "cancelled" and open_findings and not heard:
        yield "heard"
    if (
        slot.kind in ("circular", "exposure")
        and state not in ("drafting", "hearing", "heard", "cancelled")
        and not heard
    ):
        yield "heard"
    if slot.kind == "talk" and state == "ended" and "recorded" not in local.facts:
        yield "talk_record"
    if slot.kind == "reward" and state != "cancelled" and open_findings:
        yield "reward_open"
    if slot.kind in ("reward", "exposure") and state == "approved" and proposers:
        yield "pair"


def _broken_case(
    local: Local, writers: frozenset[str] | set[str], before: str, state: str, new: Situation
) -> Iterator[str]:
    if state in ("approving", "decided", "executed") and "heard" not in local.facts:
        yield "heard"
    if state in ("decided", "not_opened") and writers:
        yield "pair"
    if state in ("reviewing", "appealing"):
        if state in local.facts:
            yield "once"
        if new.state() not in ("decided", "executed"):
            yield "remedy_open"
    if state == "archived":
        running = {"L_ACC_REVIEW_APPLY", "L_ACC_APPEAL_DIRECT", "L_ACC_APPEAL_AFTER_REVIEW"} & new.running
        if running or new.state("remedy") in ("reviewing", "appealing", "to_correct"):
            yield "remedy_open"


# ---- the worlds --------------------------------------------------------------------------------------------------------


def plans() -> list[Plan]:
    """The worlds that are walked: each machine alone and each pair to the end, several together, all to twelve acts."""
    f1 = Slot("问题一", "finding")
    late, bad = frozenset({"not_timely"}), frozenset({"false_data"})
    poor = frozenset({"not_in_place"})
    good, duty = frozenset({"good_result"}), frozenset({"duty"})
    team = frozenset({"team_complete", "team_clear", "all_due"})

    def measure(kind: str, marks: frozenset[str], *findings: int) -> Slot:
        names = {"order": "督办单", "talk": "约谈", "circular": "通报", "exposure": "曝光", "reward": "激励"}
        return Slot(names[kind], "measure", kind, marks, findings)

    def stands(i: int, *states: str, track: str = "main") -> Callable[[tuple[Local, ...]], bool]:
        return lambda at: at[i].begun and at[i].at.state(track) in states

    def both(*tests: Callable[[tuple[Local, ...]], bool]) -> Callable[[tuple[Local, ...]], bool]:
        return lambda at: all(test(at) for test in tests)

    marks = {"order": late, "talk": duty, "circular": bad, "exposure": bad, "reward": good}

    def inspection(*findings: int) -> Slot:
        return Slot("督导", "inspection", "special", team, findings)

    case = Slot("问责", "accountability", marks=duty)
    found = replace(f1, inspection=0)
    two = (f1, Slot("问题二", "finding"))
    alone = {
        "circular": ("没有督办单、没有问题，弄虚作假的直接通报", stands(0, "ended")),
        "reward": ("没有问题的单位受到激励", stands(0, "ended")),
        "talk": ("没有问题的单位因六类情形被约谈", stands(0, "ended")),
        "exposure": ("拒绝督导的直接曝光", stands(0, "ended")),
    }
    return [
        Plan("问题", (f1,), persons=True, possible=(("问题归档", stands(0, "archived")),)),
        Plan("督导", (inspection(),), persons=True, possible=(("没有问题的督导归档", stands(0, "archived")),)),
        Plan(
            "问责",
            (case,),
            persons=True,
            possible=(("申诉维持后归档", both(stands(0, "archived"), stands(0, "upheld", track="remedy"))),),
        ),
        *(Plan(f"{kind}", (measure(kind, marks[kind]),), persons=True, possible=(alone[kind],)) for kind in alone),
        *(Plan(f"问题、{kind}", (f1, measure(kind, marks[kind], 0)), persons=False) for kind in marks),
        Plan("问题、不到位的督办单", (f1, measure("order", poor, 0)), persons=False),
        Plan(
            "督导、问题",
            (inspection(1), found),
            possible=(
                ("先销号、后报告", both(stands(1, "closed"), stands(0, "none", track="report"))),
                ("先公布、后整改", both(stands(1, "rectifying"), stands(0, "published", track="report"))),
                ("督导归档，问题归档", both(stands(0, "archived"), stands(1, "archived"))),
            ),
        ),
        Plan(
            "问题、问责",
            (f1, case),
            possible=(
                ("问责归档以后问题仍在整改", both(stands(0, "rectifying"), stands(1, "archived"))),
                *((f"问责在{at}时问题销号", both(stands(0, "closed"), stands(1, at))) for at in _CASE),
            ),
        ),
        Plan(
            "两个问题、督办单",
            (*two, measure("order", late, 0, 1)),
            possible=(
                (
                    "一张督办单、两个问题都在整改",
                    both(*(stands(i, "rectifying") for i in (0, 1)), stands(2, "running")),
                ),
                ("两个问题都销号，督办单办结", both(*(stands(i, "closed") for i in (0, 1)), stands(2, "ended"))),
            ),
        ),
        Plan("两个问题、约谈", (*two, measure("talk", late, 0, 1))),
        Plan("督导、问题、督办单", (inspection(1), found, measure("order", late, 1))),
        Plan(
            "问题、督办单、约谈、通报",
            (f1, measure("order", late, 0), measure("talk", late, 0), measure("circular", late, 0)),
        ),
        Plan(
            "四部程序一起",
            (
                inspection(1),
                found,
                measure("order", late, 1),
                measure("talk", late, 1),
                measure("circular", late, 1),
                case,
            ),
            depth=12,
        ),
        Plan(
            "督导、两个问题、一张督办单",
            (inspection(1, 2), found, replace(two[1], inspection=0), measure("order", late, 1, 2)),
            depth=12,
        ),
    ]


def deep_plans() -> list[Plan]:
    """Worlds for which there is no time every day: pairs with persons to the end, those of the day deeper, all of it."""
    known = {plan.name: plan for plan in plans()}
    together = [plan for plan in known.values() if plan.depth]
    first, found, order, talk, circular, case = together[0].slots
    reward = replace(known["reward"].slots[0], findings=(1,))
    exposure = replace(known["exposure"].slots[0], findings=(1,))
    return [
        replace(known["问题"], name="问题，原单位负责人调入督导室", newcomer=True),
        replace(known["问责"], name="问责，原单位负责人调入督导室", newcomer=True),
        *(
            replace(known[f"问题、{kind}"], name=f"问题、{kind}，分人", persons=True)
            for kind in ("order", "talk", "circular", "exposure", "reward")
        ),
        *(replace(plan, name=f"{plan.name}，更深", depth=14) for plan in together),
        Plan("全部措施", (first, found, order, talk, circular, exposure, reward, case), depth=11),
    ]
