"""Pages of notices: hand in, check, confirm."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dudao.plan import queries, reading, services
from dudao.plan.forms import HandInForm, NoticeForm, PointForm, ReasonForm
from dudao.plan.models import Notice, Point
from dudao.shell import clock, conflicts, drafts
from dudao.shell.conflicts import Clash
from dudao.shell.drafts import Slot
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page, refuse
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices.reading import read_bytes

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def notice_list(request: Request) -> HttpResponse:
    return render(request, "plan/notice_list.html", {"notices": queries.notices(request.actor)})


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
            notice = services.hand_in_notice(
                text=text, file_name=name, same_number=same, by=request.actor, now=clock.now()
            )
            drafts.clear(slot, by=request.actor)
            return redirect("plan:notice", notice.pk)
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


def _chosen(points: list[Point], wanted: str) -> Point | None:
    """The asked point, else the first duty that nobody has looked at, else the first."""
    if wanted:
        found = next((point for point in points if str(point.pk) == wanted), None)
        if found is None:
            raise Http404
        return found
    return next(
        (point for point in points if point.is_duty and point.checked_at is None), points[0] if points else None
    )


@get_or_post
def notice_check(request: Request, key: UUID) -> HttpResponse:
    """The text with what was read in it, and the chosen point to check; ``?point=`` chooses."""
    notice = _outline(request, key)
    points = [point for section in notice.sections.all() for point in section.points.all()]
    chosen = _chosen(points, request.GET.get("point", ""))
    at = points.index(chosen) if chosen else 0
    before, after = (points[at - 1] if at else None), (points[at + 1] if at + 1 < len(points) else None)
    context: dict[str, Any] = {"editable": notice.state == Notice.State.CHECKING and request.actor.can("plan.edit")}
    status = 200
    if chosen and context["editable"]:
        slot = Slot("plan.point", chosen.pk)
        point = get_object_or_404(queries.points_visible_to(request.actor), pk=chosen.pk)
        posted = conflicts.chosen(request.POST) or None
        form = PointForm(posted, instance=point, initial={"base_version": point.version})
        context |= {"form": form, "slot": slot, "draft": drafts.restore(form, slot, by=request.actor)}
        if request.method == "POST":
            context["clashes"], status = _save_point(request, form, chosen.pk)
            if status == 200:
                drafts.clear(slot, by=request.actor)
                return redirect(_address(notice.pk, after or chosen))
    duties = [point for point in points if point.is_duty]
    checked = sum(point.checked_at is not None for point in duties)
    context |= {
        "notice": notice,
        "inside": reading.inside(notice, chosen),
        "chosen": chosen,
        "before": before,
        "after": after,
        "metadata": [(name, "、".join(v) if isinstance(v, list) else v) for name, v in notice.metadata.items()],
        "duties": len(duties),
        "checked": checked,
        "unchecked": len(duties) - checked,
        "open_flags": sum(flag.accepted_at is None for flag in notice.flags.all()),
    }
    return render(request, "plan/notice_check.html", context, status=status)


def _save_point(request: Request, form: PointForm, key: UUID) -> tuple[list[Clash] | None, int]:
    """Save the typed point: nothing and 200 when saved; the fields in which both differ and 409; or 422."""
    if not form.is_valid():
        return None, 422
    # A model form has written what was typed onto its instance; the service starts from the row.
    point = get_object_or_404(queries.points_visible_to(request.actor), pk=key)
    try:
        services.correct_point(point=point, **form.cleaned_data, by=request.actor, now=clock.now())
    except Conflict as conflict:
        theirs = {name: getattr(point, name) for name in ("no", "title", "words", "is_duty")}
        refuse(form, conflict)
        return conflicts.lay_out(form, theirs={**theirs, "section": point.section_id}, version=point.version), 409
    except Refused as refusal:
        return None, refuse(form, refusal)
    return None, 200


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
    duties = [point for section in notice.sections.all() for point in section.points.all() if point.is_duty]
    unchecked = sum(point.checked_at is None for point in duties)
    context = {"notice": notice, "duties": len(duties), "unchecked": unchecked}
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
