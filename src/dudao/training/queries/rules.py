"""The numbers that rules name, or the county in their place, on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from dudao.inspectors import library as register
from dudao.shell.evidence import EVIDENCE
from dudao.training.models import Kind, RuleValue

#: Ids of ``library/inspectors.yaml`` that are about training.
IDS = ("training_hours", "training_online", "training_self", "training_everybody")
#: Those that are only on (1) or off (0).
SWITCHES = frozenset({"training_online", "training_self"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A number as it stands on a day: its value, where it comes from, how sure that is (codes of ``EVIDENCE``; empty: set here)."""

    id: str
    name: str
    value: int
    unit: str
    clause: str
    evidence: str
    from_on: date | None = None

    @property
    def sure(self) -> str:
        """How sure it is, in words."""
        return EVIDENCE[self.evidence] if self.evidence else "本县规定"

    @property
    def shown(self) -> str:
        """The value in words."""
        if self.id in SWITCHES:
            return "计入" if self.value else "不计入"
        return f"{self.value} {self.unit}"


def rules(county: str, *, day: date) -> Mapping[str, Standing]:
    """The rules of training by id. One statement."""
    set_here = {one.rule: one for one in RuleValue.objects.filter(county=county, from_on__lte=day).order_by("from_on")}
    found = {}
    for id_ in IDS:
        rule, here = register.rules()[id_], set_here.get(id_)
        found[id_] = (
            Standing(id_, rule.name, here.value, rule.unit, here.source, "", here.from_on)
            if here
            else Standing(id_, rule.name, rule.value, rule.unit, rule.clause, rule.evidence)
        )
    return found


def counting(found: Mapping[str, Standing]) -> frozenset[str]:
    """Kinds whose hours count for the year's hours."""
    kinds = {Kind.CLASS.value}
    if found["training_online"].value:
        kinds.add(Kind.ONLINE)
    if found["training_self"].value:
        kinds.add(Kind.SELF)
    return frozenset(kinds)


def last_day(year: int, today: date) -> date:
    """The day a year is looked at from: its last, or today where it still runs."""
    return min(date(year, 12, 31), today)
