"""``dudao indicators compute|explain``: a standard over plain tables, without the web application."""

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import fields
from fractions import Fraction
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, cast

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.workbooks import Value
from dudao_engines.standards import compute, explain, schema, sources, values
from dudao_engines.standards import forms as forms_
from dudao_engines.standards.bound import Bound, BoundPart
from dudao_engines.standards.exact import Evaluator
from dudao_engines.standards.model import Dataset
from dudao_engines.standards.results import Results, Settings, Verdict
from dudao_engines.standards.values import Unknown, exactly

#: What is shipped with the code, wherever the command is run.
_LIBRARY = Path(__file__).resolve().parents[3] / "library"
_USAGE = (
    "用法：dudao indicators compute --standard 标准 --data 文件或文件夹 [--engine exact|duckdb|postgres|spark] [--json]\n"
    "      dudao indicators explain --standard 标准 --data 文件或文件夹 --indicator 指标 --unit 代码 [--stage 学段] [--json]\n"
    "      dudao indicators verify 快照.zip [--sha256 摘要]"
)


class _Parser(argparse.ArgumentParser):
    """Says in Chinese how the command is used."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{_told(message)}\n{_USAGE}\n")


def _told(message: str) -> str:
    """What argparse found wrong, with the words it is about."""
    for start, says in (
        ("the following arguments are required: ", "还缺：{}。"),
        ("unrecognized arguments: ", "不认识：{}。"),
    ):
        if message.startswith(start):
            return says.format(message.removeprefix(start))
    named, _, rest = message.removeprefix("argument ").partition(": ")
    if "expected one argument" in rest:
        return f"{named} 后面没有写。"
    if found := re.search(r"invalid choice: '?(.*?)'? \(choose from (.*)\)", rest):
        return f"{named} 没有“{found[1]}”；可以写：{found[2].replace(chr(39), '').replace(', ', '、')}。"
    return f"{named}：写法不对。"


def main(argv: Sequence[str]) -> int:
    """Run the command.

    Args:
        argv: the words after ``dudao indicators``.

    Returns:
        0; 2 after lines of Chinese on stderr when the words or the files cannot be used. What was wrong with single rows and cells,
        and what was passed over, goes to stderr too; the numbers are computed from the rest.
    """
    if list(argv[:1]) == ["verify"]:
        return int(import_module("dudao_engines.standards.snapshots").main(argv[1:]))
    try:
        words = _parser().parse_args(list(argv))
    except SystemExit as wish:
        return int(wish.code or 0)
    try:
        bound = _bound(words.library, words.standard)
        forms = _forms(words.library)
        wanted = [forms[one] for one in bound.standard.forms]
        loaded = sources.load(words.data, wanted, standard=words.standard, beside=forms.values(), parquet=_parquet)
        settings = _settings(words.settings, bound)
        _tell(loaded)
        if words.command == "explain":
            return _explain(bound, loaded.dataset, settings, words)
        results = _computed(bound, loaded.dataset, settings, words.engine)
    except EngineInputError as error:
        print(error.message, file=sys.stderr)
        return 2
    except BrokenPipeError:
        return _unread()
    except OSError as error:
        print(f"打不开“{error.filename or words.data}”：{_fault(error)}。", file=sys.stderr)
        return 2
    try:
        if words.json:
            for one in results:
                print(json.dumps(one.record(), ensure_ascii=False))
        else:
            _print(bound, results)
        sys.stdout.flush()
    except BrokenPipeError:
        return _unread()
    return 0


def _unread() -> int:
    """Who reads what is printed has gone (``| head``): no fault, and Python is not to say so while it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _fault(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "没有这个文件或文件夹"
    if isinstance(error, PermissionError):
        return "没有读取它的权限"
    return "请写文件，不是文件夹" if isinstance(error, IsADirectoryError) else error.strerror or "读不出来"


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="dudao indicators", usage=_USAGE, description="按标准计算指标；把一个数打开看")
    commands = parser.add_subparsers(dest="command", required=True, metavar="compute|explain|verify")
    commands.add_parser("verify", help="重新计算一份快照，核对每个数")
    for name, told in (("compute", "计算全部指标，一行一个数"), ("explain", "一个数的来历")):
        command = commands.add_parser(name, help=told)
        command.add_argument("--standard", required=True, help="标准，如 balanced-2017")
        command.add_argument(
            "--data", required=True, type=Path, help="Excel、WPS、CSV、Parquet 文件，或装着它们的文件夹"
        )
        command.add_argument("--settings", type=Path, help="本县的参数和核对（JSON）")
        command.add_argument(
            "--library",
            type=Path,
            default=Path(os.environ.get("DUDAO_LIBRARY") or _LIBRARY),
            help="标准和表所在的文件夹",
        )
        command.add_argument("--json", action="store_true", help="一行一个 JSON 对象")
        if name == "compute":
            command.add_argument("--engine", choices=("exact", "duckdb", "postgres", "spark"), default="exact")
        else:
            command.add_argument("--indicator", required=True, help="指标，如 R1、G11.backbone；conclusion 是结论")
            command.add_argument("--unit", required=True, help="单位的代码或名称")
            command.add_argument("--stage", default="", help="学段，如 小学")
    return parser


@cache
def _forms(library: Path) -> Mapping[str, forms_.Form]:
    return forms_.load(library / "forms")


def _bound(library: Path, standard: str) -> Bound:
    path = library / "standards" / f"{standard}.yaml"
    if not path.is_file():
        known = "、".join(sorted(one.stem for one in path.parent.glob("*.yaml"))) or "没有"
        raise EngineInputError("indicators.standard", f"{path.parent} 里没有“{standard}”这个标准；有的是：{known}。")
    return compute.bound_of(schema.read(path), _forms(library))


def _settings(path: Path | None, bound: Bound) -> Settings:
    if path is None:
        return Settings()
    try:
        said = json.loads(path.read_text("utf-8"))
        sets = {"checked", "concessions", "opened"}
        if not isinstance(said, dict) or (unknown := set(said) - {one.name for one in fields(Settings)}):
            raise EngineInputError(
                "indicators.settings",
                f"{path}：不认识的项：{'、'.join(sorted(unknown))}。"
                if isinstance(said, dict)
                else f"{path}：应当是一个 JSON 对象。",
            )
        given: dict[str, Any] = {key: frozenset(value) if key in sets else value for key, value in said.items()}
        settings = Settings(**given)
        if wrong := _unknown(settings, bound):
            raise EngineInputError("indicators.settings", f"{path}：{'；'.join(wrong)}。")
        return settings
    except (ValueError, TypeError) as error:
        if isinstance(error, EngineInputError):
            raise
        raise EngineInputError("indicators.settings", f"{path}：不是可用的 JSON。") from None


def _unknown(settings: Settings, bound: Bound) -> list[str]:
    """What settings name that the standard does not have, each with the kind of thing it was taken for."""
    indicators = {one.indicator.id for one in bound.parts.values()}
    parameters = {one.id for one in bound.standard.parameters}
    limits = {
        limit.key
        for part in bound.parts.values()
        for limit in (*part.limits, *(one for concession in part.concessions for one in concession.limits))
    }
    variants = {f"{part.key}.{id}" for part in bound.parts.values() for id in part.variants}
    concessions = {one.of.id for part in bound.parts.values() for one in part.concessions}
    checkable = {*indicators, *bound.parts, *limits, *parameters, *variants, *concessions}
    found = [
        f"没有{what}“{one}”"
        for what, given, known in (
            ("参数", settings.parameters, parameters),
            ("限值", settings.limits, limits),
            ("可核对的项", settings.checked, checkable),
            ("算法", [f"{key}.{id}" for key, id in settings.variants.items()], variants),
            ("放宽", settings.concessions, concessions),
            ("可启用的指标或限值", settings.opened, indicators | limits),
        )
        for one in sorted(set(given) - known)
    ]
    for id, text in settings.parameters.items():
        one = next((each for each in bound.standard.parameters if each.id == id), None)
        if one and one.allowed and text not in one.allowed:
            found.append(f"参数“{id}”没有“{text}”这个取值；可以写：{'、'.join(one.allowed)}")
        elif one and not one.allowed and not _is_number(text):
            found.append(f"参数“{id}”应当是一个数，不是“{text}”")
    found += [f"限值“{key}”应当是一个数，不是“{text}”" for key, text in settings.limits.items() if not _is_number(text)]
    if settings.judge_on not in ("", "unrounded", "rounded"):
        found.append(f"judge_on 没有“{settings.judge_on}”；可以写：unrounded、rounded")
    return found


def _is_number(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def _parquet(path: Path) -> list[list[Value]]:
    with _engines().backend("duckdb") as on:
        heads = list(on.add_files("given", [path]))
        quoted = ", ".join('"' + one.replace('"', '""') + '"' for one in heads)
        query = f"SELECT {quoted} FROM given"  # noqa: S608 (the file's own columns, quoted)
        rows = [[_value(one) for one in row] for row in on.rows(query)]
    return [list(heads), *rows]


def _engines() -> ModuleType:
    """What writes SQL and knows the drivers; loaded only where it is used."""
    try:
        return import_module("dudao_engines.standards.engines")
    except ModuleNotFoundError as error:
        raise EngineInputError(
            "engines.missing", f"这台机器没有装数据库引擎（缺 {error.name}），请用 --engine exact。"
        ) from None


def _value(value: object) -> Value:
    # Decimals stay exact as text.
    return "" if value is None else value if isinstance(value, bool | int | float) else str(value)


def _computed(bound: Bound, dataset: Dataset, settings: Settings, engine: str) -> Results:
    if engine == "exact":
        return compute.compute(bound, dataset, settings)
    engines = _engines()
    named: dict[str, Any] = {}
    args: list[Any] = []
    if engine == "postgres":
        address = os.environ.get("DATABASE_URL", "")
        if not address:
            raise EngineInputError("indicators.postgres", "用 postgres 引擎请设 DATABASE_URL。")
        args = [address]
    with tempfile.TemporaryDirectory() if engine == "spark" else nullcontext() as folder:
        if folder:
            named["warehouse"] = Path(folder)
        with engines.backend(engine, *args, **named) as on:
            return cast("Results", engines.compute(bound, dataset, settings, on=on, exactly=True))


def _tell(loaded: sources.Loaded) -> None:
    for one in loaded.notes:
        print(f"说明　{one}", file=sys.stderr)
    for one in loaded.problems:
        print(f"问题　{one}", file=sys.stderr)


def _print(bound: Bound, results: Results) -> None:
    print(f"{bound.standard.name}（{bound.standard.doc_no}）")
    for one in results:
        whose = "·".join(filter(None, (one.name or one.unit, one.stage)))
        limit = f"{one.op} {_short(one.limit)}" if one.op and isinstance(one.limit, Fraction) else ""
        trial = f"（试算：{one.trial.value}）" if one.verdict is Verdict.UNCHECKED and one.trial.value else ""
        print("\t".join((one.part, whose, one.shown, limit, f"{one.verdict.value}{trial}", one.reason)).rstrip())
    for left in results.left_out:
        print(f"不计入\t{left.name or left.unit}\t{left.says}")


def _short(number: Fraction) -> str:
    """4.2 rather than 21/5, where decimals say it exactly."""
    places = next((n for n in range(7) if (number * 10**n).denominator == 1), None)
    return exactly(number) if places is None else values.shown(number, places)


def _explain(bound: Bound, dataset: Dataset, settings: Settings, words: argparse.Namespace) -> int:
    evaluator, usable = Evaluator(bound, dataset, settings), compute.Usable(bound, settings)
    if words.indicator == compute.CONCLUSION:
        steps = [_conclusion(evaluator, usable, words)]
    else:
        parts = [bound.parts[words.indicator]] if words.indicator in bound.parts else bound.parts_of(words.indicator)
        if not parts:
            known = f"{'、'.join(bound.parts)}、{compute.CONCLUSION}"
            raise EngineInputError("indicators.part", f"没有指标“{words.indicator}”；有的是：{known}。")
        steps = [_opened(evaluator, usable, part, words) for part in parts]
    if words.json:
        for step in steps:
            print(json.dumps(_as_json(step), ensure_ascii=False))
    else:
        for step in steps:
            _draw(step, 0)
    sys.stdout.flush()
    return 0


def _opened(evaluator: Evaluator, usable: compute.Usable, part: BoundPart, words: argparse.Namespace) -> explain.Step:
    rows = list(evaluator.rows(part.level.id))
    of_unit = [one for one in rows if words.unit in (one.record.unit, one.record.name)]
    if any(one.stage == words.stage for one in of_unit):
        return explain.explain(evaluator, usable, part.key, of_unit[0].record.unit, words.stage)
    if of_unit:
        stages = [one.stage for one in of_unit if one.stage]
        says = f"请写 --stage {' 或 '.join(stages)}" if stages else f"“{part.key}”不分学段，请不要写 --stage"
        raise EngineInputError("indicators.stage", f"{says}。")
    known = "、".join(dict.fromkeys(one.record.unit for one in rows[:20])) or "没有"
    raise EngineInputError("indicators.unit", f"“{part.key}”不判“{words.unit}”；有的是：{known}。")


def _conclusion(evaluator: Evaluator, usable: compute.Usable, words: argparse.Namespace) -> explain.Step:
    """The verdict of a county, and below it every number that is asked of it with its own verdict."""
    results = compute.judged(evaluator, usable)
    said = [one for one in results.conclusions if words.unit in (one.unit, one.name)]
    if not said:
        known = "、".join(one.unit for one in results.conclusions)
        raise EngineInputError("indicators.unit", f"结论不判“{words.unit}”；有的是：{known or '没有'}。")
    (county,) = said[:1]
    parts = evaluator.bound.parts
    below = [
        explain.Step(
            *("item", compute.numbered(parts[one.part]), one.reason, one.value, one.verdict.value or one.trial.value),
            *(one.unit, one.name, one.stage),
            code=one.part,
        )
        for one in results.results
        if one.county == county.county and evaluator.is_asked(parts[one.part])
    ]
    says = "；".join(filter(None, (evaluator.bound.standard.verdict.says, county.reason)))
    return explain.Step(
        *("part", "结论", says, county.value, county.verdict.value, county.unit, county.name),
        code=compute.CONCLUSION,
        children=tuple(below),
    )


def _as_json(step: explain.Step) -> dict[str, Any]:
    value = step.value
    found: dict[str, Any] = {
        "kind": step.kind, "label": step.label, "says": step.says, "shown": step.shown,
        "value": None if value is None or isinstance(value, Unknown) else exactly(value),
        "unit": step.unit, "name": step.name, "stage": step.stage, "code": step.code,
    }  # fmt: skip
    if step.cell:
        found |= {"where": step.cell.where, "raw": step.cell.raw, "problem": step.cell.problem}
    found["children"] = [_as_json(one) for one in step.children]
    return found


def _draw(step: explain.Step, depth: int) -> None:
    whose = "·".join(filter(None, (step.name, step.stage)))
    says = f"　{step.says}" if step.says and step.says != step.label else ""
    place = f"　[{step.cell.where}]{f' {step.cell.problem}' if step.cell.problem else ''}" if step.cell else ""
    label = " ".join(
        filter(None, (step.label, f"（{whose}）" if whose and step.kind in ("part", "row", "rows", "item") else ""))
    )
    print(f"{'  ' * depth}{label} = {step.shown or '—'}{says}{place}")
    for one in step.children:
        _draw(one, depth + 1)
