"""Short words for what the federation tests do over and over."""

from __future__ import annotations

from django.db import transaction
from tests.two_nodes import TwoNodes

from twoparks.federation.actions import record
from twoparks.federation.queries import acts
from twoparks.federation.types import Actor, NewAct, StoredAct, StreamId

STREAM = StreamId("sz-26-7kq2m9xd")
OFFICER = Actor(role="park_officer", actor="p-91f0")


def note(
    nodes: TwoNodes, park: str, says: str, stream: StreamId = STREAM, expected: int | None = None
) -> StoredAct:
    """Record one act that crosses."""
    with nodes.at(park), transaction.atomic():
        return record(NewAct("test.noted", stream, {"says": says}, OFFICER), nodes.now, expected)


def heard(nodes: TwoNodes, park: str, stream: StreamId = STREAM) -> list[str]:
    """What the acts of a stream say at one node, in its order."""
    with nodes.at(park):
        return [act.body["says"] for act in acts(stream)]
