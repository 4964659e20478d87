"""The demo's draws: one of a week ago that is done, with inspectors and recusals; one frozen yesterday that waits for its seed."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from dudao.draws import queries, services
from dudao.inspectors import queries as inspectors
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of


def draw(*, units: Mapping[str, UUID], who: Callable[[str], Actor], now: datetime) -> None:
    """Two draws by the office."""
    by = who("shili-zhuanzhi")
    earlier = now - timedelta(days=7)
    day = day_of(now)
    canteens = services.prepare(
        purpose="2024年春季学校食堂专项督导抽取学校和督学（示例）", method="simple", held_on=day + timedelta(days=12), by=by, now=earlier
    )  # fmt: skip
    lines = queries.from_register(by, day=canteens.held_on, kinds=("school",))
    services.set_lines(
        draw=canteens, base_version=canteens.version, lines=lines, origin="单位名册（类别：学校）", by=by, now=earlier
    )
    services.set_take(draw=canteens, base_version=canteens.version, take=4, by=by, now=earlier)
    able = [one.key for one in inspectors.roster(by.county, day=canteens.held_on) if one.is_certified(canteens.held_on)]
    services.set_people(
        draw=canteens, base_version=canteens.version, inspectors_=able, each=3, most=1, by=by, now=earlier
    )
    services.name_event(
        draw=canteens, base_version=canteens.version, event="福利彩票双色球开奖号码，红球由小到大再加蓝球，连写（示例）",
        event_on=day_of(now - timedelta(days=5)), by=by, now=earlier,
    )  # fmt: skip
    services.freeze_draw(draw=canteens, base_version=canteens.version, by=by, now=earlier)
    services.open_draw(draw=canteens, base_version=canteens.version, is_open=True, by=by, now=earlier)
    later = now - timedelta(days=5)
    services.say_seed(
        draw=canteens, base_version=canteens.version, seed="03111822273109", seed_from="开奖公告（示例）", on=day_of(later), by=by,
        now=later,
    )  # fmt: skip
    services.run(
        draw=canteens,
        base_version=canteens.version,
        witnesses="纪检监察组 某某（示例）",
        by=who("shili-zhuren"),
        now=later,
    )
    _waiting(by=by, now=now)


def _waiting(*, by: Actor, now: datetime) -> None:
    """Kindergartens by kind of sponsor, frozen yesterday; the event is the day after tomorrow."""
    yesterday = now - timedelta(days=1)
    row = services.prepare(
        purpose="2024年幼儿园规范办园抽查（示例）", method="stratified", held_on=day_of(now) + timedelta(days=20), by=by, now=yesterday
    )  # fmt: skip
    lines = queries.from_register(by, day=row.held_on, kinds=("kindergarten",), strata="sponsor")
    services.set_lines(
        draw=row,
        base_version=row.version,
        lines=lines,
        origin="单位名册（类别：幼儿园；按什么分层：办学性质）",
        by=by,
        now=yesterday,
    )
    take = {name: min(3, sum(one.stratum == name for one in lines)) for name in {one.stratum for one in lines}}
    services.set_take(draw=row, base_version=row.version, take=take, by=by, now=yesterday)
    services.name_event(
        draw=row, base_version=row.version, event="福利彩票双色球开奖号码，红球由小到大再加蓝球，连写（示例）",
        event_on=day_of(now) + timedelta(days=2), by=by, now=yesterday,
    )  # fmt: skip
    services.freeze_draw(draw=row, base_version=row.version, by=by, now=yesterday)
