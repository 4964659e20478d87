"""Pages of notices: hand in, check, confirm."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dudao.plan import lists, queries, reading, services
from dudao.plan.forms import (
    AddPointForm,
    AddTaskForm,
    DutyForm,
    HandInForm,
    MergeForm,
    NoticeForm,
    PointForm,
    ReasonForm,
    SplitForm,
)
from dudao.plan.models import Notice, Point, Task
from dudao.shell import clock, conflicts, drafts
from dudao.shell.drafts import Slot
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page, refuse
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices.reading import read_bytes

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def notice_list(request: Request) -> HttpResponseBase:
    return lists.notices(request.actor).respond(request, queries.notices(request.actor), "plan/notice_list.html")


@get_or_post
@may("notice.read")
def notice_new(request: Request) -> HttpResponse:
    """Hand a notice in: pasted text, or a file. What was pasted stays on the page whatever goes wrong."""
    form, slot = HandInForm(request.POST or None, request.FILES or None), Slot("plan.notice")
    draft = drafts.restore(form, slot, by=request.actor)
    if request.method == "POST" and form.is_valid():
        text, name = form.cleaned_data["text"], ""
        try:
            if not text.strip():
                upload = form.cleaned_data["file"]
                name, text = upload.name, read_bytes(upload.read(), upload.name)
            same = form.cleaned_data["same_number"]
            first, *more = services.hand_in_notices(
                text=text, file_name=name, same_number=same, by=request.actor, now=clock.now()
            )
            drafts.clear(slot, by=request.actor)
            if more:
                messages.success(request, f"里面有 {1 + len(more)} 份要点，已分开导入，请逐份核对。")
                return redirect("plan:notice_list")
            return redirect("plan:notice", first.pk)
        except EngineInputError as error:
            form.add_error("file", error.message)
        except Refused as refusal:
            field = "same_number" if refusal.field == "same_number" else "file" if name else "text"
            form.add_error(field, refusal.message)
    shown = {"form": form, "slot": slot, "draft": draft}
    return render(request, "plan/notice_new.html", shown, status=422 if form.errors else 200)


def _notice(request: Request, key: UUID) -> Notice:
    return get_object_or_404(queries.notices_visible_to(request.actor), pk=key)


def _outline(request: Request, key: UUID) -> Notice:
    notice = queries.outline(request.actor, key)
    if notice is None:
        raise Http404
    return notice


def _address(notice: UUID, point: Point, anchor: str = "point") -> str:
    return f"{reverse('plan:notice', args=[notice])}?point={point.pk}#{anchor}"


def point_address(task: Task) -> str:
    """Where a duty is checked: its point beside the words of the notice."""
    return f"{reverse('plan:notice', args=[task.notice_id])}?point={task.point_id}#t-{task.pk}"


def _chosen(points: list[Point], wanted: str) -> Point | None:
    """The asked point, else the first with duties that nobody has looked at, else the first."""
    if wanted:
        found = next((point for point in points if str(point.pk) == wanted), None)
        if found is None:
            raise Http404
        return found
    return next((point for point in points if reading.waits(point)), points[0] if points else None)


@get_or_post
def notice_check(request: Request, key: UUID) -> HttpResponse:
    """The text in colour with what was read in it, and the duties of the chosen point to check; ``?point=`` chooses."""
    notice = _outline(request, key)
    points = [point for section in notice.sections.all() for point in section.points.all()]
    chosen = _chosen(points, request.GET.get("point", ""))
    at = points.index(chosen) if chosen else 0
    before, after = (points[at - 1] if at else None), (points[at + 1] if at + 1 < len(points) else None)
    context: dict[str, Any] = {"editable": notice.state == Notice.State.CHECKING and request.actor.can("plan.edit")}
    status = 200
    if chosen and context["editable"]:
        slot = Slot("plan.point", chosen.pk)
        forms_ = _duty_forms(request, reading.live(chosen))
        draft = None
        for form in forms_:
            draft = drafts.restore(form, slot, by=request.actor) or draft
        context |= {"forms": forms_, "slot": slot, "draft": draft}
        if request.method == "POST":
            status = _save_point(request, chosen, forms_)
            if status == 200:
                drafts.clear(slot, by=request.actor)
                return redirect(_address(notice.pk, after or chosen))
    duties = [task for point in points for task in reading.live(point)]
    context |= {
        "notice": notice,
        "sections": reading.laid_out(notice, chosen),
        "chosen": chosen,
        "live": reading.live(chosen) if chosen else [],
        "dropped": [task for task in chosen.duties if task.state == Task.State.DROPPED] if chosen else [],  # type: ignore[attr-defined]
        "before": before,
        "after": after,
        "metadata": [(name, "、".join(v) if isinstance(v, list) else v) for name, v in notice.metadata.items()],
        "duties": len(duties),
        "unchecked": sum(task.checked_at is None for task in duties),
        "open_flags": sum(flag.accepted_at is None for flag in notice.flags.all()),
        "may_reopen": notice.state == Notice.State.CONFIRMED
        and request.actor.can("plan.confirm")
        and not services.has_begun(notice),
    }
    return render(request, "plan/notice_check.html", context, status=status)


def _duty_forms(request: Request, duties: list[Task]) -> list[DutyForm]:
    """A form for each duty of a point; the units to choose from are read once for all."""
    units = queries.leads(request.actor, task=None, today=clock.today()) if duties else []
    posted = conflicts.chosen(request.POST) or None
    return [DutyForm(posted, instance=task, units=units, prefix=f"d{task.pk.hex}") for task in duties]


def _save_point(request: Request, point: Point, forms_: list[DutyForm]) -> int:
    """Save all duties of a point: 200; 409 with both texts at the duties somebody else changed; or 422."""
    sound = [form.is_valid() for form in forms_]
    if not all(sound):
        return 422
    wanted = [services.Wanted(form.instance, form.cleaned_data["base_version"], form.values()) for form in forms_]
    try:
        row = get_object_or_404(queries.points_visible_to(request.actor), pk=point.pk)
        services.check_point(point=row, wanted=wanted, by=request.actor, now=clock.now())
    except services.Clashes as clash:
        for form in forms_:
            if form.instance.pk in clash.tasks:
                refuse(form, clash)
                form.clashes = conflicts.lay_out(  # type: ignore[attr-defined]
                    form, theirs=DutyForm.theirs(form.instance), version=form.instance.version
                )
        return 409
    except Refused as refusal:
        refuse(forms_[0] if forms_ else DutyForm(instance=Task(), units=[]), refusal)
        return 422
    return 200


@get_or_post
@may("plan.edit")
def point_correct(request: Request, key: UUID) -> HttpResponse:
    """Correct number, title, words or section of a point."""

    def row() -> Point:
        return get_object_or_404(queries.points_visible_to(request.actor), pk=key)

    point = row()
    form = PointForm(conflicts.chosen(request.POST) or None, instance=point, initial={"base_version": point.version})

    def stands() -> tuple[dict[str, Any], int]:
        now = row()
        return {name: getattr(now, name) for name in ("no", "title", "words")} | {
            "section": now.section_id
        }, now.version

    return form_page(
        request,
        form,
        lambda data: services.correct_point(point=row(), **data, by=request.actor, now=clock.now()),
        title=f"更正第{point.no}项" if point.no else "更正这一项",
        lead="原文永久保留，这里改的是读出的内容。",
        button="保存",
        back=_address(point.section.notice_id, point),
        done="已更正。",
        stands=stands,
    )


@get_or_post
@may("plan.edit")
def point_add(request: Request, key: UUID) -> HttpResponse:
    """Add a point that the reader did not find."""
    notice = _notice(request, key)
    return form_page(
        request,
        AddPointForm(request.POST or None, notice=notice),
        lambda data: services.add_point(**data, by=request.actor, now=clock.now()),
        title="补录一项要点",
        lead="读漏的、附件里的要点在这里补；补完可以再拆成几项任务。",
        button="补录",
        back=reverse("plan:notice", args=[key]),
        to=lambda point: _address(key, point),
        done="已补录。",
    )


def _duty(request: Request, key: UUID) -> Task:
    return get_object_or_404(queries.duties_visible_to(request.actor), pk=key)


@get_or_post
@may("plan.edit")
def duty_add(request: Request, key: UUID) -> HttpResponse:
    """Add a duty that the reader did not find in a point."""
    point = get_object_or_404(queries.points_visible_to(request.actor), pk=key)
    return form_page(
        request,
        AddTaskForm(request.POST or None),
        lambda data: services.add_to_point(point=point, **data, by=request.actor, now=clock.now()),
        title="补列一项任务",
        lead=f"第{point.no}项：{point.words}" if point.no else point.words,
        button="补列",
        back=_address(point.section.notice_id, point),
        done="已补列。",
    )


@get_or_post
@may("plan.edit")
def duty_split(request: Request, key: UUID) -> HttpResponse:
    """Make several duties of one."""
    task = _duty(request, key)
    return form_page(
        request,
        SplitForm(request.POST or None, initial={"base_version": task.version, "titles": task.title}),
        lambda data: services.split_task(task=_duty(request, key), **data, by=request.actor, now=clock.now()),
        title="拆成几项",
        lead=f"原文：{task.quote}",
        button="拆开",
        back=point_address(task),
        done="已拆开。",
    )


@get_or_post
@may("plan.edit")
def duty_merge(request: Request, key: UUID) -> HttpResponse:
    """Make one duty of several of a point."""
    point = get_object_or_404(queries.points_visible_to(request.actor), pk=key)
    live = queries.duties_visible_to(request.actor).filter(point=point, state=Task.State.CHECKING).order_by("position")
    duties = list(live)

    def merge(data: dict[str, Any]) -> Task:
        chosen = [task for task in duties if str(task.pk) in data["tasks"]]
        return services.merge_tasks(point=point, tasks=chosen, title=data["title"], by=request.actor, now=clock.now())

    return form_page(
        request,
        MergeForm(request.POST or None, duties=duties),
        merge,
        title="合并几项任务",
        lead="第一项留下，用合并后的名字；其余标为“不列任务”，可以恢复。",
        button="合并",
        back=_address(point.section.notice_id, point),
        done="已合并。",
    )


@get_or_post
@may("plan.edit")
def duty_drop(request: Request, key: UUID) -> HttpResponse:
    """Say that words are no task of their own."""
    task = _duty(request, key)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.drop_task(task=task, **data, by=request.actor, now=clock.now()),
        title=f"“{task.title}”不列任务？",
        lead="原文和记录保留，确认要点之前可以恢复。",
        button="不列任务",
        danger=True,
        back=point_address(task),
        done="已标为不列任务。",
    )


@require_POST
def duty_take_up(request: Request, key: UUID) -> HttpResponse:
    task = _duty(request, key)
    services.take_up_task(task=task, by=request.actor, now=clock.now())
    messages.success(request, f"已恢复“{task.title}”。")
    return redirect(point_address(task))


@get_or_post
@may("plan.edit")
def notice_correct(request: Request, key: UUID) -> HttpResponse:
    """Correct title, number, issuer, day and year of a notice."""
    notice = _notice(request, key)
    posted = conflicts.chosen(request.POST) or None
    form = NoticeForm(posted, instance=notice, initial={"base_version": notice.version})

    def stands() -> tuple[dict[str, Any], int]:
        row = _notice(request, key)
        return {name: getattr(row, name) for name in form.Meta.fields}, row.version

    return form_page(
        request,
        form,
        lambda data: services.correct_notice(notice=_notice(request, key), **data, by=request.actor, now=clock.now()),
        title="更正要点信息",
        button="保存",
        back=reverse("plan:notice", args=[key]),
        done="已更正要点信息。",
        stands=stands,
    )


@require_POST
def flag_accept(request: Request, key: int) -> HttpResponse:
    flag = get_object_or_404(queries.flags_visible_to(request.actor), pk=key)
    services.accept_flag(flag=flag, by=request.actor, now=clock.now())
    return redirect(f"{reverse('plan:notice', args=[flag.notice_id])}?point={request.POST.get('point', '')}#flags")


@get_or_post
@may("plan.confirm")
def notice_confirm(request: Request, key: UUID) -> HttpResponse:
    """Look once at the tasks that will be made, then make them."""
    notice = _outline(request, key)
    if request.method == "GET" and notice.state != Notice.State.CHECKING:
        return redirect("plan:notice", key)
    if request.method == "POST":
        made = services.confirm_notice(notice=notice, by=request.actor, now=clock.now())
        messages.success(request, f"已确认要点，生成 {len(made)} 项任务。请定牵头单位和时限，然后下达。")
        return redirect("plan:task_list")
    points = [point for section in notice.sections.all() for point in section.points.all()]
    duties = [task for point in points for task in reading.live(point)]
    context = {
        "notice": notice,
        "duties": duties,
        "none": [point for point in points if not reading.live(point)],
        "unchecked": sum(task.checked_at is None for task in duties),
        "open": sum(not (task.due_on or task.rule) for task in duties),
    }
    return render(request, "plan/notice_confirm.html", context)


@get_or_post
@may("plan.confirm")
def notice_reopen(request: Request, key: UUID) -> HttpResponse:
    """Go back from the tasks to checking, while nothing has been handed down."""
    notice = _notice(request, key)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.reopen_notice(notice=notice, **data, by=request.actor, now=clock.now()),
        title="退回核对？",
        lead=f"《{notice.title}》的任务还没有下达。退回后任务撤回，可以重新核对、更正或作废。",
        button="退回核对",
        danger=True,
        back=reverse("plan:notice", args=[key]),
        done="已退回核对。",
    )


@get_or_post
@may("plan.edit")
def notice_drop(request: Request, key: UUID) -> HttpResponse:
    """Take a notice out of use while it is being checked."""
    notice = _notice(request, key)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.drop_notice(notice=notice, **data, by=request.actor, now=clock.now()),
        title=f"作废《{notice.title}》？",
        lead="作废后不再核对，原文和记录保留；同一份原文可以重新导入。",
        button="作废",
        danger=True,
        back=reverse("plan:notice", args=[key]),
        to=reverse("plan:notice_list"),
        done=f"已作废《{notice.title}》，记录保留。",
    )
