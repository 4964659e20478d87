"""Backup and restore of everything but the key file.

    <folder>/
      database/default.sqlite3 or default.pgdump
      files/plain/ab/<sha256>, files/sealed/cd/<key>    as in ``settings.FILES``
      FILES                                             digest and size of every file above, one a line
      MANIFEST.json                                     written last and synced: without it the backup was not finished

The database is copied first, the evidence after it: a file is written before its row, so every row of the copy has its
file. Everything is streamed.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

import dudao
from dudao.audit import queries as audit_queries
from dudao.audit import services as audit
from dudao.files import services as files
from dudao.files import storage
from dudao.shell import crypto
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from dudao.upkeep import databases, keys
from dudao_engines.kernel.digests import Digests, digest_stream

FORM = "dudao-backup-1"
MANIFEST, LIST = "MANIFEST.json", "FILES"
#: Events that wait for their seal in a backup are as old as the backup.
_ANY_AGE = timedelta(days=36_500)

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What a backup or restore holds: where, rows, evidence files, names of the keys it needs."""

    folder: Path
    rows: int
    files: int
    keys: tuple[str, ...]


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy(source: Path, target: Path) -> tuple[str, int]:
    """Copy a file in blocks, synced; its SHA-256 and size."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digests = Digests()
    with target.open("xb") as out:
        for block in storage.read(source):
            digests.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return digests.finish()[0], digests.size


# ---- backup ---------------------------------------------------------------------------------------------------------


def backup(*, into: Path, stamp: datetime, now: datetime, tell: Tell = lambda line: None) -> Done:
    """Make a backup in a new folder of ``into``, while people work.

    Args:
        into: folder for backups; made where absent.
        stamp: the real moment, for the folder's name.
        now: the clock's moment, for the audit event.
        tell: gets Chinese lines of progress.

    Raises:
        Refused: ``backup.exists``, ``backup.tool``.
    """
    folder = into / f"dudao-{settings.COUNTY}-{stamp:%Y%m%d-%H%M%S}"
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        raise Refused(f"{folder} 已经存在，请稍后再试。", code="backup.exists") from None
    (folder / "database").mkdir()
    # Older than the picture of the database, so they must be found in it.
    heads = audit_queries.heads()
    used = _keys_in_use()
    rows: dict[str, dict[str, int]] = {}
    for alias in connections:
        ending = "sqlite3" if connections[alias].vendor == databases.SQLITE else "pgdump"
        rows[alias] = databases.dump(alias, folder / "database" / f"{alias}.{ending}")
        tell(f"数据库 {alias}：{sum(rows[alias].values())} 行")
    # Asked before and after: in the middle of a rotation the copy may hold values of both keys.
    used |= _keys_in_use()
    count = size = 0
    with (folder / LIST).open("x", encoding="utf-8") as listed:
        for path in sorted((folder / "database").iterdir()):
            sha256, _, length = digest_stream(storage.read(path))
            listed.write(f"{sha256} {length} database/{path.name}\n")
        for path in _evidence():
            if not path.exists():
                # Swept since the folder was listed: no row needs it.
                continue
            place = path.relative_to(settings.FILES)
            sha256, length = _copy(path, folder / "files" / place)
            listed.write(f"{sha256} {length} files/{place.as_posix()}\n")
            count, size = count + 1, size + length
            if count % 1000 == 0:
                tell(f"佐证材料：{count} 个")
        listed.flush()
        os.fsync(listed.fileno())
    tell(f"佐证材料：{count} 个，{size / 1024 / 1024:.1f} MB")
    for made in (p for p in folder.rglob("*") if p.is_dir()):
        _sync(made)
    _write_manifest(
        folder,
        {
            "form": FORM,
            "county": settings.COUNTY,
            "made_at": stamp.isoformat(),
            "version": dudao.__version__,
            "vendors": {alias: connections[alias].vendor for alias in connections},
            "migrations": _migrations(),
            "rows": rows,
            "files": count,
            "list": digest_stream(storage.read(folder / LIST))[0],
            "heads": json.loads(audit.heads_text(heads, now=now)),
            "keys": used,
        },
    )
    with transaction.atomic():
        audit.record(
            action="backup.made",
            subject=("backup", folder.name),
            summary=f"备份：{folder.name}",
            by=system(settings.COUNTY),
            now=now,
            files=count,
            rows=sum(sum(counts.values()) for counts in rows.values()),
        )
    return Done(folder, sum(sum(c.values()) for c in rows.values()), count, tuple(sorted(used)))


def _keys_in_use() -> dict[str, str]:
    """Names and fingerprints of the keys that something is encrypted with."""
    ring = crypto.ring()
    return {name: ring.keys[name].fingerprint for name, used in keys.in_use().items() if used and name in ring.keys}


def _evidence() -> Iterator[Path]:
    for kind in ("plain", "sealed"):
        yield from (path for path in storage.everything(kind) if not path.name.startswith("."))


def _migrations() -> list[str]:
    recorder = MigrationExecutor(connections["default"]).recorder
    return sorted(f"{app}.{name}" for app, name in recorder.applied_migrations())


def _write_manifest(folder: Path, content: dict[str, Any]) -> None:
    temporary = folder / f".{MANIFEST}"
    with temporary.open("x", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, folder / MANIFEST)
    _sync(folder)
    _sync(folder.parent)


# ---- restore --------------------------------------------------------------------------------------------------------


def restore(
    *, folder: Path, now: Callable[[], datetime], without_keys: bool = False, tell: Tell = lambda line: None
) -> Done:
    """Bring a backup back into an empty place, and prove that it is whole.

    Everything is checked before anything is written. Killed in the middle, the same command is given again.

    Args:
        folder: the backup.
        now: the clock, asked when the database is there (a demo keeps its day in it).
        without_keys: also where the key file cannot open what is encrypted.
        tell: gets Chinese lines of progress.

    Raises:
        Refused: ``backup.unfinished``, ``backup.damaged``, ``backup.newer``, ``backup.other_database``,
            ``backup.not_empty``, ``backup.keys``, ``backup.tool``, ``backup.differs``.
    """
    manifest = read_manifest(folder)
    _check_programs(manifest)
    _check_keys(manifest, without_keys=without_keys)
    _check_place(folder)
    tell("核对备份内容……")
    _check_files(folder, manifest)
    mark = Path(settings.RESTORE_MARK)
    mark.write_text(folder.name, "utf-8")
    tell("恢复佐证材料……")
    for path in _all_files(folder / "files"):
        storage.write(storage.read(path), partial(Path, settings.FILES, path.relative_to(folder / "files")))
    tell("恢复数据库……")
    for path in sorted((folder / "database").iterdir()):
        if databases.is_empty(path.stem):
            databases.load(path.stem, path)
    done = _prove(folder, manifest, now=now(), without_keys=without_keys)
    mark.unlink()
    with transaction.atomic():
        audit.record(
            action="backup.restored",
            subject=("backup", folder.name),
            summary=f"从备份恢复：{folder.name}",
            by=system(settings.COUNTY),
            now=now(),
            rows=done.rows,
            files=done.files,
        )
    return done


def read_manifest(folder: Path) -> dict[str, Any]:
    """Raises: ``Refused`` ``backup.unfinished`` or ``backup.damaged``."""
    path = folder / MANIFEST
    if not path.exists():
        raise Refused(
            f"{folder} 不是完整的备份：没有 {MANIFEST}，备份时中断了。请换一份备份。", code="backup.unfinished"
        )
    try:
        manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
        wanted = {"form", "vendors", "migrations", "rows", "files", "list", "heads", "keys"}
        if manifest["form"] != FORM or wanted - manifest.keys():
            raise ValueError(manifest["form"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"{path} 已损坏或不是本系统的备份。", code="backup.damaged") from error
    return manifest


def _check_programs(manifest: dict[str, Any]) -> None:
    known = {f"{app}.{name}" for app, name in MigrationExecutor(connections["default"]).loader.disk_migrations}
    if set(manifest["migrations"]) - known:
        raise Refused(
            f"备份来自更新的版本（{manifest['version']}），本机是 {dudao.__version__}。请先升级程序。",
            code="backup.newer",
        )
    here = {alias: connections[alias].vendor for alias in connections}
    if manifest["vendors"] != here:
        raise Refused(
            f"备份的数据库是 {manifest['vendors']}，本机设置的是 {here}。请按备份设置 DATABASE_URL。",
            code="backup.other_database",
        )


def _check_keys(manifest: dict[str, Any], *, without_keys: bool) -> None:
    if without_keys or not manifest["keys"]:
        return
    # Not crypto.ring(): a demo would make itself a new key file here.
    path = Path(settings.KEY_FILE)
    if not path.exists():
        raise Refused(
            f"没有密钥文件 {path}。备份需要密钥 {'、'.join(manifest['keys'])}，请先把密钥文件放回原处。",
            code="backup.keys",
        )
    have = {key.id: key.fingerprint for key in crypto.ring().keys.values()}
    missing = [name for name, fingerprint in manifest["keys"].items() if have.get(name) != fingerprint]
    if missing:
        raise Refused(
            f"密钥文件 {path} 不对：备份需要密钥 {'、'.join(missing)}。请换回当时的密钥文件，或用 dudao keys adopt 并入。",
            code="backup.keys",
        )


def _check_place(folder: Path) -> None:
    """An empty place, or one where restoring this same backup was interrupted."""
    mark = Path(settings.RESTORE_MARK)
    if mark.exists() and mark.read_text("utf-8") == folder.name:
        return
    full = [f"数据库 {alias}" for alias in connections if not databases.is_empty(alias)]
    if next(_evidence(), None):
        full.append(f"佐证材料 {settings.FILES}")
    if full:
        raise Refused(
            f"{'、'.join(full)}里已有内容，没有恢复。请用另一个 DUDAO_VAR（和 DATABASE_URL）恢复到空的地方。",
            code="backup.not_empty",
        )


def _check_files(folder: Path, manifest: dict[str, Any]) -> None:
    def damaged(why: str) -> Refused:
        return Refused(f"备份已损坏：{why}。没有恢复任何内容，请换一份备份。", code="backup.damaged")

    if not (folder / LIST).exists() or digest_stream(storage.read(folder / LIST))[0] != manifest["list"]:
        raise damaged(f"{LIST} 清单被改动")
    listed = 0
    with (folder / LIST).open(encoding="utf-8") as lines:
        for line in lines:
            sha256, size, name = line.rstrip("\n").split(" ", 2)
            path = folder / name
            if not path.is_file():
                raise damaged(f"缺少 {name}")
            found, _, length = digest_stream(storage.read(path))
            if (found, str(length)) != (sha256, size):
                raise damaged(f"{name} 的内容与清单不同")
            listed += 1
    if sum(1 for part in ("database", "files") for path in _all_files(folder / part)) != listed:
        raise damaged("有清单以外的文件")


def _all_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _prove(folder: Path, manifest: dict[str, Any], *, now: datetime, without_keys: bool) -> Done:
    """Counts, chain and evidence of what was restored."""
    rows = {alias: databases.counts(alias) for alias in connections}
    if rows != manifest["rows"]:
        raise Refused("恢复后的行数与备份不一致，请换一份备份。", code="backup.differs")
    executor = MigrationExecutor(connections["default"])
    executor.migrate(executor.loader.graph.leaf_nodes())
    heads = audit.read_heads(json.dumps(manifest["heads"]))
    for county in sorted({*audit_queries.counties(), *(head.county for head in heads)}):
        report = audit.verify(county=county, now=now, heads=heads, late_after=_ANY_AGE)
        if not report.is_whole:
            raise Refused(f"链校验不通过：{report.faults[0].message}", code="backup.differs")
    if not without_keys:
        for file, message in files.faults():
            raise Refused(f"佐证材料 {file.pk} 有缺损：{message}", code="backup.differs")
    return Done(folder, sum(sum(c.values()) for c in rows.values()), manifest["files"], tuple(sorted(manifest["keys"])))
