"""Evidence on disk, under ``settings.FILES``.

    incoming/                 uploads under way; the sweep clears what a kill left
    plain/ab/<sha256>         ordinary files by content: the same photo handed in twice lies here once
    sealed/ab/<row key>       sensitive files, closed with a key of their own

A file is written under a temporary name, synced and renamed before its row is written: a row never points to a missing or
half-written file. A file without a row (the transaction was refused) is an orphan, and swept a day later.
"""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

BLOCK = 64 * 1024


def plain_path(sha256: str) -> Path:
    return Path(settings.FILES, "plain", sha256[:2], sha256)


def sealed_path(key: str) -> Path:
    # The last digits: the first ones of a UUIDv7 are the time and nearly all the same.
    return Path(settings.FILES, "sealed", key[-2:], key)


def blocks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(BLOCK):
        yield block


def read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(BLOCK), b"")


def incoming() -> Path:
    folder = Path(settings.FILES, "incoming")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def write(source: Iterable[bytes], place: Callable[[], Path]) -> Path:
    """Write a stream to its place in one step.

    Args:
        source: the bytes.
        place: asked when all is written, so that the place may depend on what was written (its digest).
    """
    temporary = incoming() / secrets.token_hex(16)
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            for block in source:
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        target = place()
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Also where the content is there already: its age is then new, and no sweep takes it from under the new row.
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return target


def everything(kind: str) -> Iterator[Path]:
    """All files of ``plain``, ``sealed`` or ``incoming``, in order."""
    root = Path(settings.FILES, kind)
    for folder, folders, names in os.walk(root):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names))


def take_away(path: Path, *, is_orphan: Callable[[], bool], older_than: float) -> bool:
    """Remove a file that no row knows, unless somebody has just handed the same content in.

    It is first renamed, then looked at again: an upload before the rename made it young and it goes back; an upload after
    it has written its own.
    """
    if path.stat().st_mtime >= older_than:
        return False
    aside = path.with_name(f".{path.name}")
    os.rename(path, aside)
    gone = aside.stat().st_mtime < older_than and is_orphan()
    finish_taking_away(aside, is_orphan=lambda _: gone)
    return gone


def finish_taking_away(aside: Path, *, is_orphan: Callable[[str], bool]) -> None:
    """Remove a file that was put aside, or put it back; also after a kill between the two steps."""
    path = aside.with_name(aside.name[1:])
    if path.exists() or is_orphan(path.name):
        aside.unlink()
    else:
        os.rename(aside, path)
