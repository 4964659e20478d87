"""``dudao papers make|check-template|starter|list``: papers and their templates on the terminal, without the web application."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import yaml

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.papers import custom, docx, pdf, templates
from dudao_engines.papers.making import make
from dudao_engines.papers.templates import Template

_LIBRARY = Path(__file__).resolve().parents[3] / "library" / "papers"
_USAGE = (
    "用法：dudao papers make 模板 --data 文件.yaml -o 文件.docx|文件.pdf\n"
    "　　　dudao papers check-template 模板 文件.docx\n"
    "　　　dudao papers starter 模板 -o 文件.docx\n"
    "　　　dudao papers list"
)
_MAX_DATA = 5 * 1024 * 1024


class _Parser(argparse.ArgumentParser):
    """Says in Chinese how the command is used."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{_USAGE}\n")


def main(argv: Sequence[str]) -> int:
    """Run the command.

    Args:
        argv: the words after ``dudao papers``.

    Returns:
        0; 1 when required fields are missing (the paper is made with 【待填】) or a county's file has to be mended; 2 after
        one Chinese line on stderr when the words or a file cannot be used.
    """
    parser = _Parser(prog="dudao papers", description="按模板制作公文，检查县里自己的 Word 模板")
    parser.add_argument("--library", type=Path, default=_LIBRARY, metavar="DIR", help="模板所在文件夹")
    commands = parser.add_subparsers(dest="command", required=True, metavar="make|check-template|starter|list")
    making = commands.add_parser("make", help="按模板和数据制作公文")
    making.add_argument("template", metavar="TEMPLATE")
    making.add_argument("--data", type=Path, required=True, metavar="FILE.yaml", help="字段和公文要素，一项一行")
    making.add_argument(
        "-o", "--out", type=Path, required=True, metavar="OUT", help="写到 .docx；.pdf 需要 LibreOffice"
    )
    checking = commands.add_parser("check-template", help="检查县里自己的 Word 模板")
    checking.add_argument("template", metavar="TEMPLATE")
    checking.add_argument("file", type=Path, metavar="FILE.docx")
    starting = commands.add_parser("starter", help="供县里修改的 Word 模板")
    starting.add_argument("template", metavar="TEMPLATE")
    starting.add_argument("-o", "--out", type=Path, required=True, metavar="OUT.docx")
    commands.add_parser("list", help="有哪些模板")
    try:
        words = parser.parse_args(list(argv))
    except SystemExit as wish:
        return int(wish.code or 0)
    try:
        return _run(words, templates.load(words.library))
    except EngineInputError as error:
        print(error.message, file=sys.stderr)
    except OSError as error:
        print(f"文件“{error.filename}”打不开或写不了。", file=sys.stderr)
    return 2


def _run(words: argparse.Namespace, library: dict[str, Template]) -> int:
    if words.command == "list":
        print("\n".join(f"{one.id}　{one.name}（{one.form.chinese}）" for one in library.values()))
        return 0
    template = library.get(words.template)
    if template is None:
        raise EngineInputError(
            "papers.unknown_template", f"没有“{words.template}”这个模板。可用的有：{'、'.join(library)}。"
        )
    if words.command == "starter":
        words.out.write_bytes(custom.starter(template))
        return 0
    if words.command == "check-template":
        problems = custom.check(words.file.read_bytes(), template)
        print("\n".join(f"{one.place}：{one.message}" for one in problems) or "可以使用。")
        return int(bool(problems))
    made = make(template, _data(words.data))
    written = docx.write(made.document)
    words.out.write_bytes(pdf.from_docx(written) if words.out.suffix.lower() == ".pdf" else written)
    if made.missing:
        print(f"还有必填项没有填：{'、'.join(made.missing)}。", file=sys.stderr)
    return int(bool(made.missing))


def _data(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        text = file.read(_MAX_DATA + 1)
    if len(text) > _MAX_DATA:
        raise EngineInputError("papers.data", f"{path.name} 超过5MB。")
    try:
        data = yaml.load(text, Loader=yaml.CSafeLoader)  # The safe loader.
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise EngineInputError("papers.data", f"{path.name} 第 {line} 行：格式有误。") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise EngineInputError("papers.data", f"{path.name} 不是可读的 YAML 文件。") from None
    if not isinstance(data, dict):
        raise EngineInputError("papers.data", f"{path.name} 里应当是“字段: 值”。")
    return data
