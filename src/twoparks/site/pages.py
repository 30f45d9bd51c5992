"""The page of each person's work in hand."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from twoparks.lists.queries import page as page_of
from twoparks.lists.types import Asked
from twoparks.permits import letter
from twoparks.permits import queries as permits
from twoparks.permits.lists import PERMITS
from twoparks.permits.telling import row
from twoparks.registry import queries as registry
from twoparks.registry.models import Role, User

TENANT = (Role.Kind.MEMBER, Role.Kind.ADMINISTRATOR)


@login_required
def work(request: HttpRequest) -> HttpResponse:
    """What this person has in hand, by role."""
    user, now = cast(User, request.user), timezone.now()
    if registry.has_role(user, Role.Kind.GATE):
        return redirect("gate")
    if registry.has_role(user, Role.Kind.AUDITOR):
        return redirect("ledger")
    if registry.has_role(user, Role.Kind.PERSON):
        return redirect("my_pass")
    context: dict[str, object] = {"organisations": registry.organisations(user)}
    if any(registry.has_role(user, kind) for kind in TENANT):
        recent = page_of(PERMITS, user, Asked(), now)
        waiting = page_of(PERMITS, user, Asked({"waits": "applicant"}), now)
        context |= {
            "tenant": True,
            "drafts": permits.drafts(user),
            "mine": waiting.rows,
            "recent": recent.rows,
        }
    context["queues"] = _queues(user, request)
    return render(request, "site/work.html", context)


def _queues(user: User, request: HttpRequest) -> list[dict[str, object]]:
    """Queues this person answers for: the park's, and each authority's."""
    page = request.GET.get("page", "")
    number = int(page) if page.isdigit() else 1
    names: list[tuple[str, str | None]] = [(letter.authority_name(a), a) for a in registry.authorities(user)]
    if registry.has_role(user, Role.Kind.PARK_OFFICER):
        names.append((_("the park"), None))
    found = []
    for name, authority in names:
        lines = permits.queue(user, timezone.now(), authority, number)
        rows = [{"line": line, "work": [row(todo) for todo in line.work]} for line in lines.rows]
        found.append({"name": name, "rows": rows, "page": lines})
    return found
