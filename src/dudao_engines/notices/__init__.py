"""Read an official notice: text → outline → work points, every field with its place in the text."""

from dudao_engines.notices.gold import to_gold_json
from dudao_engines.notices.model import Field, Flag, MetaField, Notice, Part, Point, Role, Section, Span
from dudao_engines.notices.reader import read_notice

__all__ = [
    "Field",
    "Flag",
    "MetaField",
    "Notice",
    "Part",
    "Point",
    "Role",
    "Section",
    "Span",
    "read_notice",
    "to_gold_json",
]
