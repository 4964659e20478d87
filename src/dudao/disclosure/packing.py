"""The package for the portal's people: text as Word, plain text and clean HTML, files, facts, review sheet, list with digests.

Pure functions from words to bytes; the same edition gives the same package.
"""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from xml.sax.saxutils import escape as xml_escape

import xlsxwriter

from dudao.shell.lists import BOOK, write_cell
from dudao_engines.kernel.digests import sha256_hex, sm3_hex
from dudao_engines.papers import docx
from dudao_engines.papers.model import Document, Form
from dudao_engines.papers.text import Table, chinese_day, parse, table

_EPOCH = (2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Said:
    """One conclusion, for the sheet: 公开审查 by whom, when, what."""

    kind: str
    conclusion: str
    grounds: tuple[str, ...]
    words: str
    reviewer: str
    on: date


@dataclass(frozen=True, slots=True)
class Published:
    """An edition in words.

    Attributes:
        facts: pairs of name and value in the order of the page, with their codes.
        kept: what was found of people and stays: kind, place and reason; never the words themselves.
    """

    title: str
    body: str
    sources: str
    signed_by: str
    formed_on: date
    facts: tuple[tuple[str, str, str], ...]
    reviews: tuple[Said, ...]
    kept: tuple[tuple[str, str, str], ...]
    prepared_by: str


def word(said: Published) -> bytes:
    """The text as a Word file, without anything that was not reviewed."""
    notes = f"\n数字怎么来的：\n{said.sources}" if said.sources else ""
    return docx.write(
        Document(
            title=said.title, body=said.body + notes, form=Form.PLAIN, signed_by=said.signed_by, day=said.formed_on,
            note="此件公开发布",
        )
    )  # fmt: skip


def plain(said: Published) -> str:
    """The text for pasting into a form of the portal."""
    lines = [said.title, ""]
    for block in parse(said.body):
        if isinstance(block, Table):
            rows = ([block.head] if block.head else []) + list(block.rows)
            lines += ["\t".join(" ".join(cell.split()) for cell in row) for row in rows]
        else:
            lines.append(f"\u3000\u3000{block.words}" if block.words else "")
    if said.sources:
        lines += ["", "数字怎么来的：", *said.sources.split("\n")]
    return "\r\n".join([*lines, "", said.signed_by, chinese_day(said.formed_on), "（此件公开发布）", ""])


def html(said: Published) -> str:
    """The text as HTML without styles, scripts or classes, for an editor of the portal."""
    made = [
        "<!doctype html>",
        '<html lang="zh-CN"><head><meta charset="utf-8">',
        f"<title>{escape(said.title)}</title>",
    ]
    made += ["</head><body>", f"<h1>{escape(said.title)}</h1>"]
    for block in parse(said.body):
        if isinstance(block, Table):
            made.append('<table border="1">')
            if block.head:
                made.append(f"<thead><tr>{''.join(f'<th>{escape(c)}</th>' for c in block.head)}</tr></thead>")
            rows = "".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>" for row in block.rows)
            made.append(f"<tbody>{rows}</tbody></table>")
        elif block.words:
            tag = {1: "h2", 2: "h3"}.get(block.level if len(block.words) <= 40 else 0, "p")
            made.append(f"<{tag}>{escape(block.words)}</{tag}>")
    if said.sources:
        made.append("<h2>数字怎么来的</h2>")
        made += [f"<p>{escape(line)}</p>" for line in said.sources.split("\n") if line.strip()]
    made += [f"<p>{escape(said.signed_by)}</p>", f"<p>{chinese_day(said.formed_on)}</p>", "</body></html>"]
    return "\n".join(made) + "\n"


def tables(body: str) -> list[bytes]:
    """Each table as CSV that Excel opens: UTF-8 with its mark; nothing begins as a formula."""
    made = []
    for block in parse(body):
        if not isinstance(block, Table):
            continue
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        for row in ([block.head] if block.head else []) + list(block.rows):
            writer.writerow(
                [f"'{cell}" if cell[:1] in ("=", "+", "-", "@") and len(cell) > 1 else cell for cell in row]
            )
        made.append(b"\xef\xbb\xbf" + out.getvalue().encode("utf-8"))
    return made


def facts_json(said: Published) -> bytes:
    """The facts of the page by their codes (publication metadata), and in words."""
    facts = {code: value for code, _, value in said.facts}
    return (json.dumps(facts, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def facts_xml(said: Published) -> bytes:
    lines = [f'  <{code} name="{xml_escape(name)}">{xml_escape(value)}</{code}>' for code, name, value in said.facts]
    whole = '<?xml version="1.0" encoding="UTF-8"?>\n<publication>\n' + "\n".join(lines) + "\n</publication>\n"
    return whole.encode("utf-8")


def facts_excel(said: Published) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, BOOK) as book:
        # The same edition gives the same bytes.
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001  # Excel knows no zones.
        sheet = book.add_worksheet("公开信息")
        bold = book.add_format({"bold": True, "bottom": 1})
        for column, head in enumerate(("项目", "代码", "内容")):
            write_cell(sheet, 0, column, head, bold)
        for row, (code, name, value) in enumerate(said.facts, 1):
            for column, words in enumerate((name, code, value)):
                write_cell(sheet, row, column, words)
        sheet.set_column(0, 1, 18)
        sheet.set_column(2, 2, 70)
    return made.getvalue()


def review_sheet(said: Published) -> bytes:
    """政府信息公开审查表 as a Word file, to be signed and kept."""
    facts = {code: value for code, _, value in said.facts}
    rows = [
        ("信息名称", said.title),
        ("索引号", facts.get("index_no", "")),
        ("文号", facts.get("doc_no", "")),
        ("生成日期", facts.get("formed_on", "")),
        ("公开方式", facts.get("disclosure_mode", "")),
        ("公开时限", facts.get("disclosure_term", "")),
        ("责任部门", facts.get("responsible_dept", "")),
        ("拟稿（准备）人", said.prepared_by),
    ]
    for one in said.reviews:
        grounds = "".join(f"\n依据：{words}" for words in one.grounds)
        words = f"\n意见：{one.words}" if one.words else ""
        rows.append((one.kind, f"结论：{one.conclusion}{grounds}{words}\n{one.reviewer}\u3000{chinese_day(one.on)}"))
    people = "\n".join(f"{place}：{kind}，保留。理由：{reason}" for kind, place, reason in said.kept)
    rows.append(("个人信息检查", people or "没有需要保留的个人信息。"))
    rows.append(("负责人签字", "\n\n\u3000\u3000\u3000\u3000年\u3000\u3000月\u3000\u3000日"))
    body = "\n".join(table(rows, ("项目", "内容")).lines)
    return docx.write(Document(title="政府信息公开审查表", body=body, form=Form.PLAIN))


def package(said: Published, *, files: Sequence[tuple[str, bytes]], facts: Mapping[str, str]) -> bytes:
    """The whole as a ZIP: ``清单.json`` and ``清单.txt`` name every other file with its size, SHA-256 and SM3.

    Args:
        files: attachments, name and content.
        facts: what else the list says: edition, wording, when it was made.
    """
    stem = safe(said.title)
    parts: dict[str, bytes] = {
        f"正文/{stem}.docx": word(said),
        f"正文/{stem}.txt": plain(said).encode("utf-8"),
        f"正文/{stem}.html": html(said).encode("utf-8"),
        "公开信息/公开信息.xlsx": facts_excel(said),
        "公开信息/公开信息.json": facts_json(said),
        "公开信息/公开信息.xml": facts_xml(said),
        "公开审查表.docx": review_sheet(said),
    }
    for number, made in enumerate(tables(said.body), 1):
        parts[f"正文/表{number}.csv"] = made
    for name, data in files:
        parts[_free(f"附件/{safe(name)}", parts)] = data
    listed = [
        {"name": name, "size": len(data), "sha256": sha256_hex(data), "sm3": sm3_hex(data)}
        for name, data in parts.items()
    ]
    manifest = {"form": "dudao-publication-1", **facts, "title": said.title, "files": listed}
    parts["清单.json"] = (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    lines = [said.title, *(f"{key}：{value}" for key, value in facts.items()), ""]
    lines += [
        f"{one['name']}\r\n  {one['size']} 字节\r\n  SHA-256 {one['sha256']}\r\n  SM3 {one['sm3']}" for one in listed
    ]
    parts["清单.txt"] = ("\r\n".join(lines) + "\r\n").encode("utf-8")
    made_zip = io.BytesIO()
    with zipfile.ZipFile(made_zip, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, data)
    return made_zip.getvalue()


def safe(name: str) -> str:
    """A name that every system can unpack."""
    kept = "".join("_" if c in '\\/:*?"<>|' or ord(c) < 32 else c for c in name)
    return kept.strip(" .")[:80] or "未命名"


def _free(name: str, taken: Mapping[str, bytes]) -> str:
    stem, dot, ending = name.rpartition(".")
    number, found = 2, name
    while found in taken:
        found = f"{stem}（{number}）{dot}{ending}" if dot else f"{name}（{number}）"
        number += 1
    return found
