"""A paper in the full layout against docxtpl filling the same words into a plain template, in the same run."""

import io
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx as reader
import segno
import yaml
from docxtpl import DocxTemplate

from dudao_engines.papers import custom, docx, templates
from dudao_engines.papers.making import make

LIMIT = 1.5
_ROOT = Path(__file__).parents[1]
_TIMES = 60


def run() -> list[tuple[str, float, float, bool]]:
    """Measure.

    Returns:
        Name, processor time over that of docxtpl, limit, whether it holds: for our layout with red head, imprint and QR
        picture, filled from the template each time; and for a county's own .docx.
    """
    template = templates.load(_ROOT / "library/papers")["opinion"]
    data = yaml.safe_load((_ROOT / "tests/data/papers/opinion.yaml").read_text("utf-8"))
    picture = io.BytesIO()
    segno.make("https://dudao.example/p/1").save(picture, kind="png", scale=6)
    made = make(template, data).document
    elements = {"标题": made.title, "主送": made.to, "正文": made.body, "发文字号": made.number, "署名": made.signed_by}
    elements |= {
        "成文日期": "2024年4月2日",
        "抄送": made.copies_to,
        "附注": made.note,
        "附件": "",
        "印发机关": made.printed_by,
    }
    elements |= {"发文机关标志": made.organ, "印发日期": "2024年4月2日"}
    begun, plain, context = custom.starter(template), _plain(made.body), _context(made.body)

    def theirs() -> None:
        file = DocxTemplate(io.BytesIO(plain))
        file.render({**context, **elements}, autoescape=True)
        file.save(io.BytesIO())

    def ours() -> None:
        docx.write(
            replace(make(template, data).document, qr=picture.getvalue(), qr_words=("文号：贺政教督发〔2024〕7号",))
        )

    peer = _seconds(theirs)
    results = []
    for name, one in (("our layout", ours), ("a county's own .docx", lambda: custom.fill(begun, elements))):
        spent = _seconds(one)
        ratio = spent / peer
        told = f"papers: {name}, {1 / spent:.0f} a second : docxtpl, {1 / peer:.0f} a second"
        results.append((told, round(ratio, 2), LIMIT, ratio <= LIMIT))
    return results


def _plain(body: str) -> bytes:
    """A template without any layout: a name for each paragraph."""
    document: Any = reader.Document()
    for name in ("标题", "主送", *_context(body), "署名", "成文日期"):
        document.add_paragraph(f"{{{{ {name} }}}}")
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _context(body: str) -> dict[str, str]:
    return {f"p{n}": line for n, line in enumerate(body.split("\n"))}


def _seconds(one: Callable[[], None]) -> float:
    """Processor time of the fastest of several runs: other programs on the machine do not count."""
    one()
    best = float("inf")
    for _ in range(_TIMES):
        started = time.process_time()
        one()
        best = min(best, time.process_time() - started)
    return best
