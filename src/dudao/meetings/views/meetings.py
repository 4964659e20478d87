"""Pages of meetings: list, one meeting, who is invited, who came."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dudao.accounts import queries as accounts
from dudao.audit import queries as audit
from dudao.meetings import library, lists, queries, services, wording
from dudao.meetings.forms import (
    AttendanceForm,
    CancelForm,
    HoldForm,
    ItemForm,
    MeetingForm,
    MembersForm,
    NewMeetingForm,
    RhythmForm,
    VersionForm,
)
from dudao.meetings.models import Meeting
from dudao.shell import clock, conflicts, drafts
from dudao.shell.drafts import Slot
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page, refuse

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def meeting_list(request: Request) -> HttpResponseBase:
    """All meetings the hat sees, to filter, sort, print and export."""
    actor = request.actor
    page = lists.meetings(actor, today=clock.today())
    return page.respond(request, queries.meetings(actor), "meetings/meeting_list.html")


def _meeting(request: Request, key: UUID) -> Meeting:
    return get_object_or_404(queries.meetings_visible_to(request.actor), pk=key)


def _address(key: UUID) -> str:
    return reverse("meetings:meeting", args=[key])


@require_GET
def meeting(request: Request, key: UUID) -> HttpResponse:
    """One meeting: its agenda, who is invited and came, its minutes, what happened."""
    actor, today, row = request.actor, clock.today(), _meeting(request, key)
    members = queries.members(actor, row)
    agenda = queries.agenda(actor, row, today=today)
    editable = actor.can("meeting.manage") and row.state in ("proposed", "called", "held")
    facts = [
        ("时间", wording.when(row.day, row.at)),
        ("地点", row.place or "待定"),
        ("主持人", row.chair),
        ("记录人", row.recorder),
        ("类别", library.kind_name(row.kind)),
    ]
    day = row.day or today
    context = {
        "minutes": queries.minutes(actor, row, agenda.items(), today=today),
        "fulfilled": queries.fulfils(actor, row, on=day) if row.state == "minuted" and actor.can("plan.review") else [],
        "reads_minutes": row.state == "minuted" or (row.state == "held" and actor.sees_county),
        "paper": queries.paper_of(actor, row) if row.state == "minuted" else None,
        "meeting": row,
        "state": lists.state(row, today),
        "facts": facts,
        "source": library.kinds().get(row.kind),
        "agenda": agenda,
        "members": members,
        "came": sum(m.attendance == "present" for m in members),
        "known": sum(bool(m.attendance) for m in members),
        "editable": editable,
        "missing": [w for w, value in (("日期", row.day), ("地点", row.place), ("参会人员", members)) if not value],
        "day_passed": row.day is not None and row.day < today,
        "day_reached": row.day is not None and row.day <= today,
        "item_form": ItemForm(),
        "notice": wording.notice(row, agenda.items()) if editable and row.state != "held" else "",
        "events": list(audit.history(actor, row)[:100]) if actor.sees_county else [],
    }
    return render(request, "meetings/meeting.html", context)


@get_or_post
@may("meeting.manage")
def meeting_new(request: Request) -> HttpResponse:
    """Set up a meeting by hand."""
    return form_page(
        request,
        NewMeetingForm(request.POST or None),
        lambda data: services.set_up_meeting(**data, by=request.actor, now=clock.now()),
        title="登记会议",
        lead="日期和地点可以以后再定；参会人员先按岗位列好，可以再改。",
        button="登记",
        back=reverse("meetings:list"),
        to=lambda made: _address(made.pk),
        done="已登记会议。",
    )


@get_or_post
@may("meeting.manage")
def meeting_change(request: Request, key: UUID) -> HttpResponse:
    """Change name, time, place, chair or recorder."""
    row = _meeting(request, key)
    form = MeetingForm(conflicts.chosen(request.POST) or None, instance=row, initial={"base_version": row.version})

    def stands() -> tuple[dict[str, Any], int]:
        now = _meeting(request, key)
        return {name: getattr(now, name) for name in MeetingForm.Meta.fields}, now.version

    def change(data: dict[str, Any]) -> Any:
        return services.change_meeting(meeting=_meeting(request, key), **data, by=request.actor, now=clock.now())

    return form_page(
        request,
        form,
        change,
        title=row.title,
        button="保存",
        back=_address(key),
        to=lambda notice: reverse("messages:message", args=[notice.pk]) if notice else "",
        done="已保存。" if row.state != "called" else "已保存；时间、地点改了的，新的通知已备好，请看过再发。",
        stands=stands,
    )


def _guests(row: Meeting, request: Request) -> str:
    rows = queries.members(request.actor, row)
    return "\n".join(f"{m.name} {m.post_words}".strip() for m in rows if m.person_id is None)


@get_or_post
@may("meeting.manage")
def members(request: Request, key: UUID) -> HttpResponse:
    """Choose who is invited."""
    actor, row = request.actor, _meeting(request, key)
    people = list(accounts.people_with_posts(actor, day=clock.today()))

    def stands() -> tuple[dict[str, Any], int]:
        now = _meeting(request, key)
        persons = [str(m.person_id) for m in queries.members(actor, now) if m.person_id]
        return {"persons": persons, "guests": _guests(now, request)}, now.version

    initial, version = stands()
    form = MembersForm(
        conflicts.chosen(request.POST) or None, people=people, initial={**initial, "base_version": version}
    )

    def choose(data: dict[str, Any]) -> None:
        persons = [UUID(one) for one in data.pop("persons")]
        services.set_members(meeting=row, persons=persons, **data, by=actor, now=clock.now())

    return form_page(
        request,
        form,
        choose,
        title="参会人员",
        lead=row.title,
        button="保存",
        back=_address(key),
        done="已保存参会人员。" + ("新加的人请再通知。" if row.state == "called" else ""),
        stands=stands,
    )


def seen(request: Request) -> int:
    """The version that the page of a button showed."""
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Conflict("页面不完整，请重新打开会议再办。", code="meetings.changed")
    return int(form.cleaned_data["base_version"])


@require_POST
@may("meeting.manage")
def meeting_call(request: Request, key: UUID) -> HttpResponse:
    """Keep the agenda, make the notice ready and lead to it, where it is looked at, copied or sent."""
    row = _meeting(request, key)
    made = services.call_meeting(meeting=row, base_version=seen(request), by=request.actor, now=clock.now())
    if made is None:
        messages.success(request, "会议已定。参会的都是外单位人员，请复制通知文字发给他们。")
        return redirect(_address(key))
    messages.success(request, "会议已定，通知已备好，请看过再发。")
    return redirect("messages:message", made.pk)


@require_POST
@may("meeting.manage")
def notice_again(request: Request, key: UUID) -> HttpResponse:
    """Make the notice ready once more."""
    made = services.prepare_notice(meeting=_meeting(request, key), by=request.actor, now=clock.now())
    if made is None:
        messages.warning(request, "参会的都是外单位人员，请复制通知文字发给他们。")
        return redirect(_address(key))
    return redirect("messages:message", made.pk)


@get_or_post
@may("meeting.manage")
def meeting_hold(request: Request, key: UUID) -> HttpResponse:
    """The meeting begins, or is written down afterwards."""
    row, today = _meeting(request, key), clock.today()
    day = min(row.day or today, today)
    return form_page(
        request,
        HoldForm(request.POST or None, day=day, initial={"base_version": row.version}),
        lambda data: services.hold_meeting(meeting=row, **data, by=request.actor, now=clock.now()),
        title="开始会议",
        lead=f"{row.title}。开始后议程不再随任务变化，可以登记出席、边开边记纪要。",
        button="开始会议",
        back=_address(key),
        to=reverse("meetings:attendance", args=[key]),
        done="会议已开始，先登记出席。",
    )


@require_POST
@may("meeting.manage")
def meeting_hold_back(request: Request, key: UUID) -> HttpResponse:
    """The meeting was started by mistake."""
    row = _meeting(request, key)
    services.take_back_start(meeting=row, base_version=seen(request), by=request.actor, now=clock.now())
    messages.success(request, "已退回，会议还没有召开。")
    return redirect(_address(key))


@get_or_post
@may("meeting.manage")
def meeting_cancel(request: Request, key: UUID) -> HttpResponse:
    """Say that the meeting is not held, and why."""
    row = _meeting(request, key)
    return form_page(
        request,
        CancelForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.cancel_meeting(meeting=row, **data, by=request.actor, now=clock.now()),
        title=f"取消“{row.title}”？",
        lead="取消后本期不再自动提议，记录保留。"
        + ("已通知的人会有一条取消通知备好。" if row.state == "called" else ""),
        button="取消会议",
        danger=True,
        back=_address(key),
        to=lambda notice: reverse("messages:message", args=[notice.pk]) if notice else "",
        done="已取消会议。",
    )


@get_or_post
@may("meeting.manage")
def attendance(request: Request, key: UUID) -> HttpResponse:
    """Who came, all at once."""
    actor, row = request.actor, _meeting(request, key)
    rows = queries.members(actor, row)
    form = AttendanceForm(conflicts.chosen(request.POST) or None, members=rows, initial={"base_version": row.version})
    slot, status, clashes = Slot("meetings.attendance", key), 200, None
    draft = drafts.restore(form, slot, by=actor)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            base, now = form.cleaned_data["base_version"], clock.now()
            try:
                services.record_attendance(meeting=row, base_version=base, rows=form.rows(), by=actor, now=now)
            except Refused as refusal:
                status = refuse(form, refusal)
                if isinstance(refusal, Conflict):
                    current = queries.members(actor, row)
                    theirs = {f"attendance_{m.pk}": m.attendance for m in current}
                    theirs |= {f"note_{m.pk}": m.note for m in current}
                    known = {name: value for name, value in theirs.items() if name in form.fields}
                    clashes = conflicts.lay_out(form, theirs=known, version=_meeting(request, key).version)
            else:
                drafts.clear(slot, by=actor)
                messages.success(request, "已登记出席。")
                return redirect(_address(key))
    context = {"meeting": row, "form": form, "slot": slot, "draft": draft, "clashes": clashes}
    return render(request, "meetings/attendance.html", context, status=status)


@require_GET
@may("meeting.manage")
def sign_in_sheet(request: Request, key: UUID) -> HttpResponse:
    """The sheet that lies on the table."""
    row = _meeting(request, key)
    context = {
        "meeting": row,
        "when": wording.when(row.day, row.at),
        "members": queries.members(request.actor, row),
        "spare": range(5),
        "printing": True,
    }
    return render(request, "meetings/sheet.html", context)


@require_GET
@may("meeting.manage")
def rhythm_list(request: Request) -> HttpResponse:
    """Which kinds of meetings there are, how often, and where that comes from."""
    actor, set_here = request.actor, queries.rhythms(request.actor)
    rows = [
        {
            "kind": kind,
            "every": library.EVERY[set_here[code].every if code in set_here and kind.by_office else kind.every],
            "is_set": code in set_here and kind.by_office,
        }
        for code, kind in library.kinds().items()
    ]
    return render(request, "meetings/rhythms.html", {"rows": rows, "actor": actor})


@get_or_post
@may("meeting.manage")
def rhythm_set(request: Request, kind: str) -> HttpResponse:
    """Say how often a kind is proposed."""
    known = library.kinds().get(kind)
    if known is None or not known.by_office:
        raise Http404

    def stands() -> tuple[dict[str, Any], int]:
        row = queries.rhythms(request.actor).get(kind)
        return {"every": row.every if row else known.every}, row.version if row else 0

    initial, version = stands()
    return form_page(
        request,
        RhythmForm(conflicts.chosen(request.POST) or None, initial={**initial, "base_version": version}),
        lambda data: services.set_rhythm(kind=kind, **data, by=request.actor, now=clock.now()),
        title=known.name,
        lead="每期开始时提议一次会议。",
        button="保存",
        back=reverse("meetings:rhythms"),
        done="已保存会议安排。",
        stands=stands,
    )
