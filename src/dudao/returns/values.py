"""Between rows and the engine's cells."""

from dudao.returns import library
from dudao.returns.models import Campaign, Cell, Reading
from dudao_engines.standards import reading
from dudao_engines.standards.forms import Form
from dudao_engines.standards.model import Cell as Value


def form_of(campaign: Campaign) -> Form:
    """The form as it was frozen into a campaign."""
    return library.read(campaign.form_text)


def value_of(row: Cell | Reading, form: Form, *, where: str = "") -> Value:
    """What was reported or read, as the engine takes it."""
    return _value(row.code, row.value, row.problem, row.raw, form, where)


def adopted_of(cell: Cell, form: Form, *, where: str = "") -> Value:
    """The value that was adopted after the check on site."""
    return _value(cell.code, cell.adopted, "" if cell.adopted else "核查后没有采用值", cell.adopted, form, where)


def _value(code: str, value: str, problem: str, raw: str, form: Form, where: str) -> Value:
    field = form.get(code)
    try:
        restored = reading.restored(value, field) if field else None
    except (ValueError, ArithmeticError):
        # The form was edited since: the field is of another kind now.
        restored, problem = None, problem or "表改过，原来的值读不出来，请重新填写"
    return Value(restored, problem, where, raw)


def shown(row: Cell | Reading | None, form: Form) -> str:
    """A row as people read it: its value with the decimals of the field, else what was written."""
    field = form.get(row.code) if row else None
    if row is None or field is None:
        return ""
    value = value_of(row, form).value
    return row.raw if value is None else reading.shown(value, field)
