"""An office of three and a leader, an issued report of theirs, and its publication on its way."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from dudao.disclosure import services
from dudao.disclosure.models import Edition
from dudao.disclosure.services import Wanted, Words
from dudao.files.services import Received
from dudao.papers import services as papers
from dudao.papers.models import Paper
from tests.cast import NOW, Cast, Player, player
from tests.papers.parts import scan

BODY = "根据《教育督导条例》，县人民政府教育督导室对全县学校食堂进行了督导，现将结果公布如下。\n一、总体情况\n全县38所学校食堂均已实行明厨亮灶。"
FORMED = date(2024, 3, 20)


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = date(2024, 4, 10)


@pytest.fixture
def leader(cast: Cast) -> Player:
    return player("癸", "leader", cast.bureau)


@pytest.fixture
def set_up(cast: Cast) -> None:
    wanted = Wanted(
        "12640122MB0000001X", "{机构}/{年}-{流水}", 5, "贺兰县教育体育局", "贺兰县教育体育局",
        "贺兰县人民政府教育督导室", "书面反映到督导室（示例）",
    )  # fmt: skip
    services.change_setting(base_version=0, wanted=wanted, by=cast.office.actor, now=NOW)


@pytest.fixture
def report(cast: Cast) -> Paper:
    """A 督导报告 that the OA issued on 20 March."""
    return papers.record_outside_paper(
        kind="inspection-report", subject=None, subject_title="", link="", number="贺政教督发〔2024〕9号",
        issued_on=FORMED, title="关于学校食堂专项督导情况的报告", to_units=[], received=scan(), by=cast.office.actor,
        now=NOW,
    )  # fmt: skip


Typed = Callable[..., Edition]


@pytest.fixture
def typed(cast: Cast, set_up: None) -> Typed:
    """A text of the staff's, typed in."""

    def do(body: str = BODY, **more: Any) -> Edition:
        words = Words("2024年学校食堂督导结果（示例）", body, sources=more.pop("sources", ""))
        edition = services.prepare_text(words=words, formed_on=FORMED, by=cast.staff.actor, now=NOW, **more)
        edition.refresh_from_db()
        return edition

    return do


def submit(edition: Edition, by: Player) -> None:
    services.submit(edition=edition, base_version=edition.version, by=by.actor, now=NOW)


def review(edition: Edition, kind: str, by: Player, conclusion: str = "open", **more: Any) -> None:
    services.review(
        edition=edition, kind=kind, base_version=edition.version, conclusion=conclusion, by=by.actor, now=NOW, **more
    )


def passed(edition: Edition, cast: Cast) -> Edition:
    """Through both reviews: the staff prepared it, the director reviews."""
    submit(edition, cast.staff)
    review(edition, "openness", cast.office)
    review(edition, "secrecy", cast.office)
    return edition


def picture() -> list[Received]:
    return [scan("网页截图（示例）.png")]


def publish(
    edition: Edition, by: Player, *, on: date = date(2024, 4, 10), address: str = "https://www.example.gov.cn/1"
) -> None:
    services.record_published(
        edition=edition, base_version=edition.version, address=address, on=on, evidence=picture(), by=by.actor, now=NOW
    )
