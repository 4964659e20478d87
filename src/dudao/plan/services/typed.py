"""A notice that comes without a file: its points are typed by hand, one line each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import IntegrityError, transaction

from dudao.audit import services as audit
from dudao.places import queries as places
from dudao.plan.models import Notice, Point, Section, Task
from dudao.plan.services.notices import check_row, digest_of, refuse_again
from dudao.plan.services.rights import may
from dudao.plan.services.wizard import rows_of
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused
from dudao_engines import __version__ as engines_version
from dudao_engines.notices import Action, Mark, Span, read_notice
from dudao_engines.notices import Notice as Reading

MOST_LINES = 500
LONGEST_LINE = 5000
_HEADING = re.compile(r"\s*([一二三四五六七八九十]{1,3})\s*、\s*")
# 3.5 is a decimal, 1.6月底前 the number of a point.
_NUMBER = re.compile(
    r"\s*(?:(\d{1,3})\s*(?:、|[.．](?!\d)|[.．](?=\d{1,4}[年月日]))|[（(]\s*([一二三四五六七八九十]{1,3}|\d{1,3})\s*[)）])\s*"
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A typed line: its number as typed, and the place of its words in the text."""

    no: str
    is_heading: bool
    start: int
    end: int


@transaction.atomic
def type_notice(
    *,
    title: str,
    year: int,
    level: str,
    doc_no: str,
    points: Sequence[str],
    same_number: bool = False,
    by: Actor,
    now: datetime,
) -> Notice:
    """Keep a notice as it is typed, for a person to check like one that was read.

    Args:
        points: one line a point. A line 一、… with other lines under it is a heading; 1. and （一） before a point are its
            number. In a point the duties are what the reader finds, else the whole line is one.
        same_number: the person says that it is another paper although its 文号 is there already.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.title``, ``plan.year``, ``plan.points`` (none, too many, or one too long);
            ``plan.notice_again`` and ``plan.same_number`` as when a notice is handed in.
    """
    may(by, "notice.read")
    title = " ".join(title.split())[:300]
    lines = [line.strip() for line in points if line.strip()]
    if not title:
        raise Refused("请写要点的标题。", code="plan.title", field="title")
    if not day_of(now).year - 10 <= year <= day_of(now).year + 5:
        raise Refused("年度不对，请核对。", code="plan.year", field="year")
    if not lines:
        raise Refused("请至少写一项要点，一行一项。", code="plan.points", field="points")
    if len(lines) > MOST_LINES or max(map(len, lines)) > LONGEST_LINE:
        words = f"最多 {MOST_LINES} 行，每行不超过 {LONGEST_LINE} 字；更长的请在“导入要点”里粘贴。"
        raise Refused(words, code="plan.points", field="points")
    text = "\n".join([title, *lines])
    if "\x00" in text:
        raise Refused("有看不见的字符，请删掉重填。", code="plan.points", field="points")
    found = _lines(text, lines, len(title) + 1)
    if all(line.is_heading for line in found):
        raise Refused("只有标题，没有要点。标题下面请一行写一项。", code="plan.points", field="points")
    digest, doc_no = digest_of(text), doc_no.strip()[:100]
    refuse_again(digest=digest, doc_no=doc_no, same_number=same_number, by=by)
    reading = read_notice(text)
    try:
        with transaction.atomic():
            notice = Notice.objects.create(
                county=by.county,
                year=year,
                level=level,
                title=title,
                doc_no=doc_no,
                checks=[check_row(check) for check in reading.checks],
                metadata={"来源": "手工录入"},
                text=text,
                digest=digest,
                reader=engines_version,
                handed_in_at=now,
            )
    except IntegrityError as error:
        raise Refused("这份要点刚刚已由他人录入。", code="plan.notice_again", field="points") from error
    _keep(notice, found, reading, by=by, now=now)
    audit.record(action="notice.typed", subject=notice, summary=f"手工录入要点：{title}", by=by, now=now, digest=digest)
    return notice


def _lines(text: str, lines: Sequence[str], at: int) -> list[_Line]:
    """The lines with their numbers. A line 一、… is a heading when the line under it is none such."""
    starts = [_HEADING.match(line) for line in lines]
    under = [bool(here) and not below for here, below in pairwise([*starts, None])]
    if starts:
        # Nothing stands under the last line.
        under[-1] = False
    found = []
    for line, heading, has_more in zip(lines, starts, under, strict=True):
        number = heading or _NUMBER.match(line)
        skip = number.end() if number and number.end() < len(line) else 0
        no = next((part for part in number.groups() if part), "") if number and skip else ""
        found.append(_Line(no, has_more, at + skip, at + len(line)))
        at += len(line) + 1
    return found


def _keep(notice: Notice, lines: Sequence[_Line], reading: Reading, *, by: Actor, now: datetime) -> None:
    """Write sections, points and duties."""
    units = list(places.units_visible_to(by, as_of=day_of(now)))
    acts = [act for section in reading.sections for point in section.points for act in point.actions]
    marks = [mark for section in reading.sections for point in section.points for mark in point.marks]
    section: Section | None = None
    sections, position = 0, 0
    duties: list[Task] = []
    for line in lines:
        words = notice.text[line.start : line.end]
        if line.is_heading or section is None:
            sections, position = sections + 1, 0
            section = Section.objects.create(
                notice=notice,
                position=sections,
                no=line.no if line.is_heading else "",
                heading=words[:300] if line.is_heading else "",
                start=line.start if line.is_heading else None,
                end=line.end if line.is_heading else None,
            )
        if line.is_heading:
            continue
        position += 1
        inside = [act for act in acts if line.start <= act.span.start and act.span.end <= line.end]
        stretches = [
            (mark.mark, mark.span.start, mark.span.end)
            for mark in marks
            if line.start <= mark.span.start and mark.span.end <= line.end
        ]
        point = Point.objects.create(
            section=section,
            position=position,
            no=line.no,
            words=words,
            start=line.start,
            end=line.end,
            marks=[list(mark) for mark in _filled(stretches, line, Mark.DETAIL if inside else Mark.ACTION)],
        )
        whole = [Action(quote=words, span=Span(line.start, line.end))]
        duties += rows_of(notice, point, inside or whole, units)
    Task.objects.bulk_create(duties, batch_size=200)


def _filled(stretches: Sequence[tuple[Mark, int, int]], line: _Line, rest: Mark) -> Iterator[tuple[Mark, int, int]]:
    """The stretches of a line with what lies between them, so that they divide all its words."""
    at = line.start
    for mark, start, end in sorted(stretches, key=lambda one: one[1:]):
        if at < start:
            yield rest, at, start
        if at <= start:
            yield mark, start, end
            at = end
    if at < line.end:
        yield rest, at, line.end
