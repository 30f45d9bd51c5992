"""The gate's decision, offline: what it reads, what it checks, and how a passage is taken and recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from twoparks.ledger.canonical import NotCanonical, base64url, instant
from twoparks.ledger.envelope import read_envelope
from twoparks.ledger.trust import Trust
from twoparks.passes.claims import PassClaims, Place, labels_digest, terms_digest
from twoparks.passes.cose import Verified, validity_refusal, verify_signatures
from twoparks.passes.holder import GateClock, Shown, check_proof
from twoparks.passes.qr import HOLDER_PREFIX, from_text
from twoparks.passes.refusal import PassRefused, Refusal
from twoparks.passes.status import REVOKED, SUSPENDED, VALID, Statuses, StatusList
from twoparks.passes.uses import AlreadyUsed, GateEvent, StoreUnreachable, Use, UseStore
from twoparks.passes.verdict import Light, Reason, Verdict, green, refer, stop

Leg = Literal["exit", "entry"]


@dataclass(frozen=True)
class GateContext:
    """All a gate knows. `crosses` are the numbers of the parks its lane leads from and to; `group` is its number.

    `status_fresh_s`, `status_max_s` and `terms_required` come from packs and settings; `clock_error_s` from the
    last synchronisation. `store` None means that the group's store cannot be reached.
    """

    gate: str
    group: int
    leg: Leg
    crosses: tuple[int, int]
    trust: Trust
    statuses: Statuses
    store: UseStore | None
    status_fresh_s: int
    status_max_s: int
    clock_error_s: float = 0.0
    clock_limit_s: float = 15.0
    time_zone: str = "UTC"  # whose hours of the day count here
    terms_required: bool = False

    @property
    def park(self) -> int:
        """The number of the park the gate stands in."""
        return self.crosses[0] if self.leg == "exit" else self.crosses[1]

    @property
    def leg_key(self) -> str:
        """What uses are counted by: the leg and its direction."""
        return f"{self.leg}:{self.crosses[0]}-{self.crosses[1]}"


@dataclass(frozen=True)
class Presented:
    """What is shown at the gate: the scanned code, the labels read off, the phone's proof, the terms if held."""

    qr_text: str
    labels: tuple[str, ...] = ()
    holder_text: str | None = None
    terms: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Passage:
    """One presentation to be admitted. `use_id` is new for each; `observed` is what the gate saw (items, seal).

    `limits` are the quantities by line that the terms allow on this leg, counted together with `observed`'s items.
    `counter` is the keyed pseudonym of the officer who lets a referred pass through; nobody can let a refused one.
    """

    use_id: str
    observed: Mapping[str, Any] = field(default_factory=dict)
    counter: str | None = None
    limits: Mapping[int, int] | None = None


def check(presented: Presented, context: GateContext, now: datetime) -> Verdict:
    """The verdict on what is shown, all checks made, nothing written."""
    try:
        raw = from_text(presented.qr_text)
    except PassRefused as refused:
        return Verdict.of([Reason.of(refused.refusal)])
    found = verify_signatures(raw, context.trust, now)
    if isinstance(found, Refusal):
        return Verdict.of([Reason.of(found)])
    claims = found.claims
    bound, step = _binding(presented, claims, context, now)
    reasons = [
        _signatures(found),
        _validity(claims, now),
        *_route(claims, context),
        *(_status(place, context, now) for place in claims.places),
        _terms(presented, claims, context),
        *_hours(presented, context, now),
        bound,
        _uses(claims, context),
    ]
    return Verdict.of(reasons, claims, step)


def admit(presented: Presented, context: GateContext, passage: Passage, now: datetime) -> Verdict:
    """Check, take the use, write the signed event, and only then answer green.

    A refusal or referral is recorded too. The same `use_id` again (a retry after a crash) answers as before.
    """
    verdict = check(presented, context, now)
    if context.store is None:
        return verdict
    try:
        return _record(verdict, (presented, context, passage, now), context.store)
    except StoreUnreachable as error:
        reason = refer("store_unreachable", f"{error}; nothing was taken: use the counter")
        return Verdict.of([*verdict.reasons, reason], verdict.claims)


_Asked = tuple[Presented, GateContext, Passage, datetime]
_LATER = {"already_used", "holder_step", "expired"}  # what an admitted passage itself, or time, brings about

_NOT_BY_COUNTER = {"terms_missing"}  # nobody can say there how much may cross: refresh the gate


def _record(verdict: Verdict, asked: _Asked, store: UseStore) -> Verdict:
    _, context, passage, _ = asked
    claims = verdict.claims
    if claims is not None and set(verdict.stops) <= _LATER:
        earlier = store.taken(passage.use_id)
        if earlier is not None:
            return _repeated(verdict, earlier, claims, context)
    by_counter = verdict.light is Light.REFER and passage.counter is not None
    by_counter = by_counter and not set(verdict.codes) & _NOT_BY_COUNTER
    if claims is None or not (verdict.light is Light.GREEN or by_counter):
        kind = "gate.referred" if verdict.light is Light.REFER else "gate.refused"
        return replace(verdict, event=store.record(_event(kind, verdict, asked)))
    taken = store.consume(
        _use(passage, claims, context, verdict.holder_step), _event("gate.passed", verdict, asked)
    )
    if isinstance(taken, AlreadyUsed):
        reason = _already(taken.reason, len(taken.events), claims)
        late = Verdict.of([*verdict.reasons, reason], claims)
        return replace(late, event=store.record(_event("gate.refused", late, asked)))
    return replace(verdict, light=Light.GREEN, event=taken.event)


def _repeated(verdict: Verdict, event: GateEvent, claims: PassClaims, context: GateContext) -> Verdict:
    act = read_envelope(event.envelope).act
    if (act["permit"], act["leg"], act["crosses"]) != (claims.permit, context.leg, list(context.crosses)):
        reason = stop("use_id_taken", "this presentation's id stands for another passage: present it anew")
        return Verdict.of([*verdict.reasons, reason], claims)
    said = green("repeated", "this presentation was admitted before; its event stands", event=event.n)
    return replace(Verdict.of([said], claims), event=event)


def _use(passage: Passage, claims: PassClaims, context: GateContext, step: int | None) -> Use:
    return Use(
        use_id=passage.use_id,
        permit=claims.permit,
        version=claims.version,
        leg=context.leg_key,
        allowed=claims.uses,
        holder_step=step,
        taking={row["line"]: row["quantity"] for row in passage.observed.get("items", ())},
        limits=passage.limits,
    )


def _event(kind: str, verdict: Verdict, asked: _Asked) -> dict[str, Any]:
    presented, context, passage, now = asked
    claims = verdict.claims
    return {
        "kind": kind,
        "at": instant(now),
        "group": context.group,
        "leg": context.leg,
        "crosses": list(context.crosses),
        "permit": claims.permit if claims else None,
        "version": claims.version if claims else None,
        "codes": verdict.codes,
        "counter": passage.counter,
        "labels_digest": base64url(labels_digest(presented.labels)) if _readable(presented.labels) else None,
        "clock_error_s": round(context.clock_error_s),
        "observed": dict(passage.observed),
    }


def _readable(labels: tuple[str, ...]) -> bool:
    try:
        labels_digest(labels)
    except PassRefused:
        return False
    return True


def _signatures(found: Verified) -> Reason:
    parks = " and ".join(key.park for key in found.keys)
    return green("signatures_good", f"signed by {parks}", parks=parks)


def _validity(claims: PassClaims, now: datetime) -> Reason:
    refusal = validity_refusal(claims, now)
    if refusal is not None:
        return Reason.of(refusal)
    until = claims.valid_until.isoformat()
    return green("valid", f"valid until {until}", valid_until=until)


def _route(claims: PassClaims, context: GateContext) -> Iterator[Reason]:
    if context.park not in claims.crosses:
        yield stop("wrong_bank", "the pass does not concern this bank", park=context.park)
        return
    ways = [claims.crosses, claims.crosses[::-1]] if claims.both_ways else [claims.crosses]
    if context.crosses not in ways:
        yield stop("wrong_direction", "the pass is for the other direction")
        return
    here, there = claims.exit_groups, claims.entry_groups
    if context.leg == "entry":
        here, there = there, here
    if not here or context.group in here:
        yield green("route_matches", "this bank, direction and gate group")
    elif context.group in there:
        yield stop("wrong_leg", f"the pass names this gate group for its other leg, not for {context.leg}")
    else:
        named = ", ".join(map(str, here))
        yield stop(
            "wrong_group", f"the pass is for gate group {named}, this is {context.group}", group=context.group
        )


def _status(place: Place, context: GateContext, now: datetime) -> Reason:
    held = context.statuses.get((place.park, place.list))
    park = context.trust.park_of_number(place.park) or str(place.park)
    if held is None or held.park != park:
        return stop("status_missing", f"no status list {place.list} of {park} is held here", park=park)
    key = context.trust.key(held.kid)
    if key is None or key.refusal_now(now) is not None:
        return stop(
            "status_key", f"the key that signed the status list of {park} is no longer good", park=park
        )
    try:
        status = held.statuses.get(place.index)
    except PassRefused as refused:
        return Reason.of(refused.refusal)
    if status != VALID:
        code, word = {REVOKED: ("revoked", "revoked"), SUSPENDED: ("suspended", "suspended")}.get(
            status, ("status_unknown", "given a status unknown here")
        )
        return stop(code, f"the permit was {word} by {park}", park=park)
    return _age(held, context, now)


def _age(held: StatusList, context: GateContext, now: datetime) -> Reason:
    age, park = held.age_s(now), held.park
    freshness = held.freshness(now, context.status_fresh_s, context.status_max_s)
    if freshness == "fresh":
        return green("status_fresh", f"the status list of {park} is {age} s old", park=park, age_s=age)
    if freshness == "ageing":
        said = f"the status list of {park} is {age} s old, fresh is {context.status_fresh_s} s"
        return refer("status_ageing", said, park=park, age_s=age, fresh_s=context.status_fresh_s)
    if freshness == "future":
        said = f"the status list of {park} is dated {-age} s ahead of this gate's clock"
        return refer("status_future", said, park=park, age_s=age)
    said = f"the status list of {park} is {age} s old, {context.status_max_s} s is the limit: refresh it"
    return stop("status_stale", said, park=park, age_s=age, max_s=context.status_max_s)


def _terms(presented: Presented, claims: PassClaims, context: GateContext) -> Reason:
    if presented.terms is None:
        said = "the terms document of this permit is not held here"
        return refer("terms_missing", said) if context.terms_required else green("terms_not_shown", said)
    try:
        same = terms_digest(presented.terms) == claims.terms_digest
    except NotCanonical:
        same = False
    if not same:
        return stop("terms_differ", "the terms document is not the one both parks signed")
    return green("terms_match", "the terms are those both parks signed")


def _hours(presented: Presented, context: GateContext, now: datetime) -> Iterator[Reason]:
    """Nobody leaves outside the hours; who comes in late has left the other bank already and goes to the counter."""
    said = (presented.terms or {}).get("terms", {}).get("hours")
    if said is None:
        return
    local = now.astimezone(ZoneInfo(context.time_zone))
    start, end = said
    hours = f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"
    if start <= local.hour * 60 + local.minute < end:
        yield green("within_hours", f"within its hours, {hours} at this gate", hours=hours)
        return
    plain = f"it is {local:%H:%M} at this gate; the pass is for {hours}"
    outside = stop if context.leg == "exit" else refer
    yield outside("outside_hours", plain, hours=hours, now=f"{local:%H:%M}")


def _binding(
    presented: Presented, claims: PassClaims, context: GateContext, now: datetime
) -> tuple[Reason, int | None]:
    if claims.binding == "labels":
        return _labels(presented.labels, claims), None
    if presented.holder_text is None:
        return stop("holder_missing", "the pass is bound to a phone: its moving code must be shown too"), None
    try:
        proof = from_text(presented.holder_text, HOLDER_PREFIX)
    except PassRefused as refused:
        return Reason.of(refused.refusal), None
    found = check_proof(
        proof, claims, context.group, GateClock(now, context.clock_error_s, context.clock_limit_s)
    )
    if isinstance(found, Shown):
        said = (
            f"shown by its own phone, {found.offset:+d} steps; gate clock error {context.clock_error_s:.0f} s"
        )
        error_s = round(context.clock_error_s)
        return green("holder_shown", said, offset=found.offset, error_s=error_s), found.step
    return Reason.of(found, Light.REFER if found.code == "gate_clock_off" else Light.REFUSE), None


def _labels(labels: tuple[str, ...], claims: PassClaims) -> Reason:
    if not labels:
        return stop("labels_missing", "the pass is bound to container or seal labels: scan or type them all")
    try:
        same = labels_digest(labels) == claims.binding_digest
    except PassRefused as refused:
        return Reason.of(refused.refusal)
    if not same:
        return stop("labels_differ", "the labels are not exactly those the pass was made for")
    return green("labels_match", "the labels are those the pass was made for")


def _uses(claims: PassClaims, context: GateContext) -> Reason:
    if context.store is None:
        return refer(
            "store_unreachable", "this gate cannot reach its group's record of uses: use the counter"
        )
    if not claims.counted:
        return green("not_counted", "passages under this permit are not counted")
    try:
        earlier = context.store.earlier(claims.permit, context.leg_key)
    except StoreUnreachable as error:
        return refer("store_unreachable", f"{error}: use the counter")
    if len(earlier) >= claims.uses:
        return _already("already_used", len(earlier), claims)
    left = claims.uses - len(earlier)
    return green("use_left", f"{left} of {claims.uses} uses left on this leg", left=left, uses=claims.uses)


def _already(code: str, earlier: int, claims: PassClaims) -> Reason:
    if code == "holder_replayed":
        return stop(code, "this moving code was shown here before: show the next one")
    if code == "quantity_exceeds":
        return stop(code, "more is carried than is left: another lane took its share meanwhile; scan again")
    said = f"used {earlier} of {claims.uses} times on this leg"
    return stop("already_used", said, used=earlier, uses=claims.uses)
