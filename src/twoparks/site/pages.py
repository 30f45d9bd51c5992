"""The page of each person's work in hand."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from twoparks.lists.pages import show
from twoparks.lists.queries import page as page_of
from twoparks.lists.types import Asked
from twoparks.permits import queries as permits
from twoparks.permits.lists import PERMITS
from twoparks.permits.waiting import WAITING, WORK
from twoparks.registry import queries as registry
from twoparks.registry.access import Verb, may, scopes_of
from twoparks.registry.models import Role, User

TENANT = (Role.Kind.MEMBER, Role.Kind.ADMINISTRATOR)


@login_required
def work(request: HttpRequest) -> HttpResponseBase:
    """What this person has in hand, by role."""
    user, now = cast(User, request.user), timezone.now()
    if registry.has_role(user, Role.Kind.GATE):
        return redirect("gate")
    if registry.has_role(user, Role.Kind.AUDITOR):
        return redirect("ledger")
    if registry.has_role(user, Role.Kind.PERSON):
        return redirect("my_pass")
    if registry.has_role(user, Role.Kind.RULE_MAKER) and not scopes_of(user, Verb.SEE_QUEUE):
        return redirect("trial_drafts")
    context = _tenant(user, now)
    if scopes_of(user, Verb.SEE_QUEUE):
        return show(
            request, WORK, "site/queue.html", {**context, "sees_all": bool(may(user, Verb.SEE_QUEUE))}
        )
    return render(request, "site/work.html", context)


@login_required
def waiting(request: HttpRequest) -> HttpResponseBase:
    """All that waits at this park, before whichever desk."""
    return show(request, WAITING)


def _tenant(user: User, now: datetime) -> dict[str, object]:
    """What a tenant has in hand: what waits for the applicant, drafts, permits; nothing for those who are none."""
    if not any(registry.has_role(user, kind) for kind in TENANT):
        return {}
    return {
        "tenant": True,
        "drafts": permits.drafts(user),
        "mine": page_of(PERMITS, user, Asked({"waits": "applicant"}), now).rows,
        "recent": page_of(PERMITS, user, Asked(), now).rows,
    }
