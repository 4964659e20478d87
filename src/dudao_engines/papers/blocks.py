"""Structured text as paragraphs and tables of WordprocessingML."""

import re
from collections.abc import Sequence, Set

from dudao_engines.papers.layout import column_widths, width
from dudao_engines.papers.model import Form
from dudao_engines.papers.styles import LINE, PITCH, WIDTH
from dudao_engines.papers.text import Block, Paragraph, Table
from dudao_engines.papers.wml import KEEP, paragraph, run

_HEADING = 45  # A sentence longer than this, in characters, is no heading.
_CAME = re.compile("(?:出席|请假|缺席|列席|记录)：")  # 10.3: who came, under the text of minutes.
_LEVEL_WORDS = {1: "HeiWords", 2: "KaiWords"}


def blocks_xml(blocks: Sequence[Block], *, blank: bool, form: Form = Form.DOCUMENT, keep_last: bool = False) -> str:
    """The body; ``blank`` leaves a line free above it, ``keep_last`` keeps its end with the signature."""
    made = []
    came = False
    for at, block in enumerate(blocks):
        before = LINE if blank and not at else _AROUND_TABLE if at and isinstance(blocks[at - 1], Table) else 0
        look = f'<w:spacing w:before="{before}"/>' if before else ""
        if isinstance(block, Table):
            made.append(
                (paragraph("Cell", "") if blank and not at else "")
                + table_xml(block, keep=keep_last and at == len(blocks) - 1)
            )
            continue
        came_here = form is Form.MINUTES and _CAME.match(block.words)
        if came_here:
            label = came_here[0]
            made.append(hanging(label, block.words[len(label) :], before=0 if came else LINE, style="HeiWords"))
            came = True
            continue
        # What leads to a table stands on its page.
        follows = blocks[at + 1] if at + 1 < len(blocks) else None
        keep = isinstance(follows, Table) or (keep_last and follows is None)
        made.append(_paragraph(block, (KEEP if keep else "") + look))
    return "".join(made)


def heading_of(block: Paragraph) -> tuple[str, str]:
    """The heading that opens a paragraph of the first or second level, and the words after it: 标题。正文……"""
    words = block.words
    end = words.find("。") + 1 or len(words)
    if block.level not in _LEVEL_WORDS or width(words[:end]) > _HEADING:
        return "", words
    return words[:end], words[end:]


def _paragraph(block: Paragraph, look: str) -> str:
    heading, rest = heading_of(block)
    if not heading:
        style = f"Level{block.level}" if block.level > 2 else "Body"
        return paragraph(style, run(rest), look)
    if not rest:
        return paragraph(f"Level{block.level}", run(heading), look)
    return paragraph("Body", run(heading, _LEVEL_WORDS[block.level]) + run(rest), look)


def hanging(label: str, words: str, *, before: int = 0, style: str = "", keep: bool = False) -> str:
    """``label`` two characters in; lines that follow stand under the first word after it."""
    long = width(label)
    look = (
        f'{KEEP if keep else ""}<w:spacing w:before="{before}"/><w:ind w:leftChars="{round(100 * (2 + long))}" w:left="{round(PITCH * (2 + long))}" '
        f'w:hangingChars="{round(100 * long)}" w:hanging="{round(PITCH * long)}"/>'
    )
    return paragraph("Attachment", run(label, style) + run(words), look)


# Tables

_RULES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_ROW_HEIGHT = 480
_AROUND_TABLE = 120
_SHORT = 8.0  # Characters: columns with nothing longer are centred.
_WHOLE = 300  # Characters: a row with more may go over the page's end.


def table_xml(block: Table, *, keep: bool = False) -> str:
    """A table; ``keep`` holds its last row with the signature."""
    rows = [block.head, *block.rows] if block.head else list(block.rows)
    count = max(map(len, rows))
    centred = {at for at in range(count) if all(width(row[at]) <= _SHORT for row in rows if len(row) > at)}
    if not block.head:
        # A form: names of what is filled in beside them.
        centred = set(range(0, count, 2)) if count > 1 else set()
    widths = column_widths(rows, WIDTH, form=not block.head)
    grid = "".join(f'<w:gridCol w:w="{one}"/>' for one in widths)
    last, head = len(rows) - 1, bool(block.head)
    made = "".join(
        _row(cells, widths, centred, style=_style(head=head, at=at), keep=keep and at == last)
        for at, cells in enumerate(rows)
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{WIDTH}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{_RULES}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{made}</w:tbl>'
    )


def _style(*, head: bool, at: int) -> str:
    if not head:
        return "FormCell"
    return "Cell" if at else "CellHead"


def _row(cells: Sequence[str], widths: Sequence[int], centred: Set[int], *, style: str, keep: bool) -> str:
    """A row; the last cell of a short one takes the room of those that are not there."""
    made = ""
    for at, words in enumerate(cells):
        last = at == len(cells) - 1
        span = len(widths) - at if last else 1
        room = sum(widths[at : at + span])
        more = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
        look = (KEEP if keep else "") + ('<w:jc w:val="center"/>' if at in centred and style != "CellHead" else "")
        lines = "".join(paragraph(style, run(line), look) for line in words.split("\n"))
        made += (
            f'<w:tc><w:tcPr><w:tcW w:w="{room}" w:type="dxa"/>{more}<w:vAlign w:val="center"/></w:tcPr>{lines}</w:tc>'
        )
    again = "<w:tblHeader/>" if style == "CellHead" else ""
    whole = "<w:cantSplit/>" if sum(map(len, cells)) <= _WHOLE else ""
    return f'<w:tr><w:trPr>{whole}<w:trHeight w:val="{_ROW_HEIGHT}" w:hRule="atLeast"/>{again}</w:trPr>{made}</w:tr>'
