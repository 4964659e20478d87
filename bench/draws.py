"""A nation's 500 000 schools: one draw against sorting the same list."""

import random
import time
from collections.abc import Callable
from datetime import date

from dudao_engines import draws
from dudao_engines.draws import Method, Plan, Unit
from dudao_engines.draws.frozen import Frozen

LIMIT = 3.0
_UNITS, _TAKE, _TIMES = 500_000, 5_000, 3
_DAY = date(2024, 4, 14)


def run() -> list[tuple[str, float, float, bool]]:
    """Measure.

    Returns:
        Name, processor time of a draw over that of sorting its list by key (each the best of its runs), limit, whether it holds.
    """
    chance = random.Random(20240410)
    units = [
        Unit(f"21{chance.randrange(10**10):010}{n:06}", "示例", size=chance.randint(20, 3000)) for n in range(_UNITS)
    ]
    sorting = _best(lambda: sorted(units, key=lambda one: one.key))
    said = []
    for method in (Method.SIMPLE, Method.SYSTEMATIC, Method.LASTING):
        plan = Plan("示例", method, _TAKE, units, date(2024, 4, 10), "示例事件", _DAY)
        frozen = Frozen({}, "0" * 64, "", plan)
        drawing = _best(lambda frozen=frozen: draws.draw(frozen, ["示例"], on=_DAY))  # type: ignore[misc]
        ratio = round(drawing / sorting, 2)
        told = f"draws: {method} of {_UNITS} units, {drawing:.2f} s : sorting them by key, {sorting:.2f} s"
        said.append((told, ratio, LIMIT, ratio <= LIMIT))
    return said


def _best(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(_TIMES):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)
