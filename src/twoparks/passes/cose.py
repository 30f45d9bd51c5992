"""The pass itself: COSE_Sign (RFC 9052) with exactly two ES256 signatures, each checked here and never by count.

A library's "verified" means one good signature among those present; a permit needs both parks. So the order is
fixed (exit side, entry side), headers have one form, and each signature must be by a pass key of the park whose
status place stands at that position.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from twoparks.ledger.canonical import base64url
from twoparks.ledger.keys import P256_ORDER, SIGNATURE_BYTES, KeyPair, KeyPurpose, PublicKey
from twoparks.ledger.trust import Trust
from twoparks.passes.cbor import Item, decode, encode
from twoparks.passes.claims import PassClaims
from twoparks.passes.refusal import PassRefused, Refusal, refuse

TAG = b"\xd8\x62"  # COSE_Sign
CONTEXT = b"twoparks-pass-v1"  # external_aad: these signatures mean nothing elsewhere
MAX_PASS_BYTES = 512
_ALG, _KID, _ES256, _KID_BYTES = 1, 4, -7, 8


@dataclass(frozen=True)
class Verified:
    """A pass whose two signatures are both good; its rules (validity, status, uses) are the gate's to check."""

    claims: PassClaims
    claims_bytes: bytes
    keys: tuple[PublicKey, PublicKey]


@dataclass(frozen=True)
class _Part:
    kid: bytes
    protected: bytes
    signature: bytes


def sign_part(claims_bytes: bytes, key: KeyPair) -> bytes:
    """One park's signature over the claims, as the COSE_Signature structure that travels between the parks."""
    if key.public.purpose is not KeyPurpose.PASSES:
        raise refuse("key_other_purpose", f"key {key.kid} is for {key.public.purpose}, not for passes")
    PassClaims.decode(claims_bytes)
    protected = encode({_ALG: _ES256, _KID: key.public.kid_bytes})
    return encode([protected, {}, key.sign(_to_sign(protected, claims_bytes))])


def assemble(claims_bytes: bytes, parts: Mapping[int, bytes]) -> bytes:
    """The pass from its claims and both parts, given by park number; the same bytes whoever assembles it."""
    claims = PassClaims.decode(claims_bytes)
    if set(parts) != set(claims.crosses):
        raise refuse(
            "signature_missing", f"parts of parks {claims.crosses} are needed, given: {sorted(parts)}"
        )
    signatures: list[Item] = [decode(parts[park]) for park in claims.crosses]
    return TAG + encode([b"", {}, claims_bytes, signatures])


def verify_part(
    claims_bytes: bytes, part: bytes, park: int, trust: Trust, now: datetime
) -> PublicKey | Refusal:
    """The key behind one park's part, when it is that park's good signature over exactly these claims."""
    try:
        return _signed_by(_part(decode(part)), claims_bytes, park, trust, now)
    except PassRefused as refused:
        return refused.refusal


def key_named(part: bytes) -> str:
    """The name (base64url) of the key a part says it is by, nothing verified; raises PassRefused when it is no part."""
    return base64url(_part(decode(part)).kid)


def verify_signatures(raw: bytes, trust: Trust, now: datetime) -> Verified | Refusal:
    """The claims when both parks signed them, whatever their validity; otherwise why not."""
    try:
        return _verify(raw, trust, now)
    except PassRefused as refused:
        return refused.refusal


def verify(raw: bytes, trust: Trust, now: datetime) -> Verified | Refusal:
    """As `verify_signatures`, and valid at `now`."""
    found = verify_signatures(raw, trust, now)
    if isinstance(found, Refusal):
        return found
    return validity_refusal(found.claims, now) or found


def validity_refusal(claims: PassClaims, now: datetime) -> Refusal | None:
    """Why the pass is not valid at `now`, or None."""
    if now < claims.valid_from:
        start = claims.valid_from.isoformat()
        return Refusal("not_yet_valid", f"the pass begins at {start}", {"valid_from": start})
    if now >= claims.valid_until:
        end = claims.valid_until.isoformat()
        return Refusal("expired", f"the pass ended at {end}", {"valid_until": end})
    return None


def _verify(raw: bytes, trust: Trust, now: datetime) -> Verified:
    claims_bytes, items = _open(raw)
    if len(items) < 2:
        raise refuse("signature_missing", f"the pass carries {len(items)} signature; both parks must sign")
    if len(items) > 2:
        raise refuse("signature_extra", f"the pass carries {len(items)} signatures; exactly two are accepted")
    claims = PassClaims.decode(claims_bytes)
    first, second = (_part(item) for item in items)
    if first.kid == second.kid:
        raise refuse("signature_copied", "both signatures are by one key; each park signs with its own")
    keys = (
        _signed_by(first, claims_bytes, claims.crosses[0], trust, now),
        _signed_by(second, claims_bytes, claims.crosses[1], trust, now),
    )
    return Verified(claims, claims_bytes, keys)


def _open(raw: bytes) -> tuple[bytes, list[Item]]:
    if len(raw) > MAX_PASS_BYTES:
        raise refuse("too_long", f"the pass has {len(raw)} bytes; at most {MAX_PASS_BYTES} are read")
    if not raw.startswith(TAG):
        raise refuse("malformed", "this is not a pass: it does not begin with the COSE_Sign tag")
    body = decode(raw[len(TAG) :])
    if not isinstance(body, list) or len(body) != 4:
        raise refuse("malformed", "this is not a pass: COSE_Sign has four parts")
    protected, unprotected, payload, signatures = body
    if protected != b"" or unprotected != {}:
        raise refuse("header_refused", "the pass carries headers; none are allowed around the claims")
    if not isinstance(payload, bytes) or not isinstance(signatures, list):
        raise refuse("malformed", "this is not a pass: claims or signatures have the wrong type")
    return payload, signatures


def _part(item: Item) -> _Part:
    if not isinstance(item, list) or len(item) != 3:
        raise refuse("malformed", "a signature has three parts")
    protected, unprotected, signature = item
    if unprotected != {}:
        raise refuse("header_refused", "a signature carries unprotected headers; none are allowed")
    if not isinstance(protected, bytes) or not isinstance(signature, bytes):
        raise refuse("malformed", "a signature's header or value is not bytes")
    header = decode(protected)
    if not isinstance(header, Mapping) or header.get(_ALG) != _ES256:
        raise refuse("algorithm_other", "a signature is not ES256")
    kid = header.get(_KID)
    if set(header) != {_ALG, _KID} or not isinstance(kid, bytes) or len(kid) != _KID_BYTES:
        raise refuse(
            "header_refused", "a signature's header has the algorithm and the key's name, nothing else"
        )
    return _Part(kid, protected, signature)


def _signed_by(part: _Part, claims_bytes: bytes, park: int, trust: Trust, now: datetime) -> PublicKey:
    name = trust.park_of_number(park)
    if name is None:
        raise refuse("park_unknown", f"no trust list uses park number {park}", park=park)
    key = trust.key_of_bytes(part.kid)
    if key is None:
        raise refuse(
            "key_unknown", f"the key {part.kid.hex()} is in no trust list", kid=part.kid.hex(), park=name
        )
    if key.purpose is not KeyPurpose.PASSES:
        raise refuse("key_other_purpose", f"key {key.kid} is for {key.purpose}, not for passes", kid=key.kid)
    if key.park != name:
        raise refuse("key_other_park", f"{key.park} signed where {name} must", kid=key.kid, park=name)
    reason = key.refusal_now(now)
    if reason is not None:
        raise refuse(reason, f"key {key.kid} of {name} may not vouch now ({reason})", kid=key.kid, park=name)
    _check_form(part.signature, name)
    if not key.verify(_to_sign(part.protected, claims_bytes), part.signature):
        raise refuse("signature_false", f"the signature of {name} is not over these claims", park=name)
    return key


def _check_form(signature: bytes, park: str) -> None:
    if len(signature) != SIGNATURE_BYTES:
        raise refuse(
            "signature_length", f"the signature of {park} has {len(signature)} bytes, not 64", park=park
        )
    if not any(signature):
        raise refuse("signature_zeroed", f"the signature of {park} is blank", park=park)
    if int.from_bytes(signature[32:], "big") > P256_ORDER // 2:
        raise refuse(
            "signature_high_s", f"the signature of {park} is in its second form, which is refused", park=park
        )


def _to_sign(protected: bytes, claims_bytes: bytes) -> bytes:
    return encode(["Signature", b"", protected, CONTEXT, claims_bytes])
