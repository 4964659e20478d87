"""Entering inspectors and changing what the register says of them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db import IntegrityError, transaction

from dudao.accounts.models import Person
from dudao.audit import services as audit
from dudao.files import services as files
from dudao.files.services import Received
from dudao.inspectors.models import Inspector
from dudao.inspectors.services.rights import may_manage
from dudao.places.models import Unit
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

_YOUNGEST = 18
#: Kinds of pictures that every browser shows.
PHOTOS = ("jpg", "png")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the register says of an inspector; codes are those of ``Inspector``'s choices, empty where nobody said."""

    kind: str
    sex: str = ""
    born: str = ""
    work_unit: Unit | None = None
    work_words: str = ""
    education: str = ""
    since_year: int | None = None
    subjects: Sequence[str] = ()
    stages: Sequence[str] = ()
    lines: Sequence[str] = ()
    certificate_number: str = ""
    certificate_from: date | None = None
    certificate_to: date | None = None
    days_a_month: int | None = None
    note: str = ""


@transaction.atomic
def enter_inspector(*, person: Person, facts: Facts, by: Actor, now: datetime) -> Inspector:
    """Enter a person of the county into the register. They are in office from the announcement of a term on (``begin_term``).

    Raises:
        Refused: ``inspectors.not_allowed``; ``inspectors.known``, the person is in the register already, or somebody has the number
            of the certificate; ``inspectors.dates``; ``inspectors.born``; ``inspectors.years``.
    """
    may_manage(by)
    if Inspector.objects.filter(county=by.county, person=person).exists():
        raise Refused(f"{person.name}已经在名册里，请在原来的登记上修改。", code="inspectors.known", field="person")
    row = Inspector(county=by.county, person=person, recorded_at=now, **_checked(facts, by=by, now=now, own=None))
    _write(lambda: row.save(force_insert=True))
    audit.record(action="inspector.entered", subject=row, summary=f"登记督学：{person.name}", by=by, now=now)
    return row


@transaction.atomic
def change_inspector(*, inspector: Inspector, base_version: int, facts: Facts, by: Actor, now: datetime) -> Inspector:
    """Change what the register says.

    Raises:
        Refused: as ``enter_inspector``.
        Conflict: ``inspectors.changed``.
    """
    may_manage(by)
    new = _checked(facts, by=by, now=now, own=inspector)
    old = {name: getattr(inspector, name) for name in new}
    changed = sorted(name for name in new if new[name] != old[name])
    if not changed and inspector.version == base_version:
        return inspector

    def write() -> None:
        if not claimed(inspector, base_version, new):
            raise Conflict("别人刚刚改过这份登记，请对照后再保存。", code="inspectors.changed")

    _write(write)
    # Which fields, and no values: what they hold is personal.
    audit.record(
        action="inspector.changed", subject=inspector, summary=f"修改督学登记：{inspector.person.name}", by=by, now=now,
        fields=changed,
    )  # fmt: skip
    return inspector


@transaction.atomic
def set_photo(*, inspector: Inspector, base_version: int, photo: Received, by: Actor, now: datetime) -> Inspector:
    """Put a photo into the register: boards show it. By the office or by the inspector.

    Raises:
        Refused: ``inspectors.not_allowed``; ``inspectors.photo``, no picture that every browser shows.
        Conflict: ``inspectors.changed``.
    """
    if inspector.person_id not in by.hands:
        may_manage(by)
    if photo.kind not in PHOTOS:
        raise Refused("照片要 JPG 或 PNG 图片。", code="inspectors.photo", field="photo")
    file = files.attach(photo, subject=inspector, by=by, now=now)
    if not claimed(inspector, base_version, {"photo": file}):
        raise Conflict("别人刚刚改过这份登记，请刷新后再传。", code="inspectors.changed")
    audit.record(
        action="inspector.photo", subject=inspector, summary=f"更换督学照片：{inspector.person.name}", by=by, now=now
    )
    return inspector


def _write(work: object) -> None:
    assert callable(work)
    try:
        with transaction.atomic():
            work()
    except IntegrityError:
        raise Refused(
            "这个督学证号已经登记给别人，或者这个人刚刚被登记。", code="inspectors.known", field="certificate_number"
        ) from None


def checked(facts: Facts, *, today: date) -> dict[str, object]:
    """The facts as values of the row.

    Raises:
        Refused: ``inspectors.dates``; ``inspectors.born``; ``inspectors.years``.
    """
    starts, ends = facts.certificate_from, facts.certificate_to
    if starts and ends and ends < starts:
        raise Refused("督学证的止期不能早于起期。", code="inspectors.dates", field="certificate_to")
    if facts.born:
        year, _, month = facts.born.partition("-")
        if not (year.isdigit() and month.isdigit() and len(year) == 4 and 1 <= int(month) <= 12):
            raise Refused("出生年月写成 1979-03。", code="inspectors.born", field="born")
        if not 1900 < int(year) <= today.year - _YOUNGEST:
            raise Refused("请核对出生年份。", code="inspectors.born", field="born")
    if facts.since_year is not None and not 1950 <= facts.since_year <= today.year:
        raise Refused("请核对从教年份。", code="inspectors.years", field="since_year")
    if facts.since_year and facts.born and facts.since_year < int(facts.born[:4]) + 15:
        raise Refused("从教年份和出生年月对不上。", code="inspectors.years", field="since_year")
    said = {one.name: getattr(facts, one.name) for one in fields(facts)}
    return said | {
        "certificate_number": facts.certificate_number.strip(),
        "subjects": [one.strip() for one in facts.subjects if one.strip()],
        "stages": list(facts.stages), "lines": list(facts.lines),
    }  # fmt: skip


def facts_of(row: Inspector) -> Facts:
    """What the register says now."""
    return Facts(**{one.name: getattr(row, one.name) for one in fields(Facts)})


def _checked(facts: Facts, *, by: Actor, now: datetime, own: Inspector | None) -> dict[str, object]:
    values = checked(facts, today=day_of(now))
    number = values["certificate_number"]
    same = Inspector.objects.filter(county=by.county, certificate_number=number).select_related("person")
    if number and (other := (same.exclude(pk=own.pk) if own else same).first()):
        raise Refused(f"督学证号已经登记给{other.person.name}。", code="inspectors.known", field="certificate_number")
    return values
