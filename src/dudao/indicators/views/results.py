"""Pages of results: the county, units × indicators, one indicator over its units, and any number opened down to its cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from dudao.indicators import board
from dudao.indicators.queries import results as numbers
from dudao.indicators.queries.results import WHICH, Computed, Which
from dudao.returns import library
from dudao.returns import queries as returns
from dudao.shell import clock, sheets
from dudao.shell.http import Request
from dudao.shell.lists import Value
from dudao_engines.standards import explain, values
from dudao_engines.standards.bound import BoundPart
from dudao_engines.standards.explain import Step
from dudao_engines.standards.results import Result, Verdict, as_number
from dudao_engines.standards.values import Unknown


@dataclass(frozen=True, slots=True)
class Asked:
    """Which standard, period and values a page is asked for."""

    standard: str
    period: str
    which: Which
    periods: Sequence[tuple[str, str]]

    @property
    def query(self) -> str:
        return urlencode({"standard": self.standard, "period": self.period, "which": self.which})

    @property
    def period_label(self) -> str:
        return dict(self.periods).get(self.period, self.period)

    def context(self, request: Request) -> dict[str, Any]:
        """What every page of results shows in its head."""
        return {
            "asked": self,
            "standards": [(one.id, one.short_name) for one in library.standards().values()],
            "whiches": list(WHICH.items()),
            "which_words": WHICH[self.which],
            "printing": request.GET.get("print") == "1",
            "sees_county": request.actor.sees_county,
            "standing": returns.standing(request.actor, self.period, library.standards()[self.standard].forms),
        }


def asked_of(request: Request) -> Asked:
    """What the address asks for; where it does not say, the first standard that the reader has numbers of, and the latest
    period."""
    known = library.standards()
    wanted = request.GET.get("standard", "")
    if wanted and wanted not in known:
        raise Http404
    by_standard = {id: returns.periods(request.actor, known[id].forms) for id in ([wanted] if wanted else known)}
    standard = next((id for id, found in by_standard.items() if found), wanted or next(iter(known), ""))
    periods = by_standard[standard]
    period = request.GET.get("period", "") or (periods[0][0] if periods else "")
    if period not in dict(periods):
        if request.GET.get("period"):
            raise Http404
        period = ""
    which = request.GET.get("which", "adopted")
    if which not in WHICH:
        raise Http404
    return Asked(standard, period, "adopted" if which == "adopted" else "reported", periods)


def computed_for(request: Request, asked: Asked) -> Computed:
    return numbers.computed(request.actor, asked.standard, asked.period, asked.which, on=clock.today())


def units_for(made: Computed) -> board.Units:
    """What the numerators and denominators of a standard are counted in."""
    return board.units_of(made.bound, numbers.units_of_fields())


def _empty(request: Request, asked: Asked) -> HttpResponseBase:
    return render(request, "indicators/no_data.html", asked.context(request))


# The county


@require_GET
def county(request: Request) -> HttpResponseBase:
    """The county's numbers by group: value, limit, verdict, how it was before, how the units lie."""
    asked = asked_of(request)
    if not request.actor.sees_county:
        return matrix(request)
    if not asked.period:
        return _empty(request, asked)
    made = computed_for(request, asked)
    codes = [code for code, _ in asked.periods]
    earlier = next(iter(codes[codes.index(asked.period) + 1 :]), "")
    before = (
        numbers.computed(request.actor, asked.standard, earlier, asked.which, on=clock.today()).results
        if earlier
        else None
    )
    blocks = board.blocks(made.bound, made.results, before, units_for(made))
    if request.GET.get("export") == "xlsx":
        return _county_sheet(asked, made, blocks)
    other = numbers.computed(
        request.actor,
        asked.standard,
        asked.period,
        "reported" if asked.which == "adopted" else "adopted",
        on=clock.today(),
    )
    conclusion = made.results.conclusions[0] if made.results.conclusions else None
    counts = {name: sum(block.counts.get(verdict, 0) for block in blocks) for name, verdict in _COUNTED.items()}
    return render(
        request,
        "indicators/county.html",
        {
            **asked.context(request),
            "made": made,
            "blocks": blocks,
            "conclusion": conclusion,
            "conclusion_tone": board.tone(conclusion.verdict) if conclusion else "",
            "counts": counts,
            "left_out": made.results.left_out,
            "earlier_label": dict(asked.periods).get(earlier, ""),
            "turned": _turned(made, other),
            "published": {
                key: words
                for key, part in made.bound.parts.items()
                for one in made.results.each(key)[:1]
                if (words := _published(made, part, one))
            },
            "view": "county",
        },
    )


_COUNTED: Mapping[str, Verdict] = {
    "met": Verdict.PASS,
    "unmet": Verdict.FAIL,
    "unknown": Verdict.MISSING,
    "unsettled": Verdict.UNCHECKED,
}


@dataclass(frozen=True, slots=True)
class Turned:
    """A verdict that is another by what was reported than by what was adopted."""

    part: str
    name: str
    unit_name: str
    stage: str
    reported: Result
    adopted: Result

    @property
    def reported_tone(self) -> str:
        return board.tone(self.reported.trial)

    @property
    def adopted_tone(self) -> str:
        return board.tone(self.adopted.trial)


def _turned(one: Computed, other: Computed) -> list[Turned]:
    reported, adopted = (one, other) if one.which == "reported" else (other, one)
    found = []
    for result in adopted.results.results:
        was = reported.results.get(result.part, result.unit, result.stage)
        if was and was.trial is not result.trial and result.trial is not Verdict.NONE:
            part = one.bound.parts[result.part]
            found.append(Turned(result.part, board.part_name(part), result.name, result.stage, was, result))
    return found


def _county_sheet(asked: Asked, made: Computed, blocks: Sequence[board.Block]) -> HttpResponseBase:
    heads = ("编号", "指标", "学段", "值", "分子 / 分母", "限值", "判定", "试算", "上一期", "说明")
    parts = [
        (
            block.name,
            heads,
            [
                (
                    *(line.number, line.name, line.stage, line.words, line.fraction, line.limit),
                    *(line.verdict.value, line.trial.value, line.before, line.reason),
                )
                for line in block.lines
            ],
        )
        for block in blocks
    ]
    title = f"{made.standard.short_name}判定（{asked.period_label}，{WHICH[asked.which]}）"
    return sheets.table(title, parts, said=f"依据 {made.standard.doc_no}", today=clock.today())


# Units × indicators


@require_GET
def matrix(request: Request) -> HttpResponseBase:
    """Units in rows, indicators in columns, the county's own row under them."""
    asked = asked_of(request)
    if not asked.period:
        return _empty(request, asked)
    made, whole = computed_for(request, asked), request.actor.sees_county
    levels = [one for one in made.standard.levels if made.bound.table_of(one.id) != "county"]
    choices = [
        (one.id, stage, stage or one.name)
        for one in levels
        for stage in (one.stages or ("",))
        if _is_asked(made, one.id)
    ]
    level, stage = request.GET.get("level", ""), request.GET.get("stage", "")
    if (level, stage) not in {(a, b) for a, b, _ in choices}:
        level, stage, _ = next((one for one in choices if one[1]), choices[0] if choices else ("", "", ""))
    found = board.matrix(made.bound, made.results, level, stage, _sizes(made, level))
    rows = list(found.rows)
    only = request.GET.get("only", "")
    if only in _COUNTED:
        rows = [
            row for row in rows if any(cell and cell.verdict is _COUNTED[only] for cell in (*row.cells, row.overall))
        ]
    if word := request.GET.get("q", "").strip():
        rows = [row for row in rows if word in row.name or word in row.unit]
    if request.GET.get("export") == "xlsx":
        return _matrix_sheet(asked, made, found, rows, stage)
    total = [cell for row in rows for cell in (*row.cells, row.overall) if cell]
    return render(
        request,
        "indicators/matrix.html",
        {
            **asked.context(request),
            "made": made,
            "matrix": found,
            "rows": rows,
            "level": level,
            "stage": stage,
            "choices": choices,
            "only": only,
            "q": word,
            "counts": {name: sum(1 for one in total if one.verdict is verdict) for name, verdict in _COUNTED.items()},
            "foot": found.foot if whole else [],
            "has_foot": whole and any(found.foot),
            "left_out": made.results.left_out if whole else [],
            "view": "matrix",
            "pass_rule": _rule_words(made, found.overall),
        },
    )


def _is_asked(made: Computed, level: str) -> bool:
    return any(one.level.id == level and one.part.kind != "info" for one in made.bound.parts.values())


def _rule_words(made: Computed, overall: str) -> str:
    return made.bound.parts[overall].indicator.description if overall else ""


def _sizes(made: Computed, level: str) -> dict[tuple[str, str], str]:
    """Pupils of each row: the first denominator of the level that is a quantity or field of the row itself."""
    part = next((one for one in made.bound.parts.values() if one.level.id == level and one.count.denominator), None)
    if part is None:
        return {}
    return {
        (row.record.unit, row.stage): values.shown(found.denominator, None)
        for row in made.evaluator.rows(level)
        if (found := made.evaluator.found(part.key, row)).denominator is not None
    }


def _matrix_sheet(
    asked: Asked, made: Computed, found: board.Matrix, rows: Sequence[board.MatrixRow], stage: str
) -> HttpResponseBase:
    heads = ["标识码", "单位", "在校（园）人数"]
    for key, name, limit in found.columns:
        heads += [f"{key} {name}（{limit}）" if limit else f"{key} {name}", f"{key} 判定"]
    heads.append("综合判定")
    lines: list[list[Value]] = []
    for row in rows:
        line: list[Value] = [row.unit, row.name, sheets.number(row.size)]
        for cell in row.cells:
            line += [sheets.number(cell.shown) if cell else None, cell.verdict.value if cell else None]
        lines.append([*line, row.overall.verdict.value if row.overall else None])
    title = f"{made.standard.short_name}分单位判定（{asked.period_label}，{WHICH[asked.which]}）"
    return sheets.table(
        title, [(stage or "各单位", heads, lines)], said=f"依据 {made.standard.doc_no}", today=clock.today()
    )


# One indicator over its units


@require_GET
def indicator(request: Request, part: str) -> HttpResponseBase:
    """One indicator: its text, limits, what is checked; the bars of its units with the table beside."""
    asked = asked_of(request)
    if not asked.period:
        return _empty(request, asked)
    made, whole = computed_for(request, asked), request.actor.sees_county
    if part not in made.bound.parts:
        raise Http404
    bound = made.bound.parts[part]
    is_county = made.bound.table_of(bound.level.id) == "county"
    if is_county and not whole:
        raise Http404
    mine = made.results.each(part)
    stages = list(dict.fromkeys(one.stage for one in mine))
    stage = request.GET.get("stage", "")
    stage = stage if stage in stages else (stages[0] if stages else "")
    shown = [one for one in mine if one.stage == stage]
    drawn = board.chart(bound, shown) if not is_county else None
    units = units_for(made)
    # Units of which the indicator asks nothing are counted, not listed.
    listed = [one for one in shown if one.trial is not Verdict.NONE or bound.part.kind == "info"]
    table = sorted(listed, key=lambda one: (_ORDER[one.trial], one.name))
    if request.GET.get("export") == "xlsx":
        lines = [
            (one.unit, one.name, one.stage, sheets.number(board.looks(one.numerator)), sheets.number(board.looks(one.denominator)),
             sheets.number(one.shown), board.limit_words(one.op, one.limit), one.verdict.value, one.reason)
            for one in table
        ]  # fmt: skip
        heads = ("标识码", "单位", "学段", "分子", "分母", "值", "限值", "判定", "说明")
        title = f"{part} {board.part_name(bound)}（{asked.period_label}）"
        return sheets.table(title, [(stage or "各单位", heads, lines)], said="", today=clock.today())
    return render(
        request,
        "indicators/indicator.html",
        {
            **asked.context(request),
            "made": made,
            "part": bound,
            "name": board.part_name(bound),
            "stages": stages,
            "stage": stage,
            "chart": drawn,
            "table": [(one, board.tone(one.verdict), board.fraction_words(one, units)) for one in table],
            "spread": board.spread_of(bound, shown),
            "why_not": made.usable.why_not(part),
            "number": board.number_of(bound),
            "not_asked": len(shown) - len(listed),
            "units": units.get(part),
            "is_county": is_county,
            "view": "matrix",
        },
    )


_ORDER = {Verdict.FAIL: 0, Verdict.MISSING: 1, Verdict.UNCHECKED: 2, Verdict.PASS: 3, Verdict.NONE: 4}


# A number opened


@require_GET
def number(request: Request, part: str, unit: str) -> HttpResponseBase:
    """One number down to its cells: panes from left to right, each opened by a link (``path``: places in the tree)."""
    asked = asked_of(request)
    if not asked.period:
        return _empty(request, asked)
    made, whole = computed_for(request, asked), request.actor.sees_county
    stage = request.GET.get("stage", "")
    result = made.results.get(part, unit, stage)
    is_county = part in made.bound.parts and made.bound.table_of(made.bound.parts[part].level.id) == "county"
    if result is None or part not in made.bound.parts or (is_county and not whole):
        raise Http404
    root = explain.explain(made.evaluator, made.usable, part, unit, stage)
    path = _path(request.GET.get("path", ""))
    bound = made.bound.parts[part]
    return render(
        request,
        "indicators/number.html",
        {
            **asked.context(request),
            "made": made,
            "part": bound,
            "result": result,
            "name": board.part_name(bound),
            "tone": board.tone(result.verdict),
            "exact": values.exactly(result.value) if result.value is not None else "",
            "long": _long(result),
            "fraction": board.fraction_words(result, units_for(made)).replace(" / ", " ÷ "),
            "limit": board.limit_words(result.op, result.limit),
            "panes": list(_panes(request, asked, root, path)),
            "inner": _inner(made, bound, unit, stage),
            "published": _published(made, bound, result),
            "is_missing": isinstance(result.value, Unknown),
            "stage": stage,
            "view": "matrix",
        },
    )


@dataclass(frozen=True, slots=True)
class Inner:
    """One of the parts that a rule rests on, at the same unit: how far its value goes of the limit."""

    result: Result
    name: str
    limit: str
    share: str

    @property
    def tone(self) -> str:
        return board.tone(self.result.trial)


def _inner(made: Computed, part: BoundPart, unit: str, stage: str) -> list[Inner]:
    """What a rule over other parts of the same unit rests on."""
    found = []
    for key in part.needs if part.part.kind == "rule" else ():
        one = made.results.get(key, unit, stage)
        if one:
            value, limit = one.value, one.limit
            share = (
                f"{values.rounded(value / limit * 100, 1)}%"
                if isinstance(value, Fraction) and isinstance(limit, Fraction) and limit
                else ""
            )
            found.append(Inner(one, board.part_name(made.bound.parts[key]), board.limit_words(one.op, limit), share))
    return sorted(found, key=lambda one: one.result.part)


def _published(made: Computed, part: BoundPart, result: Result) -> str:
    """What was published of a number, and whether it can be computed again."""
    if not part.part.published:
        return ""
    row = next((one for one in made.evaluator.rows(part.level.id) if one.record.unit == result.unit), None)
    cell = made.evaluator.cell(part.part.published, row) if row else None
    if cell is None or not isinstance(cell.value, int | Decimal):
        return ""
    said = f"{cell.value}{part.part.unit if part.part.unit == '%' else ''}"
    value = as_number(result.value)
    if value is None:
        return (
            f"已公布 {said}，不可复算：{result.reason.split('；')[-1]}{_would_give(part, result, Fraction(cell.value))}"
        )
    same = values.rounded(value, part.part.decimals or 0) == cell.value
    return f"已公布 {said}，与计算{'一致' if same else f'不一致（算得 {result.shown}）'}"


def _would_give(part: BoundPart, result: Result, published: Fraction) -> str:
    """Which whole denominators would give what was published, where only the denominator is not known and few do."""
    if not isinstance(result.numerator, Fraction) or not isinstance(result.denominator, Unknown) or published <= 0:
        return ""
    amount, decimals = result.numerator * part.factor, part.part.decimals or 0
    nearest = int(amount / published)
    found = [
        one
        for one in range(max(nearest - _NEAR, 1), nearest + _NEAR)
        if Fraction(values.rounded(amount / one, decimals)) == published
    ]
    return f"；若分母为 {'、'.join(map(str, found))}，可得此数" if 0 < len(found) <= 5 else ""


#: How many whole numbers on either side are tried.
_NEAR = 20


def _path(text: str) -> list[int]:
    try:
        return [int(one) for one in text.split(".") if one]
    except ValueError:
        raise Http404 from None


def _long(result: Result) -> str:
    """The value to ten places, with … where it goes on."""
    value = as_number(result.value)
    if value is None:
        return ""
    text = f"{values.rounded(value, 10):f}".rstrip("0").rstrip(".")
    exact = values.shown(value, None)
    return text if text == exact else f"{text}…"


@dataclass(frozen=True, slots=True)
class Pane:
    """One step of the tree, with links to those below it."""

    step: Step
    items: Sequence[tuple[Step, str, bool]]
    history: str


def _panes(request: Request, asked: Asked, root: Step, path: Sequence[int]) -> Iterator[Pane]:
    """The root and every step on the path."""
    step = root
    for depth in range(len(path) + 1):
        chosen = path[depth] if depth < len(path) else None
        items = [(one, _address(request, [*path[:depth], at]), at == chosen) for at, one in enumerate(step.children)]
        yield Pane(step, items, _history(request, asked, step) if chosen is None else "")
        if chosen is None:
            return
        if not 0 <= chosen < len(step.children):
            raise Http404
        step = step.children[chosen]


def _address(request: Request, path: Sequence[int]) -> str:
    query = request.GET.copy()
    query["path"] = ".".join(map(str, path))
    return f"?{query.urlencode()}#open"


def _history(request: Request, asked: Asked, step: Step) -> str:
    """The page of a cell's history and evidence; empty for what people judged, and where nothing was asked."""
    if step.kind != "cell" or ":" in step.code:
        return ""
    found = returns.cell_history(request.actor, step.unit, step.code, asked.period)
    return reverse("returns:cell", args=[found.ret.pk, step.code]) if found else ""
