"""The ledger page: this node's checkpoints, the other park's cosignatures, incidents, and the proof made afresh."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from twoparks.federation.audit import audit_node
from twoparks.federation.models import Checkpoint, PeerCheckpoint
from twoparks.federation.queries import incidents, outbox_summary
from twoparks.lists.pages import show
from twoparks.registry.access import Verb, demand
from twoparks.registry.models import User
from twoparks.site.lists import ACTS, CHECKPOINTS, INCIDENTS

SHOWN = 12  # newest checkpoints and incidents on the page; all of them are lists


@login_required
def ledger(request: HttpRequest) -> HttpResponse:
    """Checkpoints and incidents; POST proves the log again, from its first act."""
    demand(cast(User, request.user), Verb.SEE_LEDGER)
    now = timezone.now()
    checkpoints = [
        {
            "checkpoint": c,
            "root": bytes(c.root).hex(),
            "status": "cosigned" if c.cosigned_at else "not_cosigned",
        }
        for c in Checkpoint.objects.order_by("-size")[:SHOWN]
    ]
    context = {
        "checkpoints": checkpoints,
        "newest": checkpoints[0] if checkpoints else None,
        "peer_newest": PeerCheckpoint.objects.order_by("-size").first(),
        "incidents": incidents(open_only=False, most=SHOWN),
        "outbox": outbox_summary(),
        "audit": audit_node(now) if request.method == "POST" else None,
        "proved_at": now,
    }
    return render(request, "site/ledger.html", context)


@login_required
def acts(request: HttpRequest) -> HttpResponseBase:
    """Every act of the log, as a list."""
    return show(request, ACTS)


@login_required
def checkpoints(request: HttpRequest) -> HttpResponseBase:
    """Every checkpoint, as a list."""
    return show(request, CHECKPOINTS)


@login_required
def all_incidents(request: HttpRequest) -> HttpResponseBase:
    """Every incident, as a list."""
    return show(request, INCIDENTS)
