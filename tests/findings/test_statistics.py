"""Findings counted: a small county counted by hand, each number with the rows behind it, and a slow count beside."""

import io
import re
import statistics
from datetime import date, timedelta
from html import unescape
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from python_calamine import CalamineWorkbook

from dudao.findings import counting, services
from dudao.findings.models import Finding
from dudao.findings.services import Brought
from dudao.findings.spans import chosen, spans
from dudao.findings.views.statistics import percent
from tests.cast import NOW, TODAY, Cast, Player, unit
from tests.findings.conftest import act, facts, outside_paper, proof, tell_on_paper

YEAR = spans([2024])["2024"]


@pytest.fixture(autouse=True)
def _day(settings: Settings) -> None:
    settings.DEMO_TODAY = TODAY


def register(cast: Cast, **changes: Any) -> Finding:
    told_on = changes.pop("told_on", date(2024, 3, 10))
    return services.register_finding(facts=facts(cast, **changes), told_on=told_on, by=cast.office.actor, now=NOW)


@pytest.fixture
def county(cast: Cast) -> dict[str, Finding]:
    """Seven findings: closed in time, late with an order, ahead, at another school, withdrawn, of last year, and closed before.

    In 2024 five count; one of them is at the second school, and one was withdrawn.
    """
    cause = services.add_cause(name="责任不清", by=cast.office.actor, now=NOW)
    done = tell_on_paper(
        cast,
        services.register_finding(facts=facts(cast, found_on=date(2024, 3, 1)), by=cast.office.actor, now=NOW),
    )
    act(done, "plan", cast.head, date(2024, 3, 12))
    act(done, "report", cast.head, date(2024, 3, 20), evidence=[proof()])
    act(done, "recheck_passed", cast.staff, date(2024, 3, 25), evidence=[proof("复查.png")])
    act(done, "close", cast.office, date(2024, 3, 26))
    late = register(cast, basis="b", due_on=date(2024, 4, 5), cause=cause.pk)
    order = services.propose_measure(
        kind="order", unit=cast.school.pk, findings=[late], grounds=["not_timely"], title="整改逾期", wanted="尽快",
        occurred_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    paper = outside_paper(order, "supervision-order", cast.office.actor, cast.school.pk, on=TODAY)
    brought = Brought(occurred_on=TODAY, due_on=date(2024, 4, 25), way="oa", paper=paper, received_by="示例签收人")
    services.act_on_measure(
        measure=order, act="serve_order", brought=brought, base_version=order.version, by=cast.office.actor, now=NOW
    )
    ahead = register(cast, basis="b", title="操场有裂缝", due_on=date(2024, 6, 1))
    other = register(cast, basis="b", unit=cast.school_2.pk, source="complaint", due_on=date(2024, 6, 1))
    gone = register(cast, basis="b", title="登记有误")
    act(gone, "withdraw", cast.staff, TODAY, evidence=[proof()])
    past = register(cast, basis="b", found_on=date(2023, 4, 1), told_on=date(2023, 4, 2), due_on=date(2023, 5, 1))
    act(past, "report", cast.head, date(2023, 5, 20), evidence=[proof()])
    before = services.register_finding(
        facts=facts(cast, found_on=date(2024, 1, 5), title="台账里的"), closed_on=date(2024, 2, 1), words="x",
        by=cast.office.actor, now=NOW,
    )  # fmt: skip
    late.refresh_from_db()
    names = ("done", "late", "ahead", "other", "gone", "past", "before")
    return dict(zip(names, (done, late, ahead, other, gone, past, before), strict=True))


def page(player: Player, name: str, query: str = "", *args: Any) -> str:
    client = Client()
    client.force_login(player.user)
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


@pytest.mark.django_db
def test_the_eight_mechanisms_count_what_was_done_and_what_runs(cast: Cast, county: dict[str, Finding]) -> None:
    found = {m.name: m for m in counting.mechanisms(cast.office.actor, code="2024", span=YEAR, today=TODAY)}
    assert {name: (m.done, m.running) for name, m in found.items()} == {
        # Registered and told of by paper: one; taken over ones were told of before Dudao.
        "报告": (0, None), "反馈": (1, 0), "整改": (1, 3), "复查": (1, 1), "激励": (0, 0), "约谈": (0, 0), "通报": (0, 0),
        "问责": (0, 0), "督办单": (1, 1), "曝光": (0, 0),
    }  # fmt: skip
    seen = {m.name: m for m in counting.mechanisms(cast.head_2.actor, code="2024", span=YEAR, today=TODAY)}
    assert (seen["整改"].done, seen["整改"].running, seen["督办单"].done) == (0, 1, 0)


@pytest.mark.django_db
def test_every_number_opens_as_many_rows_as_it_says(cast: Cast, county: dict[str, Finding]) -> None:
    client = Client()
    client.force_login(cast.office.user)
    checked = 0
    for address in (reverse("findings:statistics") + "?period=2024", reverse("findings:heat") + "?period=2024",
                    reverse("findings:unit", args=[cast.school.pk])):  # fmt: skip
        text = client.get(address).content.decode()
        for link, number in re.findall(r'href="(/findings/\?[^"]+)"[^>]*>(?:<b>)?(\d+)<', text):
            opened = client.get(unescape(link)).content.decode()
            assert f"共 {number} 项" in opened, (link, number)
            checked += 1
        for link, number in re.findall(r'href="(\?[^"#]*open=[^"#]+)#opened"[^>]*>(?:<b>)?(\d+)<', text):
            opened = client.get(reverse("findings:statistics") + unescape(link)).content.decode()
            assert f'<span class="dd-hint">{number}</span>' in opened, (link, number)
            checked += 1
    assert checked > 30


@pytest.mark.django_db
def test_limits_that_came_due_are_kept_or_not_and_what_is_not_due_counts_nowhere(
    cast: Cast, county: dict[str, Finding]
) -> None:
    # done in time; late: its first day passed before the order came; ahead, other and the order's new day are to come.
    assert counting.kept(cast.office.actor, span=YEAR, today=TODAY) == counting.Kept(1, 1, 3, 0)
    last = spans([2023])["2023"]
    kept = counting.kept(cast.office.actor, span=last, today=TODAY)
    assert (kept.in_time, kept.late, kept.rate) == (0, 1, 0)
    none = counting.kept(cast.office.actor, span=spans([2020])["2020"], today=TODAY)
    assert (none.base, none.rate) == (0, None)
    assert "50.0%" in page(cast.office, "findings:statistics", "?period=2024")
    assert "不能计算" in page(cast.office, "findings:statistics", "?period=2024H2")


@pytest.mark.django_db
def test_days_in_each_state_leave_out_what_nobody_saw(cast: Cast, county: dict[str, Finding]) -> None:
    found = {stay.name: stay for stay in counting.stays(cast.office.actor, span=YEAR, today=TODAY)}
    assert found["待告知"].days == [9]
    assert found["整改中"].days == [10] and found["整改中"].longest == county["done"].pk
    assert sorted(days for days, _ in found["整改中"].now) == [31, 31, 31]
    assert found["已报整改、待复查"].days == [5] and found["复查合格、待销号"].days == [1]
    assert found["已销号、待回头看"].now == [(15, county["done"].pk)]


@pytest.mark.django_db
def test_shares_by_cause_source_and_severity(cast: Cast, county: dict[str, Finding]) -> None:
    actor = cast.office.actor
    by_cause = counting.shares(actor, "cause", code="2024", span=YEAR, today=TODAY)
    assert [(s.label, s.count, s.is_open, s.late, s.closed) for s in by_cause] == [
        ("责任不清", 1, 1, 0, 0), ("未填原因", 4, 2, 0, 2),
    ]  # fmt: skip
    assert [(s.label, s.count) for s in counting.shares(actor, "source", code="2024", span=YEAR, today=TODAY)] == [
        ("督导检查", 4), ("投诉举报", 1),
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_map_sums_up_and_shows_kinds_then_units(cast: Cast, county: dict[str, Finding]) -> None:
    found = counting.heat(cast.office.actor, code="2024", span=YEAR, today=TODAY)
    assert found.by_unit and found.total.count == 5
    assert {line.label: [cell.count for cell in line.cells] for line in found.lines} == {
        "b": [2, 1],
        "示例标准第3条": [2, 0],
    }
    assert [cell.count for cell in found.foot] == [4, 1]
    assert {cell.shade for line in found.lines for cell in line.cells} == {0, 2, 4}
    alone = counting.heat(cast.head_2.actor, code="2024", span=YEAR, today=TODAY)
    assert (alone.total.count, len(alone.columns)) == (1, 1)
    assert not counting.heat(cast.office.actor, code="2024", span=YEAR, today=TODAY, kind="village").lines


@pytest.mark.django_db
def test_a_large_map_caps_rows_and_columns_and_loses_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_COLUMNS", 2)
    monkeypatch.setattr(counting, "MOST_ROWS", 3)
    for of in (cast.school, cast.school_2, cast.kindergarten):
        for basis in range(5):
            register(cast, unit=of.pk, basis=f"依据{basis}", due_on=date(2024, 6, 1))
    by_kind = counting.heat(cast.office.actor, code="2024", span=YEAR, today=TODAY)
    assert [label for label, _ in by_kind.columns] == ["学校", "幼儿园"]
    assert [line.label for line in by_kind.lines][-1] == "其余 2 项依据"
    assert sum(cell.count for line in by_kind.lines for cell in line.cells) == by_kind.total.count == 15
    by_unit = counting.heat(cast.office.actor, code="2024", span=YEAR, today=TODAY, kind="school")
    assert by_unit.by_unit and sum(cell.count for cell in by_unit.foot) == 10
    client = Client()
    client.force_login(cast.office.user)
    text = client.get(reverse("findings:heat") + "?period=2024").content.decode()
    assert "其余 2 项依据" in text
    third = unit("示例第三小学", "2164000009")
    register(cast, unit=third.pk, basis="依据1", due_on=date(2024, 6, 1))
    text = client.get(reverse("findings:heat") + "?period=2024&kind=school").content.decode()
    links = re.findall(r'href="(/findings/\?[^"]+unit=-[^"]+)">(?:<b>)?(\d+)<', text)
    assert links
    for link, number in links:
        assert f"共 {number} 项" in client.get(unescape(link)).content.decode()
    whole = counting.heat(cast.office.actor, code="2024", span=YEAR, today=TODAY, whole=True)
    assert len(whole.lines) == 5
    assert whole.total.count == 16


@pytest.mark.django_db
def test_a_unit_over_the_years_shows_what_came_back(cast: Cast, county: dict[str, Finding]) -> None:
    years = counting.unit_years(cast.office.actor, cast.school.pk, today=TODAY)
    assert [(y.year, y.count, y.is_open, y.late, y.closed) for y in years] == [(2024, 4, 2, 0, 2), (2023, 1, 1, 0, 0)]
    repeats = counting.repeats(cast.office.actor, cast.school.pk)
    assert [(r.basis, list(r.years), r.count) for r in repeats] == [("b", [2023, 2024], 3)]
    text = page(cast.head, "findings:unit", "", cast.school.pk)
    assert "几年都出现的依据" in text and "督办单" in text
    client = Client()
    for who in (cast.head_2, cast.foreign_office, cast.foreign):
        client.force_login(who.user)
        assert client.get(reverse("findings:unit", args=[cast.school.pk])).status_code == 404


@pytest.mark.django_db
def test_statistics_and_map_leave_as_excel(cast: Cast, county: dict[str, Finding]) -> None:
    client = Client()
    client.force_login(cast.office.user)
    answer = client.get(reverse("findings:statistics") + "?period=2024&export=xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer)))  # type: ignore[arg-type]
    assert book.sheet_names == ["八项机制", "按原因", "按来源", "按严重程度", "各状态天数", "按期报送"]
    assert book.get_sheet_by_name("按期报送").to_python()[3] == [1.0, 1.0, 2.0, 3.0, 0.0]
    answer = client.get(reverse("findings:heat") + "?period=2024&export=xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()  # type: ignore[arg-type]
    assert rows[-1][0] == "合计" and rows[-1][-1] == 5.0


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["findings:statistics", "findings:heat"])
def test_a_page_of_counts_takes_the_same_statements_for_more_findings(cast: Cast, name: str) -> None:
    counts = []
    client = Client()
    client.force_login(cast.office.user)
    for _ in range(2):
        for n in range(4):
            register(cast, basis=f"b{n}", due_on=date(2024, 6, 1))
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse(name)).status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_periods_are_years_halves_and_terms_and_another_code_is_this_year() -> None:
    known = spans([2024, 2023])
    assert (known["2024H2"].start, known["2024H2"].end) == (date(2024, 7, 1), date(2024, 12, 31))
    assert all(span.start.year == int(code[:4]) for code, span in known.items())
    assert "第二学期" in known["2024T1"].label and "第一学期" in known["2024T2"].label
    assert chosen("x", [2024], today=TODAY)[0] == chosen("1999", [2024], today=TODAY)[0] == "2024"


STATES = ("registered", "rectifying", "reported", "not_in_place", "passed", "closed", "archived", "withdrawn")
ACTS = st.lists(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(STATES)), min_size=1, max_size=8), max_size=6)


@given(ACTS)
def test_days_in_states_agree_with_a_slow_count(found: list[list[tuple[int, str]]]) -> None:
    """Day by day: a finding stands where the last act up to that day left it."""
    first = date(2024, 1, 1)
    acts: list[tuple[UUID, date, str]] = []
    expected: dict[str, list[int]] = {}
    now: dict[str, list[int]] = {}
    for at, steps in enumerate(found):
        key, day = UUID(int=at + 1), first
        path: list[tuple[date, str]] = []
        for gap, state in steps:
            day += timedelta(days=gap)
            path.append((day, state))
            acts.append((key, day, state))
        joined = [path[0]]
        for one in path[1:]:
            if one[1] != joined[-1][1]:
                joined.append(one)
        for (since, state), (until, _) in pairwise(joined):
            expected.setdefault(state, []).append((until - since).days)
        now.setdefault(joined[-1][1], []).append((date(2026, 1, 1) - joined[-1][0]).days)
    names = {state.id: state.name for state in counting.library.procedure("finding").states}
    for stay in counting.reckon_stays(acts, today=date(2026, 1, 1)):
        code = next(code for code, name in names.items() if name == stay.name)
        days = sorted(expected.get(code, []))
        assert stay.days == days
        if code not in ("archived", "withdrawn"):
            assert sorted(n for n, _ in stay.now) == sorted(now.get(code, []))
        if days:
            assert stay.median == statistics.median(days) and stay.most == max(days)
            assert stay.p90 is not None
            assert sum(d <= stay.p90 for d in days) * 10 >= 9 * len(days)
            assert sum(d < stay.p90 for d in days) * 10 < 9 * len(days)


@pytest.mark.parametrize(("part", "whole", "said"), [(1, 3, "33.3%"), (2, 3, "66.7%"), (1, 8, "12.5%"), (1, 1, "100.0%"), (0, 9, "0.0%"), (0, 0, ""), (1, 2000, "0.1%")])  # fmt: skip
def test_a_share_is_rounded_once_half_up_and_nothing_is_not_zero(part: int, whole: int, said: str) -> None:
    assert percent(part, whole) == said
