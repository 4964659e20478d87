"""Tasks as wholes: added by hand, and the periods of those that come again."""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from dudao.audit import services as audit
from dudao.plan.models import Task
from dudao.plan.services.correct import refuse_wrong
from dudao.plan.services.rights import may
from dudao.shell import periods
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.occurrences import occurrences
from dudao_engines.kernel.periods import Period, calendar_year

# Tries to find a free number while others add tasks too.
_TRIES = 5


def open_periods(task: Task, *, since: date) -> list[Task]:
    """Make a child of a task for each period of its rule from a day to the end of its year. Those that stand stay.

    Returns:
        The new ones; none for a task that does not come again, or whose rhythm cannot be told.
    """
    if not task.rule or task.parent_id:
        return []
    year = calendar_year(task.year)
    if since > year.end:
        return []
    span = Period(max(since, year.start), year.end, year.kind, year.label)
    try:
        found = occurrences(task.rule, rrule=task.rrule or None, span=span, terms=periods.terms_of(task.year))
    except EngineInputError:
        # Read from odd words: the rule alone says enough.
        found = occurrences(task.rule, rrule=None, span=span, terms=periods.terms_of(task.year))
    live = Task.objects.filter(parent=task, opens_on__isnull=False).exclude(state=Task.State.WITHDRAWN)
    there = set(live.values_list("opens_on", flat=True))
    names = [field.attname for field in Task._meta.concrete_fields]
    made = []
    for at, period in enumerate(found, 1):
        if period.start in there:
            continue
        child = Task(**{name: getattr(task, name) for name in names if name != "id"})
        child.parent, child.number, child.state = task, f"{task.number}.{at:02d}", Task.State.DRAFT
        child.period, child.opens_on, child.due_on = period.label[:40], period.start, period.end
        child.rule = child.rrule = ""
        child.version = 1
        made.append(child)
    return Task.objects.bulk_create(made, batch_size=200)


@transaction.atomic
def add_task(
    *,
    title: str,
    year: int | None = None,
    quote: str = "",
    origin: str = "",
    origin_link: str = "",
    lead: UUID | None = None,
    leader: UUID | None = None,
    person: UUID | None = None,
    due_on: date | None = None,
    cooperating: str = "",
    proof: str = "",
    rule: str = "",
    level: str = "",
    level_label: str = "",
    line: str = "",
    parent: Task | None = None,
    by: Actor,
    now: datetime,
) -> Task:
    """Add a task that no notice of the house holds: set by hand, sent by an upper level, decided in a meeting.

    Args:
        year: the year of the plan; that of its day where it is not said, else this year.
        quote: the words it comes from; ``origin`` says whose they are, ``origin_link`` is the page where they stand.
        parent: the task it is a part of.

    Returns:
        The task, numbered ``补01``, ``补02`` … in its year, with its periods when it comes again.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.title``, ``plan.year``, ``plan.unit``, ``plan.person``, ``plan.due_on``.
    """
    may(by, "plan.edit")
    year = year or (due_on or day_of(now)).year
    if not day_of(now).year - 10 <= year <= day_of(now).year + 5:
        raise Refused("年度不对，请核对。", code="plan.year", field="year")
    task = Task(
        county=by.county, year=year, title="", quote=quote, origin=origin[:200], origin_link=origin_link[:200],
        parent=parent, checked_at=now,
    )  # fmt: skip
    values = {
        "title": title.strip()[:300], "lead_id": lead, "leader_id": leader, "person_id": person, "due_on": due_on,
        "cooperating": cooperating, "proof": proof, "rule": rule, "level": level, "level_label": level_label, "line": line,
    }  # fmt: skip
    refuse_wrong(task, {"title": title, **values}, by=by, now=now)
    for name, value in values.items():
        setattr(task, name, value)
    _numbered(task)
    open_periods(task, since=day_of(now))
    audit.record(action="task.added", subject=task, summary=f"新增任务 {task.number}：{task.title}", by=by, now=now)
    return task


def _numbered(task: Task) -> None:
    """Save a task under the next free number of its year; the constraint decides between two at once."""
    for attempt in range(_TRIES):
        there = Task.objects.filter(county=task.county, year=task.year)
        taken = there.filter(notice__isnull=True, number__regex=r"^补\d+$").values_list("number", flat=True)
        last = max((int(number[1:]) for number in taken), default=0)
        task.number = f"补{last + 1:02d}"
        task.position = (there.aggregate(last=Max("position"))["last"] or 0) + 1
        try:
            with transaction.atomic():
                task.save(force_insert=True)
            return
        except IntegrityError:
            if attempt == _TRIES - 1:
                raise
