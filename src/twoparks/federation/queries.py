"""The only readers of acts, queue and incidents for other apps and pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from twoparks.federation import log
from twoparks.federation.models import Act, Checkpoint, Fetched, Incident, Outgoing, TreeNode
from twoparks.federation.types import StoredAct, StreamId
from twoparks.ledger.audit import Entry, LogCopy, Signed


@dataclass(frozen=True)
class OutboxSummary:
    """What is on its way to the other park."""

    waiting: int
    stopped: int
    delivered: int
    oldest_waiting_at: datetime | None


@dataclass(frozen=True)
class Document:
    """A verified document pulled from the other park."""

    content: bytes
    issued_at: datetime
    fetched_at: datetime


def acts(stream: StreamId) -> list[StoredAct]:
    """The acts of a stream in this node's order; erased ones are left out."""
    rows = Act.objects.filter(stream=stream, envelope__isnull=False).order_by("number")
    return [log.stored(row) for row in rows]


def acts_of_kind(kind: str, after: int = 0, limit: int = 500) -> list[StoredAct]:
    """Up to `limit` acts of one kind with a number above `after`, in this node's order; erased ones are left out."""
    rows = Act.objects.filter(kind=kind, number__gt=after, envelope__isnull=False).order_by("number")[:limit]
    return [log.stored(row) for row in rows]


def streams() -> list[StreamId]:
    """Every stream this node knows, in order of its first act."""
    found = Act.objects.values("stream").annotate(first=Min("number")).order_by("first")
    return [StreamId(row["stream"]) for row in found]


def stream_length(stream: StreamId) -> int:
    """How many acts a stream holds here, erased ones included: the number `record(expected=…)` compares."""
    return Act.objects.filter(stream=stream).count()


def outbox_summary() -> OutboxSummary:
    """What waits, what was stopped, what arrived."""
    waiting = Q(delivered_at=None, stopped_code="")
    found = Outgoing.objects.aggregate(
        waiting=Count("id", filter=waiting),
        stopped=Count("id", filter=Q(delivered_at=None) & ~Q(stopped_code="")),
        delivered=Count("id", filter=Q(delivered_at__isnull=False)),
        oldest=Min("act__recorded_at", filter=waiting),
    )
    return OutboxSummary(found["waiting"], found["stopped"], found["delivered"], found["oldest"])


def incidents(open_only: bool = True) -> list[Incident]:
    """Incidents, newest first."""
    found = Incident.objects.order_by("-id")
    return list(found.filter(closed_at=None) if open_only else found)


def fetched(name: str) -> Document | None:
    """The newest verified document of that name pulled from the other park."""
    row = Fetched.objects.filter(name=name).first()
    return None if row is None else Document(bytes(row.document), row.issued_at, row.fetched_at)


def log_copy() -> LogCopy:
    """This node's whole log as a reader holds it: every leaf with what is left of its act, every own checkpoint."""
    leaves = dict(TreeNode.objects.filter(level=0).values_list("index", "hash"))
    rows = Act.objects.order_by("leaf_index").values_list("leaf_index", "commitment", "salt", "envelope")
    entries = [
        Entry(index, bytes(commitment), bytes(leaves.get(index, b"")), _bytes(salt), _bytes(envelope))
        for index, commitment, salt, envelope in rows.iterator()
    ]
    notes = Checkpoint.objects.order_by("size")
    return LogCopy(entries, [Signed(c.cosigned_note or c.note, c.signed_at) for c in notes])


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)
