"""Forms of the account library where ours differ: words, a new key signs in by itself, a passkey names its park."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, ReauthenticateForm
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm, LoginWebAuthnForm
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from fido2.utils import websafe_decode, websafe_encode

from twoparks.registry.models import User
from twoparks.site.accounts import account_of


def _code() -> forms.CharField:
    entry = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "short"})
    return forms.CharField(label=gettext_lazy("Code"), max_length=20, widget=entry)


class ChangePassword(ChangePasswordForm):  # type: ignore[misc]  # allauth ships no types
    """A new password, chosen by its owner."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: as Django's forms take them
        super().__init__(*args, **kwargs)
        for name, label in (
            ("oldpassword", _("Present password")),
            ("password1", _("New password")),
            ("password2", _("New password again")),
        ):
            self.fields[name].label, self.fields[name].help_text = label, ""
            self.fields[name].widget.attrs.pop("placeholder", None)

    def clean(self) -> dict[str, Any]:
        """Both new ones are the same."""
        given = self.cleaned_data
        if {"password1", "password2"} <= set(given) and given["password1"] != given["password2"]:
            self.add_error("password2", _("This differs from the one above; type the same again."))
        return given


class Reauthenticate(ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """The password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: as Django's forms take them
        super().__init__(*args, **kwargs)
        self.fields["password"].label, self.fields["password"].help_text = _("Password"), ""
        self.fields["password"].widget.attrs.pop("placeholder", None)


class ShowCode(AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """A code of the app, or a recovery code, at sign-in."""

    code = _code()


class ShowCodeAgain(ReauthenticateByCodeForm):  # type: ignore[misc]  # allauth ships no types
    """A code of the app, or a recovery code, before something sensitive."""

    code = _code()


class ActivateApp(ActivateTOTPForm):  # type: ignore[misc]  # allauth ships no types
    """The first code of an app."""

    code = _code()


class RenamePasskey(EditWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """Another name for a key."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name of the key"))


class AddPasskey(AddWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A key to add."""

    name = forms.CharField(
        required=False,
        max_length=60,
        label=gettext_lazy("Name of the key"),
        help_text=gettext_lazy("Only you see it: where you keep the key, for example."),
    )
    passwordless = forms.BooleanField(
        required=False,
        initial=True,
        label=gettext_lazy("Sign in with this key alone, without a password"),
        help_text=gettext_lazy("The key asks for your finger, your face or its own code."),
    )


class PasskeyLogin(LoginWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """Signing in with a passkey alone."""

    def clean_credential(self) -> Authenticator:
        """The key used, found by the account its handle names; refused when it is another park's."""
        self.cleaned_data["credential"] = _with_account(self.cleaned_data["credential"])
        return super().clean_credential()


def _with_account(credential: Any) -> dict[str, Any]:  # Any: whatever a browser posts
    try:
        response = credential["response"]
        number = account_of(websafe_decode(response["userHandle"]))
        handle = user_pk_to_url_str(User(pk=number)).encode() if number is not None else None
    except (KeyError, TypeError, ValueError):
        handle = None
    if handle is None:
        raise get_adapter().validation_error("incorrect_code")
    return {**credential, "response": {**response, "userHandle": websafe_encode(handle)}}
