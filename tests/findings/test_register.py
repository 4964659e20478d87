"""The register: who sees which rows, filters and counts, the ledger in Excel and on paper; causes and limits."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings
from python_calamine import CalamineWorkbook

from dudao.findings import lights, lists, picture, queries, services
from dudao.findings.models import Cause, Finding
from dudao.procedures import library
from dudao.procedures.models import Act, Clock, LimitValue
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, Player
from tests.findings.conftest import act, facts, proof

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day(settings: Settings) -> None:
    settings.DEMO_TODAY = TODAY


def history(cast: Cast, **changes: Any) -> Finding:
    """A finding that the unit was told of before."""
    told_on = changes.pop("told_on", date(2024, 3, 10))
    return services.register_finding(facts=facts(cast, **changes), told_on=told_on, by=cast.office.actor, now=NOW)


def many(cast: Cast, count: int) -> None:
    """Copies of one told finding, as many as asked for."""
    Finding.objects.bulk_create(
        Finding(
            county="640122", year=2024, serial=10_000 + n, state="rectifying", state_since=date(2024, 3, 10),
            recorded_at=NOW, recorded_name="示例", source="visit", unit_id=cast.school.pk, basis=f"依据{n % 30}",
            basis_key=f"依据{n % 30}", title=f"问题{n}", found_on=date(2024, 3, 1), due_on=TODAY + timedelta(days=n % 9 - 4),
        )
        for n in range(count)
    )  # fmt: skip


def signed(who: Player) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def shown(who: Player, query: str = "", name: str = "findings:list", args: list[Any] | None = None) -> str:
    answer = signed(who).get(reverse(name, args=args or []) + query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_office_leader_unit_and_stranger_each_see_their_own(cast: Cast) -> None:
    mine, other = history(cast), history(cast, unit=cast.school_2.pk, title="操场有裂缝")
    services.register_finding(facts=facts(cast, title="还没有告知"), by=cast.office.actor, now=NOW)
    page = shown(cast.office)
    assert mine.title in page and other.title in page and "还没有告知" in page
    page = shown(cast.head)
    assert mine.title in page
    assert other.title not in page and "还没有告知" not in page and "导入整改台账" not in page
    assert mine.title not in shown(cast.foreign_office)
    assert not queries.findings_visible_to(cast.system_admin.actor).exists()


def test_an_inspector_sees_the_schools_granted_to_them_and_what_they_are_to_do_there(cast: Cast) -> None:
    history(cast)
    fresh = services.register_finding(facts=facts(cast, title="还没有告知"), by=cast.office.actor, now=NOW)
    other = history(cast, unit=cast.school_2.pk, title="操场有裂缝")
    office_unit = cast.office.actor.unit
    assert office_unit
    who = Actor(
        county="640122",
        unit=office_unit,
        may=frozenset({"loop.inspect"}),
        units=frozenset({office_unit, cast.school.pk}),
    )
    rows = queries.register(who, today=TODAY)
    assert fresh in rows and other not in rows and rows.count() == 2
    own = lights.mine(who, TODAY)
    assert own is not None and list(rows.filter(own)) == [fresh]
    chips = {chip.name: rows.filter(chip.where).count() for chip in lists.register(who, {}, today=TODAY).chips}
    assert (chips["mine"], chips["late"]) == (1, 1)


def test_lights_say_late_soon_and_whose_turn_it_is(cast: Cast) -> None:
    late = history(cast, due_on=date(2024, 4, 5))
    soon = history(cast, due_on=TODAY, basis="b")
    ahead = history(cast, due_on=date(2024, 6, 1), basis="c")
    said = [lights.light(row, TODAY) for row in (late, soon, ahead)]
    assert said == [("late", "逾期 5 天"), ("soon", "今天到期"), ("go", "还剩 52 天")]
    act(late, "report", cast.head, TODAY, evidence=[proof()])
    assert lights.light(late, TODAY) == ("soon", "待复查")
    own = lights.mine(cast.office.actor, TODAY)
    assert own is not None and list(Finding.objects.filter(own)) == [late]
    of_unit = lights.mine(cast.head.actor, TODAY)
    assert of_unit is not None and set(Finding.objects.filter(of_unit)) == {soon, ahead}
    assert lights.mine(cast.system_admin.actor, TODAY) is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?chip=late", {"甲"}),
        ("?state=open", {"甲", "乙", "丙"}),
        ("?state=done", {"丁"}),
        ("?light=soon", {"乙"}),
        ("?light=ok", {"丙"}),
        ("?source=complaint", {"丙"}),
        ("?severity=danger", {"乙"}),
        ("?period=2023", {"丁"}),
        ("?period=2024H1", {"甲", "乙", "丙"}),
        ("?kind=kindergarten", {"丙"}),
        ("?history=yes", {"甲", "乙", "丙", "丁"}),
        ("?cause=none", {"乙", "丙", "丁"}),
        ("?relapsed=again", {"甲"}),
        ("?measure=none", {"甲", "乙", "丙", "丁"}),
        ("?acted=rectified.2024", set()),
        ("?q=花园", {"丙"}),
        ("?q=张某", {"乙"}),
        ("?q=2023-0001", {"丁"}),
        ("?q=没有", set()),
        ("?light=%00&state=x", {"甲", "乙", "丙", "丁"}),
    ],
)
def test_filters_narrow_and_say_so(cast: Cast, query: str, found: set[str]) -> None:
    cause = services.add_cause(name="责任不清", by=cast.office.actor, now=NOW)
    services.register_finding(
        facts=facts(cast, title="问题丁号", found_on=date(2023, 5, 1), due_on=None), closed_on=date(2023, 6, 1),
        by=cast.office.actor, now=NOW,
    )  # fmt: skip
    history(cast, title="问题甲号", cause=cause.pk)
    history(cast, title="问题乙号", basis="b", due_on=date(2024, 4, 12), severity="danger", responsible="张某（示例）")
    history(cast, title="问题丙号", basis="c", due_on=date(2024, 9, 1), source="complaint", unit=cast.kindergarten.pk)
    page = shown(cast.office, query)
    assert {name for name in "甲乙丙丁" if f"问题{name}号" in page} == found


def test_the_chips_count_what_they_open(cast: Cast) -> None:
    history(cast)
    history(cast, due_on=date(2024, 4, 12), basis="b")
    history(cast, due_on=date(2024, 9, 1), basis="c")
    register = lists.register(cast.office.actor, {}, today=TODAY)
    for chip in register.chips:
        counted = queries.register(cast.office.actor, today=TODAY).filter(chip.where).count()
        page = shown(cast.office, f"?chip={chip.name}")
        tone = f" {chip.tone}" if counted else ""
        assert f'{chip.label} <b class="dd-n{tone}">{counted}</b>' in page
        assert f"共 {counted} 项" in page


def test_a_page_takes_the_same_statements_however_long_the_register_is(cast: Cast) -> None:
    counts = []
    for size in (3, 120):
        Finding.objects.all().delete()
        many(cast, size)
        client = signed(cast.office)
        client.get(reverse("findings:list"))
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("findings:list")).status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_the_ledger_leaves_as_excel_with_the_same_filters(cast: Cast, told: Finding) -> None:
    act(told, "plan", cast.head, date(2024, 3, 12), words="=1+1 三月底前补齐")
    act(told, "report", cast.head, date(2024, 3, 20), words="已补齐六天台账", evidence=[proof()])
    act(told, "recheck_passed", cast.staff, date(2024, 3, 25), evidence=[proof("复查.png")])
    history(cast, unit=cast.school_2.pk, basis="b")
    answer = signed(cast.office).get(reverse("findings:list") + f"?export=xlsx&unit={cast.school.pk}")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()  # type: ignore[arg-type]
    assert rows[0][0] == "教育督导问题整改台账"
    line = dict(zip(rows[2], rows[3], strict=True))
    assert (line["问题编号"], line["责任单位"], line["状态"]) == (told.number, "示例第一小学", "复查合格、待销号")
    assert (line["整改措施"], line["完成情况"], line["验收人"]) == ("=1+1 三月底前补齐", "已补齐六天台账", "乙（示例）")
    assert line["验收日期"] == date(2024, 3, 25)
    assert len(rows) == 4


def test_the_ledger_prints_what_the_filters_leave(cast: Cast) -> None:
    history(cast)
    history(cast, unit=cast.school_2.pk, basis="b", title="操场有裂缝")
    page = shown(cast.office, f"?unit={cast.school_2.pk}", "findings:ledger")
    assert "操场有裂缝" in page and "食堂台账不全" not in page and "共 1 个问题" in page
    assert "没有符合条件" in shown(cast.head_2, "?state=withdrawn", "findings:ledger")


def test_history_that_was_closed_before_proves_nothing_and_asks_for_nothing(cast: Cast) -> None:
    row = services.register_finding(
        facts=facts(cast, found_on=date(2023, 5, 1), due_on=date(2023, 6, 1)), closed_on=date(2023, 5, 20),
        words="台账所记完成情况：已整改", by=cast.office.actor, now=NOW,
    )  # fmt: skip
    assert (row.state, row.is_history, row.closed_on) == ("archived", True, date(2023, 5, 20))
    assert [a.code for a in Act.objects.filter(subject=row.pk)] == ["history_closed"]
    assert not Clock.objects.exists()
    act(row, "relapse", cast.staff, TODAY, evidence=[proof()], due_on=date(2024, 5, 1))
    assert (row.state, row.relapses, row.number) == ("rectifying", 1, "2023-0001")


@pytest.mark.parametrize(("closed", "says"), [(date(2024, 3, 1), "不能早于发现"), (date(2024, 4, 11), "不能晚于今天")])
def test_a_day_of_closing_that_cannot_be_is_refused(cast: Cast, closed: date, says: str) -> None:
    with pytest.raises(Refused, match=says):
        services.register_finding(facts=facts(cast), closed_on=closed, words="x", by=cast.office.actor, now=NOW)
    assert not Finding.objects.exists()


def test_older_history_that_comes_later_is_recognised_by_what_was_found_since(cast: Cast) -> None:
    new = history(cast)
    old = history(cast, found_on=date(2022, 4, 1), told_on=date(2022, 4, 2))
    middle = history(cast, found_on=date(2023, 4, 1), told_on=date(2023, 4, 2))
    new.refresh_from_db()
    assert (new.earlier, middle.earlier, old.earlier) == (middle, old, None)


# Causes


def test_causes_are_kept_by_the_office_and_never_lost_while_used(cast: Cast) -> None:
    by = cast.office.actor
    assert services.add_usual_causes(by=by, now=NOW) == len(services.usual_causes())
    assert services.add_usual_causes(by=by, now=NOW) == 0
    first, second = Cause.objects.order_by("position")[:2]
    services.move_cause(cause=second, up=True, by=by, now=NOW)
    assert list(Cause.objects.order_by("position")[:2]) == [second, first]
    history(cast, cause=first.pk)
    with pytest.raises(Refused, match="停用"):
        services.drop_cause(cause=first, by=by, now=NOW)
    services.change_cause(cause=first, base_version=first.version, name="新名称", is_used=False, by=by, now=NOW)
    with pytest.raises(Conflict):
        services.change_cause(cause=first, base_version=1, name="别的", is_used=True, by=by, now=NOW)
    with pytest.raises(Refused, match="已经有"):
        services.add_cause(name=" 新名称 ", by=by, now=NOW)
    services.drop_cause(cause=second, by=by, now=NOW)
    with pytest.raises(Refused, match="督导室"):
        services.add_cause(name="x", by=cast.head.actor, now=NOW)
    page = shown(cast.office, "", "findings:causes")
    assert "新名称" in page and "已停用" in page
    assert signed(cast.head).get(reverse("findings:causes")).status_code == 404


# Limits and procedures


def test_a_limit_of_the_county_shows_with_its_source_and_history(cast: Cast) -> None:
    page = shown(cast.head, "", "findings:limits")
    assert "回头看" in page and "未核实" in page and "90 日" in page
    address = reverse("findings:limit", args=["finding", "L_LOOKBACK"])
    assert signed(cast.head).get(address).status_code == 404
    client = signed(cast.office)
    form = {"is_enabled": "on", "amount": "60", "unit": "日", "from_on": "2024-04-01", "source": "", "is_checked": "on"}
    assert client.post(address, form).status_code == 422
    assert not LimitValue.objects.exists()
    assert client.post(address, {**form, "source": "示政办发〔2024〕1号"}).status_code == 302
    page = shown(cast.office, "", "findings:limits")
    assert "60 日" in page and "示政办发〔2024〕1号" in page and "系统自带：90 日" in page
    assert client.post(address, {**form, "amount": "0", "source": "x"}).status_code == 422
    assert client.get(reverse("findings:limit", args=["finding", "L_NONE"])).status_code == 404


@pytest.mark.parametrize("code", ["finding", "measure", "inspection", "accountability"])
def test_a_procedure_is_laid_out_with_every_state_and_act(cast: Cast, code: str) -> None:
    page = shown(cast.head, "", "findings:procedure", [code])
    known = library.procedure(code)
    for one in (*known.states, *known.acts):
        assert one.name in page
    assert signed(cast.head).get(reverse("findings:procedure", args=["nothing"])).status_code == 404


@pytest.mark.parametrize("code", ["inspection", "finding", "measure", "accountability"])
def test_a_procedure_is_drawn_with_every_state_and_no_box_over_another(cast: Cast, code: str) -> None:
    procedure = library.procedure(code)
    drawn = picture.pictures(procedure)
    shown = {box.name for one in drawn for box in one.boxes}
    assert shown == {state.name for state in procedure.states}
    for one in drawn:
        corners = [(box.x, box.y) for box in one.boxes]
        assert len(set(corners)) == len(corners)
        assert all(box.x + picture.WIDTH <= one.width and box.y + picture.HEIGHT <= one.height for box in one.boxes)
    client = Client()
    client.force_login(cast.office.user)
    page = client.get(reverse("findings:procedure", args=[code])).content.decode()
    assert page.count('<rect class="dd-box') == sum(len(one.boxes) for one in drawn)
    assert "style=" not in page
