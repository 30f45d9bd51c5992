"""The only readers of acts, queue and incidents for other apps and pages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet

from twoparks.federation import log
from twoparks.federation.keys import PEER_TRUST
from twoparks.federation.models import (
    Act,
    Checkpoint,
    Fetched,
    Heartbeat,
    Incident,
    Outgoing,
    Restoration,
    TreeNode,
)
from twoparks.federation.types import ActId, Actor, StoredAct, StreamId
from twoparks.ledger.audit import Entry, Gap, LogCopy, Signed
from twoparks.ledger.canonical import read_instant
from twoparks.ledger.tree import hashes_in
from twoparks.lists.compiled import Compiled
from twoparks.registry.node import this_node

_LAST = 2**63 - 1  # no act has a higher number
_ACTS = Compiled(lambda stream, upto: _held(stream, upto))
_ACTS_BUT = Compiled(lambda stream, upto, without: _held(stream, upto).exclude(kind__startswith=without))
_LENGTH = Compiled(
    lambda stream: Act.objects.filter(stream=stream).values("stream").values_list(Count("number"))
)
_FETCHED = Compiled(
    lambda name: Fetched.objects.filter(name=name).values_list("document", "issued_at", "fetched_at")
)


@dataclass(frozen=True)
class OutboxSummary:
    """What is on its way to the other park."""

    waiting: int
    stopped: int
    delivered: int
    oldest_waiting_at: datetime | None


@dataclass(frozen=True)
class Queue:
    """What has not arrived at the other park yet."""

    waiting: int
    stopped: int
    oldest_waiting_at: datetime | None


@dataclass(frozen=True)
class LogState:
    """This node's log as a monitor sees it; `uncosigned` checkpoints are newer than any cosigned one."""

    leaves: int
    uncosigned: int
    uncosigned_since: datetime | None


@dataclass(frozen=True)
class LastSeen:
    """When the worker and the other park last gave a sign of life."""

    worker_at: datetime | None
    peer_at: datetime | None


@dataclass(frozen=True)
class Document:
    """A verified document pulled from the other park."""

    content: bytes
    issued_at: datetime
    fetched_at: datetime


def acts_of(*kinds: str) -> list[StoredAct]:
    """The acts of these kinds in this node's order; erased ones are left out."""
    rows = Act.objects.filter(kind__in=kinds, envelope__isnull=False).order_by("number")
    return [log.stored(row) for row in rows]


def acts(stream: StreamId, without: str = "", before: int | None = None) -> list[StoredAct]:
    """The acts of a stream in this node's order; erased ones are left out, and kinds that begin with `without`.

    `before`: only those with a lower number.
    """
    upto = _LAST if before is None else before
    rows = _ACTS_BUT(stream, upto, without) if without else _ACTS(stream, upto)
    return [_stored(*row) for row in rows]


def _held(stream: Any, upto: Any) -> QuerySet[Act, Any]:
    rows = Act.objects.filter(stream=stream, number__lt=upto, envelope__isnull=False).order_by("number")
    return rows.values_list("number", "id", "digest", "envelope")


def _stored(number: int, act_id: str, digest: str, envelope: bytes | memoryview) -> StoredAct:
    # Its canonical form was proved when it was written; the audit proves it again.
    act = json.loads(bytes(envelope))["act"]
    return StoredAct(
        number=number,
        id=ActId(act_id),
        kind=act["kind"],
        park=act["park"],
        stream=StreamId(act["stream"]),
        seq=act["seq"],
        at=read_instant(act["at"]),
        by=Actor(**act["by"]),
        body=act["body"],
        digest=digest,
    )


def acts_numbered(numbers: Iterable[int]) -> list[StoredAct]:
    """The acts of these numbers in this node's order; erased ones are left out."""
    rows = Act.objects.filter(number__in=list(numbers), envelope__isnull=False).order_by("number")
    return [log.stored(row) for row in rows]


def acts_of_kind(kind: str, after: int = 0, limit: int = 500) -> list[StoredAct]:
    """Up to `limit` acts of one kind with a number above `after`, in this node's order; erased ones are left out."""
    rows = Act.objects.filter(kind=kind, number__gt=after, envelope__isnull=False).order_by("number")[:limit]
    return [log.stored(row) for row in rows]


def logged() -> QuerySet[Act]:
    """Every act of this node's log without its content, for lists."""
    return Act.objects.defer("envelope", "salt", "commitment")


def streams() -> list[StreamId]:
    """Every stream this node knows, in order of its first act."""
    found = Act.objects.values("stream").annotate(first=Min("number")).order_by("first")
    return [StreamId(row["stream"]) for row in found]


def stream_length(stream: StreamId) -> int:
    """How many acts a stream holds here, erased ones included: the number `record(expected=…)` compares."""
    found = _LENGTH.first(stream)
    return 0 if found is None else int(found[0])


def held_of(streams: Iterable[str]) -> dict[tuple[str, str], int]:
    """The highest number held of each park's acts in these streams, by stream and park."""
    rows = Act.objects.filter(stream__in=list(streams), seq__isnull=False).values_list("stream", "park")
    return {(stream, park): last for stream, park, last in rows.annotate(last=Max("seq")).order_by()}


def restoring() -> Restoration | None:
    """The copy this node was put back from and has not caught up since, if there is one."""
    return Restoration.objects.filter(ended_at=None).first()


def outbox_summary() -> OutboxSummary:
    """What waits, what was stopped, what arrived."""
    now, all_of_it = queue(), Outgoing.objects.count()
    return OutboxSummary(
        now.waiting, now.stopped, all_of_it - now.waiting - now.stopped, now.oldest_waiting_at
    )


def queue() -> Queue:
    """What waits and what was stopped; reads only the rows not delivered."""
    waiting = Q(stopped_code="")
    found = Outgoing.objects.filter(delivered_at=None).aggregate(
        waiting=Count("id", filter=waiting),
        stopped=Count("id", filter=~waiting),
        oldest=Min("act__recorded_at", filter=waiting),
    )
    return Queue(found["waiting"], found["stopped"], found["oldest"])


def log_state() -> LogState:
    """Size of the log and what of it the other park has not cosigned."""
    cosigned = Checkpoint.objects.exclude(cosigned_at=None).aggregate(n=Max("size"))["n"] or 0
    rest = Checkpoint.objects.filter(size__gt=cosigned).aggregate(n=Count("id"), since=Min("signed_at"))
    return LogState(log.size(), rest["n"], rest["since"])


def last_seen() -> LastSeen:
    """Signs of life: the worker's heartbeat, the other park's trust list fetched every few seconds."""
    worker = Heartbeat.objects.filter(name="worker").values_list("at", flat=True).first()
    peer = Fetched.objects.filter(name=PEER_TRUST).values_list("fetched_at", flat=True).first()
    return LastSeen(worker, peer)


def acts_since(number: int) -> tuple[int, dict[tuple[str, ...], int]]:
    """The newest act's number, and how many after `number` by kind and author (`here`, `there`)."""
    upto = Act.objects.aggregate(n=Max("number"))["n"] or 0
    rows = Act.objects.filter(number__gt=number, number__lte=upto).values_list("kind", "park")
    found: dict[tuple[str, ...], int] = {}
    for kind, park, n in rows.annotate(n=Count("number")).order_by():
        found[kind, "here" if park == this_node().id else "there"] = n
    return upto, found


def open_incidents() -> dict[str, int]:
    """Open incidents by kind."""
    rows = Incident.objects.filter(closed_at=None).values_list("kind")
    return dict(rows.annotate(n=Count("id")).order_by("kind"))


def incidents(open_only: bool = True, most: int | None = None) -> list[Incident]:
    """Incidents, newest first; at most so many."""
    found = Incident.objects.order_by("-id")
    return list((found.filter(closed_at=None) if open_only else found)[:most])


def fetched(name: str) -> Document | None:
    """The newest verified document of that name pulled from the other park."""
    row = _FETCHED.first(name)
    return None if row is None else Document(bytes(row[0]), row[1], row[2])


def log_copy() -> LogCopy:
    """This node's whole log as a reader holds it: every leaf with what is left of its act, every own checkpoint."""
    leaves = dict(TreeNode.objects.filter(level=0).values_list("index", "hash"))
    rows = Act.objects.order_by("leaf_index").values_list("leaf_index", "commitment", "salt", "envelope")
    entries = [
        Entry(index, bytes(commitment), bytes(leaves.get(index, b"")), _bytes(salt), _bytes(envelope))
        for index, commitment, salt, envelope in rows.iterator()
    ]
    notes = Checkpoint.objects.order_by("size")
    lost = Restoration.objects.filter(continues_at__gt=F("size")).order_by("size")
    gaps = [Gap(row.size, row.continues_at or row.size, hashes_in(bytes(row.frontier))) for row in lost]
    return LogCopy(entries, [Signed(c.cosigned_note or c.note, c.signed_at) for c in notes], gaps)


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)
