"""The demo's training: last autumn's week that two did not finish, and this week's with a session today. All 示例."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from dudao.inspectors import queries as inspectors
from dudao.inspectors.models import Inspector
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.training import services as training
from dudao.training.models import Batch, Session
from dudao.training.services import Course, Elsewhere, Lesson, Said
from dudao.workbench.demo_numbers import scan

_AUTUMN = (
    ("教育督导法规政策（示例）", "policy"), ("督导评估工具与现场核查（示例）", "monitoring"), ("责任督学到校督导实务（示例）", "school"),
    ("督政与整改回头看（示例）", "government"), ("督导案例研讨（示例）", "theory"),
)  # fmt: skip


def hold(*, who: Callable[[str], Actor], now: datetime) -> None:
    """A week last autumn with test and certificates, a week this spring in its middle, plans, and hours from elsewhere."""
    staff, director, today = who("shili-zhuanzhi"), who("shili-zhuren"), day_of(now)
    keys = [one.key for one in inspectors.roster(staff.county, day=today)]
    found = Inspector.objects.select_related("person").in_bulk(keys)
    people = [found[key] for key in keys]
    by: dict[str, Any] = {"by": staff, "now": now}
    _autumn(people, director=director, by=by)
    _spring(people, today=today, by=by)
    _elsewhere(people, director=director, by=by)
    training.plan_batch(
        course=Course(
            2024, "国家教育行政学院督学培训班（示例）", "national", "class", date(2024, 9, 9), date(2024, 9, 20), ("theory", "school"),
            "国家教育行政学院（示例）", "北京", seats=2,
        ),
        **by,
    )  # fmt: skip


def _autumn(people: list[Inspector], *, director: Actor, by: dict[str, Any]) -> None:
    """Forty hours in five days. One was on leave for a day, one left at noon and was absent for a day."""
    first = date(2023, 11, 6)
    batch = training.plan_batch(
        course=Course(
            2023, "2023年秋季督学集中培训（示例）", "county", "class", first, first + timedelta(days=4),
            tuple(area for _, area in _AUTUMN), "县人民政府教育督导室（示例）", "县教师进修学校（示例）",
        ),
        **by,
    )  # fmt: skip
    training.invite(batch=batch, inspectors=people, **by)
    ill, busy = people[5], people[17]
    for at, (title, area) in enumerate(_AUTUMN):
        where = _session(batch, title, area, day=first + timedelta(days=at), hours=Decimal(8), by=by)
        rows = []
        for person in people:
            if person == ill and at == 2:
                rows.append(Said(person, "leave", None, "病假（示例）"))
            elif person == busy and at == 3:
                rows.append(Said(person, "absent"))
            else:
                rows.append(Said(person, "present", Decimal("4.5") if person == busy and at == 4 else None))
        training.record_attendance(session=where, rows=rows, **by)
    exam = training.set_exam(
        batch=batch, title="结业测试（示例）", day=batch.ends_on, areas=("school", "policy"), full=Decimal(100), pass_mark=Decimal(60),
        **by,
    )  # fmt: skip
    points = {person: Decimal(57 + at * 7 % 41) for at, person in enumerate(people) if person != busy}
    training.record_scores(exam=exam, base_version=exam.version, points=points, **by)
    done = [person for person, value in points.items() if value >= exam.pass_mark and person != ill]
    training.issue_certificates(batch=batch, inspectors=done, issued_on=date(2023, 11, 20), by=director, now=by["now"])


def _spring(people: list[Inspector], *, today: date, by: dict[str, Any]) -> None:
    """This week's: Monday is on record but for two, today's session is open to sign in."""
    first = today - timedelta(days=today.weekday())
    batch = training.plan_batch(
        course=Course(
            today.year, "春季责任督学培训（示例）", "county", "class", first, first + timedelta(days=4), ("school", "technique"),
            "县人民政府教育督导室（示例）", "县教师进修学校（示例）", seats=30,
        ),
        **by,
    )  # fmt: skip
    training.invite(batch=batch, inspectors=people[:24], **by)
    held = _session(batch, "一日常规督导怎么做（示例）", "school", day=first, hours=Decimal(6), by=by)
    training.record_attendance(session=held, rows=[Said(person, "present") for person in people[:22]], **by)
    _session(
        batch,
        "督导系统手机操作（示例）",
        "technique",
        day=today,
        hours=Decimal("3.5"),
        by=by,
        opens_before=180,
        closes_after=720,
    )
    _session(batch, "听课评课与反馈（示例）", "school", day=first + timedelta(days=4), hours=Decimal(6), by=by)


def _session(
    batch: Batch, title: str, area: str, *, day: date, hours: Decimal, by: dict[str, Any], **more: Any
) -> Session:
    lesson = Lesson(title, day, time(9), time(17), hours, (area,), "县教师进修学校（示例）", "示例教师", **more)
    return training.add_session(batch=batch, lesson=lesson, **by)


def _elsewhere(people: list[Inspector], *, director: Actor, by: dict[str, Any]) -> None:
    """A course of the region that was accepted, one online that waits."""
    for at, (title, level, kind, first, last, hours, number) in enumerate((
        ("自治区督学能力提升班（示例）", "region", "class", date(2023, 10, 16), date(2023, 10, 20), 36, "示例ZZQ001"),
        ("国家智慧教育平台督导专题（示例）", "national", "online", date(2024, 3, 1), date(2024, 3, 20), 12, ""),
    )):  # fmt: skip
        said = Elsewhere(
            title, level, kind, "示例主办单位", first, last, Decimal(hours), ("theory", "monitoring")[: 2 - at], number
        )
        claim = training.claim_hours(inspector=people[3 + at], elsewhere=said, proofs=[scan("学时证明")], **by)
        if level == "region":
            training.decide_claim(
                claim=claim, base_version=claim.version, accepts=True, decision="", decided_on=day_of(by["now"]), by=director,
                now=by["now"],
            )  # fmt: skip
