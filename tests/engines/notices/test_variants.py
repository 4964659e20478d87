"""Forms of notices that turn up in counties, with made-up places: what a careful reader would write down."""

from dudao_engines.notices import Notice, Role, read_notice


def outline(text: str) -> list[tuple[str | None, str | None, list[str | None]]]:
    return [(s.no, s.heading, [p.no for p in s.points]) for s in read_notice(text).sections]


def words(notice: Notice, role: Role) -> str:
    return "".join(part.span.of(notice.text) for part in notice.parts if part.role is role)


OFFICIAL = """平川县人民政府教育督导委员会办公室文件
平政教督办〔2023〕11号

平川县人民政府教育督导委员会办公室
关于开展2023年春季开学专项督导的通知

各乡镇人民政府，县直各学校、幼儿园：

为确保春季开学平稳有序，现就有关事项通知如下：

一、督导时间
2023年2月15日至2月24日。
二、督导内容
（一）开学准备情况
1.校舍安全排查。重点检查锅炉、电路。
2.教材到位。课前到书、人手一册。
（二）规范办学情况
1.收费公示。
2.严禁节假日补课，发现一起查处一起。
三、组织方式
（一）学校自查（2月10日前）。各校对照清单自查自纠。
（二）县级督查。县督导室牵头组成3个督查组，每组4人。

附件：1.2023年春季开学专项督导评分表
      2.督查分组名单

平川县人民政府教育督导委员会办公室
2023年2月8日
（此件公开发布）
抄送：市政府教育督导室，县委办、县政府办。
平川县人民政府教育督导委员会办公室        2023年2月8日印发

附件1
2023年春季开学专项督导评分表
序号 | 项目 | 分值 |
1 | 校舍安全 | 20 |
"""


def test_a_paper_in_official_form_is_read_from_red_head_to_imprint() -> None:
    notice = read_notice(OFFICIAL)
    assert notice.doc_no and notice.doc_no.value == "平政教督办〔2023〕11号"
    assert notice.issuer and notice.issuer.value == "平川县人民政府教育督导委员会办公室"
    assert notice.date and notice.date.value == "2023-02-08"
    record = {item.key: item.value for item in notice.metadata}
    assert record["主送"] == ("各乡镇人民政府", "县直各学校", "幼儿园")
    assert record["附件"] == ("1.2023年春季开学专项督导评分表", "2.督查分组名单")
    assert words(notice, Role.IMPRINT).startswith("抄送：")


def test_a_heading_over_points_under_a_heading_is_a_section_after_its_parent() -> None:
    assert outline(OFFICIAL) == [
        ("一", "督导时间", [None]),
        ("二", "督导内容", []),
        ("（一）", "开学准备情况", ["1", "2"]),
        ("（二）", "规范办学情况", ["1", "2"]),
        ("三", "组织方式", ["（一）", "（二）"]),
    ]
    assert [s.level for s in read_notice(OFFICIAL).sections] == [1, 1, 2, 2, 1]


def test_chapters_and_articles() -> None:
    text = (
        "青禾县教育督导规定（试行）\n第一章 总则\n第一条 为了规范教育督导，制定本规定。\n第二章 督学\n第二条 督学由县政府任命。"
        "督学应当具备下列条件：\n（一）坚持党的领导；\n（二）熟悉教育法律。\n第三条 督学任期三年。\n"
    )
    assert outline(text) == [("第一章", "总则", ["第一条"]), ("第二章", "督学", ["第二条", "第三条"])]


def test_months_without_a_table() -> None:
    text = "2024年督导月历\n一月份\n1.召开年度会议。\n2.制定计划。\n二月份\n春季开学督导。\n三月份：质量监测培训。\n"
    assert outline(text) == [(None, "一月份", ["1", "2"]), (None, "二月份", [None]), (None, "三月份", [None])]


def test_a_table_with_one_cell_a_line_and_no_bars() -> None:
    text = (
        "江口县2024年教育督导重点任务清单\n序号\n重点任务\n责任科室\n完成时限\n1\n开展秋季开学督导\n督导室\n9月10日前\n2\n"
        "组织国家义务教育质量监测\n教研室\n5月底\n江口县教育局\n2024年3月1日\n"
    )
    notice = read_notice(text)
    assert [(p.no, p.quote_start) for p in notice.sections[0].points] == [
        ("1", "开展秋季开学督导"),
        ("2", "组织国家义务教育质量监测"),
    ]
    assert notice.date and notice.date.value == "2024-03-01"


def test_a_table_pasted_from_a_spreadsheet() -> None:
    text = "5月督学工作安排\n序号\t工作内容\t时间\n1\t责任督学月例会\t5月8日\n2\t质量监测巡考\t5月22日\n"
    assert outline(text) == [(None, None, ["1", "2"])]


def test_months_with_a_column_of_people_give_jobs_not_people() -> None:
    text = "月份 | 工作内容 | 责任人 |\n3月 | 1.开学督导；2.督学例会 | 示例甲 |\n4月 | 质量监测准备 | 示例乙 |\n"
    assert outline(text) == [(None, "3月", ["1", "2"]), (None, "4月", [None])]


def test_a_table_of_marks_is_no_table_of_work() -> None:
    assert "评分表" in OFFICIAL
    assert all(
        point.no != "1" or "20" not in point.quote_start for s in read_notice(OFFICIAL).sections for point in s.points
    )


def test_a_whole_notice_on_one_line() -> None:
    text = (
        "北原县教育局关于做好控辍保学工作的通知 各学校： 为做好控辍保学工作，现通知如下： 一、摸底排查 9月10日前完成排查，逐人建档。 "
        "二、劝返复学 发现辍学24小时内上报。每周跟踪。 三、工作要求 各校要高度重视，校长负总责。 北原县教育局 2024年8月28日"
    )
    notice = read_notice(text)
    assert outline(text) == [("一", "摸底排查", [None]), ("二", "劝返复学", [None]), ("三", "工作要求", [None])]
    assert notice.title and notice.title.value == "北原县教育局关于做好控辍保学工作的通知"
    assert notice.issuer and notice.issuer.value == "北原县教育局"
    assert notice.date and notice.date.value == "2024-08-28"


def test_a_record_with_key_and_value_on_lines_of_their_own() -> None:
    text = (
        "索引号：\n640122/2024-00031\n发布机构：\n青石县教育局\n文号：\n青教发〔2024〕12号\n有效性：\n有效\n\n"
        "青石县教育局关于印发2024年教育督导工作要点的通知\n各学校：\n现印发给你们。\n一、总体要求\n提高质量。\n"
        "上一篇：关于开展检查的通知\n主办：青石县人民政府 承办：青石县教育局\n"
    )
    notice = read_notice(text)
    record = {item.key: item.value for item in notice.metadata}
    assert record["索引号"] == "640122/2024-00031"
    assert record["有效性"] == "有效"
    assert notice.doc_no and notice.doc_no.value == "青教发〔2024〕12号"
    assert notice.sections[0].points[0].span.of(text) == "提高质量。"


def test_list_marks_inside_a_point_stay_in_the_point() -> None:
    text = (
        "督导工作要点\n一、督学\n1.挂牌督导。一是每月到校；二是公示电话；三是跟踪整改。\n2.过程督导。\n（1）看课堂；\n（2）看食堂。\n"
        "3.开学督导。重点查：①收费；②教材；③食堂。\n"
    )
    assert outline(text) == [("一", "督学", ["1", "2", "3"])]


def test_words_that_only_look_like_numbering_are_words() -> None:
    text = "督导工作要点\n一、督学\n1.评估。达标率不低于\n3.5个百分点，覆盖\n一、二年级和\n三、四年级学生。\n2.培训。每人40学时。\n二、督政\n自查。\n"
    assert outline(text) == [("一", "督学", ["1", "2"]), ("二", "督政", [None])]


def test_a_numbered_point_that_begins_with_a_year() -> None:
    text = "督导工作要点\n一、安排\n1.2024年底前完成自查。\n2.2025年6月前完成复核。\n"
    assert outline(text) == [("一", "安排", ["1", "2"])]


def test_a_label_with_a_colon_is_a_heading() -> None:
    notice = read_notice(
        "开学督导通知\n一、督导时间：9月1日至10日。\n二、推进步骤：\n1、自查。\n三、督导对象：各学校。\n"
    )
    assert [(s.no, s.heading) for s in notice.sections] == [("一", "督导时间"), ("二", "推进步骤"), ("三", "督导对象")]
    assert notice.sections[0].points[0].quote_start == "9月1日至10日"


def test_sentences_as_items_are_headings_and_points_at_once() -> None:
    notice = read_notice("全县督导工作安排\n一、健全机制，强化领导。\n二、每月25日前报送督导月报。\n")
    assert [(s.no, len(s.points)) for s in notice.sections] == [("一", 1), ("二", 1)]


def test_a_lead_in_to_numbered_items_is_no_point() -> None:
    notice = read_notice("督导工作要点\n一、任务\n重点做好以下工作：\n1.开学督导。每学期一次。\n2.质量监测。\n")
    assert [p.no for p in notice.sections[0].points] == ["1", "2"]
    assert "重点做好以下工作" in words(notice, Role.PREAMBLE)


def test_a_page_of_a_document_library_run_together() -> None:
    text = (
        "某镇控辍保学工作方案.docx\n《某镇控辍保学工作方案.docx》由会员分享,可在线阅读,更多相关请搜索。\n"
        "1、某镇控辍保学工作方案为进一步做好工作,制定本方案。一、指导思想以立德树人为根本任务,压实责任。二、目标任务督促适龄少年依法\n"
        "2、入学,严防辍学。三、责任包干(一)分组为了落到实处,成立责任小组。(二)检查每月一次。\n"
    )
    notice = read_notice(text)
    assert notice.title and notice.title.value == "某镇控辍保学工作方案"
    assert outline(text) == [
        ("一", "指导思想", [None]),
        ("二", "目标任务", [None]),
        ("三", "责任包干", ["(一)", "(二)"]),
    ]
    assert [span.of(text) for span in notice.sections[1].points[0].body] == ["督促适龄少年依法", "入学,严防辍学。"]


def test_a_title_over_lines_with_blank_lines_and_question_marks_for_spaces() -> None:
    text = (
        "關(guān)于規(guī)范學(xué)校責(zé)任督學(xué)掛牌督導(dǎo)工作的通知\n\n ?\n\n 清府教督〔20147號(hào)\n\n ?\n\n關(guān)于規(guī)范學(xué)校責(zé)任督學(xué)\n\n"
        "掛牌督導(dǎo)工作的通知\n\n各縣(市、區(qū))教育局:\n\n提出如下意見。\n\n一、職責(zé)。隨機(jī)督導(dǎo)。\n\n二、規(guī)程。照章執(zhí)行。\n"
    )
    notice = read_notice(text)
    assert (
        notice.title
        and notice.title.value == "關(guān)于規(guī)范學(xué)校責(zé)任督學(xué)\n\n掛牌督導(dǎo)工作的通知"
    )
    assert notice.doc_no is None
    assert "damaged_doc_no" in [flag.code for flag in notice.flags]
    assert [s.no for s in notice.sections] == ["一", "二"]


def test_title_number_and_addressee_on_one_line() -> None:
    notice = read_notice(
        "某市人民政府办公室关于进一步加强教育督导工作的意见 某府办发[2005]51号 各区县人民政府,市政府有关部门: 提出如下意见。 "
        "一、提高认识。要高度重视。二、健全机构。各县要设督导室。"
    )
    assert notice.doc_no and notice.doc_no.value == "某府办发[2005]51号"
    assert notice.issuer and notice.issuer.value == "某市人民政府办公室"
    assert [s.heading for s in notice.sections] == ["提高认识", "健全机构"]


def test_many_titles_in_a_row_do_not_exhaust_the_stack() -> None:
    assert read_notice("关于督导的通知现将" * 5000).parts
