"""Terms: what two clearances have in common, and that nobody is given more than was asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.story import Story

from twoparks.permits import terms
from twoparks.permits.types import Empty, ItemTerms, NotPossible, Status, Terms

DAY = datetime(2026, 11, 22, 16, tzinfo=UTC)
BASE = Terms(
    items=(ItemTerms(1, 40, "tube"), ItemTerms(2, 80, "tube")),
    exit_groups=("a", "b"),
    entry_groups=("c",),
    uses=3,
    valid_from=DAY,
    valid_until=DAY + timedelta(days=10),
)


def test_the_least_quantity_of_each_line_is_allowed() -> None:
    other = replace(BASE, items=(ItemTerms(1, 50, "tube"), ItemTerms(2, 20, "tube")))
    shared = terms.intersect(BASE, other)
    assert isinstance(shared, Terms)
    assert [item.quantity for item in shared.items] == [40, 20]


def test_a_line_one_park_leaves_out_is_not_allowed() -> None:
    shared = terms.intersect(BASE, replace(BASE, items=BASE.items[:1]))
    assert isinstance(shared, Terms)
    assert [item.line for item in shared.items] == [1]


def test_the_latest_start_and_the_earliest_end_count() -> None:
    other = replace(BASE, valid_from=DAY + timedelta(days=2), valid_until=DAY + timedelta(days=20))
    shared = terms.intersect(BASE, other)
    assert isinstance(shared, Terms)
    assert (shared.valid_from, shared.valid_until) == (other.valid_from, BASE.valid_until)


@pytest.mark.parametrize(
    ("one", "other", "uses"), [(3, 1, 1), (None, 2, 2), (2, None, 2), (None, None, None)]
)
def test_the_fewest_uses_count_and_none_means_any(
    one: int | None, other: int | None, uses: int | None
) -> None:
    shared = terms.intersect(replace(BASE, uses=one), replace(BASE, uses=other))
    assert isinstance(shared, Terms)
    assert shared.uses == uses


def test_only_common_gate_groups_are_allowed() -> None:
    shared = terms.intersect(BASE, replace(BASE, exit_groups=("b", "x")))
    assert isinstance(shared, Terms)
    assert shared.exit_groups == ("b",)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"items": (ItemTerms(1, 0, "tube"),)}, "items"),
        ({"items": (ItemTerms(1, 40, "box"),)}, "items"),
        ({"exit_groups": ("x",)}, "exit_groups"),
        ({"entry_groups": ("x",)}, "entry_groups"),
        ({"uses": 0}, "uses"),
        ({"valid_from": BASE.valid_until, "valid_until": BASE.valid_until + timedelta(days=1)}, "validity"),
    ],
)
def test_clearances_with_nothing_in_common_allow_nothing(change: dict[str, object], field: str) -> None:
    empty = terms.intersect(BASE, replace(BASE, **change))  # type: ignore[arg-type]
    assert isinstance(empty, Empty)
    assert empty.field == field


def test_terms_are_the_same_whichever_park_computes_them() -> None:
    other = replace(BASE, items=BASE.items[:1], uses=None, exit_groups=("b",))
    assert terms.intersect(BASE, other) == terms.intersect(other, BASE)


def narrowed(story: Story, park: str, permit: object, **change: object) -> Terms:
    declared = story.state(park, permit).current.declaration  # type: ignore[arg-type]
    return replace(terms.offer(declared, "Asia/Hong_Kong"), **change)  # type: ignore[arg-type]


def test_a_park_may_clear_less_than_was_declared(story: Story) -> None:
    permit = story.declare()
    for park in ("sz", "hk"):
        story.grant_all(park, permit)
    story.clear("hk", permit, terms=narrowed(story, "hk", permit, items=(ItemTerms(1, 10, "tube"),)))
    story.nodes.settle()
    story.clear("sz", permit)
    story.nodes.settle()
    shared = terms.agreed(story.state("sz", permit).current)
    assert isinstance(shared, Terms)
    assert shared.items == (ItemTerms(1, 10, "tube"),)
    assert story.status("hk", permit) == Status.IN_FORCE


def test_a_clearance_that_shares_nothing_with_the_other_parks_is_not_accepted(story: Story) -> None:
    permit = story.declare()
    for park in ("sz", "hk"):
        story.grant_all(park, permit)
    story.clear("hk", permit, terms=narrowed(story, "hk", permit, items=(ItemTerms(1, 10, "tube"),)))
    story.nodes.settle()
    with pytest.raises(NotPossible, match="no line of goods in common"):
        story.clear("sz", permit, terms=narrowed(story, "sz", permit, items=(ItemTerms(2, 10, "tube"),)))


def test_clearances_that_meet_on_their_way_and_share_nothing_are_refused_by_both_nodes(story: Story) -> None:
    permit = story.declare()
    for park, line in (("sz", 1), ("hk", 2)):
        story.grant_all(park, permit)
        story.clear(park, permit, terms=narrowed(story, park, permit, items=(ItemTerms(line, 10, "tube"),)))
    story.nodes.settle()
    for park in ("sz", "hk"):
        assert story.status(park, permit) == Status.REFUSED
        assert not story.state(park, permit).current.signed


def test_clearances_that_meet_on_their_way_are_signed_by_both_nodes_over_the_same_bytes(story: Story) -> None:
    permit = story.declare()
    for park in ("sz", "hk"):
        story.grant_all(park, permit)
        story.clear(park, permit)
    story.nodes.settle()
    assert {story.status(park, permit) for park in ("sz", "hk")} == {Status.IN_FORCE}
    assert story.code("sz", permit) == story.code("hk", permit)


def test_terms_end_with_the_first_approval_to_end(story: Story) -> None:
    raw = story.example()
    raw["evidence"][1]["valid_until"] = "2026-11-25"
    permit = story.declare(raw)
    offered = terms.offer(story.state("sz", permit).current.declaration, "Asia/Shanghai")
    assert offered.valid_until == datetime(2026, 11, 25, 16, tzinfo=UTC)


def test_a_clearance_for_longer_than_an_approval_holds_is_not_accepted(story: Story) -> None:
    permit = story.declare()
    story.grant_all("hk", permit)
    late = story.nodes.now + timedelta(days=100)
    with pytest.raises(ValueError, match="beyond what was declared"):
        story.clear("hk", permit, terms=narrowed(story, "hk", permit, valid_until=late))
