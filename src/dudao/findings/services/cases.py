"""Cases of accountability: opened on named findings, seen by named members, never suspending anything."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from dudao.accounts import queries as accounts
from dudao.audit import services as audit
from dudao.findings import queries
from dudao.findings.models import Case, CaseFinding, CaseMember, Finding
from dudao.findings.services import rights
from dudao.procedures import library
from dudao.procedures import queries as procedures
from dudao.procedures import services as steps
from dudao.procedures.models import Act
from dudao.procedures.services import Brought
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused
from dudao_engines.procedures.situation import Situation


@transaction.atomic
def open_case(
    *,
    unit: UUID,
    findings: Sequence[Finding],
    grounds: Sequence[str],
    title: str,
    persons: str,
    methods: Sequence[str],
    words: str,
    work_done_on: date,
    occurred_on: date,
    by: Actor,
    now: datetime,
) -> Case:
    """Open a case. Whoever opens it is its first member.

    Args:
        work_done_on: the day the inspection ended; 60 days for the group run from it (问责办法).
        words: where it came from and the facts.

    Raises:
        Refused: ``findings.unit``, ``cases.title``, ``cases.ground``, ``cases.finding`` of another unit,
            ``cases.done_on``, and the codes of ``procedures.services.take``.
    """
    rights.known_unit(by, unit, on=day_of(now))
    if not title.strip():
        raise Refused("请填写事由。", code="cases.title", field="title")
    if work_done_on > occurred_on:
        raise Refused("督导工作完成日期不能晚于立案日期。", code="cases.done_on", field="work_done_on")
    if strays := [f for f in findings if f.unit_id != unit]:
        raise Refused(f"问题 {strays[0].number} 不是这个单位的。", code="cases.finding", field="findings")
    row = Case(
        county=by.county, unit_id=unit, title=title.strip(), persons=persons.strip(), methods=list(methods),
        grounds=list(grounds), work_done_on=work_done_on, year=occurred_on.year,
        heavier=["repeat"] if _repeats(by.county, unit, occurred_on) else [],
    )  # fmt: skip
    steps.take(
        matter=row, act="open", brought=Brought(occurred_on=occurred_on, words=words),
        situation=Situation("accountability", marks=frozenset(grounds)), roles=procedures.roles(by, unit=unit),
        of_unit=by.is_of(unit), base_version=0, by=by, now=now, title="新案件", clocks_from=work_done_on,
    )  # fmt: skip
    CaseFinding.objects.bulk_create(CaseFinding(case=row, finding=f) for f in findings)
    if by.person:
        CaseMember.objects.create(case=row, person_id=by.person, name=by.name, role="经办", named_on=occurred_on)
    return row


def _repeats(county: str, unit: UUID, on: date) -> bool:
    """Whether the unit was held to account in the year before (问责办法 从重: 一年内 2 次及以上)."""
    since = on - timedelta(days=365)
    return Case.objects.filter(county=county, unit=unit, decided_on__gte=since, decided_on__lte=on).exists()


@transaction.atomic
def act_on_case(
    *, case: Case, act: str, brought: Brought, base_version: int, by: Actor, now: datetime,
    extra: Mapping[str, Any] | None = None,
) -> Act:  # fmt: skip
    """Take an act of ``library/procedures/accountability.yaml``; only a named member may.

    Raises:
        Refused: ``cases.not_member``; as ``procedures.services.take`` and ``papers.services.serve_paper``.
    """
    if not queries.cases_visible_to(by, today=day_of(now)).filter(pk=case.pk).exists():
        raise Refused("只有案件的成员可以办理。", code="cases.not_member")
    known = library.act("accountability", act)
    if "received" in known.brings:
        brought = steps.serve(matter=case, unit=case.unit_id, brought=brought, by=by, now=now)
    changes: dict[str, Any] = dict(extra or {})
    if act == "decide":
        changes["decided_on"] = brought.occurred_on
    return steps.take(
        matter=case, act=act, brought=brought, situation=queries.case_situation(case, today=brought.occurred_on),
        roles=procedures.roles(by, unit=case.unit_id), of_unit=by.is_of(case.unit_id), base_version=base_version,
        by=by, now=now, title=str(case), changes=changes,
    )  # fmt: skip


@transaction.atomic
def name_member(*, case: Case, person: UUID, role: str, by: Actor, now: datetime) -> CaseMember:
    """Let another person see the case, and act in it by their post.

    Raises:
        Refused: ``cases.not_member``, ``cases.person``, ``cases.already``.
    """
    today = day_of(now)
    if not queries.cases_visible_to(by, today=today).filter(pk=case.pk).exists() or not by.can("loop.office"):
        raise Refused("只有经办这个案件的督导室人员可以指定成员。", code="cases.not_member")
    found = accounts.people_visible_to(by, day=today).filter(pk=person).first()
    if found is None:
        raise Refused("请选择本县人员。", code="cases.person", field="person")
    row, made = CaseMember.objects.get_or_create(
        case=case, person=found, ended_on=None,
        defaults={"name": found.name, "role": role.strip()[:40], "named_on": today},
    )  # fmt: skip
    if not made:
        raise Refused("已经是案件成员。", code="cases.already", field="person")
    audit.record(
        action="case.member_named", subject=case, summary=f"指定{case}的成员", by=by, now=now, person=str(person)
    )
    return row


@transaction.atomic
def end_member(*, member: CaseMember, by: Actor, now: datetime) -> None:
    """Take a member out; the last one stays.

    Raises:
        Refused: ``cases.not_member``, ``cases.last_member``.
    """
    today = day_of(now)
    if not queries.cases_visible_to(by, today=today).filter(pk=member.case_id).exists() or not by.can("loop.office"):
        raise Refused("只有经办这个案件的督导室人员可以调整成员。", code="cases.not_member")
    others = CaseMember.objects.filter(case=member.case_id, ended_on__isnull=True).exclude(pk=member.pk)
    if not others.exists():
        raise Refused("案件至少要有一名成员。", code="cases.last_member")
    CaseMember.objects.filter(pk=member.pk, ended_on__isnull=True).update(ended_on=today)
    audit.record(
        action="case.member_ended", subject=member.case, summary=f"{member.case}的成员退出", by=by, now=now,
        person=str(member.person_id),
    )  # fmt: skip
