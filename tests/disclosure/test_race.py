"""Several reviewers at the same moment: consecutive 索引号, none twice; one conclusion on each edition."""

import threading
from collections.abc import Callable

import pytest
from django.db import close_old_connections, connection

from dudao.disclosure import services
from dudao.disclosure.models import Edition, IndexBook, Review
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, Cast
from tests.disclosure.conftest import Typed, review, submit

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


def test_eight_editions_ready_at_once_get_eight_numbers(cast: Cast, typed: Typed) -> None:
    editions = [typed() for _ in range(8)]
    for edition in editions:
        submit(edition, cast.staff)
        review(edition, "openness", cast.office)
    found = at_once([lambda one=one: review(one, "secrecy", cast.office) for one in editions])
    assert found == [None] * 8
    numbers = sorted(str(one.publication.index_no) for one in Edition.objects.select_related("publication"))
    assert numbers == [f"12640122MB0000001X/2024-{n:05d}" for n in range(1, 9)]
    assert IndexBook.objects.get().last == 8


def test_of_two_conclusions_on_one_edition_one_stands(cast: Cast, typed: Typed) -> None:
    edition = typed()
    submit(edition, cast.staff)
    version = edition.version

    def conclude(conclusion: str) -> object:
        return services.review(
            edition=Edition.objects.get(pk=edition.pk), kind="openness", base_version=version, conclusion=conclusion,
            grounds=["process"], words="示例", by=cast.office.actor, now=NOW,
        )  # fmt: skip

    found = at_once([lambda: conclude("open"), lambda: conclude("closed")])
    assert sum(isinstance(one, Review) for one in found) == 1
    assert sum(isinstance(one, Refused | Conflict) for one in found) == 1
    edition.refresh_from_db()
    assert edition.reviews.count() == 1 and edition.state in ("secrecy", "withheld")
