"""A standard over data: every number, its verdict and its reason, and the county's conclusion, by the exact engine."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import values
from dudao_engines.standards.bound import Bound, BoundPart, bind, in_force
from dudao_engines.standards.exact import Evaluator, Found, Row
from dudao_engines.standards.formula import Kind, Parameter, Quantity, Typed, parts
from dudao_engines.standards.model import Dataset
from dudao_engines.standards.results import Result, Results, Settings, Verdict
from dudao_engines.standards.schema import SURE, Standard
from dudao_engines.standards.values import Known, Root, Unknown

if TYPE_CHECKING:
    from dudao_engines.standards.forms import Form

_KINDS: Mapping[str, Kind] = {"bool": "bool", "enum": "text", "text": "text"}

#: How the county's conclusion is called among the results.
CONCLUSION = "conclusion"


def bound_of(standard: Standard, forms: Mapping[str, "Form"]) -> Bound:
    """A standard bound to the fields of its forms.

    Args:
        standard: as read.
        forms: all forms by id; those that the standard names are used.

    Raises:
        EngineInputError: ``standard.formula``, ``standard.level``, ``standard.forms`` (a form it names is not there).
    """
    fields: dict[str, dict[str, Kind]] = {}
    labels: dict[str, str] = {}
    for id in standard.forms:
        if id not in forms:
            raise EngineInputError("standard.forms", f"{standard.id}.yaml：没有“{id}”这张表。")
        form = forms[id]
        for field in form.fields:
            fields.setdefault(form.level, {})[field.code] = _KINDS.get(field.kind, "number")
            labels[field.code] = field.label
    return bind(standard, fields, labels)


def compute(bound: Bound, dataset: Dataset, settings: Settings | None = None) -> Results:
    """Every number of a standard over some data, exactly.

    Args:
        bound: the standard.
        dataset: cells by table; counties may stand side by side, each with its own conclusion.
        settings: what the county has decided; nothing when left out.

    Returns:
        One result for each part and row (unit, or stage of a unit), then one conclusion for each county. A verdict is
        official; ``trial`` says what it would be, were the rules checked (domain rule 3).
    """
    settings = settings or Settings()
    return judged(Evaluator(bound, dataset, settings), Usable(bound, settings))


def judged(evaluator: Evaluator, usable: "Usable") -> Results:
    """As ``compute``, with an evaluator that can be asked more afterwards."""
    bound = evaluator.bound
    found = [
        result_of(bound, part, row, evaluator.found(part.key, row), usable)
        for part in bound.parts.values()
        if evaluator.is_open(part)
        for row in evaluator.rows(part.level.id)
    ]
    county = next(one.id for one in bound.standard.levels if one.table == "county")
    conclusions = [concluded(evaluator, row, usable) for row in evaluator.rows(county)]
    return Results(bound.standard.id, found, conclusions, evaluator.left_out)


def result_of(bound: Bound, part: BoundPart, row: Row, found: Found, usable: "Usable") -> Result:
    """What was found of a part at a row, as a result with its official verdict."""
    unchecked = usable.why_not(part.key) if found.trial is not Verdict.NONE else ""
    return Result(
        standard=bound.standard.id,
        indicator=part.indicator.id,
        part=part.key,
        level=part.level.id,
        unit=row.record.unit,
        name=row.record.name,
        county=row.county,
        stage=row.stage,
        numerator=found.numerator,
        denominator=found.denominator,
        value=found.value,
        op=found.op,
        limit=found.limit,
        verdict=Verdict.UNCHECKED if unchecked else found.trial,
        trial=found.trial,
        reason="；".join(one for one in (unchecked, found.reason, _hidden(part, found)) if one),
        shown=how_shown(part, found.value),
    )


def _hidden(part: BoundPart, found: Found) -> str:
    """The value with more decimals, where the one that is shown would be judged otherwise (0.90 >= 0.9, and fails)."""
    value, limit, decimals = found.value, found.limit, part.part.decimals
    if found.trial not in (Verdict.PASS, Verdict.FAIL) or decimals is None:
        return ""
    if not isinstance(value, Fraction | Root | Decimal) or not isinstance(limit, Fraction):
        return ""
    for places in range(decimals, decimals + 12):
        seen = Fraction(values.rounded(value, places))
        if values.compare(found.op, seen, limit) is (found.trial is Verdict.PASS):
            return f"按未取整的值（{values.shown(value, places)}）判定" if places > decimals else ""
    return "按未取整的值判定"


def numbered(part: BoundPart) -> str:
    """An indicator by its number in the standard and its name: ``第 26 条 园舍玩教具图书达标``, ``G2 城乡四项标准统一``."""
    one = part.indicator
    return f"第 {one.seq} 条 {one.name}" if one.seq else f"{one.id} {one.name}"


def how_shown(part: BoundPart, value: Known | None) -> str:
    """A value as the part shows it: its decimals, and its pattern (``1:{n}``)."""
    if value is None:
        return ""
    text = values.shown(value, part.part.decimals)
    return part.part.display.replace("{n}", text) if part.part.display and not isinstance(value, Unknown) else text


def concluded(evaluator: Evaluator, row: Row, usable: "Usable", met: Known | None = None) -> Result:
    """The conclusion for a county; ``met`` where it is known already."""
    bound = evaluator.bound
    if bound.verdict is None:
        raise TypeError("the standard is not bound")
    met = evaluator.evaluate(bound.verdict, row) if met is None else met
    trial = Verdict.MISSING if isinstance(met, Unknown) else Verdict.PASS if met else Verdict.FAIL
    asked = [part for part in bound.parts.values() if evaluator.is_asked(part) and usable.why_not(part.key)]
    open_rules = list(dict.fromkeys(numbered(part) for part in asked))
    reasons = [
        f"{len(open_rules)} 项指标的规则尚待核对（{'、'.join(open_rules[:6])}{'…' if len(open_rules) > 6 else ''}）"
    ]
    reasons = reasons if open_rules else []
    if isinstance(met, Unknown):
        reasons.append(str(met))
    return Result(
        standard=bound.standard.id,
        indicator=CONCLUSION,
        part=CONCLUSION,
        level=row.level,
        unit=row.record.unit,
        name=row.record.name,
        county=row.county,
        stage="",
        numerator=None,
        denominator=None,
        value=met,
        op="",
        limit=None,
        verdict=Verdict.UNCHECKED if open_rules else trial,
        trial=trial,
        reason="；".join(reasons),
        shown="",
    )


class Usable:
    """Which rules may carry an official conclusion: sure enough by their sources, or checked by somebody (domain rule 3)."""

    def __init__(self, bound: Bound, settings: Settings) -> None:
        self._bound, self._settings = bound, settings
        self._known: dict[str, str] = {}

    def why_not(self, key: str) -> str:
        """Why a part may not be used officially yet, in words; empty where it may. What it rests on counts too."""
        if key not in self._known:
            self._known[key] = ""
            self._known[key] = self._reason(self._bound.parts[key])
        return self._known[key]

    def _reason(self, part: BoundPart) -> str:
        settings, one = self._settings, part.indicator
        checked = settings.checked
        own = one.is_sure or one.id in checked or part.key in checked
        open_things: list[str] = []
        holding = {
            limit.key for stage in part.level.stages or ("",) for limit in in_force(part.limits, settings.opened, stage)
        }
        limits = [limit for limit in part.limits if limit.key in holding]
        if not own:
            open_things.append("指标")
        for limit in limits:
            sure = own if limit.of.evidence is None else limit.of.evidence in SURE
            # A value that the county put in is as sure as its own check, whatever the file's was.
            if (not sure or limit.key in settings.limits) and limit.key not in checked:
                open_things.append(f"限值{limit.of.stage and f'（{limit.of.stage}）'}")
        if part.variants:
            id = settings.variants.get(part.key) or next(id for id, (made, _) in part.variants.items() if made.default)
            if part.variants[id][0].evidence not in SURE and f"{part.key}.{id}" not in checked:
                open_things.append(f"算法“{part.variants[id][0].name}”")
        for concession in part.concessions:
            id = concession.of.id
            # That it is still in force is nobody's word but the county's.
            if id in settings.concessions and id not in checked:
                open_things.append(f"放宽“{concession.of.says}”")
        for id in sorted({*part.part.basis, *self._parameters(part)}):
            if (not self._bound.parameter(id).is_sure or id in settings.parameters) and id not in checked:
                open_things.append(self._bound.parameter(id).name)
        if open_things:
            return f"{'、'.join(dict.fromkeys(open_things))}未核实"
        for need in sorted(part.needs):
            below = [need] if need in self._bound.parts else [each.key for each in self._bound.parts_of(need)]
            for inner in below:
                if inner != part.key and self.why_not(inner):
                    return f"所依据的“{self._bound.parts[inner].indicator.name}”未核实"
        return ""

    def _parameters(self, part: BoundPart) -> set[str]:
        """Parameters that its formulas and limits use, through quantities too."""
        trees: list[Typed] = [limit.value for limit in part.limits]
        for count in (part.count, *(made for _, made in part.variants.values())):
            for by_stage in (count.numerator, count.denominator, count.value):
                trees.extend((by_stage or {}).values())
        found: set[str] = set()
        seen: set[str] = set()
        while trees:
            for node in parts(trees.pop()):
                if isinstance(node, Parameter):
                    found.add(node.id)
                elif isinstance(node, Quantity) and node.id not in seen:
                    seen.add(node.id)
                    trees.extend(self._bound.quantities[node.id].values())
        return found
