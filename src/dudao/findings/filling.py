"""What the papers of the loop say, as far as the finding and the measure know it; the rest stands open on the paper."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from dudao.findings.models import Case, Finding, Measure
from dudao.procedures import library
from dudao.procedures.models import Act
from dudao.shell.templatetags.parts import fullday

Values = dict[str, Any]
#: Kinds of papers that are drafted from a finding, and from a measure by its kind.
OF_FINDING = ("rectification-notice", "recheck-record", "look-back-record")
OF_MEASURE = {
    Measure.Kind.ORDER: ("supervision-order",),
    Measure.Kind.TALK: ("talk-notice", "talk-record"),
    Measure.Kind.CIRCULAR: ("circular-notice", "circular"),
    Measure.Kind.EXPOSURE: ("circular-notice",),
    Measure.Kind.REWARD: ("reward",),
}
#: Kinds of papers that are drafted from a case.
OF_CASE = ("accountability-notice", "accountability-decision", "transfer-letter")
#: What an order says of how things were put right, by its grounds.
_ORDERED = {"not_timely": "不及时", "not_in_place": "不到位"}
_ARTICLE_25 = "《教育督导条例》第二十五条"


def of_finding(kind: str, finding: Finding, *, unit: str, acts: Sequence[Act], by_name: str, today: date) -> Values:
    """The fields of a paper about one finding.

    Args:
        acts: of the finding, the earliest first.
        by_name: who drafts it, the inspector or the one who rechecks.
    """
    last = {act.code: act for act in acts}
    if kind == "rectification-notice":
        row = {"编号": finding.number, "问题描述": _words(finding), "依据": finding.basis}
        days = (finding.due_on - today).days if finding.due_on and finding.due_on > today else ""
        return {
            "单位": unit, "督学": by_name, "督导时间": fullday(finding.found_on), "问题": [row],
            "整改要求": finding.wanted, "整改期限": str(days),
        }  # fmt: skip
    common: Values = {"单位": unit, "问题编号": finding.number, "问题描述": _words(finding)}
    if kind == "recheck-record":
        check = next((act for act in reversed(acts) if act.code in ("recheck_passed", "recheck_failed")), None)
        report = last.get("report")
        return common | {
            "整改要求": finding.wanted,
            "整改期限": finding.due_on or "",
            "整改情况": f"{fullday(report.occurred_on)}报告：{report.words}" if report else "",
            "核查方式": "",
            "核查人": check.by_name if check else by_name,
            "核查日期": check.occurred_on if check else today,
            "证据": check.words if check else "",
            "结论": {"recheck_passed": "销号", "recheck_failed": "不到位"}[check.code] if check else "",
        }
    looked = last.get("look_back_passed") or next((a for a in reversed(acts) if a.code == "relapse"), None)
    relapsed = looked is not None and looked.code == "relapse"
    return common | {
        "销号日期": finding.closed_on or "",
        "复查日期": looked.occurred_on if looked else today,
        "复查情况": looked.words if looked else "",
        "是否反弹": ("是" if relapsed else "否") if looked else "",
        "反弹次数": str(finding.relapses),
        "复查人": looked.by_name if looked else by_name,
    }


def of_measure(
    kind: str, measure: Measure, findings: Sequence[Finding], *, unit: str, ordinal: int, opinions: str,
    acts: Sequence[Act], by_name: str, hearing: str, due_on: date | None,
    today: date,
) -> Values:  # fmt: skip
    """The fields of a paper of a measure.

    Args:
        ordinal: which order of these findings it is.
        opinions: numbers of the papers by which the unit was first told.
        hearing: the time to answer, in words.
        due_on: until when it is wanted, as far as it is known.
    """
    grounds = "、".join(library.ground_names("measure", measure.grounds))
    lines = [f"{n}.{_words(one)}（问题 {one.number}，依据：{one.basis}）" for n, one in enumerate(findings, 1)]
    plea = next((act.words for act in reversed(acts) if act.code == "plead"), "")
    basis = measure.origin_words or _ARTICLE_25
    made: dict[str, Callable[[], Values]] = {
        "supervision-order": lambda: {
            "主送单位": unit,
            "事由": "、".join(words for ground, words in _ORDERED.items() if ground in measure.grounds),
            "督办次数": str(ordinal), "原意见书文号": opinions,
            "问题": [_late(one, today) for one in findings],
            "督办要求": measure.wanted, "办结期限": due_on or "", "联系人": by_name,
        },
        "talk-notice": lambda: {
            "被约谈单位": unit, "被约谈人员": "主要负责人", "事由": [measure.title, *lines],
            "需准备材料": "整改情况的书面说明和佐证材料", "联系人": by_name,
        },
        "talk-record": lambda: {
            "事由": measure.title, "被约谈单位": unit, "问题": lines or measure.wanted, "记录人": by_name,
        },
        "circular-notice": lambda: {
            "被通报单位": unit, "事由": grounds, "事实": lines or measure.wanted, "依据": _ARTICLE_25,
            "拟通报范围": "全县教育系统" if measure.kind == Measure.Kind.CIRCULAR else "", "陈述申辩期限": hearing,
            "申辩方式": "书面提出，或者在本系统中提出", "联系人": by_name,
        },
        "circular": lambda: {
            "通报对象": unit, "事由": grounds, "事实": lines or measure.wanted, "依据": _ARTICLE_25,
            "申辩情况": f"{unit}陈述申辩：{plea}" if plea else "", "责令改正要求": measure.wanted or measure.title,
            "改正期限": due_on or "",
        },
        "reward": lambda: {
            "对象": unit, "事由": measure.wanted or measure.title,
            "依据": measure.origin_words or basis if measure.origin_words else grounds, "名单": unit,
        },
    }  # fmt: skip
    return made[kind]()


def of_case(
    kind: str, case: Case, findings: Sequence[Finding], *, unit: str, acts: Sequence[Act], hearing: str, by_name: str
) -> Values:  # fmt: skip
    """The fields of a paper of a case, as far as the case knows them.

    Args:
        acts: of the case, the earliest first; hearing: the time to answer, in words.
    """
    last = {act.code: act.words for act in acts if act.round == case.round}
    proven = last.get("establish_facts", "")
    lines = [f"{n}.{_words(one)}（问题 {one.number}，依据：{one.basis}）" for n, one in enumerate(findings, 1)]
    facts = [line for line in (proven, *lines) if line]
    grounds = "、".join(library.ground_names("accountability", case.grounds))
    methods = "、".join(name.split("：")[1] for name in case.method_names)
    who = case.persons or unit
    heavier = "一年内已被教育督导问责，依照《教育督导问责办法》从重。" if case.heavier else ""
    basis = [f"《教育督导问责办法》：{grounds}。", *([heavier] if heavier else [])]
    if kind == "accountability-notice":
        return {
            "对象": unit, "拟认定事实": facts, "依据": basis, "拟采取方式": methods, "陈述申辩期限": hearing,
            "申辩方式": "书面提出", "联系人": by_name,
        }  # fmt: skip
    if kind == "accountability-decision":
        return {
            "对象": unit, "基本情况": [who], "问责事实": facts, "申辩情况": last.get("plead", ""), "问责依据": basis,
            "问责方式": methods, "生效时间": "自印发之日起生效",
        }  # fmt: skip
    return {
        "对象": who, "事实": facts, "依据": f"《教育督导问责办法》：{grounds}", "证据目录": [],
        "建议": "、".join(Case.Method(one).label.split("：")[1] for one in case.methods if one in Case.BY_OTHERS),
        "联系人": by_name,
    }  # fmt: skip


def _words(finding: Finding) -> str:
    said = " ".join(finding.facts.split())
    return f"{finding.title}。{said}" if said and said != finding.title else finding.title


def _late(finding: Finding, today: date) -> Values:
    late = (today - finding.due_on).days if finding.due_on else 0
    return {
        "编号": finding.number, "问题描述": finding.title, "原定期限": finding.due_on or "",
        "逾期天数": str(late) if late > 0 else "0", "现状": finding.state_words,
    }  # fmt: skip
