"""Secrets at rest: what is closed opens only with its key, whole, and where it belongs."""

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from dudao.shell import crypto, fields
from dudao.shell.keys import uuid7

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
TEXT = st.text(max_size=200)
ID = "110101199001010000"  # no real number: its check digit is wrong


@pytest.fixture(params=crypto.CIPHERS)
def ring(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> crypto.Ring:
    settings.KEY_FILE = tmp_path / "keys" / "ring.json"
    return crypto.make_key_file(settings.KEY_FILE, cipher=request.param, now=NOW)


@pytest.mark.parametrize("cipher", crypto.CIPHERS)
@given(text=TEXT, bound_to=st.text(max_size=20))
def test_every_text_comes_back_as_it_was(cipher: crypto.CipherName, text: str, bound_to: str):
    key = crypto.new_key(now=NOW, cipher=cipher)
    nonce = bytes(12)
    data = key.close(key.field_key, nonce, text.encode(), bound_to.encode())
    assert key.open(key.field_key, nonce, data, bound_to.encode()).decode() == text


def test_sm4_gcm_gives_the_ciphertext_of_rfc_8998():
    # RFC 8998, appendix A.1: key, nonce, associated data, plaintext, ciphertext, tag.
    key = crypto.Key("k1", "sm4-gcm", bytes(32), NOW)
    plain = bytes.fromhex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
        + "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    )
    closed = key.close(
        bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"),
        bytes.fromhex("00001234567800000000ABCD"),
        plain,
        bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"),
    )
    assert closed.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )


def test_the_same_text_never_looks_the_same_twice(ring: crypto.Ring):
    assert crypto.seal(ID, bound_to="a") != crypto.seal(ID, bound_to="a")


def test_a_value_moved_to_another_row_does_not_open(ring: crypto.Ring):
    value = crypto.seal(ID, bound_to="accounts.person|id_number|1")
    with pytest.raises(crypto.Unreadable) as refused:
        crypto.unseal(value, bound_to="accounts.person|id_number|2")
    assert refused.value.code == "crypto.broken"


def test_a_value_cut_anywhere_is_a_clear_error_and_never_garbage(ring: crypto.Ring):
    value = crypto.seal(ID, bound_to="a")
    for length in range(len(value)):
        with pytest.raises(crypto.Unreadable):
            crypto.unseal(value[:length], bound_to="a")


def test_a_value_changed_anywhere_is_a_clear_error(ring: crypto.Ring):
    value = crypto.seal(ID, bound_to="a")
    for place in range(len(value)):
        other = "A" if value[place] != "A" else "B"
        with pytest.raises(crypto.Unreadable):
            crypto.unseal(value[:place] + other + value[place + 1 :], bound_to="a")


def test_another_key_file_says_which_key_is_missing(ring: crypto.Ring, tmp_path: Path, settings: Any):
    value = crypto.seal(ID, bound_to="a")
    settings.KEY_FILE = tmp_path / "other.json"
    crypto.make_key_file(settings.KEY_FILE, now=NOW.replace(year=2025))
    with pytest.raises(crypto.Unreadable, match=ring.current):
        crypto.unseal(value, bound_to="a")


def test_another_secret_under_the_same_name_is_a_clear_error(ring: crypto.Ring, tmp_path: Path, settings: Any):
    value = crypto.seal(ID, bound_to="a")
    settings.KEY_FILE = tmp_path / "other.json"
    crypto.make_key_file(settings.KEY_FILE, cipher=ring.now.cipher, now=NOW)
    with pytest.raises(crypto.Unreadable) as refused:
        crypto.unseal(value, bound_to="a")
    assert refused.value.code == "crypto.broken"


def test_old_values_stay_readable_when_a_new_key_comes_in(ring: crypto.Ring):
    value, index = crypto.seal(ID, bound_to="a"), crypto.blind(ID, domain="d")
    changed = crypto.add_key(now=NOW, cipher="aes-256-gcm")
    assert changed.current != ring.current
    assert crypto.unseal(value, bound_to="a") == ID
    assert crypto.seal(ID, bound_to="a").startswith(f"{changed.current}.")
    assert index in crypto.blinds(ID, domain="d")
    assert index != crypto.blind(ID, domain="d")


def test_equal_values_of_two_fields_look_different(ring: crypto.Ring):
    assert crypto.blind(ID, domain="one") == crypto.blind(ID, domain="one") != crypto.blind(ID, domain="two")


# ---- streams


SIZES = [0, 1, crypto.CHUNK - 1, crypto.CHUNK, crypto.CHUNK + 1, 3 * crypto.CHUNK, 3 * crypto.CHUNK + 7]


@pytest.mark.parametrize("size", SIZES)
def test_a_file_of_any_size_comes_back_as_it_was(ring: crypto.Ring, size: int):
    data = os.urandom(size)
    closed = b"".join(crypto.seal_stream([data[:10], data[10:]], bound_to="f"))
    assert crypto.stream_key_id(closed[:64]) == ring.current
    for step in (7919, len(closed)):
        blocks = [closed[i : i + step] for i in range(0, len(closed), step)]
        assert b"".join(crypto.unseal_stream(blocks, bound_to="f")) == data


def test_a_file_cut_anywhere_or_with_chunks_swapped_is_a_clear_error(ring: crypto.Ring):
    closed = b"".join(crypto.seal_stream([os.urandom(3 * crypto.CHUNK)], bound_to="f"))
    head = len(closed) - 3 * (crypto.CHUNK + 16)
    chunks = [closed[head + i * (crypto.CHUNK + 16) :][: crypto.CHUNK + 16] for i in range(3)]
    broken = [
        closed[:head] + chunks[1] + chunks[0] + chunks[2],
        closed[:head] + chunks[0] + chunks[1],
        closed[:head] + chunks[0] + chunks[2],
        closed + b"x",
        *(closed[:n] for n in (0, 5, 11, head, head + 5, len(closed) - 1)),
    ]
    for bad in broken:
        with pytest.raises(crypto.Unreadable):
            list(crypto.unseal_stream([bad], bound_to="f"))


# ---- the key file


def test_the_demo_makes_its_key_file_for_its_owner_only(tmp_path: Path, settings: Any):
    settings.KEY_FILE = tmp_path / "new" / "ring.json"
    assert crypto.ring().demo
    assert settings.KEY_FILE.stat().st_mode & 0o777 == 0o600


def test_two_starts_at_once_end_with_one_key(tmp_path: Path, settings: Any):
    settings.KEY_FILE = tmp_path / "new" / "ring.json"
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(crypto.ring().now.secret.hex())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [p.name for p in settings.KEY_FILE.parent.iterdir()] == ["ring.json"]


def test_production_refuses_an_absent_a_demo_and_an_open_key_file(tmp_path: Path, settings: Any):
    settings.MODE = "production"
    settings.KEY_FILE = path = tmp_path / "ring.json"
    with pytest.raises(crypto.BadKeyFile) as refused:
        crypto.ring()
    assert refused.value.code == "keys.absent"
    assert not path.exists()
    crypto.make_key_file(path, demo=True)
    with pytest.raises(crypto.BadKeyFile) as refused:
        crypto.ring()
    assert refused.value.code == "keys.demo"
    path.unlink()
    crypto.make_key_file(path)
    path.chmod(0o640)
    with pytest.raises(crypto.BadKeyFile, match="chmod 600"):
        crypto.ring()
    path.chmod(0o600)
    assert not crypto.ring().demo


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"keys": {}, "current": "k"}', '{"keys": 3, "current": "k"}']
)
def test_a_broken_key_file_is_said_to_be_broken(tmp_path: Path, settings: Any, text: str):
    settings.KEY_FILE = tmp_path / "ring.json"
    settings.KEY_FILE.write_text(text)
    with pytest.raises(crypto.BadKeyFile) as refused:
        crypto.ring()
    assert refused.value.code == "keys.malformed"


def test_a_second_init_does_not_overwrite_the_keys(ring: crypto.Ring, settings: Any):
    before = settings.KEY_FILE.read_text()
    with pytest.raises(crypto.BadKeyFile):
        crypto.make_key_file(settings.KEY_FILE)
    assert settings.KEY_FILE.read_text() == before
    assert json.loads(before)["current"] == ring.current


def test_no_secret_is_shown_in_words(ring: crypto.Ring):
    assert ring.now.secret.hex() not in repr(ring)
    assert repr(ring.now.secret) not in repr(ring)


# ---- the field


@pytest.fixture
def secret_model(ring: crypto.Ring, transactional_db: None):
    with isolate_apps("dudao.shell"):

        class Secretive(models.Model):
            id = models.UUIDField(primary_key=True, default=uuid7)
            number = fields.EncryptedTextField(null=True)
            number_index = fields.BlindIndexField(of="number")

            class Meta:
                app_label = "shell"

        with connection.schema_editor() as editor:
            editor.create_model(Secretive)
        yield Secretive
        with connection.schema_editor() as editor:
            editor.delete_model(Secretive)


def raw(model: type[models.Model]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number FROM {model._meta.db_table}")
        return [row[0] for row in cursor.fetchall()]


def test_the_database_holds_no_plain_text_and_the_row_reads_as_it_was(secret_model: Any, ring: crypto.Ring):
    made = secret_model.objects.create(number=ID)
    assert made.number == ID
    (stored,) = raw(secret_model)
    assert ID not in stored
    assert stored.startswith(f"{ring.current}.")
    row = secret_model.objects.get()
    assert row.number == ID
    row.save()
    assert secret_model.objects.get().number == ID


def test_it_shows_only_that_there_is_a_secret(secret_model: Any):
    secret_model.objects.create(number=ID)
    assert ID not in repr(list(secret_model.objects.values()))
    assert "密文" in repr(list(secret_model.objects.values_list("number", flat=True)))
    assert ID not in repr(secret_model.objects.get().__dict__)


def test_equal_values_are_found_by_the_blind_index_in_any_writing(secret_model: Any):
    made = secret_model.objects.create(number="11010119900101000x")
    secret_model.objects.create(number=ID)
    assert list(secret_model.objects.filter(fields.equals(secret_model, "number", " 11010119900101000Ｘ "))) == [made]
    crypto.add_key(now=NOW, cipher="sm4-gcm")
    assert list(secret_model.objects.filter(fields.equals(secret_model, "number", "11010119900101000X"))) == [made]


def test_looking_or_updating_with_plain_text_is_a_mistake_of_the_programmer(secret_model: Any):
    made = secret_model.objects.create(number=ID)
    with pytest.raises(TypeError):
        list(secret_model.objects.filter(number=ID))
    with pytest.raises(TypeError):
        secret_model.objects.update(number=ID)
    secret_model.objects.filter(pk=made.pk).update(**fields.closed(secret_model, "number", made.pk, "42"))
    assert secret_model.objects.get(fields.equals(secret_model, "number", "42")).number == "42"


def test_none_and_empty_stay_what_they_are(secret_model: Any):
    secret_model.objects.bulk_create([secret_model(number=None), secret_model(number=""), secret_model(number=ID)])
    assert {r.number for r in secret_model.objects.all()} == {None, "", ID}
    assert secret_model.objects.filter(number__isnull=True).count() == 1


def test_an_unopened_copy_of_a_row_is_refused_rather_than_made_unreadable(secret_model: Any):
    secret_model.objects.create(number=ID)
    copy = secret_model.objects.get()
    copy.pk = uuid7()
    with pytest.raises(crypto.Unreadable):
        copy.save(force_insert=True)


def test_a_value_left_unread_is_saved_unchanged(secret_model: Any):
    secret_model.objects.create(number=ID)
    before = raw(secret_model)
    secret_model.objects.get().save()
    assert raw(secret_model) == before
    assert secret_model.objects.get(fields.equals(secret_model, "number", ID)).number == ID


def test_values_of_a_key_can_be_told(secret_model: Any, ring: crypto.Ring):
    secret_model.objects.create(number=ID)
    changed = crypto.add_key(now=NOW, cipher="sm4-gcm")
    secret_model.objects.create(number=ID)
    assert secret_model.objects.filter(number__closed_by=ring.current).count() == 1
    assert secret_model.objects.filter(number__closed_by=changed.current).count() == 1
