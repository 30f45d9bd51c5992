"""Keys: one purpose each, named by their own digest, and the rule for when a key may still be believed."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from twoparks.ledger.canonical import base64url, instant, read_base64url, read_instant
from twoparks.ledger.refusal import LedgerRefusal

Algorithm = Literal["Ed25519", "ES256"]
Status = Literal["active", "retired", "compromised"]
Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
Public = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SIGNATURE_BYTES = 64


class KeyPurpose(StrEnum):
    """What a key may sign; a signature by a key of another purpose is refused."""

    ACTS = "acts"
    TRANSPORT = "transport"
    CHECKPOINT = "checkpoint"
    PASSES = "passes"
    STATUS = "status"
    GATE = "gate"
    TRUST = "trust"
    AUDITOR = "auditor"

    @property
    def algorithm(self) -> Algorithm:
        """ES256 for what a gate or phone verifies in COSE, Ed25519 for the rest."""
        return "ES256" if self in (KeyPurpose.PASSES, KeyPurpose.STATUS) else "Ed25519"


class KeyRefused(LedgerRefusal):
    """A key or key file cannot be used as asked."""

    code = "key_refused"


@dataclass(frozen=True)
class PublicKey:
    """A verifying key as its park's trust list states it. `spki` is the DER SubjectPublicKeyInfo."""

    purpose: KeyPurpose
    park: str
    algorithm: Algorithm
    spki: bytes
    valid_from: datetime
    status: Status = "active"
    retired_at: datetime | None = None
    compromised_at: datetime | None = None
    verify_until: datetime | None = None

    @property
    def kid(self) -> str:
        """The key's name: the first 8 bytes of SHA-256 of its SPKI, base64url."""
        return base64url(self.kid_bytes)

    @property
    def kid_bytes(self) -> bytes:
        """The key's name as it stands in COSE headers."""
        return hashlib.sha256(self.spki).digest()[:8]

    @property
    def raw(self) -> bytes:
        """The bare public key: 32 bytes for Ed25519, the 33-byte compressed point for ES256."""
        public = _public(self.spki)
        if isinstance(public, ed25519.Ed25519PublicKey):
            return public.public_bytes_raw()
        return public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` (64 bytes; r‖s with the lower s for ES256) is this key's over `message`."""
        return verify_signature(_public(self.spki), message, signature)

    def refusal_of_dated(self, made_at: datetime, logged: bool = False) -> str | None:
        """Why this key cannot vouch for something dated `made_at` (act, event, checkpoint), or None.

        A retired key vouches for what is dated before it retired; a compromised one only for what the log
        already holds (`logged`) and is dated before the compromise.
        """
        if self.compromised_at is not None and (not logged or made_at >= self.compromised_at):
            return "key_compromised"
        if made_at < self.valid_from:
            return "key_not_yet_valid"
        if self.retired_at is not None and made_at >= self.retired_at:
            return "key_retired"
        return None

    def refusal_now(self, now: datetime) -> str | None:
        """Why this key cannot vouch at `now` for something undated (pass, status list, message), or None."""
        if self.compromised_at is not None:
            return "key_compromised"
        if now < self.valid_from:
            return "key_not_yet_valid"
        if self.retired_at is not None and (self.verify_until is None or now >= self.verify_until):
            return "key_retired"
        return None

    def to_json(self) -> dict[str, str | None]:
        """The key as a trust list writes it."""
        return {
            "kid": self.kid,
            "purpose": self.purpose.value,
            "park": self.park,
            "algorithm": self.algorithm,
            "spki": base64url(self.spki),
            "status": self.status,
            "valid_from": instant(self.valid_from),
            "retired_at": _optional(self.retired_at),
            "compromised_at": _optional(self.compromised_at),
            "verify_until": _optional(self.verify_until),
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """The key a trust list writes; raises KeyRefused when its fields contradict each other."""
        if set(raw) != _FIELDS:
            raise KeyRefused(f"a key has exactly the fields {sorted(_FIELDS)}, not {sorted(raw)}")
        if raw["status"] not in ("active", "retired", "compromised"):
            raise KeyRefused(f"{raw['status']!r} is not a key status; use active, retired or compromised")
        key = cls(
            purpose=_purpose(raw["purpose"]),
            park=str(raw["park"]),
            algorithm=cast(Algorithm, raw["algorithm"]),
            spki=read_base64url(raw["spki"]),
            valid_from=read_instant(raw["valid_from"]),
            status=raw["status"],
            retired_at=_read_optional(raw["retired_at"]),
            compromised_at=_read_optional(raw["compromised_at"]),
            verify_until=_read_optional(raw["verify_until"]),
        )
        key.check(raw["kid"])
        return key

    def check(self, kid: object) -> None:
        """Raise KeyRefused unless name, algorithm, status and dates agree with each other."""
        if kid != self.kid:
            raise KeyRefused(f"key {kid!r} is really {self.kid}: its name must be the digest of its bytes")
        found = "Ed25519" if isinstance(_public(self.spki), ed25519.Ed25519PublicKey) else "ES256"
        if self.algorithm != self.purpose.algorithm or self.algorithm != found:
            raise KeyRefused(
                f"key {self.kid}: a {self.purpose} key is {self.purpose.algorithm}, this is {found}"
            )
        if (self.status == "compromised") != (self.compromised_at is not None):
            raise KeyRefused(f"key {self.kid}: status {self.status} and compromised_at disagree")
        if (self.status == "active") != (self.retired_at is None and self.compromised_at is None):
            raise KeyRefused(f"key {self.kid}: status {self.status} and retired_at disagree")


@dataclass(frozen=True)
class KeyPair:
    """A signing key; its private half never appears in repr, logs or JSON other than its own file."""

    public: PublicKey
    _private: Private

    def __repr__(self) -> str:
        return f"KeyPair({self.public.purpose} {self.kid} of {self.public.park})"

    @property
    def kid(self) -> str:
        """The name of the public half."""
        return self.public.kid

    @classmethod
    def generate(cls, purpose: KeyPurpose, park: str, valid_from: datetime) -> Self:
        """A fresh key of the algorithm its purpose uses."""
        private: Private = (
            ec.generate_private_key(ec.SECP256R1())
            if purpose.algorithm == "ES256"
            else ed25519.Ed25519PrivateKey.generate()
        )
        return cls._of(private, purpose, park, valid_from)

    @classmethod
    def _of(cls, private: Private, purpose: KeyPurpose, park: str, valid_from: datetime) -> Self:
        spki = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return cls(
            PublicKey(purpose, park, purpose.algorithm, spki, valid_from.replace(microsecond=0)), private
        )

    def sign(self, message: bytes) -> bytes:
        """64 bytes of signature over `message`; ES256 as r‖s with the lower s."""
        return sign_with(self._private, message)

    def pem(self) -> bytes:
        """The private half as PKCS #8 PEM, for libraries that sign by themselves."""
        return self._private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def save(self, path: Path) -> None:
        """Write the key to a new file only its owner can read; never over another key."""
        body = {
            "purpose": self.public.purpose.value,
            "park": self.public.park,
            "valid_from": instant(self.public.valid_from),
            "private": self.pem().decode("ascii"),
        }
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise KeyRefused(f"{path} exists; a key is never overwritten: rotate instead") from None
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(body, file)
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file; raises KeyRefused when others could read it too or it is not a key file."""
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise KeyRefused(f"{path} can be read by others (mode {mode:o}); make it 600")
        try:
            body = json.loads(path.read_text(encoding="ascii"))
            private = serialization.load_pem_private_key(body["private"].encode("ascii"), password=None)
            purpose, park, valid_from = (
                KeyPurpose(body["purpose"]),
                body["park"],
                read_instant(body["valid_from"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeyRefused(f"{path} is not a key file: {error}") from error
        if not isinstance(private, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
            raise KeyRefused(f"{path} holds a key of an algorithm not used here")
        pair = cls._of(private, purpose, park, valid_from)
        pair.public.check(pair.kid)
        return pair


_FIELDS = frozenset(
    [
        "kid",
        "purpose",
        "park",
        "algorithm",
        "spki",
        "status",
        "valid_from",
        "retired_at",
        "compromised_at",
        "verify_until",
    ]
)


def sign_with(private: Private, message: bytes) -> bytes:
    """64 bytes of signature by a bare private key; ES256 as r‖s with the lower s."""
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(message)
    r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")


def verify_signature(public: Public, message: bytes, signature: bytes) -> bool:
    """Whether 64 bytes are `public`'s signature over `message`; of the two ES256 forms only the lower s counts."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, message)
            return True
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        if not (0 < r < P256_ORDER and 0 < s <= P256_ORDER // 2):
            return False
        public.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=512)
def _public(spki: bytes) -> Public:
    try:
        public = serialization.load_der_public_key(spki)
    except ValueError as error:
        raise KeyRefused(f"not a public key: {error}") from error
    if isinstance(public, ed25519.Ed25519PublicKey):
        return public
    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        return public
    raise KeyRefused("only Ed25519 and P-256 keys are used here")


def _purpose(text: object) -> KeyPurpose:
    try:
        return KeyPurpose(str(text))
    except ValueError:
        raise KeyRefused(f"{text!r} is not a key purpose; use one of {', '.join(KeyPurpose)}") from None


def _optional(moment: datetime | None) -> str | None:
    return None if moment is None else instant(moment)


def _read_optional(text: object) -> datetime | None:
    return None if text is None else read_instant(text)
