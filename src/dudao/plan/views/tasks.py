"""Pages of tasks: list, one task, sign for, answer, look at, urge, take back."""

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
from dudao.plan.forms import AnswerForm, NewTaskForm, ReasonForm, ReviewForm, SignOnBehalfForm, TaskForm
from dudao.plan.models import Task, TaskPart
from dudao.plan.views.notices import get_or_post, point_address
from dudao.shell import clock, conflicts, drafts
from dudao.shell.drafts import Slot
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page, refuse


@require_GET
def task_list(request: Request) -> HttpResponseBase:
    """All tasks the hat sees, to filter, sort, print, export and hand down."""
    actor, today = request.actor, clock.today()
    rows = queries.tasks(actor, today=today, withdrawn=request.GET.get("state") == Task.State.WITHDRAWN)
    years = queries.years(actor)
    if not any(request.GET.get(name) for name in lists.WHOLE):
        rows = rows.filter(queries.current(today=today))
        if not request.GET.get("year"):
            rows = rows.filter(queries.of_the_year(years))
    return lists.tasks(actor, years=years, today=today).respond(request, rows, "plan/task_list.html")


def _task(request: Request, key: UUID) -> Task:
    return get_object_or_404(queries.tasks_visible_to(request.actor), pk=key)


@require_GET
def task(request: Request, key: UUID) -> HttpResponse:
    """One task: the words it comes from, who has signed, its periods, what was put off, what happened, what one can do."""
    actor, today = request.actor, clock.today()
    rows = queries.tasks(actor, today=today, withdrawn=True).select_related(
        "point__section", "notice", "leader", "parent", "person"
    )
    found = get_object_or_404(rows.defer("notice__text", "notice__metadata", "point__marks"), pk=key)
    [row] = queries.counted(actor, [found])
    parts = list(queries.parts_visible_to(actor).filter(task=row))
    names = places.unit_names(actor, {part.unit_id for part in parts}, as_of=today)
    ended = places.endings(actor, {part.unit_id for part in parts}, as_of=today)
    evidence = list(files.files_of_many(actor, TaskPart, [part.pk for part in parts]))
    for part in parts:
        part.evidence = [file for file in evidence if file.subject == str(part.pk)]  # type: ignore[attr-defined]
        part.unit_name = names.get(part.unit_id, "—")  # type: ignore[attr-defined]
        part.unit_ended = ended.get(part.unit_id, "")  # type: ignore[attr-defined]
        part.is_own = actor.is_of(part.unit_id) and actor.can("plan.sign")  # type: ignore[attr-defined]
    order = [*"answered waiting signed done withdrawn".split()]
    parts.sort(key=lambda part: (order.index(part.state), part.sign_by, part.unit_name))  # type: ignore[attr-defined]
    changes = list(queries.changes(actor, today=today).filter(task=row))
    return render(
        request,
        "plan/task.html",
        {
            "task": row,
            "parts": parts,
            "mine": [part for part in parts if part.is_own],  # type: ignore[attr-defined]
            "is_open": row.state in Task.OPEN,
            "periods": queries.periods_of(actor, row, today=today) if row.rule and not row.parent_id else [],
            # A unit has its period, not the whole task: what it cannot open is told, not linked.
            "sees_parent": row.parent_id and queries.tasks_visible_to(actor).filter(pk=row.parent_id).exists(),
            "open_parts": sum(part.state in TaskPart.OPEN for part in parts),
            "late_parts": sum(queries.is_late(part, today) for part in parts),
            "has_due": any(part.due_on for part in parts),
            "changes": changes,
            "may_ask": services.may_ask(actor, row, None),
            "files": files.files_of(actor, row),
            # Others are told of their own parts only, not of how many units there are beside them.
            "events": list(audit.history(actor, *([row, parts, changes] if actor.sees_county else [parts]))[:200]),
        },
    )


def _any(request: Request, key: UUID) -> Task:
    """A task of the plan, or one that is being checked."""
    found = queries.tasks_visible_to(request.actor).filter(pk=key).first()
    return found or get_object_or_404(queries.duties_visible_to(request.actor), pk=key)


@get_or_post
@may("plan.edit")
def task_correct(request: Request, key: UUID) -> HttpResponse:
    """Change what a task says, while it is checked and after."""
    row, today = _any(request, key), clock.today()
    form = TaskForm(
        conflicts.chosen(request.POST) or None,
        instance=row,
        units=queries.leads(request.actor, task=row, today=today),
        people=queries.people(request.actor, task=row, today=today),
    )

    def stands() -> tuple[dict[str, Any], int]:
        now = _any(request, key)
        return TaskForm.theirs(now), now.version

    checking = row.state in (Task.State.CHECKING, Task.State.DROPPED)
    return form_page(
        request,
        form,
        lambda data: services.correct_task(task=_any(request, key), **data, by=request.actor, now=clock.now()),
        title=f"任务 {row.number}" if row.number else "更正任务",
        lead=f"原文：{row.quote}" if row.quote else "",
        button="保存",
        back=point_address(row) if checking else reverse("plan:task", args=[key]),
        done=f"已保存任务“{row.title}”。",
        stands=stands,
    )


@get_or_post
@may("plan.edit")
def task_new(request: Request) -> HttpResponse:
    """A task set by hand: no notice needed."""
    today = clock.today()
    form = NewTaskForm(
        request.POST or None,
        instance=Task(year=today.year),
        units=queries.leads(request.actor, task=None, today=today),
        people=queries.people(request.actor, task=None, today=today),
    )
    del form.fields["base_version"]
    form.initial["year"] = today.year

    def add(data: dict[str, Any]) -> Task:
        given = {name.removesuffix("_id"): value for name, value in data.items() if name != "subject"}
        return services.add_task(**given, by=request.actor, now=clock.now())

    del form.fields["subject"]
    return form_page(
        request,
        form,
        add,
        title="新增任务",
        lead="要点里没有的、上级临时布置的、会上定的，在这里补录。",
        button="新增",
        back=reverse("plan:task_list"),
        to=lambda made: reverse("plan:task", args=[made.pk]),
        done="已新增任务。",
    )


@require_POST
def task_urge(request: Request, key: UUID) -> HttpResponse:
    """Make the reminder ready and lead to it, where it is looked at, copied or sent."""
    row = _task(request, key)
    made = services.urge(task=row, by=request.actor, now=clock.now())
    left_out = queries.waiting_ended(request.actor, row, today=clock.today())
    if left_out:
        said = "；".join(f"{name}{words}" for name, words in left_out.items())
        messages.warning(request, f"没有催这些单位：{said}。请撤回，或下达给承接的单位。")
    return redirect("messages:message", made.pk)


@get_or_post
@may("plan.hand_down")
def task_withdraw(request: Request, key: UUID) -> HttpResponse:
    """Take the task back from all that have not signed: one step for what was handed down by mistake."""
    task = get_object_or_404(queries.tasks(request.actor, today=clock.today()), pk=key)
    [row] = queries.counted(request.actor, [task])
    waiting = row.waiting_count  # type: ignore[attr-defined]
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.withdraw_waiting(task=row, **data, by=request.actor, now=clock.now()),
        title=f"撤回对 {waiting} 个未签收单位的下达？",
        lead=f"任务 {row.number} {row.named}。已签收的单位不受影响，记录保留。",
        button="撤回",
        danger=True,
        back=reverse("plan:task", args=[key]),
        done="已撤回对未签收单位的下达。",
    )


def _part(request: Request, key: UUID) -> TaskPart:
    return get_object_or_404(
        queries.parts_visible_to(request.actor).select_related("task__point__section", "task__notice"), pk=key
    )


def _unit(request: Request, part: TaskPart) -> str:
    return places.unit_names(request.actor, {part.unit_id}, as_of=clock.today()).get(part.unit_id, "—")


@require_POST
def part_sign(request: Request, key: UUID) -> HttpResponse:
    part = _part(request, key)
    services.sign_part(part=part, by=request.actor, now=clock.now())
    messages.success(request, f"已签收任务 {part.task.number}。")
    return redirect("plan:task", part.task_id)


@get_or_post
@may("plan.on_behalf")
def part_on_behalf(request: Request, key: UUID) -> HttpResponse:
    """Record what a unit that does not sign in did on paper or by phone, with a picture of it where there is one."""
    part = _part(request, key)

    def sign(data: dict[str, Any]) -> None:
        chosen = data.pop("evidence")
        # The file goes to its place before the transaction; if the signature is refused, it is swept later.
        evidence = file_services.receive(chosen) if chosen else None
        services.sign_part(part=part, **data, evidence=evidence, by=request.actor, now=clock.now())

    return form_page(
        request,
        SignOnBehalfForm(request.POST or None, request.FILES or None, today=clock.today()),
        sign,
        title=f"代{_unit(request, part)}登记签收",
        lead=f"任务 {part.task.number} {part.task.named}",
        button="登记",
        back=reverse("plan:task", args=[part.task_id]),
        done="已代为登记签收。",
    )


@get_or_post
@may("plan.sign", "plan.on_behalf")
def part_answer(request: Request, key: UUID) -> HttpResponse:
    """A unit tells what it has done; the office writes it down for one that does not sign in, or closes its own."""
    part, actor = _part(request, key), request.actor
    own = actor.is_of(part.unit_id) and actor.can("plan.sign")
    if not own and not actor.can("plan.on_behalf"):
        raise Http404

    def answer(data: dict[str, Any]) -> None:
        chosen = data.pop("evidence")
        evidence = [file_services.receive(chosen)] if chosen else []
        services.answer_part(part=part, **data, evidence=evidence, by=actor, now=clock.now())

    at_once = own and actor.can("plan.hand_down")
    title = "记录办结" if at_once else "报送办理情况" if own else f"代{_unit(request, part)}报送办理情况"
    return form_page(
        request,
        AnswerForm(request.POST or None, request.FILES or None, own=own),
        answer,
        title=title,
        lead=f"任务 {part.task.number} {part.task.named}{f'。佐证要求：{part.task.proof}' if part.task.proof else ''}",
        button="办结" if at_once else "报送",
        back=reverse("plan:task", args=[part.task_id]),
        done="已办结。" if at_once else "已报送，等督导室审核。",
    )


@get_or_post
@may("plan.review")
def part_review(request: Request, key: UUID) -> HttpResponse:
    """The office looks at what a unit told, beside the duty's words and the proof, and says done or what is missing."""
    part, actor = _part(request, key), request.actor
    form, slot = ReviewForm(request.POST or None), Slot("plan.part_review", key)
    draft, status = drafts.restore(form, slot, by=actor), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            accepted = form.cleaned_data["accepted"] == "yes"
            try:
                services.review_part(
                    part=part, accepted=accepted, note=form.cleaned_data["note"], by=actor, now=clock.now()
                )
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                drafts.clear(slot, by=actor)
                messages.success(request, "已审核办结。" if accepted else "已退回，单位会看到要补什么。")
                return redirect("plan:task", part.task_id)
    context = {
        "form": form,
        "slot": slot,
        "draft": draft,
        "part": part,
        "unit": _unit(request, part),
        "files": files.files_of_many(actor, TaskPart, [part.pk]),
        "events": list(audit.history(actor, part)[:20]),
    }
    return render(request, "plan/part_review.html", context, status=status)


@require_GET
def part_file(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """A piece of evidence of a part that the actor may see."""
    found = files.file_of(request.actor, _part(request, key), file)
    if found is None:
        raise Http404
    return file_services.respond(found, by=request.actor, now=clock.now())


@get_or_post
@may("plan.hand_down")
def part_withdraw(request: Request, key: UUID) -> HttpResponse:
    """Take a task back from one unit."""
    part = _part(request, key)
    unit = _unit(request, part)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.withdraw_part(part=part, **data, by=request.actor, now=clock.now()),
        title=f"撤回对{unit}的下达？",
        lead=f"任务 {part.task.number} {part.task.named}。撤回后该单位不再看到这项任务，记录保留。",
        button="撤回",
        danger=True,
        back=reverse("plan:task", args=[part.task_id]),
        done=f"已撤回对{unit}的下达。",
    )
