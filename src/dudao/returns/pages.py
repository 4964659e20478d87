"""What the pages of a return show: sections, rows, what is wrong beside each cell."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from dudao.returns import values
from dudao.returns.checking import Broken, Look
from dudao.returns.models import Cell, Reading, ReturnNote, Source
from dudao.returns.services import Clash
from dudao_engines.standards import reading
from dudao_engines.standards.forms import Field, Section

#: A change against last year that a reviewer looks at, where the form has no relation of its own; DESIGN.
NOTABLE = 20


@dataclass(slots=True)
class Row:
    """One field of a return with everything that stands beside it.

    Attributes:
        raw: what stands in the control, as typed.
        problem: why it is no value; ``broken`` relations shown at this field.
        options: of a choice, as typed value and whether it is chosen.
        platform, last: as people read them; ``differs`` where the platform says another value.
    """

    field: Field
    raw: str
    version: int
    shown: str
    source: str = ""
    platform: str = ""
    last: str = ""
    differs: bool = False
    change: str = ""
    is_notable: bool = False
    problem: str = ""
    is_missing: bool = False
    broken: list[Broken] = dataclasses.field(default_factory=list)
    note: ReturnNote | None = None
    clash: Clash | None = None
    found: str = ""

    @property
    def errors(self) -> list[str]:
        said = [self.problem] if self.problem else []
        return said + [one.says for one in self.broken if one.is_error]

    @property
    def warnings(self) -> list[Broken]:
        return [one for one in self.broken if not one.is_error]

    @property
    def options(self) -> list[tuple[str, bool]]:
        """Of a choice or a truth: the words, and whether they are chosen. What was typed and is no choice stays as one."""
        words = ("是", "否") if self.field.kind == "bool" else self.field.choices
        chosen = self.shown or self.raw
        found = [(one, one == chosen) for one in words]
        if self.raw and chosen not in words:
            found.append((self.raw, True))
        return found

    @property
    def is_choice(self) -> bool:
        return self.field.kind in ("bool", "enum")

    @property
    def is_long(self) -> bool:
        return self.field.kind == "text" and len(self.raw) > 30

    @property
    def mode(self) -> str:
        return "numeric" if self.field.kind in ("int", "year") else "decimal" if self.field.is_number else "text"

    @property
    def is_flagged(self) -> bool:
        """Whether a reviewer should look at it."""
        return bool(self.problem or self.broken or self.differs or self.is_notable or self.is_missing or self.found)


def row(look: Look, one: Field, *, notes: Mapping[str, ReturnNote], clashes: Mapping[str, Clash] = {}) -> Row:
    """One field of a return."""
    cell = look.cells.get(one.code)
    platform, last = look.beside.platform.get(one.code), look.beside.last.get(one.code)
    value = values.value_of(cell, look.form).value if cell else None
    made = Row(
        field=one,
        raw=cell.raw if cell else "",
        version=cell.version if cell else 0,
        shown=reading.shown(value, one) if value is not None else "",
        source=Source(cell.source).label if cell and cell.raw else "",
        platform=values.shown(platform, look.form),
        last=values.shown(last, look.form),
        problem=cell.problem if cell else "",
        is_missing=one.code in look.missing,
        broken=[found for found in look.broken if one.code in found.relation.fields],
        note=notes.get(one.code),
        clash=clashes.get(one.code),
        found=_found(cell, look),
    )
    made.differs = bool(platform and platform.value and cell and cell.value and platform.value != cell.value)
    _compare(made, cell, last, look)
    return made


def _found(cell: Cell | None, look: Look) -> str:
    """What was found on site, where it is another value than reported."""
    if cell is None or not cell.found or cell.found == cell.value:
        return ""
    return cell.found


def _compare(made: Row, cell: Cell | None, last: Cell | Reading | None, look: Look) -> None:
    if not made.field.is_number or made.field.kind == "year" or cell is None or last is None:
        return
    now, before = values.value_of(cell, look.form).value, values.value_of(last, look.form).value
    if now is None or before is None or isinstance(now, str) or isinstance(before, str) or now == before:
        return
    more = Decimal(now) - Decimal(before)
    said = reading.shown(more, made.field) if made.field.decimals else f"{more:f}"
    made.change = f"+{said}" if more > 0 else said
    if before:
        share = abs(more) * 100 / abs(Decimal(before))
        made.change += f"（{share:.1f}%）"
        made.is_notable = share >= NOTABLE
    else:
        made.is_notable = True


@dataclass(frozen=True, slots=True)
class Part:
    """A section in the index: how much of it is filled and how much is wrong; ``place`` counts those that ask this unit."""

    number: int
    place: int
    section: Section
    wanted: int
    filled: int
    wrong: int
    is_here: bool

    @property
    def head(self) -> str:
        return chinese(self.place)

    @property
    def is_done(self) -> bool:
        return self.filled == self.wanted and not self.wrong


_NUMBERS = "零一二三四五六七八九十"


def chinese(number: int) -> str:
    """一 to 九十九, for heads of sections."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _NUMBERS[ones]
    return ("" if tens == 1 else _NUMBERS[tens]) + "十" + (_NUMBERS[ones] if ones else "")


def parts(look: Look, here: int) -> list[Part]:
    """The index: the sections that ask this unit for something."""
    found: list[Part] = []
    wrong = set(look.unread) | {code for one in look.errors for code in one.relation.fields}
    for number, section in enumerate(look.form.sections, 1):
        if not any(one.code in look.asked for one in section.fields):
            continue
        wanted = look.wanted(section.fields)
        missing = sum(one.code in look.missing for one in wanted)
        bad = sum(one.code in wrong for one in section.fields)
        found.append(Part(number, len(found) + 1, section, len(wanted), len(wanted) - missing, bad, number == here))
    return found


@dataclass(frozen=True, slots=True)
class Mistake:
    """One line of the list of mistakes: where it is and what it is."""

    section: int
    head: str
    code: str
    label: str
    says: str


def mistakes(look: Look, *, with_missing: bool = False) -> list[Mistake]:
    """What must be mended, in the order of the form; with what is missing and what wants words, where asked for."""
    place = {one.code: number for number, s in enumerate(look.form.sections, 1) for one in s.fields}
    found: list[tuple[int, Mistake]] = []
    order = {one.code: at for at, one in enumerate(look.form.fields)}
    heads = {part.number: part.head for part in parts(look, 0)}

    def add(code: str, says: str) -> None:
        found.append(
            (order[code], Mistake(place[code], heads.get(place[code], ""), code, look.form.field(code).label, says))
        )

    for code in look.unread:
        add(code, look.problem(code))
    for one in look.errors:
        add(_at(one, look), one.says)
    if with_missing:
        for code in look.missing:
            add(code, "未填")
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _at(broken: Broken, look: Look) -> str:
    """The field of a relation where one mends it: the first that is asked."""
    fields = broken.relation.fields
    return next((code for code in fields if code in look.asked), fields[0])
