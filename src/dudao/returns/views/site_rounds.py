"""Pages of a round of on-site checks: the list, planning, groups, the table, the comparison, sheets to print."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.accounts.posts import posts
from dudao.places import queries as places
from dudao.returns import checks, site_lists
from dudao.returns.forms.site import (
    MOST_GROUPS,
    ChangeForm,
    EndForm,
    GroupForms,
    PlanForm,
    TurnForms,
    VersionForm,
)
from dudao.returns.models import Campaign, CheckRound, SchoolCheck
from dudao.returns.queries import site as queries
from dudao.returns.services import site_rounds as services
from dudao.shell import calendars, clock, conflicts, toasts
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page

Choices = list[tuple[str, Any]]


def found(request: Request, key: UUID) -> CheckRound:
    """The round, if the reader may see it."""
    return get_object_or_404(queries.rounds_visible_to(request.actor).select_related("campaign"), pk=key)


def address(key: UUID) -> str:
    return reverse("returns:site_round", args=[key])


@require_GET
def site_list(request: Request) -> HttpResponseBase:
    """All rounds the hat sees, and what the wearer has before them."""
    actor = request.actor
    context = {"mine": queries.my_checks(actor, day=clock.today()).count(), "is_office": queries.is_office(actor)}
    rows = queries.rounds_with_counts(actor)
    return site_lists.rounds(actor).respond(request, rows, "returns/site/list.html", context)


@require_GET
def site_mine(request: Request) -> HttpResponse:
    """For the phone: the schools one goes to, or the checks that come to one's school, the next day first."""
    day = clock.today()
    rows = list(queries.my_checks(request.actor, day=day)[:100])
    context = {"rows": [(one, site_lists.TONES[one.state]) for one in rows], "today": day}
    return render(request, "returns/site/mine.html", context)


def _field_choices(campaign: Campaign) -> Choices:
    form = queries.form_of(campaign)
    return [(section.title, [(one.code, one.head) for one in section.fields]) for section in form.sections]


@get_or_post
@may("return.manage")
def site_new(request: Request) -> HttpResponse:
    """First choose a campaign, then say what is checked."""
    actor, today = request.actor, clock.today()
    rows = list(queries.campaigns_to_check(actor))
    campaign = next((one for one in rows if str(one.pk) == request.GET.get("campaign")), None)
    if campaign is None:
        if len(rows) == 1:
            return redirect(f"{reverse('returns:site_new')}?campaign={rows[0].pk}")
        return render(request, "returns/site/new.html", {"campaigns": rows})
    units = queries.called(actor, campaign, day=today)
    initial = {"title": f"{campaign.title} 实地核查"[:100], "occurred_on": today}
    form = PlanForm(request.POST or None, fields=_field_choices(campaign), units=units, initial=initial)
    kept = ("title", "begin_on", "end_on", "scope", "codes", "per_day", "units", "occurred_on", "key")
    return form_page(
        request,
        form,
        lambda data: services.plan_round(
            campaign=campaign, **{name: data[name] for name in kept}, by=actor, now=clock.now()
        ),
        title="安排实地核查",
        lead=f"{campaign.title}，{len(units)} 所学校。先定时间和范围，再定核查组和安排表。",
        button="下一步：定核查组",
        back=reverse("returns:site_list"),
        to=lambda row: reverse("returns:site_groups", args=[row.pk]),
        done="已建立这轮核查。",
    )


@require_GET
def site_round(request: Request, key: UUID) -> HttpResponseBase:
    """One round: its facts, its groups, and the table of schools (核查安排表)."""
    actor, day, row = request.actor, clock.today(), found(request, key)
    groups = queries.groups_of(row)
    schools = queries.schools_of(actor, row, day=day)
    office = queries.is_office(actor)
    seen = queries.cells_looked_at(actor, row, day=day)
    context = {
        "round": row,
        "tone": site_lists.ROUND_TONES[row.state],
        "groups": groups,
        "is_office": office,
        "may_change": office and row.is_open,
        "steps": ["时间和范围", "核查组", "安排表", "到校核查", "结束"],
        "step": _step(row, groups),
        "rate": queries.rate(seen),
        "marked": queries.marked_cells(actor, row, day=day).count(),
        "codes": [queries.form_of(row.campaign).field(code).label for code in row.codes],
    }
    page = site_lists.schools(actor, row, groups, day=day)
    return page.respond(request, schools, "returns/site/round.html", context)


def _step(row: CheckRound, groups: Sequence[Any]) -> int:
    if row.state == CheckRound.State.RUNNING:
        return 4
    if row.state != CheckRound.State.PLANNED:
        return 6
    if not groups:
        return 2
    return 3


@get_or_post
@may("return.manage")
def site_change(request: Request, key: UUID) -> HttpResponse:
    """Change when and what."""
    row = found(request, key)

    def stands() -> tuple[dict[str, Any], int]:
        now = found(request, key)
        names = ("title", "begin_on", "end_on", "per_day", "scope", "codes")
        return {name: getattr(now, name) for name in names}, now.version

    initial, version = stands()
    form = ChangeForm(
        conflicts.chosen(request.POST) or None,
        fields=_field_choices(row.campaign),
        initial={**initial, "base_version": version},
    )
    return form_page(
        request,
        form,
        lambda data: services.change_round(row=row, **data, by=request.actor, now=clock.now()),
        title="修改实地核查",
        lead=row.title,
        button="保存",
        back=address(key),
        done="已保存。",
        stands=stands,
    )


def _people(actor: Actor) -> Choices:
    day = clock.today()
    names = places.names_on(actor, day=day)
    return [
        (str(key), f"{held.person.name}　{posts()[held.post].name}（{names.get(held.unit_id, '—')}）")
        for key, held in queries.checkers(actor, day=day).items()
    ]


@get_or_post
@may("return.manage")
def site_groups(request: Request, key: UUID) -> HttpResponse:
    """Say who goes: all groups of a round on one page."""
    row, actor = found(request, key), request.actor
    people = _people(actor)
    standing: list[dict[str, Any]] = [
        {
            "key": one.pk,
            "name": one.name,
            "lead": next((str(m.person_id) for m in one.members.all() if m.role == "lead"), ""),
            "persons": [str(m.person_id) for m in one.members.all() if m.role != "lead"],
        }
        for one in queries.groups_of(row)
    ]
    wanted = min(MOST_GROUPS, max(len(standing) + 1, 2))
    blank = [{"name": f"第{'一二三四五六七八九十'[at]}组" if at < 10 and not standing else ""} for at in range(wanted)]
    initial = [*standing, *blank[len(standing) :]]
    forms = GroupForms(request.POST or None, initial=initial, form_kwargs={"people": people}, prefix="g")
    version, status, fault = row.version, 200, ""
    if request.method == "POST":
        base = request.POST.get("base_version", "")
        status = 422
        if forms.is_valid() and base.isdecimal():
            chosen = [group for form in forms if (group := form.group()) is not None]
            try:
                services.set_groups(row=row, groups=chosen, base_version=int(base), by=actor, now=clock.now())
            except Refused as refusal:
                status, fault = 409 if isinstance(refusal, Conflict) else 422, refusal.message
                if isinstance(refusal, Conflict):
                    fault += "现在的分组列在下面每组的旁边。"
            else:
                toasts.done(request, "已保存核查组。")
                more = "more" in request.POST
                return redirect(reverse("returns:site_groups" if more else "returns:site_table", args=[key]))
    # After a conflict the second try goes on from what stands now.
    version = found(request, key).version
    theirs = queries.groups_of(row) if status == 409 else []
    context = {
        "round": row,
        "forms": forms,
        "version": version,
        "fault": fault,
        "theirs": theirs,
        "least": services.LEAST,
    }
    return render(request, "returns/site/groups.html", context, status=status)


@get_or_post
@may("return.manage")
def site_table(request: Request, key: UUID) -> HttpResponse:
    """The table as a form: a group and a day for each school; a proposal fills it."""
    row, actor, day = found(request, key), request.actor, clock.today()
    groups = queries.groups_of(row)
    schools = list(queries.schools_of(actor, row, day=day).order_by("group__position", "planned_on", "unit_name"))
    load = queries.loads(row, schools)
    barred = queries.barred(row)
    initial = [
        {
            "key": one.pk,
            "group": str(one.group_id or ""),
            "on": one.planned_on,
            "left_out": one.state_words if one.state == SchoolCheck.State.LEFT_OUT else "",
        }
        for one in schools
    ]
    is_proposed = request.method == "POST" and "propose" in request.POST
    if is_proposed:
        turns = {one.key: one for one in queries.proposed(row, holidays=calendars.holidays())}
        for one, said in zip(schools, initial, strict=True):
            if one.state == SchoolCheck.State.PLANNED and (turn := turns.get(str(one.pk))):
                said |= {"group": turn.group or "", "on": turn.on}
    data = request.POST if request.method == "POST" and not is_proposed else None
    forms = TurnForms(data, initial=initial, form_kwargs={"groups": groups}, prefix="t")
    status, fault = 200, ""
    if data is not None:
        status = 422
        base = request.POST.get("base_version", "")
        if forms.is_valid() and base.isdecimal():
            turns_sent = {form.cleaned_data["key"]: form.turn() for form in forms}
            try:
                services.arrange(row=row, turns=turns_sent, base_version=int(base), by=actor, now=clock.now())
            except Refused as refusal:
                status, fault = 409 if isinstance(refusal, Conflict) else 422, refusal.message
                _at_its_line(forms, refusal)
            else:
                toasts.done(request, "已保存核查安排表。")
                return redirect(address(key))
    by_key = {str(one.pk): one for one in schools}
    lines = []
    for form in forms:
        school = by_key.get(str(form["key"].value()))
        if school is not None:
            away = [
                f"{group}（{'、'.join(barred[group.pk][school.unit_id])}）"
                for group in groups
                if school.unit_id in barred.get(group.pk, {})
            ]
            lines.append((form, school, load[school.pk], away))
    context = {
        "round": row, "forms": forms, "lines": lines, "groups": groups, "fault": fault, "is_proposed": is_proposed,
        "is_clash": status == 409,
        "version": found(request, key).version,
    }  # fmt: skip
    return render(request, "returns/site/table.html", context, status=status)


def _at_its_line(forms: Any, refusal: Refused) -> None:
    """Put a refusal at the school it speaks of."""
    name, _, key = (refusal.field or "").partition("-")
    for form in forms:
        if key and str(form.cleaned_data.get("key")) == key and name in form.fields:
            form.add_error(name, refusal.message)


@get_or_post
@may("return.manage")
def site_start(request: Request, key: UUID) -> HttpResponse:
    """Let the groups begin."""
    row = found(request, key)
    form = VersionForm(request.POST or None, initial={"base_version": row.version})
    return form_page(
        request,
        form,
        lambda data: services.start_round(
            row=row, base_version=data["base_version"], by=request.actor, now=clock.now()
        ),
        title="开始到校核查",
        lead=f"{row.title}。开始以后，核查组可以在手机上记录，学校也看得到安排。",
        button="开始",
        back=address(key),
        done="已经开始，核查组可以到校记录。",
        version=row.version,
    )


@get_or_post
@may("return.manage")
def site_end(request: Request, key: UUID) -> HttpResponse:
    """Close or cancel a round."""
    row = found(request, key)
    form = EndForm(request.POST or None, initial={"base_version": row.version})
    return form_page(
        request,
        form,
        lambda data: services.end_round(row=row, **data, by=request.actor, now=clock.now()),
        title="结束实地核查",
        lead=row.title,
        button="结束这一轮",
        back=address(key),
        done="已结束这轮核查。",
        version=row.version,
        danger=True,
    )


#: By what the rates are told.
_BY = {
    "school": ("按学校", "check_of__unit"),
    "group": ("按核查组", "check_of__group"),
    "field": ("按填报项目", "code"),
    "cause": ("按原因", "cause"),
}


@require_GET
def site_cells(request: Request, key: UUID) -> HttpResponseBase:
    """Reported, found and adopted side by side, with the rates by school, group, field or cause."""
    actor, day, row = request.actor, clock.today(), found(request, key)
    form, groups = queries.form_of(row.campaign), queries.groups_of(row)
    rows = queries.cells_looked_at(actor, row, day=day)
    schools = queries.names(actor, queries.checks_visible_to(actor).filter(round=row), day=day)
    by = request.GET.get("by", "")
    by = by if by in _BY else "school"
    names = {str(unit): name for unit, name in schools.items()}
    names |= {str(one.pk): one.name for one in groups} | {one.code: one.head for one in form.fields}
    names |= {code: one.name for code, one in checks.causes().items()}
    counted = rows.filter(outcome="differs") if by == "cause" else rows
    context = {
        "round": row,
        "rate": queries.rate(rows),
        "by": by,
        "ways": [(code, label) for code, (label, _) in _BY.items()],
        "rates": [(names.get(one.key, one.key or "—"), one) for one in queries.rates(counted, _BY[by][1])],
    }
    page = site_lists.cells(row, form, groups, schools)
    return page.respond(request, rows, "returns/site/cells.html", context)


@require_GET
def site_marks(request: Request, key: UUID) -> HttpResponseBase:
    """Which unchecked cells could still turn a verdict: check those first."""
    row = found(request, key)
    rows = queries.marked_cells(request.actor, row, day=clock.today())
    page = site_lists.marks(row, queries.form_of(row.campaign))
    return page.respond(request, rows, "returns/site/marks.html", {"round": row})


#: Sheets on one page; more are printed group by group.
MOST_SHEETS = 80


@require_GET
def site_sheets(request: Request, key: UUID) -> HttpResponse:
    """The sheets of a round or of one group, each on a page of its own, to print and take along."""
    actor, day, row = request.actor, clock.today(), found(request, key)
    rows = queries.schools_of(actor, row, day=day).exclude(state=SchoolCheck.State.LEFT_OUT)
    if group := request.GET.get("group"):
        chosen = next((one for one in queries.groups_of(row) if str(one.pk) == group), None)
        if chosen is None:
            raise Http404
        rows = rows.filter(group=chosen)
    ordered = rows.order_by("group__position", "planned_on", "unit_name").select_related("ret")
    sheets = [(one, queries.sheet(actor, one)) for one in ordered[:MOST_SHEETS]]
    context = {"round": row, "sheets": sheets, "left": max(0, rows.count() - MOST_SHEETS)}
    return render(request, "returns/site/sheets.html", context)
