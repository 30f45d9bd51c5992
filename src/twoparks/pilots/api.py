"""Trials over the API: every list and action of the pages, by the same rules of access."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from ninja.responses import Status as Answer
from pydantic import Field

from twoparks.lists import api as lists
from twoparks.pilots import actions, queries
from twoparks.pilots import protocol as p
from twoparks.pilots.lists import CASES, TRIALS
from twoparks.pilots.types import TrialId
from twoparks.registry.models import User
from twoparks.registry.shapes import Given, Key, Raw, Text

router = Router(tags=["trials"])


class TrialMade(Schema):
    """The number of a trial."""

    id: str


class TrialSeenIn(Given):
    """How many acts of the trial you had before you."""

    seen: Annotated[int, Field(ge=0)]


class TrialReasonsIn(TrialSeenIn):
    """An action with its reasons."""

    reasons: Text


class AgreementIn(TrialReasonsIn):
    """What an authority that the protocol names says."""

    authority: Key
    agrees: bool


class OpeningIn(TrialSeenIn):
    """That the park lets it decide, having seen these figures."""

    figures_digest: Key


class HarmIn(TrialReasonsIn):
    """A harm: which measure of the protocol, under which permit; no personal data."""

    measure: Key
    permit: Key = ""


class ProtocolIn(TrialSeenIn):
    """The next version of a protocol."""

    protocol: Raw


class FileIn(Given):
    """A protocol, and the draft it began from."""

    protocol: Raw
    draft: Key = ""


class JoinIn(Given):
    """An organisation of yours that takes part; named in the public register or only counted there."""

    organisation: Key
    named: bool = False


class ReportIn(TrialSeenIn):
    """What is proposed, and a summary in three languages."""

    proposal: Literal["widen", "repeat", "end"]
    summary: dict[str, Text]


class TrialActionOut(Schema):
    """An action your roles allow; `open` says whether the trial's state does too, `says` why not."""

    action: str
    open: bool
    says: str


class ChangedOut(Schema):
    """A provision or parameter that the law on trial says otherwise."""

    id: str
    how: str
    says: dict[str, str]


class TrialOut(Schema):
    """One trial. Send `acts_seen` back as `seen` with every action."""

    id: str
    home: str
    status: str
    version: int
    protocol: dict[str, Any]  # Any: docs/protocol.md, Trials of rules
    protocol_digest: str
    agreed: dict[str, bool]
    signed_by: list[str]
    opened_by: list[str]
    taking_part: int
    organisations: list[str]
    figures: dict[str, Any]  # Any: counts, as acts carry them
    figures_digest: str
    stopped_why: str
    stopped_at: datetime | None
    proposal: str
    changes: list[ChangedOut]
    possible: list[TrialActionOut]
    acts_seen: int


TrialsAsked, CasesAsked = (lists.parameters(each) for each in (TRIALS, CASES))


@router.get("/trials", response=lists.answers(TRIALS), summary="Trials of both parks")
def trials(request: HttpRequest, asked: Query[TrialsAsked]) -> Raw:  # type: ignore[valid-type]  # made above
    """As the page lists them: the same filters, order and pages."""
    return lists.answer(request, TRIALS, asked)


@router.get("/trials/cases", response=lists.answers(CASES), summary="Cases of trials")
def trial_cases(request: HttpRequest, asked: Query[CasesAsked]) -> Raw:  # type: ignore[valid-type]  # made above
    """What the law in force and the law on trial say of each declaration in a trial's scope."""
    queries.demand_cases(_user(request))
    return lists.answer(request, CASES, asked)


@router.post("/trials", response={201: TrialMade}, summary="File a protocol")
def file_trial(request: HttpRequest, body: FileIn) -> Answer:
    """File a protocol; 422 lists every problem, each with its field."""
    made = actions.file(_user(request), body.protocol, timezone.now(), body.draft)
    return Answer(201, {"id": made})


@router.get("/trials/{trial_id}", response=TrialOut, summary="One trial")
def trial(request: HttpRequest, trial_id: str) -> Raw:
    """One trial with its protocol, its figures, and what you can do."""
    detail = queries.detail(_user(request), trial_id, timezone.now())
    found, stopped = detail.trial, detail.trial.stopped
    return {
        "id": found.id,
        "home": found.home,
        "status": str(detail.status),
        "version": found.current.number,
        "protocol": p.to_json(found.protocol),
        "protocol_digest": found.current.digest,
        "agreed": {key: said.agrees for key, said in found.current.agreed.items()},
        "signed_by": sorted(found.current.signed),
        "opened_by": sorted(found.current.opened),
        "taking_part": detail.taking_part,
        "organisations": sorted(joined.organisation for joined in detail.joined),
        "figures": detail.figures.as_json(),
        "figures_digest": detail.figures.digest(),
        "stopped_why": str(stopped.why) if stopped else "",
        "stopped_at": stopped.at if stopped else None,
        "proposal": found.reported.proposal if found.reported else "",
        "changes": [{"id": c.id, "how": c.how, "says": dict(c.says)} for c in detail.changes],
        "possible": [
            {"action": str(answer.action), "open": answer.open, "says": answer.says}
            for answer in detail.possible.values()
        ],
        "acts_seen": found.acts,
    }


@router.post("/trials/{trial_id}/versions", response=TrialOut, summary="File a protocol anew")
def file_trial_anew(request: HttpRequest, trial_id: str, body: ProtocolIn) -> Raw:
    """File the next version; what was agreed for an earlier one ends."""
    actions.file_anew(_user(request), TrialId(trial_id), body.protocol, body.seen, timezone.now())
    return trial(request, trial_id)


@router.post("/trials/{trial_id}/agreements", response=TrialOut, summary="Answer for an authority")
def agree_to_trial(request: HttpRequest, trial_id: str, body: AgreementIn) -> Raw:
    """Say for an authority that the protocol names whether it agrees."""
    answer = (body.authority, body.agrees, body.reasons)
    actions.agree(_user(request), TrialId(trial_id), answer, body.seen, timezone.now())
    return trial(request, trial_id)


@router.post("/trials/{trial_id}/signature", response=TrialOut, summary="Sign a trial for this park")
def sign_trial(request: HttpRequest, trial_id: str, body: TrialSeenIn) -> Raw:
    """Sign once each authority of this bank agreed."""
    actions.sign(_user(request), TrialId(trial_id), body.seen, timezone.now())
    return trial(request, trial_id)


@router.post("/trials/{trial_id}/refusal", response=TrialOut, summary="Refuse a trial for this park")
def refuse_trial(request: HttpRequest, trial_id: str, body: TrialReasonsIn) -> Raw:
    """Refuse this version; the rule maker may file another."""
    actions.refuse(_user(request), TrialId(trial_id), body.reasons, body.seen, timezone.now())
    return trial(request, trial_id)


@router.post("/trials/{trial_id}/opening", response=TrialOut, summary="Let a trial decide")
def open_trial(request: HttpRequest, trial_id: str, body: OpeningIn) -> Raw:
    """Open it for this park on the figures of that digest; it decides once both parks did."""
    actions.open_trial(_user(request), TrialId(trial_id), body.figures_digest, body.seen, timezone.now())
    return trial(request, trial_id)


@router.post("/trials/{trial_id}/stop", response=TrialOut, summary="Stop a trial")
def stop_trial(request: HttpRequest, trial_id: str, body: TrialReasonsIn) -> Raw:
    """Stop it for both parks."""
    actions.stop(_user(request), TrialId(trial_id), body.reasons, body.seen, timezone.now())
    return trial(request, trial_id)


@router.post("/trials/{trial_id}/harms", response=TrialOut, summary="Record a harm")
def record_harm(request: HttpRequest, trial_id: str, body: HarmIn) -> Raw:
    """Record a harm of one of the protocol's measures; the stop rule is asked at once."""
    said = (body.measure, body.permit, body.reasons)
    actions.record_harm(_user(request), TrialId(trial_id), said, body.seen, timezone.now())
    return trial(request, trial_id)


@router.post("/trials/{trial_id}/participants", response=TrialOut, summary="Join a trial")
def join_trial(request: HttpRequest, trial_id: str, body: JoinIn) -> Raw:
    """Take part with an organisation of yours."""
    actions.join(_user(request), TrialId(trial_id), body.organisation, body.named, timezone.now())
    return trial(request, trial_id)


@router.delete("/trials/{trial_id}/participants/{organisation}", response=TrialOut, summary="Leave a trial")
def leave_trial(request: HttpRequest, trial_id: str, organisation: str) -> Raw:
    """Take no part any more."""
    actions.leave(_user(request), TrialId(trial_id), organisation, timezone.now())
    return trial(request, trial_id)


@router.post("/trials/{trial_id}/report", response=TrialOut, summary="Report a trial")
def report_trial(request: HttpRequest, trial_id: str, body: ReportIn) -> Raw:
    """Propose what follows from an ended trial, with the figures as they stand."""
    raw = {"proposal": body.proposal, "summary": body.summary}
    actions.report(_user(request), TrialId(trial_id), raw, body.seen, timezone.now())
    return trial(request, trial_id)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
