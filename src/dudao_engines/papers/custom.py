"""A county's own .docx in place of the layout: checked against its template, filled, and a first one to edit.

What stands in double braces is a name and nothing else: a field of the template, an element every paper has, or
``{{问题.整改期限}}`` in a row of a table, which then comes again for each row. There is no language in it that could
loop, compute or reach anything (docs/adr/0055).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from lxml import etree

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.papers import docx, styles
from dudao_engines.papers.filling import Value
from dudao_engines.papers.foot import QR_RELATION, picture_xml
from dudao_engines.papers.inserting import (
    PLACE,
    QR,
    QR_WORDS,
    ROW_NUMBER,
    TBL,
    TR,
    Filler,
    P,
    bytes_of,
    roots_of,
    words_in,
)
from dudao_engines.papers.model import Attachment, Document, Form
from dudao_engines.papers.opened import parts_of, tree_of
from dudao_engines.papers.parts import relations
from dudao_engines.papers.templates import ELEMENTS, Template
from dudao_engines.papers.wml import W, package, run

_QR_PLACE = f"{{{{{QR_WORDS}}}}}"


@dataclass(frozen=True, slots=True)
class Problem:
    """What has to be mended in a county's file.

    Attributes:
        code: ``refused``, ``statement``, ``braces``, ``unknown``, ``column``, ``inline``, ``missing``, ``tracked``.
        place: 正文第3段, 表格第2行, 页眉; 整个文件 for what is missing.
        message: in Chinese, with what to do.
    """

    code: str
    place: str
    message: str


def check(data: bytes, template: Template) -> list[Problem]:
    """What is wrong with a county's file for a kind of paper; nothing when it may be used. Never raises."""
    try:
        roots = roots_of(parts_of(data))
    except EngineInputError as error:
        return [Problem("refused", "整个文件", error.message)]
    problems: list[Problem] = []
    used: set[str] = set()
    for name, root in roots.items():
        for place, paragraph in _placed(name, root):
            problems += _checked(place, words_in(paragraph), template, used)
    if any(next(root.iter(f"{{{W}}}{mark}"), None) is not None for root in roots.values() for mark in ("ins", "del")):
        problems.append(Problem("tracked", "整个文件", "文件里有没有接受的修订，请先接受或拒绝全部修订。"))
    wanted = [one.key for one in template.fields if one.required] if "正文" not in used else []
    wanted += ["标题"] if template.form is not Form.PLAIN else []
    wanted += ["发文字号", "成文日期"] if template.numbered else []
    problems += [Problem("missing", "整个文件", f"缺少必填字段 {{{{{key}}}}}。") for key in wanted if key not in used]
    return problems


def places(data: bytes) -> frozenset[str]:
    """The names a county's file uses; with 正文 in it the words edited on the screen are printed.

    Raises:
        EngineInputError: as ``opened.parts_of``.
    """
    roots = roots_of(parts_of(data))
    return frozenset(
        found[1]
        for name, root in roots.items()
        for _, one in _placed(name, root)
        for found in PLACE.finditer(words_in(one))
    )


def fill(data: bytes, values: Mapping[str, Value]) -> bytes:
    """A county's file with its names filled in.

    Args:
        data: a file ``check`` finds nothing in.
        values: by name; words, days, lists of words, lists of rows; ``二维码`` a PNG picture, ``二维码说明`` the words beside
            it. 正文 is structured text. A paragraph whose names are all empty is left out; a name that is not given stands
            as ``【待填：…】``.

    Returns:
        A .docx; the same for the same file and values.

    Raises:
        EngineInputError: as ``opened.parts_of``.
    """
    parts = parts_of(data)
    roots = roots_of(parts)
    picture = values.get(QR)
    filler = Filler(values)
    for root in roots.values():
        filler.fill(root)
    parts |= {name: bytes_of(root) for name, root in roots.items()}
    if filler.used_styles:
        parts["word/styles.xml"] = _with_styles(parts.get("word/styles.xml"))
    if isinstance(picture, bytes) and filler.used_picture:
        _with_picture(parts, picture)
    return package(parts)


def starter(template: Template) -> bytes:
    """The .docx a county begins with: the layout of the house with every element as a name in braces."""
    plain = template.form is Form.PLAIN
    letter = template.form is Form.LETTER
    mark, name = ("甲甲县人民政府教育督导室" + ("" if letter else "文件"), "乙乙县人民政府教育督导室")
    document = Document(
        title=template.title if plain else "{{标题}}",
        body=template.body.rstrip("\n") if plain else "{{正文}}",
        form=template.form,
        organ="" if plain else mark,
        number="{{发文字号}}" if template.numbered else "",
        to="" if plain or not template.to else "{{主送}}",
        attachments=() if plain else (Attachment("{{附件}}"),),
        signed_by="" if plain else name,
        day=None if plain else date(1901, 1, 11),
        seal=template.seal,
        note="" if plain else "{{附注}}",
        copies_to="" if plain else "{{抄送}}",
        printed_by="" if plain else "{{印发机关}}",
        printed_on=None if plain else date(1902, 1, 11),
        approved_by="{{签发人}}" if template.upward else "",
        qr=b"" if template.numbered else None,
        qr_words=(_QR_PLACE,),
    )
    # What is laid out by its length is laid out for words as long as they usually are, and gives way to its name.
    names = {mark: "发文机关标志", name: "署名", "1901年1月11日": "成文日期", "1902年1月11日": "印发日期"}
    parts = parts_of(docx.write(document))
    for part in ("word/document.xml", "word/header-first.xml", "docProps/core.xml"):
        text = parts[part].decode("utf-8")
        for words, element in names.items():
            text = text.replace(words, f"{{{{{element}}}}}" if part.startswith("word") else "")
        parts[part] = text.replace(picture_xml(_QR_PLACE), run(f"{{{{{QR}}}}}")).encode("utf-8")
    parts.pop("word/media/qr.png", None)
    return package(parts | {"word/_rels/document.xml.rels": relations(qr=False)})


# Checking


def _checked(place: str, words: str, template: Template, used: set[str]) -> Iterator[Problem]:
    if "{%" in words or "{#" in words:
        yield Problem("statement", place, "这里有程序语句（{% … %}），只能写字段名，如 {{正文}}。")
        return
    for found in PLACE.finditer(words):
        name, column = found[1], found[2]
        field = template.field(name)
        used.add(name)
        if field is None and name not in (*ELEMENTS, QR, QR_WORDS):
            yield Problem("unknown", place, f"没有“{name}”这个字段。可用的有：{_names(template)}。")
        elif column:
            columns = [one.key for one in field.columns] if field else []
            if column not in (*columns, ROW_NUMBER):
                yield Problem("column", place, f"“{name}”没有“{column}”这一列。")
            elif not place.startswith("表格"):
                yield Problem("inline", place, f"{found[0]} 要放在表格的一行里。")
        elif _alone_only(name, template) and words.strip() != found[0]:
            yield Problem("inline", place, f"{found[0]} 要单独占一段。")
    rest = PLACE.sub("", words)
    if "{{" in rest or "}}" in rest:
        yield Problem("braces", place, "花括号不成对，或者里面不是字段名。")


def _alone_only(name: str, template: Template) -> bool:
    field = template.field(name)
    return name in ("正文", QR) or (field is not None and field.kind == "table")


def _names(template: Template) -> str:
    return "、".join([*(one.key for one in template.fields), *ELEMENTS, QR, QR_WORDS])


def _placed(name: str, root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Each paragraph with where a person finds it."""
    where = {"header": "页眉", "footer": "页脚", "footnotes": "脚注", "endnotes": "尾注"}
    outside = next((said for key, said in where.items() if name.startswith(f"word/{key}")), "")
    tables = {table: number for number, table in enumerate(root.iter(TBL), 1)}
    rows = {row: at for owner in tables for at, row in enumerate(owner.iterchildren(TR), 1)}
    counted = 0
    for paragraph in root.iter(P):
        row = next(paragraph.iterancestors(TR), None)
        if outside:
            yield outside, paragraph
        elif row is not None:
            yield f"表格{tables[next(row.iterancestors(TBL))]}第{rows.get(row, 1)}行", paragraph
        else:
            counted += 1
            yield f"正文第{counted}段", paragraph


def _with_styles(part: bytes | None) -> bytes:
    """The county's styles, and those of our tables where it has none of that name."""
    ours = tree_of(styles.styles_xml())
    if part is None:
        return bytes_of(ours)
    root = tree_of(part)
    key = f"{{{W}}}styleId"
    known = {style.get(key) for style in root.iterchildren(f"{{{W}}}style")}
    for style in ours.iterchildren(f"{{{W}}}style"):
        if style.get(key) in ("Cell", "CellHead", "FormCell") and style.get(key) not in known:
            root.append(style)
    return bytes_of(root)


def _with_picture(parts: dict[str, bytes], picture: bytes) -> None:
    """The picture as a part, its relation and its type."""
    parts["word/media/dudao-qr.png"] = picture
    name = "word/_rels/document.xml.rels"
    root = tree_of(parts[name])
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    etree.SubElement(
        root,
        "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship",
        {"Id": QR_RELATION, "Type": kind, "Target": "media/dudao-qr.png"},
    )
    parts[name] = bytes_of(root)
    types = tree_of(parts["[Content_Types].xml"])
    space = "{http://schemas.openxmlformats.org/package/2006/content-types}"
    if not any(one.get("Extension", "").lower() == "png" for one in types.iter(f"{space}Default")):
        types.insert(0, etree.Element(f"{space}Default", {"Extension": "png", "ContentType": "image/png"}))
    parts["[Content_Types].xml"] = bytes_of(types)
