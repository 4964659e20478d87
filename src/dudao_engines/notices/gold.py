"""The notice as plain data: the exchange form (version 2) plus places."""

from typing import Any

from dudao_engines.notices.facts import Check, Figure, Time
from dudao_engines.notices.model import Action, Field, Notice, Point, Section, Span
from dudao_engines.notices.record import record_of


def to_gold_json(notice: Notice) -> dict[str, Any]:
    """The notice in the exchange form, version 2.

    Returns:
        ``version, title, doc_no, issuer, date, metadata, checks, flags, sections``; what the text does not say is
        null or empty. ``span: [start, end]`` (characters of the text) stands beside every value that has a place; the
        places of the single fields stand in ``spans``. ``metadata`` has the labels as printed, ``record`` the names of
        ``record.KEYS``. ``marks`` of a point divide its body: ``[mark, start, end]``.
        ``checks`` are those that could be recomputed, ``unchecked`` those that could not, with the reason.
    """
    single = {"title": notice.title, "doc_no": notice.doc_no, "issuer": notice.issuer, "date": notice.date}
    metadata: dict[str, Any] = {}
    places: dict[str, list[int]] = {key: _span(value.span) for key, value in single.items() if value}
    for item in notice.metadata:
        if item.key not in metadata:
            metadata[item.key] = item.value if isinstance(item.value, str) else list(item.value)
            places[f"metadata.{item.key}"] = _span(item.span)
    record = record_of(notice.metadata)
    places |= {f"record.{key}": _span(item.span) for key, item in record.items() if item}
    return {
        "version": 2,
        **{key: _value(value) for key, value in single.items()},
        "metadata": metadata,
        "record": {key: item.value if item else None for key, item in record.items()},
        "spans": places,
        "checks": [check_json(check) for check in notice.checks if check.holds is not None],
        "unchecked": [check_json(check) for check in notice.checks if check.holds is None],
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
        "actions": [_action(action) for action in point.actions],
        "figures": [_figure(figure) for figure in point.figures],
        "marks": [[str(stretch.mark), *_span(stretch.span)] for stretch in point.marks],
    }


def _action(action: Action) -> dict[str, Any]:
    deadline, recurrence = action.deadline, action.recurrence
    units = {"subject": action.subject, "vague_time": action.vague_time}
    return {
        "quote": action.quote,
        "span": _span(action.span),
        **{key: _value(unit) for key, unit in units.items()},
        "lead": [unit.value for unit in action.lead],
        "cooperating": [unit.value for unit in action.cooperating],
        "deadline": {"quote": deadline.quote, "until": deadline.until, "span": _span(deadline.span)}
        if deadline
        else None,
        "recurrence": _recurrence(recurrence) if recurrence else None,
        "spans": {
            **{key: _span(unit.span) for key, unit in units.items() if unit},
            "lead": [_span(unit.span) for unit in action.lead],
            "cooperating": [_span(unit.span) for unit in action.cooperating],
        },
    }


def _recurrence(time: Time) -> dict[str, Any]:
    return {
        "quote": time.quote,
        "rule": time.rule,
        "times": time.times,
        "rrule": time.rrule,
        "span": _span(time.span),
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "quote": figure.quote,
        "span": _span(figure.span),
        "value": figure.value,
        "unit": figure.unit,
        "kind": str(figure.kind),
        "as_of": figure.as_of,
        "bound": figure.bound,
    }


def check_json(check: Check) -> dict[str, Any]:
    """A check as plain data, with the places of its numbers."""
    return {
        "kind": str(check.kind),
        "quotes": list(check.quotes),
        "spans": [_span(span) for span in check.spans],
        "holds": check.holds,
        "why": check.why,
    }


def _value(field: Field | None) -> str | None:
    return field.value if field else None


def _span(span: Span) -> list[int]:
    return [span.start, span.end]
