"""From the bytes of a file to the text of the notice. Plain text keeps its characters; containers are opened."""

import re
from pathlib import PurePath

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices import office
from dudao_engines.notices.plain import binary, decode
from dudao_engines.notices.portable import pdf_text
from dudao_engines.notices.webpage import page_text
from dudao_engines.notices.worddoc import word_text

MAX_BYTES = 20 * 1024 * 1024
MAX_CHARACTERS = 4_000_000
_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,400}?-->\s*)?<(?:!doctype\s+html|html[\s>])", re.I | re.S
)
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
_READ = (".txt", ".docx", ".html", ".htm", ".pdf")
_CONVERTED = (".doc", ".wps", ".rtf", ".odt")


def endings() -> tuple[str, ...]:
    """The endings of files that can be read on this machine; some need LibreOffice."""
    return (*_READ, *_CONVERTED) if office.converter() else _READ


def read_bytes(data: bytes, filename: str) -> str:
    """The text of an uploaded notice.

    Args:
        data: the whole file.
        filename: its name; the content decides, the ending only where the content leaves it open.

    Returns:
        The text to hand to ``read_notice``, which keeps places in it: store it as it is.

    Raises:
        EngineInputError: ``notices.empty``, ``notices.too_large``, ``notices.too_long``, ``notices.binary``,
            ``notices.encoding``, ``notices.unsupported``, ``notices.picture``, ``notices.docx_bomb``,
            ``notices.docx_damaged``, ``notices.locked``, ``notices.convert_failed``, ``notices.pdf_encrypted``,
            ``notices.pdf_pages``, ``notices.pdf_scanned``, ``notices.pdf_damaged``. The message says in Chinese what to do instead.
    """
    if len(data) > MAX_BYTES:
        raise EngineInputError("notices.too_large", "文件超过 20 MB，请改为粘贴正文。", limit=MAX_BYTES)
    if not data.strip():
        raise EngineInputError("notices.empty", "文件是空的，请选择有内容的文件，或改为粘贴正文。")
    text = _opened(data, PurePath(filename).suffix.lower())
    if not text.strip():
        raise EngineInputError("notices.empty", "没有读到文字，请改为粘贴正文。")
    if len(text) > MAX_CHARACTERS:
        raise EngineInputError(
            "notices.too_long", "文字超过 400 万字，不像一份通知，请只粘贴通知正文。", limit=MAX_CHARACTERS
        )
    return text


def _opened(data: bytes, ending: str) -> str:
    if data.startswith(b"%PDF-"):
        return pdf_text(data)
    if data.startswith(b"PK\x03\x04") and b"word/document.xml" in data:
        return word_text(data)
    if kind := office.kind_of(data, ending):
        if program := office.converter():
            return word_text(office.to_docx(data, kind, program))
        raise _unsupported(ending)
    if data.startswith((office.OLD_OFFICE, b"PK\x03\x04")):
        raise _locked() if office.LOCKED in data else _unsupported(ending)
    page = _PAGE.match(data[:1000])
    if ending in (*_CONVERTED, ".ofd") and not page:
        raise _unsupported(ending)
    if data.startswith(_PICTURES):
        raise EngineInputError("notices.picture", "这是图片，没有文字，请改为粘贴正文，或逐条录入要点。")
    if ending in (".docx", ".pdf"):
        raise binary()
    if ending in (".html", ".htm", ".xhtml") or page:
        return page_text(data)
    return decode(data)


def _unsupported(ending: str) -> EngineInputError:
    if ending == ".docx":
        return EngineInputError(
            "notices.unsupported", "这个 .docx 文件打不开，可能已损坏，请改为粘贴正文。", ending=ending
        )
    message = f"暂不能直接读取 {ending or '这种'} 文件，请改为粘贴正文，或另存为 .docx 后再上传。"
    return EngineInputError("notices.unsupported", message, ending=ending)


def _locked() -> EngineInputError:
    return EngineInputError("notices.locked", "这个文件有密码，请改为粘贴正文，或去掉密码后再上传。")
