"""What is a duty, who has it, and by when: by grammar, in words that no sample notice has."""

import pytest

from dudao_engines.notices import Action, Mark, Point, read_notice


def point(words: str, heading: str = "重点工作") -> Point:
    notice = read_notice(
        f"云溪县2025年教育督导工作要点\n\n一、{heading}\n1.{words}\n二、其他\n2.完成上级交办的其他任务。\n"
    )
    return notice.sections[0].points[0]


def actions(words: str, heading: str = "重点工作") -> list[Action]:
    return list(point(words, heading).actions)


def quotes(words: str, heading: str = "重点工作") -> list[str]:
    return [action.quote for action in actions(words, heading)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("抓督学。选聘责任督学35名，认真组织岗前培训。", ["选聘责任督学35名", "组织岗前培训"]),
        ("抓督学。继续完善挂牌督导、过程督导、结果运用制度。", ["完善挂牌督导、过程督导、结果运用制度"]),
        (
            "抓专项。实施春季开学专项督导、规范办学行为检查、校园食品安全排查等工作。",
            ["实施春季开学专项督导", "规范办学行为检查", "校园食品安全排查"],
        ),
        ("抓建设。新建公办园2所、改扩建普通高中1所。", ["新建公办园2所", "改扩建普通高中1所"]),
        ("抓制度。严格执行日巡查、周通报、月调度。", ["日巡查", "周通报", "月调度"]),
        ("抓整改。对整改不力的学校进行通报，向社会公开督导报告。", ["对整改不力的学校进行通报", "向社会公开督导报告"]),
        ("抓整改。督导报告报县政府审定后印发各乡镇。", ["督导报告报县政府审定", "印发各乡镇"]),
        ("抓会议。每学期召开督学例会，研究解决突出问题。", ["召开督学例会"]),
        ("抓指标。到2026年，学前三年毛入园率达到95%以上。", ["学前三年毛入园率达到95%以上"]),
        ("抓宣传。一是编发督导简报6期；二是选树先进典型。", ["编发督导简报6期", "选树先进典型"]),
        ("抓落实。结合我县实际制定实施细则。", ["制定实施细则"]),
        ("抓经费。普惠性民办园按不低于400元的标准给予补助，严禁挪用经费。", ["给予补助", "严禁挪用经费"]),
        ("抓程序。每次督导后填写督导记录，督导结束后向学校反馈意见。", ["填写督导记录", "督导结束后向学校反馈意见"]),
        (
            "抓台账。将问题清单书面报告县政府，对存在的问题立即整改。",
            ["将问题清单书面报告县政府", "对存在的问题立即整改"],
        ),
        ("抓教师。均衡配置教师，应急演练每学期组织2次。", ["配置教师", "应急演练每学期组织2次"]),
        ("抓问责。对拒不整改的学校，由县教育局约谈校长。", ["约谈校长"]),
        ("抓均衡。目前达标学校18所，占比75%。年底占比提高到90%以上。", ["占比提高到90%以上"]),
        ("抓核查。逾期未改的由县教育督导室挂牌督办。", ["挂牌督办"]),
        ("抓创建。力争1个县通过省级评估，2个县启动创建。", ["1个县通过省级评估", "2个县启动创建"]),
        ("抓图书。图书小学生均达到20册、初中生均达到30册。", ["图书小学生均达到20册", "初中生均达到30册"]),
        ("抓建设。新建食堂7个、学生宿舍3栋，9月1日前交付使用。", ["新建食堂7个", "学生宿舍3栋"]),
        ("抓作业。一年级不布置书面家庭作业，不增加学校负担。", ["一年级不布置书面家庭作业", "不增加学校负担"]),
        ("抓整改。一时难以整改的限期一个月整改完毕。", ["一时难以整改的限期一个月整改完毕"]),
        ("抓特教。为重度残疾学生提供送教上门服务。", ["为重度残疾学生提供送教上门服务"]),
        ("抓监测。刚性运用考核结果，分级实施培训。", ["运用考核结果", "实施培训"]),
        ("抓开学。在学生返校前做好设施检修工作。", ["做好设施检修工作"]),
        ("抓目标。到2025年底，全县实现基本均衡。", ["全县实现基本均衡"]),
        ("抓安全。确保新学期前完成43个维修项目。", ["完成43个维修项目"]),
        ("抓督学。责任督学围绕教学管理开展专题督导。", ["开展专题督导"]),
        ("抓培训。组织全员培训2期、外出考察1次。", ["组织全员培训2期", "外出考察1次"]),
        ("抓审定。评估报告送局领导审阅后反馈学校。", ["评估报告送局领导审阅", "反馈学校"]),
    ],
)
def test_each_job_is_a_duty_in_its_shortest_words(words: str, expected: list[str]) -> None:
    assert quotes(words) == expected


@pytest.mark.parametrize(
    ("words", "mark"),
    [
        ("抓督导。开展专项督导，确保政策落地。", Mark.RESULT),
        ("抓督导。根据省教育厅统一部署，开展专项督导。", Mark.BASIS),
        ("抓督导。为保障学生安全，开展专项督导。", Mark.AIM),
        ("抓督导。坚持问题导向，开展专项督导。", Mark.SLOGAN),
        ("抓督导。深入贯彻全国教育大会精神，开展专项督导。", Mark.BASIS),
        ("抓督导。不断提升办学水平，开展专项督导。", Mark.RESULT),
        ("抓督导。政府主导、部门协同、社会参与，开展专项督导。", Mark.SLOGAN),
        ("抓督导。开展专项督导，重点检查食堂和宿舍。", Mark.DETAIL),
        ("抓督导。开展专项督导。开展专项督导。", Mark.REPEATED),
        ("抓督导。开展专项督导，每次不少于半天。", Mark.DETAIL),
        ("抓督导。采取自查与抽查相结合的方式进行，开展专项督导。", Mark.DETAIL),
        ("抓督导。开展专项督导，防止出现滑坡。", Mark.RESULT),
        ("抓督导。部分学校台账管理不到位，开展专项督导。", Mark.BACKGROUND),
        ("抓督导。检查结束后，开展专项督导。", Mark.WHEN),
        ("抓督导。高度重视，开展专项督导。", Mark.SLOGAN),
    ],
)
def test_what_is_no_duty_is_marked_with_the_reason(words: str, mark: Mark) -> None:
    read = point(words)
    assert [action.quote for action in read.actions] == ["开展专项督导"]
    assert mark in {stretch.mark for stretch in read.marks}


def test_a_line_of_thought_holds_no_duties_but_the_levels_to_be_reached() -> None:
    words = "总体要求。坚持党的领导，深化改革，完善制度，巩固率达到97%以上。"
    assert quotes(words, "总体思路") == ["巩固率达到97%以上"]


def test_a_title_that_nothing_makes_concrete_is_the_duty_itself() -> None:
    assert quotes("完成督导信息平台建设。确保运行稳定。") == ["完成督导信息平台建设"]


@pytest.mark.parametrize(
    ("words", "lead", "cooperating"),
    [
        ("抓安全。开展隐患排查。（牵头单位：安保股；配合单位：基教股、各学校）", ["安保股"], ["基教股", "各学校"]),
        ("抓安全。开展隐患排查。（牵头科室:安保股;协同单位:基教股)", ["安保股"], ["基教股"]),
        (
            "抓安全。由县教育局牵头，县公安局、县应急管理局配合，开展隐患排查。",
            ["县教育局"],
            ["县公安局", "县应急管理局"],
        ),
        ("抓安全。县公安局牵头开展隐患排查，各乡镇配合。", ["县公安局"], ["各乡镇"]),
        ("抓安全。会同县市场监管局、县卫健局开展隐患排查。", [], ["县市场监管局", "县卫健局"]),
        ("抓安全。开展隐患排查（县教育局牵头，县公安局配合）。", ["县教育局"], ["县公安局"]),
        ("抓安全。开展隐患排查，县教育局总牵头。", ["县教育局"], []),
        ("抓安全。开展隐患排查。（责任单位：安保股、基教股）", [], []),
        ("抓安全。开展隐患排查。责任单位：安保股、基教股。", [], []),
        ("抓安全。各学校校长为第一责任人，开展隐患排查。", ["各学校校长"], []),
    ],
)
def test_lead_and_cooperating_units_only_where_the_text_marks_them(
    words: str, lead: list[str], cooperating: list[str]
) -> None:
    (action,) = actions(words)
    assert "隐患排查" in action.quote
    assert [unit.value for unit in action.lead] == lead
    assert [unit.value for unit in action.cooperating] == cooperating


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        ("抓安全。开展隐患排查。（责任单位：安保股、基教股）", "安保股、基教股"),
        ("抓安全。开展隐患排查。责任科室：安保股。", "安保股"),
        ("抓安全。开展隐患排查。（安保股、基教股）", "安保股、基教股"),
        ("抓安全。各乡镇中心学校要逐校开展隐患排查。", "各乡镇中心学校"),
        ("抓安全。责任督学每月开展隐患排查。", "责任督学"),
        ("抓安全。县教育局、县财政局按照职责分工开展隐患排查。", "县教育局、县财政局"),
        ("抓安全。由县督导委员会办公室组织隐患排查。", "县督导委员会办公室"),
        ("抓安全。教育局为各学校组织隐患排查。", "教育局"),
        ("抓安全。应急管理局开展隐患排查。", "应急管理局"),
        ("抓安全。各督导组于3月底前开展隐患排查。", "各督导组"),
        ("抓安全。被督导学校3日内开展隐患排查。", "被督导学校"),
        ("抓安全。积极开展隐患排查。", None),
    ],
)
def test_the_subject_is_the_unit_of_the_sentence_else_the_list_behind_it(words: str, subject: str | None) -> None:
    (action,) = actions(words)
    assert (action.subject.value if action.subject else None) == subject
    assert not action.lead


def test_a_first_is_lead_rule_governs_the_lists_behind_it() -> None:
    notice = read_notice(
        "云溪县行动方案\n\n一、任务\n1.抓安全。开展隐患排查。（县公安局、县教育局，列首位的为牵头单位，下同）\n"
        "2.抓入学。完成学籍核查。（县教育局、各乡镇人民政府）\n"
    )
    leads = [[unit.value for unit in action.lead] for point in notice.sections[0].points for action in point.actions]
    assert leads == [["县公安局"], ["县教育局"]]


def test_columns_of_a_table_say_who_and_by_when() -> None:
    notice = read_notice(
        "重点任务分解表\n\n序号 | 重点任务 | 牵头单位 | 配合单位 | 完成时限 |\n"
        "1 | 建立督导台账，编印工作手册 | 督导室 | 基教股、人事股 | 2025年6月底前 |\n"
        "2 | 选聘责任督学 | 人事股 | 督导室 | 2025年9月 |\n"
    )
    first, second = notice.sections[0].points
    for action in first.actions:
        assert [unit.value for unit in action.lead] == ["督导室"]
        assert [unit.value for unit in action.cooperating] == ["基教股", "人事股"]
        assert action.deadline is not None and action.deadline.until == "2025-06-30"
    assert [action.quote for action in first.actions] == ["建立督导台账", "编印工作手册"]
    assert [action.quote for action in second.actions] == ["选聘责任督学"]


def test_times_belong_to_the_duty_in_whose_clause_they_stand() -> None:
    first, second, third = actions("抓评估。3月底前制定方案，5月起逐园开展评估，及时反馈意见。")
    assert first.deadline is not None and first.deadline.quote == "3月底前"
    assert third.vague_time is not None and third.vague_time.value == "及时"
    assert second.vague_time is None


def test_a_bracket_behind_the_title_gives_the_limit_of_all_duties_of_the_point() -> None:
    limits = [
        a.deadline and a.deadline.until for a in actions("自查阶段（3月1日—3月20日）。各学校开展自查，形成自查报告。")
    ]
    assert limits == ["2025-03-20", "2025-03-20"]


def test_jobs_of_a_month_are_duties_even_without_a_verb_and_verbs_make_several() -> None:
    notice = read_notice(
        "石桥县教育督导室2022—2023学年度第二学期工作安排\n\n三月份：\n1、教师培训情况专项督导（人事股配合）。\n"
        "2、制定学期计划，修订考核细则。\n四月份：\n1、幼儿园督导：卫生保健，一日活动。\n2、召开工作会，部署重点工作。\n"
    )
    read = [(a.quote, a.deadline and a.deadline.until) for s in notice.sections for p in s.points for a in p.actions]
    assert read == [
        ("教师培训情况专项督导", "2023-03"),
        ("制定学期计划", "2023-03"),
        ("修订考核细则", "2023-03"),
        ("幼儿园督导：卫生保健，一日活动", "2023-04"),
        ("召开工作会", "2023-04"),
    ]


def test_a_report_of_what_was_done_holds_duties_only_in_its_outlook() -> None:
    notice = read_notice(
        "云溪县2024年上半年教育督导工作总结\n\n一、主要工作\n1.抓督政。开展专项督导3次，印发通报2期。\n"
        "二、下半年打算\n2.抓督学。9月底前完成秋季开学督导。\n"
    )
    assert [[a.quote for p in s.points for a in p.actions] for s in notice.sections] == [[], ["完成秋季开学督导"]]


def test_units_in_a_sentence_of_their_own_and_a_bare_limit_govern_all_duties_before_them() -> None:
    first, second = actions("抓双减。控制作业总量。严禁违规培训。教体局牵头，市场监管局配合。")
    for action in (first, second):
        assert [unit.value for unit in action.lead] == ["教体局"]
        assert [unit.value for unit in action.cooperating] == ["市场监管局"]
    limits = [a.deadline and a.deadline.until for a in actions("抓队伍。制定办法，选聘督学，4月底前完成。")]
    assert limits == ["2025-04-30", "2025-04-30"]


def test_words_with_a_verb_that_is_not_known_are_still_the_duty_of_a_numbered_point() -> None:
    assert quotes("抓品牌。擦拭督导品牌。") == ["擦拭督导品牌"]


def test_what_an_inspection_looks_at_is_no_duty() -> None:
    assert quotes("安全情况。落实门卫制度、配备安保人员。", "督导内容") == []


def test_a_limit_in_the_bracket_of_the_units_governs_the_duties_before_it() -> None:
    (action,) = actions("抓安全。开展隐患排查。（牵头单位：安保股；配合单位：基教股；完成时限：6月底）")
    assert [unit.value for unit in action.cooperating] == ["基教股"]
    assert action.deadline is not None and action.deadline.until == "2025-06-30"


def test_both_halves_of_the_year_are_a_recurrence_and_how_often_may_stand_behind() -> None:
    (halves,) = actions("抓安全。上半年、下半年各开展1次校园安全专项督导。")
    assert halves.recurrence is not None and (halves.recurrence.rule, halves.recurrence.times) == ("half-yearly", 1)
    assert halves.deadline is None
    (termly,) = actions("抓安全。会同县公安局对校园周边开展整治，每学期不少于1次。")
    assert termly.recurrence is not None and termly.recurrence.rule == "termly"


def test_columns_may_be_grouped_before_the_number_or_have_no_number_at_all() -> None:
    for table in (
        "类别|序号|主要任务|牵头部门|时间节点\n保障|1|落实公用经费标准|县财政局|6月底\n保教|2|开展保教质量评估|县教育局|9月\n",
        "重点任务 | 具体要求 | 牵头部门 | 完成时限\n经费保障 | 落实公用经费标准 | 县财政局 | 6月底\n保教 | 开展保教质量评估 | 县教育局 | 9月\n",
    ):
        notice = read_notice(f"云溪县2025年学前教育任务分解表\n\n{table}")
        first, second = notice.sections[0].points
        assert [a.quote for a in (*first.actions, *second.actions)] == ["落实公用经费标准", "开展保教质量评估"]
        assert [[u.value for u in p.actions[0].lead] for p in (first, second)] == [["县财政局"], ["县教育局"]]
