"""What a person should look at: damage that was mended, and damage that was not."""

from collections.abc import Sequence

from dudao_engines.notices.model import Flag, Span
from dudao_engines.notices.walk import Block


def flags_of(text: str, blocks: Sequence[Block]) -> tuple[Flag, ...]:
    """All flags, in the order of the text."""
    flags = _lost_numerals(text, blocks)
    return tuple(sorted(flags, key=lambda flag: (flag.span, flag.code)))


def _lost_numerals(text: str, blocks: Sequence[Block]) -> list[Flag]:
    flags = []
    for block in blocks:
        if block.marker is not None and block.marker.lost:
            why = f"标题丢失序号“{block.marker.no}”，按前后顺序恢复，请核对"
            flags.append(_flag(text, block.line.ink, "lost_numeral", why))
    return flags


def _flag(text: str, span: Span, code: str, why: str) -> Flag:
    return Flag(span.of(text), span, code, why)
