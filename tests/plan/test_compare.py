"""This year's plan beside last year's: four groups, marked words, and taking up what is gone."""

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dudao.audit.models import AuditEvent
from dudao.plan import queries, services
from dudao.plan.compared import compared
from dudao.plan.models import Notice, Task
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, Player

pytestmark = pytest.mark.django_db
LAST = (Path(__file__).parents[1] / "data" / "compare" / "helan_2023_shili.txt").read_text("utf-8")


@pytest.fixture
def last(office: Player) -> Notice:
    """A made-up notice of 2023, being checked."""
    return services.hand_in_notice(text=LAST, by=office.actor, now=NOW)


def page(client: Client, **query: object) -> str:
    answer = client.get(reverse("plan:compare"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_two_years_stand_side_by_side_even_while_both_are_checked(
    client: Client, office: Player, notice: Notice, last: Notice
) -> None:
    client.force_login(office.user)
    body = page(client)
    assert "2024年与2023年对比" in body
    assert "<ins>、不及时</ins>" in body
    assert "<del>自治区</del>" in body and "<ins>国家</ins>" in body
    assert "频次：<del>每季度</del> → <ins>每月</ins>" in body
    assert "2023年10月31日" in body and "2024年9月30日" in body
    assert "核对中" in body


def test_each_group_can_be_seen_alone_and_the_counts_add_up(
    office: Player, notice: Notice, last: Notice, client: Client
) -> None:
    rows = compared(*(queries.plan_of(office.actor, year=year, today=TODAY) for year in (2023, 2024)))
    assert {row.group for row in rows} == {"changed", "new", "gone", "kept"}
    assert sum(row.old is not None for row in rows) == Task.objects.filter(notice=last).count()
    assert sum(row.new is not None for row in rows) == Task.objects.filter(notice=notice).count()
    client.force_login(office.user)
    gone = page(client, before=2023, after=2024, group="gone")
    assert "聘任新一届责任督学" in gone
    assert "控辍保学四级联动" not in gone


def test_with_one_year_it_says_what_to_import_and_with_none_too(client: Client, office: Player) -> None:
    client.force_login(office.user)
    assert "还没有一年的任务" in page(client)
    services.hand_in_notice(text=LAST, by=office.actor, now=NOW)
    assert "只有2023年的任务" in page(client)
    assert "只有2023年的任务" in page(client, before=2023, after=2023)
    assert "只有2023年的任务" in page(client, before="x", after=1)


def test_what_is_gone_is_taken_into_this_year_with_its_words_and_where_it_stood(
    client: Client, office: Player, notice: Notice, last: Notice
) -> None:
    client.force_login(office.user)
    old = Task.objects.get(notice=last, title="聘任新一届责任督学")
    address = reverse("plan:carry", args=[old.pk, 2024])
    assert 'value="2024-03-31"' in client.get(address).content.decode()
    client.post(address, {"title": old.title, "due_on": "2024-05-31", "base_version": old.version})
    made = Task.objects.get(year=2024, notice__isnull=True)
    assert (made.quote, made.due_on, made.number) == (old.quote, date(2024, 5, 31), "补01")
    assert made.origin == "2023年要点第3项"
    assert str(old.point_id) in made.origin_link
    assert "聘任新一届责任督学" not in page(client, group="gone")
    assert AuditEvent.objects.filter(action="task.added").count() == 1


def test_taken_up_twice_it_is_there_once(office: Player, notice: Notice, last: Notice) -> None:
    old = Task.objects.get(notice=last, title="聘任新一届责任督学")
    given = {"task": old, "year": 2024, "title": old.title, "due_on": None, "by": office.actor, "now": NOW}
    services.carry_over(base_version=old.version, **given)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="补01"):
        services.carry_over(base_version=old.version, **given)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        services.carry_over(base_version=old.version, **{**given, "year": 2025})  # type: ignore[arg-type]
    assert Task.objects.filter(notice__isnull=True).count() == 1


def test_periods_are_no_duties_of_their_own_and_dropped_ones_are_left_out(
    office: Player, last: Notice, notice: Notice
) -> None:
    services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    services.drop_notice(notice=last, reason="示例", by=office.actor, now=NOW)
    assert queries.plan_years(office.actor) == [2024]
    found = queries.plan_of(office.actor, year=2024, today=TODAY)
    assert all(task.opens_on is None for task in found)
    assert [task.number for task in found] == sorted(task.number for task in found)


def test_it_is_the_office_s_and_the_leader_s_page_within_their_county(
    client: Client, cast: Cast, notice: Notice, last: Notice
) -> None:
    old = Task.objects.filter(notice=last)[0]
    client.force_login(cast.head.user)
    assert client.get(reverse("plan:compare")).status_code == 404
    client.force_login(cast.foreign_office.user)
    assert "还没有一年的任务" in page(client)
    assert client.get(reverse("plan:carry", args=[old.pk, 2024])).status_code == 404


def test_excel_holds_the_rows_of_the_group(client: Client, office: Player, notice: Notice, last: Notice) -> None:
    client.force_login(office.user)
    answer = client.get(reverse("plan:compare"), {"export": "xlsx", "group": "gone"})
    assert "2023%E5%B9%B4%E4%B8%8E2024" in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    assert "data-print" in page(client, print=1)


def test_the_page_takes_the_same_statements_however_many_duties(
    client: Client, office: Player, notice: Notice, last: Notice
) -> None:
    client.force_login(office.user)
    taken = []
    for turn in range(2):
        page(client)
        with CaptureQueriesContext(connection) as asked:
            page(client)
        taken.append(len(asked))
        lines = [f"开展第{at}项专项督导，{at}月底前上报" for at in range(1, 12)]
        services.type_notice(
            title=f"示例{turn}", year=2023, level="city", doc_no="", points=lines, by=office.actor, now=NOW
        )
    assert taken[0] == taken[1]
