"""Minutes: written, decided, finished, amended; decisions become tasks and come back until they are done."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dudao.meetings import queries, services
from dudao.meetings.models import Amendment, Meeting, Paragraph
from dudao.plan import services as plan
from dudao.plan.models import Task
from dudao.shell.acts import system
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, Player, player

pytestmark = pytest.mark.django_db
WORDS = "春季在园幼儿13619人，其中公办园9169人，占比为67.33%。"


@pytest.fixture
def held(office: Player, april: Meeting) -> Meeting:
    services.hold_meeting(meeting=april, base_version=april.version, day=TODAY, by=office.actor, now=NOW)
    return april


@pytest.fixture
def written(office: Player, held: Meeting) -> Paragraph:
    item = held.items.first()
    return services.write_paragraph(meeting=held, item=item, text="请各校摸排。", by=office.actor, now=NOW)


@pytest.fixture
def decide(office: Player) -> Callable[..., None]:
    def do(paragraph: Paragraph, **more: Any) -> None:
        facts = {"matter": "各校摸排控辍保学", "unit": None, "person": None, "due_on": TODAY + timedelta(days=20)}
        base = paragraph.version
        services.decide_paragraph(paragraph=paragraph, base_version=base, **{**facts, **more}, by=office.actor, now=NOW)

    return do


def finish(meeting: Meeting, by: Player) -> list[Task]:
    meeting.refresh_from_db()
    return services.finish_minutes(meeting=meeting, base_version=meeting.version, by=by.actor, now=NOW)


def test_a_decision_becomes_a_task_that_leads_back_to_its_words(
    office: Player, cast: Cast, written: Paragraph, decide: Callable[..., None]
) -> None:
    decide(written, unit=cast.bureau.pk, person=cast.staff.person.pk)
    assert not Task.objects.exists(), "a draft makes no task"
    (task,) = finish(written.meeting, office)
    written.refresh_from_db()
    assert written.task == task
    assert (task.title, task.quote, task.lead_id) == ("各校摸排控辍保学", "请各校摸排。", cast.bureau.pk)
    assert (task.person_id, task.due_on) == (cast.staff.person.pk, TODAY + timedelta(days=20))
    assert task.origin == "2024年4月10日督导室专题工作会议（2024年4月）决定"
    address = reverse("meetings:minutes", args=[written.meeting_id])
    assert task.origin_link == f"{address}#p-{written.pk}"


def test_a_decision_can_be_a_task_at_once_and_finishing_does_not_make_it_twice(
    office: Player, written: Paragraph, decide: Callable[..., None]
) -> None:
    decide(written, at_once=True)
    assert Task.objects.count() == 1
    with pytest.raises(Refused, match="已列为任务"):
        decide(written)
    with pytest.raises(Refused, match="已列为任务"):
        services.remove_paragraph(paragraph=written, by=office.actor, now=NOW)
    assert finish(written.meeting, office) == []
    assert Task.objects.count() == 1


def test_a_decision_that_the_plan_refuses_leaves_nothing_finished(
    office: Player, cast: Cast, written: Paragraph, decide: Callable[..., None]
) -> None:
    decide(written)
    Paragraph.objects.filter(pk=written.pk).update(unit=cast.foreign_school)
    with pytest.raises(Refused, match="本县现有的单位"):
        finish(written.meeting, office)
    written.meeting.refresh_from_db()
    assert written.meeting.state == Meeting.State.HELD and not Task.objects.exists()


def test_who_and_when_of_a_decision_are_checked(
    office: Player, cast: Cast, written: Paragraph, decide: Callable[..., None]
) -> None:
    for wrong in (
        {"matter": " "},
        {"due_on": TODAY - timedelta(days=1)},
        {"due_on": date(2204, 1, 1)},
        {"unit": cast.foreign_school.pk},
        {"person": cast.foreign.person.pk},
    ):
        with pytest.raises(Refused):
            decide(written, **wrong)
    written.refresh_from_db()
    assert not written.is_decision


def test_two_who_type_one_paragraph_do_not_overwrite_each_other(office: Player, written: Paragraph) -> None:
    mine, theirs = Paragraph.objects.get(pk=written.pk), Paragraph.objects.get(pk=written.pk)
    change = services.change_paragraph
    change(paragraph=mine, base_version=1, text="请各校、各乡镇摸排。", by=office.actor, now=NOW)
    with pytest.raises(Conflict):
        change(paragraph=theirs, base_version=1, text="请各校四月摸排。", by=office.actor, now=NOW)
    assert Paragraph.objects.get().text == "请各校、各乡镇摸排。"


def test_finished_minutes_are_only_amended_and_say_why(office: Player, written: Paragraph) -> None:
    finish(written.meeting, office)
    with pytest.raises(Refused, match="已经定稿"):
        services.change_paragraph(paragraph=written, base_version=1, text="改了", by=office.actor, now=NOW)
    with pytest.raises(Refused, match="已经定稿"):
        services.write_paragraph(meeting=written.meeting, item=None, text="再加", by=office.actor, now=NOW)
    with pytest.raises(Refused, match="更正原因"):
        services.amend_paragraph(paragraph=written, base_version=1, text="改了", reason=" ", by=office.actor, now=NOW)
    services.amend_paragraph(
        paragraph=written, base_version=1, text="请各校4月底前摸排。", reason="漏记时限", by=office.actor, now=NOW
    )
    services.supplement_minutes(
        meeting=written.meeting, item=None, text="下次会议5月召开。", reason="漏记", by=office.actor, now=NOW
    )
    assert [(a.before, a.after) for a in Amendment.objects.all()] == [
        ("请各校摸排。", "请各校4月底前摸排。"),
        ("", "下次会议5月召开。"),
    ]


def test_empty_minutes_cannot_be_finished_and_nothing_is_written_before_the_meeting(
    office: Player, april: Meeting
) -> None:
    with pytest.raises(Refused, match="还没有开始"):
        services.write_paragraph(meeting=april, item=None, text="早了", by=office.actor, now=NOW)
    services.hold_meeting(meeting=april, base_version=april.version, day=TODAY, by=office.actor, now=NOW)
    with pytest.raises(Refused, match="还没有内容"):
        finish(april, office)
    april.refresh_from_db()
    assert april.state == Meeting.State.HELD


def test_a_paragraph_taken_out_can_be_put_back(office: Player, written: Paragraph) -> None:
    services.remove_paragraph(paragraph=written, by=office.actor, now=NOW)
    with pytest.raises(Refused, match="还没有内容"):
        finish(written.meeting, office)
    services.restore_paragraph(paragraph=written, by=office.actor, now=NOW)
    assert finish(written.meeting, office) == []


def test_decisions_come_back_on_the_next_agenda_until_their_tasks_are_done(
    office: Player, written: Paragraph, decide: Callable[..., None]
) -> None:
    decide(written)
    (task,) = finish(written.meeting, office)
    may = datetime(2024, 5, 13, 2, tzinfo=UTC)
    services.propose_meetings(by=system("640122"), now=may)
    following = Meeting.objects.get(kind="office-monthly", period_on=date(2024, 5, 1))

    def decided(day: date) -> list[tuple[str, str]]:
        rows = queries.from_plan(office.actor, following, today=day)
        return [(row.group, row.words) for row in rows if row.task_id == task.pk]

    assert decided(may.date()) == [("decision", "4月10日会议决定；逾期 13 天（4月30日到期）；尚未下达")]
    # Two months later still, until it is done.
    services.propose_meetings(by=system("640122"), now=datetime(2024, 7, 13, 2, tzinfo=UTC))
    later = Meeting.objects.get(period_on=date(2024, 7, 1))
    (row,) = queries.from_plan(office.actor, later, today=date(2024, 7, 13))
    assert row.group == "decision"
    plan.close_task(task=task, result="已摸排", by=office.actor, now=may)
    assert [group for group, _ in decided(may.date())] == ["done"]
    # No meeting was held in between: it is news in July too.
    assert [row.group for row in queries.from_plan(office.actor, later, today=date(2024, 7, 13))] == ["done"]


def test_a_withdrawn_task_is_spoken_of_no_more(office: Player, written: Paragraph, decide: Callable[..., None]) -> None:
    decide(written)
    (task,) = finish(written.meeting, office)
    plan.withdraw_task(task=task, reason="并入其他任务", by=office.actor, now=NOW)
    services.propose_meetings(by=system("640122"), now=datetime(2024, 5, 13, 2, tzinfo=UTC))
    following = Meeting.objects.get(period_on=date(2024, 5, 1))
    assert queries.from_plan(office.actor, following, today=date(2024, 5, 13)) == []


# Pages


@pytest.fixture
def at_office(client: Client, office: Player, settings: Any) -> Client:
    settings.DEMO_TODAY = TODAY
    client.force_login(office.user)
    return client


def test_minutes_are_typed_paragraph_by_paragraph_with_the_numbers_checked_beside(
    at_office: Client, held: Meeting
) -> None:
    page = reverse("meetings:minutes", args=[held.pk])
    item = held.items.last()
    answer = at_office.post(f"{page}?item={item.pk}", {"text": WORDS})  # type: ignore[union-attr]
    assert answer["Location"] == f"{page}?item={item.pk}"  # type: ignore[union-attr]
    body = at_office.get(page).content.decode()
    assert WORDS in body and "9169÷13619=67.33%" in body and "相符" in body
    wrong = at_office.post(f"{page}?item=other", {"text": WORDS.replace("67.33", "68.33")}, follow=True)
    assert "不符" in wrong.content.decode() and Paragraph.objects.count() == 2
    assert at_office.post(f"{page}?item=other", {"text": " "}).status_code == 422


def test_what_was_being_typed_when_the_session_ended_stands_there_again(at_office: Client, held: Meeting) -> None:
    _, second = held.items.all()
    page = reverse("meetings:minutes", args=[held.pk])
    at_office.post(reverse("shell:draft_keep"), {"_draft": f"meetings.write|{second.pk}", "text": "写到一半"})
    body = at_office.get(page).content.decode()
    assert "还有没写完的段落" in body and f"?item={second.pk}" in body
    assert "写到一半" in at_office.get(f"{page}?item={second.pk}").content.decode()
    at_office.post(f"{page}?item={second.pk}", {"text": "写到一半，写完了"})
    assert "还有没写完的段落" not in at_office.get(page).content.decode()


def test_what_was_typed_is_not_lost_when_the_item_or_the_minutes_are_gone_meanwhile(
    at_office: Client, office: Player, written: Paragraph
) -> None:
    meeting = written.meeting
    page, second = reverse("meetings:minutes", args=[meeting.pk]), meeting.items.last()
    services.remove_item(item=second, by=office.actor, now=NOW)  # type: ignore[arg-type]
    body = at_office.post(f"{page}?item={second.pk}", {"text": "移出前写的"}, follow=True).content.decode()  # type: ignore[union-attr]
    assert "内容记在“其他事项”里" in body and "移出前写的" in body
    services.remove_paragraph(paragraph=written, by=office.actor, now=NOW)
    again = at_office.post(f"{page}?edit={written.pk}", {"text": "删去前改的", "base_version": 1}, follow=True)
    assert "另存为新的一段" in again.content.decode() and "删去前改的" in again.content.decode()
    finish(meeting, office)
    late = at_office.post(f"{page}?item=other", {"text": "定稿后才存的"})
    assert late.status_code == 422
    assert "纪要已经定稿" in late.content.decode() and "定稿后才存的" in late.content.decode()


def test_two_people_in_one_paragraph_see_both_texts_and_choose(
    at_office: Client, cast: Cast, written: Paragraph
) -> None:
    page = f"{reverse('meetings:minutes', args=[written.meeting_id])}?edit={written.pk}"
    assert "请各校摸排。" in at_office.get(page).content.decode()
    services.change_paragraph(
        paragraph=Paragraph.objects.get(), base_version=1, text="他改的", by=cast.staff.actor, now=NOW
    )
    answer = at_office.post(page, {"text": "我改的", "base_version": 1})
    body = answer.content.decode()
    assert answer.status_code == 409 and "他改的" in body and "我改的" in body
    at_office.post(page, {"text": "我改的", "base_version": 2, "pick_text": "mine", "theirs_text": "他改的"})
    assert Paragraph.objects.get().text == "我改的"


def test_from_words_to_decision_to_task_and_back_by_plain_forms(
    at_office: Client, cast: Cast, written: Paragraph
) -> None:
    decide = reverse("meetings:paragraph_decide", args=[written.pk])
    assert 'value="请各校摸排"' in at_office.get(decide).content.decode()
    facts = {"matter": "摸排控辍保学", "unit": str(cast.school.pk), "due_on": "2024-04-30", "base_version": 1}
    at_office.post(decide, {**facts, "at_once": "on"})
    task = Task.objects.get()
    seen = at_office.get(reverse("plan:task", args=[task.pk])).content.decode()
    assert task.origin_link in seen and "请各校摸排。" in seen
    assert f'id="p-{written.pk}"' in at_office.get(task.origin_link.partition("#")[0]).content.decode()
    written.meeting.refresh_from_db()
    finish_ = reverse("meetings:finish", args=[written.meeting_id])
    assert "纪要定稿？" in at_office.get(finish_).content.decode()
    at_office.post(finish_, {"base_version": written.meeting.version})
    body = at_office.get(reverse("meetings:meeting", args=[written.meeting_id])).content.decode()
    assert "纪要已定" in body and "摸排控辍保学" in body and "示例第一小学" in body


def test_finishing_offers_to_close_the_months_task_and_a_person_decides(
    at_office: Client, office: Player, written: Paragraph
) -> None:
    title = "每月召开教育督导室专题工作会议"
    plan.add_task(title=title, rule="monthly", by=office.actor, now=NOW)
    month = Task.objects.get(opens_on=date(2024, 4, 1))
    finish(written.meeting, office)
    close = reverse("meetings:close_task", args=[written.meeting_id, month.pk])
    assert close in at_office.get(reverse("meetings:meeting", args=[written.meeting_id])).content.decode()
    month.refresh_from_db()
    assert month.state == Task.State.DRAFT
    page = at_office.get(close).content.decode()
    assert "2024年4月10日（星期三）召开督导室专题工作会议（2024年4月），纪要已定。" in page
    at_office.post(close, {"result": "已召开，形成纪要。"})
    month.refresh_from_db()
    assert (month.state, month.done_on) == (Task.State.DONE, TODAY)
    assert close not in at_office.get(reverse("meetings:meeting", args=[written.meeting_id])).content.decode()
    other = Task.objects.get(opens_on=date(2024, 5, 1))
    assert at_office.get(reverse("meetings:close_task", args=[written.meeting_id, other.pk])).status_code == 404


def test_members_read_minutes_when_they_stand_and_units_never(
    client: Client, cast: Cast, settings: Any, written: Paragraph
) -> None:
    settings.DEMO_TODAY = TODAY
    inspector, meeting = player("督学甲", "inspector", cast.school), written.meeting
    services.set_members(
        meeting=meeting,
        base_version=meeting.version,
        persons=[inspector.person.pk],
        guests=[],
        by=cast.office.actor,
        now=NOW,
    )
    page = reverse("meetings:minutes", args=[meeting.pk])
    client.force_login(inspector.user)
    assert client.get(page).status_code == 404
    assert "请各校摸排" not in client.get(reverse("meetings:meeting", args=[meeting.pk])).content.decode()
    finish(meeting, cast.office)
    assert "请各校摸排" in client.get(page).content.decode()
    assert client.post(page, {"text": "我也写"}).status_code == 404
    for name in ("paragraph_amend", "paragraph_decide", "paragraph_remove"):
        assert client.post(reverse(f"meetings:{name}", args=[written.pk])).status_code == 404
    client.force_login(cast.head.user)
    assert client.get(page).status_code == 404


def test_statements_do_not_grow_with_paragraphs_and_decisions(
    at_office: Client, office: Player, written: Paragraph, cast: Cast
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as made:
            assert at_office.get(reverse("meetings:minutes", args=[written.meeting_id])).status_code == 200
        with CaptureQueriesContext(connection) as also:
            assert at_office.get(reverse("meetings:meeting", args=[written.meeting_id])).status_code == 200
        return len(made) + len(also)

    def another(n: int) -> None:
        paragraph = services.write_paragraph(
            meeting=written.meeting, item=written.item, text=f"第{n}件事。", by=office.actor, now=NOW
        )
        facts = {"unit": cast.school.pk, "person": cast.staff.person.pk, "due_on": None, "at_once": True}
        services.decide_paragraph(
            paragraph=paragraph, base_version=1, matter=f"第{n}件事", **facts, by=office.actor, now=NOW
        )

    another(0)
    statements()
    before = statements()
    for n in range(1, 12):
        another(n)
    assert statements() == before


def test_marks_in_the_minutes_are_text_only(at_office: Client, held: Meeting) -> None:
    page = reverse("meetings:minutes", args=[held.pk])
    at_office.post(f"{page}?item=other", {"text": "<script>alert(1)</script>\n第二行"})
    body = at_office.get(page).content.decode()
    assert "<script>alert(1)" not in body and "&lt;script&gt;alert(1)" in body


def test_sums_that_do_not_come_out_are_told_before_the_minutes_stand(at_office: Client, written: Paragraph) -> None:
    finish_ = reverse("meetings:finish", args=[written.meeting_id])
    assert "核对不符" not in at_office.get(finish_).content.decode()
    Paragraph.objects.update(text="全县幼儿园60所，其中公办园39所，民办园20所。")
    body = at_office.get(finish_).content.decode()
    assert "有 1 处数字核对不符" in body and "39+20=59" in body
