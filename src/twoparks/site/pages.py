"""Pages of the site itself: the front page and each person's work in hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from twoparks.crossings import queries as crossings
from twoparks.lists.queries import page as page_of
from twoparks.lists.types import Asked
from twoparks.permits import letter
from twoparks.permits import queries as permits
from twoparks.permits.lists import PERMITS
from twoparks.permits.telling import row
from twoparks.permits.types import OPEN
from twoparks.registry import queries as registry
from twoparks.registry.models import Role, User
from twoparks.registry.words import words
from twoparks.registry.zone import zone
from twoparks.site import plan

TENANT = (Role.Kind.MEMBER, Role.Kind.ADMINISTRATOR)


def front(request: HttpRequest) -> HttpResponse:
    """The zone at a glance: plan, what crosses today, what waits and for whom."""
    drawn = plan.read_plan(Path(settings.TWOPARKS_ZONE_FILE).with_suffix(".plan.yaml"))
    now = timezone.now()
    figures = permits.figures(now)
    context = {
        "wide": plan.draw(zone(), drawn, plan.WIDE),
        "tall": plan.draw(zone(), drawn, plan.TALL),
        "plan_in_words": _plan_in_words(),
        "today": crossings.today(now),
        "by_point": _by_point(crossings.today_by_group(now)),
        "in_review": sum(n for status, n in figures.by_status.items() if status in OPEN),
        "in_force": figures.by_status.get("in_force", 0),
        "waits": _waits(figures),
        "now": now,
    }
    return render(request, "site/front.html", context)


def _by_point(by_group: Mapping[str, int]) -> dict[str, int]:
    """Passages today by crossing point."""
    found: dict[str, int] = {}
    for group in zone().gate_groups.values():
        found[group.control_point] = found.get(group.control_point, 0) + by_group.get(str(group.id), 0)
    return found


def _waits(figures: permits.Figures) -> list[dict[str, object]]:
    """What waits at this park and for whom, the longest queue first."""
    found = [(letter.authority_name(key), n) for key, n in figures.waiting_by_authority.items()]
    found += [
        (_("This park, to clear"), figures.ready_to_clear),
        (_("Applicants, to state or answer something"), figures.waiting_for_applicant),
        (_("The other park"), figures.waiting_for_peer),
    ]
    return [{"who": who, "n": n} for who, n in sorted(found, key=lambda pair: -pair[1]) if n]


def _plan_in_words() -> str:
    north, south = sorted(zone().parks.values(), key=lambda p: p.side)
    return _(
        "Plan of the zone. The river runs from west to east across the page. %(north)s lies above it on the north bank, "
        "%(south)s below it on the south bank, inside a bend of the old river. Crossing points, from west to east:"
    ) % {"north": words(north.name), "south": words(south.name)}


@login_required
def work(request: HttpRequest) -> HttpResponse:
    """What this person has in hand, by role."""
    user, now = cast(User, request.user), timezone.now()
    if registry.has_role(user, Role.Kind.GATE):
        return redirect("gate")
    if registry.has_role(user, Role.Kind.AUDITOR):
        return redirect("ledger")
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
