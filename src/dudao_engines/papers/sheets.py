"""Wide tables and charts of annexes as WordprocessingML and DrawingML charts."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from dudao_engines.papers.annexes import Annex, Bars, Head, Sheet, Words
from dudao_engines.papers.blocks import blocks_xml
from dudao_engines.papers.layout import width
from dudao_engines.papers.styles import HEIGHT, MM, WIDTH
from dudao_engines.papers.text import parse
from dudao_engines.papers.wml import KEEP, XML, attribute, clean, paragraph, run

#: Of a landscape page, whose text area is that of a portrait one turned.
WIDE = HEIGHT


def annex_xml(annex: Annex, first_chart: int) -> str:
    """The blocks of an annex; ``first_chart`` is the number of its first chart in the paper."""
    room = WIDE if annex.landscape else WIDTH
    made, chart = "", first_chart
    for one in annex.blocks:
        if isinstance(one, Words):
            made += blocks_xml(parse(one.text), blank=False)
        elif isinstance(one, Sheet):
            made += _sheet_xml(one, room)
        else:
            made += _chart_xml(one, chart, room)
            chart += 1
    return made


# Tables

_RULES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_MARGINS = '<w:tblCellMar><w:left w:w="40" w:type="dxa"/><w:right w:w="40" w:type="dxa"/></w:tblCellMar>'  # Narrower than usual.
_LONG = 12.0  # Characters: columns with anything longer are not centred.


def _sheet_xml(sheet: Sheet, room: int) -> str:
    widths = _shared(sheet, room)
    grid = "".join(f'<w:gridCol w:w="{one}"/>' for one in widths)
    long = {
        at for at in range(len(widths)) if any(len(row) == len(widths) and width(row[at]) > _LONG for row in sheet.rows)
    }
    rows = "".join(_head_row(row, at, sheet.heads, widths) for at, row in enumerate(sheet.heads))
    rows += "".join(_row(row, widths, long) for row in sheet.rows)
    above = "".join(paragraph("SheetNote", run(words), KEEP) for words in sheet.above)
    note = paragraph("SheetNote", run(sheet.note)) if sheet.note else ""
    return (
        f"{paragraph('SheetTitle', run(sheet.title)) if sheet.title else ''}{above}"
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{_RULES}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/>{_MARGINS}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
        f"{note or paragraph('Anchor', '')}"
    )


def _shared(sheet: Sheet, room: int) -> list[int]:
    """The columns' widths: each its share of the room, the last what is left."""
    whole = sum(sheet.widths)
    made = [round(room * one / whole) for one in sheet.widths]
    made[-1] += room - sum(made)
    return made


def _head_row(row: Sequence[Head], at: int, heads: Sequence[Sequence[Head]], widths: Sequence[int]) -> str:
    """A row of the head. Cells that began in a row above and go on are written as continued (vMerge)."""
    taken: dict[int, int] = {}  # Column → across, of cells that come down from above.
    for above in range(at):
        column = 0
        for cell in _placed(heads, above):
            start, one = cell
            if above + one.down > at:
                taken[start] = one.across
            column = start + one.across
    made = ""
    cells = dict(_placed(heads, at))
    column = 0
    while column < len(widths):
        if column in taken:
            across = taken[column]
            made += _cell("", "SheetHead", sum(widths[column : column + across]), across, "<w:vMerge/>")
        elif column in cells:
            one = cells[column]
            across = one.across
            merge = '<w:vMerge w:val="restart"/>' if one.down > 1 else ""
            made += _cell(one.words, "SheetHead", sum(widths[column : column + across]), across, merge)
        else:
            across = 1
            made += _cell("", "SheetHead", widths[column], 1)
        column += across
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{made}</w:tr>"


def _placed(heads: Sequence[Sequence[Head]], wanted: int) -> list[tuple[int, Head]]:
    """The cells of a row of the head with the column each begins at, under what comes down from the rows above."""
    busy: dict[int, set[int]] = {}
    for at, row in enumerate(heads):
        column, found = 0, []
        for one in row:
            while column in busy.get(at, ()):
                column += 1
            found.append((column, one))
            for below in range(at + 1, at + one.down):
                busy.setdefault(below, set()).update(range(column, column + one.across))
            column += one.across
        if at == wanted:
            return found
    return []


def _row(row: Sequence[str], widths: Sequence[int], long: set[int]) -> str:
    if len(row) == 1 and len(widths) > 1:
        made = _cell(row[0], "Sheet", sum(widths), len(widths))
    else:
        made = "".join(
            _cell(words, "SheetWords" if at in long else "Sheet", room, 1)
            for at, (words, room) in enumerate(zip(row, widths, strict=True))
        )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{made}</w:tr>"


def _cell(words: str, style: str, room: int, across: int, merge: str = "") -> str:
    span = f'<w:gridSpan w:val="{across}"/>' if across > 1 else ""
    lines = "".join(paragraph(style, run(line)) for line in words.split("\n"))
    return f'<w:tc><w:tcPr><w:tcW w:w="{room}" w:type="dxa"/>{span}{merge}<w:vAlign w:val="center"/></w:tcPr>{lines}</w:tc>'


# Charts

_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_CHART_HIGH = 92  # mm: two on a page.


def chart_relation(number: int) -> str:
    return f"rIdChart{number}"


def _chart_xml(bars: Bars, number: int, room: int) -> str:
    """The paragraph that shows a chart."""
    wide, high = round(room / MM * 36000), _CHART_HIGH * 36000
    told = attribute(f"柱状图：{bars.title}")
    drawing = (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{high}"/>'
        f'<wp:docPr id="{100 + number}" name="图{number}" descr={told}/><a:graphic><a:graphicData uri="{_CHART}">'
        f'<c:chart xmlns:c="{_CHART}" r:id="{chart_relation(number)}"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )
    unit = f"（{bars.unit}）" if bars.unit else ""
    limit = f"，标准 {bars.limit}" if bars.limit else ""
    caption = paragraph("SheetTitle", run(f"图{number} {bars.title}{unit}{limit}"))
    return caption + paragraph("Sheet", drawing, '<w:spacing w:line="240" w:lineRule="auto"/>')


def chart_part(bars: Bars) -> bytes:
    """A chart as a part of the file, its numbers in it: Word, WPS and LibreOffice draw it with their own fonts."""
    count = len(bars.names)
    series = _series(0, bars.title, bars.names, bars.numbers, "14427A", line=False)
    line = ""
    if bars.limit:
        limits = _series(1, "标准", bars.names, [bars.limit] * count, "B3261E", line=True)
        line = (
            f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{limits}<c:marker val="1"/>'
            '<c:axId val="1"/><c:axId val="2"/></c:lineChart>'
        )
    size = 600 if count > 24 else 800
    text = f'<c:txPr><a:bodyPr{{turn}}/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{size}"/></a:pPr><a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
    turned = text.format(turn=' rot="-5400000" vert="horz"' if count > 6 else "")
    return (
        f'{XML}<c:chartSpace xmlns:c="{_CHART}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>'
        f'<c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:varyColors val="0"/>{series}<c:gapWidth val="50"/>'
        f'<c:axId val="1"/><c:axId val="2"/></c:barChart>{line}'
        '<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/><c:axPos val="b"/>'
        f'<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="low"/>{turned}<c:crossAx val="2"/><c:crosses val="autoZero"/><c:auto val="1"/><c:lblAlgn val="ctr"/>'
        '<c:lblOffset val="100"/><c:tickLblSkip val="1"/><c:noMultiLvlLbl val="1"/></c:catAx>'
        '<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/><c:min val="0"/></c:scaling><c:delete val="0"/>'
        '<c:axPos val="l"/><c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="D9DEE4"/></a:solidFill></a:ln>'
        '</c:spPr></c:majorGridlines><c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="out"/>'
        f'<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>{text.format(turn="")}<c:crossAx val="1"/><c:crosses val="autoZero"/>'
        '<c:crossBetween val="between"/></c:valAx></c:plotArea><c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        "</c:chartSpace>"
    ).encode()


def _series(at: int, name: str, names: Sequence[str], numbers: Sequence[str], colour: str, *, line: bool) -> str:
    fill = f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
    look = f'<a:ln w="19050">{fill}<a:prstDash val="dash"/></a:ln>' if line else fill
    points = "".join(f'<c:pt idx="{n}"><c:v>{escape(clean(one))}</c:v></c:pt>' for n, one in enumerate(names))
    values = "".join(f'<c:pt idx="{n}"><c:v>{escape(clean(one))}</c:v></c:pt>' for n, one in enumerate(numbers))
    marker = '<c:marker><c:symbol val="none"/></c:marker>' if line else '<c:invertIfNegative val="0"/>'
    return (
        f'<c:ser><c:idx val="{at}"/><c:order val="{at}"/><c:tx><c:v>{escape(clean(name))}</c:v></c:tx><c:spPr>{look}</c:spPr>{marker}'
        f'<c:cat><c:strLit><c:ptCount val="{len(names)}"/>{points}</c:strLit></c:cat>'
        f'<c:val><c:numLit><c:formatCode>General</c:formatCode><c:ptCount val="{len(numbers)}"/>{values}</c:numLit></c:val></c:ser>'
    )
