"""A PDF file with text in it to lines."""

import io
import logging

import pypdf

from dudao_engines.kernel.errors import EngineInputError

MAX_PAGES = 200
_LEAST_WORDS = 20


def pdf_text(data: bytes) -> str:
    """The text of a PDF file.

    Raises:
        EngineInputError: ``notices.pdf_encrypted``, ``notices.pdf_pages`` (more than ``MAX_PAGES``),
            ``notices.pdf_scanned`` (pictures of pages, no text), ``notices.pdf_damaged``.
    """
    log = logging.getLogger("pypdf")
    before, log.disabled = log.disabled, True
    try:
        text = _extracted(data)
    except EngineInputError:
        raise
    except Exception as error:
        # A damaged file makes pypdf raise nearly anything, from KeyError to RecursionError.
        raise EngineInputError(
            "notices.pdf_damaged", "这个 PDF 文件打不开，可能已损坏，请改为粘贴正文。", error=type(error).__name__
        ) from None
    finally:
        log.disabled = before
    if len("".join(text.split())) < _LEAST_WORDS:
        raise EngineInputError("notices.pdf_scanned", "这个 PDF 是扫描图片，没有文字，请改为粘贴正文，或逐条录入要点。")
    return text


def _extracted(data: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise EngineInputError("notices.pdf_encrypted", "这个 PDF 文件有密码，请改为粘贴正文，或去掉密码后再上传。")
    if len(reader.pages) > MAX_PAGES:
        message = f"这个 PDF 超过 {MAX_PAGES} 页，请改为粘贴正文，或只上传通知部分。"
        raise EngineInputError("notices.pdf_pages", message, limit=MAX_PAGES)
    text = "\n".join(page.extract_text() for page in reader.pages)
    return text.encode("utf-8", "replace").decode("utf-8")
