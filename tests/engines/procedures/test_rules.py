"""The rules of the shipped procedures, said as people say them."""

from pathlib import Path

import pytest

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.procedures import rules, schema
from dudao_engines.procedures.situation import Offer, Situation

LIBRARY = Path(__file__).parents[3] / "library" / "procedures"
ALL = schema.load(LIBRARY)
FINDING, MEASURE = ALL["finding"], ALL["measure"]
OFFICE = Offer("office-a", roles=frozenset({"office"}), brings=frozenset({"words", "evidence", "due", "received"}))
UNIT = Offer("head", roles=frozenset({"unit"}), of_unit=True, brings=frozenset({"words", "evidence"}))


def _take(act: str, at: Situation, offer: Offer) -> Situation:
    known = FINDING.act(act)
    assert rules.refusals(FINDING, known, at, offer) == []
    return rules.after(FINDING, known, at, {offer.person})


def _reported() -> Situation:
    at = _take("register", Situation("finding"), OFFICE)
    at = rules.after(FINDING, FINDING.act("opinion_served"), at, ())
    return _take("report", at, UNIT)


def test_who_wrote_the_units_report_down_does_not_recheck_it() -> None:
    at = _take("register", Situation("finding"), OFFICE)
    at = rules.after(FINDING, FINDING.act("opinion_served"), at, ())
    at = _take("report", at, OFFICE)
    passed = FINDING.act("recheck_passed")
    assert [m.code for m in rules.refusals(FINDING, passed, at, OFFICE)] == ["procedures.same_person"]
    other = Offer("office-b", roles=OFFICE.roles, brings=OFFICE.brings)
    assert rules.refusals(FINDING, passed, at, other) == []


def test_a_recheck_without_evidence_is_refused() -> None:
    bare = Offer("office-a", roles=frozenset({"office"}), brings=frozenset({"words"}))
    missing = rules.refusals(FINDING, FINDING.act("recheck_passed"), _reported(), bare)
    assert [(m.code, m.field) for m in missing] == [("procedures.evidence", "evidence")]


def test_nobody_of_the_unit_rechecks_it_whatever_else_they_are() -> None:
    both = Offer("head", roles=frozenset({"unit", "office"}), of_unit=True, brings=OFFICE.brings)
    assert [m.code for m in rules.refusals(FINDING, FINDING.act("recheck_passed"), _reported(), both)] == [
        "procedures.who",
        "procedures.same_person",
    ]


def test_an_order_is_for_what_is_late_or_not_in_place() -> None:
    late = Situation("finding", states=(("main", "rectifying"),), passed=frozenset({"L_RECT_DEADLINE"}))
    timely = Situation("finding", states=(("main", "rectifying"),), running=frozenset({"L_RECT_DEADLINE"}))
    order = MEASURE.act("propose_order")
    marks = frozenset({"not_timely"})
    assert rules.refusals(MEASURE, order, Situation("measure", "order", marks=marks, linked=(late,)), OFFICE) == []
    assert rules.refusals(MEASURE, order, Situation("measure", "order", marks=marks, linked=(late, timely)), OFFICE)
    assert rules.refusals(MEASURE, order, Situation("measure", "order", marks=marks), OFFICE)


def test_a_relapse_opens_the_same_finding_anew() -> None:
    second = Offer("office-b", roles=OFFICE.roles, brings=OFFICE.brings)
    at = _take("close", _take("recheck_passed", _reported(), second), second)
    assert at.state() == "closed" and at.running == {"L_LOOKBACK"}
    at = _take("relapse", at, second)
    assert at.state() == "rectifying" and at.running == {"L_RECT_DEADLINE"}
    assert {taken.act for taken in at.done} == {"register", "relapse"}


def test_an_unknown_key_is_refused_with_its_line() -> None:
    text = (
        (LIBRARY / "finding.yaml").read_text("utf-8").replace("    stops: [L_LOOKBACK]", "    halts: [L_LOOKBACK]", 1)
    )
    line = text.splitlines().index("    halts: [L_LOOKBACK]") + 1
    with pytest.raises(EngineInputError, match=f"第 {line} 行.*没有这个项目名") as refused:
        schema.read(text, name="finding.yaml")
    assert refused.value.code == "datafile.schema"
