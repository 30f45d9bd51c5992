"""A program's own token over the API: what it is, and its end. Tokens are made by people, on a page or by command."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.responses import Status as Answer

from twoparks.registry import tokens
from twoparks.registry.access import Denied, Forbidden
from twoparks.registry.models import Token

router = Router(tags=["token"])


class TokenOut(Schema):
    """The token this call showed; its text is never given again."""

    prefix: str
    label: str
    verbs: list[str]
    made_at: datetime
    expires_at: datetime
    last_used_on: date | None


@router.get("/token", response=TokenOut, summary="The token you show")
def token(request: HttpRequest) -> Token:
    """What the token of this call may do and until when; 403 for a call without one."""
    return _shown(request)


@router.delete("/token", response={204: None}, summary="Revoke the token you show")
def revoke_token(request: HttpRequest) -> Answer[Any]:
    """End it for good, as when it may have been seen by others."""
    shown = _shown(request)
    tokens.revoke_token(shown.user, shown.prefix, timezone.now())
    return Answer(204, None)


def _shown(request: HttpRequest) -> Token:
    shown: Token | None = getattr(request, "token", None)
    if shown is None:
        raise Forbidden(Denied("no_token", _("This call shows no token.")))
    return shown
