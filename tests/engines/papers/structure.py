"""The structure of a paper as text: one line a paragraph with its style, tables with their cells.

``python -m tests.engines.papers.structure`` writes that of all papers to tests/data/papers/made/; read the difference before it is kept.
"""

import io

import docx as reader
from docx.table import Table

from dudao_engines.papers import docx, templates
from dudao_engines.papers.making import make
from dudao_engines.papers.model import Document
from tests.engines.papers.conftest import ROOT, data_of

MADE = ROOT / "tests/data/papers/made"


def structure(document: Document) -> str:
    lines = []
    for one in reader.Document(io.BytesIO(docx.write(document))).iter_inner_content():
        if isinstance(one, Table):
            for row in one.rows:
                cells = [cell.text.replace("\n", "／") for cell in dict.fromkeys(row.cells)]
                lines.append("表格｜" + "｜".join(cells))
        else:
            name = one.style.name.removeprefix("公文") if one.style else ""
            lines.append(f"{name}｜{one.text}".replace("\n", "／"))
    return "\n".join(lines) + "\n"


def write() -> None:
    MADE.mkdir(exist_ok=True)
    for kind, template in templates.load(ROOT / "library/papers").items():
        (MADE / f"{kind}.txt").write_text(structure(make(template, data_of(kind)).document), "utf-8")


if __name__ == "__main__":
    write()
