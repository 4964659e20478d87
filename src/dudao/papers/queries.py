"""Reading papers. Each query takes the reader first."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from dudao.papers.models import Addressee, Cosign, Paper, PaperText, Reader, Receipt
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
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
        people = [key for key in (actor.person, actor.on_behalf_of) if key]
        sent = Exists(Addressee.objects.filter(paper=OuterRef("pk"), unit__in=actor.units))
        asked = Exists(Cosign.objects.filter(Q(person__in=people) | Q(unit=actor.unit), paper=OuterRef("pk")))
        open_ &= Q(sent, state__in=Paper.STANDING) | Q(asked) | Q(drafted_by__in=people)
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


def warnings(paper: Paper, text: PaperText) -> list[str]:
    """What a signer should know before signing: sums that do not come out, and what co-signers have not said or object to."""
    said = [f"数字核对不符：{check.why}" for check in check_text(text.body) if check.holds is False]
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
