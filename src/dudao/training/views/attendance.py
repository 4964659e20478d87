"""Sessions: who came, the code on the screen, materials."""

from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.files import queries as file_queries
from dudao.files import services as files
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page, refuse
from dudao.shell.sheets import table
from dudao.training import reading, services
from dudao.training.forms import AttendanceForm, CodeForm, MaterialForm, TableForm
from dudao.training.models import Attendance, Session
from dudao.training.queries.plan import invited
from dudao.training.views.parts import area_names, found_session, shared

#: A screen asks for the next code so often.
_REFRESH = 20


def _address(key: UUID) -> str:
    return reverse("training:session", args=[key])


def _known(row: Session) -> dict[UUID, Attendance]:
    return {one.inspector_id: one for one in row.attendances.all()}


@get_or_post
@may("training.manage", "inspector.read")
def session(request: Request, key: UUID) -> HttpResponse:
    """A session and who came; the office ticks the list."""
    row = found_session(request, key)
    people, known = invited(row.batch), _known(row)
    writes = request.actor.can("training.manage") and not row.cancelled_why and row.day <= clock.today()
    form = AttendanceForm(request.POST or None, people=people, known=known, hours=row.hours)
    status = 200
    if request.method == "POST":
        if not writes:
            raise Http404
        status = 422
        if form.is_valid():
            try:
                changed = services.record_attendance(session=row, rows=form.rows(), by=request.actor, now=clock.now())
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                messages.success(request, f"已登记出勤，{changed} 人有变动。" if changed else "没有变动。")
                return redirect(_address(key))
    context = shared(
        request, "batch", session=row, batch=row.batch, form=form, writes=writes, areas=area_names(row.areas),
        window=services.window(row), is_open=services.window(row).holds(clock.now()),
        here=sum(one.state == "present" for one in known.values()), people=len(people), known=len(known),
        files=list(file_queries.files_of(request.actor, row)), printing=request.GET.get("print") == "1",
        rows=[(person, known.get(person.pk)) for person in people],
    )  # fmt: skip
    return render(request, "training/session.html", context, status=status)


@require_GET
@may("training.manage")
def screen(request: Request, key: UUID) -> HttpResponse:
    """The code for the wall: QR and six signs, another one every minute. The page asks for the next one by itself."""
    row, now = found_session(request, key), clock.now()
    code = services.code(row, now)
    path = f"{reverse('training:sign', args=[row.pk])}?code={code}"
    address = urljoin(settings.SITE or request.build_absolute_uri("/"), path)
    window = services.window(row)
    context = {
        "session": row, "code": code, "window": window, "is_open": window.holds(now), "is_over": now > window.closes,
        "picture": segno.make(address, micro=False, error="m").svg_data_uri(scale=8, border=2),
        "here": row.attendances.filter(state=Attendance.State.PRESENT).count(),
        "people": row.batch.invitations.count(),
    }  # fmt: skip
    response = render(request, "training/screen.html", context)
    response["Refresh"] = str(_REFRESH)
    response["Cache-Control"] = "no-store"
    return response


@get_or_post
def sign(request: Request, key: UUID) -> HttpResponse:
    """Signing oneself in, with the code that the QR carries or that one reads from the wall: in whatever hat one scans it."""
    row = found_session(request, key)
    form = CodeForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    known = row.attendances.filter(inspector__person=request.actor.person).first()
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.sign_in(session=row, code=form.cleaned_data["code"], by=request.actor, now=clock.now())
        except Refused as refusal:
            status = refuse(form, refusal)
        else:
            return redirect(reverse("training:sign", args=[key]))
    elif request.method == "POST":
        status = 422
    context = {"session": row, "form": form, "known": known, "window": services.window(row), "now": clock.now()}
    return render(request, "training/sign.html", context, status=status)


@require_GET
@may("training.manage")
def sheet(request: Request, key: UUID) -> HttpResponseBase:
    """The table to fill in: everybody who takes part, with what is on record."""
    row = found_session(request, key)
    known = _known(row)
    lines = [
        (
            person.person.name, person.certificate_number,
            said.get_state_display() if said else None, said.hours if said and said.state == "present" else None,
            said.reason if said else None,
        )
        for person in invited(row.batch)
        for said in [known.get(person.pk)]
    ]  # fmt: skip
    words = f"出勤填：到、请假、缺席；学时不填的按 {row.hours.normalize():f} 学时"
    return table(f"出勤_{row.title}", [("出勤", reading.HEADS, lines)], said=words, today=clock.today())


@get_or_post
@may("training.manage")
def upload(request: Request, key: UUID) -> HttpResponse:
    """Who came, from Excel: read, shown row by row, written once it is confirmed."""
    row = found_session(request, key)
    form = TableForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"session": row, "batch": row.batch, "form": form}
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if text := request.POST.get("rows"):
                number = services.record_attendance(
                    session=row,
                    rows=reading.unpacked(text),
                    way=Attendance.Way.TABLE,
                    by=request.actor,
                    now=clock.now(),
                )
                messages.success(request, f"已写入，{number} 人有变动。")
                return redirect(_address(key))
            if form.is_valid():
                rows = reading.look(row, form.cleaned_data["table"].read())
                counts = {kind: sum(one.kind == kind for one in rows) for kind in ("new", "changed", "same", "refused")}
                context |= {
                    "rows": rows,
                    "counts": counts,
                    "packed": reading.packed(rows),
                    "taken": counts["new"] + counts["changed"],
                }
                status = 200
        except Refused as refusal:
            if "rows" in request.POST:
                form = context["form"] = TableForm()
                messages.error(request, refusal.message)
            else:
                status = refuse(form, refusal)
    return render(request, "training/upload.html", context, status=status)


@get_or_post
@may("training.manage")
def add_material(request: Request, key: UUID) -> HttpResponse:
    """A material of a session."""
    row = found_session(request, key)
    form = MaterialForm(request.POST or None, request.FILES or None)

    def act(data: dict[str, Any]) -> None:
        material = files.receive(data["material"])
        services.add_material(session=row, material=material, by=request.actor, now=clock.now())

    return form_page(
        request,
        form,
        act,
        title=f"上传材料：{row.title}",
        button="上传",
        back=_address(key),
        done="已上传，参训人员可以打开。",
    )


@require_GET
@may("training.manage", "inspector.read", "inspector.self")
def material(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """A material, for who sees the session."""
    found = file_queries.file_of(request.actor, found_session(request, key), file)
    if found is None:
        raise Http404
    return files.respond(found, by=request.actor, now=clock.now())
