"""A paper as .docx in the layout of GB/T 9704-2012; the same paper gives the same bytes."""

from collections.abc import Sequence

from dudao_engines.papers import annexes, foot, frame, parts, sheets, styles
from dudao_engines.papers.blocks import blocks_xml, hanging
from dudao_engines.papers.layout import broken, width
from dudao_engines.papers.model import Attachment, Document, Form
from dudao_engines.papers.styles import LINE, MM, PITCH, RED, WIDTH
from dudao_engines.papers.text import chinese_day, parse
from dudao_engines.papers.wml import DRAWING_SPACES, KEEP, XML, R, W, clean, package, paragraph, run

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TITLE_ROOM = 19.0  # Characters of 22 points.


def write(document: Document) -> bytes:
    """The paper as a Word file.

    Args:
        document: every element that is not empty is printed. Characters no Word file can hold are left out.

    Returns:
        A .docx with the official font names; the same for the same document, on every machine and at any time.

    Source: GB/T 9704-2012 5 to 9, 10.1 (信函格式), 10.3 (纪要格式); docs/reference/papers.md says how sure each figure is.
    """
    letter = document.form is Form.LETTER
    marked = bool(document.page_mark) and not letter
    charts = annexes.bars_of([one.made for one in document.attachments if one.made])
    attached = _annexes(document.attachments, marked=marked, letter=letter)
    body = "".join((_head(document), _main(document), attached, foot.foot_xml(document)))
    section = frame.section_xml(letter=letter, marked=marked)
    whole = (
        f'{XML}<w:document xmlns:w="{W}" xmlns:r="{R}"{DRAWING_SPACES}><w:body>{body}{section}</w:body></w:document>'
    )
    made = {
        "[Content_Types].xml": parts.content_types(marked=marked, charts=len(charts)),
        "_rels/.rels": parts.top_relations(),
        "word/document.xml": whole.encode("utf-8"),
        "word/_rels/document.xml.rels": parts.relations(qr=document.qr is not None, marked=marked, charts=len(charts)),
        "word/styles.xml": styles.styles_xml(),
        "word/settings.xml": parts.settings(),
        "word/footer-odd.xml": frame.page_number("right", letter=letter),
        "word/footer-even.xml": frame.page_number("left", letter=letter),
        "word/footer-first.xml": frame.first_footer(letter=letter),
        "word/header-first.xml": frame.first_header(document),
        "docProps/core.xml": parts.core(document),
    }
    if marked:
        made["word/header-mark.xml"] = frame.page_mark(document.page_mark)
    for number, chart in enumerate(charts, 1):
        made[f"word/charts/chart{number}.xml"] = sheets.chart_part(chart)
    if document.qr is not None:
        made["word/media/qr.png"] = document.qr
    return package(made)


# Head (版头)

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
    made += frame.organ_xml(document.organ, round(_MARK_DOWN * MM) - (LINE if document.urgency else 0))
    line = f'<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="11" w:color="{RED}"/></w:pBdr>'
    if document.form is Form.MINUTES:
        if document.number:
            made += paragraph("Number", run(document.number))
        day = chinese_day(document.day) if document.day else ""
        return made + paragraph("OrganLine", f"{run(document.signed_by)}<w:r><w:tab/></w:r>{run(day)}", line)
    if document.approved_by:
        # Tab stops, not indents: the line below goes as far as the indents let it.
        stops = f'<w:tab w:val="left" w:pos="{round(PITCH)}"/><w:tab w:val="right" w:pos="{WIDTH - round(PITCH)}"/>'
        tab = "<w:r><w:tab/></w:r>"
        words = f"{tab}{run(document.number)}{tab}{run('签发人：')}{run(document.approved_by, 'KaiWords')}"
        return made + paragraph("Number", words, f'{line}<w:tabs>{stops}</w:tabs><w:jc w:val="left"/>')
    return made + paragraph("Number", run(document.number), line)


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
    blocks = parse(document.body) if document.body else ()
    signed = document.form is not Form.MINUTES and bool(document.signed_by or document.day)
    made += blocks_xml(blocks, blank=blank, form=document.form, keep_last=signed)
    made += _named(document.attachments, keep=signed)
    if document.form is not Form.MINUTES:
        made += _signed(document)
    if document.note:
        note = document.note if document.note.startswith("（") else f"（{document.note}）"
        made += paragraph("Note", run(note))
    return made


def _title(words: str, before: int | None) -> str:
    lines = broken(clean(words), TITLE_ROOM)
    return paragraph("Title", run("\n".join(lines)), "" if before is None else f'<w:spacing w:before="{before}"/>')


def _named(attachments: Sequence[Attachment], *, keep: bool) -> str:
    """附件说明: 正文下空一行左空二字 (7.3.4)."""
    if len(attachments) == 1:
        return hanging("附件：", attachments[0].title, before=LINE, keep=keep)
    made = ""
    for number, one in enumerate(attachments, 1):
        mark = f"{number}."
        lead = "附件：" if number == 1 else ""
        left, back = 5 + width(mark), width(mark) + width(lead)
        look = (
            f'{KEEP if keep else ""}<w:spacing w:before="{LINE if lead else 0}"/><w:ind w:leftChars="{round(100 * left)}" w:left="{round(PITCH * left)}" '
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
        by, on = 2.0, name - long_day
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


def _annexes(attachments: Sequence[Attachment], *, marked: bool, letter: bool) -> str:
    """Attachments with a body: each on a new page, 附件1 in 黑体 at its head, the title on the third line (7.3.8). A landscape
    one has a section of its own; what follows it, if only 版记, is portrait again."""
    made, chart = "", 1
    section = {
        landscape: frame.section_xml(letter=letter, marked=marked, landscape=landscape).replace("<w:titlePg/>", "")
        for landscape in (False, True)
    }
    turned = False
    for number, one in enumerate(attachments, 1):
        if not one.body and not one.made:
            continue
        mark = "附件" if len(attachments) == 1 else f"附件{number}"
        landscape = one.made is not None and one.made.landscape
        if landscape or turned:
            # The section before ends here; the next begins on a new page.
            before = frame.section_xml(letter=letter, marked=marked) if not made else section[turned]
            made += f'<w:p><w:pPr><w:pStyle w:val="Anchor"/>{before}</w:pPr></w:p>'
            made += paragraph("AnnexMark", run(mark))
        else:
            made += paragraph("AnnexMark", run(mark), "<w:pageBreakBefore/>")
        made += _title(one.title, LINE)
        if one.made is not None:
            made += sheets.annex_xml(one.made, chart)
            chart += len(annexes.bars_of([one.made]))
        else:
            made += blocks_xml(parse(one.body), blank=True)
        turned = landscape
    if turned:
        made += f'<w:p><w:pPr><w:pStyle w:val="Anchor"/>{section[True]}</w:pPr></w:p>'
    return made
