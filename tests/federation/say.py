"""Short words for what the federation tests do over and over."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from tests.two_nodes import TwoNodes

from twoparks.federation.actions import receive, record
from twoparks.federation.keys import node_keys
from twoparks.federation.models import Act, Incident
from twoparks.federation.queries import acts
from twoparks.federation.types import Actor, NewAct, Receipt, StoredAct, StreamId
from twoparks.ledger.canonical import instant
from twoparks.ledger.envelope import seal
from twoparks.ledger.keys import KeyPair, KeyPurpose

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


def key(nodes: TwoNodes, park: str, purpose: KeyPurpose) -> KeyPair:
    """The key a node signs with for a purpose."""
    with nodes.at(park):
        return node_keys().signer(purpose)


def made(nodes: TwoNodes, **changes: Any) -> dict[str, Any]:
    """An act of the first park as `record` would make it, with some fields changed."""
    act = {
        "id": "sz-a-00000000000000000001",
        "kind": "test.noted",
        "park": "sz",
        "stream": STREAM,
        "seq": 1,
        "at": instant(nodes.now),
        "by": {"role": "park_officer", "actor": "p-91f0", "authority": None},
        "body": {"says": "hello"},
    }
    return act | changes


def sealed(nodes: TwoNodes, signer: KeyPair | None = None, **changes: Any) -> bytes:
    """An envelope of the first park, signed by its acts key or by `signer`."""
    return seal(made(nodes, **changes), signer or key(nodes, "sz", KeyPurpose.ACTS)).raw


def taken(nodes: TwoNodes, envelope: bytes) -> Receipt:
    """What the second park's inbox says to an envelope."""
    with nodes.at("hk"):
        return receive(envelope, nodes.now)


def refusal(nodes: TwoNodes, envelope: bytes) -> str:
    """The code with which the second park refuses an envelope, once it is sure that only an incident stayed."""
    with nodes.at("hk"):
        before = (Act.objects.count(), Incident.objects.count())
        receipt = receive(envelope, nodes.now)
        assert (Act.objects.count(), Incident.objects.count()) == (before[0], before[1] + 1)
        assert Incident.objects.latest("id").detail["code"] == receipt.code
    return f"{receipt.answer.value}: {receipt.code}"
