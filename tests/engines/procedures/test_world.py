"""The four machines together keep the laws of the field, and the check sees it when a file breaks one."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from dudao_engines.procedures import rules, schema, world
from dudao_engines.procedures.schema import Procedure
from dudao_engines.procedures.situation import Situation

LIBRARY = Path(__file__).parents[3] / "library" / "procedures"
ALL = schema.load(LIBRARY)
PLANS = {plan.name: plan for plan in world.plans()}
DEEP = world.deep_plans() if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else []


@pytest.mark.parametrize("plan", [*PLANS.values(), *DEEP], ids=lambda plan: plan.name)
def test_no_order_of_acts_by_anybody_breaks_a_law(plan: world.Plan) -> None:
    walk = world.World(ALL, plan).walk()
    assert not walk.breaches, "\n".join(map(str, walk.breaches))
    assert plan.depth is None or walk.depth == plan.depth >= 11


def test_every_machine_that_touches_another_is_walked_together_with_it() -> None:
    walked = [{slot.procedure for slot in plan.slots} for plan in PLANS.values()]
    assert world.coupled(ALL) == {frozenset({"inspection", "finding"}), frozenset({"measure", "finding"})}
    assert all(any(pair <= seen for seen in walked) for pair in world.coupled(ALL))
    assert any(set(ALL) <= seen for seen in walked)


def test_every_law_can_be_seen_to_break() -> None:
    assert set(world.LAWS) == {law for law, *_ in MUTATIONS} | {"own_unit"}


def test_the_report_waits_for_no_rectification() -> None:
    inspection = ALL["inspection"]
    late = Situation("finding", states=(("main", "rectifying"),), passed=frozenset({"L_RECT_DEADLINE"}))
    for act, stand in (("submit_report", "none"), ("publish_report", "submitted"), ("keep_back", "submitted")):
        at = Situation(
            "inspection", "special", (("main", "issued"), ("report", stand)), papers=frozenset({"inspection-report"}),
            linked=(late,),
        )  # fmt: skip
        assert rules.blocked(inspection, inspection.act(act), at) == []


# ---- the check can fail ------------------------------------------------------------------------------------------------

Files = dict[str, Any]


def _mutated(change: Callable[[Files], None]) -> dict[str, Procedure]:
    files = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in LIBRARY.glob("*.yaml")}
    change(files)
    return {name: schema.read(yaml.safe_dump(file, allow_unicode=True), name=name) for name, file in files.items()}


def _all(*changes: Callable[[Files], None]) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        for one in changes:
            one(files)

    return change


def _set(procedure: str, act: str, **fields: Any) -> Callable[[Files], None]:
    """Change fields of an act; ``None`` takes them out."""

    def change(files: Files) -> None:
        known = next(a for a in files[procedure]["acts"] if a["id"] == act)
        known.update(fields)
        for name in [name for name, value in fields.items() if value is None]:
            known.pop(name)

    return change


def _add(procedure: str, **fields: Any) -> Callable[[Files], None]:
    return lambda files: files[procedure]["acts"].append({"evidence": "DESIGN", **fields})


def _drop(procedure: str, *acts: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files[procedure]["acts"] = [a for a in files[procedure]["acts"] if a["id"] not in acts]

    return change


def _all(*changes: Callable[[Files], None]) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        for one in changes:
            one(files)

    return change


_SHORT = {"who": ["office"], "name": "示例捷径"}
MUTATIONS: list[tuple[str, str, Callable[[Files], None]]] = [
    ("second_person", "问题", _set("finding", "recheck_passed", needs=None)),
    ("second_person", "问题", _set("finding", "close", needs=None)),
    ("second_person", "问题", _set("finding", "withdraw", needs=None)),
    ("evidence", "问题", _set("finding", "recheck_passed", brings=["words"])),
    ("evidence", "问题", _set("finding", "look_back_passed", brings=["words"])),
    ("closing", "问题", _add("finding", id="short", **{"from": ["reported"]}, to="closed", **_SHORT)),
    ("closing", "问题", _add("finding", id="short", **{"from": ["rectifying"]}, to="archived", **_SHORT)),
    # Two of the office wrote down plan and report for the unit: without a new round nobody is left to close.
    ("way_out", "问题", _all(_set("finding", "send_back", round=None), _set("finding", "recheck_failed", round=None))),
    ("way_out", "问题", _drop("finding", "look_back_passed")),
    ("way_out", "circular", _drop("measure", "end_circular", "revoke")),
    ("way_out", "两个问题、督办单", _drop("finding", "close")),
    ("clocks", "问题", _set("finding", "withdraw", stops=None)),
    ("clocks", "circular", _set("measure", "cancel", stops=None)),
    ("open_inspection", "督导、问题", _set("inspection", "archive", needs=[{"state": ["published", "kept_back"]}])),
    ("receipts", "督导", _set("inspection", "submit_report", ticks=["本级人民政府已收到"])),
    ("papers", "督导", _set("inspection", "issue", paper=None)),
    ("heard", "督导", _set("inspection", "analyse", needs=None)),
    ("heard", "问题、order", _set("measure", "hand_on", needs=None)),
    ("heard", "circular", _set("measure", "issue_circular", needs=None)),
    ("heard", "circular", _set("measure", "issue_circular", needs=None, **{"from": ["drafting"]})),
    ("heard", "exposure", _set("measure", "approve_exposure", needs=[{"other_than": ["propose_exposure"]}])),
    ("heard", "问题、问责", _set("accountability", "submit", needs=None)),
    ("talk_record", "talk", _set("measure", "hold_talk", brings=["words", "due"])),
    ("talk_record", "talk", _add("measure", id="short", kinds=["talk"], **{"from": ["called"]}, to="ended", **_SHORT)),
    (
        "order_ground",
        "问题、order",
        _all(_set("measure", "propose_order", needs=None), _set("measure", "serve_order", needs=None)),
    ),
    ("reward_open", "问题、reward", _set("measure", "give_reward", needs=None)),
    ("beside", "问题、order", _set("finding", "supervised", to="closed")),
    ("pair", "exposure", _set("measure", "approve_exposure", needs=None)),
    ("pair", "reward", _set("measure", "approve_reward", needs=None)),
    ("pair", "问责", _set("accountability", "decide", needs=None)),
    ("execution", "问题、问责", _set("accountability", "execute", needs=[{"state": ["none"]}])),
    (
        "once",
        "问题、问责",
        _set("accountability", "apply_review", needs=None, **{"from": ["none", "reviewed"]}),
    ),
    ("once", "问题、问责", _set("accountability", "appeal", needs=None, **{"from": ["none", "upheld"]})),
    ("remedy_open", "问题、问责", _set("accountability", "archive", needs=None)),
    (
        "remedy_open",
        "问题、问责",
        _set("accountability", "archive", needs=[{"state": ["none", "reviewed", "upheld", "corrected"]}]),
    ),
    ("possible", "circular", _set("measure", "propose_circular", needs=[{"mark": ["after_order"]}])),
    ("possible", "reward", _set("measure", "propose_reward", needs=[{"some": "finding"}])),
]  # fmt: skip


@pytest.mark.parametrize(("law", "name", "change"), MUTATIONS, ids=[f"{n}-{m[0]}" for n, m in enumerate(MUTATIONS)])
def test_a_file_that_breaks_a_law_is_seen(law: str, name: str, change: Callable[[Files], None]) -> None:
    walk = world.World(_mutated(change), PLANS[name]).walk(until=law)
    assert law in {breach.law for breach in walk.breaches}, [str(b) for b in walk.breaches]


def test_the_shortest_trail_is_told_in_words() -> None:
    changed = _mutated(_set("finding", "recheck_passed", needs=None))
    walk = world.World(changed, PLANS["问题"]).walk(until="second_person")
    assert str(walk.breaches[0]).splitlines() == [
        "[second_person] 写整改方案、整改报告的人（含代录的人）不复查、不销号、不回头看；登记问题的人不撤销（教育督导条例22条2款）",
        "  1. 督导室甲：问题一 补录历史问题",
        "  2. 督导室甲（代录）：问题一 报送整改报告",
        "  3. 督导室甲：问题一 复查合格",
    ]


def test_who_was_of_the_unit_does_not_recheck_its_report_in_the_office() -> None:
    changed = _mutated(_set("finding", "recheck_passed", needs=None))
    walk = world.World(changed, replace(PLANS["问题"], newcomer=True)).walk(until="second_person")
    assert walk.breaches[0].steps[-1] == "原单位负责人（已调入督导室）：问题一 复查合格"


def test_rules_that_let_the_unit_act_as_the_office_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = rules.may_take
    monkeypatch.setattr(rules, "may_take", lambda act, offer: real(act, replace(offer, of_unit=False)))
    walk = world.World(ALL, PLANS["问题"]).walk(until="own_unit")
    assert {breach.law for breach in walk.breaches} == {"own_unit"}


def test_rules_that_forget_who_began_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = rules.after

    def forgetful(procedure: Procedure, act: schema.Act, at: Any, persons: Any) -> Any:
        new = real(procedure, act, at, persons)
        return replace(new, done=frozenset(t for t in new.done if t.act == act.id)) if act.round else new

    monkeypatch.setattr(rules, "after", forgetful)
    walk = world.World(ALL, PLANS["问题"]).walk()
    assert "second_person" in {breach.law for breach in walk.breaches}
