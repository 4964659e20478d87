"""Every character of the text in exactly one part."""

from collections.abc import Iterator, Sequence

from dudao_engines.notices.model import Part, Role, Section, Span
from dudao_engines.notices.walk import Block


def parts_of(blocks: Sequence[Block], sections: Sequence[Section]) -> tuple[Part, ...]:
    """The partition of the text.

    Lines of the body are divided among the headings and points that were read from them; what no point took up is
    lead-in. Like neighbours are joined, so one part may hold several points.
    """
    owners = _owners(sections)
    parts: list[Part] = []
    at = 0
    for block in blocks:
        while at < len(owners) and owners[at].span.end <= block.line.start:
            at += 1
        for part in _body(block, owners, at) if block.role is Role.POINT else [Part(block.role, block.line.whole)]:
            if parts and parts[-1].role is part.role and part.role is not Role.HEADING:
                parts[-1] = Part(part.role, Span(parts[-1].span.start, part.span.end))
            else:
                parts.append(part)
    return tuple(parts)


def _owners(sections: Sequence[Section]) -> list[Part]:
    """Headings and points in the order of the text, without overlap: a point takes the words it shares with its heading."""
    found = [Part(Role.POINT, point.span) for section in sections for point in section.points]
    found += [
        Part(Role.HEADING, Span(section.span.start, section.heading_span.end))
        for section in sections
        if section.heading_span is not None
    ]
    found.sort(key=lambda part: (part.span.start, part.role))
    owners: list[Part] = []
    for here, after in zip(found, [*found[1:], None], strict=False):
        end = min(here.span.end, after.span.start) if after else here.span.end
        owners.append(Part(here.role, Span(here.span.start, end)))
    return owners


def _body(block: Block, owners: Sequence[Part], first: int) -> Iterator[Part]:
    line = block.line
    start, role = line.start, Role.TABLE_HEAD if block.table is not None else Role.PREAMBLE
    for at in range(first, len(owners)):
        owner = owners[at]
        if owner.span.start >= line.stop:
            break
        if owner.span.start > line.left and owner.span.start > start:
            yield Part(role, Span(start, owner.span.start))
            start = owner.span.start
        role = owner.role
    yield Part(role, Span(start, line.stop))
