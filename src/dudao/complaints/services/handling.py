"""What the office and the inspector do with a complaint, from taking it up to its end."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from dudao.audit import services as audit
from dudao.complaints import library, queries
from dudao.complaints.models import Complaint, ComplaintStep
from dudao.complaints.services.rights import claim, in_order, may_handle, not_concerned, note, wanted, without_who
from dudao.findings import services as findings
from dudao.findings.models import Finding
from dudao.findings.services import Facts
from dudao.inspectors import queries as inspectors
from dudao.messages import services as messages
from dudao.places import queries as places
from dudao.shell import fields
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused

S, Step = Complaint.State, ComplaintStep.Step


def _done(row: Complaint, step: ComplaintStep, action: str, summary: str, *, by: Actor, now: datetime) -> Complaint:
    audit.record(
        action=action, subject=row, summary=f"{summary}：{row.get_kind_display()} {row.number}", by=by, now=now,
        occurred_on=step.occurred_on,
    )  # fmt: skip
    return row


@transaction.atomic
def accept(
    *, complaint: Complaint, base_version: int, title: str, about: UUID | None, occurred_on: date, by: Actor, now: datetime,
    words: str = "",
) -> Complaint:  # fmt: skip
    """Take it up. The office says in its own words what it is about, and whether it is about an inspector.

    Raises:
        Refused: ``complaints.not_allowed``, ``.concerned``, ``.words``, ``.who``, ``.future``, ``.dates``, ``.state``.
        Conflict: ``complaints.changed``.
    """
    may_handle(complaint, by=by, now=now)
    in_order(complaint, occurred_on, now=now)
    title = wanted(title, name="title", ask="请用一句话写明事项，不写是谁说的。")
    title = without_who(title, name=complaint.name, contact=complaint.contact)
    if about and about in by.hands:
        raise Refused("投诉涉及您本人，请由别的同志办理。", code="complaints.concerned", field="about")
    claim(
        complaint, base_version, S.RECEIVED, state=S.ACCEPTED, title=title, about=about,
        due_on=queries.due(complaint.county, "answer", complaint.received_on),
    )  # fmt: skip
    step = note(complaint, Step.ACCEPT, occurred_on=occurred_on, words=words, by=by, now=now)
    return _done(complaint, step, "complaint.accepted", "受理", by=by, now=now)


@transaction.atomic
def refuse(
    *, complaint: Complaint, base_version: int, ground: str, words: str, occurred_on: date, by: Actor, now: datetime
) -> Complaint:
    """Not take it up; who holds the receipt code reads the ground and the words.

    Raises:
        Refused: ``complaints.not_allowed``, ``.concerned``, ``.ground``, ``.words``, ``.future``, ``.dates``, ``.state``.
        Conflict: ``complaints.changed``.
    """
    may_handle(complaint, by=by, now=now)
    in_order(complaint, occurred_on, now=now)
    known = library.grounds().get(ground)
    if known is None:
        raise Refused("请选择不予受理的情形。", code="complaints.ground", field="ground")
    words = wanted(words, name="words", ask="请写明理由，投诉人凭查询码能看到。")
    claim(
        complaint, base_version, S.RECEIVED, state=S.REFUSED, ground=ground, due_on=None, answered_on=occurred_on,
        **fields.closed(Complaint, "answer", complaint.pk, words),
    )  # fmt: skip
    step = note(complaint, Step.REFUSE, occurred_on=occurred_on, said=known.name, words=words, by=by, now=now)
    return _done(complaint, step, "complaint.refused", f"不予受理（{known.name}）", by=by, now=now)


@transaction.atomic
def hand(
    *, complaint: Complaint, base_version: int, follower: UUID, unit: UUID | None, words: str, shows_words: bool, occurred_on: date,
    by: Actor, now: datetime,
) -> Complaint:  # fmt: skip
    """Hand it to an inspector, who does it or follows what a unit does, to the end (督学跟踪到底).

    Args:
        follower: person of an inspector in office, not recused from the unit, not whom it is about.
        unit: who does it, where it is not the inspector: a section or another unit, told outside this house.
        shows_words: the inspector also reads what was said word by word.

    Raises:
        Refused: ``complaints.not_allowed``, ``.concerned``, ``.follower``, ``.recused``, ``.handed_unit``, ``.words``,
            ``.future``, ``.dates``, ``.state``.
        Conflict: ``complaints.changed``.
    """
    may_handle(complaint, by=by, now=now)
    in_order(complaint, occurred_on, now=now)
    today = day_of(now)
    known = {one.person: one.name for one in inspectors.roster(complaint.county, day=today)}
    if follower not in known or follower == complaint.about_id:
        raise Refused("请选择一位在任的督学，不能是所投诉的督学。", code="complaints.follower", field="follower")
    if why := inspectors.recused(complaint.county, [follower], [complaint.unit_id], day=today).get(
        (follower, complaint.unit_id)
    ):
        raise Refused(f"{known[follower]}对这个单位应当回避：{why}。", code="complaints.recused", field="follower")
    to = places.unit_names(system(complaint.county), {unit}, as_of=today).get(unit, "") if unit else ""
    if unit and (not to or unit == complaint.unit_id):
        raise Refused("请选择承办单位，不能交给被投诉的单位。", code="complaints.handed_unit", field="unit")
    words = wanted(words, name="words", ask="请写明要办什么，不写是谁说的。")
    claim(
        complaint, base_version, S.ACCEPTED, S.HANDED, state=S.HANDED, follower=follower, handed_unit=unit, shows_words=shows_words,
        reported_on=None,
    )  # fmt: skip
    said = f"{to}承办，{known[follower]}跟踪" if to else f"{known[follower]}办理"
    step = note(complaint, Step.HAND, occurred_on=occurred_on, said=said, words=words, by=by, now=now)
    messages.prepare(
        kind="complaints.handed", title=f"有一件{complaint.get_kind_display()}转您办理（{complaint.number}）",
        text="请在系统里看要办什么，办完报告办理情况。不要向被投诉的单位和个人打听、透露是谁反映的。", persons=[follower],
        subject=complaint, link=reverse("complaints:complaint", args=[complaint.pk]),
        key=f"complaints.handed:{complaint.pk}:{complaint.version}", by=by, now=now,
    )  # fmt: skip
    return _done(complaint, step, "complaint.handed", f"转办（{said}）", by=by, now=now)


@transaction.atomic
def report(
    *, complaint: Complaint, base_version: int, words: str, occurred_on: date, by: Actor, now: datetime
) -> Complaint:
    """The inspector says what was found and done; the office may write it down for them.

    Raises:
        Refused: ``complaints.not_allowed``, ``.concerned``, ``.words``, ``.future``, ``.dates``, ``.state``.
        Conflict: ``complaints.changed``.
    """
    if complaint.follower_id in by.hands and by.county == complaint.county and by.can("inspector.self"):
        not_concerned(complaint, by=by, now=now)
    else:
        may_handle(complaint, by=by, now=now)
    in_order(complaint, occurred_on, now=now)
    words = wanted(words, name="words", ask="请写明核实的情况和处理。")
    claim(complaint, base_version, S.HANDED, reported_on=occurred_on)
    step = note(complaint, Step.REPORT, occurred_on=occurred_on, words=words, by=by, now=now)
    return _done(complaint, step, "complaint.reported", "报告办理情况", by=by, now=now)


@transaction.atomic
def answer(
    *, complaint: Complaint, base_version: int, verdict: str, words: str, way: str, occurred_on: date, by: Actor, now: datetime
) -> Complaint:  # fmt: skip
    """Answer who complained; the receipt code shows it from now on.

    Raises:
        Refused: ``complaints.not_allowed``, ``.concerned``, ``.verdict``, ``.words``, ``.future``, ``.dates``, ``.state``.
        Conflict: ``complaints.changed``.
    """
    may_handle(complaint, by=by, now=now)
    in_order(complaint, occurred_on, now=now)
    if verdict not in Complaint.Verdict.values:
        raise Refused("请选择核实结果。", code="complaints.verdict", field="verdict")
    if way not in Complaint.Way.values:
        raise Refused("请选择答复方式。", code="complaints.verdict", field="way")
    words = wanted(words, name="words", ask="请写答复，投诉人凭查询码能看到。")
    claim(
        complaint, base_version, S.ACCEPTED, S.HANDED, state=S.ANSWERED, verdict=verdict, answered_way=way, answered_on=occurred_on,
        due_on=None, **fields.closed(Complaint, "answer", complaint.pk, words),
    )  # fmt: skip
    said = f"{complaint.get_verdict_display()}，{complaint.get_answered_way_display()}"
    step = note(complaint, Step.ANSWER, occurred_on=occurred_on, said=said, words=words, by=by, now=now)
    return _done(complaint, step, "complaint.answered", "答复", by=by, now=now)


@transaction.atomic
def close(
    *, complaint: Complaint, base_version: int, occurred_on: date, by: Actor, now: datetime, words: str = ""
) -> Complaint:
    """End what was answered.

    Raises:
        Refused: ``complaints.not_allowed``, ``.concerned``, ``.future``, ``.dates``, ``.state``. Conflict: ``complaints.changed``.
    """
    may_handle(complaint, by=by, now=now)
    in_order(complaint, occurred_on, now=now)
    claim(complaint, base_version, S.ANSWERED, state=S.CLOSED, closed_on=occurred_on)
    step = note(complaint, Step.CLOSE, occurred_on=occurred_on, words=words, by=by, now=now)
    return _done(complaint, step, "complaint.closed", "办结", by=by, now=now)


@transaction.atomic
def reopen(
    *, complaint: Complaint, base_version: int, words: str, occurred_on: date, by: Actor, now: datetime
) -> Complaint:
    """Take it up again: it was refused by mistake, or who complained says something new. What was answered stays in the steps.

    Raises:
        Refused: ``complaints.not_allowed``, ``.concerned``, ``.words``, ``.future``, ``.dates``, ``.state``.
        Conflict: ``complaints.changed``.
    """
    may_handle(complaint, by=by, now=now)
    in_order(complaint, occurred_on, now=now)
    words = wanted(words, name="words", ask="请写明为什么重新办理。")
    # What was refused has yet to be taken up; the days run anew.
    state, limit = (S.RECEIVED, "accept") if complaint.state == S.REFUSED else (S.ACCEPTED, "answer")
    claim(
        complaint, base_version, S.REFUSED, S.ANSWERED, S.CLOSED, state=state, ground="", verdict="", answered_way="",
        answered_on=None, closed_on=None, answer="", follower=None, handed_unit=None, shows_words=False, reported_on=None,
        due_on=queries.due(complaint.county, limit, occurred_on),
    )  # fmt: skip
    step = note(complaint, Step.REOPEN, occurred_on=occurred_on, words=words, by=by, now=now)
    return _done(complaint, step, "complaint.reopened", "重新办理", by=by, now=now)


@transaction.atomic
def open_complainant(*, complaint: Complaint, reason: str, by: Actor, now: datetime) -> tuple[str, str]:
    """Look at who complained (name, contact), for a reason; the look is written down.

    Raises:
        Refused: ``complaints.not_allowed``, ``.concerned``, ``.reason``, ``.anonymous``.
    """
    may_handle(complaint, by=by, now=now)
    if len(reason.strip()) < 4:
        raise Refused("请写明查看的理由。", code="complaints.reason", field="reason")
    if not (complaint.name or complaint.contact):
        raise Refused("没有留下称呼和联系方式。", code="complaints.anonymous")
    audit.record(
        action="complaint.opened", subject=complaint, summary=f"查看投诉人信息：投诉 {complaint.number}", by=by, now=now,
        reason=reason.strip()[:200],
    )  # fmt: skip
    return complaint.name, complaint.contact


@transaction.atomic
def make_finding(
    *, complaint: Complaint, base_version: int, facts: Facts, by: Actor, now: datetime, key: UUID | None = None
) -> Finding:
    """Make a finding of what turned out to be wrong; who complained goes along, closed.

    Args:
        facts: unit, source and origin are set here.
        key: of the new finding, sent by the page.

    Raises:
        Refused: ``complaints.not_allowed``, ``.concerned``, ``.finding`` (there is one, or it is about an inspector), ``.state``; codes of
            ``findings.services.register_finding``.
        Conflict: ``complaints.changed``.
    """
    may_handle(complaint, by=by, now=now)
    if complaint.finding and complaint.finding_id == key:
        return complaint.finding
    if complaint.finding_id:
        raise Refused("已经转成问题。", code="complaints.finding")
    if complaint.about_id:
        raise Refused("对督学的投诉不转为学校的问题。", code="complaints.finding")
    if complaint.state not in (S.ACCEPTED, S.HANDED, S.ANSWERED):
        raise Refused("受理以后、办结以前才能转为问题。", code="complaints.state")
    row = findings.register_finding(
        facts=replace(
            facts, unit=complaint.unit_id, source=Finding.Source.COMPLAINT, origin=complaint, origin_words=f"投诉 {complaint.number}",
            origin_link=reverse("complaints:complaint", args=[complaint.pk]),
        ),
        by=by, now=now, key=key,
    )  # fmt: skip
    if row.origin != str(complaint.pk):
        raise Refused("页面已经用过，请重新打开再办。", code="complaints.finding")
    findings.record_complainant(
        finding=row, name=complaint.name, contact=complaint.contact, words=complaint.words, by=by, now=now
    )
    claim(complaint, base_version, S.ACCEPTED, S.HANDED, S.ANSWERED, finding=row)
    step = note(complaint, Step.FINDING, occurred_on=day_of(now), said=f"问题 {row.number}", by=by, now=now)
    _done(complaint, step, "complaint.became_finding", f"转为问题 {row.number}", by=by, now=now)
    return row
