"""From the bytes people hand in to the text of the notice, or to a message that says what to do instead."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import docx
import pytest

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices import read_notice, reading, worddoc
from dudao_engines.notices.reading import read_bytes

REAL = (
    (Path(__file__).parents[2] / "data" / "notices" / "000_helan_2024_dudao_yaodian.txt").read_bytes().decode("utf-8")
)
WORD_ML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def shape(text: str) -> list[tuple[str | None, list[str | None]]]:
    return [(section.no, [point.no for point in section.points]) for section in read_notice(text).sections]


def refused(data: bytes, filename: str) -> str:
    with pytest.raises(EngineInputError) as caught:
        read_bytes(data, filename)
    assert any(word in caught.value.message for word in ("请改为粘贴正文", "请选择", "请只粘贴"))
    assert "\n" not in caught.value.message
    return caught.value.code


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(REAL.encode("utf-8"), id="UTF-8"),
        pytest.param(REAL.encode("utf-8-sig"), id="UTF-8 with mark"),
        pytest.param(REAL.encode("gb18030"), id="GB18030"),
        pytest.param(REAL.encode("utf-16"), id="UTF-16 with mark"),
        pytest.param(b"\xfe\xff" + REAL.encode("utf-16-be"), id="UTF-16 big-endian"),
    ],
)
def test_a_text_file_gives_its_characters_in_every_usual_encoding(data: bytes) -> None:
    assert read_bytes(data, "通知.txt") == REAL


def test_a_file_cut_in_the_middle_of_a_character_is_still_read() -> None:
    assert read_bytes(REAL.encode("utf-8")[:-2], "a.txt").startswith(REAL[:-1])


@pytest.mark.parametrize(
    ("data", "filename", "code"),
    [
        (b"", "a.txt", "notices.empty"),
        (b" \r\n\t ", "a.txt", "notices.empty"),
        (bytes(range(256)) * 50, "a.txt", "notices.binary"),
        (zlib.compress(REAL.encode() * 5)[2:], "a.txt", "notices.binary"),
        ("テスト通知を読みます。".encode("shift_jis") * 30, "a.txt", "notices.encoding"),
        ("關於開展教育督導工作的通知，請遵照執行。".encode("big5") * 30, "a.txt", "notices.encoding"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "表.xls", "notices.unsupported"),
        (b"just words", "通知.ofd", "notices.unsupported"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "有密码.docx",
            "notices.locked",
        ),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 600, "扫描.png", "notices.picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 600, "a.docx", "notices.picture"),
        (b"%PDF-1.4 nothing", "a.pdf", "notices.pdf_damaged"),
        (b"PK\x03\x04 word/document.xml", "a.docx", "notices.docx_damaged"),
        (b"not a zip", "a.docx", "notices.binary"),
        (b"<html><script>alert(1)</script></html>", "a.html", "notices.empty"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_code_and_a_way_out(data: bytes, filename: str, code: str) -> None:
    assert refused(data, filename) == code


def test_sixty_megabytes_are_refused_before_anything_is_opened() -> None:
    assert refused(b"a" * (60 * 1024 * 1024), "a.txt") == "notices.too_large"
    assert reading.MAX_BYTES == 20 * 1024 * 1024


def page(body: str) -> str:
    return f"<!DOCTYPE html><html><head><meta charset=gb2312><title>x</title><style>p{{}}</style></head><body>{body}</body>"


def test_a_saved_web_page_gives_its_lines_and_drops_scripts() -> None:
    paragraphs = "".join(f"<p>&emsp;{line}</p>" for line in REAL.splitlines() if line.strip())
    body = f"<table><tr><td><script>alert('一、')</script><div>{paragraphs}</div></td></tr></table>"
    text = read_bytes(page(body).encode("gb18030"), "saved.htm")
    assert "alert" not in text
    assert shape(text) == shape(REAL)


def test_tables_of_a_web_page_become_rows_and_give_points() -> None:
    rows = [("序号", "工作任务", "责任单位"), ("1", "开展开学检查。", "督导室"), ("2", "组织质量监测。", "教研室")]
    table = "".join("<tr>" + "".join(f"<td><p>{c}</p></td>" for c in row) + "</tr>" for row in rows)
    text = read_bytes(page(f"<h1>某县2024年任务分解表</h1><table>{table}</table>").encode("gb18030"), "a.html")
    assert "1 | 开展开学检查。 | 督导室 |" in text
    assert shape(text) == [(None, ["1", "2"])]


def test_a_hostile_web_page_takes_no_time() -> None:
    for unit in ("<a ", "<!--", '<a b="', "<![", "<table><tr><td>", "<div>", "&#"):
        try:
            read_bytes(("<html>督导" + unit * 100_000).encode(), "a.html")
        except EngineInputError as error:
            assert error.code == "notices.empty"


def word(fill: object) -> bytes:
    document = docx.Document()
    assert callable(fill)
    fill(document)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def test_a_word_file_gives_its_paragraphs_and_tables() -> None:
    def fill(document: docx.document.Document) -> None:
        for line in REAL.splitlines():
            document.add_paragraph(line)
        table = document.add_table(rows=1, cols=2)
        table.cell(0, 0).text, table.cell(0, 1).text = "联络", "督导室"

    text = read_bytes(word(fill), "通知.docx")
    assert shape(text) == shape(REAL)
    assert "联络 | 督导室 |" in text


def test_automatic_numbers_of_a_word_file_are_read_as_numbers() -> None:
    levels = (("chineseCounting", "%1、"), ("decimal", "%2."))
    abstract = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{shown}"/></w:lvl>'
        for at, (form, shown) in enumerate(levels)
    )
    numbering = (
        f'<w:numbering xmlns:w="{WORD_ML}"><w:abstractNum w:abstractNumId="7">{abstract}</w:abstractNum>'
        '<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
    )
    items = [
        (0, "总体要求"),
        (1, "统一思想。每月召开会议。"),
        (1, "健全机制。每季通报。"),
        (0, "工作安排"),
        (1, "开学督导。"),
    ]
    body = "".join(
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="3"/></w:numPr></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>'
        for depth, words in items
    )
    text = read_bytes(
        package(f'<w:document xmlns:w="{WORD_ML}"><w:body>{body}</w:body></w:document>', numbering), "a.docx"
    )
    assert text.splitlines() == [
        "一、总体要求",
        "1.统一思想。每月召开会议。",
        "2.健全机制。每季通报。",
        "二、工作安排",
        "1.开学督导。",
    ]
    assert shape(text) == [("一", ["1", "2"]), ("二", ["1"])]


def package(document: str, numbering: str | None = None) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("word/document.xml", document)
        if numbering is not None:
            made.writestr("word/numbering.xml", numbering)
    return target.getvalue()


def test_a_docx_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = package(f'<w:document xmlns:w="{WORD_ML}"><w:body>' + " " * 40_000_000 + "</w:body></w:document>")
    assert len(bomb) < 100_000
    assert refused(bomb, "a.docx") == "notices.docx_bomb"
    assert worddoc.MAX_XML_BYTES == 50 * 1024 * 1024


def test_a_docx_that_lies_about_its_size_is_refused() -> None:
    bomb = bytearray(package("<a>" + " " * 10_000_000 + "</a>"))
    at = bomb.index(b"PK\x01\x02")
    bomb[at + 24 : at + 28] = struct.pack("<I", 100)
    assert refused(bytes(bomb), "a.docx") == "notices.docx_damaged"


def test_a_docx_whose_packed_words_are_damaged_is_called_damaged() -> None:
    broken = bytearray(package(f'<w:document xmlns:w="{WORD_ML}"><w:body/></w:document>'))
    at = broken.index(b"word/document.xml") + len(b"word/document.xml")
    broken[at : at + 4] = b"\xff\xff\xff\xff"
    assert refused(bytes(broken), "a.docx") == "notices.docx_damaged"


def test_entities_in_a_docx_are_neither_fetched_nor_expanded() -> None:
    laughs = '<!DOCTYPE a [<!ENTITY b "督导督导"><!ENTITY c "&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    document = (
        f'{laughs}<w:document xmlns:w="{WORD_ML}"><w:body><w:p><w:r><w:t>&c;&f;</w:t></w:r></w:p></w:body></w:document>'
    )
    assert refused(package(document), "a.docx") == "notices.docx_damaged"


def pdf(lines: list[str], extra: str = "") -> bytes:
    """A one-page PDF whose letters are looked up in a ToUnicode map, as office programs write them."""
    shown = "".join(f"<{line.encode('utf-16-be').hex()}> Tj 0 -20 Td " for line in lines)
    content = f"BT /F 12 Tf 50 800 Td {shown}ET"
    cmap = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange "
        + "".join(f"1 beginbfrange <{h:02x}00> <{h:02x}ff> <{h:02x}00> endbfrange " for h in range(256))
        + "endcmap"
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (A) /Ordering (I) /Supplement 0 >> >>",
        f"<< /Length {len(cmap)} >>\nstream\n{cmap}\nendstream",
    ]
    out, places = "%PDF-1.5\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(out)
    out += (
        f"xref\n0 8\n0000000000 65535 f \n{table}trailer\n<< /Size 8 /Root 1 0 R {extra}>>\nstartxref\n{start}\n%%EOF"
    )
    return out.encode("ascii")


def test_a_pdf_with_text_gives_its_lines() -> None:
    lines = [
        "某县2024年教育督导工作要点",
        "一、总体思路",
        "坚持督导就是服务。",
        "二、重点任务",
        "1.开学督导。每学期开展一次。",
    ]
    assert shape(read_bytes(pdf(lines), "a.pdf")) == [("一", [None]), ("二", ["1"])]


def test_a_scanned_pdf_leads_to_pasting() -> None:
    assert refused(pdf([]), "a.pdf") == "notices.pdf_scanned"


def test_a_pdf_with_a_password_leads_to_pasting() -> None:
    key = (
        "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + "11" * 32 + "> /U <" + "22" * 32 + "> >> /ID [<33><33>] "
    )
    assert refused(pdf(["一、总体思路"], key), "a.pdf") == "notices.pdf_encrypted"


def test_a_pdf_of_many_pages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dudao_engines.notices.portable.MAX_PAGES", 0)
    assert refused(pdf(["一、总体思路"]), "a.pdf") == "notices.pdf_pages"
