"""Two people at once, on the database that is there."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connections

from dudao.dossiers import services
from dudao.dossiers.models import Dossier, Judgement
from dudao.shell.errors import Refused
from tests.cast import NOW, TODAY, county_cast
from tests.dossiers.conftest import dossier, hand_in, put

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Do all at the same moment; what each came to: done, or the code of the refusal."""
    gate, said = threading.Barrier(len(acts)), ["?"] * len(acts)

    def run(at: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            act()
            said[at] = "done"
        except Refused as refused:
            said[at] = refused.code
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def test_of_two_who_judge_look_and_take_back_at_once_one_does(standard: Any) -> None:
    cast = county_cast()
    ledger = services.open_ledger(
        standard=standard,
        period="2024",
        title="台账",
        due_on=date(2024, 4, 30),
        opened_on=TODAY,
        by=cast.office.actor,
        now=NOW,
    )
    row = dossier(ledger, "G1")
    pieces = [put(row, cast.office, 1).pk, put(row, cast.office, 2).pk]
    hand_in(row, cast.office)
    seen = row.version

    def judge(by: Any) -> Callable[[], Any]:
        return lambda: services.judge(
            dossier=Dossier.objects.select_related("ledger").get(pk=row.pk), base_version=seen, conclusion="达标",
            words="理由", pieces=pieces, judged_on=TODAY, by=by.actor, now=NOW,
        )  # fmt: skip

    said = at_once(judge(cast.office), judge(cast.staff))
    assert said[-1] == "done" or said[0] == "done"
    assert said.count("done") == 1
    assert Judgement.objects.count() == 1
    first = Judgement.objects.get()
    second = cast.staff if first.by_person == cast.office.person.pk else cast.office
    row.refresh_from_db()
    seen = row.version

    def look(agrees: bool) -> Callable[[], Any]:
        return lambda: services.look(
            dossier=Dossier.objects.select_related("ledger").get(pk=row.pk), base_version=seen, agrees=agrees, words="意见",
            looked_on=TODAY, by=second.actor, now=NOW,
        )  # fmt: skip

    def take_back() -> None:
        services.take_back_judgement(
            dossier=Dossier.objects.select_related("ledger").get(pk=row.pk), base_version=seen, reason="撤回", on=TODAY,
            by=cast.office.actor, now=NOW,
        )  # fmt: skip

    assert at_once(look(True), look(False), take_back).count("done") == 1
    row.refresh_from_db()
    first.refresh_from_db()
    stands = first.look == "agreed" and first.taken_back_on is None
    assert (row.state == Dossier.State.SETTLED) == stands
    assert bool(row.conclusion) == stands


def test_two_versions_handed_in_at_once_are_two_versions_or_one_is_refused(standard: Any) -> None:
    cast = county_cast()
    ledger = services.open_ledger(
        standard=standard,
        period="2024",
        title="台账",
        due_on=date(2024, 4, 30),
        opened_on=TODAY,
        by=cast.office.actor,
        now=NOW,
    )
    row = dossier(ledger, "G1")
    said = at_once(lambda: put(row, cast.office), lambda: put(row, cast.staff))
    material = row.materials.get(no=1)
    assert sorted(material.pieces.values_list("no", flat=True)) == list(range(1, said.count("done") + 1))
    assert set(said) <= {"done", "dossiers.twice"}
