"""The envelope an act travels in: `{act, kid, sig}`, opened only when the key may vouch for the act."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from twoparks.ledger.canonical import (
    JsonObject,
    NotCanonical,
    base64url,
    canonical,
    parse,
    read_base64url,
    read_instant,
)
from twoparks.ledger.keys import KeyPair, KeyPurpose, PublicKey
from twoparks.ledger.refusal import LedgerRefusal


class NotAnEnvelope(LedgerRefusal):
    """The bytes are not `{act, kid, sig}` in canonical form."""

    code = "not_an_envelope"


class UnknownKey(LedgerRefusal):
    """No trust list holds the key."""

    code = "key_unknown"


class OtherPurpose(LedgerRefusal):
    """The key is known, but may not sign this."""

    code = "key_other_purpose"


class OtherPark(LedgerRefusal):
    """The act says it is one park's, the key is another's."""

    code = "key_other_park"


class KeyNotUsable(LedgerRefusal):
    """The key was retired, compromised or not yet valid when the act was made."""

    code = "key_not_usable"


class BadSignature(LedgerRefusal):
    """The signature is not the key's over these bytes."""

    code = "bad_signature"


class KeyFinder(Protocol):
    """Whatever can look a key up by its name: a park's trust list, or both."""

    def key(self, kid: str) -> PublicKey | None:
        """The key of that name, or None."""
        ...


@dataclass(frozen=True)
class Envelope:
    """A signed act as it is kept and sent; `raw` are the exact bytes."""

    act: JsonObject
    kid: str
    sig: bytes
    raw: bytes

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the act's canonical bytes: what idempotency compares."""
        return hashlib.sha256(canonical(self.act)).digest()


def signed_bytes(act: Mapping[str, Any], purpose: KeyPurpose) -> bytes:
    """What is signed: a line naming the purpose, then the act's canonical bytes."""
    return f"twoparks-{purpose.value}-v1\n".encode("ascii") + canonical(act)


def seal(act: Mapping[str, Any], key: KeyPair) -> Envelope:
    """Sign `act` once; the key's purpose says what the signature is good for."""
    sig = key.sign(signed_bytes(act, key.public.purpose))
    raw = canonical({"act": act, "kid": key.kid, "sig": base64url(sig)})
    return Envelope(dict(act), key.kid, sig, raw)


def read_envelope(raw: bytes) -> Envelope:
    """Take an envelope apart without believing it; raises NotAnEnvelope."""
    try:
        found = parse(raw)
        if set(found) != {"act", "kid", "sig"}:
            raise NotAnEnvelope(f"an envelope has act, kid and sig; this one has {sorted(found)}")
        if not isinstance(found["act"], dict) or not isinstance(found["kid"], str):
            raise NotAnEnvelope("act must be an object and kid a text")
        return Envelope(found["act"], found["kid"], read_base64url(found["sig"]), raw)
    except NotCanonical as error:
        raise NotAnEnvelope(f"the envelope {error}") from error


def open_envelope(
    raw: bytes,
    trust: KeyFinder,
    purpose: KeyPurpose = KeyPurpose.ACTS,
    logged: bool = False,
) -> Envelope:
    """The envelope, once its signature, key, purpose, park and date are all in order.

    The act must carry `park` and `at`. `logged` says the log held it before any compromise of its key was
    announced. Raises a LedgerRefusal whose class names what is wrong.
    """
    envelope = read_envelope(raw)
    key = trust.key(envelope.kid)
    if key is None:
        raise UnknownKey(f"no trust list holds the key {envelope.kid}; fetch the newer list first")
    if key.purpose is not purpose:
        raise OtherPurpose(f"key {key.kid} is for {key.purpose}; this needs a key for {purpose}")
    if envelope.act.get("park") != key.park:
        raise OtherPark(
            f"the act says park {envelope.act.get('park')!r}, key {key.kid} belongs to {key.park!r}"
        )
    if not key.verify(signed_bytes(envelope.act, purpose), envelope.sig):
        raise BadSignature(f"the signature is not that of key {key.kid} over this act")
    try:
        made_at = read_instant(envelope.act.get("at"))
    except NotCanonical as error:
        raise NotAnEnvelope(f"the act's `at`: {error}") from error
    reason = key.refusal_of_dated(made_at, logged)
    if reason is not None:
        raise KeyNotUsable(f"{reason}: key {key.kid} cannot vouch for an act dated {envelope.act['at']}")
    return envelope
