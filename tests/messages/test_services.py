"""The system proposes, people send; each hears once, and it shows who has not answered."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from dudao.accounts.models import User
from dudao.audit.models import AuditEvent
from dudao.messages import guard, outbox, queries, services, tables, ways
from dudao.messages.models import Delivery, Message
from dudao.shell.acts import system
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, unit

Ready = Callable[..., Message]


def send(message: Message, cast: Cast, **more: object) -> None:
    services.send(message=message, base_version=message.version, by=cast.office.actor, now=NOW, **more)


def test_what_is_prepared_waits_until_somebody_sends_it(cast: Cast, ready: Ready) -> None:
    message = ready()

    assert message.state == "prepared"
    assert [m.count for m in queries.prepared(cast.office.actor)] == [2]
    assert not Delivery.objects.exists()
    assert queries.unread(cast.head.actor) == 0


def test_sent_it_stands_in_the_inbox_of_everybody_of_the_units(cast: Cast, ready: Ready) -> None:
    send(ready(), cast)

    assert [r.message.title for r in queries.inbox(cast.head.actor)] == ["请签收控辍保学任务"]
    assert queries.unread(cast.head_2.actor) == 1
    assert queries.unread(cast.staff.actor) == 0
    assert queries.unread(cast.foreign.actor) == 0
    assert set(AuditEvent.objects.filter(action__startswith="message").values_list("action", flat=True)) == {
        "message.prepared",
        "message.sent",
    }


def test_where_nobody_can_sign_in_it_is_said_before_and_after(cast: Cast, ready: Ready) -> None:
    message = ready(units=[cast.school.pk, cast.kindergarten.pk])
    before = queries.whole(cast.office.actor, message.pk, day=TODAY)

    send(message, cast)

    after = queries.whole(cast.office.actor, message.pk, day=TODAY)
    assert before is not None and after is not None and (before.nobody, after.nobody) == (1, 1)
    stuck = queries.undelivered(cast.office.actor).get()
    assert stuck.recipient is not None
    assert (stuck.recipient.name, stuck.error) == ("示例花园幼儿园", "没有能登录的人")


def test_an_account_that_was_switched_off_reaches_nobody_until_somebody_gets_one(cast: Cast, ready: Ready) -> None:
    User.objects.filter(pk=cast.head.user.pk).update(is_active=False)
    send(ready(), cast)
    stuck = queries.undelivered(cast.office.actor).get()
    User.objects.filter(pk=cast.head.user.pk).update(is_active=True)

    outbox.send_again(delivery=stuck, by=cast.office.actor, machine=NOW, now=NOW)
    outbox.deliver_next(now=NOW, machine=NOW)

    assert not queries.undelivered(cast.office.actor).exists()


def test_sending_to_many_asks_no_more_of_the_database(
    cast: Cast, ready: Ready, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many = [unit(f"示例第{n}幼儿园", f"11650{n:05}", "kindergarten").pk for n in range(60)]
    message = ready(units=many, notes={})
    with django_assert_max_num_queries(25):
        send(message, cast)
    assert Delivery.objects.filter(state="failed").count() == 60


def test_reading_counts_once_and_for_oneself(cast: Cast, ready: Ready) -> None:
    message = ready()
    send(message, cast)
    mine = queries.inbox(cast.head.actor).get()

    services.read(recipient=mine, by=cast.head.actor, now=NOW)
    services.read(recipient=mine, by=cast.head.actor, now=NOW + timedelta(days=1))

    assert queries.unread(cast.head.actor) == 0
    assert queries.unread(cast.head_2.actor) == 1
    assert {r.name: r.was_read for r in queries.recipients_of(message)} == {"示例第一小学": True, "示例第二中学": False}
    assert mine.readings.get().read_at == NOW


def test_of_two_who_send_at_once_one_sends(cast: Cast, ready: Ready) -> None:
    message, same = ready(), Message.objects.get()
    send(message, cast)

    with pytest.raises(Conflict):
        services.send(message=same, base_version=1, by=cast.staff.actor, now=NOW)
    assert Delivery.objects.count() == 2


def test_prepared_twice_with_one_key_is_one_message_and_the_latest_list(cast: Cast, ready: Ready) -> None:
    ready(key="plan.urge:10-2")
    again = ready(key="plan.urge:10-2", units=[cast.school_2.pk], text="只剩一所未签收。")

    assert Message.objects.count() == 1
    assert again.text == "只剩一所未签收。"
    assert [r.name for r in again.recipients.all()] == ["示例第二中学"]


@pytest.mark.django_db(transaction=True)
def test_a_rule_that_runs_twice_at_once_prepares_one_message(cast: Cast, ready: Ready) -> None:
    def prepare(_: int) -> None:
        try:
            ready(key="plan.urge:10-2")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(prepare, range(6)))

    assert Message.objects.get().recipients.count() == 2


@pytest.mark.parametrize("how", ["sent", "dropped"])
def test_what_was_decided_is_not_prepared_again(cast: Cast, ready: Ready, how: str) -> None:
    message = ready(key="k")
    if how == "sent":
        send(message, cast)
    else:
        services.drop(message=message, base_version=1, reason="已电话通知", by=cast.office.actor, now=NOW)

    again = ready(key="k", text="新的一稿")

    assert (again.pk, again.state) == (message.pk, how)
    assert "新的一稿" not in again.text
    assert not queries.prepared(cast.office.actor).exists()


def test_the_same_key_in_another_county_is_another_message(cast: Cast, ready: Ready) -> None:
    ready(key="k")
    ready(key="k", units=[cast.foreign_school.pk], notes={}, by=cast.foreign_office.actor)
    assert Message.objects.count() == 2


def test_units_of_another_county_and_nobody_are_refused(cast: Cast, ready: Ready) -> None:
    with pytest.raises(Refused, match="不在本县"):
        ready(units=[cast.school.pk, cast.foreign_school.pk])
    with pytest.raises(Refused, match="没有收件"):
        ready(units=[])
    assert not Message.objects.exists() and not AuditEvent.objects.filter(action="message.prepared").exists()


@pytest.mark.parametrize("link", ["https://example.com/", "//example.com/", "javascript:alert(1)"])
def test_a_message_leads_only_to_pages_of_this_house(ready: Ready, link: str) -> None:
    with pytest.raises(ValueError, match="this house"):
        ready(link=link)


def test_only_those_who_send_see_and_send(cast: Cast, ready: Ready) -> None:
    message = ready()
    for outsider in (cast.head.actor, cast.foreign_office.actor, cast.system_admin.actor):
        assert queries.whole(outsider, message.pk, day=TODAY) is None
    with pytest.raises(Refused, match="督导室"):
        services.send(message=message, base_version=1, by=cast.head.actor, now=NOW)
    message.refresh_from_db()
    assert message.state == "prepared"


def test_a_kind_goes_out_by_itself_only_after_somebody_said_so(cast: Cast, ready: Ready) -> None:
    assert ready().state == "prepared"
    ways.set_kind(kind="test.urge", is_automatic=True, channels=[], by=cast.office.actor, now=NOW)

    message = ready(by=system("640122"))

    assert (message.state, message.ended_by_name) == ("sent", "系统")
    assert queries.unread(cast.head.actor) == 1
    assert ready(kind="test.other").state == "prepared"


def test_what_may_not_go_out_by_itself_waits_for_a_person(cast: Cast, ready: Ready) -> None:
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-123"
    bot = ways.keep_bot(name="群", url=url, by=cast.system_admin.actor, now=NOW)
    ways.set_kind(kind="test.urge", is_automatic=True, channels=[f"bot:{bot.pk}"], by=cast.office.actor, now=NOW)

    message = ready(title="请通知 13812345678")

    assert (message.state, message.ended_at) == ("prepared", None)
    assert queries.prepared(cast.office.actor).get().count == 2 and not Delivery.objects.exists()


def test_who_has_done_it_leaves_the_list(cast: Cast, ready: Ready) -> None:
    message = ready()
    send(message, cast)

    services.mark_answered(subject=("plan.task", "10-2"), unit=cast.school.pk, by=cast.head.actor, now=NOW)

    whole = queries.whole(cast.office.actor, message.pk, day=TODAY)
    assert whole is not None and (whole.waiting, whole.count) == (1, 2)
    waiting = queries.recipients_of(message).filter(answered_at__isnull=True)
    made = tables.waiting_table(message=message, recipients=waiting, day=TODAY)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[3:]] == ["示例第二中学"]


def test_who_has_done_it_before_it_goes_out_is_not_urged(cast: Cast, ready: Ready) -> None:
    message = ready()
    services.mark_answered(subject=("plan.task", "10-2"), unit=cast.school.pk, by=cast.head.actor, now=NOW)
    message.refresh_from_db()
    send(message, cast)

    assert queries.unread(cast.head.actor) == 0 and queries.unread(cast.head_2.actor) == 1
    assert message.bot_text == "请签收控辍保学任务（1 个单位）：示例第二中学。详情请登录督导查看。"


def test_a_proposal_that_nobody_needs_any_more_is_taken_back(cast: Cast, ready: Ready) -> None:
    message = ready()
    services.mark_answered(subject=("plan.task", "10-2"), by=cast.office.actor, now=NOW)
    message.refresh_from_db()
    assert (message.state, message.drop_reason) == ("dropped", "已办理，不用再发")


def test_the_words_can_be_mended_before_they_go_and_not_after(cast: Cast, ready: Ready) -> None:
    message = ready()
    change = {"title": "请签收", "text": "新正文", "bot_text": "", "by": cast.office.actor, "now": NOW}
    services.change_message(message=message, base_version=1, **change)
    assert (message.text, message.version) == ("新正文", 2)
    with pytest.raises(Conflict):
        services.change_message(message=message, base_version=1, **change)
    send(message, cast)
    with pytest.raises(Conflict):
        services.change_message(message=message, base_version=message.version, **change)


def test_two_units_with_one_address_get_one_letter(cast: Cast, ready: Ready, settings: object) -> None:
    for one in (cast.school, cast.school_2):
        ways.keep_contact(unit=one.pk, kind="email", address="shili@example.cn", by=cast.office.actor, now=NOW)
    send(ready(), cast, channels=["email"])
    assert Delivery.objects.filter(channel="email").count() == 1


def test_a_channel_that_reaches_nobody_is_said_before_sending(cast: Cast, ready: Ready) -> None:
    message = ready()
    with pytest.raises(Refused, match="没有登记邮箱"):
        send(message, cast, channels=["email"])
    message.refresh_from_db()
    assert message.state == "prepared" and not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3 个单位未签收：示例第一小学、示例第二中学", []),
        ("请王小明（示例）老师来取", ["王小明"]),
        ("电话 13812345678", ["电话号码"]),
        ("电话 138 1234 5678", ["电话号码"]),
        ("座机 0951-8061234", ["电话号码"]),
        ("学生 64012220120304123X 辍学", ["身份证件号"]),
        ("发到 a.b@example.cn", ["邮箱地址"]),
        ("任务 202404101234 号，2024年4月12日前", []),
        ("王小明小学未签收", []),
    ],
)
def test_only_counts_and_names_of_units_may_go_to_a_group(text: str, found: list[str]) -> None:
    assert guard.personal_in(text, names=["王小明（示例）", "明"], units=["示例第一小学", "王小明小学"]) == found


def test_personal_data_never_goes_to_a_group_even_in_a_title(cast: Cast, ready: Ready) -> None:
    bot = ways.keep_bot(
        name="督学群",
        url="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-123",
        by=cast.system_admin.actor,
        now=NOW,
    )
    message = ready(title="请通知家长 13812345678")
    with pytest.raises(Refused, match="电话号码"):
        send(message, cast, channels=[f"bot:{bot.pk}"])
    with pytest.raises(Refused, match="电话号码"):
        ready(bot_text="联系 13812345678")
    message.refresh_from_db()
    assert message.state == "prepared" and not Delivery.objects.exists()
