"""Who is responsible for which school, for people and for the floors above."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db.models import Min, Q, QuerySet

from dudao.duties import library
from dudao.duties.models import Board, District, DistrictMember, DistrictUnit, Duty, OfficeContact, PublicContact
from dudao.files.models import StoredFile
from dudao.inspectors.models import Inspector
from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.shell.acts import Actor, system

#: Every school and kindergarten has a responsible inspector, private ones too (2013 办法; 教督〔2019〕3号).
KINDS = (UnitVersion.Kind.SCHOOL, UnitVersion.Kind.KINDERGARTEN)


def on(day: date, prefix: str = "") -> Q:
    """Rows that hold on a day."""
    return Q(**{f"{prefix}starts_on__lte": day}) & (
        Q(**{f"{prefix}ended_on__isnull": True}) | Q(**{f"{prefix}ended_on__gte": day})
    )


def sees_all(actor: Actor) -> bool:
    """The office and its leaders see who is responsible for what in the whole county."""
    return actor.acts_for_county("inspector.manage", "inspector.read")


def duties_visible_to(actor: Actor) -> QuerySet[Duty]:
    """Duties that hold, held or will: the county's for the office and leaders, else one's own and those of one's own unit."""
    rows = Duty.objects.filter(county=actor.county, is_void=False)
    if sees_all(actor):
        return rows
    return rows.filter(Q(inspector__person__in=actor.hands) | Q(unit=actor.unit))


def districts_visible_to(actor: Actor) -> QuerySet[District]:
    """Districts, standing and ended; for the office and leaders."""
    rows = District.objects.filter(county=actor.county)
    return rows if sees_all(actor) else rows.none()


def covered(county: str, *, day: date) -> QuerySet[UnitVersion]:
    """The schools and kindergartens that stand on a day, each as it was."""
    return places.units_visible_to(system(county), as_of=day).filter(kind__in=KINDS)


@dataclass(frozen=True, slots=True)
class Held:
    """One duty as it holds on a day.

    Attributes:
        key: of the duty.
        inspector: key of the entry in the register.
        person: of the inspector.
        unit: the school or kindergarten.
        district: to which the unit belongs on the day; None where it belongs to none.
    """

    key: UUID
    inspector: UUID
    person: UUID
    name: str
    unit: UUID
    district: UUID | None
    starts_on: date


def _held(rows: QuerySet[Duty], *, county: str, day: date) -> list[Held]:
    belongs = dict(DistrictUnit.objects.filter(on(day), district__county=county).values_list("unit", "district"))
    found = rows.filter(on(day), county=county, is_void=False).order_by("starts_on", "pk")
    return [
        Held(key, inspector, person, name, unit, belongs.get(unit), starts_on)
        for key, inspector, person, name, unit, starts_on in found.values_list(
            "pk", "inspector", "inspector__person", "inspector__person__name", "unit", "starts_on"
        )
    ]


def duties_on(county: str, *, day: date) -> list[Held]:
    """All duties of a county that hold on a day, the longest first. Two statements.

    A duty says who was assigned. Whether that person is in office, certified and not recused on the day says ``coverage``.
    """
    return _held(Duty.objects.all(), county=county, day=day)


def responsible_for(county: str, units: Collection[UUID], *, day: date) -> dict[UUID, list[Held]]:
    """Who is responsible for these units on a day; units without anybody are left out. Two statements."""
    found: dict[UUID, list[Held]] = {}
    for one in _held(Duty.objects.filter(unit__in=units), county=county, day=day):
        found.setdefault(one.unit, []).append(one)
    return found


def schools_of(county: str, person: UUID, *, day: date) -> list[Held]:
    """The schools and kindergartens that a person is responsible for on a day. Two statements."""
    return _held(Duty.objects.filter(inspector__person=person), county=county, day=day)


def first_days(county: str) -> dict[UUID, date]:
    """The first day on which anybody was responsible for each unit that ever had somebody. One statement."""
    rows = Duty.objects.filter(county=county, is_void=False).order_by().values_list("unit")
    return dict(rows.annotate(first=Min("starts_on")))


def districts_on(county: str, *, day: date) -> dict[UUID, District]:
    """The districts that stand on a day."""
    return {one.pk: one for one in District.objects.filter(on(day), county=county)}


def units_by_district(county: str, *, day: date) -> dict[UUID, set[UUID]]:
    """Units of each district on a day."""
    found: dict[UUID, set[UUID]] = {}
    rows = DistrictUnit.objects.filter(on(day), district__county=county)
    for district, unit in rows.values_list("district", "unit"):
        found.setdefault(district, set()).add(unit)
    return found


def inspectors_by_district(county: str, *, day: date) -> dict[UUID, set[UUID]]:
    """Inspectors (their keys in the register) of each district on a day."""
    found: dict[UUID, set[UUID]] = {}
    rows = DistrictMember.objects.filter(on(day), district__county=county)
    for district, inspector in rows.values_list("district", "inspector"):
        found.setdefault(district, set()).add(inspector)
    return found


def may_see_unit(actor: Actor, unit: UUID) -> bool:
    """Whether the reader may see who is responsible for a school: the office, leaders, its inspectors and its head."""
    if sees_all(actor):
        return places.unit_visible_to(actor, unit) is not None
    return actor.is_of(unit) or duties_visible_to(actor).filter(unit=unit).exists()


def office_contact(county: str) -> OfficeContact:
    """What boards say of the office; not saved where nobody has said anything yet."""
    return OfficeContact.objects.filter(county=county).first() or OfficeContact(county=county, name=settings.OFFICE)


@dataclass(frozen=True, slots=True)
class Contact:
    """An inspector with the number for boards; version 0 where none was kept."""

    inspector: Inspector
    phone: str
    version: int


def public_contacts(actor: Actor, *, day: date) -> list[Contact]:
    """Everybody who is responsible for a school on a day, in the order of their names."""
    held = duties_visible_to(actor).filter(on(day)).values("inspector")
    kept = {one.inspector_id: one for one in PublicContact.objects.filter(inspector__in=held)}
    rows = Inspector.objects.filter(pk__in=held).select_related("person").order_by("person__sort_key", "pk")
    return [
        Contact(one, kept[one.pk].phone, kept[one.pk].version) if one.pk in kept else Contact(one, "", 0)
        for one in rows
    ]


def photo(actor: Actor, inspector: UUID, *, day: date) -> StoredFile | None:
    """The photo of an inspector who is responsible for a school that the reader may see."""
    held = duties_visible_to(actor).filter(on(day), inspector=inspector).select_related("inspector__photo").first()
    return held.inspector.photo if held else None


def public_path(key: UUID) -> str:
    """The address in the code of a board, without the site: app ``complaints`` answers there."""
    return f"/gsp/{key}/"


@dataclass(frozen=True, slots=True)
class Face:
    """An inspector on a board: what is public of them, and nothing else.

    Attributes:
        photo: key of the file; None where there is none.
        phone: the number given for boards; empty where there is none.
    """

    inspector: UUID
    name: str
    photo: UUID | None
    phone: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A board as the gate shows it.

    Attributes:
        key: stands in the QR code.
        kind: ``school`` or ``kindergarten``.
        words: title, heading and items by kind.
        office, office_phone, office_hours: whom else one can call.
    """

    key: UUID
    county: str
    unit: UUID
    unit_name: str
    kind: str
    faces: tuple[Face, ...]
    words: library.Words
    office: str
    office_phone: str
    office_hours: str

    @property
    def lacks(self) -> list[str]:
        """What the board cannot show yet, in words; empty where it is whole."""
        found = [] if self.faces else ["没有责任督学"]
        found += [f"{one.name}没有照片" for one in self.faces if one.photo is None]
        found += [f"{one.name}没有公示电话" for one in self.faces if not one.phone]
        return found + ([] if self.office_phone else ["没有监督电话"])


def board(key: UUID, *, day: date) -> Sheet | None:
    """The board of a key in a QR code as it stands on a day; None for a key that is none's. For everybody, signed in or not."""
    row = Board.objects.filter(pk=key).first()
    found = boards(row.county, units={row.unit_id}, day=day) if row else []
    return found[0] if found else None


def boards(county: str, *, day: date, units: Collection[UUID] | None = None) -> list[Sheet]:
    """Boards of the units that stand on a day, in the order of their names; only of those units where given. Five statements.

    A unit has a board from its first duty on, or from ``services.make_boards``.
    """
    standing = covered(county, day=day)
    if units is not None:
        standing = standing.filter(unit__in=units)
    keys = dict(Board.objects.filter(county=county).values_list("unit", "pk"))
    duties = Duty.objects.filter(on(day), county=county, is_void=False).select_related("inspector__person")
    if units is not None:
        duties = duties.filter(unit__in=units)
    phones = dict(PublicContact.objects.filter(inspector__county=county).values_list("inspector", "phone"))
    faces: dict[UUID, list[Face]] = {}
    for one in duties.order_by("starts_on", "pk"):
        who = one.inspector
        faces.setdefault(one.unit_id, []).append(Face(who.pk, who.person.name, who.photo_id, phones.get(who.pk, "")))
    office = office_contact(county)
    return [
        Sheet(
            keys[row.unit_id], county, row.unit_id, row.name, row.kind, tuple(faces.get(row.unit_id, ())), library.words(row.kind),
            office.name, office.phone, office.hours,
        )
        for row in standing if row.unit_id in keys
    ]  # fmt: skip


def members_with_names(county: str, *, day: date) -> dict[UUID, list[tuple[UUID, str]]]:
    """Inspectors of each district on a day, key in the register and name, in the order of their names."""
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    rows = DistrictMember.objects.filter(on(day), district__county=county).order_by("inspector__person__sort_key", "pk")
    for district, inspector, name in rows.values_list("district", "inspector", "inspector__person__name"):
        found.setdefault(district, []).append((inspector, name))
    return found
