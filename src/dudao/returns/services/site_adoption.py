"""After the visit: the office adopts what was found, and turns differences into findings."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from dudao.audit import services as audit
from dudao.findings import services as findings
from dudao.findings.models import Finding
from dudao.places import queries as places
from dudao.returns import checks
from dudao.returns.models import Cell, CellCheck, SchoolCheck
from dudao.returns.queries import site as queries
from dudao.returns.services.site_cells import refuse_signer
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao_engines.standards import reading

ADOPTED, KEPT = CellCheck.Adoption.ADOPTED, CellCheck.Adoption.KEPT


@transaction.atomic
def adopt(
    *, check: SchoolCheck, keep: Mapping[str, str], base_version: int, occurred_on: date, by: Actor, now: datetime
) -> None:
    """Adopt what was found at a school: found values count from now on where they differ, those confirmed count as checked.

    Args:
        keep: codes of differing cells whose reported value is kept all the same, each with the reason.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.own`` (a checker who signed), ``checks.state`` (not signed by all),
            ``checks.locked``, ``checks.words`` (kept without a reason), ``audit.future``.
        Conflict: ``checks.sheet_changed``.
    """
    refuse_signer(check, by=by)
    _refuse_locked(check)
    if check.state != SchoolCheck.State.SIGNED:
        words = f"核查表现在是“{check.get_state_display()}”，两名核查人和校（园）长签字后才能采用。"
        raise Refused(words, code="checks.state")
    rows = list(check.cells.all())
    for one in rows:
        if one.outcome != CellCheck.Outcome.DIFFERS:
            continue
        if one.code in keep and not keep[one.code].strip():
            raise Refused("保留填报值的，请写明理由。", code="checks.words", field=f"words-{one.code}")
    if not claimed(check, base_version, {"state": SchoolCheck.State.SETTLED}, state=SchoolCheck.State.SIGNED):
        raise Conflict("别人刚刚办理了这份核查表，请看过再办。", code="checks.sheet_changed")
    cells = {one.code: one for one in Cell.objects.filter(ret=check.ret_id, code__in=[one.code for one in rows])}
    changed = []
    for one in rows:
        if one.outcome == CellCheck.Outcome.UNABLE:
            continue
        is_kept = one.outcome == CellCheck.Outcome.DIFFERS and one.code in keep
        one.adoption = KEPT if is_kept else ADOPTED
        one.adopted = one.reported if is_kept else one.found
        one.adoption_words = keep[one.code].strip()[:300] if is_kept else ""
        cell = cells[one.code]
        cell.adopted, cell.adopted_state = one.adopted, Cell.Adopted.ADOPTED
        changed.append(cell)
    CellCheck.objects.bulk_update(rows, ["adoption", "adopted", "adoption_words"])
    Cell.objects.bulk_update(changed, ["adopted", "adopted_state"])
    differing = [one.code for one in rows if one.outcome == CellCheck.Outcome.DIFFERS]
    audit.record(
        action="school_check.adopted", subject=check,
        summary=f"采用实地核查结果：{len(changed)} 项，其中 {len(differing)} 项与填报不符", by=by, now=now,
        occurred_on=occurred_on, differing=differing, kept=sorted(set(keep) & set(differing)),
    )  # fmt: skip


@transaction.atomic
def take_back_adoption(*, check: SchoolCheck, words: str, base_version: int, by: Actor, now: datetime) -> None:
    """Undo the adoption of a school, with a reason; what the checkers found stands and can be adopted anew.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.own``, ``checks.state``, ``checks.locked``, ``checks.words``.
        Conflict: ``checks.sheet_changed``.
    """
    refuse_signer(check, by=by)
    _refuse_locked(check)
    if not words.strip():
        raise Refused("请写明撤回采用的原因。", code="checks.words", field="words")
    if check.state != SchoolCheck.State.SETTLED:
        raise Refused(f"核查表现在是“{check.get_state_display()}”。", code="checks.state")
    if not claimed(check, base_version, {"state": SchoolCheck.State.SIGNED}, state=SchoolCheck.State.SETTLED):
        raise Conflict("别人刚刚办理了这份核查表，请看过再办。", code="checks.sheet_changed")
    codes = check.cells.exclude(outcome=CellCheck.Outcome.UNABLE).values_list("code", flat=True)
    Cell.objects.filter(ret=check.ret_id, code__in=list(codes)).update(adopted="", adopted_state=Cell.Adopted.FOUND)
    check.cells.update(adoption=CellCheck.Adoption.OPEN, adopted="", adoption_words="")
    audit.record(
        action="school_check.adoption_taken_back", subject=check, summary="撤回采用实地核查结果", by=by, now=now,
        words=words.strip()[:300],
    )  # fmt: skip


def _refuse_locked(check: SchoolCheck) -> None:
    if check.ret.is_locked:
        raise Refused("这张填报表已经锁定；要采用核查结果，请先说明理由重新开放。", code="checks.locked")


@transaction.atomic
def register_difference(
    *, check: SchoolCheck, codes: Collection[str], wanted: str = "", due_on: date | None = None, key: UUID | None = None,
    by: Actor, now: datetime,
) -> Finding:  # fmt: skip
    """Make one finding of some differing cells of a school; the cells and the finding lead to each other.

    Args:
        codes: of cells that differ; those that belong to a finding already are refused.
        key: of the finding, sent by the page: the same form sent twice registers one.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.codes``, ``checks.state`` (the checkers have not signed), and the codes of
            ``findings.services.register_finding``.
    """
    if key and (kept := CellCheck.objects.filter(check_of=check, finding=key).select_related("finding").first()):
        assert kept.finding is not None
        return kept.finding
    if by.person is not None and (by.is_of(check.unit_id) or not queries.is_office(by)):
        raise Refused("数据问题由督导室登记。", code="checks.not_allowed")
    if check.state in SchoolCheck.WRITING or check.state not in SchoolCheck.STANDING or len(_checkers(check)) < 2:
        raise Refused("两名核查人签字后才能登记为问题。", code="checks.state")
    rows = list(check.cells.filter(code__in=codes, outcome=CellCheck.Outcome.DIFFERS, finding__isnull=True))
    if not rows or len(rows) < len(set(codes)):
        raise Refused("请选择还没有登记为问题的不符项。", code="checks.codes", field="codes")
    form = queries.form_of(check.round.campaign)
    order = {one.code: at for at, one in enumerate(form.fields)}
    rows.sort(key=lambda one: order.get(one.code, len(order)))
    lines = []
    for one in rows:
        item = form.field(one.code)
        reported, found = (reading.shown(reading.restored(v, item), item) or "空" for v in (one.reported, one.found))
        cause = checks.named(checks.causes(), one.cause)
        proof = checks.named(checks.proofs(), one.proof)
        lines.append(f"{item.head}：填报 {reported}，核查 {found}（依据：{proof}；原因：{cause}）。{one.words}".strip())
    first = form.field(rows[0].code).label
    is_grave = any(choice.grave for one in rows if (choice := checks.causes().get(one.cause)))
    facts = findings.Facts(
        unit=check.unit_id,
        source=Finding.Source.RETURN_CHECK,
        basis=f"{form.name}：{first}"[:200],
        title=f"“{first}”{f'等 {len(rows)} 项' if len(rows) > 1 else ''}填报数据与实地核查不符",
        facts="\n".join(lines),
        found_on=check.checked_on or day_of(now),
        severity=Finding.Severity.SERIOUS if is_grave else Finding.Severity.ORDINARY,
        wanted=wanted or "更正填报数据，并在督导平台同步更正；查明原因，完善台账",
        due_on=due_on,
        origin=check,
        origin_words=f"{check.round.title} {_unit_name(check, now)}",
        origin_link=reverse("returns:site_school", args=[check.pk]),
    )
    finding = findings.register_finding(facts=facts, key=key, by=by, now=now)
    linked = CellCheck.objects.filter(pk__in=[one.pk for one in rows], finding__isnull=True).update(finding=finding)
    if linked < len(rows):
        raise Conflict("别人刚刚把其中的项登记为问题了。", code="checks.codes")
    return finding


def _checkers(check: SchoolCheck) -> list[UUID]:
    return list(check.signatures.filter(ended_at__isnull=True, role="checker").values_list("pk", flat=True))


def _unit_name(check: SchoolCheck, now: datetime) -> str:
    return places.unit_names(Actor(county=check.county), {check.unit_id}, as_of=day_of(now))[check.unit_id]
