"""Who acts: the value that every service and query takes."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """One person in one hat at one moment, or the system itself.

    Built once a request (accounts) or once a job; plain data, so that every floor may take it.

    Attributes:
        county: GB/T 2260 code of the county acted in.
        user: key of the account; ``None`` for the system.
        person: key of the person; ``None`` for the system.
        name: the person's name, as written into the audit event.
        hat: key of the appointment or delegation acted under.
        hat_label: the hat in words: unit and post.
        unit: key of the hat's unit.
        post: code of the hat's post (library/posts.yaml).
        on_behalf_of: key of the person whose hat this is, when delegated.
        may: capabilities that the hat gives, for example ``plan.confirm``.
        units: keys of the units whose rows the hat sees: its own, and those granted to it. Seeing is not acting.
        sees_county: the hat sees all rows of the county.
    """

    county: str
    user: UUID | None = None
    person: UUID | None = None
    name: str = "系统"
    hat: UUID | None = None
    hat_label: str = "系统"
    unit: UUID | None = None
    post: str = ""
    on_behalf_of: UUID | None = None
    may: frozenset[str] = field(default_factory=frozenset)
    units: frozenset[UUID] = field(default_factory=frozenset)
    sees_county: bool = False

    def can(self, capability: str) -> bool:
        return capability in self.may

    def acts_for_county(self, *capabilities: str) -> bool:
        """Whether the hat sees the whole county and gives one of the capabilities; the system always may."""
        return self.sees_county and (self.person is None or not self.may.isdisjoint(capabilities))

    def is_of(self, unit: UUID) -> bool:
        """Whether the hat's post is in this unit, so that it acts as the unit. A grant lets one only see."""
        return unit == self.unit

    @property
    def hands(self) -> set[UUID]:
        """Whose act it is: who does it, and in whose hat."""
        return {one for one in (self.person, self.on_behalf_of) if one}


def system(county: str) -> Actor:
    """The system acting by itself: schedules, import at start, sealing."""
    return Actor(county=county, sees_county=True)
