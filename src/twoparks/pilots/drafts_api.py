"""The laboratory for programs: drafts of trials, what the law says to them, and what they would have done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, cast

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema
from ninja.responses import Status as Answer
from pydantic import Field

from twoparks.pilots import drafts, drafts_checks, histories, impact, impact_told
from twoparks.pilots.actions import drafts as writes
from twoparks.pilots.actions import impact as asks
from twoparks.pilots.drafts_queries import draft as find
from twoparks.pilots.drafts_queries import drafts as all_drafts
from twoparks.pilots.drafts_queries import run as find_run
from twoparks.pilots.drafts_queries import text as text_of
from twoparks.pilots.drafts_queries import texts
from twoparks.pilots.models import ImpactRun, TrialDraft
from twoparks.registry.models import User
from twoparks.registry.shapes import Given, Key, PageNumber

router = Router(tags=["drafts of trials"])
PER_PAGE = 25
Which = Annotated[int, Field(ge=0, le=drafts.MOST_ALTERNATIVES)]
Said = dict[Literal["en", "zh-Hant", "zh-Hans"], Annotated[str, Field(max_length=writes.MOST_WORDS)]]


class TrialDraftLine(Schema):
    """One draft in the list."""

    id: str
    title: dict[str, str]
    flow: str
    crosses: str
    alternatives: int
    changed_at: datetime


class TrialDraftsOut(Schema):
    """A page of drafts."""

    drafts: list[TrialDraftLine]
    total: int


class FaultOut(Schema):
    """What keeps a text from being law; no line where it shows in the law that was there before."""

    line: int | None
    column: int | None
    says: str


class ChangeOut(Schema):
    """The change (0) or an alternative, and what is wrong with it."""

    of: int
    text: str
    faults: list[FaultOut]


class TrialDraftOut(TrialDraftLine):
    """A draft; `seen` is what a writer sends back, so that nobody is written over."""

    question: dict[str, str]
    texts: list[ChangeOut]
    example: str
    seen: str


class TrialDraftIn(Given):
    """A draft to begin, from nothing or from a shipped example."""

    flow: Literal["personnel", "materials", "data", "capital"] = "data"
    crosses: Annotated[str, Field(max_length=12, examples=["sz-hk"])] = ""
    example: Key = ""


class ChangeIn(Given):
    """A text to keep: of the change (0) or an alternative."""

    of: Which = 0
    text: str = Field(max_length=drafts.MOST_CHARACTERS)
    seen: Key


class DescribedIn(Given):
    """Title and question, in as many of the three languages as there are."""

    title: Said
    question: Said


class DraftedOut(Schema):
    """The id of what was made."""

    id: str


class AlternativeOut(Schema):
    """The number of an alternative."""

    of: int


class ChecksOut(Schema):
    """The change compared with today's law, and findings about the law it makes; shapes as `law diff --json` and `law prove --json`."""

    on: date
    equal: bool
    unsettled: int
    changes: list[dict[str, Any]]  # Any: facts of witnesses
    findings: list[dict[str, Any]]


class ImpactIn(Given):
    """On what a draft is tried; `on` is the day whose law is asked, null for each case's own."""

    history: Literal["generated", "record"] = "generated"
    crosses: Annotated[str, Field(max_length=12, examples=["sz-hk"])]
    since: date | None = None
    until: date | None = None
    on: date | None = None


class ImpactOut(Schema):
    """How far a trying is, or what it found. In `result` version 0 is today's law, then the texts `numbers` names."""

    id: str
    draft: str
    state: str
    read: int
    rows: int
    history: str
    assumed: str
    numbers: list[int]
    says: str
    result: dict[str, Any] | None  # Any: counts by outcomes, groups, desks


class PastCaseOut(Schema):
    """One past case; facts in words."""

    name: str
    day: str
    outcomes: list[str]
    facts: dict[str, str]


@router.get("/trials/drafts", response=TrialDraftsOut, summary="Drafts of this park")
def list_trial_drafts(request: HttpRequest, page: PageNumber = 1) -> dict[str, Any]:
    """The newest first."""
    found = Paginator(all_drafts(_user(request)), PER_PAGE)
    return {"drafts": [_line(draft) for draft in found.get_page(page)], "total": found.count}


@router.post("/trials/drafts", response={201: DraftedOut}, summary="Begin a draft")
def begin_trial_draft(request: HttpRequest, body: TrialDraftIn) -> Answer[Any]:
    """For a flow and direction (both ways where none is said), or from an example."""
    found = writes.begin(_user(request), body.flow, body.crosses, timezone.now(), from_example=body.example)
    return Answer(201, {"id": found.pk})


@router.get("/trials/drafts/{draft_id}", response=TrialDraftOut, summary="A draft")
def trial_draft(request: HttpRequest, draft_id: str) -> dict[str, Any]:
    """Its texts, with what is wrong with each by line."""
    return _draft(find(_user(request), draft_id))


@router.put("/trials/drafts/{draft_id}/change", response=TrialDraftOut, summary="Write a change")
def write_trial_change(request: HttpRequest, draft_id: str, body: ChangeIn) -> dict[str, Any]:
    """Kept as written, faults and all; 409 where somebody wrote meanwhile."""
    seen = writes.Seen(draft_id, body.of, body.seen)
    return _draft(writes.write_change(_user(request), seen, body.text, timezone.now()))


@router.put(
    "/trials/drafts/{draft_id}/words", response=TrialDraftOut, summary="Give a draft title and question"
)
def describe_trial_draft(request: HttpRequest, draft_id: str, body: DescribedIn) -> dict[str, Any]:
    """What is left out is taken away."""
    title, question = cast(dict[str, str], body.title), cast(dict[str, str], body.question)
    return _draft(writes.describe(_user(request), draft_id, title, question, timezone.now()))


@router.post(
    "/trials/drafts/{draft_id}/alternatives", response={201: AlternativeOut}, summary="Add an alternative"
)
def add_trial_alternative(request: HttpRequest, draft_id: str) -> Answer[Any]:
    """It begins as the change stands."""
    return Answer(201, {"of": writes.add_alternative(_user(request), draft_id, timezone.now())})


@router.delete(
    "/trials/drafts/{draft_id}/alternatives/{of}", response=TrialDraftOut, summary="Throw an alternative away"
)
def drop_trial_alternative(
    request: HttpRequest,
    draft_id: str,
    of: Annotated[int, Path(ge=1, le=drafts.MOST_ALTERNATIVES)],
    seen: Annotated[str, Query(max_length=40)],
) -> dict[str, Any]:
    """409 where somebody wrote meanwhile."""
    return _draft(writes.drop_alternative(_user(request), writes.Seen(draft_id, of, seen), timezone.now()))


@router.delete("/trials/drafts/{draft_id}", response={204: None}, summary="Throw a draft away")
def discard_trial_draft(request: HttpRequest, draft_id: str) -> Answer[None]:
    """With all that was tried on it."""
    writes.discard(_user(request), draft_id)
    return Answer(204, None)


@router.get("/trials/drafts/{draft_id}/checks", response=ChecksOut, summary="What the law says to a change")
def trial_draft_checks(
    request: HttpRequest, draft_id: str, of: Annotated[int, Query(ge=0, le=drafts.MOST_ALTERNATIVES)] = 0
) -> dict[str, Any]:
    """Where it parts from today's law, with a case at the boundary; 404 where it cannot be read or says nothing."""
    found = find(_user(request), draft_id)
    text = text_of(found, of)
    if not text.strip() or drafts.faults(text):
        raise TrialDraft.DoesNotExist
    on, changes, unsettled, proved = drafts_checks.compared(
        text, found.flow, found.crosses, timezone.localdate()
    )
    return {
        "on": on,
        "equal": not changes and not unsettled,
        "unsettled": unsettled,
        "changes": [change.as_dict() for change in changes],
        "findings": [finding.as_dict() for finding in proved],
    }


@router.post(
    "/trials/drafts/{draft_id}/impact", response={202: DraftedOut}, summary="Try a draft on the past"
)
def ask_trial_impact(request: HttpRequest, draft_id: str, body: ImpactIn) -> Answer[Any]:
    """The node's worker does it; ask for the id until its state is done. The same question is answered from what was kept."""
    asked = asks.Asked(body.history, body.crosses, body.since, body.until, body.on)
    return Answer(202, {"id": asks.ask(_user(request), draft_id, asked, timezone.now()).pk})


@router.get("/trials/impact/{run_id}", response=ImpactOut, summary="What a draft would have done")
def trial_impact(request: HttpRequest, run_id: str) -> dict[str, Any]:
    """State, progress and result."""
    return _run(find_run(_user(request), run_id))


@router.get("/trials/impact/{run_id}/cases", response=list[PastCaseOut], summary="Cases behind a number")
def trial_impact_cases(
    request: HttpRequest,
    run_id: str,
    turn: Annotated[str, Query(max_length=40, examples=["clear-conditional"])],
    version: Annotated[int, Query(ge=1, le=1 + drafts.MOST_ALTERNATIVES)] = 1,
) -> list[dict[str, Any]]:
    """The first cases whose outcome turns so under a version."""
    run = find_run(_user(request), run_id)
    if run.result is None or version > len(run.changes):
        raise ImpactRun.DoesNotExist
    found = impact_told.cases(run, impact.from_json(run.result), version, turn)
    return [
        {"name": case.name, "day": case.day, "outcomes": list(case.outcomes), "facts": dict(case.facts)}
        for case in found
    ]


@router.post("/trials/impact/{run_id}/stop", response={204: None}, summary="Stop trying a draft")
def stop_trial_impact(request: HttpRequest, run_id: str) -> Answer[None]:
    """What was counted so far is kept and said to be partial."""
    asks.stop(_user(request), run_id)
    return Answer(204, None)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _line(found: TrialDraft) -> dict[str, Any]:
    return {
        "id": found.pk,
        "title": found.title,
        "flow": found.flow,
        "crosses": found.crosses,
        "alternatives": len(found.alternatives),
        "changed_at": found.changed_at,
    }


def _draft(found: TrialDraft) -> dict[str, Any]:
    return {
        **_line(found),
        "question": found.question,
        "texts": [
            {"of": of, "text": text, "faults": [fault._asdict() for fault in drafts.faults(text)]}
            for of, text in enumerate(texts(found))
        ],
        "example": found.example,
        "seen": found.changed_at.isoformat(),
    }


def _run(run: ImpactRun) -> dict[str, Any]:
    assumed = histories.assumptions(run.flow).says["en"] if run.history == histories.GENERATED else ""
    return {
        "id": run.pk,
        "draft": run.draft_id,
        "state": run.state,
        "read": run.read,
        "rows": run.rows,
        "history": run.history,
        "assumed": assumed,
        "numbers": run.numbers,
        "says": run.says,
        "result": run.result,
    }
