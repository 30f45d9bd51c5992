"""Crossings and gates over the API, by the same rules of access as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from twoparks.crossings import actions, bundles, queries
from twoparks.crossings.device import Counter, Seen
from twoparks.crossings.gate_lists import EVENTS, GATES
from twoparks.crossings.lists import CROSSINGS
from twoparks.crossings.types import CrossingId, Opened
from twoparks.lists import api as lists
from twoparks.passes.verdict import as_json
from twoparks.permits.types import Passage
from twoparks.registry.access import Subject, Verb, demand
from twoparks.registry.models import User
from twoparks.registry.pseudonyms import pseudonym
from twoparks.registry.shapes import Given, Key, Text

router = Router(tags=["crossings"])


class LegOut(Schema):
    """One passage of a gate; quantities by line."""

    park: str
    leg: str
    gate: str
    group: str
    event_number: int
    at: datetime
    quantities: dict[int, int]
    inspection: str | None


class DiscrepancyOut(Schema):
    """A discrepancy, whose it is and how it was explained."""

    code: str
    owner: str
    expected: dict[int, int]
    found: dict[int, int]
    at: datetime
    explanation: str | None
    closed_at: datetime | None


class CrossingOut(Schema):
    """One crossing with both legs, null where this park knows of none."""

    id: str
    permit: str
    version: int
    state: str
    exit: LegOut | None
    entry: LegOut | None
    due_at: datetime | None
    discrepancies: list[DiscrepancyOut]


class TodayOut(Schema):
    """What crossed since midnight at this park's clock, and what is wrong now."""

    exits: int
    entries: int
    under_way: int
    open_discrepancies: int
    own_discrepancies: int


class GateOut(Schema):
    """A gate: whether it can decide (`ready` empty) and what it holds."""

    gate: str
    enrolled: bool
    cut_off_at: datetime | None
    synced_at: datetime | None
    permits_held: int
    ready: str


class ExplanationIn(Given):
    """Why a discrepancy is closed."""

    explanation: Text


class ScanIn(Given):
    """What the gate's officer reads off the consignment; without quantities, everything the terms still allow."""

    code: Annotated[str, Field(max_length=4_000)]
    labels: Annotated[list[Key], Field(max_length=200)] = []
    holder: Annotated[str, Field(max_length=1_000)] | None = (
        None  # the phone's moving code, TH1:…, of a person
    )
    quantities: dict[int, Annotated[int, Field(ge=0)]] | None = None
    seal: Key | None = None
    inspection: Literal["passed", "failed", "waived"] | None = None
    use_id: Annotated[str, Field(max_length=32)] = ""
    at_the_counter: Annotated[str, Field(min_length=3, max_length=500)] | None = (
        None  # why a referred pass may go
    )


CrossingsAsked = lists.parameters(CROSSINGS)


@router.get("/crossings", response=lists.answers(CROSSINGS), summary="Crossings you may see")
def crossings(request: HttpRequest, asked: Query[CrossingsAsked]) -> dict[str, Any]:  # type: ignore[valid-type]
    """As the page lists them: the same filters, order and pages."""
    return lists.answer(request, CROSSINGS, asked)


@router.get("/crossings/{crossing_id}", response=CrossingOut, summary="One crossing")
def crossing(request: HttpRequest, crossing_id: str) -> dict[str, Any]:
    """Both legs and every discrepancy."""
    detail = queries.detail(_user(request), CrossingId(crossing_id), timezone.now())
    found = detail.crossing
    return {
        "id": found.id,
        "permit": found.permit,
        "version": found.version,
        "state": str(detail.state),
        "exit": _leg(found.exit),
        "entry": _leg(found.entry),
        "due_at": detail.due_at,
        "discrepancies": [_discrepancy(opened) for opened in found.opened],
    }


@router.post("/crossings/{crossing_id}/discrepancies/{code}/closing", response=CrossingOut, summary="Explain")
def close(request: HttpRequest, crossing_id: str, code: str, body: ExplanationIn) -> dict[str, Any]:
    """Close a discrepancy of this park with its explanation."""
    user, now = _user(request), timezone.now()
    actions.close_discrepancy(user, CrossingId(crossing_id), code, body.explanation, now)
    return crossing(request, crossing_id)


@router.get("/today", response=TodayOut, auth=None, summary="What crosses today")
def today(request: HttpRequest) -> queries.Today:
    """Counts only; open to everybody, as on the front page."""
    return queries.today(timezone.now())


GatesAsked = lists.parameters(GATES)
EventsAsked = lists.parameters(EVENTS)


@router.get("/gates", response=lists.answers(GATES), summary="Gates you may see")
def gates(request: HttpRequest, asked: Query[GatesAsked]) -> dict[str, Any]:  # type: ignore[valid-type]
    """Gates enrolled at this park, as the page lists them."""
    return lists.answer(request, GATES, asked)


@router.get("/gates/events", response=lists.answers(EVENTS), summary="What gates recorded")
def gate_events(request: HttpRequest, asked: Query[EventsAsked]) -> dict[str, Any]:  # type: ignore[valid-type]
    """Every code shown at the gates you may see; the permit is empty where it would tell a person's movements."""
    return lists.answer(request, EVENTS, asked)


@router.get("/gates/{gate}", response=GateOut, summary="One gate")
def gate(request: HttpRequest, gate: str) -> queries.GateDesk:
    """Whether it can decide, and what it holds."""
    return queries.desk(_user(request), gate)


@router.post("/gates/{gate}/scan", response=dict[str, Any], summary="Check a pass at a gate")
def scan(request: HttpRequest, gate: str, body: ScanIn) -> dict[str, object]:
    """The gate's verdict, recorded by the gate; it decides with its own folder."""
    user = _user(request)
    demand(user, Verb.SCAN, Subject(gates=frozenset({gate})))
    seen = Seen(
        code=body.code,
        labels=tuple(body.labels),
        holder=body.holder,
        quantities=body.quantities,
        seal=body.seal,
        inspection=body.inspection,
        use_id=body.use_id,
        counter=Counter(pseudonym(user), body.at_the_counter) if body.at_the_counter else None,
    )
    return dict(as_json(bundles.device(gate).scan(seen, timezone.now())))


@router.post("/gates/{gate}/refresh", response=dict[str, int], summary="Hand over events, fetch permits")
def refresh(request: HttpRequest, gate: str) -> dict[str, int]:
    """Take the gate's events and hand it what it needs; returns how many events were taken."""
    demand(_user(request), Verb.SCAN, Subject(gates=frozenset({gate})))
    return {"taken": actions.sync_gate(gate, timezone.now())}


def _leg(passage: Passage | None) -> dict[str, Any] | None:
    if passage is None:
        return None
    return {name: getattr(passage, name) for name in LegOut.model_fields}


def _discrepancy(opened: Opened) -> dict[str, Any]:
    found = opened.discrepancy
    return {
        "code": found.code,
        "owner": found.owner,
        "expected": dict(found.expected),
        "found": dict(found.found),
        "at": opened.at,
        "explanation": opened.explanation,
        "closed_at": opened.closed_at,
    }


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
