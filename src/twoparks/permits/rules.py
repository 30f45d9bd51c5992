"""What a permit is: a pure function of its acts. No clock, no database, no user in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from twoparks.federation.types import StoredAct
from twoparks.permits import declarations, terms
from twoparks.permits.types import (
    OPEN,
    USABLE,
    Action,
    Clearance,
    Decision,
    Declared,
    Determined,
    Passage,
    PermitId,
    PermitState,
    Possible,
    Reasons,
    RegisterCheck,
    Required,
    Said,
    Signature,
    Status,
    StatusPlaceRef,
    Terms,
    Todo,
    Version,
    Waits,
)


class NoPermit(LookupError):
    """The stream holds no declaration: there is no such permit at this node."""


def fold(acts: Iterable[StoredAct], before: PermitState | None = None) -> PermitState:
    """The permit its acts make, whatever the order in which two parks' acts came in; raises NoPermit when there is none.

    `before`: what earlier acts of the stream made already; `acts` are those after them.
    """
    state = before
    for act in acts:
        if act.kind == "permit.declared":
            state = _declared(state, act)
        elif state is not None:
            state = _FOLDS.get(act.kind, _nothing)(state, act)
            state = replace(state, acts=state.acts + 1, changed_at=_changed_at(state, act))
    if state is None:
        raise NoPermit("no declaration under this number has reached this park")
    return state


def _changed_at(state: PermitState, act: StoredAct) -> datetime:
    """When the permit last changed; a person's movements do not show in it."""
    moved = act.kind.startswith(("crossing.", "person.")) and state.current.declaration.traveller is not None
    return state.changed_at if moved else act.at


def status(state: PermitState, now: datetime) -> Status:
    """Where the permit stands at `now`."""
    version = state.current
    if state.withdrawn_at is not None:
        return Status.WITHDRAWN
    if version.revoked:
        return Status.REVOKED
    if version.refused:
        return Status.REFUSED
    if len(version.signed) == 2:
        return _signed_status(state, now)
    if now >= terms.offer(version.declaration, "UTC").valid_until:
        return Status.EXPIRED
    if version.cleared:
        return Status.CLEARED_BY_ONE
    return Status.IN_REVIEW if len(version.determined) == 2 else Status.DECLARED


def remaining(version: Version) -> Mapping[int, int]:
    """Quantity left of each line: what both allow less what passed on the leg that more has passed."""
    allowed = terms.agreed(version)
    if not isinstance(allowed, Terms):
        return {}
    passed: dict[str, Counter[int]] = {"exit": Counter(), "entry": Counter()}
    for passage in version.passages:
        passed[passage.leg].update(passage.quantities)
    return {
        item.line: item.quantity - max(on_leg[item.line] for on_leg in passed.values())
        for item in allowed.items
    }


def possible_actions(
    state: PermitState, park: str, work: tuple[Todo, ...], now: datetime
) -> tuple[Possible, ...]:
    """Every action with whether this park's people may take it now, and why not."""
    found = []
    for action, refusal in _REFUSALS.items():
        says = refusal(state, park, work, status(state, now))
        found.append(Possible(action, says is None, says or ""))
    return tuple(found)


def ended_versions(state: PermitState) -> frozenset[int]:
    """Versions whose status places must say so: replaced, refused, revoked or withdrawn."""
    return frozenset(
        v.number
        for v in state.versions
        if v is not state.current or v.refused or v.revoked or state.withdrawn_at is not None
    )


def _signed_status(state: PermitState, now: datetime) -> Status:
    version = state.current
    person = version.declaration.traveller is not None
    legs: dict[str, set[str]] = {}
    for passage in version.passages:
        legs.setdefault(passage.crossing, set()).add(passage.leg)
    for one in version.declared:
        legs.setdefault(one.crossing, set()).add("declared")
    lone = (seen == {"exit"} and crossing not in state.settled for crossing, seen in legs.items())
    if not person and (state.besides.under_way or any(lone)):
        return Status.IN_TRANSIT
    allowed = terms.agreed(version)
    if isinstance(allowed, Terms):
        begun = [seen for seen in legs.values() if not person or seen & {"entry", "declared"}]
        uses = len(begun) + state.besides.begun
        if allowed.uses is not None and uses >= allowed.uses * (2 if person else 1):
            return Status.COMPLETED
        if now >= allowed.valid_until:
            return Status.EXPIRED
    return Status.IN_FORCE


# --- why an action is not possible ------------------------------------------------------------------------------

_Refusal = Callable[[PermitState, str, tuple[Todo, ...], Status], str | None]


def _no_vary(state: PermitState, park: str, work: tuple[Todo, ...], now: Status) -> str | None:
    if park != state.home:
        return _("Only the applicant's own park can vary the declaration.")
    if state.current.passages and state.current.declaration.traveller is None:
        return _("Goods have passed a gate under this version; declare what is left anew.")
    if now in OPEN | {Status.REFUSED, Status.IN_FORCE}:
        return None
    return _("The permit has ended; declare anew.")


def _no_withdraw(state: PermitState, park: str, work: tuple[Todo, ...], now: Status) -> str | None:
    if park != state.home:
        return _("Only the applicant's own park can withdraw the declaration.")
    if now in OPEN | {Status.REFUSED, Status.IN_FORCE}:
        return None
    if now is Status.IN_TRANSIT:
        return _("Goods are on their way under this permit.")
    return _("The permit has ended.")


def _no_decide(state: PermitState, park: str, work: tuple[Todo, ...], now: Status) -> str | None:
    if now not in OPEN:
        return _("There is nothing to decide: the permit is no longer open.")
    if park in state.current.cleared:
        return _("This park has cleared this version.")
    return None


def _no_clear(state: PermitState, park: str, work: tuple[Todo, ...], now: Status) -> str | None:
    if (closed := _no_decide(state, park, work, now)) is not None:
        return closed
    if park not in state.current.determined:
        return _("The law of this bank has not been asked about this version.")
    if work:
        if any(todo.why in {Waits.LAW, Waits.DENIED} for todo in work):
            return _("The law or an authority says no: this can only be refused.")
        return _("Work is left: each authority the law names must have decided first.")
    return None


def _no_refuse(state: PermitState, park: str, work: tuple[Todo, ...], now: Status) -> str | None:
    return _no_decide(state, park, work, now)


def _no_revoke(state: PermitState, park: str, work: tuple[Todo, ...], now: Status) -> str | None:
    if park not in state.current.cleared:
        return _("This park has not cleared this version, so there is nothing to revoke.")
    if now in USABLE | {Status.CLEARED_BY_ONE}:
        return None
    return _("The permit has ended.")


_REFUSALS: Mapping[Action, _Refusal] = {
    Action.VARY: _no_vary,
    Action.WITHDRAW: _no_withdraw,
    Action.DECIDE: _no_decide,
    Action.CLEAR: _no_clear,
    Action.REFUSE: _no_refuse,
    Action.REVOKE: _no_revoke,
}


# --- folding one act --------------------------------------------------------------------------------------------


def _declared(state: PermitState | None, act: StoredAct) -> PermitState:
    declaration = declarations.from_json(act.body["declaration"])
    number, trial = act.body["version"], act.body.get("trial", "")
    version = Version(number, declaration, declarations.digest_of(declaration), act.at, trial=trial)
    if state is None:
        return PermitState(PermitId(act.stream), act.park, (version,), None, 1, act.at)
    return replace(state, versions=(*state.versions, version), acts=state.acts + 1, changed_at=act.at)


def _on_version(
    change: Callable[[Version, StoredAct], Version],
) -> Callable[[PermitState, StoredAct], PermitState]:
    def folded(state: PermitState, act: StoredAct) -> PermitState:
        number = act.body["version"]
        versions = tuple(change(v, act) if v.number == number else v for v in state.versions)
        return replace(state, versions=versions)

    return folded


def _nothing(state: PermitState, act: StoredAct) -> PermitState:
    return state


def _withdrawn(state: PermitState, act: StoredAct) -> PermitState:
    return replace(state, withdrawn_at=act.at)


def _faulty(state: PermitState, act: StoredAct) -> PermitState:
    return replace(state, faulty=state.faulty | {act.body["crossing"]})


def _settled(state: PermitState, act: StoredAct) -> PermitState:
    return replace(state, settled=state.settled | {act.body["crossing"]})


def _determined(version: Version, act: StoredAct) -> Version:
    body = act.body
    made = Determined(
        park=act.park,
        bank=body["bank"],
        outcome=body["outcome"],
        pack_digest=body["pack_digest"],
        facts_digest=body["facts_digest"],
        required=tuple(Required(r["measure"], r["held"]) for r in body["required"]),
        at=act.at,
        trial=body.get("trial", ""),
    )
    return replace(version, determined={**version.determined, act.park: made})


def _checked(version: Version, act: StoredAct) -> Version:
    body = act.body
    until = body["valid_until"]
    made = RegisterCheck(
        measure=body["measure"],
        number=body["number"],
        register=body["register"],
        answer=body["answer"],
        simulated=body["simulated"],
        valid_until=None if until is None else date.fromisoformat(until),
        at=act.at,
    )
    return replace(version, checks=(*version.checks, made))


def _decided(version: Version, act: StoredAct) -> Version:
    body = act.body
    made = Decision(
        measure=body["measure"],
        provision=body["provision"],
        authority=body["authority"],
        decision=body["decision"],
        reasons=_reasons(body),
        number=body["number"],
        actor=act.by.actor,
        at=act.at,
    )
    return replace(version, decisions=(*version.decisions, made))


def _cleared(version: Version, act: StoredAct) -> Version:
    if act.park in version.cleared:
        return version
    body = act.body
    made = Clearance(
        park=act.park,
        declaration_digest=body["declaration_digest"],
        terms=terms.from_json(body["terms"]),
        place=StatusPlaceRef(**body["status_place"]),
        grounds=tuple(body["grounds"]),
        actor=act.by.actor,
        at=act.at,
    )
    return replace(version, cleared={**version.cleared, act.park: made})


def _refused(version: Version, act: StoredAct) -> Version:
    return replace(version, refused={**version.refused, act.park: _said(act)})


def _revoked(version: Version, act: StoredAct) -> Version:
    return replace(version, revoked={**version.revoked, act.park: _said(act)})


def _signed(version: Version, act: StoredAct) -> Version:
    made = Signature(act.park, act.body["permit_digest"], act.body["signature_part"], act.at)
    return replace(version, signed={**version.signed, act.park: made})


def _passed(version: Version, act: StoredAct) -> Version:
    body: Mapping[str, Any] = act.body
    made = Passage(
        crossing=body["crossing"],
        leg=body["leg"],
        park=act.park,
        gate=body["gate"],
        group=body["group"],
        event_number=body["event_number"],
        at=datetime.fromisoformat(body["at"]),
        version=body["version"],
        quantities={item["line"]: item["quantity"] for item in body["items"]},
        inspection=body["inspection"],
    )
    return replace(version, passages=(*version.passages, made))


def _declared_passage(version: Version, act: StoredAct) -> Version:
    body = act.body
    at = datetime.fromisoformat(body["at"])
    made = Declared(body["crossing"], body["control_point"], at, act.park)
    return replace(version, declared=(*version.declared, made))


def _said(act: StoredAct) -> Said:
    return Said(act.park, _reasons(act.body), act.by.actor, act.at)


def _reasons(body: Mapping[str, Any]) -> Reasons:
    return Reasons(body["reasons"], tuple(body.get("provisions", ())))


_FOLDS: Mapping[str, Callable[[PermitState, StoredAct], PermitState]] = {
    "permit.withdrawn": _withdrawn,
    "permit.determined": _on_version(_determined),
    "permit.register_checked": _on_version(_checked),
    "permit.decided": _on_version(_decided),
    "permit.cleared": _on_version(_cleared),
    "permit.refused": _on_version(_refused),
    "permit.revoked": _on_version(_revoked),
    "permit.signed": _on_version(_signed),
    "crossing.passed": _on_version(_passed),
    "crossing.declared": _on_version(_declared_passage),
    "crossing.discrepancy_opened": _faulty,
    "crossing.discrepancy_closed": _settled,
}
