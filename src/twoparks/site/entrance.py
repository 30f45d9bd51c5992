"""What a signed-in person must still do before any page opens: sign in again, choose a password, show a second factor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from twoparks.registry.access import decides
from twoparks.registry.models import User
from twoparks.registry.sessions import BROWSER, SEEN_AT, SIGNED_IN_AT, browser_kind, instant
from twoparks.site.accounts import needs_second_factor
from twoparks.site.calls.problems import problem

SEEN_EVERY = timedelta(minutes=5)  # how exactly "last seen" is kept
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
OPEN = {"front", "account", "sessions_end", "set_language", "verify"}
OPEN_PREFIXES = ("account_", "mfa_")


@dataclass(frozen=True)
class Step:
    """What has to be done first: a short code, a sentence, and the page to do it on."""

    code: str
    says: str
    page: str


class Entrance:
    """Stands before every page and the API for people who are signed in; lets pass, or shows the page to go to first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: Any
    ) -> HttpResponse | None:
        """Django's hook, once the address is known; None lets the page answer."""
        if not request.user.is_authenticated:
            return None
        user, now = cast(User, request.user), timezone.now()
        if hasattr(
            request, "token"
        ):  # made by a session that passed here; the account must still be one that may
            fine = not needs_second_factor(user) or _has_factor(user)
            return None if fine else _answer(request, _add_one())
        if _over(request, user, now):
            logout(request)
            says = _("Your session reached its limit. Sign in again.")
            return _answer(request, Step("session_over", says, "account_login"))
        _note(request, now)
        step = None if _is_open(request) else first_step(request, user)
        return None if step is None else _answer(request, step)


def first_step(request: HttpRequest, user: User) -> Step | None:
    """What this person has to do before anything else opens, or None."""
    if user.password_given:
        says = _("Somebody else chose your password. Choose your own first.")
        return Step("password_given", says, "account_change_password")
    if not needs_second_factor(user) or shown_second_factor(request):
        return None
    if _has_factor(user):
        says = _("Show your second factor first.")
        return Step("second_factor", says, "mfa_reauthenticate")
    return _add_one()


def shown_second_factor(request: HttpRequest) -> bool:
    """Whether a second factor was shown in this session; a passkey with its own check of the person counts."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def _has_factor(user: User) -> bool:
    return bool(get_adapter().is_mfa_enabled(user, FACTORS))


def _add_one() -> Step:
    says = _(
        "Your account decides for others, or gives accounts to them. Add a second factor first: a passkey, or an app that shows codes."
    )
    return Step("second_factor", says, "account")


def _over(request: HttpRequest, user: User, now: datetime) -> bool:
    since, seen = (instant(request.session.get(name)) for name in (SIGNED_IN_AT, SEEN_AT))
    if since is None or seen is None:
        return False  # begins now
    idle_s, age_s = settings.TWOPARKS_SESSION_LIMITS_S["officer" if decides(user) else "other"]
    return (now - seen).total_seconds() > idle_s or (now - since).total_seconds() > age_s


def _note(request: HttpRequest, now: datetime) -> None:
    """Keep since when and last when this browser is signed in."""
    session = request.session
    if SIGNED_IN_AT not in session:
        session[SIGNED_IN_AT] = now.isoformat()
        session[BROWSER] = browser_kind(request.headers.get("User-Agent", ""))
    seen = instant(session.get(SEEN_AT))
    if seen is None or now - seen >= SEEN_EVERY:
        session[SEEN_AT] = now.isoformat()


def _is_open(request: HttpRequest) -> bool:
    name = getattr(request.resolver_match, "url_name", None) or ""
    return name in OPEN or name.startswith(OPEN_PREFIXES)


def _answer(request: HttpRequest, step: Step) -> HttpResponse:
    if request.path.startswith("/api/"):
        status = 401 if step.code == "session_over" else 403
        return problem(status, step.code, _("This is not open to you"), step.says)
    messages.warning(request, step.says)
    return redirect(f"{resolve_url(step.page)}?{urlencode({'next': request.get_full_path()})}")
