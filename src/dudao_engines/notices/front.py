"""Title, number, issuer, day and the notice's own record."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dudao_engines.notices import fields
from dudao_engines.notices.lines import Line, fold
from dudao_engines.notices.model import Field, MetaField, Role, Span
from dudao_engines.notices.record import KEYS, TITLE_KEYS
from dudao_engines.notices.walk import Block

# 执行中的疑问由市教育局负责解答; 本方案由县教育局负责解释.
_ASKED = re.compile(r"由([\u4e00-\u9fff]{2,20}?)负责(解答|解释)")
_ISSUER_KEYS = ("发文机关", "发文单位", "制发机关", "制定机关", "发布机构", "发布单位")
_WRITTEN_KEYS = ("成文日期", "发文日期", "发文时间", "生成日期", "印发日期")


@dataclass(slots=True)
class Front:
    """What a notice says about itself."""

    title: Field | None = None
    doc_no: Field | None = None
    issuer: Field | None = None
    date: Field | None = None
    metadata: list[MetaField] = field(default_factory=list)


def front_of(text: str, blocks: Sequence[Block]) -> Front:
    """Read the fields from the blocks that carry them."""
    front = Front(metadata=_metadata(text, blocks))
    titles = _titles(blocks)
    front.title = _title(text, blocks, titles)
    if front.title is None:
        front.title = _recorded(front.metadata, TITLE_KEYS)
    if len(titles) > 1 and len(set(titles)) > 1:
        first = titles[min(titles)]
        front.metadata.insert(0, MetaField("通知标题", first.of(text), first))
    front.doc_no = _doc_no(blocks, front.metadata)
    front.issuer, front.date = _signature(text, blocks)
    front.metadata += _foot(text, blocks, front)
    if front.issuer is None and front.title is not None:
        front.issuer = _issuer_of_title(front.title)
    if front.issuer is None:
        front.issuer = _recorded(front.metadata, _ISSUER_KEYS)
    if front.date is None:
        front.date = _written(front.metadata)
    return front


def _titles(blocks: Sequence[Block]) -> dict[int, Span]:
    """Of each document the title printed last, over all its lines."""
    titles: dict[int, Span] = {}
    before: Block | None = None
    for block in blocks:
        if block.role is Role.TITLE:
            joined = before is not None and before.role is Role.TITLE and before.doc == block.doc
            again = before is not None and fold(before.line.text) == fold(block.line.text)
            start = titles[block.doc].start if joined and not again else block.line.left
            titles[block.doc] = Span(start, block.line.right)
        if block.role is not Role.SPACE:
            before = block
    return titles


def _title(text: str, blocks: Sequence[Block], titles: dict[int, Span]) -> Field | None:
    """The printed programme's own title where the notice prints exactly one; else the notice's title."""
    if not titles:
        return None
    with_body = sorted({block.doc for block in blocks if block.role is Role.POINT and block.doc in titles})
    chosen = with_body[0] if len(with_body) == 1 else min(titles)
    return Field(titles[chosen].of(text), titles[chosen])


def _metadata(text: str, blocks: Sequence[Block]) -> list[MetaField]:
    found: list[MetaField] = []
    pending: str | None = None
    before: Role | None = None
    for block in blocks:
        line = block.line
        if block.role is Role.METADATA:
            pairs = fields.pairs_of(line) or fields.contacts_of(line)
            if pending and not pairs:
                span = fields.cell(line)
                found.append(MetaField(pending, line.text[span.start - line.left : span.end - line.left], span))
            elif not pairs:
                name = line.text.removesuffix("文件").rstrip()
                _issue(found, name, Span(line.left, line.left + len(name)))
            found.extend(MetaField(pair.key, pair.value, pair.span) for pair in pairs if pair.value and not pair.noise)
            pending = pairs[0].key if pairs and fields.key_only(line) else None
        elif block.role is Role.ATTACHMENT:
            _attach(found, line)
        elif block.role is Role.ADDRESSEE:
            last = found.pop() if before is Role.ADDRESSEE and found else None
            left = last.span.start if last else line.left + fields.addressed(line)
            found.append(_addressee(text, Span(left, line.right)))
        elif block.role is Role.PREAMBLE and (asked := _ASKED.search(line.text)):
            span = Span(line.left + asked.start(1), line.left + asked.end(1))
            found.append(MetaField("实施联系" if asked[2] == "解答" else "解释机关", asked[1], span))
        elif block.role is Role.NOTE:
            note = fields.note_of(line) or ""
            at = line.left + line.text.index(note)
            found.append(MetaField("附注", note, Span(at, at + len(note))))
        before = block.role
    return found


def _attach(found: list[MetaField], line: Line) -> None:
    """Adds the attachment a line names to the list; 附件1 alone says where what follows stands."""
    name = fields.attachment_names(line)
    if not name:
        if not line.text.endswith((":", "：")):
            found.append(MetaField("位置", line.text, line.ink))
        return
    span = Span(line.right - len(name), line.right)
    before = found.pop() if found and found[-1].key == "附件" else MetaField("附件", (), span)
    names = tuple(name[a:b] for a, b in fields.named_in(name))
    found.append(MetaField("附件", (*before.value, *names), Span(before.span.start, span.end)))


def _issue(found: list[MetaField], name: str, span: Span) -> None:
    """Adds a unit of the red head; those that issue a paper together stand one below the other."""
    if found and found[-1].key == "发文机关":
        before = found.pop()
        above = before.value if isinstance(before.value, tuple) else (before.value,)
        found.append(MetaField("发文机关", (*above, name), Span(before.span.start, span.end)))
    else:
        found.append(MetaField("发文机关", name, span))


def _addressee(text: str, span: Span) -> MetaField:
    words = span.of(text).rstrip(":： ")
    names = tuple(fold(words[a:b]) for a, b in fields.split_units(words))
    return MetaField("主送", names, Span(span.start, span.start + len(words)))


def _doc_no(blocks: Sequence[Block], metadata: Sequence[MetaField]) -> Field | None:
    for block in blocks:
        if block.role is Role.DOC_NO and fields.DOC_NO.fullmatch(block.line.text):
            return Field(fold(block.line.text), block.line.ink)
    recorded = _recorded(metadata, KEYS["文号"])
    if recorded is not None and fields.holds_number(recorded.value):
        return Field(fold(recorded.value), recorded.span)
    for block in blocks:
        match = fields.DOC_NO_IN_TITLE.search(block.line.text) if block.role is Role.TITLE else None
        if match:
            at = block.line.left
            return Field(fold(match[1]), Span(at + match.start(1), at + match.end(1)))
    return None


def _recorded(metadata: Sequence[MetaField], keys: Sequence[str]) -> Field | None:
    for item in metadata:
        if item.key in keys and isinstance(item.value, str):
            return Field(item.value, item.span)
    return None


def _signature(text: str, blocks: Sequence[Block]) -> tuple[Field | None, Field | None]:
    issuer: Field | None = None
    day: Field | None = None
    for block in blocks:
        line = block.line
        if block.role is Role.SIGNATURE:
            both = fields.signed_day(line)
            unit = Span(line.left, line.left + both[0].end) if both else line.ink
            issuer = issuer or Field(unit.of(text), unit)
            day = day or (_day(line) if both else None)
        elif block.role is Role.DATE:
            day = day or _day(line)
    return issuer, day


def _foot(text: str, blocks: Sequence[Block], front: Front) -> list[MetaField]:
    """署名 and 成文日期 as they stand at the foot of the notice."""
    signing = [block.line for block in blocks if block.role is Role.SIGNATURE and block.doc == _signed_in(blocks)]
    units = [span for line in signing for span in fields.signed_units(line)]
    found = []
    if units:
        names = tuple(fold(span.of(text)) for span in units)
        found.append(MetaField("署名", names, Span(units[0].start, units[-1].end)))
    if front.date is not None and all(item.key != "成文日期" for item in front.metadata):
        found.append(MetaField("成文日期", front.date.span.of(text), front.date.span))
    return found


def _signed_in(blocks: Sequence[Block]) -> int | None:
    return next((block.doc for block in blocks if block.role is Role.SIGNATURE), None)


def _day(line: Line) -> Field | None:
    found = fields.day_in(line.text)
    if found is None or found[0] is None:
        return None
    return Field(found[0], Span(line.left + found[1].start, line.left + found[1].end))


def _issuer_of_title(title: Field) -> Field | None:
    unit = fields.org_of_title(title.value)
    return Field(unit, Span(title.span.start, title.span.start + len(unit))) if unit else None


def _written(metadata: Sequence[MetaField]) -> Field | None:
    for key in _WRITTEN_KEYS:
        for item in metadata:
            found = fields.day_in(item.value) if item.key == key and isinstance(item.value, str) else None
            if found and found[0]:
                return Field(found[0], Span(item.span.start + found[1].start, item.span.start + found[1].end))
    return None
