"""One unit's return from the confirmation to the approval."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.files.services import Received
from dudao.messages import services as messages
from dudao.messages.models import Message
from dudao.returns import checking
from dudao.returns.models import Campaign, Explanation, Return, ReturnNote
from dudao.returns.services.rights import fills, manages
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

#: As many mistakes as one refusal names.
SHOWN = 5
#: Longest explanation.
LONGEST = 400


@transaction.atomic
def explain(*, ret: Return, words: Mapping[str, str], by: Actor, now: datetime) -> list[str]:
    """Say why numbers that look odd are right; empty words take an explanation back.

    Args:
        words: by id of the relation.

    Returns:
        The relations whose words are new.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.closed``, ``returns.no_relation``, ``returns.words``.
    """
    fills(by, ret)
    form = checking.form_of(ret.campaign)
    if set(words) - {one.id for one in form.relations}:
        raise Refused("没有这条校验关系。", code="returns.no_relation")
    if any(len(said.strip()) > LONGEST for said in words.values()):
        raise Refused(f"每条说明最多 {LONGEST} 个字。", code="returns.words")
    _touch(ret, *Return.WRITABLE)
    standing = {one.relation: one for one in ret.explanations.all()}
    changed = []
    for relation, raw in words.items():
        said, before, about = raw.strip(), standing.get(relation), checking.about(ret, form.relation(relation))
        if (before is None and not said) or (before and (before.words, before.about) == (said, about)):
            continue
        changed.append(relation)
        if not said:
            ret.explanations.filter(relation=relation).delete()
            continue
        values = {"words": said, "about": about, "by_person": by.person, "by_name": by.name, "made_at": now}
        Explanation.objects.update_or_create(ret=ret, relation=relation, defaults=values)
    if changed:
        checking.recount(ret)
        summary = f"说明变动：{ret.campaign.title}，{len(changed)} 处"
        audit.record(action="return.explained", subject=ret, summary=summary, by=by, now=now, item=changed)
    return changed


def _touch(ret: Return, *states: Return.State) -> None:
    """Hold a return in one of the states while the campaign runs.

    Raises:
        Refused: ``returns.closed``.
    """
    _in_running_campaign(ret)
    rows = Return.objects.filter(pk=ret.pk, is_locked=False, state__in=states)
    if not rows.update(version=F("version") + 1):
        _say_closed(ret)
    ret.refresh_from_db()


def _in_running_campaign(ret: Return) -> None:
    """Asked by itself, not in the condition of the UPDATE: with a join there PostgreSQL would look at the row as it was before it
    waited for somebody else's change, and both would have their way.

    Raises:
        Refused: ``returns.closed``.
    """
    if not Campaign.objects.filter(pk=ret.campaign_id, state__in=(Campaign.State.OPEN, Campaign.State.LOCKED)).exists():
        raise Refused("这次填报没有在进行，不能再这样办理。", code="returns.closed")


def _say_closed(ret: Return) -> None:
    ret.refresh_from_db()
    said = "数据已锁定" if ret.is_locked else f"现在是“{ret.get_state_display()}”"
    raise Refused(f"这张表{said}，不能再这样办理。", code="returns.closed")


def _claim(ret: Return, base_version: int, *states: Return.State, **changes: Any) -> None:
    """Change a return as the reader saw it.

    Raises:
        Refused: ``returns.closed``.
        Conflict: ``returns.changed``.
    """
    _in_running_campaign(ret)
    if not claimed(ret, base_version, changes, is_locked=False, state__in=states):
        if ret.is_locked or ret.state not in states:
            _say_closed(ret)
        raise Conflict("打开页面以后数据又变了，请看过再办。", code="returns.changed")


@transaction.atomic
def confirm_return(
    *,
    ret: Return,
    base_version: int,
    by: Actor,
    now: datetime,
    signed_by: str = "",
    occurred_on: date | None = None,
    evidence: Sequence[Received] = (),
) -> None:
    """The head confirms what the unit reports; or the office records a confirmation that was signed on paper.

    Args:
        signed_by, occurred_on, evidence: of the signature on paper: who signed, when, and the picture of it. Left out: the head
            confirms here.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.closed``, ``returns.unfinished`` (what is missing or wrong),
            ``returns.evidence``, ``audit.future``.
        Conflict: ``returns.changed``.
    """
    on_paper = bool(signed_by.strip())
    if on_paper:
        manages(by, ret)
        if not evidence:
            raise Refused("纸质确认要附签字盖章页。", code="returns.evidence", field="evidence")
    elif not (by.can("return.confirm") and by.is_of(ret.unit_id)):
        raise Refused("由本单位负责人（校长、园长）确认。", code="returns.not_allowed")
    changes = {
        "state": Return.State.CONFIRMED,
        "confirmed_by": None if on_paper else by.person,
        "confirmed_name": signed_by.strip() if on_paper else by.name,
        "confirmed_at": now,
        "confirmed_on": occurred_on or day_of(now),
        "confirmed_how": Return.How.PAPER if on_paper else Return.How.SYSTEM,
    }
    _claim(ret, base_version, Return.State.EMPTY, Return.State.FILLING, Return.State.RETURNED, **changes)
    _whole(ret)
    for one in evidence:
        files.attach(one, subject=ret, by=by, now=now, occurred_on=occurred_on)
    audit.record(
        action="return.confirmed",
        subject=ret,
        summary=f"确认填报：{ret.campaign.title}" + ("（纸质，督导室代登记）" if on_paper else ""),
        by=by,
        now=now,
        occurred_on=occurred_on,
        signed_by=ret.confirmed_name,
    )


def _whole(ret: Return) -> None:
    """Refuse where something is missing, wrong or unexplained."""
    found = checking.look(ret)
    said = [f"{found.form.field(code).label}：未填" for code in found.missing]
    said += [f"{found.form.field(code).label}：{found.cells[code].problem}" for code in found.unread]
    said += [one.says for one in found.errors]
    said += [f"{one.says}（请说明）" for one in found.unexplained]
    if said:
        more = f"等 {len(said)} 处" if len(said) > SHOWN else ""
        raise Refused("还不能确认：" + "；".join(said[:SHOWN]) + more + "。", code="returns.unfinished")


@transaction.atomic
def submit_return(*, ret: Return, base_version: int, by: Actor, now: datetime) -> None:
    """Hand in what the head confirmed; cells sent back are settled.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.closed``.
        Conflict: ``returns.changed``.
    """
    if by.person is not None and not by.can("return.manage"):
        fills(by, ret)
    elif ret.confirmed_how != Return.How.PAPER:
        # The office hands in what it recorded of the paper; nothing else.
        fills(by, ret)
    changes = {"state": Return.State.SUBMITTED, "submitted_name": by.name, "submitted_at": now}
    _claim(ret, base_version, Return.State.CONFIRMED, **changes)
    ret.notes.filter(settled_at__isnull=True).update(settled_at=now)
    audit.record(action="return.submitted", subject=ret, summary=f"报送：{ret.campaign.title}", by=by, now=now)
    messages.mark_answered(subject=ret.campaign, unit=ret.unit_id, by=by, now=now)


def _reviews(by: Actor, ret: Return) -> None:
    if by.person is None or not by.can("return.approve") or by.county != ret.county:
        raise Refused("由督导室审核。", code="returns.not_allowed")
    if by.is_of(ret.unit_id):
        raise Refused("不能审核自己单位的数据，请由别的单位的人审核。", code="returns.own")


@transaction.atomic
def send_back(
    *, ret: Return, base_version: int, cells: Mapping[str, str], by: Actor, now: datetime, words: str = ""
) -> Message:
    """Send single cells back to the unit, each with words; the unit sees exactly those.

    Args:
        cells: words by field code.
        words: said of all of them, where a cell has none of its own.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.own``, ``returns.closed``, ``returns.no_cell``, ``returns.no_field``.
        Conflict: ``returns.changed``.
    """
    _reviews(by, ret)
    form = checking.form_of(ret.campaign)
    said = {code: (own.strip() or words.strip()) for code, own in cells.items()}
    if not said or not all(said.values()):
        raise Refused("请勾选要退回的项目，并写明哪里不对。", code="returns.no_cell", field="words")
    if any(form.get(code) is None for code in said):
        raise Refused("表里没有这一项。", code="returns.no_field")
    changes = {"state": Return.State.RETURNED, "approved_by": None, "approved_name": "", "approved_at": None}
    changes |= {"confirmed_by": None, "confirmed_name": "", "confirmed_at": None, "confirmed_on": None}
    _claim(ret, base_version, Return.State.SUBMITTED, Return.State.APPROVED, confirmed_how="", **changes)
    values = dict(ret.cells.filter(code__in=list(said)).values_list("code", "raw"))
    ReturnNote.objects.bulk_create(
        ReturnNote(
            ret=ret,
            code=code,
            words=line[:400],
            value=values.get(code, ""),
            by_person=by.person,
            by_name=by.name,
            made_at=now,
        )
        for code, line in said.items()
    )
    labels = [form.field(code).label for code in said]
    audit.record(
        action="return.returned",
        subject=ret,
        summary=f"退回 {len(said)} 项：{ret.campaign.title}，{'、'.join(labels)}",
        by=by,
        now=now,
        cells=list(said),
    )
    lines = [f"{form.field(code).label}：{line}" for code, line in said.items()]
    return messages.prepare(
        kind="returns.returned",
        title=f"退回 {len(said)} 项：{ret.campaign.title}",
        text=f"【退回更正】{ret.campaign.title}，以下 {len(said)} 项请核对后重新报送：\n" + "\n".join(lines),
        units=[ret.unit_id],
        subject=ret,
        key=f"returns.returned:{ret.pk}:{ret.version}",
        link=reverse("returns:return", args=[ret.pk]),
        by=by,
        now=now,
    )


@transaction.atomic
def approve_return(*, ret: Return, base_version: int, by: Actor, now: datetime) -> None:
    """Approve what a unit handed in; never one's own unit's. Where the period is locked already, it is locked with it.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.own``, ``returns.closed``.
        Conflict: ``returns.changed``.
    """
    _reviews(by, ret)
    changes: dict[str, Any] = {
        "state": Return.State.APPROVED,
        "approved_by": by.person,
        "approved_name": by.name,
        "approved_at": now,
    }
    changes["is_locked"] = ret.campaign.state == Campaign.State.LOCKED
    _claim(ret, base_version, Return.State.SUBMITTED, **changes)
    audit.record(action="return.approved", subject=ret, summary=f"审核通过：{ret.campaign.title}", by=by, now=now)


@transaction.atomic
def reopen_return(*, ret: Return, base_version: int, reason: str, by: Actor, now: datetime) -> None:
    """Open one locked return again, with the reason; the unit corrects, confirms and hands in anew.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.reason``, ``returns.state``.
        Conflict: ``returns.changed``.
    """
    manages(by, ret)
    if not reason.strip():
        raise Refused("请写明重新开放的理由。", code="returns.reason", field="reason")
    rows = Return.objects.filter(pk=ret.pk, version=base_version, is_locked=True)
    changed = rows.update(
        version=F("version") + 1,
        is_locked=False,
        state=Return.State.RETURNED,
        confirmed_by=None,
        confirmed_name="",
        confirmed_at=None,
        confirmed_on=None,
        confirmed_how="",
        approved_by=None,
        approved_name="",
        approved_at=None,
        reopened_at=now,
        reopen_reason=reason.strip()[:400],
    )
    ret.refresh_from_db()
    if not changed:
        if not ret.is_locked:
            raise Refused("这张表没有锁定。", code="returns.state")
        raise Conflict("打开页面以后又变了，请看过再办。", code="returns.changed")
    audit.record(
        action="return.reopened",
        subject=ret,
        summary=f"重新开放：{ret.campaign.title}",
        by=by,
        now=now,
        reason=reason.strip(),
    )
