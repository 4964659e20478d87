"""Evidence: what is taken in, what is refused in which words, and how it comes out again."""

import contextlib
import io
import os
import struct
import threading
import time
import zipfile
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import docx
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.forms import CharField, Form
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dudao.audit.models import AuditEvent
from dudao.files import kinds, queries, services, storage
from dudao.files.forms import EvidenceField
from dudao.files.models import StoredFile
from dudao.places.models import Unit
from dudao.shell import crypto
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused
from dudao.shell.keys import uuid7

NOW = datetime(2024, 4, 10, 1, tzinfo=UTC)
BY = Actor(county="640122", person=uuid7(), name="李老师（示例）")
OTHER = Actor(county="640121")


def made_docx() -> bytes:
    out = io.BytesIO()
    docx.Document().save(out)
    return out.getvalue()


def made_xlsx() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet()
    return out.getvalue()


def made_picture(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, form)
    return out.getvalue()


def made_zip(**content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
GOOD = {
    "整改报告.docx": made_docx,
    "台账.xlsx": made_xlsx,
    "通知.PDF": lambda: PDF,
    "现场.jpg": lambda: made_picture("JPEG"),
    "现场.jpeg": lambda: made_picture("JPEG"),
    "现场.png": lambda: made_picture("PNG"),
    "手机.heic": lambda: b"\0\0\0\x18ftypheic" + bytes(64),
    "录像.mp4": lambda: b"\0\0\0\x18ftypisom" + bytes(64),
    "录像.mov": lambda: b"\0\0\0\x14ftypqt  " + bytes(64),
    "材料.zip": lambda: made_zip(a=b"1"),
    "旧文件.wps": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "公文.ofd": lambda: made_zip(**{"OFD.xml": b"<x/>"}),
}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Any) -> Path:
    settings.FILES = tmp_path / "files"
    settings.FILE_UPLOAD_TEMP_DIR = settings.FILES / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)
    settings.KEY_FILE = tmp_path / "ring.json"
    return tmp_path / "files"


def on_disk(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


def take(data: bytes, name: str = "通知.pdf", **more: Any) -> services.Received:
    return services.receive(SimpleUploadedFile(name, data), **more)


def keep(received: services.Received, subject: Unit, **more: Any) -> StoredFile:
    return services.attach(received, subject=subject, by=BY, now=NOW, **more)


@pytest.fixture
def unit(db: None) -> Unit:
    return Unit.objects.create(county="640122", code="S1")


def body(file: StoredFile) -> bytes:
    return b"".join(services.respond(file, by=BY, now=NOW))  # type: ignore[arg-type]


# ---- what is taken in


@pytest.mark.parametrize("name", GOOD)
def test_what_people_hand_in_is_known_by_its_content(unit: Unit, name: str):
    data = GOOD[name]()
    file = keep(take(data, name), unit, occurred_on=date(2024, 4, 8))
    assert kinds.ending_of(name) in kinds.KINDS[file.kind].endings
    assert body(file) == data
    assert (file.name, file.occurred_on) == (name, date(2024, 4, 8))
    assert AuditEvent.objects.get().facts["sm3"] == file.sm3


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("空.pdf", b"", "files.empty"),
        ("页面.html", b"<html><script>alert(1)</script></html>", "files.unknown_kind"),
        ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "files.unknown_kind"),
        ("页面.jpg", b"<html><script>alert(1)</script></html>", "files.unknown_kind"),
        ("程序.exe", b"MZ" + bytes(100), "files.unknown_kind"),
        ("程序.pdf", b"MZ" + bytes(100), "files.unknown_kind"),
        ("乱.bin", bytes(range(256)), "files.unknown_kind"),
        ("照片.pdf", made_picture("PNG"), "files.other_ending"),
        ("文档.html", PDF, "files.other_ending"),
        ("无扩展名", PDF, "files.other_ending"),
        ("断.docx", made_docx()[:200], "files.damaged"),
        ("假.docx", made_zip(a=b"1"), "files.other_ending"),
        ("宏.docx", made_zip(**{"[Content_Types].xml": b"", "word__document.xml": b"", "word__vbaProject.bin": b""}), "files.macros"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_words_and_leaves_nothing(place: Path, name: str, data: bytes, code: str):
    with pytest.raises(Refused) as refused:
        take(data, name)
    assert refused.value.code == code
    assert kinds.clean_name(name) in refused.value.message
    assert on_disk(place) == []


def test_a_document_bomb_is_refused_without_being_opened(place: Path):
    bomb = made_zip(**{"[Content_Types].xml": b"", "word__document.xml": bytes(600 * 1024 * 1024)})
    started = time.process_time()
    with pytest.raises(Refused) as refused:
        take(bomb, "炸弹.docx")
    assert refused.value.code == "files.bomb"
    assert time.process_time() - started < 1


def test_an_archive_with_a_huge_directory_is_not_even_listed():
    data = b"PK\x03\x04" + bytes(100) + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, 0x7FFFFFFF, 0, 0)
    assert kinds.detect(io.BytesIO(data), name="a.zip").code == "zip"
    with pytest.raises(Refused):
        kinds.detect(io.BytesIO(data), name="a.docx")


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"%PDF-", b"\0\0\0\x18ftyp", b"\x89PNG\r\n\x1a\n"])
)
def test_no_bytes_make_it_fall_over(data: bytes, head: bytes):
    for tail in (b"", b"PK\x05\x06" + data[:18]):
        with contextlib.suppress(Refused):
            kinds.detect(io.BytesIO(head + data + tail), name="a.zip")


# ---- names


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        (r"C:\Users\王\整改.pdf", "整改.pdf"),
        ("<script>alert(1)</script>.pdf", "script_.pdf"),
        ("报告‮fdp.exe.pdf", "报告fdp.exe.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ('引"号.pdf', "引_号.pdf"),
        (".pdf", "未命名.pdf"),
        ("", "未命名"),
        ("很" * 300 + ".pdf", "很" * 100 + ".pdf"),
    ],
)
def test_names_keep_their_words_and_lose_what_could_harm(given_name: str, kept: str):
    assert kinds.clean_name(given_name) == kept


@given(st.text(max_size=60))
def test_no_name_breaks_out_of_a_header_or_a_folder(name: str):
    kept = kinds.clean_name(name)
    assert kept
    assert len(kept) <= 120
    assert not set(kept) & set('/\\\r\n"<>|:*?\x00‮')
    assert kept not in (".", "..")
    assert kinds.clean_name(kept) == kept


# ---- how it comes out


def test_only_pictures_and_pdf_are_shown_and_nothing_is_ever_sniffed_or_run(unit: Unit):
    for name, make in GOOD.items():
        file = keep(take(make(), name), unit)
        answer = services.respond(file, by=BY, now=NOW)
        shown = answer["Content-Disposition"].startswith("inline")
        assert shown == (file.kind in {"pdf", "jpg", "png"})
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "script" not in answer["Content-Security-Policy"]
        assert answer["Cache-Control"] == "private, no-store"
        assert "html" not in answer["Content-Type"]
        assert int(answer["Content-Length"]) == file.size


def test_a_file_is_found_only_under_its_own_object_and_county(unit: Unit):
    file = keep(take(PDF), unit)
    elsewhere = Unit.objects.create(county="640122", code="S2")
    assert queries.file_of(BY, unit, file.pk) == file
    assert queries.file_of(BY, elsewhere, file.pk) is None
    assert queries.file_of(OTHER, unit, file.pk) is None


def test_the_same_content_lies_on_disk_once(unit: Unit, place: Path):
    one, other = keep(take(PDF), unit), keep(take(PDF, "另一名.pdf"), unit)
    assert one.pk != other.pk
    assert len(on_disk(place)) == 1


def test_a_file_missing_from_disk_is_an_error_that_says_so(unit: Unit):
    file = keep(take(PDF), unit)
    services.path_of(file).unlink()
    with pytest.raises(Refused) as refused:
        services.respond(file, by=BY, now=NOW)
    assert refused.value.code == "files.missing"


# ---- sensitive


def test_a_sensitive_file_is_closed_on_disk_and_opening_it_leaves_a_line(unit: Unit, place: Path):
    data = PDF + os.urandom(200_000)
    file = keep(take(data, sensitive=True), unit)
    (path,) = on_disk(place)
    assert PDF[:20] not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert body(file) == data
    assert AuditEvent.objects.filter(action="file.opened", subject=str(file.pk)).count() == 1


def test_a_sensitive_file_with_another_key_or_changed_is_an_error_page_not_a_broken_download(
    unit: Unit, tmp_path: Path, settings: Any
):
    file = keep(take(PDF, sensitive=True), unit)
    path = services.path_of(file)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(Refused) as refused:
        services.respond(file, by=BY, now=NOW)
    assert refused.value.code == "crypto.broken"
    path.write_bytes(whole)
    settings.KEY_FILE = tmp_path / "other.json"
    crypto.make_key_file(settings.KEY_FILE)
    with pytest.raises(Refused) as refused:
        services.respond(file, by=BY, now=NOW)
    assert refused.value.code == "crypto.no_key"


def test_a_sensitive_file_of_another_row_does_not_open(unit: Unit):
    one, other = keep(take(PDF, sensitive=True), unit), keep(take(PDF, sensitive=True), unit)
    os.replace(services.path_of(one), services.path_of(other))
    with pytest.raises(Refused):
        services.respond(other, by=BY, now=NOW)


# ---- too large


class EvidenceForm(Form):
    note = CharField()
    file = EvidenceField()


@pytest.fixture
def posted(settings: Any) -> Any:
    requests = []

    def post(data: bytes, limit: int) -> EvidenceForm:
        settings.FILE_LIMIT = limit
        request = RequestFactory().post("/", {"file": SimpleUploadedFile("录像.pdf", data), "note": "写好的说明"})
        requests.append(request)
        return EvidenceForm(request.POST, request.FILES)

    yield post
    for request in requests:
        request.close()


def test_sixty_megabytes_are_refused_beside_the_field_and_what_was_typed_stays(place: Path, posted: Any):
    form = posted(PDF + bytes(60 * 1024 * 1024), 50 * 1024 * 1024)
    assert form.errors == {"file": ["“录像.pdf”有 60 MB，每个文件不能超过 50 MB。请压缩或拆分后再上传。"]}
    assert form["note"].value() == "写好的说明"
    # What stays until the request ends is empty.
    assert sum(path.stat().st_size for path in on_disk(place)) == 0


def test_exactly_the_limit_is_taken(posted: Any):
    size = 3 * 1024 * 1024
    form = posted(PDF.ljust(size, b" "), size)
    assert form.is_valid(), form.errors
    assert services.receive(form.cleaned_data["file"]).size == size
    assert not posted(PDF.ljust(size + 1, b" "), size).is_valid()


def test_bad_content_is_refused_beside_the_field(posted: Any):
    assert "像是 .html 文件" in posted(b"<html>", 10**6).errors["file"][0]
    assert posted(b"", 10**6).errors["file"] == ["这是空文件，请重新选择。"]


# ---- order of writing, and the sweep


def aged(path: Path, days: float) -> None:
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def real_now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def test_a_refused_act_leaves_no_row_and_its_file_is_swept_a_day_later(unit: Unit, place: Path):
    received = take(PDF)
    with pytest.raises(Refused), transaction.atomic():
        keep(received, unit, occurred_on=date(2024, 4, 11))
    assert not StoredFile.objects.exists()
    (path,) = on_disk(place)
    assert services.sweep(now=real_now(), apply=True).orphans == 0
    aged(path, 2)
    assert services.sweep(now=real_now(), apply=False).orphans == 1
    assert path.exists()
    assert services.sweep(now=real_now(), apply=True).orphans == 1
    assert on_disk(place) == []


def test_what_a_row_knows_is_never_swept_however_old(unit: Unit, place: Path):
    keep(take(PDF), unit)
    keep(take(PDF, sensitive=True), unit)
    for path in on_disk(place):
        aged(path, 400)
    call_command("files", "sweep")
    assert len(on_disk(place)) == 2


def test_what_a_kill_left_in_the_incoming_folder_is_swept(place: Path):
    left = storage.incoming() / "half"
    left.write_bytes(b"x")
    aged(left, 2)
    assert services.sweep(now=real_now(), apply=True).leftovers == 1
    assert on_disk(place) == []


def test_a_row_is_not_written_for_a_file_that_is_gone(unit: Unit, place: Path):
    received = take(PDF)
    for path in on_disk(place):
        path.unlink()
    with pytest.raises(Refused) as refused:
        keep(received, unit)
    assert refused.value.code == "files.gone"


def test_the_sweep_gives_back_what_is_handed_in_again_meanwhile(place: Path):
    path = storage.write([b"x"], lambda: storage.plain_path("ab" * 32))
    aged(path, 2)
    limit = time.time() - 86400
    # A row came in between the first look and the second.
    assert not storage.take_away(path, is_orphan=lambda: False, older_than=limit)
    assert path.exists()
    # Killed between the two steps: the next sweep puts it right.
    os.rename(path, path.with_name("." + path.name))
    storage.finish_taking_away(path.with_name("." + path.name), is_orphan=lambda _: False)
    assert path.exists()


@pytest.mark.django_db(transaction=True)
def test_handing_in_and_sweeping_at_once_never_loses_a_file(place: Path):
    subject = Unit.objects.create(county="640122", code="S1")
    done = threading.Event()
    lost: list[str] = []

    def sweeping() -> None:
        while not done.is_set():
            for path in storage.everything("plain"):
                if not path.name.startswith(".") and services._is_orphan("plain", path.name):
                    is_orphan = partial(services._is_orphan, "plain", path.name)
                    with contextlib.suppress(FileNotFoundError):
                        storage.take_away(path, is_orphan=is_orphan, older_than=time.time() - 0.2)
        transaction.get_connection().close()

    thread = threading.Thread(target=sweeping)
    thread.start()
    for number in range(30):
        received = take(PDF + bytes([number % 3]))
        file = keep(received, subject)
        if not services.path_of(file).exists():
            lost.append(file.sha256)
        StoredFile.objects.filter(pk=file.pk).delete()
    done.set()
    thread.join()
    assert lost == []


def test_the_check_names_what_is_missing_changed_or_unreadable(unit: Unit, capsys: pytest.CaptureFixture[str]):
    whole, gone, changed, closed = (keep(take(PDF + bytes([n]), sensitive=n == 3), unit) for n in range(4))
    call_command("files", "check")
    services.path_of(gone).unlink()
    services.path_of(changed).write_bytes(PDF)
    services.path_of(closed).write_bytes(b"x")
    with pytest.raises(SystemExit):
        call_command("files", "check")
    out = capsys.readouterr().out
    assert str(whole.pk) not in out
    assert all(str(file.pk) in out for file in (gone, changed, closed))
    assert "3 个文件有缺损" in out
