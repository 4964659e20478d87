"""The chain of history: whatever was changed, taken out, put in or swapped afterwards is found."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dudao.audit import chain, queries, services
from dudao.audit.models import AuditEvent, Seal
from dudao.shell import clock
from dudao.shell.acts import Actor, system
from dudao.shell.errors import Refused
from dudao.shell.keys import uuid7

NOW = datetime(2024, 4, 10, 1, tzinfo=UTC)
COUNTY = "640122"
#: Writers around the application: the plain query sets that our append-only one takes away.
EVENTS: Any = models.QuerySet(AuditEvent)
SEALS: Any = models.QuerySet(Seal)


def write(*, count: int = 1, county: str = COUNTY, now: datetime = NOW) -> None:
    with transaction.atomic():
        for n in range(count):
            services.record(
                action="task.signed",
                subject=("plan.task", str(n)),
                summary=f"签收第 {n} 项",
                by=system(county),
                now=now,
                n=n,
            )


def check(**more: Any) -> services.Report:
    return services.verify(county=COUNTY, now=NOW, **more)


def kinds(report: services.Report) -> set[str]:
    return {fault.kind for fault in report.faults}


@pytest.mark.django_db
def test_events_are_numbered_without_a_gap_and_a_second_run_finds_nothing_to_do():
    write(count=450)
    assert services.seal(county=COUNTY, now=NOW) == 450
    assert services.seal(county=COUNTY, now=NOW) == 0
    assert list(Seal.objects.values_list("number", flat=True)) == list(range(1, 451))
    assert check().is_whole
    assert check().checked == 450


@pytest.mark.django_db
def test_each_county_has_its_own_chain():
    write(count=2)
    write(count=3, county="640121")
    assert services.seal_all(now=NOW) == 5
    assert [(h.county, h.number) for h in queries.heads()] == [("640121", 3), ("640122", 2)]
    assert check().is_whole


@pytest.mark.django_db
def test_an_event_that_became_visible_late_is_sealed_all_the_same():
    write()
    late = AuditEvent.objects.get()
    values = {f.attname: getattr(late, f.attname) for f in AuditEvent._meta.concrete_fields}
    EVENTS.all().delete()
    write(count=3)
    services.seal(county=COUNTY, now=NOW)
    # Its key is older than those already sealed: its transaction was the longest.
    AuditEvent.objects.create(**values)
    assert services.seal(county=COUNTY, now=NOW) == 1
    assert check().is_whole


@pytest.mark.django_db
def test_an_event_of_hours_ago_is_taken_by_the_daily_full_pass():
    write()
    services.seal(county=COUNTY, now=NOW)
    values = {f.attname: getattr(AuditEvent.objects.get(), f.attname) for f in AuditEvent._meta.concrete_fields}
    AuditEvent.objects.create(**{**values, "id": "018e0000-0000-7000-8000-000000000000"})
    assert services.seal(county=COUNTY, now=NOW) == 0
    assert services.seal(county=COUNTY, now=NOW, full=True) == 1


@pytest.mark.django_db
def test_an_act_writes_no_history_outside_its_transaction_nor_in_the_future():
    with pytest.raises(Refused) as refused, transaction.atomic():
        services.record(
            action="x.done", subject=("x", "1"), summary="", by=system(COUNTY), now=NOW, occurred_on=date(2024, 4, 11)
        )
    assert refused.value.code == "audit.future"
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_the_application_cannot_change_or_delete_history():
    write()
    for attempt in (AuditEvent.objects.all().delete, lambda: AuditEvent.objects.update(summary="")):
        with pytest.raises(TypeError):
            attempt()


# ---- tampering

TEXTS = ("action", "subject_type", "subject", "summary", "by_name", "hat_label", "county")


def edit(at: int, how: int) -> None:
    name = TEXTS[how % len(TEXTS)]
    event = Seal.objects.order_by("number")[at].event
    old = EVENTS.filter(pk=event).values_list(name, flat=True).get()
    EVENTS.filter(pk=event).update(**{name: ("x" + old)[:6]})


def edit_facts(at: int, how: int) -> None:
    EVENTS.filter(pk=Seal.objects.order_by("number")[at].event).update(facts={"n": how + 1000})


def edit_time(at: int, how: int) -> None:
    event = Seal.objects.order_by("number")[at].event
    EVENTS.filter(pk=event).update(recorded_at=NOW - timedelta(microseconds=how + 1))


def delete(at: int, how: int) -> None:
    EVENTS.filter(pk=Seal.objects.order_by("number")[at].event).delete()


def delete_both(at: int, how: int) -> None:
    """With the seal, and the numbers closed up again."""
    seal = Seal.objects.order_by("number")[at]
    EVENTS.filter(pk=seal.event).delete()
    SEALS.filter(pk=seal.pk).delete()
    if how % 2:
        for later in Seal.objects.filter(number__gt=seal.number).order_by("number"):
            SEALS.filter(pk=later.pk).update(number=later.number - 1)


def swap(at: int, how: int) -> None:
    """Two seals tell each other's event."""
    seals = list(Seal.objects.order_by("number"))
    one, other = seals[at], seals[(at + 1 + how % (len(seals) - 1)) % len(seals)]
    SEALS.filter(pk=one.pk).update(event=uuid7())
    SEALS.filter(pk=other.pk).update(event=one.event, digest=one.digest)
    SEALS.filter(pk=one.pk).update(event=other.event, digest=other.digest)


def insert(at: int, how: int) -> None:
    """A forged event with a well-made seal, the later ones moved up by one."""
    write(now=NOW - timedelta(days=how % 3))
    forged = AuditEvent.objects.order_by("-pk")[0]
    seals = list(Seal.objects.order_by("number"))
    for later in reversed(seals[at:]):
        SEALS.filter(pk=later.pk).update(number=later.number + 1)
    last = (seals[at - 1].number, seals[at - 1].chain) if at else None
    chain.next_seal(county=COUNTY, last=last, event=forged, sealed_at=NOW).save()


def reseal(at: int, how: int) -> None:
    """An edit whose own seal was made to fit, but not those after it."""
    edit_facts(at, how)
    seal = Seal.objects.order_by("number")[at]
    last = (seal.number - 1, seal.previous)
    made = chain.next_seal(county=COUNTY, last=last, event=EVENTS.get(pk=seal.event), sealed_at=seal.sealed_at)
    SEALS.filter(pk=seal.pk).update(digest=made.digest, chain=made.chain)


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    at=st.integers(0, 6),
    how=st.integers(0, 50),
    attack=st.sampled_from([edit, edit_facts, edit_time, delete, delete_both, swap, insert, reseal]),
)
def test_any_single_edit_deletion_swap_or_insertion_is_found(at: int, how: int, attack: Callable[[int, int], None]):
    with transaction.atomic():
        write(count=8)
        services.seal(county=COUNTY, now=NOW)
        heads = queries.heads()
        assert check(heads=heads).is_whole
        attack(at, how)
        assert not check().is_whole
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_cut_tail_is_found_with_an_exported_head_and_only_with_it(tmp_path: Path):
    write(count=5)
    services.seal(county=COUNTY, now=NOW)
    heads = services.read_heads(services.heads_text(queries.heads(), now=NOW))
    for seal in Seal.objects.filter(number__gt=3):
        EVENTS.filter(pk=seal.event).delete()
        SEALS.filter(pk=seal.pk).delete()
    assert check().is_whole
    assert kinds(check(heads=heads)) == {"cut"}
    # The sealer went on in between: the number is there again, with another value.
    write(count=3)
    services.seal(county=COUNTY, now=NOW)
    assert kinds(check(heads=heads)) == {"head"}


@pytest.mark.django_db
def test_a_chain_written_anew_from_the_middle_is_found_with_an_exported_head():
    write(count=5)
    services.seal(county=COUNTY, now=NOW)
    heads = queries.heads()
    seals = list(Seal.objects.order_by("number"))
    EVENTS.filter(pk=seals[2].event).update(summary="别的")
    SEALS.all().delete()
    services.seal(county=COUNTY, now=NOW)
    assert check().is_whole
    assert kinds(check(heads=heads)) == {"head"}


@pytest.mark.django_db
def test_a_sealer_that_stands_still_is_found():
    write()
    assert check().is_whole
    assert check().waiting == 1
    assert kinds(services.verify(county=COUNTY, now=NOW + timedelta(minutes=6))) == {"unsealed"}


@pytest.mark.django_db
def test_the_quick_check_looks_at_the_newest_only():
    write(count=20)
    services.seal(county=COUNTY, now=NOW)
    EVENTS.filter(pk=Seal.objects.get(number=3).event).update(summary="别的")
    assert check(newest=5).is_whole
    assert check(newest=5).checked == 5
    assert check(newest=20).count == 1


@pytest.mark.django_db
def test_a_thousand_faults_are_counted_and_fifty_told():
    write(count=60)
    services.seal(county=COUNTY, now=NOW)
    EVENTS.all().update(summary="别的")
    assert (check().count, len(check().faults)) == (60, 50)


# ---- several at once


@pytest.mark.django_db(transaction=True)
def test_sealers_and_writers_at_once_give_one_chain():
    errors: list[BaseException] = []
    done = threading.Event()

    def guarded(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                errors.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def sealing() -> None:
        while not done.is_set():
            services.seal(county=COUNTY, now=NOW)

    sealers = [guarded(sealing) for _ in range(2)]
    writers = [guarded(lambda: [write() for _ in range(10)] and None) for _ in range(8)]
    for thread in writers:
        thread.join()
    done.set()
    for thread in sealers:
        thread.join()
    assert not errors
    services.seal(county=COUNTY, now=NOW)
    assert check().is_whole
    assert check().checked == 80


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_fifty_units_signing_at_once_never_wait_for_the_seal():
    write(count=3)
    errors: list[BaseException] = []

    def sign() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '50ms'")
            write()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    # A sealer that has written its batch and does not commit.
    with transaction.atomic():
        services.seal(county=COUNTY, now=NOW)
        threads = [threading.Thread(target=sign) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not errors
    services.seal(county=COUNTY, now=NOW)
    assert check().checked == 53


# ---- the command


@pytest.mark.django_db
def test_the_command_tells_in_chinese_and_by_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write(count=3, now=clock.now())
    call_command("audit", "seal")
    call_command("audit", "head", "--out", str(tmp_path / "head.json"))
    call_command("audit", "verify", "--head", str(tmp_path / "head.json"))
    assert "链校验通过；已核对 3 条" in capsys.readouterr().out
    EVENTS.all().update(summary="别的")
    with pytest.raises(SystemExit) as left:
        call_command("audit", "verify")
    assert left.value.code == 1
    out = capsys.readouterr().out
    assert "第 2 条的留痕被改动" in out
    assert "链校验不通过，3 处" in out


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"form": "other", "heads": []}', "\x00"])
def test_a_file_that_holds_no_heads_is_refused(tmp_path: Path, text: str):
    (tmp_path / "head.json").write_text(text)
    with pytest.raises(CommandError) as refused:
        call_command("audit", "verify", "--head", str(tmp_path / "head.json"))
    assert refused.value.returncode == 2


def test_an_event_of_another_actor_is_not_the_same_event():
    one = AuditEvent(county=COUNTY, occurred_on=NOW.date(), recorded_at=NOW, by_user=uuid7())
    digest = chain.event_digest(one)
    one.by_user = Actor(county=COUNTY, user=uuid7()).user
    assert chain.event_digest(one) != digest


def test_every_field_of_an_event_is_under_seal():
    assert set(chain.FIELDS) == {field.attname for field in AuditEvent._meta.concrete_fields}
