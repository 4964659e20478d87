"""Apache Spark: for a province or the nation, on a cluster or in this process. Needs Java and ``make spark``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.types import DecimalType, IntegralType

from dudao_engines.backends.model import Kind, Value
from dudao_engines.kernel.errors import EngineInputError

_TYPES: Mapping[Kind, str] = {
    "bigint": "bigint",
    "double": "double",
    "decimal": "double",
    "text": "string",
    "bool": "boolean",
}
_LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.session.timeZone": "Asia/Shanghai",
}


class Spark:
    """One session.

    Args:
        master: a master's address; ``local[2]`` is this process with two threads.
        warehouse: a folder that Spark may write to.
        config: more of Spark's settings. A session that runs already keeps those that it was started with.
    """

    dialect = "spark"

    def __init__(self, *, master: str = "local[2]", warehouse: Path, config: Mapping[str, str] | None = None) -> None:
        builder = SparkSession.builder.master(master).appName("dudao")
        settings = {**_LOCAL, "spark.sql.warehouse.dir": str(warehouse), **(config or {})}
        for name, value in settings.items():
            builder = builder.config(name, value)
        self._session = builder.getOrCreate()
        self._session.sparkContext.setLogLevel("ERROR")
        self._names: set[str] = set()

    def add(self, name: str, columns: Mapping[str, Kind], rows: Iterable[Sequence[Value]]) -> None:
        schema = ", ".join(f"`{column}` {_TYPES[kind]}" for column, kind in columns.items())
        self._session.createDataFrame([tuple(row) for row in rows], schema).createOrReplaceTempView(name)
        self._names.add(name)

    def add_files(self, name: str, paths: Sequence[Path]) -> Mapping[str, Kind]:
        try:
            frame = self._session.read.parquet(*map(str, paths))
        except PySparkException as error:
            raise EngineInputError(
                "backends.file", f"{paths[0]}：不是可读的 Parquet 文件。", error=str(error)
            ) from None
        frame.createOrReplaceTempView(name)
        self._names.add(name)
        kinds: dict[str, Kind] = {"double": "double", "string": "text", "boolean": "bool"}
        return {
            field.name: "bigint"
            if isinstance(field.dataType, IntegralType)
            else "decimal"
            if isinstance(field.dataType, DecimalType)
            else kinds.get(field.dataType.simpleString(), "other")
            for field in frame.schema.fields
        }

    def keep(self, name: str, query: str) -> None:
        self._session.sql(query).cache().createOrReplaceTempView(name)
        self._names.add(name)

    def amend(
        self, name: str, keys: Sequence[str], columns: Mapping[str, Kind], rows: Iterable[Sequence[Value]]
    ) -> None:
        here = self._session.table(name)
        self.add("amended", columns, rows)
        amended = [column for column in columns if column not in keys]
        on = " AND ".join(f"t.`{key}` = f.`{key}`" for key in keys)
        picked = ", ".join(
            f"CASE WHEN f.`{keys[0]}` IS NULL THEN t.`{one}` ELSE f.`{one}` END AS `{one}`"
            if one in amended
            else f"t.`{one}`"
            for one in here.columns
        )
        self.keep(name, f"SELECT {picked} FROM {name} AS t LEFT JOIN amended AS f ON {on}")  # noqa: S608 (our own names)

    def drop(self, name: str) -> None:
        self._names.discard(name)
        self._session.catalog.dropTempView(name)

    def rows(self, query: str) -> Iterator[tuple[object, ...]]:
        yield from map(tuple, self._session.sql(query).collect())

    def write(self, query: str, path: Path, words: Mapping[str, Sequence[str]] | None = None) -> None:
        self._session.sql(query).write.mode("overwrite").parquet(str(path))

    def close(self) -> None:
        """The session stays: a process has one Java machine, and starting it takes seconds."""
        self._session.catalog.clearCache()
        for name in self._names:
            self._session.catalog.dropTempView(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
