"""Read an official notice: text → outline → work points → duties, figures, checks; every field with its place in the text."""

from dudao_engines.notices.checks import check_text
from dudao_engines.notices.facts import Check
from dudao_engines.notices.gold import to_gold_json
from dudao_engines.notices.model import (
    Action,
    Field,
    Flag,
    Mark,
    MetaField,
    Notice,
    Part,
    Point,
    Role,
    Section,
    Span,
    Stretch,
)
from dudao_engines.notices.reader import read_notice
from dudao_engines.notices.several import split_notices

__all__ = [
    "Action",
    "Check",
    "Field",
    "Flag",
    "Mark",
    "MetaField",
    "Notice",
    "Part",
    "Point",
    "Role",
    "Section",
    "Span",
    "Stretch",
    "check_text",
    "read_notice",
    "split_notices",
    "to_gold_json",
]
