"""二维码 and 版记: one table on the bottom of the text area of the last page (GB/T 9704-2012, 7.4)."""

from collections.abc import Sequence

from dudao_engines.papers import styles
from dudao_engines.papers.model import Document, Form
from dudao_engines.papers.styles import MM, WIDTH
from dudao_engines.papers.text import chinese_day
from dudao_engines.papers.wml import attribute, paragraph, run

QR_RELATION = "rIdQr"
_QR_SIDE = 20
_THICK, _THIN = 8, 6  # Eighths of a point: 0.35 and 0.25 mm.


def foot_xml(document: Document) -> str:
    """二维码 and 版记 as one table that stands on the bottom of the text area of the last page (7.4)."""
    rows = _qr_row(document)
    # A letter has neither lines nor 印发机关 and 印发日期 (10.1).
    letter = document.form is Form.LETTER
    printed = not letter and (document.printed_by or document.printed_on)
    if document.copies_to:
        top, bottom = (0, 0) if letter else (_THICK, _THIN if printed else _THICK)
        look = '<w:ind w:leftChars="400" w:left="1120" w:rightChars="100" w:right="280" w:hangingChars="300" w:hanging="840"/>'
        end = "" if document.copies_to.endswith("。") else "。"
        rows += _imprint_row(
            [(WIDTH, paragraph("Imprint", run(f"抄送：{document.copies_to}{end}"), look))], top, bottom
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
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="{thick}" w:space="0" w:color="auto"/>'
        for side, thick in (("top", top), ("bottom", bottom))
        if thick
    )
    borders = f"<w:tcBorders>{lines}</w:tcBorders>" if lines else ""
    made = "".join(_foot_cell(room, inner, borders) for room, inner in cells)
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{made}</w:tr>"


def _qr_row(document: Document) -> str:
    if document.qr is None:
        return ""
    picture = picture_xml("；".join(document.qr_words) or "二维码")
    image = paragraph("QrWords", picture, '<w:spacing w:line="240" w:lineRule="auto"/>')
    words = "".join(paragraph("QrWords", run(line)) for line in document.qr_words) or paragraph("QrWords", "")
    cells = _foot_cell(_QR_COLUMN, image) + _foot_cell(WIDTH - _QR_COLUMN, words)
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def picture_xml(told: str) -> str:
    """A run with the picture ``QR_RELATION`` leads to; ``told`` is read out to those who cannot see it."""
    side = _QR_SIDE * 36000
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{side}" cy="{side}"/>'
        f'<wp:docPr id="1" name="二维码" descr={attribute(told)}/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
        '<pic:cNvPr id="1" name="qr.png"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        f'<a:blip r:embed="{QR_RELATION}"/><a:stretch>'
        f'<a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{side}" cy="{side}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )
