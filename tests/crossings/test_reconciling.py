"""Two legs make a crossing; what does not match has an owner, and both nodes come to the same whatever came first."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from tests.story import ENTRY, EXIT, Story
from tests.two_nodes import Fate

from twoparks.crossings import actions, queries, rules
from twoparks.crossings.lists import CROSSINGS
from twoparks.crossings.types import CrossingId, NotPossible, State
from twoparks.federation.actions import record
from twoparks.federation.queries import acts, incidents
from twoparks.federation.types import Actor, NewAct, StreamId
from twoparks.lists.queries import page
from twoparks.lists.types import Asked
from twoparks.permits import rules as permit_rules
from twoparks.permits.types import AuthorityAnswer, Invalid, PermitId, Reasons, Status
from twoparks.registry.access import Forbidden


def pass_leg(story: Story, gate: str, permit: PermitId, **seen: Any) -> None:
    code = story.code("sz", permit)
    story.sync(gate)
    assert story.scan(gate, code, **seen).light.word == "green"
    story.sync(gate)


def state_of(story: Story, park: str, permit: PermitId) -> tuple[str, str, str]:
    """State, recorded discrepancy still open, and its owner, as the park's officer sees the one crossing."""
    with story.nodes.at(park):
        (line,) = queries.of_permit(story.user(f"{park}-officer"), permit, story.nodes.now)
    return line.state, line.row.open_code, line.row.owner


def look(story: Story) -> dict[str, int]:
    """Both nodes do their duty; how many discrepancies each opened."""
    opened = {}
    for park in ("sz", "hk"):
        with story.nodes.at(park):
            opened[park] = actions.open_discrepancies(story.nodes.now)
    story.nodes.settle()
    return opened


def test_goods_that_left_are_departed_and_the_permit_is_in_transit(story: Story) -> None:
    permit = story.in_force()
    pass_leg(story, EXIT, permit)
    story.nodes.settle()
    for park in ("sz", "hk"):
        assert story.status(park, permit) == Status.IN_TRANSIT
    assert state_of(story, "sz", permit)[0] in (State.DEPARTED, State.OVERDUE)


def test_quantities_are_written_off_against_the_permit(story: Story) -> None:
    permit = story.in_force()
    story.cross(permit)
    for park in ("sz", "hk"):
        assert permit_rules.remaining(story.state(park, permit).current) == {1: 0, 2: 0}


def test_fewer_goods_in_than_out_are_short_and_the_arriving_bank_owns_it(story: Story) -> None:
    permit = story.in_force()
    pass_leg(story, EXIT, permit)
    story.nodes.settle()
    pass_leg(story, ENTRY, permit, quantities={1: 39, 2: 80})
    story.nodes.settle()
    assert look(story) == {"sz": 0, "hk": 1}
    for park in ("sz", "hk"):
        assert state_of(story, park, permit) == (State.SHORT, "short", "hk")


def test_more_goods_in_than_out_are_over(story: Story) -> None:
    permit = story.in_force()
    pass_leg(story, EXIT, permit, quantities={1: 30, 2: 80})
    pass_leg(story, ENTRY, permit, quantities={1: 40, 2: 80})
    story.nodes.settle()
    assert look(story) == {"sz": 0, "hk": 1}
    assert state_of(story, "sz", permit) == (State.OVER, "over", "hk")


def test_an_exit_without_an_entry_after_its_time_is_overdue_and_the_leaving_bank_owns_it(
    story: Story,
) -> None:
    permit = story.in_force()
    pass_leg(story, EXIT, permit)
    story.nodes.settle()
    with story.nodes.at("sz"):
        row = queries.of_permit(story.user("sz-officer"), permit, story.nodes.now)[0].row
    assert row.late_at is not None
    story.nodes.now = row.late_at - timedelta(seconds=1)
    assert look(story) == {"sz": 0, "hk": 0}
    story.nodes.now = row.late_at
    assert look(story) == {"sz": 1, "hk": 0}
    assert state_of(story, "hk", permit) == (State.OVERDUE, "overdue", "sz")


def test_a_discrepancy_is_opened_once(story: Story) -> None:
    permit = story.in_force()
    pass_leg(story, EXIT, permit)
    story.nodes.settle()
    story.nodes.tick(5 * 3600)
    assert [look(story)["sz"], look(story)["sz"]] == [1, 0]


def test_an_entry_whose_exit_never_comes_is_unannounced_after_its_time(story: Story) -> None:
    permit = story.in_force()
    story.nodes.network.cut = True
    pass_leg(story, EXIT, permit)
    pass_leg(story, ENTRY, permit)
    with story.nodes.at("hk"):
        (line,) = queries.of_permit(story.user("hk-officer"), permit, story.nodes.now)
        assert line.state is State.ARRIVED
        story.nodes.tick(4 * 3600)
        assert actions.open_discrepancies(story.nodes.now) == 1
    assert state_of(story, "hk", permit) == (State.UNANNOUNCED, "unannounced", "hk")
    story.nodes.settle()  # the news of the exit arrives at last
    assert {state_of(story, park, permit)[0] for park in ("sz", "hk")} == {State.RECONCILED}


def overdue(story: Story) -> tuple[PermitId, CrossingId]:
    permit = story.in_force()
    pass_leg(story, EXIT, permit)
    story.nodes.settle()
    story.nodes.tick(5 * 3600)
    look(story)
    return permit, CrossingId(f"{permit}-x1")


def test_the_owners_officer_closes_a_discrepancy_with_an_explanation(story: Story) -> None:
    permit, crossing = overdue(story)
    with story.nodes.at("sz"):
        officer = story.user("sz-officer")
        actions.close_discrepancy(
            officer, crossing, "overdue", "The van broke down; goods returned.", story.nodes.now
        )
    story.nodes.settle()
    for park in ("sz", "hk"):
        assert state_of(story, park, permit)[1:] == ("", "")
        assert story.status(park, permit) == Status.COMPLETED
        with story.nodes.at(park):
            (opened,) = queries.detail(
                story.user(f"{park}-officer"), crossing, story.nodes.now
            ).crossing.opened
        assert opened.explanation == "The van broke down; goods returned."


def test_the_other_park_cannot_close_it(story: Story) -> None:
    _permit, crossing = overdue(story)
    with story.nodes.at("hk"), pytest.raises(NotPossible, match="other park's"):
        actions.close_discrepancy(
            story.user("hk-officer"), crossing, "overdue", "never mind", story.nodes.now
        )


def test_a_discrepancy_is_not_closed_without_an_explanation(story: Story) -> None:
    _permit, crossing = overdue(story)
    with story.nodes.at("sz"), pytest.raises(Invalid, match="say why"):
        actions.close_discrepancy(story.user("sz-officer"), crossing, "overdue", " ", story.nodes.now)


def test_a_laboratory_cannot_close_its_own_discrepancy(story: Story) -> None:
    _permit, crossing = overdue(story)
    with story.nodes.at("sz"), pytest.raises(Forbidden):
        actions.close_discrepancy(story.user("sz-lab"), crossing, "overdue", "never mind", story.nodes.now)


def test_a_closed_discrepancy_is_not_opened_again(story: Story) -> None:
    _permit, crossing = overdue(story)
    with story.nodes.at("sz"):
        actions.close_discrepancy(story.user("sz-officer"), crossing, "overdue", "explained", story.nodes.now)
        assert actions.open_discrepancies(story.nodes.now) == 0


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_acts_delivered_in_any_order_lead_both_nodes_to_the_same_crossing(
    story: Story, order: tuple[int, ...]
) -> None:
    permit = story.in_force()
    story.nodes.network.fate = lambda sender, envelope: Fate.HOLD
    pass_leg(story, EXIT, permit)
    story.nodes.deliver("sz")
    pass_leg(story, ENTRY, permit, quantities={1: 39, 2: 80})
    story.nodes.deliver("hk")
    held = len(story.nodes.network.held)
    for index in order:
        if index < held:
            story.nodes.network.arrive(min(index, len(story.nodes.network.held) - 1))
    story.nodes.settle()
    found = []
    for park in ("sz", "hk"):
        with story.nodes.at(park):
            found.append(rules.crossings(story.state(park, permit), acts(StreamId(permit))))
    assert found[0] == found[1]


def in_force(story: Story, uses: int) -> PermitId:
    """A permit for samples that may be used so often, in force at both parks."""
    permit = story.declare({**story.example("samples-with-import-permit"), "uses": uses})
    for measure in (
        "customs_declaration",
        "customs_special_goods_quarantine_approval",
        "customs_quarantine_inspection",
    ):
        story.decide("sz", permit, AuthorityAnswer("customs_ml", "grant", Reasons("fine"), measure=measure))
    for park in ("sz", "hk"):
        story.clear(park, permit)
    story.nodes.settle()
    return permit


def test_three_uses_are_three_crossings_that_share_the_quantity(story: Story) -> None:
    permit = in_force(story, uses=3)
    labels = ("BOX-RB-0003", "SEAL-448121")
    code = story.code("sz", permit)
    for round_number, quantity in enumerate((10, 10, 20), 1):
        for gate in (EXIT, ENTRY):
            story.sync(gate)
            assert story.scan(gate, code, labels, quantities={1: quantity}).light.word == "green"
            story.sync(gate)
            story.nodes.settle()
        expected = Status.COMPLETED if round_number == 3 else Status.IN_FORCE
        assert story.status("hk", permit) == expected
    assert permit_rules.remaining(story.state("sz", permit).current) == {1: 0, 2: 80}
    with story.nodes.at("hk"):
        lines = queries.of_permit(story.user("hk-officer"), permit, story.nodes.now)
    assert [line.row.id for line in lines] == [f"{permit}-x{n}" for n in (1, 2, 3)]


def test_a_gate_counts_what_earlier_uses_took(story: Story) -> None:
    permit = in_force(story, uses=2)

    story.sync(EXIT)
    code, labels = story.code("sz", permit), ("BOX-RB-0003", "SEAL-448121")
    assert story.scan(EXIT, code, labels, quantities={1: 30}).light.word == "green"
    assert story.scan(EXIT, code, labels, quantities={1: 11}).codes == ["quantity_exceeds"]
    assert story.scan(EXIT, code, labels, quantities={1: 10}).light.word == "green"


def passage(permit: PermitId, **changes: Any) -> dict[str, Any]:
    body = {
        "crossing": f"{permit}-x1",
        "leg": "entry",
        "gate": ENTRY,
        "group": "hk-lokmachau-entry",
        "event_number": 1,
        "at": "2026-11-22T08:00:00Z",
        "version": 1,
        "items": [{"line": 1, "quantity": 40}],
        "labels_digest": None,
        "seal": None,
        "inspection": None,
    }
    return {**body, **changes}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"gate": EXIT}, "gate_elsewhere"),
        ({"gate": "hk-nowhere-a"}, "gate_unknown"),
        ({"gate": "hk-gate1-exit-a", "group": "hk-gate1-exit", "leg": "exit"}, "wrong_direction"),
        ({"version": 2}, "not_in_force"),
        ({"items": [{"line": 9, "quantity": 1}]}, "lines"),
        ({"items": [{"line": 1, "quantity": 1}, {"line": 1, "quantity": 1}]}, "lines"),
    ],
)
def test_a_passage_that_cannot_be_is_refused(story: Story, change: dict[str, Any], code: str) -> None:
    permit = story.in_force()
    body = passage(permit, **change)
    with story.nodes.at("hk"), transaction.atomic():
        record(
            NewAct("crossing.passed", StreamId(permit), body, Actor("gate", body["gate"])), story.nodes.now
        )
    story.nodes.deliver("hk")
    with story.nodes.at("sz"):
        assert [incident.detail["code"] for incident in incidents()] == [code]


@pytest.mark.parametrize(
    ("kind", "by", "code"),
    [
        (rules.OPENED, Actor("park_officer", "p-0"), "wrong_speaker"),
        (rules.OPENED, Actor("node", "node"), "other_owner"),
        (rules.CLOSED, Actor("park_officer", "p-0"), "not_open"),
    ],
)
def test_a_discrepancy_said_by_the_wrong_one_is_refused(
    story: Story, kind: str, by: Actor, code: str
) -> None:
    permit = story.in_force()
    pass_leg(story, EXIT, permit)
    story.nodes.settle()
    body: dict[str, Any] = {"crossing": f"{permit}-x1", "code": "overdue"}
    if kind == rules.OPENED:
        body |= {"owner": "sz", "expected": [], "found": []}
    else:
        body |= {"explanation": "never mind"}
    with story.nodes.at("hk"), transaction.atomic():
        record(NewAct(kind, StreamId(permit), body, by), story.nodes.now)
    story.nodes.deliver("hk")
    with story.nodes.at("sz"):
        assert [incident.detail["code"] for incident in incidents()] == [code]


def test_todays_figures_count_legs_and_what_is_wrong(story: Story) -> None:
    permit, _crossing = overdue(story)
    with story.nodes.at("sz"):
        today = queries.today(story.nodes.now)
        assert (today.exits, today.entries, today.under_way) == (1, 0, 1)
        assert (today.open_discrepancies, today.own_discrepancies) == (1, 1)
        assert queries.begun_today(story.nodes.now) == {"huanggang": {"hk": 1}}
        assert (
            page(CROSSINGS, story.user("sz-lab"), Asked({"discrepancy": "open"}), story.nodes.now).total == 1
        )
        assert page(CROSSINGS, story.user("sz-biobank"), Asked(), story.nodes.now).total == 0
    assert permit


def test_a_crossing_whose_delay_was_explained_is_no_longer_on_its_way(story: Story) -> None:
    _permit, crossing = overdue(story)
    with story.nodes.at("sz"):
        actions.close_discrepancy(
            story.user("sz-officer"), crossing, "overdue", "It turned back.", story.nodes.now
        )
        assert queries.today(story.nodes.now).under_way == 0
