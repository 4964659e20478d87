"""The yearly plan, batches and their sessions."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.audit import queries as audit
from dudao.files import queries as files
from dudao.inspectors import queries as inspectors
from dudao.inspectors.models import Inspector
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page
from dudao.shell.sheets import table
from dudao.shell.templatetags.parts import fullday
from dudao.training import queries, services
from dudao.training.forms import CourseForm, LessonForm, PeopleForm, WhyForm
from dudao.training.models import Attendance, Level, Session
from dudao.training.queries.finish import finishing
from dudao.training.queries.plan import aim, planned
from dudao.training.services import Course, Lesson
from dudao.training.views.parts import (
    area_names,
    batch_address,
    found_batch,
    found_session,
    in_office,
    shared,
    year_of,
    years,
)

READ = may("training.manage", "inspector.read")
TAKES_PART = may("training.manage", "inspector.read", "inspector.self")


@require_GET
@READ
def plan(request: Request) -> HttpResponseBase:
    """The plan of a year by level, and how far 全员轮训 has come."""
    year = year_of(request)
    rows = planned(request.actor, year)
    if request.GET.get("export") == "xlsx":
        heads = (
            "级别",
            "名称",
            "方式",
            "开始",
            "结束",
            "领域",
            "主办单位",
            "地点",
            "参训",
            "课次",
            "学时",
            "到课",
            "证书",
            "说明",
        )
        lines = [
            (
                one.batch.get_level_display(), one.batch.title, one.batch.get_kind_display(), one.batch.starts_on, one.batch.ends_on,
                area_names(one.batch.areas), one.batch.organiser, one.batch.place, one.invited, one.sessions, one.hours, one.came,
                one.certified, f"已取消：{one.batch.cancelled_why}" if one.batch.cancelled_why else one.batch.note,
            )
            for one in rows
        ]  # fmt: skip
        return table(f"{year}年督学培训计划", [("培训计划", heads, lines)], said="", today=clock.today())
    by_level = [(label, [one for one in rows if one.batch.level == code]) for code, label in Level.choices]
    context = shared(
        request, "plan", year=year, years=years(request, year), rows=rows, levels=[one for one in by_level if one[1]],
        aim=aim(request.actor.county, year, today=clock.today()), printing=request.GET.get("print") == "1",
    )  # fmt: skip
    return render(request, "training/plan.html", context)


@get_or_post
@may("training.manage")
def add(request: Request) -> HttpResponse:
    """One more training in the plan."""
    form = CourseForm(request.POST or None, initial={"year": year_of(request), "kind": "class"})

    def act(data: dict[str, Any]) -> Any:
        return services.plan_batch(course=form.course(), by=request.actor, now=clock.now())

    return form_page(
        request, form, act, title="列入培训计划", button="保存", back=reverse("training:plan"), done="已列入计划，接着安排课次、确定参训人员。",
        to=lambda row: batch_address(row.pk),
    )  # fmt: skip


@get_or_post
@may("training.manage")
def change(request: Request, key: UUID) -> HttpResponse:
    """What the plan says of a training."""
    row = found_batch(request, key)
    initial = {name: getattr(row, name) for name in Course.__dataclass_fields__} | {"base_version": row.version}
    form = CourseForm(request.POST or None, initial=initial)

    def act(data: dict[str, Any]) -> None:
        services.change_batch(
            batch=row, base_version=data["base_version"] or 0, course=form.course(), by=request.actor, now=clock.now()
        )

    return form_page(
        request,
        form,
        act,
        title=f"修改：{row.title}",
        button="保存",
        back=batch_address(key),
        done="已保存。",
        version=row.version,
    )


@get_or_post
@may("training.manage")
def cancel(request: Request, key: UUID) -> HttpResponse:
    """A training that does not take place."""
    row = found_batch(request, key)
    form = WhyForm(request.POST or None, initial={"base_version": row.version})

    def act(data: dict[str, Any]) -> None:
        services.cancel_batch(batch=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"取消：{row.title}", button="取消这次培训", back=batch_address(key), done="已取消。", danger=True,
        version=row.version,
    )  # fmt: skip


@require_GET
@TAKES_PART
def batch(request: Request, key: UUID) -> HttpResponse:
    """One training: sessions, who takes part and how far they are, tests, certificates."""
    row, actor = found_batch(request, key), request.actor
    sessions = list(row.sessions.order_by("day", "begins", "pk"))
    said: dict[UUID, list[Attendance]] = {}
    for one in Attendance.objects.filter(session__batch=row):
        said.setdefault(one.session_id, []).append(one)
    own = inspectors.inspectors_visible_to(actor).filter(person__in=actor.hands).values_list("pk", flat=True)
    mine = set(own)
    everybody = queries.may_manage(actor) or actor.can("inspector.read")
    people = finishing(row, today=clock.today())
    shown = [one for one in people.values() if everybody or one.inspector.pk in mine]
    materials: dict[str, list[Any]] = {}
    for file in files.files_of_many(actor, Session, [one.pk for one in sessions]):
        materials.setdefault(file.subject, []).append(file)
    context = shared(
        request, "batch", batch=row, areas=area_names(row.areas), everybody=everybody, now=clock.now(), people=shown, invited=len(people),
        sessions=[
            (
                one, area_names(one.areas), sum(a.state == "present" for a in said.get(one.pk, ())),
                sum(a.state != "present" for a in said.get(one.pk, ())), len(people) - len(said.get(one.pk, ())),
                next((a for a in said.get(one.pk, ()) if a.inspector_id in mine), None), services.window(one),
                materials.get(str(one.pk), []),
            )
            for one in sessions
        ],
        exams=list(row.exams.order_by("day", "pk")), certified=sum(one.certificate is not None for one in people.values()),
        ready=sum(not one.lacks and one.certificate is None for one in people.values()),
        total=sum(one.hours for one in sessions if not one.cancelled_why) if sessions else None,
        events=list(audit.history(actor, row)[:12]) if queries.may_manage(actor) else [],
    )  # fmt: skip
    return render(request, "training/batch.html", context)


@get_or_post
@may("training.manage")
def add_session(request: Request, key: UUID) -> HttpResponse:
    """One more session."""
    row = found_batch(request, key)
    form = LessonForm(
        request.POST or None,
        initial={
            "day": min(max(row.starts_on, clock.today()), row.ends_on),
            "begins": "09:00",
            "ends": "12:00",
            "place": row.place,
            "areas": row.areas,
        },
    )

    def act(data: dict[str, Any]) -> None:
        services.add_session(batch=row, lesson=form.lesson(), by=request.actor, now=clock.now())

    return form_page(
        request, form, act, title=f"安排课次：{row.title}", button="保存", back=batch_address(key), done="已安排课次。",
        lead=f"在 {fullday(row.starts_on)} 至 {fullday(row.ends_on)} 之间。",
    )  # fmt: skip


@get_or_post
@may("training.manage")
def change_session(request: Request, key: UUID) -> HttpResponse:
    """A session, before somebody came."""
    row = found_session(request, key)
    initial = {name: getattr(row, name) for name in Lesson.__dataclass_fields__} | {"base_version": row.version}
    form = LessonForm(request.POST or None, initial=initial)

    def act(data: dict[str, Any]) -> None:
        services.change_session(
            session=row, base_version=data["base_version"] or 0, lesson=form.lesson(), by=request.actor, now=clock.now()
        )

    return form_page(
        request, form, act, title=f"修改课次：{row.title}", button="保存", back=batch_address(row.batch_id), done="已保存。",
        version=row.version,
    )  # fmt: skip


@get_or_post
@may("training.manage")
def cancel_session(request: Request, key: UUID) -> HttpResponse:
    """A session that does not take place."""
    row = found_session(request, key)
    form = WhyForm(request.POST or None, initial={"base_version": row.version})

    def act(data: dict[str, Any]) -> None:
        services.cancel_session(session=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"取消课次：{row.title}", button="取消这次课", back=batch_address(row.batch_id), done="已取消。",
        danger=True, version=row.version,
    )  # fmt: skip


@get_or_post
@may("training.manage")
def invite(request: Request, key: UUID) -> HttpResponse:
    """Who takes part. Those of 全员轮训 who are still missing stand first and are ticked."""
    row = found_batch(request, key)
    known = {str(one) for one in row.invitations.values_list("inspector", flat=True)}
    missing = {str(one.key) for one in aim(row.county, row.year, today=clock.today()).missing}
    free = [one for one in in_office(row.county, clock.today()) if one[0] not in known]
    first = [one for one in free if one[0] in missing]
    rest = [one for one in free if one[0] not in missing]
    groups = [(name, some) for name, some in (("还没有轮训的", first), ("其他在任督学", rest)) if some]
    form = PeopleForm(request.POST or None, people=groups, initial={"inspectors": [one[0] for one in first]})

    def act(data: dict[str, Any]) -> int:
        chosen = list(Inspector.objects.filter(pk__in=data["inspectors"]).select_related("person"))
        return services.invite(batch=row, inspectors=chosen, by=request.actor, now=clock.now())

    return form_page(
        request, form, act, title=f"确定参训人员：{row.title}", button="加入名单", back=batch_address(key), done="已加入名单。",
        lead="" if free else "在任督学都已经在名单里。",
    )  # fmt: skip


@require_POST
@may("training.manage")
def leave_out(request: Request, key: UUID, inspector: UUID) -> HttpResponse:
    """Somebody who does not take part after all."""
    row = found_batch(request, key)
    who = get_object_or_404(inspectors.inspectors_visible_to(request.actor).select_related("person"), pk=inspector)
    try:
        services.leave_out(batch=row, inspector=who, by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"已移出{who.person.name}。")
    return redirect(batch_address(key))


@require_POST
@may("training.manage")
def notice(request: Request, key: UUID) -> HttpResponse:
    """The notice to those who are to take part, ready to be sent."""
    try:
        made = services.prepare_notice(batch=found_batch(request, key), by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect(batch_address(key))
    return redirect("messages:message", made.pk)
