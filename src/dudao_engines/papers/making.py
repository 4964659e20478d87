"""A paper from one flat set of values: the fields of its template and the elements every paper has, all by their Chinese names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.papers.filling import Value, fill, words_of
from dudao_engines.papers.model import Attachment, Document
from dudao_engines.papers.templates import ELEMENTS, Template


@dataclass(frozen=True, slots=True)
class Made:
    """A paper and what it still misses (``Filled.missing``)."""

    document: Document
    missing: tuple[str, ...]


def make(template: Template, data: Mapping[str, Value]) -> Made:
    """A paper of a template.

    Args:
        data: values of the template's fields and of ``ELEMENTS``. 标题, 主送 and 正文 take the place of what the template says.

    Raises:
        EngineInputError: ``papers.unknown_field`` for a name that is neither; ``papers.bad_day`` for a day that is none.
    """
    known = {one.key for one in template.fields} | set(ELEMENTS)
    if strange := [name for name in data if name not in known]:
        raise EngineInputError(
            "papers.unknown_field", f"“{template.name}”没有这些字段：{'、'.join(map(str, strange))}。"
        )
    filled = fill(template, data)
    words = {name: words_of(data.get(name)) for name in ELEMENTS if name != "附件"}
    attached = data.get("附件")
    names = map(words_of, attached) if isinstance(attached, list | tuple) else words_of(attached).splitlines()
    document = Document(
        title=words["标题"] or filled.title,
        body=words["正文"] or filled.body,
        form=template.form,
        organ=words["发文机关标志"],
        number=words["发文字号"],
        to=words["主送"] or filled.to,
        attachments=tuple(Attachment(name) for name in names if name),
        signed_by=words["署名"],
        day=_day("成文日期", data),
        seal=template.seal,
        note=words["附注"],
        copies_to=words["抄送"],
        printed_by=words["印发机关"],
        printed_on=_day("印发日期", data),
        approved_by=words["签发人"] if template.upward else "",
        urgency=words["紧急程度"],
    )
    return Made(document, filled.missing)


def _day(name: str, data: Mapping[str, Value]) -> date | None:
    value = data.get(name)
    if isinstance(value, date):
        return value
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise EngineInputError("papers.bad_day", f"{name}“{value}”不是日期，请写成 2024-03-22。") from None
