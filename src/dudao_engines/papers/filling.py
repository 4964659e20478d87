"""A template and values to the words of a paper. What is not given stays visibly open; nothing is invented."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dudao_engines.papers.patterns import PLACE, ROW_NUMBER, ROW_NUMERAL, Node, tree
from dudao_engines.papers.templates import Field, Template
from dudao_engines.papers.text import Table, cell, chinese_day, parse, table

# Words, a day, a number, a list of these, or a list of rows; what comes from outside may be anything and is read as words.
Value = object
_OPEN = re.compile(r"【待填：([^】]+)】")
_HEADING = re.compile(r"[一二三四五六七八九十]+、")
_NUMBERED = "编号"  # A first column of this name numbers the rows.
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Filled:
    """The words of a paper.

    Attributes:
        title, to: in one line each.
        body: structured text.
        missing: names of the required fields that have no value; of a table's column, ``问题清单·整改期限``.
    """

    title: str
    to: str
    body: str
    missing: tuple[str, ...]


def fill(template: Template, values: Mapping[str, Value]) -> Filled:
    """The title, addressee and body of a paper.

    Args:
        values: by field: words; for ``lines`` words with breaks or a list; for ``day`` a date or ``2024-03-22``; for
            ``table`` rows, each a mapping of its columns. Values that are no field of the template are not used.

    Returns:
        The filled words. A required field without value stands as ``【待填：字段】`` and in ``missing``; an optional one is
        left out, and a line that holds nothing else with it.
    """
    known = {one.key: _shaped(one, values.get(one.key)) for one in template.fields}
    fields = {one.key: one for one in template.fields}
    filler = _Filler(known, fields)
    body = "\n".join(filler.lines(tree(template.body), {}))
    return Filled(filler.line(template.title, {}), filler.line(template.to, {}), body, tuple(_missing(template, known)))


def still_open(text: str) -> tuple[str, ...]:
    """What stands as ``【待填：…】`` in a text, in order, each once."""
    return tuple(dict.fromkeys(_OPEN.findall(text)))


def words_of(value: object) -> str:
    """A single value in words."""
    if isinstance(value, date):
        return chinese_day(value)
    words = "" if value is None else str(value).strip()
    if _ISO_DAY.fullmatch(words):
        try:
            return chinese_day(date.fromisoformat(words))
        except ValueError:
            return words
    return words


def numeral(count: int) -> str:
    """1 to 99 as 一 to 九十九."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(count, 10)
    if count > 99:
        return str(count)
    lead = "" if not tens else "十" if tens == 1 else f"{digits[tens]}十"
    return lead + (digits[ones] if ones or not tens else "")


def _shaped(one: Field, value: Value) -> str | list[dict[str, str]]:
    """A value as the pattern takes it: words, or rows of words."""
    if one.kind == "table":
        given = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []
        return [{column.key: words_of(row.get(column.key)) for column in one.columns} for row in given]
    words = "\n".join(map(words_of, value)) if isinstance(value, list | tuple) else words_of(value)
    words = "\n".join(line.strip() for line in words.splitlines() if line.strip())
    return words if one.kind == "lines" else " ".join(words.split("\n"))


def _missing(template: Template, known: Mapping[str, str | list[dict[str, str]]]) -> list[str]:
    found = []
    for one in template.fields:
        value = known[one.key]
        if one.required and not value:
            found.append(one.name)
        if isinstance(value, list):
            wanted = [column.key for column in one.columns if column.required]
            found += [f"{one.name}·{key}" for key in wanted if any(not row[key] for row in value)]
    return found


class _Filler:
    def __init__(self, known: Mapping[str, str | list[dict[str, str]]], fields: Mapping[str, Field]) -> None:
        self._known, self._fields = known, fields
        self._headings = 0

    def lines(self, nodes: Sequence[Node], row: Mapping[str, str]) -> list[str]:
        made: list[str] = []
        for node in nodes:
            value = row[node.name] if node.name in row else self._known.get(node.name, "")
            if node.word == "每" and isinstance(value, list):
                for count, one in enumerate(self._rows(node.name), 1):
                    inside = {**row, **one, ROW_NUMBER: str(count), ROW_NUMERAL: numeral(count)}
                    made += self.lines(node.inner, inside)
                if not value and self._fields[node.name].required:
                    made.append(_gap(self._fields[node.name].name))
            elif node.word in ("有", "无"):
                made += self.lines(node.inner, row) if bool(value) == (node.word == "有") else []
            elif not node.word:
                made += self._one(self._numbered(node.line), row)
        return made

    def _numbered(self, line: str) -> str:
        """A heading 一、 of the pattern with the number it has when those before it are left out."""
        heading = _HEADING.match(line)
        if not heading:
            return line
        self._headings += 1
        return f"{numeral(self._headings)}、{line[heading.end() :]}"

    def line(self, pattern: str, row: Mapping[str, str]) -> str:
        return "".join(self._one(pattern, row))

    def _one(self, line: str, row: Mapping[str, str]) -> list[str]:
        """A line of the pattern as lines of the paper; none where all its fields are optional and empty."""
        alone = PLACE.fullmatch(line.strip())
        if alone and isinstance(self._known.get(alone[2]), list):
            return self._table(alone[2])
        found = list(PLACE.finditer(line))
        shown = cell if isinstance(parse(line.strip())[0], Table) else str
        written = PLACE.sub(lambda place: shown(self._value(place[2], row)), line)
        if found and alone and not written.strip():
            return []
        return written.split("\n")

    def _table(self, key: str) -> list[str]:
        rows, one = self._rows(key), self._fields[key]
        if not rows:
            return [_gap(one.name)] if one.required else []
        head = [column.key for column in one.columns]
        shown = [[row[key] for key in head] for row in rows]
        if head[0] != _NUMBERED:
            head, shown = ["序号", *head], [[str(count), *cells] for count, cells in enumerate(shown, 1)]
        return list(table(shown, head).lines)

    def _rows(self, key: str) -> list[dict[str, str]]:
        """The rows of a table, with what is missing in them said."""
        wanted = {column.key for column in self._fields[key].columns if column.required}
        rows = self._known[key]
        assert isinstance(rows, list)
        return [{key: value or (_gap(key) if key in wanted else "") for key, value in row.items()} for row in rows]

    def _value(self, key: str, row: Mapping[str, str]) -> str:
        if key in row:
            return row[key]
        value, one = self._known[key], self._fields[key]
        if isinstance(value, str) and value:
            return value
        return _gap(one.name) if one.required else ""


def _gap(name: str) -> str:
    return f"【待填：{name}】"
