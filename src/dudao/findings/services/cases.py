"""Cases of accountability: opened on named findings, seen by named members, never suspending anything."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from dudao.accounts import queries as accounts
from dudao.audit import services as audit
from dudao.findings import queries
from dudao.findings.models import Case, CaseFinding, CaseMember, Finding
from dudao.findings.services import rights
from dudao.papers import queries as papers_read
from dudao.papers import services as papers
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
        Refused: ``findings.unit``, ``cases.of_unit``, ``cases.method``, ``cases.title``, ``cases.ground``, ``cases.finding`` of another unit,
            ``cases.done_on``, and the codes of ``procedures.services.take``.
    """
    rights.known_unit(by, unit, on=day_of(now))
    _not_of_unit(by.person, unit, by=by, on=day_of(now), field=None)
    if unknown := set(methods) - set(Case.Method.values):
        raise Refused(f"没有这种问责方式：{'、'.join(sorted(unknown))}。", code="cases.method", field="methods")
    if not title.strip():
        raise Refused("请填写事由。", code="cases.title", field="title")
    if work_done_on > occurred_on:
        raise Refused("督导工作完成日期不能晚于立案日期。", code="cases.done_on", field="work_done_on")
    rights.of_the_unit(findings, unit, code="cases.finding")
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
) -> Act:  # fmt: skip
    """Take an act of ``library/procedures/accountability.yaml``; only a named member may.

    Raises:
        Refused: ``cases.not_member``; as ``procedures.services.take`` and ``papers.services.serve_paper``.
    """
    if not queries.cases_visible_to(by, today=day_of(now)).filter(pk=case.pk).exists():
        raise Refused("只有案件的成员可以办理。", code="cases.not_member")
    known = library.act("accountability", act)
    if "received" in known.brings:
        brought = steps.serve(
            matter=case, unit=case.unit_id, brought=brought, by=by, now=now, readers=members_of(case)
        )  # fmt: skip
    changes = {"decided_on": brought.occurred_on} if act == "decide" else {}
    return steps.take(
        matter=case, act=act, brought=brought, situation=queries.case_situation(case, today=brought.occurred_on),
        roles=procedures.roles(by, unit=case.unit_id), of_unit=by.is_of(case.unit_id), base_version=base_version,
        by=by, now=now, title=str(case), changes=changes,
    )  # fmt: skip


def members_of(case: Case) -> list[UUID]:
    """The persons who may see a case now, and who alone may read its papers."""
    rows = CaseMember.objects.filter(case=case, ended_on__isnull=True).order_by("pk")
    return list(rows.values_list("person", flat=True))


def _let_read(case: Case, *, by: Actor, now: datetime) -> None:
    """The papers of a case are read by its members of the day, by nobody else."""
    readers = members_of(case)
    for paper in papers_read.papers_of(by, case):
        papers.set_readers(paper=paper, readers=readers, by=by, now=now)


def _not_of_unit(person: UUID | None, unit: UUID, *, by: Actor, on: date, field: str | None) -> None:
    """Nobody works on a case about a unit in which they hold a post.

    Raises:
        Refused: ``cases.of_unit``.
    """
    if rights.holds_post_in(person, unit, by=by, on=on):
        raise Refused("在被问责单位任职的人员应当回避，不能办理这个案件。", code="cases.of_unit", field=field)


@transaction.atomic
def name_member(*, case: Case, person: UUID, role: str, by: Actor, now: datetime) -> CaseMember:
    """Let another person see the case, and act in it by their post.

    Raises:
        Refused: ``cases.not_member``, ``cases.person``, ``cases.of_unit``, ``cases.already``, ``cases.ended``.
    """
    today = day_of(now)
    if not queries.cases_visible_to(by, today=today).filter(pk=case.pk).exists() or not by.can("loop.office"):
        raise Refused("只有经办这个案件的督导室人员可以指定成员。", code="cases.not_member")
    found = accounts.people_visible_to(by, day=today).filter(pk=person).first()
    if found is None:
        raise Refused("请选择本县人员。", code="cases.person", field="person")
    if case.is_final:
        raise Refused("案件已经结束，不再增加成员。", code="cases.ended")
    _not_of_unit(person, case.unit_id, by=by, on=today, field="person")
    row, made = CaseMember.objects.get_or_create(
        case=case, person=found, ended_on=None,
        defaults={"name": found.name, "role": role.strip()[:40], "named_on": today},
    )  # fmt: skip
    if not made:
        raise Refused("已经是案件成员。", code="cases.already", field="person")
    _let_read(case, by=by, now=now)
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
    _let_read(member.case, by=by, now=now)
    audit.record(
        action="case.member_ended", subject=member.case, summary=f"{member.case}的成员退出", by=by, now=now,
        person=str(member.person_id),
    )  # fmt: skip
