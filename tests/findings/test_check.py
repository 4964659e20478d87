"""``dudao findings check`` finds each fault that somebody makes past the services, and nothing where there is none."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dudao.files.models import StoredFile
from dudao.findings import checking, services
from dudao.findings.models import Case, CaseMember, Finding, Measure, MeasureFinding
from dudao.findings.services import Brought
from dudao.procedures import library
from dudao.procedures.models import Act, Clock
from dudao.shell.errors import Refused
from dudao.shell.keys import uuid7
from tests.cast import NOW, TODAY, Cast, player
from tests.findings.conftest import act, facts, outside_paper, proof

pytestmark = pytest.mark.django_db
COUNTY = "640122"


@dataclass
class Loop:
    """A finding that went all the way, one that is late and under an order, a case with a decision."""

    done: Finding
    late: Finding
    order: Measure
    case: Case


@pytest.fixture
def loop(cast: Cast, told: Finding) -> Loop:
    act(told, "report", cast.head, date(2024, 3, 20), evidence=[proof()])
    act(told, "recheck_passed", cast.staff, date(2024, 3, 25), evidence=[proof("复查.png")])
    act(told, "close", cast.office, date(2024, 3, 26))
    act(told, "look_back_passed", cast.staff, date(2024, 4, 8), evidence=[proof("回头看.png")])
    late = services.register_finding(
        facts=facts(cast, basis="示例标准第9条"), told_on=date(2024, 3, 10), by=cast.office.actor, now=NOW
    )
    order = services.propose_measure(
        kind="order", unit=cast.school.pk, findings=[late], grounds=["not_timely"], title="示例", wanted="示例",
        occurred_on=TODAY - timedelta(days=1), by=cast.office.actor, now=NOW,
    )  # fmt: skip
    served(cast, order, "serve_order", "supervision-order", TODAY, due_on=date(2024, 4, 25))
    late.refresh_from_db()
    return Loop(told, late, order, decided_case(cast, told))


def served(cast: Cast, measure: Measure, name: str, kind: str, on: date, **more: object) -> None:
    paper = outside_paper(measure, kind, cast.office.actor, cast.school.pk, on=on)
    brought = Brought(occurred_on=on, way="oa", paper=paper, received_by="示例签收人", **more)  # type: ignore[arg-type]
    services.act_on_measure(
        measure=measure, act=name, brought=brought, base_version=measure.version, by=cast.office.actor, now=NOW
    )


def decided_case(cast: Cast, finding: Finding) -> Case:
    """A case with a decision received on 5 March, and a review asked for."""
    case = services.open_case(
        unit=cast.school.pk, findings=[finding], grounds=["safety"], title="示例事由", persons="示例人员", methods=[],
        words="示例线索", work_done_on=date(2024, 2, 1), occurred_on=date(2024, 2, 5), by=cast.office.actor, now=NOW,
    )  # fmt: skip
    leader = player("癸", "leader", cast.bureau)
    services.name_member(case=case, person=leader.person.pk, role="审定", by=cast.office.actor, now=NOW)
    members = [cast.office.person.pk, leader.person.pk]

    def step(name: str, on: date, by: object = cast.office, **more: object) -> None:
        more.setdefault("words", "示例")
        services.act_on_case(
            case=case, act=name, brought=Brought(occurred_on=on, **more), base_version=case.version,  # type: ignore[arg-type]
            by=by.actor, now=NOW,  # type: ignore[attr-defined]
        )  # fmt: skip

    step("set_group", date(2024, 2, 6))
    step("establish_facts", date(2024, 2, 8), evidence=[proof()])
    notice = outside_paper(
        case, "accountability-notice", cast.office.actor, cast.school.pk, on=date(2024, 2, 10), readers=members
    )
    step("tell", date(2024, 2, 11), way="oa", paper=notice, received_by="示例")
    step("submit", date(2024, 2, 20))
    decision = outside_paper(
        case, "accountability-decision", cast.office.actor, cast.school.pk, on=date(2024, 3, 1), readers=members
    )
    step("decide", date(2024, 3, 5), leader, way="oa", paper=decision, received_by="示例")
    step("apply_review", date(2024, 3, 20), evidence=[proof()], way="paper", on_behalf="示例单位")
    return case


def codes() -> list[str]:
    return sorted({one.code for one in checking.check(COUNTY, today=TODAY).faults})


def test_a_loop_that_went_its_way_has_no_fault(loop: Loop) -> None:
    found = checking.check(COUNTY, today=TODAY)
    assert found.faults == []
    assert (found.counts, found.history) == ({"finding": 2, "measure": 1, "accountability": 1}, 0)


def _acts(subject: object, code: str) -> "object":
    return Act.objects.filter(subject=subject.pk, code=code)  # type: ignore[attr-defined]


def _again(row: Act) -> None:
    """The same act once more, at the end."""
    row.pk, row.key = uuid7(), None
    row.save(force_insert=True)


def _clock(subject: object, limit: str, **changes: object) -> None:
    Clock.objects.filter(subject=subject.pk, limit=limit).update(**changes)  # type: ignore[attr-defined]


FAULTS: dict[str, tuple[Callable[[Loop], object], str]] = {
    "a state that the file does not know": (lambda x: Finding.objects.filter(pk=x.late.pk).update(state="gone"), "state"),
    "a state that no act led to": (lambda x: Finding.objects.filter(pk=x.late.pk).update(state="passed"), "acts.end"),
    "the day of the state": (
        lambda x: Finding.objects.filter(pk=x.late.pk).update(state_since=date(2024, 1, 1)), "acts.since",
    ),
    "an act that does not follow": (lambda x: _acts(x.done, "close").update(before="reported"), "acts.chain"),  # type: ignore[attr-defined]
    "an act of no file": (lambda x: _acts(x.done, "report").update(code="gone"), "acts.unknown"),  # type: ignore[attr-defined]
    "an act of another round": (lambda x: _acts(x.done, "report").update(round=4), "acts.round"),  # type: ignore[attr-defined]
    "a result that the file does not name": (
        lambda x: _acts(x.done, "look_back_passed").update(after="closed"), "acts.to",  # type: ignore[attr-defined]
    ),
    "closed without a recheck": (
        lambda x: _acts(x.done, "recheck_passed").update(code="doubt"), "finding.recheck",  # type: ignore[attr-defined]
    ),
    "a recheck without evidence": (
        lambda x: StoredFile.objects.filter(subject=str(_acts(x.done, "recheck_passed").get().pk)).delete(),  # type: ignore[attr-defined]
        "evidence",
    ),
    "a recheck by who reported": (
        lambda x: _acts(x.done, "recheck_passed").update(by_person=_acts(x.done, "report").get().by_person),  # type: ignore[attr-defined]
        "same-person",
    ),
    "archived without a look back": (
        lambda x: _acts(x.done, "look_back_passed").update(code="history_closed"), "finding.look_back",  # type: ignore[attr-defined]
    ),
    "closed without a day": (lambda x: Finding.objects.filter(pk=x.done.pk).update(closed_on=None), "finding.closed_on"),
    "relapses that nobody wrote down": (
        lambda x: Finding.objects.filter(pk=x.done.pk).update(relapses=1), "finding.relapses",
    ),
    "archived while a limit runs": (
        lambda x: _clock(x.done, "L_LOOKBACK", stopped_by=None, stopped_on=None), "finding.archived",
    ),
    "another due day than the limit's": (
        lambda x: Finding.objects.filter(pk=x.late.pk).update(due_on=date(2024, 6, 1)), "finding.due",
    ),
    "a due day that the rule does not give": (lambda x: _clock(x.done, "L_LOOKBACK", due_on=date(2024, 7, 1)), "clock.due"),
    "a due day that the act did not set": (
        lambda x: Clock.objects.filter(subject=x.late.pk, stopped_by=None).update(due_on=date(2024, 6, 1)), "clock.due",
    ),
    "a limit that starts on another day": (
        lambda x: _clock(x.done, "L_LOOKBACK", started_on=date(2024, 3, 1), due_on=date(2024, 5, 30)), "clock.start",
    ),
    "a limit stopped on another day": (lambda x: _clock(x.done, "L_LOOKBACK", stopped_on=date(2024, 4, 1)), "clock.stop"),
    "a limit of an earlier round": (
        lambda x: Clock.objects.filter(subject=x.late.pk, stopped_by=None).update(round=2), "clock.round",
    ),
    "a limit that runs on an ended matter": (
        lambda x: Measure.objects.filter(pk=x.order.pk).update(state="cancelled"), "clock.ended",
    ),
    "an order on what was not late": (
        lambda x: _clock(x.late, "L_RECT_DEADLINE", due_on=date(2024, 4, 25)), "measure.order",
    ),
    "an order counted wrongly": (lambda x: MeasureFinding.objects.update(ordinal=3), "measure.ordinal"),
    "an order that says another number": (lambda x: Measure.objects.update(ordinal=2), "measure.ordinal"),
    "an order ended while its finding is open": (
        lambda x: _acts(x.order, "serve_order").update(code="end_order"), "acts.from",  # type: ignore[attr-defined]
    ),
    "a decision before the unit could be heard": (
        lambda x: _clock(x.case, "L_ACC_HEARING", due_on=date(2024, 2, 25)), "heard",
    ),
    "a review asked for too late": (
        lambda x: _acts(x.case, "apply_review").update(occurred_on=date(2024, 4, 9)), "window",  # type: ignore[attr-defined]
    ),
    "two reviews": (lambda x: _again(_acts(x.case, "apply_review").get()), "case.review"),  # type: ignore[attr-defined]
    "a review and two appeals": (
        lambda x: [_acts(x.case, "apply_review").update(code="appeal"), _again(_acts(x.case, "appeal").get())],  # type: ignore[attr-defined]
        "case.appeal",
    ),
    "a decision by who prepared it": (
        lambda x: _acts(x.case, "decide").update(by_person=_acts(x.case, "submit").get().by_person),  # type: ignore[attr-defined]
        "same-person",
    ),
    "a decision of another day": (lambda x: Case.objects.update(decided_on=date(2024, 3, 6)), "case.decided_on"),
    "one deadline of a decision missing": (lambda x: Clock.objects.filter(limit="L_ACC_APPEAL_DIRECT").update(limit="L_ACC_CORRECT"), "case.deadlines"),
    "a case that nobody sees": (lambda x: CaseMember.objects.update(ended_on=TODAY), "case.members"),
    "a matter without acts": (
        lambda x: [Clock.objects.filter(subject=x.done.pk).delete(), Act.objects.filter(subject=x.done.pk).delete()],
        "acts.none",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_made_past_the_services_is_found(loop: Loop, name: str) -> None:
    make, code = FAULTS[name]
    make(loop)
    assert code in codes()


def test_what_is_past_its_limit_without_a_next_act_is_a_fault(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    known = library.procedure("measure")
    dead = known.model_copy(update={"acts": tuple(one for one in known.acts if "running" not in one.source)})
    monkeypatch.setattr(library, "procedure", lambda code: dead if code == "measure" else library.procedures()[code])
    found = checking.check(COUNTY, today=date(2024, 5, 30)).faults
    assert [one.number for one in found if one.code == "next.none"] == [loop.order.number]


def test_a_ledgers_closed_finding_is_said_apart_and_is_no_fault(cast: Cast) -> None:
    services.register_finding(
        facts=facts(cast), closed_on=date(2024, 3, 20), words="台账：已整改（示例）", by=cast.office.actor, now=NOW
    )
    found = checking.check(COUNTY, today=TODAY)
    assert (found.faults, found.history) == ([], 1)


def test_the_command_says_number_and_place_and_fails(loop: Loop) -> None:
    said = StringIO()
    call_command("findings", "check", stdout=said)
    assert "没有差错" in said.getvalue()
    Finding.objects.filter(pk=loop.late.pk).update(state="passed")
    said = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("findings", "check", "--json", stdout=said)
    assert left.value.code == 1
    [one, *_] = json.loads(said.getvalue())["faults"]
    assert (one["number"], one["subject"], one["code"]) == (loop.late.number, str(loop.late.pk), "acts.end")


def test_it_takes_a_constant_number_of_statements(cast: Cast, loop: Loop) -> None:
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            checking.check(COUNTY, today=TODAY)
        counts.append(len(asked))
        for number in range(8):
            services.register_finding(
                facts=facts(cast, basis=f"示例第{number}条", due_on=date(2024, 3, 30)), told_on=date(2024, 3, 10),
                by=cast.office.actor, now=NOW,
            )  # fmt: skip
    assert counts[0] == counts[1]


def test_an_order_written_down_late_is_judged_by_the_day_it_was_served(cast: Cast, told: Finding) -> None:
    with pytest.raises(Refused, match="逾期未报整改或复查不到位"):
        services.propose_measure(
            kind="order", unit=cast.school.pk, findings=[told], grounds=["not_timely"], title="示例", wanted="示例",
            occurred_on=date(2024, 4, 5), by=cast.office.actor, now=NOW,
        )  # fmt: skip
