"""Reading a gate's events at the node: none missing, none altered, each by that gate's own key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from twoparks.ledger.canonical import JsonObject, base64url
from twoparks.ledger.envelope import open_envelope
from twoparks.ledger.keys import KeyPurpose
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.trust import Trust
from twoparks.passes.refusal import refuse


@dataclass(frozen=True)
class Known:
    """Where the node stands with a gate: its id, the key it was enrolled with, the last event accepted."""

    gate: str
    kid: str
    n: int = 0
    digest: bytes | None = None


def read_events(envelopes: Iterable[bytes], known: Known, trust: Trust) -> tuple[list[JsonObject], Known]:
    """The acts in the gate's next events and where the node then stands.

    Raises PassRefused: `event_signature`, `event_other_gate`, `event_gap`, `event_chain`. Nothing after the first
    fault is accepted, and neither is anything before it: hand over again from `known.n`.
    """
    acts: list[JsonObject] = []
    n, digest = known.n, known.digest
    for raw in envelopes:
        act = _read(raw, known, trust, n + 1)
        if act.get("prev") != (None if digest is None else base64url(digest)):
            raise refuse(
                "event_chain", f"event {n + 1} of {known.gate} does not follow the one before it", n=n + 1
            )
        acts.append(act)
        n, digest = n + 1, hashlib.sha256(raw).digest()
    return acts, Known(known.gate, known.kid, n, digest)


def _read(raw: bytes, known: Known, trust: Trust, expected: int) -> JsonObject:
    try:
        envelope = open_envelope(raw, trust, KeyPurpose.GATE)
    except LedgerRefusal as error:
        raise refuse(
            "event_signature", f"event {expected} of {known.gate}: {error.plain}", n=expected
        ) from error
    if envelope.kid != known.kid or envelope.act.get("gate") != known.gate:
        raise refuse("event_other_gate", f"event {expected} is not by gate {known.gate} with key {known.kid}")
    if envelope.act.get("n") != expected:
        raise refuse(
            "event_gap",
            f"event {expected} of {known.gate} was expected, {envelope.act.get('n')} came",
            n=expected,
        )
    return envelope.act
