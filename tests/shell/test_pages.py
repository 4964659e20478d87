"""The frame: navigation by hat, the demo's day, messages, and what is said when a request cannot be taken."""

from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from dudao.plan.apps import PlanConfig
from dudao.shell import clock, toasts
from dudao.shell.nav import Entry, navigation
from dudao.shell.templatetags import parts
from tests.cast import Cast

TODAY = date(2024, 9, 12)


def test_the_navigation_shows_a_hat_only_what_it_may_and_only_pages_that_exist(
    cast: Cast, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = (
        Entry("年度工作", "任务", "plan:task_list", icon="list-check"),
        Entry("年度工作", "下达", "plan:hand_down", icon="send", may=frozenset({"plan.hand_down"})),
        Entry("年度工作", "还没有的", "plan:no_such_page", icon="send"),
    )
    monkeypatch.setattr(PlanConfig, "nav", entries)

    def labels(actor: Any) -> list[str]:
        return [
            line.label
            for group, lines in navigation(rf.get("/plan/tasks/x/"), actor)
            if group == "年度工作"
            for line in lines
        ]

    assert "下达" in labels(cast.office.actor) and "还没有的" not in labels(cast.office.actor)
    assert "任务" in labels(cast.head.actor) and "下达" not in labels(cast.head.actor)
    current = [
        line.label
        for _, lines in navigation(rf.get("/plan/tasks/x/"), cast.office.actor)
        for line in lines
        if line.is_current
    ]
    assert current == ["任务"]


def test_the_style_guide_is_closed_in_production_but_for_the_system_administrator(
    cast: Cast, office: Client, settings: Any
) -> None:
    assert office.get("/styleguide/").status_code == 200
    settings.MODE = "production"
    assert office.get("/styleguide/").status_code == 404


def test_the_demo_day_can_be_stepped_only_in_the_demo_and_only_by_whole_steps(office: Client, settings: Any) -> None:
    assert office.post("/demo/day/", {"days": "1"}).status_code == 404
    settings.DEMO_TODAY = TODAY
    assert office.post("/demo/day/", {"days": "365"}).status_code == 404
    answer = office.post("/demo/day/", {"days": "7", "next": "/styleguide/?sort=1"})
    assert answer["Location"] == "/styleguide/?sort=1"
    assert clock.today() == date(2024, 9, 19)
    assert "2024年9月19日 星期四" in office.get("/styleguide/").content.decode()


def test_more_than_a_request_may_hold_is_refused_with_what_to_do(office: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = office.post("/drafts/", {"_draft": "shell.sample|", "name": "长" * 2000})
    assert answer.status_code == 413 and "内容太大" in answer.content.decode()


def test_what_is_not_there_says_what_to_try(office: Client) -> None:
    answer = office.get("/no-such-page/")
    assert answer.status_code == 404 and "换一个身份" in answer.content.decode()


def test_a_message_may_carry_the_way_to_take_it_back(rf: RequestFactory, cast: Cast) -> None:
    request: Any = rf.get("/")
    SessionMiddleware(lambda r: HttpResponse()).process_request(request)
    MessageMiddleware(lambda r: HttpResponse()).process_request(request)
    request.actor, request.hats = cast.office.actor, []
    toasts.done(request, "已催办 3 项", undo="/undo/7/")
    assert [parts.undo(message) for message in get_messages(request)] == ["/undo/7/"]
    toasts.done(request, "已催办 3 项", undo="/undo/7/")
    page = render_to_string("shell/refused.html", {"refusal": {"message": "x"}}, request)
    assert 'action="/undo/7/"' in page and "撤销" in page


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2024, 9, 6), "逾期 6 天"),
        (date(2024, 9, 12), "今天到期"),
        (date(2024, 9, 13), "还剩 1 天"),
        (date(2024, 9, 30), "还剩 18 天"),
        (None, "待定"),
    ],
)
def test_a_due_day_is_told_in_words_with_a_shape(day: date | None, words: str) -> None:
    shown = parts.due(day, TODAY)
    assert words in shown and "<use href=" in shown


def test_missing_is_a_dash_and_never_zero() -> None:
    assert (parts.dash(None), parts.dash(""), parts.dash(0)) == ("—", "—", 0)
    assert parts.day(None) == parts.fullday(None) == "—"


def test_an_address_that_only_takes_what_a_button_sends_leads_on_when_it_is_opened(office: Client) -> None:
    response = office.get("/hat/")
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    html = response.content.decode()
    assert "从页面上点按钮办理" in html and "回到工作台" in html and "dd-top" in html
