"""The words of a file that is to be published along, for looking through; nothing where they cannot be read."""

import io
import zipfile
from collections import Counter
from collections.abc import Iterable
from typing import Any

from docx import Document
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from python_calamine import CalamineError, CalamineWorkbook

from dudao_engines.disclosure_control import scan
from dudao_engines.disclosure_control.model import Kind

# What a document may unfold to, and how far a PDF is read.
_UNFOLDED = 60 * 1024 * 1024
_PAGES = 500


def text_of(data: bytes, kind: str) -> str | None:
    """The words of a Word, Excel or PDF file, tables as lines of ``| a | b |``; ``None`` where they cannot be read.

    Args:
        kind: of the file (``files.kinds``).
    """
    readers = {"docx": _word, "xlsx": _excel, "pdf": _pdf}
    if kind not in readers:
        return None
    try:
        if kind != "pdf":
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                if sum(one.file_size for one in package.infolist()) > _UNFOLDED:
                    return None
        return readers[kind](data)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, PyPdfError, CalamineError, RecursionError):
        return None


def found_in(text: str, *, names: Iterable[str], units: Iterable[str]) -> dict[str, int]:
    """How often each kind of thing was found in a file's words."""
    counts = Counter(hit.kind for hit in scan.find(text, names=names, units=units))
    # In a file nothing is hidden here: what goes along with a small count is said with it.
    return {str(kind): count for kind, count in sorted(counts.items()) if kind not in (Kind.COMPLEMENT, Kind.SUBTOTAL)}


def _line(cells: Iterable[object]) -> str:
    words = (" ".join(str(cell).replace("|", "／").split()) for cell in cells)
    return f"| {' | '.join(words)} |"


def _word(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    lines: list[str] = []
    parts: list[Any] = [document]
    for section in document.sections:
        parts += [section.header, section.footer]
    for part in parts:
        for block in part.iter_inner_content():
            if hasattr(block, "rows"):
                lines += [_line(cell.text for cell in row.cells) for row in block.rows]
            else:
                lines.append(block.text)
    return "\n".join(lines)


def _excel(data: bytes) -> str:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    lines: list[str] = []
    for name in book.sheet_names:
        lines.append(name)
        for row in book.get_sheet_by_name(name).to_python():
            # A whole number comes as 3.0.
            lines.append(_line(int(c) if isinstance(c, float) and c.is_integer() else c for c in row))
    return "\n".join(lines)


def _pdf(data: bytes) -> str | None:
    pages = PdfReader(io.BytesIO(data)).pages
    if len(pages) > _PAGES:
        return None
    text = "\n".join(page.extract_text() for page in pages)
    # A scanned page has no words.
    return text if text.strip() else None
