"""Plain text: which encoding, and whether it is text at all."""

import codecs
import re

from dudao_engines.kernel.errors import EngineInputError

_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HAN = re.compile("[\u4e00-\u9fff]")
# Nearly any bytes decode as GB18030. Simplified Chinese then lies almost wholly in GB 2312; other encodings do not.
_LEAST_COMMON = 0.85
_LEAST_HAN = 0.5
# A file cut in the middle of a character is still UTF-8.
_MOST_LOST = 0.01


def decode(data: bytes) -> str:
    """Text of UTF-8 (with or without mark), UTF-16 with mark, or GB18030 bytes; a byte-order mark is no character.

    Raises:
        EngineInputError: ``notices.binary`` for bytes that are no text, ``notices.encoding`` for another encoding.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _text(_strict(data, "utf-16"))
    if b"\x00" in data:
        raise binary()
    try:
        return _text(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    damaged = data.decode("utf-8-sig", "replace")
    wide = sum(1 for char in damaged if char > "\x7f")
    if damaged.count("\ufffd") <= wide * _MOST_LOST + 1 and _HAN.search(damaged):
        return _text(damaged)
    return _chinese(_text(_strict(data, "gb18030")))


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        controls = sum(1 for byte in data[:4096] if byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1b")
        raise (binary() if controls > 4 else _encoding()) from None


def _text(text: str) -> str:
    if "\x00" in text or len(_CONTROL.findall(text)) > max(2, len(text) // 1000):
        raise binary()
    return text


def _chinese(text: str) -> str:
    wide = sum(1 for char in text if char > "\x7f")
    han = _HAN.findall(text)
    common = sum(1 for char in han if char.encode("gb2312", "ignore"))
    if len(han) < wide * _LEAST_HAN or common < len(han) * _LEAST_COMMON:
        raise _encoding()
    return text


def _encoding() -> EngineInputError:
    return EngineInputError("notices.encoding", "看不出文件的文字编码，请改为粘贴正文，或另存为 UTF-8 文本后再上传。")


def binary() -> EngineInputError:
    """The refusal of bytes that are no text."""
    return EngineInputError(
        "notices.binary", "这个文件不是文字文件，请改为粘贴正文，或选择 .txt、.html、.docx、.pdf 文件。"
    )
