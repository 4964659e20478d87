"""One unit's sheet: read, and laid beside what stands."""

from dataclasses import dataclass, field

from dudao.returns.checking import Look
from dudao.returns.models import Return
from dudao.shell.errors import Refused
from dudao_engines.kernel import workbooks
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import mapping, reading
from dudao_engines.standards.forms import Field
from dudao_engines.standards.templates import KEYS

#: Outcomes, in the order in which they are shown.
OUTCOMES = {"refused": "读不出来", "changed": "变更", "new": "新增", "same": "未变"}


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the sheet beside what stands."""

    field: Field
    before: str
    raw: str
    place: str
    outcome: str
    problem: str = ""

    @property
    def word(self) -> str:
        return OUTCOMES[self.outcome]


@dataclass(slots=True)
class Sheet:
    """What a sheet holds for one unit: raw values and places by code, notes for people."""

    values: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {word: sum(one.outcome == code for one in self.lines) for code, word in OUTCOMES.items()}

    @property
    def shown(self) -> list[Line]:
        """What would change or cannot be read, first; what stands already is only counted."""
        order = list(OUTCOMES)
        lines = [one for one in self.lines if one.outcome != "same"]
        return sorted(lines, key=lambda one: order.index(one.outcome))


def read(content: bytes, *, name: str, ret: Return, look: Look) -> Sheet:
    """Read a sheet for a return. An empty cell of the sheet leaves what stands.

    Raises:
        Refused: ``returns.sheet``: no table, not this form, another unit's, or several units in it.
    """
    try:
        book = workbooks.read(content, name=name)
        found, notes = mapping.recognise(book, [look.form])
    except EngineInputError as error:
        raise Refused(error.message, code="returns.sheet", field="sheet") from None
    if not found:
        said = f"没有在这个文件里找到“{look.form.name}”；请用本页下载的表格填写。"
        raise Refused(said, code="returns.sheet", field="sheet")
    table = mapping.read(max(found, key=lambda one: len(one.mapping.taken)))
    if len(table) != 1:
        said = f"表里有 {len(table)} 个单位，这里只收本单位的一张；多个单位的表请督导室导入。"
        raise Refused(said, code="returns.sheet", field="sheet")
    made = Sheet(notes=list(notes))
    for code in table.columns:
        cell, raw = table.cell(code, 0), table.raw(code, 0)
        if not raw and not cell.problem:
            continue
        if not raw:
            made.notes.append(f"{look.form.field(code).label}（{table.place(code, 0)}）：{cell.problem}，没有读取")
            continue
        sheet, place = table.table.sheet, table.place(code, 0).rpartition("!")[2]
        made.values[code], made.places[code] = raw, (sheet, place)
    _of_this_unit(made, ret, look)
    made.lines = [_line(look, code, made) for code in made.values]
    return made


def _of_this_unit(made: Sheet, ret: Return, look: Look) -> None:
    """Refuse another unit's sheet. The code under which the register has the unit only names it: it replaces none that stands."""
    key = KEYS.get(look.form.level)
    code = made.values.get(key[0][0], "") if key else ""
    if not key or not code or look.form.level == "county":
        return
    name = key[0][0]
    stands, platform = look.raw(name), look.beside.platform.get(name)
    if code not in (ret.unit.code, stands, platform.raw if platform else ""):
        said = f"这张表的代码是 {code}，不是本单位的 {stands or ret.unit.code}；请不要交错学校的表。"
        raise Refused(said, code="returns.sheet", field="sheet")
    if stands and code == ret.unit.code != stands:
        del made.values[name], made.places[name]


def _line(look: Look, code: str, made: Sheet) -> Line:
    one, raw = look.form.field(code), made.values[code]
    read, before = reading.read(raw, one), look.raw(code)
    stands = look.cells[code].value if code in look.cells else ""
    if read.problem:
        outcome = "refused"
    elif reading.stored(read.value) == stands and not look.problem(code):
        outcome = "same"
    else:
        outcome = "changed" if before else "new"
    return Line(one, before, raw, "!".join(made.places[code]), outcome, read.problem)
