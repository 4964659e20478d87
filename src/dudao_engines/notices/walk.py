"""From lines to blocks: what each line is, decided with its neighbours.

A page is one or more documents (a covering notice, then the programme it prints). A document is a front (record, title,
addressee, lead-in), a body (from its first numbering mark or table on) and a foot (signature, day, notes, imprint).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dudao_engines.notices import fields, noise
from dudao_engines.notices.lines import Line, cut, fold, width
from dudao_engines.notices.markers import Marker, Style, marker_of
from dudao_engines.notices.model import Role
from dudao_engines.notices.pieces import pieces_of
from dudao_engines.notices.tables import Table, tables_in

# A numbered line shorter than this is a heading, not the first line of a wrapped paragraph.
_SHORT_LINE = 40
# 关于, 關於, and the annotated 關(guān)于 of damaged pages.
_ABOUT = re.compile(r"[关關](?:\([a-zāáǎà]+\))?[于於]")
_ENDED = re.compile(r"[。；！？;:：]")
_LAST_NUMBER = re.compile(r"(?:^|[:：\s])(\d{1,2})\s?[.．、](?!\d)")
# 1.9月20日…: a number, then a date.
_DATED = re.compile(r"(?:\d{1,2}月|20\d\d年)")
_SENTENCE = re.compile(r"[，。；：！？,;:!?|]")


@dataclass(slots=True)
class Block:
    """A line with what it is; ``marker`` for a numbered line, ``table`` for the whole of a flattened table."""

    role: Role
    line: Line
    doc: int
    marker: Marker | None = None
    table: Table | None = None


@dataclass(slots=True)
class _Doc:
    """What has been seen of the current document."""

    title: bool = False
    addressee: bool = False
    words: bool = False
    signed: bool = False
    body: bool = False
    last: dict[Style, int] = field(default_factory=dict)


class Walker:
    """Goes through the lines once and gives each a role. One use only."""

    def __init__(self, text: str, lines: Sequence[Line]) -> None:
        self.text = text
        self.lines, self.tables = units_of(text, lines)
        self.blocks: list[Block] = []
        self.doc = 0
        self.seen = _Doc()
        self.at = 0
        self.open = False
        months = sum(1 for line in self.lines if (m := marker_of(line)) and m.style is Style.MONTH)
        self.monthly = months > 1

    def walk(self) -> list[Block]:
        """All blocks, in order; their lines together are the text."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            table = self.tables.get(self.at)
            if line.blank:
                self._put(Role.SPACE)
            elif table is not None:
                self._table(table)
            elif noise.is_page_no(line) or (noise.is_noise(line) and not self.open and not fields.is_attachment(line)):
                self._put(Role.NOISE)
            elif self.seen.body:
                self._body(line)
            else:
                self._front(line)
        self._name_untitled()
        return self.blocks

    def _name_untitled(self) -> None:
        """A page without a line that sounds like a title: its first words are one, if they are no sentence."""
        if any(block.role is Role.TITLE and block.doc == 0 for block in self.blocks):
            return
        for block in self.blocks:
            words = block.line.text
            if block.role in (Role.SPACE, Role.NOISE, Role.METADATA, Role.DOC_NO):
                continue
            if block.role is Role.PREAMBLE and 6 <= len(words) <= 60 and not _SENTENCE.search(words):
                block.role = Role.TITLE
            return

    def _put(self, role: Role, marker: Marker | None = None) -> None:
        line = self.lines[self.at]
        self.blocks.append(Block(role, line, self.doc, marker))
        self.at += 1
        if role not in (Role.SPACE, Role.NOISE):
            heading = marker is not None and width(line.text) < _SHORT_LINE
            self.open = role in (Role.POINT, Role.PREAMBLE) and not line.closed and not heading

    def _table(self, table: Table) -> None:
        self.blocks.append(Block(Role.POINT, self.lines[self.at], self.doc, table=table))
        self.at += 1
        self.seen.body = True
        self.open = False

    # The front

    def _front(self, line: Line) -> None:
        if noise.is_front_noise(line):
            self._put(Role.NOISE)
            return
        if self._record(line) or self._foot(line) or self._title(line) or self._addressee(line):
            return
        marker = marker_of(line)
        if marker and self._counts(marker):
            self._numbered(marker)
        elif noise.is_scrap(line) and not self.seen.words:
            self._put(Role.NOISE)
        else:
            self.seen.words = True
            self._put(Role.PREAMBLE)

    def _record(self, line: Line) -> bool:
        if fields.pairs_of(line):
            self._put(Role.METADATA)
            if fields.key_only(line) and self._value_below():
                self._put(Role.METADATA)
            return True
        if fields.is_doc_no(line):
            self._put(Role.DOC_NO)
            return True
        letterhead = fields.is_letterhead(line) or (fields.is_org(line) and self._number_follows())
        if letterhead and not self.seen.title and not self.seen.words:
            self._put(Role.METADATA)
            return True
        return False

    def _value_below(self) -> bool:
        """A key alone on its line: the line below is its value unless it is a key itself, a title or an addressee."""
        filled = (at for at in range(self.at, min(self.at + 4, len(self.lines))) if not self.lines[at].blank)
        at = next(filled, None)
        below = self.lines[at] if at is not None else None
        if below is None or below.text.endswith((":", "：")) or fields.pairs_of(below) or fields.is_title(below):
            return False
        if at != self.at:
            # With blank lines between, only what is told by its form or stands between two keys.
            after = next((self.lines[next_] for next_ in filled), None)
            if not fields.fits_key(below) and not (after and fields.pairs_of(after)):
                return False
        while self.lines[self.at].blank:
            self._put(Role.SPACE)
        return True

    def _title(self, line: Line) -> bool:
        if not fields.is_title(line) or marker_of(line):
            return False
        if self.seen.title and (self.seen.words or self.seen.addressee or self.seen.signed):
            self._next_doc()
        self._join_title(line)
        self.seen.title = True
        self._put(Role.TITLE)
        return True

    def _join_title(self, line: Line) -> None:
        """A title may be set in two or three lines: those right above that do not stand for themselves are its head."""
        below, spread = line, False
        for block in reversed(self.blocks):
            head = block.line.text
            if block.role is Role.SPACE and below is line:
                spread = True
                continue
            joins = block.role in (Role.PREAMBLE, Role.TITLE) and not head.endswith(("。", "；", ";", ":", "："))
            if not joins or not continues_title(head, below.text) or (spread and not _ABOUT.search(head)):
                break
            block.role, block.doc = Role.TITLE, self.doc
            below = block.line

    def _addressee(self, line: Line) -> bool:
        """``各中小学、幼儿园:``; what follows the colon on the same line is a line of its own."""
        if self.seen.addressee or self.seen.signed or self.open:
            return False
        lines = 1 if fields.addressed(line) else self._wrapped_addressee()
        if lines:
            for _ in range(lines):
                self._put(Role.ADDRESSEE)
            self.seen.addressee = True
            return True
        colon = next((at for at, char in enumerate(line.text[:200]) if char in ":："), -1)
        if colon < 2 or any(char in "。；;！？" for char in line.text[:colon]) or marker_of(line):
            return False
        if fold(line.text[:colon]).endswith(("如下", "以下", "下列", "方面", "通知", "开展", "工作")):
            return False
        rest = line.text[colon + 1 :].strip()
        if rest and not (line.text[0] in "各" and len(line.text[:colon]) < 60):
            return False
        if rest:
            end = line.left + colon + 1
            self.blocks.append(Block(Role.ADDRESSEE, cut(self.text, line.start, end), self.doc))
            self.lines[self.at] = cut(self.text, end, line.stop)
        else:
            self._put(Role.ADDRESSEE)
        self.seen.addressee = True
        return True

    def _wrapped_addressee(self) -> int:
        """How many lines a list of addressees takes that is wrapped: 各…、…、县直有 / 关部门："""
        if (
            not self.seen.title
            or self.seen.words
            or not self.lines[self.at].text.startswith(("各", "县", "市", "区", "省"))
        ):
            return 0
        for count, line in enumerate(self.lines[self.at : self.at + 4], 1):
            if line.blank or _ENDED.search(line.text[:-1]) or marker_of(line):
                return 0
            if line.text.endswith((":", "：")):
                return count if count > 1 and "、" in self.lines[self.at].text else 0
        return 0

    # The body

    def _body(self, line: Line) -> None:
        if self._restarts(line):
            self._next_doc()
            self._title(line)
            return
        if self._foot(line):
            return
        marker = marker_of(line)
        if marker and self._counts(marker):
            self._numbered(marker)
        else:
            self._put(Role.POINT)

    def _numbered(self, marker: Marker) -> None:
        self.seen.body = True
        self.seen.last[marker.style] = marker.number or self.seen.last.get(marker.style, 0) + 1
        for style in [s for s in self.seen.last if s > marker.style and marker.style <= Style.BRACKET]:
            if style > Style.ARABIC:
                del self.seen.last[style]
        self._put(Role.POINT, marker)

    def _counts(self, marker: Marker) -> bool:
        """Whether a mark at the start of a line is numbering and not words of a sentence that was wrapped."""
        last = self.seen.last.get(marker.style, 0)
        if marker.style is Style.MONTH and not self.monthly:
            return False
        if marker.doubtful:
            dated = _DATED.match(self.text, marker.end)
            return not self.open and (marker.number == last + 1 or (marker.number == 1 and bool(dated)))
        if marker.lost:
            return not self.open and self.seen.title
        return not self.open or marker.number in (1, last + 1)

    def _restarts(self, line: Line) -> bool:
        """A title inside the body opens the next document when numbering starts anew below it."""
        if self.open or not fields.is_title(line) or marker_of(line):
            return False
        for below in self.lines[self.at + 1 : self.at + 40]:
            marker = marker_of(below)
            if marker and not marker.lost:
                return marker.number == 1 and marker.style in self.seen.last
        return False

    def _next_doc(self) -> None:
        self.doc += 1
        self.seen = _Doc()
        self.open = False

    # The foot

    def _foot(self, line: Line) -> bool:
        if self._signature(line):
            return True
        if fields.note_of(line) is not None:
            self._put(Role.NOTE)
        elif fields.is_imprint(line):
            self._put(Role.IMPRINT)
        elif fields.is_attachment(line):
            self._attachments()
        elif fields.contacts_of(line) and self.seen.body and not self._numbers_follow():
            self._put(Role.METADATA)
        else:
            return False
        return True

    def _signature(self, line: Line) -> bool:
        if not (self.seen.words or self.seen.body or self.seen.title) or self.seen.signed:
            return False
        if fields.signed_day(line):
            self._put(Role.SIGNATURE)
        elif fields.is_org(line) and not self.open and self._day_follows():
            while fields.is_org(self.lines[self.at]) or self.lines[self.at].blank:
                self._put(Role.SPACE if self.lines[self.at].blank else Role.SIGNATURE)
            self._put(Role.DATE)
        elif fields.is_org(line) and not self.open and self.seen.body and self._foot_follows():
            self._put(Role.SIGNATURE)
        elif fields.is_day(line) and not self.open and self._foot_follows():
            self._put(Role.DATE)
        elif fields.is_day(line) and not self.open and self.seen.body and self._unit_below_day():
            self._put(Role.DATE)
            while self.lines[self.at].blank:
                self._put(Role.SPACE)
            self._put(Role.SIGNATURE)
        else:
            return False
        self.seen.signed = True
        self.seen.body = False
        return True

    def _day_follows(self) -> bool:
        for below in self.lines[self.at + 1 : self.at + 12]:
            if not (below.blank or fields.is_org(below)):
                return fields.is_day(below)
        return False

    def _unit_below_day(self) -> bool:
        """The day above the unit: the wrong way round, but seen."""
        filled = (at for at in range(self.at + 1, min(self.at + 4, len(self.lines))) if not self.lines[at].blank)
        at = next(filled, None)
        return at is not None and fields.is_org(self.lines[at]) and self._foot_follows(at)

    def _foot_follows(self, at: int | None = None) -> bool:
        for below in self.lines[(self.at if at is None else at) + 1 :]:
            if below.blank or noise.is_noise(below) or noise.is_front_noise(below):
                continue
            known = (fields.note_of(below) is not None, fields.is_imprint(below), fields.is_attachment(below))
            return any(known) or fields.is_title(below)
        return True

    def _numbers_follow(self) -> bool:
        return any(marker_of(line) for line in self.lines[self.at + 1 : self.at + 12])

    def _attachments(self) -> None:
        """``附件:1.…`` and the numbered names below it; ``附件1`` alone stands at the head of the attachment itself."""
        if not fields.attachment_names(self.lines[self.at]) and not self.lines[self.at].text.endswith((":", "：")):
            self.seen.body, self.seen.signed = False, True
        self._put(Role.ATTACHMENT)
        while self.at < len(self.lines):
            line = self.lines[self.at]
            marker = marker_of(line)
            named = marker and marker.style is Style.ARABIC and len(line.text) <= 60 and not line.text.endswith("。")
            if line.blank and self._list_goes_on():
                self._put(Role.SPACE)
            elif line.blank or not (named or fields.is_attachment(line)):
                return
            else:
                self._put(Role.ATTACHMENT)

    def _list_goes_on(self) -> bool:
        """Behind blank lines, the next number of a list of attachments."""
        last = _LAST_NUMBER.findall(self.blocks[-1].line.text) if self.blocks[-1].role is Role.ATTACHMENT else []
        below = next((line for line in self.lines[self.at : self.at + 3] if not line.blank), None)
        marker = marker_of(below) if below else None
        due = bool(last and marker and marker.style is Style.ARABIC and marker.number == int(last[-1]) + 1)
        return due and below is not None and len(below.text) <= 60 and not below.text.endswith("。")

    def _number_follows(self) -> bool:
        """Below the names of the units that issue a paper together stands its number."""
        for below in self.lines[self.at + 1 : self.at + 8]:
            if not below.blank and not fields.is_org(below):
                return fields.is_doc_no(below)
        return False


def units_of(text: str, lines: Sequence[Line]) -> tuple[list[Line], dict[int, Table]]:
    """What the walk goes through: each table as one unit, other lines cut into pieces; and which units are tables."""
    found = tables_in(text, lines)
    units: list[Line] = []
    tables: dict[int, Table] = {}
    at = 0
    for first, table in [*found.items(), (len(lines), None)]:
        units.extend(pieces_of(text, lines[at:first]))
        if table is not None:
            tables[len(units)] = table
            units.append(cut(text, lines[table.first].start, lines[table.last].stop))
            at = table.last + 1
    return units, tables


def continues_title(head: str, below: str) -> bool:
    """Whether ``below`` is the rest of the title that ``head`` begins."""
    if below.startswith(("的", "》", "”")) or head.count("《") > head.count("》"):
        return True
    if head.endswith(("的", "和", "及", "与", "、", "关于", "印发")):
        return True
    if below.startswith("关于"):
        return fields.org_line(head)
    return bool(_ABOUT.search(head)) and len(head) > 8 and not _ABOUT.search(below)
