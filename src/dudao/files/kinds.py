"""What a file is, told from its bytes. Nothing is unpacked: of a container only its directory is read."""

import re
import struct
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

import puremagic

from dudao.shell.errors import Refused


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken in.

    Attributes:
        code: stands in the database.
        label: for people.
        endings: endings a name may have, the usual one first.
        media_type: as sent to the browser.
        inline: shown by the browser itself; everything else is only saved.
    """

    code: str
    label: str
    endings: tuple[str, ...]
    media_type: str
    inline: bool = False


_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("pdf", "PDF 文档", ("pdf",), "application/pdf", inline=True),
        Kind("jpg", "JPEG 图片", ("jpg", "jpeg"), "image/jpeg", inline=True),
        Kind("png", "PNG 图片", ("png",), "image/png", inline=True),
        Kind("heic", "HEIC 图片", ("heic", "heif"), "image/heic"),
        Kind("docx", "Word 文档", ("docx",), _OFFICE + "wordprocessingml.document"),
        Kind("xlsx", "Excel 表格", ("xlsx",), _OFFICE + "spreadsheetml.sheet"),
        Kind("ole", "旧版 Office 或 WPS 文档", ("doc", "xls", "wps", "et"), "application/octet-stream"),
        Kind("ofd", "OFD 文档", ("ofd",), "application/octet-stream"),
        Kind("mp4", "视频", ("mp4", "mov", "m4v"), "video/mp4"),
        Kind("zip", "压缩包", ("zip",), "application/zip"),
    )
}
ENDINGS = tuple(ending for kind in KINDS.values() for ending in kind.endings)

# The directory of a container, and what a document may grow to when somebody opens it.
_DIRECTORY_LIMIT = 4 * 1024 * 1024
_EXPANDED_LIMIT = 500 * 1024 * 1024
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_MP4_BRANDS = {
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"qt  ",
    b"3gp4",
    b"3gp5",
}


def clean_name(name: str) -> str:
    """A name that is harmless to show, to send in a header and to save on any system; its words stay.

    Folders, control marks, marks that turn the reading direction and characters that Windows forbids go.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join("_" if c in ':*?"<>|' else c for c in last if unicodedata.category(c)[0] != "C")
    stem, dot, ending = " ".join(kept.split()).rstrip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    stem = stem.strip(" .")[:100] or "未命名"
    return f"{stem}.{ending[:10].strip()}" if ending.strip() else stem


def ending_of(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def detect(file: BinaryIO, *, name: str) -> Kind:
    """The kind of a file by its content; the ending of its name must agree.

    Args:
        file: readable and seekable; left at its beginning.
        name: as given by the person.

    Raises:
        Refused: ``files.empty``, ``files.unknown_kind``, ``files.other_ending``, ``files.macros``, ``files.bomb``,
            ``files.damaged``.
    """
    file.seek(0)
    head = file.read(4096)
    if not head:
        raise Refused(f"“{clean_name(name)}”是空文件，请重新选择。", code="files.empty", field="file")
    kind = KINDS.get(_by_head(head)) or (_container(file, name) if head.startswith(b"PK\x03\x04") else None)
    file.seek(0)
    if kind is None:
        raise Refused(
            f"“{clean_name(name)}”的内容{_looks_like(head)}，不能作为佐证材料。"
            "可以上传图片、PDF、Word、Excel、OFD、视频和 zip 压缩包。",
            code="files.unknown_kind",
            field="file",
        )
    if ending_of(name) not in kind.endings:
        raise Refused(
            f"“{clean_name(name)}”的内容是{kind.label}，与扩展名不符。请改为 .{kind.endings[0]} 后再上传，或另存为正确的格式。",
            code="files.other_ending",
            field="file",
        )
    return kind


def _by_head(head: bytes) -> str:
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    if head[4:8] == b"ftyp":
        return "heic" if head[8:12] in _HEIC_BRANDS else "mp4" if head[8:12] in _MP4_BRANDS else ""
    return ""


def _looks_like(head: bytes) -> str:
    try:
        return f"像是 {puremagic.from_string(head)} 文件"
    except (puremagic.PureError, ValueError):
        return "认不出是哪种文件"


def _container(file: BinaryIO, name: str) -> Kind | None:
    """A zip by what its directory lists: a document, or just an archive (which nobody here opens)."""
    damaged = Refused(f"“{clean_name(name)}”不完整或已损坏，请重新保存后再上传。", code="files.damaged", field="file")
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise damaged
    (directory,) = struct.unpack_from("<I", tail, end + 12)
    if directory > _DIRECTORY_LIMIT:
        # Not even listed: hundreds of thousands of entries, or a zip64 that our limit of size does not need.
        return KINDS["zip"] if ending_of(name) == "zip" else None
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise damaged from error
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" in names:
        if any(n.rpartition("/")[2] == "vbaProject.bin" for n in names):
            raise Refused(
                f"“{clean_name(name)}”含有宏，请另存为不含宏的格式再上传。", code="files.macros", field="file"
            )
        kind = KINDS["docx" if "word/document.xml" in names else "xlsx" if "xl/workbook.xml" in names else "zip"]
    else:
        kind = KINDS["ofd" if "OFD.xml" in names else "zip"]
    if kind.code != "zip" and sum(entry.file_size for entry in entries) > _EXPANDED_LIMIT:
        raise Refused(f"“{clean_name(name)}”展开后过大，不像正常的文档，没有保存。", code="files.bomb", field="file")
    return kind
