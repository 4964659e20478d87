"""Reports whose numbers are formulas: ``library/reports/*.yaml``, and what they say over a frozen result.

A report is words with places in them. A place is a formula of the one formula language, a verdict, or a fact of the report; what it
comes to is a ``Figure`` that keeps its formula, its unit and its exact value, so that no number stands in a report that cannot be
opened. What is missing is printed as missing and collected with its reason; nothing is ever printed as 0 because it is not there.

    {{ count(part, passes(SR)) | 1 }}    a formula at the row of the place, rounded once to that many decimals
    {{ 小学@ count(part, passes(SR)) }}   the same at the stage of the county
    {{ verdict G4 }}  {{ said G4 }}       the official verdict: 是/否 as the forms ask, 达标/不达标 in sentences
    {{ clear V1 }}                        of a veto: 未发生, 已认定发生
    {{ @county }}                         a fact: @county @year @period @office; of a row @name @stage @no
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from dudao_engines.kernel import datafiles
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import formula, values, whatif
from dudao_engines.standards.bound import Bound, bind_at
from dudao_engines.standards.compute import CONCLUSION, Usable, judged
from dudao_engines.standards.exact import Evaluator, Row
from dudao_engines.standards.explain import write
from dudao_engines.standards.formula import Field, Quantity, Refer, Typed
from dudao_engines.standards.model import Dataset
from dudao_engines.standards.results import Result, Results, Verdict, together
from dudao_engines.standards.schema import Evidence, Indicator, Standard
from dudao_engines.standards.values import Known, Unknown

_PLACE = re.compile(r"\{\{\s*(.+?)\s*\}\}")
_AT = re.compile(r"^([^\W\d_]+)@\s*(.+)$", re.DOTALL)
_DECIMALS = re.compile(r"^(.*?)\s*\|\s*(\d)$", re.DOTALL)
_VERDICT = re.compile(r"^(verdict|said|clear)\s+(\S+)$")
#: A measure word behind a number that is not there.
_UNIT = re.compile(r"[所个人项件起份间元％%]|万元|平方米")
_Words = Annotated[str, StringConstraints(min_length=1)]
_Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}$")]

#: 是否达标, as the national forms ask.
YES_NO: Mapping[Verdict, str] = {Verdict.PASS: "是", Verdict.FAIL: "否"}
#: Of a veto.
CLEAR: Mapping[Verdict, str] = {Verdict.PASS: "未发生", Verdict.FAIL: "已认定发生", Verdict.MISSING: "尚未认定"}
NOT_ASKED = "不适用"
_LONGEST = 36  # Characters of a formula in the list of what is missing; the whole stands with the figure.
NO_NUMBER = "—"
_OPS = {">=": "≥", "<=": "≤", ">": "＞", "<": "＜", "==": "＝", "!=": "≠"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """A column: ``mark`` as the form numbers it, ``group`` over it, ``width`` in characters (by its words where left out)."""

    name: _Words
    mark: str = ""
    group: str = ""
    width: float = 0
    # Tells of one person: printed as 张** and 138****1234.
    masked: bool = False


class Repeated(_Strict):
    """The same cell for several items; ``#`` stands for each."""

    of: tuple[str, ...]
    cell: str


class Each(_Strict):
    """A row for each unit, or stage of a unit, of a level."""

    level: _Id
    stage: str = ""


class Line(_Strict):
    """Rows of a table: one, one for each unit (``each``), one for each indicator of groups (``indicators``), one for each record
    of a table of the data (``records``), or a line of words over the whole width (``band``)."""

    cells: tuple[str | Repeated, ...] = ()
    at: str = ""
    each: Each | None = None
    indicators: tuple[str, ...] = ()
    numbered_only: bool = False
    # A row for each record of a table of the data that is no level of the standard; its cells are facts: {{@code}}.
    records: str = ""
    band: str = ""
    empty: str = ""

    def written(self) -> list[str]:
        found: list[str] = []
        for one in self.cells:
            found += [one.cell.replace("#", id) for id in one.of] if isinstance(one, Repeated) else [one]
        return found


class Table(_Strict):
    """A table; ``wrap`` columns stand side by side on paper, the others below."""

    id: _Id
    title: _Words
    above: tuple[str, ...] = ()
    columns: tuple[Column, ...]
    rows: tuple[Line, ...]
    note: str = ""
    wrap: int = 0
    evidence: Evidence = "NAT1"
    clause: str = ""

    @model_validator(mode="after")
    def _rows_fit(self) -> Self:
        for one in self.rows:
            if not one.band and len(one.written()) != len(self.columns):
                raise ValueError(
                    f"表 {self.id} 有 {len(self.columns)} 列，一行却写了 {len(one.written())} 格：{one.written()[:2]}"
                )
        return self


class Chart(_Strict):
    """Bars of one number over the units of a level, with its limit."""

    id: _Id
    title: _Words
    level: _Id
    stage: str = ""
    formula: _Words
    limit: str = ""
    decimals: int = 2
    unit: str = ""


class Item(_Strict):
    """One thing in a report."""

    heading: str = ""
    text: str = ""
    at: str = ""
    when: str = ""
    table: str = ""
    chart: str = ""
    # What people write themselves: id of the field, what it is called, and what to write there.
    free: str = ""
    name: str = ""
    hint: str = ""
    # Results of these groups that are not met, unit by unit.
    problems: tuple[str, ...] = ()
    # Everything that could not be judged, with the reason.
    gaps: bool = False
    # Where the numbers come from: data, standard, settings, digest.
    sources: bool = False

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        kinds = (self.heading, self.text, self.table, self.chart, self.free, self.problems, self.gaps, self.sources)
        if sum(bool(one) for one in kinds) != 1:
            raise ValueError("每一项只能是 heading、text、table、chart、free、problems、gaps、sources 之一")
        return self


class Annex(_Strict):
    id: _Id
    title: _Words
    landscape: bool = False
    items: tuple[Item, ...]


class Report(_Strict):
    """One kind of report over one standard."""

    id: _Id
    version: _Words
    standard: _Id
    name: _Words
    title: _Words
    short: _Words
    evidence: Evidence
    note: str = ""
    body: tuple[Item, ...]
    annexes: tuple[Annex, ...]
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        tables, charts = {one.id for one in self.tables}, {one.id for one in self.charts}
        if len(tables) != len(self.tables) or len(charts) != len(self.charts):
            raise ValueError("表或图的编号写了两次")
        used = [one for part in (self.body, *(annex.items for annex in self.annexes)) for one in part]
        for one in used:
            if (one.table and one.table not in tables) or (one.chart and one.chart not in charts):
                raise ValueError(f"没有“{one.table or one.chart}”这张表或图")
        if lost := (tables - {one.table for one in used}) | (charts - {one.chart for one in used}):
            raise ValueError(f"表或图没有用到：{'、'.join(sorted(lost))}")
        return self

    @property
    def free(self) -> list[Item]:
        """What people write themselves, in order."""
        return [one for part in (self.body, *(annex.items for annex in self.annexes)) for one in part if one.free]


def read(path: Path) -> Report:
    """One report.

    Raises:
        EngineInputError: ``datafile.syntax``, ``datafile.schema``, ``report.name``.
    """
    report = datafiles.read(path, Report)
    if report.id != path.stem:
        raise EngineInputError("report.name", f"{path.name}：文件名应当是 {report.id}.yaml。")
    return report


def load(folder: Path) -> dict[str, Report]:
    """All reports of a folder by id."""
    return {path.stem: read(path) for path in sorted(folder.glob("*.yaml"))}


# What comes out


State = Literal["known", "trial", "missing", "unchecked"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number or verdict in a report, with all that it rests on.

    Attributes:
        no: its number in the report.
        place: where it stands.
        formula, says: as written, and in words.
        items: keys of the indicators it comes from.
        unit, name, stage: whose it is.
        value: exact (``11302/13619``); empty where it is not known.
        shown: as printed.
        state: ``trial`` where a rule it rests on is not checked, ``missing``, ``unchecked`` where for that it is not said at all.
        reason: of what is not known or not said.
        decimals: to which it is rounded.
    """

    no: int
    place: str
    formula: str
    says: str
    items: tuple[str, ...]
    unit: str
    name: str
    stage: str
    value: str
    shown: str
    state: State
    reason: str = ""
    decimals: int | None = None
    is_number: bool = True


Piece = str | Figure


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph: words and figures. ``level`` 1 is a heading 一、; ``free`` what people wrote."""

    pieces: tuple[Piece, ...]
    level: int = 0
    free: str = ""

    @property
    def words(self) -> str:
        return "".join(one if isinstance(one, str) else one.shown for one in self.pieces)


Cell = tuple[Piece, ...]


def words_of(cell: Cell) -> str:
    return "".join(one if isinstance(one, str) else one.shown for one in cell)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. A row of one cell is a band over the whole width."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    above: tuple[Text, ...] = ()
    note: str = ""
    wrap: int = 0


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart, with its numbers: (name, figure), the limit as text and exact decimal."""

    id: str
    title: str
    unit: str
    bars: tuple[tuple[str, Figure], ...]
    limit: str = ""


Block = Text | Grid | Bars


@dataclass(frozen=True, slots=True)
class Attached:
    title: str
    blocks: tuple[Block, ...]
    landscape: bool


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that could not be judged or said, and why."""

    what: str
    unit: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A report in words.

    Attributes:
        figures: every number and verdict in it, in order.
        lacks: what could not be judged.
        digest: of the snapshot that every figure comes from.
    """

    title: str
    body: tuple[Block, ...]
    annexes: tuple[Attached, ...]
    figures: tuple[Figure, ...]
    lacks: tuple[Lack, ...]
    digest: str = ""

    @property
    def grids(self) -> list[Grid]:
        """All tables, in order."""
        blocks = (*self.body, *(block for annex in self.annexes for block in annex.blocks))
        return [one for one in blocks if isinstance(one, Grid)]


@dataclass(frozen=True, slots=True)
class Basis:
    """What a report is said over.

    Attributes:
        dataset: what the evaluator is over.
        facts: ``county``, ``year``, ``period``, ``office``.
        sources: lines that say where the numbers come from.
        decimals: of the fields, for what is missing to pass.
        codes: of the choices of fields, as the forms print them.
        digest: of the snapshot.
        free: what people wrote, by the id of its place.
    """

    evaluator: Evaluator
    usable: Usable
    dataset: Dataset
    facts: Mapping[str, str]
    sources: Sequence[str] = ()
    decimals: Mapping[str, int] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    digest: str = ""
    free: Mapping[str, str] = field(default_factory=dict)


def check(report: Report, bound: Bound) -> None:
    """Bind every formula of a report.

    Raises:
        EngineInputError: ``standard.formula`` naming the place; ``report.standard`` for another standard's.
    """
    if report.standard != bound.standard.id:
        raise EngineInputError("report.standard", f"报告 {report.id} 不是按 {bound.standard.id} 写的。")
    binder = _Formulas(bound)
    county = binder.county

    def line(words: str, level: str, where: str) -> None:
        for place in _PLACE.finditer(words):
            binder.of(place[1], level, where)

    for table in report.tables:
        for words in table.above:
            line(words, county, table.title)
        for row in table.rows:
            if row.indicators or row.records:
                continue
            level = row.each.level if row.each else binder.at(row.at, county, table.title)
            for cell in row.written():
                line(cell, level, table.title)
    for chart in report.charts:
        binder.of(chart.formula, chart.level, chart.title)
    for part in (report.body, *(annex.items for annex in report.annexes)):
        for one in part:
            where = one.heading or one.text[:12]
            level = binder.at(one.at, county, where)
            line(one.text, level, where)
            if one.when:
                binder.of(one.when, level, where)


def render(report: Report, basis: Basis) -> Rendered:
    """What a report says.

    Raises:
        EngineInputError: as ``check``; ``report.counties`` where the data are not of one county.
    """
    return _Renderer(report, basis).whole()


@dataclass(frozen=True, slots=True)
class _Place:
    """A place, read: a fact, a verdict, or a formula at a level, perhaps of one stage of the county."""

    fact: str = ""
    verdict: str = ""
    key: str = ""
    tree: Typed | None = None
    text: str = ""
    stage: str = ""
    decimals: int | None = None


class _Formulas:
    """The places of a report, bound; each once."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.county = next(one.id for one in bound.standard.levels if one.table == "county")
        self._known: dict[tuple[str, str], _Place] = {}
        self._refers: dict[Typed, tuple[tuple[str, ...], bool]] = {}

    def at(self, stage: str, level: str, where: str) -> str:
        """The level of a stage of the county; the level itself where no stage is named."""
        if not stage:
            return level
        for one in self.bound.standard.levels:
            if one.of == self.county and stage in one.stages:
                return one.id
        raise EngineInputError("report.stage", f"{where}：全县没有“{stage}”这个学段。")

    def of(self, words: str, level: str, where: str) -> _Place:
        if (words, level) not in self._known:
            self._known[words, level] = self._read(words, level, where)
        return self._known[words, level]

    def _read(self, words: str, level: str, where: str) -> _Place:
        if words.startswith("@"):
            return _Place(fact=words[1:])
        if found := _VERDICT.match(words):
            key = found[2]
            parts = self.bound.parts
            if key != CONCLUSION and key not in parts and not self.bound.parts_of(key):
                raise EngineInputError("report.item", f"{where}：标准里没有指标“{key}”。")
            return _Place(verdict=found[1], key=key)
        stage, decimals = "", None
        if found := _AT.match(words):
            stage, words = found[1], found[2]
        if found := _DECIMALS.match(words):
            words, decimals = found[1], int(found[2])
        tree = bind_at(self.bound, words, self.at(stage, level, where), where)
        return _Place(tree=tree, text=words, stage=stage, decimals=decimals)

    def refers(self, tree: Typed) -> tuple[tuple[str, ...], bool]:
        """Keys of the parts a formula rests on, and whether it rests on a verdict of theirs."""
        if tree not in self._refers:
            keys: list[str] = []
            says = False
            seen: set[str] = set()
            todo = [tree]
            while todo:
                for node in formula.parts(todo.pop()):
                    if isinstance(node, Refer):
                        says = says or node.what in ("passes", "met")
                        keys += self.keys(node.what, node.id)
                    elif isinstance(node, Quantity) and node.id not in seen:
                        seen.add(node.id)
                        todo += self.bound.quantities[node.id].values()
            self._refers[tree] = tuple(dict.fromkeys(keys)), says
        return self._refers[tree]

    def keys(self, what: str, id: str) -> list[str]:
        if what == "met":
            return [key for key, one in self.bound.parts.items() if one.indicator.group == id]
        return [id] if id in self.bound.parts else [one.key for one in self.bound.parts_of(id)]


class _Renderer:
    def __init__(self, report: Report, basis: Basis) -> None:
        self.report, self.basis = report, basis
        self.evaluator, self.usable = basis.evaluator, basis.usable
        self.bound = basis.evaluator.bound
        self.formulas = _Formulas(self.bound)
        rows = self.evaluator.rows(self.formulas.county)
        if len(rows) != 1:
            raise EngineInputError("report.counties", f"报告是一个县的，数据里有 {len(rows)} 个县。")
        self.county = rows[0]
        self.results: Results = judged(self.evaluator, self.usable)
        self.tables = {one.id: one for one in report.tables}
        self.charts = {one.id: one for one in report.charts}
        self.figures: list[Figure] = []
        self.lacks: dict[tuple[str, str, str], Lack] = {}
        self.place = ""
        self.in_table = False

    @property
    def standard(self) -> Standard:
        return self.bound.standard

    def whole(self) -> Rendered:
        check(self.report, self.bound)
        title = "".join(one if isinstance(one, str) else one.shown for one in self.pieces(self.report.title, {}))
        # The list of what is missing comes last, when everything has been said; its place may be before.
        body = self.blocks(self.report.body)
        annexes = [(one, self.blocks(one.items)) for one in self.report.annexes]
        closed = tuple(Attached(one.title, self._closed(blocks), one.landscape) for one, blocks in annexes)
        return Rendered(
            *(title, self._closed(body), closed, tuple(self.figures), tuple(self.lacks.values()), self.basis.digest)
        )

    def blocks(self, items: Sequence[Item]) -> list[Block | None]:
        found: list[Block | None] = []
        for one in items:
            if one.heading:
                self.place = one.heading
                found.append(Text((one.heading,), 1))
            elif one.text:
                if self._wanted(one):
                    found.append(Text(tuple(self.pieces(one.text, {}, self._row(one.at)))))
            elif one.free:
                said = self.basis.free.get(one.free, "").strip()
                found += [Text((line.strip(),), free=one.free) for line in said.splitlines() if line.strip()]
            elif one.table:
                found.append(self.table(self.tables[one.table]))
            elif one.chart:
                found += self.chart(self.charts[one.chart])
            elif one.problems:
                found.append(self.problems(one.problems))
            elif one.sources:
                found += [Text((line,)) for line in self.basis.sources]
            else:
                found.append(None)
        if found and isinstance(found[-1], Text) and found[-1].level == 1:
            # Nobody has written the last part yet: no heading with nothing under it leaves the house.
            found.pop()
        return found

    def _closed(self, blocks: Sequence[Block | None]) -> tuple[Block, ...]:
        return tuple(self._gaps() if one is None else one for one in blocks)

    def _wanted(self, one: Item) -> bool:
        if not one.when:
            return True
        level = self.formulas.at(one.at, self.formulas.county, one.text[:12])
        tree = self.formulas.of(one.when, level, one.text[:12]).tree
        # What is not known is said, as such.
        return tree is not None and self.evaluator.evaluate(tree, self._row(one.at)) is not False

    def _row(self, stage: str) -> Row:
        if not stage:
            return self.county
        level = self.formulas.at(stage, self.formulas.county, self.place)
        return next(one for one in self.evaluator.rows(level) if one.stage == stage)

    # Places

    def pieces(self, words: str, own: Mapping[str, str], row: Row | None = None) -> Iterator[Piece]:
        """Words with their places filled, at a row (the county's where left out); ``own`` are facts of the row."""
        at, row = 0, row or self.county
        for place in _PLACE.finditer(words):
            if place.start() > at:
                yield words[at : place.start()]
                at = place.start()
            found = self.formulas.of(place[1], row.level, self.place)
            if found.fact:
                known = {**self.basis.facts, **own}
                if found.fact not in known:
                    raise EngineInputError("report.fact", f"{self.place}：没有“@{found.fact}”这一项。")
                if known[found.fact]:
                    yield known[found.fact]
            elif found.verdict:
                yield self.verdict(found, row)
            else:
                figure = self.figure(found, row)
                yield figure
                unit = _UNIT.match(words, place.end())
                if figure.is_number and figure.state in ("missing", "unchecked") and unit:
                    at = unit.end()
                    continue
            at = place.end()
        if at < len(words):
            yield words[at:]

    def figure(self, place: _Place, row: Row) -> Figure:
        if place.tree is None:
            raise TypeError("a place without a formula")
        row = self._row(place.stage) if place.stage else row
        keys, says = self.formulas.refers(place.tree)
        value: Known = self.evaluator.evaluate(place.tree, row)
        unchecked = next((why for key in keys if (why := self.usable.why_not(key))), "")
        state: State = "known"
        shown, reason = values.shown(value, place.decimals), ""
        if isinstance(value, Unknown):
            state, shown, reason = "missing", "无法判定" if says else NO_NUMBER, str(value)
        elif isinstance(place.tree, Field) and place.tree.code in self.basis.codes:
            shown = self.basis.codes[place.tree.code].get(shown, shown)
        elif unchecked and says:
            state, shown, reason = "unchecked", Verdict.UNCHECKED.value, unchecked
        elif unchecked:
            state, reason = "trial", unchecked
            shown += "*" if self.in_table else "（试算）"
        if state in ("missing", "unchecked"):
            words = write(place.tree, self.bound)
            words = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
            self._lack(f"{self.place}：{words}", row.called, state, reason)
        if state == "missing" and not self.in_table:
            shown += "（原因见附件）"
        made = Figure(
            *(len(self.figures) + 1, self.place, place.text, write(place.tree, self.bound), keys),
            *(row.record.unit, row.record.name, row.stage),
            value="" if state == "unchecked" else values.exactly(value),
            shown=shown,
            state=state,
            reason=reason,
            decimals=place.decimals,
            is_number=place.tree.kind not in ("bool", "text"),
        )
        self.figures.append(made)
        return made

    def verdict(self, place: _Place, row: Row) -> Figure:
        """The official verdict of an item at a row: of all units of the county where it is asked of units."""
        key = place.key
        if key == CONCLUSION:
            found = [one for one in self.results.conclusions if one.unit == self.county.record.unit]
        else:
            keys = self.formulas.keys("", key)
            found = [one for one in self.results.results if one.part in keys and self._within(one, row)]
        verdict = together(one.verdict for one in found)
        state: State = {Verdict.MISSING: "missing", Verdict.UNCHECKED: "unchecked"}.get(verdict, "known")  # type: ignore[assignment]
        reasons = list(dict.fromkeys(one.reason for one in found if one.verdict is verdict and one.reason))
        words: Mapping[Verdict, str] = {"verdict": YES_NO, "clear": CLEAR}.get(place.verdict, {})
        said = words.get(verdict, verdict.value)
        name = "综合结论" if key == CONCLUSION else self.bound.parts[self.formulas.keys("", key)[0]].indicator.name
        made = Figure(
            *(len(self.figures) + 1, self.place, f"{place.verdict} {key}", f"{name}是否达标", (key,)),
            *(row.record.unit, row.record.name, row.stage),
            value=verdict.value,
            shown=said or NOT_ASKED,
            state=state,
            reason="；".join(reasons[:3]) + (f"等 {len(reasons)} 处" if len(reasons) > 3 else ""),
            is_number=False,
        )
        self.figures.append(made)
        return made

    def _within(self, one: Result, row: Row) -> bool:
        if row.level == self.formulas.county:
            return True
        levels = self.bound.levels
        if levels[row.level].of == self.formulas.county:
            return one.stage in ("", row.stage)
        return one.unit == row.record.unit and (not row.stage or one.stage in ("", row.stage))

    def _lack(self, what: str, unit: str, state: str, reason: str) -> None:
        said = Verdict.UNCHECKED.value if state == "unchecked" else "缺数据"
        self.lacks.setdefault((what, unit, said), Lack(what, unit, said, reason))

    # Tables

    def table(self, table: Table) -> Grid:
        before, self.place = self.place, table.title.split(" ")[0]
        above = tuple(Text(tuple(self.pieces(words, {}))) for words in table.above)
        self.in_table = True
        rows: list[tuple[Cell, ...]] = []
        for line in table.rows:
            rows += self._lines(line, table.columns)
        self.in_table = False
        shown = [piece for row in rows for cell in row for piece in cell if isinstance(piece, Figure)]
        notes = [table.note] if table.note else []
        if any(one.state == "trial" for one in shown):
            notes.append("带 * 的是试算值，所依据的规则尚待核对。")
        if any(one.state == "missing" for one in shown):
            notes.append("“—”“无法判定”表示缺数据，原因见附件。")
        self.place = before
        return Grid(table.id, table.title, table.columns, tuple(rows), above, "".join(notes), table.wrap)

    def _lines(self, line: Line, columns: Sequence[Column]) -> list[tuple[Cell, ...]]:
        if line.band:
            return [(tuple(self.pieces(line.band, {}, self._row(line.at))),)]
        written = line.written()
        if line.records:
            return self._records(line, written, columns)
        if line.indicators:
            asked = [one for one in self.standard.indicators if one.group in line.indicators]
            asked = [one for one in asked if one.seq or not line.numbered_only]
            return [self._cells(written, self._said(one), self.county) for one in asked]
        if not line.each:
            return [self._cells(written, {}, self._row(line.at))]
        rows = [one for one in self.evaluator.rows(line.each.level) if line.each.stage in ("", one.stage)]
        if not rows and line.empty:
            return [((line.empty,),)]
        return [
            self._cells(written, {"no": str(no), "name": one.record.name, "stage": one.stage}, one)
            for no, one in enumerate(rows, 1)
        ]

    def _records(self, line: Line, written: Sequence[str], columns: Sequence[Column]) -> list[tuple[Cell, ...]]:
        """The cells of records as they stand; those that tell of a person masked."""
        rows = []
        for no, record in enumerate(self.basis.dataset.tables.get(line.records, ()), 1):
            row: list[Cell] = []
            for words, column in zip(written, columns, strict=True):
                code = _PLACE.fullmatch(words)
                name = code[1].lstrip("@ ") if code else ""
                cell = record.cells.get(name)
                said = str(no) if name == "no" else NO_NUMBER if cell is None or cell.value is None else str(cell.value)
                row.append((_masked(said) if column.masked else said,))
            rows.append(tuple(row))
        return rows or ([((line.empty,),)] if line.empty else [])

    def _cells(self, written: Sequence[str], own: Mapping[str, str], row: Row) -> tuple[Cell, ...]:
        return tuple(tuple(self.pieces(words, own, row)) for words in written)

    def _said(self, one: Indicator) -> dict[str, str]:
        """What a row of the list of indicators can say."""
        found = [each for each in self.results.results if each.indicator == one.id]
        group = next(group.name for group in self.standard.groups if group.id == one.group)
        official = together(each.verdict for each in found)
        reasons = list(dict.fromkeys(each.reason for each in found if each.verdict is official and each.reason))
        said = []
        for each in found:
            part = self.bound.parts[each.part]
            name = f"{part.part.name}：" if part.part.name else ""
            if each.value is None or part.part.kind in ("material", "attest"):
                continue
            star = "*" if self.usable.why_not(each.part) and not isinstance(each.value, Unknown) else ""
            ratio = ""
            if each.numerator is not None and each.denominator is not None and len(found) == len(one.parts):
                ratio = f"（{values.shown(each.numerator, None)}/{values.shown(each.denominator, None)}）"
            said.append(f"{name}{each.shown or NO_NUMBER}{part.part.unit if each.shown else ''}{star}{ratio}")
        many = len(found) > len(one.parts)
        return {
            "seq": str(one.seq or ""),
            "id": one.id,
            "group": group,
            "item": one.item,
            "name": one.name,
            "asked": self._asked(one),
            "value": "" if many else "；".join(said),
            "verdict": official.value or NOT_ASKED,
            "reason": "；".join(reasons[:2]) + (f"等 {len(reasons)} 处" if len(reasons) > 2 else ""),
            "materials": "、".join(one.materials),
            "note": self._county_words(f"item_{one.seq}_note"),
            "remark": self._county_words(f"item_{one.seq}_remark"),
        }

    def _county_words(self, code: str) -> str:
        """What the county wrote in a field of words beside its numbers; nothing where it wrote nothing."""
        cell = self.county.record.cells.get(code)
        return "" if cell is None or cell.value is None else str(cell.value)

    def _asked(self, one: Indicator) -> str:
        said = []
        for part in one.parts:
            bound = self.bound.parts[one.key(part)]
            limits = self.evaluator.limits(bound, self.county) if one.level == self.formulas.county else []
            words = [
                f"{_OPS[limit.of.op]}{values.shown(self.evaluator.limit_value(limit, self.county), None)}{part.unit}"
                for limit in limits
            ]
            name = f"{part.name}：" if part.name and words else ""
            said += [name + "，".join(words)] if words else []
        return "；".join(said) or "做到"

    def chart(self, chart: Chart) -> list[Block]:
        """Bars from the highest to the lowest; what is not known stands in the table of the same numbers only."""
        before, self.place = self.place, chart.title
        self.in_table = True
        place = self.formulas.of(f"{chart.formula} | {chart.decimals}", chart.level, chart.title)
        rows = [one for one in self.evaluator.rows(chart.level) if chart.stage in ("", one.stage)]
        bars = [(row, self.figure(place, row)) for row in rows]
        limit = ""
        if chart.limit and rows:
            limit = self.figure(self.formulas.of(chart.limit, chart.level, chart.title), rows[0]).shown
        self.in_table, self.place = False, before
        known = [one for one in bars if one[1].state in ("known", "trial")]
        known.sort(key=lambda one: -float(values.rounded(values.number(one[1].value), 6)))
        named = tuple((row.record.name, figure) for row, figure in known)
        left = len(bars) - len(known)
        found: list[Block] = [Bars(chart.id, chart.title, chart.unit, named, limit)] if named else []
        if left:
            found.append(Text((f"另有 {left} 个单位缺数据，没有画在图“{chart.title}”里。",)))
        return found

    # Lists

    def problems(self, groups: Sequence[str]) -> Grid:
        """What is not met, or cannot be judged, unit by unit; with what would mend it."""
        lacking = self._lacking()
        order: dict[str, int] = {}
        for records in self.basis.dataset.tables.values():
            for record in records:
                order.setdefault(record.unit, len(order))
        found = sorted(self.results.results, key=lambda one: (self._is_countys(one), order.get(one.unit, 0), one.stage))
        rows: list[tuple[Cell, ...]] = []
        for one in found:
            part = self.bound.parts[one.part]
            trial = one.verdict is Verdict.UNCHECKED and one.trial in (Verdict.FAIL, Verdict.MISSING)
            if part.indicator.group in groups and (one.verdict in (Verdict.FAIL, Verdict.MISSING) or trial):
                cells = (
                    str(len(rows) + 1),
                    *self._problem(one, trial, lacking.get((one.part, one.unit, one.stage), [])),
                )
                rows.append(tuple((words,) for words in cells))
        columns = (
            *(Column(name="序号", width=3), Column(name="学校（单位）", width=12), Column(name="学段", width=4)),
            *(Column(name="指标", width=15), Column(name="现值", width=6), Column(name="限值", width=5)),
            *(Column(name="结论", width=6), Column(name="还差多少（只改这一项时）或缺什么", width=16)),
        )
        empty: tuple[tuple[Cell, ...], ...] = ((("没有不达标或无法判定的项目。",),),)
        return Grid("problems", "问题清单", columns, tuple(rows) or empty)

    def _lacking(self) -> dict[tuple[str, str, str], list[str]]:
        """Of each failing number, by how much which field would have to change."""
        found: dict[tuple[str, str, str], list[str]] = {}
        settings, decimals = self.evaluator.settings, self.basis.decimals
        for one in whatif.missing(self.bound, self.basis.dataset, settings, decimals):
            label = self.bound.labels.get(one.code, one.code)
            sign = "增加" if one.amount > 0 else "减少"
            words = f"“{label}”{sign}{abs(one.amount):f}" + ("（综合达标不要求）" if one.can_wait else "")
            found.setdefault((one.part, one.unit, one.stage), []).append(words)
        return found

    def _is_countys(self, one: Result) -> bool:
        return self.bound.table_of(one.level) == "county"

    def _problem(self, one: Result, trial: bool, lacking: Sequence[str]) -> tuple[str, ...]:
        part = self.bound.parts[one.part]
        what = part.indicator.name + (f"：{part.part.name}" if part.part.name else "")
        unit = f"（{part.part.unit}）" if part.part.unit and part.part.kind != "rule" else ""
        limit = "" if one.limit is None else f"{_OPS.get(one.op, '')}{values.shown(one.limit, None)}"
        verdict = f"{one.verdict.value}（试算{one.trial.value}）" if trial else one.verdict.value
        said = "；".join(lacking) if one.trial is Verdict.FAIL else one.reason
        if part.part.kind == "rule" and one.trial is Verdict.FAIL:
            said = "见本单位各项"
        name = "（全县）" if self._is_countys(one) else one.name
        return name, one.stage, f"{what}{unit}", one.shown or NO_NUMBER, limit, verdict, said

    def _gaps(self) -> Grid:
        """What could not be judged, and why: rules that are not checked once each, data that lack unit by unit."""
        found: dict[tuple[str, str, str, str], int] = {}
        for result in (*self.results.results, *self.results.conclusions):
            if result.verdict not in (Verdict.MISSING, Verdict.UNCHECKED):
                continue
            if result.part == CONCLUSION:
                what = "综合结论"
            else:
                part = self.bound.parts[result.part]
                what = part.indicator.name + (f"：{part.part.name}" if part.part.name else "")
            if result.verdict is Verdict.UNCHECKED:
                why = result.reason if result.part == CONCLUSION else self.usable.why_not(result.part)
                key = (what, "", result.verdict.value, why)
            else:
                name = "（全县）" if self._is_countys(result) else result.name
                key = (
                    what,
                    f"{name}{f'（{result.stage}）' if result.stage else ''}",
                    result.verdict.value,
                    result.reason,
                )
            found[key] = found.get(key, 0) + 1
        rows = [
            (what, unit or ("（全县）" if count == 1 else f"全部 {count} 处"), state, why)
            for (what, unit, state, why), count in found.items()
        ]
        rows += [(one.what, one.unit, one.state, one.reason) for one in self.lacks.values()]
        columns = (
            *(Column(name="序号", width=4), Column(name="项目", width=18), Column(name="单位", width=12)),
            *(Column(name="结论", width=6), Column(name="原因", width=24)),
        )
        numbered = tuple(tuple((words,) for words in (str(no), *row)) for no, row in enumerate(dict.fromkeys(rows), 1))
        empty: tuple[tuple[Cell, ...], ...] = ((("全部项目都作出了判定。",),),)
        return Grid("gaps", "无法判定的项目及原因", columns, numbered or empty)


def _masked(words: str) -> str:
    """张**, 138****1234: how a report shows who can be reached."""
    if len(words) >= 7 and words[:3].isdecimal():
        return f"{words[:3]}****{words[-4:]}"
    return words if words == NO_NUMBER else f"{words[:1]}**"
