"""Changing the keys of everything that is encrypted, while people work.

The new key becomes the current one at once: whatever is written from then on is closed with it, and running processes read
the changed key file by themselves. Then all older values are closed again, batch by batch; a kill loses nothing, and the
next start goes on. At the end not one value of an old key is left, and the old key can be taken out of the file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.shell import crypto
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from dudao.shell.fields import EncryptedTextField, closed, encrypted_fields

BATCH = 200
#: A transaction that began before the change of keys has ended by then.
_IN_FLIGHT = timedelta(minutes=15)


@dataclass
class Rotated:
    """What a rotation did: ``values`` by field label, sensitive ``files``, and what could not be opened."""

    key: str
    values: dict[str, int] = field(default_factory=dict)
    files: int = 0
    unreadable: list[str] = field(default_factory=list)


def columns() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    """Every encrypted field of every model."""
    for model in apps.get_models():
        for found in encrypted_fields(model):
            yield model, found


def _filled(model: type[models.Model], column: EncryptedTextField) -> QuerySet[Any]:
    return model._base_manager.filter(**{f"{column.name}__isnull": False}).exclude(**{column.name: ""})


def rotate(*, now: datetime, cipher: crypto.CipherName, tell: Callable[[str], None] = lambda line: None) -> Rotated:
    """Bring in a new key and close everything with it; goes on where an interrupted run stopped.

    Args:
        now: aware.
        cipher: what the new key is for; ignored when an interrupted run goes on.
        tell: gets a Chinese line after each batch.

    Returns:
        counts; with ``unreadable`` empty, no value of an older key is left anywhere.
    """
    ring = crypto.ring()
    if not ring.rotating:
        ring = crypto.add_key(now=now, cipher=cipher)
    done = Rotated(ring.current)
    for model, column in columns():
        label = f"{model._meta.label_lower}.{column.name}"
        done.values[label] = 0
        # Once more after the first pass: a request that began before the change may have written meanwhile.
        for _ in range(2):
            done.values[label] += _reclose(model, column, ring.current, done, tell)
    for count in files.reseal(current=ring.current):
        done.files = count
        tell(f"敏感材料：{count} 个")
    if not done.unreadable:
        crypto.write_ring(replace(crypto.ring(), rotating=False))
        with transaction.atomic():
            audit.record(
                action="keys.rotated",
                subject=("keys", ring.current),
                summary=f"更换密钥：{ring.current}",
                by=system(settings.COUNTY),
                now=now,
                values=done.values,
                files=done.files,
            )
    return done


def _reclose(
    model: type[models.Model],
    column: EncryptedTextField,
    current: str,
    done: Rotated,
    tell: Callable[[str], None],
) -> int:
    label, name, count, last = f"{model._meta.label_lower}.{column.name}", column.name, 0, None
    stale = _filled(model, column).filter(~Q(**{f"{name}__closed_by": current})).order_by("pk")
    while batch := list(stale.filter(**({"pk__gt": last} if last else {})).values_list("pk", name)[:BATCH]):
        changes = []
        for key, value in batch:
            try:
                changes.append((key, value, closed(model, name, key, column.open(key, value))))
            except crypto.Unreadable as error:
                line = f"{label} {key}：{error.message}"
                if line not in done.unreadable:
                    done.unreadable.append(line)
        with transaction.atomic():
            for key, value, change in changes:
                try:
                    with transaction.atomic():
                        # Only if nobody changed it meanwhile; what they wrote is closed with the new key already.
                        count += model._base_manager.filter(pk=key, **{name: value}).update(**change)
                except IntegrityError:
                    # Written twice in the minutes when two keys gave two indexes: for people to decide.
                    done.unreadable.append(f"{label} {key}：与另一行的内容相同，请先合并。")
        last = batch[-1][0]
        tell(f"{label}：{count} 项")
    return count


def in_use() -> dict[str, int]:
    """How many values and sensitive files each key of the ring closes; ``""`` stands for keys that are not in it."""
    counts = dict.fromkeys(crypto.ring().keys, 0)
    for model, column in columns():
        filled, known = _filled(model, column), 0
        for name in counts:
            number = filled.filter(**{f"{column.name}__closed_by": name}).count()
            counts[name] += number
            known += number
        if strange := filled.count() - known:
            counts[""] = counts.get("", 0) + strange
    for name, number in files.keys_in_use().items():
        name = name if name in counts else ""
        counts[name] = counts.get(name, 0) + number
    return counts


def retire(*, name: str, out: Path, now: datetime) -> None:
    """Take an old key out of the key file into a file of its own, which is kept with the backups that still need it.

    Raises:
        Refused: ``keys.unknown``, ``keys.current``, ``keys.too_soon``, ``keys.in_use``, ``keys.out_exists``.
    """
    ring = crypto.ring()
    key = ring.keys.get(name)
    if key is None:
        raise Refused(f"密钥文件里没有密钥“{name}”。", code="keys.unknown")
    if name == ring.current:
        raise Refused("正在使用的密钥不能停用，请先运行 dudao keys rotate。", code="keys.current")
    if key.superseded_at and now - key.superseded_at < _IN_FLIGHT:
        raise Refused("刚换下的密钥要等 15 分钟再停用：可能还有未写完的操作在用它。", code="keys.too_soon")
    if used := in_use()[name]:
        raise Refused(f"还有 {used} 项由密钥“{name}”加密，请先运行 dudao keys rotate。", code="keys.in_use")
    try:
        crypto.write_key_file(out, crypto.Ring(name, {name: key}, demo=ring.demo))
    except FileExistsError:
        raise Refused(f"{out} 已经存在，请换一个文件名。", code="keys.out_exists") from None
    crypto.write_ring(replace(ring, keys={i: k for i, k in ring.keys.items() if i != name}))
    with transaction.atomic():
        audit.record(
            action="keys.retired",
            subject=("keys", name),
            summary=f"停用密钥：{name}",
            by=system(settings.COUNTY),
            now=now,
        )


def adopt(*, path: Path, now: datetime) -> list[str]:
    """Take keys of another key file in as old ones, to read what an earlier backup holds; returns their names.

    Raises:
        Refused: ``keys.malformed``, ``keys.other_secret`` (the same name with another secret).
    """
    ring, more = crypto.ring(), crypto.parse_ring(path.read_text("utf-8"), name=str(path))
    new = {name: replace(key, superseded_at=key.superseded_at or now) for name, key in more.keys.items()}
    for name in new.keys() & ring.keys.keys():
        if new[name].secret != ring.keys[name].secret:
            raise Refused(f"两个密钥文件里的“{name}”不是同一个密钥，没有并入。", code="keys.other_secret")
        del new[name]
    crypto.write_ring(replace(ring, keys={**new, **ring.keys}))
    return sorted(new)
