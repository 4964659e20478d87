"""Data files an expert can read and correct: YAML under a strict schema, with the line of every mistake."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dudao_engines.kernel.errors import EngineInputError

_Model = TypeVar("_Model", bound=BaseModel)
_SAID = {
    "extra_forbidden": "没有这个项目名",
    "missing": "缺少这个项目",
    "string_type": "应当是文字",
    "literal_error": "不在允许的取值内",
    "enum": "不在允许的取值内",
    "bool_type": "应当是 true 或 false",
    "list_type": "应当是列表",
    "tuple_type": "应当是列表",
    "model_type": "应当是一组项目",
}


def read(path: Path, schema: type[_Model]) -> _Model:
    """A file as its schema says.

    Raises:
        EngineInputError: ``datafile.syntax`` or ``datafile.schema``; the message names file, line, item and mistake.
    """
    return loads(path.read_text("utf-8"), schema, name=path.name)


def loads(text: str, schema: type[_Model], *, name: str) -> _Model:
    """As ``read``, of a text; ``name`` is what the message calls it."""
    try:
        loader = yaml.CSafeLoader(text)
        node = loader.get_single_node()
        if repeated := _repeated(node):
            raise EngineInputError("datafile.syntax", f"{name} 第 {repeated[0]} 行：“{repeated[1]}”写了两次。")
        data = loader.construct_document(node) if node else None
    except EngineInputError:
        raise
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise EngineInputError("datafile.syntax", f"{name} 第 {line} 行：格式有误（{error.problem}）。") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise EngineInputError("datafile.syntax", f"{name}：不是可读的 YAML 文件。") from None
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        found = [_told(node, wrong) for wrong in error.errors(include_url=False)]
        raise EngineInputError("datafile.schema", f"{name} " + "；".join(found) + "。") from None


def _repeated(node: yaml.Node | None) -> tuple[int, str] | None:
    """A key that stands twice in one mapping: YAML would silently keep the last."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value.__hash__ and str(key.value) in seen:
                return key.start_mark.line + 1, str(key.value)
            seen.add(str(key.value))
            if below := _repeated(value):
                return below
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            if below := _repeated(value):
                return below
    return None


def _told(node: yaml.Node | None, wrong: ErrorDetails) -> str:
    """One mistake with its line: that of the item, or of what it is missing in."""
    kind, place, said = wrong["type"], wrong["loc"], wrong["msg"]
    line = 1
    for step in place:
        if node is None:
            break
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(step)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    words = _SAID.get(kind, said.removeprefix("Value error, "))
    return f"第 {line} 行“{'.'.join(map(str, place)) or '整个文件'}”：{words}"
