"""The summary: every number comes from rows and leads to them, edits are kept, the end is frozen."""

import io
import re
from datetime import UTC, date, datetime

import docx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dudao.audit.models import AuditEvent
from dudao.plan import services
from dudao.plan.models import Summary, SummaryParagraph, Task, TaskPart
from dudao.plan.summing import chinese, rows_behind, span_of
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, Cast, Player
from tests.cast import unit as make_unit

pytestmark = pytest.mark.django_db
JULY = datetime(2024, 7, 5, 2, 0, tzinfo=UTC)
Tasks = list[Task]


def part(task: Task, unit: object) -> TaskPart:
    return TaskPart.objects.get(task=task, unit=unit)


@pytest.fixture
def year(cast: Cast, tasks: Tasks, office: Player) -> dict[str, Task]:
    """Half a year of work: one task with three schools, one closed, one late, one withdrawn, one of which a period is done."""
    by = {"by": office.actor, "now": NOW}
    visits, reviewed, late, dropped = tasks[0], tasks[1], tasks[2], tasks[3]
    third = make_unit("示例第三小学", "2164000009")
    units = [cast.school.pk, cast.school_2.pk, third.pk]
    Task.objects.filter(pk__in=[visits.pk, late.pk]).update(due_on=date(2024, 6, 30))
    visits.refresh_from_db()
    services.hand_down(tasks=[visits], units=units, sign_by=date(2024, 4, 20), **by)
    for one in (cast.school, cast.school_2):
        services.sign_part(part=part(visits, one), signer="示例", how="电话", **by)
    services.answer_part(part=part(visits, cast.school), answer="已办", person="示例", how="电话", **by)
    services.review_part(part=part(visits, cast.school), accepted=True, note="", **by)
    services.close_task(task=reviewed, result="印发通报1期。", **by)
    services.withdraw_task(task=dropped, reason="并入市级任务", **by)
    again = Task.objects.get(rule="monthly", parent__isnull=True)
    period = Task.objects.get(parent=again, period__startswith="4月")
    services.close_task(task=period, result="已召开", **by)
    return {"visits": visits, "done": reviewed, "late": late, "dropped": dropped, "again": again}


@pytest.fixture
def first_half(year: dict[str, Task], office: Player) -> Summary:
    return services.draft_summary(year=2024, half="1", by=office.actor, now=JULY)


def words_of(summary: Summary, task: Task) -> str:
    return SummaryParagraph.objects.get(summary=summary, about=str(task.point_id)).text


def test_a_point_says_what_was_handed_down_signed_done_and_who_is_late(
    first_half: Summary, year: dict[str, Task]
) -> None:
    assert "：已下达3所学校，签收2所，办结1所，2所逾期未办结（" in words_of(first_half, year["visits"])
    assert "示例第三小学" in words_of(first_half, year["visits"])
    assert "尚未完成：" in words_of(first_half, year["visits"])
    assert f"{year['done'].title}：已于4月10日办结，印发通报1期" in words_of(first_half, year["done"])
    assert "，已撤销（并入市级任务）" in words_of(first_half, year["dropped"])
    assert "（时限6月30日，逾期）" in words_of(first_half, year["late"])
    assert "尚无办理记录：" in first_half.paragraphs.get(section__startswith="三", heading__startswith="（四）").text
    assert "，办结1期" in words_of(first_half, year["again"])
    assert "逾期" in words_of(first_half, year["again"])


def test_a_paused_task_is_said_as_such_with_its_reason(year: dict[str, Task], office: Player) -> None:
    Task.objects.filter(pk=year["late"].pk).update(state="paused", reason="等上级文件")
    half = services.draft_summary(year=2024, half="1", by=office.actor, now=JULY)
    assert f"{year['late'].title}，已暂停（等上级文件）" in words_of(half, year["late"])


def test_the_opening_counts_every_task_once(first_half: Summary) -> None:
    opening = first_half.paragraphs.get(about="opening")
    numbers = {rows: int(words) for words, rows in opening.draft if rows}
    whole = numbers.pop("tasks/all")
    assert sum(numbers.values()) == whole == Task.objects.filter(opens_on__isnull=True).count()
    assert "截至6月30日" in opening.text


def test_every_number_of_a_draft_is_the_number_of_rows_behind_it(first_half: Summary, office: Player) -> None:
    seen = 0
    for paragraph in first_half.paragraphs.all():
        assert paragraph.text == "".join(words for words, _ in paragraph.draft)
        for words, rows in paragraph.draft:
            # No figure is told without rows, but for days and names.
            if not rows or rows.startswith("task/"):
                continue
            behind = rows_behind(office.actor, first_half, rows, on=paragraph.facts_on)
            assert behind is not None
            assert len(behind.rows) == int(words), rows
            seen += 1
    assert seen > 10


def test_what_happened_after_the_half_year_does_not_count(year: dict[str, Task], office: Player, cast: Cast) -> None:
    left = part(year["visits"], cast.school_2)
    later = {"by": office.actor, "now": datetime(2024, 7, 3, 2, 0, tzinfo=UTC)}
    services.answer_part(part=left, answer="已办", person="示例", how="电话", **later)  # type: ignore[arg-type]
    services.review_part(part=left, accepted=True, note="", **later)  # type: ignore[arg-type]
    half = services.draft_summary(year=2024, half="1", by=office.actor, now=JULY)
    assert "办结1所，2所逾期" in words_of(half, year["visits"])
    whole = services.draft_summary(year=2024, half="year", by=office.actor, now=JULY)
    assert "办结2所，1所逾期" in words_of(whole, year["visits"])


def test_drafted_again_edited_words_stay_and_others_follow(
    first_half: Summary, year: dict[str, Task], office: Player
) -> None:
    by = {"by": office.actor, "now": JULY}
    mine = first_half.paragraphs.get(about=str(year["visits"].point_id))
    services.edit_paragraph(paragraph=mine, base_version=1, text="我写的。\r\n第二行 ", **by)  # type: ignore[arg-type]
    services.close_task(task=year["late"], result="已报", occurred_on=date(2024, 6, 29), **by)  # type: ignore[arg-type]
    if year["late"].point_id == year["visits"].point_id:
        assert services.redraft_summary(summary=first_half, **by) == 1  # type: ignore[arg-type]
    else:
        services.redraft_summary(summary=first_half, **by)  # type: ignore[arg-type]
        assert "已于6月29日办结，已报" in words_of(first_half, year["late"])
    mine.refresh_from_db()
    assert (mine.text, mine.is_edited) == ("我写的。\n第二行", True)
    assert "已下达3所学校" in "".join(words for words, _ in mine.draft)


def test_two_people_editing_one_paragraph_both_see_both_texts(
    client: Client, first_half: Summary, office: Player
) -> None:
    row = first_half.paragraphs.get(about="opening")
    services.edit_paragraph(paragraph=row, base_version=1, text="甲写的", by=office.actor, now=JULY)
    with pytest.raises(Conflict):
        services.edit_paragraph(paragraph=row, base_version=1, text="乙写的", by=office.actor, now=JULY)
    client.force_login(office.user)
    answer = client.post(reverse("plan:paragraph", args=[row.pk]), {"base_version": 1, "text": "乙写的"})
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "甲写的" in body and "乙写的" in body


def test_a_finished_summary_is_frozen_until_it_is_taken_back(first_half: Summary, office: Player) -> None:
    by = {"by": office.actor, "now": JULY}
    row = first_half.paragraphs.get(about="opening")
    services.redraft_summary(summary=first_half, **by)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        services.finish_summary(summary=first_half, base_version=1, **by)  # type: ignore[arg-type]
    services.finish_summary(summary=first_half, base_version=2, **by)  # type: ignore[arg-type]
    for refused in (
        lambda: services.edit_paragraph(paragraph=row, base_version=1, text="改", **by),  # type: ignore[arg-type]
        lambda: services.redraft_summary(summary=first_half, **by),  # type: ignore[arg-type]
        lambda: services.finish_summary(summary=first_half, base_version=3, **by),  # type: ignore[arg-type]
    ):
        with pytest.raises(Refused, match="定稿"):
            refused()
    services.reopen_summary(summary=first_half, reason="数字有变", **by)  # type: ignore[arg-type]
    services.edit_paragraph(paragraph=row, base_version=1, text="改", **by)  # type: ignore[arg-type]
    assert {"summary.drafted", "summary.redrafted", "summary.finished", "summary.reopened", "summary.edited"} <= set(
        AuditEvent.objects.values_list("action", flat=True)
    )


@pytest.mark.parametrize(
    ("year_", "half", "code"), [(2024, "3", "plan.half"), (2023, "1", "plan.no_task"), (2024, "2", "plan.too_early")]
)
def test_what_cannot_be_drafted_is_refused(
    year: dict[str, Task], office: Player, year_: int, half: str, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        services.draft_summary(year=year_, half=half, by=office.actor, now=NOW)
    assert refusal.value.code == code
    assert not Summary.objects.exists()


def test_drafted_twice_it_is_there_once(first_half: Summary, office: Player) -> None:
    assert services.draft_summary(year=2024, half="1", by=office.actor, now=JULY).pk == first_half.pk


def test_what_was_typed_while_somebody_froze_the_summary_is_not_lost(
    client: Client, first_half: Summary, office: Player
) -> None:
    services.finish_summary(summary=first_half, base_version=1, by=office.actor, now=JULY)
    client.force_login(office.user)
    row = first_half.paragraphs.get(about="opening")
    answer = client.post(reverse("plan:paragraph", args=[row.pk]), {"base_version": 1, "text": "刚写了一半的话"})
    assert answer.status_code == 422
    assert "刚写了一半的话" in answer.content.decode()


def test_the_walk_from_nothing_to_a_word_file(client: Client, office: Player, year: dict[str, Task]) -> None:
    client.force_login(office.user)
    page = reverse("plan:summary")
    assert "还没有起草" in client.get(page, {"year": 2024, "half": "1"}).content.decode()
    shown = client.post(reverse("plan:summary_draft"), {"year": 2024, "half": "1"}, follow=True).content.decode()
    assert "2024年上半年教育督导工作总结" in shown
    link = re.search(r'href="(/plan/summary/[0-9a-f-]+/rows/\?of=parts[^"]+signed[^"]+)"', shown)
    assert link
    behind = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert "示例第一小学" in behind and "示例第三小学" not in behind
    summary = Summary.objects.get()
    row = summary.paragraphs.get(about=str(year["visits"].point_id))
    edit = reverse("plan:paragraph", args=[row.pk])
    assert "用新稿替换" not in client.get(edit, {"fresh": "1"}).content.decode()
    client.post(edit, {"base_version": row.version, "text": "全县共有学校3所，其中公办2所、民办2所。"})
    assert "用新稿替换" in client.get(edit, {"fresh": "1"}).content.decode()
    again = client.get(page, {"year": 2024, "half": "1"}).content.decode()
    assert "有 1 处数字不符" in again and "已改过" in again
    client.post(reverse("plan:summary_finish", args=[summary.pk]), {"base_version": summary.version})
    summary.refresh_from_db()
    assert summary.state == "final"
    file = client.get(reverse("plan:summary_docx", args=[summary.pk]))
    made = docx.Document(io.BytesIO(b"".join(file.streaming_content)))  # type: ignore[attr-defined]
    lines = [one.text for one in made.paragraphs]
    assert lines[0] == "2024年上半年教育督导工作总结"
    assert any("全县共有学校3所" in line for line in lines)
    assert "data-print" in client.get(page, {"year": 2024, "half": "1", "print": 1}).content.decode()


def test_only_those_who_see_the_county_read_it_and_nobody_from_another(
    client: Client, cast: Cast, first_half: Summary
) -> None:
    row = first_half.paragraphs.all()[0]
    client.force_login(cast.head.user)
    assert client.get(reverse("plan:summary")).status_code == 404
    client.force_login(cast.foreign_office.user)
    assert "还没有起草" in client.get(reverse("plan:summary"), {"year": 2024, "half": "1"}).content.decode()
    for name, key in (("summary_docx", first_half.pk), ("summary_finish", first_half.pk), ("paragraph", row.pk)):
        assert client.get(reverse(f"plan:{name}", args=[key])).status_code == 404
    rows = reverse("plan:summary_rows", args=[first_half.pk])
    assert client.get(rows, {"of": "tasks/all", "on": "2024-07-05"}).status_code == 404
    client.force_login(cast.office.user)
    for of in ("", "tasks/x", "parts/x/signed", f"parts/{row.pk}/signed", "periods/../done"):
        assert client.get(rows, {"of": of, "on": "2024-07-05"}).status_code == 404
    assert client.get(rows, {"of": "tasks/all", "on": "x"}).status_code == 404


def test_drafting_takes_the_same_statements_however_many_units(
    year: dict[str, Task], office: Player, tasks: Tasks
) -> None:
    taken = []
    for half, more in (("1", 0), ("year", 30)):
        units = [make_unit(f"示例学校{at}", f"21640{at:05d}").pk for at in range(100, 100 + more)]
        if units:
            services.hand_down(tasks=tasks[4:8], units=units, sign_by=date(2024, 4, 20), by=office.actor, now=NOW)
        with CaptureQueriesContext(connection) as asked:
            services.draft_summary(year=2024, half=half, by=office.actor, now=NOW)
        taken.append(len(asked))
    assert taken[0] == taken[1]


def test_numerals_and_spans() -> None:
    assert [chinese(n) for n in (1, 9, 10, 11, 20, 21, 99)] == ["一", "九", "十", "十一", "二十", "二十一", "九十九"]
    half = span_of(2024, "1", today=date(2024, 9, 1))
    assert (half.start, half.until, half.late_before) == (date(2024, 1, 1), date(2024, 6, 30), date(2024, 7, 1))
    now = span_of(2024, "year", today=date(2024, 4, 10))
    assert (now.until, now.late_before) == (date(2024, 4, 10), date(2024, 4, 10))
