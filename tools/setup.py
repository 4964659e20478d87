"""Set up the working copy: venv, locked packages, built assets. Standard library only; run again, it only mends.

Every failure ends in one line that says what to do.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"


def stop(message: str) -> None:
    sys.exit(f"dudao: {message}")


def run(*command: str, why: str) -> None:
    """Run one step; its output is shown only when it fails."""
    env = {
        **os.environ,
        "VIRTUAL_ENV": str(VENV),
        # Offices sit behind proxies with certificates of their own: trust what the system trusts.
        "UV_SYSTEM_CERTS": "1",
        "NODE_USE_SYSTEM_CA": "1",
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write((done.stdout + done.stderr)[-2000:] + "\n")
        stop(why)


def main() -> None:
    if sys.version_info < (3, 11):
        stop(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; try: make setup PY=python3.11")
    print("dudao: setting up (first time about a minute) ...", flush=True)
    if not (BIN / "python").exists():
        shutil.rmtree(VENV, ignore_errors=True)
        run(
            sys.executable,
            "-m",
            "venv",
            str(VENV),
            why="python3 has no venv module; install it (Debian: apt install python3-venv)",
        )
    network = (
        "packages could not be fetched: check the network or the package index settings, then run make setup again"
    )
    python = str(BIN / "python")
    if not (BIN / "uv").exists():
        run(
            python,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            "bootstrap.lock",
            why=network,
        )
    run(str(BIN / "uv"), "pip", "sync", "-q", "--require-hashes", "requirements.lock", why=network)
    run(
        str(BIN / "uv"),
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-e",
        ".",
        why="the project itself could not be installed",
    )
    run(str(BIN / "npm"), "ci", "--silent", why=network)
    run(python, "tools/assets.py", why="the assets could not be built; the lines above say why")
    (VENV / ".stamp").touch()
    print("dudao: ready", flush=True)


if __name__ == "__main__":
    main()
