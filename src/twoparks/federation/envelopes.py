"""From bytes to a believed act: shape, signature, contract. Pure but for the contracts registered at start."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from twoparks.federation import contracts
from twoparks.federation.contracts import ContractBroken, UnknownKind
from twoparks.federation.types import Contract, Refused
from twoparks.ledger.canonical import JsonObject, NotCanonical, read_instant
from twoparks.ledger.envelope import Envelope, open_envelope, read_envelope
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.trust import TrustList

MAX_ENVELOPE_BYTES = 256 * 1024
CLOCK_DIFFERENCE = timedelta(seconds=300)

_FIELDS = frozenset(["id", "kind", "park", "stream", "seq", "at", "by", "body"])
_BY = frozenset(["role", "actor", "authority"])
_NAME = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,59}")


def look_at(raw: bytes) -> Envelope:
    """The envelope taken apart but not believed; raises Refused when it cannot even be that."""
    if len(raw) > MAX_ENVELOPE_BYTES:
        raise Refused(
            "too_large", f"the envelope has {len(raw)} bytes; at most {MAX_ENVELOPE_BYTES} are accepted"
        )
    try:
        envelope = read_envelope(raw)
    except LedgerRefusal as refusal:
        raise Refused(refusal.code, refusal.plain) from refusal
    _check_shape(envelope.act)
    return envelope


def believe(envelope: Envelope, trust: TrustList, now: datetime, logged: bool = False) -> Contract:
    """The contract of an act its park really signed and may send; raises Refused with the first reason against it.

    `logged`: the other park held it before any compromise of its key was announced.
    """
    try:
        open_envelope(envelope.raw, trust, logged=logged)
    except LedgerRefusal as refusal:
        raise Refused(refusal.code, refusal.plain) from refusal
    act = envelope.act
    if read_instant(act["at"]) > now + CLOCK_DIFFERENCE:
        raise Refused("dated_ahead", f"the act is dated {act['at']}, later than this node's clock allows")
    try:
        contract = contracts.contract(act["kind"])
        if not contract.crosses:
            raise Refused("stays_at_home", f"{contract.kind} never crosses; its contract says so")
        contracts.check_body(contract, act["body"])
    except UnknownKind as unknown:
        raise Refused("kind_unknown", str(unknown)) from unknown
    except ContractBroken as broken:
        # Names only: what a wrong field said must not end up in incidents and answers.
        names = ", ".join(name[:60] for name in broken.problems)
        raise Refused("contract_broken", f"{broken.kind}: the contract refuses {names}") from broken
    return contract


def _check_shape(act: JsonObject) -> None:
    if set(act) != _FIELDS:
        raise Refused("act_malformed", f"an act has exactly the fields {sorted(_FIELDS)}, not {sorted(act)}")
    for name in ("id", "kind", "park", "stream"):
        if not isinstance(act[name], str) or not _NAME.fullmatch(act[name]):
            raise Refused(
                "act_malformed", f"{name}: {act[name]!r} is not a name of at most 60 small letters and digits"
            )
    if not act["id"].startswith(f"{act['park']}-a-"):
        raise Refused(
            "act_malformed", f"id: {act['id']!r} does not begin with the author park's {act['park']}-a-"
        )
    if type(act["seq"]) is not int or not 1 <= act["seq"] < 2**31:
        raise Refused("act_malformed", f"seq: {act['seq']!r} is not a whole number from 1")
    try:
        read_instant(act["at"])
    except NotCanonical as error:
        raise Refused("act_malformed", f"at: {error}") from error
    if not isinstance(act["body"], dict):
        raise Refused("act_malformed", "body: an object is wanted")
    _check_by(act["by"])


def _check_by(by: object) -> None:
    if not isinstance(by, dict) or set(by) != _BY:
        raise Refused("act_malformed", f"by: an object with {', '.join(sorted(_BY))} is wanted")
    for name, value in by.items():
        if name == "authority" and value is None:
            continue
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise Refused(
                "act_malformed", f"by.{name}: {value!r} is not a name of at most 60 small letters and digits"
            )
