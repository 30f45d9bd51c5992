"""What a node does by itself: ask its law and the registers, sign when both parks cleared, take the other park's acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from twoparks.federation.actions import UNTIL_TRUSTED, record
from twoparks.federation.keys import both_trusts, node_keys
from twoparks.federation.log import bringing_back
from twoparks.federation.queries import acts
from twoparks.federation.types import SYSTEM, Body, NewAct, Refused, StoredAct, StreamId
from twoparks.law.facts import FactError
from twoparks.ledger.canonical import base64url, read_base64url
from twoparks.ledger.keys import KeyPurpose
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.trust import Trust
from twoparks.passes.cose import key_named, sign_part, verify_part
from twoparks.passes.refusal import PassRefused
from twoparks.passes.refusal import Refusal as PassRefusal
from twoparks.permits import issued, received, rules, signatures, terms
from twoparks.permits.actions.projection import project, rebuild
from twoparks.permits.bank_law import BankAnswer, ask
from twoparks.permits.declarations import party_of
from twoparks.permits.models import PermitRow
from twoparks.permits.on_trial import law_for
from twoparks.permits.types import OPEN, TO_BE_USED, Empty, PermitState, Terms, Version
from twoparks.permits.work import ToCheck, to_check
from twoparks.registry.node import this_node
from twoparks.registry.registers import Answer, RegisterAnswer, RegisterUnusable, register_of
from twoparks.registry.zone import zone


class Stream:
    """One permit's acts while a transaction adds to them."""

    def __init__(self, state: PermitState) -> None:
        self.state = state  # as the acts make it now
        self._answer: tuple[Version, BankAnswer] | None = None

    def answer(self) -> BankAnswer:
        """This bank's law about the current version, asked once."""
        version = self.state.current
        if self._answer is None or self._answer[0].number != version.number:
            self._answer = (version, ask(version.declaration, this_node().park.bank, law_for(self.state)))
        return self._answer[1]

    def add(self, kind: str, body: Body, now: datetime) -> None:
        """Record an act of the node itself."""
        self.state = rules.fold(
            [record(NewAct(kind, StreamId(self.state.id), body, SYSTEM), now)], self.state
        )


def follow(stream: StreamId, now: datetime, known: Sequence[StoredAct] | None = None) -> PermitState:
    """Do what follows by itself from the acts there are, write the rows, return the permit. Doing it twice changes nothing.

    `known`: all acts of the stream, when this transaction has read them already.
    """
    return _go_on_from(Stream(rules.fold(acts(stream) if known is None else known)), now)


def _go_on_from(at: Stream, now: datetime) -> PermitState:
    """While acts come back after a restore only the rows are written: what followed from them then comes back too."""
    if at.state.withdrawn_at is None and not bringing_back.get():
        _determine(at, at.state, now)
        _conclude(at, at.state, now)
        _sign_anew(at, at.state, now)
    project(at.state, at.answer)
    for then in _then:
        then(at.state, now)
    return at.state


_then: list[Callable[[PermitState, datetime], None]] = []


def register_then(function: Callable[[PermitState, datetime], None]) -> None:
    """Let another room do, last of all and in the same transaction, what follows for it from a permit's acts."""
    _then.append(function)


def apply(act: StoredAct, now: datetime) -> None:
    """Take an act of the other park, stored already; raises Refused when the rules do not allow it."""
    earlier = acts(act.stream, before=act.number)
    before = rules.fold(earlier) if earlier else None
    refusal = received.refusal(before, act, zone())
    if refusal is not None:
        raise Refused(refusal.code, refusal.plain)
    try:
        if act.kind == "permit.signed" and before is not None:
            _verify_signature(before, act, now)
        at = Stream(rules.fold([act], before))
        if act.kind == "permit.declared":
            at.answer()
        _go_on_from(at, now)
    except FactError as error:
        names = ", ".join(problem.name for problem in error.problems)
        raise Refused(
            "facts_not_read", f"these facts are not as the vocabulary wants them: {names}"
        ) from error
    except PassRefused as refused:
        raise Refused(refused.refusal.code, refused.plain) from refused
    except LedgerRefusal as error:
        raise Refused(error.code, error.plain) from error


def follow_law(now: datetime) -> int:
    """Ask the law again about every open permit it was asked about before the packs changed; returns how many."""
    asked = 0
    for permit in PermitRow.objects.filter(status__in=list(OPEN)).values_list("id", flat=True):
        with transaction.atomic():
            before = len(acts(StreamId(permit)))
            asked += follow(StreamId(permit), now).acts > before
    return asked


def go_on(now: datetime) -> None:
    """After acts came back: make every list again, and do what follows by itself of every open permit."""
    rebuild()
    follow_law(now)


def follow_keys(now: datetime) -> int:
    """Sign anew every permit that a pass key of this park, given up since, no longer opens gates for; returns how many."""
    signed = 0
    for permit in issued.signed_in_vain(now).values_list("id", flat=True):
        with transaction.atomic():
            before = len(acts(StreamId(permit)))
            signed += follow(StreamId(permit), now).acts > before
    return signed


def _determine(at: Stream, state: PermitState, now: datetime) -> None:
    """Ask this bank's law, once for each version and each state of the packs, until this park has spoken."""
    version, park = state.current, this_node().park
    known = version.determined.get(park.id)
    if park.id in version.cleared or park.id in version.refused:
        return
    answer = at.answer()
    if known is not None and known.pack_digest == answer.first.pack_digest:
        return
    at.add("permit.determined", _determination(version, answer), now)
    for wanted in to_check(version, answer.answered()):
        at.add("permit.register_checked", _register_check(version, wanted), now)


def _determination(version: Version, answer: BankAnswer) -> Body:
    required: dict[str, bool] = {}
    for line in (line for found in answer.all for line in found.measures):
        required[line.id] = required.get(line.id, True) and line.held
    return {
        "version": version.number,
        "bank": answer.bank,
        "outcome": str(answer.outcome),
        "pack_digest": answer.first.pack_digest,
        "facts_digest": answer.facts_digest,
        "required": [{"measure": measure, "held": held} for measure, held in sorted(required.items())],
        **({"trial": answer.trial} if answer.trial else {}),
    }


def _register_check(version: Version, wanted: ToCheck) -> Body:
    holder = party_of(version.declaration, this_node().id).id
    on = version.declaration.valid_from
    try:
        found = register_of(wanted.authority).check(wanted.number, wanted.measure, holder, on)
    except RegisterUnusable as error:
        found = RegisterAnswer(Answer.UNKNOWN, str(error)[:120], simulated=False)
    return {
        "version": version.number,
        "measure": wanted.measure,
        "register": found.register,
        "number": wanted.number,
        "answer": str(found.answer),
        "simulated": found.simulated,
        "valid_until": None if found.valid_until is None else found.valid_until.isoformat(),
    }


def _conclude(at: Stream, state: PermitState, now: datetime) -> None:
    """Sign when both parks cleared this version and nobody ended it; refuse when the clearances share nothing."""
    version, park = state.current, this_node().id
    allowed = terms.agreed(version)
    if allowed is None or version.refused or version.revoked or park in version.signed:
        return
    if isinstance(allowed, Empty):
        at.add("permit.refused", _nothing_shared(version, allowed), now)
        return
    if now < allowed.valid_until:
        _sign(at, state, now)


def _sign_anew(at: Stream, state: PermitState, now: datetime) -> None:
    """Sign again what this park signed with a key that does not vouch to the end of a permit still to be used."""
    signature, allowed = state.current.signed.get(this_node().id), terms.agreed(state.current)
    if signature is None or not isinstance(allowed, Terms) or rules.status(state, now) not in TO_BE_USED:
        return
    if not signatures.serves(signature, node_keys().trust_list, allowed.valid_until):
        _sign(at, state, now)


def _sign(at: Stream, state: PermitState, now: datetime) -> None:
    version = state.current
    claims = permit_bytes(state, version)
    part = sign_part(claims, node_keys().signer(KeyPurpose.PASSES))
    at.add(
        "permit.signed",
        {
            "version": version.number,
            "permit_digest": sha256(claims).hexdigest(),
            "signature_part": base64url(part),
        },
        now,
    )


def _nothing_shared(version: Version, empty: Empty) -> Body:
    return {
        "version": version.number,
        "declaration_digest": version.digest,
        "reasons": empty.says,
        "provisions": [],
    }


def permit_bytes(state: PermitState, version: Version) -> bytes:
    """The bytes both parks sign; raises Refused when this version has no two clearances with something in common."""
    claims = terms.permit_claims(state.id, version, zone())
    if claims is None:
        raise Refused(
            "not_cleared_by_both", f"version {version.number} of {state.id} is not cleared by both parks"
        )
    return claims.encode()


def _verify_signature(before: PermitState, act: StoredAct, now: datetime) -> None:
    version, trust = before.version(act.body["version"]), both_trusts()
    if version is None:
        raise Refused("no_version", f"version {act.body['version']} of {act.stream} was never declared")
    claims = permit_bytes(before, version)
    if sha256(claims).hexdigest() != act.body["permit_digest"]:
        raise Refused("other_bytes", "the signature is over other permit bytes than those this park computes")
    part = read_base64url(act.body["signature_part"])
    number = zone().park(act.park).number
    # Late on its way, its key given up since: it is taken, opens no gate, and the fresh signature follows it.
    found = verify_part(claims, part, number, signatures.as_known_at(trust, act.park, act.at), now)
    if isinstance(found, PassRefusal):
        raise Refused(found.code if found.code in UNTIL_TRUSTED else "signature_" + found.code, found.plain)
    if act.park in version.signed:
        _demand_given_up(version, act, trust)


def _demand_given_up(version: Version, act: StoredAct, trust: Trust) -> None:
    """Raise Refused while the signature held still serves, or comes again: one park signs a version anew only after that."""
    held, allowed = version.signed[act.park], terms.agreed(version)
    fresh = key_named(read_base64url(act.body["signature_part"]))
    if fresh == signatures.signed_with(held):
        raise Refused("signed_before", f"{act.park} has signed this version before")
    if isinstance(allowed, Terms) and signatures.serves(held, trust.lists[act.park], allowed.valid_until):
        raise Refused("key_serves", f"the key {act.park} signed with serves still, as far as is known here")
