"""Reads a notice: text in, outline with places out."""

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices.flags import flags_of
from dudao_engines.notices.front import front_of
from dudao_engines.notices.lines import split_lines
from dudao_engines.notices.model import Notice
from dudao_engines.notices.outline import Outliner, wrap_width
from dudao_engines.notices.partition import parts_of
from dudao_engines.notices.tree import grow, restore, running, unnumbered, widest
from dudao_engines.notices.walk import Walker


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
    )
