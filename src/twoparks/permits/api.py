"""Permits over the API: every list and action of the pages, by the same rules of access."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Body, Query, Router
from ninja.responses import Status as Answer

from twoparks.lists import api as lists
from twoparks.permits import actions, declarations, queries, standing
from twoparks.permits import terms as t
from twoparks.permits.lists import PERMITS
from twoparks.permits.models import Draft
from twoparks.permits.queries import PermitDetail
from twoparks.permits.shapes import (
    ActOut,
    ClearIn,
    DecisionIn,
    DraftOut,
    FiguresOut,
    Made,
    PassOut,
    PermitOut,
    QuestionIn,
    QueueOut,
    ReasonsIn,
    SeenIn,
    VaryIn,
)
from twoparks.permits.types import (
    AuthorityAnswer,
    DraftId,
    Invalid,
    PermitId,
    Problem,
    Reasons,
    Terms,
    Todo,
)
from twoparks.permits.waiting import WAITING, WORK
from twoparks.registry.models import User
from twoparks.registry.shapes import Key, PageNumber, Raw

router = Router(tags=["permits"])


PermitsAsked, WorkAsked, WaitingAsked = (lists.parameters(each) for each in (PERMITS, WORK, WAITING))


@router.get("/permits", response=lists.answers(PERMITS), summary="Permits you may see")
def permits(request: HttpRequest, asked: Query[PermitsAsked]) -> Raw:  # type: ignore[valid-type]  # made above
    """As the page lists them: the same filters, order and pages."""
    return lists.answer(request, PERMITS, asked)


@router.post("/permits", response={201: Made}, summary="Declare")
def declare(request: HttpRequest, body: Body[Raw]) -> Answer:
    """Declare to both banks; the body is a declaration as in `examples/`."""
    return Answer(201, {"id": actions.declare(_user(request), body, timezone.now())})


@router.post("/permits/check", response=Raw, summary="Check a declaration without declaring it")
def check_declaration(request: HttpRequest, body: Body[Raw]) -> Raw:
    """The declaration as it would be declared; 422 lists every problem."""
    return declarations.to_json(queries.check(_user(request), body, timezone.now()))


@router.get("/permits/{permit_id}", response=PermitOut, summary="One permit")
def permit(request: HttpRequest, permit_id: str) -> Raw:
    """One permit with what is left to do and what you can do."""
    return _permit(queries.detail(_user(request), PermitId(permit_id), timezone.now()))


@router.get("/permits/{permit_id}/acts", response=list[ActOut], summary="What happened to a permit")
def acts(request: HttpRequest, permit_id: str) -> list[Raw]:
    """Every act of its stream this park holds, in this park's order."""
    detail = queries.detail(_user(request), PermitId(permit_id), timezone.now())
    return [
        {
            "id": act.id,
            "kind": act.kind,
            "park": act.park,
            "seq": act.seq,
            "at": act.at,
            "by": {"role": act.by.role, "actor": act.by.actor, "authority": act.by.authority},
            "body": dict(act.body),
            "digest": act.digest,
        }
        for act in detail.acts
    ]


@router.get("/permits/{permit_id}/pass", response={200: PassOut, 404: None}, summary="The pass")
def permit_pass(request: HttpRequest, permit_id: str) -> Answer:
    """The pass while it can be used; 404 before both parks signed and after it ended."""
    detail = queries.detail(_user(request), PermitId(permit_id), timezone.now())
    text, svg = queries.pass_text(detail), queries.qr_svg(detail)
    return Answer(200, {"text": text, "svg": svg}) if text else Answer(404, None)


@router.post("/permits/{permit_id}/versions", response=PermitOut, summary="Declare a new version")
def vary(request: HttpRequest, permit_id: str, body: VaryIn) -> Raw:
    """Vary the declaration; clearances of earlier versions end."""
    actions.vary(_user(request), PermitId(permit_id), body.declaration, body.seen, timezone.now())
    return permit(request, permit_id)


@router.post("/permits/{permit_id}/withdrawal", response=PermitOut, summary="Withdraw")
def withdraw(request: HttpRequest, permit_id: str, body: SeenIn) -> Raw:
    """Take the declaration back for good."""
    actions.withdraw(_user(request), PermitId(permit_id), body.seen, timezone.now())
    return permit(request, permit_id)


@router.post("/permits/{permit_id}/decisions", response=PermitOut, summary="Decide for an authority")
def decide(request: HttpRequest, permit_id: str, body: DecisionIn) -> Raw:
    """Answer for one authority about one measure or provision that waits for it."""
    answer = AuthorityAnswer(
        body.authority,
        body.decision,
        Reasons(body.reasons, tuple(body.provisions)),
        body.measure,
        body.provision,
        body.number,
    )
    actions.decide(_user(request), PermitId(permit_id), answer, body.seen, timezone.now())
    return permit(request, permit_id)


@router.post("/permits/{permit_id}/clearance", response=PermitOut, summary="Clear for this park")
def clear(request: HttpRequest, permit_id: str, body: ClearIn) -> Raw:
    """Sign this park's clearance once nothing is left to do."""
    try:
        given: Terms | None = None if body.terms is None else t.from_json(body.terms)
    except (KeyError, TypeError, ValueError) as error:
        raise _terms_wrong(body.terms, error) from error
    actions.clear(_user(request), PermitId(permit_id), given, body.seen, timezone.now())
    return permit(request, permit_id)


@router.post("/permits/{permit_id}/refusal", response=PermitOut, summary="Refuse this version")
def refuse(request: HttpRequest, permit_id: str, body: ReasonsIn) -> Raw:
    """Refuse for the park; the applicant may vary."""
    reasons = Reasons(body.reasons, tuple(body.provisions))
    actions.refuse(_user(request), PermitId(permit_id), reasons, body.seen, timezone.now())
    return permit(request, permit_id)


@router.post("/permits/{permit_id}/revocation", response=PermitOut, summary="Revoke")
def revoke(request: HttpRequest, permit_id: str, body: ReasonsIn) -> Raw:
    """End the permit by this park's own status list."""
    reasons = Reasons(body.reasons, tuple(body.provisions))
    actions.revoke(_user(request), PermitId(permit_id), reasons, body.seen, timezone.now())
    return permit(request, permit_id)


@router.get("/work", response=lists.answers(WORK), summary="What waits for your desks")
def work(request: HttpRequest, asked: Query[WorkAsked]) -> Raw:  # type: ignore[valid-type]  # made above
    """As the page lists it: the same filters, order and pages, what waits longest first."""
    return lists.answer(request, WORK, asked)


@router.get("/waiting", response=lists.answers(WAITING), summary="All that waits at this park")
def waiting(request: HttpRequest, asked: Query[WaitingAsked]) -> Raw:  # type: ignore[valid-type]  # made above
    """As the page lists it; for the park's officers and auditors."""
    return lists.answer(request, WAITING, asked)


@router.get("/queue", response=QueueOut, summary="What waits for an authority, or for the park")
def queue(
    request: HttpRequest, authority: Key | None = None, page: PageNumber = 1
) -> queries.Page[queries.QueueLine]:
    """What waits longest first; without `authority`, what waits for the park's officers."""
    return queries.queue(_user(request), timezone.now(), authority, page)


@router.get("/figures", response=FiguresOut, auth=None, summary="What stands at this park")
def figures(request: HttpRequest) -> standing.Figures:
    """Counts only; open to everybody, as on the front page."""
    return standing.figures(timezone.now())


@router.post("/determination", response=Raw, summary="What the law of both banks says")
def determination(request: HttpRequest, body: QuestionIn) -> Raw:
    """Each bank's determination for the facts stated; nothing is recorded."""
    found = queries.determination(body.flow, body.crosses, body.facts, body.held, body.on)
    return {bank: answer.as_dict() for bank, answer in found.items()}


@router.post("/questions", response=list[Raw], summary="What the law still needs to know")
def questions(request: HttpRequest, body: QuestionIn) -> list[Raw]:
    """Facts the law of both banks still needs, most settling first."""
    known = {**body.facts, "on": body.on.isoformat()}
    return [
        {"name": s.name, "type": s.type, "values": s.values, "unit": s.unit, "question": dict(s.question)}
        for s in queries.questions(body.flow, body.crosses, known)
    ]


@router.get("/drafts", response=list[DraftOut], summary="Drafts of your organisations")
def drafts(request: HttpRequest) -> tuple[Draft, ...]:
    """The last changed first."""
    return queries.drafts(_user(request))


@router.post("/drafts", response={201: DraftOut}, summary="Keep a draft")
def new_draft(request: HttpRequest, body: Body[Raw]) -> Answer:
    """Keep what was typed so far, as typed."""
    return Answer(201, actions.save_draft(_user(request), None, body, timezone.now()))


@router.put("/drafts/{draft_id}", response=DraftOut, summary="Change a draft")
def save_draft(request: HttpRequest, draft_id: str, body: Body[Raw]) -> Draft:
    """Replace what the draft says."""
    return actions.save_draft(_user(request), DraftId(draft_id), body, timezone.now())


@router.delete("/drafts/{draft_id}", response={204: None}, summary="Throw a draft away")
def discard_draft(request: HttpRequest, draft_id: str) -> Answer:
    """It cannot be brought back."""
    actions.discard_draft(_user(request), DraftId(draft_id))
    return Answer(204, None)


def _permit(detail: PermitDetail) -> Raw:
    version = detail.version
    return {
        "id": detail.state.id,
        "home": detail.state.home,
        "status": str(detail.status),
        "version": version.number,
        "declaration": declarations.to_json(version.declaration),
        "declaration_digest": version.digest,
        "outcome": str(detail.answer.outcome),
        "trial": version.trial,
        "answered_by": detail.answer.trial,
        "work": [_todo(work) for work in detail.work],
        "possible": [{"action": str(p.action), "open": p.open, "says": p.says} for p in detail.possible],
        "terms": t.to_json(detail.terms) if detail.terms else None,
        "offer": t.to_json(detail.offer),
        "remaining": dict(detail.remaining),
        "cleared_by": sorted(version.cleared),
        "signed_by": sorted(version.signed),
        "acts_seen": detail.state.acts,
    }


def _todo(work: Todo) -> Raw:
    return {
        "authorities": list(work.authorities),
        "why": str(work.why),
        "measures": list(work.measures),
        "provisions": list(work.provisions),
        "register_answer": work.register_answer,
        "simulated": work.simulated,
        "question": work.question,
        "no_desk": work.no_desk,
    }


def _terms_wrong(given: object, error: Exception) -> Exception:
    says = _("terms: %(problem)s; send them as the permit's offer shows them") % {"problem": repr(error)}
    return Invalid((Problem("terms", given, says),))


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
