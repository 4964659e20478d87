"""Signing and issuing: two people, one number after another, one frozen file; and papers issued elsewhere.

The number and the frozen paper come into being in one transaction, and no file is written in it (docs/adr/0056): the file is
made with the next number as it is at that moment, put in its place, and the transaction takes the number only if it is still
the next one. Whoever comes second makes the file again. A kill at any moment leaves the paper unissued and the number free.
"""

import io
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models, transaction

from dudao.accounts import queries as accounts
from dudao.accounts.posts import posts
from dudao.audit import services as audit
from dudao.files import services as files
from dudao.files.services import Received
from dudao.messages import services as messages
from dudao.papers import library, numbers, queries, sealing
from dudao.papers.models import NumberBook, NumberCode, Paper, PaperText
from dudao.papers.services.drafting import check_known, named_readers, send_to, subject_of
from dudao.papers.services.rights import claim, in_state, may, named, writers
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

#: How often the next number may be taken by somebody else before one is told to try again.
ATTEMPTS = 60
#: What a number given elsewhere has at least, whatever its form.
_LIKE_A_NUMBER = re.compile(r"\d")


class _TakenError(Exception):
    """Somebody else has taken the number that the file was made with."""


def issue_paper(
    *,
    paper: Paper,
    base_version: int,
    by: Actor,
    now: datetime,
    code: str = "",
    number: str = "",
    signed_by: UUID | None = None,
    signed_on: date | None = None,
    evidence: Sequence[Received] = (),
    despite_warnings: bool = False,
    released: bool = False,
    also: Callable[[], None] | None = None,
    site: str = "",
) -> Paper:
    """Sign a paper and issue it: number, day, frozen file with its digests, QR code. Makes the file; not in a transaction.

    Args:
        base_version: of the paper as the signer read it.
        code: 机关代字, left out the county's first; its next number of the year of the day is taken.
        number: for a code whose numbers the OA gives: the whole number as the OA gave it.
        signed_by: who signed on paper, with ``signed_on`` and the scan as ``evidence``; left out: ``by`` signs here and now.
        despite_warnings: the signer has read ``queries.warnings``.
        released: the matter that made the words of a bound paper has looked whether they still stand.
        also: what that matter writes in the same transaction, once the number is taken.
        site: address of this house as others reach it, ``https://…/``; stands in the QR code.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.state``, ``papers.own`` (signer or recorder has written it),
            ``papers.bound`` (signed on the page of its matter only),
            ``papers.missing`` (still has 【待填：…】), ``papers.code``, ``papers.number`` (wrong form, used), ``papers.warnings``, ``papers.signer`` (could not sign that
            day), ``papers.scan`` (signed on paper, no scan), ``papers.day`` (in the future), ``papers.busy``.
        Conflict: ``papers.changed``.
    """
    if paper.is_bound and not released:
        raise Refused(f"这件公文在“{paper.subject_title}”的页面签发。", code="papers.bound")
    day, signer, signer_name = _signing(paper, by, signed_by, signed_on, evidence, now=now)
    paper.refresh_from_db()
    in_state(paper, *Paper.OPEN)
    if paper.version != base_version:
        raise Conflict("别人刚刚改过这件公文，请对照后再办。", code="papers.changed")
    codes = NumberCode.objects.filter(county=by.county, is_active=True)
    found = codes.filter(code=code).first() if code else codes.first()
    if found is None and paper.is_numbered:
        raise Refused("请选择机关代字；还没有的，先在“机关代字”里登记。", code="papers.code", field="code")
    code = found.code if found and paper.is_numbered else ""
    text = paper.texts.first()
    assert text is not None, "a paper has a text from its first moment"
    if gaps := queries.missing(paper, text):
        raise Refused(f"还不能签发，公文里没有填完：{'、'.join(gaps)}。请退回补齐。", code="papers.missing")
    if not despite_warnings and (open_ := queries.warnings(paper, text)):
        raise Refused(f"签发前请看：{'；'.join(open_)}", code="papers.warnings")
    facts: dict[str, Any] = {
        "signed_by": signer,
        "signed_by_name": signer_name,
        "is_signed_on_paper": signed_by is not None,
        "recorded_by_name": by.name if signed_by else "",
        "issued_on": day,
        "issued_at": now,
        "check_key": secrets.token_urlsafe(12),
        "state": Paper.State.ISSUED,
    }
    given = _given(found, number, day) if found and paper.is_numbered else None
    counts = paper.is_numbered and given is None
    own = queries.own_template(paper)
    for _ in range(ATTEMPTS):
        year, serial, said = day.year, None, ""
        if paper.is_numbered:
            year, serial = given or (day.year, numbers.next_serial(by.county, code, day.year))
            said = numbers.words(code, year, serial)
        sealed = sealing.seal(
            paper,
            text,
            own=own,
            organ=found.organ if found else settings.OFFICE,
            number=said,
            day=day,
            signer=signer_name,
            key=facts["check_key"],
            site=site,
        )
        received = files.receive(io.BytesIO(sealed.data), name=_file_name(paper, said), sensitive=paper.is_restricted)
        facts |= {"code": code, "year": year, "serial": serial, "number": said, "file": received.key}
        facts |= {"words_sha256": sealed.sha256, "words_sm3": sealed.sm3}
        try:
            _issue(paper, base_version, facts, [received, *evidence], counts=counts, also=also, by=by, now=now)
        except _TakenError:
            continue
        return paper
    raise Refused("同时签发的人太多，这次没有取到号，请再试一次。", code="papers.busy")


def _file_name(paper: Paper, number: str) -> str:
    """Number and title; of a restricted paper no title: the history names its files."""
    words = "限阅公文" if paper.is_restricted else paper.title[:60]
    return f"{number} {words}.docx".strip()


def _signing(
    paper: Paper,
    by: Actor,
    signed_by: UUID | None,
    signed_on: date | None,
    evidence: Sequence[Received],
    *,
    now: datetime,
) -> tuple[date, UUID | None, str]:
    """Day and signer, after the rule of two people: whose hand was in the words neither signs nor records a signature."""
    hand = writers(paper)
    if signed_by is None:
        may(by, "paper.issue")
        if by.hands & hand:
            raise Refused("拟稿、改稿的人不能签发，请由另一位有签发权的同志签发。", code="papers.own")
        return day_of(now), by.person, by.name
    may(by, "paper.draft", "paper.issue")
    if by.hands & hand:
        raise Refused("拟稿、改稿的人不能登记纸质签发，请由另一位同志登记。", code="papers.own")
    if signed_by in hand:
        raise Refused("拟稿、改稿的人不能签发。", code="papers.own", field="signed_by")
    if signed_on is None or not date(2000, 1, 1) <= signed_on <= day_of(now):
        raise Refused("签发日期不能晚于今天。", code="papers.day", field="signed_on")
    codes = [code for code, post in posts().items() if "paper.issue" in post.may]
    held = accounts.holders(system(by.county), codes, day=signed_on)
    who = next((one.person for one in held if one.person_id == signed_by), None)
    if who is None:
        raise Refused("这位同志在签发当天没有签发权。", code="papers.signer", field="signed_by")
    if not evidence:
        raise Refused("请上传签发件的扫描件或照片。", code="papers.scan", field="evidence")
    return signed_on, signed_by, who.name


def _given(code: NumberCode, number: str, day: date) -> tuple[int, int] | None:
    """Year and serial that the OA gave; None where numbers are given here.

    Raises:
        Refused: ``papers.number``.
    """
    if code.by == NumberCode.By.HERE:
        if number.strip():
            raise Refused(f"“{code.code}”由本系统编号，不用填写。", code="papers.number", field="number")
        return None
    parsed = numbers.parse(number)
    if parsed is None or parsed[0] != code.code:
        example = numbers.words(code.code, day.year, 12)
        raise Refused(f"请照 OA 上的写全，例如 {example}。", code="papers.number", field="number")
    return parsed[1], parsed[2]


@transaction.atomic
def _issue(
    paper: Paper,
    base_version: int,
    facts: dict[str, Any],
    received: Sequence[Received],
    *,
    counts: bool,
    also: Callable[[], None] | None,
    by: Actor,
    now: datetime,
) -> None:
    if counts:
        book = {"county": paper.county, "code": facts["code"], "year": facts["year"]}
        NumberBook.objects.get_or_create(**book)
        rows = NumberBook.objects.filter(**book, last=facts["serial"] - 1)
        if not rows.update(last=facts["serial"]):
            raise _TakenError
    try:
        with transaction.atomic():
            claim(paper, base_version, *Paper.OPEN, **facts)
    except IntegrityError as error:
        raise Refused(f"文号 {facts['number']} 已经用过。", code="papers.number", field="number") from error
    for one in received:
        files.attach(one, subject=paper, by=by, now=now, occurred_on=facts["issued_on"])
    audit.record(
        action="paper.issued",
        subject=paper,
        summary=f"签发：{facts['number']}{named(paper)}",
        by=by,
        now=now,
        occurred_on=facts["issued_on"],
        on_behalf_of=str(facts["signed_by"]) if facts["is_signed_on_paper"] else None,
        number=facts["number"],
        words_sha256=facts["words_sha256"],
        words_sm3=facts["words_sm3"],
        file=str(facts["file"]),
    )
    ask_to_receive(paper, by=by, now=now)
    if also:
        also()


def ask_to_receive(paper: Paper, *, by: Actor, now: datetime) -> None:
    """Make the message ready that asks the units to sign for a paper. A restricted one is handed over in person."""
    units = list(paper.addressees.values_list("unit", flat=True))
    if paper.is_restricted or not paper.is_served_here or not units:
        return
    messages.prepare(
        kind="papers.issued",
        title=f"请签收：{paper.title}"[:200],
        text=f"{paper.number}《{paper.title}》已印发，请登录督导，在“收文”里签收。",
        units=units,
        subject=paper,
        key=f"papers.issued:{paper.pk}",
        link=queries.address(paper),
        by=by,
        now=now,
    )


@transaction.atomic
def record_outside_paper(
    *,
    kind: str,
    subject: models.Model | tuple[str, str] | None,
    subject_title: str,
    link: str,
    number: str,
    issued_on: date,
    title: str,
    to_units: Sequence[UUID],
    received: Received | None,
    by: Actor,
    now: datetime,
    readers: Sequence[UUID] = (),
    is_served_here: bool | None = None,
) -> Paper:
    """Record a paper that was issued on paper or by the OA; the scan is its file.

    Args:
        number: as it stands on the paper, empty for a kind that takes none; a 机关代字 that is numbered here is refused, but for numbers from before.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.kind``, ``papers.unit``, ``papers.reader``, ``papers.number``,
            ``papers.day``, ``papers.text``.
    """
    may(by, "paper.draft", "paper.issue")
    check_known(kind, to_units, readers, by=by, day=day_of(now))
    named_readers(kind, readers)
    title, number = " ".join(title.split())[:200], "".join(number.split())
    if not title:
        raise Refused("请写标题。", code="papers.text", field="title")
    if not date(1990, 1, 1) <= issued_on <= day_of(now):
        raise Refused("成文日期不能晚于今天。", code="papers.day", field="issued_on")
    if len(number) > 60 or (library.kinds()[kind].numbered and not _LIKE_A_NUMBER.search(number)):
        raise Refused("请照原件写发文字号，例如 贺政教督发〔2024〕4号。", code="papers.number", field="number")
    parsed = numbers.parse(number)
    if parsed and not numbers.may_come_from_outside(by.county, *parsed):
        raise Refused(
            f"“{parsed[0]}”由本系统编号，{parsed[1]}年第 {parsed[2]} 号不在启用前的号段里。",
            code="papers.number",
            field="number",
        )
    number = numbers.words(*parsed) if parsed else number
    subject_type, subject_key = subject_of(subject)
    paper = Paper(
        county=by.county,
        kind=kind,
        state=Paper.State.ISSUED,
        subject_type=subject_type,
        subject_key=subject_key,
        subject_title=subject_title[:300],
        link=link,
        is_served_here=not subject_type if is_served_here is None else is_served_here,
        title=title,
        is_restricted=bool(readers),
        is_outside=True,
        drafted_by=by.person,
        drafted_by_name=by.name,
        drafted_at=now,
        code=parsed[0] if parsed else "",
        year=parsed[1] if parsed else issued_on.year,
        serial=parsed[2] if parsed else None,
        number=number,
        issued_on=issued_on,
        issued_at=now,
        recorded_by_name=by.name,
        file=received.key if received else None,
        is_numbered=bool(number),
    )
    try:
        with transaction.atomic():
            paper.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(f"文号 {number} 已经登记过。", code="papers.number", field="number") from error
    send_to(paper, to_units, readers, by=by)
    PaperText.objects.create(
        paper=paper,
        no=1,
        title=title,
        to_words=queries.unit_words(by, to_units, day=day_of(now)),
        organ=settings.OFFICE,
        written_by=by.person,
        written_for=by.on_behalf_of,
        written_by_name=by.name,
        written_at=now,
    )
    if received:
        files.attach(received, subject=paper, by=by, now=now, occurred_on=issued_on)
    audit.record(
        action="paper.recorded",
        subject=paper,
        summary=f"登记系统外印发：{number} {named(paper)}",
        by=by,
        now=now,
        occurred_on=issued_on,
        number=number,
        **({} if paper.is_restricted else {"kind": library.kind_name(kind)}),
    )
    return paper


@transaction.atomic
def keep_pdf(*, paper: Paper, received: Received, by: Actor, now: datetime) -> None:
    """Keep the PDF that was made of an issued file; the first one stays. The .docx is what was issued."""
    if Paper.objects.filter(pk=paper.pk, pdf__isnull=True, file__isnull=False).update(pdf=received.key):
        files.attach(received, subject=paper, by=by, now=now)
        paper.pdf = received.key


@transaction.atomic
def withdraw_paper(
    *, paper: Paper, base_version: int, reason: str, by: Actor, now: datetime, occurred_on: date | None = None
) -> None:
    """Withdraw an issued paper. Its number stays used, its words stay to be read; units that have it are told.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.state``, ``papers.reason``, ``papers.day``.
        Conflict: ``papers.changed``.
    """
    may(by, "paper.issue")
    day = occurred_on or day_of(now)
    if not reason.strip():
        raise Refused("请写明撤回原因。", code="papers.reason", field="reason")
    if paper.issued_on and not paper.issued_on <= day <= day_of(now):
        raise Refused("撤回日期不能早于成文日期，也不能晚于今天。", code="papers.day", field="occurred_on")
    end = {"state": Paper.State.WITHDRAWN, "withdrawn_on": day, "end_reason": reason.strip()[:200]}
    claim(paper, base_version, Paper.State.ISSUED, **end)
    audit.record(
        action="paper.withdrawn",
        subject=paper,
        summary=f"撤回：{paper.number} {named(paper)}",
        by=by,
        now=now,
        occurred_on=day,
        reason=paper.end_reason,
    )
    messages.mark_answered(subject=paper, by=by, now=now)
    units = list(paper.receipts.values_list("unit", flat=True))
    if units and not paper.is_restricted:
        messages.prepare(
            kind="papers.withdrawn",
            title=f"公文撤回：{paper.number}",
            text=f"{paper.number}《{paper.title}》已撤回，请停止执行并交回原件。原因：{paper.end_reason}。",
            units=units,
            subject=paper,
            key=f"papers.withdrawn:{paper.pk}",
            link=queries.address(paper),
            by=by,
            now=now,
        )
