"""Complaints for tests: a board at the first school, whose inspector is responsible for it."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from dudao.complaints import services
from dudao.complaints.models import Complaint, Setting
from dudao.complaints.services import Said
from dudao.duties import services as duties
from dudao.duties.models import Board
from dudao.duties.services import Given
from dudao.inspectors.models import Inspector
from dudao.shell.acts import Actor, system
from tests.cast import NOW, SINCE, TODAY, Cast, Player
from tests.duties.stage import able

WORDS = "四月八日中午食堂的菜是凉的，孩子回家肚子疼（示例）"
NAME, CONTACT = "示例家长赵", "13900000000"


@dataclass(frozen=True)
class Stage:
    """``inspector`` is responsible for the first school, ``other`` for none."""

    cast: Cast
    inspector: Inspector
    other: Inspector
    board: UUID


def stage(cast: Cast) -> Stage:
    inspector, other = able(cast, "督学癸", "证1"), able(cast, "督学子", "证2")
    duties.assign_duties(rows=[Given(cast.school.pk, inspector.pk)], starts_on=SINCE, by=cast.office.actor, now=NOW)
    Setting.objects.create(county="640122", is_open=True)
    return Stage(cast, inspector, other, Board.objects.get(unit=cast.school).pk)


def said(cast: Cast, **more: Any) -> Said:
    fresh = Said(
        unit=cast.school.pk,
        source="board",
        kind="complaint",
        words=WORDS,
        received_on=TODAY,
        name=NAME,
        contact=CONTACT,
    )
    return replace(fresh, **more)


def received(cast: Cast, *, by: Actor | None = None, **more: Any) -> Complaint:
    return services.receive(said=said(cast, **more), sent_key=None, by=by or system("640122"), now=NOW)


def accepted(cast: Cast, who: Player | None = None, **more: Any) -> Complaint:
    row = received(cast)
    return services.accept(
        complaint=row, base_version=row.version, title="食堂饭菜温度（示例）", about=more.get("about"), occurred_on=TODAY,
        by=(who or cast.office).actor, now=NOW,
    )  # fmt: skip


def handed(on: Stage, *, shows_words: bool = False) -> Complaint:
    row = accepted(on.cast)
    return services.hand(
        complaint=row, base_version=row.version, follower=on.inspector.person_id, unit=None, words="去食堂看一看（示例）",
        shows_words=shows_words, occurred_on=TODAY, by=on.cast.office.actor, now=NOW,
    )  # fmt: skip


def answered(on: Stage) -> Complaint:
    row = handed(on)
    return services.answer(
        complaint=row, base_version=row.version, verdict="true", words="属实，学校已换保温设备（示例）", way="code", occurred_on=TODAY,
        by=on.cast.office.actor, now=NOW,
    )  # fmt: skip
