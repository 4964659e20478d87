"""Pages of people and accounts: getting in, one's own account, the office's and the administrators' pages."""

import time
from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import check_password
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from dudao.accounts import access, forms, queries, services
from dudao.accounts.middleware import HAT, SIGN_IN, address_of
from dudao.accounts.models import User
from dudao.accounts.posts import posts
from dudao.places import queries as places
from dudao.shell import clock
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may
from dudao.shell.lists import Bulk, Column, Filter, ListPage
from dudao.shell.pages import form_page
from dudao_engines.kernel import codes

PENDING = "pending"
# Between password and second factor one has so long.
PENDING_SECONDS = 300


def _user(request: Request) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _next(request: Request) -> str:
    """Where to go after signing in; only to ourselves."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else reverse("workbench:home")


# Getting in and out


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: Request) -> HttpResponse:
    """Account and password, or the code from the slip."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    form = forms.SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verdict = access.check_sign_in(
            username=form.cleaned_data["username"],
            secret=form.cleaned_data["password"],
            address=address_of(request),
            now=clock.now(),
            machine=clock.machine_now(),
        )
        if verdict.user and access.has_second_factor(verdict.user):
            request.session.cycle_key()
            request.session[PENDING] = {"user": str(verdict.user.pk), "until": time.time() + PENDING_SECONDS}
            return redirect(f"{reverse('accounts:second_factor')}?{urlencode({'next': _next(request)})}")
        if verdict.user:
            code = not verdict.user.has_usable_password()
            return _enter(request, verdict.user, way="一次性码" if code else "密码")
        form.add_error("password", verdict.message)
    status = 422 if form.is_bound else 200
    return render(request, "accounts/sign_in.html", {"form": form, "next": _next(request)}, status=status)


@login_not_required
@never_cache
def second_factor(request: Request) -> HttpResponse:
    """The six digits, after a right password."""
    pending = request.session.get(PENDING) or {}
    user = queries.account(pending.get("user"))
    if user is None or pending["until"] < time.time():
        request.session.pop(PENDING, None)
        messages.info(request, "等候时间过长，请重新登录。")
        return redirect("accounts:sign_in")
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verdict = access.check_second_factor(
            user=user,
            code=form.cleaned_data["code"],
            address=address_of(request),
            now=clock.now(),
            machine=clock.machine_now(),
        )
        if verdict.user:
            return _enter(request, verdict.user, way="密码和动态口令")
        form.add_error("code", verdict.message)
    context = {"form": form, "next": _next(request)}
    return render(request, "accounts/second_factor.html", context, status=422 if form.is_bound else 200)


def _enter(request: Request, user: User, *, way: str) -> HttpResponse:
    actor, _ = queries.actor_for(user, hat=None, day=clock.today())
    row = access.open_session(
        user=user,
        device=request.headers.get("user-agent", ""),
        address=address_of(request),
        by=actor,
        now=clock.now(),
        machine=clock.machine_now(),
        way=way,
    )
    target = _next(request)
    login(request, user)
    request.session.pop(PENDING, None)
    request.session[SIGN_IN] = str(row.pk)
    if user.must_change_password:
        return redirect(f"{reverse('accounts:password')}?{urlencode({'next': target})}")
    return redirect(target)


@require_POST
def sign_out(request: Request) -> HttpResponse:
    """End this session."""
    access.end_session(
        key=request.session.get(SIGN_IN, ""),
        user=_user(request),
        reason="本人退出",
        by=request.actor,
        now=clock.now(),
        machine=clock.machine_now(),
    )
    logout(request)
    return redirect("accounts:sign_in")


@login_not_required
@require_GET
def sign_in_help(request: Request) -> HttpResponse:
    """What to do without a password: there is no e-mail, people help."""
    return render(request, "accounts/sign_in_help.html", {"days": access.RESET_CODE_DAYS})


@require_POST
def hat_choose(request: Request) -> HttpResponse:
    """Put on another hat; one that is not theirs is ignored by ``actor_for``."""
    request.session[HAT] = request.POST.get("hat", "")
    return redirect("workbench:home")


# One's own account


@require_GET
def account(request: Request) -> HttpResponse:
    """My account: hats and what I lent, the second factor, where I am signed in."""
    actor, user = request.actor, _user(request)
    today = clock.today()
    context = {
        "hats": queries.hats(user.person, day=today),
        "lent": queries.delegations_visible_to(actor).filter(
            appointment__person=user.person_id, taken_back_at__isnull=True, end_on__gte=today
        ),
        "sign_ins": [(row, queries.device_name(row.device)) for row in queries.sign_ins_of(actor)],
        "here": request.session.get(SIGN_IN),
        "factor": access.has_second_factor(user),
        "required": queries.is_admin(user.person, day=today),
    }
    return render(request, "accounts/account.html", context)


@never_cache
@sensitive_post_parameters()
def password(request: Request) -> HttpResponse:
    """Set a new password; on the first visit without asking for the old one."""
    user = _user(request)
    first = user.must_change_password
    form = forms.PasswordForm(request.POST or None, first=first)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if not first and not check_password(data["old"], user.password):
            form.add_error("old", "原密码不对。")
        else:
            try:
                access.set_password(
                    user=user,
                    password=data["password"],
                    by=request.actor,
                    now=clock.now(),
                    keep=request.session.get(SIGN_IN),
                )
            except Refused as refusal:
                form.add_error("password", refusal.message)
            else:
                update_session_auth_hash(request, user)
                messages.success(request, "密码已设置。")
                return redirect(_next(request) if first else "accounts:account")
    context = {"form": form, "first": first, "next": _next(request)}
    return render(request, "accounts/password.html", context, status=422 if form.is_bound else 200)


@never_cache
def second_factor_begin(request: Request) -> HttpResponse:
    """Show the QR code; once a right code was typed, show the recovery codes, once."""
    user = _user(request)
    if access.has_second_factor(user):
        return redirect("accounts:account")
    form = forms.CodeForm(request.POST or None)
    form.fields["code"].help_text = "手机上显示的 6 位数字。"
    if request.method == "POST" and form.is_valid():
        try:
            recovery = access.confirm_second_factor(
                user=user,
                code=form.cleaned_data["code"],
                by=request.actor,
                now=clock.now(),
                machine=clock.machine_now(),
            )
        except Refused as refusal:
            form.add_error("code", refusal.message)
        else:
            return render(request, "accounts/recovery_codes.html", {"codes": recovery})
    uri = access.begin_second_factor(user=user)
    context = {
        "form": form,
        "picture": segno.make(uri).svg_data_uri(scale=5, border=2),
        "secret": access.in_fours(access.secret_in(uri)),
        "required": queries.is_admin(user.person, day=clock.today()),
    }
    return render(request, "accounts/second_factor_begin.html", context, status=422 if form.is_bound else 200)


@require_POST
def second_factor_drop(request: Request) -> HttpResponse:
    """Take one's own second factor off."""
    access.drop_second_factor(user=_user(request), by=request.actor, now=clock.now())
    messages.success(request, "动态口令已停用。")
    return redirect("accounts:account")


@require_POST
def session_end(request: Request, key: UUID) -> HttpResponse:
    """End a session of mine on another device."""
    get_object_or_404(queries.sign_ins_of(request.actor), pk=key)
    access.end_session(
        key=str(key),
        user=_user(request),
        reason="在别处退出",
        by=request.actor,
        now=clock.now(),
        machine=clock.machine_now(),
    )
    messages.success(request, "已退出那台设备。")
    return redirect("accounts:account")


def hat_lend(request: Request, key: UUID) -> HttpResponse:
    """Let somebody act in one of my hats for a time."""
    mine = queries.appointments_visible_to(request.actor).filter(person=_user(request).person_id)
    appointment = get_object_or_404(mine, pk=key)
    form = forms.LendForm(request.POST or None, actor=request.actor, initial={"start_on": clock.today()})
    return form_page(
        request,
        form,
        lambda data: services.delegate_hat(appointment=appointment, by=request.actor, now=clock.now(), **data),
        title=f"委托代行{posts()[appointment.post].name}",
        lead="受托人在这段时间里可以用您的这个身份办理，留痕记明由谁代办。随时可以收回。",
        button="委托",
        back=reverse("accounts:account"),
        done="已委托。",
    )


def lent_take_back(request: Request, key: UUID) -> HttpResponse:
    """Take a lent hat back."""
    lent = get_object_or_404(queries.delegations_visible_to(request.actor), pk=key)
    mine = lent.appointment.person_id == _user(request).person_id
    back = reverse("accounts:account") if mine else reverse("accounts:person", args=[lent.appointment.person_id])
    return form_page(
        request,
        forms.ReasonForm(request.POST or None),
        lambda data: services.end_delegation(delegation=lent, by=request.actor, now=clock.now(), **data),
        title=f"收回给{lent.to.name}的委托",
        button="收回",
        back=back,
        done="已收回。",
    )


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
    units = places.unit_names(actor, {a.unit_id for a in appointments} | {d.appointment.unit_id for d in lent})
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
        "grants": grants,
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
        lead="一次办完：前任到前一天为止，接任的人自当天起；前任委托出去还没到期的，转到接任的人名下。",
        button="交接",
        back=reverse("accounts:person", args=[appointment.person_id]),
        done="已交接。",
    )


# Accounts: the system administrator and the office


@may("people.manage", "accounts.manage")
@never_cache
def accounts_open(request: Request) -> HttpResponse:
    """Choose people without an account; the slips with their codes are shown once, to be printed and cut.

    ``?key=…`` names the people ticked in the list; without any, all who have none are offered.
    """
    actor, today = request.actor, clock.today()
    without = queries.people_with_posts(actor, day=today).filter(users__isnull=True)
    asked = [key for key in request.GET.getlist("key") if _is_key(key)]
    people = list((without.filter(pk__in=asked) if request.GET.getlist("key") else without)[:300])
    form = forms.OpenAccountsForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            slips = access.open_accounts(people=form.cleaned_data["people"], by=actor, now=clock.now())
        except Refused as refusal:
            form.add_error("people", refusal.message)
        else:
            return _slips(request, slips)
    units = places.names_on(actor, day=today)
    rows = [
        (who, "；".join(f"{units.get(a.unit_id, '—')} · {posts()[a.post].name}" for a in who.held))  # type: ignore[attr-defined]
        for who in people
    ]
    chosen = request.POST.getlist("people") if form.is_bound else asked
    context = {"form": form, "rows": rows, "chosen": chosen}
    return render(request, "accounts/accounts_open.html", context, status=422 if form.is_bound else 200)


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _slips(request: Request, slips: list[access.Slip]) -> HttpResponse:
    """Paper with codes on it."""
    day = clock.today()
    units = {slip.user.pk: [hat.label for hat in queries.hats(slip.user.person, day=day)] for slip in slips}
    rows = [(slip, units[slip.user.pk]) for slip in slips]
    return render(request, "accounts/slips.html", {"rows": rows, "address": request.build_absolute_uri("/")})


@may("people.manage", "accounts.manage")
@require_POST
@never_cache
def code_issue(request: Request, key: UUID) -> HttpResponse:
    """A new code on paper or by phone for one who cannot get in."""
    user = get_object_or_404(queries.users_visible_to(request.actor), pk=key)
    return _slips(request, [access.issue_code(user=user, by=request.actor, now=clock.now())])


@may("accounts.manage")
def account_disable(request: Request, key: UUID) -> HttpResponse:
    """Close an account."""
    user = get_object_or_404(queries.users_visible_to(request.actor), pk=key)
    return form_page(
        request,
        forms.ReasonForm(request.POST or None),
        lambda data: access.disable(user=user, by=request.actor, now=clock.now(), **data),
        title=f"停用账号：{user.person.name}",
        lead="立即退出所有设备；任职不变。",
        button="停用",
        back=reverse("accounts:person", args=[user.person_id]),
        done="已停用。",
    )


@may("accounts.manage")
@require_POST
def account_enable(request: Request, key: UUID) -> HttpResponse:
    """Open a closed account again."""
    user = get_object_or_404(queries.users_visible_to(request.actor), pk=key)
    access.enable(user=user, by=request.actor, now=clock.now())
    messages.success(request, "已启用。")
    return redirect("accounts:person", key=user.person_id)


@may("accounts.unlock")
@require_POST
def account_unlock(request: Request, key: UUID) -> HttpResponse:
    """Lift a lock before its thirty minutes."""
    user = get_object_or_404(queries.users_visible_to(request.actor), pk=key)
    access.unlock(user=user, by=request.actor, now=clock.now())
    messages.success(request, "已解锁。")
    return redirect("accounts:person", key=user.person_id)


@may("accounts.unlock")
@require_POST
def account_drop_factor(request: Request, key: UUID) -> HttpResponse:
    """Take off the second factor of one who lost phone and recovery codes."""
    user = get_object_or_404(queries.users_visible_to(request.actor), pk=key)
    access.drop_second_factor(user=user, by=request.actor, now=clock.now())
    messages.success(request, "已停用动态口令。")
    return redirect("accounts:person", key=user.person_id)


# Grants: the security administrator


@may("grants.manage")
@require_GET
def grants(request: Request) -> HttpResponse:
    """What was granted to whom."""
    rows = list(queries.grants_visible_to(request.actor).order_by("-start_on", "-pk")[:500])
    keys = {g.to_unit_id for g in rows if g.to_unit_id}
    keys |= {UUID(g.on_key) for g in rows if g.on_type == "places.unit"}
    units = places.unit_names(request.actor, keys)
    today = clock.today()
    shown = [
        (
            grant,
            grant.to_person.name if grant.to_person else units.get(grant.to_unit_id or UUID(int=0), "—"),
            units.get(UUID(grant.on_key), "—") if grant.on_type == "places.unit" else grant.on_key,
            grant.holds_on(today),
        )
        for grant in rows
    ]
    return render(request, "accounts/grants.html", {"rows": shown})


@may("grants.manage")
def grant_new(request: Request) -> HttpResponse:
    """Let a person see a unit for a time."""
    today = clock.today()
    form = forms.GrantForm(request.POST or None, actor=request.actor, day=today, initial={"start_on": today})

    def give(data: dict[str, Any]) -> None:
        unit = data.pop("unit")
        services.give_grant(on_type="places.unit", on_key=unit, by=request.actor, now=clock.now(), **data)

    return form_page(request, form, give, title="授权", button="授权", back=reverse("accounts:grants"), done="已授权。")


@may("grants.manage")
def grant_end(request: Request, key: UUID) -> HttpResponse:
    """Take a grant back."""
    grant = get_object_or_404(queries.grants_visible_to(request.actor), pk=key)
    return form_page(
        request,
        forms.ReasonForm(request.POST or None),
        lambda data: services.end_grant(grant=grant, by=request.actor, now=clock.now(), **data),
        title="收回授权",
        button="收回",
        back=reverse("accounts:grants"),
        done="已收回。",
    )
