"""The strict schema of ``library/forms/*.yaml`` and its loader: one definition for web form, Excel template, checks and print.

A form has sections of fields and check relations. A field's ``code`` never changes its meaning; what a form does not ask and the
indicators need is added as a field of our own (``ours``), and marked.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic import Field as Item

from dudao_engines.kernel import datafiles, digests
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import formula, values
from dudao_engines.standards.formula import Kind, Typed
from dudao_engines.standards.schema import SURE, Evidence, Formula

FieldKind = Literal["int", "dec", "percent", "bool", "enum", "text", "year"]
FormLevel = Literal["school", "kindergarten", "county", "estate"]
#: What stands in one row of a form, and which rows belong to a county.
LEVELS: Mapping[str, str] = {"school": "学校", "kindergarten": "幼儿园", "county": "县", "estate": "小区配套幼儿园"}
LOWER = frozenset({"school", "kindergarten", "estate"})
#: What a relation may look at besides the form's own cells: last year's, and the same unit's by other ways.
BESIDE: Mapping[str, str] = {"last": "上年", "platform": "平台导出", "statistics": "教育事业统计"}
NUMBERS = frozenset({"int", "dec", "percent", "year"})
_RANGES: Mapping[str, tuple[str, str]] = {"percent": ("0", "100"), "year": ("1840", "2100")}
#: Longest text of a cell.
LONGEST = 2000


def _number(text: str) -> str:
    try:
        values.number(text)
    except EngineInputError as error:
        raise ValueError(str(error)) from None
    return text


_Words = Annotated[str, Item(min_length=1)]
_Code = Annotated[str, Item(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
_Decimal = Annotated[str, AfterValidator(_number)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Field(_Strict):
    """One item of a form.

    Attributes:
        code: never changes its meaning.
        label: the item as the form prints it.
        decimals: of a ``dec`` or ``percent``.
        choices, codes: of an ``enum``, and the codes that the form prints for them; ``synonyms`` are other words for a choice.
        minimum, maximum: decimals as text, both allowed; a cell outside is refused.
        when: a truth over fields of the form; the field is asked only then.
        held: the system that already holds the number, so that a school need not type it again.
        aliases: other heads it goes by in exports.
        ours: not in the original form; added because an indicator needs it.
        personal: tells something about one person.
    """

    code: _Code
    label: _Words
    kind: FieldKind
    decimals: int = Item(default=0, ge=0, le=6)
    unit: str = ""
    choices: tuple[_Words, ...] = ()
    codes: tuple[_Words, ...] = ()
    synonyms: Mapping[str, str] = {}
    required: bool = True
    minimum: _Decimal | None = "0"
    maximum: _Decimal | None = None
    when: Formula | Literal[""] = ""
    hint: str = ""
    note: str = ""
    clause: str = ""
    evidence: Evidence
    held: str = ""
    aliases: tuple[_Words, ...] = ()
    ours: bool = False
    personal: bool = False

    @model_validator(mode="before")
    @classmethod
    def _with_range(cls, data: Any) -> Any:
        """Percentages and years have the range that everybody expects, unless the form says another."""
        if isinstance(data, dict) and data.get("kind") in _RANGES:
            low, high = _RANGES[data["kind"]]
            return {"minimum": low, "maximum": high} | data
        return data

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.kind == "enum") != bool(self.choices):
            raise ValueError("enum 要有选项（choices），别的类型没有")
        if self.codes and len(self.codes) != len(self.choices):
            raise ValueError("codes 要与 choices 一一对应")
        if unknown := set(self.synonyms.values()) - set(self.choices):
            raise ValueError(f"synonyms 里的“{'、'.join(sorted(unknown))}”不在 choices 里")
        if self.decimals and self.kind not in ("dec", "percent"):
            raise ValueError("只有 dec 和 percent 有小数位（decimals）")
        if self.minimum is not None and self.maximum is not None and Decimal(self.minimum) > Decimal(self.maximum):
            raise ValueError("minimum 大于 maximum")
        return self

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    @property
    def is_sure(self) -> bool:
        return self.evidence in SURE

    @property
    def formula_kind(self) -> Kind:
        """What the field is in formulas."""
        return "number" if self.is_number else "bool" if self.kind == "bool" else "text"

    @property
    def head(self) -> str:
        """The label with its unit: ``教学及辅助用房总面积（平方米）``."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label


class Section(_Strict):
    title: _Words
    note: str = ""
    fields: Annotated[tuple[Field, ...], Item(min_length=1)]


class Relation(_Strict):
    """Something that should hold between cells (校验关系).

    ``check`` is a truth over the form's fields, over last year's (``last.x``), over the same unit's numbers by another way
    (``platform.x``, ``statistics.x``), and in a county's form over its schools and kindergartens (``sum(school, x)``). Where a
    cell it needs is missing it says nothing. ``error`` must be mended; ``warning`` wants a word of explanation.
    """

    id: _Code
    says: _Words
    check: Formula
    severity: Literal["error", "warning"]
    fields: Annotated[tuple[_Code, ...], Item(min_length=1)]
    clause: str = ""
    evidence: Evidence

    @property
    def is_sure(self) -> bool:
        return self.evidence in SURE


class Form(_Strict):
    """One form; one row for each unit of its ``level``."""

    id: Annotated[str, Item(pattern=r"^[a-z][a-z0-9-]{2,40}$")]
    version: _Words
    name: _Words
    level: FormLevel
    source: _Words
    evidence: Evidence
    notes: tuple[_Words, ...] = ()
    sections: Annotated[tuple[Section, ...], Item(min_length=1)]
    relations: tuple[Relation, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        codes = [one.code for one in self.fields]
        if twice := sorted({one for one in codes if codes.count(one) > 1}):
            raise ValueError(f"字段“{'、'.join(twice)}”写了两次")
        ids = [one.id for one in self.relations]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"校验关系“{'、'.join(twice)}”写了两次")
        for relation in self.relations:
            if unknown := sorted(set(relation.fields) - set(codes)):
                raise ValueError(f"校验关系 {relation.id} 的字段“{'、'.join(unknown)}”不在本表里")
        return self

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """All fields in the order of the form."""
        return tuple(field for section in self.sections for field in section.fields)

    @cached_property
    def _by_code(self) -> Mapping[str, Field]:
        return {one.code: one for one in self.fields}

    def field(self, code: str) -> Field:
        """Raises: KeyError."""
        return self._by_code[code]

    def get(self, code: str) -> Field | None:
        return self._by_code.get(code)

    def relation(self, id: str) -> Relation:
        """Raises: KeyError."""
        for one in self.relations:
            if one.id == id:
                return one
        raise KeyError(id)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of what the file means: of its values, not of its spaces and comments, nor of what the schema learns later."""
        return digests.sha256_hex(digests.canonical_json(self.model_dump(mode="json", exclude_defaults=True)))


def read(path: Path) -> Form:
    """One form of a folder, without a look at its formulas' names (``load`` takes that look, over all forms).

    Raises:
        EngineInputError: ``datafile.syntax``, ``datafile.schema`` with file, line, item and mistake; ``form.name``.
    """
    form = datafiles.read(path, Form)
    if form.id != path.stem:
        raise EngineInputError("form.name", f"{path.name}：文件名应当是 {form.id}.yaml。")
    return form


def loads(text: str, *, name: str, beside: Sequence[Form] = ()) -> Form:
    """A form from its text, for example one that a county has edited.

    Args:
        text: YAML.
        name: what messages call it.
        beside: the other forms, of which a county's form may take sums.

    Raises:
        EngineInputError: as ``read``; ``form.formula``.
    """
    form = datafiles.loads(text, Form, name=name)
    bound(form, beside)
    return form


def load(folder: Path) -> dict[str, Form]:
    """All forms of a folder by id, in the order of their file names, every formula bound once.

    Raises:
        EngineInputError: as ``read``; ``form.formula``; ``form.code``: one code means two things in forms of one level.
    """
    found = {path.stem: read(path) for path in sorted(folder.glob("*.yaml"))}
    meant: dict[tuple[str, str], tuple[Form, Field]] = {}
    for form in found.values():
        bound(form, tuple(found.values()))
        for field in form.fields:
            other, same = meant.setdefault((form.level, field.code), (form, field))
            if (same.kind, same.unit, same.decimals) != (field.kind, field.unit, field.decimals):
                raise EngineInputError("form.code", f"字段 {field.code} 在 {other.id} 和 {form.id} 里含义不同。")
    return found


# Formulas


@dataclass(frozen=True, slots=True)
class BoundForm:
    """A form whose formulas have their meaning: ``when`` by field code, ``relations`` by id.

    Relations over units whose form was not given are left out.
    """

    form: Form
    when: Mapping[str, Typed]
    relations: Mapping[str, Typed]


def bound(form: Form, beside: Sequence[Form] = ()) -> BoundForm:
    """A form's formulas bound.

    Raises:
        EngineInputError: ``form.formula``: which field or relation, and why.
    """
    lower: dict[str, Form] = {one.level: one for one in beside if one.level in LOWER} if form.level == "county" else {}
    scope = _Scope(form, lower)
    when = {
        field.code: _bound(f"{form.id}.yaml 字段 {field.code} 的 when", field.when, scope)
        for field in form.fields
        if field.when
    }
    relations = {
        one.id: _bound(f"{form.id}.yaml 校验关系 {one.id}", one.check, scope)
        for one in form.relations
        if form.level != "county" or not _levels(formula.parse(one.check)) & (LOWER - set(lower))
    }
    return BoundForm(form, when, relations)


def _bound(where: str, text: str, scope: "_Scope") -> Typed:
    try:
        node = formula.bind(formula.parse(text), scope)
    except EngineInputError as error:
        raise EngineInputError("form.formula", f"{where}：{error.message}") from None
    if node.kind != "bool":
        raise EngineInputError("form.formula", f"{where}：公式“{text}”的结果应当是是非。")
    return node


def _levels(tree: formula.Tree) -> set[str]:
    """The levels that a formula aggregates over."""
    if not isinstance(tree, formula.Apply):
        return set()
    found = {level for one in tree.args for level in _levels(one)}
    if tree.op.removesuffix("()") in formula.AGGREGATES and tree.args and isinstance(tree.args[0], formula.Name):
        found.add(tree.args[0].name)
    return found


@dataclass(frozen=True, slots=True)
class _Scope:
    """Names in a form: its own fields, and those beside them (``last.x``); inside an aggregate those of the lower form."""

    form: Form
    lower: Mapping[str, Form]

    def named(self, name: str) -> Typed | None:
        prefix, dot, code = name.partition(".")
        if dot and prefix not in BESIDE:
            return None
        field = self.form.get(code if dot else name)
        return formula.Field(name, self.form.level, field.formula_kind) if field else None

    def over(self, level: str) -> "_Scope | None":
        return _Scope(self.lower[level], {}) if level in self.lower else None

    def item(self, what: str, id: str) -> None:
        """Forms know no indicators."""


# Burden

#: Seconds that a cell costs a school: typed by hand, or only looked at where it stands already. An assumption of ours; the
#: minutes that a school really worked are measured while it fills in.
SECONDS_TYPED, SECONDS_SEEN = 45, 8


@dataclass(frozen=True, slots=True)
class Burden:
    """What a form asks of one school.

    Attributes:
        asked: cells that it must answer.
        held: of these, cells whose number another system already holds.
        typed: cells to be typed (or typed) by hand.
        prefilled: cells that stand already and are only looked at.
        minutes: estimated, rounded up.
    """

    asked: int
    held: int
    typed: int
    prefilled: int
    minutes: int


def burden(form: Form, asked: Collection[str] | None = None, prefilled: Collection[str] = ()) -> Burden:
    """The burden of a form on one school.

    Args:
        form: the form.
        asked: codes of the fields asked of this school (``relations.asked``); all that are always asked when left out.
        prefilled: codes that were filled from an import or last year.
    """
    wanted = set(asked) if asked is not None else {one.code for one in form.fields if not one.when}
    fields = [one for one in form.fields if one.code in wanted]
    seen = sum(1 for one in fields if one.code in prefilled)
    typed = len(fields) - seen
    seconds = typed * SECONDS_TYPED + seen * SECONDS_SEEN
    return Burden(len(fields), sum(1 for one in fields if one.held), typed, seen, -(-seconds // 60))
