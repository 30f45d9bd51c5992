"""This node's log of acts: one row, one salted commitment, one leaf, in one order. Written only by `actions`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from twoparks.federation.models import Act
from twoparks.federation.types import ActId, Actor, NotCaughtUp, StoredAct, StreamId
from twoparks.ledger.canonical import JsonObject, read_instant
from twoparks.ledger.commit import commit, leaf_of
from twoparks.ledger.envelope import Envelope
from twoparks.ledger.tree import Tree

_LOCK = 0x74776F7061726B73  # any number, the same in every process of a node


# Asked for every act; the same answers through the ORM cost three queries and most of the time of an append.
_PLACE = """
SELECT (SELECT COUNT(*) FROM federation_act WHERE stream = %s),
       (SELECT MAX(seq) FROM federation_act WHERE park = %s AND stream = %s),
       (SELECT MAX(leaf_index) FROM federation_act),
       (SELECT MAX(continues_at) FROM federation_restoration),
       (SELECT COUNT(*) FROM federation_restoration WHERE ended_at IS NULL),
       (SELECT digest FROM federation_act WHERE id = %s)
"""
bringing_back: ContextVar[bool] = ContextVar("twoparks_bringing_back", default=False)
_SIZE = """
SELECT (SELECT MAX(leaf_index) FROM federation_act), (SELECT MAX(continues_at) FROM federation_restoration)
"""
_RESTORING = "SELECT 1 FROM federation_restoration WHERE ended_at IS NULL LIMIT 1"
_KEEP_NODES = 'INSERT INTO federation_treenode (level, "index", hash) VALUES '
_NODE = 'SELECT hash FROM federation_treenode WHERE level = %s AND "index" = %s'


@dataclass(frozen=True)
class Place:
    """Where an act about to be written would stand."""

    length: int  # acts of the stream so far
    next_seq: int  # of the author park in the stream
    index: int  # of its leaf
    digest: str | None  # of the act already stored under its id


class NoTransaction(RuntimeError):
    """An act was about to be written outside a transaction."""


class LogNodes:
    """Subtree hashes in the database; writes are kept back until `flush`, so one append is one insert."""

    def __init__(self) -> None:
        self._fresh: dict[tuple[int, int], bytes] = {}

    def get(self, level: int, index: int) -> bytes | None:
        """The stored hash, or None."""
        if (level, index) in self._fresh:
            return self._fresh[level, index]
        with connection.cursor() as cursor:
            cursor.execute(_NODE, [level, index])
            found = cursor.fetchone()
        return None if found is None else bytes(found[0])

    def put(self, level: int, index: int, value: bytes) -> None:
        """Store a hash once."""
        self._fresh[level, index] = value

    def flush(self) -> None:
        """Write what was put."""
        places = ", ".join(["(%s, %s, %s)"] * len(self._fresh))
        values = [part for (level, index), value in self._fresh.items() for part in (level, index, value)]
        with connection.cursor() as cursor:
            cursor.execute(_KEEP_NODES + places, values)
        self._fresh.clear()


def lock() -> None:
    """Be the only writer of the log until the transaction ends; raises NoTransaction outside of one.

    SQLite transactions here begin IMMEDIATE and are alone already; PostgreSQL takes an advisory lock.
    """
    if not connection.in_atomic_block:
        raise NoTransaction("acts are written inside transaction.atomic(), together with what they change")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def size() -> int:
    """The number of leaves, lost ones included."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZE)
        return _next_leaf(*cursor.fetchone())


def _next_leaf(last: int | None, continues_at: int | None) -> int:
    return max(0 if last is None else last + 1, continues_at or 0)


def caught_up() -> bool:
    """Whether acts may be recorded: not while the node was put back from a copy and has not caught up."""
    if bringing_back.get():
        return True
    with connection.cursor() as cursor:
        cursor.execute(_RESTORING)
        return not cursor.fetchone()


def demand_caught_up() -> None:
    """Raise NotCaughtUp while nothing may be recorded, or signed about the present."""
    if not caught_up():
        raise NotCaughtUp


def tree() -> Tree:
    """The tree over the whole log, for roots and proofs."""
    return Tree(LogNodes(), size())


def place(park: str, stream: str, act_id: str) -> Place:
    """Where an act of that author, stream and id would stand; the caller holds `lock()`. Raises NotCaughtUp."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, [stream, park, stream, act_id])
        length, seq, leaf, continues_at, restoring, digest = cursor.fetchone()
    if restoring and not bringing_back.get():
        raise NotCaughtUp
    return Place(length, (seq or 0) + 1, _next_leaf(leaf, continues_at), digest)


def append(envelope: Envelope, at: Place, now: datetime) -> Act:
    """Write an opened envelope as the log's next act and leaf; the caller holds `lock()` since it asked for `at`."""
    act = envelope.act
    nodes, salt = LogNodes(), secrets.token_bytes(32)
    commitment = commit(salt, envelope.raw)
    index = Tree(nodes, at.index).append(leaf_of(commitment))
    nodes.flush()
    return Act.objects.create(
        id=act["id"],
        kind=act["kind"],
        park=act["park"],
        stream=act["stream"],
        seq=act["seq"],
        at=read_instant(act["at"]),
        digest=envelope.digest.hex(),
        envelope=envelope.raw,
        salt=salt,
        commitment=commitment,
        leaf_index=index,
        recorded_at=now,
    )


def stored(row: Act, act: JsonObject | None = None) -> StoredAct:
    """The act a row holds; an erased one keeps only what its columns say."""
    if act is None:
        # Its canonical form was proved when it was written; the audit proves it again.
        act = {} if row.envelope is None else json.loads(bytes(row.envelope))["act"]
    by = act.get("by")
    return StoredAct(
        number=row.number,
        id=ActId(row.id),
        kind=row.kind,
        park=row.park,
        stream=StreamId(row.stream),
        seq=row.seq,
        at=row.at,
        by=Actor(**by) if by else Actor(role="erased", actor="erased"),
        body=act.get("body", {}),
        digest=row.digest,
    )


def proof(old: int, new: int) -> Sequence[bytes]:
    """The consistency proof between two sizes of this log; raises TreeError beyond its size."""
    return tree().consistency_proof(old, new)
