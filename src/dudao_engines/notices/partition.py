"""Every character of the text in exactly one part."""

from collections.abc import Sequence

from dudao_engines.notices.lines import Line
from dudao_engines.notices.model import Part, Role, Section, Span
from dudao_engines.notices.walk import Block


def parts_of(blocks: Sequence[Block], sections: Sequence[Section]) -> tuple[Part, ...]:
    """The partition of the text: blocks in order, headings parted from points on one line, like neighbours joined."""
    headings = {section.span.start: section for section in sections if section.heading_span is not None}
    parts: list[Part] = []
    for block in blocks:
        for part in _divide(block, headings):
            if parts and parts[-1].role is part.role and part.role is not Role.HEADING:
                parts[-1] = Part(part.role, Span(parts[-1].span.start, part.span.end))
            else:
                parts.append(part)
    return tuple(parts)


def _divide(block: Block, headings: dict[int, Section]) -> list[Part]:
    line = block.line
    section = headings.get(block.marker.start) if block.marker else None
    if section is None:
        return [Part(block.role, line.whole)]
    return _heading_parts(line, section)


def _heading_parts(line: Line, section: Section) -> list[Part]:
    body = section.points[0].span.start if section.points else line.stop
    if not line.start < body < line.right:
        return [Part(Role.HEADING, line.whole)]
    return [Part(Role.HEADING, Span(line.start, body)), Part(Role.POINT, Span(body, line.stop))]
