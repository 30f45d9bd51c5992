"""What gates and the other park need of permits that exist: pass, terms document, status list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from twoparks.federation.keys import both_trusts, node_keys
from twoparks.federation.log import demand_caught_up
from twoparks.federation.queries import acts, fetched
from twoparks.federation.types import Refused, StreamId
from twoparks.ledger.canonical import read_base64url
from twoparks.ledger.keys import KeyPurpose
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.lists.compiled import Compiled
from twoparks.passes.claims import Place
from twoparks.passes.cose import assemble
from twoparks.passes.qr import to_text
from twoparks.passes.refusal import PassRefused
from twoparks.passes.status import REVOKED, StatusBits, StatusList, decode_and_verify, encode_status
from twoparks.permits import rules, terms
from twoparks.permits.models import PermitGate, PermitRow, StatusPlace
from twoparks.permits.types import OPEN, TO_BE_USED, USABLE, PermitId, PermitState, Terms, Version
from twoparks.registry.node import this_node
from twoparks.registry.zone import zone

STATUS = "status"  # /federation/status
LIST, SIZE = 1, 1 << 17  # one list of 131,072 places; a second one is opened when it is nine tenths full
_ENDED = Compiled(lambda: StatusPlace.objects.filter(list=LIST, ended=True).values_list("index"))


def pass_text(state: PermitState, of: Version | None = None) -> str | None:
    """The pass both parks signed, as its QR code carries it; None until both signatures of the version are here.

    `of`: another version than the current one, for checking what was printed before.
    """
    version = of or state.current
    claims = terms.permit_claims(state.id, version, zone())
    if claims is None or len(version.signed) < 2:
        return None
    parts = {zone().park(park).number: read_base64url(s.part) for park, s in version.signed.items()}
    return to_text(assemble(claims.encode(), parts))


def terms_document(state: PermitState) -> dict[str, Any] | None:
    """The terms document that the pass of the current version names, canonical JSON values."""
    version = state.current
    allowed = terms.agreed(version)
    if not isinstance(allowed, Terms):
        return None
    return terms.document(state.id, version.number, version.digest, allowed)


def answered_state(permit: str) -> PermitState:
    """As `permit_state`, without what gates recorded: as short for a pass used daily as for one never used."""
    return rules.fold(acts(StreamId(permit), without="crossing."))


def ended_here(place: Place) -> bool:
    """Whether this park has set the bit of one of its own status places."""
    return StatusPlace.objects.filter(list=place.list, index=place.index, ended=True).exists()


def permit_state(permit: str) -> PermitState:
    """The permit as its acts make it; raises NoPermit. For gates and crossings: no user is asked for."""
    return rules.fold(acts(StreamId(permit)))


def rows_at_groups(groups: Iterable[str]) -> QuerySet[PermitRow]:
    """Permits in use whose route leads through one of the gate groups."""
    wanted = list(groups)
    named = PermitGate.objects.filter(group__in=wanted).values("permit")
    return PermitRow.objects.filter(pk__in=named, status__in=list(USABLE)).order_by("id")


def row(permit: str) -> PermitRow | None:
    """The permit's row in the lists, if this node knows it."""
    return PermitRow.objects.filter(pk=PermitId(permit)).first()


def last_use() -> datetime | None:
    """When the last permit signed so far ends: until then a retired pass key must verify."""
    rows = PermitRow.objects.filter(status__in=list(TO_BE_USED)).exclude(signed_with="")
    return rows.order_by("-valid_until").values_list("valid_until", flat=True).first()


def signed_in_vain(now: datetime) -> QuerySet[PermitRow]:
    """Permits to be used that this park signed with a key which does not vouch to their end."""
    vain = Q(pk__in=[])
    for key in node_keys().trust_list.keys:
        if key.purpose is not KeyPurpose.PASSES or key.status == "active":
            continue
        signed = Q(signed_with=key.kid)
        kept = key.status == "retired" and key.verify_until is not None
        vain |= signed & Q(valid_until__gt=key.verify_until) if kept else signed
    return PermitRow.objects.filter(vain, status__in=list(TO_BE_USED), valid_until__gt=now).order_by("id")


def status_token(now: datetime) -> bytes:
    """This park's status list as it is now, signed. Raises NotCaughtUp: a copy may not know of what was revoked since."""
    demand_caught_up()
    bits = StatusBits(SIZE)
    for (index,) in _ENDED():
        bits.set(index, REVOKED)
    timing, issued_at = zone().timing, now.replace(microsecond=0)
    made = StatusList(
        park=this_node().id,
        number=LIST,
        statuses=bits,
        issued_at=issued_at,
        expires_at=issued_at + timedelta(seconds=2 * timing.status_max_s),
        ttl_s=timing.status_fresh_s,
    )
    return encode_status(made, node_keys().signer(KeyPurpose.STATUS))


def verified_status(token: bytes, now: datetime) -> StatusList:
    """The peer's status list in `token`; raises Refused when it is not genuine or goes back."""
    held = fetched(STATUS)
    trust = both_trusts()
    try:
        seen = None if held is None else decode_and_verify(held.content, trust, held.fetched_at)
    except LedgerRefusal:
        seen = None  # its key was given up since; what comes now is judged by itself
    try:
        found = decode_and_verify(token, trust, now, seen)
    except PassRefused as refused:
        raise Refused(refused.refusal.code, refused.plain) from refused
    except LedgerRefusal as refusal:
        raise Refused(refusal.code, refusal.plain) from refusal
    if found.park != this_node().peer.id:
        raise Refused(
            "status_other_park", f"the status list is of {found.park}, not of {this_node().peer.id}"
        )
    return found


def permits_before(authority: str) -> QuerySet[PermitRow, Any]:
    """Ids of the permits that are or were before an authority here, for use inside another query."""
    return PermitRow.objects.filter(authorities__contains=f" {authority} ").values("id")


def of_goods() -> QuerySet[PermitRow]:
    """The permits known here by which no person crosses, for use inside another query."""
    return PermitRow.objects.filter(person="")


def usable_of(pseudonym: str, now: datetime) -> tuple[PermitId, ...]:
    """Permits of a person that can be used now or later, the first to end first."""
    rows = PermitRow.objects.filter(person=pseudonym, status__in=list(USABLE), valid_until__gt=now)
    return tuple(PermitId(p) for p in rows.order_by("valid_until").values_list("id", flat=True)[:10])


def waiting_of(pseudonym: str, now: datetime) -> int:
    """How many permits of a person are declared and not decided yet."""
    return PermitRow.objects.filter(person=pseudonym, status__in=list(OPEN), expires_at__gt=now).count()


def agreed(state: PermitState) -> Terms | None:
    """What both parks allow under the current version, once both have cleared."""
    found = terms.agreed(state.current)
    return found if isinstance(found, Terms) else None
