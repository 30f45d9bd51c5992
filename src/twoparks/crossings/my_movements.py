"""Pages of a person's movements: the person's own history, days and return; and an officer's reading, for a recorded reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from twoparks.crossings import actions, queries, rules
from twoparks.crossings.days import days, unsure
from twoparks.crossings.my_pass import own
from twoparks.crossings.types import Crossing, NotPossible
from twoparks.packs import load
from twoparks.permits.form import Choice
from twoparks.permits.letter import provision
from twoparks.permits.types import Invalid
from twoparks.registry.models import Person, User
from twoparks.registry.node import this_node
from twoparks.registry.words import words
from twoparks.registry.zone import zone

MOST = 14  # movements on the page, a week of work; the list of crossings has all
COUNTED = "iit_days_counted"  # what the law of the bank that taxes by days calls its count


@login_required
def my_movements(request: HttpRequest) -> HttpResponse:
    """Where and when, days on each bank with the law's own lines, and a return by another control point."""
    user, person = own(request)
    now = timezone.now()
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            _declare(user, request, now)
        except Invalid as wrong:
            problems = tuple(p.says for p in wrong.problems)
        except NotPossible as error:
            problems = (str(error),)
        else:
            messages.success(request, _("Your return is recorded as declared; both parks show it so."))
            return redirect("my_movements")
    found = queries.movements_of(person.pseudonym)
    context = {
        "lines": [queries.line(row, now) for row in queries.rows_of(person.pseudonym)[:MOST]],
        "away": [permit for permit, state in found if rules.to_declare(state) is not None],
        "points": _points(request.POST.get("control_point", "")),
        "at": request.POST.get("at") or timezone.localtime(now).strftime("%Y-%m-%dT%H:%M"),
        "problems": problems,
        "months": queries.own_months(person, now),
        "released": person.counts_released,
        "employer": person.organisation,
        **_days(person, now),
    }
    return render(request, "crossings/my_movements.html", context, status=422 if problems else 200)


@login_required
def movements(request: HttpRequest, permit_id: str) -> HttpResponse:
    """An officer gives a reason; it is recorded and shown to the person, then the movements are shown once."""
    user, now = cast(User, request.user), timezone.now()
    found: tuple[Crossing, ...] | None = None
    problems: tuple[str, ...] = ()
    queries.demand_asking(user, permit_id)
    if request.method == "POST":
        try:
            found = actions.read_movements(user, permit_id, request.POST.get("reason", ""), now)
        except Invalid as wrong:
            problems = tuple(p.says for p in wrong.problems)
    told = None
    if found is not None:
        told = [(c, rules.state(c, now, zone().timing.transit_max)) for c in reversed(found)]
    context = {"permit": permit_id, "told": told, "problems": problems}
    return render(request, "crossings/movements.html", context, status=422 if problems else 200)


def _declare(user: User, request: HttpRequest, now: datetime) -> None:
    typed = parse_datetime(request.POST.get("at", ""))
    at = now.replace(year=9999) if typed is None else typed
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(this_node().park.time_zone))
    point = request.POST.get("control_point", "")
    actions.declare_return(user, request.POST.get("permit", ""), point, at, now)


def _points(chosen: str) -> list[Choice]:
    spec = load().facts["control_point"]
    return [Choice(v, words(spec.value_labels.get(v)) or v, v == chosen) for v in spec.values]


def _days(person: Person, now: datetime) -> dict[str, Any]:
    """Days by bank, the law's computed count with its lines, and what it does not rest on gates."""
    here = this_node()
    known = queries.moves([person.pseudonym]).get(person.pseudonym, [])
    zones = {str(park.id): park.time_zone for park in zone().parks.values()}
    counted = days(known, here.id, zones, now)
    by_bank = {zone().park(d.park).bank: d for d in counted}
    return {
        "days": [(zone().park(d.park), d) for d in counted],
        "law": _law(by_bank["ml"].present, by_bank["ml"].partial, now),
        "unsure": len(unsure(known)),
        "year": timezone.localtime(now).year,
    }


def _law(present: int, partial: int, now: datetime) -> dict[str, Any] | None:
    """The count of days as the law computes it, each step with its words; None where these packs compute none."""
    facts = {"ml_days_present": present, "ml_days_partial": partial}
    asked = {
        **facts,
        "flow": "personnel",
        "crosses": "none",
        "on": timezone.localdate(now),
        "held": [],
        "sought": [],
    }
    result = load().determine(asked, "ml").results.get(COUNTED)
    if result is None:
        return None
    steps = [(step.name, step.value, provision(step.provision)) for step in result.lines[:-1]]
    return {"value": result.value, "cited": provision(result.provision), "steps": steps}
