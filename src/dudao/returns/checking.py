"""What a return says and what is wrong with it: missing cells, cells that cannot be read, relations that do not hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dudao_engines.standards.forms import Form

from dudao.returns import library
from dudao.returns.models import Cell, Return, Source
from dudao_engines.standards import reading
from dudao_engines.standards.model import Cell as Value


@dataclass(slots=True)
class Look:
    """One return as it stands.

    Attributes:
        cells: rows by code; ``values`` the same as the engine takes them.
        asked: codes that are asked of this unit; ``missing`` those of them that must be filled and are not.
        broken: relations that do not hold.
    """

    form: Form
    cells: Mapping[str, Cell]
    values: Mapping[str, Value]
    asked: frozenset[str]
    missing: list[str] = field(default_factory=list)

    @property
    def unread(self) -> list[str]:
        """Codes of cells that hold something that is no value."""
        return [one.code for one in self.form.fields if one.code in self.cells and self.cells[one.code].problem]


def value_of(cell: Cell, form: Form, *, where: str = "") -> Value:
    """A row as the engine takes it."""
    found = form.get(cell.code)
    value = reading.restored(cell.value, found) if found else None
    return Value(value, cell.problem, where, cell.raw)


def look(ret: Return, cells: Iterable[Cell] | None = None) -> Look:
    """One return as it stands; one statement, none where the cells are given."""
    form = library.read(ret.campaign.form_text)
    rows = {cell.code: cell for cell in (ret.cells.all() if cells is None else cells)}
    values = {code: value_of(cell, form) for code, cell in rows.items()}
    asked = frozenset(one.code for one in form.fields if not one.when)
    missing = [
        one.code
        for one in form.fields
        if one.code in asked and one.required and not (rows[one.code].raw if one.code in rows else "")
    ]
    return Look(form, rows, values, asked, missing)


def recount(ret: Return) -> Look:
    """Keep the counts of a return up with its cells."""
    found = look(ret)
    wanted = [one.code for one in found.form.fields if one.code in found.asked and one.required]
    written = [cell for code, cell in found.cells.items() if cell.raw and code in found.asked]
    ret.asked, ret.filled = len(wanted), len(wanted) - len(found.missing)
    ret.errors = len(found.unread)
    ret.typed = sum(cell.source == Source.TYPED for cell in written)
    ret.prefilled = len(written) - ret.typed
    ret.save(update_fields=["asked", "filled", "errors", "warnings", "typed", "prefilled"])
    return found


def adopted_of(cell: Cell, form: Form, *, where: str = "") -> Value:
    """The value that was adopted after the check on site."""
    found = form.get(cell.code)
    value = reading.restored(cell.adopted, found) if found else None
    return Value(value, "" if cell.adopted else "核查后没有采信值", where, cell.adopted)
