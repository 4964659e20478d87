"""This year's plan beside another year's."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.plan import queries, services
from dudao.plan.compared import GROUPS, WORDS, compared, sheet
from dudao.plan.forms import CarryForm
from dudao.plan.models import Task
from dudao.plan.views.notices import get_or_post
from dudao.shell import clock
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page


def _years(request: Request) -> tuple[list[int], int | None, int | None]:
    """The years there are, and the two to lay side by side: as asked, else the last two."""
    years = queries.plan_years(request.actor)
    asked = {name: request.GET.get(name, "") for name in ("before", "after")}
    wanted = {name: int(value) for name, value in asked.items() if value in map(str, years)}
    after = wanted.get("after", years[0] if years else None)
    rest = [year for year in years if year != after]
    nearest = next((year for year in rest if after and year < after), rest[0] if rest else None)
    before = wanted["before"] if wanted.get("before") in rest else nearest
    return years, before, after


@require_GET
@may("notice.read", "plan.approve")
def compare(request: Request) -> HttpResponseBase:
    """What is kept, changed, new and gone; ``?before=`` and ``?after=`` choose the years, ``?group=`` one group."""
    years, before, after = _years(request)
    context: dict[str, Any] = {"years": years, "before": before, "after": after}
    if before is None or after is None:
        return render(request, "plan/compare.html", context)
    today = clock.today()
    rows = compared(*(queries.plan_of(request.actor, year=year, today=today) for year in (before, after)))
    group = request.GET.get("group", "")
    shown = [row for row in rows if row.group == group] if group in WORDS else rows
    if request.GET.get("export") == "xlsx":
        return sheet(before, after).excel(shown, [WORDS[group]] if group in WORDS else [])
    counts = {name: sum(row.group == name for row in rows) for name in WORDS}
    context |= {
        "groups": [
            (name, word, hint, [row for row in shown if row.group == name])
            for name, word, hint in GROUPS
            if group in ("", name) or group not in WORDS
        ],
        "chips": [(name, word, counts[name]) for name, word, _ in GROUPS],
        "group": group,
        "total": len(rows),
        "printing": request.GET.get("print") == "1",
    }
    return render(request, "plan/compare.html", context)


@get_or_post
@may("plan.edit")
def carry(request: Request, key: UUID, year: int) -> HttpResponse:
    """Take a duty that is gone into the other year's plan."""

    def row() -> Task:
        return get_object_or_404(queries.plan_rows(request.actor), pk=key)

    task = row()
    start = {"title": task.title, "due_on": _in_year(task.due_on, year), "base_version": task.version}
    return form_page(
        request,
        CarryForm(request.POST or None, initial=start),
        lambda data: services.carry_over(task=row(), year=year, **data, by=request.actor, now=clock.now()),
        title=f"补入{year}年？",
        lead=f"{task.year}年的原文：{task.quote or task.title}",
        button=f"补入{year}年",
        back=f"{reverse('plan:compare')}?before={task.year}&after={year}",
        done=f"已补入{year}年。",
    )


def _in_year(day: date | None, year: int) -> date | None:
    """The same day of another year; of 29 February the last of the month."""
    if day is None:
        return None
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
