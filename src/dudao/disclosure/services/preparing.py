"""Preparing an edition: from a paper or typed in, its words, its facts, its files, sending it on, a correction, an end."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from django.core.files.base import File
from django.db import IntegrityError, transaction

from dudao.audit import services as audit
from dudao.disclosure import library, queries, reading
from dudao.disclosure.models import Attachment, Edition, Publication, Trace
from dudao.disclosure.services.indexing import check_index
from dudao.disclosure.services.rights import claim, in_state, may, one_line
from dudao.disclosure.services.wording import (
    Words,
    checked,
    keep,
    look_through,
    of_file,
    refuse_people,
    rewrite,
    words_of,
)
from dudao.files import services as files
from dudao.files.services import Received
from dudao.papers.models import Paper, PaperText
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused
from dudao_engines.papers.text import Table, parse

#: Letters of a public address: none that is taken for another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_EARLIEST = date(2000, 1, 1)
#: Facts of a page and how long they may be.
FACTS = {
    "doc_no": 60, "term": 40, "publisher": 100, "signed_by": 100, "category": 40, "validity": 20, "department": 100,
    "mode": 20,
}  # fmt: skip
_NEEDED = ("term", "publisher", "category", "validity", "department", "mode")


@dataclass(frozen=True, slots=True)
class Matter:
    """What a publication belongs to beside a paper: a row of any app, what it is called, and its page."""

    kind: str = ""
    key: str = ""
    title: str = ""
    link: str = ""


@transaction.atomic
def prepare_paper(*, paper: Paper, by: Actor, now: datetime) -> Edition:
    """Take up an issued paper. Its limit runs from its day of issue.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.paper`` (not issued), ``disclosure.taken`` (taken up already).
    """
    may(by, "publish.prepare")
    if paper.state != Paper.State.ISSUED or paper.issued_on is None:
        raise Refused("只有已印发的公文可以公开。", code="disclosure.paper")
    text: PaperText | None = paper.texts.first()
    title, body = (text.title, text.body) if text else (paper.title, "")
    if text and text.attachments:
        body = f"{body}\n附件：{text.attachments}"
    # A paper that was issued elsewhere has no words here; they are typed in.
    words = Words(title, body.strip("\n") or "（请录入正文）")
    publication = _publication(by, now, paper=paper, matter=Matter(
        paper.subject_type, paper.subject_key, paper.subject_title, paper.link,
    ))  # fmt: skip
    facts = {"doc_no": paper.number, "signed_by": text.organ if text else ""}
    edition = _begin(publication, words, formed_on=paper.issued_on, facts=facts, source=words, by=by, now=now)
    audit.record(
        action="publication.prepared", subject=edition, summary=f"准备公开：{paper.number} {edition.title}", by=by,
        now=now, number=paper.number,
    )  # fmt: skip
    return edition


@transaction.atomic
def prepare_text(
    *, words: Words, formed_on: date, by: Actor, now: datetime, doc_no: str = "", matter: Matter | None = None
) -> Edition:
    """Take up a text that is typed in: a result, a table, what a 曝光 says.

    Args:
        formed_on: the day it was formed; the limit runs from it.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.day``, and as of ``wording.checked``.
    """
    may(by, "publish.prepare")
    publication = _publication(by, now, paper=None, matter=matter or Matter())
    source = checked(words)
    edition = _begin(publication, words, formed_on=formed_on, facts={"doc_no": doc_no}, source=source, by=by, now=now)
    audit.record(action="publication.prepared", subject=edition, summary=f"准备公开：{edition.title}", by=by, now=now)
    return edition


def _publication(by: Actor, now: datetime, *, paper: Paper | None, matter: Matter) -> Publication:
    row = Publication(
        county=by.county, key="".join(secrets.choice(_LETTERS) for _ in range(10)), paper=paper,
        subject_type=matter.kind, subject_key=matter.key, subject_title=matter.title[:300], link=matter.link[:200],
        made_by_name=by.name, made_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("这件公文已经在准备公开了。", code="disclosure.taken") from error
    return row


def _begin(
    publication: Publication, words: Words, *, formed_on: date, facts: Mapping[str, str], source: Words, by: Actor,
    now: datetime, note: str = "", no: int = 1,
) -> Edition:  # fmt: skip
    words = checked(words)
    rules, setting = library.rules().facts, queries.setting_of(by.county)
    known = {
        "publisher": setting.publisher, "department": setting.department, "signed_by": setting.signed_by,
        **{name: one.choices[0] for name, one in rules.items()},
        **{name: value for name, value in facts.items() if value},
    }  # fmt: skip
    edition = Edition(
        county=by.county, publication=publication, no=no, note=note, source_title=source.title,
        source_body=source.body, title=words.title, body=words.body, summary=words.summary or summary_of(words.body),
        sources=words.sources, formed_on=formed_on, **_limit(formed_on, today=day_of(now)),
        prepared_by=by.person, prepared_by_name=by.name, prepared_at=now,
        **{name: known.get(name, "")[:size] for name, size in FACTS.items()},
    )  # fmt: skip
    try:
        with transaction.atomic():
            edition.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("已经有一版在办理中，请先办完或不用那一版。", code="disclosure.under_way") from error
    keep(edition, words_of(edition), remark="", by=by, now=now)
    look_through(edition, before={}, now=now)
    return edition


def _limit(formed_on: date, *, today: date) -> dict[str, object]:
    if not _EARLIEST <= formed_on <= today:
        raise Refused("生成日期不能晚于今天。", code="disclosure.day", field="formed_on")
    due = queries.limit_from(formed_on)
    return {"due_on": due.day, "calendar": due.calendar, "is_provisional": due.provisional}


def summary_of(body: str) -> str:
    """The first paragraph, as a proposal for 内容概述."""
    first = next((block.words for block in parse(body) if not isinstance(block, Table) and block.words), "")
    return first if len(first) <= 120 else f"{first[:119]}…"


@transaction.atomic
def change_words(*, edition: Edition, base_version: int, words: Words, remark: str, by: Actor, now: datetime) -> None:
    """Change what is published. It is looked through again, and what was reviewed is reviewed again.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state``, ``disclosure.title``, ``disclosure.body``,
            ``disclosure.summary``, ``disclosure.same`` (nothing changed).
        Conflict: ``disclosure.changed``.
    """
    may(by, "publish.prepare")
    if checked(words) == words_of(edition):
        raise Refused("文字没有改动。", code="disclosure.same")
    rewrite(edition, words, base_version=base_version, remark=remark, to=Edition.State.DRAFT, by=by, now=now)
    audit.record(
        action="publication.reworded", subject=edition, summary=f"修改公开稿：第 {edition.wording_no} 稿", by=by,
        now=now, no=edition.wording_no,
    )  # fmt: skip


@transaction.atomic
def change_facts(
    *, edition: Edition, base_version: int, formed_on: date, facts: Mapping[str, str], by: Actor, now: datetime
) -> None:
    """Change the facts of the page. Another day of forming sets the limit anew.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state``, ``disclosure.day``, ``disclosure.fact`` (left empty),
            ``disclosure.people`` (a person in it).
        Conflict: ``disclosure.changed``.
    """
    may(by, "publish.prepare")
    kept = {name: one_line(facts.get(name, ""), size) for name, size in FACTS.items()}
    if empty := next((name for name in _NEEDED if not kept[name]), None):
        raise Refused("请填写。", code="disclosure.fact", field=empty)
    for name, value in kept.items():
        refuse_people(value, county=edition.county, field=name, now=now)
    limit = _limit(formed_on, today=day_of(now)) if formed_on != edition.formed_on else {}
    claim(edition, base_version, *Edition.RUNNING, formed_on=formed_on, **kept, **limit)
    audit.record(
        action="publication.facts_changed", subject=edition, summary=f"修改公开信息：{edition.title}", by=by, now=now,
        on=formed_on.isoformat(),
    )  # fmt: skip


def add_attachment(
    *, edition: Edition, base_version: int, upload: "File[bytes] | BinaryIO", name: str = "", by: Actor, now: datetime
) -> Attachment:
    """Take a file to be published along. It is read and looked through before the transaction; reviews fall.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state``, and the codes of ``files.services.receive``.
        Conflict: ``disclosure.changed``.
    """
    may(by, "publish.prepare")
    in_state(edition, *map(Edition.State, Edition.RUNNING))
    received = files.receive(upload, name=name)
    upload.seek(0)
    text = reading.text_of(upload.read(), received.kind)
    names, units = queries.known_names(edition.county, day=day_of(now))
    # Its name is published too.
    stem = received.name.rpartition(".")[0]
    found = reading.found_in(f"{stem}\n{text or ''}", names=names, units=units)
    return _add(edition, base_version, received, found, is_read=text is not None, by=by, now=now)


@transaction.atomic
def _add(
    edition: Edition, base_version: int, received: Received, found: dict[str, int], *, is_read: bool, by: Actor,
    now: datetime,
) -> Attachment:  # fmt: skip
    _files_changed(edition, base_version)
    row = Attachment(
        edition=edition, file=received.key, name=received.name, size=received.size, found=found, is_read=is_read
    )
    row.save(force_insert=True)
    files.attach(received, subject=edition.publication, by=by, now=now)
    Trace.objects.bulk_create(of_file(edition, row))
    return row


def _files_changed(edition: Edition, base_version: int) -> None:
    """What is published has changed, so what was reviewed is reviewed again."""
    claim(edition, base_version, *Edition.RUNNING, state=Edition.State.DRAFT)
    edition.reviews.filter(is_taken_back=False).update(is_taken_back=True)


@transaction.atomic
def remove_attachment(*, edition: Edition, attachment: Attachment, base_version: int, by: Actor, now: datetime) -> None:
    """Publish it without this file.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state``, ``disclosure.file`` (none of this edition).
        Conflict: ``disclosure.changed``.
    """
    may(by, "publish.prepare")
    _files_changed(edition, base_version)
    if not edition.attachments.filter(pk=attachment.pk, is_removed=False).update(is_removed=True):
        raise Refused("这个附件已经不在这一版里。", code="disclosure.file")
    Trace.objects.filter(attachment=attachment).delete()
    audit.record(
        action="publication.file_removed", subject=edition, summary="移出公开附件", by=by, now=now,
        file=str(attachment.file),
    )  # fmt: skip


@transaction.atomic
def submit(*, edition: Edition, base_version: int, by: Actor, now: datetime) -> None:
    """Send it to 公开审查.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state``, ``disclosure.fact`` (a fact is missing),
            ``disclosure.sources`` (figures without a word of where they come from), ``disclosure.index`` (no 索引号 could be given).
        Conflict: ``disclosure.changed``.
    """
    may(by, "publish.prepare")
    if any(not getattr(edition, name) for name in _NEEDED):
        raise Refused("公开信息还没有填完：发布机构、责任部门等，请先填写。", code="disclosure.fact")
    if not edition.summary:
        raise Refused("请先写内容概述。", code="disclosure.fact")
    if has_figures(edition.body) and not edition.sources:
        words = "正文里有百分数或表格，请先写明数字怎么来的（算式、来源）。"
        raise Refused(words, code="disclosure.sources", field="sources")
    check_index(queries.setting_of(edition.county))
    claim(edition, base_version, Edition.State.DRAFT, state=Edition.State.REVIEW)
    audit.record(
        action="publication.submitted", subject=edition, summary=f"送公开审查：{edition.title}", by=by, now=now,
        no=edition.wording_no,
    )  # fmt: skip


def has_figures(body: str) -> bool:
    """Whether a text has figures that a reader must be able to follow: shares, or a table with numbers."""
    return (
        "%" in body
        or "％" in body
        or any(
            isinstance(block, Table) and any(cell.strip().isdecimal() for row in block.rows for cell in row)
            for block in parse(body)
        )
    )


@transaction.atomic
def drop(*, edition: Edition, base_version: int, reason: str, by: Actor, now: datetime) -> None:
    """Do not go on with it. A first edition's paper can then be taken up anew.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state``, ``disclosure.reason``.
        Conflict: ``disclosure.changed``.
    """
    may(by, "publish.prepare")
    reason = one_line(reason, 500)
    if not reason:
        raise Refused("请写明原因。", code="disclosure.reason", field="reason")
    claim(edition, base_version, *Edition.RUNNING, state=Edition.State.DROPPED, end_reason=reason)
    if edition.no == 1:
        Publication.objects.filter(pk=edition.publication_id).update(is_dropped=True)
    audit.record(
        action="publication.dropped", subject=edition, summary=f"不再公开：{edition.title}", by=by, now=now,
        reason=reason,
    )  # fmt: skip


@transaction.atomic
def correct(
    *, publication: Publication, note: str, changed_on: date, by: Actor, now: datetime, hides: bool = False
) -> Edition:
    """Begin the next edition of what is published or was taken off; the old one stands until the new one is published.

    Args:
        note: what is corrected and why; published with it.
        changed_on: the day of the change; the limit of the new edition runs from it (形成或者变更之日).
        hides: what stands says what must not be public: it is not shown any more, from now on.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state`` (nothing is published), ``disclosure.note``,
            ``disclosure.people`` (a person in the note), ``disclosure.day``, ``disclosure.under_way``.
    """
    may(by, "publish.prepare")
    note = one_line(note, 300)
    if not note:
        raise Refused("请写更正说明，它和更正后的内容一起公开。", code="disclosure.note", field="note")
    last = publication.editions.filter(state=Edition.State.PUBLISHED).order_by("-no").first()
    if last is None:
        raise Refused("只有已公开的内容可以更正。", code="disclosure.state")
    refuse_people(note, county=publication.county, field="note", now=now)
    number = max(publication.editions.values_list("no", flat=True)) + 1
    facts = {name: str(getattr(last, name)) for name in FACTS}
    edition = _begin(
        publication, words_of(last), formed_on=changed_on, facts=facts, source=words_of(last), by=by, now=now,
        note=note, no=number,
    )  # fmt: skip
    if hides:
        publication.editions.filter(state=Edition.State.PUBLISHED).update(is_hidden=True)
    for old in last.attachments.filter(is_removed=False):
        row = Attachment.objects.create(
            edition=edition, file=old.file, name=old.name, size=old.size, found=old.found, is_read=old.is_read
        )
        Trace.objects.bulk_create(of_file(edition, row))
    audit.record(
        action="publication.corrected", subject=edition, summary=f"更正：{edition.title}（第 {number} 版）", by=by,
        now=now, occurred_on=changed_on, note=note, enabled=not hides,
    )  # fmt: skip
    return edition


@transaction.atomic
def reopen(*, edition: Edition, base_version: int, words: str, by: Actor, now: datetime) -> None:
    """Take up again what was withheld: what is not published is assessed from time to time (政府信息公开条例 18).

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state``, ``disclosure.reason``, ``disclosure.under_way``.
        Conflict: ``disclosure.changed``.
    """
    may(by, "publish.prepare", "publish.review")
    words = one_line(words, 200)
    if not words:
        raise Refused("请写明评估情况。", code="disclosure.reason", field="words")
    try:
        with transaction.atomic():
            claim(edition, base_version, Edition.State.WITHHELD, state=Edition.State.DRAFT, end_reason="")
    except IntegrityError as error:
        raise Refused("已经有一版在办理中。", code="disclosure.under_way") from error
    edition.reviews.filter(is_taken_back=False).update(is_taken_back=True)
    audit.record(
        action="publication.reopened", subject=edition, summary=f"评估后重新办理公开：{edition.title}", by=by, now=now,
        reason=words,
    )  # fmt: skip
