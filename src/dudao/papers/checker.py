"""Does a paper say what its QR code says it does? Needs nothing but Python 3; works without a network.

    python3 check_paper.py paper.docx "text of the QR code"
    python3 check_paper.py paper.txt  qr.txt

The digest is that of the words: all characters of the paper in their order, blanks and line breaks left out. So it holds for
the file, for a copy saved by another program, and for the text pasted out of it; it cannot be the digest of the file, because
the file holds the QR code.
"""

import hashlib
import io
import re
import zipfile
from xml.etree import ElementTree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LIMIT = 64 * 1024 * 1024
NUMBER = re.compile(r"[^\s〔〕]+〔\d{4}〕\d+号")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
DIGEST = re.compile(r"(?i)sha-?256[:：\s]*([0-9a-f]{64})")


def words(data: bytes) -> str:
    """The words of a paper, blanks left out.

    Args:
        data: a .docx file, or text in UTF-8.

    Raises:
        ValueError: neither of the two, or too large.
    """
    if not data.startswith(b"PK"):
        return _without_blanks(data.decode("utf-8"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.getinfo("word/document.xml").file_size > _LIMIT:
                raise ValueError("文件太大")
            data = archive.read("word/document.xml")
            if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
                raise ValueError("文件里有不该有的声明")
            tree = ElementTree.fromstring(data)  # noqa: S314
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError) as error:
        raise ValueError("不是完整的 .docx 文件") from error
    return _without_blanks("".join(node.text or "" for node in tree.iter(f"{_W}t")))


def _without_blanks(text: str) -> str:
    return "".join(text.split()).replace("\ufeff", "").replace("\u200b", "")


def digest(text: str) -> str:
    """SHA-256 of words, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
