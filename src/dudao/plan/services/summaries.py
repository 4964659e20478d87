"""What people do with a summary: have it drafted, edit it paragraph by paragraph, have it drafted anew, freeze it."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from dudao.audit import services as audit
from dudao.plan.models import Summary, SummaryParagraph
from dudao.plan.services.rights import may
from dudao.plan.summing import Drafted, draft, span_of
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

LONGEST = 20_000


def draft_summary(*, year: int, half: str, by: Actor, now: datetime) -> Summary:
    """Draft the summary of half a year or a year from what the plan says today. One that stands already stays.

    Counting is done before the transaction, so that nobody waits for it.

    Args:
        half: ``1``, ``2`` or ``year``.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.half``, ``plan.too_early`` (it has not begun), ``plan.no_task``.
    """
    may(by, "plan.edit")
    today = day_of(now)
    if half not in Summary.Half.values or not 2000 <= year <= 2100:
        raise Refused("请选上半年、下半年或全年。", code="plan.half")
    span = span_of(year, half, today=today)
    if span.start > today:
        raise Refused("这一段时间还没有开始，没有可写的。", code="plan.too_early")
    made = draft(by, year=year, half=half, span=span)
    if len(made) < 2:
        raise Refused(f"{year}年还没有任务，先导入要点、生成任务。", code="plan.no_task")
    try:
        with transaction.atomic():
            summary = Summary.objects.create(county=by.county, year=year, half=half, facts_on=today, drafted_at=now)
            _write(summary, made, {})
            audit.record(action="summary.drafted", subject=summary, summary=f"起草{summary}", by=by, now=now)
    except IntegrityError:
        return Summary.objects.get(county=by.county, year=year, half=half)
    return summary


def redraft_summary(*, summary: Summary, by: Actor, now: datetime) -> int:
    """Draft anew from what the plan says today. What nobody has edited takes the new draft; what somebody has keeps its
    words, and the new draft stands beside them. Counted before the transaction.

    Returns:
        How many paragraphs keep their edited words.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.summary_final``.
    """
    may(by, "plan.edit")
    today = day_of(now)
    made = draft(by, year=summary.year, half=summary.half, span=span_of(summary.year, summary.half, today=today))
    return _redraft(summary, made, by=by, now=now)


@transaction.atomic
def _redraft(summary: Summary, made: list[Drafted], *, by: Actor, now: datetime) -> int:
    rows = Summary.objects.filter(pk=summary.pk, state=Summary.State.DRAFT)
    if not rows.update(facts_on=day_of(now), drafted_at=now, version=F("version") + 1):
        raise _final()
    summary.refresh_from_db()
    edited = _write(summary, made, {one.about: one for one in summary.paragraphs.all()})
    audit.record(
        action="summary.redrafted",
        subject=summary,
        summary=f"按现在的情况重新起草{summary}",
        by=by,
        now=now,
        edited=edited,
    )
    return edited


def _write(summary: Summary, made: list[Drafted], there: dict[str, SummaryParagraph]) -> int:
    fresh, changed, edited = [], [], 0
    for position, one in enumerate(made):
        row = there.pop(one.about, None)
        if row is None:
            row = SummaryParagraph(summary=summary, about=one.about, text=one.text)
            fresh.append(row)
        else:
            changed.append(row)
            edited += row.is_edited
        # Somebody who is editing it sees that it has changed under them, unless the text is theirs.
        row.version += 0 if row.is_edited or row in fresh or row.text == one.text else 1
        row.text = row.text if row.is_edited else one.text
        row.position, row.section, row.heading = position, one.section[:320], one.heading[:340]
        row.draft, row.facts_on = [list(piece) for piece in one.pieces], summary.facts_on
    # What the plan does not speak of any more stays, at the end, as it was.
    for row in there.values():
        row.position = len(made)
        changed.append(row)
        edited += row.is_edited
    SummaryParagraph.objects.bulk_create(fresh, batch_size=200)
    fields = ["position", "section", "heading", "draft", "facts_on", "text", "version"]
    SummaryParagraph.objects.bulk_update(changed, fields, batch_size=100)
    return edited


@transaction.atomic
def edit_paragraph(
    *, paragraph: SummaryParagraph, base_version: int, text: str, by: Actor, now: datetime
) -> SummaryParagraph:
    """Set the words of a paragraph.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.text`` (too long), ``plan.summary_final``.
        Conflict: ``plan.changed``.
    """
    may(by, "plan.edit")
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if len(text) > LONGEST:
        raise Refused(f"一段不超过 {LONGEST} 字。", code="plan.text", field="text")
    if text == paragraph.text:
        return paragraph
    drafted = "".join(words for words, _ in paragraph.draft)
    # Written first, so that freezing and drafting anew wait for this edit, or this edit for them.
    if not Summary.objects.filter(pk=paragraph.summary_id, state=Summary.State.DRAFT).update(state=Summary.State.DRAFT):
        raise _final()
    rows = SummaryParagraph.objects.filter(pk=paragraph.pk, version=base_version)
    if not rows.update(text=text, is_edited=text != drafted, version=F("version") + 1):
        raise Conflict("别人刚刚改过这一段，请对照后再保存。", code="plan.changed")
    audit.record(
        action="summary.edited", subject=paragraph.summary, summary=f"修改{paragraph.summary}：{paragraph}", by=by, now=now,
        before=paragraph.text, after=text,
    )  # fmt: skip
    paragraph.refresh_from_db()
    return paragraph


def _final() -> Refused:
    return Refused("已经定稿，不能再改。要改请先退回修改。", code="plan.summary_final")


@transaction.atomic
def finish_summary(*, summary: Summary, base_version: int, by: Actor, now: datetime) -> None:
    """Freeze a summary: nothing of it changes any more.

    Args:
        base_version: as seen; drafted anew in between, it is looked at again first.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.summary_final``.
        Conflict: ``plan.changed``.
    """
    may(by, "plan.confirm")
    rows = Summary.objects.filter(pk=summary.pk, state=Summary.State.DRAFT)
    if not rows.filter(version=base_version).update(
        state=Summary.State.FINAL, finished_at=now, version=F("version") + 1
    ):
        if not rows.exists():
            raise _final()
        raise Conflict("刚刚重新起草过，请看过再定稿。", code="plan.changed")
    summary.refresh_from_db()
    audit.record(action="summary.finished", subject=summary, summary=f"{summary}定稿", by=by, now=now)


@transaction.atomic
def reopen_summary(*, summary: Summary, reason: str, by: Actor, now: datetime) -> None:
    """Take a finished summary back to editing.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.reason``, ``plan.not_final``.
    """
    may(by, "plan.confirm")
    if not reason.strip():
        raise Refused("请写明退回修改的原因。", code="plan.reason", field="reason")
    rows = Summary.objects.filter(pk=summary.pk, state=Summary.State.FINAL)
    if not rows.update(state=Summary.State.DRAFT, finished_at=None, version=F("version") + 1):
        raise Refused("这份总结没有定稿，可以直接改。", code="plan.not_final")
    audit.record(
        action="summary.reopened", subject=summary, summary=f"{summary}退回修改", by=by, now=now, reason=reason.strip()
    )
