"""What this node gives back to a peer that was put back from a copy: which acts it holds, and those the peer lacks.

Both parks hold these acts already; nothing crosses that had not crossed before. Questions are signed by the peer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from twoparks.federation.actions import report
from twoparks.federation.models import Act
from twoparks.federation.types import Refused
from twoparks.ledger.canonical import NotCanonical, base64url, canonical, parse, read_base64url
from twoparks.registry.node import this_node

STREAMS_A_PAGE = 1000
ACTS_A_PAGE = 100

Held = Mapping[str, int]  # park -> highest number held of its acts in a stream


@dataclass(frozen=True)
class HeldPage:
    """Streams in order of name with what is held of each; `after` asks for the next page, empty at the end."""

    streams: Mapping[str, Held]
    after: str


def held_question(after: str) -> bytes:
    """Which acts do you hold, of the streams named after this one?"""
    return canonical({"after": after})


def returned_question(stream: str, held: Held) -> bytes:
    """Which acts of this stream come after those held here?"""
    return canonical({"held": dict(held), "stream": stream})


def answer_held(question: bytes, now: datetime) -> bytes:
    """One page of what this node holds; raises Refused. That the peer asks is an incident: it lost something."""
    after = _field(question, {"after"}, "after")
    plain = f"{this_node().peer.id} was put back from a copy and asks what it had sent and received"
    report("peer_put_back", now, {"code": "peer_put_back", "plain": plain})
    crossing = Act.objects.filter(seq__isnull=False, stream__gt=after)
    names = list(crossing.order_by("stream").values_list("stream", flat=True).distinct()[:STREAMS_A_PAGE])
    rows = Act.objects.filter(stream__in=names, seq__isnull=False).values_list("stream", "park")
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    for stream, park, last in rows.annotate(last=Max("seq")).order_by():
        found[stream][park] = last
    return canonical({"after": names[-1] if len(names) == STREAMS_A_PAGE else "", "streams": found})


def answer_returned(question: bytes) -> bytes:
    """The acts of one stream that the asker lacks, in this node's order, at most a page; raises Refused."""
    stream = _field(question, {"stream", "held"}, "stream")
    held = parse(question)["held"]
    parks = {this_node().id, this_node().peer.id}
    if not isinstance(held, dict) or set(held) != parks or not all(type(n) is int for n in held.values()):
        raise Refused("question_malformed", f"held: a number for each of {', '.join(sorted(parks))}")
    lacking = Q(pk__in=[])
    for park, last in held.items():
        lacking |= Q(park=park, seq__gt=last)
    rows = Act.objects.filter(lacking, stream=stream, envelope__isnull=False).order_by("number")
    found = rows.values_list("envelope", flat=True)[:ACTS_A_PAGE]
    return canonical({"acts": [base64url(bytes(envelope)) for envelope in found]})


def read_held(answer: bytes) -> HeldPage:
    """The page in an answer; raises NotCanonical when it holds anything else."""
    found = parse(answer)
    streams, after = found.get("streams"), found.get("after")
    if set(found) != {"streams", "after"} or not isinstance(streams, dict) or not isinstance(after, str):
        raise NotCanonical("streams and the name to go on after were expected")
    for held in streams.values():
        if not isinstance(held, dict) or not all(type(last) is int for last in held.values()):
            raise NotCanonical("a number for each park was expected")
    return HeldPage(streams, after)


def read_returned(answer: bytes) -> Sequence[bytes]:
    """The envelopes in an answer; raises NotCanonical when it holds anything else."""
    found = parse(answer).get("acts")
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise NotCanonical("a list of envelopes was expected")
    return [read_base64url(one) for one in found]


def _field(question: bytes, names: set[str], wanted: str) -> str:
    try:
        found = parse(question)
    except NotCanonical as error:
        raise Refused("question_malformed", error.plain) from error
    if set(found) != names or not isinstance(found[wanted], str):
        raise Refused("question_malformed", f"exactly {', '.join(sorted(names))} were expected")
    return str(found[wanted])
