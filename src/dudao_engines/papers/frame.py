"""Around the text: the red mark, page numbers, the double lines of a letter, the page itself."""

from dudao_engines.papers import styles
from dudao_engines.papers.layout import width
from dudao_engines.papers.model import Document, Form
from dudao_engines.papers.styles import LINE, MM, RED, WIDTH
from dudao_engines.papers.wml import XML, W, paragraph, run

_ORGAN_SIZE = 48  # Points; not above 22 mm (7.2.4 asks for 醒目、美观、庄重).
_NARROWEST = 66  # Per cent of the width of a character.
MARK_ROOM = 0.97  # Of the line: characters are not narrowed to the exact hundredth.


def organ_xml(words: str, before: int, *, border: str = "", size: int = _ORGAN_SIZE, room: float = WIDTH / 20) -> str:
    """The red mark, as high as it may be and as narrow as it must be to stand on one line."""
    shown, room = max(width(words), 1), room * MARK_ROOM
    scale = min(100, int(room / shown / size * 100))
    if scale < _NARROWEST:
        scale, size = _NARROWEST, int(room / shown / _NARROWEST * 100)
    high = size * 20
    look = f'{border}<w:spacing w:before="{before}" w:line="{round(high * 1.1)}" w:lineRule="exact"/>'
    narrow = f'<w:w w:val="{scale}"/><w:sz w:val="{size * 2}"/><w:szCs w:val="{size * 2}"/></w:rPr>'
    inner = run(words).replace("</w:rPr>", narrow, 1)
    return paragraph("Organ", inner, look)


# Distances of the foot of the page from its edge: the dash of the page number stands 7 mm below the text area (7.5); the
# lower double line of a letter 20 mm above the edge.
_FOOT = round((35 - 7) * MM - 280 / 2)
_FOOT_LETTER = round(20 * MM)


def page_number(side: str, *, letter: bool) -> bytes:
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
    return f'{XML}<w:ftr xmlns:w="{W}">{inner}</w:ftr>'.encode()


_LETTER_LINE = 170  # mm


def _beside() -> str:
    """Indents that make a line 170 mm long and put it in the middle of the page."""
    left = round((210 - _LETTER_LINE) / 2 * MM)
    return f'<w:ind w:left="{left - styles.LEFT}" w:right="{left - styles.RIGHT}"/>'


def first_footer(*, letter: bool) -> bytes:
    """Of a letter's first page: the lower double line, no page number (10.1)."""
    if not letter:
        return _footer(paragraph("PageNumber", ""))
    line = f'<w:pBdr><w:bottom w:val="thinThickSmallGap" w:sz="18" w:space="1" w:color="{RED}"/></w:pBdr>'
    return _footer(paragraph("Anchor", "", f"{line}{_beside()}"))


def first_header(document: Document) -> bytes:
    """Of a letter's first page: the mark 30 mm below the edge, 4 mm under it the upper double line (10.1)."""
    inner = paragraph("Anchor", "")
    if document.form is Form.LETTER:
        line = f'<w:pBdr><w:bottom w:val="thickThinSmallGap" w:sz="18" w:space="11" w:color="{RED}"/></w:pBdr>'
        inner = organ_xml(document.organ, 0, border=line, size=40, room=WIDTH / 20).replace(
            "</w:pPr>", f"{_beside()}</w:pPr>", 1
        )
    return f'{XML}<w:hdr xmlns:w="{W}">{inner}</w:hdr>'.encode()


def page_mark(words: str) -> bytes:
    """What stands at the head of every page: that this is a draft, or what one has to know before believing it."""
    return f'{XML}<w:hdr xmlns:w="{W}">{paragraph("PageMark", run(words))}</w:hdr>'.encode()


def section_xml(*, letter: bool, marked: bool = False, landscape: bool = False) -> str:
    """The page: A4, 版心 156 × 225 mm, 22 lines of 28 characters; landscape the same turned, its binding side up."""
    distance = _FOOT_LETTER if letter else _FOOT
    heads = '<w:headerReference w:type="first" r:id="rIdHead"/>' if letter else ""
    if marked:
        heads += '<w:headerReference w:type="default" r:id="rIdMark"/><w:headerReference w:type="even" r:id="rIdMark"/>'
    high, wide, turned = styles.PAGE_HEIGHT, styles.PAGE_WIDTH, ""
    top, right, bottom, left = styles.TOP, styles.RIGHT, styles.BOTTOM, styles.LEFT
    head = round((22 if marked else 30) * MM)
    if landscape:
        high, wide, turned = wide, high, ' w:orient="landscape"'
        top, right, bottom, left = left, top, right, bottom
        distance, head = round(12 * MM), round(15 * MM)
    return (
        f'<w:sectPr>{heads}<w:footerReference w:type="default" r:id="rIdOdd"/><w:footerReference w:type="even" r:id="rIdEven"/>'
        '<w:footerReference w:type="first" r:id="rIdFirst"/>'
        f'<w:pgSz w:w="{wide}" w:h="{high}"{turned}/><w:pgMar w:top="{top}" w:right="{right}" '
        f'w:bottom="{bottom}" w:left="{left}" w:header="{head}" w:footer="{distance}" w:gutter="0"/>'
        f"{'<w:titlePg/>' if letter else ''}"
        f'<w:docGrid w:type="lines" w:linePitch="{LINE}"/></w:sectPr>'
    )
