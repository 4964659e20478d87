"""DuckDB inside this process."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from dudao_engines.backends.model import Kind, Value
from dudao_engines.kernel.errors import EngineInputError

TYPES: Mapping[Kind, str] = {
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "decimal": "DOUBLE",
    "text": "VARCHAR",
    "bool": "BOOLEAN",
}
# Nothing is fetched from anywhere: Parquet and CSV are built in.
_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_CHUNK = 50_000


class DuckDB:
    """A database in memory.

    Args:
        memory: the most it takes before it writes to ``spill``.
        spill: a folder for what does not fit; without one, a query that needs more fails.
        threads: the most that work at once; None for all processors.
    """

    dialect = "duckdb"

    def __init__(self, *, memory: str = "3GB", spill: Path | None = None, threads: int | None = None) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {
            **_OFFLINE,
            "memory_limit": memory,
            "preserve_insertion_order": "false",
        }
        config["temp_directory"] = str(spill or "")
        if threads:
            config["threads"] = threads
        self._connection = duckdb.connect(":memory:", config=config)
        # It would write into what a command prints.
        self._connection.execute("SET enable_progress_bar = false")

    def add(self, name: str, columns: Mapping[str, Kind], rows: Iterable[Sequence[Value]]) -> None:
        types = {column: TYPES[kind] for column, kind in columns.items()}
        typed = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
        self._connection.execute(f"CREATE TABLE {name} ({typed})")
        taken = list(rows)
        # Lists of values are taken in thirty times as fast as row by row.
        given = ", ".join(f"unnest(?::{kind}[])" for kind in types.values())
        for start in range(0, len(taken), _CHUNK):
            lists = [list(column) for column in zip(*taken[start : start + _CHUNK], strict=True)]
            self._connection.execute(f"INSERT INTO {name} SELECT {given}", lists)

    def add_files(self, name: str, paths: Sequence[Path]) -> Mapping[str, Kind]:
        listed = ", ".join(map(_quoted, paths))
        try:
            self._connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{listed}])")  # noqa: S608
            described = self._connection.execute(f"DESCRIBE {name}").fetchall()
        except duckdb.Error as error:
            raise EngineInputError(
                "backends.file", f"{paths[0]}：不是可读的 Parquet 文件。", error=str(error)
            ) from None
        return {str(column): kind_of(str(type_)) for column, type_, *_ in described}

    def keep(self, name: str, query: str) -> None:
        self._connection.execute(f"CREATE TABLE {name} AS {query}")

    def amend(
        self, name: str, keys: Sequence[str], columns: Mapping[str, Kind], rows: Iterable[Sequence[Value]]
    ) -> None:
        self.add("amended", columns, rows)
        self._connection.execute(amending(name, "amended", keys, columns))
        self.drop("amended")

    def drop(self, name: str) -> None:
        self._connection.execute(f"DROP TABLE {name}")

    def rows(self, query: str) -> Iterator[tuple[object, ...]]:
        cursor = self._connection.cursor()
        cursor.execute(query)
        while chunk := cursor.fetchmany(_CHUNK):
            yield from chunk

    def write(self, query: str, path: Path, words: Mapping[str, Sequence[str]] | None = None) -> None:
        # As enumerations they need not be looked up row by row; in the file they are texts.
        listed = {column: ", ".join(map(_quoted, of)) for column, of in (words or {}).items()}
        put = ", ".join(f'CAST("{column}" AS ENUM({of})) AS "{column}"' for column, of in listed.items())
        star = f"* REPLACE ({put})" if put else "*"
        self._connection.execute(f"COPY (SELECT {star} FROM ({query})) TO {_quoted(path)} (FORMAT parquet)")  # noqa: S608

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def kind_of(named: str) -> Kind:
    """The kind of a column from the name DuckDB gives its type."""
    if named.startswith("DECIMAL"):
        return "decimal"
    if named in {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}:
        return "bigint"
    kinds: dict[str, Kind] = {"DOUBLE": "double", "VARCHAR": "text", "BOOLEAN": "bool"}
    return kinds.get(named, "other")


def amending(name: str, by: str, keys: Sequence[str], columns: Iterable[str]) -> str:
    """The UPDATE that takes the columns over from another table, in the words of DuckDB and PostgreSQL."""
    put = ", ".join(f'"{column}" = {by}."{column}"' for column in columns if column not in keys)
    where = " AND ".join(f'{name}."{key}" = {by}."{key}"' for key in keys)
    return f"UPDATE {name} SET {put} FROM {by} WHERE {where}"  # noqa: S608 (our own names)


def _quoted(path: Path | str) -> str:
    return "'" + str(path).replace("'", "''") + "'"
