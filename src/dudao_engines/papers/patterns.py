"""The small language of templates: fields, and lines that come again or only sometimes. It can neither loop without end nor compute.

{{字段}}            the value of a field; lines and tables stand on a line of their own
{{每 问题}}         … {{完 问题}}: these lines for each row of a table; {{问题描述}} is a column of the row, {{序}} its number
{{有 字段}}         … {{完 字段}}: these lines only where the field is filled
{{无 字段}}         … {{完 字段}}: these lines only where it is not
"""

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

PLACE: Final = re.compile(r"\{\{\s*(?:(每|有|无|完)\s+)?([^{}\s]+)\s*\}\}")
_BLOCK = re.compile(r"\s*\{\{\s*(每|有|无|完)\s+([^{}\s]+)\s*\}\}\s*")
# Words that a row gives besides its columns: 1, 一.
ROW_NUMBER, ROW_NUMERAL = "序", "序汉"


@dataclass(slots=True)
class Node:
    """A line (``word`` empty), or lines under a condition or for each row."""

    word: str
    name: str
    line: str = ""
    inner: list["Node"] = field(default_factory=list)


def tree(pattern: str) -> list[Node]:
    """The lines of a pattern, those of blocks under their block.

    Raises:
        ValueError: a block without end, an end without beginning, a block inside a line.
    """
    top: list[Node] = []
    open_blocks: list[Node] = []
    for number, line in enumerate(pattern.rstrip("\n").split("\n"), 1):
        here = open_blocks[-1].inner if open_blocks else top
        if block := _BLOCK.fullmatch(line):
            word, name = block[1], block[2]
            if word != "完":
                here.append(Node(word, name))
                open_blocks.append(here[-1])
            elif open_blocks and open_blocks[-1].name == name:
                open_blocks.pop()
            else:
                raise ValueError(f"正文第 {number} 行的 {{{{完 {name}}}}} 没有对应的开头")
        elif any(found[1] for found in PLACE.finditer(line)):
            raise ValueError(f"正文第 {number} 行：每、有、无、完要单独占一行")
        else:
            here.append(Node("", "", line))
    if open_blocks:
        raise ValueError(
            f"{{{{{open_blocks[-1].word} {open_blocks[-1].name}}}}} 没有对应的 {{{{完 {open_blocks[-1].name}}}}}"
        )
    return top


def check(pattern: str, names: Set[str], columns: Mapping[str, Set[str]]) -> set[str]:
    """The fields a pattern uses.

    Args:
        names: all fields.
        columns: of each field that is a table.

    Raises:
        ValueError: a name that is no field, a table that is none, or what ``tree`` refuses.
    """
    return set(_used(tree(pattern), names, columns, set()))


def _used(nodes: list[Node], names: Set[str], columns: Mapping[str, Set[str]], row: set[str]) -> Iterator[str]:
    for node in nodes:
        if node.word:
            if node.name not in names and node.name not in row:
                raise ValueError(f"没有“{node.name}”这个字段")
            if node.word == "每" and node.name not in columns:
                raise ValueError(f"“{node.name}”不是表格，不能用“每”")
            if node.name in names:
                yield node.name
            inside = row | (columns[node.name] | {ROW_NUMBER, ROW_NUMERAL} if node.word == "每" else set())
            yield from _used(node.inner, names, columns, inside)
            continue
        for found in PLACE.finditer(node.line):
            if found[2] in row:
                continue
            if found[2] not in names:
                raise ValueError(f"没有“{found[2]}”这个字段")
            yield found[2]
        if "{{" in PLACE.sub("", node.line) or "}}" in PLACE.sub("", node.line):
            raise ValueError(f"这一行的花括号不成对：{node.line.strip()}")
