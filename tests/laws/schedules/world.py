"""Both parks with people, gates and an attacker who keeps every byte; prepared once a process, put back before each schedule."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.laws.schedules.book import Book, read_base64url
from tests.laws.schedules.wanted import CASES, Case, demand
from tests.story import Story
from tests.two_nodes import PARKS, START, Network, Snapshot, fresh_pair

from twoparks.crossings import bundles
from twoparks.crossings.device import BUNDLE, KEY, Gate
from twoparks.federation import keys as node_keys
from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.passes.uses import SqliteUseStore
from twoparks.registry.zone import zone
from twoparks.site import demonstration

SECOND_LANE = "-b"
OWN_DIGESTS = "SELECT digest FROM federation_act WHERE park = ?"
Known = tuple[datetime, frozenset[tuple[str, int]]]  # when a status list was made, and what it ends


@dataclass
class Stolen:
    """Private keys an attacker has: of each park a pass key long retired, one retired not long ago, lost ones, his own."""

    retired: dict[str, KeyPair] = field(default_factory=dict)
    resting: dict[str, KeyPair] = field(default_factory=dict)  # still verifies; only its own park has it
    lost: dict[str, KeyPair] = field(default_factory=dict)
    lost_acts: dict[str, KeyPair] = field(default_factory=dict)
    lost_status: dict[str, KeyPair] = field(default_factory=dict)
    own: KeyPair = field(
        default_factory=lambda: KeyPair.generate(KeyPurpose.PASSES, "sz", START - timedelta(days=9))
    )
    own_acts: KeyPair = field(
        default_factory=lambda: KeyPair.generate(KeyPurpose.ACTS, "sz", START - timedelta(days=9))
    )
    old_trust: dict[str, bytes] = field(default_factory=dict)  # lists from before the losses were said


@dataclass(frozen=True)
class Admitted:
    """One green light, as the attacker's diary has it."""

    gate: str
    use_id: str
    permit: str
    version: int
    carried: Mapping[int, int]


@dataclass
class Memory:
    """What the world outside the two databases remembers; copied with each stage."""

    cases: dict[str, Case] = field(default_factory=dict)
    books: dict[str, Book] = field(default_factory=dict)
    status_held: dict[str, Known] = field(default_factory=dict)  # park -> the peer's list it took
    gate_knows: dict[str, tuple[Known, Known]] = field(
        default_factory=dict
    )  # gate -> own park's list, peer's
    tokens: list[tuple[str, bytes, Known]] = field(default_factory=list)  # every status list ever published
    admitted: list[Admitted] = field(default_factory=list)
    ended_keys: dict[str, dict[str, datetime]] = field(
        default_factory=lambda: {park: {} for park in PARKS}
    )  # park -> pass keys it signed with in this schedule, and from when on they vouch for nothing
    ended_known: dict[str, dict[str, datetime]] = field(
        default_factory=dict
    )  # park -> the peer's it heard of
    gate_bars: dict[str, dict[str, datetime]] = field(default_factory=dict)  # gate -> both parks' it heard of
    lost: dict[str, KeyPair] = field(default_factory=dict)  # park -> the last pass key it gave up

    def copy(self) -> Memory:
        """A memory that goes on by itself."""
        cases = {**self.cases}
        books = {park: book.copy() for park, book in self.books.items()}
        for book in books.values():
            book.cases = cases
        held, knows = {**self.status_held}, {**self.gate_knows}
        return Memory(cases, books, held, knows, [*self.tokens], [*self.admitted])  # no stage has other keys


@dataclass(frozen=True)
class Stage:
    """A moment from which schedules begin."""

    name: str
    databases: Snapshot
    now: datetime
    files: Mapping[Path, bytes]
    memory: Memory


class World:
    """The real parks, their gates in a folder, and what was seen of both. One a process; `restore` before each schedule."""

    def __init__(self) -> None:
        shm = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="twoparks-schedules-", dir=shm if shm.is_dir() else None))
        self.nodes = fresh_pair(self.folder)
        self.stolen = Stolen()
        _lose_keys(self)
        with patch.object(demonstration, "_person"):  # goods alone: nobody has consented to anything yet
            self.story = Story.begin(self.nodes)
        self.story.user = cache(self.story.user)  # type: ignore[method-assign]  # accounts and roles never change here
        self.memory, self.random, self.ran = Memory(), Random(0), Counter[str]()
        self.examples = {name: self.story.example(case.example) for name, case in CASES.items()}
        self.gates = _gates(self)
        acts = {park: _acts_keys(self, park) for park in PARKS}
        self.memory.books = {park: Book(park, acts, self.memory.cases) for park in PARKS}
        for park in PARKS:
            self.fetch_status(park)
        for gate in self.node_gates:
            self.sync(gate)
        self._keys = {path: path.read_bytes() for path in self._key_files()}

    @property
    def node_gates(self) -> tuple[str, ...]:
        """Gates their node knows; the second lanes share their store and never hand anything over."""
        return tuple(gate for gate in self.gates if not gate.endswith(SECOND_LANE))

    def close(self) -> None:
        """Let go of databases and folder."""
        self.nodes.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- stages -------------------------------------------------------------------------------------------------

    def stage(self, name: str) -> Stage:
        """The moment as it is."""
        files = {path: path.read_bytes() for path in self._files() if path.exists()}
        return Stage(name, self.nodes.snapshot(), self.nodes.now, files, self.memory.copy())

    def restore(self, stage: Stage) -> None:
        """Everything as it was then, over a sound network."""
        self.nodes.restore(stage.databases)
        if any(self.memory.ended_keys.values()):
            self._restore_keys()
        self.nodes.now, self.nodes.network = stage.now, Network(self.nodes)
        self.memory = stage.memory.copy()
        for path in self._files():
            if path in stage.files:
                path.write_bytes(stage.files[path])
            elif path.exists():
                path.unlink()

    def _files(self) -> Iterator[Path]:
        for gate in self.gates.values():
            yield gate.folder / BUNDLE
            yield gate.store
            yield from (gate.store.with_name(gate.store.name + end) for end in ("-wal", "-shm"))

    def _key_files(self) -> list[Path]:
        return [path for park in PARKS for path in (self.nodes.sides[park].node.home / "keys").glob("*.json")]

    def _restore_keys(self) -> None:
        for path in self._key_files():
            if path not in self._keys:
                path.unlink()
        for path, content in self._keys.items():
            path.write_bytes(content)

    # --- seeing -------------------------------------------------------------------------------------------------

    @property
    def books(self) -> Mapping[str, Book]:
        """What stands in each node's log."""
        return self.memory.books

    def look(self) -> None:
        """Read what is new in both logs; raises Violation for whatever may not stand there."""
        for park in PARKS:
            rows = self.connection(park).execute(OWN_DIGESTS, (park,)).fetchall()
            self.books[park].recorded = {bytes.fromhex(digest) for (digest,) in rows}
        for park in PARKS:
            self.books[park].read(self.connection(park), self.books[self.nodes.other(park)])

    def connection(self, park: str) -> Any:
        """The bare database connection of one node (sqlite3, which has no type here)."""
        database = self.nodes.sides[park].database
        database.ensure_connection()
        return database.connection

    # --- documents and gates ------------------------------------------------------------------------------------

    def fetch_trust(self, park: str) -> None:
        """The node pulls the peer's trust list as it is now."""
        from twoparks.federation.actions import take_trust

        other = self.nodes.other(park)
        with self.nodes.at(other):
            trust = node_keys.node_keys().published
        with self.nodes.at(park):
            demand(take_trust(trust, self.nodes.now), "an honest trust list was refused")
        self.memory.ended_known[park] = {**self.memory.ended_keys[other]}

    def fetch_status(self, park: str) -> None:
        """The node pulls the peer's status list as it is now."""
        from twoparks.permits import issued

        other = self.nodes.other(park)
        self.look()
        known = (self.nodes.now, self.books[other].ended())
        with self.nodes.at(other):
            token = issued.status_token(self.nodes.now)
        self.memory.tokens.append((other, token, known))
        self.take_status(park, token, known)

    def take_status(self, park: str, token: bytes, known: Known) -> None:
        """Give a node a status list; raises Refused when it does not want it."""
        from twoparks.permits import actions

        with self.nodes.at(park):
            actions.take_status(token, self.nodes.now)
        held = self.memory.status_held.get(park)
        if held is None or known[0] >= held[0]:  # the newest counts, whatever the node thinks it took
            self.memory.status_held[park] = known

    def sync(self, gate: str) -> int:
        """A gate and its node exchange events and bundle; a second lane gets the bundle of the first."""
        from twoparks.crossings.actions import sync_gate

        park = gate[:2]
        with self.nodes.at(park):
            taken = sync_gate(gate, self.nodes.now)
        self.look()
        own = (self.nodes.now, self.books[park].ended())
        self.memory.gate_knows[gate] = (own, self.memory.status_held[park])
        known = self.memory.ended_known.get(park, {})
        self.memory.gate_bars[gate] = {**self.memory.ended_keys[park], **known}
        return taken

    def sync_second(self, gate: str) -> None:
        """Give the second lane what the first one has."""
        first = gate.removesuffix(SECOND_LANE)
        raw = json.loads((self.gates[first].folder / BUNDLE).read_text(encoding="utf-8"))
        (self.gates[gate].folder / BUNDLE).write_text(json.dumps({**raw, "gate": gate}), encoding="utf-8")
        self.memory.gate_knows[gate] = self.memory.gate_knows[first]
        self.memory.gate_bars[gate] = self.memory.gate_bars.get(first, {})


@contextmanager
def a_world() -> Iterator[World]:
    """A world for one block."""
    with closing(World()) as world:
        yield world


def _lose_keys(world: World) -> None:
    """Before anything begins each park retired two pass keys and gave up another, and an acts and a status key each."""
    early = START - timedelta(days=2)
    for park in PARKS:
        with world.nodes.at(park):
            world.stolen.retired[park] = _pair(KeyPurpose.PASSES)
            node_keys.rotate(KeyPurpose.PASSES, early, early + timedelta(days=1))
            world.stolen.resting[park] = _pair(KeyPurpose.PASSES)
            node_keys.rotate(KeyPurpose.PASSES, early, START + timedelta(days=60))
            for purpose, kept in (
                (KeyPurpose.PASSES, world.stolen.lost),
                (KeyPurpose.ACTS, world.stolen.lost_acts),
                (KeyPurpose.STATUS, world.stolen.lost_status),
            ):
                kept[park] = _pair(purpose)
                world.stolen.old_trust[park] = node_keys.node_keys().published
                node_keys.compromise(kept[park].kid, early + timedelta(days=1))


def _pair(purpose: KeyPurpose) -> KeyPair:
    return node_keys.node_keys().signer(purpose)


def _acts_keys(world: World, park: str) -> Mapping[str, Ed25519PublicKey]:
    """The acts keys that speak for a park, read from its published list."""
    with world.nodes.at(park):
        published = json.loads(node_keys.node_keys().published)
    spki = {
        k["kid"]: k["spki"]
        for k in published["act"]["keys"]
        if k["purpose"] == "acts" and k["status"] == "active"
    }
    return {kid: Ed25519PublicKey.from_public_bytes(read_base64url(text)[-32:]) for kid, text in spki.items()}


def _gates(world: World) -> dict[str, Gate]:
    """Every gate of the zone, and for each a second lane on the same store."""
    found = {}
    for group in zone().gate_groups.values():
        for name in group.gates:
            with world.nodes.at(group.park):
                gate = bundles.device(name)
            lane = Gate(gate.folder.with_name(name + SECOND_LANE), gate.store)
            lane.folder.mkdir()
            KeyPair.generate(KeyPurpose.GATE, group.park, START - timedelta(days=1)).save(lane.folder / KEY)
            found[name], found[name + SECOND_LANE] = gate, lane
    return found


@cache
def the_world() -> World:
    """The world of this process, its stages not made yet."""
    import atexit

    world = World()
    atexit.register(world.close)
    return world


def store_of(world: World, gate: str) -> SqliteUseStore:
    """The gate's own hand on its group's store, for somebody who reads it beside the gate."""
    device = world.gates[gate]
    return SqliteUseStore(device.store, gate, device.key())


__all__ = ["SECOND_LANE", "Admitted", "Memory", "Stage", "World", "a_world", "store_of", "the_world"]
