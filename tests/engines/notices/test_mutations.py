"""The same notice in other clothes gives the same outline; a notice damaged elsewhere is mended or flagged there."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dudao_engines.notices import Notice, read_notice

DATA = Path(__file__).parents[2] / "data" / "notices"
TEXTS = {path.name[:3]: path.read_bytes().decode("utf-8") for path in sorted(DATA.glob("*.txt"))}
PLAIN = ("000", "001", "003", "009", "011")
HALF = str.maketrans("，：；？！（）", ",:;?!()")
FULL = str.maketrans(",:;?!()", "，：；？！（）")


def folded(words: str | None) -> str:
    return re.sub(r"\s+", "", words or "").translate(HALF).replace("．", ".")


def outline(notice: Notice) -> list[object]:
    return [
        (
            folded(section.no),
            folded(section.heading),
            [(folded(p.no), folded(p.title), folded(p.quote_start)[:8]) for p in section.points],
        )
        for section in notice.sections
    ]


def spaced(text: str) -> str:
    return re.sub(r"\n+", "\n\n", text)


MUTATIONS: dict[str, Callable[[str], str]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR alone": lambda text: text.replace("\n", "\r"),
    "two full-width spaces before each line": lambda text: re.sub(r"(?m)^(?=\S)", "\u3000\u3000", text),
    "no-break spaces before each line": lambda text: re.sub(r"(?m)^(?=\S)", "\xa0\xa0\xa0\xa0", text),
    "spaces and tabs after each line": lambda text: text.replace("\n", " \t\n"),
    "a blank line between all lines": spaced,
    "no blank lines": lambda text: re.sub(r"\n+", "\n", text),
    "half-width punctuation": lambda text: text.translate(HALF),
    "byte-order mark in front": lambda text: "\ufeff" + text,
    "full-width point after numbers": lambda text: re.sub(r"(?m)^(\d{1,2})\.", r"\1．", text),
    "ideographic comma after numbers": lambda text: re.sub(r"(?m)^(\d{1,2})\.", r"\1、", text),
    "space after numbers": lambda text: re.sub(r"(?m)^(\d{1,2}\.|[一二三四五六七]、)", r"\1 ", text),
    "zero-width spaces after numbers": lambda text: re.sub(r"(?m)^(\d{1,2}\.|[一二三四五六七]、)", "\\1\u200b", text),
}


# Without blank lines the broken paragraph of 009 reads on.
@pytest.mark.parametrize(
    ("slug", "mutation"), [(s, m) for s in PLAIN for m in MUTATIONS if (s, m) != ("009", "no blank lines")]
)
def test_clothes_do_not_change_the_outline(slug: str, mutation: str) -> None:
    changed = MUTATIONS[mutation](TEXTS[slug])
    assert outline(read_notice(changed)) == outline(read_notice(TEXTS[slug]))


@pytest.mark.parametrize("slug", ["000", "001"])
def test_full_width_punctuation_does_not_change_the_outline(slug: str) -> None:
    assert outline(read_notice(TEXTS[slug].translate(FULL))) == outline(read_notice(TEXTS[slug]))


# Wrapped lines (006) that are parted by blank lines are paragraphs, so that is tried on the tables alone.
@pytest.mark.parametrize(
    ("slug", "mutation"),
    [
        *(
            (s, m)
            for s in ("006", "008", "004")
            for m in ("CRLF", "half-width punctuation", "spaces and tabs after each line")
        ),
        *((s, "a blank line between all lines") for s in ("008", "004")),
    ],
)
def test_tables_and_wrapped_texts_bear_other_clothes_too(slug: str, mutation: str) -> None:
    changed = MUTATIONS[mutation](TEXTS[slug])
    assert outline(read_notice(changed)) == outline(read_notice(TEXTS[slug]))


@pytest.mark.parametrize(
    ("slug", "lost"), [("000", 1), ("000", 2), ("000", 3), ("001", 1), ("001", 4), ("001", 7), ("009", 2)]
)
def test_a_numeral_lost_elsewhere_comes_back_and_is_flagged(slug: str, lost: int) -> None:
    numeral = "零一二三四五六七"[lost]
    broken = re.sub(rf"(?m)^{numeral}、", "、", TEXTS[slug])
    notice = read_notice(broken)
    whole = read_notice(TEXTS[slug])
    assert [s.no for s in notice.sections] == [s.no for s in whole.sections]
    assert [len(s.points) for s in notice.sections] == [len(s.points) for s in whole.sections]
    assert notice.sections[lost - 1].repaired
    assert "lost_numeral" in [flag.code for flag in notice.flags]


def test_two_numerals_lost_in_a_row_come_back_where_the_next_one_stands() -> None:
    notice = read_notice(re.sub(r"(?m)^[三四]、", "、", TEXTS["001"]))
    assert [s.no for s in notice.sections] == list("一二三四五六七")
    assert [s.repaired for s in notice.sections] == [False, False, True, True, False, False, False]


def test_a_mark_without_numeral_where_none_is_missing_is_not_made_into_a_section() -> None:
    text = TEXTS["001"].replace("三、统筹", "、多出来的一行\n三、统筹")
    notice = read_notice(text)
    assert [s.no for s in notice.sections] == list("一二三四五六七")
    assert not any(s.repaired for s in notice.sections)


def test_a_lost_point_number_comes_back_and_is_flagged() -> None:
    notice = read_notice(TEXTS["000"].replace("\n5.精准", "\n.精准"))
    assert [p.no for s in notice.sections for p in s.points] == [None, *map(str, range(1, 13))]
    assert ".精准培训" in "".join(flag.quote for flag in notice.flags if flag.code == "lost_numeral")


def test_wrapping_at_a_fixed_width_does_not_change_the_outline() -> None:
    for slug in ("000", "009"):
        wrapped = "\n".join(
            "\n".join(line[at : at + 28] for at in range(0, max(len(line), 1), 28)) for line in TEXTS[slug].split("\n")
        )
        ours, whole = read_notice(wrapped), read_notice(TEXTS[slug])
        assert [(s.no, folded(s.heading), [p.no for p in s.points]) for s in ours.sections] == [
            (s.no, folded(s.heading), [p.no for p in s.points]) for s in whole.sections
        ]


@pytest.mark.parametrize("marks", ["（{}）", "({})", "①"])
def test_points_numbered_with_brackets_or_circles_stand_under_their_sections(marks: str) -> None:
    numerals = [*"一二三四五六七八九十", "十一", "十二"]

    def mark(found: re.Match[str]) -> str:
        number = int(found[1]) - 1
        return "①②③④⑤⑥⑦⑧⑨⑩⑪⑫"[number] if marks == "①" else marks.format(numerals[number])

    notice = read_notice(re.sub(r"(?m)^(\d{1,2})\.", mark, TEXTS["000"]))
    assert [s.no for s in notice.sections] == list("一二三四")
    assert [len(s.points) for s in notice.sections] == [1, 3, 2, 7]


def test_a_notice_pasted_as_one_line_keeps_its_outline() -> None:
    whole = read_notice(TEXTS["001"])
    start = TEXTS["001"].index("2024年，全县督导工作")
    for gap in (" ", ""):
        line = gap.join(TEXTS["001"][start:].split("\n"))
        ours = read_notice(line)
        assert [(s.no, s.heading, len(s.points)) for s in ours.sections] == [
            (s.no, s.heading, len(s.points)) for s in whole.sections
        ]
