"""Which form is in force in a county, and its versions."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from dudao.returns import library
from dudao.returns.models import CountyForm
from dudao.shell.acts import Actor
from dudao_engines.standards.forms import Form


@dataclass(frozen=True, slots=True)
class InForce:
    """A form as it would be asked now: its text, read; ``number`` 0 is the house's own."""

    form: Form
    text: str
    number: int
    note: str = ""
    made_name: str = ""
    made_at: datetime | None = None

    @property
    def label(self) -> str:
        return f"本县第 {self.number} 版" if self.number else f"通用第 {self.form.version} 版"


def county_forms(actor: Actor) -> QuerySet[CountyForm]:
    """The versions that the county made, the latest first."""
    return CountyForm.objects.filter(county=actor.county).order_by("form", "-number")


def in_force(actor: Actor, form: str) -> InForce | None:
    """One form as it would be asked now; None where the house has no such form."""
    if form not in library.forms():
        return None
    row = county_forms(actor).filter(form=form).first()
    return _of(row) if row else InForce(library.forms()[form], library.text_of(form), 0)


def all_in_force(actor: Actor) -> list[InForce]:
    """Every form as it would be asked now; one statement."""
    newest: dict[str, CountyForm] = {}
    for row in county_forms(actor):
        newest.setdefault(row.form, row)
    return [
        _of(newest[form]) if form in newest else InForce(found, library.text_of(form), 0)
        for form, found in library.forms().items()
    ]


def _of(row: CountyForm) -> InForce:
    return InForce(library.read(row.text), row.text, row.number, row.note, row.made_name, row.made_at)
