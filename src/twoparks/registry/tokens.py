"""Tokens by which programs act for a person: made, believed, listed, revoked.

A token is `twoparks_<prefix>_<secret>`, the secret 256 random bits. It is shown once; the node keeps its SHA-256, which
needs no salt or stretching because nobody guesses 256 bits. It never gives more than its owner may do at that moment.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from twoparks.registry.access import Verb, limit, open_verbs
from twoparks.registry.actions import NotAccepted
from twoparks.registry.models import Session, Token, User

DAYS, MOST_DAYS = 90, 365
MOST_LIVE = 20  # tokens of one person; a working limit
LABEL_MAX = 60
_BEGINS = "twoparks_"


@dataclass(frozen=True)
class NewToken:
    """What a token about to be made is for: its label, what it may do, for how many days."""

    label: str
    verbs: frozenset[Verb]
    days: int = DAYS


@transaction.atomic
def make_token(user: User, new: NewToken, now: datetime) -> tuple[Token, str]:
    """A token of `user` and its text, which is nowhere kept and cannot be shown again; raises NotAccepted."""
    _check(user, new, now)
    prefix = secrets.token_hex(4)
    text = f"{_BEGINS}{prefix}_{secrets.token_hex(32)}"
    row = Token.objects.create(
        user=user,
        prefix=prefix,
        digest=_digest(text),
        label=new.label.strip(),
        verbs=sorted(new.verbs),
        made_at=now,
        expires_at=now + timedelta(days=new.days),
    )
    return row, text


@transaction.atomic
def end_all_access(now: datetime) -> None:
    """End every session and token: after a copy was put back, for those ended since would be open again."""
    Session.objects.all().delete()
    Token.objects.filter(revoked_at=None).update(revoked_at=now)


@transaction.atomic
def revoke_token(user: User, prefix: str, now: datetime) -> Token:
    """End one of the user's own tokens for good; raises Token.DoesNotExist. Ending it twice changes nothing."""
    row = Token.objects.select_for_update().get(user=user, prefix=prefix)
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
    return row


def tokens(user: User) -> QuerySet[Token]:
    """The user's tokens, the newest first, ended ones among them."""
    return Token.objects.filter(user=user)


def believe(text: str, now: datetime) -> Token | None:
    """The live token that `text` is, its user limited to its verbs; None for anything else. Notes the day of use."""
    if not text.startswith(_BEGINS):
        return None
    row = Token.objects.select_related("user").filter(_live(now), digest=_digest(text)).first()
    if row is None or not row.user.is_active:
        return None
    today = timezone.localdate(now)
    if row.last_used_on != today:
        Token.objects.filter(pk=row.pk).update(last_used_on=today)
    limit(row.user, frozenset(verb for verb in Verb if verb in row.verbs))
    return row


def status(token: Token, now: datetime) -> str:
    """One of live, expired, revoked."""
    if token.revoked_at is not None:
        return "revoked"
    return "live" if token.expires_at > now else "expired"


def verbs_of(names: Iterable[str]) -> frozenset[Verb]:
    """The verbs of that name; raises NotAccepted for a name that is none."""
    known = {str(verb): verb for verb in Verb}
    given = list(names)
    for name in given:
        if name not in known:
            raise NotAccepted(
                "verbs",
                _("%(name)s is not a right; use some of %(known)s.")
                % {"name": name, "known": ", ".join(known)},
            )
    return frozenset(known[name] for name in given)


def _check(user: User, new: NewToken, now: datetime) -> None:
    if not new.label.strip() or len(new.label.strip()) > LABEL_MAX:
        raise NotAccepted(
            "label", _("Give the token a name of at most %(most)d letters.") % {"most": LABEL_MAX}
        )
    if not 1 <= new.days <= MOST_DAYS:
        raise NotAccepted("days", _("A token lives for 1 to %(most)d days.") % {"most": MOST_DAYS})
    if not new.verbs:
        raise NotAccepted("verbs", _("Choose at least one right."))
    beyond = new.verbs - open_verbs(user)
    if beyond:
        raise NotAccepted(
            "verbs",
            _("None of your roles has this right: %(verbs)s.") % {"verbs": ", ".join(sorted(beyond))},
        )
    if Token.objects.filter(_live(now), user=user).count() >= MOST_LIVE:
        raise NotAccepted(
            "label", _("You have %(most)d live tokens; revoke one you do not need.") % {"most": MOST_LIVE}
        )


def _live(now: datetime) -> Q:
    return Q(revoked_at=None, expires_at__gt=now)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
