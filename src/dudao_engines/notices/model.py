"""What a notice is once it has been read: frozen values, each with its place in the text."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dudao_engines.notices.facts import Check, Figure, Time


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of characters ``text[start:end]`` of the notice as it was handed in."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters themselves."""
        return text[self.start : self.end]


class Role(StrEnum):
    """What a stretch of the page is. Every character of a notice has exactly one role."""

    SPACE = "space"
    NOISE = "noise"
    METADATA = "metadata"
    DOC_NO = "doc_no"
    TITLE = "title"
    ADDRESSEE = "addressee"
    PREAMBLE = "preamble"
    HEADING = "heading"
    POINT = "point"
    TABLE_HEAD = "table_head"
    SIGNATURE = "signature"
    DATE = "date"
    NOTE = "note"
    ATTACHMENT = "attachment"
    IMPRINT = "imprint"


class Mark(StrEnum):
    """What a stretch of a point's words is: a duty, a figure, or the reason why it is neither."""

    ACTION = "action"
    FIGURE = "figure"
    TITLE = "title"
    LEAD_IN = "lead_in"
    BASIS = "basis"
    AIM = "aim"
    SLOGAN = "slogan"
    RESULT = "result"
    BACKGROUND = "background"
    WHO = "who"
    WHEN = "when"
    DETAIL = "detail"
    REPEATED = "repeated"
    REMARK = "remark"
    PUNCTUATION = "punctuation"


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the partition of the text."""

    role: Role
    span: Span


@dataclass(frozen=True, slots=True)
class Field:
    """A value and the words it was read from."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class MetaField:
    """One line of the notice's own record (发布日期, 公开方式, 主送 …)."""

    key: str
    value: str | tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a person should look at: the words, the kind of doubt, and the reason in Chinese."""

    quote: str
    span: Span
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Action:
    """One duty: verb and object, in one piece, as printed.

    ``subject``: the acting unit of the sentence, else the plain list of units behind it. ``lead`` and ``cooperating`` only
    where the text marks them. The times are those of its own clause, else those that govern it (a month, a bracket, the
    words before it). What the text does not say is None or empty.
    """

    quote: str
    span: Span
    subject: Field | None = None
    lead: tuple[Field, ...] = ()
    cooperating: tuple[Field, ...] = ()
    deadline: "Time | None" = None
    recurrence: "Time | None" = None
    vague_time: Field | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a point's words with what it is; ``Point.marks`` divide all of ``Point.body``."""

    mark: Mark
    span: Span


@dataclass(frozen=True, slots=True)
class Point:
    """One work point.

    ``span`` covers number, title and text, ``body`` its text without number, page numbers and site noise between.
    ``columns``: for a row of a table its cells under the names of their columns. ``marks`` divide ``body``: every
    character belongs to a duty, a figure, or a mark that says why not.
    """

    no: str | None
    title: str | None
    quote_start: str
    span: Span
    title_span: Span | None
    body: tuple[Span, ...]
    columns: tuple[Field, ...] = ()
    actions: tuple[Action, ...] = ()
    figures: "tuple[Figure, ...]" = ()
    marks: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One heading and its points.

    ``repaired``: the printed numeral was lost and has been restored. ``level`` is 1 for a top heading, 2 for one right
    under it, and so on.
    """

    no: str | None
    heading: str | None
    repaired: bool
    span: Span
    heading_span: Span | None
    points: tuple[Point, ...]
    level: int = 1


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as read. ``parts`` is a partition of ``text``; all spans refer to ``text``."""

    text: str
    title: Field | None
    doc_no: Field | None
    issuer: Field | None
    date: Field | None
    metadata: tuple[MetaField, ...]
    sections: tuple[Section, ...]
    flags: tuple[Flag, ...]
    parts: tuple[Part, ...]
    checks: "tuple[Check, ...]" = ()
