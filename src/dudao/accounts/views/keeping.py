"""Accounts and grants of others: the system administrator, the office, the security administrator."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dudao.accounts import access, forms, queries, services
from dudao.accounts.posts import posts, purpose_name
from dudao.places import queries as places
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page

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
@never_cache
def code_issue(request: Request, key: UUID) -> HttpResponse:
    """A new code on paper or by phone for one who cannot get in; asks first, for the old password ends at once."""
    user = get_object_or_404(queries.users_visible_to(request.actor), pk=key)
    if request.method == "POST":
        return _slips(request, [access.issue_code(user=user, by=request.actor, now=clock.now())])
    context = {
        "form": Form(),
        "title": f"重置密码：{user.person.name}",
        "lead": "现在的密码立即失效，所有设备退出。下一页给出一次性码纸条，只显示一次，请当场打印或念给本人。",
        "button": "重置密码，发一次性码",
        "danger": True,
        "back": reverse("accounts:person", args=[user.person_id]),
    }
    return render(request, "shell/form.html", context)


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
    today = clock.today()
    units = places.unit_names(request.actor, keys, as_of=today)
    shown = [
        (
            grant,
            purpose_name(grant.purpose),
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
