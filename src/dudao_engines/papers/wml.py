"""WordprocessingML (ISO/IEC 29500) as text: paragraphs, runs, and a package whose bytes depend on nothing but its parts."""

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
DRAWING_SPACES = (
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
KEEP = "<w:keepNext/>"  # On the page of the next paragraph.
# What XML 1.0 cannot hold; left out, for Word would not open the file.
_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)])
_MOMENT = (2012, 7, 1, 0, 0, 0)  # The first day of GB/T 9704-2012. Any constant would do.


def clean(words: str) -> str:
    """Words as they may stand in XML; tabs as a full-width blank."""
    return words.translate(_NOT_IN_XML).replace("\t", "　").replace("\r", "")


def attribute(words: str) -> str:
    """A value with its quotes."""
    return quoteattr(clean(words))


def run(words: str, style: str = "") -> str:
    """Words in one character style; a line break stays one."""
    # The hint gives marks that are Latin and Chinese alike, “ ” — …, the Chinese form.
    named = f'<w:rStyle w:val="{style}"/>' if style else ""
    look = f'<w:rPr>{named}<w:rFonts w:hint="eastAsia"/></w:rPr>'
    lines = escape(clean(words)).split("\n")
    text = "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in lines)
    return f"<w:r>{look}{text}</w:r>"


def paragraph(style: str, inner: str, look: str = "") -> str:
    """A paragraph in a style; ``look`` are further paragraph properties in the order of the schema."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{look}</w:pPr>{inner}</w:p>'


def package(parts: Mapping[str, bytes]) -> bytes:
    """The zip file of the parts, in their order, without time or system of its making.

    The parts are stored, not compressed: two versions of zlib may compress the same words to different bytes.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, _MOMENT)
            info.create_system, info.external_attr = 3, 0o600 << 16
            file.writestr(info, data, zipfile.ZIP_STORED)
    return made.getvalue()
