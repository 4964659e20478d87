"""The fixed cast of all tests: two counties, their units, and people in every post. Made up, marked 示例.

cast = county_cast()
client.force_login(cast.head.user)
services.do(…, by=cast.office.actor, now=NOW)
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from dudao.accounts import queries, services
from dudao.accounts.models import Appointment, Person, User
from dudao.places import services as places
from dudao.places.models import Unit
from dudao.shell.acts import Actor, system

NOW = datetime(2024, 4, 10, 2, 0, tzinfo=UTC)
TODAY = date(2024, 4, 10)
SINCE = date(2023, 9, 1)
PASSWORD = "示例-长-密码-2024"


@dataclass(frozen=True)
class Player:
    """A person with a post, an account, and the actor they are today."""

    person: Person
    user: User
    appointment: Appointment
    actor: Actor


@dataclass(frozen=True)
class Cast:
    """Who stands on the stage. ``foreign`` is head of a school in another county, ``foreign_office`` its director."""

    bureau: Unit
    school: Unit
    school_2: Unit
    kindergarten: Unit
    foreign_school: Unit
    office: Player
    staff: Player
    head: Player
    head_2: Player
    foreign: Player
    foreign_office: Player
    system_admin: Player
    security_admin: Player
    audit_admin: Player


def unit(name: str, code: str, kind: str = "school", *, county: str = "640122", **more: object) -> Unit:
    """A unit that stands since September."""
    return places.open_unit(code=code, name=name, kind=kind, valid_from=SINCE, by=system(county), now=NOW, **more)


def player(name: str, post: str, where: Unit, *, county: str = "640122", username: str = "") -> Player:
    """A person with an account, in a post since September. Their password is ``PASSWORD``."""
    by = system(county)
    person = services.enter_person(name=f"{name}（示例）", by=by, now=NOW, is_example=True)
    appointment = services.appoint(person=person, post=post, unit=where, start_on=SINCE, by=by, now=NOW)
    person.refresh_from_db()
    user = User(username=username or f"{post.replace('_', '-')}-{name}".lower(), person=person)
    user.set_password(PASSWORD)
    user.save(force_insert=True)
    actor, _ = queries.actor_for(user, hat=None, day=TODAY)
    return Player(person, user, appointment, actor)


def county_cast() -> Cast:
    """Everybody, in the database."""
    bureau = unit("贺兰县教育体育局（示例）", "BUREAU", "bureau")
    office_unit = unit("贺兰县人民政府教育督导室（示例）", "OFFICE", "office", short_name="督导室")
    school = unit("示例第一小学", "2164000001", stages=frozenset({"primary"}), region_code="640122100000")
    school_2 = unit("示例第二中学", "3164000002", stages=frozenset({"junior"}), parent=bureau)
    kindergarten = unit("示例花园幼儿园", "1164000003", "kindergarten", is_private=True, is_inclusive=True)
    foreign_school = unit("邻县示例小学", "2164000099", county="640121")
    foreign_unit = unit("邻县督导室（示例）", "OFFICE", "office", county="640121")
    return Cast(
        bureau,
        school,
        school_2,
        kindergarten,
        foreign_school,
        office=player("甲", "office_director", office_unit),
        staff=player("乙", "office_staff", office_unit),
        head=player("丙", "school_head", school),
        head_2=player("丁", "school_head", school_2),
        foreign=player("戊", "school_head", foreign_school, county="640121"),
        foreign_office=player("己", "office_director", foreign_unit, county="640121"),
        system_admin=player("庚", "system_admin", office_unit),
        security_admin=player("辛", "security_admin", office_unit),
        audit_admin=player("壬", "audit_admin", office_unit),
    )
