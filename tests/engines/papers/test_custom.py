"""A county's own .docx: what is wrong in it is said with its place; what is hostile is refused; names are filled however cut."""

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

import docx as reader
import pytest
import segno
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.papers import custom, templates
from dudao_engines.papers.making import make
from dudao_engines.papers.templates import Template
from dudao_engines.papers.text import chinese_day
from tests.engines.papers.conftest import ROOT, data_of

OPINION = templates.load(ROOT / "library/papers")["opinion"]


def saved(document: Any) -> bytes:
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def file(*paragraphs: str) -> bytes:
    document = reader.Document()
    for words in paragraphs:
        document.add_paragraph(words)
    return saved(document)


def cut(words: str) -> bytes:
    """A paragraph whose every character is a run of its own, as Word leaves it after corrections."""
    document = reader.Document()
    paragraph = document.add_paragraph()
    for n, sign in enumerate(words):
        paragraph.add_run(sign).bold = n % 2 == 0
    return saved(document)


def with_part(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    change(parts)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return made.getvalue()


def words(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in reader.Document(io.BytesIO(data)).paragraphs]


def _png() -> bytes:
    made = io.BytesIO()
    segno.make("https://dudao.example/p/1").save(made, kind="png", scale=4)
    return made.getvalue()


PNG = _png()


def values_of(kind: str, library: dict[str, Template]) -> dict[str, Any]:
    """All an issued paper has, as the application gives it."""
    made = make(library[kind], data_of(kind)).document
    given = {
        "发文机关标志": made.organ, "发文字号": made.number, "标题": made.title, "主送": made.to, "正文": made.body,
        "附件": [one.title for one in made.attachments], "署名": made.signed_by, "附注": made.note, "抄送": made.copies_to,
        "成文日期": chinese_day(made.day) if made.day else "", "印发机关": made.printed_by, "签发人": made.approved_by,
        "印发日期": chinese_day(made.printed_on) if made.printed_on else "",
    }  # fmt: skip
    return data_of(kind) | given | {"二维码": PNG, "二维码说明": ["文号：示例", "摘要：示例"]}


def test_the_file_a_county_begins_with_needs_no_mending_and_fills(kind: str, library: dict[str, Template]) -> None:
    begun = custom.starter(library[kind])
    assert begun == custom.starter(library[kind])
    assert custom.check(begun, library[kind]) == []
    made = custom.fill(begun, values_of(kind, library))
    assert made == custom.fill(begun, values_of(kind, library))
    document = reader.Document(io.BytesIO(made))
    said = "\n".join(
        [*words(made), *(cell.text for table in document.tables for row in table.rows for cell in row.cells)]
    )
    assert "{{" not in said
    assert "【待填" not in said
    assert len(document.inline_shapes) == library[kind].numbered


def test_a_filled_opinion_has_levels_as_the_countys_own_paragraph(library: dict[str, Template]) -> None:
    begun = custom.starter(library["opinion"])
    document = reader.Document(io.BytesIO(custom.fill(begun, values_of("opinion", library))))
    level = next(one for one in document.paragraphs if one.text.startswith("（一）课程开设"))
    assert [run.text[:8] for run in level.runs] == ["（一）课程开设。", "学校按照国家课程"]
    assert "楷体_GB2312" in level.runs[0]._r.xml
    assert "楷体_GB2312" not in level.runs[1]._r.xml
    assert [row.cells[-1].text for row in document.tables[-1].rows] == [
        "文号：示例\n摘要：示例", "抄送：县教育体育局。", "2024年4月2日印发",
    ]  # fmt: skip


def test_a_paragraph_whose_names_are_all_empty_is_not_printed(library: dict[str, Template]) -> None:
    begun = custom.starter(library["opinion"])
    made = custom.fill(begun, values_of("opinion", library) | {"附注": "", "抄送": "", "附件": []})
    assert not [line for line in words(made) if "（）" in line or line.startswith("附件")]
    assert len(reader.Document(io.BytesIO(made)).tables[-1].rows) == 2


def test_what_is_wrong_is_said_with_its_place(library: dict[str, Template]) -> None:
    document = reader.Document()
    for line in (
        "{{标题}}",
        "{{发文字号}}",
        "致{{被督导单位}}：{{督导市项}}",
        "前{{正文}}后",
        "{{成文日期}",
        "{% for x in y %}",
    ):
        document.add_paragraph(line)
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(1, 1).text = "问题", "{{问题.颜色}}"
    document.sections[0].header.paragraphs[0].text = "{{问题.问题描述}}{{没有}}"
    found = {(one.code, one.place) for one in custom.check(saved(document), library["opinion"])}
    assert found == {
        ("unknown", "正文第3段"),
        ("inline", "正文第4段"),
        ("braces", "正文第5段"),
        ("statement", "正文第6段"),
        ("column", "表格1第2行"),
        ("inline", "页眉"),
        ("unknown", "页眉"),
        ("missing", "整个文件"),
    }


def test_without_the_text_every_required_field_must_stand_in_the_file(library: dict[str, Template]) -> None:
    missing = [
        one.message
        for one in custom.check(file("{{标题}}{{发文字号}}{{成文日期}}{{单位}}"), library["rectification-notice"])
    ]
    assert missing == [f"缺少必填字段 {{{{{key}}}}}。" for key in ("督学", "督导时间", "问题", "整改期限")]
    whole = file("{{标题}}{{发文字号}}{{成文日期}}", "{{正文}}")
    assert custom.check(whole, library["rectification-notice"]) == []
    assert custom.places(whole) == {"标题", "发文字号", "成文日期", "正文"}


@pytest.mark.parametrize("line", ["致{{单位}}：请于{{ 整改期限 }}日内整改", "{{单位}}{{整改期限}}日内整改"])
def test_names_that_word_has_cut_into_pieces_are_filled(line: str) -> None:
    made = custom.fill(cut(line), {"单位": "示例小学", "整改期限": "7"})
    assert words(made)[-1].endswith("日内整改")
    assert "示例小学" in words(made)[-1]
    assert "{{" not in words(made)[-1]


def test_a_row_comes_again_for_each_finding() -> None:
    document = reader.Document()
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "序号", "问题"
    table.cell(1, 0).text, table.cell(1, 1).text = "{{问题.序}}", "{{问题.问题描述}}（{{问题.整改期限}}）"
    findings = [{"问题描述": "甲{{标题}}", "整改期限": "2024-04-30"}, {"问题描述": "乙", "整改期限": "2024-05-06"}]
    made = reader.Document(io.BytesIO(custom.fill(saved(document), {"问题": findings})))
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [
        ["序号", "问题"],
        ["1", "甲{{标题}}（2024年4月30日）"],
        ["2", "乙（2024年5月6日）"],
    ]


def test_lines_become_paragraphs_and_a_picture_is_put_in() -> None:
    made = custom.fill(file("{{要求}}", "{{二维码}}", "尾"), {"要求": "甲\n乙", "二维码": PNG})
    document = reader.Document(io.BytesIO(made))
    assert [one.text for one in document.paragraphs] == ["甲", "乙", "", "尾"]
    assert len(document.inline_shapes) == 1
    assert words(custom.fill(file("{{二维码}}", "尾"), {})) == ["尾"]


def test_the_mark_stays_on_one_line_and_only_the_end_of_the_text_holds_on_to_the_signature(
    library: dict[str, Template],
) -> None:
    begun = custom.starter(library["opinion"])
    long = "贺兰县人民政府教育督导委员会办公室文件"
    made = custom.fill(begun, values_of("opinion", library) | {"发文机关标志": long, "附件": ["甲", "乙"]})
    paragraphs = reader.Document(io.BytesIO(made)).paragraphs
    (scale,) = paragraphs[0]._p.iter(qn("w:w"))
    (size,) = paragraphs[0]._p.iter(qn("w:sz"))
    assert int(scale.get(qn("w:val"))) * len(long) * int(size.get(qn("w:val"))) / 2 <= 156 / 25.4 * 72 * 100
    text = [one for one in paragraphs if one.style.name in ("公文正文",)]
    assert [bool(one.paragraph_format.keep_with_next) for one in text] == [False] * (len(text) - 1) + [True]
    assert "附件：1.甲\n2.乙" in words(made)


def test_a_cell_that_ends_with_a_table_still_ends_with_a_paragraph() -> None:
    document = reader.Document()
    document.add_table(rows=1, cols=1).cell(0, 0).text = "{{正文}}"
    made = reader.Document(io.BytesIO(custom.fill(saved(document), {"正文": "甲\n| 乙 |"})))
    cell = made.tables[0].cell(0, 0)
    assert [cell.paragraphs[0].text, cell.tables[0].cell(0, 0).text] == ["甲", "乙"]
    assert cell._tc[-1].tag == qn("w:p")


def macro(parts: dict[str, bytes]) -> None:
    parts["word/vbaProject.bin"] = b"x"


def external(parts: dict[str, bytes]) -> None:
    name = "word/_rels/document.xml.rels"
    parts[name] = parts[name].replace(
        b"</Relationships>",
        b'<Relationship Id="x" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
        b'Target="http://example.invalid/t.dotm" TargetMode="External"/></Relationships>',
    )


def fetching(parts: dict[str, bytes]) -> None:
    parts["word/document.xml"] = parts["word/document.xml"].replace(
        b"<w:body>",
        b"<w:body><w:p><w:r><w:instrText>INCLUDE</w:instrText></w:r><w:r><w:instrText>TEXT c:/x</w:instrText></w:r></w:p>",
    )


def entities(parts: dict[str, bytes]) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:document", bomb + b"<w:document", 1)


def unpacking(parts: dict[str, bytes]) -> None:
    parts["word/media/image1.png"] = b"\0" * 70_000_000


def pieces(parts: dict[str, bytes]) -> None:
    parts["word/document.xml"] = parts["word/document.xml"].replace(
        b"<w:body>", b"<w:body><w:p>" + b"<w:r><w:t>{{x}}</w:t></w:r>" * 50_000 + b"</w:p>"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (macro, "macro"),
        (external, "external"),
        (fetching, "external"),
        (entities, "damaged"),
        (unpacking, "too_large"),
        (pieces, "too_large"),
    ],
)
def test_hostile_files_are_refused_before_anything_is_filled(
    change: Callable[[dict[str, bytes]], None], code: str, library: dict[str, Template]
) -> None:
    data = with_part(file("{{标题}}", "{{正文}}"), change)
    started = time.monotonic()
    with pytest.raises(EngineInputError) as caught:
        custom.fill(data, {"标题": "x", "正文": "x"})
    assert caught.value.code == f"papers.docx_{code}"
    assert [one.code for one in custom.check(data, library["opinion"])] == ["refused"]
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "line",
    [
        "{% for a in range(10**9) %}{% for b in range(10**9) %}x{% endfor %}{% endfor %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ 'a' * 10**10 }}",
        "{{标题.__class__}}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{# #}",
    ],
)
def test_statements_of_a_template_language_are_words_that_are_refused_and_never_run(
    line: str, library: dict[str, Template]
) -> None:
    found = custom.check(file("{{标题}}{{发文字号}}{{成文日期}}", "{{正文}}", line), library["opinion"])
    assert {one.place for one in found} == {"正文第3段"}
    made = words(custom.fill(file(line), {"标题": "甲"}))
    assert made == [line] or "待填" in made[0] or made == ["甲"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_garbage_is_refused_and_never_raises_anything_else(data: bytes) -> None:
    template = Template.model_validate(
        {"id": "x", "name": "x", "form": "plain", "evidence": "DESIGN", "title": "x", "fields": [], "body": "x"}
    )
    assert [one.code for one in custom.check(data, template)] == ["refused"]
    assert [one.code for one in custom.check(b"PK\x03\x04" + data, template)] == ["refused"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=1, max_size=4),
    st.text(max_size=20),
)
def test_what_is_put_in_is_words_whatever_it_holds(lines: list[str], value: str) -> None:
    made = custom.fill(file("甲{{标题}}乙", "{{正文}}"), {"标题": value, "正文": "\n".join(lines)})
    reader.Document(io.BytesIO(made))


BEGUN = custom.starter(OPINION)
COMPRESSED = with_part(BEGUN, lambda parts: None)


@settings(max_examples=200, deadline=None)
@given(
    st.booleans(),
    st.lists(st.tuples(st.integers(0, len(COMPRESSED) - 1), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_a_damaged_file_is_refused_or_filled_and_never_raises_anything_else(
    packed: bool, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(COMPRESSED if packed else BEGUN)
    for at, byte in changes:
        damaged[at] = byte
    custom.check(bytes(damaged), OPINION)
    try:
        custom.fill(bytes(damaged), {"标题": "甲", "正文": "一、乙\n| 丙 |", "二维码": b"x"})
    except EngineInputError as error:
        assert error.code.startswith("papers.docx_")


@pytest.mark.parametrize(
    "part", ["word/document.xml", "word/styles.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"]
)
@pytest.mark.parametrize("made", [None, b"", b"<x/>", b"<a><b></a>", b"\xff\xfe"])
def test_a_package_whose_parts_are_not_what_they_should_be(part: str, made: bytes | None) -> None:
    def change(parts: dict[str, bytes]) -> None:
        if made is None:
            del parts[part]
        else:
            parts[part] = made

    data = with_part(file("{{标题}}", "{{正文}}", "{{二维码}}"), change)
    custom.check(data, OPINION)
    try:
        custom.fill(data, {"标题": "甲", "正文": "一、乙\n| 丙 |", "二维码": b"x"})
    except EngineInputError as error:
        assert error.code.startswith("papers.docx_")
