"""Taking evidence in, giving it out, keeping the folder in order.

Taking in has two steps, because no file is written inside a write transaction:

    received = files.receive(upload, sensitive=False)                    # disk: type, limit, digests, whole file in its place
    with transaction.atomic():                                           # the owning app's service
        ...
        files.attach(received, subject=visit, by=by, now=now)            # row and audit event
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import models, transaction
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from dudao.audit import services as audit
from dudao.files import kinds, storage
from dudao.files.models import StoredFile
from dudao.shell import crypto
from dudao.shell.acts import Actor
from dudao.shell.clock import CHINA
from dudao.shell.errors import Refused
from dudao.shell.keys import uuid7
from dudao_engines.kernel.digests import Digests, digest_stream

_ORPHAN_AGE = timedelta(days=1)
#: A file is shown alone, without scripts, in a page that belongs to nobody.
_CSP = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
#: Chromium's own viewer does not start in a sandbox; scripts inside a PDF run in the viewer, not in our pages.
_CSP_PDF = "default-src 'none'; object-src 'self'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Received:
    """A file that lies whole in its place and waits for its row."""

    key: UUID
    name: str
    kind: str
    size: int
    sha256: str
    sm3: str
    sensitive: bool


def receive(upload: "File[bytes] | BinaryIO", *, name: str = "", sensitive: bool = False) -> Received:
    """Look at a file and put it in its place. Writes no row; call it outside a transaction.

    Args:
        upload: the uploaded file, seekable.
        name: as given; the upload's own where left out.
        sensitive: keep it encrypted, and leave a line each time it is opened.

    Raises:
        Refused: ``files.too_large`` and the codes of ``kinds.detect``; nothing stays on disk.
    """
    given = name or str(upload.name or "")
    size = upload.size if isinstance(upload, File) else upload.seek(0, 2)
    check_size(size, name=given)
    kind = kinds.detect(upload, name=given)  # type: ignore[arg-type]
    key, digests = uuid7(), Digests()

    def counted() -> Iterator[bytes]:
        for block in storage.blocks(upload):  # type: ignore[arg-type]
            digests.update(block)
            yield block

    done: list[str] = []

    def place() -> Path:
        done.extend(digests.finish())
        check_size(digests.size, name=given)
        return storage.sealed_path(str(key)) if sensitive else storage.plain_path(done[0])

    source = crypto.seal_stream(counted(), bound_to=_bound_to(key)) if sensitive else counted()
    storage.write(source, place)
    return Received(key, kinds.clean_name(given), kind.code, digests.size, done[0], done[1], sensitive)


def check_size(size: int, *, name: str) -> None:
    """Raises: ``Refused`` ``files.too_large``."""
    if size > settings.FILE_LIMIT:
        limit = settings.FILE_LIMIT // (1024 * 1024)
        raise Refused(
            f"“{kinds.clean_name(name)}”有 {size / 1024 / 1024:.0f} MB，每个文件不能超过 {limit} MB。请压缩或拆分后再上传。",
            code="files.too_large",
            field="file",
        )


@transaction.atomic
def attach(
    received: Received, *, subject: models.Model, by: Actor, now: datetime, occurred_on: date | None = None
) -> StoredFile:
    """Write the row of a received file, in the transaction of the act it proves.

    Args:
        received: from ``receive``.
        subject: what it proves; whoever may see that may see the file.
        occurred_on: the day the paper or picture was made; today where left out.

    Raises:
        Refused: ``audit.future``; ``files.gone``, the file was received so long ago that it has been swept.
    """
    file = StoredFile(
        id=received.key,
        county=by.county,
        name=received.name,
        kind=received.kind,
        size=received.size,
        sha256=received.sha256,
        sm3=received.sm3,
        guard=StoredFile.Guard.SENSITIVE if received.sensitive else StoredFile.Guard.ORDINARY,
        subject_type=subject._meta.label_lower,
        subject=str(subject.pk),
        by_person=by.person,
        by_name=by.name,
        occurred_on=occurred_on or now.astimezone(CHINA).date(),
        recorded_at=now,
    )
    if not path_of(file).exists():
        raise Refused("上传的文件已经过期，请重新上传。", code="files.gone", field="file")
    file.save(force_insert=True)
    audit.record(
        action="file.attached",
        subject=file,
        summary=f"上传佐证材料：{file.name}",
        by=by,
        now=now,
        occurred_on=occurred_on,
        of_type=file.subject_type,
        of=file.subject,
        sha256=file.sha256,
        sm3=file.sm3,
        size=file.size,
        guard=file.guard,
    )
    return file


def path_of(file: StoredFile) -> Path:
    return storage.sealed_path(str(file.pk)) if file.is_sensitive else storage.plain_path(file.sha256)


def _bound_to(key: UUID) -> str:
    return f"files.storedfile|{key}"


def content(file: StoredFile) -> Iterator[bytes]:
    """The bytes of a file in blocks, opened where they are sensitive.

    Raises:
        Refused: ``files.missing``, ``crypto.no_key``, ``crypto.broken``.
    """
    path = path_of(file)
    if not path.exists():
        raise Refused(f"“{file.name}”在磁盘上找不到，请联系系统管理员从备份恢复。", code="files.missing")
    blocks = storage.read(path)
    return crypto.unseal_stream(blocks, bound_to=_bound_to(file.pk)) if file.is_sensitive else blocks


def respond(file: StoredFile, *, by: Actor, now: datetime) -> HttpResponseBase:
    """Answer with a file, after the caller's own check that its subject is within the actor's scope.

    Pictures and PDF are shown, everything else is saved; nothing is ever sniffed, run or cached. Opening a sensitive file
    leaves a line.

    Raises:
        Refused: ``files.missing``, ``crypto.no_key``, ``crypto.broken``.
    """
    blocks = content(file)
    # The first block is opened here: a wrong key is an error page, not a broken download.
    first = next(blocks, b"")
    if file.is_sensitive:
        with transaction.atomic():
            audit.record(
                action="file.opened",
                subject=file,
                summary=f"打开敏感材料：{file.name}",
                by=by,
                now=now,
                of=file.subject,
            )
    kind = kinds.KINDS[file.kind]
    inline = kind.inline
    response = StreamingHttpResponse(chain([first], blocks), content_type=kind.media_type)
    response["Content-Length"] = str(file.size)
    response["Content-Disposition"] = content_disposition_header(not inline, file.name) or "attachment"
    response["Content-Security-Policy"] = _CSP_PDF if file.kind == "pdf" else _CSP
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


# ---- keeping the folder in order ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep found: ``orphans`` files without a row, ``leftovers`` of interrupted uploads, their bytes together."""

    orphans: int
    leftovers: int
    size: int


def sweep(*, now: datetime, apply: bool) -> Sweep:
    """Find, and with ``apply`` remove, files older than a day that no row knows.

    Args:
        now: the real moment, as the file system knows it (not the demo's day).
        apply: False only counts.
    """
    limit = (now - _ORPHAN_AGE).timestamp()
    orphans = leftovers = size = 0
    for kind in ("plain", "sealed"):
        for path in storage.everything(kind):
            state = path.stat()
            if path.name.startswith("."):
                if apply:
                    storage.finish_taking_away(path, is_orphan=partial(_is_orphan, kind))
                continue
            if state.st_mtime >= limit or not _is_orphan(kind, path.name):
                continue
            if apply and not storage.take_away(path, is_orphan=partial(_is_orphan, kind, path.name), older_than=limit):
                continue
            orphans, size = orphans + 1, size + state.st_size
    for path in storage.everything("incoming"):
        state = path.stat()
        if state.st_mtime < limit:
            if apply:
                path.unlink(missing_ok=True)
            leftovers, size = leftovers + 1, size + state.st_size
    return Sweep(orphans, leftovers, size)


def _is_orphan(kind: str, name: str) -> bool:
    if kind == "plain":
        return not StoredFile.objects.filter(sha256=name, guard=StoredFile.Guard.ORDINARY).exists()
    try:
        key = UUID(name)
    except ValueError:
        return True
    return not StoredFile.objects.filter(pk=key, guard=StoredFile.Guard.SENSITIVE).exists()


def faults() -> Iterator[tuple[StoredFile, str]]:
    """Every file whose bytes are missing, cannot be opened, or are not those that were handed in; constant memory."""
    for file in StoredFile.objects.order_by("pk").iterator(chunk_size=500):
        try:
            sha256, sm3, size = digest_stream(content(file))
        except Refused as refusal:
            yield file, refusal.message
            continue
        if (sha256, sm3, size) != (file.sha256, file.sm3, file.size):
            yield file, f"“{file.name}”的内容与登记的摘要不同。"


def reseal(*, current: str) -> Iterator[int]:
    """Close sensitive files again whose key is not the current one; yields how many are done, file by file.

    Each file is written anew and renamed into place: a kill leaves the old one or the new one.
    """
    done = 0
    for file in StoredFile.objects.filter(guard=StoredFile.Guard.SENSITIVE).order_by("pk").iterator(chunk_size=500):
        path = path_of(file)
        if key_of(file) != current:
            storage.write(crypto.seal_stream(content(file), bound_to=_bound_to(file.pk)), partial(Path, path))
            done += 1
            yield done


def key_of(file: StoredFile) -> str:
    """The key a sensitive file is closed with."""
    with path_of(file).open("rb") as opened:
        return crypto.stream_key_id(opened.read(64))


def keys_in_use() -> dict[str, int]:
    """How many sensitive files each key closes."""
    found: dict[str, int] = {}
    for file in StoredFile.objects.filter(guard=StoredFile.Guard.SENSITIVE).order_by("pk").iterator(chunk_size=500):
        name = key_of(file) if path_of(file).exists() else ""
        found[name] = found.get(name, 0) + 1
    return found
