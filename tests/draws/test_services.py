"""What a draw refuses, how it goes from the list to the result, and what comes of it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from dudao.audit.models import AuditEvent
from dudao.draws import content, packing, queries, services
from dudao.draws.content import Line
from dudao.draws.models import Draw
from dudao.inspections.models import Inspection
from dudao.inspectors import queries as inspectors
from dudao.inspectors import services as registering
from dudao.inspectors.models import Inspector
from dudao.places.models import Unit
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, player
from tests.draws.stage import (
    EVENT_ON,
    LATER,
    SIZES,
    SOURCES,
    drawn,
    frozen,
    lines,
    named,
    prepared,
    school_lines,
    seeded,
)
from tests.inspectors.stage import ABLE, announced, entered

pytestmark = pytest.mark.django_db


def refusal(act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value


def freeze(draw: Draw, cast: Cast) -> None:
    services.freeze_draw(draw=draw, base_version=draw.version, by=cast.office.actor, now=NOW)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda rows: [*rows, rows[2]], "draws.double"),
        (lambda rows: [replace(rows[0], name=" "), *rows[1:]], "draws.blank"),
    ],
)
def test_a_list_with_duplicates_or_blanks_is_not_frozen(cast: Cast, change: Any, code: str) -> None:
    draw = named(prepared(cast, change(lines())), cast)
    assert refusal(lambda: freeze(draw, cast)).code == code
    draw.refresh_from_db()
    assert draw.state == "draft" and not draw.sha256


def test_an_empty_list_and_a_sample_larger_than_the_list_are_refused(cast: Cast) -> None:
    draw = prepared(cast)
    by = {"by": cast.office.actor, "now": NOW}
    no_lines = refusal(
        lambda: services.set_lines(draw=draw, base_version=draw.version, lines=[], origin="示例", **by)  # type: ignore[arg-type]
    )
    assert no_lines.code == "draws.empty"
    too_many = refusal(lambda: services.set_take(draw=draw, base_version=draw.version, take=11, **by))  # type: ignore[arg-type]
    assert too_many.code == "draws.take" and too_many.field == "take"
    services.set_lines(draw=draw, base_version=draw.version, lines=lines(2), origin="示例", **by)  # type: ignore[arg-type]
    assert refusal(lambda: freeze(named(draw, cast), cast)).code == "draws.take"
    empty = services.prepare(purpose="示例", method="simple", held_on=date(2024, 4, 22), **by)  # type: ignore[arg-type]
    services.set_take(draw=empty, base_version=empty.version, take=1, **by)  # type: ignore[arg-type]
    assert refusal(lambda: freeze(named(empty, cast), cast)).code == "draws.empty"


@pytest.mark.parametrize("size", [None, 0, -4])
def test_by_size_every_line_has_a_size_above_zero(cast: Cast, size: int | None) -> None:
    rows = lines(5, sizes=SIZES)
    rows[3] = replace(rows[3], size=size)
    said = refusal(lambda: freeze(named(prepared(cast, rows, method="systematic", take=2), cast), cast))
    assert said.code == "draws.size" and "第 4 行" in said.message


def test_a_list_without_a_source_of_the_seed_is_not_frozen_and_the_event_lies_ahead(cast: Cast) -> None:
    draw = prepared(cast)
    assert refusal(lambda: freeze(draw, cast)).code == "draws.seed_source"
    for day in (TODAY, TODAY - timedelta(days=1)):
        said = refusal(
            lambda day=day: services.name_event(  # type: ignore[misc]
                draw=draw, base_version=draw.version, event="示例", event_on=day, by=cast.office.actor, now=NOW
            )
        )
        assert said.code == "draws.seed_source"
    # Named in time but frozen on the day of the event: too late.
    named(draw, cast)
    late = refusal(lambda: services.freeze_draw(draw=draw, base_version=draw.version, by=cast.office.actor, now=LATER))
    assert late.code == "draws.seed_source"


def test_after_the_freezing_nothing_changes(cast: Cast) -> None:
    draw = frozen(cast)
    by: dict[str, Any] = {"draw": draw, "base_version": draw.version, "by": cast.office.actor, "now": NOW}
    acts = [
        lambda: services.set_lines(lines=lines(4), origin="示例", **by), lambda: services.set_take(take=2, **by),
        lambda: services.change(purpose="另一件事", method="simple", held_on=TODAY, **by),
        lambda: services.set_people(inspectors_=[], each=1, most=1, **by),
        lambda: services.name_event(event="另一期", event_on=EVENT_ON, **by), lambda: services.freeze_draw(**by),
    ]  # fmt: skip
    assert [refusal(act).code for act in acts] == ["draws.state"] * len(acts)
    text, digest = draw.frozen_text, draw.sha256
    draw.refresh_from_db()
    assert (draw.frozen_text, draw.sha256) == (text, digest)
    assert hashlib.sha256(text.encode()).hexdigest() == digest
    assert AuditEvent.objects.get(action="draw.frozen").facts["sha256"] == digest


def say(draw: Draw, cast: Cast, *, seed: str = "0311", on: date = EVENT_ON, now: Any = LATER) -> None:
    services.say_seed(
        draw=draw, base_version=draw.version, seed=seed, seed_from=SOURCES, on=on, by=cast.office.actor, now=now
    )


def test_a_seed_before_the_freezing_or_before_the_event_is_refused(cast: Cast) -> None:
    draft = named(prepared(cast), cast)
    assert refusal(lambda: say(draft, cast)).code == "draws.seed_early"
    freeze(draft, cast)
    early = refusal(lambda: say(draft, cast, on=TODAY, now=NOW))
    assert early.code == "draws.seed_early" and early.field == "on"
    assert refusal(lambda: say(draft, cast, now=NOW)).code == "draws.future"
    assert refusal(lambda: say(draft, cast, seed=" 　")).code == "draws.seed"
    say(draft, cast, seed="０３ 11")
    assert draft.seed == "0311" and draft.state == "seeded"
    assert refusal(lambda: say(draft, cast)).code == "draws.state"


def test_a_draw_is_run_once_and_only_with_its_seed(cast: Cast) -> None:
    waiting = frozen(cast)
    run = lambda draw: services.run(draw=draw, base_version=draw.version, by=cast.office.actor, now=LATER)  # noqa: E731
    assert refusal(lambda: run(waiting)).code == "draws.state"
    say(waiting, cast)
    run(waiting)
    first = waiting.result
    assert refusal(lambda: run(waiting)).code == "draws.twice"
    waiting.refresh_from_db()
    assert waiting.result == first and len(first["drawn"]) == 3 and waiting.drawn_on == EVENT_ON


def test_what_was_changed_in_the_database_is_not_drawn(cast: Cast) -> None:
    draw = seeded(cast)
    Draw.objects.filter(pk=draw.pk).update(frozen_text=draw.frozen_text.replace("示例3校", "示例甲校"))
    draw.refresh_from_db()
    said = refusal(lambda: services.run(draw=draw, base_version=draw.version, by=cast.office.actor, now=LATER))
    assert said.code == "draws.tampered"


SECRETS = ("督导室封存的数 20240410 甲", "纪检组封存的数 20240410 乙")


def put(secrets: tuple[str, ...] = SECRETS) -> list[tuple[str, str]]:
    said = ["".join(one.split()) for one in secrets]
    return [(f"第{at}方（示例）", hashlib.sha256(one.encode()).hexdigest()) for at, one in enumerate(said)]


def committed(cast: Cast, secrets: tuple[str, ...] = SECRETS) -> Draw:
    draw = prepared(cast)
    services.commit(draw=draw, base_version=draw.version, put=put(secrets), put_on=TODAY, by=cast.office.actor, now=NOW)
    return draw


def reveal(draw: Draw, cast: Cast, position: int, secret: str) -> None:
    services.reveal(
        draw=draw, base_version=draw.version, position=position, secret=secret, on=TODAY, by=cast.office.actor, now=NOW
    )


def test_two_parties_put_a_number_aside_and_say_it_after_the_freezing(cast: Cast) -> None:
    draw = committed(cast)
    assert refusal(lambda: reveal(draw, cast, 1, SECRETS[0])).code == "draws.seed_early"
    freeze(draw, cast)
    assert "对不上" in refusal(lambda: reveal(draw, cast, 1, SECRETS[1])).message
    reveal(draw, cast, 2, SECRETS[1])
    assert draw.state == "frozen"
    assert refusal(lambda: reveal(draw, cast, 2, SECRETS[1])).code == "draws.seed"
    assert refusal(lambda: say(draw, cast)).code == "draws.seed"
    reveal(draw, cast, 1, SECRETS[0])
    assert draw.state == "seeded" and draw.seed == "|".join("".join(one.split()) for one in SECRETS)
    services.run(draw=draw, base_version=draw.version, by=cast.office.actor, now=NOW)
    assert packing.check(packing.opened(packing.bundle(draw)), draw).agrees


def test_one_party_alone_the_same_number_twice_or_a_short_one_are_refused(cast: Cast) -> None:
    draw = prepared(cast)
    for said in (
        put()[:1],
        [put()[0], put()[0]],
        [("甲", put()[0][1]), ("乙", put()[0][1])],
        [("甲", "abc"), ("乙", "def")],
    ):
        wrong = refusal(
            lambda said=said: services.commit(  # type: ignore[misc]
                draw=draw, base_version=draw.version, put=said, put_on=TODAY, by=cast.office.actor, now=NOW
            )
        )
        assert wrong.code == "draws.seed_source"
    short = committed(cast, ("12345", SECRETS[1]))
    freeze(short, cast)
    assert "试出来" in refusal(lambda: reveal(short, cast, 1, "12345")).message


def test_a_voided_one_stays_with_its_reason_and_another_takes_its_place(cast: Cast) -> None:
    draw = drawn(cast)
    by: dict[str, Any] = {"by": cast.office.actor, "now": LATER}
    assert refusal(lambda: services.void(draw=draw, base_version=draw.version, reason=" ", **by)).code == "draws.words"
    services.void(draw=draw, base_version=draw.version, reason="名单漏了一所（示例）", **by)
    assert draw.state == "void" and draw.result is not None
    again = services.prepare(purpose="重抽（示例）", method="simple", held_on=TODAY, follows=draw, **by)
    assert again.lines == draw.lines and again.take == 3 and not again.sha256
    other = prepared(cast)
    assert refusal(
        lambda: services.prepare(purpose="示例", method="simple", held_on=TODAY, follows=other, **by)
    ).code == "draws.follows"  # fmt: skip


def test_the_vector_of_the_sampling_rules_and_its_chances_are_shown_as_fractions(cast: Cast) -> None:
    draw = drawn(cast, lines(5, sizes=SIZES), method="systematic", take=2)
    rows = {row.unit.key: row for row in content.rows(draw, content.thawed(draw))}
    assert [str(rows[f"S00{at}"].odds) for at in range(5)] == ["2/5", "4/15", "2/3", "1/5", "7/15"]
    assert rows["S002"].percent == "66.67%" and sum(row.odds for row in rows.values() if row.odds) == 2
    sure = drawn(cast, lines(3, sizes=(900, 50, 50)), method="systematic", take=2)
    [certain] = [row for row in content.rows(sure, content.thawed(sure)) if row.is_sure]
    assert certain.unit.key == "S000" and certain.percent == "100.00%" and certain.drawn


@pytest.mark.parametrize(
    ("method", "take", "more"),
    [("simple", 3, 5), ("lasting", 3, 6), ("stratified", {"城区": 1, "乡镇": 2}, {"城区": 2, "乡镇": 3})],
)
def test_a_larger_sample_keeps_what_was_drawn(cast: Cast, method: str, take: Any, more: Any) -> None:
    rows = lines(10, sizes=tuple(range(20, 220, 20)), strata=("城区", "乡镇"))
    draw = drawn(cast, rows, method=method, take=take)
    by: dict[str, Any] = {"draw": draw, "reason": "样本不够（示例）", "by": cast.office.actor, "now": LATER}
    assert refusal(lambda: services.enlarge(base_version=draw.version, take=take, **by)).code == "draws.take"
    row = services.enlarge(base_version=draw.version, take=more, **by)
    before = draw.result["drawn"]  # type: ignore[index]
    assert len(row.added) == (sum(more.values()) if isinstance(more, dict) else more) - 3
    assert not set(row.added) & set(before)
    # The same as if so many had been taken at once by these tickets.
    order = draw.result["order"]  # type: ignore[index]
    strata = {one.key: one.stratum for one in rows}
    for name in more if isinstance(more, dict) else [None]:
        pool = [key for key in order if name is None or strata[key] == name]
        wanted = more[name] if isinstance(more, dict) else more
        assert set(pool[:wanted]) <= {*before, *row.added}
    assert refusal(
        lambda: services.enlarge(base_version=draw.version, take={"城区": 99, "乡镇": 3} if isinstance(more, dict) else 99, **by)
    ).code == "draws.take"  # fmt: skip


def test_equal_steps_along_the_list_cannot_be_enlarged(cast: Cast) -> None:
    draw = drawn(cast, lines(5, sizes=SIZES), method="systematic", take=2)
    said = refusal(
        lambda: services.enlarge(
            draw=draw, base_version=draw.version, take=3, reason="示例", by=cast.office.actor, now=LATER
        )
    )
    assert said.code == "draws.method"


# Schools and inspectors


@pytest.fixture
def people(cast: Cast) -> list[Inspector]:
    rows = [
        entered(
            player(f"督学{at}", "inspector", cast.office.appointment.unit, username=f"d{at}"),
            replace(ABLE, certificate_number=f"示例{at}", certificate_to=date(2026, 8, 31)),
        )
        for at in range(5)
    ]
    for row in rows:
        announced(row)
    return rows


def recuse(row: Inspector, line: Line, cast: Cast) -> None:
    registering.say_recusal(
        inspector=row, unit=Unit.objects.get(pk=line.unit), ground="kin", words="示例", origin="declared", start_on=TODAY,
        said_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip


def crewed(cast: Cast, people: list[Inspector], rows: list[Line], *, each: int = 2, most: int = 3, **more: Any) -> Draw:
    draw = prepared(cast, rows, take=2)
    services.set_people(
        draw=draw, base_version=draw.version, inspectors_=[one.pk for one in people], each=each, most=most,
        by=cast.office.actor, now=NOW, **more,
    )  # fmt: skip
    return named(draw, cast)


def finish(draw: Draw, cast: Cast) -> Draw:
    freeze(draw, cast)
    say(draw, cast)
    services.run(draw=draw, base_version=draw.version, by=cast.office.actor, now=LATER)
    return draw


def test_recused_inspectors_never_meet_their_school_and_names_stay_inside(cast: Cast, people: list[Inspector]) -> None:
    rows = school_lines(cast, 3)
    for line in rows:
        recuse(people[0], line, cast)
    draw = finish(crewed(cast, people, rows), cast)
    numbers = {one.inspector: one for one in content.members(draw)}
    out = numbers[str(people[0].pk)].number
    teams = draw.result["teams"]  # type: ignore[index]
    assert all(len(team) == 2 and out not in team for team in teams.values())
    said = json.loads(draw.frozen_text)
    assert sorted(said["crew"]["apart"]) == sorted([line.key, out] for line in rows)
    assert not any(one.person.name in draw.frozen_text for one in people)
    # Who stands behind a number can be proved afterwards.
    one = numbers[str(people[1].pk)]
    seal = hashlib.sha256(f"{one.salt}|{people[1].person.name}".encode()).hexdigest()[:16]
    assert f"督学{one.number}（封签 {seal}）" in draw.frozen_text and one.salt not in draw.frozen_text
    open_names = crewed(cast, people, rows, shows_names=True)
    freeze(open_names, cast)
    assert people[0].person.name in open_names.frozen_text


def test_a_team_that_cannot_be_had_is_said_before_anything_is_written(cast: Cast, people: list[Inspector]) -> None:
    rows = school_lines(cast, 2)
    assert "人次" in refusal(lambda: freeze(crewed(cast, people, rows, each=3, most=1), cast)).message
    for row in people[:3]:
        for line in rows:
            recuse(row, line, cast)
    # Each school alone has its two, both together have not: only known when it is drawn.
    draw = crewed(cast, people, rows, most=1)
    freeze(draw, cast)
    say(draw, cast)
    said = refusal(lambda: services.run(draw=draw, base_version=draw.version, by=cast.office.actor, now=LATER))
    assert said.code == "draws.unstaffed"
    draw.refresh_from_db()
    assert draw.state == "seeded" and draw.result is None
    recuse(people[3], rows[0], cast)
    assert "除去回避只有 1 名" in refusal(lambda: freeze(crewed(cast, people, rows), cast)).message


def test_people_out_of_office_and_units_outside_the_register_are_refused(cast: Cast, people: list[Inspector]) -> None:
    draw = crewed(cast, people, lines(4))
    assert refusal(lambda: freeze(draw, cast)).code == "draws.unit"
    stranger = entered(player("未聘", "inspector", cast.office.appointment.unit, username="wp"))
    assert refusal(lambda: crewed(cast, [stranger], lines(4))).code == "draws.people"
    good = crewed(cast, people, school_lines(cast, 3))
    term = people[2].terms.get()
    registering.end_term(
        term=term,
        base_version=term.version,
        ended_on=TODAY,
        ground="moved",
        words="示例",
        by=cast.office.actor,
        now=NOW,
    )
    assert refusal(lambda: freeze(good, cast)).code == "draws.people"


def test_who_has_no_valid_certificate_on_the_day_is_not_drawn(cast: Cast, people: list[Inspector]) -> None:
    good = crewed(cast, people, school_lines(cast, 3))
    Inspector.objects.filter(pk=people[1].pk).update(certificate_to=date(2024, 4, 11))
    assert "督学1（示例）的督学证" in refusal(lambda: freeze(good, cast)).message
    assert "督学1（示例）的督学证" in refusal(lambda: crewed(cast, people, lines(4))).message


def test_the_days_of_list_event_and_visits_follow_one_another(cast: Cast) -> None:
    draw = named(prepared(cast), cast)
    Draw.objects.filter(pk=draw.pk).update(held_on=draw.event_on - timedelta(days=1))
    draw.refresh_from_db()
    assert "约定的事件在计划开展那天以后" in refusal(lambda: freeze(draw, cast)).message
    Draw.objects.filter(pk=draw.pk).update(held_on=TODAY - timedelta(days=1))
    draw.refresh_from_db()
    assert "已经过去" in refusal(lambda: freeze(draw, cast)).message


def adopt(draw: Draw, cast: Cast, **more: Any) -> list[Inspection]:
    return services.adopt(
        draw=draw, base_version=draw.version, kind="special", title="食堂专项督导（示例）", matters="食品安全\n陪餐",
        begin_on=date(2024, 4, 22), end_on=date(2024, 4, 23), by=cast.office.actor, now=LATER, **more,
    )  # fmt: skip


def test_the_result_becomes_inspections_with_the_drawn_inspectors_once(cast: Cast, people: list[Inspector]) -> None:
    draw = finish(crewed(cast, people, school_lines(cast, 4)), cast)
    made = adopt(draw, cast)
    known = {one.number: one.person for one in content.members(draw)}
    codes = {one.unit: one.key for one in content.lines(draw)}
    for one in made:
        team = draw.result["teams"][codes[str(one.unit_id)]]  # type: ignore[index]
        assert {str(member.person_id) for member in one.team.all()} == {known[number] for number in team}
    draw.refresh_from_db()
    assert draw.inspections == [str(one.pk) for one in made]
    assert refusal(lambda: adopt(draw, cast)).code == "draws.adopted" and Inspection.objects.count() == 2
    by: dict[str, Any] = {"draw": draw, "base_version": draw.version, "by": cast.office.actor, "now": LATER}
    assert refusal(lambda: services.void(reason="示例", **by)).code == "draws.adopted"


def test_somebody_recused_after_the_freezing_stops_it_or_is_left_out(cast: Cast, people: list[Inspector]) -> None:
    draw = finish(crewed(cast, people, school_lines(cast, 4)), cast)
    first = draw.result["drawn"][0]  # type: ignore[index]
    number = draw.result["teams"][first][0]  # type: ignore[index]
    member = next(one for one in content.members(draw) if one.number == number)
    line = next(one for one in content.lines(draw) if one.key == first)
    recuse(Inspector.objects.get(pk=member.inspector), line, cast)
    assert inspectors.recused("640122", [UUID(member.person)], [UUID(line.unit)], day=TODAY)
    assert refusal(lambda: adopt(draw, cast)).code == "inspections.recused"
    draw.refresh_from_db()
    assert draw.adopted_on is None and Inspection.objects.count() == 0
    made = adopt(draw, cast, leaves_out=True)
    assert sorted(one.team.count() for one in made) == [1, 2]


def test_lines_that_are_no_units_do_not_become_inspections(cast: Cast) -> None:
    assert refusal(lambda: adopt(drawn(cast), cast)).code == "draws.unit"


def test_only_the_office_acts_and_a_page_of_before_is_a_conflict(cast: Cast) -> None:
    draw = prepared(cast)
    for who in (cast.head, cast.system_admin):
        said = refusal(
            lambda who=who: services.set_take(draw=draw, base_version=draw.version, take=1, by=who.actor, now=NOW)  # type: ignore[misc]
        )
        assert said.code == "draws.not_allowed"
    with pytest.raises(Conflict):
        services.set_take(draw=draw, base_version=1, take=1, by=cast.office.actor, now=NOW)
    assert (
        queries.draws_visible_to(cast.head.actor).count()
        == 0
        == queries.draws_visible_to(cast.foreign_office.actor).count()
    )


# Checking what comes back


def test_a_bundle_agrees_and_a_changed_one_says_which_line(cast: Cast) -> None:
    draw = drawn(cast, lines(8, sizes=(5, 6, 7, 8, 9, 10, 11, 12)), method="lasting")
    said = packing.opened(packing.bundle(draw))
    assert packing.check(said, draw).agrees and packing.check(said["frozen"], draw).agrees
    changed = json.loads(json.dumps(said))
    changed["frozen"]["units"][4][3] = 900
    changed["frozen"]["units"].pop(1)
    verdict = packing.check(changed, draw)
    assert not verdict.agrees and "对不上" in verdict.title
    assert verdict.faults == ("第 4 行“示例4校”的规模由“9”改成“900”", "少了冻结时的第 2 行“示例1校”")
    other = json.loads(json.dumps(said))
    other["frozen"]["take"] = 4
    assert packing.check(other, draw).faults == ("抽取数量被改过",)
    for name, value in (("drawn", said["drawn"][::-1]), ("seeds", ["9999"]), ("tickets", said["tickets"][::-1])):
        assert not packing.check({**said, name: value}, draw).agrees


def test_another_seed_that_repeats_itself_is_not_ours(cast: Cast) -> None:
    draw = drawn(cast)
    forged = seeded(cast, seed="别的种子")
    Draw.objects.filter(pk=forged.pk).update(frozen_text=draw.frozen_text, sha256=draw.sha256)
    forged.refresh_from_db()
    services.run(draw=forged, base_version=forged.version, by=cast.office.actor, now=LATER)
    verdict = packing.check(content.published(forged), draw)
    assert not verdict.agrees and "种子和登记的不同" in verdict.title
    assert "不是本县公布的" in packing.check(content.published(draw), None).title


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"[]", b"{}", b'{"frozen": 3}', b"\xff\xfe", b'{"units": [[]]' + b"[" * 5000]
)
def test_rubbish_is_refused_in_words(data: bytes) -> None:
    assert refusal(lambda: packing.opened(data)).code == "draws.file"


def test_odd_content_is_a_fault_and_no_error(cast: Cast) -> None:
    draw = drawn(cast)
    for odd in (
        {"units": [1, None]},
        {"frozen": {"units": []}, "sha256": 4},
        {"frozen": {"units": [["a"]], "crew": 7}},
    ):
        assert not packing.check(odd, draw).agrees and not packing.check(odd, None).agrees
        assert isinstance(packing.digest_of(odd), str)
