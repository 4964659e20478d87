"""Pages of messages, by plain forms."""

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from dudao.messages import outbox, picture, services, ways
from dudao.messages.models import Bot, Contact, Delivery, KindSetting, Message
from tests.cast import NOW, Cast, unit

Ready = Callable[..., Message]


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps.get_app_config("dudao_messages"), "message_kinds", {"test.urge": "催签收"}, raising=False)


def page(client: Client, name: str, *args: Any, status: int = 200, **data: Any) -> str:
    answer = client.get(reverse(f"messages:{name}", args=args), data)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_office_sends_with_one_click_and_the_school_finds_it(client: Client, cast: Cast, ready: Ready) -> None:
    message = ready(link="/plan/")
    client.force_login(cast.office.user)
    shown = page(client, "prepared")
    assert "请于4月12日前签收任务10-2。" in shown and "<textarea" in shown

    answer = client.post(reverse("messages:send", args=[message.pk]), {"version": 1}, follow=True)

    assert "已发送：请签收控辍保学任务" in answer.content.decode()
    client.force_login(cast.head.user)
    home = page(client, "inbox")
    assert "未读" in home and '<span class="dd-n">1</span>' in home
    opened = page(client, "inbox_message", message.pk)
    assert "逾期 3 天" in opened and 'href="/plan/"' in opened and '<span class="dd-n">' not in opened


def test_a_unit_reads_of_its_own_matter_only_and_the_office_of_those_nobody_reaches(
    client: Client, cast: Cast, ready: Ready
) -> None:
    units = [cast.school.pk, cast.kindergarten.pk]
    message = ready(units=units, text="未签收：示例第一小学、示例花园幼儿园", own_text="贵单位尚未签收。")
    client.force_login(cast.office.user)
    assert "1 个收件没有能登录的人，站内发不到" in page(client, "message", message.pk)
    client.post(reverse("messages:send", args=[message.pk]), {"version": 1})
    assert "1 个收件没有能登录的人，站内没有送达" in page(client, "message", message.pk)
    assert "没有能登录的人" in page(client, "undelivered")
    client.force_login(cast.head.user)
    opened = page(client, "inbox_message", message.pk)
    assert "贵单位尚未签收。" in opened and "示例花园幼儿园" not in opened


def test_after_twenty_the_rest_of_the_recipients_is_folded(client: Client, cast: Cast, ready: Ready) -> None:
    many = [unit(f"示例第{n}幼儿园", f"11650{n:05}", "kindergarten").pk for n in range(25)]
    client.force_login(cast.office.user)
    shown = page(client, "message", ready(units=many, notes={}).pk)
    assert "其余 5 个</summary>" in shown and shown.index('id="go"') < shown.index('id="who"')


def test_a_second_click_says_what_happened(client: Client, cast: Cast, ready: Ready) -> None:
    message = ready()
    client.force_login(cast.office.user)
    client.post(reverse("messages:send", args=[message.pk]), {"version": 1})
    answer = client.post(reverse("messages:send", args=[message.pk]), {"version": 1})
    assert answer.status_code == 422 and Delivery.objects.count() == 2


def test_what_was_typed_stays_when_it_cannot_be_saved(client: Client, cast: Cast, ready: Ready) -> None:
    message = ready()
    client.force_login(cast.office.user)
    data = {"version": 1, "title": "新标题", "text": "正文", "bot_text": "联系 13812345678"}
    answer = client.post(reverse("messages:change", args=[message.pk]), data)
    shown = answer.content.decode()
    assert answer.status_code == 422 and "新标题" in shown and "电话号码" in shown and "联系 13812345678" in shown
    message.refresh_from_db()
    assert message.title == "请签收控辍保学任务"


def test_not_sending_needs_a_reason(client: Client, cast: Cast, ready: Ready) -> None:
    message = ready()
    client.force_login(cast.office.user)
    where = reverse("messages:drop", args=[message.pk])
    assert client.post(where, {"version": 1, "reason": ""}).status_code == 422
    assert client.post(where, {"version": 1, "reason": "已电话通知"}).status_code == 302
    message.refresh_from_db()
    assert message.state == "dropped"


@pytest.mark.parametrize("who", ["head", "foreign_office", "system_admin"])
def test_messages_of_the_office_are_not_found_by_others(client: Client, cast: Cast, ready: Ready, who: str) -> None:
    message = ready()
    user = getattr(cast, who).user
    user.is_demo = True
    user.save()
    client.force_login(user)
    for name in ("message", "change", "waiting_xlsx", "waiting_png"):
        page(client, name, message.pk, status=404)
    for name in ("send", "drop"):
        assert client.post(reverse(f"messages:{name}", args=[message.pk]), {"version": 1}).status_code == 404
    page(client, "inbox_message", message.pk, status=404)
    if who != "foreign_office":
        for name in ("prepared", "sent", "undelivered", "kinds", "contacts"):
            page(client, name, status=404)
    if who != "system_admin":
        page(client, "bots", status=404)


def test_the_picture_shows_the_list(client: Client, cast: Cast, ready: Ready) -> None:
    if picture.font_file() is None:
        pytest.skip("no Chinese font on this machine; install one with: make system-deps")
    message = ready()
    client.force_login(cast.office.user)
    answer = client.get(reverse("messages:waiting_png", args=[message.pk]))
    image = Image.open(io.BytesIO(answer.content))
    assert answer.headers["Content-Type"] == "image/png" and image.width == 1080 and image.height > 300


def test_without_a_chinese_font_the_page_says_what_to_use_instead(
    client: Client, cast: Cast, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "font_file", lambda: None)
    message = ready()
    client.force_login(cast.office.user)
    shown = page(client, "message", message.pk)
    assert "请用 Excel 或复制文字" in shown and "<img" not in shown
    answer = client.get(reverse("messages:waiting_png", args=[message.pk]))
    assert answer.status_code == 422 and "fonts-noto-cjk" in answer.content.decode()


def test_the_excel_takes_no_formula_from_a_note(client: Client, cast: Cast, ready: Ready) -> None:
    message = ready(notes={cast.school.pk: '=HYPERLINK("http://a.example")'})
    client.force_login(cast.office.user)
    answer = client.get(reverse("messages:waiting_xlsx", args=[message.pk]))
    assert quote("未办理名单_") in answer["Content-Disposition"]
    assert answer.status_code == 200 and b"<f>" not in answer.content


def test_undelivered_is_shown_and_sent_again(client: Client, cast: Cast, ready: Ready, settings: Any) -> None:
    settings.SMS_GATE = "no.such.Gate"
    ways.keep_contact(unit=cast.school.pk, kind="sms", address="13800000000", by=cast.office.actor, now=NOW)
    message = ready()
    client.force_login(cast.office.user)
    client.post(reverse("messages:send", args=[message.pk]), {"version": 1, "choose": "1", "channels": ["sms"]})
    outbox.deliver_next(now=NOW, machine=NOW)
    assert "有 1 条没有送达或结果不明" in page(client, "prepared")
    assert "仍要重发" in page(client, "undelivered") and "有结果不明" in page(client, "sent")
    [one] = Delivery.objects.filter(channel="sms")
    client.post(reverse("messages:delivery_again", args=[one.pk]))
    one.refresh_from_db()
    assert one.state == "queued"
    client.force_login(cast.foreign_office.user)
    assert client.post(reverse("messages:delivery_again", args=[one.pk])).status_code == 404


def test_the_system_administrator_keeps_robots_and_never_sees_an_address_again(client: Client, cast: Cast) -> None:
    cast.system_admin.user.is_demo = True
    cast.system_admin.user.save()
    client.force_login(cast.system_admin.user)
    where = reverse("messages:bots")
    assert client.post(where, {"name": "群", "url": "https://example.com/"}).status_code == 422
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-123"
    shown = client.post(where, {"name": "群", "url": url}, follow=True).content.decode()
    assert "企业微信" in shown and "abc-123" not in shown
    client.post(reverse("messages:bot_switch", args=[Bot.objects.get().pk]), {"is_on": "0"})
    assert not Bot.objects.get().is_on


def test_the_office_sets_how_a_kind_goes_out(client: Client, cast: Cast) -> None:
    client.force_login(cast.office.user)
    assert "催签收" in page(client, "kinds") and "由人发送" in page(client, "kinds")
    client.post(reverse("messages:kind", args=["test.urge"]), {"is_automatic": "on", "channels": ["email"]})
    setting = KindSetting.objects.get()
    assert (setting.is_automatic, setting.channels) == (True, ["email"])
    page(client, "kind", "no.such", status=404)


def test_an_address_that_is_none_is_refused_beside_its_field(client: Client, cast: Cast) -> None:
    client.force_login(cast.office.user)
    data = {"unit": str(cast.school.pk), "kind": "email", "address": "不是邮箱"}
    assert "邮箱不对" in client.post(reverse("messages:contacts"), data).content.decode()
    client.post(reverse("messages:contacts"), data | {"address": "shili@example.cn"})
    assert Contact.objects.get().address == "shili@example.cn"
    client.post(reverse("messages:contacts"), data | {"address": ""})
    assert not Contact.objects.exists()


def test_a_page_takes_the_same_number_of_statements_however_many_recipients(
    client: Client, cast: Cast, ready: Ready, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    few = ready()
    more = ready(units=[cast.school.pk] + [unit(f"示例第{n}小学", f"21640003{n:02}").pk for n in range(20)])
    for message in (few, more):
        services.send(message=message, base_version=1, by=cast.office.actor, now=NOW)
    client.force_login(cast.office.user)
    page(client, "message", few.pk)
    counts = []
    for message in (few, more):
        with django_assert_num_queries(99, exact=False) as taken:
            page(client, "message", message.pk)
        counts.append(len(taken))
    assert counts[0] == counts[1] <= 20
