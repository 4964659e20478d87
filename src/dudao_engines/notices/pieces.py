"""Lines that hold several things are cut: a whole notice on one line, ``一、… 二、…`` in a row, number and title together."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from dudao_engines.notices import fields
from dudao_engines.notices.lines import Line, cut
from dudao_engines.notices.markers import LIST_OF_NUMERALS, Style, marker_of, numeral

_BEFORE = r"(?<=[。；;！？!?：:”’）)\s])"
_CN = "[一二三四五六七八九十]{1,3}"
_INLINE = {
    Style.CHINESE: re.compile(rf"{_BEFORE}({_CN})、"),
    Style.BRACKET: re.compile(rf"{_BEFORE}[（(]({_CN})[)）]"),
    Style.ARABIC: re.compile(r"(?<=[。；;！？!?：:\s])(\d{1,2})[.．、](?![\d.])"),
}
# 三、责任包干(一)分组…: the first item runs on right after its heading.
_GLUED = re.compile(rf"{_CN}、[^，。；：,;:\s（(]{{2,16}}(?=[（(]一[)）])")
# In which lines a style may go on: those that begin with one of these.
_HOSTS = {
    Style.CHINESE: (Style.CHINESE,),
    Style.BRACKET: (Style.CHINESE, Style.BRACKET),
    Style.ARABIC: (Style.CHINESE, Style.BRACKET, Style.ARABIC),
}
_NUMBER_THEN_MORE = re.compile(rf"{fields.DOC_NO.pattern}(?=\s*[━─—_＿-]{{2,}}|\s+\S)")
_RULE = re.compile(r"[━─—_＿-]{3,}\s*(?=\S)")
_TITLE_THEN_WORDS = re.compile(
    rf"[^。，,；;：:]{{4,80}}?{fields.TITLE_END}(?=现将|为了?贯彻|为进一步|为深入|\s+各[^。]{{1,60}}[:：]|\s+{fields.DOC_NO.pattern})"
)
_WORDS_THEN_NAME = re.compile(
    r"(?<=[。）)])\s+(?=[^\s。]{2,40}(?:\s[^\s。]{2,40}){0,3}\s*(?:\d{4}|二[〇○零])[^。]{5,12}日$)"
)
_COUNTER = re.compile(r"\d{1,3}、")
_LIBRARY = re.compile(r"文档预览|由(?:网友|会员)(?:上传|分享)|可在线阅读|珍藏版")
_SHORTEST = 12
_LONGEST_NAME = 160


def pieces_of(text: str, lines: Sequence[Line]) -> list[Line]:
    """The lines, cut where one holds several things; together the pieces are the lines."""
    counted = any(_LIBRARY.search(line.text[:200]) for line in lines)
    started = [marker.style for line in lines if (marker := marker_of(line)) and not marker.lost]
    in_one_line = started.count(Style.CHINESE) < 2
    last: dict[Style, int] = {}
    pieces: list[Line] = []
    for line in lines:
        for piece in _parted(text, _heads(text, line, counted), in_one_line, last):
            marker = marker_of(piece)
            if marker:
                last[marker.style] = marker.number
            pieces.append(piece)
    return pieces


def _heads(text: str, line: Line, counted: bool, cuts: int = 4) -> list[Line]:
    """Cuts off what stands before or after the words: a page counter, a number with its rule, a title, a signature."""
    at = _edge(text, line, counted) if cuts and len(line.text) >= _SHORTEST else None
    if at is None or not line.left < at < line.right:
        return [line]
    above, below = cut(text, line.start, at), cut(text, at, line.stop)
    return [above, *_heads(text, below, False, cuts - 1)]


def _edge(text: str, line: Line, counted: bool) -> int | None:
    """Where the first thing on a line ends that should stand on a line of its own."""
    counter = _COUNTER.match(line.text)
    if counter and (counted or _begins(text, line, counter.end(), Style.CHINESE)):
        return line.left + counter.end()
    match = _NUMBER_THEN_MORE.match(line.text) or _RULE.match(line.text) or _TITLE_THEN_WORDS.match(line.text)
    if match:
        return line.left + match.end()
    tail = line.text[-_LONGEST_NAME:]
    name = _WORDS_THEN_NAME.search(tail)
    return line.right - len(tail) + name.end() if name else None


def _begins(text: str, line: Line, at: int, style: Style) -> bool:
    marker = marker_of(cut(text, line.left + at, line.stop))
    return bool(marker and marker.style is style and not marker.lost)


def _parted(text: str, lines: Iterable[Line], in_one_line: bool, last: dict[Style, int]) -> list[Line]:
    pieces = list(lines)
    for style in (Style.CHINESE, Style.BRACKET, Style.ARABIC):
        pieces = [part for piece in pieces for part in _inline(text, piece, style, in_one_line, last.get(style, 0))]
    return pieces


def _inline(text: str, line: Line, style: Style, in_one_line: bool, last: int) -> list[Line]:
    """Cuts a line at the marks of one style that go on counting from its start, or from 1."""
    if len(line.text) < _SHORTEST:
        return [line]
    marker = marker_of(line)
    hosted = bool(marker and not marker.lost and marker.style in _HOSTS[style])
    if not hosted and not (style is Style.CHINESE and in_one_line):
        return [line]
    count = marker.number if marker and marker.style is style else None
    places = []
    glued = _GLUED.match(line.text) if style is Style.BRACKET else None
    if glued:
        places.append(line.left + glued.end())
        count = 1
    for match in _INLINE[style].finditer(line.text):
        number = numeral(match[1])
        due = number == count + 1 if count is not None else number in (1, last + 1)
        words = style is Style.CHINESE and LIST_OF_NUMERALS.match(line.text[match.end() : match.end() + 8])
        if due and not words:
            places.append(line.left + match.start())
            count = number
    if len(places) == 1 and not hosted and not last:
        # A single mark inside a sentence is no numbering, unless it goes on from the line before.
        places = places if _goes_on(text, line, count) else []
    edges = [line.start, *places, line.stop]
    return [cut(text, a, b) for a, b in pairwise(edges)]


def _goes_on(text: str, line: Line, count: int | None) -> bool:
    """Whether the next numeral stands in the text soon after the line."""
    after = text[line.stop : line.stop + 2000]
    return any(numeral(m[1]) == (count or 0) + 1 for m in re.finditer(rf"({_CN})、", after))
