"""Which hats a person has, and what an actor may."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from dudao.accounts.models import Appointment, Delegation, Grant, Person, User
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
        Delegation.objects.filter(_on(day), _on(day, "appointment__"), to=person)
        .select_related("appointment__person")
        .order_by("start_on", "pk")
    )
    everyone = Actor(county=person.county)
    wanted = {a.unit_id for a in own} | {d.appointment.unit_id for d in lent}
    versions = places.units_visible_to(everyone, as_of=day).filter(unit_id__in=wanted)
    names = {v.unit_id: v.short_name or v.name for v in versions}
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
    lent = Grant.objects.filter(_on(day), Q(to_person=person) | Q(to_unit=unit), on_type="places.unit")
    units = {unit} | {UUID(key) for key in lent.values_list("on_key", flat=True)}
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


def people_visible_to(actor: Actor) -> QuerySet[Person]:
    """People of the county for those who see it whole, else those appointed in the actor's units."""
    people = Person.objects.filter(county=actor.county)
    if actor.sees_county or actor.can("accounts.manage"):
        return people
    return people.filter(appointments__unit__in=actor.units).distinct()
