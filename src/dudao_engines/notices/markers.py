"""Numbering marks at the start of a line.

The order 一、 → （一） → 1. → （1） is that of GB/T 9704-2012 (公文格式); chapters, articles and months are what
notices use beside it.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from dudao_engines.notices.lines import Line


class Style(IntEnum):
    """Kinds of numbering; a greater value stands deeper in the outline."""

    CHAPTER = 0
    DIVISION = 1
    ARTICLE = 2
    CHINESE = 3
    BRACKET = 4
    MONTH = 5
    ARABIC = 6
    ARABIC_BRACKET = 7
    CIRCLED = 8


@dataclass(frozen=True, slots=True)
class Marker:
    """A numbering mark: ``no`` as printed, ``start``–``end`` its place, ``end`` where the words begin.

    ``lost``: the numeral is missing and only the mark behind it is left (``、聚焦…``); then ``number`` is 0.
    ``doubtful``: could be a decimal (``3.5``); taken only where the number is the next one due.
    """

    style: Style
    number: int
    no: str | None
    start: int
    end: int
    lost: bool = False
    doubtful: bool = False


_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CN = "[一二三四五六七八九十百零〇]{1,5}"
# One digit of a number in characters, as a pattern.
CN = "[一二两三四五六七八九十百零〇]"
_NUMBER = re.compile(rf"{CN}{{1,5}}|\d{{1,9}}")
_PATTERNS: tuple[tuple[Style, re.Pattern[str]], ...] = (
    (Style.CHAPTER, re.compile(rf"(第\s?({_CN}|\d{{1,3}})\s?(?:章|编|篇|部分))[\s、:：]*")),
    (Style.DIVISION, re.compile(rf"(第\s?({_CN}|\d{{1,3}})\s?节)[\s、:：]*")),
    (Style.ARTICLE, re.compile(rf"(第\s?({_CN}|\d{{1,3}})\s?条)(?!第|款|规定|之|的|例|中|和|至|、)[\s:：]*")),
    (Style.CHINESE, re.compile(rf"(({_CN}))\s*[、､﹑．.]\s*")),
    (Style.BRACKET, re.compile(rf"([（(﹙]\s*({_CN})\s*[)）﹚])\s*[、．.]?\s*")),
    (Style.BRACKET, re.compile(r"(([㈠-㈩]))\s*[、．.]?\s*")),
    (Style.MONTH, re.compile(rf"((\d{{1,2}}|{_CN})\s?月份?)\s*(?:[:：]\s*|$)")),
    (Style.ARABIC, re.compile(r"((\d{1,3}))\s?(?:、|､|[.．﹒](?![\d．.]))\s*")),
    (Style.ARABIC, re.compile(r"((\d{1,2}))[.．](?=\d)")),
    (Style.ARABIC, re.compile(r"(([⒈-⒛]))\s*")),
    (Style.ARABIC_BRACKET, re.compile(r"([（(﹙]\s?(\d{1,2})\s?[)）﹚])\s*[、．.]?\s*")),
    (Style.ARABIC_BRACKET, re.compile(r"((\d{1,2})\s?[)）])\s*[、．.]?\s*")),
    (Style.ARABIC_BRACKET, re.compile(r"(([⑴-⒇]))\s*")),
    (Style.CIRCLED, re.compile(r"(([①-⑳㉑-㉟]))\s*[、．.]?\s*")),
)
_LOST: tuple[tuple[Style, re.Pattern[str]], ...] = (
    (Style.CHINESE, re.compile(r"[、﹑､]\s*(?=[\w“《‘（(])")),
    (Style.BRACKET, re.compile(r"[（(]\s*[)）]\s*(?=[\w“《‘])")),
    (Style.ARABIC, re.compile(r"[.．]\s*(?=[\u4e00-\u9fff“《‘])")),
)
# 一、二年级…, 三、四季度…: words of a sentence that happen to stand at the start of a line.
LIST_OF_NUMERALS = re.compile(rf"{_CN}(?:、|年级|季度|学期|期|类|级|批|线|轮|是|所|个|等|年|月|者)")
_FIRSTS = ("㈠", "⒈", "⑴")


def numeral(words: str) -> int:
    """Value of 一…九十九, 一百二十…, of Arabic digits, or of one character that is a number (①, ⑴, ㈠)."""
    if words.isdecimal():
        return int(words)
    if words in _DIGITS:
        return _DIGITS[words]
    if len(words) == 1 and words != "十" and words != "百":
        return _single(words)
    total, digit = 0, 0
    for char in words:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS.get(char, 0)
    return total + digit


def integer(words: str) -> int | None:
    """Value of Arabic or Chinese digits, None for anything else."""
    return numeral(words) if _NUMBER.fullmatch(words) else None


def _single(char: str) -> int:
    for first in _FIRSTS:
        if 0 <= ord(char) - ord(first) < 20:
            return ord(char) - ord(first) + 1
    return ord(char) - ord("①") + 1 if char <= "⑳" else ord(char) - ord("㉑") + 21


def chinese(number: int) -> str:
    """一 … 九十九 for 1 … 99."""
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    if not tens:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")


def marker_of(line: Line) -> Marker | None:
    """The numbering mark a line starts with, or None. Whether it counts is decided with its neighbours."""
    words = line.text
    for style, pattern in _PATTERNS:
        match = pattern.match(words)
        if match and _plausible(style, match, words):
            no = None if style is Style.MONTH else match[1]
            doubtful = style is Style.ARABIC and words[match.end() : match.end() + 1].isdecimal()
            return Marker(style, numeral(match[2]), no, line.left, line.left + match.end(), doubtful=doubtful)
    for style, pattern in _LOST:
        match = pattern.match(words)
        if match:
            return Marker(style, 0, None, line.left, line.left + match.end(), lost=True)
    return None


def _plausible(style: Style, match: re.Match[str], words: str) -> bool:
    rest = words[match.end() :]
    if style in (Style.CHAPTER, Style.DIVISION):
        return len(words) <= 40 and not rest.endswith(("。", "；", "，", ";", ","))
    if style is Style.CHINESE:
        return not LIST_OF_NUMERALS.match(rest)
    if style is Style.MONTH:
        return 1 <= numeral(match[2]) <= 12
    return numeral(match[2]) > 0
