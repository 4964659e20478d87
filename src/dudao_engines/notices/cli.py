"""``dudao notice read|check FILE [--json]``: the outline of a notice, or the numbers of any text, on the terminal."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices.checks import check_text
from dudao_engines.notices.facts import Check
from dudao_engines.notices.gold import check_json, to_gold_json
from dudao_engines.notices.lines import split_lines
from dudao_engines.notices.model import Action, Notice
from dudao_engines.notices.reader import read_notice
from dudao_engines.notices.reading import MAX_BYTES, endings, read_bytes
from dudao_engines.notices.several import split_notices

_FIRST_WORDS = 40
_HOLDS = {True: "✓", False: "✗", None: "无法核对"}


_KINDS = {"sum": "合计", "share": "占比", "growth": "增减"}
_USAGE = "用法：dudao notice read|check 文件 [--json]"


class _Parser(argparse.ArgumentParser):
    """Says in one line of Chinese how the command is used."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{_USAGE}\n")


def main(argv: Sequence[str]) -> int:
    """Run the command.

    Args:
        argv: the words after ``dudao notice``.

    Returns:
        0; 1 when ``check`` found a number that does not follow from the others; 2 after one Chinese line on stderr when
        the words or the file cannot be used.
    """
    parser = _Parser(prog="dudao notice", description="读通知，列出要点；核对文字中的数")
    commands = parser.add_subparsers(dest="command", required=True, metavar="read|check")
    for name, told in (("read", "读一份通知"), ("check", "核对一份文字中的合计、占比、增减")):
        command = commands.add_parser(name, help=told)
        command.add_argument("file", metavar="FILE", help=f"文件（{' '.join(endings())}），- 表示标准输入")
        command.add_argument("--json", action="store_true", help="输出 JSON，带位置")
    try:
        words = parser.parse_args(list(argv))
    except SystemExit as wish:
        return int(wish.code or 0)
    try:
        text = _text(words.file)
        if words.command == "check":
            return _check(text, as_json=words.json)
        parts = split_notices(text)
        notices = [read_notice(part.of(text)) for part in parts]
    except EngineInputError as error:
        print(error.message, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"打不开文件“{words.file}”：{_why_not(error)}。", file=sys.stderr)
        return 2
    if words.json:
        shown = [
            {"part": [part.start, part.end]} | to_gold_json(notice) for part, notice in zip(parts, notices, strict=True)
        ]
        print(json.dumps(shown if len(notices) > 1 else to_gold_json(notices[0]), ensure_ascii=False, indent=1))
    elif len(notices) == 1:
        print(outline_text(notices[0]))
    else:
        print(f"文件中有 {len(notices)} 份通知")
        for number, notice in enumerate(notices, 1):
            print(f"\n—— 第 {number} 份 ——\n{outline_text(notice)}")
    return 0


def _why_not(error: OSError) -> str:
    reasons = (
        (FileNotFoundError, "没有这个文件"),
        (IsADirectoryError, "这是文件夹"),
        (PermissionError, "没有读取权限"),
    )
    return next((why for kind, why in reasons if isinstance(error, kind)), "读取出错，请检查文件名和磁盘")


def _text(name: str) -> str:
    if name == "-":
        return read_bytes(sys.stdin.buffer.read(MAX_BYTES + 1), "stdin.txt")
    with Path(name).open("rb") as file:
        return read_bytes(file.read(MAX_BYTES + 1), Path(name).name)


def _check(text: str, *, as_json: bool) -> int:
    checks = check_text(text)
    if as_json:
        print(json.dumps([check_json(check) for check in checks], ensure_ascii=False, indent=1))
    else:
        print("\n".join(_checked(text, check) for check in checks) or "没有可以相互核对的数。")
    return int(any(check.holds is False for check in checks))


def _checked(text: str, check: Check) -> str:
    """A check on one line, with the number of the line of the text where its result stands."""
    line = len(split_lines(text[: check.spans[-1].start] + "."))
    return f"{_HOLDS[check.holds]}　第 {line} 行　{_KINDS[check.kind]}　{_why(text, check)}"


def _why(text: str, check: Check) -> str:
    """The sum; what cannot be checked is named, as no sum names it."""
    why = check.why.removeprefix("无法核对：")
    figure, after = check.spans[-1].of(text), text[check.spans[-1].end :][:1]
    return why if check.holds is not None or figure in why else f"{figure}{after if after in '%％' else ''}：{why}"


def outline_text(notice: Notice) -> str:
    """The notice as a readable outline in Chinese."""
    lines = []
    single = {"标题": notice.title, "文号": notice.doc_no, "发文机关": notice.issuer, "日期": notice.date}
    for label, field in single.items():
        lines.append(f"{label}：{_one_line(field.value) if field else '未写明'}")
    for item in notice.metadata:
        value = item.value if isinstance(item.value, str) else "、".join(item.value)
        lines.append(f"  {item.key}：{_one_line(value)}")
    points = [point for section in notice.sections for point in section.points]
    actions = sum(len(point.actions) for point in points)
    lines.append(f"共 {len(notice.sections)} 部分，{len(points)} 个要点，{actions} 项任务")
    for section in notice.sections:
        mark = "（序号已恢复）" if section.repaired else ""
        lines.append(f"\n{section.no or ''} {_one_line(section.heading or '（无标题）')}{mark}".rstrip())
        for point in section.points:
            words = "".join(span.of(notice.text) for span in point.body)
            lines.append(f"  {point.no or '·'} {_one_line(words)[:_FIRST_WORDS]}")
            lines.extend(f"      - {_duty_text(action)}" for action in point.actions)
    if notice.checks:
        lines.append("\n数字核对：")
        lines.extend(f"  {_HOLDS[check.holds]} {_why(notice.text, check)}" for check in notice.checks)
    if notice.flags:
        lines.append("\n请核对：")
        lines.extend(f"  {_one_line(flag.quote)[:_FIRST_WORDS]}：{flag.why}" for flag in notice.flags)
    return "\n".join(lines)


def _duty_text(action: Action) -> str:
    """A duty with who and when, as far as the text says."""
    times = (action.deadline, action.recurrence)
    said = [time.quote for time in times if time] + ([action.vague_time.value] if action.vague_time else [])
    units = {
        "牵头": [unit.value for unit in action.lead],
        "配合": [unit.value for unit in action.cooperating],
        "责任": [action.subject.value] if action.subject else [],
    }
    when = f"（{'，'.join(said)}）" if said else ""
    who = "".join(f"  {label}：{'、'.join(names)}" for label, names in units.items() if names)
    return _one_line(f"{action.quote}{when}{who}")


def _one_line(words: str) -> str:
    return " ".join(words.split())
