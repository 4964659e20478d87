"""Pages of the plan: read a request, call one query or one service, choose a template."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dudao.audit import queries as audit
from dudao.files import queries as files
from dudao.files import services as file_services
from dudao.places import queries as places
from dudao.plan import lists, queries, services
from dudao.plan.forms import HandDownForm, HandInForm, NoticeForm, PointForm, ReasonForm, SignOnBehalfForm, TaskForm
from dudao.plan.models import Notice, TaskPart
from dudao.shell import clock, conflicts, drafts
from dudao.shell.conflicts import Clash
from dudao.shell.drafts import Slot
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices.reading import read_bytes

form_page = require_http_methods(["GET", "POST"])


def _refuse(form: Any, refusal: Refused) -> None:
    """Put what a service said beside its field, or over the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)


@login_required
@require_GET
def notice_list(request: Request) -> HttpResponse:
    return render(request, "plan/notice_list.html", {"notices": queries.notices(request.actor)})


@login_required
@form_page
def notice_new(request: Request) -> HttpResponse:
    """Hand a notice in: pasted text, or a file. What was pasted stays on the page whatever goes wrong."""
    if not request.actor.can("notice.read"):
        raise Http404
    form, slot = HandInForm(request.POST or None, request.FILES or None), Slot("plan.notice")
    draft = drafts.restore(form, slot, by=request.actor)
    if request.method == "POST" and form.is_valid():
        text, name = form.cleaned_data["text"], ""
        try:
            if not text.strip():
                upload = form.cleaned_data["file"]
                name, text = upload.name, read_bytes(upload.read(), upload.name)
            notice = services.hand_in_notice(text=text, file_name=name, by=request.actor, now=clock.now())
            drafts.clear(slot, by=request.actor)
            return redirect("plan:notice", notice.pk)
        except EngineInputError as error:
            form.add_error("file", error.message)
        except Refused as refusal:
            form.add_error("file" if name else "text", refusal.message)
    shown = {"form": form, "slot": slot, "draft": draft}
    return render(request, "plan/notice_new.html", shown, status=422 if form.errors else 200)


def _outline(request: Request, key: UUID) -> Notice:
    notice = queries.outline(request.actor, key)
    if notice is None:
        raise Http404
    return notice


@login_required
@form_page
def notice_check(request: Request, key: UUID) -> HttpResponse:
    """The text with what was read in it, and the chosen point to check; ``?point=`` chooses."""
    notice = _outline(request, key)
    points = [point for section in notice.sections.all() for point in section.points.all()]
    wanted = request.GET.get("point", "")
    chosen = next((p for p in points if str(p.pk) == wanted), None)
    if chosen is None:
        chosen = next((p for p in points if p.checked_at is None and p.is_duty), points[0] if points else None)
    if wanted and str(getattr(chosen, "pk", "")) != wanted:
        raise Http404
    at = points.index(chosen) if chosen else 0
    before, after = (points[at - 1] if at else None), (points[at + 1] if at + 1 < len(points) else None)
    form, clashes, status, slot, draft = None, None, 200, None, None
    editable = notice.state == "checking" and request.actor.can("plan.edit")
    if chosen and editable:
        point = get_object_or_404(queries.points_visible_to(request.actor), pk=chosen.pk)
        form = PointForm(
            conflicts.chosen(request.POST) or None, instance=point, initial={"base_version": point.version}
        )
        slot = Slot("plan.point", point.pk)
        draft = drafts.restore(form, slot, by=request.actor)
        if request.method == "POST":
            clashes, status = _save_point(request, form, point.pk)
            if status == 200:
                drafts.clear(slot, by=request.actor)
                following = after or chosen
                return redirect(f"{reverse('plan:notice', args=[notice.pk])}?point={following.pk}#point")
    return render(
        request,
        "plan/notice_check.html",
        {
            "notice": notice,
            "chosen": chosen,
            "before": before,
            "after": after,
            "form": form,
            "slot": slot,
            "draft": draft,
            "clashes": clashes,
            "editable": editable,
            "metadata": [(k, "、".join(v) if isinstance(v, list) else v) for k, v in notice.metadata.items()],
            "duties": sum(p.is_duty for p in points),
            "checked": sum(p.is_duty and p.checked_at is not None for p in points),
            "unchecked": sum(p.is_duty and p.checked_at is None for p in points),
            "open_flags": sum(flag.accepted_at is None for flag in notice.flags.all()),
        },
        status=status,
    )


def _save_point(request: Request, form: PointForm, key: UUID) -> tuple[list[Clash] | None, int]:
    """Save the typed point: nothing and 200 when saved; the fields in which both differ and 409; or 422."""
    if not form.is_valid():
        return None, 422
    data = form.cleaned_data
    # A model form has written what was typed onto its instance; the service starts from the row.
    point = get_object_or_404(queries.points_visible_to(request.actor), pk=key)
    try:
        services.correct_point(
            point=point,
            base_version=data["base_version"],
            section=data["section"],
            no=data["no"],
            title=data["title"],
            words=data["words"],
            is_duty=data["is_duty"],
            by=request.actor,
            now=clock.now(),
        )
    except Conflict as conflict:
        theirs = {name: getattr(point, name) for name in ("no", "title", "words", "is_duty")}
        theirs["section"] = point.section_id
        _refuse(form, conflict)
        return conflicts.lay_out(form, theirs=theirs, version=point.version), 409
    except Refused as refusal:
        _refuse(form, refusal)
        return None, 422
    return None, 200


@login_required
@form_page
def notice_correct(request: Request, key: UUID) -> HttpResponse:
    """Correct title, number, issuer, day and year of a notice."""
    notice = get_object_or_404(queries.notices_visible_to(request.actor), pk=key)
    posted = conflicts.chosen(request.POST) or None
    form = NoticeForm(posted, instance=notice, initial={"base_version": notice.version})
    clashes = None
    if request.method == "POST" and form.is_valid():
        row = get_object_or_404(queries.notices_visible_to(request.actor), pk=key)
        try:
            services.correct_notice(notice=row, **form.cleaned_data, by=request.actor, now=clock.now())
            return redirect("plan:notice", key)
        except Conflict as conflict:
            theirs = {name: getattr(row, name) for name in form.Meta.fields}
            clashes = conflicts.lay_out(form, theirs=theirs, version=row.version)
            _refuse(form, conflict)
        except Refused as refusal:
            _refuse(form, refusal)
    context = {
        "form": form,
        "title": "更正要点信息",
        "clashes": clashes,
        "back": reverse("plan:notice", args=[key]),
        "submit": "保存",
    }
    return render(request, "plan/form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def flag_accept(request: Request, key: int) -> HttpResponse:
    flag = get_object_or_404(queries.flags_visible_to(request.actor), pk=key)
    services.accept_flag(flag=flag, by=request.actor, now=clock.now())
    return redirect(f"{reverse('plan:notice', args=[flag.notice_id])}?point={request.POST.get('point', '')}#flags")


@login_required
@form_page
def notice_confirm(request: Request, key: UUID) -> HttpResponse:
    """Look once at the tasks that will be made, then make them."""
    notice = _outline(request, key)
    if request.method == "POST":
        made = services.confirm_notice(notice=notice, by=request.actor, now=clock.now())
        messages.success(request, f"已确认要点，生成 {len(made)} 项任务。请定牵头单位和时限，然后下达。")
        return redirect("plan:task_list")
    return render(request, "plan/notice_confirm.html", {"notice": notice})


@login_required
@form_page
def notice_drop(request: Request, key: UUID) -> HttpResponse:
    notice = get_object_or_404(queries.notices_visible_to(request.actor), pk=key)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.drop_notice(notice=notice, **form.cleaned_data, by=request.actor, now=clock.now())
            messages.success(request, f"已作废《{notice.title}》，记录保留。")
            return redirect("plan:notice_list")
        except Refused as refusal:
            _refuse(form, refusal)
    context = {
        "form": form,
        "title": f"作废《{notice.title}》？",
        "lead": "作废后不再核对，原文和记录保留；同一份原文可以重新导入。",
        "back": reverse("plan:notice", args=[key]),
        "submit": "作废",
        "danger": True,
    }
    return render(request, "plan/form.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def task_list(request: Request) -> HttpResponseBase:
    """All tasks the hat sees, to filter, sort, print, export and hand down."""
    actor, today = request.actor, clock.today()
    rows = queries.tasks(actor, today=today)
    if notice := request.GET.get("notice"):
        rows = rows.filter(notice__in=queries.notices_visible_to(actor).filter(pk=UUID(notice)))
    return lists.tasks(actor, today=today).respond(request, rows, "plan/task_list.html")


@login_required
@require_GET
def task(request: Request, key: UUID) -> HttpResponse:
    """One task: the words it comes from, who has signed, what happened."""
    actor, today = request.actor, clock.today()
    row = get_object_or_404(queries.tasks(actor, today=today), pk=key)
    parts = list(queries.parts_visible_to(actor).filter(task=row).order_by("state", "sign_by", "pk"))
    names = places.unit_names(actor, {part.unit_id for part in parts})
    evidence = list(files.files_of_many(actor, TaskPart, [part.pk for part in parts]))
    for part in parts:
        part.evidence = [file for file in evidence if file.subject == str(part.pk)]  # type: ignore[attr-defined]
        part.unit_name = names.get(part.unit_id, "—")  # type: ignore[attr-defined]
        part.is_own = part.unit_id in actor.units and actor.can("plan.sign")  # type: ignore[attr-defined]
    order = [TaskPart.State.WAITING, TaskPart.State.SIGNED, TaskPart.State.WITHDRAWN]
    parts.sort(key=lambda part: (order.index(part.state), part.sign_by, part.unit_name))  # type: ignore[attr-defined,arg-type]
    return render(
        request,
        "plan/task.html",
        {
            "task": row,
            "parts": parts,
            "mine": [part for part in parts if part.is_own],  # type: ignore[attr-defined]
            "events": list(audit.history(actor, row, parts)[:200]),
        },
    )


@login_required
@form_page
def task_correct(request: Request, key: UUID) -> HttpResponse:
    actor = request.actor
    row = get_object_or_404(queries.tasks_visible_to(actor), pk=key)
    units = list(places.units_visible_to(actor, as_of=clock.today()))
    form = TaskForm(
        conflicts.chosen(request.POST) or None,
        instance=row,
        units=units,
        initial={"base_version": row.version, "lead": str(row.lead_id or "")},
    )
    clashes = None
    if request.method == "POST" and form.is_valid():
        row = get_object_or_404(queries.tasks_visible_to(actor), pk=key)
        data = form.cleaned_data
        try:
            services.correct_task(
                task=row,
                base_version=data["base_version"],
                title=data["title"],
                lead=UUID(data["lead"]) if data["lead"] else None,
                due_on=data["due_on"],
                by=actor,
                now=clock.now(),
            )
            messages.success(request, f"已保存任务 {row.number}。")
            return redirect("plan:task", key)
        except Conflict as conflict:
            theirs = {"title": row.title, "lead": str(row.lead_id or ""), "due_on": row.due_on}
            clashes = conflicts.lay_out(form, theirs=theirs, version=row.version)
            _refuse(form, conflict)
        except Refused as refusal:
            _refuse(form, refusal)
    context = {
        "form": form,
        "title": f"任务 {row.number}",
        "clashes": clashes,
        "back": reverse("plan:task", args=[key]),
        "submit": "保存",
    }
    return render(request, "plan/form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def task_urge(request: Request, key: UUID) -> HttpResponse:
    """Make the reminder ready and lead to it, where it is looked at, copied or sent."""
    row = get_object_or_404(queries.tasks_visible_to(request.actor), pk=key)
    made = services.urge(task=row, by=request.actor, now=clock.now())
    return redirect("messages:message", made.pk)


@login_required
@form_page
def task_withdraw(request: Request, key: UUID) -> HttpResponse:
    """Take the task back from all that have not signed: one step for what was handed down by mistake."""
    row = get_object_or_404(queries.tasks(request.actor, today=clock.today()), pk=key)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            count = services.withdraw_waiting(task=row, **form.cleaned_data, by=request.actor, now=clock.now())
            messages.success(request, f"已撤回对 {count} 个未签收单位的下达。")
            return redirect("plan:task", key)
        except Refused as refusal:
            _refuse(form, refusal)
    context = {
        "form": form,
        "title": f"撤回对 {row.waiting_count} 个未签收单位的下达？",  # type: ignore[attr-defined]
        "lead": f"任务 {row.number} {row.title}。已签收的单位不受影响，记录保留。",
        "back": reverse("plan:task", args=[key]),
        "submit": "撤回",
        "danger": True,
    }
    return render(request, "plan/form.html", context, status=422 if form.errors else 200)


@login_required
@form_page
def hand_down(request: Request) -> HttpResponse:
    """Hand chosen tasks (``?task=`` once or more) down to a kind of unit, or to picked ones."""
    actor, today = request.actor, clock.today()
    if not actor.can("plan.hand_down"):
        raise Http404
    tasks = list(queries.tasks_visible_to(actor).order_by("number"))
    units = [unit for unit in places.units_visible_to(actor, as_of=today) if unit.kind in services.HANDED_TO]
    initial = {"tasks": request.GET.getlist("task"), "sign_by": today + timedelta(days=3)}
    form = HandDownForm(request.POST or None, tasks=tasks, units=units, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        chosen = [task for task in tasks if str(task.pk) in data["tasks"]]
        try:
            new = services.hand_down(
                tasks=chosen,
                units=[UUID(key) for key in data["all_units"]],
                sign_by=data["sign_by"],
                occurred_on=data["occurred_on"],
                by=actor,
                now=clock.now(),
            )
            messages.success(request, f"已下达 {len(chosen)} 项任务，新增 {new} 个承办单位，等待签收。")
            return redirect("plan:task", chosen[0].pk) if len(chosen) == 1 else redirect("plan:task_list")
        except Refused as refusal:
            _refuse(form, refusal)
    return render(request, "plan/hand_down.html", {"form": form}, status=422 if form.errors else 200)


def _part(request: Request, key: UUID) -> TaskPart:
    return get_object_or_404(queries.parts_visible_to(request.actor).select_related("task"), pk=key)


@login_required
@require_POST
def part_sign(request: Request, key: UUID) -> HttpResponse:
    part = _part(request, key)
    services.sign_part(part=part, by=request.actor, now=clock.now())
    messages.success(request, f"已签收任务 {part.task.number}。")
    return redirect("plan:task", part.task_id)


@login_required
@form_page
def part_on_behalf(request: Request, key: UUID) -> HttpResponse:
    part = _part(request, key)
    today = clock.today()
    form = SignOnBehalfForm(request.POST or None, request.FILES or None, today=today)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data.pop("evidence")
        try:
            # The file goes to its place before the transaction; if the signature is refused, it is swept later.
            evidence = file_services.receive(chosen) if chosen else None
            services.sign_part(part=part, **form.cleaned_data, evidence=evidence, by=request.actor, now=clock.now())
            messages.success(request, "已代为登记签收。")
            return redirect("plan:task", part.task_id)
        except Refused as refusal:
            _refuse(form, refusal)
    unit = places.unit_names(request.actor, {part.unit_id}).get(part.unit_id, "—")
    context = {
        "form": form,
        "title": f"代{unit}登记签收",
        "lead": f"任务 {part.task.number} {part.task.title}",
        "back": reverse("plan:task", args=[part.task_id]),
        "submit": "登记",
    }
    return render(request, "plan/form.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def part_file(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """A piece of evidence of a part that the actor may see."""
    found = files.file_of(request.actor, _part(request, key), file)
    if found is None:
        raise Http404
    return file_services.respond(found, by=request.actor, now=clock.now())


@login_required
@form_page
def part_withdraw(request: Request, key: UUID) -> HttpResponse:
    part = _part(request, key)
    form = ReasonForm(request.POST or None)
    unit = places.unit_names(request.actor, {part.unit_id}).get(part.unit_id, "—")
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_part(part=part, **form.cleaned_data, by=request.actor, now=clock.now())
            messages.success(request, f"已撤回对{unit}的下达。")
            return redirect("plan:task", part.task_id)
        except Refused as refusal:
            _refuse(form, refusal)
    context = {
        "form": form,
        "title": f"撤回对{unit}的下达？",
        "lead": f"任务 {part.task.number} {part.task.title}。撤回后该单位不再看到这项任务，记录保留。",
        "back": reverse("plan:task", args=[part.task_id]),
        "submit": "撤回",
        "danger": True,
    }
    return render(request, "plan/form.html", context, status=422 if form.errors else 200)
