"""Which hats a person has, and what an actor may."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet

from dudao.accounts.models import Appointment, Delegation, Grant, Person, SignIn, User
from dudao.accounts.posts import posts
from dudao.places import queries as places
from dudao.shell.acts import Actor


@dataclass(frozen=True, slots=True)
class Hat:
    """One appointment, the person's own or lent to them."""

    key: UUID
    appointment: Appointment
    unit_name: str
    lent_by: Person | None

    @property
    def label(self) -> str:
        name = f"{self.unit_name} · {posts()[self.appointment.post].name}"
        return f"{name}（代{self.lent_by.name}）" if self.lent_by else name


def _on(day: date, prefix: str = "") -> Q:
    return Q(**{f"{prefix}start_on__lte": day}) & (
        Q(**{f"{prefix}end_on__isnull": True}) | Q(**{f"{prefix}end_on__gte": day})
    )


def hats(person: Person, *, day: date) -> list[Hat]:
    """The hats a person may wear on a day: own appointments first, then those lent."""
    own = list(Appointment.objects.filter(_on(day), person=person).order_by("start_on", "pk"))
    lent = list(
        Delegation.objects.filter(_on(day), _on(day, "appointment__"), to=person, taken_back_at__isnull=True)
        .select_related("appointment__person")
        .order_by("start_on", "pk")
    )
    everyone = Actor(county=person.county)
    wanted = {a.unit_id for a in own} | {d.appointment.unit_id for d in lent}
    names = places.unit_names(everyone, wanted, as_of=day)
    return [Hat(a.pk, a, names.get(a.unit_id, "—"), None) for a in own] + [
        Hat(d.pk, d.appointment, names.get(d.appointment.unit_id, "—"), d.appointment.person) for d in lent
    ]


def actor_for(user: User, *, hat: UUID | str | None, day: date) -> tuple[Actor, list[Hat]]:
    """The actor for an account in the wanted hat (else the first), and all hats to choose from."""
    available = hats(user.person, day=day)
    person = user.person
    worn = next((h for h in available if str(h.key) == str(hat)), available[0] if available else None)
    if worn is None:
        return Actor(county=person.county, user=user.pk, person=person.pk, name=person.name, hat_label="没有任职"), []
    post = posts()[worn.appointment.post]
    unit = worn.appointment.unit_id
    granted = grants_on(day).filter(_counts_in(worn, person=person), on_type="places.unit")
    units = {unit} | {UUID(key) for key in granted.values_list("on_key", flat=True)}
    actor = Actor(
        county=worn.appointment.county,
        user=user.pk,
        person=person.pk,
        name=person.name,
        hat=worn.key,
        hat_label=worn.label,
        unit=unit,
        post=worn.appointment.post,
        on_behalf_of=worn.lent_by.pk if worn.lent_by else None,
        may=post.may,
        units=frozenset(units),
        sees_county=post.scope == "county",
    )
    return actor, available


def actor_in_hat(user: User, *, hat: UUID, day: date) -> Actor | None:
    """The actor for an account in one hat, outside a sign-in; none where the account is closed or the hat has ended."""
    if not user.is_active or (user.is_demo and settings.MODE == "production"):
        return None
    actor, _ = actor_for(user, hat=hat, day=day)
    return actor if actor.hat == hat else None


def _counts_in(hat: Hat, *, person: Person) -> Q:
    """Grants that count in a hat: what belongs to its post comes with the post's holder, the rest with the wearer."""
    post, bound = hat.appointment.post, frozenset[str]().union(*(post.grants for post in posts().values()))
    of_post = Q(to_person=hat.appointment.person_id) | Q(to_unit=hat.appointment.unit_id)
    free = Q(to_person=person) | Q(to_unit=hat.appointment.unit_id)
    return free & ~Q(purpose__in=bound) | of_post & Q(purpose__in=posts()[post].grants)


def grants_on(day: date) -> QuerySet[Grant]:
    """The grants that hold on a day, of everybody. For building scopes; pages start from ``grants_visible_to``."""
    return Grant.objects.filter(_on(day), taken_back_at__isnull=True)


def keeps_people(actor: Actor) -> bool:
    """The office, the system administrator and the security administrator keep the people of the county."""
    return actor.can("people.manage") or actor.can("accounts.manage") or actor.can("grants.manage")


def may_appoint(actor: Actor, post: str) -> bool:
    """The office appoints to business posts, the security administrator administrators."""
    return actor.can("grants.manage" if posts()[post].admin else "people.manage")


def people_visible_to(actor: Actor, *, day: date) -> QuerySet[Person]:
    """People of the county for those who keep them or see it whole, else those who hold a post in the actor's units."""
    people = Person.objects.filter(county=actor.county)
    if actor.sees_county or keeps_people(actor):
        return people
    here = Appointment.objects.filter(_on(day), unit__in=actor.units).values("person")
    return people.filter(pk__in=here)


def people_with_posts(actor: Actor, *, day: date) -> QuerySet[Person]:
    """The same people in the order of their names, with ``held`` (appointments of the day) and their accounts."""
    return (
        people_visible_to(actor, day=day)
        .prefetch_related(
            Prefetch(
                "appointments", queryset=Appointment.objects.filter(_on(day)).order_by("start_on"), to_attr="held"
            ),
            Prefetch("users", queryset=User.objects.order_by("username")),
        )
        .order_by("sort_key", "pk")
        .distinct()
    )


def holders(actor: Actor, codes: Sequence[str], *, day: date) -> list[Appointment]:
    """Who holds one of these posts on the day, in the order of the posts as given and then of the names; one statement."""
    held = Appointment.objects.filter(
        _on(day), county=actor.county, post__in=codes, person__in=people_visible_to(actor, day=day)
    )
    rows = held.select_related("person").order_by("person__sort_key", "start_on", "pk")
    return sorted(rows, key=lambda row: codes.index(row.post))


def holds_post(*, day: date) -> Callable[[str], Q]:
    """For filtering people: who holds a post on the day."""
    return lambda post: Q(pk__in=Appointment.objects.filter(_on(day), post=post).values("person"))


def has_account(answer: str) -> Q:
    """For filtering people: with (``yes``) or without an account."""
    return Q(users__isnull=answer == "no")


def appointments_visible_to(actor: Actor) -> QuerySet[Appointment]:
    """Appointments of the county for those who keep people, else one's own."""
    appointments = Appointment.objects.filter(county=actor.county).select_related("person")
    return appointments if keeps_people(actor) else appointments.filter(person=actor.person)


def delegations_visible_to(actor: Actor) -> QuerySet[Delegation]:
    """Delegations of the county for those who keep people, else those one gave or was given."""
    lent = Delegation.objects.filter(appointment__county=actor.county).select_related("appointment__person", "to")
    if keeps_people(actor):
        return lent
    return lent.filter(Q(appointment__person=actor.person) | Q(to=actor.person))


def grants_visible_to(actor: Actor) -> QuerySet[Grant]:
    """Grants of the county for those who give them, else those one holds."""
    grants = Grant.objects.filter(county=actor.county).select_related("to_person")
    if actor.can("grants.manage"):
        return grants
    return grants.filter(Q(to_person=actor.person) | Q(to_unit=actor.unit))


def users_visible_to(actor: Actor) -> QuerySet[User]:
    """Accounts of the county, for those who keep them."""
    users = User.objects.filter(person__county=actor.county).select_related("person")
    if keeps_people(actor) or actor.can("accounts.unlock"):
        return users
    return users.filter(pk__in=[actor.user])


def sign_ins_of(actor: Actor) -> QuerySet[SignIn]:
    """Where the actor is signed in now, latest first."""
    return SignIn.objects.filter(user=actor.user, ended_at__isnull=True).order_by("-seen_at")


def stand_ins(actor: Actor, appointment: Appointment, *, day: date) -> QuerySet[Person]:
    """Who can be asked to stand in: for a post that sees the county anybody but administrators, for another the people
    of the units where its holder has a post; for an administrator those who hold no post."""
    held = Appointment.objects.filter(_on(day), county=actor.county)
    people = Person.objects.filter(county=actor.county).exclude(pk=appointment.person_id).order_by("sort_key", "pk")
    post = posts()[appointment.post]
    if post.admin:
        return people.exclude(pk__in=held.values("person"))
    people = people.exclude(pk__in=held.filter(post__in=[c for c, p in posts().items() if p.admin]).values("person"))
    if post.scope == "county":
        return people
    units = held.filter(person=appointment.person_id).values("unit")
    return people.filter(pk__in=held.filter(unit__in=units).values("person"))


def delegations_of(actor: Actor, person: Person) -> QuerySet[Delegation]:
    """What a person lent and was lent, latest first."""
    both = Q(appointment__person=person) | Q(to=person)
    return delegations_visible_to(actor).filter(both).order_by("-start_on", "-pk")


def account(key: str | None) -> User | None:
    """The account of somebody who is just signing in; nobody reads it yet."""
    return User.objects.filter(pk=key).select_related("person").first() if key else None


_DEVICES = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (("Windows", "Windows"), ("Android", "安卓"), ("iPhone", "iPhone"), ("Mac OS", "Mac"), ("Linux", "Linux"))


def device_name(agent: str) -> str:
    """What a browser calls itself, in two words; only for people to recognise their own device."""
    browser = next((name for mark, name in _DEVICES if mark in agent), "浏览器")
    where = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{browser} · {where}" if where else browser


def reached(*, county: str, units: Collection[UUID], persons: Collection[UUID], day: date) -> set[UUID]:
    """Of these units and people those where somebody can sign in: an account that is on, and for a unit a post there,
    held or lent, on the day. Three statements.

    Returns:
        Keys of units and of people in one set.
    """
    able = User.objects.filter(is_active=True, person__county=county).values("person")
    held = Appointment.objects.filter(_on(day), unit__in=units, person__in=able)
    lent = Delegation.objects.filter(
        _on(day), _on(day, "appointment__"), appointment__unit__in=units, taken_back_at__isnull=True, to__in=able
    )
    return {
        *held.values_list("unit", flat=True),
        *lent.values_list("appointment__unit", flat=True),
        *able.filter(person__in=persons).values_list("person", flat=True),
    }


def is_admin(person: Person, *, day: date) -> bool:
    """The person holds, or was lent, one of the three administrators' posts."""
    return any(posts()[hat.appointment.post].admin for hat in hats(person, day=day))


def served_in(
    *, county: str, persons: Collection[UUID], units: Collection[UUID], since: date
) -> dict[tuple[UUID, UUID], date | None]:
    """Of these people and units the pairs in which the person holds a post in the unit, or held one on or after the day.

    Returns:
        The last day of the post by person and unit; None where it has no end.
    """
    held = Appointment.objects.filter(county=county, person__in=persons, unit__in=units)
    rows = held.filter(Q(end_on__isnull=True) | Q(end_on__gte=since)).values_list("person", "unit", "end_on")
    found: dict[tuple[UUID, UUID], date | None] = {}
    for person, unit, end_on in rows.order_by("end_on"):
        open_ = found.get((person, unit), end_on) is None
        found[person, unit] = None if open_ else end_on
    return found
