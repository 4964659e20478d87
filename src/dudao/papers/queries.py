"""Reading papers. Each query takes the reader first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Count, DateField, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from dudao.files import queries as files
from dudao.files import services as file_services
from dudao.files.models import StoredFile
from dudao.papers import writing
from dudao.papers.models import (
    Addressee,
    Cosign,
    NumberBook,
    NumberCode,
    Paper,
    PaperText,
    Reader,
    Receipt,
    TemplateFile,
)
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao_engines.notices.checks import check_text


def address(paper: Paper) -> str:
    """The page of a paper."""
    return reverse("papers:paper", args=[paper.pk])


def papers_visible_to(actor: Actor) -> QuerySet[Paper]:
    """Restricted papers only for the persons named on them, whatever their hat. Else: all for those who see the county whole;
    for others what was issued to a unit they see, what they drafted, and what they were asked to sign."""
    papers = Paper.objects.filter(county=actor.county)
    if actor.person is None and actor.sees_county:
        return papers
    named = Exists(Reader.objects.filter(paper=OuterRef("pk"), person=actor.person))
    open_ = Q(is_restricted=False)
    if not actor.sees_county:
        sent = Exists(Addressee.objects.filter(paper=OuterRef("pk"), unit__in=actor.units))
        asked = Exists(Cosign.objects.filter(Q(person__in=actor.hands) | Q(unit=actor.unit), paper=OuterRef("pk")))
        open_ &= Q(sent, state__in=Paper.STANDING) | Q(asked) | Q(drafted_by__in=actor.hands)
    return papers.filter(open_ | Q(named, is_restricted=True))


def papers_of(actor: Actor, subject: models.Model | tuple[str, str]) -> QuerySet[Paper]:
    """The papers that belong to a matter, as far as the reader may see them, the newest first."""
    kind, key = subject if isinstance(subject, tuple) else (subject._meta.label_lower, str(subject.pk))
    return papers_visible_to(actor).filter(subject_type=kind, subject_key=key)


def issued_of(subject: models.Model | tuple[str, str], kind: str) -> QuerySet[Paper]:
    """The issued papers of a kind that belong to a matter, for rules that ask whether there is one; the newest first."""
    of, key = subject if isinstance(subject, tuple) else (subject._meta.label_lower, str(subject.pk))
    rows = Paper.objects.filter(subject_type=of, subject_key=key, kind=kind, state=Paper.State.ISSUED)
    return rows.order_by("-issued_on", "-pk")


def unit_words(actor: Actor, units: Sequence[UUID], *, day: date) -> str:
    """Units by name, in the order given."""
    names = places.unit_names(system(actor.county), set(units), as_of=day)
    return "、".join(names[key] for key in dict.fromkeys(units) if key in names)[:500]


@dataclass(frozen=True, slots=True)
class Worded:
    """Words of a paper that nobody has drafted yet: for looking at and printing."""

    kind: str
    text: PaperText
    lines: list[writing.Line]

    def docx(self) -> bytes:
        """The same as a Word file in the layout of the kind, without number and day."""
        return writing.written(writing.document(self.kind, self.text, organ=settings.OFFICE))


def worded(kind: str, values: Mapping[str, Any], *, mark: str = "") -> Worded:
    """What a paper of a kind would say; nothing is kept.

    Args:
        mark: what stands behind the title, （未定稿）.
    """
    filled = writing.fill(kind, values)
    text = PaperText(title=f"{filled.title}{mark}", to_words=filled.to, body=filled.body, organ=settings.OFFICE)
    return Worded(kind, text, list(writing.lines(filled.body)))


def own_template(paper: Paper) -> bytes | None:
    """The county's own .docx for the kind of a paper, as it is in use now; none prints the tables that a matter has made."""
    if paper.is_bound:
        return None
    row = TemplateFile.objects.filter(county=paper.county, kind=paper.kind, is_current=True).first()
    if row is None:
        return None
    return b"".join(file_services.content(StoredFile.objects.get(pk=row.file)))


def template_files(actor: Actor) -> QuerySet[TemplateFile]:
    """The county's own .docx files, for those who draft and sign."""
    rows = TemplateFile.objects.filter(county=actor.county)
    return rows if actor.can("paper.draft") or actor.can("paper.issue") else rows.none()


def missing(paper: Paper, text: PaperText) -> tuple[str, ...]:
    """What would be printed as 【待填：…】: a paper that still has such places cannot be issued."""
    open_ = writing.still_open(text)
    own = own_template(paper)
    if own and not writing.prints_words(own):
        open_ += writing.fill(paper.kind, paper.values).missing
    return tuple(dict.fromkeys(open_))


def warnings(paper: Paper, text: PaperText) -> list[str]:
    """What a signer should know before signing: what is not filled in, sums that do not come out, and what co-signers have
    not said or object to."""
    said = []
    if open_ := missing(paper, text):
        said.append(f"还缺：{'、'.join(open_)}")
    said += [f"数字核对不符：{check.why}" for check in check_text(text.body) if check.holds is False]
    own = own_template(paper)
    if own and not writing.prints_words(own) and text.body != writing.fill(paper.kind, paper.values).body:
        said.append("本县模板只印要素，正文里手工改的话不会印出来")
    answers = list(paper.cosigns.all())
    if waiting := sum(not one.answer for one in answers):
        said.append(f"还有 {waiting} 方没有会签")
    if objected := sum(one.answer == Cosign.Answer.OBJECTED for one in answers):
        said.append(f"有 {objected} 方会签时有不同意见")
    if any(one.answer and one.text_no != text.no for one in answers):
        said.append("会签以后又改过稿")
    return said


def issued_kinds(subjects: Collection[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """The kinds of issued papers that belong to each of some matters; one statement."""
    found: dict[tuple[str, str], set[str]] = {}
    keys = {key for _, key in subjects}
    rows = Paper.objects.filter(subject_key__in=keys, state=Paper.State.ISSUED)
    for of, key, kind in rows.values_list("subject_type", "subject_key", "kind"):
        if (of, key) in subjects:
            found.setdefault((of, key), set()).add(kind)
    return found


def served_kinds(subjects: Collection[tuple[str, str]]) -> dict[tuple[str, str], dict[str, tuple[date, date | None]]]:
    """The issued papers of some matters by kind: the day of the newest, and the day it was received; one statement."""
    found: dict[tuple[str, str], dict[str, tuple[date, date | None]]] = {}
    rows = Paper.objects.filter(subject_key__in={key for _, key in subjects}, state=Paper.State.ISSUED)
    days = rows.annotate(received=Max("receipts__on")).order_by("issued_on", "pk")
    for of, key, kind, issued, received in days.values_list(
        "subject_type", "subject_key", "kind", "issued_on", "received"
    ):
        if (of, key) in subjects and issued:
            found.setdefault((of, key), {})[kind] = (issued, received)
    return found


def subjects_with_papers(subject_type: str, keys: Collection[UUID]) -> set[UUID]:
    """Of these matters those that any paper, also a draft, was made for."""
    rows = Paper.objects.filter(subject_type=subject_type, subject_key__in=[str(key) for key in keys])
    return {UUID(key) for key in rows.values_list("subject_key", flat=True)}


def has_received(paper: Paper, unit: UUID) -> bool:
    """Whether it is written down that a unit has a paper."""
    return Receipt.objects.filter(paper=paper, unit=unit).exists()


def issued_to(actor: Actor, subject_type: str) -> list[str]:
    """The keys of the matters of one kind whose issued papers went to a unit that the reader sees."""
    sent = Addressee.objects.filter(unit__in=actor.units, paper__subject_type=subject_type)
    return list(
        sent.filter(paper__state__in=Paper.STANDING, paper__is_restricted=False).values_list(
            "paper__subject_key", flat=True
        )
    )


def papers(actor: Actor) -> QuerySet[Paper]:
    """The list of papers, with ``to_words`` of the text that stands."""
    newest = PaperText.objects.filter(paper=OuterRef("pk")).order_by("-no").values("to_words")[:1]
    return papers_visible_to(actor).annotate(to_words=Subquery(newest))


def count_served(rows: list[Paper]) -> None:
    """Set ``sent_count`` and ``served_count`` on the papers of one page; two statements."""
    keys = [row.pk for row in rows]
    sent = dict(Addressee.objects.filter(paper__in=keys).values_list("paper").annotate(n=Count("pk")).order_by())
    served = dict(Receipt.objects.filter(paper__in=keys).values_list("paper").annotate(n=Count("pk")).order_by())
    for row in rows:
        row.sent_count, row.served_count = sent.get(row.pk, 0), served.get(row.pk, 0)  # type: ignore[attr-defined]


def unserved() -> Q:
    """Issued papers that a unit they were sent to has not got."""
    got = Receipt.objects.filter(paper=OuterRef("paper"), unit=OuterRef("unit"))
    return Q(Exists(Addressee.objects.filter(~Exists(got), paper=OuterRef("pk"))), state=Paper.State.ISSUED)


def years(actor: Actor) -> list[int]:
    """The years in which papers were drafted or issued, the newest first."""
    rows = papers_visible_to(actor)
    span = rows.aggregate(first=Min("drafted_at"), last=Max("drafted_at"))
    drafted = range(day_of(span["first"]).year, day_of(span["last"]).year + 1) if span["first"] else ()
    issued = rows.filter(year__isnull=False).order_by().values_list("year", flat=True).distinct()
    return sorted({*drafted, *(year for year in issued if year)}, reverse=True)


def sees_inside(actor: Actor, paper: Paper) -> bool:
    """Whether the reader is of those who work on a paper, or only gets it: texts, co-signs and history are not for the latter."""
    if actor.sees_county or paper.is_restricted or paper.drafted_by in actor.hands:
        return True
    return paper.cosigns.filter(Q(person__in=actor.hands) | Q(unit=actor.unit)).exists()


def file_of(actor: Actor, paper: Paper, key: UUID) -> StoredFile | None:
    """A file of a paper that the reader has found: its own, of its receipts, of its co-signs. Who only gets the paper sees the
    issued file, its PDF and the proof of its own receipt."""
    found = files.file_of(actor, paper, key)
    inside = sees_inside(actor, paper)
    if found is not None:
        return found if inside or key in (paper.file, paper.pdf) else None
    receipts = paper.receipts.all() if inside else paper.receipts.filter(unit__in=actor.units)
    rows = list(files.files_of_many(actor, Receipt, receipts.values_list("pk", flat=True)).filter(pk=key))
    if not rows and inside:
        rows = list(files.files_of_many(actor, Cosign, paper.cosigns.values_list("pk", flat=True)).filter(pk=key))
    return rows[0] if rows else None


@dataclass(frozen=True, slots=True)
class Sent:
    """A unit that a paper was sent to, and how it got it."""

    unit: UUID
    name: str
    receipt: Receipt | None
    files: list[StoredFile]


def sent(actor: Actor, paper: Paper, *, today: date) -> list[Sent]:
    """Whom a paper was sent to, in order; who only gets it sees the own units."""
    rows = paper.addressees.all()
    if not sees_inside(actor, paper):
        rows = rows.filter(unit__in=actor.units)
    keys = [row.unit_id for row in rows]
    names = places.unit_names(actor, set(keys), as_of=paper.issued_on or today)
    receipts = {one.unit_id: one for one in paper.receipts.filter(unit__in=keys)}
    proofs = list(files.files_of_many(actor, Receipt, [one.pk for one in receipts.values()]))
    return [
        Sent(
            key,
            names.get(key, "—"),
            receipts.get(key),
            [one for one in proofs if key in receipts and one.subject == str(receipts[key].pk)],
        )
        for key in keys
    ]


@dataclass(frozen=True, slots=True)
class Signed:
    """A co-sign as one reads it; ``mine``: this hat is asked; ``stale``: it was said to an earlier text."""

    row: Cosign
    name: str
    is_mine: bool
    is_stale: bool
    files: list[StoredFile]


def is_asked(cosign: Cosign, by: Actor) -> bool:
    """Whether this hat is the one that was asked: the person, or somebody who signs for the unit."""
    if cosign.person_id:
        return cosign.person_id in (by.person, by.on_behalf_of)
    return cosign.unit_id is not None and by.is_of(cosign.unit_id) and by.can("paper.receive")


def cosigns(actor: Actor, paper: Paper, *, today: date) -> list[Signed]:
    """The co-signs of a paper, in the order asked."""
    rows = list(paper.cosigns.select_related("person"))
    names = places.unit_names(actor, {one.unit_id for one in rows if one.unit_id}, as_of=today)
    last = paper.texts.values_list("no", flat=True).first()
    proofs = list(files.files_of_many(actor, Cosign, [one.pk for one in rows]))
    return [
        Signed(
            one,
            one.person.name if one.person else names.get(one.unit_id, "—") if one.unit_id else "—",
            is_asked(one, actor),
            bool(one.answer) and one.text_no != last,
            [file for file in proofs if file.subject == str(one.pk)],
        )
        for one in rows
    ]


def to_sign(actor: Actor) -> QuerySet[Paper]:
    """待我签发: submitted papers that this hat may sign, whose words it has not written."""
    rows = papers_visible_to(actor)
    if not actor.can("paper.issue") or actor.person is None:
        return rows.none()
    wrote = PaperText.objects.filter(
        Q(written_by__in=actor.hands) | Q(written_for__in=actor.hands), paper=OuterRef("pk")
    )
    waiting = rows.filter(~Exists(wrote), state=Paper.State.SUBMITTED).exclude(drafted_by__in=actor.hands)
    return waiting.order_by("drafted_at", "pk")


def to_cosign(actor: Actor) -> QuerySet[Paper]:
    """待我会签."""
    mine = Q(person__in=actor.hands)
    if actor.unit and actor.can("paper.receive"):
        mine |= Q(unit=actor.unit)
    open_ = Cosign.objects.filter(mine, paper=OuterRef("pk"), answer="")
    return papers_visible_to(actor).filter(Exists(open_), state__in=Paper.OPEN).order_by("drafted_at", "pk")


def received(actor: Actor) -> QuerySet[Paper]:
    """收文: what was issued to the hat's unit, with ``got_on``."""
    own = Addressee.objects.filter(paper=OuterRef("pk"), unit=actor.unit)
    got = Receipt.objects.filter(paper=OuterRef("pk"), unit=actor.unit).values("on")[:1]
    rows = papers_visible_to(actor).filter(Exists(own), state__in=Paper.STANDING)
    return rows.annotate(got_on=Subquery(got, output_field=DateField()))


def to_receive(actor: Actor) -> QuerySet[Paper]:
    """待签收: of these what the unit has not signed for."""
    rows = received(actor) if actor.unit and actor.can("paper.receive") else papers_visible_to(actor).none()
    return (
        rows.filter(state=Paper.State.ISSUED)
        .exclude(Exists(Receipt.objects.filter(paper=OuterRef("pk"), unit=actor.unit)))
        .order_by("issued_on", "pk")
    )


def organ_of(county: str, *, numbered: bool) -> str:
    """Whose name stands under a new paper: that of the red head it will most likely get, of a record the office's."""
    codes = NumberCode.objects.filter(county=county, is_active=True)
    first = codes.values_list("organ", flat=True).first() if numbered else None
    return first or str(settings.OFFICE)


def codes_visible_to(actor: Actor) -> QuerySet[NumberCode]:
    """The 机关代字 of the county, for those who draft and sign."""
    rows = NumberCode.objects.filter(county=actor.county)
    return rows if actor.can("paper.draft") or actor.can("paper.issue") else rows.none()


@dataclass(frozen=True, slots=True)
class Book:
    """A year of a code: from which number to which it has counted here, and which of them are on no paper."""

    code: str
    year: int
    before: int
    last: int
    missing: list[int]
    count: int


def book(actor: Actor, code: str, year: int) -> Book:
    """Proof of a number book: every number from the first to the last is on exactly one paper (that it is not on two, the
    database sees to). Restricted papers count, whoever looks."""
    found = NumberBook.objects.filter(county=actor.county, code=code, year=year).first()
    before, last = (found.before, found.last) if found else (0, 0)
    used = set(
        Paper.objects.filter(county=actor.county, code=code, year=year, serial__isnull=False).values_list(
            "serial", flat=True
        )
    )
    if found is None or last == before:
        # Numbers that the OA gives: it answers for the gaps.
        return Book(code, year, 0, max((n for n in used if n), default=0), [], len(used))
    return Book(code, year, before, last, [n for n in range(before + 1, last + 1) if n not in used], len(used))


def book_rows(actor: Actor, code: str, year: int) -> QuerySet[Paper]:
    """The papers of a number book in the order of their numbers, with ``is_open``: whether the reader may see which it is."""
    mine = papers_visible_to(actor).filter(pk=OuterRef("pk"))
    rows = Paper.objects.filter(county=actor.county, code=code, year=year).exclude(number="")
    return rows.annotate(is_open=Exists(mine)).order_by("serial", "number")


def book_years(actor: Actor) -> list[int]:
    """The years that have numbers, the newest first."""
    rows = Paper.objects.filter(county=actor.county, year__isnull=False).exclude(number="")
    return [year for year in rows.order_by("-year").values_list("year", flat=True).distinct() if year]


def papers_of_many(actor: Actor, subjects: Collection[tuple[str, str]]) -> list[Paper]:
    """The papers that belong to some matters, as far as the reader may see them, the newest first; one statement."""
    keys = {key for _, key in subjects}
    rows = papers_visible_to(actor).filter(subject_key__in=keys).order_by("-drafted_at", "-pk")
    return [row for row in rows if (row.subject_type, row.subject_key) in subjects]
