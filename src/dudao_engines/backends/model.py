"""What every backend can do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

# Numbers are bigint, double or decimal; what a file holds of any other type is "other" and is not computed with.
Kind = Literal["bigint", "double", "decimal", "text", "bool", "other"]
Value = int | float | str | bool | None


class Backend(Protocol):
    """One connection, with tables of its own that end with it. Names are plain and lower-case; SQL is of ``dialect``."""

    dialect: str

    def add(self, name: str, columns: Mapping[str, Kind], rows: Iterable[Sequence[Value]]) -> None:
        """Take rows in, in the order of the columns; a decimal comes as the double nearest to it."""

    def add_files(self, name: str, paths: Sequence[Path]) -> Mapping[str, Kind]:
        """Take Parquet files of one shape as a table; answers its columns in order.

        Raises:
            EngineInputError: ``backends.file``: not readable as Parquet.
        """

    def keep(self, name: str, query: str) -> None:
        """Compute a query once and keep its rows as a table."""

    def amend(
        self, name: str, keys: Sequence[str], columns: Mapping[str, Kind], rows: Iterable[Sequence[Value]]
    ) -> None:
        """Put other values into some rows of a kept table: those whose ``keys``, which are among ``columns``, are the same."""

    def drop(self, name: str) -> None:
        """Forget a table."""

    def rows(self, query: str) -> Iterator[tuple[object, ...]]:
        """The rows of a query, in no order but its own."""

    def write(self, query: str, path: Path, words: Mapping[str, Sequence[str]] | None = None) -> None:
        """The rows of a query as Parquet: a file, or on Spark a folder of files.

        Args:
            query: its columns must have names.
            path: overwritten.
            words: all that there is in columns that hold only a few words; writing can be faster for it.
        """

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
