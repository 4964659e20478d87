"""A paper as PDF, through LibreOffice, with free fonts standing in for the official ones (``fonts.conf``)."""

from pathlib import Path

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.office import convert, converter

FONTS = Path(__file__).with_name("fonts.conf")


def from_docx(data: bytes) -> bytes:
    """The PDF of a .docx.

    The pages are those of LibreOffice with the fonts of this machine: near to what Word and WPS print, not the same to the
    last line. What is signed, sealed and kept is the .docx.

    Raises:
        EngineInputError: ``papers.no_office`` where LibreOffice is not installed; ``papers.pdf_failed`` where it could not
            open the file.
    """
    program = converter()
    if program is None:
        raise EngineInputError(
            "papers.no_office", "这台机器没有安装 LibreOffice，不能转成 PDF，请下载 Word 文件后自行转换。"
        )
    made = convert(data, "docx", "pdf", program, fonts=FONTS)
    if made is None or not made.startswith(b"%PDF"):
        raise EngineInputError("papers.pdf_failed", "这个文件没能转成 PDF，请下载 Word 文件后自行转换。")
    return made
