"""From a template and what the case says to words, and from words to a document of GB/T 9704-2012."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from dudao.papers import library
from dudao.papers.models import PaperText
from dudao_engines.papers import annexes, custom, docx, filling, inserting
from dudao_engines.papers.model import Attachment, Document, Form
from dudao_engines.papers.text import Paragraph, Table, parse

_OPEN = re.compile(r"(【待填：[^】]+】)")


def fill(kind: str, values: Mapping[str, Any]) -> filling.Filled:
    """The first words of a paper of a kind; what is missing stands in them as 【待填：…】."""
    return filling.fill(library.kinds()[kind], values)


def still_open(text: PaperText) -> tuple[str, ...]:
    """What is still to be filled in the words themselves."""
    return filling.still_open("\n".join((text.title, text.to_words, text.body)))


def document(
    kind: str,
    text: PaperText,
    *,
    organ: str,
    number: str = "",
    day: date | None = None,
    approved_by: str = "",
    qr: bytes | None = None,
    qr_words: tuple[str, ...] = (),
) -> Document:
    """A text as the paper it is: with the number and day it gets, or without while it is a draft.

    Args:
        organ: whose paper it is, as the red head says before 文件.
        approved_by: who signed; printed on papers to a higher level only (7.2.6).
    """
    template = library.kinds().get(kind)
    form = template.form if template else Form.DOCUMENT
    head = {Form.DOCUMENT: f"{organ}文件", Form.LETTER: organ, Form.MINUTES: text.title, Form.PLAIN: ""}[form]
    return Document(
        title=text.title,
        body=text.body,
        form=form,
        organ=head,
        number=number,
        to=text.to_words,
        attachments=attached(text),
        signed_by=text.organ,
        day=day,
        seal=template is not None and template.seal,
        note=text.note,
        copies_to=text.copies_words,
        # A letter has neither (GB/T 9704-2012 10.1), nor has a record.
        printed_by=str(settings.OFFICE) if form in (Form.DOCUMENT, Form.MINUTES) else "",
        printed_on=day if form in (Form.DOCUMENT, Form.MINUTES) else None,
        approved_by=approved_by if template is not None and template.upward else "",
        qr=qr,
        qr_words=qr_words,
        page_mark=text.page_mark,
    )


def attached(text: PaperText) -> tuple[Attachment, ...]:
    """The attachments of a text: by name, and with tables and charts where the matter has made some."""
    made = annexes.load(text.annexes)
    names = [line.strip() for line in text.attachments.splitlines() if line.strip()]
    return tuple(Attachment(name, made=made[at] if at < len(made) else None) for at, name in enumerate(names))


def written(made: Document, *, own: bytes | None = None, values: Mapping[str, Any] | None = None) -> bytes:
    """The file of a document: in the layout of the house, or in a county's own .docx with the document's words and the
    values of the template's fields."""
    if own is None:
        return docx.write(made)
    words: dict[str, Any] = {
        "发文机关标志": made.organ,
        "发文字号": made.number,
        "签发人": made.approved_by,
        "紧急程度": made.urgency,
        "标题": made.title,
        "主送": made.to,
        "正文": made.body,
        "附件": [one.title for one in made.attachments],
        "署名": made.signed_by,
        "成文日期": made.day or "",
        "附注": made.note,
        "抄送": made.copies_to,
        "印发机关": made.printed_by,
        "印发日期": made.printed_on or "",
        inserting.QR: made.qr,
        inserting.QR_WORDS: list(made.qr_words),
    }
    return custom.fill(own, {**(values or {}), **words})


def prints_words(own: bytes) -> bool:
    """Whether a county's own .docx prints the words that are edited on the screen, not only the template's fields."""
    return "正文" in custom.places(own)


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a paper on the screen: a paragraph with its level, or a table (``head``, ``rows``)."""

    words: str = ""
    level: int = 0
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The words in pieces, and of each whether it is still to be filled."""
        return [(piece, piece.startswith("【待填：")) for piece in _OPEN.split(self.words) if piece]


def lines(body: str) -> Iterable[Line]:
    """The body as it stands on the screen."""
    for block in parse(body):
        if isinstance(block, Table):
            yield Line(head=block.head, rows=block.rows)
        elif isinstance(block, Paragraph) and block.words:
            yield Line(block.words, block.level)
