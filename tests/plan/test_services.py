"""From the notice to a signed task, and what must not happen on the way."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dudao.audit.models import AuditEvent
from dudao.messages.models import Message
from dudao.places import queries as places
from dudao.places import services as place_services
from dudao.plan import queries, services
from dudao.plan.models import Notice, Point, Section, Task, TaskPart
from dudao.shell.acts import system
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, Player, unit

pytestmark = pytest.mark.django_db


def part_of(task: Task, unit: object, office: Player, **more: object) -> TaskPart:
    services.hand_down(tasks=[task], units=[unit.pk], sign_by=date(2024, 4, 13), by=office.actor, now=NOW, **more)  # type: ignore[attr-defined,arg-type]
    return TaskPart.objects.get(task=task, unit=unit)


def test_the_real_notice_has_4_sections_and_12_numbered_points(notice: Notice) -> None:
    assert [s.no for s in notice.sections.all()] == ["一", "二", "三", "四"]
    assert [s.is_repaired for s in notice.sections.all()] == [False, False, False, True]
    points = Point.objects.filter(section__notice=notice).order_by("section__position", "position")
    assert [p.no for p in points] == ["", *map(str, range(1, 13))]
    assert [bool(p.tasks.count()) for p in points] == [False, *[True] * 12]
    assert (notice.title, notice.doc_no, notice.year) == ("贺兰县2024年教育督导工作要点", "贺政教督发〔2024〕4号", 2024)


def test_the_words_are_kept_as_they_came(notice: Notice, text: str) -> None:
    assert notice.text == text
    point = Point.objects.get(section__notice=notice, no="7")
    assert text[point.start : point.end].startswith("7.统筹推进")
    assert "60所" in point.words


def test_the_same_notice_again_is_refused_and_leaves_nothing(notice: Notice, office: Player) -> None:
    events = AuditEvent.objects.count()
    with pytest.raises(Refused) as refusal:
        services.hand_in_notice(text=notice.text, by=office.actor, now=NOW)
    assert refusal.value.code == "plan.notice_again"
    assert (Notice.objects.count(), AuditEvent.objects.count()) == (1, events)


def test_a_dropped_notice_can_come_again(notice: Notice, office: Player) -> None:
    services.drop_notice(notice=notice, reason="粘错了", by=office.actor, now=NOW)
    services.hand_in_notice(text=notice.text, by=office.actor, now=NOW)
    assert Notice.objects.count() == 2


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x01\x02" * 50])
def test_text_that_is_no_notice_is_refused_in_words(office: Player, text: str) -> None:
    with pytest.raises(Refused) as refusal:
        services.hand_in_notice(text=text, by=office.actor, now=NOW)
    assert refusal.value.code.startswith("notices.")
    assert not Notice.objects.exists()


def test_correcting_a_point_keeps_the_notice_and_tells_before_and_after(notice: Notice, office: Player) -> None:
    point = Point.objects.get(section__notice=notice, no="9")
    target = notice.sections.get(no="三")
    services.correct_point(
        point=point,
        base_version=1,
        section=target,
        no="9",
        title="深耕督导",
        words=point.words,
        by=office.actor,
        now=NOW,
    )
    point.refresh_from_db()
    assert (point.section, point.title, point.is_corrected, point.version) == (target, "深耕督导", True, 2)
    event = AuditEvent.objects.get(action="point.corrected")
    assert event.facts["before"]["title"] == "深耕督导,护航发展"
    assert event.facts["after"]["title"] == "深耕督导"
    notice.refresh_from_db()
    assert "深耕督导,护航发展" in notice.text


def test_two_people_correcting_the_same_point_both_keep_their_words(notice: Notice, office: Player) -> None:
    point = Point.objects.get(section__notice=notice, no="9")
    same = {"section": point.section, "no": "9", "words": point.words, "by": office.actor, "now": NOW}
    services.correct_point(point=point, base_version=1, title="甲的标题", **same)
    with pytest.raises(Conflict):
        services.correct_point(point=point, base_version=1, title="乙的标题", **same)
    point.refresh_from_db()
    assert point.title == "甲的标题"


def test_a_point_cannot_move_into_another_notice(notice: Notice, office: Player) -> None:
    other = services.hand_in_notice(
        text=notice.text.replace("精准培训", "精心培训"), same_number=True, by=office.actor, now=NOW
    )
    point = Point.objects.get(section__notice=notice, no="9")
    with pytest.raises(Refused, match="不属于"):
        services.correct_point(
            point=point,
            base_version=1,
            section=Section.objects.filter(notice=other)[0],
            no="9",
            title="",
            words="x",
            by=office.actor,
            now=NOW,
        )


def test_confirming_makes_one_task_a_duty_once(notice: Notice, office: Player) -> None:
    tasks = services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    assert len(tasks) == 39
    assert [task.number for task in tasks if task.number.startswith("09")] == [f"09-{n}" for n in range(1, 8)]
    assert {task.number[:2] for task in tasks} == {f"{n:02d}" for n in range(1, 13)}
    with pytest.raises(Refused):
        services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    assert Task.objects.filter(opens_on__isnull=True).count() == 39


def test_a_point_added_by_hand_does_not_move_the_numbers_of_the_others(notice: Notice, office: Player) -> None:
    first = notice.sections.order_by("position")[0]
    services.add_point(section=first, no="", words="开展幼小衔接专项督导。", by=office.actor, now=NOW)
    services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    numbers = dict(Task.objects.filter(opens_on__isnull=True).values_list("title", "number"))
    assert numbers["深化“双减”督导"] == "09-1"
    assert numbers["开展幼小衔接专项督导"] == "13-1"


def test_a_duty_is_not_split_into_two_that_are_the_same(notice: Notice, office: Player) -> None:
    duty = Task.objects.filter(notice=notice)[0]
    with pytest.raises(Refused, match="两行一样"):
        services.split_task(task=duty, base_version=1, titles=["摸排", "摸排 "], by=office.actor, now=NOW)


def test_a_notice_without_any_duty_stays_unconfirmed(notice: Notice, office: Player) -> None:
    for task in Task.objects.filter(notice=notice):
        services.drop_task(task=task, reason="不是本县的事", by=office.actor, now=NOW)
    with pytest.raises(Refused, match="至少补列一项"):
        services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    notice.refresh_from_db()
    assert notice.state == "checking"


def test_a_unit_signs_for_its_task(tasks: list[Task], office: Player, head: Player) -> None:
    part = part_of(tasks[8], head.appointment.unit, office)
    signed = services.sign_part(part=part, by=head.actor, now=NOW)
    assert (signed.state, signed.signed_on, signed.signed_by) == ("signed", TODAY, "丙（示例）")
    event = AuditEvent.objects.get(action="part.signed")
    assert (event.by_name, event.hat, event.on_behalf_of) == ("丙（示例）", head.actor.hat, None)


def test_signing_twice_keeps_the_first(tasks: list[Task], office: Player, head: Player) -> None:
    part = part_of(tasks[8], head.appointment.unit, office)
    services.sign_part(part=part, by=head.actor, now=NOW)
    with pytest.raises(Refused, match="已由丙（示例）于4月10日签收"):
        services.sign_part(part=part, by=head.actor, now=NOW + timedelta(days=1))
    assert AuditEvent.objects.filter(action="part.signed").count() == 1


def test_the_office_records_what_a_unit_signed_on_paper(tasks: list[Task], office: Player, head: Player) -> None:
    part = part_of(tasks[0], head.appointment.unit, office, occurred_on=date(2024, 4, 1))
    with pytest.raises(Refused, match="是谁、用什么方式"):
        services.sign_part(part=part, by=office.actor, now=NOW)
    services.sign_part(
        part=part, by=office.actor, now=NOW, occurred_on=date(2024, 4, 2), signer="门卫（示例）", how="纸质签收单"
    )
    event = AuditEvent.objects.get(action="part.signed")
    assert (event.by_name, event.on_behalf_of, event.occurred_on) == (
        "甲（示例）",
        head.appointment.unit.pk,
        date(2024, 4, 2),
    )


@pytest.mark.parametrize(
    ("day", "words"), [(date(2024, 4, 11), "不能晚于今天"), (date(2024, 3, 31), "不能早于下达日期")]
)
def test_a_signature_lies_between_handing_down_and_today(
    tasks: list[Task], office: Player, head: Player, day: date, words: str
) -> None:
    part = part_of(tasks[0], head.appointment.unit, office, occurred_on=date(2024, 4, 1))
    with pytest.raises(Refused, match=words):
        services.sign_part(part=part, by=head.actor, now=NOW, occurred_on=day)
    part.refresh_from_db()
    assert part.state == "waiting"


def test_nobody_signs_for_another_unit(tasks: list[Task], office: Player, head: Player) -> None:
    other = unit("示例城关第三小学", "XX03")
    part = part_of(tasks[0], other, office)
    with pytest.raises(Refused):
        services.sign_part(part=part, by=head.actor, now=NOW, signer="x", how="电话")
    assert not queries.parts_visible_to(head.actor).exists()


def test_handing_down_again_does_not_double(tasks: list[Task], office: Player, head: Player) -> None:
    part_of(tasks[0], head.appointment.unit, office)
    again = services.hand_down(
        tasks=tasks[:2], units=[head.appointment.unit.pk], sign_by=date(2024, 4, 13), by=office.actor, now=NOW
    )
    assert (len(again), TaskPart.objects.count()) == (1, 2)


def test_handing_down_to_a_unit_of_another_county_is_refused(
    tasks: list[Task], office: Player, stranger: Player
) -> None:
    with pytest.raises(Refused, match="本县"):
        services.hand_down(
            tasks=tasks, units=[stranger.appointment.unit.pk], sign_by=date(2024, 4, 13), by=office.actor, now=NOW
        )
    assert not TaskPart.objects.exists()
    assert set(Task.objects.values_list("state", flat=True)) == {"draft"}


def test_a_withdrawn_part_leaves_the_unit_and_can_come_again(tasks: list[Task], office: Player, head: Player) -> None:
    part = part_of(tasks[0], head.appointment.unit, office)
    services.withdraw_part(part=part, reason="发错了", by=office.actor, now=NOW)
    assert not queries.tasks_visible_to(head.actor).exists()
    with pytest.raises(Refused, match="已撤回"):
        services.sign_part(part=part, by=head.actor, now=NOW)
    services.hand_down(
        tasks=tasks[:1], units=[head.appointment.unit.pk], sign_by=date(2024, 4, 13), by=office.actor, now=NOW
    )
    assert queries.tasks_visible_to(head.actor).count() == 1


def test_the_database_refuses_a_signature_without_a_day(tasks: list[Task], office: Player, head: Player) -> None:
    part = part_of(tasks[0], head.appointment.unit, office)
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskPart.objects.filter(pk=part.pk).update(state="signed")


def test_another_county_sees_nothing(tasks: list[Task], notice: Notice, stranger: Player) -> None:
    assert not queries.notices_visible_to(stranger.actor).exists()
    assert not queries.tasks_visible_to(stranger.actor).exists()
    assert queries.outline(stranger.actor, notice.pk) is None


def test_a_school_sees_a_notice_only_once_it_is_confirmed(notice: Notice, office: Player, head: Player) -> None:
    assert not queries.notices_visible_to(head.actor).exists()
    services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    assert queries.notices_visible_to(head.actor).exists()


@pytest.mark.parametrize("count", [1, 40])
def test_lists_take_a_constant_number_of_statements(
    notice: Notice, office: Player, head: Player, count: int, django_assert_num_queries: object
) -> None:
    tasks = services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    units = [unit(f"示例学校{n}", f"N{n}").pk for n in range(count)]
    once = [task for task in tasks if not task.rule]
    services.hand_down(tasks=once, units=units, sign_by=date(2024, 4, 13), by=office.actor, now=NOW)
    with django_assert_num_queries(2):  # type: ignore[operator]
        rows = queries.counted(
            office.actor, queries.tasks(office.actor, today=TODAY).filter(queries.current(today=TODAY))
        )
        assert {task.part_count for task in rows if task.state == "handed"} == {count}
    with django_assert_num_queries(5):  # type: ignore[operator]
        outline = queries.outline(office.actor, notice.pk)
        assert outline is not None
        assert sum(len(section.points.all()) for section in outline.sections.all()) == 13


def test_the_reminder_names_the_late_units_and_waits_for_a_person(
    tasks: list[Task], office: Player, head: Player, cast: Cast
) -> None:
    part_of(tasks[8], head.appointment.unit, office)
    late = NOW + timedelta(days=5)
    message = services.urge(task=tasks[8], by=office.actor, now=late)
    assert message.state == "prepared"
    assert "示例第一小学" in message.text
    assert "已过签收期限" in message.text
    assert "示例第一小学" not in message.said and "贵单位尚未签收" in message.said
    assert services.urge(task=tasks[8], by=office.actor, now=late).pk == message.pk


def test_a_unit_that_has_ended_is_marked_and_not_urged(
    tasks: list[Task], office: Player, cast: Cast, django_assert_num_queries: object
) -> None:
    gone, where = cast.kindergarten, cast.school_2
    services.hand_down(tasks=[tasks[8]], units=[gone.pk, cast.school.pk], sign_by=TODAY, by=office.actor, now=NOW)
    on = TODAY + timedelta(days=1)
    place_services.merge_units(
        units=[(gone, gone.version)], into=where, on=on, reason="示例批复", by=office.actor, now=NOW
    )
    later, day = NOW + timedelta(days=3), TODAY + timedelta(days=3)
    with django_assert_num_queries(1):  # type: ignore[operator]
        told = places.endings(office.actor, {gone.pk, where.pk, cast.school.pk}, as_of=day)
    assert told == {gone.pk: "已终止，并入示例第二中学"}
    assert queries.waiting_ended(office.actor, tasks[8], today=day) == {"示例花园幼儿园": "已终止，并入示例第二中学"}
    message = services.urge(task=tasks[8], by=office.actor, now=later)
    assert [r.name for r in message.recipients.all()] == ["示例第一小学"]

    services.withdraw_part(
        part=TaskPart.objects.get(unit=cast.school, task=tasks[8]), reason="示例", by=office.actor, now=later
    )
    with pytest.raises(Refused, match="都已终止"):
        services.urge(task=tasks[8], by=office.actor, now=later)
    assert services.propose_urges(by=office.actor, now=later) == 0


def test_a_reminder_nobody_needs_any_more_is_dropped(tasks: list[Task], office: Player, head: Player) -> None:
    part = part_of(tasks[8], head.appointment.unit, office)
    message = services.urge(task=tasks[8], by=office.actor, now=NOW)
    services.sign_part(part=part, by=head.actor, now=NOW)
    message.refresh_from_db()
    assert message.state == "dropped"
    with pytest.raises(Refused, match="不用催"):
        services.urge(task=tasks[8], by=office.actor, now=NOW)


def test_every_morning_a_reminder_is_ready_for_each_late_task_and_twice_is_once(
    tasks: list[Task], office: Player, head: Player
) -> None:
    for task in tasks[:3]:
        part_of(task, head.appointment.unit, office)
    by = system(office.actor.county)
    assert services.propose_urges(by=by, now=NOW) == 0
    assert services.propose_urges(by=by, now=NOW + timedelta(days=5)) == 3
    assert services.propose_urges(by=by, now=NOW + timedelta(days=5)) == 3
    assert Message.objects.filter(state="prepared").count() == 3


def test_what_was_handed_down_by_mistake_is_taken_back_in_one_step(
    tasks: list[Task], office: Player, head: Player, cast: Cast
) -> None:
    signed = part_of(tasks[8], head.appointment.unit, office)
    services.sign_part(part=signed, by=head.actor, now=NOW)
    for one in (cast.school_2, cast.kindergarten):
        part_of(tasks[8], one, office)
    assert services.withdraw_waiting(task=tasks[8], reason="发错了范围", by=office.actor, now=NOW) == 2
    signed.refresh_from_db()
    assert signed.state == "signed"
    with pytest.raises(Refused, match="没有未签收的单位"):
        services.withdraw_waiting(task=tasks[8], reason="再来", by=office.actor, now=NOW)


@pytest.mark.parametrize(
    "act",
    [
        lambda task, by: services.urge(task=task, by=by, now=NOW),
        lambda task, by: services.withdraw_waiting(task=task, reason="x", by=by, now=NOW),
        lambda task, by: services.hand_down(tasks=[task], units=[by.unit], sign_by=TODAY, by=by, now=NOW),
        lambda task, by: services.confirm_notice(notice=task.notice, by=by, now=NOW),
        lambda task, by: services.hand_in_notice(text="一、工作", by=by, now=NOW),
        lambda task, by: services.correct_task(
            task=task, base_version=1, title="x", lead=None, due_on=None, by=by, now=NOW
        ),
    ],
)
def test_a_school_can_do_none_of_the_offices_acts(tasks: list[Task], head: Player, act: Any) -> None:
    events = AuditEvent.objects.count()
    with pytest.raises(Refused) as refusal:
        act(tasks[0], head.actor)
    assert refusal.value.code == "plan.not_allowed"
    assert AuditEvent.objects.count() == events


def answered(task: Task, head: Player, office: Player, **more: Any) -> TaskPart:
    part = part_of(task, head.appointment.unit, office)
    services.sign_part(part=part, by=head.actor, now=NOW)
    return services.answer_part(part=part, answer="已开展两次，整改一处。", by=head.actor, now=NOW, **more)


def test_a_unit_tells_what_it_did_and_the_office_closes_it(tasks: list[Task], office: Player, head: Player) -> None:
    part = answered(tasks[8], head, office)
    assert part.state == "answered"
    assert list(queries.parts_to_review(office.actor)) == [part]
    services.review_part(part=part, accepted=True, note="", by=office.actor, now=NOW)
    part.refresh_from_db()
    assert (part.state, part.done_on) == ("done", TODAY)
    assert not queries.parts_to_review(office.actor)
    [row] = queries.counted(office.actor, queries.tasks(office.actor, today=TODAY).filter(pk=tasks[8].pk))
    assert (row.done_count, row.signed_count, row.part_count) == (1, 1, 1)


def test_what_is_sent_back_says_what_is_missing_and_can_be_told_again(
    tasks: list[Task], office: Player, head: Player
) -> None:
    part = answered(tasks[8], head, office)
    with pytest.raises(Refused, match="缺什么"):
        services.review_part(part=part, accepted=False, note=" ", by=office.actor, now=NOW)
    services.review_part(part=part, accepted=False, note="缺检查记录照片", by=office.actor, now=NOW)
    part.refresh_from_db()
    assert (part.state, part.review_note) == ("signed", "缺检查记录照片")
    again = services.answer_part(part=part, answer="已补照片。", by=head.actor, now=NOW)
    assert (again.state, again.answer) == ("answered", "已补照片。")


def test_nobody_looks_at_their_own_units_answer(tasks: list[Task], office: Player, cast: Cast) -> None:
    part = part_of(tasks[0], office.appointment.unit, office)
    services.sign_part(part=part, by=office.actor, now=NOW)
    TaskPart.objects.filter(pk=part.pk).update(state="answered", answered_on=TODAY, answer="x")
    part.refresh_from_db()
    with pytest.raises(Refused, match="本单位"):
        services.review_part(part=part, accepted=True, note="", by=cast.staff.actor, now=NOW)


def test_the_offices_own_task_is_closed_in_one_step(tasks: list[Task], office: Player) -> None:
    part = part_of(tasks[0], office.appointment.unit, office)
    services.sign_part(part=part, by=office.actor, now=NOW)
    done = services.answer_part(part=part, answer="4月专题会已开。", by=office.actor, now=NOW)
    assert (done.state, done.done_on) == ("done", TODAY)
    assert AuditEvent.objects.get(action="part.done").subject == str(part.pk)


def test_an_answer_needs_a_signature_first_and_words(tasks: list[Task], office: Player, head: Player) -> None:
    part = part_of(tasks[8], head.appointment.unit, office)
    with pytest.raises(Refused, match="待签收"):
        services.answer_part(part=part, answer="已办", by=head.actor, now=NOW)
    services.sign_part(part=part, by=head.actor, now=NOW)
    with pytest.raises(Refused, match="写明办理情况"):
        services.answer_part(part=part, answer="  ", by=head.actor, now=NOW)
    assert not AuditEvent.objects.filter(action="part.answered").exists()


def test_the_office_writes_an_answer_down_for_a_unit_that_never_signs_in(
    tasks: list[Task], office: Player, head: Player
) -> None:
    part = part_of(tasks[8], head.appointment.unit, office)
    services.sign_part(part=part, by=office.actor, now=NOW, signer="校长（示例）", how="电话")
    with pytest.raises(Refused, match="是谁"):
        services.answer_part(part=part, answer="已办", by=office.actor, now=NOW)
    told = services.answer_part(part=part, answer="已办", person="校长（示例）", how="电话", by=office.actor, now=NOW)
    assert (told.state, told.answered_by) == ("answered", "校长（示例）")


def test_a_late_task_is_late_until_every_part_is_done(tasks: list[Task], office: Player, head: Player) -> None:
    part = answered(tasks[8], head, office)
    services.correct_task(task=tasks[8], base_version=2, title="x", due_on=date(2024, 4, 20), by=office.actor, now=NOW)
    later = date(2024, 4, 25)
    late = queries.tasks_visible_to(office.actor).filter(queries.overdue(office.actor, today=later), opens_on=None)
    assert [task.pk for task in late] == [tasks[8].pk]
    services.review_part(part=part, accepted=True, note="", by=office.actor, now=NOW)
    assert not late.all()


@pytest.mark.parametrize("change", ["\n\n", " ", "\u3000\r\n"])
def test_blanks_make_no_other_notice(notice: Notice, office: Player, change: str) -> None:
    with pytest.raises(Refused) as refusal:
        services.hand_in_notice(text=change + notice.text + change, by=office.actor, now=NOW)
    assert refusal.value.code == "plan.notice_again"


def test_a_notice_is_not_reopened_once_a_unit_has_a_task_of_it(tasks: list[Task], office: Player, head: Player) -> None:
    part_of(tasks[0], head.appointment.unit, office)
    with pytest.raises(Refused, match="不能退回核对"):
        services.reopen_notice(notice=tasks[0].notice, reason="x", by=office.actor, now=NOW)


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2099, 1, 1)])
def test_a_due_day_years_away_is_a_slip(tasks: list[Task], office: Player, day: date) -> None:
    with pytest.raises(Refused, match="完成时限应在"):
        services.correct_task(task=tasks[0], base_version=1, title="x", due_on=day, by=office.actor, now=NOW)


@pytest.mark.parametrize(
    ("handed_on", "sign_by", "words"),
    [
        (None, date(2099, 1, 1), "签收期限应在"),
        (None, date(2024, 4, 9), "签收期限应在"),
        (date(2024, 3, 1), date(2024, 4, 1), "成文日期"),
        (date(2024, 4, 11), date(2024, 4, 12), "不能晚于今天"),
    ],
)
def test_days_of_handing_down_follow_one_another(
    tasks: list[Task], office: Player, head: Player, handed_on: date | None, sign_by: date, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        services.hand_down(
            tasks=tasks[:1],
            units=[head.appointment.unit.pk],
            sign_by=sign_by,
            occurred_on=handed_on,
            by=office.actor,
            now=NOW,
        )
    assert not TaskPart.objects.exists()


def test_saving_a_task_unchanged_is_no_act(tasks: list[Task], office: Player) -> None:
    events = AuditEvent.objects.count()
    services.correct_task(
        task=tasks[0], base_version=1, title=tasks[0].title, lead=None, due_on=None, by=office.actor, now=NOW
    )
    assert AuditEvent.objects.count() == events


def test_the_leading_unit_sees_how_all_units_stand(
    tasks: list[Task], office: Player, head: Player, head_2: Player
) -> None:
    services.correct_task(
        task=tasks[8],
        base_version=1,
        title="x",
        lead_id=head_2.appointment.unit.pk,
        by=office.actor,
        now=NOW,
    )
    part = part_of(tasks[8], head.appointment.unit, office)
    [row] = queries.counted(head_2.actor, queries.tasks(head_2.actor, today=TODAY))
    assert (row.part_count, row.waiting_count) == (1, 1)
    assert list(queries.parts_visible_to(head_2.actor)) == [part]
    with pytest.raises(Refused):
        services.sign_part(part=part, by=head_2.actor, now=NOW)
