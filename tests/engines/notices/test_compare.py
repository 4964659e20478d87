"""This year's duties beside last year's: two pairs of years judged by hand, and what must hold for any two plans."""

import random
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dudao_engines.notices import read_notice
from dudao_engines.notices.compare import Change, Comparison, Duty, compare

DATA = Path(__file__).parents[2] / "data"
YEARS = {
    "helan": ("compare/helan_2023_shili.txt", "notices/000_helan_2024_dudao_yaodian.txt"),
    "qinglan": ("compare/qinglan_2023_shili.txt", "notices/001_qinglan_2024_dudao_yaodian.txt"),
}


def duties(path: str, year: int) -> list[Duty]:
    notice = read_notice((DATA / path).read_text("utf-8"))
    acts = [(section, act) for section in notice.sections for point in section.points for act in point.actions]
    return [
        Duty(
            key=f"{year}-{at}",
            title=act.quote,
            quote=act.quote,
            year=year,
            section=section.heading or "",
            position=at,
            deadline=(act.deadline.until or act.deadline.quote) if act.deadline else "",
            lead="、".join(one.value for one in act.lead),
            cooperating="、".join(one.value for one in act.cooperating),
            recurrence=(act.recurrence.rule or "") if act.recurrence else "",
        )
        for at, (section, act) in enumerate(acts)
    ]


def plans(county: str) -> tuple[list[Duty], list[Duty]]:
    before, after = YEARS[county]
    return duties(before, 2023), duties(after, 2024)


def gold(county: str) -> dict[str, Any]:
    return yaml.safe_load((DATA / "compare" / f"{county}.yaml").read_text("utf-8"))


def pairs(found: Comparison) -> set[tuple[str, str]]:
    return {(pair.before.key, pair.after.key) for pair in (*found.kept, *found.changed)}


@pytest.mark.parametrize("county", YEARS)
def test_the_pairs_of_two_real_years_are_found(county: str) -> None:
    said, found = gold(county), compare(*plans(county))
    wanted = {(quote, quote.replace("2023", "2024")) for quote in said["kept"]} | {
        (a, b) for a, b, _ in said["changed"]
    }
    got = {(pair.before.words, pair.after.words) for pair in (*found.kept, *found.changed)}
    assert len(got & wanted) / len(got) >= 0.95, got - wanted
    assert len(got & wanted) / len(wanted) >= 0.95, wanted - got


@pytest.mark.parametrize("county", YEARS)
def test_what_changed_is_said(county: str) -> None:
    said, found = gold(county), compare(*plans(county))
    assert {pair.before.words for pair in found.kept} == set(said["kept"])
    changes = {pair.before.words: [change.value for change in pair.changes] for pair in found.changed}
    wanted = {a: what for a, _, what in said["changed"] if a in changes}
    assert changes == wanted
    assert {duty.words for duty in found.gone} >= set(said["gone"])


def test_the_difference_of_words_is_marked_in_both_years() -> None:
    [pair] = compare([Duty("a", "对整改不到位的发送督办单")], [Duty("b", "对整改不到位、不及时的发送督办单")]).changed
    assert [(run.text, run.is_changed) for run in pair.before_runs] == [
        ("对整改不到位", False),
        ("的发送督办单", False),
    ]
    assert [run.text for run in pair.after_runs if run.is_changed] == ["、不及时"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Duty("a", "2023年6月底前上报自查报告", year=2023), Duty("b", "2024年6月底前上报自查报告", year=2024)),
        (Duty("a", "每学期督导三次，不少于2所", year=2023), Duty("b", "每学期督导3次,不少于两所", year=2024)),
        (Duty("a", "报告", year=2023, deadline="2023-02-28"), Duty("b", "报告", year=2024, deadline="2024-02-29")),
        (Duty("a", "劝返", cooperating="公安局、民政局"), Duty("b", "劝返", cooperating="民政局，公安局")),
    ],
)
def test_another_year_the_form_of_numerals_and_the_order_of_names_are_no_change(one: Duty, other: Duty) -> None:
    assert len(compare([one], [other]).kept) == 1


@pytest.mark.parametrize(
    ("more", "change"),
    [
        ({"deadline": "2024-10-31"}, Change.DEADLINE),
        ({"lead": "公安局"}, Change.LEAD),
        ({"cooperating": "民政局"}, Change.COOPERATING),
        ({"recurrence": "monthly"}, Change.RECURRENCE),
        ({"title": "开展联合劝返和走访工作"}, Change.WORDS),
    ],
)
def test_each_field_that_changed_is_named(more: dict[str, str], change: Change) -> None:
    old = Duty("a", "开展联合劝返工作", year=2024)
    [pair] = compare([old], [replace(old, **more)]).changed  # type: ignore[arg-type]
    assert pair.changes == (change,)


def test_the_year_of_another_year_in_the_words_is_a_change() -> None:
    one, other = Duty("a", "整改2022年反馈的问题", year=2023), Duty("b", "整改2022年反馈的问题", year=2024)
    assert compare([one], [other]).changed[0].changes == (Change.WORDS,)


def test_the_best_pairing_of_all_is_taken_not_the_first_likely_one() -> None:
    # 甲 is a little nearer to 一 than to 二, but 乙 fits 一 alone: each gets a partner.
    old = [Duty("甲", "开展幼儿园保育教育质量评价"), Duty("乙", "幼儿园督导评估和保育教育")]
    new = [Duty("一", "开展幼儿园保育教育督导评估"), Duty("二", "开展中小学教育质量评价")]
    assert pairs(compare(old, new)) == {("甲", "二"), ("乙", "一")}


def test_the_same_words_twice_stay_under_their_own_heading() -> None:
    old = [Duty("a", "落实责任", section="控辍保学", position=1), Duty("b", "落实责任", section="校园安全", position=2)]
    new = [Duty("c", "落实责任", section="校园安全", position=1), Duty("d", "落实责任", section="控辍保学", position=2)]
    assert pairs(compare(old, new)) == {("a", "d"), ("b", "c")}


def test_a_year_without_duties_is_all_new_or_all_gone() -> None:
    one = [Duty("a", "开展摸排")]
    assert compare([], one).new == compare(one, []).gone == tuple(one)
    assert compare([], []) == Comparison((), (), (), ())


WORDS = st.text("督导评估学校工作开展的，2023年三次A \ue000", max_size=14)
DUTIES = st.builds(
    Duty, key=st.uuids().map(str), title=WORDS, quote=WORDS, year=st.sampled_from([None, 2023, 2024]), section=WORDS,
    position=st.integers(0, 9), deadline=st.sampled_from(["", "2023-02-28", "6月底"]), cooperating=WORDS,
)  # fmt: skip
PLANS = st.lists(DUTIES, max_size=9, unique_by=lambda duty: duty.key)


@given(PLANS)
def test_a_plan_beside_itself_is_all_kept(plan: list[Duty]) -> None:
    found = compare(plan, plan)
    assert len(found.kept) == len(plan)
    assert not (found.changed or found.new or found.gone)
    assert all(pair.before == pair.after for pair in found.kept)


@given(PLANS, PLANS, st.randoms(use_true_random=False))
def test_the_order_in_which_duties_come_changes_nothing(
    old: list[Duty], new: list[Duty], chance: random.Random
) -> None:
    mixed = [chance.sample(plan, len(plan)) for plan in (old, new)]
    assert compare(*mixed) == compare(old, new)


@given(PLANS, PLANS)
def test_every_duty_is_in_exactly_one_group_and_no_word_is_lost(old: list[Duty], new: list[Duty]) -> None:
    found = compare(old, new)
    both = (*found.kept, *found.changed)
    assert Counter([*(pair.before.key for pair in both), *(duty.key for duty in found.gone)]) == Counter(
        d.key for d in old
    )
    assert Counter([*(pair.after.key for pair in both), *(duty.key for duty in found.new)]) == Counter(
        d.key for d in new
    )
    for pair in both:
        assert "".join(run.text for run in pair.before_runs) == pair.before.words
        assert "".join(run.text for run in pair.after_runs) == pair.after.words


def test_three_hundred_duties_that_are_much_alike_are_paired_in_seconds() -> None:
    chance = random.Random(2024)
    parts = ["开展", "督导", "评估", "工作", "学校", "质量", "监测", "整改", "报告", "专项"]
    plan = [
        [Duty(f"{year}{at}", "".join(chance.choices(parts, k=6)), position=at) for at in range(300)] for year in "ab"
    ]
    begun = time.perf_counter()
    compare(*plan)
    assert time.perf_counter() - begun < 10
