"""What the account library asks of us: accounts are given, addresses are not kept, secrets are not stored in the clear."""

from __future__ import annotations

import base64
import hashlib
import hmac

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twoparks.passes.qr import svg
from twoparks.registry.access import guarded
from twoparks.registry.models import User
from twoparks.registry.node import this_node
from twoparks.registry.words import words
from twoparks.registry.zone import zone
from twoparks.site.calls.rates import address_of


class GivenAccounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts are made by an administrator of an organisation or a park; nobody signs up by themselves."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("This account was ended. Ask whoever gave it to you."),
        "enter_current_password": gettext_lazy("That is not your present password."),
        "incorrect_password": gettext_lazy("That is not your password."),
        "too_many_login_attempts": gettext_lazy("Too many attempts failed. Try again in five minutes."),
        "rate_limited": gettext_lazy("Too many attempts failed. Try again in five minutes."),
        "username_password_mismatch": gettext_lazy("User name and password do not belong together."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts are given, not taken."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """A keyed digest of the address, for counting alone: failed attempts are counted, addresses are not kept."""
        return address_of(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the account."""
        return reverse("account")

    def set_password(self, user: User, password: str) -> None:
        """Keep a password its owner chose."""
        user.password_given = False
        super().set_password(user, password)

    def send_notification_mail(self, *unused: object, **also_unused: object) -> None:
        """No mail: a node knows no mail addresses."""


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Passkeys, one-time codes and recovery codes at this node."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy(
            "Your account must keep a second factor. Add another one first, then remove this one."
        ),
        "incorrect_code": gettext_lazy(
            "That was not accepted. Use the newest code, or the key you added here."
        ),
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of an account that needs one."""
        if not needs_second_factor(authenticator.user):
            return True
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()

    def get_totp_issuer(self) -> str:
        """The park's name, as the person's app lists it."""
        return f"TwoParks {words(this_node().park.name)}"

    def build_totp_svg(self, url: str) -> str:
        """The QR code an app scans."""
        return svg(url)

    def encrypt(self, text: str) -> str:
        """A secret as it is stored: readable with the node's own secret key only."""
        return Fernet(base64.urlsafe_b64encode(_key("second factor"))).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        opened = Fernet(base64.urlsafe_b64encode(_key("second factor"))).decrypt(encrypted_text.encode())
        return opened.decode()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What a new key is called until its owner says otherwise."""
        n = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(n)d") % {"n": n}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The host a passkey is for, and the name the browser shows."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": self.get_totp_issuer()}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, object]:
        """Whose key it is. The park stands in the handle: browsers keep one key per host and handle, and ports do not count."""
        entity = super().get_public_key_credential_user_entity(user)
        shown = f"{user.get_full_name() or user.username}, {words(this_node().park.name)}"
        return {**entity, "id": handle_of(user), "display_name": shown}


def needs_second_factor(user: User) -> bool:
    """Whether the account reaches nothing before it has shown a second factor."""
    return guarded(user) and not waived(user)


def waived(user: User) -> bool:
    """Whether the second factor is waived: a made-up account of a demonstration zone, where the setting says so as well."""
    return bool(settings.TWOPARKS_WAIVE_SECOND_FACTOR and zone().demonstration and user.fictitious)


def handle_of(user: User) -> bytes:
    """The name under which a passkey knows its account: the park and the account's number, nothing personal."""
    return f"{this_node().id}.{user.pk}".encode()


def account_of(handle: bytes) -> int | None:
    """The number of the account a passkey names, or None when it is not one of this park."""
    park, _dot, number = handle.decode("ascii", "replace").partition(".")
    return int(number) if park == this_node().id and number.isascii() and number.isdigit() else None


def _key(purpose: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), f"twoparks {purpose}".encode(), hashlib.sha256).digest()
