"""A passage is added to a permit of which one crossing was read and the others counted: it comes to what all its acts make."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from tests.story import ENTRY, EXIT, Story
from tests.travel import BACK, OUT, Travel

from twoparks.crossings import actions, adding, rules
from twoparks.crossings.models import CrossingRow
from twoparks.crossings.types import CrossingId, NotPossible
from twoparks.federation.types import StreamId
from twoparks.permits import rules as permit_rules
from twoparks.permits.actions import rebuild
from twoparks.permits.types import Invalid, PermitId
from twoparks.registry.zone import zone

PARKS = ("sz", "hk")


def standing(story: Story, **changes: Any) -> PermitId:
    """Goods that may pass as often as they like, or as `changes` say."""
    permit = story.declare({**story.example(), "uses": None, **changes})
    for park in PARKS:
        story.grant_all(park, permit)
        story.clear(park, permit)
        story.nodes.settle()
    return permit


def through(story: Story, gate: str, permit: PermitId, quantity: int) -> None:
    story.sync(gate)
    with suppress(AssertionError):
        story.scan(gate, story.code("sz", permit), quantities={1: quantity})
    story.sync(gate)


def explain(story: Story, park: str) -> None:
    """The first open discrepancy of the park is explained, if there is one."""
    with story.nodes.at(park):
        row = CrossingRow.objects.filter(open_code__gt="", owner=park).order_by("pk").first()
        if row is not None:
            with suppress(NotPossible):
                officer = story.user(f"{park}-officer")
                actions.close_discrepancy(
                    officer, CrossingId(row.pk), row.open_code, "Broke.", story.nodes.now
                )


def the_same_either_way(story: Story, permit: PermitId) -> None:
    """Read in brief or whole, the permit has the same status and gives each possible passage the same number."""
    for park in PARKS:
        with story.nodes.at(park):
            whole = adding.opened(StreamId(permit))
            assert whole is not None
            for name, crosses in (
                ("exit", "sz-hk"),
                ("entry", "sz-hk"),
                ("exit", "hk-sz"),
                ("entry", "hk-sz"),
            ):
                for at in (story.nodes.now, story.nodes.now - timedelta(hours=3)):
                    leg = rules.Leg(name, crosses, at)
                    brief = adding.opened(StreamId(permit), leg=leg)
                    assert brief is not None
                    said = [
                        (
                            rules.next_crossing(one.state, leg, zone().timing.transit_max),
                            permit_rules.status(one.state, story.nodes.now),
                            one.state.acts,
                        )
                        for one in (brief, whole)
                    ]
                    assert said[0] == said[1]
                    assert not brief.whole


@pytest.mark.parametrize("seed", range(4))
def test_goods_in_any_order_come_to_what_their_acts_make(story: Story, seed: int) -> None:
    random = Random(seed)  # a schedule, not a secret
    permit = standing(story, **({"uses": 4} if seed == 3 else {}))
    for _ in range(14):
        match random.randrange(6):
            case 0 | 1:
                through(story, EXIT, permit, random.choice([0, 1, 2]))
            case 2 | 3:
                through(story, ENTRY, permit, random.choice([0, 1]))
            case 4:
                for park in PARKS:
                    with story.nodes.at(park):
                        actions.open_discrepancies(story.nodes.now)
                    explain(story, park)
            case 5:
                story.nodes.tick(random.choice([60, 4 * 3600]))
                story.exchange_documents()
        if random.random() < 0.7:
            story.nodes.settle()
        the_same_either_way(story, permit)
    story.nodes.settle()
    for park in PARKS:
        with story.nodes.at(park):
            assert rebuild() == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_commuters_days_come_to_what_their_acts_make(story: Story, seed: int) -> None:
    random = Random(seed)  # a schedule, not a secret
    travel = Travel(story)
    permit = travel.in_force()
    for _day in range(3):
        for gates in (OUT, BACK):
            for gate in gates:
                if random.random() < 0.2:
                    continue  # not seen by this gate: lost, or gone another way
                story.sync(gate)
                with suppress(AssertionError):
                    travel.scan(gate, permit)
                story.sync(gate)
                if random.random() < 0.7:
                    story.nodes.settle()
                the_same_either_way(story, permit)
                story.nodes.tick(random.choice([600, 3600]))
                story.exchange_documents()
        if random.random() < 0.4:
            with story.nodes.at("sz"), suppress(NotPossible, Invalid):
                commuter = story.user("sz-commuter")
                at = story.nodes.now - timedelta(seconds=5)
                actions.declare_return(commuter, permit, "luohu", at, story.nodes.now)
        story.nodes.tick(8 * 3600)
        story.exchange_documents()
    story.nodes.settle()
    the_same_either_way(story, permit)
    for park in PARKS:
        with story.nodes.at(park):
            assert rebuild() == 0


def test_a_passage_after_many_reads_no_more_acts_than_the_first(story: Story) -> None:
    permit = standing(story)
    for _ in range(6):
        through(story, EXIT, permit, 0)
        through(story, ENTRY, permit, 0)
        story.nodes.settle()
    with story.nodes.at("sz"):
        whole, brief = (
            adding.opened(StreamId(permit), leg=leg)
            for leg in (None, rules.Leg("exit", "sz-hk", story.nodes.now))
        )
    assert whole is not None
    assert brief is not None
    read = [sum(act.kind.startswith("crossing.") for act in one.acts) for one in (whole, brief)]
    assert read == [12, 0]


def test_rows_written_before_acts_were_kept_with_them_have_the_permit_read_whole(story: Story) -> None:
    permit = standing(story)
    through(story, EXIT, permit, 0)
    with story.nodes.at("sz"):
        leg = rules.Leg("exit", "sz-hk", story.nodes.now)
        assert not adding.opened(StreamId(permit), leg=leg).whole  # type: ignore[union-attr]
        CrossingRow.objects.update(acts=None)
        assert adding.opened(StreamId(permit), leg=leg).whole  # type: ignore[union-attr]
        assert rebuild() == 1
        assert not adding.opened(StreamId(permit), leg=leg).whole  # type: ignore[union-attr]


def test_what_an_addition_asks_the_database_does_not_grow_with_the_permit(story: Story) -> None:
    permit = standing(story)
    asked = []
    for _ in range(2):
        for _more in range(3):
            through(story, EXIT, permit, 0)
        with story.nodes.at("sz"), CaptureQueriesContext(connections["default"]) as queries:
            adding.opened(StreamId(permit), leg=rules.Leg("exit", "sz-hk", story.nodes.now))
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 9
