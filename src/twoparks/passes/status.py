"""Status lists: one bit or two for each pass, signed by the park, cached at the gate (Token Status List, CWT form).

Source: draft-ietf-oauth-status-list. A pass names its place by park number, list and index; the list's URI is
made from these, because a URI would not fit into a pass.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, Self

from twoparks.ledger.keys import KeyPair, KeyPurpose, PublicKey
from twoparks.ledger.trust import Trust
from twoparks.passes.cbor import Item, decode, encode
from twoparks.passes.refusal import PassRefused, refuse

TAG = b"\xd2"  # COSE_Sign1
TYPE = "application/statuslist+cwt"
VALID, REVOKED, SUSPENDED = 0, 1, 2
MAX_LIST_BYTES = 1 << 20
CLOCK_SLACK_S = 60

_ALG, _KID, _TYP, _ES256 = 1, 4, 16, -7
_SUB, _EXP, _IAT, _LIST, _TTL = 2, 4, 6, 65533, 65534

Freshness = Literal["fresh", "ageing", "stale", "future"]


class StatusBits:
    """The statuses of a list, `bits` (1 or 2) each, least significant first; `size` is a multiple of 8/bits."""

    def __init__(self, size: int, bits: int = 1) -> None:
        if bits not in (1, 2) or size < 1 or size * bits % 8:
            raise refuse("status_size", f"{size} statuses of {bits} bits do not fill whole bytes")
        self.bits = bits
        self._bytes = bytearray(size * bits // 8)

    @classmethod
    def of_bytes(cls, raw: bytes, bits: int) -> Self:
        """The statuses in uncompressed list bytes."""
        made = cls(len(raw) * 8 // bits if bits in (1, 2) else 0, bits)
        made._bytes[:] = raw
        return made

    def __len__(self) -> int:
        return len(self._bytes) * 8 // self.bits

    def __bytes__(self) -> bytes:
        return bytes(self._bytes)

    def get(self, index: int) -> int:
        """The status at `index`; raises PassRefused (`status_index`) outside the list."""
        byte, shift = self._at(index)
        return self._bytes[byte] >> shift & (1 << self.bits) - 1

    def set(self, index: int, status: int) -> None:
        """Write the status at `index`; raises PassRefused (`status_index`, `status_value`)."""
        byte, shift = self._at(index)
        mask = (1 << self.bits) - 1
        if not 0 <= status <= mask:
            raise refuse("status_value", f"status {status} does not fit into {self.bits} bits")
        self._bytes[byte] = self._bytes[byte] & ~(mask << shift) | status << shift

    def _at(self, index: int) -> tuple[int, int]:
        if not 0 <= index < len(self):
            raise refuse("status_index", f"index {index} is outside the list of {len(self)}", index=index)
        return divmod(index * self.bits, 8)


@dataclass(frozen=True)
class StatusList:
    """One list as its park signed it. `number` is the list's number; `kid` the key that signed, once signed."""

    park: str
    number: int
    statuses: StatusBits
    issued_at: datetime
    expires_at: datetime
    ttl_s: int
    kid: str = field(default="", compare=False)

    @property
    def uri(self) -> str:
        """The list's name in its own claims."""
        return f"urn:twoparks:status:{self.park}:{self.number}"

    def age_s(self, now: datetime) -> int:
        """Whole seconds since it was issued; negative when this clock is behind the issuer's."""
        return int((now - self.issued_at).total_seconds())

    def freshness(self, now: datetime, fresh_s: int, max_s: int) -> Freshness:
        """`fresh` up to `fresh_s`, `ageing` up to `max_s` or `expires_at`, then `stale`; `future` if the clocks disagree."""
        age = self.age_s(now)
        if age < -CLOCK_SLACK_S:
            return "future"
        if age > max_s or now >= self.expires_at:
            return "stale"
        return "fresh" if age <= fresh_s else "ageing"


Statuses = Mapping[tuple[int, int], StatusList]  # (park number, list number) -> the newest list held


def encode_status(status_list: StatusList, key: KeyPair) -> bytes:
    """The list as a Status List Token (COSE_Sign1, ES256), signed by the park's status key."""
    if key.public.purpose is not KeyPurpose.STATUS or key.public.park != status_list.park:
        raise refuse("key_other_purpose", f"{key!r} cannot sign a status list of {status_list.park}")
    protected = encode({_ALG: _ES256, _KID: key.public.kid_bytes, _TYP: TYPE})
    claims = encode(
        {
            _SUB: status_list.uri,
            _EXP: int(status_list.expires_at.timestamp()),
            _IAT: int(status_list.issued_at.timestamp()),
            _LIST: {"bits": status_list.statuses.bits, "lst": zlib.compress(bytes(status_list.statuses), 9)},
            _TTL: status_list.ttl_s,
        }
    )
    return TAG + encode([protected, {}, claims, key.sign(_to_sign(protected, claims))])


def decode_and_verify(raw: bytes, trust: Trust, now: datetime, seen: StatusList | None = None) -> StatusList:
    """The list, when its park's status key signed it and it is not older than `seen`.

    Raises PassRefused: `status_malformed`, `status_signature`, `status_expired`, `status_went_back`, or a key refusal.
    Age is not judged here but at the gate (`freshness`).
    """
    protected, claims_bytes, signature = _open(raw)
    key = _key(protected, trust, now)
    if not key.verify(_to_sign(protected, claims_bytes), signature):
        raise refuse("status_signature", f"the status list is not signed by key {key.kid} of {key.park}")
    found = _read(claims_bytes, key)
    if now >= found.expires_at:
        raise refuse("status_expired", f"the status list {found.uri} ended at {found.expires_at.isoformat()}")
    if seen is not None and (seen.park, seen.number) != (found.park, found.number):
        raise refuse("status_other_list", f"expected {seen.uri}, got {found.uri}")
    if seen is not None and found.issued_at < seen.issued_at:
        raise refuse(
            "status_went_back",
            f"the list of {found.issued_at.isoformat()} is older than the one of {seen.issued_at.isoformat()} already held",
        )
    return found


def _open(raw: bytes) -> tuple[bytes, bytes, bytes]:
    if len(raw) > MAX_LIST_BYTES or not raw.startswith(TAG):
        raise _malformed("is too long or not COSE_Sign1")
    body = decode(raw[len(TAG) :])
    if not isinstance(body, list) or len(body) != 4 or body[1] != {}:
        raise _malformed("has not the four parts of COSE_Sign1, or unprotected headers")
    protected, _, claims, signature = body
    if not (isinstance(protected, bytes) and isinstance(claims, bytes) and isinstance(signature, bytes)):
        raise _malformed("has parts of the wrong type")
    return protected, claims, signature


def _key(protected: bytes, trust: Trust, now: datetime) -> PublicKey:
    header = decode(protected)
    if not isinstance(header, Mapping) or set(header) != {_ALG, _KID, _TYP}:
        raise _malformed("has other headers than algorithm, key and type")
    kid = header[_KID]
    if header[_ALG] != _ES256 or header[_TYP] != TYPE or not isinstance(kid, bytes):
        raise _malformed("is not an ES256 status list")
    key = trust.key_of_bytes(kid)
    if key is None:
        raise refuse("key_unknown", f"the key {kid.hex()} is in no trust list")
    if key.purpose is not KeyPurpose.STATUS:
        raise refuse("key_other_purpose", f"key {key.kid} is for {key.purpose}, not for status lists")
    reason = key.refusal_now(now)
    if reason is not None:
        raise refuse(reason, f"key {key.kid} of {key.park} may not vouch now ({reason})")
    return key


def _read(claims_bytes: bytes, key: PublicKey) -> StatusList:
    claims = decode(claims_bytes)
    if not isinstance(claims, Mapping) or set(claims) != {_SUB, _EXP, _IAT, _LIST, _TTL}:
        raise _malformed("has other claims than sub, exp, iat, ttl and status_list")
    exp, iat, ttl, inner = claims[_EXP], claims[_IAT], claims[_TTL], claims[_LIST]
    if not (
        isinstance(exp, int) and isinstance(iat, int) and isinstance(ttl, int) and 0 <= iat < exp < 2**34
    ):
        raise _malformed("has times that are not times")
    if not isinstance(inner, Mapping) or set(inner) != {"bits", "lst"}:
        raise _malformed("holds no bits")
    bits, lst = inner["bits"], inner["lst"]
    if not isinstance(bits, int) or bits not in (1, 2) or not isinstance(lst, bytes):
        raise _malformed("holds bits of a kind not used here")
    statuses = StatusBits.of_bytes(_inflate(lst), bits)
    issued_at = datetime.fromtimestamp(iat, UTC)
    number = _list_number(claims[_SUB], key.park)
    return StatusList(
        key.park, number, statuses, issued_at, issued_at + timedelta(seconds=exp - iat), ttl, key.kid
    )


def _list_number(uri: Item, park: str) -> int:
    prefix = f"urn:twoparks:status:{park}:"
    number = uri.removeprefix(prefix) if isinstance(uri, str) and uri.startswith(prefix) else ""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise _malformed(f"calls itself {uri!r}, which is not a list of {park}")
    return int(number)


def _inflate(lst: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(lst, MAX_LIST_BYTES)
    except zlib.error as error:
        raise _malformed(f"cannot be decompressed: {error}") from error
    if not stream.eof or stream.unused_data or not raw:
        raise _malformed(f"decompresses to more than {MAX_LIST_BYTES} bytes, to none, or has bytes to spare")
    return raw


def _to_sign(protected: bytes, claims: bytes) -> bytes:
    return encode(["Signature1", protected, b"", claims])


def _malformed(why: str) -> PassRefused:
    return refuse("status_malformed", f"the status list {why}")
