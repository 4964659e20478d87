"""Pages for many tasks at once: hand down, set, urge."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from dudao.places import queries as places
from dudao.plan import queries, services
from dudao.plan.forms import HandDownForm, SetForm
from dudao.plan.models import Task
from dudao.plan.views.notices import get_or_post
from dudao.shell import clock, drafts, toasts
from dudao.shell.drafts import Slot
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page, refuse


def _keys(given: list[str]) -> list[UUID]:
    """The keys among what came along in the address; what is no key is left out."""
    found = []
    for one in given:
        try:
            found.append(UUID(one))
        except ValueError:
            continue
    return found


def _chosen(request: Request) -> list[UUID]:
    """The ticked tasks; a form on these pages is sent to the same address."""
    return _keys(request.GET.getlist("task"))


def _now_on(tasks: list[Task], chosen: list[UUID]) -> list[str]:
    """What is ticked at first: the chosen tasks, and of those that come again the period that is on."""
    today, on = clock.today(), dict[UUID | None, Task]()
    for task in tasks:
        begun = task.opens_on is None or task.opens_on <= today
        if task.pk in chosen:
            on[task.pk] = task
        elif begun or task.parent_id not in on:
            on[task.parent_id] = task
    return [str(task.pk) for task in on.values()]


@get_or_post
@may("plan.hand_down")
def hand_down(request: Request) -> HttpResponse:
    """Hand tasks (``?task=`` once or more, else those of the year) down to kinds of unit, a township, or picked ones."""
    actor, today = request.actor, clock.today()
    ticked = _chosen(request)
    tasks = list(queries.to_hand_down(actor, chosen=ticked, today=today))
    units = [unit for unit in places.units_visible_to(actor, as_of=today) if unit.kind in services.HANDED_TO]
    initial: dict[str, Any] = {"sign_by": today + timedelta(days=3)}
    if ticked:
        initial["tasks"] = _now_on(tasks, ticked)
        groups = {tuple(HandDownForm.suggested(task)) for task in tasks}
        initial["groups"] = list(groups.pop()) if len(groups) == 1 else []
    form = HandDownForm(
        request.POST or None, tasks=tasks, units=units, towns=places.towns(actor, as_of=today), initial=initial
    )
    slot = Slot("plan.hand_down")
    # Ticks in the list mean a new start; a draft comes back only when the page is opened by itself.
    draft = None if ticked else drafts.restore(form, slot, by=actor)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        chosen = [task for task in tasks if str(task.pk) in data["tasks"]]
        try:
            new = services.hand_down(
                tasks=chosen,
                units=[UUID(key) for key in data["all_units"]],
                sign_by=data["sign_by"],
                occurred_on=data["occurred_on"],
                reopen=data.get("reopen", False),
                by=actor,
                now=clock.now(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            drafts.clear(slot, by=actor)
            if new:
                keys = sorted(part.pk for part in new)
                given = [*(("task", str(task.pk)) for task in chosen), ("first", str(keys[0])), ("last", str(keys[-1]))]
                undo = f"{reverse('plan:hand_down_undo')}?{urlencode(given)}"
                words = f"已下达 {len(chosen)} 项任务，新增 {len(new)} 份承办，等待签收。"
                toasts.done(request, words, undo=undo)
            else:
                messages.warning(request, "这些单位都已经有这些任务，没有新下达。")
            return redirect("plan:task", chosen[0].pk) if len(chosen) == 1 else redirect("plan:task_list")
    shown = {"form": form, "slot": slot, "draft": draft, "ticked": bool(ticked)}
    return render(request, "plan/hand_down.html", shown, status=422 if form.errors else 200)


@require_POST
@may("plan.hand_down")
def hand_down_undo(request: Request) -> HttpResponse:
    """Take back what was handed down just now, where nobody has signed yet."""
    tasks = list(queries.tasks_visible_to(request.actor).filter(pk__in=_chosen(request)))
    ends = _keys([request.GET.get("first", ""), request.GET.get("last", "")])
    if not tasks or len(ends) != 2:
        raise Http404
    count = services.undo_hand_down(tasks=tasks, first=ends[0], last=ends[1], by=request.actor, now=clock.now())
    messages.success(request, f"已撤销下达，收回 {count} 份。")
    return redirect("plan:task", tasks[0].pk) if len(tasks) == 1 else redirect("plan:task_list")


@get_or_post
@may("plan.edit")
def task_set(request: Request) -> HttpResponse:
    """Set the same of all ticked tasks: fill in, look at what would change, confirm."""
    actor, today = request.actor, clock.today()
    tasks = list(queries.tasks_to_set(actor, _chosen(request)))
    if not tasks:
        messages.warning(request, "请先在任务里勾选要设定的。")
        return redirect("plan:task_list")
    form = SetForm(
        request.POST if request.method == "POST" else None,
        units=queries.leads(actor, task=None, today=today),
        people=queries.people(actor, task=None, today=today),
    )
    step, status, changes = request.POST.get("step", ""), 200, []
    if request.method == "POST" and step != "back":
        status = 422
        if form.is_valid():
            if step == "save":
                try:
                    count = services.set_tasks(tasks=tasks, values=form.values(), by=actor, now=clock.now())
                except Refused as refusal:
                    refuse(form, refusal)
                else:
                    messages.success(request, f"已改 {count} 项任务。要改回来，再设定一次。")
                    return redirect("plan:task_list")
            else:
                changes, status = services.planned(tasks, form.values()), 200
                if not changes:
                    form.add_error(None, "选中的任务都已经是这样，没有要改的。")
    context = {
        "form": form,
        "tasks": tasks,
        "changes": changes,
        "closed": sum(task.state in (Task.State.DONE, Task.State.WITHDRAWN) for task in tasks),
    }
    return render(request, "plan/task_set.html", context, status=status)


@get_or_post
@may("message.send")
def tasks_urge(request: Request) -> HttpResponse:
    """One reminder over all ticked tasks; asked first, then made ready, where it is looked at, copied or sent."""
    actor = request.actor
    tasks = list(queries.tasks_visible_to(actor).filter(pk__in=_chosen(request)).order_by("position", "number"))
    if not tasks:
        messages.warning(request, "请先在任务里勾选要催办的。")
        return redirect("plan:task_list")
    numbers = "、".join(task.number for task in tasks[:12]) + ("等" if len(tasks) > 12 else "")
    return form_page(
        request,
        forms.Form(request.POST if request.method == "POST" else None),
        lambda data: services.urge_many(tasks=tasks, by=actor, now=clock.now()),
        title=f"催办 {len(tasks)} 项任务",
        lead=f"任务 {numbers}。逾期未签收、过了完成时限还没有报送的单位合成一条消息；没有逾期的，就催还没有签收的。您看过再发。",
        button="备好催办",
        back=reverse("plan:task_list"),
        to=lambda message: reverse("messages:message", args=[message.pk]),
        done="已备好，请看一看，复制到微信或发送。",
    )
