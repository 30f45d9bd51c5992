"""Varying, withdrawing, revoking, running out: what ends a permit and at which gates."""

from __future__ import annotations

from typing import Any

import pytest
from tests.story import BECAUSE, ENTRY, EXIT, Story

from twoparks.permits import actions, issued
from twoparks.permits.models import StatusPlace
from twoparks.permits.types import Invalid, NotPossible, PermitId, Reasons, Status


def vary(story: Story, permit: PermitId, **changes: Any) -> None:
    with story.nodes.at("sz"):
        raw = {**story.example(), **changes}
        actions.vary(story.user("sz-lab"), permit, raw, story.seen(permit), story.nodes.now)
    story.nodes.settle()


def revoke(story: Story, park: str, permit: PermitId) -> None:
    with story.nodes.at(park):
        officer = story.user(f"{park}-officer")
        actions.revoke(officer, permit, Reasons("New finding."), story.seen(permit), story.nodes.now)
    story.nodes.settle()


def ended(story: Story, park: str) -> list[bool]:
    with story.nodes.at(park):
        return list(StatusPlace.objects.order_by("version").values_list("ended", flat=True))


def test_varying_the_declaration_voids_the_clearance_given_for_the_earlier_version(story: Story) -> None:
    permit = story.declare()
    story.grant_all("hk", permit)
    story.clear("hk", permit)
    story.nodes.settle()
    vary(story, permit, seal="SEAL-999999")
    for park in ("sz", "hk"):
        state = story.state(park, permit)
        assert (state.current.number, dict(state.current.cleared)) == (2, {})
        assert story.status(park, permit) == Status.IN_REVIEW
    assert ended(story, "hk") == [True]


def test_a_clearance_that_crosses_a_variation_on_its_way_is_void_at_both_parks(story: Story) -> None:
    permit = story.declare()
    for park in ("sz", "hk"):
        story.grant_all(park, permit)
    story.clear("sz", permit)
    story.nodes.settle()
    story.nodes.network.cut = True
    story.clear("hk", permit)  # both cleared version 1, hk even signs
    with story.nodes.at("sz"):
        raw = {**story.example(), "seal": "SEAL-999999"}
        actions.vary(story.user("sz-lab"), permit, raw, story.seen(permit), story.nodes.now)
    story.nodes.settle()
    for park in ("sz", "hk"):
        state = story.state(park, permit)
        assert len(state.current.signed) == 0
        assert story.status(park, permit) == Status.IN_REVIEW
        assert len(state.versions[0].signed) == 1


def test_varying_after_signing_ends_the_old_pass_on_both_nodes(story: Story) -> None:
    permit = story.in_force()
    code = story.code("sz", permit)
    vary(story, permit, seal="SEAL-999999")
    assert (ended(story, "sz"), ended(story, "hk")) == ([True], [True])
    for gate in (EXIT, ENTRY):
        story.sync(gate)
        assert "revoked" in story.scan(gate, code).codes


def test_a_varied_permit_can_be_cleared_and_signed_again(story: Story) -> None:
    permit = story.in_force()
    vary(story, permit, seal="SEAL-999999")
    for park in ("sz", "hk"):
        story.grant_all(park, permit)
        story.clear(park, permit)
        story.nodes.settle()
    assert {story.status(park, permit) for park in ("sz", "hk")} == {Status.IN_FORCE}
    assert ended(story, "hk") == [True, False]


def test_a_variation_that_changes_nothing_is_refused(story: Story) -> None:
    permit = story.declare()
    with pytest.raises(NotPossible, match="Nothing differs"):
        vary(story, permit)


def test_a_variation_keeps_its_direction(story: Story) -> None:
    permit = story.declare()
    route = {"exit_group": "hk-gate1-exit", "entry_group": "sz-gate1-entry"}
    with pytest.raises(Invalid, match="declare anew"):
        vary(story, permit, crosses="hk-sz", route=route)


def test_only_the_applicants_own_park_can_vary(story: Story) -> None:
    permit = story.declare()
    with story.nodes.at("hk"), pytest.raises(PermissionError):
        actions.vary(story.user("hk-lab"), permit, story.example(), story.seen(permit), story.nodes.now)


def test_nothing_is_varied_once_goods_have_passed_a_gate(story: Story) -> None:
    permit = story.in_force()
    story.sync(EXIT)
    assert story.scan(EXIT, story.code("sz", permit)).light.word == "green"
    story.sync(EXIT)
    with pytest.raises(NotPossible, match="passed a gate"):
        vary(story, permit, seal="SEAL-999999")


@pytest.mark.parametrize("park", ["sz", "hk"])
def test_either_park_alone_can_end_a_permit(story: Story, park: str) -> None:
    permit = story.in_force()
    code = story.code("sz", permit)
    revoke(story, park, permit)
    assert {story.status(p, permit) for p in ("sz", "hk")} == {Status.REVOKED}
    for gate in (EXIT, ENTRY):
        story.sync(gate)
        assert "revoked" in story.scan(gate, code).codes


def test_a_park_may_take_its_clearance_back_before_the_other_has_cleared(story: Story) -> None:
    permit = story.declare()
    story.grant_all("hk", permit)
    story.clear("hk", permit)
    revoke(story, "hk", permit)
    assert {story.status(p, permit) for p in ("sz", "hk")} == {Status.REVOKED}


def test_a_park_that_did_not_clear_has_nothing_to_revoke(story: Story) -> None:
    permit = story.declare()
    with pytest.raises(NotPossible, match="nothing to revoke"):
        revoke(story, "hk", permit)


def test_a_withdrawn_permit_is_withdrawn_at_both_parks_and_its_pass_is_dead(story: Story) -> None:
    permit = story.in_force()
    code = story.code("sz", permit)
    with story.nodes.at("sz"):
        actions.withdraw(story.user("sz-lab"), permit, story.seen(permit), story.nodes.now)
    story.nodes.settle()
    assert {story.status(p, permit) for p in ("sz", "hk")} == {Status.WITHDRAWN}
    story.sync(EXIT)
    assert "revoked" in story.scan(EXIT, code).codes


def test_a_refused_permit_may_be_varied_and_decided_anew(story: Story) -> None:
    permit = story.declare()
    with story.nodes.at("hk"):
        actions.refuse(story.user("hk-officer"), permit, BECAUSE, story.seen(permit), story.nodes.now)
    story.nodes.settle()
    vary(story, permit, seal="SEAL-999999")
    assert story.status("hk", permit) == Status.IN_REVIEW


def test_a_permit_nobody_used_expires_at_its_last_midnight(story: Story) -> None:
    permit = story.in_force()
    with story.nodes.at("sz"):
        ends = issued.row(permit)
    assert ends is not None
    story.nodes.tick((ends.valid_until - story.nodes.now).total_seconds() - 1)
    assert story.status("sz", permit) == Status.IN_FORCE
    story.nodes.tick(1)
    assert {story.status(p, permit) for p in ("sz", "hk")} == {Status.EXPIRED}


def test_nothing_can_be_cleared_after_its_validity(story: Story) -> None:
    permit = story.declare()
    story.grant_all("hk", permit)
    story.nodes.tick(16 * 86_400)
    with pytest.raises(NotPossible, match="no longer open"):
        story.clear("hk", permit)
