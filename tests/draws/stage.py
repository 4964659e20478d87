"""Draws for tests: prepared, frozen, seeded, drawn by the office."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from dudao.draws import services
from dudao.draws.content import Line
from dudao.draws.models import Draw
from tests.cast import NOW, Cast, unit

#: The day of the named event, and the moment after it.
EVENT_ON = date(2024, 4, 12)
LATER = datetime(2024, 4, 12, 14, 0, tzinfo=UTC)
SOURCES = "https://www.example.gov.cn/kj（示例）"
#: The test vector of PPS.
SIZES = (120, 80, 200, 60, 140)


def lines(n: int = 10, *, sizes: tuple[int, ...] = (), strata: tuple[str, ...] = ()) -> list[Line]:
    return [
        Line(f"S{at:03}", f"示例{at}校", strata[at % len(strata)] if strata else "", sizes[at] if sizes else None)
        for at in range(n)
    ]


def school_lines(cast: Cast, n: int = 6) -> list[Line]:
    """Lines of schools of the register."""
    schools = [unit(f"示例第{at}校", f"21640010{at:02}") for at in range(n)]
    return [Line(one.code, f"示例第{at}校", "", None, str(one.pk)) for at, one in enumerate(schools)]


def prepared(
    cast: Cast, listed: list[Line] | None = None, *, method: str = "simple", take: Any = 3, **more: Any
) -> Draw:
    by = cast.office.actor
    draw = services.prepare(
        purpose="食堂专项督导抽取（示例）", method=method, held_on=date(2024, 4, 22), by=by, now=NOW, **more
    )
    services.set_lines(draw=draw, base_version=draw.version, lines=listed or lines(), origin="示例", by=by, now=NOW)
    services.set_take(draw=draw, base_version=draw.version, take=take, by=by, now=NOW)
    return draw


def named(draw: Draw, cast: Cast) -> Draw:
    services.name_event(
        draw=draw, base_version=draw.version, event="双色球第2024042期开奖号码（示例）", event_on=EVENT_ON,
        by=cast.office.actor, now=NOW,
    )  # fmt: skip
    return draw


def frozen(cast: Cast, *args: Any, **more: Any) -> Draw:
    draw = named(prepared(cast, *args, **more), cast)
    services.freeze_draw(draw=draw, base_version=draw.version, by=cast.office.actor, now=NOW)
    return draw


def seeded(cast: Cast, *args: Any, seed: str = "03 11 18 22 27 31+09", **more: Any) -> Draw:
    draw = frozen(cast, *args, **more)
    services.say_seed(
        draw=draw, base_version=draw.version, seed=seed, seed_from=SOURCES, on=EVENT_ON, by=cast.office.actor, now=LATER
    )
    return draw


def drawn(cast: Cast, *args: Any, **more: Any) -> Draw:
    draw = seeded(cast, *args, **more)
    services.run(draw=draw, base_version=draw.version, by=cast.office.actor, now=LATER + timedelta(minutes=1))
    return draw
