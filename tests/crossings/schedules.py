"""Random lives of one permit over the real outbox, inbox and gates, with somebody at the gates who tries everything."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from tests.story import ENTRY, EXIT, LABELS, Story
from tests.two_nodes import Fate, Killed, Snapshot

from twoparks.crossings import bundles, rules
from twoparks.federation.queries import acts, incidents
from twoparks.federation.types import Stale, StreamId
from twoparks.ledger.canonical import read_base64url
from twoparks.passes.cbor import encode
from twoparks.passes.cose import assemble
from twoparks.passes.qr import to_text
from twoparks.permits import actions, issued, terms
from twoparks.permits.types import Invalid, NotPossible, PermitId, PermitState, Reasons
from twoparks.registry.zone import zone

STEPS = 12
GATES = (EXIT, ENTRY)
BLANK = encode([encode({1: -7, 4: b"nobody's"}), {}, bytes(64)])  # a part in good form that nobody signed
FATES = [*[Fate.DELIVER] * 4, *Fate]


class Broken(AssertionError):
    """Something that must never happen did."""


@dataclass
class Life:
    """One schedule: what was really done, and what the gates let through."""

    story: Story
    permit: PermitId
    random: Random
    cleared: set[tuple[str, int]] = field(
        default_factory=set
    )  # park, version: by an officer, with nothing left to do
    granted: set[tuple[str, int]] = field(default_factory=set)
    ended: set[tuple[str, int]] = field(default_factory=set)
    told: dict[str, set[int]] = field(default_factory=lambda: {gate: set() for gate in GATES})
    greens: list[tuple[str, int]] = field(default_factory=list)  # gate, version
    seals: int = 0

    def live(self) -> None:
        """Some steps, each with whatever the network makes of it."""
        nodes = self.story.nodes
        nodes.network.fate = lambda sender, envelope: self.random.choice(FATES)
        nodes.network.kill_at = self.random.randrange(1, 40)
        for _ in range(STEPS):
            step = self.random.choice(_CHOICES)
            with suppress(
                NotPossible, Stale, Invalid, Killed
            ):  # refused, or the process ended: both are answers
                step(self)
            nodes.tick(self.random.choice([0, 1, 60]))

    def end_well(self) -> None:
        """A sound network at last: both nodes come to the same, and nobody was accused."""
        nodes = self.story.nodes
        nodes.settle()
        while nodes.network.held:
            nodes.network.arrive(self.random.randrange(len(nodes.network.held)))
        for gate in GATES:
            self.story.sync(gate)
        nodes.settle()
        found = []
        for park in ("sz", "hk"):
            with nodes.at(park):
                state = self.state(park)
                found.append((_comparable(state), rules.crossings(state, acts(StreamId(self.permit)))))
                if open_ones := incidents():
                    raise Broken(f"{park} accuses an honest park: {open_ones[0].detail}")
                if actions.rebuild():
                    raise Broken(f"{park}: the lists are not what the acts make them")
        if found[0] != found[1]:
            raise Broken("the two nodes do not agree about the permit")

    def state(self, park: str) -> PermitState:
        """The permit as one park knows it."""
        return self.story.state(park, self.permit)

    # --- what people do ------------------------------------------------------------------------------------------

    def grant(self) -> None:
        """All authorities of one park grant."""
        park = self.random.choice(("sz", "hk"))
        version = self.state(park).current.number
        self.story.grant_all(park, self.permit)
        self.granted.add((park, version))

    def clear(self) -> None:
        """One park officer tries to clear."""
        park = self.random.choice(("sz", "hk"))
        version = self.state(park).current.number
        self.story.clear(park, self.permit)
        if (park, version) not in self.granted:
            raise Broken(f"{park} cleared version {version} before its authorities had decided")
        self.cleared.add((park, version))

    def vary(self) -> None:
        """The laboratory declares a new version."""
        self.seals += 1
        with self.story.nodes.at("sz"):
            raw = {**self.story.example(), "uses": 1, "customs_declaration": f"C-{self.seals}"}
            before = self.state("sz").current.number
            user = self.story.user("sz-lab")
            actions.vary(user, self.permit, raw, self.story.seen(self.permit), self.story.nodes.now)
        self.ended.add(("sz", before))

    def revoke(self) -> None:
        """One park takes its clearance back."""
        park = self.random.choice(("sz", "hk"))
        with self.story.nodes.at(park):
            version = self.state(park).current.number
            officer, seen = self.story.user(f"{park}-officer"), self.story.seen(self.permit)
            actions.revoke(officer, self.permit, Reasons("random"), seen, self.story.nodes.now)
        self.ended.add((park, version))

    # --- what machines do ----------------------------------------------------------------------------------------

    def deliver(self) -> None:
        """One round of one outbox."""
        self.story.nodes.deliver(self.random.choice(("sz", "hk")))

    def arrive(self) -> None:
        """A message held on its way arrives, or the network is cut or mended."""
        network = self.story.nodes.network
        if network.held:
            network.arrive(self.random.randrange(len(network.held)))
        else:
            network.cut = not network.cut

    def sync(self) -> None:
        """One gate is synchronised; from now on it knows what its own park had ended by then."""
        gate = self.random.choice(GATES)
        park = gate[:2]
        with self.story.nodes.at(park):
            actions_taken = {v for p, v in self.ended if p == park}
        self.story.sync(gate, exchange=self.random.random() < 0.5)
        self.told[gate] |= actions_taken

    def scan(self) -> None:
        """Somebody shows something at a gate."""
        gate = self.random.choice(GATES)
        honest = [code for park in ("sz", "hk") if (code := issued.pass_text(self.state(park))) is not None]
        tried = honest if honest and self.random.random() < 0.6 else self.codes()
        code = self.random.choice(tried or ["TP1:"])
        verdict = self.story.scan(gate, code, LABELS)
        if verdict.light.word == "green":
            assert verdict.claims is not None
            self.judge(gate, verdict.claims.version)

    def judge(self, gate: str, version: int) -> None:
        """A gate opened: was it right to?"""
        for park in ("sz", "hk"):
            own = self.state(park).version(version)
            if (park, version) not in self.cleared or own is None or park not in own.signed:
                raise Broken(f"{gate} opened for version {version}, which {park} has not cleared and signed")
        if version in self.told[gate]:
            raise Broken(f"{gate} opened for version {version} after it knew that it had ended")
        if any(g == gate for g, _v in self.greens):
            raise Broken(f"{gate} opened twice for a single use")
        self.greens.append((gate, version))

    def codes(self) -> list[str]:
        """Every pass somebody could put together from what either park ever signed: honest ones and forgeries."""
        found = []
        for version in {v.number: v for p in ("sz", "hk") for v in self.state(p).versions}.values():
            parts = self.parts(version.number)
            claims = self.claims(version.number)
            if claims is None or not parts:
                continue
            for first in [*parts.values(), BLANK]:
                for second in [*parts.values(), BLANK]:
                    found.append(_forge(claims, first, second))
        return [code for code in found if code]

    def parts(self, version: int) -> dict[str, bytes]:
        """The signature parts of one version that exist anywhere, by park."""
        found: dict[str, bytes] = {}
        for park in ("sz", "hk"):
            if (at := self.state(park).version(version)) is not None:
                found |= {p: read_base64url(s.part) for p, s in at.signed.items()}
        return found

    def claims(self, version: int) -> bytes | None:
        """The permit bytes of a version, from whichever node can compute them."""
        for park in ("sz", "hk"):
            at = self.state(park).version(version)
            made = None if at is None else terms.permit_claims(self.permit, at, zone())
            if made is not None:
                return made.encode()
        return None


_CHOICES: list[Callable[[Life], None]] = [
    Life.grant,
    *[Life.clear] * 3,
    Life.vary,
    Life.revoke,
    *[Life.deliver] * 4,
    Life.arrive,
    *[Life.sync] * 3,
    *[Life.scan] * 5,
]


def _forge(claims: bytes, first: bytes, second: bytes) -> str | None:
    try:
        return to_text(assemble(claims, {1: first, 2: second}))
    except ValueError:
        return None


def _comparable(state: PermitState) -> Any:
    """What both nodes must agree on: everything said about each version by either park, in no order."""
    return [
        (
            v.number,
            v.digest,
            sorted(v.cleared),
            sorted(v.refused),
            sorted(v.revoked),
            {park: s.part for park, s in v.signed.items()},
            sorted((p.crossing, p.leg) for p in v.passages),
        )
        for v in state.versions
    ]


@dataclass(frozen=True)
class Moment:
    """Both databases and the clock at one point of a permit's life, and what officers had done by then."""

    databases: Snapshot
    clock: datetime
    granted: frozenset[tuple[str, int]] = frozenset()
    cleared: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True)
class Beginning:
    """Where schedules start: declared; decided by all authorities; in force, with gates that know it."""

    story: Story
    permit: PermitId
    moments: tuple[Moment, ...]

    @classmethod
    def of(cls, story: Story) -> Beginning:
        """Lead one permit through its life once, and remember three points of it."""
        both = frozenset({("sz", 1), ("hk", 1)})
        permit = story.declare()
        declared = Moment(story.nodes.snapshot(), story.nodes.now)
        for park in ("sz", "hk"):
            story.grant_all(park, permit)
        decided = Moment(story.nodes.snapshot(), story.nodes.now, both)
        for park in ("sz", "hk"):
            story.clear(park, permit)
        story.nodes.settle()
        for gate in GATES:
            story.sync(gate)
        in_force = Moment(story.nodes.snapshot(), story.nodes.now, both, both)
        return cls(story, permit, (declared, decided, decided, in_force, in_force))

    def life(self, seed: int) -> Life:
        """A fresh schedule from one of the points: databases and clock as they were, the gates' stores empty."""
        random = Random(seed)
        moment = random.choice(self.moments)
        self.story.nodes.restore(moment.databases)
        self.story.nodes.now = moment.clock
        for gate in GATES:
            with self.story.nodes.at(gate[:2]):
                store = bundles.device(gate).store
            for file in store.parent.glob(f"{store.name}*"):
                file.unlink()
        return Life(self.story, self.permit, random, cleared=set(moment.cleared), granted=set(moment.granted))
