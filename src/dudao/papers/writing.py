"""From a template and what the case says to words, and from words to the file."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from docx import Document

from dudao.papers import library
from dudao.papers.models import Paper, PaperText


@dataclass(frozen=True, slots=True)
class Filled:
    """Title and body of a new paper, and the names of the fields that nobody filled."""

    title: str
    body: str
    missing: tuple[str, ...]


def fill(kind: str, values: Mapping[str, Any], *, title: str, county: str) -> Filled:
    """The first words of a paper."""
    body = "\n".join(f"{key}：{value}" for key, value in values.items())
    return Filled(title or library.kind_name(kind), body, ())


def organ_of(county: str) -> str:
    """Who signs a paper: the office."""
    return str(settings.OFFICE)


def written(paper: Paper, text: PaperText, *, number: str, day: date, qr: bytes | None) -> bytes:
    """The file of a paper."""
    doc = Document()
    for line in (number, text.title, text.to_words, *text.body.split("\n"), text.organ, day.isoformat()):
        doc.add_paragraph(line)
    made = io.BytesIO()
    doc.save(made)
    return made.getvalue()
