"""Plain text: which encoding, and whether it is text at all."""

import codecs
import re

from dudao_engines.kernel.errors import EngineInputError

_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HAN = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
# Nearly any bytes decode as GB18030: of the characters beyond ASCII, at least this share must be Chinese.
_LEAST_HAN = 0.5


def decode(data: bytes) -> str:
    """Text of UTF-8 (with or without mark), UTF-16 with mark, or GB18030 bytes.

    Raises:
        EngineInputError: ``notices.binary`` for bytes that are no text, ``notices.encoding`` for another encoding.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(data, "utf-16")
    if b"\x00" in data:
        raise _binary()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _chinese(_checked(data, "gb18030"))
    return _text(text)


def _checked(data: bytes, encoding: str) -> str:
    try:
        return _text(data.decode(encoding))
    except UnicodeDecodeError:
        raise EngineInputError(
            "notices.encoding", "看不出文件的文字编码，请改为粘贴正文，或另存为 UTF-8 文本后再上传。", tried=encoding
        ) from None


def _text(text: str) -> str:
    controls = len(_CONTROL.findall(text))
    if controls > max(2, len(text) // 1000):
        raise _binary()
    return text


def _chinese(text: str) -> str:
    wide = sum(1 for char in text if ord(char) > 127)
    if len(_HAN.findall(text)) < wide * _LEAST_HAN:
        raise _binary()
    return text


def _binary() -> EngineInputError:
    return EngineInputError(
        "notices.binary", "这个文件不是文字文件，请改为粘贴正文，或选择 .txt、.html、.docx、.pdf 文件。"
    )
