"""What officers do: decide for an authority, clear, refuse or revoke for the park."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from twoparks.federation.actions import record
from twoparks.permits import terms as t
from twoparks.permits.actions.guards import Case, demand_open, demand_reasons, take_up
from twoparks.permits.actions.node import follow
from twoparks.permits.actions.places import free_place
from twoparks.permits.reading import Reader
from twoparks.permits.types import (
    Action,
    AuthorityAnswer,
    Empty,
    NotPossible,
    PermitId,
    Reasons,
    Terms,
    Todo,
    Waits,
)
from twoparks.permits.work import grounds
from twoparks.registry.access import Subject, Verb, demand
from twoparks.registry.models import User
from twoparks.registry.node import this_node

NUMBER_MAX = 80
_FOR_THE_PARK = frozenset({Waits.LAW, Waits.DENIED, Waits.STATEMENT})


@transaction.atomic
def decide(user: User, permit: PermitId, answer: AuthorityAnswer, seen: int, now: datetime) -> None:
    """Answer for one authority about one measure or provision that waits for it."""
    case = take_up(user, permit, seen)
    if answer.authority is None:
        role = demand(user, Verb.CLEAR)
    else:
        role = demand(user, Verb.DECIDE, Subject(authorities=frozenset({answer.authority})))
    demand_open(case, Verb.SEE_PERMIT, Action.DECIDE, now)
    if not _is_asked(case, answer):
        raise NotPossible("not_asked", _("This does not wait for that authority."))
    demand_reasons(answer.reasons, case.answer)
    reader = Reader()
    number = reader.text(answer.number, "number", NUMBER_MAX, optional=True)
    reader.done()
    body: dict[str, object] = {
        "measure": answer.measure,
        "provision": answer.provision,
        "authority": answer.authority,
        "decision": answer.decision,
        "reasons": answer.reasons.text,
        "provisions": list(answer.reasons.provisions),
        "number": number,
        "seen": seen,
    }
    said = record(case.act("permit.decided", body, role), now, expected=seen)
    follow(case.stream, now, (*case.acts, said))


@transaction.atomic
def clear(user: User, permit: PermitId, terms: Terms | None, seen: int, now: datetime) -> None:
    """Sign this park's clearance, of all that was declared or of `terms` within it, once nothing is left to do."""
    case = take_up(user, permit, seen)
    role = demand_open(case, Verb.CLEAR, Action.CLEAR, now)
    version = case.state.current
    offered = terms if terms is not None else offer_of(case)
    _demand_terms(case, offered)
    place = free_place()
    body: dict[str, object] = {
        "declaration_digest": version.digest,
        "terms": t.to_json(offered),
        "status_place": {"list": place.list, "index": place.index},
        "grounds": [dict(ground) for ground in grounds(version, case.answer.answered())],
        "seen": seen,
    }
    said = record(case.act("permit.cleared", body, role), now, expected=seen)
    follow(case.stream, now, (*case.acts, said))


@transaction.atomic
def refuse(user: User, permit: PermitId, reasons: Reasons, seen: int, now: datetime) -> None:
    """Refuse this version for the park; the applicant may vary it."""
    case = take_up(user, permit, seen)
    role = demand_open(case, Verb.REFUSE, Action.REFUSE, now)
    demand_reasons(reasons, case.answer)
    body: dict[str, object] = {
        "declaration_digest": case.state.current.digest,
        "reasons": reasons.text,
        "provisions": list(reasons.provisions),
    }
    said = record(case.act("permit.refused", body, role), now, expected=seen)
    follow(case.stream, now, (*case.acts, said))


@transaction.atomic
def revoke(user: User, permit: PermitId, reasons: Reasons, seen: int, now: datetime) -> None:
    """End the permit by this park's own status list; no gate with a fresh list opens for it again."""
    case = take_up(user, permit, seen)
    role = demand_open(case, Verb.REVOKE, Action.REVOKE, now)
    demand_reasons(Reasons(reasons.text), case.answer)
    said = record(case.act("permit.revoked", {"reasons": reasons.text}, role), now, expected=seen)
    follow(case.stream, now, (*case.acts, said))


def offer_of(case: Case) -> Terms:
    """All that was declared, ended by the first approval to end, as stated or as a register knows it, or by the trial."""
    version = case.state.current
    ends = [check.valid_until for check in version.checks if check.answer == "valid"]
    return t.offer(version.declaration, this_node().park.time_zone, [*ends, case.last_day])


def _demand_terms(case: Case, offered: Terms) -> None:
    version = case.state.current
    reader = Reader()
    if (beyond := t.exceeds(offered, offer_of(case))) is not None:
        reader.wrong("terms", None, beyond)
    empty: str | None = None
    if isinstance(alone := t.intersect(offered, offered), Empty):
        empty = alone.says
    reader.done()
    for clearance in version.cleared.values():
        if isinstance(shared := t.intersect(offered, clearance.terms), Empty):
            empty = shared.says
    if empty is not None:
        raise NotPossible("terms_empty", _("%(why)s Offer other terms, or refuse.") % {"why": empty})


def _is_asked(case: Case, answer: AuthorityAnswer) -> bool:
    if (answer.measure is None) == (answer.provision is None):
        return False
    if any(_matches(todo, answer) for todo in case.work):
        return True
    return any(
        (d.authority, d.measure, d.provision) == (answer.authority, answer.measure, answer.provision)
        for d in case.state.current.decisions
    )


def _matches(todo: Todo, answer: AuthorityAnswer) -> bool:
    if todo.why in _FOR_THE_PARK:
        return False
    mine = answer.authority in todo.authorities if answer.authority is not None else not todo.authorities
    if answer.measure is not None:
        return mine and answer.measure in todo.measures
    return mine and not todo.measures and answer.provision in todo.provisions
