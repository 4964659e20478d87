"""A ledger of the small standard, the people around it, and a day in April."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from dudao.accounts import queries
from dudao.accounts import services as accounts
from dudao.dossiers import services
from dudao.dossiers.models import Dossier, Judgement, Ledger, Material, Piece
from dudao.places.models import Unit
from dudao.returns import library
from dudao.shell.acts import system
from dudao_engines.standards.schema import Standard
from tests.cast import NOW, SINCE, TODAY, Cast, Player, player, unit
from tests.indicators.small import small
from tests.papers.parts import scan


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = date(2024, 4, 10)


@pytest.fixture
def standard(monkeypatch: pytest.MonkeyPatch) -> Standard:
    found = small()
    monkeypatch.setattr(library, "standards", lambda: {found.id: found})
    return found


@pytest.fixture
def section(cast: Cast) -> Unit:
    return unit("教体局基教科（示例）", "JJ", "section", parent=cast.bureau)


@pytest.fixture
def section_head(cast: Cast, section: Unit) -> Player:
    return player("寅", "section_head", section)


@pytest.fixture
def leader(cast: Cast) -> Player:
    return player("癸", "leader", cast.bureau)


@pytest.fixture
def inspector(cast: Cast, section: Unit) -> Player:
    """Works in the section, and is the responsible inspector of the first school."""
    found = player("卯", "inspector", cast.bureau)
    accounts.give_grant(
        to_person=found.person, on_type="places.unit", on_key=str(cast.school.pk), purpose="inspector.responsible",
        start_on=SINCE, reason="挂牌（示例）", by=system("640122"), now=NOW,
    )  # fmt: skip
    from_now, _ = queries.actor_for(found.user, hat=None, day=TODAY)
    return Player(found.person, found.user, found.appointment, from_now)


@pytest.fixture
def ledger(cast: Cast, standard: Standard) -> Ledger:
    return services.open_ledger(
        standard=standard, period="2024", title="2024年示例标准材料台账", due_on=date(2024, 4, 30), opened_on=TODAY,
        by=cast.office.actor, now=NOW,
    )  # fmt: skip


def dossier(ledger: Ledger, item: str, of: Unit | None = None) -> Dossier:
    return Dossier.objects.select_related("ledger").get(ledger=ledger, item=item, unit=of)


def material(row: Dossier, no: int = 1) -> Material:
    return Material.objects.select_related("dossier__ledger").get(dossier=row, no=no)


def put(row: Dossier, by: Player, no: int = 1, **more: Any) -> Piece:
    facts: dict[str, Any] = {"received": scan(), "formed_on": date(2024, 4, 1), **more}
    return services.add_piece(material=material(row, no), by=by.actor, now=NOW, **facts)


def hand_in(row: Dossier, by: Player, words: str = "", **more: Any) -> None:
    services.hand_in(
        dossier=row, base_version=row.version, words=words, occurred_on=more.get("on", TODAY), by=by.actor, now=NOW
    )


def judge(
    row: Dossier, by: Player, conclusion: str = "达标", pieces: list[UUID] | None = None, **more: Any
) -> Judgement:
    if pieces is None:
        pieces = list(
            Piece.objects.filter(material__dossier=row, taken_back_on__isnull=True).values_list("pk", flat=True)
        )
    facts: dict[str, Any] = {"words": "材料齐全，与规划一致", "judged_on": TODAY, "base_version": row.version, **more}
    return services.judge(dossier=row, conclusion=conclusion, pieces=pieces, by=by.actor, now=NOW, **facts)


def look(row: Dossier, by: Player, agrees: bool = True, words: str = "同意", **more: Any) -> None:
    services.look(
        dossier=row, base_version=row.version, agrees=agrees, words=words, looked_on=more.get("on", TODAY), by=by.actor,
        now=NOW,
    )  # fmt: skip


@pytest.fixture
def handed(cast: Cast, ledger: Ledger, section: Unit, section_head: Player) -> Dossier:
    """G1, asked of the section and handed in by it."""
    row = dossier(ledger, "G1")
    services.assign(dossiers=[row], department=section.pk, by=cast.office.actor, now=NOW)
    row.refresh_from_db()
    put(row, section_head, 1)
    put(row, section_head, 2)
    hand_in(row, section_head)
    return row
