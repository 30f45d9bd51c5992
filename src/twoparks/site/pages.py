"""Pages of the site itself: the front page, work in hand, the ledger."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from twoparks.registry.zone import zone
from twoparks.site import plan
from twoparks.site.templatetags.twoparks import words


def front(request: HttpRequest) -> HttpResponse:
    """The zone at a glance: plan, what crosses today, what waits and for whom."""
    drawn = plan.read_plan(Path(settings.TWOPARKS_ZONE_FILE).with_suffix(".plan.yaml"))
    return render(
        request,
        "site/front.html",
        {
            "wide": plan.draw(zone(), drawn, plan.WIDE),
            "tall": plan.draw(zone(), drawn, plan.TALL),
            "plan_in_words": _plan_in_words(),
        },
    )


def _plan_in_words() -> str:
    north, south = sorted(zone().parks.values(), key=lambda p: p.side)
    return _(
        "Plan of the zone. The river runs from west to east across the page. %(north)s lies above it on the north bank, "
        "%(south)s below it on the south bank, inside a bend of the old river. Crossing points, from west to east:"
    ) % {"north": words(north.name), "south": words(south.name)}
