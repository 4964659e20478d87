"""``make bench``: run all measurements, or those named: ``python -m bench pages``."""

import sys

from bench import draws, findings, imports, indicators, notices, pages, papers, teams

SUITES = {
    "draws": draws.run,
    "findings": findings.run,
    "imports": imports.run,
    "indicators": indicators.run,
    "notices": notices.run,
    "pages": pages.run,
    "papers": papers.run,
    "teams": teams.run,
}


def main(wanted: list[str]) -> int:
    """Print one line for each figure; exit code 1 when one is outside its limit."""
    bad = 0
    for name in wanted or SUITES:
        for figure, value, limit, ok in SUITES[name]():
            bad += not ok
            print(f"{'ok ' if ok else 'BAD'} {value:8.2f} (limit {limit})  {figure}", flush=True)
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
