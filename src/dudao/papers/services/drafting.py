"""Drafting: a paper from the case, its words edited with every text kept, dropped before it is issued."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Max

from dudao.accounts import queries as accounts
from dudao.audit import services as audit
from dudao.papers import library, queries, writing
from dudao.papers.models import Addressee, Paper, PaperText, Reader
from dudao.papers.services.rights import claim, may, named
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused
from dudao_engines.papers import annexes
from dudao_engines.papers.annexes import Annex

LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Made:
    """Words that a matter has made for its paper: the body as structured text, annexes, what stands at the head of each page."""

    body: str
    annexes: tuple[Annex, ...] = ()
    page_mark: str = ""


_ONE_LINE = ("title", "organ", "note", "remark", "to_words", "copies_words")


@transaction.atomic
def draft_paper(
    *,
    kind: str,
    subject: models.Model | tuple[str, str] | None,
    subject_title: str,
    link: str,
    values: Mapping[str, Any],
    by: Actor,
    now: datetime,
    title: str = "",
    to_units: Sequence[UUID] = (),
    to_words: str = "",
    copies_words: str = "",
    readers: Sequence[UUID] = (),
    is_served_here: bool | None = None,
    made: Made | None = None,
) -> Paper:
    """Draft a paper, its template's fields filled with what the case says. What is missing is said by name on its page.

    Args:
        kind: id of a template (library/papers).
        subject: the row it belongs to, or (type, key); None for a paper by itself.
        subject_title, link: what that is called, and its page.
        values: by field key: text, or lines of a table, or a day in ISO form.
        title: left out, the template's own.
        to_units: keys of the units it is sent to; ``to_words`` says it otherwise, 各学校.
        readers: persons; when given, nobody else ever sees it; the drafter is one of them.
        is_served_here: whether it is served on its own page; left out: where it belongs to nothing.
        made: words that the matter itself has made; they are changed and signed on its page only (``put_words``).

    Raises:
        Refused: ``papers.not_allowed``, ``papers.kind``, ``papers.unit``, ``papers.reader``, ``papers.readers`` (a kind for
            named persons only, and none is named), ``papers.text``.
    """
    may(by, "paper.draft")
    check_known(kind, to_units, readers, by=by, day=day_of(now))
    named_readers(kind, readers)
    subject_type, subject_key = subject_of(subject)
    filled = writing.fill(kind, values)
    title = title or filled.title
    paper = Paper(
        county=by.county,
        kind=kind,
        subject_type=subject_type,
        subject_key=subject_key,
        subject_title=subject_title[:300],
        link=link,
        is_served_here=not subject_type if is_served_here is None else is_served_here,
        title=_checked_words(title=title)["title"],
        values=_plain(values),
        is_bound=made is not None,
        is_restricted=bool(readers),
        is_numbered=library.kinds()[kind].numbered,
        drafted_by=by.person,
        drafted_by_name=by.name,
        drafted_at=now,
    )
    paper.save(force_insert=True)
    send_to(paper, to_units, readers, by=by)
    words = {
        "title": title,
        "body": filled.body,
        "to_words": to_words or queries.unit_words(by, to_units, day=day_of(now)) or filled.to,
        "copies_words": copies_words,
        "organ": queries.organ_of(by.county, numbered=paper.is_numbered),
    }
    if made:
        words |= {"body": made.body, "attachments": "\n".join(one.title for one in made.annexes)}
    _keep(paper, _checked_words(**words), by=by, now=now, made=made)
    told: dict[str, Any] = {} if paper.is_restricted else {"kind": kind}
    audit.record(action="paper.drafted", subject=paper, summary=f"拟稿：{named(paper)}", by=by, now=now, **told)
    return paper


def subject_of(subject: models.Model | tuple[str, str] | None) -> tuple[str, str]:
    """Type and key of what a paper belongs to."""
    if subject is None:
        return "", ""
    return subject if isinstance(subject, tuple) else (subject._meta.label_lower, str(subject.pk))


def named_readers(kind: str, readers: Sequence[UUID]) -> None:
    """Refuse a kind that only named persons may read, where nobody is named.

    Raises:
        Refused: ``papers.readers``.
    """
    if library.kinds()[kind].restricted and not readers:
        raise Refused(
            f"“{library.kind_name(kind)}”只给指定人员看，请在案件的页面起草。", code="papers.readers", field="kind"
        )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON holds them: days in ISO form, keys as text."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(values), cls=DjangoJSONEncoder))
    return plain


def check_known(kind: str, units: Sequence[UUID], readers: Sequence[UUID], *, by: Actor, day: date) -> None:
    """Refuse a kind that is none, units and persons of elsewhere.

    Raises:
        Refused: ``papers.kind``, ``papers.unit``, ``papers.reader``.
    """
    if kind not in library.kinds():
        raise Refused("没有这种公文。", code="papers.kind", field="kind")
    everyone = system(by.county)
    if set(units) - set(places.unit_names(everyone, set(units), as_of=day)):
        raise Refused("请选择本县的单位。", code="papers.unit", field="to_units")
    if readers and accounts.people_visible_to(everyone, day=day).filter(pk__in=readers).count() != len(set(readers)):
        raise Refused("请选择本县的人员。", code="papers.reader", field="readers")


def send_to(paper: Paper, units: Sequence[UUID], readers: Sequence[UUID], *, by: Actor) -> None:
    """Write whom a new paper is for."""
    each = dict.fromkeys(units)
    Addressee.objects.bulk_create([Addressee(paper=paper, unit_id=key, position=n) for n, key in enumerate(each)])
    if readers:
        persons = dict.fromkeys([*readers, *([by.person] if by.person else [])])
        Reader.objects.bulk_create([Reader(paper=paper, person_id=key) for key in persons])


def _checked_words(**words: str) -> dict[str, str]:
    """The words of a text as they are kept: ends of lines without blanks, one line where only one fits."""
    kept = {}
    for name, value in words.items():
        value = "\n".join(line.rstrip() for line in value.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        value = " ".join(value.split()) if name in _ONE_LINE else value.strip("\n")
        field = PaperText._meta.get_field(name)
        assert isinstance(field, models.Field), "the words of a text are plain fields"
        limit = field.max_length or LONGEST
        if len(value) > limit:
            raise Refused(
                f"{field.verbose_name}最多 {limit} 个字，现在有 {len(value)} 个。", code="papers.text", field=name
            )
        kept[name] = value
    if not kept.get("title", "x"):
        raise Refused("请写标题。", code="papers.text", field="title")
    return kept


def _keep(paper: Paper, words: Mapping[str, str], *, by: Actor, now: datetime, made: Made | None = None) -> PaperText:
    last = paper.texts.aggregate(last=Max("no"))["last"] or 0
    text = PaperText(
        paper=paper,
        no=last + 1,
        annexes=annexes.dump(made.annexes) if made else [],
        page_mark=made.page_mark if made else "",
        written_by=by.person,
        written_for=by.on_behalf_of,
        written_by_name=by.name,
        written_at=now,
        **words,
    )
    text.save(force_insert=True)
    return text


@transaction.atomic
def put_words(
    *, paper: Paper, base_version: int, title: str, made: Made, remark: str = "", by: Actor, now: datetime
) -> PaperText:
    """The words of a paper anew, as the matter it belongs to has made them; the text before stays.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.state``, ``papers.text``.
        Conflict: ``papers.changed``.
    """
    may(by, "paper.draft", "paper.issue")
    before = paper.texts.first()
    assert before is not None and paper.is_bound, "a bound paper has a text from its first moment"
    same = {name: getattr(before, name) for name in ("to_words", "organ", "note", "copies_words")}
    attachments = "\n".join(one.title for one in made.annexes)
    words = _checked_words(title=title, body=made.body, attachments=attachments, remark=remark, **same)
    claim(paper, base_version, *Paper.OPEN, title=words["title"])
    text = _keep(paper, words, by=by, now=now, made=made)
    summary = f"改稿：{named(paper)}第 {text.no} 稿"
    audit.record(action="paper.changed", subject=paper, summary=summary, by=by, now=now, no=text.no)
    return text


def written_here(paper: Paper) -> None:
    """Refuse to change words that the matter has made.

    Raises:
        Refused: ``papers.bound``.
    """
    if paper.is_bound:
        raise Refused(f"这件公文的文字由“{paper.subject_title}”生成，请到那里修改。", code="papers.bound")


@transaction.atomic
def change_text(
    *,
    paper: Paper,
    base_version: int,
    title: str,
    body: str,
    to_words: str | None = None,
    attachments: str | None = None,
    organ: str | None = None,
    note: str | None = None,
    copies_words: str | None = None,
    remark: str = "",
    by: Actor,
    now: datetime,
) -> PaperText:
    """Save the words of a paper as a new text; the one before stays. What waited to be signed goes on waiting. What is left
    out stays as it is.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.bound``, ``papers.state``, ``papers.text``.
        Conflict: ``papers.changed``.
    """
    may(by, "paper.draft", "paper.issue")
    written_here(paper)
    before = paper.texts.first()
    assert before is not None, "a paper has a text from its first moment"
    given = {
        "to_words": to_words,
        "attachments": attachments,
        "organ": organ,
        "note": note,
        "copies_words": copies_words,
    }
    kept = {name: getattr(before, name) if value is None else value for name, value in given.items()}
    words = _checked_words(title=title, body=body, **kept)
    if paper.version == base_version and all(getattr(before, name) == value for name, value in words.items()):
        return before
    words |= _checked_words(remark=remark)
    claim(paper, base_version, *Paper.OPEN, title=words["title"])
    made = _keep(paper, words, by=by, now=now)
    summary = f"改稿：{named(paper)}第 {made.no} 稿"
    audit.record(action="paper.changed", subject=paper, summary=summary, by=by, now=now, no=made.no)
    return made


@transaction.atomic
def fill_paper(
    *, paper: Paper, base_version: int, values: Mapping[str, Any], remark: str = "", by: Actor, now: datetime
) -> PaperText:
    """Fill the template's fields anew and word the paper from them. Words that were edited by hand stay in the text before.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.bound``, ``papers.state``, ``papers.text``.
        Conflict: ``papers.changed``.
    """
    may(by, "paper.draft", "paper.issue")
    written_here(paper)
    before = paper.texts.first()
    assert before is not None, "a paper has a text from its first moment"
    filled = writing.fill(paper.kind, values)
    same = {name: getattr(before, name) for name in ("to_words", "attachments", "organ", "note", "copies_words")}
    # A title that was written by hand is not the template's to change.
    title = filled.title if before.title == writing.fill(paper.kind, paper.values).title else before.title
    words = _checked_words(title=title, body=filled.body, remark=remark or "按要素重新起草", **same)
    words["to_words"] = words["to_words"] or filled.to
    claim(paper, base_version, *Paper.OPEN, title=words["title"], values=_plain(values))
    made = _keep(paper, words, by=by, now=now)
    summary = f"按要素起草：{named(paper)}第 {made.no} 稿"
    audit.record(action="paper.changed", subject=paper, summary=summary, by=by, now=now, no=made.no)
    return made


@transaction.atomic
def drop_paper(*, paper: Paper, base_version: int, reason: str, by: Actor, now: datetime) -> None:
    """A draft is not needed any more; it stays to be read.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.state``, ``papers.reason``.
        Conflict: ``papers.changed``.
    """
    may(by, "paper.draft", "paper.issue")
    if not reason.strip():
        raise Refused("请写明原因。", code="papers.reason", field="reason")
    claim(paper, base_version, *Paper.OPEN, state=Paper.State.DROPPED, end_reason=reason.strip()[:200])
    audit.record(
        action="paper.dropped",
        subject=paper,
        summary=f"不用的稿子：{named(paper)}",
        by=by,
        now=now,
        reason=paper.end_reason,
    )


@transaction.atomic
def submit_paper(*, paper: Paper, base_version: int, by: Actor, now: datetime) -> None:
    """Put a paper on the desk of those who sign.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.state``.
        Conflict: ``papers.changed``.
    """
    may(by, "paper.draft")
    claim(paper, base_version, Paper.State.DRAFTING, Paper.State.CIRCULATING, state=Paper.State.SUBMITTED)
    audit.record(action="paper.submitted", subject=paper, summary=f"送签：{named(paper)}", by=by, now=now)


@transaction.atomic
def send_back(*, paper: Paper, base_version: int, reason: str, by: Actor, now: datetime) -> None:
    """Back to the drafter, with what is to be changed; the drafter may take it back as well.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.state``, ``papers.reason``.
        Conflict: ``papers.changed``.
    """
    may(by, "paper.draft", "paper.issue")
    if not reason.strip():
        raise Refused("请写明要改什么。", code="papers.reason", field="reason")
    claim(paper, base_version, Paper.State.SUBMITTED, state=Paper.State.DRAFTING)
    words = reason.strip()[:200]
    summary = f"退回修改：{named(paper)}" + ("" if paper.is_restricted else f"，{words}")
    audit.record(action="paper.sent_back", subject=paper, summary=summary, by=by, now=now, reason=words)


@transaction.atomic
def set_readers(*, paper: Paper, readers: Sequence[UUID], by: Actor, now: datetime) -> None:
    """Say anew who may read a restricted paper, with the matter it belongs to; one stays restricted for good.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.reader``, ``papers.open`` (the paper is not restricted).
    """
    may(by, "paper.draft", "paper.issue", "case.manage")
    if not paper.is_restricted or not readers:
        raise Refused("只有限阅公文有限阅人员，且不能没有。", code="papers.open")
    check_known(paper.kind, (), readers, by=by, day=day_of(now))
    paper.readers.exclude(person__in=readers).delete()
    there = set(paper.readers.values_list("person", flat=True))
    Reader.objects.bulk_create(
        [Reader(paper=paper, person_id=key) for key in dict.fromkeys(readers) if key not in there]
    )
    audit.record(action="paper.readers", subject=paper, summary="调整限阅人员", by=by, now=now, count=len(set(readers)))
