"""What a notice is once it has been read: frozen values, each with its place in the text."""

from dataclasses import dataclass
from enum import StrEnum


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
class Point:
    """One work point.

    ``span`` covers number, title and text, ``body`` its text without number, page numbers and site noise between.
    """

    no: str | None
    title: str | None
    quote_start: str
    span: Span
    title_span: Span | None
    body: tuple[Span, ...]


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
