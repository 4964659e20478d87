"""PostgreSQL, over any address; the tables are temporary, nothing of the database itself is read or changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg.sql import SQL, Identifier

from dudao_engines.backends.duckdb import DuckDB, amending
from dudao_engines.backends.model import Kind, Value
from dudao_engines.kernel.errors import EngineInputError

_TYPES: Mapping[Kind, str] = {
    "bigint": "bigint",
    "double": "double precision",
    "decimal": "double precision",
    "text": "text",
    "bool": "boolean",
}


class PostgreSQL:
    """One session of a server.

    Args:
        address: a libpq address such as ``postgresql:///dudao``.
    """

    dialect = "postgres"

    def __init__(self, address: str) -> None:
        try:
            self._connection = psycopg.connect(address, autocommit=True)
        except psycopg.Error as error:
            raise EngineInputError("backends.connect", f"连不上 PostgreSQL：{error}") from None

    def add(self, name: str, columns: Mapping[str, Kind], rows: Iterable[Sequence[Value]]) -> None:
        typed = SQL(", ").join(SQL("{} ").format(Identifier(c)) + SQL(_TYPES[k]) for c, k in columns.items())
        with self._connection.cursor() as cursor:
            cursor.execute(SQL("CREATE TEMP TABLE {} ({})").format(Identifier(name), typed))
            with cursor.copy(SQL("COPY {} FROM STDIN").format(Identifier(name))) as copy:
                for row in rows:
                    copy.write_row(row)
            # Temporary tables are not looked at by autovacuum; without this the plans are guesses.
            cursor.execute(SQL("ANALYZE {}").format(Identifier(name)))

    def add_files(self, name: str, paths: Sequence[Path]) -> Mapping[str, Kind]:
        with DuckDB() as reader:
            columns = reader.add_files("files", paths)
            known = {column: kind for column, kind in columns.items() if kind != "other"}
            chosen = ", ".join(f'CAST("{c}" AS DOUBLE)' if kind == "decimal" else f'"{c}"' for c, kind in known.items())
            self.add(name, known, reader.rows(f"SELECT {chosen} FROM files"))  # type: ignore[arg-type]  # noqa: S608
        return columns

    def keep(self, name: str, query: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE {name} AS {query}".encode())
            cursor.execute(SQL("ANALYZE {}").format(Identifier(name)))

    def amend(
        self, name: str, keys: Sequence[str], columns: Mapping[str, Kind], rows: Iterable[Sequence[Value]]
    ) -> None:
        self.add("amended", columns, rows)
        self._connection.execute(amending(name, "amended", keys, columns).encode())
        self.drop("amended")

    def drop(self, name: str) -> None:
        self._connection.execute(SQL("DROP TABLE {}").format(Identifier(name)))

    def rows(self, query: str) -> Iterator[tuple[object, ...]]:
        # A server-side cursor: a large result does not have to fit into memory.
        with self._connection.transaction(), self._connection.cursor(name="dudao") as cursor:
            cursor.itersize = 50_000
            yield from cursor.execute(query.encode())

    def write(self, query: str, path: Path, words: Mapping[str, Sequence[str]] | None = None) -> None:
        described = self._connection.execute(f"SELECT * FROM ({query}) AS q LIMIT 0".encode()).description or []  # noqa: S608
        named = {20: "bigint", 23: "bigint", 701: "double", 25: "text", 16: "bool"}
        columns: dict[str, Kind] = {column.name: named[column.type_code] for column in described}  # type: ignore[misc]
        with DuckDB() as writer:
            writer.add("rows", columns, self.rows(query))  # type: ignore[arg-type]
            writer.write("SELECT * FROM rows", path)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
