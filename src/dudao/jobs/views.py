"""Pages of jobs: everybody sees their own, who keeps the system sees all and the schedule."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from dudao.audit import queries as audit
from dudao.jobs import queries, services
from dudao.jobs.models import Job
from dudao.jobs.registry import kinds
from dudao.shell import clock
from dudao.shell.http import Request
from dudao.shell.lists import Chip, Column, Filter, ListPage

COLUMNS = (
    Column("任务", lambda j: j.title, sort=("kind",), cell="jobs/_job_link.html", head=True),
    Column("状态", lambda j: j.get_state_display(), sort=("state",), cell="jobs/_job_state.html", css="nowrap"),
    Column("进度", lambda j: f"{j.done}/{j.total}" if j.total else "", cell="jobs/_job_progress.html"),
    Column("提交人", lambda j: j.by_name, sort=("by_name",), css="hide"),
    Column("提交时间", lambda j: j.created_at, sort=("created_at",), cell="jobs/_job_time.html", css="nowrap"),
)


@login_required
@require_GET
def job_list(request: Request) -> HttpResponseBase:
    every_kind = Filter("kind", "类别", [(k.code, k.title) for k in kinds.values()], lambda kind: Q(kind=kind))
    page = ListPage(
        "后台任务",
        COLUMNS,
        ("-created_at",),
        filters=(every_kind,) if request.actor.can("jobs.manage") else (),
        chips=(
            Chip("open", "未结束", Q(state__in=("queued", "running"))),
            Chip("failed", "失败", Q(state="failed"), tone="late"),
        ),
        empty={"title": "还没有后台任务", "hint": "导入、导出等用时较长的工作会列在这里。"},
    )
    return page.respond(request, queries.jobs_visible_to(request.actor), "jobs/job_list.html")


def _job(request: Request, key: UUID) -> Job:
    return get_object_or_404(queries.jobs_visible_to(request.actor), pk=key)


@login_required
@require_GET
def job(request: Request, key: UUID) -> HttpResponse:
    found = _job(request, key)
    events = audit.history(request.actor, found)[:50]
    return render(request, "jobs/job.html", {"job": found, "events": events})


@login_required
@require_GET
def job_progress(request: Request, key: UUID) -> HttpResponse:
    """The part of the page that changes while the job runs; the whole page once it ended."""
    found = _job(request, key)
    answer = render(request, "jobs/_progress.html", {"job": found})
    if not found.is_open:
        answer["HX-Refresh"] = "true"
    return answer


@login_required
@require_POST
def job_cancel(request: Request, key: UUID) -> HttpResponse:
    found = _job(request, key)
    services.cancel(job=found, by=request.actor, now=clock.now())
    messages.success(request, "已取消；正在进行的一步做完后停止。" if found.state == "running" else "已取消。")
    return redirect("jobs:job", found.pk)


@login_required
@require_POST
def job_retry(request: Request, key: UUID) -> HttpResponse:
    found = _job(request, key)
    services.retry(job=found, by=request.actor, now=clock.now())
    messages.success(request, "已重新排队，从上次做完的一步继续。")
    return redirect("jobs:job", found.pk)


@login_required
@require_GET
def schedule(request: Request) -> HttpResponse:
    if not request.actor.can("jobs.manage"):
        raise Http404
    return render(request, "jobs/schedule.html", {"lines": queries.schedule(machine_now=clock.machine_now())})
