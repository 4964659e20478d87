"""Taking a duty of another year into this year's plan."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from dudao.places import queries as places
from dudao.plan.models import Task
from dudao.plan.services.rights import may
from dudao.plan.services.tasks import add_task
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused


def source_of(task: Task) -> str:
    """Where a duty stands, in words: 2023年要点第5项."""
    if task.point and task.point.no:
        return f"{task.year}年要点第{task.point.no}项"
    return f"{task.year}年任务{task.number}" if task.number else f"{task.year}年要点"


def link_of(task: Task) -> str:
    """The page where a duty's words stand."""
    if task.notice_id and task.point_id:
        return f"{reverse('plan:notice', args=[task.notice_id])}?point={task.point_id}#t-{task.pk}"
    return reverse("plan:task", args=[task.pk])


@transaction.atomic
def carry_over(
    *, task: Task, base_version: int, year: int, title: str, due_on: date | None, by: Actor, now: datetime
) -> Task:
    """Add to a year's plan a duty that another year's holds and it does not: with its words, units, rhythm and proof.

    The lead is left open where the unit has ended; who answers is decided anew.

    Args:
        base_version: the old duty's version as seen; of two people at once one is told.

    Raises:
        Refused: ``plan.not_allowed``, ``plan.carried`` (it is there already), and what ``add_task`` refuses.
        Conflict: ``plan.changed``.
    """
    may(by, "plan.edit")
    link = link_of(task)
    # The one who writes this row first carries it over; the other finds another version, or the task there.
    claimed = Task.objects.filter(pk=task.pk, version=base_version).update(version=F("version") + 1)
    there = (
        Task.objects.filter(county=by.county, year=year, origin_link=link).exclude(state=Task.State.WITHDRAWN).first()
    )
    if there:
        raise Refused(f"已经补入{year}年，是任务 {there.number}。", code="plan.carried")
    if not claimed:
        raise Conflict("别人刚刚改过这项任务，请刷新后再办。", code="plan.changed")
    standing = places.units_visible_to(by, as_of=day_of(now)).filter(unit_id=task.lead_id) if task.lead_id else None
    return add_task(
        title=title,
        year=year,
        quote=task.quote or task.title,
        origin=source_of(task),
        origin_link=link,
        lead=task.lead_id if standing is not None and standing.exists() else None,
        due_on=due_on,
        cooperating=task.cooperating,
        proof=task.proof,
        rule=task.rule,
        level=task.level,
        level_label=task.level_label,
        line=task.line,
        by=by,
        now=now,
    )
