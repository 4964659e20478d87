"""Templates of papers: files in library/papers/ that an expert can read and correct."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from dudao_engines.kernel import datafiles
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.papers import patterns
from dudao_engines.papers.model import Form

# LAW: text of a law; NAT1, NAT2: official national sources, secondary and repeated; SEED: the county's own papers;
# LOCAL: other places' rules; DESIGN: decided here; RECALL: from memory.
Evidence = Literal["LAW", "NAT1", "NAT2", "SEED", "LOCAL", "DESIGN", "RECALL"]
_UNCHECKED = ("LOCAL", "DESIGN", "RECALL")
# What every paper may have besides the fields of its template; the names stand in a county's own .docx too.
ELEMENTS = (
    *("发文机关标志", "发文字号", "签发人", "紧急程度", "标题", "主送", "正文", "附件", "署名", "成文日期", "附注"),
    *("抄送", "印发机关", "印发日期"),
)
Kind = Literal["text", "lines", "day", "table"]
Name = Annotated[str, StringConstraints(pattern=r"^[一-鿿A-Za-z0-9]{1,20}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """One column of a field of kind ``table``."""

    key: Name
    required: bool = False


class Field(_Strict):
    """What a paper of this kind says.

    Attributes:
        key: name in the pattern and in a county's own .docx: ``{{key}}``.
        label: what the form calls it; the key where it is empty.
        kind: ``text`` one line; ``lines`` paragraphs; ``day``; ``table`` rows, each a mapping of its columns.
        required: the paper is not complete without it.
        evidence, clause: where it comes from.
        hint: how it is filled, for the form.
        columns: of a table.
    """

    key: Name
    label: str = ""
    kind: Kind = "text"
    required: bool = True
    evidence: Evidence
    clause: str = ""
    hint: str = ""
    columns: tuple[Column, ...] = ()

    @property
    def name(self) -> str:
        return self.label or self.key

    @property
    def unchecked(self) -> bool:
        """Whether the screen has to say 未核实."""
        return self.evidence in _UNCHECKED

    @model_validator(mode="after")
    def _columns_belong_to_tables(self) -> Self:
        if (self.kind == "table") != bool(self.columns):
            raise ValueError("table 才有 columns，并且至少有一列")
        return self


class Template(_Strict):
    """One kind of paper.

    Attributes:
        id: that of the file.
        name: 督导意见书.
        source: number in the list of papers of the loop (D05); empty where it is none of them.
        form: the layout.
        seal: whether it is sealed.
        numbered: whether it takes a 发文字号.
        upward: a paper to a higher level: 签发人 stands in its head.
        restricted: seen by named persons only (问责).
        sent: whether it goes to a unit and is served on it.
        clause, evidence: the rule that wants this paper.
        note: what one has to know about it, in Chinese.
        title, to, body: patterns (``papers.patterns``).
    """

    id: str
    name: str
    source: str = ""
    form: Form
    seal: bool = False
    numbered: bool = True
    upward: bool = False
    restricted: bool = False
    sent: bool = True
    clause: str = ""
    evidence: Evidence
    note: str = ""
    fields: tuple[Field, ...]
    title: str
    to: str = ""
    body: str

    @property
    def unchecked(self) -> bool:
        return self.evidence in _UNCHECKED

    def field(self, key: str) -> Field | None:
        return next((one for one in self.fields if one.key == key), None)

    @model_validator(mode="after")
    def _pattern_uses_its_fields(self) -> Self:
        if len({one.key for one in self.fields}) != len(self.fields):
            raise ValueError("字段名重复")
        if taken := [one.key for one in self.fields if one.key in ELEMENTS]:
            raise ValueError(f"这些名称是公文要素，不能作字段名：{'、'.join(taken)}")
        columns = {one.key: {column.key for column in one.columns} for one in self.fields if one.kind == "table"}
        names = {one.key for one in self.fields}
        used: set[str] = set()
        for pattern in (self.title, self.to, self.body):
            used |= patterns.check(pattern, names, columns)
        if lost := [one.key for one in self.fields if one.key not in used]:
            raise ValueError(f"字段没有用在标题、主送或正文里：{'、'.join(lost)}")
        return self


def load(folder: Path) -> dict[str, Template]:
    """All templates of a folder by their id, in the order of the file names.

    Raises:
        EngineInputError: as ``datafiles.read``; ``papers.template_id`` where file name and id differ.
    """
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        template = datafiles.read(path, Template)
        if template.id != path.stem:
            raise EngineInputError("papers.template_id", f"{path.name} 的 id 应当是 {path.stem}。")
        found[template.id] = template
    return found
