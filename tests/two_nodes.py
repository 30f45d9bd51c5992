"""Both parks in one process: each its own database, home and keys, joined by a network that can do its worst.

    def test_something(two_nodes: TwoNodes) -> None:
        with two_nodes.at("sz"), transaction.atomic():
            record(NewAct(...), two_nodes.now)
        two_nodes.settle()
        with two_nodes.at("hk"):
            assert acts(StreamId("sz-26-7kq2m9xd"))

`two_nodes` is the fixture. For many schedules build one `TwoNodes`, `restore(snapshot)` before each.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from tests.stage_databases import close, dump, fill, open_database

from twoparks.federation.actions import receive, take_trust
from twoparks.federation.delivery import Report, deliver_due
from twoparks.federation.keys import ensure_keys, node_keys, root_document, trust_peer_root
from twoparks.federation.returning import answer_held, answer_returned
from twoparks.federation.transport import Unreachable
from twoparks.federation.types import Receipt
from twoparks.federation.witness import take_cosignature
from twoparks.registry.node import Node, stand_on
from twoparks.site.demonstration.stage import Side, Stage, nodes_in, published_document

START = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)
PARKS = ("sz", "hk")
Snapshot = tuple[bytes, bytes]


class Killed(BaseException):
    """The process of a node ended here; nothing of the open transaction stays."""


class Fate(Enum):
    """What the network does with one message."""

    DELIVER = auto()
    LOSE = auto()  # never arrives
    LOSE_ANSWER = auto()  # arrives, the sender never hears
    TWICE = auto()  # arrives twice, the sender hears the second answer
    HOLD = auto()  # stays on the way until `arrive`; the sender hears nothing
    KILL_RECEIVER = auto()  # the receiver dies at statement `kill_at` of taking it
    KILL_SENDER = auto()  # arrives, the sender dies before it can note so


@dataclass
class Network:
    """Everything between the two nodes: cut it, choose the fate of each message, let held ones arrive in any order."""

    nodes: TwoNodes
    cut: bool = False
    fate: Callable[[str, bytes], Fate] = lambda sender, envelope: Fate.DELIVER
    kill_at: int = 3
    held: list[tuple[str, bytes]] = field(default_factory=list)  # receiver, envelope
    sent: list[tuple[str, bytes]] = field(default_factory=list)  # sender, envelope: every attempt

    def carry(self, sender: str, envelope: bytes) -> Receipt | Unreachable:
        """One attempt of `sender`, with the fate chosen for it."""
        self.sent.append((sender, envelope))
        receiver = self.nodes.other(sender)
        fate = Fate.LOSE if self.cut else self.fate(sender, envelope)
        if fate is Fate.HOLD:
            self.held.append((receiver, envelope))
        if fate is Fate.KILL_RECEIVER:
            with self.nodes.killed_at(receiver, self.kill_at):
                return self._hand_over(receiver, envelope)
        if fate in (Fate.LOSE, Fate.HOLD, Fate.KILL_RECEIVER):
            return _SILENCE
        answer = self._hand_over(receiver, envelope)
        if fate is Fate.TWICE:
            answer = self._hand_over(receiver, envelope)
        if fate is Fate.KILL_SENDER:
            raise Killed
        return _SILENCE if fate is Fate.LOSE_ANSWER else answer

    def arrive(self, index: int = 0) -> Receipt:
        """Let one held message arrive now; its answer reaches nobody but the test."""
        receiver, envelope = self.held.pop(index)
        return self._hand_over(receiver, envelope)

    def _hand_over(self, receiver: str, envelope: bytes) -> Receipt:
        with self.nodes.at(receiver):
            return receive(envelope, self.nodes.now)


_SILENCE = Unreachable("no_answer", "the network is silent")


@dataclass
class Line:
    """The `Transport` one node has over the network."""

    network: Network
    sender: str

    def send(self, envelope: bytes, now: datetime) -> Receipt | Unreachable:
        """Hand one envelope to the network."""
        return self.network.carry(self.sender, envelope)

    def fetch(self, name: str, now: datetime) -> bytes | Unreachable:
        """What the other node publishes, unless the network is cut."""
        if self.network.cut:
            return _SILENCE
        with self.network.nodes.at(self.network.nodes.other(self.sender)):
            return published_document(name) or Unreachable("server_error", f"nothing under {name}")

    def ask(self, name: str, question: bytes, now: datetime) -> bytes | Unreachable:
        """The other node's answer to a signed question, unless the network is cut."""
        if self.network.cut:
            return _SILENCE
        with self.network.nodes.at(self.network.nodes.other(self.sender)):
            return answer_held(question, now) if name == "held" else answer_returned(question)

    def cosignature(self, note: str, now: datetime) -> Unreachable | None:
        """Hand a cosigned checkpoint to the log it is of."""
        if self.network.cut:
            return _SILENCE
        with self.network.nodes.at(self.network.nodes.other(self.sender)):
            take_cosignature(note, now)
        return None


class TwoNodes(Stage):
    """The pair, joined by a network that can do its worst."""

    def __init__(self, homes: Path, begins: Snapshot | None = None) -> None:
        super().__init__(_sides(homes), START)
        self.network = Network(self)
        self.restore(begins or _template())

    def __getitem__(self, park: str) -> Node:
        return self.sides[park].node

    @contextmanager
    def at(self, park: str) -> Iterator[Node]:
        """Stand on one node."""
        self.untouched = False
        with self.sides[park].stood_on() as node:
            yield node

    def line(self, park: str) -> Line:
        """The transport of one node."""
        return Line(self.network, park)

    def deliver(self, park: str) -> Report:
        """One round of one node's outbox; a node that dies in it simply stopped there."""
        with self.at(park):
            try:
                return deliver_due(self.line(park), self.now, lambda: 0.0)
            except Killed:
                return Report(unreachable="killed")

    def settle(self, rounds: int = 40) -> None:
        """Deliver both ways over a sound network until nothing is left to send; raises when that does not end."""
        self.network.cut, self.network.fate = False, lambda sender, envelope: Fate.DELIVER
        for _ in range(rounds):
            reports = [self.deliver(park) for park in PARKS]
            if not any(r.delivered or r.rewound or r.put_off or r.left for r in reports):
                return
            self.tick(301)
        raise AssertionError(f"after {rounds} rounds the nodes still have something to send")

    @contextmanager
    def killed_at(self, park: str, statement: int) -> Iterator[None]:
        """The node dies when it comes to that statement (1 is the first) inside the block; then the block is left."""
        database, left = self.sides[park].database, [statement]

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return execute(sql, params, many, context)

        try:
            with database.execute_wrapper(watch):
                yield
        except Killed:
            pass

    def snapshot(self) -> Snapshot:
        """Both databases as they are now."""
        return tuple(dump(self.sides[park].database) for park in PARKS)  # type: ignore[return-value]

    def restore(self, snapshot: Snapshot) -> None:
        """Both databases as they were, an idle network, the clock at its start."""
        for park, content in zip(PARKS, snapshot, strict=True):
            fill(self.sides[park].database, content)
        self.now, self.network = START, Network(self)
        self.untouched = True  # nobody has stood on either node since

    def close(self) -> None:
        """Let go of both databases."""
        for side in self.sides.values():
            close(side.database)


def _sides(homes: Path) -> dict[str, Side]:
    nodes = nodes_in(homes)
    return {park: Side(nodes[park], open_database(park)) for park in PARKS}


@cache
def shared_homes() -> Path:
    """Homes with keys made once for this process; tests that change keys work on a copy."""
    homes = Path(tempfile.mkdtemp(prefix="twoparks-homes-"))
    nodes = nodes_in(homes)
    for node in nodes.values():
        with stand_on(node):
            ensure_keys(START - timedelta(days=30))
    for park, other in zip(PARKS, reversed(PARKS), strict=True):
        with stand_on(nodes[other]):
            root = root_document()
        with stand_on(nodes[park]):
            trust_peer_root(root)
    return homes


@cache
def _template() -> Snapshot:
    """Both databases right after set-up: migrated, each with the other's trust list."""
    pair = object.__new__(TwoNodes)
    Stage.__init__(pair, _sides(shared_homes()), START)
    for park in PARKS:
        with pair.at(park):
            call_command("migrate", run_syncdb=True, verbosity=0)
    for park in PARKS:
        with pair.at(pair.other(park)):
            published = node_keys().published
        with pair.at(park):
            take_trust(published, START)
    return pair.snapshot()


def fresh_pair(tmp_path: Path) -> TwoNodes:
    """Two nodes whose homes are theirs alone."""
    homes = tmp_path / "homes"
    shutil.copytree(shared_homes(), homes)
    return TwoNodes(homes)


@pytest.fixture
def two_nodes(tmp_path: Path, django_db_blocker: Any) -> Iterator[TwoNodes]:
    """Both parks, freshly set up, trusting each other, with nothing recorded."""
    with django_db_blocker.unblock():
        pair = fresh_pair(tmp_path)
        try:
            yield pair
        finally:
            pair.close()
