"""Lint, format, types, contracts, templates, migrations: everything that reads code without running the tests."""

import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
STEPS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("lint-imports",),
    ("mypy",),
    ("djlint", "--lint", "--quiet", "src"),
    ("dudao", "makemigrations", "--check", "--dry-run"),
)


def main() -> int:
    env = {**os.environ, "DUDAO_MODE": "test"}
    failed = [step for step in STEPS if subprocess.run([BIN / step[0], *step[1:]], env=env, check=False).returncode]
    for step in failed:
        print("failed:", " ".join(step), file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
