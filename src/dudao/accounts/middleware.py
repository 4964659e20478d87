"""Puts who acts, and in which hat, onto the request; ends sessions that no longer stand; keeps the gates."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from dudao.accounts import access, queries
from dudao.accounts.models import SignIn, User
from dudao.accounts.posts import posts
from dudao.shell import clock, drafts
from dudao.shell.acts import Actor

HAT, SIGN_IN = "hat", "sign_in"
# What somebody may open who has yet to set a password or, as administrator, a second factor.
_PASSWORD = frozenset({"accounts:password", "accounts:sign_out", "accounts:sign_in"})
_FACTOR = _PASSWORD | {"accounts:second_factor_begin"}


def address_of(request: HttpRequest) -> str:
    """The client's address: behind our own proxies the one that the outermost of them saw."""
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if 0 < settings.TRUSTED_PROXIES <= len(hops):
        return str(hops[-settings.TRUSTED_PROXIES])[:45]
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


class acting:
    """``request.actor`` and ``request.hats`` for everybody signed in; ``None`` and none for others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor, request.hats, request.timed_out = None, [], False  # type: ignore[attr-defined]
        if isinstance(request.user, User):
            if self._stands(request, request.user):
                user = request.user
                actor, hats = queries.actor_for(user, hat=request.session.get(HAT), day=clock.today())
                request.actor, request.hats = actor, hats  # type: ignore[attr-defined]
            else:
                key = request.session.get(SIGN_IN, "")
                request.left = Actor(county=request.user.person.county, person=request.user.person_id)  # type: ignore[attr-defined]
                logout(request)
                request.timed_out = True  # type: ignore[attr-defined]
                request.why_left = access.why_ended(key)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _stands(self, request: HttpRequest, user: User) -> bool:
        machine = clock.machine_now()
        key = request.session.get(SIGN_IN)
        if key is None:
            # The session came another way than our page: it is entered too, so that it can be seen and ended.
            device = request.headers.get("user-agent", "")[:200]
            row = SignIn(user=user, device=device, address=address_of(request), started_at=machine, seen_at=machine)
            row.save(force_insert=True)
            request.session[SIGN_IN] = str(row.pk)
            return True
        return access.still_stands(key, user=user, machine=machine)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if request.timed_out and getattr(view, "login_required", True):  # type: ignore[attr-defined]
            return self._sign_in_again(request)
        user, hats = request.user, request.hats  # type: ignore[attr-defined]
        if not isinstance(user, User):
            return None
        if user.must_change_password:
            return None if name in _PASSWORD else redirect("accounts:password")
        admin = any(posts()[hat.appointment.post].admin for hat in hats)
        # Demo accounts are ready to use; production refuses them (checks.py).
        if admin and name not in _FACTOR and not user.is_demo and not access.has_second_factor(user):
            return redirect("accounts:second_factor_begin")
        return None

    def _sign_in_again(self, request: HttpRequest) -> HttpResponse:
        """What was asked for waits behind the sign-in page. Something sent leads back to the page it was sent from."""
        # The token was checked before this; a form that says which draft it is comes back after signing in.
        kept = drafts.keep_sent(request.POST, by=request.left, now=clock.now())  # type: ignore[attr-defined]
        if request.headers.get("HX-Request"):
            return HttpResponse("登录已超时，请重新登录。", status=401)
        words = "填写的内容已存为草稿，" if kept else ""
        messages.info(request, f"{request.why_left}{words}重新登录后接着办。")  # type: ignore[attr-defined]
        return redirect_to_login(_way_back(request), "accounts:sign_in")


class sign_in_first(LoginRequiredMiddleware):
    """Every page asks who one is unless its view says otherwise."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        return redirect_to_login(_way_back(request), "accounts:sign_in")


def _way_back(request: HttpRequest) -> str:
    """Where to go after signing in: the page asked for; for something sent the page it was sent from, if ours."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    back = request.headers.get("referer", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) else "/"
