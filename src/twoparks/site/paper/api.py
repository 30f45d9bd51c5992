"""Paper over the API: the same papers as values and PDF, the public check of a pass, the public register of trials."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from twoparks.lists import api as lists
from twoparks.passes.qr import MAX_TEXT
from twoparks.permits import queries
from twoparks.permits.types import Invalid, PermitId, Problem
from twoparks.pilots import register
from twoparks.pilots.lists import REGISTER
from twoparks.registry.models import User
from twoparks.registry.zone import zone
from twoparks.site.paper import papers, trial, verify, wording
from twoparks.site.paper.pdf import pdf
from twoparks.site.paper.shape import PaperKind
from twoparks.site.paper.verdict_words import UNREADABLE, told

router = Router(tags=["paper"])
_FILE: dict[str, Any] = {  # Any: OpenAPI
    "responses": {200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}
}


class GivenIn(Schema):
    """What was scanned: the text of a pass, or the address printed on a permit."""

    given: str = Field(max_length=MAX_TEXT)


class ParkSaysOut(Schema):
    """One park's word: the key it signed with, what its status list says, as of when, and when that was fetched."""

    park: str
    key: str
    word: str
    issued_at: datetime | None
    fetched_at: datetime | None


class FoundOut(Schema):
    """What the check came to. No goods, no organisation, no person."""

    outcome: str
    code: str
    says: str
    at: datetime
    permit: str | None
    version: int | None
    crosses: list[str]
    both_ways: bool | None
    binding: str | None
    uses: int | None
    valid_from: datetime | None
    valid_until: datetime | None
    ended_by: list[str]
    ended_at: datetime | None
    parks: list[ParkSaysOut]


@router.post("/verify", response=FoundOut, auth=None, summary="Check a pass")
def check_pass(request: HttpRequest, body: GivenIn) -> dict[str, Any]:
    """Whether it stands, by both signatures and both parks' word; 422 when it is no pass at all."""
    try:
        return _found(verify.check(body.given, timezone.now()))
    except verify.Unreadable as wrong:
        raise Invalid((Problem("given", None, str(UNREADABLE)),)) from wrong


@router.get("/verify/{permit_id}/{digest}", response=FoundOut, auth=None, summary="Check a printed address")
def check_printed(request: HttpRequest, permit_id: str, digest: str) -> dict[str, Any]:
    """As the page behind the printed address: the permit's number and the first 24 letters of its digest."""
    return _found(verify.check_link(permit_id, digest, timezone.now()))


@router.get("/permits/{permit_id}/papers/{kind}", response=dict[str, Any], summary="A paper")
def paper(request: HttpRequest, permit_id: str, kind: PaperKind, lang: str = "") -> dict[str, Any]:
    """Permit, receipt or decision letter as values, in `lang` (en, zh-Hant, zh-Hans) or the caller's language."""
    with wording.language(lang) as language:
        return asdict(papers.paper(_detail(request, permit_id), kind, language))


@router.get("/permits/{permit_id}/papers/{kind}/pdf", summary="A paper as PDF", openapi_extra=_FILE)
def paper_pdf(request: HttpRequest, permit_id: str, kind: PaperKind, lang: str = "") -> HttpResponse:
    """The same as PDF/UA-1."""
    with wording.language(lang) as language:
        content = pdf(papers.paper(_detail(request, permit_id), kind, language))
    return HttpResponse(content, content_type="application/pdf")


RegisterAsked = lists.parameters(REGISTER)


@router.get("/trials/register", response=lists.answers(REGISTER), auth=None, summary="Register of trials")
def trial_register(request: HttpRequest, asked: Query[RegisterAsked]) -> dict[str, Any]:  # type: ignore[valid-type]  # made above
    """Every trial that both parks signed; anybody may read it."""
    return lists.answer(request, REGISTER, asked)


@router.get(
    "/trials/register/{trial_id}", response=dict[str, Any], auth=None, summary="A trial, for everybody"
)
def trial_entry(request: HttpRequest, trial_id: str, lang: str = "") -> dict[str, Any]:
    """Its entry in the register while it runs, its exit report once it is over, as values."""
    with wording.language(lang) as language:
        return asdict(trial.paper(register.entry(trial_id, timezone.now()), language))


@router.get(
    "/trials/register/{trial_id}/pdf",
    auth=None,
    summary="A trial, for everybody, as PDF",
    openapi_extra=_FILE,
)
def trial_entry_pdf(request: HttpRequest, trial_id: str, lang: str = "") -> HttpResponse:
    """The same as PDF/UA-1."""
    with wording.language(lang) as language:
        content = pdf(trial.paper(register.entry(trial_id, timezone.now()), language))
    return HttpResponse(content, content_type="application/pdf")


def _detail(request: HttpRequest, permit_id: str) -> queries.PermitDetail:
    return queries.detail(cast(User, request.user), PermitId(permit_id), timezone.now())


def _found(found: verify.Found) -> dict[str, Any]:
    claims, numbers = found.claims, {park.number: park.id for park in zone().parks.values()}
    return {
        "outcome": str(found.outcome),
        "code": found.code,
        "says": told(found).why,
        "at": found.at,
        "permit": claims.permit if claims else None,
        "version": claims.version if claims else None,
        "crosses": [numbers[number] for number in claims.crosses] if claims else [],
        "both_ways": claims.both_ways if claims else None,
        "binding": claims.binding if claims else None,
        "uses": claims.uses if claims else None,
        "valid_from": claims.valid_from if claims else None,
        "valid_until": claims.valid_until if claims else None,
        "ended_by": list(found.ended_by),
        "ended_at": found.ended_at,
        "parks": [asdict(says) for says in found.parks],
    }
