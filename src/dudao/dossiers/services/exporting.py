"""The package of a ledger: asked for on the page, made by the worker, kept as files."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from dudao.audit import services as audit
from dudao.dossiers import packing, queries
from dudao.dossiers.models import Dossier, Export, Judgement, Ledger, Material, Piece
from dudao.dossiers.packing import MISSING, RESTRICTED, Entry, safe
from dudao.dossiers.services.rights import may_manage
from dudao.files import queries as file_queries
from dudao.files import services as files
from dudao.files.models import StoredFile
from dudao.files.services import Received
from dudao.jobs import services as jobs
from dudao.jobs.models import Job
from dudao.jobs.registry import Run
from dudao.shell.acts import Actor
from dudao.shell.clock import CHINA, day_of
from dudao.shell.keys import uuid7

KIND = "dossiers.export"
#: Files of one part; the ZIP with its list stays under the limit of a stored file.
_PART = settings.FILE_LIMIT * 9 // 10


def ask_export(*, ledger: Ledger, by: Actor, now: datetime) -> Job:
    """Ask the worker for the package.

    Raises:
        Refused: ``dossiers.not_allowed``.
    """
    may_manage(by)
    return jobs.start(kind=KIND, key=str(ledger.pk), payload={"ledger": str(ledger.pk)}, by=by, now=now)


def make_export(*, run: Run) -> dict[str, object]:
    """The worker's part: read, write the parts to disk, then one short step that keeps them."""
    ledger = queries.ledgers_visible_to(run.by).get(pk=run.payload["ledger"])
    entries, stored = _entries(run.by, ledger, run.now)
    places, parts = packing.placed(entries), packing.split(entries, _PART)
    several = len(parts) > 1
    of_part = {one.key: f"第{no}卷/" if several else "" for no, part in enumerate(parts, 1) for one in part}
    made = f"{run.now.astimezone(CHINA):%Y-%m-%d %H:%M}"
    index = packing.index(ledger.title, entries, of_part, places, made)
    total, done = sum(len(part) for part in parts), 0

    def source(key: str) -> Iterator[bytes]:
        nonlocal done
        yield from files.content(stored[key])
        done += 1
        run.progress(done=done, total=total, message=stored[key].name)

    received: list[Received] = []
    with tempfile.TemporaryDirectory() as folder:
        for no, part in enumerate(parts, 1):
            path = Path(folder) / f"{no}.zip"
            packing.write(path, index=index, entries=part, places=places, source=source)
            name = f"{safe(ledger.title)}{f' 第{no}卷' if several else ''}.zip"
            with path.open("rb") as opened:
                received.append(files.receive(opened, name=name))
    left = sum(bool(one.note) and one.note != MISSING for one in entries)
    with run.step(cursor=1, done=total, total=total):
        row = _keep(ledger, received, files_=total, left=left, by=run.by, now=run.now)
    return {"ledger": str(ledger.pk), "export": str(row.pk), "文件": total, "未随包": left}


@transaction.atomic
def _keep(ledger: Ledger, received: list[Received], *, files_: int, left: int, by: Actor, now: datetime) -> Export:
    row = Export(
        id=uuid7(), ledger=ledger, title=ledger.title, parts=len(received), files=files_, left_out=left,
        size=sum(one.size for one in received), made_by_name=by.name, made_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    for one in received:
        files.attach(one, subject=row, by=by, now=now)
    audit.record(
        action="ledger.exported", subject=ledger, summary=f"制作材料包：{ledger.title}，{files_} 个文件，{len(received)} 卷", by=by,
        now=now, count=files_, size=row.size,
    )  # fmt: skip
    return row


def _entries(by: Actor, ledger: Ledger, now: datetime) -> tuple[list[Entry], dict[str, StoredFile]]:
    """Every material of the ledger in the order of its folders, and the stored files by key; a constant number of
    statements."""
    rows = list(queries.dossiers(by, ledger).exclude(state=Dossier.State.LEFT_OUT).order_by("position", "pk"))
    names = queries.names_of(by, rows, today=day_of(now))
    rows.sort(key=lambda row: (row.position, names.get(row.unit_id, "")))
    judged = {
        one.dossier_id: one
        for one in queries.standing_judgement().filter(dossier__ledger=ledger, look=Judgement.Look.AGREED)
    }  # fmt: skip
    of_material: dict[UUID, list[Piece]] = {}
    for piece in queries.standing_pieces().filter(material__dossier__ledger=ledger).order_by("no"):
        of_material.setdefault(piece.material_id, []).append(piece)
    of_dossier: dict[UUID, list[Material]] = {}
    for material in Material.objects.filter(dossier__ledger=ledger, is_dropped=False).order_by("no"):
        of_dossier.setdefault(material.dossier_id, []).append(material)
    pieces = [piece for some in of_material.values() for piece in some]
    stored = {
        str(file.pk): file for file in file_queries.files_of_many(by, Piece, [piece.pk for piece in pieces])
    }  # fmt: skip
    folders = _folders(rows, names)
    entries = []
    for row in rows:
        for at, material in enumerate(of_dossier.get(row.pk, []), 1):
            folder = f"{folders[row.pk]}/{at:02}_{safe(material.name, 30)}"
            # Of several versions the last one is the paper; earlier ones stay in the house.
            last = next(reversed(of_material.get(material.pk, [])), None)
            entries.append(_entry(row, material, last, folder, names, judged.get(row.pk), stored))
    return entries, stored


def _folders(rows: list[Dossier], names: dict[UUID | None, str]) -> dict[UUID, str]:
    """Numbered folders: the item, below it the school."""
    items: dict[str, int] = {}
    schools: dict[str, int] = {}
    found = {}
    for row in rows:
        number = items.setdefault(row.item, len(items) + 1)
        folder = f"{number:02}_{safe(row.item, 20)}_{safe(row.name, 30)}"
        if row.unit_id:
            schools[row.item] = schools.get(row.item, 0) + 1
            folder = f"{folder}/{schools[row.item]:03}_{safe(names.get(row.unit_id, ''), 30)}"
        found[row.pk] = folder
    return found


def _entry(
    row: Dossier, material: Material, piece: Piece | None, folder: str, names: dict[UUID | None, str],
    judged: Judgement | None, stored: dict[str, StoredFile],
) -> Entry:  # fmt: skip
    file = stored.get(str(piece.file)) if piece and piece.file else None
    note = MISSING if piece is None else ""
    if piece is not None and (piece.is_restricted or (file is not None and file.is_sensitive)):
        note, file = RESTRICTED, None
    elif piece is not None and file is None:
        note = f"网址：{piece.address}" if piece.address else "文件找不到，请重新提交"
    return Entry(
        group=row.group, item=row.item, name=row.name, unit=names.get(row.unit_id, "") if row.unit_id else "",
        department=names.get(row.department_id, "") if row.department_id else "", material=material.name,
        no=piece.no if piece else None, formed_on=str(piece.formed_on) if piece else "", by=piece.by_name if piece else "",
        conclusion=row.conclusion, judge=judged.by_name if judged else "", looked=judged.look_name if judged else "",
        folder=folder, file=file.name if file else "", size=file.size if file else 0, key=str(file.pk) if file else "",
        note=note,
    )  # fmt: skip
