"""Both parks in one process under one clock: each its own database, home and keys, and a line between them.

The demonstration's history is played on such a stage, and tests build theirs on it. A running node never does: there
each park is a process of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite

from twoparks.federation import published
from twoparks.federation.actions import receive, take_trust
from twoparks.federation.delivery import Report, deliver_due
from twoparks.federation.keys import ensure_keys, node_keys, root_document, trust_peer_root
from twoparks.federation.returning import answer_held, answer_returned
from twoparks.federation.transport import Transport, Unreachable
from twoparks.federation.types import Receipt
from twoparks.federation.witness import (
    Asking,
    consistency_document,
    cosign_peer,
    current_note,
    frontier_document,
    read_consistency,
    read_frontier,
    sign_checkpoint,
    take_cosignature,
)
from twoparks.permits import actions as permits
from twoparks.permits import issued
from twoparks.registry.node import Node, stand_on
from twoparks.registry.zone import zone


@dataclass
class Side:
    """One node of the pair."""

    node: Node
    database: BaseDatabaseWrapper

    @contextmanager
    def stood_on(self) -> Iterator[Node]:
        """Act for this node: its database is the database, its keys are the keys."""
        before = connections["default"]
        connections["default"] = self.database
        try:
            with stand_on(self.node):
                yield self.node
        finally:
            connections["default"] = before


class Stage:
    """The pair. `now` is its one clock and only its keeper moves it."""

    def __init__(self, sides: Mapping[str, Side], now: datetime) -> None:
        self.sides, self.now = dict(sides), now

    def other(self, park: str) -> str:
        """The other park's id."""
        return next(p for p in self.sides if p != park)

    @contextmanager
    def at(self, park: str) -> Iterator[Node]:
        """Stand on one node."""
        with self.sides[park].stood_on() as node:
            yield node

    def tick(self, seconds: float = 1) -> datetime:
        """Move the clock on."""
        self.now += timedelta(seconds=seconds)
        return self.now

    def line(self, park: str) -> Transport:
        """The transport of one node: straight to the other one."""
        return Line(self, park)

    def deliver(self, park: str) -> Report:
        """One round of one node's outbox."""
        with self.at(park):
            return deliver_due(self.line(park), self.now, lambda: 0.0)

    def settle(self) -> None:
        """Deliver both ways until nothing is left to send; raises RuntimeError when an act is not accepted."""
        left = list(self.sides)
        while left:
            reports = {park: self.deliver(park) for park in left}
            if any(r.stopped or r.put_off or r.left for r in reports.values()):
                raise RuntimeError(f"an act of this stage was not accepted: {reports}")
            left = [self.other(park) for park, report in reports.items() if report.delivered]

    def exchange_documents(self) -> None:
        """What the workers pull: trust lists and status lists, both ways."""
        for park in self.sides:
            with self.at(self.other(park)):
                trust = node_keys().published
            with self.at(park):
                take_trust(trust, self.now)
        self.exchange_statuses()

    def exchange_statuses(self) -> None:
        """The status lists alone, both ways."""
        for park in self.sides:
            with self.at(self.other(park)):
                status = issued.status_token(self.now)
            with self.at(park):
                permits.take_status(status, self.now)

    def cosign(self) -> None:
        """Each park signs a checkpoint of its log, and the other one cosigns it once it is proved to continue the last."""
        for park in self.sides:
            line = Line(self, self.other(park))
            with self.at(park):
                sign_checkpoint(self.now)
                note = current_note()
            if note is None:
                continue
            with self.at(self.other(park)):
                cosigned = cosign_peer(note, Asking(line.proof, line.frontier), self.now)
            if cosigned is not None:
                line.cosignature(cosigned, self.now)


@dataclass
class Line:
    """The `Transport` one node has: every message arrives at once."""

    stage: Stage
    sender: str

    def send(self, envelope: bytes, now: datetime) -> Receipt | Unreachable:
        """Hand one envelope over."""
        with self.stage.at(self.stage.other(self.sender)):
            return receive(envelope, now)

    def fetch(self, name: str, now: datetime) -> bytes | Unreachable:
        """What the other node publishes."""
        with self.stage.at(self.stage.other(self.sender)):
            return published_document(name) or Unreachable("server_error", f"nothing under {name}")

    def cosignature(self, note: str, now: datetime) -> Unreachable | None:
        """Hand a cosigned checkpoint to the log it is of."""
        with self.stage.at(self.stage.other(self.sender)):
            take_cosignature(note, now)
        return None

    def ask(self, name: str, question: bytes, now: datetime) -> bytes | Unreachable:
        """The other node's answer to a signed question."""
        with self.stage.at(self.stage.other(self.sender)):
            return answer_held(question, now) if name == "held" else answer_returned(question)

    def frontier(self, size: int) -> list[bytes]:
        """The frontier of the other node's log at one size."""
        document = self.fetch(f"frontier?size={size}", self.stage.now)
        assert isinstance(document, bytes), "both nodes stand in this process"
        return read_frontier(document, size)

    def proof(self, old: int, new: int) -> list[bytes]:
        """The consistency proof of the other node's log between two sizes."""
        document = self.fetch(f"consistency?from={old}&to={new}", self.stage.now)
        assert isinstance(document, bytes), "both nodes stand in this process"
        return read_consistency(document, old, new)


def published_document(name: str) -> bytes | None:
    """What the node stood on serves at /federation/<name>; None when there is nothing."""
    word, _, query = name.partition("?")
    if word == "consistency":
        sizes = dict(part.split("=") for part in query.split("&"))
        return consistency_document(int(sizes["from"]), int(sizes["to"]))
    if word == "frontier":
        return frontier_document(int(query.removeprefix("size=")))
    if word == "checkpoint":
        note = current_note()
        return None if note is None else note.encode()
    return published.document(word)


def in_memory() -> SQLite:
    """An empty SQLite database that lives as long as this process."""
    settings: dict[str, Any] = {
        **connections.settings["default"],
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "CONN_MAX_AGE": None,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }
    return SQLite(settings, alias="default")


def nodes_in(folder: Path) -> dict[str, Node]:
    """The zone's nodes with a home each in `folder`; they speak only to each other."""
    found = {}
    for park in zone().parks.values():
        peer = zone().peer_of(park.id)
        found[str(park.id)] = Node(
            park=park,
            peer=peer,
            home=folder / park.id,
            peer_url=f"http://{peer.id}.test",
            origin=f"http://{park.id}.test",
        )
    return found


def introduce(sides: Mapping[str, Side], since: datetime) -> None:
    """Set both nodes up: tables, keys that serve since then, and the other one's root and trust list."""
    for side in sides.values():
        with side.stood_on() as node:
            node.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            call_command("migrate", run_syncdb=True, verbosity=0)
            ensure_keys(since)
    for park, side in sides.items():
        other = next(s for p, s in sides.items() if p != park)
        with other.stood_on():
            root, trust = root_document(), node_keys().published
        with side.stood_on():
            trust_peer_root(root)
            take_trust(trust, since)


def write_down(side: Side, path: Path) -> None:
    """Write a node's database in memory to a file, as a running node will open it."""
    side.database.ensure_connection()
    with closing(sqlite3.connect(path)) as file:
        cast(sqlite3.Connection, side.database.connection).backup(file)
        file.execute("PRAGMA journal_mode=WAL")
