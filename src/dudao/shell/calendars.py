"""The holiday tables: those of ``library/calendars/holidays`` and those a county puts into its own folder.

``<county library>/calendars/holidays/2027.yaml`` takes effect without a restart. A file that cannot be used leaves its year
without a table, so that due days of that year are provisional instead of wrong; ``dudao calendar check`` says why.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from dudao_engines.kernel.deadlines import Holidays, Table
from dudao_engines.kernel.errors import EngineInputError

log = logging.getLogger(__name__)

Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Off(_Strict):
    name: Words
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    days: int

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if (self.last - self.first).days + 1 != self.days or self.days < 1:
            raise ValueError(f"{self.name}：{self.first}至{self.last}不是{self.days}天")
        return self


class _Work(_Strict):
    day: date
    weekday: Literal["星期六", "星期日"]

    @model_validator(mode="after")
    def _is_that_weekday(self) -> Self:
        if self.day.weekday() != ("星期六", "星期日").index(self.weekday) + 5:
            raise ValueError(f"{self.day}不是{self.weekday}")
        return self


class Arrangement(_Strict):
    """One year's notice (放假安排) of the State Council's office, as its file holds it; docs/reference/calendars.md."""

    year: int = Field(ge=2000, le=2100)
    version: int = Field(ge=1)
    document: Annotated[str, StringConstraints(pattern=r"^\S+〔\d{4}〕\d+号$")]
    issued_on: date
    days_off: Annotated[tuple[_Off, ...], Field(min_length=1)]
    workdays: tuple[_Work, ...]
    evidence: Literal["NAT2", "NAT1"]
    source: Words
    checked_on: date | None

    def table(self) -> Table:
        """What the engine counts with; refused as there."""
        off = (span.first + timedelta(days=n) for span in self.days_off for n in range(span.days))
        return Table(self.year, self.version, frozenset(off), frozenset(one.day for one in self.workdays))


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a folder of tables: either what it says, or why it cannot be used.

    Args:
        in_use: whether its year is counted with it.
    """

    path: Path
    notice: Arrangement | None
    fault: str
    in_use: bool


def holidays() -> Holidays:
    """The tables as they are on disk now. Cheap, but take it once for many days."""
    return _read(_state())[0]


def files() -> tuple[Found, ...]:
    """Every file of the two folders, the library's before the county's."""
    return _read(_state())[1]


def _state() -> tuple[tuple[Path, int, int], ...]:
    """The files and what changes when one of them is written."""
    folders = [root / "calendars" / "holidays" for root in (settings.LIBRARY, settings.COUNTY_LIBRARY)]
    return tuple((path, *_stamp(path)) for folder in folders for path in sorted(folder.glob("*.yaml")))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0  # reading it will say why
    return stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=2)
def _read(state: tuple[tuple[Path, int, int], ...]) -> tuple[Holidays, tuple[Found, ...]]:
    read = [(path, *_notice(path)) for path, _, _ in state]
    best: dict[int, tuple[Path, Arrangement]] = {}
    faults = {path: fault for path, _, fault in read if fault}
    for path, notice, _ in read:
        if notice is None:
            continue
        other = best.get(notice.year)
        if other and other[1].version == notice.version and other[1].table() != notice.table():
            faults[path] = f"与{other[0]}是同一年、同一版本，内容却不同；改动过的须把version加1"
        elif other is None or other[1].version < notice.version:
            best[notice.year] = (path, notice)
    for path, fault in faults.items():
        log.error("holiday table %s cannot be used: %s", path, fault)
        # Its year may have been arranged otherwise than an older table says.
        best.pop(int(path.stem) if path.stem.isdecimal() else 0, None)
    used = {path for path, _ in best.values()}
    found = tuple(
        Found(path, None if path in faults else notice, faults.get(path, ""), path in used) for path, notice, _ in read
    )
    return Holidays(notice.table() for _, notice in best.values()), found


def _notice(path: Path) -> tuple[Arrangement | None, str]:
    """What a file says, or why it cannot be used."""
    try:
        notice = Arrangement.model_validate(yaml.safe_load(path.read_text("utf-8")))
        if path.stem != str(notice.year):
            return None, f"文件名应是{notice.year}.yaml"
        notice.table()
    except ValidationError as error:
        return None, "；".join(_said(error))
    except EngineInputError as error:
        return None, error.message
    except (OSError, ValueError, yaml.YAMLError) as error:
        return None, f"读不出来：{' '.join(str(error).split())}"
    return notice, ""


def _said(error: ValidationError) -> Iterable[str]:
    for one in error.errors():
        place = ".".join(str(part) for part in one["loc"])
        yield f"{place}：{one['msg'].removeprefix('Value error, ')}" if place else one["msg"]
