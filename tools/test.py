"""Run every group of tests and say how long each took. ``python tools/test.py [group ...]``

A group whose system part is missing is shown as skipped, with the command that installs it; ``DUDAO_REQUIRE=browser,pg,office,spark``
turns such a skip into a failure.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from pg import programs

PYTHON = sys.executable
PYTEST = (PYTHON, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal")
PG = (PYTHON, "tools/pg.py")
REQUIRED = set(filter(None, os.environ.get("DUDAO_REQUIRE", "").split(",")))


def chromium() -> bool:
    return any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))


def spark() -> bool:
    return shutil.which("java") is not None and importlib.util.find_spec("pyspark") is not None


# name, what it needs (key of DUDAO_REQUIRE, is it here), command
GROUPS = (
    ("sqlite", None, True, (*PYTEST, "-m", "not browser and not pg and not spark", "tests")),
    ("browser", "browser", chromium(), (*PYTEST, "-m", "browser", "tests/browser")),
    (
        "postgres",
        "pg",
        programs() is not None,
        (
            *PG,
            *PYTEST,
            "-m",
            "not browser",
            "tests",
            "--ignore=tests/engines",
            "--ignore=tests/architecture",
        ),
    ),
    ("engines on postgres", "pg", programs() is not None, (*PG, *PYTEST, "-m", "pg", "tests/engines/standards")),
    # One process: each starts a Java machine of its own.
    ("engines on spark", "spark", spark(), (PYTHON, "-m", "pytest", "-q", "-m", "spark", "tests/engines/standards")),
    (
        "browser on postgres",
        "pg",
        programs() is not None and chromium(),
        (*PG, *PYTEST, "-m", "browser", "tests/browser"),
    ),
)


def main(wanted: list[str]) -> int:
    report, failed = [], False
    for name, needs, here, command in GROUPS:
        if wanted and name not in wanted:
            continue
        if not here:
            required = needs in REQUIRED
            failed |= required
            install = "make system-deps spark" if needs == "spark" else "make system-deps"
            report.append(f"{name:20} {'MISSING' if required else 'skipped'}: {install}")
            continue
        print(f"== {name}", flush=True)
        start = time.monotonic()
        code = subprocess.run(command, env={**os.environ, "DUDAO_MODE": "test"}, check=False).returncode
        failed |= code != 0
        report.append(f"{name:20} {'failed' if code else 'passed'} in {(time.monotonic() - start) / 60:.1f} min")
    print("\n".join(["", *report]))
    return int(failed)


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parent.parent)
    sys.exit(main(sys.argv[1:]))
