"""Several notices in one text told apart.

A notice is a head (site noise, record, number, title, addressee), words, and a foot (signature, day, notes, imprint). What
it prints or attaches belongs to it: named in its title, in its words or under 附件, or standing under the word 附件. A
second notice begins where a head of its own stands behind words: a record with a title, a title over an addressee, another
number; or, behind the foot or where numbering starts again from the top, a mere title, addressee or lead-in.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import pairwise

from dudao_engines.notices import fields, noise
from dudao_engines.notices.lines import Line, fold, split_lines, width
from dudao_engines.notices.markers import Marker, Style, marker_of
from dudao_engines.notices.model import Span
from dudao_engines.notices.pieces import pieces_of
from dudao_engines.notices.record import KEYS, TITLE_KEYS
from dudao_engines.notices.tables import heads_table
from dudao_engines.notices.walk import continues_title

# So many lines can a head have, and so many stand between it and the first number of the body.
_HEAD = 30
_BELOW = 16
_HEADING = 40
# So many lines can one wrapped paragraph have, and so many characters a front.
_WRAPPED = 12
_FRONT = 1000
# No notice prints more papers than this.
_MOST = 200
_LEAST_SENTENCE = 20
_RELATED = 0.4
_COVERS = re.compile(r"印发|转发|下发|印送|颁布")
_PRINTS = re.compile(r"印发|转发|下发|公布|发布|印送|颁布")
_PRINTED = re.compile(r"^.*?(?:印发|转发|下发|公布|发布|印送|颁布)|的?(?:通知|决定|函|公告|通告)$|[《》〈〉“”]")
_QUOTED = re.compile(r"《([^《》]{4,80})》")
_BEHIND = re.compile(r"附后|[见如]附|后附")
_LEAD_IN = re.compile(r"(?:如下|以下|下列)[^。]{0,12}[:：]$")
_ABOUT = re.compile(r"[关關](?:\([a-zāáǎà]+\))?[于於]|\d{4}\s?年|\d{4}\s?[-—－–]")
_PLACE = re.compile(r"[\u4e00-\u9fff]{1,8}?[省市县区旗州镇乡](?![的内外级域直属各所])")
_EMPTY = re.compile(
    r"\d{4}|年度?|[上下]半|第?[一二三四]季度?|学[年期]|[春秋][季冬]|\d{1,2}|月份?|第[一二三四]阶段|重点|主要|工作|具体|全面|"
    + fields.TITLE_END
)
_MARK = re.compile(r"[，。；：！？,;:!?|｜]")
_INSIDE = re.compile(r"[:：。](?:一、|[（(]一[)）]|1[.．、](?!\d))")


class _Kind(Enum):
    NOISE = auto()
    RECORD = auto()
    NUMBER = auto()
    TITLE = auto()
    ADDRESSEE = auto()
    ORG = auto()
    DAY = auto()
    NOTE = auto()
    ATTACHMENT = auto()
    WORDS = auto()


@dataclass(slots=True)
class _Piece:
    """A line that is not blank; ``apart``: a blank line stands before it."""

    line: Line
    kind: _Kind
    marker: Marker | None
    apart: bool


@dataclass(slots=True)
class _Head:
    """What a run of lines says that may be the head of a notice; ``below`` is the first piece behind it."""

    title: str = ""
    names: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    pairs: int = 0
    addressee: bool = False
    below: int = 0

    @property
    def own(self) -> bool:
        """Whether nothing but a notice has such a head."""
        recorded = self.pairs >= 2 and bool(self.names or self.numbers)
        return recorded or bool(self.title and self.addressee) or bool(self.numbers and (self.title or self.addressee))


@dataclass(slots=True)
class _Now:
    """What has been seen of the present notice."""

    names: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    announced: list[str] = field(default_factory=list)
    last: dict[Style, int] = field(default_factory=dict)
    front: str = ""
    words: bool = False
    foot: bool = False
    behind: bool = False
    cover: bool = False

    def announce(self, *names: str) -> None:
        """Note titles of what the notice prints or attaches."""
        self.announced += names[: max(0, _MOST - len(self.announced))]


def split_notices(text: str) -> tuple[Span, ...]:
    """The stretches of the text that are each a notice of its own.

    Args:
        text: any characters.

    Returns:
        Spans in order that together are the text: one for one notice, none for an empty text. A covering notice and what it
        prints are one, and so is a notice whose title or record is repeated.
    """
    edges = [0, *_starts(_pieces(text)), len(text)]
    return tuple(Span(a, b) for a, b in pairwise(edges) if a < b)


def _pieces(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    apart = False
    lines = pieces_of(text, split_lines(text))
    for at, line in enumerate(lines):
        if line.blank:
            apart = True
            continue
        marker = marker_of(line)
        kind = _kind(lines, at, marker, pieces[-1] if pieces else None)
        if kind is _Kind.TITLE:
            _join(pieces, line, apart)
        if heads_table(line) and pieces and _names_table(pieces[-1]):
            pieces[-1].kind = _Kind.TITLE
        if kind is _Kind.WORDS and not apart and pieces and fields.key_only(pieces[-1].line):
            kind = _Kind.RECORD
        pieces.append(_Piece(line, kind, marker, apart))
        apart = False
    return pieces


def _names_table(piece: _Piece) -> bool:
    """Right above a table what names something is its title, whatever it ends in: 某县2024年任务分工."""
    words = piece.line.text
    plain = piece.kind is _Kind.WORDS and piece.marker is None and not _MARK.search(words)
    return plain and 6 <= len(words) <= 60 and _names_something(words)


def _kind(lines: list[Line], at: int, marker: Marker | None, above: _Piece | None) -> _Kind:
    line = lines[at]
    site = noise.is_noise(line) and not fields.is_attachment(line)
    if site or noise.is_page_no(line) or (noise.is_front_noise(line) and "。" not in line.text):
        return _Kind.NOISE
    if fields.pairs_of(line):
        return _Kind.RECORD
    if fields.is_doc_no(line) or fields.is_letterhead(line):
        return _Kind.NUMBER
    if fields.is_day(line) or fields.signed_day(line):
        return _Kind.DAY
    if fields.is_org(line):
        below = next((under for under in lines[at + 1 : at + 4] if not under.blank), None)
        return _Kind.NUMBER if below and fields.is_doc_no(below) else _Kind.ORG
    if fields.note_of(line) is not None or fields.is_imprint(line) or fields.contacts_of(line):
        return _Kind.NOTE
    listed = above is not None and above.kind is _Kind.ATTACHMENT and marker and marker.style is Style.ARABIC
    if fields.is_attachment(line) or (listed and len(line.text) <= 60 and not line.text.endswith("。")):
        return _Kind.ATTACHMENT
    if marker is None and fields.is_title(line):
        return _Kind.TITLE
    return _Kind.ADDRESSEE if marker is None and _is_addressee(line) else _Kind.WORDS


def _is_addressee(line: Line) -> bool:
    """各中小学、幼儿园: or 县教育局、县财政局: and nothing else, or with the first words behind it."""
    names, colon, rest = line.text.replace("：", ":").partition(":")
    if not colon or not 2 <= len(names) <= 100 or re.search(r"[。；;！？]", names):
        return False
    units = [names[a:b] for a, b in fields.split_units(names)]
    if names.startswith("各") and not re.search(r"[如以下]下$|[做抓]|应|要|须", names):
        return not rest or " " in line.text or len(units) > 1
    return not rest and all(fields.org_line(unit) for unit in units)


def _join(pieces: list[_Piece], line: Line, apart: bool) -> None:
    """A title may be set in several lines."""
    for above in reversed(pieces[-3:]):
        spread = apart and not _ABOUT.search(above.line.text)
        if spread or above.kind is not _Kind.WORDS or above.marker or not continues_title(above.line.text, line.text):
            return
        above.kind = _Kind.TITLE
        line, apart = above.line, above.apart


def _starts(pieces: list[_Piece]) -> Iterator[int]:
    """Where the second notice and all later ones begin."""
    now, at = _Now(), 0
    while at < len(pieces):
        head = _head(pieces, at)
        if now.words and _opens(pieces, at, head, now):
            # What a page prints below a notice stays with it.
            while noise.is_noise(pieces[at].line):
                at += 1
            yield pieces[at].line.start
            now = _Now()
        if head.below > at:
            _see_head(head, now)
            for piece in pieces[at : head.below]:
                _see_front(piece, now)
            at = head.below
        else:
            _see(pieces[at], now)
            at += 1


def _head(pieces: list[_Piece], first: int) -> _Head:
    head, at = _Head(), first
    while at < min(first + _HEAD, len(pieces)):
        piece = pieces[at]
        words = piece.line.text
        if piece.kind is _Kind.RECORD:
            for pair in fields.pairs_of(piece.line):
                head.pairs += not pair.noise
                if pair.value and pair.key in TITLE_KEYS:
                    head.names.add(fold(pair.value))
                elif pair.value and pair.key in KEYS["文号"]:
                    head.numbers.add(fold(pair.value))
        elif piece.kind is _Kind.NUMBER:
            head.numbers.update([fold(words)] if fields.is_doc_no(piece.line) else [])
        elif piece.kind is _Kind.TITLE:
            split = bool(head.title) and pieces[at - 1].kind is _Kind.TITLE and not fields.is_title(pieces[at - 1].line)
            head.title = head.title + fold(words) if split else fold(words)
            head.names.add(head.title)
            head.numbers.update(fold(match[1]) for match in fields.DOC_NO_IN_TITLE.finditer(words))
        elif piece.kind is _Kind.ADDRESSEE:
            head.addressee = True
            at += words.endswith((":", "："))
            break
        elif piece.kind is not _Kind.NOISE and not (head.title and piece.kind is _Kind.ATTACHMENT):
            break
        at += 1
    head.below = at
    return head


def _opens(pieces: list[_Piece], at: int, head: _Head, now: _Now) -> bool:
    """Whether a second notice begins here."""
    if head.below == at:
        if not head.addressee:
            return pieces[at].kind is _Kind.WORDS and _lead_in_opens(pieces, at, now)
    elif head.below >= len(pieces) or pieces[head.below].kind not in (_Kind.WORDS, _Kind.ADDRESSEE):
        return False
    above = pieces[at - 1]
    if above.kind is _Kind.ATTACHMENT and not fields.attachment_names(above.line):
        return False
    again = _starts_again(pieces, head.below, now, titled=bool(head.title))
    if head.names & now.names or (head.numbers & now.numbers and not head.names):
        # Pasted twice; else only the title or the record is repeated.
        return (bool(now.last) and again) or (now.foot and head.own)
    if any(_announced(name, now, head.own) for name in head.names):
        return False
    if head.own:
        return True
    if _runs_on(pieces, at):
        return False
    if head.title:
        if now.behind and any(_share(head.title, name) >= _RELATED for name in now.names):
            return False
        named = _names_something(head.title)
        return (named or again) if now.foot else (named and again)
    return again and (head.addressee or now.foot)


def _lead_in_opens(pieces: list[_Piece], at: int, now: _Now) -> bool:
    """A notice without any head: words behind the foot of another, or a lead-in, with the first number below."""
    if pieces[at].marker or _runs_on(pieces, at):
        return False
    words, after = _paragraph(pieces, at)
    if len(words) < _LEAST_SENTENCE:
        return False
    if now.foot:
        printed = now.cover and not now.last
        return not printed and words.endswith(("。", ":", "：")) and _starts_again(pieces, after, now, titled=False)
    below = pieces[after].marker if after < len(pieces) and _LEAD_IN.search(words) else None
    if below is None or below.number != 1 or not now.last:
        return False
    other = Style.ARTICLE in now.last and below.style is Style.CHINESE
    return other or below.style < min(now.last) or now.last.get(below.style, 0) >= 2


def _paragraph(pieces: list[_Piece], at: int) -> tuple[str, int]:
    """The words of a paragraph that may be wrapped over some lines, and the piece behind it."""
    words = pieces[at].line.text
    for after in range(at + 1, min(at + _WRAPPED, len(pieces))):
        if (
            pieces[after].kind not in (_Kind.WORDS, _Kind.ADDRESSEE)
            or pieces[after].marker
            or not _runs_on(pieces, after)
        ):
            return words, after
        words += pieces[after].line.text
    return words, min(at + _WRAPPED, len(pieces))


def _starts_again(pieces: list[_Piece], at: int, now: _Now, *, titled: bool) -> bool:
    """Whether the next number is a first one; without a title, of a style that has been used or stands above those."""
    for piece in pieces[at : at + _BELOW]:
        marker = piece.marker
        if heads_table(piece.line) or _INSIDE.search(piece.line.text):
            return True
        if marker and not marker.lost and marker.style is not Style.MONTH:
            above = marker.style < min(now.last, default=Style.CIRCLED)
            # Under articles stand （一） and 1., never 一、.
            other = Style.ARTICLE in now.last and marker.style is Style.CHINESE
            known = titled or not now.last or marker.style in now.last or above or other
            return marker.number == 1 and known
    return False


def _runs_on(pieces: list[_Piece], at: int) -> bool:
    """Whether a line goes on with the sentence of the line above."""
    above = pieces[at - 1]
    heading = above.marker is not None and width(above.line.text) < _HEADING
    return (
        above.kind is _Kind.WORDS
        and not pieces[at].apart
        and not (above.line.closed or heading or above.line.text.endswith(("|", "｜")))
    )


def _announced(name: str, now: _Now, own: bool) -> bool:
    """Whether a title is one that the present notice prints or attaches."""
    if name in now.front and _COVERS.search(now.front):
        return True
    return any(
        name in said or (not own and (_shortened(said, name) or _shortened(name, said))) for said in now.announced
    )


def _shortened(short: str, long: str) -> bool:
    """2024年督导工作要点 of 贺兰县2024年教育督导工作要点: the same characters in the same order, some left out."""
    rest = iter(long)
    return 2 * len(short) >= len(long) and all(char in rest for char in short)


def _share(one: str, other: str) -> float:
    """Share of common pairs of characters, from 0 to 1."""
    a, b = (Counter(words[at : at + 2] for at in range(len(words) - 1)) for words in (one, other))
    return 2 * (a & b).total() / max(1, a.total() + b.total())


def _names_something(title: str) -> bool:
    """关于…, a year or a place, and more than 2024年下半年工作安排, which may stand over a part of a notice."""
    about = _ABOUT.search(title) or _PLACE.match(title) or fields.org_of_title(title)
    return bool(about) and len(_EMPTY.sub("", title)) >= 3


def _see_head(head: _Head, now: _Now) -> None:
    now.names |= head.names if len(now.names) < _MOST else set()
    now.numbers |= head.numbers
    now.foot = now.foot and not head.title
    for name in head.names:
        now.cover = now.cover or bool(_COVERS.search(name))
        if _PRINTS.search(name):
            now.announce(name, _PRINTED.sub("", name))


def _see_front(piece: _Piece, now: _Now) -> None:
    if not now.last and len(now.front) < _FRONT:
        now.front += fold(piece.line.text)


def _see(piece: _Piece, now: _Now) -> None:
    words = piece.line.text
    _see_front(piece, now)
    if piece.kind is _Kind.DAY or (piece.kind is _Kind.NOTE and not fields.contacts_of(piece.line)):
        now.foot = now.words
    elif piece.kind is _Kind.ATTACHMENT:
        name = re.sub(r"^\d{1,2}[.．、]\s*|\.\w{3,4}$", "", fields.attachment_names(piece.line))
        now.announce(*([fold(name)] if len(name) >= 4 else []))
    elif piece.kind in (_Kind.WORDS, _Kind.ADDRESSEE) and (now.words or _is_body(piece)):
        now.words, now.foot = True, False
        now.behind = now.behind or bool(_BEHIND.search(words))
        if not now.last and _PRINTS.search(words):
            now.announce(*(fold(match[1]) for match in _QUOTED.finditer(words)))
        _count(piece, now)


def _is_body(piece: _Piece) -> bool:
    """A sentence, a numbered item or a table: what comes before is the head of the notice, in however many lines."""
    first = piece.marker is not None and piece.marker.number == 1 and not piece.marker.doubtful
    sentence = "。" in piece.line.text and not noise.is_front_noise(piece.line)
    return first or sentence or heads_table(piece.line)


def _count(piece: _Piece, now: _Now) -> None:
    if piece.marker:
        lost = now.last.get(piece.marker.style, 0) + 1
        now.last[piece.marker.style] = lost if piece.marker.lost else piece.marker.number
    elif heads_table(piece.line):
        now.last.setdefault(Style.CIRCLED, 2)
    if _INSIDE.search(piece.line.text):
        now.last.setdefault(Style.CHINESE, 2)
