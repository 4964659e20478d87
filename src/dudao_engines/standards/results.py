"""What a standard comes to over some data: one result for each number, unit and stage; and what a county has decided about it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from dudao_engines.standards.values import Known, Root, Unknown, exactly


class Verdict(StrEnum):
    """PASS and FAIL are said by exact numbers; MISSING where data lack; UNCHECKED where the rule itself is not checked yet."""

    PASS = "达标"  # noqa: S105 (a verdict, not a password)
    FAIL = "不达标"
    MISSING = "无法判定"
    UNCHECKED = "暂不能判定"
    #: Shown, never judged.
    NONE = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a county has decided about a standard, as it holds on one day.

    Attributes:
        parameters: values set, by id of the parameter.
        limits: values set for limits that a province gives, by key (``G7.1``).
        checked: what somebody has checked against the original: keys of indicators, limits, parameters, variants
            (``Q1.A``), concessions.
        variants: the chosen way to compute, by key of the part.
        concessions: ids of those opened.
        opened: ids of indicators that are closed in the file and were opened, or limits that are no default: those take the place of
            the defaults for the same stage and condition.
        judge_on: ``unrounded`` or ``rounded``; empty: as the file says.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    checked: frozenset[str] = frozenset()
    variants: Mapping[str, str] = field(default_factory=dict)
    concessions: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    judge_on: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One number or judgement of one unit.

    Attributes:
        indicator, part: id of the indicator; ``key`` of the part (``R1``, ``G11.a``).
        level: id of the level judged.
        unit, name, county: code and name of the unit, code of its county.
        stage: of its stages, or empty.
        numerator, denominator, value, limit: exact; ``Unknown`` with its gaps; None where there is none.
        op: how value and limit are compared, or empty.
        verdict: the official one.
        trial: what it would be, were the rule checked.
        reason: why it is missing or unchecked, in words.
        shown: the value rounded once, half up.
    """

    standard: str
    indicator: str
    part: str
    level: str
    unit: str
    name: str
    county: str
    stage: str
    numerator: Known | None
    denominator: Known | None
    value: Known | None
    op: str
    limit: Known | None
    verdict: Verdict
    trial: Verdict
    reason: str
    shown: str

    def record(self) -> dict[str, object]:
        """As the one object of a line that ``dudao indicators compute --json`` prints."""
        return {
            "standard": self.standard,
            "indicator": self.part,
            "level": self.level,
            "unit": self.unit,
            "name": self.name,
            "stage": self.stage or None,
            "numerator": _written(self.numerator),
            "denominator": _written(self.denominator),
            "value": _written(self.value),
            "shown": self.shown,
            "op": self.op or None,
            "limit": _written(self.limit),
            "verdict": self.verdict.value or None,
            "trial": self.trial.value or None,
            "reason": self.reason,
        }


def _written(value: Known | None) -> str | None:
    return None if value is None or isinstance(value, Unknown) else exactly(value)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A unit that is not judged, and why."""

    level: str
    unit: str
    name: str
    says: str


@dataclass(slots=True)
class Results:
    """All results over a dataset, in the order of the standard and the data.

    Attributes:
        conclusions: of each county: the standard's verdict.
        left_out: units that are not judged.
    """

    standard: str
    results: list[Result]
    conclusions: list[Result]
    left_out: list[LeftOut]
    _by_place: dict[tuple[str, str, str], Result] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._by_place = {(one.part, one.unit, one.stage): one for one in (*self.results, *self.conclusions)}

    def __iter__(self) -> Iterator[Result]:
        yield from self.results
        yield from self.conclusions

    def of(self, part: str, unit: str, stage: str = "") -> Result:
        """One result. Raises: KeyError."""
        return self._by_place[part, unit, stage]

    def get(self, part: str, unit: str, stage: str = "") -> Result | None:
        return self._by_place.get((part, unit, stage))

    def each(self, part: str, stage: str | None = None) -> list[Result]:
        """All units' results of a part, of one stage or of all."""
        return [one for one in self.results if one.part == part and stage in (None, one.stage)]


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Several judgements that must all be met. One whose rule is not checked leaves no official verdict (domain rule 3);
    otherwise one that fails decides, then what is missing."""
    seen = set(verdicts) - {Verdict.NONE}
    for one in (Verdict.UNCHECKED, Verdict.FAIL, Verdict.MISSING):
        if one in seen:
            return one
    return Verdict.PASS if seen else Verdict.NONE


def as_number(value: Known | None) -> Fraction | Root | None:
    return value if isinstance(value, Fraction | Root) else None
