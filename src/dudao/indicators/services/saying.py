"""A comparison with the original, a value, a variant, a concession: written down once, and ended by being taken back."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.files.services import Received
from dudao.indicators import queries
from dudao.indicators.elements import Element, elements
from dudao.indicators.models import Check, Choice
from dudao.shell import clock
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused
from dudao.shell.keys import uuid7
from dudao_engines.standards.schema import Standard

_MANAGE = "indicator.manage"
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
#: Days that people say lie today or before: ``Refused`` ``indicators.future``.
_not_ahead = partial(clock.not_ahead, code="indicators.future")


def _may(by: Actor) -> None:
    if not by.can(_MANAGE):
        raise Refused("只有督导室负责核对标准的同志可以登记核对和取值。", code="indicators.not_allowed")


def _said(standard: Standard, element: Element, by: Actor, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(), "county": by.county, "standard": standard.id, "standard_version": standard.version,
        "fingerprint": standard.fingerprint, "item_digest": element.digest, "item_name": element.name[:200],
        "item_words": element.words, "by_person": by.person, "by_name": by.name, "recorded_at": now,
    }  # fmt: skip


def _element(standard: Standard, key: str) -> Element:
    found = elements(standard, queries.bound_where_it_binds(standard.id)).get(key)
    if found is None:
        raise Refused("标准文件里没有这一条，可能文件刚更新，请重新打开页面。", code="indicators.no_item")
    return found


@transaction.atomic
def record_check(
    *, standard: Standard, key: str, digest: str, checked_on: date, checked_by: str, against: str, place: str,
    note: str = "", evidence: Sequence[Received] = (), by: Actor, now: datetime,
) -> Check:  # fmt: skip
    """Write down that somebody compared an element of a standard with the original and that it agrees.

    Args:
        key: of the element: ``R1``, ``R1.小学``, ``P_X``, ``Q1.A``, ``R3c``.
        digest: of the element as the page showed it; a file that changed meanwhile is not what was compared.
        checked_on: the day of the comparison; past allowed.
        checked_by: who compared.
        against: the document: its name and number.
        place: where in it: page, article, item.
        evidence: pictures of the place, received.

    Raises:
        Refused: ``indicators.not_allowed``, ``.no_item``, ``.changed``, ``.future``, ``.incomplete``, ``.twice``.
    """
    _may(by)
    element = _element(standard, key)
    if digest != element.digest:
        raise Refused("标准文件刚刚更新，请对照现在的内容再核对一遍。", code="indicators.changed")
    _not_ahead(checked_on, now, "checked_on", "核对日期")
    for name, words in (("checked_by", checked_by), ("against", against), ("place", place)):
        if not words.strip():
            raise Refused("请写明核对人、所据文件和原文位置。", code="indicators.incomplete", field=name)
    row = Check(
        **_said(standard, element, by, now), item=key, checked_on=checked_on, checked_by=checked_by.strip(),
        against=against.strip(), place=place.strip(), note=note.strip(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("同一天同一人的这次核对已经登记过了。", code="indicators.twice") from None
    _keep(row, evidence, by, now)
    audit.record(
        action="standard.checked", subject=row, summary=f"核对标准：{standard.short_name} {element.name}（{key}）", by=by,
        now=now, occurred_on=checked_on, standard=standard.id, item=key, standard_version=standard.version,
        fingerprint=standard.fingerprint,
    )  # fmt: skip
    return row


@transaction.atomic
def choose(
    *, standard: Standard, key: str, value: str, origin: str = Choice.Origin.COUNTY, from_on: date,
    until_on: date | None = None, source: str, place: str = "", note: str = "", checked_on: date | None = None,
    checked_by: str = "", evidence: Sequence[Received] = (), by: Actor, now: datetime,
) -> Choice:  # fmt: skip
    """Say what holds in the county from a day on: a value, a variant, a concession opened or closed.

    Args:
        key: of the element; for a variant the variant's own (``Q1.A``), which is thereby chosen.
        value: a decimal, one of the element's options, or for a variant its id.
        origin: who prescribes it; of several the nearest one holds.
        from_on, until_on: from when and until when; may lie ahead.
        source: the paper it comes from; ``place``: where in it.
        evidence: the paper, received.
        checked_on, checked_by: it was compared with that paper, by whom; without them it counts for trial only.

    Raises:
        Refused: ``indicators.not_allowed``, ``.no_item``, ``.no_choice``, ``.value``, ``.days``, ``.future``, ``.incomplete``,
            ``.unchecked`` (what the file knows for sure is replaced only by what was compared), ``.twice``.
    """
    _may(by)
    element = _element(standard, key)
    if element.choice is None:
        raise Refused("这一条没有可以设定的取值。", code="indicators.no_choice")
    value = _value(element, value)
    if until_on is not None and until_on < from_on:
        raise Refused("终止日期不能早于起始日期。", code="indicators.days", field="until_on")
    if not source.strip():
        raise Refused("请写明依据的文件。", code="indicators.incomplete", field="source")
    if checked_on is not None:
        _not_ahead(checked_on, now, "checked_on", "核对日期")
    if checked_on is not None and not (checked_by.strip() and place.strip()):
        raise Refused(
            "已核对的，请写明核对人和原文位置。",
            code="indicators.incomplete",
            field="checked_by" if not checked_by.strip() else "place",
        )
    if checked_on is None and element.choice in (Choice.Kind.PARAMETER, Choice.Kind.LIMIT) and (
        element.is_sure or element.choice == Choice.Kind.LIMIT
    ):  # fmt: skip
        raise Refused(
            "这一条国家文件有明确的数，改用别的数须先与依据文件核对，并写明核对日期、核对人和原文位置。",
            code="indicators.unchecked",
            field="checked_on",
        )
    item = element.part if element.kind == "variant" else key
    row = Choice(
        **_said(standard, element, by, now), item=item, kind=element.choice, value=value, origin=origin, from_on=from_on,
        until_on=until_on, source=source.strip(), place=place.strip(), note=note.strip(), checked_on=checked_on,
        checked_by=checked_by.strip() if checked_on else "",
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused(
            "同一层级从这一天起已经有一个取值，请先撤销它，或换一个起始日期。", code="indicators.twice", field="from_on"
        ) from None
    _keep(row, evidence, by, now)
    audit.record(
        action="standard.chosen", subject=row,
        summary=f"设定标准取值：{standard.short_name} {element.name}，{element.value_words(value)}", by=by, now=now,
        standard=standard.id, item=item, value=value, from_on=from_on.isoformat(), standard_version=standard.version,
        fingerprint=standard.fingerprint,
    )  # fmt: skip
    return row


def _keep(row: Check | Choice, evidence: Sequence[Received], by: Actor, now: datetime) -> None:
    for one in evidence:
        files.attach(one, subject=row, by=by, now=now)


def _value(element: Element, value: str) -> str:
    value = value.strip()
    if element.kind == "variant":
        return element.key.removeprefix(f"{element.part}.")
    if element.options:
        if value not in dict(element.options):
            raise Refused("请从列出的取值中选一个。", code="indicators.value", field="value")
        return value
    if not _NUMBER.fullmatch(value):
        raise Refused("请填写数字，如 600 或 0.85。", code="indicators.value", field="value")
    return value


@transaction.atomic
def take_back(*, row: Check | Choice, on: date, reason: str, by: Actor, now: datetime) -> None:
    """End a comparison or a choice that was written down by mistake or no longer holds; the row stays with the reason.

    Raises:
        Refused: ``indicators.not_allowed``, ``.future``, ``.incomplete``, ``.taken_back``.
    """
    _may(by)
    _not_ahead(on, now, "on", "撤销日期")
    if not reason.strip():
        raise Refused("请写明撤销的原因。", code="indicators.incomplete", field="reason")
    ended = type(row).objects.filter(pk=row.pk, taken_back_on__isnull=True).update(
        taken_back_on=on, taken_back_reason=reason.strip(), taken_back_by=by.name
    )  # fmt: skip
    if not ended:
        raise Refused("这一条已经撤销过了。", code="indicators.taken_back")
    row.refresh_from_db()
    audit.record(
        action="standard.taken_back", subject=row, summary=f"撤销标准登记：{row.item_name}（{row.item}）", by=by, now=now,
        occurred_on=on, standard=row.standard, item=row.item, reason=reason.strip(),
    )  # fmt: skip
