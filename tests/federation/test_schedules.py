"""Random schedules over the real outbox, inbox and log: whatever the network does, both parks end with the same acts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from tests.federation.say import note
from tests.two_nodes import PARKS, Fate, Snapshot, TwoNodes, shared_homes

from twoparks.federation import queries
from twoparks.federation.models import Act, Incident
from twoparks.federation.types import StreamId

SCHEDULES = int(os.environ.get("TWOPARKS_SCHEDULES", "150"))
STEPS = 12
STREAMS = [StreamId("sz-26-first"), StreamId("hk-26-second")]


@pytest.fixture
def pair(django_db_blocker: Any) -> Iterator[TwoNodes]:
    """Two nodes on shared keys, for tests that change no key."""
    with django_db_blocker.unblock():
        nodes = TwoNodes(shared_homes())
        yield nodes
        nodes.close()


def step(nodes: TwoNodes, random: Random) -> None:
    """One thing that may happen."""
    park = random.choice(PARKS)
    match random.randrange(5):
        case 0 | 1:
            note(nodes, park, f"n{random.randrange(100)}", random.choice(STREAMS))
        case 2 | 3:
            nodes.deliver(park)
        case _ if nodes.network.held:
            nodes.network.arrive(random.randrange(len(nodes.network.held)))
        case _:
            nodes.network.cut = not nodes.network.cut
    nodes.tick(random.choice([0, 1, 60]))


def run(nodes: TwoNodes, fresh: Snapshot, seed: int) -> None:
    """One schedule from its seed, then a sound network until all is delivered and the held messages have come too."""
    random = Random(seed)
    nodes.restore(fresh)
    nodes.network.fate = lambda sender, envelope: random.choice(list(Fate))
    nodes.network.kill_at = random.randrange(1, 14)
    for _ in range(STEPS):
        step(nodes, random)
    nodes.settle()
    while nodes.network.held:
        nodes.network.arrive(random.randrange(len(nodes.network.held)))


def story(nodes: TwoNodes, park: str) -> dict[tuple[str, str], list[tuple[int | None, str]]]:
    """Per author and stream, numbers and ids of acts in this node's order."""
    with nodes.at(park):
        return {
            (author, stream): [(a.seq, a.id) for a in queries.acts(stream) if a.park == author]
            for author in PARKS
            for stream in STREAMS
        }


def test_every_schedule_leads_both_parks_to_the_same_acts_in_the_authors_order(pair: TwoNodes) -> None:
    fresh = pair.snapshot()
    for seed in range(SCHEDULES):
        run(pair, fresh, seed)
        assert story(pair, "sz") == story(pair, "hk"), f"schedule {seed}"


def test_no_schedule_of_honest_nodes_leaves_an_incident_or_a_gap(pair: TwoNodes) -> None:
    fresh = pair.snapshot()
    for seed in range(SCHEDULES):
        run(pair, fresh, seed)
        for park in PARKS:
            with pair.at(park):
                leaves = list(Act.objects.order_by("number").values_list("leaf_index", flat=True))
                assert (leaves, Incident.objects.count()) == (list(range(len(leaves))), 0), f"schedule {seed}"
