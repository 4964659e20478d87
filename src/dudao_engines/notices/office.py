"""Old and foreign Word files to .docx through LibreOffice."""

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.office import convert, converter

__all__ = ["LOCKED", "OLD_OFFICE", "converter", "kind_of", "to_docx"]

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The directory of an old Office file names its parts in UTF-16; .wps of WPS has the same part.
_OLD_WORD = "WordDocument".encode("utf-16-le")
# An Office file with a password is an old container around the locked package.
LOCKED = "EncryptedPackage".encode("utf-16-le")
_OPEN_TEXT = b"mimetypeapplication/vnd.oasis.opendocument.text"


def kind_of(data: bytes, ending: str) -> str | None:
    """The ending under which LibreOffice is to open a file: ``doc``, ``rtf``, ``odt``; None for anything else."""
    if data.startswith(OLD_OFFICE) and LOCKED not in data:
        return "doc" if _OLD_WORD in data or ending in (".doc", ".wps") else None
    if data.startswith(b"{\\rtf"):
        return "rtf"
    return "odt" if data.startswith(b"PK\x03\x04") and _OPEN_TEXT in data[:200] else None


def to_docx(data: bytes, kind: str, program: str) -> bytes:
    """A file as .docx.

    Args:
        data: the whole file.
        kind: that of ``kind_of``.
        program: ``converter()``.

    Raises:
        EngineInputError: ``notices.convert_failed``: damaged, locked by a password, too slow, or too large.
    """
    made = convert(data, kind, "docx", program, as_filter="MS Word 2007 XML")
    if made is None:
        raise EngineInputError(
            "notices.convert_failed",
            "这个文件没能打开（可能已损坏、有密码或内容太多），请改为粘贴正文，或另存为 .docx 后再上传。",
        )
    return made
