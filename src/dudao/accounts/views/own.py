"""Getting in and out, and one's own account."""

import time
from uuid import UUID

import segno
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import check_password
from django.http import Http404, HttpResponse
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
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request
from dudao.shell.pages import form_page

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
    today = clock.today()
    stand_ins = queries.stand_ins(request.actor, appointment, day=today)
    form = forms.LendForm(request.POST or None, stand_ins=stand_ins, initial={"start_on": today})
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
