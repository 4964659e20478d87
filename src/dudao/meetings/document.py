"""The minutes as a Word document: title, facts, agenda, what was said, decisions. A4, plain, to be filed and sent on."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from docx import Document
from docx.document import Document as Doc
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

SONG, HEI = "宋体", "黑体"
# Characters that no XML document may hold.
_NOT_IN_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


@dataclass(frozen=True, slots=True)
class Written:
    """The minutes in words, as they are printed.

    Attributes:
        title: what the paper is called.
        facts: name and value: time, place, chair, recorder, who came.
        agenda: what was on it.
        sections: heading and paragraphs; an empty heading for what stands by itself.
        decisions: what, who, until when.
        foot: who wrote it and whether it stands.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    agenda: Sequence[str]
    sections: Sequence[tuple[str, Sequence[str]]]
    decisions: Sequence[tuple[str, str, str]]
    foot: str


def docx(minutes: Written) -> bytes:
    """The document's bytes. Characters that no Word document can hold are left out."""
    doc = Document()
    doc.core_properties.title, doc.core_properties.author = _clean(minutes.title), ""
    _page(doc)
    _line(doc, minutes.title, size=18, bold=True, font=HEI, align=WD_ALIGN_PARAGRAPH.CENTER, after=12)
    for name, value in minutes.facts:
        paragraph = _line(doc, f"{name}：", bold=True)
        _run(paragraph, value or "—")
    if minutes.agenda:
        _head(doc, "议程")
        for n, one in enumerate(minutes.agenda, 1):
            _line(doc, f"{n}. {one}", indent=True)
    if minutes.sections:
        _head(doc, "会议内容")
    for heading, paragraphs in minutes.sections:
        if heading:
            _line(doc, heading, bold=True, keep=True)
        for text in paragraphs:
            for part in text.split("\n"):
                _line(doc, part, indent=True, align=WD_ALIGN_PARAGRAPH.JUSTIFY)
    if minutes.decisions:
        _head(doc, "会议决定")
        _table(doc, ("序号", "事项", "责任", "时限"), minutes.decisions)
    _line(doc, minutes.foot, align=WD_ALIGN_PARAGRAPH.RIGHT, before=18)
    out = io.BytesIO()
    doc.save(out)
    return out.getvalue()


def _clean(text: str) -> str:
    return text.translate(_NOT_IN_XML).encode("utf-8", "ignore").decode("utf-8")


def _page(doc: Doc) -> None:
    section = doc.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin = section.bottom_margin = Cm(2.54)
    section.left_margin = section.right_margin = Cm(2.8)
    normal = doc.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)
    normal.font.name, normal.font.size = "Times New Roman", Pt(12)
    properties = normal.element.get_or_add_rPr()
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), SONG)
    # Without it some readers draw the marks of another script.
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    properties.append(language)
    normal.paragraph_format.line_spacing = 1.5
    normal.paragraph_format.space_after = Pt(0)
    _page_number(section.footer.paragraphs[0])


def _page_number(paragraph: Paragraph) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = text
        run._r.append(mark)


def _head(doc: Doc, text: str) -> None:
    _line(doc, text, size=14, bold=True, font=HEI, before=10, after=4, keep=True)


def _line(
    doc: Doc,
    text: str,
    *,
    size: float = 0,
    bold: bool = False,
    font: str = "",
    align: WD_ALIGN_PARAGRAPH | None = None,
    indent: bool = False,
    before: float = 0,
    after: float = 0,
    keep: bool = False,
) -> Paragraph:
    paragraph = doc.add_paragraph()
    form = paragraph.paragraph_format
    form.space_before, form.space_after, form.keep_with_next = Pt(before), Pt(after), keep
    if align is not None:
        paragraph.alignment = align
    if indent:
        # Two characters, whatever their size: Word counts them in hundredths.
        ind = paragraph._p.get_or_add_pPr().get_or_add_ind()
        ind.set(qn("w:firstLineChars"), "200")
        ind.set(qn("w:firstLine"), "480")
    _run(paragraph, text, size=size, bold=bold, font=font)
    return paragraph


def _run(paragraph: Paragraph, text: str, *, size: float = 0, bold: bool = False, font: str = "") -> Run:
    run = paragraph.add_run(_clean(text))
    run.bold = bold or None
    if size:
        run.font.size = Pt(size)
    if font:
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return run


def _table(doc: Doc, heads: Sequence[str], rows: Sequence[tuple[str, str, str]]) -> None:
    table = doc.add_table(rows=1, cols=len(heads), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = (Cm(1.4), Cm(7.4), Cm(3.4), Cm(3.2))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for n, row in enumerate([tuple(heads), *((str(n), *row) for n, row in enumerate(rows, 1))]):
        cells = table.rows[0].cells if n == 0 else table.add_row().cells
        for at, (cell, text) in enumerate(zip(cells, row, strict=True)):
            cell.width = widths[at]
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.line_spacing = 1.2
            if n == 0 or at == 0:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _run(paragraph, text, size=10.5, bold=n == 0)
    # The head of the table comes again on the next page; a row stays whole.
    for n, line in enumerate(table.rows):
        properties = line._tr.get_or_add_trPr()
        for name in ("w:tblHeader", "w:cantSplit") if n == 0 else ("w:cantSplit",):
            properties.append(OxmlElement(name))
