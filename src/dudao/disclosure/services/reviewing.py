"""公开审查 and 保密审查, what was found of people, and with them the 索引号. Who wrote the words does not say that they hold no secret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from dudao.accounts.models import Person
from dudao.audit import services as audit
from dudao.disclosure import library, queries
from dudao.disclosure.models import Edition, Review, Trace
from dudao.disclosure.services.indexing import give_index
from dudao.disclosure.services.rights import claim, in_state, may, one_line
from dudao.disclosure.services.wording import Spot, Words, rewrite
from dudao.files import services as files
from dudao.files.services import Received
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

_STATE = {Review.Kind.OPENNESS: Edition.State.REVIEW, Review.Kind.SECRECY: Edition.State.SECRECY}
_MAY = {Review.Kind.OPENNESS: "publish.review", Review.Kind.SECRECY: "publish.secrecy"}
_PASS = (Review.Conclusion.OPEN, Review.Conclusion.PARTLY)


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A review that somebody made on paper: who, when, and the scan of it."""

    reviewer: Person
    on: date
    scan: Sequence[Received]


@transaction.atomic
def review(
    *, edition: Edition, kind: str, base_version: int, conclusion: str, grounds: Sequence[str] = (), words: str = "",
    by: Actor, now: datetime, on_paper: OnPaper | None = None,
) -> Review:  # fmt: skip
    """Conclude on the words as they stand. Passing 公开审查 leads to 保密审查, passing that to what was found of people.

    Args:
        kind: ``Review.Kind``.
        conclusion: ``Review.Conclusion``; 保密审查 knows no 部分公开.
        grounds: codes of ``library/disclosure.yaml``; wanted for whatever is not published whole.
        on_paper: who concluded on paper; else ``by`` concludes here and now.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state``, ``disclosure.own`` (who wrote it reviews its secrecy),
            ``disclosure.reviewer`` (could not that day), ``disclosure.day``, ``disclosure.scan``,
            ``disclosure.conclusion``, ``disclosure.ground``, ``disclosure.words``, ``disclosure.partly`` (nothing was left out).
        Conflict: ``disclosure.changed``.
    """
    kind = Review.Kind(kind)
    who, who_name, on = _reviewer(edition, kind, by, on_paper, now=now)
    conclusion, found, words = _conclusion(edition, kind, conclusion, grounds, words)
    after = {
        Review.Conclusion.BACK: Edition.State.DRAFT,
        Review.Conclusion.CLOSED: Edition.State.WITHHELD,
    }.get(conclusion, Edition.State.SECRECY if kind == Review.Kind.OPENNESS else Edition.State.CHECK)
    ends = {"end_reason": words} if after == Edition.State.WITHHELD else {}
    claim(edition, base_version, _STATE[kind], state=after, **ends)
    row = Review(
        edition=edition, kind=kind, wording_no=edition.wording_no, conclusion=conclusion, grounds=found, words=words,
        on=on, reviewer=who, reviewer_name=who_name, is_on_paper=on_paper is not None, recorded_by_name=by.name,
        recorded_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    if conclusion == Review.Conclusion.BACK:
        edition.reviews.filter(is_taken_back=False).update(is_taken_back=True)
    for one in on_paper.scan if on_paper else ():
        files.attach(one, subject=row, by=by, now=now, occurred_on=on)
    audit.record(
        action="publication.reviewed", subject=edition, by=by, now=now, occurred_on=on,
        summary=f"{row.get_kind_display()}：{row.conclusion_words}（{edition.title}）", kind=kind, answer=conclusion,
        no=edition.wording_no, **({"person": str(who)} if on_paper else {}),
    )  # fmt: skip
    settle(edition, by=by, now=now)
    return row


def _reviewer(
    edition: Edition, kind: Review.Kind, by: Actor, on_paper: OnPaper | None, *, now: datetime
) -> tuple[UUID | None, str, date]:
    if on_paper is None:
        may(by, _MAY[kind])
        people, who, name, on = by.hands, by.person, by.name, day_of(now)
    else:
        may(by, "publish.prepare", _MAY[kind])
        people, who, name, on = {on_paper.reviewer.pk}, on_paper.reviewer.pk, on_paper.reviewer.name, on_paper.on
        if not edition.formed_on <= on <= day_of(now):
            raise Refused("审查日期不能晚于今天，也不能早于生成日期。", code="disclosure.day", field="on")
        if on_paper.reviewer not in queries.reviewers(by, kind, day=on):
            words = f"这位同志在审查当天没有{kind.label}的职责。"
            raise Refused(words, code="disclosure.reviewer", field="reviewer")
        if not on_paper.scan:
            raise Refused("请上传审查表的扫描件或照片。", code="disclosure.scan", field="scan")
    if kind == Review.Kind.SECRECY and people & queries.writers(edition):
        words = "起草、修改过公开稿的人不能做保密审查，请由另一位有保密审查职责的同志办理。"
        raise Refused(words, code="disclosure.own", field="reviewer" if on_paper else None)
    return who, name, on


def _conclusion(
    edition: Edition, kind: Review.Kind, conclusion: str, grounds: Sequence[str], words: str
) -> tuple[Review.Conclusion, list[str], str]:
    if conclusion not in Review.Conclusion.values or (kind == Review.Kind.SECRECY and conclusion == "partly"):
        raise Refused("请选择结论。", code="disclosure.conclusion", field="conclusion")
    known = [one.code for one in library.rules().grounds]
    found, words = [code for code in known if code in grounds], one_line(words, 500)
    held_back = conclusion in (Review.Conclusion.PARTLY, Review.Conclusion.CLOSED)
    if held_back and not found:
        raise Refused("请选择不公开的依据（条例第十四至十六条）。", code="disclosure.ground", field="grounds")
    if conclusion != Review.Conclusion.OPEN and not words:
        raise Refused("请写明审查意见。", code="disclosure.words", field="words")
    if conclusion == Review.Conclusion.PARTLY and (edition.title, edition.body) == (
        edition.source_title, edition.source_body,
    ):  # fmt: skip
        said = "公开稿和原文一样，没有删去任何内容。部分公开的，请先退回删去不公开的部分。"
        raise Refused(said, code="disclosure.partly", field="conclusion")
    return Review.Conclusion(conclusion), found if held_back else [], words


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of one trace: ``mask``, ``words`` (other words in its place, maybe none), or ``keep`` with a reason."""

    choice: str
    words: str = ""


@transaction.atomic
def decide(*, edition: Edition, base_version: int, decisions: Mapping[UUID, Decision], by: Actor, now: datetime) -> int:
    """Decide of what was found. Whatever changes the words makes a new wording, which is looked through and reviewed anew.

    Returns:
        How many things are still open afterwards.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state``, ``disclosure.trace`` (none of the present wording),
            ``disclosure.stay`` (may not stay), ``disclosure.reason`` (kept without one), ``disclosure.mask``.
        Conflict: ``disclosure.changed``.
    """
    may(by, "publish.prepare", "publish.review")
    in_state(edition, *map(Edition.State, Edition.RUNNING))
    rows = {row.pk: row for row in queries.traces(edition)}
    changes: list[tuple[Trace, str]] = []
    for key, decision in decisions.items():
        row = rows.get(key)
        if row is None:
            raise Conflict("文字已经改过，请看过最新一稿再处理。", code="disclosure.trace")
        if decision.choice == "keep":
            reason = one_line(decision.words, 200)
            if not row.may_stay:
                raise Refused(
                    "身份证件号、未成年人姓名和同姓名在一起的标签不能保留。", code="disclosure.stay", field=str(key)
                )
            if not reason:
                raise Refused("请写明保留的理由。", code="disclosure.reason", field=str(key))
            Trace.objects.filter(pk=key).update(
                state=Trace.State.KEPT, reason=reason, decided_by_name=by.name, decided_at=now
            )
        elif row.part == Trace.Part.FILE or decision.choice not in ("mask", "words"):
            raise Refused("附件里的内容请换文件处理，或写明保留的理由。", code="disclosure.mask", field=str(key))
        else:
            changes.append((row, row.mask if decision.choice == "mask" else decision.words))
    kept = len(decisions) - len(changes)
    if changes:
        # What was being reviewed is reviewed anew; what was not sent yet is still not.
        to = Edition.State.DRAFT if edition.state == Edition.State.DRAFT else Edition.State.REVIEW
        remark = f"处理个人信息 {len(changes)} 处"
        words, carried = _replaced(edition, changes)
        rewrite(edition, words, base_version=base_version, remark=remark, to=to, by=by, now=now, carried=carried)
    else:
        claim(edition, base_version, *Edition.RUNNING)
    audit.record(
        action="publication.traces_decided", subject=edition, by=by, now=now, no=edition.wording_no, count=len(changes),
        summary=f"处理个人信息：改 {len(changes)} 处，保留 {kept} 处（{edition.title}）",
    )  # fmt: skip
    settle(edition, by=by, now=now)
    return len(queries.open_traces(edition))


def _replaced(edition: Edition, changes: Sequence[tuple[Trace, str]]) -> tuple[Words, dict[Spot, Trace]]:
    """The new words, and where in them stands what stays."""
    texts = {part: str(getattr(edition, part)) for part in ("title", "summary", "body", "sources")}
    moves: list[tuple[str, int, int]] = []
    for row, words in sorted(changes, key=lambda change: -change[0].start):
        text = texts[row.part]
        # In a table a bar or a break would make other cells.
        new = " ".join(words.replace("|", "／").split()) if row.group else words.strip()
        texts[row.part] = text[: row.start] + new + text[row.end :]
        moves.append((row.part, row.start, len(new) - (row.end - row.start)))
    carried = {}
    for row in queries.traces(edition).filter(state=Trace.State.KEPT).exclude(part=Trace.Part.FILE):
        shift = sum(by for part, at, by in moves if part == row.part and at < row.start)
        carried[row.part, row.start + shift, row.kind] = row
    return Words(**texts), carried


def settle(edition: Edition, *, by: Actor, now: datetime) -> None:
    """Where both reviews have passed and nothing found of people is open, the edition is ready and has its 索引号."""
    if edition.state != Edition.State.CHECK or queries.open_traces(edition):
        return
    standing = queries.standing_reviews(edition)
    if any(kind not in standing or standing[kind].conclusion not in _PASS for kind in Review.Kind):
        return
    claim(edition, edition.version, Edition.State.CHECK, state=Edition.State.READY)
    number = give_index(edition.publication, year=day_of(now).year)
    audit.record(
        action="publication.ready", subject=edition, summary=f"可以公开：{edition.title}（{number}）", by=by, now=now,
        number=number,
    )  # fmt: skip
