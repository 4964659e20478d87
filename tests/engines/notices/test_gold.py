"""What a careful reader wrote down for a notice, and what the engine reads in it."""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from dudao_engines.notices import Notice, read_notice, to_gold_json

DATA = Path(__file__).parents[2] / "data" / "notices"
GOLD = sorted(DATA.glob("*.gold.json"))


def folded(words: object) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", "" if words is None else str(words)))


def read(slug: str) -> Notice:
    return read_notice((DATA / f"{slug}.txt").read_bytes().decode("utf-8"))


def outline(notice: dict[str, Any]) -> list[object]:
    return [
        (s["no"], folded(s["heading"]), s["repaired"], [(p["no"], folded(p["title"])) for p in s["points"]])
        for s in notice["sections"]
    ]


@pytest.mark.parametrize("gold_file", GOLD, ids=lambda path: path.name[:3])
def test_sections_and_points_are_those_of_a_careful_reader(gold_file: Path) -> None:
    gold = json.loads(gold_file.read_text("utf-8"))
    ours = to_gold_json(read(gold_file.name.removesuffix(".gold.json")))
    assert outline(ours) == outline(gold)
    starts = [[folded(p["quote_start"]) for s in notice["sections"] for p in s["points"]] for notice in (gold, ours)]
    for theirs, mine in zip(*starts, strict=True):
        assert theirs.startswith(mine) or mine.startswith(theirs)


@pytest.mark.parametrize("gold_file", GOLD, ids=lambda path: path.name[:3])
def test_title_number_issuer_day_and_record_are_those_of_a_careful_reader(gold_file: Path) -> None:
    gold = json.loads(gold_file.read_text("utf-8"))
    ours = to_gold_json(read(gold_file.name.removesuffix(".gold.json")))
    for key in ("title", "doc_no", "issuer", "date"):
        assert folded(ours[key]) == folded(gold[key])
    assert {key: ours["metadata"].get(key) for key in gold["metadata"]} == gold["metadata"]


def test_the_lost_numeral_of_the_real_notice_comes_back_as_section_four_and_is_flagged() -> None:
    notice = read("000_helan_2024_dudao_yaodian")
    four = notice.sections[3]
    assert (four.no, four.heading, four.repaired) == ("四", "聚焦“国检区考市强”任务强力督导", True)
    assert [point.no for point in four.points] == ["6", "7", "8", "9", "10", "11", "12"]
    assert "聚焦“国检" not in notice.sections[2].points[-1].span.of(notice.text)
    assert ("lost_numeral", "、聚焦“国检区考市强”任务强力督导") in [(f.code, f.quote) for f in notice.flags]


def test_the_demo_notice_is_the_real_one_byte_for_byte() -> None:
    demo = Path(__file__).parents[3] / "library" / "demo" / "helan_2024_yaodian.txt"
    assert demo.read_bytes() == (DATA / "000_helan_2024_dudao_yaodian.txt").read_bytes()


def duties(notice: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return [point["actions"] for section in notice["sections"] for point in section["points"]]


def who_and_when(action: dict[str, Any]) -> tuple[object, ...]:
    deadline, recurrence = action["deadline"] or {}, action["recurrence"] or {}
    units = [{folded(name) for name in action[key]} for key in ("lead", "cooperating")]
    return (*units, deadline.get("until"), recurrence.get("rule"), recurrence.get("times"), action["vague_time"])


@pytest.mark.parametrize("gold_file", GOLD, ids=lambda path: path.name[:3])
def test_duties_with_who_and_when_are_those_of_a_careful_reader(gold_file: Path) -> None:
    gold = json.loads(gold_file.read_text("utf-8"))
    ours = to_gold_json(read(gold_file.name.removesuffix(".gold.json")))
    for theirs, mine in zip(duties(gold), duties(ours), strict=True):
        quotes = [([folded(a["quote"]) for a in side]) for side in (theirs, mine)]
        for a, b in zip(*quotes, strict=True):
            assert a in b or b in a or a[: len(b) // 2] in b
        assert [who_and_when(a) for a in mine] == [who_and_when(a) for a in theirs]


def test_the_real_notice_has_a_duty_for_each_job_of_point_nine_and_forty_in_all() -> None:
    points = [point for section in read("000_helan_2024_dudao_yaodian").sections for point in section.points]
    assert [action.quote for action in points[9].actions] == [
        "深化“双减”督导",
        "开展义务教育优质均衡发展县创建工作",
        "开展幼儿园保育教育质量评价",
        "幼儿园督导评估",
        "中小学教育质量评价",
        "中小学幼儿园校(园)长任期结束综合督导评估",
        "校园安全督导评估",
    ]
    assert sum(len(point.actions) for point in points) == sum(
        len(found) for found in duties(json.loads(GOLD[0].read_text("utf-8")))
    )
