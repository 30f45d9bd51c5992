"""Persons who cross, over the API: consent, returns by another control point, movements for an officer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, cast

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status as Answer
from pydantic import Field

from twoparks.crossings import actions, queries, rules
from twoparks.crossings.days import Month
from twoparks.permits import actions as permits
from twoparks.permits import consenting
from twoparks.permits.types import PermitId
from twoparks.registry import queries as registry
from twoparks.registry.access import Subject, Verb, demand
from twoparks.registry.models import Person, User
from twoparks.registry.shapes import Given, Key, PageNumber, Text
from twoparks.registry.zone import zone

router = Router(tags=["persons"])


class FactOut(Schema):
    """One fact that would cross, and the parks whose law needs it."""

    name: str
    question: str
    value: Any  # Any: as the vocabulary types it
    needed_by: list[str]


class ConsentAsked(Schema):
    """What the employer would declare. `digest` names exactly these facts and the partner."""

    digest: str
    partner: str
    facts: list[FactOut]
    agreed: bool


class ConsentIn(Given):
    """The digest of what was read."""

    digest: Key


class EndedOut(Schema):
    """The permits that ended with the consent."""

    ended: list[str]


class ReturnIn(Given):
    """Where and when the person came back."""

    control_point: Key
    at: datetime


class ReturnOut(Schema):
    """The crossing that the statement closes; it is marked as stated."""

    crossing: str


class ReasonIn(Given):
    """Why an officer looks; recorded, and shown to the person."""

    reason: Text


class MovementOut(Schema):
    """One movement under the permit."""

    crossing: str
    state: str
    exit_at: datetime | None
    entry_at: datetime | None


class CountOut(Schema):
    """Days across of one month ('2026-10'); not complete where it rests on what no gate saw. Released: the employer sees it."""

    month: str
    days: int
    complete: bool
    released: bool


class MonthsIn(Given):
    """The months to release, as '2026-10'."""

    months: Annotated[list[Key], Field(min_length=1, max_length=12)]


class MonthOut(Schema):
    """Days across of one month, as its person released it."""

    month: str
    days: int
    complete: bool


class ReleasedOut(Schema):
    """One person of yours; no months where nothing is released."""

    person: str
    name: str
    months: list[MonthOut]


class ReleasedPage(Schema):
    """A page of your people."""

    people: list[ReleasedOut]
    total: int


@router.get("/counts", response=list[CountOut], summary="Your days across, month by month")
def counts(request: HttpRequest) -> list[dict[str, Any]]:
    """Months that are over, the latest first, and which of them your employer sees."""
    return _counts(_person(request))


@router.put("/counts", response=list[CountOut], summary="Release days across to your employer")
def release_counts(request: HttpRequest, body: MonthsIn) -> list[dict[str, Any]]:
    """Your employer sees exactly these months; those released before and not named are taken back."""
    _person(request)
    return _counts(actions.release_counts(_user(request), body.months, timezone.now()))


@router.delete("/counts", response={204: None}, summary="Take released days back")
def withdraw_counts(request: HttpRequest) -> Answer:
    """Your employer sees none of your days any more."""
    _person(request)
    actions.withdraw_counts(_user(request), timezone.now())
    return Answer(204, None)


@router.get("/counts/released", response=ReleasedPage, summary="Days across your people released")
def released_counts(request: HttpRequest, page: PageNumber = 1) -> dict[str, Any]:
    """Everybody whom your organisation registered to cross, 50 a page, with the months each released."""
    found = Paginator(queries.employed(_user(request)), 50)
    rows = list(found.page(page)) if page <= found.num_pages else []
    people = [
        {"person": one.person.pk, "name": one.person.name, "months": [_month(m) for m in one.months]}
        for one in queries.released(rows, timezone.now())
    ]
    return {"people": people, "total": found.count}


@router.get("/consents", response=list[ConsentAsked], summary="What you are asked to consent to")
def consents(request: HttpRequest) -> list[dict[str, Any]]:
    """Every fact as it would cross, with the parks whose law needs it."""
    return [
        {
            "digest": asked.digest,
            "partner": asked.partner.id,
            "agreed": asked.agreed,
            "facts": [
                {
                    "name": fact.asked.short,
                    "question": fact.asked.label,
                    "value": asked.facts.get(fact.asked.short),
                    "needed_by": [str(park.id) for park in fact.needed_by],
                }
                for fact in asked.crossing
            ],
        }
        for asked in consenting.requests(_person(request))
    ]


@router.post("/consents", response={204: None}, summary="Consent")
def consent(request: HttpRequest, body: ConsentIn) -> Answer:
    """Consent to exactly the facts that were read; 404 when they have changed meanwhile."""
    found = next((r for r in consenting.requests(_person(request)) if r.digest == body.digest), None)
    if found is None:
        raise Http404
    permits.consent(_user(request), found.facts, found.partner.id, timezone.now())
    return Answer(204, None)


@router.delete("/consents", response=EndedOut, summary="Take every consent back")
def withdraw_consent(request: HttpRequest) -> dict[str, Any]:
    """Permits that rest on it end."""
    return {"ended": list(permits.withdraw_consent(_user(request), timezone.now()))}


@router.post(
    "/permits/{permit_id}/returns",
    response={201: ReturnOut},
    summary="State a return by another control point",
)
def declare_return(request: HttpRequest, permit_id: str, body: ReturnIn) -> Answer:
    """Closes the open exit or stay, marked as stated; counts that rest on it are incomplete."""
    user, now = _user(request), timezone.now()
    return Answer(
        201, {"crossing": actions.declare_return(user, permit_id, body.control_point, body.at, now)}
    )


@router.post(
    "/permits/{permit_id}/movements", response=list[MovementOut], summary="A person's movements, for a reason"
)
def movements(request: HttpRequest, permit_id: str, body: ReasonIn) -> list[dict[str, Any]]:
    """The reason is recorded before anything is shown."""
    user, now = _user(request), timezone.now()
    queries.demand_asking(user, PermitId(permit_id))
    found = actions.read_movements(user, permit_id, body.reason, now)
    return [
        {
            "crossing": c.id,
            "state": str(rules.state(c, now, zone().timing.transit_max)),
            "exit_at": c.exit and c.exit.at,
            "entry_at": c.entry and c.entry.at,
        }
        for c in found
    ]


def _counts(person: Person) -> list[dict[str, Any]]:
    months = queries.own_months(person, timezone.now())
    return [{**_month(month), "released": month.name in person.counts_released} for month in months]


def _month(month: Month) -> dict[str, Any]:
    return {"month": month.name, "days": month.days, "complete": month.complete}


def _person(request: HttpRequest) -> Person:
    """The registered person behind the account; Forbidden for everybody else."""
    user = _user(request)
    demand(user, Verb.OWN_TRAVEL, Subject(person=user.pk))
    found = registry.person_of(user)
    if found is None:
        raise Http404
    return found


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
