"""A self-check report from a snapshot to the issued paper.

draft (征求意见稿 on every page) → its own words, moved to newer snapshots → final (stopped while a table is not locked or a number
no longer stands, unless the director agreed to print over that) → signed by somebody who wrote none of it, looked at once more.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.urls import reverse

from dudao.audit import services as audit
from dudao.papers import services as papers
from dudao.papers.models import Paper
from dudao.recognition import library, queries, reporting
from dudao.recognition.models import Report, Snapshot
from dudao.recognition.services.rights import claim, may
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused
from dudao_engines.standards.reports import Rendered

KIND = "self-check-report"
LONGEST = 5000


def draft_report(*, kind: str, snapshot: Snapshot, to_words: str, by: Actor, now: datetime) -> Report:
    """Begin a report over a snapshot, with its paper as 征求意见稿. Worded before the transaction.

    Args:
        kind: id in ``library/reports``.
        to_words: whom it is for (主送机关).

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.kind``, and the codes of ``papers.services.draft_paper``.
    """
    may(by, "report.manage")
    one = library.kinds().get(kind)
    if one is None or one.standard != snapshot.standard or snapshot.county != by.county:
        raise Refused("这份快照没有这种报告。", code="recognition.kind")
    report = Report(county=by.county, kind=kind, snapshot=snapshot, to_words=" ".join(to_words.split())[:200])
    report.made_by, report.made_name, report.made_at = by.person, by.name, now
    found = reporting.rendered(kind, snapshot, {})
    report.title = found.title[:200]
    with transaction.atomic():
        report.paper = papers.draft_paper(
            kind=KIND,
            subject=report,
            subject_title=report.title,
            link=reverse("recognition:report", args=[report.pk]),
            values={"主送机关": report.to_words, "报告名称": report.title, "报告正文": "由快照生成"},
            title=report.title,
            to_words=report.to_words,
            is_served_here=True,
            made=reporting.made_words(found, reporting.mark_of(report)),
            by=by,
            now=now,
        )
        report.save(force_insert=True)
        audit.record(
            action="report.drafted",
            subject=report,
            summary=f"起草《{report.title}》征求意见稿",
            by=by,
            now=now,
            sha256=snapshot.sha256,
        )
    return report


def write_words(*, report: Report, base_version: int, words: Mapping[str, str], by: Actor, now: datetime) -> Report:
    """Set what people write themselves; the paper is worded anew.

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.state``, ``recognition.words`` (too long).
        Conflict: ``recognition.changed``.
    """
    may(by, "report.manage")
    kept = {}
    for place in library.kinds()[report.kind].free:
        said = "\n".join(" ".join(line.split()) for line in words.get(place.free, "").splitlines() if line.strip())
        if len(said) > LONGEST:
            raise Refused(f"“{place.name}”最多 {LONGEST} 字。", code="recognition.words", field=place.free)
        kept[place.free] = said
    found = reporting.rendered(report.kind, report.snapshot, kept)
    with transaction.atomic():
        claim(report, base_version, Report.State.DRAFT, words=kept)
        _word(report, found, remark="改自写部分", by=by, now=now)
        audit.record(action="report.changed", subject=report, summary=f"修改《{report.title}》自写部分", by=by, now=now)
    return report


def move_report(*, report: Report, base_version: int, snapshot: Snapshot, by: Actor, now: datetime) -> Report:
    """Say a draft over another snapshot of the same standard; a consent to print over a warning was for the old one and ends.

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.state``, ``recognition.kind``.
        Conflict: ``recognition.changed``.
    """
    may(by, "report.manage")
    if snapshot.county != report.county or snapshot.standard != report.snapshot.standard:
        raise Refused("不是同一标准的快照。", code="recognition.kind")
    found = reporting.rendered(report.kind, snapshot, report.words)
    with transaction.atomic():
        claim(report, base_version, Report.State.DRAFT, snapshot=snapshot, **_NOT_OVER)
        _word(report, found, remark=f"改用快照 {snapshot.sha256[:12]}", by=by, now=now)
        audit.record(
            action="report.moved",
            subject=report,
            summary=f"《{report.title}》改用{snapshot}",
            by=by,
            now=now,
            sha256=snapshot.sha256,
        )
    return report


_NOT_OVER: Mapping[str, Any] = {
    "over_reason": "", "over_name": "", "over_by": None, "over_at": None, "over_what": [],
}  # fmt: skip


def agree_over(*, report: Report, base_version: int, reason: str, by: Actor, now: datetime) -> Report:
    """Agree that a report is printed although a table is not locked or a number no longer stands; with the reason, which is
    printed on each page. Only for what stands open at this moment.

    Raises:
        Refused: ``recognition.not_allowed`` (only who manages reports and signs papers), ``recognition.state``,
            ``recognition.reason``, ``recognition.stands`` (nothing is open).
        Conflict: ``recognition.changed``.
    """
    may(by, "report.manage", "paper.issue")
    words = " ".join(reason.split())
    if not words or len(words) > 200:
        raise Refused("请写明理由（200 字以内），会印在每一页上。", code="recognition.reason", field="reason")
    what = queries.standing(by, report.snapshot, today=day_of(now)).lines
    if not what:
        raise Refused("各表已锁定，数据没有变化，不需要。", code="recognition.stands")
    with transaction.atomic():
        claim(
            report,
            base_version,
            Report.State.DRAFT,
            over_reason=words,
            over_name=by.name,
            over_by=by.person,
            over_at=now,
            over_what=what,
        )
        audit.record(
            action="report.over",
            subject=report,
            summary=f"同意《{report.title}》带提示印发：{words}",
            by=by,
            now=now,
            count=len(what),
        )
    return report


def stopped_by(report: Report, *, by: Actor, today: date) -> list[str]:
    """What stops a report from being printed: what is open today, but for what was agreed to."""
    agreed = set(report.over_what) if report.over_reason else set()
    return [one for one in queries.standing(by, report.snapshot, today=today).lines if one not in agreed]


def finish_report(*, report: Report, base_version: int, by: Actor, now: datetime) -> Report:
    """The words are final: without 征求意见稿, with the consent to print over a warning on each page; put before who signs.

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.state``, ``recognition.stopped`` (with the list).
        Conflict: ``recognition.changed``.
    """
    may(by, "report.manage")
    if stops := stopped_by(report, by=by, today=day_of(now)):
        raise StoppedError(stops)
    found = reporting.rendered(report.kind, report.snapshot, report.words)
    with transaction.atomic():
        claim(report, base_version, Report.State.DRAFT, state=Report.State.FINAL)
        _word(report, found, remark="定稿", by=by, now=now)
        papers.submit_paper(paper=report.paper, base_version=report.paper.version, by=by, now=now)
        audit.record(action="report.finished", subject=report, summary=f"《{report.title}》定稿送签", by=by, now=now)
    return report


class StoppedError(Refused):
    """A report may not be printed as things stand.

    Attributes:
        lines: what is open, each in words.
    """

    def __init__(self, lines: list[str]) -> None:
        more = f"等 {len(lines)} 处" if len(lines) > 5 else ""
        super().__init__(
            f"不能定稿或签发：{'；'.join(lines[:5])}{more}。请锁定各表、重做快照，或由主任写明理由同意带提示印发。",
            code="recognition.stopped",
        )
        self.lines = lines


def reopen_report(*, report: Report, base_version: int, reason: str, by: Actor, now: datetime) -> Report:
    """Back from final to draft, before it is signed.

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.state``, ``recognition.reason``.
        Conflict: ``recognition.changed``.
    """
    may(by, "report.manage")
    if not reason.strip():
        raise Refused("请写明要改什么。", code="recognition.reason", field="reason")
    with transaction.atomic():
        claim(report, base_version, Report.State.FINAL, state=Report.State.DRAFT)
        papers.send_back(paper=report.paper, base_version=report.paper.version, reason=reason, by=by, now=now)
        audit.record(
            action="report.reopened",
            subject=report,
            summary=f"《{report.title}》退回修改：{reason.strip()[:100]}",
            by=by,
            now=now,
        )
    return report


@transaction.atomic
def drop_report(*, report: Report, base_version: int, reason: str, by: Actor, now: datetime) -> None:
    """A draft is not needed any more; it stays to be read.

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.state``, and the codes of ``papers.services.drop_paper``.
        Conflict: ``recognition.changed``.
    """
    may(by, "report.manage")
    claim(report, base_version, *Report.OPEN, state=Report.State.DROPPED)
    papers.drop_paper(paper=report.paper, base_version=report.paper.version, reason=reason, by=by, now=now)


def issue_report(*, report: Report, paper: Paper, by: Actor, now: datetime, **signing: Any) -> Report:
    """Sign and issue a final report, after a last look whether it still stands.

    Args:
        signing: keywords of ``papers.services.issue_paper``.

    Raises:
        Refused: ``recognition.state``, ``recognition.stopped``, and the codes of ``papers.services.issue_paper``.
        Conflict: ``papers.changed``.
    """
    report.refresh_from_db()
    if report.state != Report.State.FINAL:
        raise Refused("请先定稿，再签发。", code="recognition.state")
    if stops := stopped_by(report, by=by, today=day_of(now)):
        raise StoppedError(stops)
    issued = partial(_issued, report, by=by, now=now)
    papers.issue_paper(paper=paper, by=by, now=now, released=True, also=issued, **signing)
    return report


def _issued(report: Report, *, by: Actor, now: datetime) -> None:
    claim(report, report.version, Report.State.FINAL, state=Report.State.ISSUED)
    audit.record(
        action="report.issued",
        subject=report,
        summary=f"印发《{report.title}》",
        by=by,
        now=now,
        sha256=report.snapshot.sha256,
    )


def _word(report: Report, found: Rendered, *, remark: str, by: Actor, now: datetime) -> None:
    """The paper in the words of the report as it stands."""
    title = found.title[:200]
    if title != report.title:
        Report.objects.filter(pk=report.pk).update(title=title)
        report.title = title
    paper = Paper.objects.get(pk=report.paper_id)
    made = reporting.made_words(found, reporting.mark_of(report))
    papers.put_words(paper=paper, base_version=paper.version, title=title, made=made, remark=remark, by=by, now=now)
    report.paper = paper
