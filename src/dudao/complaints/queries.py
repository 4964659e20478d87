"""Complaints for people and for the floors above, and what the public may know."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from dudao.accounts import queries as accounts
from dudao.complaints import library
from dudao.complaints.models import Complaint, ComplaintStep, Setting
from dudao.files import queries as files
from dudao.files.models import StoredFile
from dudao.inspectors.models import Inspector
from dudao.shell import fields
from dudao.shell.acts import Actor, system


def handles(actor: Actor) -> bool:
    """The office takes, hands over and answers complaints; the system in its place."""
    return actor.acts_for_county("inspector.manage")


def complaints_visible_to(actor: Actor, *, day: date) -> QuerySet[Complaint]:
    """The county's for the office and its leaders, those handed to them for an inspector, none for anybody else.

    Nobody, in whatever hat, sees what is about them, nor what is about a unit in which they hold a post.
    """
    rows = Complaint.objects.filter(county=actor.county)
    if actor.person is None:
        return rows if actor.sees_county else rows.none()
    if not actor.acts_for_county("inspector.manage", "inspector.read"):
        if not actor.can("inspector.self"):
            return rows.none()
        rows = rows.filter(follower__in=actor.hands)
    return rows.exclude(about__in=actor.hands).exclude(unit__in=_own_units(actor, day=day))


def concerned(actor: Actor, complaint: Complaint, *, day: date) -> bool:
    """Whether a complaint is about who acts, or about a unit in which they hold a post."""
    return complaint.about_id in actor.hands or complaint.unit_id in _own_units(actor, day=day)


def _own_units(actor: Actor, *, day: date) -> set[UUID]:
    """Where somebody holds a post, in whatever hat they act now; lent hats count."""
    people = accounts.people_visible_to(system(actor.county), day=day).filter(pk__in=actor.hands)
    return {hat.appointment.unit_id for one in people for hat in accounts.hats(one, day=day)}


def may_read_words(actor: Actor, complaint: Complaint) -> bool:
    """What was said, word by word: for the office, and for who follows it where the office says so."""
    return handles(actor) or (complaint.shows_words and complaint.follower_id in actor.hands)


def is_inside(actor: Actor, complaint: Complaint) -> bool:
    """Who works on it reads what each step says; leaders see that it was taken."""
    return handles(actor) or complaint.follower_id in actor.hands


def steps(complaint: Complaint) -> list[ComplaintStep]:
    """What was done, the latest first."""
    return list(complaint.steps.order_by("-occurred_on", "-recorded_at", "-pk"))


def setting_of(county: str) -> Setting:
    """The county's settings, not saved where it has none yet: the form is closed then."""
    return Setting.objects.filter(county=county).first() or Setting(county=county, version=0)


@dataclass(frozen=True, slots=True)
class Span:
    """How many days there are for something, what they go by, and how sure that is."""

    name: str
    days: int
    basis: str
    is_sure: bool


def span(county: str, limit: str) -> Span:
    """The days of ``accept`` or ``answer``: the county's own, else those proposed in the library."""
    row, said = setting_of(county), library.limits()[limit]
    own: int | None = getattr(row, f"{limit}_days")
    if own is None:
        return Span(said.name, said.value, f"{said.clause}（{said.evidence}）", False)
    return Span(
        said.name, own, f"本县设定：{row.source}" if row.source else "本县设定，没有写依据（未核实）", bool(row.source)
    )


def due(county: str, limit: str, received_on: date) -> date:
    """The last day of a limit, counted from the day after the complaint came."""
    return received_on + timedelta(days=span(county, limit).days)


def late(today: date) -> Q:
    """Complaints with which somebody is late."""
    return Q(state__in=Complaint.OPEN, due_on__lt=today)


def open_at(county: str, units: Collection[UUID]) -> Mapping[UUID, Mapping[str, int]]:
    """What is open at units, in counts by kind in words; no word of it, and nothing about inspectors. One statement."""
    rows = Complaint.objects.filter(county=county, unit__in=units, state__in=Complaint.OPEN, about__isnull=True)
    found: dict[UUID, Counter[str]] = {}
    for unit, kind, number in rows.order_by().values_list("unit", "kind").annotate(Count("pk")):
        found.setdefault(unit, Counter())[Complaint.Kind(kind).label] += number
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """What who holds the receipt code learns: never the words, never who said them."""

    kind: str
    received_on: date
    state: str
    step: str
    ground: str
    tell: str
    verdict: str
    answer: str
    answered_on: date | None


#: What a state is called outside; who works on it is nobody's business there.
_OUTSIDE = {
    Complaint.State.RECEIVED: "已收到，等待决定是否受理",
    Complaint.State.ACCEPTED: "已受理，正在办理",
    Complaint.State.HANDED: "已转有关人员办理",
    Complaint.State.REFUSED: "不予受理",
    Complaint.State.ANSWERED: "已答复",
    Complaint.State.CLOSED: "已办结",
}


def by_code(code: str) -> Known | None:
    """What became of the complaint with this receipt code; None for a code that is none's."""
    if not code.strip():
        return None
    row = Complaint.objects.filter(fields.equals(Complaint, "code", plain(code))).first()
    if row is None:
        return None
    ground = library.grounds().get(row.ground)
    return Known(
        row.get_kind_display(), row.received_on, _OUTSIDE[Complaint.State(row.state)], row.state, ground.name if ground else "",
        ground.tell if ground else "", row.get_verdict_display(), row.answer, row.answered_on,
    )  # fmt: skip


def photo(county: str, inspector: UUID, key: UUID) -> StoredFile | None:
    """The photo of an inspector whom a board shows."""
    row = Inspector.objects.filter(county=county, pk=inspector, photo=key).first()
    return files.file_of(system(county), row, key) if row else None


def plain(code: str) -> str:
    """A code as typed: blanks, dashes, full-width and small letters do not matter."""
    return "".join(letter for letter in fields.one_form(code) if letter.isalnum())[:40]
