"""An official result, frozen: what was known, what was asked, what had been decided, and what it came to; checked again years later.

A snapshot is one JSON value in one byte form (``kernel.digests.canonical_json``) under two digests. It holds everything the
numbers rest on, so that ``verify`` needs nothing but the file and the engine: the cells as reported and as adopted with where they
were read, the text of the standard and of its forms, what the county had decided (parameters, limits, variants, concessions,
checks), the version of the engine, and every result. As a file it is a zip of that value and its digests.
"""

import argparse
import io
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from dudao_engines import __version__
from dudao_engines.kernel import datafiles, digests
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards.bound import Bound
from dudao_engines.standards.compute import Usable, bound_of, judged
from dudao_engines.standards.exact import Evaluator
from dudao_engines.standards.forms import Form
from dudao_engines.standards.model import Cell, Dataset, Record
from dudao_engines.standards.results import Results, Settings
from dudao_engines.standards.schema import Standard

FORMAT = "dudao-snapshot/1"
#: Which cells a result rests on: as the schools reported them, and as they stand after the checks on site.
REPORTED, ADOPTED = "reported", "adopted"
WHICH = (REPORTED, ADOPTED)
_VALUE, _DIGESTS = "snapshot.json", "digests.json"
_LARGEST = 400 * 1024 * 1024
_MOMENT = (2012, 7, 1, 0, 0, 0)
_SAID = {
    "numerator": "分子",
    "denominator": "分母",
    "value": "值",
    "shown": "显示值",
    "limit": "限值",
    "verdict": "结论",
    "trial": "试算结论",
    "reason": "原因",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a number computed again is not the one that was frozen."""

    which: str
    indicator: str
    unit: str
    name: str
    stage: str
    item: str
    frozen: str
    found: str

    def __str__(self) -> str:
        place = f"{self.name or self.unit}{f'（{self.stage}）' if self.stage else ''}"
        what = _SAID.get(self.item, self.item)
        data = "按填报值" if self.which == REPORTED else "按采用值"
        return f"{data}，{self.indicator} · {place}：{what} 快照为“{self.frozen}”，重算为“{self.found}”"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen result.

    Attributes:
        content: the JSON value.
        sha256, sm3: digests of its byte form.
    """

    content: Mapping[str, Any]
    sha256: str
    sm3: str

    @property
    def facts(self) -> Mapping[str, str]:
        """Whose it is and when it was taken: county, name, period, made_at, made_by."""
        facts: Mapping[str, str] = self.content["facts"]
        return facts

    @property
    def standard(self) -> Standard:
        return datafiles.loads(self.content["standard"], Standard, name="快照中的标准")

    @property
    def forms(self) -> dict[str, Form]:
        return {id: datafiles.loads(text, Form, name=f"快照中的表 {id}") for id, text in self.content["forms"].items()}

    @property
    def settings(self) -> Settings:
        return _settings(self.content["settings"])

    def dataset(self, which: str = ADOPTED) -> Dataset:
        return _dataset(self.content["data"][which])

    def bound(self) -> Bound:
        return bound_of(self.standard, self.forms)

    def evaluator(self, which: str = ADOPTED) -> Evaluator:
        """The exact engine over the frozen cells, to be asked more."""
        return Evaluator(self.bound(), self.dataset(which), self.settings)

    def file(self) -> bytes:
        """The snapshot as a zip file; the same bytes for the same snapshot on one version of zlib, the same value on all."""
        made = io.BytesIO()
        listed = {"format": FORMAT, "sha256": self.sha256, "sm3": self.sm3}
        with zipfile.ZipFile(made, "w") as package:
            for name, data in ((_VALUE, digests.canonical_json(self.content)), (_DIGESTS, _pretty(listed))):
                info = zipfile.ZipInfo(name, _MOMENT)
                info.create_system, info.external_attr = 3, 0o600 << 16
                package.writestr(info, data, zipfile.ZIP_DEFLATED)
        return made.getvalue()


def take(
    *,
    standard_text: str,
    form_texts: Mapping[str, str],
    settings: Settings,
    datasets: Mapping[str, Dataset],
    facts: Mapping[str, str],
) -> Snapshot:
    """Compute a standard over data as reported and as adopted, exactly, and freeze all of it.

    Args:
        standard_text: the file of the standard.
        form_texts: of each form that the standard names, by id.
        settings: what the county has decided.
        datasets: by ``REPORTED`` and ``ADOPTED``.
        facts: words that are kept with it.

    Raises:
        EngineInputError: as ``datafiles.loads`` and ``bound_of``.
    """
    standard = datafiles.loads(standard_text, Standard, name="标准")
    named = {id: text for id, text in form_texts.items() if id in standard.forms}
    forms = {id: datafiles.loads(text, Form, name=id) for id, text in named.items()}
    bound = bound_of(standard, forms)
    content: dict[str, Any] = {
        "format": FORMAT,
        "engine": __version__,
        "facts": dict(facts),
        "standard": standard_text,
        "standard_fingerprint": standard.fingerprint,
        "forms": named,
        "settings": _plain_settings(settings),
        "data": {which: _plain_dataset(datasets[which]) for which in WHICH},
        "results": {which: _plain_results(_computed(bound, datasets[which], settings)) for which in WHICH},
    }
    # As it will be read again: what JSON makes of a value is part of it.
    content = json.loads(digests.canonical_json(content))
    return _digested(content)


def basis_digest(
    *, standard_text: str, form_texts: Mapping[str, str], settings: Settings, datasets: Mapping[str, Dataset]
) -> str:
    """SHA-256 of what results rest on: values and what is wrong with them, not where they were read. A snapshot whose basis has
    another digest today is stale."""
    standard = datafiles.loads(standard_text, Standard, name="标准")
    forms = {
        id: datafiles.loads(text, Form, name=id).fingerprint for id, text in form_texts.items() if id in standard.forms
    }
    data = {which: _values(_plain_dataset(datasets[which])) for which in WHICH}
    plain = {"standard": standard.fingerprint, "forms": forms, "settings": _plain_settings(settings), "data": data}
    return digests.sha256_hex(digests.canonical_json(plain))


def _values(plain: Mapping[str, Any]) -> dict[str, Any]:
    """A dataset without the places its cells were read at, its units in order."""
    return {
        table: {
            one["unit"]: {
                code: {key: said for key, said in cell.items() if key not in ("where", "raw")}
                for code, cell in one["cells"].items()
            }
            for one in records
        }
        for table, records in plain.items()
    }


def changes(
    snapshot: Snapshot,
    *,
    standard_text: str,
    form_texts: Mapping[str, str],
    settings: Settings,
    datasets: Mapping[str, Dataset],
) -> list[str]:
    """What is no longer as it was frozen, in words: cells by unit, what the county has decided, the standard and its forms."""
    found: list[str] = []
    standard = datafiles.loads(standard_text, Standard, name="标准")
    if standard.fingerprint != snapshot.content["standard_fingerprint"]:
        found.append(f"标准文件换了（现在是第 {standard.version} 版）")
    labels = dict(snapshot.bound().labels)
    for id in standard.forms:
        if form_texts.get(id, "") != snapshot.content["forms"].get(id, ""):
            found.append(f"表 {id} 换了")
    before, after = snapshot.content["settings"], json.loads(digests.canonical_json(_plain_settings(settings)))
    words = {
        "parameters": "参数", "limits": "限值", "checked": "核对", "variants": "口径", "concessions": "放宽",
        "opened": "启用的项目", "judge_on": "判定取值",
    }  # fmt: skip
    found += [f"县定的{word}变了" for key, word in words.items() if before[key] != after[key]]
    for which, name in ((REPORTED, "上报"), (ADOPTED, "认定")):
        old = _values(snapshot.content["data"][which])
        now = json.loads(digests.canonical_json(_plain_dataset(datasets[which])))
        names = {one["unit"]: one["name"] for records in now.values() for one in records}
        names |= {one["unit"]: one["name"] for records in snapshot.content["data"][which].values() for one in records}
        for place in _moved(old, _values(now)):
            unit, code, was, becomes = place
            label = labels.get(code, code)
            found.append(f"{names.get(unit, unit)}：{label}（{name}）{was} → {becomes}")
    return found


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for table in sorted({*old, *new}):
        before, after = old.get(table, {}), new.get(table, {})
        for unit in sorted({*before, *after}):
            was, becomes = before.get(unit), after.get(unit)
            if was is None or becomes is None:
                yield unit, "整个单位", "没有" if was is None else "有", "没有" if becomes is None else "有"
                continue
            for code in sorted({*was, *becomes}):
                first, second = _shown(was.get(code)), _shown(becomes.get(code))
                if first != second:
                    yield unit, code, first, second


def _shown(cell: Mapping[str, Any] | None) -> str:
    if not cell:
        return "未填"
    said = next((cell[kind] for kind in ("int", "dec", "text", "bool") if kind in cell), None)
    if isinstance(said, bool):
        return "是" if said else "否"
    return str(cell.get("problem", "未填")) if said is None else str(said)


def read(data: bytes) -> Snapshot:
    """A snapshot from its file, its digests compared.

    Raises:
        EngineInputError: ``snapshot.damaged`` (no snapshot), ``snapshot.format`` (of a version this engine does not know),
            ``snapshot.tampered`` (the value is not the one that the digests belong to).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            if sum(one.file_size for one in package.infolist()) > _LARGEST:
                raise EngineInputError("snapshot.damaged", "这个文件解压后异常大，不是快照。")
            value, listed = package.read(_VALUE), json.loads(package.read(_DIGESTS))
        content = json.loads(value)
        known = content["format"]
        said = listed["sha256"], listed["sm3"]
    except (
        *(zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, OSError),
        *(RuntimeError, NotImplementedError, RecursionError),
    ):
        raise EngineInputError("snapshot.damaged", "这个文件不是快照，或者已经损坏。") from None
    if known != FORMAT:
        raise EngineInputError("snapshot.format", f"快照的格式是“{known}”，本程序只认识“{FORMAT}”。")
    if (digests.sha256_hex(value), digests.sm3_hex(value)) != said:
        raise EngineInputError("snapshot.tampered", "快照的内容与摘要不符，文件被改动过，不予核验。")
    return Snapshot(content, *said)


def verify(snapshot: Snapshot) -> Iterator[Difference]:
    """Compute everything again from the frozen cells; each number or verdict that comes out otherwise, in order.

    Raises:
        EngineInputError: ``snapshot.damaged`` where a part of the value cannot be read.
    """
    try:
        bound, settings = snapshot.bound(), snapshot.settings
        for which in WHICH:
            again = _plain_results(_computed(bound, snapshot.dataset(which), settings))
            yield from _compared(which, snapshot.content["results"][which], json.loads(digests.canonical_json(again)))
    except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise EngineInputError("snapshot.damaged", f"快照缺少内容，无法重算（{error}）。") from None


def _computed(bound: Bound, dataset: Dataset, settings: Settings) -> Results:
    return judged(Evaluator(bound, dataset, settings), Usable(bound, settings))


def _compared(which: str, frozen: Mapping[str, Any], again: Mapping[str, Any]) -> Iterator[Difference]:
    def by_place(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
        return {(one["indicator"], one["unit"], one["stage"] or ""): one for one in rows}

    before, after = by_place(frozen["rows"]), by_place(again["rows"])
    for place in dict.fromkeys([*before, *after]):
        old, new = before.get(place, {}), after.get(place, {})
        name = str((old or new)["name"])
        if not old or not new:
            said = "有这一项", "没有这一项"
            yield Difference(which, place[0], place[1], name, place[2], "项目", *(said if old else said[::-1]))
            continue
        for item in new:
            if old.get(item) != new[item]:
                yield Difference(
                    *(which, place[0], place[1], name, place[2], item),
                    *("" if one is None else str(one) for one in (old.get(item), new[item])),
                )
    if frozen["left_out"] != again["left_out"]:
        yield Difference(
            which, "范围", "", "", "", "不计入的单位", *(str(len(one["left_out"])) for one in (frozen, again))
        )


# As JSON


def _digested(content: Mapping[str, Any]) -> Snapshot:
    value = digests.canonical_json(content)
    return Snapshot(content, digests.sha256_hex(value), digests.sm3_hex(value))


def _pretty(value: Mapping[str, str]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _plain_settings(settings: Settings) -> dict[str, Any]:
    return {
        "parameters": dict(settings.parameters),
        "limits": dict(settings.limits),
        "checked": sorted(settings.checked),
        "variants": dict(settings.variants),
        "concessions": sorted(settings.concessions),
        "opened": sorted(settings.opened),
        "judge_on": settings.judge_on,
    }


def _settings(plain: Mapping[str, Any]) -> Settings:
    return Settings(
        parameters=plain["parameters"],
        limits=plain["limits"],
        checked=frozenset(plain["checked"]),
        variants=plain["variants"],
        concessions=frozenset(plain["concessions"]),
        opened=frozenset(plain["opened"]),
        judge_on=plain["judge_on"],
    )


def _plain_dataset(dataset: Dataset) -> dict[str, Any]:
    return {
        table: [
            {
                "unit": one.unit,
                "name": one.name,
                "county": one.county,
                "cells": {code: _plain_cell(cell) for code, cell in one.cells.items()},
            }
            for one in records
        ]
        for table, records in dataset.tables.items()
    }


def _plain_cell(cell: Cell) -> dict[str, Any]:
    """Under the name of its kind the value as text, and of the rest what there is."""
    value = cell.value
    plain: dict[str, Any] = {}
    if isinstance(value, bool):
        plain["bool"] = value
    elif isinstance(value, int):
        plain["int"] = str(value)
    elif isinstance(value, Decimal):
        plain["dec"] = str(value)
    elif isinstance(value, str):
        plain["text"] = value
    said = {"problem": cell.problem, "where": cell.where, "raw": cell.raw}
    return plain | {name: words for name, words in said.items() if words}


def _cell(plain: Mapping[str, Any]) -> Cell:
    value: int | Decimal | bool | str | None = None
    if "bool" in plain:
        value = bool(plain["bool"])
    elif "int" in plain:
        value = int(plain["int"])
    elif "dec" in plain:
        value = Decimal(plain["dec"])
    elif "text" in plain:
        value = str(plain["text"])
    return Cell(value, plain.get("problem", ""), plain.get("where", ""), plain.get("raw", ""))


def _dataset(plain: Mapping[str, Any]) -> Dataset:
    return Dataset(
        {
            table: tuple(
                Record(
                    one["unit"],
                    one["name"],
                    one["county"],
                    {code: _cell(cell) for code, cell in one["cells"].items()},
                )
                for one in records
            )
            for table, records in plain.items()
        }
    )


def _plain_results(results: Results) -> dict[str, Any]:
    left = [{"level": one.level, "unit": one.unit, "name": one.name, "says": one.says} for one in results.left_out]
    return {"rows": [one.record() for one in results], "left_out": left}


# The command


def main(argv: Sequence[str]) -> int:
    """``dudao indicators verify SNAPSHOT [--sha256 DIGEST]``: compute it again and compare.

    Returns:
        0 where every number and verdict comes out the same; 1 with the first difference; 2 where the file is no snapshot, was
        changed, or is not the one with the digest that was given.
    """
    parser = argparse.ArgumentParser(
        prog="dudao indicators verify", description="重新计算一份快照，核对每个数和每个结论"
    )
    parser.add_argument("snapshot", type=Path, help="快照文件（.zip）")
    parser.add_argument("--sha256", default="", help="报告或登记上写的 SHA-256 摘要，一并核对")
    try:
        given = parser.parse_args(list(argv))
    except SystemExit as wish:
        return int(wish.code or 0)
    try:
        snapshot = read(given.snapshot.read_bytes())
        if given.sha256 and "".join(given.sha256.lower().split()) != snapshot.sha256:
            raise EngineInputError("snapshot.other", f"这份快照的摘要是 {snapshot.sha256}，不是所给的那一份。")
        first = next(verify(snapshot), None)
    except OSError as error:
        sys.stderr.write(f"打不开 {given.snapshot}：{error.strerror}\n")
        return 2
    except EngineInputError as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    facts = snapshot.facts
    _say(f"{facts.get('name', '')}　{facts.get('period', '')}　{snapshot.standard.name}".strip())
    _say(f"SHA-256 {snapshot.sha256}\nSM3     {snapshot.sm3}")
    if snapshot.content["engine"] != __version__:
        _say(f"快照由 {snapshot.content['engine']} 版计算，本程序是 {__version__} 版。")
    if first is not None:
        _say(f"核验不符：{first}")
        return 1
    count = sum(len(snapshot.content["results"][which]["rows"]) for which in WHICH)
    _say(f"核验相符：重新计算 {count} 个数和结论，与快照完全一致。")
    return 0


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
