"""What a person does with the duties that were read, before the plan stands."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from dudao.audit.models import AuditEvent
from dudao.plan import queries, services
from dudao.plan.models import Notice, Point, Section, Task
from dudao.plan.services.notices import level_of
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, Player

pytestmark = pytest.mark.django_db


def point(notice: Notice, no: str) -> Point:
    return Point.objects.get(section__notice=notice, no=no)


def duties(notice: Notice, no: str) -> list[Task]:
    return list(Task.objects.filter(point=point(notice, no), state="checking").order_by("position"))


def test_every_duty_leads_back_to_its_words(notice: Notice) -> None:
    tasks = Task.objects.filter(notice=notice)
    assert tasks.count() == 39
    for task in tasks:
        assert notice.text[task.start : task.end] == task.quote
        for places in task.spans.values():
            for start, end in places:
                assert notice.text[start:end]


def test_the_office_leads_what_the_notice_says_it_leads(notice: Notice, cast: Cast) -> None:
    [special] = duties(notice, "3")
    assert (special.lead_words, special.lead_id) == ("督导室", cast.office.appointment.unit_id)
    assert "督学" in special.cooperating


def test_what_the_text_does_not_say_stays_open(notice: Notice) -> None:
    [last] = duties(notice, "12")
    assert (last.due_on, last.due_words, last.rule, last.lead_id, last.level, last.line) == (None, "", "", None, "", "")


def test_a_target_year_is_due_on_its_last_day_and_keeps_its_words(notice: Notice) -> None:
    [passing] = duties(notice, "7")
    assert (passing.due_on, passing.due_words) == (date(2024, 12, 31), "力争2024年")


def test_a_split_duty_keeps_who_and_when_and_finds_its_words(notice: Notice, office: Player) -> None:
    task = duties(notice, "10")[2]
    assert task.title == "签订责任书"
    made = services.split_task(
        task=task, base_version=1, titles=["签订", "责任书", "检查签订情况"], by=office.actor, now=NOW
    )
    assert [notice.text[one.start : one.end] for one in made] == ["签订", "责任书", "签订责任书"]
    assert [one.title for one in duties(notice, "10")][2:5] == ["签订", "责任书", "检查签订情况"]
    assert len({one.position for one in duties(notice, "10")}) == 7
    assert {one.due_words for one in made} == {task.due_words}
    assert AuditEvent.objects.filter(action="task.split").count() == 1


def test_one_line_is_no_split(notice: Notice, office: Player) -> None:
    with pytest.raises(Refused, match="至少两行"):
        services.split_task(
            task=duties(notice, "12")[0], base_version=1, titles=["一项", " "], by=office.actor, now=NOW
        )


def test_two_people_splitting_the_same_duty_split_it_once(notice: Notice, office: Player) -> None:
    task = duties(notice, "10")[2]
    services.split_task(task=task, base_version=1, titles=["签订", "责任书"], by=office.actor, now=NOW)
    with pytest.raises(Conflict):
        services.split_task(
            task=Task(pk=task.pk, point=task.point, notice=notice, state="checking"),
            base_version=1,
            titles=["甲", "乙"],
            by=office.actor,
            now=NOW,
        )
    assert len(duties(notice, "10")) == 6


def test_merged_duties_are_one_with_all_the_words(notice: Notice, office: Player) -> None:
    first, second, *rest = duties(notice, "11")
    made = services.merge_tasks(
        point=point(notice, "11"), tasks=[second, first], title="指导填报并核查", by=office.actor, now=NOW
    )
    assert made.pk == first.pk
    assert made.quote == notice.text[first.start : second.end]
    assert len(duties(notice, "11")) == 1 + len(rest)
    second.refresh_from_db()
    assert (second.state, second.reason) == ("dropped", "并入“指导填报并核查”")


def test_a_dropped_duty_says_why_makes_no_task_and_can_come_back(notice: Notice, office: Player) -> None:
    task = duties(notice, "12")[0]
    with pytest.raises(Refused, match="为什么"):
        services.drop_task(task=task, reason=" ", by=office.actor, now=NOW)
    services.drop_task(task=task, reason="兜底条款", by=office.actor, now=NOW)
    task.refresh_from_db()
    services.take_up_task(task=task, by=office.actor, now=NOW)
    assert len(duties(notice, "12")) == 1
    services.drop_task(task=duties(notice, "12")[0], reason="兜底条款", by=office.actor, now=NOW)
    made = services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    assert len(made) == 38
    assert not queries.tasks_visible_to(office.actor).filter(pk=task.pk)


def test_a_duty_the_reader_missed_is_added_with_its_words(notice: Notice, office: Player) -> None:
    task = services.add_to_point(point=point(notice, "5"), title="提高每一个督学", by=office.actor, now=NOW)
    assert notice.text[task.start : task.end] == "提高每一个督学"
    own = services.add_to_point(point=point(notice, "5"), title="编印培训手册", by=office.actor, now=NOW)
    assert own.quote == point(notice, "5").words
    section = Section.objects.get(notice=notice, no="四")
    fresh = services.add_point(section=section, no="13", words="每月报送督导信息一次。", by=office.actor, now=NOW)
    [read] = Task.objects.filter(point=fresh)
    assert (read.rule, read.checked_at) == ("monthly", None)


def test_saving_a_point_is_all_or_nothing(notice: Notice, office: Player) -> None:
    first, second = duties(notice, "8")[:2]
    services.correct_task(task=second, base_version=1, title="别人改的", by=office.actor, now=NOW)
    stale = Task.objects.get(pk=second.pk)
    wanted = [services.Wanted(first, 1, {"title": "我改的一"}), services.Wanted(stale, 1, {"title": "我改的二"})]
    with pytest.raises(services.Clashes) as clash:
        services.check_point(point=point(notice, "8"), wanted=wanted, by=office.actor, now=NOW)
    assert clash.value.tasks == [second.pk]
    first.refresh_from_db()
    assert first.title != "我改的一"
    assert point(notice, "8").checked_at is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"title": " "}, "写明任务"),
        ({"due_on": date(2019, 1, 1)}, "完成时限应在"),
        ({"lead_id": "01a20f2e-0e1f-7f15-8917-a169037433c1"}, "本县现有的单位"),
        ({"person_id": "01a20f2e-0e1f-7f15-8917-a169037433c1"}, "本县现有的人员"),
    ],
)
def test_what_a_duty_cannot_be_is_refused(
    notice: Notice, office: Player, values: dict[str, object], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        services.correct_task(task=duties(notice, "12")[0], base_version=1, by=office.actor, now=NOW, **values)


def test_people_of_another_county_answer_for_nothing_here(notice: Notice, office: Player, cast: Cast) -> None:
    with pytest.raises(Refused):
        services.correct_task(
            task=duties(notice, "12")[0], base_version=1, person_id=cast.foreign.person.pk, by=office.actor, now=NOW
        )


def test_units_do_not_see_what_is_being_checked(notice: Notice, head: Player, client: Client) -> None:
    client.force_login(head.user)
    assert client.get(reverse("plan:task_correct", args=[duties(notice, "12")[0].pk])).status_code == 404
    assert not queries.tasks_visible_to(head.actor)
    assert not queries.duties_visible_to(head.actor)


def test_periods_are_made_from_the_day_of_the_notice_and_once(notice: Notice, office: Player) -> None:
    services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    monthly = Task.objects.get(notice=notice, number="01-1")
    assert [one.period for one in monthly.children.order_by("opens_on")] == [f"{n}月" for n in range(3, 13)]
    searching = Task.objects.get(notice=notice, number="10-2")
    assert [(one.period, one.due_on) for one in searching.children.order_by("opens_on")] == [
        ("春季开学", date(2024, 3, 31)),
        ("秋季开学", date(2024, 9, 30)),
    ]
    services.reopen_notice(notice=notice, reason="再看一遍", by=office.actor, now=NOW)
    services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    live = Task.objects.filter(notice=notice, opens_on__isnull=False).exclude(state="withdrawn")
    assert live.count() == 12


def test_the_list_shows_of_what_comes_again_only_what_is_on(notice: Notice, office: Player) -> None:
    services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    rows = queries.tasks(office.actor, today=TODAY).filter(queries.current(today=TODAY))
    assert {row.number for row in rows if row.number.startswith("01-1")} == {"01-1.01", "01-1.02"}
    before = queries.tasks(office.actor, today=date(2024, 2, 1)).filter(queries.current(today=date(2024, 2, 1)))
    assert {row.number for row in before if row.number.startswith("01-1")} == {"01-1"}


def test_tasks_added_by_hand_are_numbered_one_after_the_other(office: Player) -> None:
    made = [services.add_task(title=f"临时任务{n}", level="region", by=office.actor, now=NOW) for n in range(3)]
    assert [task.number for task in made] == ["补01", "补02", "补03"]
    again = services.add_task(title="每月报送信息", rule="monthly", by=office.actor, now=NOW)
    assert again.children.count() == 9
    with pytest.raises(Refused, match="写明任务"):
        services.add_task(title=" ", by=office.actor, now=NOW)


def test_two_notices_in_one_paste_are_told_apart(
    client: Client, office: Player, text: str, django_assert_num_queries: object
) -> None:
    client.force_login(office.user)
    other = text.replace("〔2024〕4号", "〔2024〕9号").replace("2024年教育督导工作要点", "2024年校园安全工作要点")
    page = client.post(reverse("plan:notice_new"), {"text": text + "\n\n" + other}, follow=True)
    assert "里面有 2 份要点" in page.content.decode()
    assert Notice.objects.count() == 2
    assert "".join(n.text for n in Notice.objects.order_by("handed_in_at", "pk")).replace("\n", "") == (
        text + other
    ).replace("\n", "")
    again = client.post(reverse("plan:notice_new"), {"text": text.replace("精准", "精心") + "\n\n" + text})
    assert again.status_code == 422
    assert Notice.objects.count() == 2


@pytest.mark.parametrize(
    ("issuer", "level"),
    [
        ("教育部办公厅", "nation"),
        ("国务院教育督导委员会办公室", "nation"),
        ("宁夏回族自治区人民政府教育督导室", "region"),
        ("示例省教育厅", "region"),
        ("银川市人民政府教育督导室", "city"),
        ("银川市西夏区人民政府教育督导室", "county"),
        ("贺兰县人民政府教育督导室", "county"),
        ("", "county"),
    ],
)
def test_the_level_of_a_notice_is_that_of_who_issues_it(issuer: str, level: str) -> None:
    assert level_of(issuer) == level
