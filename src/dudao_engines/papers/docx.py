"""A paper as .docx in the layout of GB/T 9704-2012; the same paper gives the same bytes."""

import re
from collections.abc import Sequence, Set
from functools import cache
from xml.sax.saxutils import escape

from dudao_engines.papers import styles
from dudao_engines.papers.layout import broken, column_widths, width
from dudao_engines.papers.model import Attachment, Document, Form
from dudao_engines.papers.styles import LINE, MM, PITCH, RED, WIDTH
from dudao_engines.papers.text import Block, Paragraph, Table, chinese_day, parse
from dudao_engines.papers.wml import R, W, attribute, clean, package, paragraph, run

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_DRAW = (
    ("wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"),
    ("a", "http://schemas.openxmlformats.org/drawingml/2006/main"),
    ("pic", "http://schemas.openxmlformats.org/drawingml/2006/picture"),
)
_TITLE_ROOM = 19.0  # Characters of 22 points.
_HEADING = 45  # A sentence longer than this, in characters, is no heading.
_QR_SIDE = 20
_KEEP = "<w:keepNext/>"
_CAME = re.compile("(?:出席|请假|缺席|列席|记录)：")  # 10.3: who came, under the text of minutes.
_LEVEL_WORDS = {1: "HeiWords", 2: "KaiWords"}


def write(document: Document) -> bytes:
    """The paper as a Word file.

    Args:
        document: every element that is not empty is printed. Characters no Word file can hold are left out.

    Returns:
        A .docx with the official font names; the same for the same document, on every machine and at any time.

    Source: GB/T 9704-2012 5 to 9, 10.1 (信函格式), 10.3 (纪要格式); docs/reference/papers.md says how sure each figure is.
    """
    letter = document.form is Form.LETTER
    body = "".join((_head(document), _main(document), _annexes(document.attachments), _foot(document)))
    section = _section(letter=letter, distance=_FOOT_LETTER if letter else _FOOT)
    spaces = "".join(f' xmlns:{name}="{address}"' for name, address in _DRAW)
    whole = f'{_XML}<w:document xmlns:w="{W}" xmlns:r="{R}"{spaces}><w:body>{body}{section}</w:body></w:document>'
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _top_relations(),
        "word/document.xml": whole.encode("utf-8"),
        "word/_rels/document.xml.rels": _relations(qr=document.qr is not None),
        "word/styles.xml": styles.styles_xml(),
        "word/settings.xml": _settings(),
        "word/footer-odd.xml": _page_number("right", letter=letter),
        "word/footer-even.xml": _page_number("left", letter=letter),
        "word/footer-first.xml": _first_footer(letter=letter),
        "word/header-first.xml": _first_header(document),
        "docProps/core.xml": _core(document),
    }
    if document.qr is not None:
        parts["word/media/qr.png"] = document.qr
    return package(parts)


# Head (版头)

_ORGAN_SIZE = 48  # Points; not above 22 mm (7.2.4 asks for 醒目、美观、庄重).
_NARROWEST = 66  # Per cent of the width of a character.
_MARK_ROOM = 0.97  # Of the line: characters are not narrowed to the exact hundredth.
_MARK_DOWN = 35  # mm from the top of the text area to the top of the mark.


def _head(document: Document) -> str:
    if document.form is Form.LETTER:
        urgency = paragraph("Urgency", run(document.urgency)) if document.urgency else ""
        if not document.number:
            return urgency
        return urgency + paragraph("Number", run(document.number), f'<w:spacing w:before="280"/>{_right(0)}')
    if document.form is Form.PLAIN or not document.organ:
        return ""
    made = paragraph("Urgency", run(document.urgency)) if document.urgency else ""
    made += _organ(document.organ, round(_MARK_DOWN * MM) - (LINE if document.urgency else 0))
    line = f'<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="11" w:color="{RED}"/></w:pBdr>'
    if document.form is Form.MINUTES:
        if document.number:
            made += paragraph("Number", run(document.number))
        day = chinese_day(document.day) if document.day else ""
        return made + paragraph("OrganLine", f"{run(document.signed_by)}<w:r><w:tab/></w:r>{run(day)}", line)
    if document.approved_by:
        tabs = f'<w:tabs><w:tab w:val="right" w:pos="{WIDTH - round(PITCH)}"/></w:tabs>'
        words = f"{run(document.number)}<w:r><w:tab/></w:r>{run('签发人：')}{run(document.approved_by, 'KaiWords')}"
        return made + paragraph(
            "Number", words, f'{line}{tabs}<w:ind w:leftChars="100" w:left="{round(PITCH)}"/><w:jc w:val="left"/>'
        )
    return made + paragraph("Number", run(document.number), line)


def _organ(words: str, before: int, *, border: str = "", size: int = _ORGAN_SIZE, room: float = WIDTH / 20) -> str:
    """The red mark, as high as it may be and as narrow as it must be to stand on one line."""
    shown, room = max(width(words), 1), room * _MARK_ROOM
    scale = min(100, int(room / shown / size * 100))
    if scale < _NARROWEST:
        scale, size = _NARROWEST, int(room / shown / _NARROWEST * 100)
    high = size * 20
    look = f'{border}<w:spacing w:before="{before}" w:line="{round(high * 1.1)}" w:lineRule="exact"/>'
    narrow = f'<w:w w:val="{scale}"/><w:sz w:val="{size * 2}"/><w:szCs w:val="{size * 2}"/></w:rPr>'
    inner = run(words).replace("</w:rPr>", narrow, 1)
    return paragraph("Organ", inner, look)


# Body (主体)


def _main(document: Document) -> str:
    before = 0 if document.form is Form.PLAIN or not (document.organ or document.number) else None
    made = _title(document.title, before)
    if document.form is Form.PLAIN and document.number:
        made += paragraph("Number", run(document.number), '<w:spacing w:before="0"/>')
    blank = True
    if document.to:
        made += paragraph("To", run(f"{document.to}："))
        blank = False
    came = [f"{label}：{names}" for label, names in document.attendance]
    blocks = parse("\n".join([document.body, *came])) if document.body or came else ()
    signed = document.form is not Form.MINUTES and bool(document.signed_by or document.day)
    made += _blocks(blocks, blank=blank, form=document.form, keep_last=signed)
    made += _named(document.attachments, keep=signed)
    if document.form is not Form.MINUTES:
        made += _signed(document)
    if document.note:
        note = document.note if document.note.startswith("（") else f"（{document.note}）"
        made += paragraph("Note", run(note))
    return made


def _title(words: str, before: int | None) -> str:
    lines = broken(clean(words), _TITLE_ROOM)
    return paragraph("Title", run("\n".join(lines)), "" if before is None else f'<w:spacing w:before="{before}"/>')


def _blocks(blocks: Sequence[Block], *, blank: bool, form: Form = Form.DOCUMENT, keep_last: bool = False) -> str:
    """The body; ``blank`` leaves a line free above it, ``keep_last`` keeps its end with the signature."""
    made = []
    came = False
    for at, block in enumerate(blocks):
        before = LINE if blank and not at else _AROUND_TABLE if at and isinstance(blocks[at - 1], Table) else 0
        look = f'<w:spacing w:before="{before}"/>' if before else ""
        if isinstance(block, Table):
            made.append(
                (paragraph("Cell", "") if blank and not at else "")
                + _table(block, keep=keep_last and at == len(blocks) - 1)
            )
            continue
        came_here = form is Form.MINUTES and _CAME.match(block.words)
        if came_here:
            label = came_here[0]
            made.append(_hanging(label, block.words[len(label) :], before=0 if came else LINE, style="HeiWords"))
            came = True
            continue
        # What leads to a table stands on its page.
        follows = blocks[at + 1] if at + 1 < len(blocks) else None
        keep = isinstance(follows, Table) or (keep_last and follows is None)
        made.append(_paragraph(block, (_KEEP if keep else "") + look))
    return "".join(made)


def _paragraph(block: Paragraph, look: str) -> str:
    words = block.words
    if block.level not in _LEVEL_WORDS:
        return paragraph(f"Level{block.level}" if block.level else "Body", run(words), look)
    heading, rest = _split(words)
    if not rest:
        style = f"Level{block.level}" if width(heading) <= _HEADING else "Body"
        return paragraph(style, run(heading), look)
    return paragraph("Body", run(heading, _LEVEL_WORDS[block.level]) + run(rest), look)


def _split(words: str) -> tuple[str, str]:
    """The heading that opens a paragraph and the words after it: 二级标题。正文……"""
    end = words.find("。") + 1
    if not end or end == len(words):
        return words, ""
    return (words[:end], words[end:]) if width(words[:end]) <= _HEADING else ("", words)


def _hanging(label: str, words: str, *, before: int = 0, style: str = "", keep: bool = False) -> str:
    """``label`` two characters in; lines that follow stand under the first word after it."""
    long = width(label)
    look = (
        f'{_KEEP if keep else ""}<w:spacing w:before="{before}"/><w:ind w:leftChars="{round(100 * (2 + long))}" w:left="{round(PITCH * (2 + long))}" '
        f'w:hangingChars="{round(100 * long)}" w:hanging="{round(PITCH * long)}"/>'
    )
    return paragraph("Attachment", run(label, style) + run(words), look)


def _named(attachments: Sequence[Attachment], *, keep: bool) -> str:
    """附件说明: 正文下空一行左空二字 (7.3.4)."""
    if len(attachments) == 1:
        return _hanging("附件：", attachments[0].title, before=LINE, keep=keep)
    made = ""
    for number, one in enumerate(attachments, 1):
        mark = f"{number}."
        lead = "附件：" if number == 1 else ""
        left, back = 5 + width(mark), width(mark) + width(lead)
        look = (
            f'{_KEEP if keep else ""}<w:spacing w:before="{LINE if lead else 0}"/><w:ind w:leftChars="{round(100 * left)}" w:left="{round(PITCH * left)}" '
            f'w:hangingChars="{round(100 * back)}" w:hanging="{round(PITCH * back)}"/>'
        )
        made += paragraph("Attachment", run(f"{lead}{mark}{one.title}"), look)
    return made


def _signed(document: Document) -> str:
    """署名 and 成文日期 (7.3.5): with a seal the name is centred over the day, four characters from the right, under two
    free lines so that the seal's upper edge comes within a line of the text; without one both stand two characters in."""
    day = chinese_day(document.day) if document.day else ""
    name, long_day = width(document.signed_by), width(day)
    if document.seal:
        by = max(0.0, 4 + (long_day - name) / 2)
        on = 4.0 if by else max(0.0, (name - long_day) / 2)
    elif long_day > name:
        by, on = 2 + (long_day - name) / 2, 2.0
    else:
        # The day begins two characters after the name does.
        by, on = (2.0, name - long_day) if name - long_day >= 0 else (2.0, 2.0)
    free = (3 if document.seal else 1) * LINE
    made = ""
    if document.signed_by:
        made = paragraph("Signature", run(document.signed_by), f'<w:spacing w:before="{free}"/>{_right(by)}')
    if day:
        look = "" if document.signed_by else f'<w:spacing w:before="{free}"/>'
        made += paragraph("Day", run(day), f"{look}{_right(on)}")
    return made


def _right(characters: float) -> str:
    return (
        f'<w:ind w:rightChars="{round(characters * 100)}" w:right="{round(characters * PITCH)}"/><w:jc w:val="right"/>'
    )


def _annexes(attachments: Sequence[Attachment]) -> str:
    """Attachments with a body: each on a new page, 附件1 in 黑体 at its head, the title on the third line (7.3.8)."""
    made = ""
    for number, one in enumerate(attachments, 1):
        if one.body:
            mark = "附件" if len(attachments) == 1 else f"附件{number}"
            made += paragraph("AnnexMark", run(mark), "<w:pageBreakBefore/>")
            made += _title(one.title, LINE) + _blocks(parse(one.body), blank=True)
    return made


# Tables

_RULES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_ROW_HEIGHT = 480
_AROUND_TABLE = 120
_SHORT = 8.0  # Characters: columns with nothing longer are centred.
_WHOLE = 300  # Characters: a row with more may go over the page's end.


def _table(block: Table, *, keep: bool = False) -> str:
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
        look = (_KEEP if keep else "") + ('<w:jc w:val="center"/>' if at in centred and style != "CellHead" else "")
        lines = "".join(paragraph(style, run(line), look) for line in words.split("\n"))
        made += (
            f'<w:tc><w:tcPr><w:tcW w:w="{room}" w:type="dxa"/>{more}<w:vAlign w:val="center"/></w:tcPr>{lines}</w:tc>'
        )
    again = "<w:tblHeader/>" if style == "CellHead" else ""
    whole = "<w:cantSplit/>" if sum(map(len, cells)) <= _WHOLE else ""
    return f'<w:tr><w:trPr>{whole}<w:trHeight w:val="{_ROW_HEIGHT}" w:hRule="atLeast"/>{again}</w:trPr>{made}</w:tr>'


# Foot (版记) and page numbers

_THICK, _THIN = 8, 6  # Eighths of a point: 0.35 and 0.25 mm.


def _foot(document: Document) -> str:
    """二维码 and 版记 as one table that stands on the bottom of the text area of the last page (7.4)."""
    rows = _qr_row(document)
    printed = document.printed_by or document.printed_on
    if document.copies_to:
        bottom = _THIN if printed else _THICK
        look = '<w:ind w:leftChars="400" w:left="1120" w:rightChars="100" w:right="280" w:hangingChars="300" w:hanging="840"/>'
        end = "" if document.copies_to.endswith("。") else "。"
        rows += _imprint_row(
            [(WIDTH, paragraph("Imprint", run(f"抄送：{document.copies_to}{end}"), look))], _THICK, bottom
        )
    if printed:
        day = f"{chinese_day(document.printed_on)}印发" if document.printed_on else ""
        left = paragraph("Imprint", run(document.printed_by), '<w:ind w:leftChars="100" w:left="280"/>')
        right = paragraph("Imprint", run(day), '<w:ind w:rightChars="100" w:right="280"/><w:jc w:val="right"/>')
        rows += _imprint_row(
            [(_FOOT_LEFT, left), (WIDTH - _FOOT_LEFT, right)], _THIN if document.copies_to else _THICK, _THICK
        )
    last = paragraph("Anchor", "")
    if not rows:
        return last
    # Measured from the page: LibreOffice leaves a table as wide as the text where it is if it is measured from the margin.
    return (
        '<w:tbl><w:tblPr><w:tblpPr w:leftFromText="0" w:rightFromText="0" w:topFromText="0" w:bottomFromText="0" '
        f'w:vertAnchor="margin" w:horzAnchor="page" w:tblpX="{styles.LEFT}" w:tblpYSpec="bottom"/><w:tblOverlap w:val="never"/>'
        f'<w:tblW w:w="{WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/>'
        f'<w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>{_foot_grid()}{rows}</w:tbl>{last}'
    )


_QR_COLUMN = round((_QR_SIDE + 4) * MM)
_FOOT_LEFT = round(WIDTH * 0.6)
_FOOT_COLUMNS = (_QR_COLUMN, _FOOT_LEFT - _QR_COLUMN, WIDTH - _FOOT_LEFT)


def _foot_grid() -> str:
    return "<w:tblGrid>" + "".join(f'<w:gridCol w:w="{one}"/>' for one in _FOOT_COLUMNS) + "</w:tblGrid>"


def _foot_cell(room: int, inner: str, borders: str = "", align: str = "center") -> str:
    span = {WIDTH: 3, _FOOT_COLUMNS[0]: 1, _FOOT_COLUMNS[2]: 1}.get(room, 2)
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{room}" w:type="dxa"/><w:gridSpan w:val="{span}"/>{borders}<w:vAlign w:val="{align}"/></w:tcPr>'
        f"{inner}</w:tc>"
    )


def _imprint_row(cells: Sequence[tuple[int, str]], top: int, bottom: int) -> str:
    borders = (
        f'<w:tcBorders><w:top w:val="single" w:sz="{top}" w:space="0" w:color="auto"/>'
        f'<w:bottom w:val="single" w:sz="{bottom}" w:space="0" w:color="auto"/></w:tcBorders>'
    )
    made = "".join(_foot_cell(room, inner, borders) for room, inner in cells)
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{made}</w:tr>"


def _qr_row(document: Document) -> str:
    if document.qr is None:
        return ""
    side = _QR_SIDE * 36000
    picture = (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{side}" cy="{side}"/>'
        f'<wp:docPr id="1" name="二维码" descr={attribute("；".join(document.qr_words) or "二维码")}/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
        '<pic:cNvPr id="1" name="qr.png"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rIdQr"/><a:stretch>'
        f'<a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{side}" cy="{side}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )
    image = paragraph("QrWords", picture, '<w:spacing w:line="240" w:lineRule="auto"/>')
    words = "".join(paragraph("QrWords", run(line)) for line in document.qr_words) or paragraph("QrWords", "")
    cells = _foot_cell(_QR_COLUMN, image) + _foot_cell(WIDTH - _QR_COLUMN, words)
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


# Distances of the foot of the page from its edge: the dash of the page number stands 7 mm below the text area (7.5); the
# lower double line of a letter 20 mm above the edge.
_FOOT = round((35 - 7 + 0.5 * 280 / MM - 280 / MM) * MM)
_FOOT_LETTER = round(20 * MM)


def _page_number(side: str, *, letter: bool) -> bytes:
    """— 1 —, 4号宋体; odd pages one character from the right, even ones from the left."""
    look = f'<w:ind w:{side}Chars="100" w:{side}="280"/><w:jc w:val="{side}"/>'
    if letter:
        look = f'<w:spacing w:after="{_FOOT - _FOOT_LETTER}"/>{look}'
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve">PAGE</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    return _footer(paragraph("PageNumber", f"{run('— ')}{field}{run(' —')}", look))


def _footer(inner: str) -> bytes:
    return f'{_XML}<w:ftr xmlns:w="{W}">{inner}</w:ftr>'.encode()


_LETTER_LINE = 170  # mm


def _beside() -> str:
    """Indents that make a line 170 mm long and put it in the middle of the page."""
    left = round((210 - _LETTER_LINE) / 2 * MM)
    return f'<w:ind w:left="{left - styles.LEFT}" w:right="{left - styles.RIGHT}"/>'


def _first_footer(*, letter: bool) -> bytes:
    """Of a letter's first page: the lower double line, no page number (10.1)."""
    if not letter:
        return _footer(paragraph("PageNumber", ""))
    line = f'<w:pBdr><w:bottom w:val="thinThickSmallGap" w:sz="18" w:space="1" w:color="{RED}"/></w:pBdr>'
    return _footer(paragraph("Anchor", "", f"{line}{_beside()}"))


def _first_header(document: Document) -> bytes:
    """Of a letter's first page: the mark 30 mm below the edge, 4 mm under it the upper double line (10.1)."""
    inner = paragraph("Anchor", "")
    if document.form is Form.LETTER:
        line = f'<w:pBdr><w:bottom w:val="thickThinSmallGap" w:sz="18" w:space="11" w:color="{RED}"/></w:pBdr>'
        inner = _organ(document.organ, 0, border=line, size=40, room=WIDTH / 20).replace(
            "</w:pPr>", f"{_beside()}</w:pPr>", 1
        )
    return f'{_XML}<w:hdr xmlns:w="{W}">{inner}</w:hdr>'.encode()


def _section(*, letter: bool, distance: int) -> str:
    first = '<w:headerReference w:type="first" r:id="rIdHead"/>' if letter else ""
    return (
        f'<w:sectPr>{first}<w:footerReference w:type="default" r:id="rIdOdd"/><w:footerReference w:type="even" r:id="rIdEven"/>'
        '<w:footerReference w:type="first" r:id="rIdFirst"/>'
        f'<w:pgSz w:w="{styles.PAGE_WIDTH}" w:h="{styles.PAGE_HEIGHT}"/><w:pgMar w:top="{styles.TOP}" w:right="{styles.RIGHT}" '
        f'w:bottom="{styles.BOTTOM}" w:left="{styles.LEFT}" w:header="{round(30 * MM)}" w:footer="{distance}" w:gutter="0"/>'
        f"{'<w:titlePg/>' if letter else ''}"
        f'<w:docGrid w:type="linesAndChars" w:linePitch="{LINE}" w:charSpace="{styles.CHAR_SPACE}"/></w:sectPr>'
    )


# Parts that are the same for every paper


@cache
def _content_types() -> bytes:
    parts = (
        ("word/document.xml", "document.main"),
        ("word/styles.xml", "styles"),
        ("word/settings.xml", "settings"),
        ("word/footer-odd.xml", "footer"),
        ("word/footer-even.xml", "footer"),
        ("word/footer-first.xml", "footer"),
        ("word/header-first.xml", "header"),
    )
    named = "".join(f'<Override PartName="/{name}" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in parts)
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        'package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" '
        f'ContentType="image/png"/>{named}<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-'
        'package.core-properties+xml"/></Types>'
    ).encode()


@cache
def _top_relations() -> bytes:
    return (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        f'Target="word/document.xml"/><Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
        'Target="docProps/core.xml"/></Relationships>'
    ).encode()


@cache
def _relations(*, qr: bool) -> bytes:
    named = [
        ("rIdStyles", "styles", "styles.xml"),
        ("rIdSettings", "settings", "settings.xml"),
        ("rIdOdd", "footer", "footer-odd.xml"),
        ("rIdEven", "footer", "footer-even.xml"),
        ("rIdFirst", "footer", "footer-first.xml"),
        ("rIdHead", "header", "header-first.xml"),
    ]
    if qr:
        named.append(("rIdQr", "image", "media/qr.png"))
    made = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for key, kind, target in named
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{made}</Relationships>'.encode()


@cache
def _settings() -> bytes:
    modes = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'
        for name, value in (("compatibilityMode", "15"), ("overrideTableStyleFontSizeAndJustification", "1"))
    )
    return (
        f'{_XML}<w:settings xmlns:w="{W}"><w:bordersDoNotSurroundHeader/><w:bordersDoNotSurroundFooter/>'
        '<w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/><w:characterSpacingControl w:val="compressPunctuation"/>'
        f"<w:compat><w:spaceForUL/><w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/><w:ulTrailSpace/>"
        f'<w:useFELayout/>{modes}</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
    ).encode()


def _core(document: Document) -> bytes:
    """Title, author and the day of the paper: never the moment of writing the file."""
    moment = f"{document.day.isoformat()}T00:00:00Z" if document.day else "2012-07-01T00:00:00Z"
    title, author = (escape(clean(" ".join(words.split()))) for words in (document.title, document.signed_by))
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">{moment}'
        f'</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">{moment}</dcterms:modified></cp:coreProperties>'
    ).encode()
