"""The demo's complaints: one in each state, from boards and by phone. All 示例."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dudao.complaints import services
from dudao.complaints.models import Complaint
from dudao.complaints.services import Said
from dudao.duties import queries as duties
from dudao.findings.services import Facts
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of

_STEPS: Mapping[str, Callable[..., Complaint]] = {
    "accept": services.accept, "refuse": services.refuse, "hand": services.hand, "report": services.report,
    "answer": services.answer, "close": services.close,
}  # fmt: skip


def take(*, units: Mapping[str, UUID], who: Callable[[str], Actor], now: datetime) -> None:
    """Open the form behind the boards, and take eight complaints to where each stands."""
    office = who("shili-zhuanzhi")
    county, today = office.county, day_of(now)
    services.change_setting(
        base_version=0, is_open=True, accept_days=None, answer_days=None, source="", by=who("shili-zhuren"), now=now
    )
    held = duties.responsible_for(county, list(units.values()), day=today)

    def said(code: str, day: date, words: str, **more: Any) -> Complaint:
        source = more.pop("source", "board")
        by = system(county) if source == "board" else office
        facts = {"kind": "complaint", "name": "示例家长", "contact": "13900000000", **more}
        return services.receive(
            said=Said(unit=units[code], source=source, received_on=day, words=f"{words}（示例）", **facts),
            sent_key=None,
            by=by,
            now=now,
        )

    def go(row: Complaint, step: str, day: date, **facts: Any) -> None:
        _STEPS[step](complaint=row, base_version=row.version, occurred_on=day, by=office, now=now, **facts)

    def hand(row: Complaint, title: str, day: date, unit: str = "") -> None:
        go(row, "accept", day, title=f"{title}（示例）", about=None)
        follower = held[row.unit_id][0].person
        words = "到校核实，十日内报告（示例）"
        go(row, "hand", day, follower=follower, unit=units[unit] if unit else None, words=words, shows_words=False)

    said("SL-XX02", date(2024, 4, 9), "下午延时服务收了两次费")
    said("SL-YG02", date(2024, 3, 20), "接送时园门口车太多，没有人管", name="", contact="")
    row = said("SL-XX01", date(2024, 3, 28), "校门口摊贩卖过期零食")
    go(
        row,
        "refuse",
        date(2024, 3, 29),
        ground="elsewhere",
        words="校外摊贩由市场监管部门查处，已经告知学校配合（示例）",
    )
    row = said("SL-XX03", date(2024, 3, 25), "四年级语文作业每天要写到九点以后")
    hand(row, "四年级语文作业量", date(2024, 3, 27))
    row = said("SL-XX04", date(2024, 3, 18), "课间不让学生出教室")
    hand(row, "课间活动", date(2024, 3, 19))
    go(row, "report", date(2024, 3, 26), words="到校两次，三年级两个班课间不让出教室，学校已经纠正（示例）")
    row = said("SL-XX05", date(2024, 3, 5), "食堂的汤是凉的", source="phone", title="食堂饭菜温度（示例）")
    hand(row, "食堂饭菜温度", date(2024, 3, 6))
    go(row, "report", date(2024, 3, 11), words="查看留样和测温记录，汤低于要求（示例）")
    facts = Facts(
        unit=row.unit_id, source="", basis="学校食品安全与营养健康管理（示例）", title="食堂汤品温度不足（示例）",
        facts="查看测温记录三天，两天低于要求（示例）", found_on=date(2024, 3, 11),
    )  # fmt: skip
    services.make_finding(complaint=row, base_version=row.version, facts=facts, by=office, now=now)
    go(
        row, "answer", day_of(now), verdict="true", way="phone", words="反映属实，学校换了保温设备，督导室列为问题跟踪整改（示例）"
    )  # fmt: skip
    row = said("SL-XX11", date(2024, 3, 11), "希望把家长开放日提前公布", kind="suggestion")
    go(row, "accept", date(2024, 3, 12), title="提前公布家长开放日（示例）", about=None)
    go(
        row,
        "answer",
        date(2024, 3, 15),
        verdict="none",
        way="code",
        words="学校已在网页公布本学期安排，谢谢建议（示例）",
    )
    go(row, "close", date(2024, 3, 22))
    about = held[units["SL-XX12"]][0].person
    said(
        "SL-XX12",
        date(2024, 4, 7),
        "督学到校没有出示督学证",
        source="phone",
        about=about,
        title="到校未出示督学证（示例）",
    )
