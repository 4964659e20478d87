"""Run a command against a throw-away PostgreSQL: ``python tools/pg.py pytest tests``.

Needs PostgreSQL's server programs (``make system-deps``) and no right of its own: as root it drops to another user.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


def programs() -> Path | None:
    """The folder of initdb and pg_ctl: ``PG_BIN``, Debian's, or the one on PATH."""
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if initdb := shutil.which("initdb"):
        found.append(Path(initdb).parent)
    if given := os.environ.get("PG_BIN"):
        found.insert(0, Path(given))
    return next((folder for folder in found if (folder / "initdb").exists()), None)


def _somebody() -> dict[str, object]:
    """PostgreSQL refuses root; then its programs run as ``postgres`` or ``nobody``."""
    if os.geteuid():
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return {}


@contextlib.contextmanager
def postgres(port: int = 54329) -> Iterator[dict[str, str]]:
    """A running server on a socket in a folder of its own; yields the environment that leads to it."""
    folder = programs()
    if folder is None:
        sys.exit("PostgreSQL server programs are missing: make system-deps")
    who = _somebody()
    base = Path(tempfile.mkdtemp(prefix="dudao-pg-"))
    base.chmod(0o755)
    if who:
        os.chown(base, who["user"], who["group"])  # type: ignore[arg-type]
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}

    def run(*command: str) -> None:
        subprocess.run(command, cwd=base, env=env, check=True, stdout=subprocess.DEVNULL, **who)  # type: ignore[call-overload]

    data = str(base / "data")
    run(str(folder / "initdb"), "-D", data, "-U", "dudao", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    options = (
        f"-k {base} -p {port} -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c max_connections=200"
    )
    control = str(folder / "pg_ctl")
    run(control, "-D", data, "-w", "-l", str(base / "log"), "-o", options, "start")
    try:
        yield {
            "PGHOST": str(base),
            "PGPORT": str(port),
            "PGUSER": "dudao",
            "DATABASE_URL": "postgresql:///postgres",
            "PG_BIN": str(folder),
        }
    finally:
        run(control, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    with postgres() as environment:
        code = subprocess.run(sys.argv[1:], env={**os.environ, **environment}, check=False).returncode
    sys.exit(code)
