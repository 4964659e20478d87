"""Does a paper say what its QR code says it does? Needs nothing but Python 3.8, no network and no installation.

    python3 check_paper.py paper.docx "text of the QR code"
    python3 check_paper.py paper.txt qr.txt

Ends with 0 where everything is right, 1 where something is not, 2 where a file cannot be read.

The digest is that of the words: all characters of the paper in their order, blanks and line breaks left out. So it holds for
the file, for a copy that another program saved, and for the text copied out of it. It cannot be the digest of the file
itself, because the file holds the QR code.
"""

import hashlib
import io
import re
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LIMIT = 64 * 1024 * 1024
NUMBER = re.compile(r"[^\s〔〕]+〔\d{4}〕\d+号")
DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
DIGEST = re.compile(r"(?i)sha-?256[:：\s]*([0-9a-f]{64})")


def words(data: bytes) -> str:
    """The words of a paper, blanks left out.

    Args:
        data: a .docx file, or text in UTF-8.

    Raises:
        ValueError: neither of the two, damaged, or too large.
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
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, NotImplementedError, OSError) as error:
        raise ValueError("不是完整的 .docx 文件") from error
    return _without_blanks("".join(node.text or "" for node in tree.iter(_W + "t")))


def _without_blanks(text: str) -> str:
    return "".join(text.split()).replace("\ufeff", "").replace("\u200b", "")


def digest(text: str) -> str:
    """SHA-256 of words, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def check(data: bytes, said: str) -> "list[tuple[str, bool]]":
    """Compare a paper with the text of its QR code: what was compared, and whether it is right.

    Raises:
        ValueError: the paper cannot be read, or the text is not that of such a code.
    """
    found, code = words(data), DIGEST.search(said)
    if code is None:
        raise ValueError("二维码的文字里没有“SHA-256:”和摘要，请整段复制")
    number, day = NUMBER.search(said), DAY.search(said)
    rows = [("文字摘要", digest(found) == code[1].lower())]
    if number:
        rows.append(("发文字号 " + number[0], number[0] in found))
    if day:
        told = f"{int(day[1])}年{int(day[2])}月{int(day[3])}日"
        rows.append(("成文日期 " + told, told in found))
    return rows


def main(arguments: "list[str]") -> int:
    """Read the two arguments, say what is right and what is not."""
    if len(arguments) != 2:
        print(__doc__)
        return 2
    paper, said = arguments
    try:
        data = Path(paper).read_bytes()
        text = Path(said).read_text("utf-8") if "\n" not in said and len(said) < 200 and Path(said).is_file() else said
        rows = check(data, text)
    except (OSError, ValueError) as error:
        print(f"无法核验：{error}")
        return 2
    for name, right in rows:
        print(f"{'相符' if right else '不符'}  {name}")
    print("是否已撤回，请打开二维码里的核验地址查看。" if all(right for _, right in rows) else "这份文件与二维码不符。")
    return 0 if all(right for _, right in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
