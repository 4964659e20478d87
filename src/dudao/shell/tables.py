"""The one sheet of a small table that people hand in, where only Excel's and WPS's own files are taken.

Books of any layout, and .csv, are read by ``dudao_engines.kernel.workbooks``.
"""

import io
import zipfile
from typing import Any

from python_calamine import CalamineError, load_workbook

from dudao.shell.errors import Refused


def first_sheet(content: bytes, *, unpacked: int, too_large: str, unreadable: str) -> list[list[Any]]:
    """The first sheet of an .xlsx, .xls, .et or .ods file from A1 on, cells as calamine gives them.

    Args:
        unpacked: bytes that a packed file may unfold to.
        too_large, unreadable: codes of the refusals.

    Raises:
        Refused: with one of the codes, at ``table``.
    """
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > unpacked:
                raise Refused("文件解开后过大，没有读取。", code=too_large, field="table")
    try:
        return load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError):
        raise Refused("读不出表格。请用 Excel 或 WPS 另存为 .xlsx 后再试。", code=unreadable, field="table") from None
