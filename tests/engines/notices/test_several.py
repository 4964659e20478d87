"""Several notices in one text are told apart; what a notice prints or attaches stays with it. Places are made up."""

import itertools
import json
import re
from pathlib import Path

import pytest

from dudao_engines.notices import read_notice, split_notices
from dudao_engines.notices.cli import main

DATA = Path(__file__).parents[2] / "data" / "notices"
TEXTS = {path.name[:3]: path.read_bytes().decode("utf-8") for path in sorted(DATA.glob("*.txt"))}
HELD = {
    path.name[:3]: path.read_bytes().decode("utf-8") for path in sorted((DATA.parent / "notices_held").glob("*.txt"))
}
# Words of a page between two notices belong to either; this long they are at most.
NOISE = 60

COVER = """平川县人民政府教育督导室关于印发2023年督导工作要点的通知
平政教督〔2023〕4号
各学校、幼儿园：
现将《2023年督导工作要点》印发给你们，请认真执行。
平川县人民政府教育督导室
2023年2月8日
"""
PROGRAMME = """平川县2023年教育督导工作要点
为做好全年督导工作，制定本要点。
一、总体要求
坚持督政督学并重。
二、重点任务
1.开展春季开学督导。
2.每月召开一次例会。
"""
CHECK = """关于开展2023年校园安全专项督导的通知
平政教督〔2023〕9号
各中小学：
为保障师生安全，决定开展校园安全专项督导。
一、督导时间
4月10日至4月20日。
二、督导内容
1.校车安全。
2.食堂卫生。
附件：1.校园安全专项督导评分表
2.督导分组名单
平川县人民政府教育督导室
2023年4月3日
"""
MARKS = "附件1\n校园安全专项督导评分表\n序号 | 项目 | 分值 |\n1 | 校车 | 20 |\n"
GROUPS = "附件2\n督导分组名单\n第一组：张三（示例）\n"
HEADLESS = "根据县政府安排，现将控辍保学有关事项通知如下：\n一、摸底\n3月底前完成摸底。\n二、劝返\n一人一策。\n"
SUMMARY = (
    "2023年上半年青石县教育督导工作总结\n今年以来，督导工作稳步推进。\n一、督政\n完成自评。\n二、督学\n开展督导12次。\n"
)


def parts(text: str) -> list[str]:
    return [span.of(text) for span in split_notices(text)]


@pytest.mark.parametrize("slug", [*TEXTS, *HELD])
def test_one_notice_is_one(slug: str) -> None:
    text = (TEXTS | HELD)[slug]
    assert parts(text) == [text]


@pytest.mark.parametrize("slug", HELD)
def test_each_notice_held_out_is_told_from_those_before_and_behind(slug: str) -> None:
    for other in TEXTS.values():
        for first, second in ((HELD[slug], other), (other, HELD[slug])):
            found = parts(first + "\n" + second)
            assert len(found) == 2
            assert abs(len(found[0]) - len(first)) <= NOISE


@pytest.mark.parametrize("between", ["\n", "\n\n\n"])
@pytest.mark.parametrize("first", TEXTS)
def test_two_notices_one_after_the_other_are_two(first: str, between: str) -> None:
    for second in TEXTS:
        found = parts(TEXTS[first] + between + TEXTS[second])
        assert len(found) == 2, second
        assert abs(len(found[0]) - len(TEXTS[first])) <= NOISE, second
        assert "".join(found) == TEXTS[first] + between + TEXTS[second]


def test_each_of_two_reads_as_it_does_alone() -> None:
    for first, second in itertools.permutations(("000", "001", "003", "009", "011", "025"), 2):
        found = parts(TEXTS[first] + "\n" + TEXTS[second])
        for part, slug in zip(found, (first, second), strict=True):
            shape = [[(s.no, len(s.points)) for s in read_notice(words).sections] for words in (part, TEXTS[slug])]
            assert shape[0] == shape[1]


def test_many_notices_are_as_many() -> None:
    assert len(parts("\n".join(TEXTS.values()))) == len(TEXTS)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(COVER + PROGRAMME, id="a cover and its programme"),
        pytest.param(COVER + "附件\n" + PROGRAMME, id="under the word 附件"),
        pytest.param(CHECK + MARKS + GROUPS, id="attachments one and two"),
        pytest.param(CHECK + MARKS.removeprefix("附件1\n"), id="an attachment named in the list"),
        pytest.param(
            "青石县教育局转发县人民政府教育督导室关于开展2023年校园安全专项督导的通知\n各学校：\n现转发给你们，请执行。\n"
            "青石县教育局\n2023年4月5日\n" + CHECK,
            id="a notice handed on",
        ),
        pytest.param(CHECK + "标题：关于开展2023年校园安全专项督导的通知 发布日期：2023-04-03\n", id="record repeated below"),
        pytest.param(CHECK.replace("各中小学", CHECK.split("\n")[0] + "\n各中小学"), id="title repeated above"),
        pytest.param(CHECK + "相关链接\n关于做好2022年控辍保学工作的通知\n关于印发督学守则的通知\n", id="links below"),
        pytest.param(
            "平川县2023年督导工作安排\n一、上半年\n2023年上半年督导工作安排\n1.开学督导。\n二、下半年\n2023年下半年督导工作安排\n1.年终督导。\n",
            id="halves of a year",
        ),
        pytest.param("督导要点\n为做好工作，现通知如下：\n一、各学校要做到以下几点：\n1.甲。\n2.乙。\n二、其他\n1.丙。\n", id="short"),
        pytest.param("随便写的几句话。\n没有编号，也没有标题。\n", id="no notice at all"),
    ],
)  # fmt: skip
def test_what_belongs_together_stays_together(text: str) -> None:
    assert parts(text) == [text]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (COVER + PROGRAMME, CHECK + MARKS),
        (CHECK + MARKS + GROUPS, COVER + PROGRAMME),
        (CHECK, HEADLESS),
        (COVER + PROGRAMME, HEADLESS),
        (PROGRAMME, SUMMARY),
        (CHECK + "（此件公开发布）\n抄送：县委办。\n", SUMMARY),
        (SUMMARY, CHECK),
        (PROGRAMME, PROGRAMME.replace("平川县2023", "平川县2024")),
    ],
)
@pytest.mark.parametrize("break_", ["\n", "\r\n"])
def test_a_second_notice_is_a_second(one: str, two: str, break_: str) -> None:
    one, two = one.replace("\n", break_), two.replace("\n", break_)
    assert parts(one + two) == [one, two]


def test_nothing_is_no_notice_and_every_character_is_in_one() -> None:
    assert split_notices("") == ()
    for text in (" \n ", "通知", "一、\n" * 50, "关于督导的通知\n" * 50, "各学校：\n" * 50, "2024年1月1日\n" * 50):
        assert "".join(parts(text)) == text


def test_the_command_prints_each_and_gives_a_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "两份.txt"
    file.write_text(COVER + PROGRAMME + CHECK, "utf-8")
    assert main(["read", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "文件中有 2 份通知" in shown
    assert re.findall("(?m)^标题：(.*)$", shown) == ["平川县2023年教育督导工作要点", CHECK.split("\n")[0]]
    assert main(["read", "--json", str(file)]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [notice["doc_no"] for notice in listed] == ["平政教督〔2023〕4号", "平政教督〔2023〕9号"]
    start, end = listed[1]["part"]
    part = file.read_text("utf-8")[start:end]
    first, last = listed[1]["spans"]["title"]
    assert part[first:last] == listed[1]["title"]
