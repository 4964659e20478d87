"""A database as a file and back: the one place of the application with hand-written SQL, because no ORM copies a database.

Both ways take a consistent picture while others write: ``VACUUM INTO`` on SQLite, a snapshot shared with ``pg_dump`` on
PostgreSQL. Rows are counted in the same picture.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from dudao.shell.errors import Refused

SQLITE, POSTGRESQL = "sqlite", "postgresql"


def dump(alias: str, target: Path) -> dict[str, int]:
    """Write a database into one file, synced.

    Args:
        alias: Django's name of the database.
        target: the file, not yet there.

    Returns:
        the number of rows of every table, in the same picture.

    Raises:
        Refused: ``backup.tool``, ``pg_dump`` is missing or failed.
    """
    connection = connections[alias]
    counts = _dump_sqlite(connection, target) if connection.vendor == SQLITE else _dump_postgresql(connection, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return counts


def load(alias: str, source: Path) -> None:
    """Fill an empty database from a file that ``dump`` wrote; whole or not at all.

    Raises:
        Refused: ``backup.tool``, ``pg_restore`` is missing or failed.
    """
    connection = connections[alias]
    if connection.vendor == SQLITE:
        target = Path(str(connection.settings_dict["NAME"]))
        connection.close()
        beside = target.with_name(target.name + ".restoring")
        shutil.copyfile(source, beside)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        for left in ("-wal", "-shm"):
            target.with_name(target.name + left).unlink(missing_ok=True)
        os.replace(beside, target)
        return
    _run(
        connection,
        "pg_restore",
        *("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"),
        *("--dbname", str(connection.settings_dict["NAME"]), str(source)),
    )


def counts(alias: str) -> dict[str, int]:
    """The number of rows of every table as it stands now."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        found = {}
        for table in sorted(t for t in connection.introspection.table_names(cursor) if not t.startswith("sqlite_")):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            found[table] = int(cursor.fetchone()[0])
    return found


def is_empty(alias: str) -> bool:
    """Whether the database holds no table."""
    return not connections[alias].introspection.table_names()


def _dump_sqlite(connection: BaseDatabaseWrapper, target: Path) -> dict[str, int]:
    # A connection of its own: VACUUM does not run inside a transaction, and this one never takes the write lock.
    with closing(sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=60, isolation_level=None)) as source:
        source.execute("VACUUM INTO ?", [str(target)])
    with closing(sqlite3.connect(f"file:{target}?mode=ro", uri=True)) as copy:
        tables = [
            row[0]
            for row in copy.execute(
                "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            )
        ]
        return {t: int(copy.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0]) for t in sorted(tables)}  # noqa: S608


def _dump_postgresql(connection: BaseDatabaseWrapper, target: Path) -> dict[str, int]:
    with transaction.atomic(using=connection.alias):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
        _run(
            connection,
            "pg_dump",
            *("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"),
            str(connection.settings_dict["NAME"]),
        )
        return counts(connection.alias)


def _run(connection: BaseDatabaseWrapper, tool: str, *arguments: str) -> None:
    """Run a PostgreSQL tool. The password goes through the environment, never through the command line."""
    if shutil.which(tool) is None:
        raise Refused(
            f"找不到 {tool}。请安装 PostgreSQL 客户端程序（Debian：apt install postgresql-client）。",
            code="backup.tool",
        )
    given = connection.settings_dict
    places = {
        "PGHOST": given["HOST"],
        "PGPORT": given["PORT"],
        "PGUSER": given["USER"],
        "PGPASSWORD": given["PASSWORD"],
    }
    env = {**os.environ, **{name: str(value) for name, value in places.items() if value}}
    done = subprocess.run([tool, "--no-password", *arguments], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{tool} 失败：{done.stderr.strip()[-500:]}", code="backup.tool")
