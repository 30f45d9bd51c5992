"""A person's own account: second factors, where they are signed in, password."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from twoparks.registry import actions, queries
from twoparks.registry.access import guarded, roles_of
from twoparks.registry.models import User
from twoparks.site.accounts import needs_second_factor, waived
from twoparks.site.entrance import first_step

CODES = Authenticator.Type.RECOVERY_CODES


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Who I am here, how I sign in, where I am signed in."""
    user = cast(User, request.user)
    factors = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    codes = next((f for f in factors if f.type == CODES), None)
    context = {
        "roles": roles_of(user),
        "passkeys": [f for f in factors if f.type == Authenticator.Type.WEBAUTHN],
        "app": next((f for f in factors if f.type == Authenticator.Type.TOTP), None),
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "factors": [f for f in factors if f.type != CODES],
        "needed": needs_second_factor(user),
        "waived": waived(user) and guarded(user),
        "first": first_step(request, user),
        "sessions": queries.sessions(user, request.session.session_key, timezone.now()),
    }
    return render(request, "account/account.html", context)


@login_required
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out of one other browser, or of all others."""
    user = cast(User, request.user)
    if name := request.POST.get("session"):
        if actions.end_session(user, name):
            messages.success(request, _("That browser is signed out."))
        else:
            messages.warning(request, _("That browser was signed out already."))
    else:
        n = actions.end_sessions(user, but=request.session.session_key)
        says = ngettext("%(n)d other browser is signed out.", "%(n)d other browsers are signed out.", n)
        messages.success(request, says % {"n": n})
    return redirect("account")


class ActivateApp(ActivateTOTPView):  # type: ignore[misc]  # allauth ships no types
    """Adding an app that shows codes."""

    def form_valid(self, form: Any) -> HttpResponse:  # Any: allauth's form
        """The code typed just now was the second factor of this session."""
        answer: HttpResponse = super().form_valid(form)
        _shown(self.request, Authenticator.Type.TOTP)
        return answer


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Adding a passkey."""

    def form_valid(self, form: Any) -> HttpResponse:  # Any: allauth's form
        """The key used just now was the second factor of this session."""
        answer: HttpResponse = super().form_valid(form)
        _shown(self.request, Authenticator.Type.WEBAUTHN)
        return answer


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Removing a passkey, unless it is the last factor of an account that needs one."""

    def form_valid(self, form: Any) -> HttpResponse:  # Any: Django's empty form
        """Remove it, or say why not."""
        adapter = get_adapter()
        if adapter.can_delete_authenticator(self.get_object()):
            answer: HttpResponse = super().form_valid(form)
            return answer
        messages.error(self.request, str(adapter.error_messages["cannot_delete_authenticator"]))
        return redirect("account")


def _shown(request: HttpRequest, kind: str) -> None:
    """This session has shown a second factor; every other one began without it and ends."""
    user = cast(User, request.user)
    record_authentication(request, user, "mfa", type=str(kind))
    actions.end_sessions(user, but=request.session.session_key)
