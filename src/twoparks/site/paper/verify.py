"""Whether a pass stands, for whoever holds its text or the address printed on it: both signatures, both parks' word, the days.

Public and without an account, so it reads little: one stream without its passages, one own bit, the other park's list.
Nothing about goods, people or organisations is in the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.urls import reverse

from twoparks.federation.keys import both_trusts
from twoparks.federation.queries import fetched
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.trust import Trust
from twoparks.passes.claims import PassClaims, Place
from twoparks.passes.cose import Verified, validity_refusal, verify_signatures
from twoparks.passes.qr import MAX_TEXT, from_text
from twoparks.passes.refusal import PassRefused, Refusal
from twoparks.passes.status import VALID, decode_and_verify
from twoparks.permits import issued, rules
from twoparks.permits.types import PermitState, Status, Version
from twoparks.registry.node import this_node
from twoparks.registry.zone import zone

DIGEST_LETTERS = 24  # of the 64 of SHA-256: enough that nobody guesses one
_ADDRESS = re.compile(rf"/verify/([a-z0-9-]{{1,40}})/([0-9a-f]{{{DIGEST_LETTERS}}})/?$")
_UNREADABLE = ("malformed", "too_long", "claims_", "header_refused", "trailing_bytes", "not_deterministic")


class Outcome(StrEnum):
    """What a check comes to; the first that applies counts, in this order."""

    REFUSED = "refused"  # not signed by both parks as it must be
    UNKNOWN = "unknown"  # nothing of the kind at this park
    ENDED = "ended"  # replaced, revoked, withdrawn or used up
    NOT_NOW = "not_now"  # not yet, or no longer, within its days
    UNDECIDED = "undecided"  # this park has not heard lately enough from the other
    VALID = "valid"


class Word(StrEnum):
    """What is known of one park's word."""

    STANDS = "stands"
    ENDED = "ended"
    OLD = "old"  # it stood when last heard, too long ago
    UNHEARD = "unheard"


class Unreadable(ValueError):
    """What was given is neither the text of a pass nor the address on a permit; `code` says how."""

    def __init__(self, code: str, plain: str) -> None:
        self.code = code
        super().__init__(plain)


@dataclass(frozen=True)
class ParkSays:
    """One park's word: by which key it signed, what its status list says, as of when and when that was fetched."""

    park: str
    key: str
    word: Word
    issued_at: datetime | None = None
    fetched_at: datetime | None = None  # None for this park's own, which is read as it is now


@dataclass(frozen=True)
class Found:
    """The answer; `claims` are there once both signatures are good. `code` says why, for programs."""

    outcome: Outcome
    code: str
    at: datetime
    claims: PassClaims | None = None
    parks: tuple[ParkSays, ...] = ()
    ended_by: tuple[str, ...] = field(default=())
    ended_at: datetime | None = None


def link(permit: str, digest: str) -> str:
    """The address that a permit prints: its number and part of its digest, nothing else."""
    return f"{this_node().origin}{reverse('verify_link', args=[permit, digest[:DIGEST_LETTERS]])}"


def check(given: str, now: datetime) -> Found:
    """Check what was scanned or typed: the text of a pass, or the printed address. Raises Unreadable for anything else."""
    if len(given) <= MAX_TEXT and (address := _ADDRESS.search(given.strip())):
        return check_link(address[1], address[2], now)
    try:
        raw = from_text(given)
    except PassRefused as refused:
        raise Unreadable(refused.refusal.code, refused.refusal.plain) from refused
    return _check_pass(raw, now)


def check_link(permit: str, digest: str, now: datetime) -> Found:
    """Check by the printed address; a number without the right digest is as unknown as one that does not exist."""
    unknown = Found(Outcome.UNKNOWN, "permit_unknown", now)
    try:
        state = issued.answered_state(permit)
    except rules.NoPermit:
        return unknown
    version = _version_of(state, digest) if len(digest) == DIGEST_LETTERS else None
    text = issued.pass_text(state, version) if version else None
    return unknown if text is None else _check_pass(from_text(text), now)


def _version_of(state: PermitState, digest: str) -> Version | None:
    for version in state.versions:
        if any(signature.permit_digest.startswith(digest) for signature in version.signed.values()):
            return version
    return None


def _check_pass(raw: bytes, now: datetime) -> Found:
    try:
        trust = both_trusts()
    except LedgerRefusal as refusal:
        return Found(Outcome.UNDECIDED, refusal.code, now)
    found = verify_signatures(raw, trust, now)
    if isinstance(found, Refusal):
        if found.code.startswith(_UNREADABLE):
            raise Unreadable(found.code, found.plain)
        return Found(Outcome.REFUSED, found.code, now)
    return _judge(found, trust, now)


def _judge(found: Verified, trust: Trust, now: datetime) -> Found:
    """The first of the outcomes that applies; see `Outcome`."""
    claims = found.claims
    parks = tuple(_word(place, found, trust, now) for place in claims.places)
    try:
        state = issued.answered_state(claims.permit)
    except rules.NoPermit:
        return Found(Outcome.UNKNOWN, "permit_unknown", now, claims, parks)
    ended = _end(state, claims, now)
    if ended is None and any(each.word is Word.ENDED for each in parks):
        ended = ("revoked", tuple(each.park for each in parks if each.word is Word.ENDED), None)
    if ended is not None:
        return Found(Outcome.ENDED, ended[0], now, claims, parks, ended[1], ended[2])
    if (refusal := validity_refusal(claims, now)) is not None:
        return Found(Outcome.NOT_NOW, refusal.code, now, claims, parks)
    if any(each.word is not Word.STANDS for each in parks):
        return Found(Outcome.UNDECIDED, "status_old", now, claims, parks)
    return Found(Outcome.VALID, "valid", now, claims, parks)


def _end(
    state: PermitState, claims: PassClaims, now: datetime
) -> tuple[str, tuple[str, ...], datetime | None] | None:
    """How the acts held here ended this version: code, by which parks, when; None while they did not."""
    version = state.version(claims.version)
    if version is None or version is not state.current:
        return "replaced", (state.home,), state.current.at
    if state.withdrawn_at is not None:
        return "withdrawn", (state.home,), state.withdrawn_at
    for code, said in (("revoked", version.revoked), ("refused", version.refused)):
        if said:
            return code, tuple(said), min(each.at for each in said.values())
    if claims.binding == "holder":
        return None  # how often somebody crossed is that person's own affair
    row = issued.row(claims.permit)
    return ("used_up", (), None) if row is not None and row.status == Status.COMPLETED else None


def _word(place: Place, found: Verified, trust: Trust, now: datetime) -> ParkSays:
    park = trust.park_of_number(place.park) or ""
    key = next((key.kid for key in found.keys if key.park == park), "")
    if park == this_node().id:
        return ParkSays(park, key, Word.ENDED if issued.ended_here(place) else Word.STANDS, now)
    held = fetched(issued.STATUS)
    if held is None:
        return ParkSays(park, key, Word.UNHEARD)
    try:
        listed = decode_and_verify(held.content, trust, held.fetched_at)
        stands = listed.number == place.list and listed.statuses.get(place.index) == VALID
    except LedgerRefusal:
        return ParkSays(park, key, Word.UNHEARD, held.issued_at, held.fetched_at)
    timing = zone().timing
    fresh = listed.freshness(now, timing.status_fresh_s, timing.status_max_s) == "fresh"
    word = Word.ENDED if not stands else Word.STANDS if fresh else Word.OLD
    return ParkSays(park, key, word, listed.issued_at, held.fetched_at)
