"""At the school: arriving, what was seen, notes and photos, problems that become findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from dudao.accounts.models import Person
from dudao.audit import services as audit
from dudao.files import services as files
from dudao.findings import services as findings
from dudao.findings.models import Finding
from dudao.papers import services as papers
from dudao.places import queries as places
from dudao.places.models import Unit
from dudao.shell.acts import Actor, system
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao.shell.keys import uuid7
from dudao.shell.templatetags.parts import fullday
from dudao.visits import library
from dudao.visits.models import Answer, Visit
from dudao.visits.queries import is_office
from dudao.visits.services.planning import known_theme, of_key
from dudao.visits.services.rights import attach, claim, kind_of, may_make, may_meet, not_ahead
from dudao.visits.spans import first_of

S = Visit.State
NOTICE = "rectification-notice"


@transaction.atomic
def arrive(
    *, visit: Visit, base_version: int, visited_on: date, arrived_at: time | None = None, companions: str = "", by: Actor,
    now: datetime,
) -> Visit:  # fmt: skip
    """Begin a planned visit: the inspector is, or was, at the school. Said twice, it is one. It belongs to the month in which it was made.

    Raises:
        Refused: ``visits.not_allowed``, ``.future``, ``.past`` (an inspector begins today or yesterday; what lies back further comes
            with the photo of its sheet, ``record_paper``), ``.recused``, ``.not_theirs``, ``.state``.
        Conflict: ``visits.changed``.
    """
    not_long_ago(visited_on, by=by, now=now)
    return arrived(
        visit=visit, base_version=base_version, visited_on=visited_on, arrived_at=arrived_at, companions=companions, by=by, now=now
    )  # fmt: skip


def not_long_ago(day: date, *, by: Actor, now: datetime) -> None:
    """Nobody makes an owed month good alone by a day typed afterwards.

    Raises:
        Refused: ``visits.past``.
    """
    if day < day_of(now) - timedelta(days=1) and not is_office(by):
        raise Refused(
            "前天及更早的到校，请用“录入纸质记录”，附上督导记录表的照片。", code="visits.past", field="visited_on"
        )


def arrived(
    *, visit: Visit, base_version: int, visited_on: date, arrived_at: time | None, companions: str, by: Actor, now: datetime
) -> Visit:  # fmt: skip
    """As ``arrive``, on whatever day it was; inside the caller's transaction."""
    may_make(by, visit.person_id)
    not_ahead(visited_on, now, "visited_on", "到校日期")
    if visit.state == S.ON_SITE and visit.visited_on == visited_on:
        return visit
    may_meet(by, visit.person_id, visit.unit_id, day=visited_on)
    claim(
        visit, base_version, (S.PLANNED,), state=S.ON_SITE, month=first_of(visited_on), visited_on=visited_on, arrived_at=arrived_at,
        companions=companions.strip()[:200],
    )  # fmt: skip
    audit.record(
        action="visit.arrived", subject=visit, summary="到校开展经常性督导", by=by, now=now, occurred_on=visited_on
    )
    return visit


@transaction.atomic
def begin_visit(
    *, unit: Unit, person: Person, visited_on: date, arrived_at: time | None = None, theme: str = "", companions: str = "",
    key: UUID | None = None, by: Actor, now: datetime,
) -> Visit:  # fmt: skip
    """Begin a visit: the one that is planned for the month, else one that nobody planned.

    Args:
        key: made where the visit was begun, for one that nobody planned; sent twice, it is one visit.

    Raises:
        Refused: as ``arrive``, and ``visits.key``, ``.theme``, ``.unit``.
    """
    if kept := of_key(key, by):
        return kept
    not_long_ago(visited_on, by=by, now=now)
    return begun(
        unit=unit, person=person, visited_on=visited_on, arrived_at=arrived_at, theme=theme, companions=companions, key=key, by=by,
        now=now,
    )  # fmt: skip


def begun(
    *, unit: Unit, person: Person, visited_on: date, arrived_at: time | None, theme: str, companions: str = "", key: UUID | None,
    by: Actor, now: datetime,
) -> Visit:  # fmt: skip
    """As ``begin_visit``, on whatever day it was; inside the caller's transaction."""
    may_make(by, person.pk)
    not_ahead(visited_on, now, "visited_on", "到校日期")
    month = first_of(visited_on)
    planned = Visit.objects.filter(county=by.county, unit=unit, person=person, month=month, state=S.PLANNED).first()
    if planned is not None:
        if theme and theme != planned.theme:
            claim(
                planned, planned.version, (S.PLANNED,), theme=known_theme(theme, kind_of(by.county, unit.pk, day=visited_on), month)
            )  # fmt: skip
        return arrived(
            visit=planned, base_version=planned.version, visited_on=visited_on, arrived_at=arrived_at, companions=companions, by=by,
            now=now,
        )  # fmt: skip
    kind = kind_of(by.county, unit.pk, day=visited_on)
    may_meet(by, person.pk, unit.pk, day=visited_on, who=person.name)
    row = Visit(
        pk=key or uuid7(), county=by.county, unit=unit, person=person, month=month, is_planned=False, state=S.ON_SITE,
        theme=known_theme(theme, kind, month), visited_on=visited_on, arrived_at=arrived_at, companions=companions.strip()[:200],
        made_by=by.person, made_name=by.name, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("这条记录的编号已经用过，请刷新页面后重填。", code="visits.key") from None
    audit.record(
        action="visit.arrived",
        subject=row,
        summary="到校开展经常性督导（计划外）",
        by=by,
        now=now,
        occurred_on=visited_on,
    )
    return row


@dataclass(frozen=True, slots=True)
class Said:
    """What was seen of one thing.

    Attributes:
        item: its code. ``outcome``: of ``Answer.Outcome``.
        key: of the row, made where it was written; ``base_version``: of the row that is changed, 0 for a new one.
    """

    item: str
    outcome: str
    note: str = ""
    key: UUID | None = None
    base_version: int = 0


@transaction.atomic
def answer(*, visit: Visit, said: Sequence[Said], by: Actor, now: datetime) -> list[Answer]:
    """Write what was seen of some things; all of them or none. What is the same as what stands changes nothing.

    Raises:
        Refused: ``visits.not_allowed``, ``.state``, ``.item``, ``.outcome``, ``.note`` (不符合 without what was seen); ``field``
            is ``<what>-<item>``.
        Conflict: ``visits.answer_changed``.
    """
    may_make(by, visit.person_id)
    visit.refresh_from_db()
    if visit.state != S.ON_SITE:
        raise Refused(f"这次督导现在是“{visit.get_state_display()}”，不能再改检查清单。", code="visits.state")
    kind = kind_of(by.county, visit.unit_id, day=visit.visited_on or visit.month)
    known = {one.id: one.text for one in library.items(visit.theme, kind)}
    standing = {one.item: one for one in visit.answers.all()}
    known |= {one.item: one.text for one in standing.values()}
    changed: list[Answer] = []
    for one in said:
        if one.item not in known:
            raise Refused("清单里没有这一项。", code="visits.item")
        if one.outcome not in Answer.Outcome.values:
            raise Refused("请选择符合、不符合或不适用。", code="visits.outcome", field=f"outcome-{one.item}")
        note = one.note.strip()[:500]
        if one.outcome == Answer.Outcome.NO and not note:
            raise Refused("不符合的，请写明看到了什么。", code="visits.note", field=f"note-{one.item}")
        row = standing.get(one.item)
        if row is not None and (row.outcome, row.note) == (one.outcome, note):
            continue
        facts: dict[str, Any] = {
            "outcome": one.outcome, "note": note, "by_person": by.person, "by_name": by.name, "recorded_at": now
        }  # fmt: skip
        if row is None:
            row = _new(visit, one, known[one.item], facts)
        elif not claimed(row, one.base_version, facts):
            raise Conflict(f"“{row.text}”刚刚在别处改过，请对照后再保存。", code="visits.answer_changed")
        changed.append(row)
    if changed:
        audit.record(
            action="visit.answered", subject=visit, summary=f"记录检查清单 {len(changed)} 项", by=by, now=now,
            occurred_on=visit.visited_on, items={one.item: one.outcome for one in changed},
        )  # fmt: skip
    return changed


def _new(visit: Visit, one: Said, text: str, facts: dict[str, Any]) -> Answer:
    row = Answer(pk=one.key or uuid7(), visit=visit, item=one.item, text=text, **facts)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict(f"“{text}”刚刚在别处记过，请对照后再保存。", code="visits.answer_changed") from None
    return row


@transaction.atomic
def write_notes(
    *, visit: Visit, base_version: int, notes: str, companions: str = "", photos: Sequence[files.Received] = (), by: Actor,
    now: datetime,
) -> Visit:  # fmt: skip
    """Write what else was seen, and bring photos.

    Raises:
        Refused: ``visits.not_allowed``, ``.state``.
        Conflict: ``visits.changed``.
    """
    may_make(by, visit.person_id)
    notes, companions = notes.strip(), companions.strip()[:200]
    if (visit.notes, visit.companions) != (notes, companions) or visit.state != S.ON_SITE:
        claim(visit, base_version, (S.ON_SITE,), notes=notes, companions=companions)
        audit.record(
            action="visit.noted", subject=visit, summary="写督导记录", by=by, now=now, occurred_on=visit.visited_on
        )
    attach(visit, photos, by=by, now=now, occurred_on=visit.visited_on or visit.month)
    return visit


@transaction.atomic
def register_problem(
    *, visit: Visit, title: str, facts: str, basis: str, severity: str, wanted: str = "", days: int | None = None,
    drafts_notice: bool = True, item: str = "", photos: Sequence[files.Received] = (), key: UUID | None = None, by: Actor, now: datetime,
) -> Finding:  # fmt: skip
    """Make what was found at the school a finding (source 经常性督导), with a 整改通知书 to complete and sign.

    What endangers life is told to the office and the leaders at once (教育督导条例 article 15); ``register_finding`` does that.

    Args:
        item: of the list, what was answered there becomes this finding.
        days: until when it is to be put right, counted from the visit; the notice says the same.
        key: of the finding, sent by the page: the same form sent twice registers one.

    Raises:
        Refused: ``visits.not_allowed``, ``.state``, and the codes of ``findings.services.register_finding``.
    """
    may_make(by, visit.person_id)
    visit.refresh_from_db()
    if visit.visited_on is None:
        raise Refused("到校以后才能登记问题。", code="visits.state")
    if key and (kept := Finding.objects.filter(pk=key, county=by.county, origin=str(visit.pk)).first()):
        return kept
    if visit.state == S.TOLD and not visit.is_on_paper:
        raise Refused("已经向学校反馈；要补登问题，请先“退回修改”，登记以后重新反馈。", code="visits.state")
    if visit.state == S.FILED:
        raise Refused("记录已经归档；后来发现的问题，在“问题”里登记。", code="visits.state")
    row = findings.register_finding(
        facts=findings.Facts(
            unit=visit.unit_id, source=Finding.Source.VISIT, basis=basis, title=title, facts=facts.strip() or title, found_on=visit.visited_on,
            severity=severity, wanted=wanted, due_on=visit.visited_on + timedelta(days=days) if days else None, origin=visit,
            origin_words=f"{fullday(visit.visited_on)}经常性督导：{library.theme_name(visit.theme)}",
            origin_link=reverse("visits:visit", args=[visit.pk]),
        ),
        evidence=photos, key=key, by=by, now=now,
    )  # fmt: skip
    audit.record(
        action="visit.problem", subject=visit, summary=f"登记问题 {row.number}：{row.title}", by=by, now=now,
        occurred_on=visit.visited_on, finding=str(row.pk),
    )  # fmt: skip
    if item:
        visit.answers.filter(item=item, finding__isnull=True).update(finding=row)
    if drafts_notice:
        _draft_notice(visit, row, days=days, by=by, now=now)
    return row


def _draft_notice(visit: Visit, row: Finding, *, days: int | None, by: Actor, now: datetime) -> None:
    assert visit.visited_on is not None
    name = places.full_names(system(by.county), {row.unit_id}, as_of=visit.visited_on).get(row.unit_id, "")
    said = f"{row.title}。{row.facts}" if row.facts and row.facts != row.title else row.title
    papers.draft_paper(
        kind=NOTICE, subject=row, subject_title=f"问题 {row.number} {row.title}", link=reverse("findings:finding", args=[row.pk]),
        values={
            "单位": name, "督学": visit.person.name, "督导时间": fullday(visit.visited_on),
            "问题": [{"编号": row.number, "问题描述": " ".join(said.split()), "依据": row.basis}],
            "整改要求": row.wanted, "整改期限": str(days or ""),
        },
        to_units=[row.unit_id], is_served_here=False, by=by, now=now,
    )  # fmt: skip
