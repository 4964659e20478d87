"""Two people at the same moment: a list is frozen once, drawn once, adopted once; two parties' numbers both count."""

import hashlib
import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.db import close_old_connections, connection

from dudao.draws import services
from dudao.draws.models import Draw
from dudao.inspections.models import Inspection
from dudao.shell.errors import Refused
from tests.cast import NOW, TODAY, Cast
from tests.draws.stage import LATER, drawn, named, prepared, school_lines, seeded

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """Do all at the same moment; what each gave or raised."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(at: int, act: Callable[[], object]) -> None:
        try:
            start.wait()
            results[at] = act()  # type: ignore[call-overload]
        except Exception as error:
            results[at] = error  # type: ignore[call-overload]
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=(at, act)) for at, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(results)


def one_of(found: list[object]) -> bool:
    """One was done, all others were refused in words."""
    refused = [one for one in found if isinstance(one, Refused)]
    return len(refused) == len(found) - 1 and not any(
        isinstance(one, Exception) and one not in refused for one in found
    )


def test_frozen_and_drawn_once(cast: Cast) -> None:
    draft = named(prepared(cast), cast)
    version, by = draft.version, cast.office.actor
    read = lambda key: Draw.objects.get(pk=key)  # noqa: E731
    assert one_of(
        at_once([lambda: services.freeze_draw(draw=read(draft.pk), base_version=version, by=by, now=NOW)] * 3)
    )
    ready = seeded(cast)
    version = ready.version
    assert one_of(at_once([lambda: services.run(draw=read(ready.pk), base_version=version, by=by, now=LATER)] * 4))
    ready.refresh_from_db()
    assert ready.state == "drawn" and ready.version == version + 1


def test_adopted_once(cast: Cast) -> None:
    draw = drawn(cast, school_lines(cast, 5))
    found = at_once(
        [
            lambda: services.adopt(
                draw=Draw.objects.get(pk=draw.pk), base_version=draw.version, kind="special", title="示例", matters="示例",
                begin_on=date(2024, 4, 22), end_on=date(2024, 4, 23), by=cast.office.actor, now=LATER,
            )
        ]
        * 2
    )  # fmt: skip
    assert one_of(found) and Inspection.objects.count() == 3


def test_two_numbers_at_one_moment_are_not_lost(cast: Cast) -> None:
    secrets = ("督导室封存的数20240410甲", "纪检组封存的数20240410乙")
    draw, by = prepared(cast), cast.office.actor
    put = [(f"第{at}方", hashlib.sha256(one.encode()).hexdigest()) for at, one in enumerate(secrets, 1)]
    services.commit(draw=draw, base_version=draw.version, put=put, put_on=TODAY, by=by, now=NOW)
    services.freeze_draw(draw=draw, base_version=draw.version, by=by, now=NOW)
    version = draw.version

    def reveal(at: int, base: int) -> None:
        services.reveal(
            draw=Draw.objects.get(pk=draw.pk), base_version=base, position=at, secret=secrets[at - 1], on=TODAY, by=by, now=NOW
        )  # fmt: skip

    found = at_once([lambda: reveal(1, version), lambda: reveal(2, version)])
    draw.refresh_from_db()
    for at, one in enumerate(found, 1):
        if isinstance(one, Refused):
            reveal(at, draw.version)
    draw.refresh_from_db()
    assert draw.state == "seeded" and draw.seed == "|".join(secrets)
