"""What a person should look at: what was mended, what is out of order, what the notice lacks."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dudao_engines.notices import noise
from dudao_engines.notices.damage import damage, unpaired
from dudao_engines.notices.front import Front
from dudao_engines.notices.lines import fold, width
from dudao_engines.notices.markers import Style, chinese
from dudao_engines.notices.model import Flag, Point, Role, Section, Span
from dudao_engines.notices.tables import Table
from dudao_engines.notices.walk import Block

_SENTENCE = re.compile(r"[^。！？\n]{8,200}。")
_STRAY = re.compile(r"[ \u3000]+[。，；、](?=\S)")
_SEE_ATTACHMENT = re.compile(r"[（(]?(?:详见|见)附件\d{0,2}[)）]?")
_ENDS = "。！？；：.!?;:…”）)》】〉"
_COUNTED = (Style.CHAPTER, Style.ARTICLE, Style.CHINESE, Style.BRACKET, Style.ARABIC)
_LEAST_SENTENCE = 20


def flags_of(
    text: str, blocks: Sequence[Block], sections: Sequence[Section], front: Front, wrap: int | None
) -> tuple[Flag, ...]:
    """All flags, in the order of the text, each place and code once."""
    found = [
        *_numbers(blocks),
        *damage(text, blocks),
        *_blocks(text, blocks, wrap),
        *_tables(text, blocks),
        *_attachments(text, blocks),
        *_sections(text, sections),
        *_front(text, blocks, front),
    ]
    unique = {(flag.span, flag.code): flag for flag in found}
    return tuple(unique[key] for key in sorted(unique))


def flag(text: str, span: Span, code: str, why: str) -> Flag:
    return Flag(span.of(text), span, code, why)


def _numbers(blocks: Sequence[Block]) -> Iterator[Flag]:
    """Lost, repeated, skipped and shuffled numbers; each style counts on until it starts at 1 again."""
    last: dict[tuple[int, Style], int] = {}
    for block in blocks:
        marker = block.marker
        if marker is None or marker.style not in _COUNTED:
            continue
        ink = block.line.ink
        if marker.lost:
            why = f"标题丢失序号“{marker.no}”，按前后顺序恢复，请核对"
            yield Flag(block.line.text, ink, "lost_numeral", why)
        before = last.get((block.doc, marker.style), 0)
        last[(block.doc, marker.style)] = marker.number
        if marker.number in (1, before + 1):
            continue
        code, why = _disorder(marker.style, before, marker.number)
        yield Flag(
            block.line.text[:_LEAST_SENTENCE], Span(ink.start, min(ink.end, ink.start + _LEAST_SENTENCE)), code, why
        )


def _disorder(style: Style, before: int, number: int) -> tuple[str, str]:
    shown = chinese if style is not Style.ARABIC and max(before, number) < 100 else str
    if number == before:
        return "number_repeated", f"编号“{shown(number)}”重复，按原文保留"
    if number > before:
        return "number_skipped", f"编号不连续：“{shown(number)}”之前缺“{shown(before + 1)}”，按原文保留"
    return "number_disordered", f"编号次序颠倒：“{shown(number)}”在“{shown(before)}”之后，按原文保留"


def _blocks(text: str, blocks: Sequence[Block], wrap: int | None) -> Iterator[Flag]:
    body = False
    wrapped = wrap is None
    for here, below, after in zip(blocks, [*blocks[1:], None], [*blocks[2:], None, None], strict=False):
        body = body or here.role is Role.POINT
        if here.role is Role.NOISE and noise.is_page_no(here.line) and body and below is not None:
            yield flag(text, here.line.ink, "page_number", "页码夹在正文中，已略去")
        if not _runs_on(here):
            continue
        if below and after and below.role is Role.SPACE and after.marker is None and after.role is here.role:
            if wrap is None or width(here.line.text) >= wrap - 4:
                yield flag(text, here.line.ink, "broken_paragraph", "段落中间被空行断开，已接续，请核对")
        elif below and below.role is here.role and below.marker is None and not wrapped:
            wrapped = True
            yield flag(text, here.line.ink, "hard_wrap", "正文按固定字数硬换行，词语可能被拆到两行")


def _runs_on(block: Block) -> bool:
    running = block.role in (Role.POINT, Role.PREAMBLE) and block.table is None
    return running and not block.line.closed and width(block.line.text) >= 2 * _LEAST_SENTENCE


def _tables(text: str, blocks: Sequence[Block]) -> Iterator[Flag]:
    for block in blocks:
        if block.table is not None:
            yield from _table(text, block.table, block.line.ink)


def _table(text: str, table: Table, ink: Span) -> Iterator[Flag]:
    yield flag(
        text, Span(ink.start, table.head[-1].span.end), "flattened_table", "表格被压平成文字，已按行恢复，请核对"
    )
    for row in table.rows:
        if any(not cell.text for cell in row.cells) or len(row.cells) < len(table.head) - 1:
            yield flag(text, row.span, "empty_cell", f"“{row.key.text}”一行有空单元格")
    last = table.rows[-1].span
    if last.end == ink.end and "|" in text[ink.start : ink.end] and not text[: last.end].endswith(tuple(_ENDS)):
        yield flag(
            text,
            Span(max(last.start, last.end - _LEAST_SENTENCE), last.end),
            "truncated",
            "末格截断，任务可能不完整，请补录",
        )


def _attachments(text: str, blocks: Sequence[Block]) -> Iterator[Flag]:
    if any(block.role is Role.ATTACHMENT for block in blocks):
        return
    for block in blocks:
        if block.role is Role.NOISE and block.line.text.startswith(("附件下载", "相关附件")):
            yield flag(text, block.line.ink, "attachment_missing", f"页面有“{block.line.text[:4]}”，但没有附件")
        elif block.role in (Role.POINT, Role.PREAMBLE):
            for match in _SEE_ATTACHMENT.finditer(block.line.text):
                at = block.line.left + match.start()
                span = Span(at, at + len(match[0]))
                yield flag(text, span, "attachment_missing", "正文提到附件，但没有附件")


def _sections(text: str, sections: Sequence[Section]) -> Iterator[Flag]:
    for section, after in zip(sections, [*sections[1:], None], strict=False):
        if section.heading_span is not None:
            yield from unpaired(text, section.heading_span)
            if not section.points and (after is None or after.level <= section.level):
                yield flag(text, section.heading_span, "empty_section", "标题下没有内容")
        for point in section.points:
            yield from _point(text, point, section)


def _point(text: str, point: Point, section: Section) -> Iterator[Flag]:
    if point.span.end - point.span.start > 20_000:
        return
    yield from unpaired(text, Span(point.body[0].start, point.body[-1].end))
    words = point.body[-1].of(text)
    if (
        section.no is not None
        and len(words) >= _LEAST_SENTENCE
        and not words.endswith(tuple(_ENDS))
        and "|" not in words
    ):
        span = Span(point.body[-1].end - 12, point.body[-1].end)
        yield flag(text, span, "no_full_stop", "段末缺句号，可能有缺漏")
    for here, below in pairwise(_SENTENCE.finditer(text, point.span.start, point.span.end)):
        if fold(here[0]) == fold(below[0]):
            yield flag(text, Span(below.start(), below.end()), "sentence_repeated", "整句重复")
    stray = _STRAY.search(text, point.span.start, point.span.end)
    if stray:
        span = Span(max(point.span.start, stray.start() - 8), stray.end())
        yield flag(text, span, "stray_space", "标点前有多余空格")


def _front(text: str, blocks: Sequence[Block], front: Front) -> Iterator[Flag]:
    titles: dict[tuple[int, str], Block] = {}
    bodies: dict[int, Block] = {}
    for block in blocks:
        if block.role is Role.TITLE:
            key = (block.doc, fold(block.line.text))
            if key in titles:
                yield flag(text, block.line.ink, "title_repeated", "标题重复出现")
            titles[key] = block
            bodies.setdefault(block.doc, block)
        elif block.role is Role.DOC_NO and not _whole_number(block, front):
            yield flag(text, block.line.ink, "damaged_doc_no", "文号残缺，请按原件补正")
    with_body = sorted({block.doc for block in blocks if block.role is Role.POINT and block.doc in bodies})
    for doc in with_body[1:]:
        yield flag(text, bodies[doc].line.ink, "second_document", "一份通知内有多个文件，从此处另起，编号重新开始")
    if not any(block.role in (Role.SIGNATURE, Role.DATE) for block in blocks):
        end = next((block.line.ink for block in blocks if block.role is not Role.SPACE), Span(0, 0))
        yield flag(
            text, front.title.span if front.title else end, "no_signature", "没有落款和成文日期，请核对发文机关和日期"
        )
    publisher = next((item for item in front.metadata if item.key == "发布机构" and isinstance(item.value, str)), None)
    if front.issuer and publisher and fold(front.issuer.value) != fold(str(publisher.value)):
        yield flag(text, front.issuer.span, "issuer_differs", f"落款机关与发布机构（{publisher.value}）不同")


def _whole_number(block: Block, front: Front) -> bool:
    return (
        front.doc_no is not None
        and fold(block.line.text).endswith("号")
        and re.search(r"\d{4}", block.line.text) is not None
    )
