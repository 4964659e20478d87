"""What ends soon or has ended: certificates and terms. Read for the workbench and for the messages made ready each morning."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Prefetch, Q

from dudao.inspectors import queries
from dudao.inspectors.models import Inspector, Term
from dudao.inspectors.services.terms import in_a_row
from dudao.shell.acts import Actor


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate or a term of somebody in office (or whose last term ran out) that ends within the days of warning, or has ended.

    Attributes:
        what: ``certificate`` or ``term``.
        is_last: of a part-time term: the last in a row that there may be, so that it cannot be renewed.
    """

    inspector: UUID
    person: UUID
    name: str
    what: str
    day: date
    is_last: bool = False

    def words(self, today: date) -> str:
        label = "督学证" if self.what == "certificate" else "任期"
        left = (self.day - today).days
        when = f"还有 {left} 天" if left >= 0 else f"已过 {-left} 天"
        last = "，已连续任职到最多届数，不能续聘" if self.is_last else ""
        return f"{label} {self.day.isoformat()} 到期，{when}{last}"


def endings(actor: Actor, *, today: date) -> list[Ending]:
    """What ends for the inspectors whom the reader sees, the earliest first. Three statements."""
    rules = queries.rules_on(actor.county, day=today)
    soon, most = today + timedelta(days=rules["warn_days"].value), rules["most_terms"].value
    terms = Term.objects.exclude(state=Term.State.REFUSED).order_by("ordinal")
    announced = Q(terms__state=Term.State.ANNOUNCED, terms__start_on__lte=today)
    rows = (
        queries.inspectors_visible_to(actor)
        .filter(announced, Q(certificate_to__lte=soon) | Q(terms__end_on__lte=soon))
        .distinct()
        .select_related("person")
        .prefetch_related(Prefetch("terms", terms, "all_terms"))
    )
    found = []
    for row in rows:
        who = (row.pk, row.person_id, row.person.name)
        last = row.all_terms[-1]
        # One that was followed by another, on its way or announced, is over without a word.
        if last.state == Term.State.ANNOUNCED and last.end_on and last.end_on <= soon:
            is_last = row.kind == Inspector.Kind.PART and in_a_row(row.all_terms) >= most
            found.append(Ending(*who, "term", last.end_on, is_last))
        if row.certificate_to and row.certificate_to <= soon:
            found.append(Ending(*who, "certificate", row.certificate_to))
    return sorted(found, key=lambda one: (one.day, one.name))
