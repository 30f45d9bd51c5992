"""The API of a node: everything the pages offer, described by OpenAPI, errors as problem details (RFC 9457)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from ninja import Query, Router, Schema

from twoparks.crossings.api import router as crossings
from twoparks.crossings.person_api import router as persons
from twoparks.federation.audit import audit_node
from twoparks.federation.models import Checkpoint, Incident
from twoparks.federation.queries import incidents, outbox_summary
from twoparks.lists import api as lists
from twoparks.permits.api import router as permits
from twoparks.pilots.api import router as trials
from twoparks.pilots.drafts_api import router as trial_drafts
from twoparks.registry.access import Verb, demand, roles_of
from twoparks.registry.api import router as projects
from twoparks.registry.models import User
from twoparks.registry.node import this_node
from twoparks.registry.people_api import router as people
from twoparks.registry.token_api import router as token
from twoparks.registry.zone import zone
from twoparks.site.calls.description import ABOUT, DescribedAPI, operations
from twoparks.site.calls.door import BySession, ByToken
from twoparks.site.calls.problems import answer_errors
from twoparks.site.calls.strict import StrictParser
from twoparks.site.lists import ACTS, CHECKPOINTS, INCIDENTS
from twoparks.site.paper.api import router as papers
from twoparks.window.api import router as window

api = DescribedAPI(
    title="TwoParks",
    version="1",
    description=ABOUT,
    auth=[ByToken(), BySession(settings.SESSION_COOKIE_NAME)],
    parser=StrictParser(),
    docs_url=None,
    urls_namespace="api",
)
router = Router(tags=["node"])
NEWEST = 50  # incidents told with the ledger; all of them are a list


class MeOut(Schema):
    """Who you are here and in which roles."""

    username: str
    roles: list[dict[str, str | None]]


class CheckpointOut(Schema):
    """A signed checkpoint and the other park's cosignature."""

    size: int
    note: str
    signed_at: datetime
    cosigned_note: str
    cosigned_at: datetime | None


class IncidentOut(Schema):
    """Something this node refused of the other, or found wrong."""

    kind: str
    stream: str
    detail: dict[str, Any]  # Any: as the incident was reported
    at: datetime
    closed_at: datetime | None


class LedgerOut(Schema):
    """The newest checkpoints, every incident, and what is on its way."""

    checkpoints: list[CheckpointOut]
    incidents: list[IncidentOut]
    waiting: int
    stopped: int
    delivered: int


class ProofOut(Schema):
    """What reading the whole log again found."""

    whole: bool
    leaves: int
    checkpoints: int
    findings: list[dict[str, Any]]  # Any: code, severity, expected, found, index, size


@router.get("/me", response=MeOut, summary="Who you are here")
def me(request: HttpRequest) -> dict[str, Any]:
    """Your user name and roles at this park."""
    user = cast(User, request.user)
    roles = [
        {
            "kind": role.kind,
            "organisation": role.organisation_id,
            "authority": role.authority or None,
            "gate": role.gate or None,
        }
        for role in roles_of(user)
    ]
    return {"username": user.username, "roles": roles}


@router.get("/zone", response=dict[str, Any], auth=None, summary="The zone")
def the_zone(request: HttpRequest) -> dict[str, Any]:
    """Parks, crossing points and gate groups; which park answers here."""
    found = zone()
    return {
        "id": found.id,
        "name": dict(found.name),
        "here": this_node().id,
        "parks": {p.id: {"name": dict(p.name), "bank": p.bank, "side": p.side} for p in found.parks.values()},
        "control_points": {
            c.id: {"name": dict(c.name), "status": c.status} for c in found.control_points.values()
        },
        "gate_groups": {
            g.id: {"park": g.park, "leg": g.leg, "crosses": g.crosses, "control_point": g.control_point}
            for g in found.gate_groups.values()
        },
    }


@router.get("/ledger", response=LedgerOut, summary="The log")
def ledger(request: HttpRequest) -> dict[str, Any]:
    """The newest 50 checkpoints, every incident, the queue to the other park."""
    demand(cast(User, request.user), Verb.SEE_LEDGER)
    outbox = outbox_summary()
    found: list[Incident] = incidents(open_only=False, most=NEWEST)
    return {
        "checkpoints": list(Checkpoint.objects.order_by("-size")[:50]),
        "incidents": found,
        "waiting": outbox.waiting,
        "stopped": outbox.stopped,
        "delivered": outbox.delivered,
    }


ActsAsked = lists.parameters(ACTS)


@router.get("/ledger/acts", response=lists.answers(ACTS), summary="Acts in the log")
def acts_in_the_log(request: HttpRequest, asked: Query[ActsAsked]) -> dict[str, Any]:  # type: ignore[valid-type]
    """Which acts were recorded here, without their content; as the page lists them."""
    return lists.answer(request, ACTS, asked)


CheckpointsAsked = lists.parameters(CHECKPOINTS)
IncidentsAsked = lists.parameters(INCIDENTS)


@router.get("/ledger/checkpoints", response=lists.answers(CHECKPOINTS), summary="Checkpoints of the log")
def checkpoints(request: HttpRequest, asked: Query[CheckpointsAsked]) -> dict[str, Any]:  # type: ignore[valid-type]
    """What this node signed over its log and whether the other park cosigned it; as the page lists them."""
    return lists.answer(request, CHECKPOINTS, asked)


@router.get("/ledger/incidents", response=lists.answers(INCIDENTS), summary="What must not happen and did")
def incidents_in_the_log(request: HttpRequest, asked: Query[IncidentsAsked]) -> dict[str, Any]:  # type: ignore[valid-type]
    """Conflicts, refusals, forks, forged signatures; as the page lists them."""
    return lists.answer(request, INCIDENTS, asked)


@router.post("/ledger/proof", response=ProofOut, summary="Prove the log now")
def proof(request: HttpRequest) -> dict[str, Any]:
    """Read the whole log again and say what does not fit."""
    demand(cast(User, request.user), Verb.SEE_LEDGER)
    found = audit_node(timezone.now())
    return {
        "whole": found.whole,
        "leaves": found.leaves,
        "checkpoints": found.checkpoints,
        "findings": [{"code": f.code, "severity": str(f.severity), "plain": f.plain} for f in found.findings],
    }


api.add_router("", router)
api.add_router("", token)
api.add_router("", projects)
api.add_router("", people)
api.add_router("", permits)
api.add_router("", crossings)
api.add_router("", persons)
api.add_router("", papers)  # these two before trials: their addresses begin alike
api.add_router("", trial_drafts)
api.add_router("", trials)
api.add_router("", window)


def describe(request: HttpRequest) -> HttpResponse:
    """The API as a page: every operation, made from the same description as openapi.json."""
    return render(request, "site/api.html", {"rooms": operations(api.get_openapi_schema())})


answer_errors(api)
