"""A dataset out of plain files: workbooks, text files and Parquet in a folder, each sheet recognised by the form it is for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dudao_engines.kernel import workbooks
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.workbooks import Book, Sheet, Value
from dudao_engines.standards import mapping
from dudao_engines.standards.forms import Form
from dudao_engines.standards.model import Cell, Dataset, Record

#: Endings of files that are looked at in a folder; what they hold is told by their bytes.
ENDINGS = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".et", ".ett", ".ods", ".csv", ".tsv", ".txt", ".parquet"})
#: Rows of a Parquet file, the first of them its heads.
Parquet = Callable[[Path], Sequence[Sequence[Value]]]


@dataclass(slots=True)
class Loaded:
    """A dataset, and what was said on the way.

    Attributes:
        problems: rows and cells that cannot be taken, each with its place.
        notes: what was passed over and why.
    """

    dataset: Dataset
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def load(
    path: Path,
    forms: Iterable[Form],
    *,
    standard: str = "",
    beside: Iterable[Form] = (),
    parquet: Parquet | None = None,
) -> Loaded:
    """A file, or all tables of a folder, as records by the level of their forms.

    One unit may stand in several tables; where two say different things of one cell it is missing, with both. A county that only
    stands beside its schools gets a record without cells.

    Args:
        path: a file or folder.
        forms: those that are wanted.
        standard: id of the standard whose items people judged: of a table of conclusions (``item``, ``unit``, ``judgement``) the
            rows of this one are taken.
        beside: others that tables of the folder may be for; such tables are passed over instead of being taken for a wanted one.
        parquet: reads a Parquet file; without it such files are passed over.

    Raises:
        EngineInputError: ``sources.none`` no file, or no table in them; else as ``workbooks.read``.
    """
    known = list(forms)
    wanted = {one.id for one in known}
    known += [one for one in beside if one.id not in wanted]
    files = sorted(one for one in path.iterdir() if _is_table(one)) if path.is_dir() else [path]
    loaded = Loaded(Dataset())
    found: dict[str, dict[str, Record]] = {}
    judged: dict[tuple[str, str], Cell] = {}
    for file in files:
        book = _book(file, parquet)
        if book is None:
            loaded.notes.append(f"{file.name}：读 Parquet 要装 duckdb，没有读取")
            continue
        book = replace(
            book, sheets=[one for one in book.sheets if not _conclusions(book, one, judged, standard, loaded)]
        )
        if not book.sheets:
            continue
        tables, notes = mapping.recognise(book, known)
        loaded.notes += [f"{file.name}：{one}" for one in notes]
        for one in tables:
            if one.form.id in wanted:
                _take(one, found.setdefault(one.form.level, {}), loaded)
            else:
                loaded.notes.append(f"{file.name}：工作表“{one.table.sheet}”是{one.form.name}，这里用不到")
    if not found:
        said = "；".join(loaded.notes) or f"{path} 里没有表格文件"
        raise EngineInputError("sources.none", f"没有读到数据：{said}。")
    _with_counties(found)
    _judge(found, judged, loaded)
    loaded.dataset = Dataset({level: list(records.values()) for level, records in found.items()})
    return loaded


#: Heads of a table of what people concluded, in either language.
_HEADS = {
    "item": ("item", "条目", "指标"),
    "unit": ("unit", "单位", "标识码"),
    "judgement": ("judgement", "结论", "判定"),
    "standard": ("standard", "标准"),
}


def _conclusions(book: Book, sheet: Sheet, judged: dict[tuple[str, str], Cell], standard: str, loaded: Loaded) -> bool:
    """Whether a sheet holds what people concluded of items; its rows are taken. A number of confirmed cases is a veto's."""
    heads = [str(one).strip().lower() for one in sheet.rows[0]] if sheet.rows else []
    at = {name: next((heads.index(one) for one in known if one in heads), -1) for name, known in _HEADS.items()}
    if at["item"] < 0 or at["judgement"] < 0:
        return False
    for line, row in enumerate(sheet.rows[1:], 2):
        said = {name: str(row[place]).strip() if 0 <= place < len(row) else "" for name, place in at.items()}
        if not said["item"] or not said["judgement"] or (standard and said["standard"] not in ("", standard)):
            continue
        where = f"{book.name} · {sheet.name} 第 {line} 行"
        key = (said["unit"], said["item"])
        count = said["judgement"].removesuffix(".0")
        cell = Cell(int(count) if count.isdecimal() else said["judgement"], "", where, said["judgement"])
        if key in judged and judged[key].value != cell.value:
            loaded.problems.append(f"{where}：{said['item']}与{judged[key].where}不一致，两处都不取")
            cell = Cell(None, "两处结论不一致", where)
        judged[key] = cell
    return True


def _judge(found: dict[str, dict[str, Record]], judged: Mapping[tuple[str, str], Cell], loaded: Loaded) -> None:
    """Conclusions become cells of the unit they speak of; of no unit: of the county."""
    for (unit, item), cell in judged.items():
        code = f"{'veto' if isinstance(cell.value, int) else 'judged'}:{item}"
        level = "county" if not unit else next((name for name, records in found.items() if unit in records), "")
        records = found.get(level, {})
        for key in [unit] if unit in records else list(records) if level == "county" else []:
            records[key] = replace(records[key], cells={**records[key].cells, code: cell})
        if not level:
            loaded.notes.append(f"{cell.where}：没有“{unit}”这个单位的数据")


def _is_table(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in ENDINGS and not path.name.startswith(("~$", "."))


def _book(path: Path, parquet: Parquet | None) -> Book | None:
    with path.open("rb") as file:
        is_parquet = file.read(4) == b"PAR1"
    if not is_parquet:
        return workbooks.read(path.read_bytes(), name=path.name)
    return Book(path.name, [Sheet(path.stem, parquet(path))]) if parquet else None


def _take(one: mapping.Recognised, records: dict[str, Record], loaded: Loaded) -> None:
    got = mapping.read(one)
    place = f"{one.table.book} · {one.table.sheet}"
    for column in one.mapping.taken:
        if not column.is_sure:
            loaded.notes.append(
                f"{place}：“{column.head}”{column.note or '不能确定是哪一项'}（取作“{one.form.field(column.code).label}”）"
            )
    if unknown := [column.head for column in one.mapping.unknown]:
        loaded.notes.append(f"{place}：不认识的列：{'、'.join(unknown[:20])}")
    loaded.notes += [f"{place}：{said}" for said in one.table.notes]
    loaded.problems += [f"{place} 第 {got.table.rows[line]} 行：{why}" for line, why in sorted(got.refused.items())]
    for code, column_ in got.columns.items():
        loaded.problems += [
            f"{got.table.where(line, got.at[code])} {one.form.field(code).label}：{why}"
            for line, why in sorted(column_.problems.items())
            if line not in got.refused
        ]
    for record in (*got.records(), *_refused(got)):
        unit = record.unit or ("本县" if one.form.level == "county" else record.name)
        before = records.get(unit)
        taken = replace(record, unit=unit, name=record.name or unit)
        records[unit] = taken if before is None else _together(before, taken, loaded)


def _refused(got: mapping.Read) -> list[Record]:
    """Lines that cannot be taken, as units without numbers: what is asked of all units cannot be said without them.

    A code that stands on several lines is one unit for each name, a line without code and name is called by its number; such a line
    that fills in nothing either is a remark, and so is one of counties.
    """
    found: dict[str, Record] = {}
    for line, why in sorted(got.refused.items()):
        number, unit, name = got.table.rows[line], got.codes[line] or got.names[line], got.names[line]
        is_remark = got.form.level == "county" or not any(got.raw(code, line).strip() for code in got.columns)
        if not unit and is_remark:
            continue
        if not unit or found.get(unit, Record("", name)).name != name:
            unit = f"{unit}第 {number} 行"
        cells = {
            code: Cell(None, why, got.table.where(line, got.at[code]), got.raw(code, line)) for code in got.columns
        }
        found[unit] = Record(unit, name, got.counties[line], cells)
    return list(found.values())


def _together(one: Record, other: Record, loaded: Loaded) -> Record:
    cells = dict(one.cells)
    for code, cell in other.cells.items():
        before = cells.get(code)
        if before is None or (before.value is None and not before.problem):
            cells[code] = cell
        elif cell.value is not None and cell.value != before.value:
            said = f"两处不一致：{before.raw}（{before.where}），{cell.raw}（{cell.where}）"
            loaded.problems.append(f"{one.name} {code}：{said}")
            cells[code] = Cell(None, said, before.where, before.raw)
    return replace(one, county=one.county or other.county, cells=cells)


def _with_counties(found: dict[str, dict[str, Record]]) -> None:
    counties = found.setdefault("county", {})
    named = {one.name: one.unit for one in counties.values()}
    said = {one.county for level, records in found.items() if level != "county" for one in records.values()}
    if len(said) <= 1 and len(counties) <= 1:
        # One county: whatever its schools call it.
        only = next(iter(counties), "")
        if not only:
            only = next(iter(said), "") or "本县"
            counties[only] = Record(only, only)
        for level, records in found.items():
            if level != "county":
                found[level] = {unit: replace(one, county=only) for unit, one in records.items()}
        return
    for level, records in found.items():
        if level == "county":
            continue
        found[level] = {
            unit: replace(one, county=_county(one.county, counties, named)) for unit, one in records.items()
        }
    for county in sorted(
        {one.county for level, records in found.items() if level != "county" for one in records.values()}
    ):
        counties.setdefault(county, Record(county, county or "未写明县"))


def _county(said: str, counties: Mapping[str, Record], named: Mapping[str, str]) -> str:
    return said if said in counties else named.get(said, said)
