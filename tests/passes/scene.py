"""A small zone for these tests: two parks, their keys, one permit, one gate on each leg, a fixed clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from twoparks.ledger.keys import KeyPair, KeyPurpose, PublicKey
from twoparks.ledger.trust import Trust, TrustList
from twoparks.passes.claims import PassClaims, Place, labels_digest, terms_digest
from twoparks.passes.cose import assemble, sign_part
from twoparks.passes.gate import GateContext, Presented
from twoparks.passes.qr import to_text
from twoparks.passes.status import StatusBits, StatusList, decode_and_verify, encode_status
from twoparks.passes.uses import SqliteUseStore

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LABELS = ("BOX-0001", "BOX-0002", "SEAL-77")
TERMS = {"items": [{"line": 1, "quantity": 20, "unit": "vial"}], "uses": 1}
NORTH, SOUTH = 1, 2
EXIT_GROUP, ENTRY_GROUP = 11, 12


@dataclass
class Park:
    """One park's keys and status list."""

    name: str
    number: int
    keys: dict[KeyPurpose, KeyPair] = field(default_factory=dict)
    bits: StatusBits = field(default_factory=lambda: StatusBits(1024))

    def __post_init__(self) -> None:
        for purpose in KeyPurpose:
            self.keys[purpose] = KeyPair.generate(purpose, self.name, NOW - timedelta(days=30))

    def trust_list(self, **changed: PublicKey) -> TrustList:
        """The park's list, with the named purposes' keys replaced."""
        keys = [changed.get(p.name.lower(), pair.public) for p, pair in self.keys.items()]
        return TrustList(self.name, self.number, 1, NOW - timedelta(days=30), tuple(keys))

    def status_list(self, trust: Trust, age_s: int = 60) -> StatusList:
        """The park's list as a gate holds it, issued `age_s` ago."""
        made = StatusList(
            self.name, 0, self.bits, NOW - timedelta(seconds=age_s), NOW + timedelta(days=1), 900
        )
        return decode_and_verify(encode_status(made, self.keys[KeyPurpose.STATUS]), trust, NOW)


@dataclass
class Zone:
    """Both parks and what gates need of them."""

    north: Park = field(default_factory=lambda: Park("north", NORTH))
    south: Park = field(default_factory=lambda: Park("south", SOUTH))

    @property
    def trust(self) -> Trust:
        """Trust in both parks."""
        return Trust.of(self.north.trust_list(), self.south.trust_list())

    def claims(self, **changed: Any) -> PassClaims:
        """A single-use goods permit from north to south."""
        return replace(
            PassClaims(
                permit="sz-26-7kq2m9xd",
                version=1,
                terms_digest=terms_digest(TERMS),
                binding_digest=labels_digest(LABELS),
                binding="labels",
                standing=False,
                both_ways=False,
                uses=1,
                exit_groups=(EXIT_GROUP,),
                entry_groups=(ENTRY_GROUP,),
                valid_from=NOW - timedelta(days=1),
                valid_until=NOW + timedelta(days=6),
                places=(Place(NORTH, 0, 101), Place(SOUTH, 0, 202)),
            ),
            **changed,
        )

    def parts(self, claims_bytes: bytes) -> dict[int, bytes]:
        """Both parks' signature parts."""
        return {
            park.number: sign_part(claims_bytes, park.keys[KeyPurpose.PASSES])
            for park in (self.north, self.south)
        }

    def pass_bytes(self, **changed: Any) -> bytes:
        """A pass both parks signed."""
        claims_bytes = self.claims(**changed).encode()
        return assemble(claims_bytes, self.parts(claims_bytes))

    def shown(self, **changed: Any) -> Presented:
        """The pass with its labels and terms, as shown at a gate."""
        return Presented(to_text(self.pass_bytes(**changed)), LABELS, terms=TERMS)

    def gate(self, folder: Path, leg: str = "exit", **changed: Any) -> GateContext:
        """A gate on one leg with its own store in `folder`."""
        park = self.north if leg == "exit" else self.south
        name = f"{park.name}-{leg}-a"
        trust = self.trust
        context = GateContext(
            gate=name,
            group=EXIT_GROUP if leg == "exit" else ENTRY_GROUP,
            leg="exit" if leg == "exit" else "entry",
            crosses=(NORTH, SOUTH),
            trust=trust,
            statuses={(park.number, 0): park.status_list(trust) for park in (self.north, self.south)},
            store=SqliteUseStore(folder / f"{name}.sqlite3", name, park.keys[KeyPurpose.GATE]),
            status_fresh_s=900,
            status_max_s=14400,
        )
        return replace(context, **changed)
