"""Proof that the pass is shown by the phone it was made for: a P-256 key signs the current 30-second step.

There is no challenge: the phone shows, the gate reads. A proof names the gate group it is shown at, and one
group's store takes each step of a permit once, so a copied screen opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from twoparks.ledger.keys import sign_with, verify_signature
from twoparks.passes.cbor import decode, encode
from twoparks.passes.claims import PassClaims, holder_digest
from twoparks.passes.refusal import PassRefused, Refusal, refuse

STEP_S = 30
STEPS_AROUND = 1
MAX_PROOF_BYTES = 128
_POINT_BYTES = 33


@dataclass(frozen=True)
class GateClock:
    """The gate's time, how far it is known to be off (measured when it last synchronised), how far it may be."""

    now: datetime
    error_s: float = 0.0
    limit_s: float = 15.0


@dataclass(frozen=True)
class Shown:
    """A good proof: the step it names, and how many steps it is away from the gate's own."""

    step: int
    offset: int


def step_at(moment: datetime) -> int:
    """The number of the 30-second step that `moment` falls into."""
    return int(moment.timestamp()) // STEP_S


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """The 33-byte compressed point of a phone's key."""
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def read_phone_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """A phone's key kept in a PEM file: for tests and demonstrations, real ones never leave their phone."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise refuse("holder_key_file", f"{path} holds no private key in PEM: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise refuse("holder_key_file", f"{path} holds a key of another kind; a phone's is P-256")
    return key


def prove(private: ec.EllipticCurvePrivateKey, permit: str, group: int, now: datetime) -> bytes:
    """What the phone shows next to the pass; `group` is the gate group it is about to use."""
    step = step_at(now)
    return encode([point_of(private.public_key()), step, sign_with(private, _message(permit, group, step))])


def check_proof(proof: bytes, claims: PassClaims, group: int, clock: GateClock) -> Shown | Refusal:
    """Whether the phone the pass is bound to signed this step for this group; else a Refusal (`holder_*`)."""
    if abs(clock.error_s) > clock.limit_s:
        return Refusal(
            "gate_clock_off",
            f"the gate's clock is off by {clock.error_s:.0f} s, more than the {clock.limit_s:.0f} s allowed",
            {"error_s": round(clock.error_s), "limit_s": round(clock.limit_s)},
        )
    try:
        point, step, signature = _read(proof)
        return _check(point, step, signature, (claims, group, clock))
    except PassRefused as refused:
        return refused.refusal


def _check(
    point: bytes, step: int, signature: bytes, against: tuple[PassClaims, int, GateClock]
) -> Shown | Refusal:
    claims, group, clock = against
    if holder_digest(point) != claims.binding_digest:
        return Refusal("holder_other_key", "the pass was made for another phone")
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return Refusal("holder_malformed", "the holder's key is not a point of the curve")
    if not verify_signature(public, _message(claims.permit, group, step), signature):
        return Refusal(
            "holder_signature", "the holder's signature is not over this permit, gate group and time"
        )
    offset = step - step_at(clock.now)
    if abs(offset) > STEPS_AROUND:
        return Refusal(
            "holder_step",
            f"the proof is {abs(offset) * STEP_S} s {'ahead' if offset > 0 else 'old'}; show the pass again",
            {"offset": offset, "error_s": round(clock.error_s)},
        )
    return Shown(step, offset)


def _read(proof: bytes) -> tuple[bytes, int, bytes]:
    if len(proof) > MAX_PROOF_BYTES:
        raise refuse(
            "holder_malformed", f"the proof has {len(proof)} bytes; at most {MAX_PROOF_BYTES} are read"
        )
    item = decode(proof)
    if not isinstance(item, list) or len(item) != 3:
        raise refuse("holder_malformed", "a proof has three parts: key, step, signature")
    point, step, signature = item
    if not (isinstance(point, bytes) and isinstance(step, int) and isinstance(signature, bytes)):
        raise refuse("holder_malformed", "a part of the proof has the wrong type")
    if len(point) != _POINT_BYTES or not 0 <= step < 2**40:
        raise refuse("holder_malformed", "the holder's key or step has the wrong size")
    return point, step, signature


def _message(permit: str, group: int, step: int) -> bytes:
    return encode(["twoparks-holder-v1", permit, group, step])
