"""Damage in the words themselves: digits, signs and brackets that were lost on the way. Shown, never guessed."""

import re
from collections.abc import Iterable, Iterator

from dudao_engines.notices.model import Flag, Role, Span
from dudao_engines.notices.walk import Block

_READ = (Role.METADATA, Role.TITLE, Role.ADDRESSEE, Role.PREAMBLE, Role.POINT, Role.SIGNATURE, Role.DATE)
_PATTERNS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    (
        "damaged_doc_no",
        "文号残缺，年份或序号丢失，请按原件补正",
        re.compile(
            r"[\u4e00-\u9fff]{1,10}[〔﹝\[][^〕﹞\]]{0,3}[〕﹞\]]\s?第?\d*\s?号?|[\u4e00-\u9fff]{2,10}(?<!第)[〔﹝]?20\d{3,6}[号號]"
        ),
    ),
    ("damaged_date", "日期数字连写，缺“年、月、日”，请按原件补正", re.compile(r"(?<![\dA-Za-z/-])20\d{5}(?![\d/-])")),
    ("damaged_date", "日期数字连写，缺“月”，请按原件补正", re.compile(r"(?<!\d)\d{4,6}日")),
    (
        "damaged_date",
        "日期数字连写，缺“月”，请按原件补正",
        re.compile(r"(?<![\d.])[1-9](?:0[1-9]|[12]\d|3[01])日(?![内元均]|之内|以内|常|子|龄)"),
    ),
    ("damaged_date", "年份或季节残缺，请按原件补正", re.compile(r"(?<!\d)20\d{2}季")),
    (
        "damaged_date",
        "年份丢失，请按原件补正",
        re.compile(r"(?:(?<=[，,。；;:：、（(])|^)年\s?\d{1,2}\s?月|(?<![\d\u4e00-\u9fff])[-—－]学年"),
    ),
    ("garbled", "文字损坏（乱码或问号），请按原件补正", re.compile(r"\ufffd+|[?？]{3,}|(?:锟斤拷)+|[\ue000-\uf8ff]+")),
    ("placeholder", "单位或地名用代号代替，请按原件补正", re.compile(r"(?:XX|xx|××|某某)(?=[\u4e00-\u9fff])")),
    ("empty_bracket", "括号内无文字，可能有缺漏", re.compile(r"[（(]\s*[)）]|《\s*》|“\s*”")),
)
_DAY = re.compile(r"(?<!\d)\d{4}年(\d{1,2})月(\d{1,2})日")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PAIRS = {"《": "》", "“": "”", "〔": "〕", "（": "）", "(": ")", "「": "」"}
_CLOSERS = {close: name for name, close in _PAIRS.items()}
_LISTED = re.compile(r"(?<![\d（(])\d{1,2}[)）]")
_SHOWN = 16


def damage(text: str, blocks: Iterable[Block]) -> Iterator[Flag]:
    """The flags of all lines that are the notice's own words."""
    for block in blocks:
        if block.role in _READ:
            yield from _patterns(text, block)
            yield from _impossible_days(text, block)


def _patterns(text: str, block: Block) -> Iterator[Flag]:
    start = block.marker.end if block.marker else block.line.left
    for code, why, pattern in _PATTERNS:
        for match in pattern.finditer(text, start, block.line.right):
            yield Flag(match[0], Span(*match.span()), code, why)


def _impossible_days(text: str, block: Block) -> Iterator[Flag]:
    for match in _DAY.finditer(text, block.line.left, block.line.right):
        month, day = int(match[1]), int(match[2])
        if not 1 <= month <= 12 or not 1 <= day <= _MONTH_DAYS[month - 1]:
            yield Flag(match[0], Span(*match.span()), "impossible_date", "没有这一天，请按原件补正")


def unpaired(text: str, span: Span) -> Iterator[Flag]:
    """Brackets and quotation marks that do not pair within a stretch."""
    listed = {match.end() - 1 for match in _LISTED.finditer(text, span.start, span.end)}
    opened: list[tuple[str, int]] = []
    lone: list[int] = []
    for at in range(span.start, span.end):
        char = text[at]
        if char in _PAIRS:
            opened.append((char, at))
        elif char in _CLOSERS and at not in listed:
            if opened and _same(opened[-1][0], _CLOSERS[char]):
                opened.pop()
            else:
                lone.append(at)
    for at in sorted(lone + [at for _, at in opened])[:3]:
        end = min(span.end, at + _SHOWN)
        yield Flag(text[at:end], Span(at, end), "unpaired", f"“{text[at]}”不成对，请按原件核对")


def _same(opened: str, closed: str) -> bool:
    return opened == closed or {opened, closed} == {"（", "("}
