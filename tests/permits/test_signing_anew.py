"""Pass keys that are given up while permits are in force: what stops, what is signed anew, what goes on."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

from tests.permits.test_received import NODE, OFFICER, clearance, cleared_by_both_signed_by_none, say
from tests.story import ENTRY, EXIT, Story

from twoparks.federation.keys import compromise, node_keys, rotate
from twoparks.federation.queries import acts, incidents
from twoparks.federation.types import StreamId
from twoparks.ledger.canonical import base64url
from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.passes.cose import sign_part
from twoparks.permits import actions, terms
from twoparks.permits.signatures import signed_with
from twoparks.permits.types import PermitId, Reasons
from twoparks.registry.zone import zone


def pass_kid(story: Story, park: str = "sz") -> str:
    with story.nodes.at(park):
        return node_keys().trust_list.active(KeyPurpose.PASSES).kid


def lose_the_key(story: Story, park: str = "sz") -> None:
    """The park's pass key is reported compromised a minute later."""
    kid = pass_kid(story, park)
    with story.nodes.at(park):
        compromise(kid, story.nodes.tick(60))
    story.nodes.tick(1)


def sign_anew(story: Story, park: str = "sz") -> int:
    """The worker's duty at one park."""
    with story.nodes.at(park):
        return actions.follow_keys(story.nodes.now)


def signatures_by(story: Story, park: str, permit: PermitId, at: str) -> list[dict[str, Any]]:
    with story.nodes.at(at):
        found = acts(StreamId(permit))
    return [dict(act.body) for act in found if act.kind == "permit.signed" and act.park == park]


def test_drill_a_pass_under_a_compromised_key_stops_at_the_gates_of_both_parks(story: Story) -> None:
    permit = story.in_force()
    old = story.code("sz", permit)
    lose_the_key(story)
    for gate in (EXIT, ENTRY):
        story.sync(gate)
        assert story.scan(gate, old).codes == ["key_compromised"]


def test_drill_the_pass_signed_anew_opens_the_gates_and_the_old_one_stays_refused(story: Story) -> None:
    permit = story.in_force()
    old = story.code("sz", permit)
    lose_the_key(story)
    assert sign_anew(story) == 1
    story.exchange_documents()
    story.nodes.settle()
    assert story.code("sz", permit) == story.code("hk", permit) != old
    story.cross(permit)
    assert story.scan(EXIT, old).codes == ["key_compromised"]


def test_a_use_taken_with_the_old_pass_stays_taken_with_the_new_one(story: Story) -> None:
    permit = story.in_force()
    story.sync(EXIT)
    assert story.scan(EXIT, story.code("sz", permit)).light.word == "green"
    story.sync(EXIT)
    lose_the_key(story)
    sign_anew(story)
    story.exchange_documents()
    story.nodes.settle()
    for gate, light in ((EXIT, "refuse"), (ENTRY, "green")):
        story.sync(gate)
        assert story.scan(gate, story.code("hk", permit)).light.word == light


def test_a_fresh_signature_that_comes_before_the_fresh_key_waits_for_it(story: Story) -> None:
    permit = story.in_force()
    lose_the_key(story)
    sign_anew(story)
    assert story.nodes.deliver("sz").put_off == 1
    story.exchange_documents()
    story.nodes.tick(10)
    assert story.nodes.deliver("sz").delivered == 1
    with story.nodes.at("hk"):
        assert not incidents()
    assert signed_with(story.state("hk", permit).current.signed["sz"]) == pass_kid(story)


def test_each_permit_is_signed_anew_once(story: Story) -> None:
    story.in_force()
    lose_the_key(story)
    assert [sign_anew(story), sign_anew(story)] == [1, 0]


def test_a_second_compromise_has_the_permit_signed_a_third_time(story: Story) -> None:
    permit = story.in_force()
    for _ in range(2):
        lose_the_key(story)
        sign_anew(story)
    story.exchange_documents()
    story.nodes.settle()
    assert len(signatures_by(story, "sz", permit, "hk")) == 3
    story.cross(permit)


def test_the_other_park_signs_anew_what_it_signed_itself(story: Story) -> None:
    permit = story.in_force()
    lose_the_key(story, "hk")
    assert (sign_anew(story, "sz"), sign_anew(story, "hk")) == (0, 1)
    story.exchange_documents()
    story.nodes.settle()
    story.cross(permit)


def test_what_was_revoked_is_not_signed_anew(story: Story) -> None:
    permit = story.in_force()
    with story.nodes.at("hk"):
        officer = story.user("hk-officer")
        actions.revoke(officer, permit, Reasons("Found open."), story.seen(permit), story.nodes.now)
    story.nodes.settle()
    lose_the_key(story)
    assert sign_anew(story) == 0


def test_what_has_crossed_is_not_signed_anew(story: Story) -> None:
    story.cross(story.in_force())
    lose_the_key(story)
    assert sign_anew(story) == 0


def test_a_replayed_signature_by_the_compromised_key_is_refused(story: Story) -> None:
    permit = story.in_force()
    (old,) = signatures_by(story, "sz", permit, "sz")
    lose_the_key(story)
    sign_anew(story)
    story.exchange_documents()
    story.nodes.settle()
    assert say(story, "sz", permit, "permit.signed", old, NODE) == ["signature_key_compromised"]


def test_the_compromised_signature_sent_instead_of_a_fresh_one_is_refused(story: Story) -> None:
    permit = story.in_force()
    (old,) = signatures_by(story, "sz", permit, "sz")
    lose_the_key(story)
    story.exchange_documents()
    assert say(story, "sz", permit, "permit.signed", old, NODE) == ["signature_key_compromised"]


def test_the_same_signature_twice_is_refused(story: Story) -> None:
    permit = story.in_force()
    (body,) = signatures_by(story, "sz", permit, "sz")
    assert say(story, "sz", permit, "permit.signed", body, NODE) == ["signed_before"]


def test_a_signature_late_on_its_way_is_taken_and_the_fresh_one_after_it(story: Story) -> None:
    permit = cleared_by_both_while_apart(story)
    lose_the_key(story)
    sign_anew(story)
    story.exchange_documents()
    story.nodes.settle()
    assert len(signatures_by(story, "sz", permit, "hk")) == 2
    story.cross(permit)


def test_a_first_signature_dated_after_the_compromise_of_its_key_is_refused(story: Story) -> None:
    permit = cleared_by_both_signed_by_none(story)
    say(story, "hk", permit, "permit.cleared", clearance(story, permit), OFFICER)
    with story.nodes.at("hk"):
        stolen = node_keys().signer(KeyPurpose.PASSES)
    lose_the_key(story, "hk")
    story.exchange_documents()
    body = signature_by(story, permit, stolen)
    assert say(story, "hk", permit, "permit.signed", body, NODE) == ["signature_key_compromised"]


def test_rotation_keeps_the_old_pass_good_until_its_end(story: Story) -> None:
    permit = story.in_force()
    with story.nodes.at("sz"):
        rotate(KeyPurpose.PASSES, story.nodes.tick(60))
    story.nodes.tick(1)
    assert sign_anew(story) == 0
    story.cross(permit)


def test_rotation_keeps_a_pass_good_that_the_other_park_has_yet_to_sign(story: Story) -> None:
    permit = cleared_by_both_while_apart(story)
    with story.nodes.at("sz"):
        rotate(KeyPurpose.PASSES, story.nodes.tick(60))
    story.exchange_documents()
    story.nodes.settle()
    assert len(signatures_by(story, "sz", permit, "hk")) == 1
    story.cross(permit)


def test_a_key_retired_before_its_permits_end_has_them_signed_anew(story: Story) -> None:
    permit = story.in_force()
    with story.nodes.at("sz"):
        rotate(KeyPurpose.PASSES, story.nodes.tick(60), story.nodes.now + timedelta(hours=1))
    assert sign_anew(story) == 1
    story.exchange_documents()
    story.nodes.settle()
    story.nodes.tick(7200)
    story.cross(permit)


def test_another_signature_while_the_first_still_serves_is_put_off(story: Story) -> None:
    permit = story.in_force()
    with story.nodes.at("sz"):
        rotate(KeyPurpose.PASSES, story.nodes.tick(60))
        fresh = node_keys().signer(KeyPurpose.PASSES)
    story.nodes.tick(1)
    story.exchange_documents()
    assert say(story, "sz", permit, "permit.signed", signature_by(story, permit, fresh), NODE) == [
        "key_serves"
    ]
    assert story.nodes.deliver("sz").stopped == 0


def test_the_lists_are_what_the_acts_make_them_after_signing_anew(story: Story) -> None:
    story.in_force()
    lose_the_key(story)
    sign_anew(story)
    with story.nodes.at("sz"):
        assert actions.rebuild() == 0


def cleared_by_both_while_apart(story: Story) -> PermitId:
    """Both parks cleared; the clearance and the signature of one are still on their way to the other."""
    permit = story.declare()
    story.grant_all("hk", permit)
    story.clear("hk", permit)
    story.nodes.settle()
    story.grant_all("sz", permit)
    story.clear("sz", permit)
    assert set(story.state("sz", permit).current.signed) == {"sz"}
    return permit


def signature_by(story: Story, permit: PermitId, key: KeyPair) -> dict[str, Any]:
    """The right permit bytes signed with that key."""
    claims = terms.permit_claims(permit, story.state("sz", permit).current, zone())
    assert claims is not None
    signed = claims.encode()
    part = base64url(sign_part(signed, key))
    return {"version": 1, "permit_digest": sha256(signed).hexdigest(), "signature_part": part}
