"""Complaints for the office, and for the inspector to whom one is handed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dudao.audit import queries as audit
from dudao.complaints import library, lists, queries, services
from dudao.complaints.forms import (
    AcceptForm,
    AnswerForm,
    FindingForm,
    HandForm,
    NewForm,
    NoteForm,
    ReasonForm,
    RefuseForm,
    ReportForm,
    SettingForm,
    StepForm,
)
from dudao.complaints.models import Complaint
from dudao.complaints.services import Said, in_fours
from dudao.duties import queries as duties
from dudao.findings.services import Facts
from dudao.inspectors import queries as inspectors
from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.shell import clock
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from dudao.shell.forms import Choices
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page, refuse

S, K = Complaint.State, UnitVersion.Kind
_ALL = ("inspector.manage", "inspector.read", "inspector.self")
_STEPS = {
    "accept": "受理", "refuse": "不予受理", "hand": "转办", "report": "报告办理情况", "answer": "答复", "close": "办结",
    "reopen": "重新办理",
}  # fmt: skip
#: What may come next of a complaint in each state, the usual one first.
_NEXT = {
    S.RECEIVED: ("accept", "refuse"),
    S.ACCEPTED: ("hand", "answer"),
    S.HANDED: ("answer", "report", "hand"),
    S.REFUSED: ("reopen",),
    S.ANSWERED: ("close", "reopen"),
    S.CLOSED: ("reopen",),
}
_LEADS = {
    "accept": "受理以后从收到之日起算答复期限。",
    "refuse": "理由和该去哪里反映，投诉人凭查询码能看到。",
    "hand": "转给一位督学，由他办理，或跟踪承办单位办理，直到办结。",
    "report": "写核实到的情况和处理；不写是谁反映的。",
    "answer": "答复以后投诉人凭查询码看到核实结果和答复；需要时另行电话、书面答复。",
    "close": "办结以后不再计期限，可以重新办理。",
    "reopen": "原来的答复留在办理过程里；期限从重新办理之日起算。",
}


def _found(request: Request, key: UUID) -> Complaint:
    rows = queries.complaints_visible_to(request.actor, day=clock.today())
    return get_object_or_404(rows.select_related("about", "follower", "finding"), pk=key)


def _address(key: UUID) -> str:
    return reverse("complaints:complaint", args=[key])


def _allowed(request: Request, row: Complaint) -> tuple[str, ...]:
    """Steps that the reader may take now."""
    steps = _NEXT[S(row.state)]
    if queries.handles(request.actor):
        return steps
    return ("report",) if row.state == S.HANDED and row.follower_id in request.actor.hands else ()


@require_GET
@may(*_ALL)
def register(request: Request) -> HttpResponseBase:
    """All complaints that the reader sees, filtered, as Excel and in print."""
    rows = queries.complaints_visible_to(request.actor, day=clock.today()).select_related("follower")
    context = {"handles": queries.handles(request.actor), "setting": queries.setting_of(request.actor.county)}
    return lists.register(request.actor, today=clock.today()).respond(
        request, rows, "complaints/register.html", context
    )


@never_cache
@require_GET
@may(*_ALL)
def complaint(request: Request, key: UUID) -> HttpResponse:
    """One complaint: what is said of it, what may be done next, what was done."""
    row, actor, today = _found(request, key), request.actor, clock.today()
    handles = queries.handles(actor)
    names = places.unit_names(
        system(row.county), {one for one in (row.unit_id, row.handed_unit_id) if one}, as_of=today
    )
    allowed = _allowed(request, row)
    limit = "accept" if row.state == S.RECEIVED else "answer"
    context = {
        "row": row, "today": today, "handles": handles, "inside": queries.is_inside(actor, row), "unit": names.get(row.unit_id, ""),
        "handed": names.get(row.handed_unit_id, "") if row.handed_unit_id else "", "standing": lists.standing(row, today),
        "words": row.words if queries.may_read_words(actor, row) else None, "span": queries.span(row.county, limit),
        # Who said it through the board has the code; to others the office tells it.
        "code": in_fours(row.code) if handles and row.source != Complaint.Source.BOARD else "",
        "has_complainant": bool(row.name or row.contact) if handles else False,
        "acts": [(one, _STEPS[one], at == 0 and one != "reopen") for at, one in enumerate(allowed)],
        "may_finding": handles and not row.finding_id and not row.about_id and row.state in (S.ACCEPTED, S.HANDED, S.ANSWERED),
        "steps": queries.steps(row), "events": list(audit.history(actor, row)[:30]) if handles else [],
    }  # fmt: skip
    return render(request, "complaints/complaint.html", context)


def _roster(request: Request) -> dict[UUID, str]:
    """Inspectors in office by person."""
    return {one.person: one.name for one in inspectors.roster(request.actor.county, day=clock.today())}


def _schools(request: Request) -> Choices:
    rows = duties.covered(request.actor.county, day=clock.today())
    return [(str(row.unit_id), row.short_name or row.name) for row in rows]


def _text(found: dict[UUID, str]) -> Choices:
    return [(str(key), name) for key, name in found.items()]


def _followers(request: Request, row: Complaint) -> Choices:
    """Whom it can be handed to: who is responsible for the school first; nobody who must not."""
    today, known = clock.today(), _roster(request)
    barred = inspectors.recused(row.county, list(known), [row.unit_id], day=today)
    held = [one.person for one in duties.responsible_for(row.county, [row.unit_id], day=today).get(row.unit_id, [])]
    free = [key for key in known if (key, row.unit_id) not in barred and key != row.about_id]
    first = [(str(key), f"{known[key]}（责任督学）") for key in free if key in held]
    return [*first, *((str(key), known[key]) for key in free if key not in held)]


def _offices(request: Request, row: Complaint) -> Choices:
    """Who may do it in the inspector's stead."""
    rows = places.units_visible_to(request.actor, as_of=clock.today())
    rows = rows.filter(kind__in=(K.BUREAU, K.SECTION, K.DEPARTMENT, K.TOWNSHIP)).exclude(unit=row.unit_id)
    return [(str(one.unit_id), one.short_name or one.name) for one in rows]


def _form(request: Request, row: Complaint, step: str) -> StepForm:
    initial = {"base_version": row.version, "occurred_on": clock.today()}
    if step == "accept":
        initial |= {"title": row.title, "about": str(row.about_id or "")}
        known = _roster(request)
        if row.about:
            known.setdefault(row.about.pk, row.about.name)
        return AcceptForm(request.POST or None, initial=initial, inspectors=_text(known))
    if step == "hand":
        return HandForm(
            request.POST or None, initial=initial, inspectors=_followers(request, row), units=_offices(request, row)
        )
    kinds: dict[str, type[StepForm]] = {
        "refuse": RefuseForm,
        "report": ReportForm,
        "answer": AnswerForm,
        "close": NoteForm,
    }
    return kinds.get(step, StepForm)(request.POST or None, initial=initial)


@never_cache
@get_or_post
@may("inspector.manage", "inspector.self")
def step(request: Request, key: UUID, step: str) -> HttpResponse:
    """One step of a complaint."""
    row = _found(request, key)
    if step not in _STEPS or not (queries.handles(request.actor) or step == "report"):
        raise Http404
    act: Callable[..., Complaint] = getattr(services, step)
    if request.method != "POST" and step not in _allowed(request, row):
        raise Refused(f"这件投诉现在是“{row.get_state_display()}”，不能这样办。", code="complaints.state")
    return form_page(
        request, _form(request, row, step),
        lambda data: act(complaint=row, by=request.actor, now=clock.now(), **data),
        title=f"{_STEPS[step]}：{row.get_kind_display()} {row.number}", button=_STEPS[step], back=_address(key),
        done=f"已登记：{_STEPS[step]}。", lead=_LEADS[step], version=row.version, danger=step in ("refuse", "reopen"),
    )  # fmt: skip


@never_cache
@get_or_post
@may("inspector.manage")
def new(request: Request) -> HttpResponse:
    """A complaint by phone, letter or in person."""
    form = NewForm(
        request.POST or None,
        units=_schools(request),
        inspectors=_text(_roster(request)),
        initial={"received_on": clock.today()},
    )

    def act(data: dict[str, Any]) -> Complaint:
        sent_key = data.pop("key")
        said = Said(**{**data, "unit": UUID(data["unit"])})
        return services.receive(said=said, sent_key=sent_key, by=request.actor, now=clock.now())

    return form_page(
        request, form, act, title="登记投诉", button="登记", back=reverse("complaints:list"), done="已登记。查询码在本页，可以告诉投诉人。",
        to=lambda row: _address(row.pk), lead="电话、来信、来访和上级转来的。原话、称呼和联系方式加密保存。",
    )  # fmt: skip


@never_cache
@get_or_post
@may("inspector.manage")
def who(request: Request, key: UUID) -> HttpResponse:
    """Say why, then see once who complained."""
    row, status, shown = _found(request, key), 200, None
    form = ReasonForm(request.POST or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                shown = services.open_complainant(
                    complaint=row, reason=form.cleaned_data["reason"], by=request.actor, now=clock.now()
                )
                status = 200
            except Refused as refusal:
                status = refuse(form, refusal)
    return render(request, "complaints/who.html", {"row": row, "form": form, "shown": shown}, status=status)


@never_cache
@get_or_post
@may("inspector.manage")
def finding(request: Request, key: UUID) -> HttpResponse:
    """Make a finding of it."""
    row = _found(request, key)
    initial = {"base_version": row.version, "title": row.title, "found_on": clock.today()}

    def act(data: dict[str, Any]) -> Any:
        of, base = data.pop("key"), data.pop("base_version")
        facts = Facts(unit=row.unit_id, source="", **data)
        return services.make_finding(
            complaint=row, base_version=base, facts=facts, key=of, by=request.actor, now=clock.now()
        )

    return form_page(
        request, FindingForm(request.POST or None, initial=initial), act, title=f"转为问题：投诉 {row.number}", button="转为问题",
        back=_address(key), done="已转为问题，由问题整改接着办；投诉还要答复。", version=row.version,
        lead="学校看到问题，看不到投诉人和原话；投诉人信息随问题加密保存。",
    )  # fmt: skip


@get_or_post
@may("inspector.manage")
def setting(request: Request) -> HttpResponse:
    """Whether the form behind the boards is open, and the county's days."""
    county = request.actor.county
    row = queries.setting_of(county)
    initial = {name: getattr(row, name) for name in ("is_open", "accept_days", "answer_days", "source")}
    form = SettingForm(request.POST or None, initial={**initial, "base_version": row.version})
    for name in ("accept", "answer"):
        said = library.limits()[name]
        form.fields[f"{name}_days"].help_text = f"不填的按 {said.value} 日：{said.clause}（{said.evidence}）。"
    return form_page(
        request, form, lambda data: services.change_setting(by=request.actor, now=clock.now(), **data), title="投诉设置",
        button="保存", back=reverse("complaints:list"), done="已保存。", version=row.version,
        lead="没有开通时，扫公示牌二维码看得到公示内容和电话，不能在网上提交。" + (f"上次由{row.set_by}设定。" if row.set_by else ""),
    )  # fmt: skip
