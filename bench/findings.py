"""Findings: pages over 100 000 of them as a ratio to an empty page on the same server, and a night run that stays linear."""

import sys

from bench import pages

# A tenth, and all.
SIZES = (10_000, 100_000)
PAGES = {
    "workbench": "/",
    "register": "/findings/",
    "register, late ones": "/findings/?chip=late",
    "queue": "/findings/queue/",
}
# The night run may take so much more for a finding where there are ten times as many.
LINEAR = 1.5
STATEMENTS = 12.0


def run() -> list[tuple[str, float, float, bool]]:
    """Measure.

    Returns:
        The night run's time for a finding of the larger size over that of the smaller; its statements for a batch of 500;
        for each page its pages per second over those of the empty page.
    """
    small, large = SIZES
    with pages.server("bench.fill_findings", small) as (_, [*_, few, _, _]):
        before = float(few)
    with pages.server("bench.fill_findings", large) as (port, [*_, late, seconds, statements, cookie]):
        found = pages.ratios(port, cookie, {**PAGES, "one finding": f"/findings/{late}/"})
    ratio = round(float(seconds) / large / (before / small), 2)
    each = round(float(statements), 2)
    return [
        (f"findings: night run for each of {large} : of {small}", ratio, LINEAR, ratio <= LINEAR),
        ("findings: statements of the night run for 500 matters", each, STATEMENTS, each <= STATEMENTS),
        *(
            (f"findings: {name} : empty page, per second", round(value, 2), pages.LIMIT, value >= pages.LIMIT)
            for name, value in found.items()
        ),
    ]


if __name__ == "__main__":
    for name, value, limit, ok in run():
        sys.stdout.write(f"{'ok ' if ok else 'BAD'} {value:8.2f} (limit {limit})  {name}\n")
