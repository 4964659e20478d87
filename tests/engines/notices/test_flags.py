"""Damage is shown with its words, never guessed away; texts without a careful reader's notes are read sensibly."""

from pathlib import Path

import pytest

from dudao_engines.notices import Notice, read_notice

DATA = Path(__file__).parents[2] / "data" / "notices"


def read(number: str) -> Notice:
    return read_notice(next(DATA.glob(f"{number}*.txt")).read_bytes().decode("utf-8"))


def flagged(notice: Notice) -> list[tuple[str, str]]:
    return [(flag.code, flag.quote) for flag in notice.flags]


def test_the_real_notice_shows_what_a_clerk_should_look_at() -> None:
    found = dict(flagged(read("000")))
    assert found["issuer_differs"] == "贺兰县人民政府教育督导室"
    assert found["attachment_missing"] == "附件下载"
    assert found["no_full_stop"].endswith("督导评估等工作")
    assert found["lost_numeral"].startswith("、聚焦")


@pytest.mark.parametrize(
    ("number", "code", "quote"),
    [
        ("004", "flattened_table", "|\n月份 |\n重点工作安排"),
        ("004", "truncated", "3.撰写"),
        ("006", "number_skipped", "7.实施安全护航工程"),
        ("006", "number_repeated", "7.实施普惠扩容工程"),
        ("006", "page_number", "— 1 —"),
        ("006", "hard_wrap", "2022 年是"),
        ("006", "title_repeated", "东榆区教育局 2022 年工作要点"),
        ("008", "empty_cell", "66 |"),
        ("008", "sentence_repeated", "启动义务教育优质均衡县创建。"),
        ("009", "broken_paragraph", "安置率达"),
        ("009", "number_repeated", "3.镇司法所牵头"),
        ("011", "second_document", "云岫市推动义务教育优质均衡发展行动方案"),
        ("014", "damaged_doc_no", "松政教督通〔2015〕4"),
        ("014", "damaged_date", "91012日"),
        ("014", "damaged_date", "2015季"),
        ("016", "empty_section", "督查时间"),
        ("018", "damaged_doc_no", "教督办〔〕19号"),
        ("018", "damaged_date", "年9月"),
        ("020", "unpaired", "“双减落地"),
        ("020", "page_number", "2、"),
    ],
)
def test_damage_is_flagged_with_its_words(number: str, code: str, quote: str) -> None:
    assert any(code == c and quote in q for c, q in flagged(read(number)))


def test_run_together_dates_and_numbers_are_flagged_and_never_guessed() -> None:
    text = "关于督导的通知\n各学校：\n根据教督20176号文件，请于2024327前自查。\n一、时间\n2024年2月30日前报送。\n某县教育局\n2024年13月1日\n"
    notice = read_notice(text)
    assert {
        ("damaged_doc_no", "根据教督20176号"),
        ("damaged_date", "2024327"),
        ("impossible_date", "2024年2月30日"),
    } <= set(flagged(notice))
    assert notice.doc_no is None
    assert notice.date is None


def outline(notice: Notice) -> list[tuple[str | None, str | None, list[str | None]]]:
    return [(s.no, s.heading, [p.no for p in s.points]) for s in notice.sections]


def test_a_list_of_schools_without_numbering_is_one_point() -> None:
    notice = read("013")
    assert outline(notice) == [(None, None, [None])]
    assert notice.doc_no and notice.doc_no.value == "临教督〔2015〕2号"
    assert notice.title and notice.title.value == "关于公布2015年素质教育督导评估学校名单的通知"
    assert notice.date and notice.date.value == "2015-02-12"


def test_a_notice_with_a_table_of_groups_keeps_its_sections() -> None:
    notice = read("014")
    assert [(no, heading) for no, heading, _ in outline(notice)] == [
        ("一", "督导范围"),
        ("二", "督导内容"),
        ("三", "督导分组"),
        ("四", "督导要求"),
    ]
    assert notice.doc_no and notice.doc_no.value == "松政教督通〔2015〕4号"


def test_a_notice_without_title_keeps_its_empty_section() -> None:
    notice = read("016")
    assert notice.title is None
    assert [(no, points) for no, _, points in outline(notice)] == [
        ("一", [None]),
        ("二", []),
        ("三", [None]),
        ("四", ["(一)", "(二)"]),
        ("五", [None]),
    ]


def test_a_result_notice_gives_its_classes() -> None:
    assert [heading for _, heading, _ in outline(read("018"))] == [
        "优秀类(5所)",
        "合格类(26所)",
        "基本合格类(2所)",
        "不合格类(1所)",
    ]


def test_page_counters_of_a_document_library_are_not_numbering() -> None:
    notice = read("020")
    assert notice.title and notice.title.value == "市2023年上半年督导工作小结"
    assert [no for no, _, _ in outline(notice)] == ["一", "二", "三"]
    assert notice.sections[1].points[0].body[-1].of(notice.text).startswith("151个")


def test_a_record_in_pipes_gives_title_unit_and_day() -> None:
    notice = read("025")
    assert notice.title and notice.title.value == "沙桐县“十四五”学前教育发展提升行动计划实施方案"
    assert notice.issuer and notice.issuer.value == "沙桐县教育局"
    assert notice.date and notice.date.value == "2022-11-30"
    assert outline(notice) == [
        ("一", "总体目标", [None]),
        ("二", "重点任务", ["（一）", "（二）"]),
        ("三", "进度安排", [None]),
    ]
