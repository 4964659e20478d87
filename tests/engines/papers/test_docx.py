"""The .docx of a paper has the measures and the order of GB/T 9704-2012."""

import io
import os
import subprocess
import time
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx as reader
import pypdf
import pytest
import segno
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.office import converter
from dudao_engines.papers import docx, pdf
from dudao_engines.papers.layout import broken, column_widths, width
from dudao_engines.papers.making import make
from dudao_engines.papers.model import Attachment, Document, Form
from dudao_engines.papers.templates import Template
from tests.engines.papers.conftest import data_of
from tests.engines.papers.structure import MADE, structure

MM = 36000  # English metric units, as python-docx counts.
ANY = st.text(max_size=60)


def opened(document: Document) -> Any:
    return reader.Document(io.BytesIO(docx.write(document)))


def styles_of(document: Document) -> list[tuple[str, str]]:
    """Name of the style and words of each paragraph."""
    return [(one.style.name.removeprefix("公文"), one.text) for one in opened(document).paragraphs]


def qr() -> bytes:
    made = io.BytesIO()
    segno.make("https://dudao.example/p/1", error="m").save(made, kind="png", scale=6)
    return made.getvalue()


@pytest.fixture(scope="module")
def opinion(library: dict[str, Template]) -> Document:
    return make(library["opinion"], data_of("opinion")).document


def test_the_page_is_a4_with_the_measures_of_the_standard(paper: Document) -> None:
    page = opened(paper).sections[0]
    near = {
        "page_width": 210, "page_height": 297, "top_margin": 37, "left_margin": 28, "right_margin": 26, "bottom_margin": 35,
    }  # fmt: skip
    assert {name: round(getattr(page, name) / MM) for name in near} == near
    (grid,) = page._sectPr.iter(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "lines"
    assert round(page.page_height / MM - 37 - 35) == 225
    assert int(grid.get(qn("w:linePitch"))) * 22 <= 225 * 1440 / 25.4


def test_every_paper_has_the_structure_that_was_looked_at(kind: str, paper: Document) -> None:
    assert structure(paper) == (MADE / f"{kind}.txt").read_text("utf-8")


def test_every_element_stands_in_its_order_and_style(opinion: Document) -> None:
    named = styles_of(replace(opinion, qr=qr(), qr_words=("文号：贺政教督发〔2024〕7号",)))
    assert named[:6] == [
        ("发文机关标志", "贺兰县人民政府教育督导室文件"),
        ("发文字号", "贺政教督发〔2024〕7号"),
        ("标题", "关于贺兰县示例第一小学2024年春季学期\n规范办学行为专项督导的督导意见书"),
        ("主送机关", "贺兰县示例第一小学："),
        ("正文", named[4][1]),
        ("正文", named[5][1]),
    ]
    assert ("一级标题", "一、督导评价") in named
    assert named[-5:] == [
        ("附件说明", "附件：贺兰县示例第一小学督导问题清单"),
        ("署名", "贺兰县人民政府教育督导室"),
        ("成文日期", "2024年4月2日"),
        ("附注", "（此件主动公开）"),
        ("末段", ""),
    ]
    foot = opened(opinion).tables[-1]
    assert [[cell.text for cell in dict.fromkeys(row.cells)] for row in foot.rows] == [
        ["抄送：县教育体育局。"],
        ["贺兰县人民政府教育督导室", "2024年4月2日印发"],
    ]


def test_official_fonts_are_named_for_chinese_words(opinion: Document) -> None:
    fonts = {
        style.name.removeprefix("公文"): style.element.rPr.rFonts.get(qn("w:eastAsia"))
        for style in opened(opinion).styles
        if style.name.startswith("公文")
    }
    wanted = {
        "发文机关标志": "方正小标宋简体", "标题": "方正小标宋简体", "正文": "仿宋_GB2312", "一级标题": "黑体",
        "二级标题": "楷体_GB2312", "三级标题": "仿宋_GB2312", "楷体": "楷体_GB2312", "页码": "宋体", "版记": "仿宋_GB2312",
    }  # fmt: skip
    assert {name: fonts[name] for name in wanted} == wanted


def test_a_heading_with_words_after_it_is_kai_up_to_its_full_stop(opinion: Document) -> None:
    paragraph = next(one for one in opened(opinion).paragraphs if one.text.startswith("（一）课程开设"))
    assert [(run.style.name, run.text[:9]) for run in paragraph.runs] == [
        ("公文楷体", "（一）课程开设。"),
        ("Default Paragraph Font", "学校按照国家课程方"),
    ]


def test_a_place_is_kept_for_the_seal_and_none_is_drawn(opinion: Document) -> None:
    sealed, bare = (
        next(one for one in opened(replace(opinion, seal=seal)).paragraphs if one.style.name == "公文署名")
        for seal in (True, False)
    )
    assert sealed.paragraph_format.space_before.pt == 3 * 28.95
    assert bare.paragraph_format.space_before.pt == 28.95
    assert not opened(opinion).inline_shapes


@pytest.mark.parametrize(
    ("name", "seal", "by", "on"),
    [
        # With a seal the day stands four characters in, the name in its middle.
        ("贺兰县教育局", True, 425, 400),
        # A name too long for that begins the line of both.
        ("贺兰县人民政府教育督导委员会办公室", True, 0, 525),
        # Without one the name stands two in, and the day begins two characters after it.
        ("贺兰县人民政府教育督导室", False, 200, 550),
        # A day longer than the name pushes it.
        ("县教育局", False, 325, 200),
    ],
)
def test_signature_and_day_stand_as_the_standard_says(name: str, seal: bool, by: int, on: int) -> None:
    document = Document(title="示例", body="正文。", signed_by=name, day=date(2024, 3, 22), seal=seal)
    made = {
        one.style.name: one._p.pPr.ind.get(qn("w:rightChars"))
        for one in opened(document).paragraphs
        if one._p.pPr.ind is not None
    }
    assert (int(made["公文署名"]), int(made["公文成文日期"])) == (by, on)


def test_page_numbers_stand_outside_on_odd_and_even_pages(opinion: Document) -> None:
    made = opened(opinion)
    assert made.settings.odd_and_even_pages_header_footer
    section = made.sections[0]
    sides = [foot.paragraphs[0]._p.pPr.jc.get(qn("w:val")) for foot in (section.footer, section.even_page_footer)]
    assert sides == ["right", "left"]
    assert "PAGE" in section.footer.paragraphs[0]._p.xml
    assert section.footer.paragraphs[0].text.startswith("— ")


def test_a_letter_has_its_mark_in_the_first_head_and_no_number_on_its_first_page(library: dict[str, Template]) -> None:
    made = opened(make(library["talk-notice"], data_of("talk-notice")).document)
    section = made.sections[0]
    assert section.different_first_page_header_footer
    assert section.first_page_header.paragraphs[0].text == "贺兰县人民政府教育督导室"
    assert "thickThinSmallGap" in section.first_page_header.paragraphs[0]._p.xml
    assert "PAGE" not in section.first_page_footer.paragraphs[0]._p.xml


def test_a_letter_has_no_lines_at_its_foot_and_no_printing_office(library: dict[str, Template]) -> None:
    letter = make(library["talk-notice"], data_of("talk-notice")).document
    named = replace(
        letter, copies_to="县教育体育局", printed_by="贺兰县人民政府教育督导室", printed_on=date(2024, 5, 24)
    )
    (foot,) = opened(named).tables
    assert [[cell.text for cell in dict.fromkeys(row.cells)] for row in foot.rows] == [["抄送：县教育体育局。"]]
    assert "tcBorders" not in foot._tbl.xml


def test_a_report_upward_names_who_signed_it(library: dict[str, Template]) -> None:
    named = styles_of(make(library["inspection-report"], data_of("inspection-report")).document)
    assert named[1] == ("发文字号", "\t贺政教督发〔2024〕23号\t签发人：周示例")


def test_minutes_name_who_came_and_carry_no_signature(library: dict[str, Template]) -> None:
    named = styles_of(make(library["minutes"], data_of("minutes")).document)
    assert ("纪要机关", "贺兰县人民政府教育督导室\t2024年3月29日") in named
    assert [words[:3] for style, words in named if style == "附件说明"] == ["出席：", "请假：", "列席："]
    assert not [style for style, _ in named if style in ("署名", "成文日期")]


def test_a_list_repeats_its_head_and_a_form_does_not_have_one(library: dict[str, Template]) -> None:
    listed = opened(make(library["inspection-notice"], data_of("inspection-notice")).document).tables[0]
    assert [cell.text for cell in listed.rows[0].cells] == ["序号", "姓名", "单位及职务", "分工"]
    assert listed.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    form = opened(make(library["service-receipt"], data_of("service-receipt")).document).tables[0]
    assert form.rows[0]._tr.trPr.find(qn("w:tblHeader")) is None
    assert form.cell(0, 1)._tc is form.cell(0, 3)._tc  # One value over the rest of the row.


def test_attachments_are_numbered_and_their_pages_follow() -> None:
    named = styles_of(
        Document(
            title="示例",
            body="正文。",
            attachments=(Attachment("问题清单", "| 编号 | 问题 |"), Attachment("整改方案格式")),
        )
    )
    assert ("附件说明", "附件：1.问题清单") in named
    assert ("附件说明", "2.整改方案格式") in named
    assert ("附件标记", "附件1") in named
    assert ("附件标记", "附件2") not in named


def test_the_same_paper_gives_the_same_bytes_wherever_it_is_written(paper: Document, tmp_path: Path) -> None:
    code = (
        "import pickle, sys; from pathlib import Path; from dudao_engines.papers import docx; "
        "sys.stdout.buffer.write(docx.write(pickle.loads(Path(sys.argv[1]).read_bytes())))"
    )
    import pickle
    import sys

    (tmp_path / "paper").write_bytes(pickle.dumps(paper))
    env = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "America/New_York", "PYTHONPATH": "src"}
    other = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "paper")], capture_output=True, env=env, check=True
    )
    assert other.stdout == docx.write(paper)


@settings(max_examples=40, deadline=None)
@given(
    st.builds(
        Document, title=ANY, body=st.text(max_size=300), form=st.sampled_from(Form), organ=ANY, number=ANY, to=ANY,
        attachments=st.lists(st.builds(Attachment, ANY, ANY), max_size=3).map(tuple), signed_by=ANY, day=st.none() | st.dates(),
        seal=st.booleans(), note=ANY, copies_to=ANY, printed_by=ANY, printed_on=st.none() | st.dates(), approved_by=ANY,
        urgency=ANY, qr=st.none() | st.binary(max_size=20),
        qr_words=st.lists(ANY, max_size=3).map(tuple),
    )
)  # fmt: skip
def test_any_words_make_a_file_that_opens(document: Document) -> None:
    data = docx.write(document)
    assert data == docx.write(document)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {info.date_time for info in package.infolist()} == {(2012, 7, 1, 0, 0, 0)}
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(package.read(name))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
def test_a_title_keeps_its_words_and_its_room(title: str) -> None:
    lines = broken(title, 19)
    assert "".join("".join(lines).split()) == "".join(title.split())
    assert all(width(line) <= 19 for line in lines)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("会议纪要", ["会议纪要"]),
        ("关于开展2024年春季学期规范办学行为专项督导的通知", ["关于开展2024年春季学期", "规范办学行为专项督导的通知"]),
        (
            "关于贺兰县示例第二幼儿园未按期整改督导发现问题的通报",
            ["关于贺兰县示例第二幼儿园", "未按期整改督导发现问题的通报"],
        ),
        ("自己\n分行", ["自己", "分行"]),
    ],
)
def test_a_title_is_broken_where_its_words_end(title: str, lines: list[str]) -> None:
    assert broken(title, 19) == lines


def test_absurdly_long_titles_and_wide_tables_take_no_time() -> None:
    started = time.process_time()
    docx.write(Document(title="督导" * 50_000, body="| " + "甲 | " * 5_000 + "\n" + "|" * 5_000))
    assert time.process_time() - started < 5


@given(st.lists(st.lists(ANY, min_size=1, max_size=30), min_size=1, max_size=5), st.booleans())
def test_columns_fill_the_table_and_none_vanishes(rows: list[list[str]], form: bool) -> None:
    widths = column_widths(rows, 8848, form=form)
    assert sum(widths) == 8848
    assert min(widths) > 0


# Pages, as LibreOffice breaks them


@pytest.fixture(scope="module")
def office() -> None:
    if converter() is None:
        message = "no LibreOffice on this machine; install it with: make system-deps"
        if "office" in os.environ.get("DUDAO_REQUIRE", ""):
            pytest.fail(message)
        pytest.skip(message)


def pages(document: Document) -> list[str]:
    return [
        "".join(page.extract_text().split())
        for page in pypdf.PdfReader(io.BytesIO(pdf.from_docx(docx.write(document)))).pages
    ]


@pytest.mark.office
@pytest.mark.usefixtures("office")
def test_a_full_page_holds_22_lines_of_28_characters() -> None:
    made = pages(Document(title="", body="督" * 26 + "\n" + "导" * (28 * 60 - 2), form=Form.PLAIN))
    assert made[1].count("导") == 22 * 28


@pytest.mark.office
@pytest.mark.usefixtures("office")
def test_the_imprint_stands_on_the_last_page_and_the_signature_with_its_text(opinion: Document) -> None:
    document = replace(opinion, qr=qr(), qr_words=("文号：贺政教督发〔2024〕7号", "正文摘要（SM3）：66c7f0f462eeedd9"))
    for more in (0, 6, 11):
        made = pages(replace(document, body=document.body + "\n我室将适时核查。" * more))
        assert "印发" in made[-1]
        assert sum("抄送：" in page for page in made) == 1
        (signed,) = [page for page in made if "贺兰县人民政府教育督导室2024年4月2日（此件主动公开）" in page]
        assert "附件：贺兰县示例第一小学督导问题清单" in signed


@pytest.mark.office
@pytest.mark.usefixtures("office")
def test_what_is_no_document_makes_no_pdf() -> None:
    with pytest.raises(EngineInputError) as caught:
        pdf.from_docx(b"PK\x03\x04 no document")
    assert caught.value.code == "papers.pdf_failed"


def test_without_libreoffice_a_pdf_is_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "converter", lambda: None)
    with pytest.raises(EngineInputError) as caught:
        pdf.from_docx(b"")
    assert "请下载 Word 文件" in caught.value.message
