"""The strict schema of ``library/standards/*.yaml`` and its loader.

A standard says what is judged (levels), which numbers it rests on (quantities, parameters), what is asked (indicators with their
limits, variants and concessions) and when the county passes (verdict). Each carries where it comes from and how sure we are.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from dudao_engines.kernel import datafiles, digests
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import formula, values

Evidence = Literal["LAW", "NAT2", "NAT1", "SEED", "LOCAL", "RECALL", "DESIGN"]
#: What may carry an official conclusion without a check by the county (domain rule 3).
SURE = frozenset({"LAW", "NAT2", "NAT1"})
#: ``ratio``: numerator / denominator × factor. ``number``: a value. ``rule``: a truth. ``material``, ``grade``, ``attest``: judged
#: by people. ``veto``: confirmed cases. ``info``: shown, never judged.
PartKind = Literal["ratio", "number", "rule", "material", "grade", "attest", "veto", "info"]
JUDGED = frozenset({"material", "grade", "attest"})
#: From the lowest to the highest.
GRADES = ("不合格", "合格", "良好", "优秀")
Op = Literal[">=", ">", "<=", "<", "==", "!="]


def _formula(text: str) -> str:
    try:
        formula.parse(text)
    except EngineInputError as error:
        raise ValueError(str(error)) from None
    return text


def _number(text: str) -> str:
    try:
        values.number(text)
    except EngineInputError as error:
        raise ValueError(str(error)) from None
    return text


_Words = Annotated[str, Field(min_length=1)]
_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.]{0,39}$")]
Formula = Annotated[str, AfterValidator(_formula)]
_Decimal = Annotated[str, AfterValidator(_number)]
#: One formula, or one for each stage.
Formulas = Formula | Mapping[str, Formula]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sourced(_Strict):
    clause: str = ""
    source: tuple[str, ...] = ()
    evidence: Evidence
    evidence_note: str = ""
    note: str = ""

    @property
    def is_sure(self) -> bool:
        return self.evidence in SURE


class Source(_Strict):
    """A document the standard is known from."""

    title: _Words
    doc_no: str = ""
    url: str = ""
    note: str = ""


class Level(_Strict):
    """What is judged: the rows of a table of the data, or the stages of the units of another level (``of``)."""

    id: _Id
    name: _Words
    table: str = ""
    of: str = ""
    stages: tuple[str, ...] = ()
    present: Mapping[str, Formula] = {}

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if bool(self.table) == bool(self.of) or bool(self.of) != bool(self.stages):
            raise ValueError("层级要么取自数据表（table），要么按学段（stages）分自另一层级（of）")
        if unknown := set(self.present) - set(self.stages):
            raise ValueError(f"present 里的“{'、'.join(sorted(unknown))}”不是本层级的学段")
        return self


class Left(_Sourced):
    """Units that are left out, and why."""

    level: _Id
    drop: Formula
    says: _Words


class Parameter(_Sourced):
    """A number or word that a province or a county may set. ``value`` is a decimal, or one of ``allowed``."""

    id: _Id
    name: _Words
    value: _Words
    unit: str = ""
    allowed: tuple[str, ...] = ()


class Group(_Strict):
    id: _Id
    name: _Words


class Quantity(_Strict):
    """A named number that formulas use; ``formula`` by stage where its level has stages."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
    name: _Words
    level: _Id
    unit: str = ""
    formula: Formulas
    note: str = ""
    clause: str = ""


class Limit(_Strict):
    """A limit of a part, for one stage or for units that meet ``when``.

    ``value``: a formula, or for a grade its name. ``param``: the parameter that holds the value. Without ``default`` a limit is
    only a possibility, known from one place, that a county may choose. Evidence of its own goes before the indicator's.
    """

    id: str = ""
    stage: str = ""
    when: Formula = "true"
    op: Op
    value: str = ""
    param: str = ""
    evidence: Evidence | None = None
    place: str = ""
    default: bool = True
    says: str = ""

    @model_validator(mode="after")
    def _has_value(self) -> Self:
        if bool(self.value) == bool(self.param):
            raise ValueError("限值要么写明（value），要么取自参数（param）")
        return self


class Counted(_Strict):
    """What a number is made of."""

    numerator: Formulas | None = None
    denominator: Formulas | None = None
    value: Formulas | None = None


class Variant(Counted):
    """One of several ways to compute a number."""

    id: _Id
    name: _Words
    default: bool = False
    evidence: Evidence
    note: str = ""


class Concession(Counted):
    """A relaxation for units that meet ``when``; closed until an administrator opens it by a paper in force."""

    id: _Id
    when: Formula
    says: _Words
    limits: tuple[Limit, ...] = ()
    clause: str = ""
    source: tuple[str, ...] = ()
    evidence: Evidence
    note: str = ""


class Part(Counted):
    """One number or judgement of an indicator."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,19}$")] = "all"
    name: str = ""
    kind: PartKind
    unit: str = ""
    factor: _Decimal = "1"
    decimals: int | None = Field(default=None, ge=0, le=6)
    display: str = ""
    # The field that holds what was published of this number: shown beside it, never computed with.
    published: str = ""
    limits: tuple[Limit, ...] = ()
    variants: tuple[Variant, ...] = ()
    concessions: tuple[Concession, ...] = ()
    basis: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        varied = any(one.value or one.numerator for one in self.variants)
        if self.kind == "ratio" and not varied and not (self.numerator and self.denominator):
            raise ValueError("ratio 要有分子（numerator）和分母（denominator）")
        if self.kind in ("number", "rule", "info") and not varied and not (self.value or self.numerator):
            raise ValueError(f"{self.kind} 要有公式（value）")
        if self.kind in ("ratio", "number", "grade", "veto") and not self.limits:
            raise ValueError(f"{self.kind} 要有限值（limits）")
        if self.variants and sum(one.default for one in self.variants) != 1:
            raise ValueError("几种算法中要有一种、且只有一种是默认（default: true）")
        return self


class Indicator(_Sourced):
    """One thing the standard asks. With one number its part is written beside it, with several they are listed as ``parts``."""

    id: _Id
    name: _Words
    description: str = ""
    group: _Id
    level: _Id
    item: str = ""
    seq: int | None = None
    # A veto of its own kind, or a number that ends the recognition when it fails.
    veto: bool = False
    mandatory: bool = True
    # Closed until an administrator opens it: what only one place asks.
    enabled: bool = True
    place: str = ""
    materials: tuple[_Words, ...] = ()
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _spread(cls, data: object) -> object:
        """Without ``parts`` the items of a part are the indicator's own."""
        if not isinstance(data, dict) or "parts" in data:
            return data
        own = set(Part.model_fields) - {"id", "name"}
        return {key: value for key, value in data.items() if key not in own} | {
            "parts": [{key: value for key, value in data.items() if key in own}]
        }

    def key(self, part: Part) -> str:
        """How results and settings call a part: ``R1``, or ``G11.a`` where there are several."""
        return self.id if len(self.parts) == 1 else f"{self.id}.{part.id}"


class Verdict(_Sourced):
    """When the county passes."""

    says: _Words
    formula: Formula


class JudgeOn(_Strict):
    """Whether limits are compared with the exact or with the rounded value."""

    default: Literal["unrounded", "rounded"] = "unrounded"
    evidence: Evidence
    note: str = ""


class Standard(_Strict):
    """One standard."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{2,40}$")]
    version: _Words
    name: _Words
    short_name: _Words
    doc_no: str = ""
    issuer: str = ""
    published: str = ""
    operating_rules: str = ""
    status: str = ""
    # The office that is judged when the standard is used: for the head of pages.
    object: str = ""
    sources: Mapping[str, Source] = {}
    forms: tuple[str, ...]
    levels: tuple[Level, ...]
    scope: tuple[Left, ...] = ()
    scope_note: str = ""
    parameters: tuple[Parameter, ...] = ()
    groups: tuple[Group, ...]
    quantities: tuple[Quantity, ...] = ()
    indicators: tuple[Indicator, ...]
    verdict: Verdict
    judge_on: JudgeOn
    notes: tuple[str, ...] = ()
    checked_on: date | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for what, ids in {
            "层级": [one.id for one in self.levels],
            "参数": [one.id for one in self.parameters],
            "组": [one.id for one in self.groups],
            "数量": [one.id for one in self.quantities],
            "指标": [one.id for one in self.indicators],
        }.items():
            if twice := sorted({one for one in ids if ids.count(one) > 1}):
                raise ValueError(f"{what}“{'、'.join(twice)}”写了两次")
        groups, levels = {one.id for one in self.groups}, {one.id for one in self.levels}
        for one in self.indicators:
            if one.group not in groups:
                raise ValueError(f"指标 {one.id} 的组“{one.group}”不在 groups 里")
            if one.level not in levels:
                raise ValueError(f"指标 {one.id} 的层级“{one.level}”不在 levels 里")
            if missing := sorted(set(one.source) - set(self.sources)):
                raise ValueError(f"指标 {one.id} 的来源“{'、'.join(missing)}”不在 sources 里")
        return self

    def indicator(self, id: str) -> Indicator:
        """Raises: KeyError."""
        return next(one for one in self.indicators if one.id == id)

    def each_part(self) -> Iterator[tuple[str, Indicator, Part]]:
        for one in self.indicators:
            for part in one.parts:
                yield one.key(part), one, part

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the file means: of its values, not of its spaces and comments, nor of what the schema learns later."""
        return digests.sha256_hex(digests.canonical_json(self.model_dump(mode="json", exclude_defaults=True)))


def read(path: Path) -> Standard:
    """One standard.

    Raises:
        EngineInputError: ``datafile.syntax``, ``datafile.schema``: with file, line, item and mistake.
    """
    standard = datafiles.read(path, Standard)
    if standard.id != path.stem:
        raise EngineInputError("standard.name", f"{path.name}：文件名应当是 {standard.id}.yaml。")
    return standard


def load(folder: Path) -> dict[str, Standard]:
    """All standards of a folder by id, in the order of their file names."""
    return {path.stem: read(path) for path in sorted(folder.glob("*.yaml"))}
