"""Two people at the same moment: both texts are kept apart, and nothing is confirmed that was changed meanwhile."""

import threading
from collections.abc import Callable

import pytest
from django.db import close_old_connections, connection

from dudao.returns import services
from dudao.returns.models import Reading, Return
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, Cast
from tests.returns.test_pages import fill, hand_in

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
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


def again(ret: Return) -> Return:
    return Return.objects.select_related("campaign").get(pk=ret.pk)


def test_of_two_who_write_one_cell_at_once_one_stands_and_the_other_sees_both(cast: Cast, ret: Return) -> None:
    def write(value: str) -> services.Changed:
        return services.set_cells(
            ret=again(ret),
            values={"students_primary": value},
            base={"students_primary": 0},
            source="typed",
            by=cast.head.actor,
            now=NOW,
        )

    found = at_once(lambda: write("11"), lambda: write("12"))
    changed = [one for one in found if isinstance(one, services.Changed)]
    assert len(changed) == 2
    assert sorted(len(one.clashes) for one in changed) == [0, 1]
    assert Reading.objects.count() == 1 and ret.cells.get().version == 1


def test_a_number_that_changes_while_the_head_confirms_is_not_confirmed(cast: Cast, ret: Return) -> None:
    fill(ret, cast)
    version = ret.version

    def confirm() -> object:
        return services.confirm_return(ret=again(ret), base_version=version, by=cast.head.actor, now=NOW)

    def change() -> object:
        return services.set_cells(
            ret=again(ret), values={"students_primary": "9"}, source="typed", by=cast.head.actor, now=NOW
        )

    found = at_once(confirm, change)
    ret.refresh_from_db()
    # Whichever came first, a changed number stands unconfirmed.
    assert ret.state == "filling" and ret.confirmed_at is None and not isinstance(found[1], Exception)


def test_of_two_reviewers_one_decides(cast: Cast, ret: Return) -> None:
    hand_in(ret, cast)
    version = ret.version

    def approve() -> object:
        return services.approve_return(ret=again(ret), base_version=version, by=cast.office.actor, now=NOW)

    def send_back() -> object:
        cells = {"students_primary": "不符"}
        return services.send_back(ret=again(ret), base_version=version, cells=cells, by=cast.staff.actor, now=NOW)

    found = at_once(approve, send_back)
    assert sum(isinstance(one, Refused | Conflict) for one in found) == 1, found
    ret.refresh_from_db()
    assert (ret.state == "approved") == (ret.notes.count() == 0)
