"""What a pass says: CWT claims of at most 150 bytes, one encoding for one meaning, no name and no document number."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self, cast

from twoparks.ledger.canonical import canonical
from twoparks.passes.cbor import Item, decode, encode
from twoparks.passes.refusal import PassRefused, refuse

MAX_CLAIMS_BYTES = 150
DIGEST_BYTES = 16
MAX_NUMBER = 2**32 - 1

EXP, NBF = 4, 5  # RFC 8392
PASS = -65537  # first of the claim keys for private use
PERMIT, VERSION, TERMS, BINDING, FLAGS, USES, EXIT_GROUPS, ENTRY_GROUPS, EXIT_PLACE, ENTRY_PLACE = range(
    1, 11
)
_STANDING, _HOLDER, _BOTH_WAYS = 1, 2, 4

Binding = Literal["labels", "holder"]


@dataclass(frozen=True)
class Place:
    """Where a park publishes the status of this pass: its number, which list, which index."""

    park: int
    list: int
    index: int


@dataclass(frozen=True)
class PassClaims:
    """What both parks sign.

    `places` stand in the direction of the crossing: exit side, entry side. `uses` 0 means not counted; a
    counted one-way pass names exactly one exit group and one entry group, an empty group list means any.
    Validity is half-open, to the second.
    """

    permit: str
    version: int
    terms_digest: bytes
    binding_digest: bytes
    binding: Binding
    standing: bool
    both_ways: bool
    uses: int
    exit_groups: tuple[int, ...]
    entry_groups: tuple[int, ...]
    valid_from: datetime
    valid_until: datetime
    places: tuple[Place, Place]

    @property
    def crosses(self) -> tuple[int, int]:
        """The numbers of the parks it leads from and to."""
        return self.places[0].park, self.places[1].park

    @property
    def counted(self) -> bool:
        """Whether each passage uses something up."""
        return self.uses > 0

    def check(self) -> None:
        """Raise PassRefused (`claims_*`) unless the claims can stand together."""
        if not (1 <= len(self.permit) <= 40 and self.permit.isascii() and self.permit.isprintable()):
            raise refuse("claims_permit", f"{self.permit!r} is not a permit id; use 1 to 40 ASCII characters")
        if len(self.terms_digest) != DIGEST_BYTES or len(self.binding_digest) != DIGEST_BYTES:
            raise refuse("claims_digest", f"terms and binding digests have {DIGEST_BYTES} bytes")
        if not (1 <= self.version <= MAX_NUMBER and 0 <= self.uses <= MAX_NUMBER):
            raise refuse("claims_number", f"version {self.version} or uses {self.uses} is out of range")
        if self.valid_from >= self.valid_until:
            raise refuse("claims_validity", "the pass would end before it begins")
        if self.places[0].park == self.places[1].park:
            raise refuse("claims_one_park", f"both status places are of park {self.places[0].park}")
        self._check_groups()

    def _check_groups(self) -> None:
        for groups in (self.exit_groups, self.entry_groups):
            if list(groups) != sorted(set(groups)):
                raise refuse("claims_groups", f"gate groups {groups} are repeated or out of order")
            most = 2 if self.both_ways else 1
            if self.counted and not 1 <= len(groups) <= most:
                raise refuse(
                    "claims_groups", "a counted pass names one gate group for each direction and leg"
                )
        if not self.standing and not self.counted:
            raise refuse("claims_uses", "a single pass states how often it may be used")

    def encode(self) -> bytes:
        """The claims' bytes; raises PassRefused when they contradict each other or exceed 150 bytes."""
        self.check()
        flags = _STANDING * self.standing | _HOLDER * (self.binding == "holder") | _BOTH_WAYS * self.both_ways
        exit_place, entry_place = self.places
        said: dict[int | str, Item] = {
            PERMIT: self.permit,
            VERSION: self.version,
            TERMS: self.terms_digest,
            BINDING: self.binding_digest,
            FLAGS: flags,
            USES: self.uses,
            EXIT_GROUPS: list(self.exit_groups),
            ENTRY_GROUPS: list(self.entry_groups),
            EXIT_PLACE: [exit_place.park, exit_place.list, exit_place.index],
            ENTRY_PLACE: [entry_place.park, entry_place.list, entry_place.index],
        }
        raw = encode({EXP: _seconds(self.valid_until), NBF: _seconds(self.valid_from), PASS: said})
        if len(raw) > MAX_CLAIMS_BYTES:
            raise refuse(
                "claims_too_long",
                f"the claims take {len(raw)} bytes, {MAX_CLAIMS_BYTES} fit: shorten the permit id or name fewer groups",
                bytes=len(raw),
            )
        return raw

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """The claims in `raw`; raises PassRefused on an unknown or missing claim, wrong type or other encoding."""
        if len(raw) > MAX_CLAIMS_BYTES:
            raise refuse(
                "claims_too_long", f"the claims take {len(raw)} bytes; {MAX_CLAIMS_BYTES} are allowed"
            )
        outer = _exactly(decode(raw), (EXP, NBF, PASS))
        said = _exactly(outer[PASS], range(PERMIT, ENTRY_PLACE + 1))
        flags = _whole(said[FLAGS])
        if flags > _STANDING | _HOLDER | _BOTH_WAYS:
            raise refuse("claims_flags", f"the flags {flags} are not known to this version")
        claims = cls(
            permit=_text(said[PERMIT]),
            version=_whole(said[VERSION]),
            terms_digest=_bytes(said[TERMS]),
            binding_digest=_bytes(said[BINDING]),
            binding="holder" if flags & _HOLDER else "labels",
            standing=bool(flags & _STANDING),
            both_ways=bool(flags & _BOTH_WAYS),
            uses=_whole(said[USES]),
            exit_groups=_wholes(said[EXIT_GROUPS]),
            entry_groups=_wholes(said[ENTRY_GROUPS]),
            valid_from=_moment(outer[NBF]),
            valid_until=_moment(outer[EXP]),
            places=(_place(said[EXIT_PLACE]), _place(said[ENTRY_PLACE])),
        )
        claims.check()
        return claims


def terms_digest(terms: Mapping[str, Any]) -> bytes:
    """The 16 bytes by which a pass names its terms document (canonical JSON)."""
    return hashlib.sha256(b"twoparks-terms-v1\n" + canonical(terms)).digest()[:DIGEST_BYTES]


def labels_digest(labels: Iterable[str]) -> bytes:
    """The 16 bytes that bind a pass to container and seal labels, in any order; capitals and outer spaces do not count."""
    tidy = sorted(label.strip().upper() for label in labels)
    if not tidy or "" in tidy or len(set(tidy)) != len(tidy):
        raise refuse("labels_malformed", "labels must be there, not empty and not repeated")
    return hashlib.sha256(b"twoparks-labels-v1\n" + canonical(cast(list[Any], tidy))).digest()[:DIGEST_BYTES]


def holder_digest(point: bytes) -> bytes:
    """The 16 bytes that bind a pass to a phone's key (33-byte compressed P-256 point)."""
    return hashlib.sha256(b"twoparks-holder-v1\n" + point).digest()[:DIGEST_BYTES]


def _seconds(moment: datetime) -> int:
    if moment.tzinfo is None or moment.microsecond:
        raise refuse("claims_validity", f"{moment.isoformat()} must have a time zone and whole seconds")
    return int(moment.timestamp())


def _moment(item: Item) -> datetime:
    return datetime.fromtimestamp(_whole(item), UTC)


def _exactly(item: Item, keys: Iterable[int]) -> Mapping[int | str, Item]:
    if not isinstance(item, Mapping):
        raise _wrong(item, "a map")
    expected = set(keys)
    if set(item) != expected:
        unknown, missing = sorted(map(str, set(item) - expected)), sorted(expected - set(item), key=str)
        raise refuse("claims_unknown", f"claims unknown: {unknown}, missing: {missing}")
    return item


def _whole(item: Item) -> int:
    if not isinstance(item, int) or not 0 <= item <= MAX_NUMBER:
        raise _wrong(item, "a whole number below 2^32")
    return item


def _wholes(item: Item) -> tuple[int, ...]:
    if not isinstance(item, list):
        raise _wrong(item, "a list of numbers")
    return tuple(_whole(one) for one in item)


def _place(item: Item) -> Place:
    numbers = _wholes(item)
    if len(numbers) != 3:
        raise _wrong(item, "park, list and index")
    return Place(*numbers)


def _text(item: Item) -> str:
    if not isinstance(item, str):
        raise _wrong(item, "a text")
    return item


def _bytes(item: Item) -> bytes:
    if not isinstance(item, bytes):
        raise _wrong(item, "bytes")
    return item


def _wrong(item: Item, expected: str) -> PassRefused:
    return refuse("claims_type", f"a claim is {type(item).__name__} where {expected} was expected")
