"""The front page: the zone at a glance, and for whoever is signed in what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from twoparks.crossings import queries as crossings
from twoparks.lists.queries import page as page_of
from twoparks.lists.types import Asked
from twoparks.permits import letter, standing
from twoparks.permits import queries as permits
from twoparks.permits.lists import PERMITS
from twoparks.permits.types import OPEN
from twoparks.pilots import queries as trials
from twoparks.registry import queries as registry
from twoparks.registry.models import Role, User
from twoparks.registry.words import words
from twoparks.registry.zone import Park, zone
from twoparks.site import plan

TENANT = (Role.Kind.MEMBER, Role.Kind.ADMINISTRATOR)


@dataclass(frozen=True)
class Step:
    """Something this person should do next; `n` how often it waits, None when it is not a matter of number."""

    says: str
    href: str
    n: int | None = None
    more: bool = False  # there are more than n


@dataclass(frozen=True)
class Waiting:
    """How much waits for whom; `share` in hundredths of the longest; `no_desk` pieces for which nobody decides here."""

    who: str
    n: int
    share: int
    no_desk: int = 0


@dataclass(frozen=True)
class PointToday:
    """Crossings begun today at one crossing point, by the park they go to: `n` in the order of the columns."""

    name: Mapping[str, str]
    n: tuple[int, ...]


def front(request: HttpRequest) -> HttpResponse:
    """The zone at a glance: plan, what crosses today, what waits and for whom."""
    drawn = plan.read_plan(Path(settings.TWOPARKS_ZONE_FILE).with_suffix(".plan.yaml"))
    now = timezone.now()
    figures, begun = standing.figures(now), crossings.begun_today(now)
    parks = north_first()
    context = {
        "wide": plan.draw(zone(), drawn, plan.WIDE),
        "tall": plan.draw(zone(), drawn, plan.TALL),
        "plan_in_words": _plan_in_words(),
        "parks": parks,
        "today": crossings.today(now),
        "by_point": {
            point: {"down": n.get(parks[1].id, 0), "up": n.get(parks[0].id, 0)} for point, n in begun.items()
        },
        "points_today": _points_today(begun, parks),
        "in_review": sum(n for status, n in figures.by_status.items() if status in OPEN),
        "in_force": figures.by_status.get("in_force", 0),
        "waits": waits(figures),
        "steps": list(steps(request.user, now)) if isinstance(request.user, User) else None,
        "now": now,
    }
    return render(request, "site/front.html", context)


def north_first() -> tuple[Park, ...]:
    """The parks in the zone's order: north above south."""
    return tuple(sorted(zone().parks.values(), key=lambda park: park.side))


def steps(user: User, now: datetime) -> Iterator[Step]:
    """What this person should do next, by role, the most pressing first; only what there is to do."""
    if any(registry.has_role(user, kind) for kind in TENANT):
        yield from _as_tenant(user, now)
    for authority in registry.authorities(user):
        if n := permits.queue(user, now, authority).total:
            yield Step(
                _("to decide for %(authority)s") % {"authority": letter.authority_name(authority)},
                reverse("work"),
                n,
            )
    if registry.has_role(user, Role.Kind.PARK_OFFICER):
        if n := permits.queue(user, now).total:
            yield Step(_("for this park to clear or refuse"), reverse("work"), n)
        if n := crossings.today(now).own_discrepancies:
            yield Step(
                _("discrepancies for this park to explain"), reverse("crossings") + "?discrepancy=own", n
            )
    if n := trials.waiting_for(user, now):
        yield Step(
            ngettext(
                "protocol of a trial waits for your answer", "protocols of trials wait for your answer", n
            ),
            reverse("trials") + "?status=filed",
            n,
        )
    if registry.has_role(user, Role.Kind.RULE_MAKER):
        yield Step(_("Draft a change of a rule"), reverse("trial_drafts"))
    if registry.has_role(user, Role.Kind.GATE):
        yield Step(_("Open your gate"), reverse("gate"))
    if registry.has_role(user, Role.Kind.AUDITOR):
        yield Step(_("Read the ledger"), reverse("ledger"))


def waiting_word(n: int) -> str:
    """What stands after the number of permits that wait for the applicant."""
    return ngettext("permit waits for the applicant's answer", "permits wait for the applicant's answer", n)


def _as_tenant(user: User, now: datetime) -> Iterator[Step]:
    waiting = page_of(PERMITS, user, Asked({"waits": "applicant"}), now)
    if waiting.total:
        yield Step(
            waiting_word(waiting.total), reverse("permits") + "?waits=applicant", waiting.total, waiting.more
        )
    if drafts := len(permits.drafts(user)):
        yield Step(ngettext("draft to finish", "drafts to finish", drafts), reverse("work"), drafts)
    yield Step(_("Declare something that is to cross"), reverse("declare"))


def _points_today(begun: Mapping[str, Mapping[str, int]], parks: tuple[Park, ...]) -> list[PointToday]:
    """Open crossing points, west to east, with what set out to either park."""
    points = sorted(zone().control_points.values(), key=lambda point: point.x)
    return [
        PointToday(point.name, tuple(begun.get(point.id, {}).get(park.id, 0) for park in reversed(parks)))
        for point in points
        if point.status == "open"
    ]


def waits(figures: standing.Figures) -> list[Waiting]:
    """What waits at this park and for whom, the longest queue first."""
    without = figures.waiting_without_desk
    found = [
        (letter.authority_name(k), n, without.get(k, 0)) for k, n in figures.waiting_by_authority.items()
    ]
    found += [
        (_("This park, to clear"), figures.ready_to_clear, 0),
        (_("Applicants, to state or answer something"), figures.waiting_for_applicant, 0),
        (_("The other park"), figures.waiting_for_peer, 0),
    ]
    most = max((n for _who, n, _without in found), default=0)
    ordered = sorted(found, key=lambda row: -row[1])
    return [Waiting(who, n, max(1, 100 * n // most), no_desk) for who, n, no_desk in ordered if n]


def _plan_in_words() -> str:
    north, south = north_first()
    return _(
        "Plan of the zone. The river runs from west to east across the page. %(north)s lies above it on the north bank, "
        "%(south)s below it on the south bank, inside a bend of the old river. Crossing points, from west to east:"
    ) % {"north": words(north.name), "south": words(south.name)}
