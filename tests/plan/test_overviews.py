"""The plan at a glance: board, month, by unit, by person, by point, and the wall sheet."""

import io
import re
import zipfile
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings
from python_calamine import CalamineWorkbook

from dudao.plan import overviews, services
from dudao.plan.models import Notice, Task, TaskPart
from dudao.plan.overviews import Stand
from dudao.shell.acts import Actor
from tests.cast import NOW, TODAY, Cast, Player

YEAR = 2024
HANDED = date(2024, 4, 1)
PAGES = ("plan:board", "plan:month", "plan:unit_list", "plan:people", "plan:clauses", "plan:wall")


@pytest.fixture(autouse=True)
def _day(settings: Settings) -> None:
    settings.DEMO_TODAY = TODAY


def made(title: str, office: Player, **values: Any) -> Task:
    """A task set by hand."""
    task = services.add_task(title=title, year=YEAR, by=office.actor, now=NOW)
    Task.objects.filter(pk=task.pk).update(**values)
    task.refresh_from_db()
    return task


def handed(task: Task, office: Player, *units: Any) -> list[TaskPart]:
    keys = [unit.pk for unit in units]
    services.hand_down(tasks=[task], units=keys, sign_by=TODAY, occurred_on=HANDED, by=office.actor, now=NOW)
    return sorted(task.parts.all(), key=lambda part: keys.index(part.unit_id))


def put(part: TaskPart, state: str, **values: Any) -> None:
    days: dict[str, Any] = {"signed_on": HANDED}
    if state in ("answered", "done"):
        days["answered_on"] = HANDED
    if state == "done":
        days["done_on"] = HANDED
    TaskPart.objects.filter(pk=part.pk).update(state=state, **days, **values)


def monthly(office: Player, *, title: str = "月报", months: int = 4) -> tuple[Task, list[Task]]:
    """A duty with a period for each of the first months of the year."""
    head = made(title, office, rule="monthly")
    periods = Task.objects.bulk_create(
        Task(
            county=head.county, year=YEAR, parent=head, number=f"{head.number}.{at:02d}", title=head.title,
            period=f"{at}月", opens_on=date(YEAR, at, 1), due_on=date(YEAR, at + 1, 1) - timedelta(days=1),
        )
        for at in range(1, months + 1)
    )  # fmt: skip
    return head, periods


def where(actor: Actor) -> dict[str, Stand]:
    return {card.title: card.stand for card in overviews.cards(actor, today=TODAY, where=Q(year=YEAR))}


def page(player: Player, name: str, query: str = "", *args: Any) -> str:
    client = Client()
    client.force_login(player.user)
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def test_each_duty_stands_in_one_column_and_late_goes_before_all(cast: Cast, office: Player) -> None:
    past, ahead = TODAY - timedelta(days=1), TODAY + timedelta(days=9)
    made("没下达", office)
    made("没下达也过了期", office, due_on=past)
    made("今天到期", office, due_on=TODAY)
    handed(made("等签收", office, due_on=ahead), office, cast.school)
    put(handed(made("在办", office, due_on=ahead), office, cast.school)[0], "signed")
    first, _ = handed(made("有一家报了", office, due_on=ahead), office, cast.school, cast.school_2)
    put(first, "answered")
    put(handed(made("报了但过了期", office, due_on=past), office, cast.school)[0], "answered")
    made("等文件", office, state="paused", due_on=past)
    made("完了", office, state="done", done_on=past, due_on=past)
    assert where(office.actor) == {
        "没下达": Stand.DRAFT,
        "没下达也过了期": Stand.LATE,
        "今天到期": Stand.DRAFT,
        "等签收": Stand.WAITING,
        "在办": Stand.GOING,
        "有一家报了": Stand.ANSWERED,
        "报了但过了期": Stand.LATE,
        "等文件": Stand.PAUSED,
        "完了": Stand.DONE,
    }
    lanes = overviews.board(overviews.cards(office.actor, today=TODAY, where=Q(year=YEAR)), limit=1)
    assert sum(lane.total for lane in lanes) == 9
    assert [(lane.stand, lane.total) for lane in lanes if lane.total > 1] == [(Stand.DRAFT, 2), (Stand.LATE, 2)]
    # The nearest day first.
    assert [card.title for lane in lanes for card in lane.cards if lane.stand is Stand.DRAFT] == ["今天到期"]


def test_a_duty_that_comes_again_is_one_card_that_stands_where_its_worst_period_stands(office: Player) -> None:
    head, periods = monthly(office)
    for period in periods[:2]:
        Task.objects.filter(pk=period.pk).update(state="done", done_on=period.due_on)
    [card] = overviews.cards(office.actor, today=TODAY, where=Q(year=YEAR))
    assert (card.stand, card.period, card.held, card.periods) == (Stand.LATE, "3月", 2, 4)
    assert (card.number, card.key) == (head.number, periods[2].pk)
    Task.objects.filter(pk=periods[2].pk).update(state="done", done_on=TODAY)
    [card] = overviews.cards(office.actor, today=TODAY, where=Q(year=YEAR))
    assert (card.stand, card.period, card.held) == (Stand.DRAFT, "4月", 3)
    Task.objects.filter(pk=periods[3].pk).update(state="done", done_on=TODAY)
    [card] = overviews.cards(office.actor, today=TODAY, where=Q(year=YEAR))
    assert (card.stand, card.held, card.periods) == (Stand.DONE, 4, 4)
    assert "办结 4 / 4 期" in page(office, "plan:board")


def test_between_two_periods_a_duty_goes_on_and_names_the_next(office: Player) -> None:
    _, periods = monthly(office, months=5)
    for period in periods[:4]:
        Task.objects.filter(pk=period.pk).update(state="done", done_on=TODAY)
    [card] = overviews.cards(office.actor, today=TODAY, where=Q(year=YEAR))
    assert (card.stand, card.period, card.due_on) == (Stand.GOING, "5月", date(2024, 5, 31))


def test_a_unit_sees_only_what_it_has_and_is_done_when_its_part_is(cast: Cast, office: Player, head: Player) -> None:
    made("别人的", office)
    mine, theirs = handed(made("两家的", office), office, cast.school, cast.school_2)
    put(mine, "done")
    put(theirs, "signed")
    _, periods = monthly(office)
    [part] = handed(periods[3], office, cast.school)
    assert where(head.actor) == {"两家的": Stand.DONE, "月报": Stand.WAITING}
    assert where(office.actor)["两家的"] == Stand.GOING
    card = next(c for c in overviews.cards(head.actor, today=TODAY, where=Q(year=YEAR)) if c.title == "月报")
    # Neither the other units nor the periods it does not have are told.
    assert (card.period, card.held, card.periods, card.key) == ("4月", 0, 1, part.task_id)
    assert overviews.part_counts(head.actor, [mine.task_id]) == {mine.task_id: (1, 1)}
    assert overviews.part_counts(office.actor, [mine.task_id]) == {mine.task_id: (1, 2)}


def test_for_a_unit_the_day_of_its_own_part_counts(cast: Cast, office: Player, head: Player, head_2: Player) -> None:
    task = made("延了期的", office, due_on=TODAY - timedelta(days=2))
    longer, _ = handed(task, office, cast.school, cast.school_2)
    TaskPart.objects.filter(pk=longer.pk).update(due_on=TODAY + timedelta(days=5))
    assert where(head.actor) == {"延了期的": Stand.WAITING}
    assert where(head_2.actor) == {"延了期的": Stand.LATE}
    days = overviews.due_between(head.actor, first=TODAY, last=TODAY + timedelta(days=9), today=TODAY)
    assert [day for day, cards in days.items() if cards] == [TODAY + timedelta(days=5)]


@pytest.mark.parametrize("state", ["checking", "dropped", "withdrawn"])
def test_what_is_not_part_of_the_plan_shows_nowhere(cast: Cast, office: Player, state: str) -> None:
    made("不该出现的任务", office, state=state, due_on=TODAY, lead=cast.bureau, person=office.person)
    for name in PAGES:
        assert "不该出现的任务" not in page(office, name, f"?year={YEAR}"), name
    assert "不该出现的任务" not in page(office, "plan:unit", "", cast.bureau.pk)
    assert where(office.actor) == {}


def test_another_county_sees_nothing_of_ours(cast: Cast, office: Player, stranger: Player) -> None:
    task = made("贺兰的任务", office, due_on=TODAY, person=office.person)
    handed(task, office, cast.school)
    for name in PAGES:
        assert "贺兰的任务" not in page(stranger, name)
    assert "示例第一小学" not in page(stranger, "plan:unit_list")
    client = Client()
    client.force_login(stranger.user)
    assert client.get(reverse("plan:unit", args=[cast.school.pk])).status_code == 404


def test_a_school_does_not_look_at_another_school(cast: Cast, office: Player, head: Player) -> None:
    handed(made("两家的", office), office, cast.school, cast.school_2)
    client = Client()
    client.force_login(head.user)
    assert client.get(reverse("plan:unit", args=[cast.school.pk])).status_code == 200
    assert client.get(reverse("plan:unit", args=[cast.school_2.pk])).status_code == 404
    assert "示例第二中学" not in page(head, "plan:unit_list")


def test_a_school_that_leads_sees_the_others_parts_in_that_and_no_more(
    cast: Cast, office: Player, head: Player
) -> None:
    handed(made("第一小学牵头", office, lead=cast.school), office, cast.school_2)
    handed(made("与第一小学无关", office, lead=cast.school_2), office, cast.school_2)
    rows = list(overviews.units(head.actor, year=YEAR, today=TODAY))
    overviews.count_units(head.actor, rows, year=YEAR, today=TODAY)
    found = {row.unit_id: (row.total, row.leads) for row in rows}
    assert found == {cast.school.pk: (0, 1), cast.school_2.pk: (1, 0)}
    shown = page(head, "plan:unit", "", cast.school_2.pk)
    assert "第一小学牵头" in shown and "与第一小学无关" not in shown


def test_the_board_shows_at_most_thirty_cards_a_column_and_leads_to_the_rest(office: Player) -> None:
    for number in range(53):
        made(f"第{number}件", office)
    shown = page(office, "plan:board")
    assert shown.count('class="dd-card ') == 30
    assert "到清单看全部 53 项" in shown and "chip=draft" in shown


def test_the_board_of_one_person(office: Player, cast: Cast) -> None:
    made("甲的", office, person=office.person)
    made("没人的", office)
    of_one, of_none = page(office, "plan:board", f"?person={office.person.pk}"), page(office, "plan:board", "?person=")
    assert "甲的" in of_one and "没人的" not in of_one and f"责任人：{office.person.name}" in of_one
    assert "没人的" in of_none and "甲的" not in of_none and "责任人：未定" in of_none


def test_the_month_shows_tasks_and_periods_on_their_days(office: Player) -> None:
    monthly(office)
    made("四月里的", office, due_on=date(2024, 4, 18))
    shown = page(office, "plan:month", "?m=2024-04")
    assert "2024年4月到期 2 项" in shown and "月报（4月）" in shown and "四月里的" in shown
    assert 'aria-current="date"' in shown and "?m=2024-03" in shown and "?m=2024-05" in shown
    assert "月报（3月）" in page(office, "plan:month", "?m=2024-03")
    assert 'aria-current="date"' not in page(office, "plan:month", "?m=2024-06")


def test_a_crowded_day_opens_as_a_whole(office: Player) -> None:
    for number in range(7):
        made(f"同一天的第{number}件", office, due_on=date(2024, 4, 18))
    shown = page(office, "plan:month", "?m=2024-04")
    assert "还有 3 项" in shown and "同一天的第6件" not in shown
    assert "同一天的第6件" in page(office, "plan:month", "?m=2024-04&d=2024-04-18")


@pytest.mark.parametrize("asked", ["", "2024-13", "x", "0000-01", "2024-4", "9999-12", "2100-12", "1990-01"])
def test_any_month_asked_for_is_answered(office: Player, asked: str) -> None:
    assert "到期" in page(office, "plan:month", f"?m={asked}&d={asked}")


@pytest.mark.parametrize("asked", ["x", "-1", "1", "99999999999", "²"])
def test_any_year_asked_for_is_answered(office: Player, asked: str) -> None:
    for name in ("plan:board", "plan:unit_list", "plan:people", "plan:wall"):
        page(office, name, f"?year={asked}")


def test_a_units_counts_add_up_and_its_page_shows_the_same(cast: Cast, office: Player) -> None:
    past = TODAY - timedelta(days=3)
    for number, state in enumerate(("waiting", "signed", "answered", "done", "waiting")):
        [part] = handed(made(f"件{number}", office), office, cast.school)
        if state != "waiting":
            put(part, state)
    late = handed(made("过期的", office, due_on=past), office, cast.school)
    put(late[0], "answered")
    paused = made("停着的", office, due_on=past)
    handed(paused, office, cast.school)
    Task.objects.filter(pk=paused.pk).update(state="paused")
    closed = made("室里办结的", office)
    handed(closed, office, cast.school)
    Task.objects.filter(pk=closed.pk).update(state="done", done_on=TODAY)
    made("局里牵头的", office, lead=cast.bureau, due_on=past)
    units = list(overviews.units(office.actor, year=YEAR, today=TODAY))
    overviews.count_units(office.actor, units, year=YEAR, today=TODAY)
    rows = {row.unit_id: row for row in units}
    school: Any = rows[cast.school.pk]
    counted = [school.waiting, school.going, school.answered, school.late, school.paused, school.done]
    assert (counted, school.total) == ([2, 1, 1, 1, 1, 2], 8)
    bureau: Any = rows[cast.bureau.pk]
    assert (bureau.total, bureau.leads, bureau.leads_late, bureau.leads_done) == (0, 1, 1, 0)
    for by in ("late", "total", "leads_late", "done"):
        first = overviews.units(office.actor, year=YEAR, today=TODAY, by=by).order_by(f"-{by}").first()
        assert first and first.unit_id == (cast.bureau.pk if by == "leads_late" else cast.school.pk), by
    shown = [page(office, "plan:unit_list", f"?has={name}") for name in ("late", "waiting", "none")]
    assert ["示例第一小学" in one for one in shown] == [True, True, False]
    assert ["教育体育局" in one.split("<tbody>")[-1] for one in shown] == [True, False, False]
    assert "示例第二中学" in shown[2]
    for stand, number in zip(overviews.part_filters(today=TODAY), counted, strict=True):
        shown = page(office, "plan:unit", f"?chip={stand.value}", cast.school.pk)
        assert f"共 {number} 项" in shown, stand
    parts = list(overviews.parts_of_unit(office.actor, cast.school.pk, year=YEAR))
    by_row = [overviews.part_stand(part, today=TODAY) for part in parts]
    assert [by_row.count(stand) for stand in overviews.part_filters(today=TODAY)] == counted


def test_units_come_out_as_excel_with_figures(cast: Cast, office: Player) -> None:
    handed(made("一件", office), office, cast.school)
    client = Client()
    client.force_login(office.user)
    data = b"".join(client.get(reverse("plan:unit_list") + "?export=xlsx&kind=school"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert rows[2][:4] == ["单位", "类别", "承办", "待签收"]
    assert [row[:4] for row in rows[3:]] == [["示例第二中学", "学校", 0, 0], ["示例第一小学", "学校", 1, 1]]


def test_people_are_counted_and_what_nobody_has_stands_last(cast: Cast, office: Player, head: Player) -> None:
    made("甲办的", office, person=office.person, leader=cast.staff.person)
    made("甲办的过了期", office, person=office.person, due_on=TODAY - timedelta(days=1))
    made("没人办的", office)
    cards = overviews.cards(office.actor, today=TODAY, where=Q(year=YEAR))
    holders = overviews.by_person(cards)
    assert [(one.name, one.counts.total, one.counts["late"]) for one in holders] == [
        (office.person.name, 2, 1),
        ("未定", 1, 0),
    ]
    assert [one.name for one in overviews.by_person(cards, leader=True)] == [cast.staff.person.name, "未定"]
    client = Client()
    client.force_login(office.user)
    data = b"".join(client.get(reverse("plan:people") + "?export=xlsx"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert rows[3][:2] == [office.person.name, 2] and rows[4][0] == "未定"


@pytest.fixture
def planned(tasks: list[Task]) -> list[Task]:
    """The tasks of the real notice, without the periods of those that come again."""
    return list(Task.objects.filter(opens_on__isnull=True, state=Task.State.DRAFT).order_by("position"))


def test_the_notice_shows_point_by_point_where_its_duties_stand(planned: list[Task], office: Player) -> None:
    sections = overviews.by_point(overviews.cards(office.actor, today=TODAY, where=Q(year=YEAR), whole=True))
    labels = [section.label for section in sections]
    assert labels[-2:] == ["三、创新配齐建强督政督学督评队伍", "四、聚焦“国检区考市强”任务强力督导"]
    assert sum(section.counts.total for section in sections) == len(planned)
    shown = page(office, "plan:clauses")
    assert "常态化做好控辍保学工作" in shown and f"共 {len(planned)} 项" in shown
    client = Client()
    client.force_login(office.user)
    assert client.get(reverse("plan:clauses") + f"?notice={UUID(int=7)}").status_code == 404


def test_with_two_notices_each_section_says_whose_it_is(planned: list[Task], office: Player, notice: Notice) -> None:
    other = Notice.objects.create(
        county=notice.county, year=YEAR, title="另一份通知", text="一", digest="d", reader="r", handed_in_at=NOW
    )
    point = other.sections.create(position=1, no="一", heading="总体要求").points.create(position=1, words="做一件事")
    made("另一份里的", office, notice=other, point=point)
    sections = overviews.by_point(overviews.cards(office.actor, today=TODAY, where=Q(year=YEAR), whole=True))
    assert sections[-1].label == "另一份通知 一、总体要求" and sections[-1].points[0].label == "做一件事"
    assert all(section.label.startswith(notice.title) for section in sections[:-1])


def sheet(player: Player, query: str = "") -> tuple[list[list[Any]], str]:
    client = Client()
    client.force_login(player.user)
    data = b"".join(client.get(reverse("plan:wall") + f"?export=xlsx&year={YEAR}{query}"))
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("任务清单").to_python(skip_empty_area=False)
    )
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return rows, packed.read("xl/worksheets/sheet1.xml").decode()


def test_the_list_for_the_wall_is_a_sheet_ready_for_a3(planned: list[Task], office: Player, cast: Cast) -> None:
    first = planned[0]
    Task.objects.filter(pk=first.pk).update(
        due_on=date(2024, 6, 30), lead=cast.bureau, person=office.person, level_label="国检", proof="台账", rule=""
    )
    Task.objects.filter(parent=first).update(state="withdrawn")
    made("室里自己的", office)
    rows, xml = sheet(office)
    assert rows[0][0] == "2024年度教育督导任务清单"
    assert rows[2] == ["编号", "任务", "层级", "牵头", "责任人", "配合", "完成时限", "频次", "佐证要求", "状态"]
    row = next(row for row in rows if row[0] == first.number)
    assert row[1] == first.title and row[2] == "国检" and row[4] == office.person.name and row[8] == "台账"
    assert row[6] == date(2024, 6, 30)
    heads = [row[0] for row in rows if row[0] and not any(row[1:])]
    assert "四、聚焦“国检区考市强”任务强力督导" in heads and "10．常态化做好控辍保学工作" in heads
    assert heads[-1] == "其他任务" and rows[-1][1] == "室里自己的"
    assert 'paperSize="8"' in xml and 'orientation="landscape"' in xml and "rowBreaks" in xml
    # A period is no line of its own.
    assert sum(1 for row in rows if re.fullmatch(r"\d\d-\d+|补\d+", str(row[0]))) == len(planned) + 1


def test_a_long_duty_has_the_height_of_its_lines_on_the_sheet(office: Player) -> None:
    made("短的", office)
    made("对落实教育决策部署不力和违反有关教育法律法规的行为" * 3, office)
    _, xml = sheet(office)
    short, long = re.findall(r"<row [^>]*>", xml)[-2:]
    assert "ht=" not in short and 'ht="60"' in long


@pytest.mark.parametrize("words", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "http://evil.example/", "{=1}", "-2+3"])
def test_nothing_typed_becomes_a_formula_on_the_sheet(office: Player, words: str) -> None:
    made(words, office, cooperating=words, proof=words, due_words=words, level_label=words[:20])
    rows, xml = sheet(office)
    assert rows[-1][1] == words and rows[-1][6] == words
    assert "<f>" not in xml and "hyperlink" not in xml


def test_the_wall_sheet_repeats_its_head_in_each_section(planned: list[Task], office: Player) -> None:
    shown = page(office, "plan:wall")
    sections = len(overviews.by_point(overviews.cards(office.actor, today=TODAY, where=Q(year=YEAR), whole=True)))
    assert shown.count("<thead>") == sections and shown.count('<th scope="col">佐证要求</th>') == sections
    assert "data-print" in page(office, "plan:wall", "?print=1")


@pytest.mark.parametrize("name", [*PAGES, "plan:task_list"])
def test_the_ways_to_look_lead_to_each_other(office: Player, name: str) -> None:
    shown = page(office, name)
    for other in (*PAGES, "plan:task_list"):
        assert f'href="{reverse(other)}' in shown
    # In the navigation and in the row of views.
    assert shown.count('aria-current="page"') == 2


def test_however_long_the_plan_a_page_asks_as_often(cast: Cast, office: Player, notice: Notice, head: Player) -> None:
    services.confirm_notice(notice=notice, by=office.actor, now=NOW)

    def asked(player: Player) -> list[int]:
        counts = []
        for name, query, args in [
            *((name, "", ()) for name in PAGES),
            ("plan:unit", "", (cast.school.pk,)),
            ("plan:wall", "?export=xlsx", ()),
            ("plan:unit_list", "?export=xlsx", ()),
        ]:
            client = Client()
            client.force_login(player.user)
            client.get("/")
            with CaptureQueriesContext(connection) as seen:
                answer = client.get(reverse(name, args=args) + query)
                assert answer.status_code == 200
                b"".join(answer)
            counts.append(len(seen))
        return counts

    handed(made("先有一件", office, due_on=TODAY, lead=cast.bureau, person=cast.staff.person), office, cast.school)
    before = asked(office), asked(head)
    for number in range(12):
        task = made(f"又一件{number}", office, due_on=TODAY, lead=cast.bureau, person=cast.staff.person)
        parts = handed(task, office, cast.school, cast.school_2)
        put(parts[0], ("signed", "answered", "done")[number % 3])
    monthly(office)
    assert (asked(office), asked(head)) == before
