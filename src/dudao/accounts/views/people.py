"""People: the office and the administrators."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.accounts import access, forms, queries, services
from dudao.accounts.posts import posts, purpose_name
from dudao.places import queries as places
from dudao.shell import clock
from dudao.shell.acts import Actor
from dudao.shell.http import Request, may
from dudao.shell.lists import Bulk, Column, Filter, ListPage
from dudao.shell.pages import form_page
from dudao_engines.kernel import codes

# People: the office and the administrators


@may("people.manage", "accounts.manage", "grants.manage")
@require_GET
def people_list(request: Request) -> HttpResponseBase:
    """Everybody of the county, with posts and account."""
    actor, today = request.actor, clock.today()
    units = places.names_on(actor, day=today)

    def held(who: Any) -> str:
        return "；".join(f"{units.get(a.unit_id, '—')} · {posts()[a.post].name}" for a in who.held)

    page = ListPage(
        title="人员",
        columns=(
            Column("姓名", lambda who: who.name, sort=("sort_key",), cell="accounts/_person_link.html", head=True),
            Column("任职", held),
            Column("电话", lambda who: who.phone, css="nowrap"),
            Column("账号", lambda who: "、".join(u.username for u in who.users.all()), cell="accounts/_users.html"),
        ),
        order=("sort_key",),
        search=("name", "phone", "users__username"),
        search_label="姓名、电话或账号",
        filters=(
            Filter(
                "post", "岗位", [(code, post.name) for code, post in posts().items()], queries.holds_post(day=today)
            ),
            Filter("account", "账号", (("yes", "有账号"), ("no", "没有账号")), queries.has_account),
        ),
        bulk=(Bulk("开通账号", reverse("accounts:accounts_open"), "key"),) if _opens_accounts(actor) else (),
        empty={"title": "还没有人员", "hint": "先登记人员，再办任职、开账号。"},
    )
    return page.respond(request, queries.people_with_posts(actor, day=today), "accounts/people.html")


def _opens_accounts(actor: Actor) -> bool:
    return actor.can("people.manage") or actor.can("accounts.manage")


@may("people.manage", "accounts.manage", "grants.manage")
@require_GET
def person(request: Request, key: UUID) -> HttpResponse:
    """One person: posts through the years, what was lent, grants, accounts."""
    actor, today = request.actor, clock.today()
    who = get_object_or_404(queries.people_visible_to(actor, day=today), pk=key)
    appointments = list(queries.appointments_visible_to(actor).filter(person=who).order_by("-start_on", "-pk"))
    lent = list(queries.delegations_of(actor, who))
    grants = list(queries.grants_visible_to(actor).filter(to_person=who).order_by("-start_on"))
    keys = {a.unit_id for a in appointments} | {d.appointment.unit_id for d in lent}
    keys |= {UUID(grant.on_key) for grant in grants if grant.on_type == "places.unit"}
    units = places.unit_names(actor, keys, as_of=today)
    machine = clock.machine_now()
    context = {
        "who": who,
        "id_number": codes.mask_id_number(who.id_number or ""),
        "appointments": [
            (
                a,
                f"{units.get(a.unit_id, '—')} · {posts()[a.post].name}",
                not a.end_on or a.end_on >= today,
                queries.may_appoint(actor, a.post),
            )
            for a in appointments
        ],
        "lent": [
            (d, f"{units.get(d.appointment.unit_id, '—')} · {posts()[d.appointment.post].name}", d.holds_on(today))
            for d in lent
        ],
        "grants": [
            (g, purpose_name(g.purpose), units.get(UUID(g.on_key), "—") if g.on_type == "places.unit" else g.on_key)
            for g in grants
        ],
        "users": [
            (u, access.locked_until(u, machine=machine), access.has_second_factor(u))
            for u in queries.users_visible_to(actor).filter(person=who)
        ],
    }
    return render(request, "accounts/person.html", context)


@may("people.manage", "accounts.manage")
def person_new(request: Request) -> HttpResponse:
    """Enter a person."""
    form = forms.PersonForm(request.POST or None)
    form.fields.pop("version")
    return form_page(
        request,
        form,
        lambda data: services.enter_person(by=request.actor, now=clock.now(), **data),
        title="登记人员",
        button="登记",
        back=reverse("accounts:people"),
        to=lambda entered: reverse("accounts:person", args=[entered.pk]),
        done="已登记。接着可以办理任职、开通账号。",
    )


@may("people.manage")
def person_edit(request: Request, key: UUID) -> HttpResponse:
    """Correct a person's data."""
    who = get_object_or_404(queries.people_visible_to(request.actor, day=clock.today()), pk=key)
    initial = {"name": who.name, "phone": who.phone, "version": who.version}

    def change(data: dict[str, Any]) -> None:
        version = data.pop("version") or 0
        services.change_person(person=who, base_version=version, by=request.actor, now=clock.now(), **data)

    return form_page(
        request,
        forms.PersonForm(request.POST or None, initial=initial),
        change,
        title=f"修改：{who.name}",
        button="保存",
        back=reverse("accounts:person", args=[key]),
        done="已保存。",
    )


@may("people.manage", "grants.manage")
def appoint(request: Request, key: UUID) -> HttpResponse:
    """Give a person a post. The office gives business posts, the security administrator the administrators'."""
    today = clock.today()
    who = get_object_or_404(queries.people_visible_to(request.actor, day=today), pk=key)
    form = forms.AppointForm(request.POST or None, actor=request.actor, day=today, initial={"start_on": today})
    return form_page(
        request,
        form,
        lambda data: services.appoint(person=who, by=request.actor, now=clock.now(), **data),
        title=f"任职：{who.name}",
        button="任职",
        back=reverse("accounts:person", args=[key]),
        done="已任职。",
    )


@may("people.manage", "grants.manage")
def appointment_end(request: Request, key: UUID) -> HttpResponse:
    """End an appointment."""
    appointment = get_object_or_404(queries.appointments_visible_to(request.actor), pk=key)
    return form_page(
        request,
        forms.EndForm(request.POST or None, initial={"last_day": clock.today()}),
        lambda data: services.end_appointment(appointment=appointment, by=request.actor, now=clock.now(), **data),
        title=f"免职：{appointment.person.name}，{posts()[appointment.post].name}",
        button="免职",
        back=reverse("accounts:person", args=[appointment.person_id]),
        done="已办理。",
    )


@may("people.manage", "grants.manage")
def hand_over(request: Request, key: UUID) -> HttpResponse:
    """A post goes to another person on a day."""
    appointment = get_object_or_404(queries.appointments_visible_to(request.actor), pk=key)
    form = forms.HandOverForm(request.POST or None, actor=request.actor, initial={"on": clock.today()})
    return form_page(
        request,
        form,
        lambda data: services.hand_over_post(appointment=appointment, by=request.actor, now=clock.now(), **data),
        title=f"交接：{appointment.person.name}，{posts()[appointment.post].name}",
        lead="一次办完：前任到前一天为止，接任的人自当天起；前任委托出去还没到期的，和随岗位的授权（如责任督学挂牌的学校），转到接任的人名下。",
        button="交接",
        back=reverse("accounts:person", args=[appointment.person_id]),
        done="已交接。",
    )
