"""Trust lists: which keys a park stands behind, signed by its root, never going back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from twoparks.ledger.canonical import NotCanonical, base64url, instant, read_instant
from twoparks.ledger.envelope import BadSignature, read_envelope, seal, signed_bytes
from twoparks.ledger.keys import KeyPair, KeyPurpose, KeyRefused, PublicKey
from twoparks.ledger.refusal import LedgerRefusal


class TrustRefused(LedgerRefusal):
    """A trust list does not say what a trust list must say."""

    code = "trust_malformed"


class TrustWentBack(LedgerRefusal):
    """The offered list is older than the one already accepted."""

    code = "trust_went_back"


class TrustForked(LedgerRefusal):
    """Two lists carry the same version and different bytes."""

    code = "trust_forked"


class ForeignKey(LedgerRefusal):
    """The list names a key of another park."""

    code = "trust_foreign_key"


class KeyRevived(LedgerRefusal):
    """The list calls a key good that was compromised before, or changes what a key is."""

    code = "trust_key_revived"


@dataclass(frozen=True)
class TrustList:
    """The keys one park stands behind. `number` is the park's short number inside passes."""

    park: str
    number: int
    version: int
    issued_at: datetime
    keys: tuple[PublicKey, ...]

    def key(self, kid: str) -> PublicKey | None:
        """The key of that name, or None."""
        return next((key for key in self.keys if key.kid == kid), None)

    def active(self, purpose: KeyPurpose) -> PublicKey:
        """The key the park signs with now for that purpose; raises TrustRefused when there is none."""
        for key in self.keys:
            if key.purpose is purpose and key.status == "active":
                return key
        raise TrustRefused(f"park {self.park} has no active {purpose} key; rotate to make one")

    def sign(self, root: KeyPair) -> bytes:
        """The list as it is published, signed by the park's trust root."""
        if root.public.purpose is not KeyPurpose.TRUST or root.public.park != self.park:
            raise TrustRefused(f"{root!r} cannot sign the trust list of {self.park}")
        return seal(self._body(), root).raw

    def _body(self) -> dict[str, object]:
        return {
            "kind": "trust-list",
            "park": self.park,
            "number": self.number,
            "version": self.version,
            "issued_at": instant(self.issued_at),
            "keys": [key.to_json() for key in sorted(self.keys, key=lambda key: key.kid)],
        }

    @classmethod
    def read(cls, raw: bytes, root: PublicKey) -> Self:
        """The list in `raw` when `root` signed it and every key in it is sound; raises a LedgerRefusal."""
        if root.purpose is not KeyPurpose.TRUST:
            raise TrustRefused(
                f"key {root.kid} is for {root.purpose}; a trust list is signed by a trust root"
            )
        envelope = read_envelope(raw)
        if not root.verify(signed_bytes(envelope.act, KeyPurpose.TRUST), envelope.sig):
            raise BadSignature(f"the trust list is not signed by the root {root.kid} of {root.park}")
        act = envelope.act
        if (
            set(act) != {"kind", "park", "number", "version", "issued_at", "keys"}
            or act["kind"] != "trust-list"
        ):
            raise TrustRefused("a trust list has kind, park, number, version, issued_at and keys")
        if act["park"] != root.park:
            raise ForeignKey(f"the root of {root.park} signed a list for {act['park']!r}")
        if not all(type(act[name]) is int and act[name] >= 1 for name in ("number", "version")):
            raise TrustRefused("number and version are whole numbers from 1")
        try:
            keys = tuple(PublicKey.from_json(key) for key in act["keys"])
            found = cls(act["park"], act["number"], act["version"], read_instant(act["issued_at"]), keys)
        except (KeyRefused, NotCanonical, TypeError) as error:
            raise TrustRefused(f"the trust list of {act['park']}: {error}") from error
        found.check()
        return found

    def check(self) -> None:
        """Raise ForeignKey or TrustRefused unless every key is this park's and each name is used once."""
        for key in self.keys:
            if key.park != self.park:
                raise ForeignKey(f"the list of {self.park} names key {key.kid} of {key.park}")
        if len({key.kid for key in self.keys}) != len(self.keys):
            raise TrustRefused(f"the list of {self.park} names a key twice")
        active = [
            key.purpose for key in self.keys if key.status == "active" and key.purpose is not KeyPurpose.GATE
        ]
        if len(set(active)) != len(active):
            raise TrustRefused(f"the list of {self.park} has two active keys for one purpose")


@dataclass(frozen=True)
class Trust:
    """The trust lists of the parks together: what a verifier asks."""

    lists: Mapping[str, TrustList]
    _keys: Mapping[str, PublicKey] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for park, trust_list in self.lists.items():
            if trust_list.park != park:
                raise ForeignKey(f"the list filed under {park} is that of {trust_list.park}")
        numbers = [trust_list.number for trust_list in self.lists.values()]
        if len(set(numbers)) != len(numbers):
            raise TrustRefused("two parks share a number")
        keys = {key.kid: key for trust_list in self.lists.values() for key in trust_list.keys}
        if len(keys) != sum(len(trust_list.keys) for trust_list in self.lists.values()):
            raise TrustRefused("two parks name the same key")
        object.__setattr__(self, "_keys", keys)

    @classmethod
    def of(cls, *lists: TrustList) -> Self:
        """Trust in these lists."""
        return cls({trust_list.park: trust_list for trust_list in lists})

    def key(self, kid: str) -> PublicKey | None:
        """The key of that name in any list, or None."""
        return self._keys.get(kid)

    def key_of_bytes(self, kid: bytes) -> PublicKey | None:
        """The key named by the 8 bytes a COSE header carries, or None."""
        return self._keys.get(base64url(kid))

    def park_of_number(self, number: int) -> str | None:
        """The park that uses `number` inside passes, or None."""
        return next((one.park for one in self.lists.values() if one.number == number), None)


def accept(current: bytes | None, offered: bytes, root: PublicKey) -> TrustList:
    """The offered list, when it may take the place of `current` (published bytes, or None for the first).

    Raises BadSignature, ForeignKey, TrustRefused, TrustWentBack, TrustForked or KeyRevived.
    """
    new = TrustList.read(offered, root)
    if current is None:
        return new
    old = TrustList.read(current, root)
    if new.version < old.version:
        raise TrustWentBack(f"version {new.version} offered, {old.version} is already accepted")
    if new.version == old.version and offered != current:
        raise TrustForked(f"two different lists of {new.park} carry version {new.version}")
    for was in old.keys:
        now = new.key(was.kid)
        if now is not None and not _may_become(was, now):
            raise KeyRevived(
                f"key {was.kid} was {was.status}; version {new.version} makes it {now.status} again"
            )
    return new


def rotate(old: TrustList, key: PublicKey, now: datetime, verify_until: datetime | None = None) -> TrustList:
    """The next list: `key` active for its purpose, its predecessor retired and verifying until `verify_until`.

    For passes and status lists `verify_until` is the end of the last one the old key signed; dated acts need none.
    """
    moment = now.replace(microsecond=0)
    retired = tuple(
        replace(one, status="retired", retired_at=moment, verify_until=verify_until)
        if one.purpose is key.purpose and one.status == "active" and key.purpose is not KeyPurpose.GATE
        else one
        for one in old.keys
    )
    new = replace(old, version=old.version + 1, issued_at=moment, keys=(*retired, key))
    new.check()
    return new


def compromise(old: TrustList, kid: str, now: datetime) -> TrustList:
    """The next list: key `kid` vouches for nothing new from here on."""
    if old.key(kid) is None:
        raise TrustRefused(f"park {old.park} has no key {kid}; it has {', '.join(k.kid for k in old.keys)}")
    moment = now.replace(microsecond=0)
    keys = tuple(
        replace(one, status="compromised", compromised_at=one.compromised_at or moment)
        if one.kid == kid
        else one
        for one in old.keys
    )
    return replace(old, version=old.version + 1, issued_at=moment, keys=keys)


def retire(old: TrustList, kid: str, now: datetime) -> TrustList:
    """The next list: key `kid` (a gate device cut off, say) vouches only for what is dated before now."""
    if old.key(kid) is None:
        raise TrustRefused(f"park {old.park} has no key {kid}; it has {', '.join(k.kid for k in old.keys)}")
    moment = now.replace(microsecond=0)
    keys = tuple(
        replace(one, status="retired", retired_at=moment)
        if one.kid == kid and one.status == "active"
        else one
        for one in old.keys
    )
    return replace(old, version=old.version + 1, issued_at=moment, keys=keys)


_RANK = {"active": 0, "retired": 1, "compromised": 2}


def _may_become(was: PublicKey, now: PublicKey) -> bool:
    same = (was.purpose, was.park, was.valid_from) == (now.purpose, now.park, now.valid_from)
    return same and _RANK[now.status] >= _RANK[was.status]
