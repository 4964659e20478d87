"""Word files in the layout of official papers (GB/T 9704-2012, 公文格式), for every app that hands one out.

Page A4, margins 37 / 26 / 35 / 28 mm; title 小标宋 22 pt, body 仿宋 16 pt with two characters indent and a fixed line of 28 pt, headings 黑体
and 楷体. The fonts are named, not embedded: Word and WPS in offices have them, elsewhere the next best one is shown.
"""

import io
from typing import Any

from django.http import FileResponse
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

XIAOBIAOSONG, FANGSONG, HEI, KAI = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# What XML 1.0 cannot hold; it is left out, for Word would not open the file.
_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)])


class Paper:
    """A Word file, written from top to bottom."""

    def __init__(self, title: str) -> None:
        self._doc: Any = Document()
        self._doc.core_properties.title, self._doc.core_properties.author = title, ""
        page = self._doc.sections[0]
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.top_margin, page.right_margin, page.bottom_margin, page.left_margin = Mm(37), Mm(26), Mm(35), Mm(28)
        self._page_number(page)
        self._line(title, XIAOBIAOSONG, 22, centre=True, line=34)

    def heading(self, words: str, *, level: int = 1) -> None:
        """A heading on a line of its own: 1 is 黑体 (一、), 2 is 楷体 (（一）)."""
        self._line(words, HEI if level == 1 else KAI, 16, keep=True)

    def body(self, words: str, *, lead: str = "") -> None:
        """Paragraphs, one for each line; ``lead`` stands before the first in 楷体, as a heading in the line does."""
        for at, line in enumerate(words.splitlines() or [""]):
            self._line(line, FANGSONG, 16, lead=lead if not at else "")

    def right(self, words: str) -> None:
        """A line at the right: signature, day."""
        made = self._line(words, FANGSONG, 16, indent=False)
        made.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def respond(self, name: str) -> FileResponse:
        """The file as a download called ``name``.docx."""
        made = io.BytesIO()
        self._doc.save(made)
        made.seek(0)
        return FileResponse(made, as_attachment=True, filename=f"{name}.docx", content_type=WORD)

    def _line(
        self, words: str, font: str, size: int, *, centre: bool = False, indent: bool = True, keep: bool = False,
        line: float = 28, lead: str = "",
    ) -> Any:  # fmt: skip
        made = self._doc.add_paragraph()
        form = made.paragraph_format
        form.space_before = form.space_after = Pt(0)
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
        form.keep_with_next = keep
        if centre:
            made.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif indent:
            place = made._p.get_or_add_pPr().get_or_add_ind()
            place.set(qn("w:firstLineChars"), "200")
            place.set(qn("w:firstLine"), str(2 * size * 20))
        if lead:
            self._run(made, lead, KAI, size)
        self._run(made, words, font, size)
        return made

    @staticmethod
    def _run(paragraph: Any, words: str, font: str, size: int) -> None:
        run = paragraph.add_run(words.translate(_NOT_IN_XML))
        run.font.name, run.font.size = font, Pt(size)
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)

    def _page_number(self, page: Any) -> None:
        """— 1 —, in the middle of the foot."""
        foot = page.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._run(foot, "— ", "宋体", 14)
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        foot._p.append(field)
        self._run(foot, " —", "宋体", 14)
