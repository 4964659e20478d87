"""What a notice says about itself, in every layout pages use; nothing that is not said. Places are made up."""

import json

import pytest

from dudao_engines.notices import read_notice, to_gold_json
from dudao_engines.notices.record import KEYS, record_of

RECORD = {
    "发文机关": "平川县人民政府教育督导室",
    "文号": "平政教督〔2024〕3号",
    "成文日期": "2024-02-06",
    "发布日期": "2024-02-07",
    "公开时限": "长期公开",
    "公开方式": "主动公开",
    "发布机构": "平川县教育体育局",
    "责任部门": "平川县教育体育局督导办",
    "效力状态": "有效",
}
OTHER_LABELS = {
    "发文机关": "制发机关",
    "文号": "发文字号",
    "成文日期": "成 文 日 期",
    "发布日期": "公开日期",
    "公开时限": "公开期限",
    "公开方式": "公开形式",
    "发布机构": "发布单位",
    "责任部门": "公开责任部门",
    "效力状态": "有效性",
}
TITLE = "平川县人民政府教育督导室关于开展2024年春季开学督导的通知\n"
TO = "各中小学、幼儿园：\n"
WORDS = "为做好春季开学工作，现将有关事项通知如下：\n一、督导时间\n2月20日至3月1日。\n二、督导内容\n1.校舍安全。\n2.教材到位。\n"
FOOT = "平川县人民政府教育督导室\n2024年2月6日\n"
PAIRS = list(RECORD.items())
ROWS = [PAIRS[at : at + 3] for at in (0, 3, 6)]


def rows(pair: str, between: str) -> str:
    return "\n".join(between.join(pair.format(*item) for item in row) for row in ROWS)


LAYOUTS = {
    "pairs on one line": rows("{} {}", " "),
    "pairs on one line with colons": rows("{}：{}", "  "),
    "all on one line": " ".join(f"{key}：{value}" for key, value in PAIRS),
    "nothing between the pairs": rows("{}：{}", ""),
    "one a line": "\n".join(f"{key}: {value}" for key, value in PAIRS),
    "label over value": "\n".join(f"{key}\n{value}" for key, value in PAIRS),
    "label with colon over value": "\n".join(f"{key}：\n{value}" for key, value in PAIRS),
    "label over value with blank lines": "\n\n".join(f"{key}：\n\n{value}" for key, value in PAIRS),
    "cells": rows("{} | {}", " | ") + " |",
    "cells with a bar in front": "| " + rows("{}：| {}", " | ").replace("\n", " |\n| "),
    "one cell a line": "\n".join(f"{key} |\n{value} |" for key, value in PAIRS),
    "tabs": rows("{}\t{}", "\t"),
    "spread labels": "\n".join("\u3000".join(f"{' '.join(key)}：{value}" for key, value in row) for row in ROWS),
    "labels in brackets": "\n".join(f"【{key}】{value}" for key, value in PAIRS),
    "labels in square brackets": " ".join(f"[{key}] {value}" for key, value in PAIRS),
    "printed twice": rows("{}：{}", "  ") + "\n" + "\n".join(f"{key}: {value}" for key, value in PAIRS),
    "unknown labels between": "\n".join(f"{key}：{value} 文件类型：通知" for key, value in PAIRS),
    "other labels": "\n".join(f"{OTHER_LABELS[key]}：{value}" for key, value in PAIRS),
}
PLACES = {
    "above": "{record}\n" + TITLE + TO + WORDS + FOOT,
    "above a blank line": "{record}\n\n" + TITLE + TO + WORDS + FOOT,
    "under the title": TITLE + "{record}\n" + TO + WORDS + FOOT,
    "below": TITLE + TO + WORDS + FOOT + "{record}\n",
}


def record(text: str) -> dict[str, object]:
    return {key: item.value for key, item in record_of(read_notice(text).metadata).items() if item}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_record_is_read_in_every_layout_with_its_places(layout: str, place: str) -> None:
    text = PLACES[place].format(record=LAYOUTS[layout])
    notice = read_notice(text)
    found = record_of(notice.metadata)
    assert list(found) == list(KEYS)
    for key, value in RECORD.items():
        item = found[key]
        assert item is not None
        assert (key, item.value, item.span.of(text)) == (key, value, value)
    assert record(text) | RECORD == record(text)
    assert found["署名"] and found["署名"].value == ("平川县人民政府教育督导室",)
    assert found["主送"] and found["主送"].value == ("各中小学", "幼儿园")
    assert notice.doc_no and notice.doc_no.value == RECORD["文号"]
    assert notice.title and notice.title.value == TITLE.strip()
    assert [section.no for section in notice.sections] == ["一", "二"]


def test_who_signs_and_who_publishes_are_kept_apart() -> None:
    found = record("发布机构：平川县教育体育局\n" + TITLE + TO + WORDS + FOOT)
    assert (found["署名"], found["发布机构"]) == (("平川县人民政府教育督导室",), "平川县教育体育局")
    assert "发文机关" not in found


@pytest.mark.parametrize(
    "text",
    [
        "关于开展督导的通知\n" + WORDS,
        "关于开展督导的通知\n来源：平川县教育局 浏览次数：12\n" + WORDS,
        "文号：无 公开方式： 效力状态：—\n关于开展督导的通知\n" + WORDS,
        "关于开展督导的通知\n" + WORDS + "三、公开\n公开方式要合规，发布机构应当审核。\n文号由办公室编排。\n",
        "文号：\n关于开展督导的通知\n" + WORDS,
    ],
)
def test_what_no_label_and_no_place_says_is_not_made_up(text: str) -> None:
    assert record(text) == {}
    assert set(to_gold_json(read_notice(text))["record"].values()) == {None}


def test_a_published_day_is_not_the_day_of_the_paper() -> None:
    assert record("发布日期：2024-02-07\n" + TITLE + TO + WORDS) == {
        "发布日期": "2024-02-07",
        "主送": ("各中小学", "幼儿园"),
    }
    assert "成文日期" not in record(TITLE + WORDS + "平川县人民政府教育督导室  2024年2月7日印发\n")


@pytest.mark.parametrize(
    ("printed", "units"),
    [
        ("各乡镇人民政府，县直有关部门，各中小学：\n", ("各乡镇人民政府", "县直有关部门", "各中小学")),
        ("各县（市、区）教育局、各直属学校（园）：\n", ("各县（市、区）教育局", "各直属学校（园）")),
        ("平川县第一中学：\n", ("平川县第一中学",)),
        ("各乡镇人民政府、各中小学、县直有\n关部门：\n", ("各乡镇人民政府", "各中小学", "县直有关部门")),
        ("各中小学：", ("各中小学",)),
        ("各中小学 各幼儿园:\n", ("各中小学", "各幼儿园")),
        ("主送：各中小学、幼儿园\n", ("各中小学", "幼儿园")),
        ("", None),
    ],
)
def test_addressees(printed: str, units: tuple[str, ...] | None) -> None:
    assert record(TITLE + printed + WORDS + FOOT).get("主送") == units


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("附件：督导评分表\n", ("督导评分表",)),
        ("附：督导评分表\n", ("督导评分表",)),
        ("附件：1.督导评分表 2.分组名单\n", ("1.督导评分表", "2.分组名单")),
        ("附件：\n1.督导评分表\n2.分组名单\n", ("1.督导评分表", "2.分组名单")),
        ("附 件：1．督导评分表\n\n　　　　2．分组名单\n\n", ("1．督导评分表", "2．分组名单")),
        ("附件1：督导评分表\n附件2：分组名单\n", ("督导评分表", "分组名单")),
        ("附件：1.督导评分表.docx\n2.分组名单.xlsx\n", ("1.督导评分表.docx", "2.分组名单.xlsx")),
        ("", None),
    ],
)
@pytest.mark.parametrize("last", [False, True])
def test_attachments(printed: str, names: tuple[str, ...] | None, last: bool) -> None:
    found = record(TITLE + TO + WORDS + (FOOT + printed if last else printed + FOOT))
    assert found.get("附件") == names
    assert found["署名"] == ("平川县人民政府教育督导室",)


@pytest.mark.parametrize(
    ("printed", "units", "day"),
    [
        ("平川县教育局\n平川县公安局\n2024年2月6日\n", ("平川县教育局", "平川县公安局"), "2024年2月6日"),
        ("平川县教育局  平川县公安局\n2024年2月6日\n", ("平川县教育局", "平川县公安局"), "2024年2月6日"),
        ("平川县教育局（代章）\n二〇二四年二月六日\n", ("平川县教育局",), "二〇二四年二月六日"),
        ("平 川 县 教 育 局\n2024 年 2 月 6 日\n", ("平川县教育局",), "2024 年 2 月 6 日"),
        ("平川县教育局 2024年2月6日\n", ("平川县教育局",), "2024年2月6日"),
        ("2024年2月6日\n平川县教育局\n", ("平川县教育局",), "2024年2月6日"),
        ("县督导室\n2024.2.6\n", ("县督导室",), "2024.2.6"),
        ("平川县教育局\n", ("平川县教育局",), None),
        ("2024年2月6日\n", None, "2024年2月6日"),
    ],
)
def test_signatures(printed: str, units: tuple[str, ...] | None, day: str | None) -> None:
    found = record(TITLE + TO + WORDS + printed)
    assert (found.get("署名"), found.get("成文日期")) == (units, day)
    notice = read_notice(TITLE + TO + WORDS + printed)
    assert (notice.date and notice.date.value) == ("2024-02-06" if day else None)


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("平政教督〔2024〕3号", "平政教督〔2024〕3号"),
        ("2024年第3号", "2024年第3号"),
        ("教督20178号", None),
        ("待定", None),
    ],
)
def test_a_damaged_number_stays_in_the_record_and_is_no_number(printed: str, number: str | None) -> None:
    notice = read_notice(f"文号：{printed} 公开方式：主动公开\n" + TITLE + TO + WORDS)
    assert (notice.doc_no and notice.doc_no.value) == number
    assert {item.key: item.value for item in notice.metadata}["文号"] == printed


def test_the_units_of_a_red_head_issue_the_paper() -> None:
    head = "平川县人民政府教育督导室文件\n平政教督〔2024〕3号\n"
    assert record(head + TITLE + TO + WORDS)["发文机关"] == "平川县人民政府教育督导室"
    both = record("平川县教育局\n平川县公安局\n平教发〔2024〕3号\n" + TITLE + TO + WORDS)
    assert both["发文机关"] == ("平川县教育局", "平川县公安局")


def test_the_record_stands_in_the_json_with_places() -> None:
    text = PLACES["above"].format(record=LAYOUTS["cells"])
    notice = json.loads(json.dumps(to_gold_json(read_notice(text)), ensure_ascii=False))
    assert list(notice["record"]) == list(KEYS)
    start, end = notice["spans"]["record.公开方式"]
    assert text[start:end] == notice["record"]["公开方式"] == "主动公开"
