"""Reads a notice: text in, outline with places out."""

import contextlib
import datetime as dt
import re

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices.checks import checks_in
from dudao_engines.notices.duties import Assembler
from dudao_engines.notices.flags import flags_of
from dudao_engines.notices.front import Front, front_of
from dudao_engines.notices.lines import split_lines
from dudao_engines.notices.model import Notice, Role
from dudao_engines.notices.outline import Outliner, wrap_width
from dudao_engines.notices.partition import parts_of
from dudao_engines.notices.tree import grow, restore, running, unnumbered, widest
from dudao_engines.notices.walk import Walker

_SCHOOL_YEAR = re.compile(r"(20\d{2})\s?[-—－–~至]+\s?(20\d{2})\s?学年度?(\s?第?二学期|\s?下学期|\s?春)?")
_DONE = re.compile(r"(?:总结|小结|工作汇报|情况报告|情况通报|情况汇报)$")
_YEAR = re.compile(r"(?<!\d)(20\d{2})\s?(?:年|[-—－–])")


def read_notice(text: str) -> Notice:
    """Read the outline of an official notice.

    Args:
        text: the notice as pasted or as returned by ``reading.read_bytes``; any characters.

    Returns:
        The notice; every span refers to ``text`` as given, ``parts`` divides all of it.

    Raises:
        EngineInputError: ``notices.empty`` when there is nothing but white space.
    """
    lines = split_lines(text)
    if all(line.blank for line in lines):
        raise EngineInputError("notices.empty", "没有读到文字，请粘贴通知正文或选择有内容的文件。")
    blocks = Walker(text, lines).walk()
    restore(blocks)
    unnumbered(blocks)
    wrap = wrap_width(running(blocks), widest(blocks))
    sections = Outliner(text, wrap).sections(grow(blocks))
    front = front_of(text, blocks)
    issued, year = _dated(front)
    outside = [block.line.ink for block in blocks if block.role in (Role.PREAMBLE, Role.NOTE)]
    sections = Assembler(text, issued, year, done=bool(front.title and _DONE.search(front.title.value))).sections(
        sections, outside
    )
    points = [point for section in sections for point in section.points]
    return Notice(
        text=text,
        title=front.title,
        doc_no=front.doc_no,
        issuer=front.issuer,
        date=front.date,
        metadata=tuple(front.metadata),
        sections=tuple(sections),
        flags=flags_of(text, blocks, sections, front, wrap),
        parts=parts_of(blocks, sections),
        checks=tuple(check for point in points for check in checks_in(text, point.body, point.figures)),
    )


def _dated(front: Front) -> tuple[dt.date | None, int | None]:
    """The day of the notice, and the year it is about: that of its title, else of its day."""
    issued = None
    if front.date is not None:
        with contextlib.suppress(ValueError):
            issued = dt.date.fromisoformat(front.date.value)
    school = _SCHOOL_YEAR.search(front.title.value) if front.title else None
    if school:
        return issued, int(school[2] if school[3] else school[1])
    named = _YEAR.search(front.title.value) if front.title else None
    return issued, int(named[1]) if named else issued.year if issued else None
