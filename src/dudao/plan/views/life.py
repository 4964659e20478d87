"""Pages of a task's life: done, opened again, withdrawn, put off, paused."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.audit import queries as audit
from dudao.files import queries as files
from dudao.files import services as file_services
from dudao.places import queries as places
from dudao.plan import lists, queries, services
from dudao.plan.forms import ChangeForm, CloseForm, DecideForm, ReasonForm, RecordDecisionForm
from dudao.plan.models import Task, TaskChange, TaskPart
from dudao.plan.views.notices import get_or_post
from dudao.shell import clock, drafts
from dudao.shell.drafts import Slot
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page, refuse

Kind = TaskChange.Kind


def _task(request: Request, key: UUID) -> Task:
    return get_object_or_404(queries.tasks_visible_to(request.actor).select_related("notice", "parent"), pk=key)


def _evidence(data: dict[str, Any]) -> list[file_services.Received]:
    """The chosen file goes to its place before the transaction; if the act is refused, it is swept later."""
    chosen = data.pop("evidence")
    return [file_services.receive(chosen)] if chosen else []


@get_or_post
@may("plan.review")
def task_close(request: Request, key: UUID) -> HttpResponse:
    """Write down that a task is done, with proof."""
    row = _task(request, key)
    return form_page(
        request,
        CloseForm(request.POST or None, request.FILES or None),
        lambda data: services.close_task(task=row, evidence=_evidence(data), **data, by=request.actor, now=clock.now()),
        title="记录办结",
        lead=f"任务 {row.number} {row.named}{f'。佐证要求：{row.proof}' if row.proof else ''}",
        button="办结",
        back=reverse("plan:task", args=[key]),
        done=f"任务 {row.number} 已办结。",
    )


@get_or_post
@may("plan.review")
def task_reopen(request: Request, key: UUID) -> HttpResponse:
    """Open a closed task again."""
    row = _task(request, key)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.reopen_task(task=row, **data, by=request.actor, now=clock.now()),
        title="重新打开？",
        lead=f"任务 {row.number} {row.named}。写下的办理结果和各单位的办理情况都保留。",
        button="重新打开",
        back=reverse("plan:task", args=[key]),
        done=f"任务 {row.number} 已重新打开。",
    )


@get_or_post
@may("plan.review")
def part_reopen(request: Request, key: UUID) -> HttpResponse:
    """Send back what was accepted already."""
    part = get_object_or_404(queries.parts_visible_to(request.actor).select_related("task__parent"), pk=key)
    names = places.unit_names(request.actor, {part.unit_id}, as_of=clock.today())
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.reopen_part(part=part, **data, by=request.actor, now=clock.now()),
        title=f"{names.get(part.unit_id, '—')}退回重办？",
        lead=f"任务 {part.task.number} {part.task.named}。写明缺什么，单位会看到；已办结的任务一并重新打开。",
        button="退回重办",
        back=reverse("plan:task", args=[part.task_id]),
        done="已退回，单位会看到要补什么。",
    )


@get_or_post
@may("plan.hand_down")
def task_revoke(request: Request, key: UUID) -> HttpResponse:
    """Take a task out of the plan."""
    row = _task(request, key)
    said = "还没有办结的各期、各单位的承办一并撤销" if row.rule else "还没有办结的单位的承办一并撤销"
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.withdraw_task(task=row, **data, by=request.actor, now=clock.now()),
        title="撤销这项任务？",
        lead=f"任务 {row.number} {row.named}。{said}，单位不再看到；记录保留。",
        button="撤销任务",
        danger=True,
        back=reverse("plan:task", args=[key]),
        done=f"任务 {row.number} 已撤销。",
    )


@require_GET
def task_file(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """A piece of evidence of a task's end."""
    task = get_object_or_404(queries.tasks_visible_to(request.actor, withdrawn=True), pk=key)
    return _file(request, task, file)


def _file(request: Request, subject: Task | TaskChange, file: UUID) -> HttpResponseBase:
    found = files.file_of(request.actor, subject, file)
    if found is None:
        raise Http404
    return file_services.respond(found, by=request.actor, now=clock.now())


# ---- put off, paused, resumed ---------------------------------------------------------------------------------------


@get_or_post
def change_ask(request: Request, key: UUID) -> HttpResponse:
    """The office or the leading unit asks to put a task off, to pause or to resume it."""
    row = _task(request, key)
    return _ask(request, row, None, back=reverse("plan:task", args=[key]))


@get_or_post
def part_extend(request: Request, key: UUID) -> HttpResponse:
    """A unit asks for more time for its own part, or the office for it."""
    parts = queries.parts_visible_to(request.actor).select_related("task__notice", "task__parent")
    part = get_object_or_404(parts, pk=key)
    return _ask(request, part.task, part, back=reverse("plan:task", args=[part.task_id]))


def _kinds(task: Task, part: TaskPart | None) -> list[Kind]:
    """What can be asked for; only a day that stands can be put off."""
    if part:
        return [Kind.EXTEND]
    if task.state == Task.State.PAUSED:
        return [Kind.RESUME]
    return [Kind.EXTEND, Kind.PAUSE] if task.due_on else [Kind.PAUSE]


def _ask(request: Request, task: Task, part: TaskPart | None, *, back: str) -> HttpResponse:
    actor = request.actor
    if not services.may_ask(actor, task, part):
        raise Http404
    kinds = _kinds(task, part)
    names = places.unit_names(actor, {part.unit_id}, as_of=clock.today()) if part else {}
    whose = f"{names.get(part.unit_id, '—')}　" if part else ""
    due_on = part.due_on if part else task.due_on
    until = f"现在的完成时限：{due_on:%Y年%-m月%-d日}" if due_on else "完成时限待定"
    return form_page(
        request,
        ChangeForm(request.POST or None, kinds=kinds),
        lambda data: services.ask_change(task=task, part=part, **data, by=actor, now=clock.now()),
        title=f"申请{'或'.join(kind.label for kind in kinds)}",
        lead=f"{whose}任务 {task.number} {task.named}。{until}。督导室主任、分管领导或督委会主任批准后生效。",
        button="提交申请",
        back=back,
        done="已提交，等批准。",
    )


@require_GET
def change_list(request: Request) -> HttpResponseBase:
    """All wishes the hat sees; those that wait come first."""
    rows = queries.changes(request.actor, today=clock.today())
    return lists.changes(request.actor).respond(request, rows, "plan/change_list.html")


def _change(request: Request, key: UUID) -> TaskChange:
    return get_object_or_404(queries.changes(request.actor, today=clock.today()), pk=key)


@get_or_post
def change(request: Request, key: UUID) -> HttpResponse:
    """One wish: what, why, of which task; decided here by who may."""
    row, actor, today = _change(request, key), request.actor, clock.today()
    can_decide = queries.changes_to_decide(actor).filter(pk=key).exists()
    form, slot = DecideForm(request.POST or None), Slot("plan.change", key)
    draft, status = drafts.restore(form, slot, by=actor) if can_decide else None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.decide_change(change=row, **form.cleaned_data, by=actor, now=clock.now())
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                drafts.clear(slot, by=actor)
                messages.success(request, "已批准，现在生效。" if form.cleaned_data["approved"] else "已记下不批准。")
                return redirect("plan:change", key)
    found = get_object_or_404(queries.tasks(actor, today=today, withdrawn=True), pk=row.task_id)
    [task] = queries.counted(actor, [found])
    context = {
        "change": row,
        "task": task,
        "wanted": lists.change_wanted(row),
        "tone": lists.TONES[TaskChange.State(row.state)],
        "form": form,
        "slot": slot,
        "draft": draft,
        "can_decide": can_decide,
        "is_mine": actor.person is not None and row.asked_person == actor.person,
        "files": files.files_of(actor, row),
        "events": list(audit.history(actor, row)[:20]),
    }
    return render(request, "plan/change.html", context, status=status)


@get_or_post
@may("plan.on_behalf")
def change_record(request: Request, key: UUID) -> HttpResponse:
    """Record what a leader decided on paper or by word."""
    row = _change(request, key)
    return form_page(
        request,
        RecordDecisionForm(request.POST or None, request.FILES or None),
        lambda data: services.record_decision(
            change=row, evidence=_evidence(data), **data, by=request.actor, now=clock.now()
        ),
        title="代登记批准",
        lead=f"任务 {row.task.number} {row.task.named}：{lists.change_wanted(row)}，{row.asked_by}申请。",
        button="登记",
        back=reverse("plan:change", args=[key]),
        done="已登记。",
    )


@require_POST
def change_take_back(request: Request, key: UUID) -> HttpResponse:
    """Who asked takes the wish back."""
    services.take_back_change(change=_change(request, key), by=request.actor, now=clock.now())
    messages.success(request, "已撤回申请。")
    return redirect("plan:change", key)


@require_GET
def change_file(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """The paper on which it was decided."""
    return _file(request, _change(request, key), file)
