"""The notice as plain data: the exchange form (version 2) plus places."""

from typing import Any

from dudao_engines.notices.model import Field, Notice, Point, Section, Span


def to_gold_json(notice: Notice) -> dict[str, Any]:
    """The notice in the exchange form, version 2.

    Returns:
        ``version, title, doc_no, issuer, date, metadata, checks, flags, sections``; what the text does not say is
        null or empty. ``span: [start, end]`` (characters of the text) stands beside every value that has a place; the
        places of the single fields stand in ``spans``. ``actions``, ``figures`` and ``checks`` are not read yet and stay empty.
    """
    single = {"title": notice.title, "doc_no": notice.doc_no, "issuer": notice.issuer, "date": notice.date}
    metadata: dict[str, Any] = {}
    places: dict[str, list[int]] = {key: _span(value.span) for key, value in single.items() if value}
    for item in notice.metadata:
        if item.key not in metadata:
            metadata[item.key] = item.value if isinstance(item.value, str) else list(item.value)
            places[f"metadata.{item.key}"] = _span(item.span)
    return {
        "version": 2,
        **{key: _value(value) for key, value in single.items()},
        "metadata": metadata,
        "spans": places,
        "checks": [],
        "flags": [{"quote": f.quote, "span": _span(f.span), "code": f.code, "why": f.why} for f in notice.flags],
        "sections": [_section(section) for section in notice.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "no": section.no,
        "heading": section.heading,
        "repaired": section.repaired,
        "span": _span(section.span),
        "heading_span": _span(section.heading_span) if section.heading_span else None,
        "points": [_point(point) for point in section.points],
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "no": point.no,
        "title": point.title,
        "quote_start": point.quote_start,
        "span": _span(point.span),
        "title_span": _span(point.title_span) if point.title_span else None,
        "actions": [],
        "figures": [],
    }


def _value(field: Field | None) -> str | None:
    return field.value if field else None


def _span(span: Span) -> list[int]:
    return [span.start, span.end]
