"""Changing the keys of a person's identity number and of sensitive files, with kills, wrong keys and torn values."""

import json
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from dudao.accounts.models import Person
from dudao.audit.models import AuditEvent
from dudao.files import services as files
from dudao.places.models import Unit
from dudao.shell import crypto, fields
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from dudao.upkeep import keys
from tests.upkeep.conftest import House

NOW = datetime(2024, 4, 10, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def ring(tmp_path: Path, settings: Any) -> crypto.Ring:
    settings.FILES = tmp_path / "files"
    settings.KEY_FILE = tmp_path / "ring.json"
    return crypto.make_key_file(settings.KEY_FILE, cipher="sm4-gcm", now=NOW)


def people(count: int) -> list[Person]:
    return [
        Person.objects.create(county="640122", name=f"示例{n}", id_number=f"示例证件{n:04}", is_example=True)
        for n in range(count)
    ]


def stored(person: Person) -> str:
    with connection.cursor() as cursor:
        key = person.pk.hex if connection.vendor == "sqlite" else person.pk
        cursor.execute("SELECT id_number FROM accounts_person WHERE id = %s", [key])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_after_a_rotation_no_value_of_the_old_key_is_left_and_all_read_as_before(ring: crypto.Ring):
    made = people(5)
    unit = Unit.objects.create(county="640122", code="S1")
    received = files.receive(SimpleUploadedFile("a.pdf", b"%PDF-1"), sensitive=True)
    with transaction.atomic():
        file = files.attach(received, subject=unit, by=system("640122"), now=NOW)
    done = keys.rotate(now=NOW, cipher="aes-256-gcm")
    assert done.values["accounts.person.id_number"] == 5
    assert done.files == 1
    assert keys.in_use() == {ring.current: 0, done.key: 6}
    assert not crypto.ring().rotating
    assert b"".join(files.content(file)) == b"%PDF-1"
    for person in made:
        person.refresh_from_db()
        assert Person.objects.get(fields.equals(Person, "id_number", person.id_number)) == person
    assert AuditEvent.objects.filter(action="keys.rotated").count() == 1


@pytest.mark.django_db
def test_an_old_key_is_retired_only_when_nothing_and_nobody_needs_it(ring: crypto.Ring, tmp_path: Path):
    (person,) = people(1)
    out = tmp_path / "old.json"

    def refused(name: str, now: datetime) -> str:
        with pytest.raises(Refused) as caught:
            keys.retire(name=name, out=out, now=now)
        return caught.value.code

    assert refused(ring.current, NOW) == "keys.current"
    assert refused("k-none", NOW) == "keys.unknown"
    changed = crypto.add_key(now=NOW, cipher="sm4-gcm")
    assert refused(ring.current, LATER) == "keys.in_use"
    keys.rotate(now=NOW, cipher="sm4-gcm")
    assert refused(ring.current, NOW) == "keys.too_soon"
    keys.retire(name=ring.current, out=out, now=LATER)
    assert set(crypto.ring().keys) == {changed.current}
    assert out.stat().st_mode & 0o777 == 0o600
    person.refresh_from_db()
    assert person.id_number == "示例证件0000"
    # An old backup comes back: its key is taken in again, as an old one.
    assert keys.adopt(path=out, now=LATER) == [ring.current]
    assert crypto.ring().current == changed.current
    assert crypto.ring().keys[ring.current].secret == ring.now.secret


@pytest.mark.django_db
def test_what_somebody_wrote_during_the_rotation_is_kept(ring: crypto.Ring):
    _, second = people(2)
    told: list[str] = []

    def meanwhile(line: str) -> None:
        if not told:
            Person.objects.filter(pk=second.pk).update(**fields.closed(Person, "id_number", second.pk, "别的"))
        told.append(line)

    keys.rotate(now=NOW, cipher="sm4-gcm", tell=meanwhile)
    second.refresh_from_db()
    assert second.id_number == "别的"
    assert Person.objects.get(fields.equals(Person, "id_number", "别的")) == second
    assert keys.in_use()[ring.current] == 0


@pytest.mark.django_db
def test_a_torn_value_is_named_and_keeps_the_old_key_from_being_retired(ring: crypto.Ring, tmp_path: Path):
    torn, whole = people(2)
    Person.objects.filter(pk=torn.pk).update(id_number=fields.Closed(stored(torn)[:-4]))
    done = keys.rotate(now=NOW, cipher="sm4-gcm")
    assert len(done.unreadable) == 1
    assert str(torn.pk) in done.unreadable[0]
    assert crypto.ring().rotating
    whole.refresh_from_db()
    assert whole.id_number == "示例证件0001"
    with pytest.raises(crypto.Unreadable):
        _ = Person.objects.get(pk=torn.pk).id_number
    with pytest.raises(Refused):
        keys.retire(name=ring.current, out=tmp_path / "old.json", now=LATER)


@pytest.mark.django_db
def test_with_a_foreign_key_file_the_number_is_an_error_and_never_garbage(tmp_path: Path, settings: Any):
    (person,) = people(1)
    settings.KEY_FILE = tmp_path / "other.json"
    crypto.make_key_file(settings.KEY_FILE, now=NOW + timedelta(days=1))
    row = Person.objects.get(pk=person.pk)
    assert row.name == person.name
    with pytest.raises(crypto.Unreadable) as refused:
        _ = row.id_number
    assert refused.value.code == "crypto.no_key"


@pytest.mark.django_db
def test_the_same_name_with_another_secret_is_not_adopted(ring: crypto.Ring, tmp_path: Path):
    other = tmp_path / "other.json"
    crypto.make_key_file(other, cipher="sm4-gcm", now=NOW)
    with pytest.raises(Refused) as refused:
        keys.adopt(path=other, now=NOW)
    assert refused.value.code == "keys.other_secret"


def test_killed_in_the_middle_the_same_command_goes_on_with_the_same_key(house: House):
    running = house.start("keys", "rotate")
    assert running.stdout is not None
    assert "200 项" in running.stdout.readline()
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stdout.close()
    between = json.loads(house.key_file.read_text())
    assert between["rotating"]
    assert "更换密钥没有完成" in house.run("keys", "show").stdout
    all_read = "print(sorted(p.id_number for p in Person.objects.all()) == [f'示例证件{n:06}' for n in range(600)])"
    assert house.do(all_read) == "True"

    done = house.run("keys", "rotate")
    assert done.returncode == 0, done.stderr
    assert "没有旧密钥加密的内容" in done.stdout
    after = json.loads(house.key_file.read_text())
    assert (after["current"], after["rotating"]) == (between["current"], False)
    assert house.do(all_read) == "True"
    assert "佐证材料完好" in house.run("files", "check").stdout


def test_the_first_key_file_of_an_installation(empty: House):
    done = empty.run("keys", "init")
    assert done.returncode == 0
    assert empty.key_file.stat().st_mode & 0o777 == 0o600
    secret = json.loads(empty.key_file.read_text())
    assert next(iter(secret["keys"].values()))["secret"] not in done.stdout
    again = empty.run("keys", "init")
    assert again.returncode == 1
    assert "已经存在" in again.stderr
    assert json.loads(empty.key_file.read_text()) == secret
