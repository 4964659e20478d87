"""Annexes that are made: wide tables on landscape pages, charts, and a mark at the head of every page."""

import io
import json
import zipfile

import pytest
from lxml import etree

from dudao_engines.papers import annexes, docx
from dudao_engines.papers.annexes import Annex, Bars, Head, Sheet, Words
from dudao_engines.papers.model import Attachment, Document

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SHEET = Sheet(
    title="表Ⅱ-2",
    heads=((Head(words="学校", down=2), Head(words="资源", across=2)), (Head(words="L1"), Head(words="L2"))),
    widths=(3, 2, 2),
    rows=(("小学",), ("示例一小", "4.20", "—")),
    note="注：示例。",
)
BARS = Bars(title="小学<示例>", names=("示例一小", "示例&二小"), numbers=("4.20", "3.10"), limit="4.2")


def parts(*attached: Annex, mark: str = "") -> dict[str, bytes]:
    document = Document(
        title="示例报告", body="正文。", attachments=tuple(Attachment(one.title, made=one) for one in attached), page_mark=mark
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(docx.write(document))) as package:
        return {name: package.read(name) for name in package.namelist()}


def body(found: dict[str, bytes]) -> etree._Element:
    return etree.fromstring(found["word/document.xml"])


def sections(found: dict[str, bytes]) -> list[bool]:
    """Of each section in order, whether it is landscape."""
    return [one.get(f"{W}orient") == "landscape" for one in body(found).iter(f"{W}pgSz")]


def test_an_annex_comes_back_from_json_as_it_was():
    made = (Annex(title="表", landscape=True, blocks=(SHEET, BARS, Words(text="正文"))),)
    assert annexes.load(json.loads(json.dumps(annexes.dump(made)))) == made


def test_a_row_that_does_not_fit_its_columns_is_refused():
    with pytest.raises(ValueError, match="格数与列数不符"):
        Sheet(title="表", heads=(), widths=(1, 1), rows=(("一", "二", "三"),))


def test_a_landscape_annex_has_pages_of_its_own_and_what_follows_is_portrait_again():
    wide, plain = Annex(title="表", landscape=True, blocks=(SHEET,)), Annex(title="图", blocks=(BARS,))
    assert sections(parts(plain)) == [False]
    assert sections(parts(wide, plain)) == [False, True, False]
    assert sections(parts(plain, wide)) == [False, True, False]


def test_a_head_of_two_rows_joins_its_cells():
    table = next(body(parts(Annex(title="表", blocks=(SHEET,)))).iter(f"{W}tbl"))
    first, second, band, row = table.iter(f"{W}tr")
    assert [len(list(one.iter(f"{W}tc"))) for one in (first, second, band, row)] == [2, 3, 1, 3]
    assert [one.get(f"{W}val") for one in table.iter(f"{W}vMerge")] == ["restart", None]
    assert all(next(one.iter(f"{W}tblHeader"), None) is not None for one in (first, second))


def test_a_chart_holds_its_numbers_and_its_limit():
    found = parts(Annex(title="图", blocks=(BARS, BARS)))
    chart = etree.fromstring(found["word/charts/chart2.xml"])
    assert [one.text for one in chart.iter("{*}v")] == [
        *("小学<示例>", "示例一小", "示例&二小", "4.20", "3.10", "标准", "示例一小", "示例&二小", "4.2", "4.2")
    ]
    assert b"/word/charts/chart2.xml" in found["[Content_Types].xml"]
    assert b"charts/chart1.xml" in found["word/_rels/document.xml.rels"]


def test_the_mark_of_a_draft_stands_at_the_head_of_every_page():
    wide = Annex(title="表", landscape=True, blocks=(SHEET,))
    found = parts(wide, mark="征求意见稿")
    assert "征求意见稿" in found["word/header-mark.xml"].decode()
    assert len(list(body(found).iter(f"{W}headerReference"))) == 2 * len(sections(found))
    assert "word/header-mark.xml" not in parts(wide)


def test_the_same_paper_gives_the_same_bytes():
    one = Document(title="示例", body="", attachments=(Attachment("图", made=Annex(title="图", blocks=(BARS, SHEET))),))
    assert docx.write(one) == docx.write(one)
