"""What the papers of an inspection are filled with, from the inspection and its findings."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from dudao.findings.models import Finding
from dudao.inspections.models import Inspection, TeamMember
from dudao.procedures.queries import Effective
from dudao_engines.papers.text import chinese_day

Row = Mapping[str, str]
Values = dict[str, str | list[Row]]
#: Papers of an inspection in the order in which they come, by kind.
PAPERS = ("inspection-notice", "preliminary-opinion", "opinion", "inspection-report")


def span(first: date, last: date) -> str:
    """2024年3月11日至13日."""
    if first == last:
        return chinese_day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{chinese_day(first)}至{last.day}日"
    if first.year == last.year:
        return f"{chinese_day(first)}至{last.month}月{last.day}日"
    return f"{chinese_day(first)}至{chinese_day(last)}"


def within(limit: Effective, start: str) -> str:
    """收到本意见之日起10日内; open where the limit says no number."""
    return f"{start}起{limit.amount}{limit.unit}内" if limit.enabled and limit.amount else ""


_HEARD = {
    "defend": "对初步督导意见，你单位提出申辩",
    "accept": "对初步督导意见，你单位表示没有异议",
    "analyse": "我室综合分析认为",
}


def values(
    kind: str,
    inspection: Inspection,
    *,
    unit: str,
    team: Sequence[TeamMember],
    found: Sequence[Finding],
    units: Mapping[UUID, str],
    limits: Mapping[str, Effective],
    heard: Sequence[tuple[str, str]],
    county: str,
) -> Values:
    """The values of one paper by the fields of its template; what nobody knows stays open.

    Args:
        found: the findings that stand, in the order of their numbers; ``units`` names their departments.
        heard: what the unit said to the preliminary opinion, and what came of it: pairs of act and words.
        county: what the county government is called, to which the report goes.
    """
    days = span(inspection.begin_on, inspection.end_on)
    common: Values = {"被督导单位": unit, "督导事项": _named(inspection), "督导时间": days}
    if kind == "inspection-notice":
        return common | {
            "督导内容": _listed(inspection.matter_lines),
            "督导方式": "听取汇报、查阅资料、实地查看、问卷和访谈，征求公众意见，并专门听取学生、家长和教师的意见。",
            "督导小组": [
                {"姓名": one.name, "单位及职务": one.post_words, "分工": one.get_role_display()} for one in team
            ],
        }
    if kind == "preliminary-opinion":
        return common | {
            "申辩期限": within(limits["L_DEFENCE"], "收到本意见之日"),
            "问题": [{"问题描述": told(one), "依据": one.basis} for one in found],
        }
    if kind == "opinion":
        return common | {
            "申辩情况": "".join(
                f"{_HEARD[act]}：{words.strip().rstrip('。；')}。" for act, words in heard if words.strip()
            ),
            "问题": [
                {
                    "编号": one.number,
                    "问题描述": told(one),
                    "依据": one.basis,
                    "整改要求": one.wanted or f"对“{one.title}”整改到位",
                    "整改期限": chinese_day(one.due_on) if one.due_on else "",
                    "责任单位": units.get(one.department_id, "") if one.department_id else unit,
                }
                for one in found
            ],
        }
    return {
        "主送机关": county,
        "督导事项": _named(inspection),
        "督导对象": unit,
        "督导时间": days,
        "主要问题": _listed([told(one) for one in found]) or "本次督导没有发现需要整改的问题。",
        "整改要求": _listed([f"{one.wanted or one.title}（{_until(one.due_on)}）" for one in found])
        or "没有需要限期整改的事项。",
    }


def told(finding: Finding) -> str:
    """A problem in one line: what it is, and the facts where they say more."""
    facts = " ".join(finding.facts.split())
    if not facts or facts.rstrip("。") == finding.title.rstrip("。"):
        return f"{finding.title.rstrip('。')}。"
    return f"{finding.title.rstrip('。')}。{facts}"


def _named(inspection: Inspection) -> str:
    kind = inspection.get_kind_display()
    return inspection.title if inspection.title.endswith("督导") else f"{inspection.title}{kind}"


def _listed(lines: Sequence[str]) -> str:
    if len(lines) == 1:
        return lines[0]
    return "\n".join(f"{at}.{line.rstrip('。；')}。" for at, line in enumerate(lines, 1))


def _until(day: date | None) -> str:
    return f"{chinese_day(day)}前完成" if day else "期限待定"
