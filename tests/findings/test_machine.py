"""Random people do random things on random days: the database stays with the pure engine, and what is refused writes nothing."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dudao.audit.models import AuditEvent
from dudao.files import services as files
from dudao.findings import checking, services
from dudao.findings.models import Case, Finding, Measure
from dudao.findings.services import Brought
from dudao.papers.models import Paper, Receipt
from dudao.places.models import Unit
from dudao.procedures import library, queries
from dudao.procedures.models import Act, Clock, Matter
from dudao.shell.errors import Conflict, Refused
from dudao_engines.procedures import rules, schema
from dudao_engines.procedures.situation import Offer, Situation
from tests.cast import Cast, Player, player
from tests.findings.conftest import facts, outside_paper, proof

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
START = date(2024, 3, 1)
GROUNDS = {
    "order": ["not_timely"], "talk": ["safety"], "circular": ["false_data"], "exposure": ["refuses"],
    "reward": ["good_result"],
}  # fmt: skip
#: More even than what Hypothesis draws one by one.
SEEDS = st.integers(0, 2**32 - 1)
#: Of days and papers, which the engine does not know.
OUTSIDE = ("procedures.future", "procedures.order", "procedures.due", "procedures.paper", "papers.")


@dataclass(eq=False)
class Kept:
    """A matter as the test itself follows it, by the engine alone; of a clock its due day and the day it was stopped."""

    row: Matter
    at: Situation
    findings: list["Kept"] = field(default_factory=list)
    clocks: dict[str, tuple[date, date | None]] = field(default_factory=dict)
    papers: dict[str, Paper] = field(default_factory=dict)

    @property
    def procedure(self) -> schema.Procedure:
        return library.procedure(self.row.PROCEDURE)

    def on(self, day: date) -> Situation:
        stands = self.clocks.items()
        return replace(
            self.at,
            running=frozenset(x for x, (due, stopped) in stands if stopped is None and due >= day),
            passed=frozenset(x for x, (due, stopped) in stands if due < (stopped or day)),
            papers=frozenset(self.papers),
            linked=tuple(one.on(day) for one in self.findings),
        )


class Loop(RuleBasedStateMachine):
    """The loop of one county, from outside."""

    cast: Cast
    leader: Player
    scan: files.Received

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.day = START
        self.steps = 0
        self.matters: list[Kept] = []
        self.people = [self.cast.office, self.cast.staff, self.cast.head, self.cast.head_2, self.leader]

    def teardown(self) -> None:
        try:
            checked = checking.check(self.cast.office.actor.county, today=self.day)
            assert checked.faults == []
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def _chance(self, seed: int) -> Random:
        """Another one at each step, also where Hypothesis draws the same seed again."""
        self.steps += 1
        return Random(seed * 1_000_003 + self.steps)

    @property
    def now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 2, tzinfo=UTC)

    def findings(self) -> list[Kept]:
        return [one for one in self.matters if isinstance(one.row, Finding)]

    # ---- what happens

    @initialize()
    def three_findings(self) -> None:
        self._register(10)
        self._register(3, is_told=True)
        self._register(40, is_told=True)

    @precondition(lambda self: len(self.findings()) < 5)
    @rule(days=st.integers(0, 60))
    def register(self, days: int) -> None:
        self._register(days)

    def _register(self, days: int, *, is_told: bool = False) -> None:
        due = self.day + timedelta(days)
        office = self.cast.office
        row = services.register_finding(
            facts=facts(self.cast, found_on=self.day, due_on=due),
            told_on=self.day if is_told else None,
            by=office.actor,
            now=self.now,
        )
        kept = Kept(row, Situation("finding", marks=frozenset({row.severity})))
        self.matters.append(kept)
        self._follow(kept, "take_over" if is_told else "register", office, Brought(occurred_on=self.day))

    @rule(days=st.sampled_from([1, 3, 8, 16, 31]))
    def time_goes_by(self, days: int) -> None:
        self.day += timedelta(days)

    @precondition(lambda self: sum(isinstance(one.row, Measure) for one in self.matters) < 6)
    @rule(kind=st.sampled_from(sorted(GROUNDS)), seed=SEEDS)
    def propose(self, kind: str, seed: int) -> None:
        chance = self._chance(seed)
        chosen = [one for one in self.findings() if chance.random() < 0.5]
        if kind == "order" and chance.random() < 0.8:
            late = [one for one in self.findings() if "L_RECT_DEADLINE" in one.on(self.day).passed]
            chosen = late + [one for one in self.findings() if one.at.state() == "not_in_place" and one not in late]
        by = chance.choice([self.cast.office, self.cast.staff, *self.people])
        kept = Kept(Measure(), Situation("measure", kind, marks=frozenset(GROUNDS[kind])), chosen)
        for one in chosen:
            one.row.refresh_from_db()

        def do() -> None:
            kept.row = services.propose_measure(
                kind=kind, unit=self.cast.school.pk, findings=[one.row for one in chosen], grounds=GROUNDS[kind],
                title="示例事由", wanted="示例要求", occurred_on=self.day, by=by.actor, now=self.now,
            )  # fmt: skip

        if self._tried(kept, f"propose_{kind}", by, Brought(occurred_on=self.day, words="示例要求"), do):
            self.matters.append(kept)

    @precondition(lambda self: not any(isinstance(one.row, Case) for one in self.matters))
    @rule()
    def open_case(self) -> None:
        by = self.cast.office
        row = services.open_case(
            unit=self.cast.school.pk, findings=[self.findings()[0].row], grounds=["safety"], title="示例事由",
            persons="示例人员", methods=[], words="示例线索", work_done_on=self.day, occurred_on=self.day,
            by=by.actor, now=self.now,
        )  # fmt: skip
        for other in (self.cast.staff, self.leader):
            services.name_member(case=row, person=other.person.pk, role="成员", by=by.actor, now=self.now)
        kept = Kept(row, Situation("accountability", marks=frozenset({"safety"})))
        self.matters.append(kept)
        self._follow(kept, "open", by, Brought(occurred_on=self.day))

    @rule(seed=SEEDS)
    def acts(self, seed: int) -> None:
        chance = self._chance(seed)
        for _ in range(chance.randint(1, 6)):
            self._act(chance)
            self.day += timedelta(chance.choice([0, 0, 1, 4]))

    def _act(self, chance: Random) -> None:
        kept = chance.choice(self.matters)
        kept.row.refresh_from_db()
        known = chance.choice(self._acts(kept, chance))
        may = [p for p in self.people if rules.could_take(known, self._roles(p), of_unit=self._is_of_unit(p))]
        by = chance.choice(may if may and chance.random() < 0.85 else self.people)
        brought = self._brought(kept, known, by, chance)
        stale = type(kept.row)._base_manager.get(pk=kept.row.pk)
        if self._tried(kept, known.id, by, brought, self._doing(kept.row, known, by, brought)):
            again = replace(brought, evidence=self._scans(len(brought.evidence)))
            # Another officer who still looks at the page as it was.
            self._is_refused(self._doing(stale, known, by, again))

    def _acts(self, kept: Kept, chance: Random) -> list[schema.Act]:
        """Mostly those that stand open, and of them those that nothing stands against."""
        at = kept.on(self.day)
        every = [a for a in kept.procedure.acts if not a.told and not a.begins]
        stand = [a for a in rules.open_acts(kept.procedure, at) if not a.told]
        papers = replace(at, papers=frozenset(a.paper for a in every))
        ready = [a for a in stand if not rules.blocked(kept.procedure, a, papers)]
        moving = [a for a in ready if a.to and a.to not in ("withdrawn", "cancelled")]
        luck = chance.random()
        return (moving if luck < 0.6 else ready if luck < 0.85 else stand if luck < 0.95 else every) or every

    def _brought(self, kept: Kept, known: schema.Act, by: Player, chance: Random) -> Brought:
        back, due = chance.choice([0, 0, 0, 0, 0, 0, 1, 5, -1]), chance.choice([20, 20, 5, 5, 5, 0, 0, -3])
        whole = chance.random() < 0.93
        is_office = "office" in self._roles(by)
        if known.paper and known.paper not in kept.papers and chance.random() < 0.9:
            readers = [p.person.pk for p in (self.cast.office, self.cast.staff, self.leader)]
            kept.papers[known.paper] = outside_paper(
                kept.row, known.paper, self.cast.office.actor, self.cast.school.pk, on=self.day,
                readers=readers if isinstance(kept.row, Case) else (), now=self.now,
            )  # fmt: skip
        for_other = is_office and not {"office"} & set(known.who)
        occurred_on = self.day - timedelta(back)
        return Brought(
            occurred_on=occurred_on,
            words="示例说明" if whole else "",
            ticks=known.ticks,
            due_on=occurred_on + timedelta(due) if "due" in known.brings and whole else None,
            way="oa" if is_office else "system",
            evidence=self._scans(int(whole and ("evidence" in known.brings or for_other))),
            paper=kept.papers.get(known.paper) if known.paper else None,
            on_behalf="被督导单位" if for_other else "",
            behalf_person=self.cast.head.person.pk if for_other and known.who == ("unit",) else None,
            received_by="示例签收人",
        )

    def _scans(self, count: int) -> list[files.Received]:
        return [proof(f"示例{number}.png") for number in range(count)]

    def _doing(self, row: Matter, known: schema.Act, by: Player, brought: Brought) -> Callable[[], object]:
        more = {"act": known.id, "brought": brought, "base_version": row.version, "by": by.actor, "now": self.now}
        if isinstance(row, Finding):
            return lambda: services.act_on_finding(finding=row, **more)  # type: ignore[arg-type]
        if isinstance(row, Measure):
            return lambda: services.act_on_measure(measure=row, **more)  # type: ignore[arg-type]
        return lambda: services.act_on_case(case=row, **more)  # type: ignore[arg-type]

    # ---- what must come of it

    def _roles(self, by: Player) -> frozenset[str]:
        return queries.roles(by.actor, unit=self.cast.school.pk)

    def _is_of_unit(self, by: Player) -> bool:
        return by.actor.is_of(self.cast.school.pk)

    def _tried(self, kept: Kept, act: str, by: Player, brought: Brought, do: Callable[[], object]) -> bool:
        """Done exactly where the engine, asked beforehand, permits it (days and papers apart); else nothing is written."""
        known = kept.procedure.act(act)
        of_unit = self._is_of_unit(by)
        if of_unit and "due" in known.brings and isinstance(kept.row, Measure | Finding):
            # The unit signs for the day that is set.
            brought = replace(brought, due_on=brought.occurred_on)
        brings = {
            "evidence": bool(brought.evidence), "words": bool(brought.words), "due": bool(brought.due_on),
            "received": True,
        }  # fmt: skip
        offer = Offer(
            str(by.person.pk), frozenset({str(brought.behalf_person)} if brought.behalf_person else ()),
            self._roles(by), of_unit, frozenset(x for x, here in brings.items() if here),
            frozenset(brought.ticks),
        )  # fmt: skip
        refusals = rules.refusals(kept.procedure, known, kept.on(brought.occurred_on), offer)
        is_member = not isinstance(kept.row, Case) or by in (self.cast.office, self.cast.staff, self.leader)
        before = _written()
        try:
            with transaction.atomic():
                do()
        except Refused as refusal:
            note(f"{self.day} {by.person.name} {known.name}: {refusal.code}")
            assert _written() == before
            assert refusals or not is_member or str(refusal.code).startswith(OUTSIDE), refusal.code
            return False
        note(f"{self.day} {by.person.name} {known.name} on {brought.occurred_on}: done")
        assert (refusals, is_member) == ([], True)
        assert brought.occurred_on <= self.day
        kept.row.refresh_from_db()
        self._follow(kept, act, by, brought)
        return True

    def _is_refused(self, do: Callable[[], object]) -> None:
        before = _written()
        with pytest.raises((Conflict, Refused)), transaction.atomic():
            do()
        assert _written() == before

    def _follow(self, kept: Kept, act: str, by: Player, brought: Brought) -> None:
        """The same act on what the test follows."""
        known, day = kept.procedure.act(act), brought.occurred_on
        who = {str(by.person.pk), *([str(brought.behalf_person)] if brought.behalf_person else [])}
        self._move(kept, known, who, day)
        for tell in known.tells:
            for one in kept.findings:
                if rules.takes_note(one.procedure, tell.act, one.at):
                    self._move(one, one.procedure.act(tell.act), {str(by.person.pk)}, day)

    def _move(self, kept: Kept, known: schema.Act, who: set[str], day: date) -> None:
        kept.at = rules.after(kept.procedure, known, kept.on(day), who)
        ends = bool(known.round) or kept.procedure.state(kept.at.state()).final
        for limit, (due, stopped) in list(kept.clocks.items()):
            if stopped is None and (ends or limit in (*known.stops, *known.starts)):
                kept.clocks[limit] = (due, day)
        if known.round:
            kept.clocks = {}
        for limit in known.starts:
            clock = Clock.objects.get(subject=kept.row.pk, limit=limit, stopped_by__isnull=True)
            assert clock.amount is None or clock.due_on == clock.started_on + timedelta(clock.amount)
            kept.clocks[limit] = (clock.due_on, None)

    @invariant()
    def the_database_stands_where_the_engine_does(self) -> None:
        for kept in self.matters:
            row = type(kept.row)._base_manager.get(pk=kept.row.pk)
            stored, known = queries.situations([row], today=self.day)[row.pk], kept.on(self.day)
            for name in ("kind", "states", "done", "running", "passed", "papers"):
                assert getattr(stored, name) == getattr(known, name), (name, str(row))

    @invariant()
    def everything_open_has_a_next_act(self) -> None:
        for kept in self.matters:
            state = kept.procedure.state(kept.at.state())
            assert state.final or state.rest or rules.open_acts(kept.procedure, kept.on(self.day))


def _written() -> tuple[Any, ...]:
    counts = [model._base_manager.count() for model in (Act, Clock, AuditEvent, Receipt, Finding, Measure, Case)]
    running = sorted(Clock.objects.filter(stopped_by__isnull=True).values_list("pk", flat=True))
    versions = sorted(Finding.objects.values_list("pk", "version", "state"))
    return (*counts, running, versions, sorted(Measure.objects.values_list("pk", "version", "state")))


@pytest.mark.django_db
def test_whoever_does_whatever_the_loop_holds(cast: Cast) -> None:
    Loop.cast = cast
    Loop.leader = player("癸", "leader", Unit.objects.get(pk=cast.office.actor.unit))
    run_state_machine_as_test(
        Loop,
        settings=settings(
            max_examples=300 if DEEP else 10,
            stateful_step_count=60 if DEEP else 30,
            deadline=None,
            derandomize=not DEEP,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
