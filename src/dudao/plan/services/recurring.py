"""The periods of tasks that come again."""

from datetime import date

from django.db.models import F, QuerySet

from dudao.plan.models import Task, TaskPart
from dudao.shell import periods
from dudao.shell.errors import Refused
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.kernel.occurrences import occurrences
from dudao_engines.kernel.periods import Period, calendar_year


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
    live = dict(_periods(task).values_list("opens_on", "number"))
    # Numbers go on behind those that stand.
    last = max((int(number.rpartition(".")[2]) for number in live.values()), default=0)
    names = [field.attname for field in Task._meta.concrete_fields]
    made = []
    for at, period in enumerate((one for one in found if one.start not in live), last + 1):
        child = Task(**{name: getattr(task, name) for name in names if name != "id"})
        child.parent, child.number, child.state = task, f"{task.number}.{at:02d}", Task.State.DRAFT
        child.period, child.opens_on, child.due_on = period.label[:40], period.start, period.end
        child.rule = child.rrule = ""
        child.version = 1
        made.append(child)
    return Task.objects.bulk_create(made, batch_size=200)


def change_rhythm(task: Task, *, since: date) -> None:
    """Follow a rule that was changed after the notice was confirmed: periods that nobody has begun go, those of the new
    rule come; begun ones stay.

    Raises:
        Refused: ``plan.handed_down``, units have it as a task that comes once.
    """
    if TaskPart.objects.filter(task=task).exclude(state=TaskPart.State.WITHDRAWN).exists():
        raise Refused("已经整项下达给单位，不能再改频次。", code="plan.handed_down", field="rule")
    _periods(task).filter(state=Task.State.DRAFT).update(
        state=Task.State.WITHDRAWN, reason="频次已改", version=F("version") + 1
    )
    open_periods(task, since=since)


def _periods(task: Task) -> QuerySet[Task]:
    """The periods of a task that stand."""
    return Task.objects.filter(parent=task, opens_on__isnull=False).exclude(state=Task.State.WITHDRAWN)
