"""What a node refuses of the other park's acts, however well signed, and that it says so."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from django.db import transaction
from tests.story import Story

from twoparks.federation.actions import record
from twoparks.federation.keys import node_keys
from twoparks.federation.queries import incidents
from twoparks.federation.types import Actor, NewAct, StreamId
from twoparks.ledger.canonical import base64url
from twoparks.ledger.keys import KeyPurpose
from twoparks.passes.cose import sign_part
from twoparks.permits import declarations, terms
from twoparks.permits.types import PermitId
from twoparks.registry.zone import zone

OFFICER, NODE, MEMBER = Actor("park_officer", "p-0"), Actor("node", "node"), Actor("member", "p-0")


def say(story: Story, park: str, stream: str, kind: str, body: dict[str, Any], by: Actor) -> list[str]:
    """One park's node says something its own rules would not let it say; the codes of the incidents at the other."""
    with story.nodes.at(park), transaction.atomic():
        record(NewAct(kind, StreamId(stream), body, by), story.nodes.now)
    story.nodes.deliver(park)
    with story.nodes.at(story.nodes.other(park)):
        return [incident.detail["code"] for incident in incidents()]


def clearance(story: Story, permit: PermitId, park: str = "hk", **changes: Any) -> dict[str, Any]:
    version = story.state(park, permit).current
    offered = terms.to_json(terms.offer(version.declaration, "Asia/Hong_Kong"))
    body = {
        "version": 1,
        "declaration_digest": version.digest,
        "terms": offered,
        "status_place": {"list": 1, "index": 7},
        "grounds": [],
        "seen": 1,
    }
    return {**body, **changes}


def cleared_by_both_signed_by_none(story: Story) -> PermitId:
    """Both clearances on both nodes' way: the other park's news has not come yet."""
    permit = story.declare()
    for park in ("sz", "hk"):
        story.grant_all(park, permit)
    story.clear("sz", permit)
    story.nodes.settle()
    return permit


def signature(story: Story, permit: PermitId, claims: bytes, park: str = "hk") -> dict[str, Any]:
    with story.nodes.at(park):
        part = sign_part(claims, node_keys().signer(KeyPurpose.PASSES))
    return {"version": 1, "permit_digest": sha256(claims).hexdigest(), "signature_part": base64url(part)}


def test_a_signature_over_other_permit_bytes_is_refused_and_reported(story: Story) -> None:
    permit = cleared_by_both_signed_by_none(story)
    assert not say(story, "hk", permit, "permit.cleared", clearance(story, permit), OFFICER)
    version = story.state("sz", permit).current
    claims = terms.permit_claims(permit, version, zone())
    assert claims is not None
    longer = claims.__class__(**{**claims.__dict__, "uses": 2, "standing": True}).encode()
    codes = say(story, "hk", permit, "permit.signed", signature(story, permit, longer), NODE)
    assert codes == ["other_bytes"]
    assert set(story.state("sz", permit).current.signed) == {"sz"}


def test_a_false_signature_over_the_right_bytes_is_refused(story: Story) -> None:
    permit = cleared_by_both_signed_by_none(story)
    say(story, "hk", permit, "permit.cleared", clearance(story, permit), OFFICER)
    claims = terms.permit_claims(permit, story.state("sz", permit).current, zone())
    assert claims is not None
    body = signature(story, permit, claims.encode())
    own = story.state("sz", permit).current.signed["sz"].part  # the receiver's own part, sent back to it
    codes = say(story, "hk", permit, "permit.signed", {**body, "signature_part": own}, NODE)
    assert codes == ["signature_key_other_park"]


def test_a_signature_before_both_clearances_is_refused(story: Story) -> None:
    permit = story.declare()
    body = {"version": 1, "permit_digest": "0" * 64, "signature_part": "AAAA"}
    assert say(story, "hk", permit, "permit.signed", body, NODE) == ["not_cleared"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"declaration_digest": "0" * 64}, "other_declaration"),
        ({"version": 2}, "no_version"),
    ],
)
def test_a_clearance_of_something_else_is_refused(story: Story, change: dict[str, Any], code: str) -> None:
    permit = story.declare()
    assert say(story, "hk", permit, "permit.cleared", clearance(story, permit, **change), OFFICER) == [code]


@pytest.mark.parametrize("field", ["quantity", "uses", "valid_until", "exit_groups"])
def test_a_clearance_beyond_what_was_declared_is_refused(story: Story, field: str) -> None:
    permit = story.declare()
    body = clearance(story, permit)
    if field == "quantity":
        body["terms"]["items"][0]["quantity"] += 1
    else:
        body["terms"][field] = {
            "uses": 2,
            "valid_until": "2027-12-31T16:00:00Z",
            "exit_groups": ["sz-gate1-exit"],
        }[field]
    assert say(story, "hk", permit, "permit.cleared", body, OFFICER) == ["terms_beyond"]


def test_a_clearance_of_what_the_other_banks_own_law_forbids_is_refused(story: Story) -> None:
    raw = story.example()
    raw["facts"]["payment"] = "price"  # forbidden on the declaring bank
    permit = story.declare(raw)
    assert say(story, "sz", permit, "permit.cleared", clearance(story, permit, "sz"), OFFICER) == [
        "not_clearable"
    ]


def test_a_second_clearance_of_one_version_is_refused(story: Story) -> None:
    permit = story.declare()
    say(story, "hk", permit, "permit.cleared", clearance(story, permit), OFFICER)
    assert say(story, "hk", permit, "permit.cleared", clearance(story, permit), OFFICER) == ["decided_before"]


def test_a_clearance_said_by_anybody_but_a_park_officer_is_refused(story: Story) -> None:
    permit = story.declare()
    by = Actor("authority_officer", "p-0", "dh")
    assert say(story, "hk", permit, "permit.cleared", clearance(story, permit), by) == ["wrong_speaker"]


def test_a_park_cannot_speak_for_the_law_of_the_other_bank(story: Story) -> None:
    permit = story.declare()
    body = {
        "version": 1,
        "bank": "ml",
        "outcome": "clear",
        "pack_digest": "0" * 64,
        "facts_digest": "0" * 64,
        "required": [],
    }
    assert say(story, "hk", permit, "permit.determined", body, NODE) == ["other_bank"]


def test_a_park_cannot_vary_what_began_at_the_other(story: Story) -> None:
    permit = story.declare()
    said = declarations.to_json(story.state("hk", permit).current.declaration)
    body = {"version": 2, "declaration": {**said, "seal": "SEAL-1"}}
    assert say(story, "hk", permit, "permit.declared", body, MEMBER) == ["not_home"]


def test_a_park_cannot_withdraw_what_began_at_the_other(story: Story) -> None:
    permit = story.declare()
    assert say(story, "hk", permit, "permit.withdrawn", {"version": 1}, MEMBER) == ["not_home"]


def test_a_revocation_by_a_park_that_never_cleared_is_refused(story: Story) -> None:
    permit = story.declare()
    body = {"version": 1, "reasons": "no"}
    assert say(story, "hk", permit, "permit.revoked", body, OFFICER) == ["not_cleared"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"facts": {"goods_kind": "moon_rock"}}, "facts_not_read"),
        ({"facts": {"donor_name": "somebody"}}, "facts_not_read"),
        ({"crosses": "hk-sz"}, "parties_misplaced"),
        ({"route": {"exit_group": "hk-gate1-exit", "entry_group": "hk-gate1-entry"}}, "gate_unknown"),
        ({"containers": ["A", "a"]}, "labels_unfit"),
        ({"containers": [" "]}, "labels_unfit"),
        (
            {"evidence": [{"measure": "good_will", "number": "1", "authority": "nhc", "valid_until": None}]},
            "facts_not_read",
        ),
        ({"valid_until": "2020-01-01"}, "validity"),
    ],
)
def test_a_declaration_that_cannot_be_is_refused(story: Story, change: dict[str, Any], code: str) -> None:
    said = declarations.to_json(story.state("sz", story.declare()).current.declaration)
    body = {"version": 1, "declaration": {**said, **change}}
    assert say(story, "sz", "sz-p-strange", "permit.declared", body, MEMBER) == [code]


def test_a_version_that_skips_one_is_refused(story: Story) -> None:
    permit = story.declare()
    said = declarations.to_json(story.state("sz", permit).current.declaration)
    body = {"version": 3, "declaration": said}
    assert say(story, "sz", permit, "permit.declared", body, MEMBER) == ["version_skipped"]


def test_an_act_on_a_permit_nobody_declared_is_refused(story: Story) -> None:
    body = {"version": 1, "declaration_digest": "0" * 64, "reasons": "no", "provisions": []}
    assert say(story, "hk", "sz-p-nowhere", "permit.refused", body, OFFICER) == ["no_declaration"]


def test_an_approval_without_a_number_is_taken_and_waits_for_its_authority(story: Story) -> None:
    said = declarations.to_json(story.state("sz", story.declare()).current.declaration)
    nameless = {
        "measure": "hk_dh_biological_import_permit",
        "number": "",
        "authority": "dh",
        "valid_until": None,
    }
    body = {"version": 1, "declaration": {**said, "evidence": [*said["evidence"], nameless]}}
    assert say(story, "sz", "sz-p-strange", "permit.declared", body, MEMBER) == []
    (check,) = story.state("hk", PermitId("sz-p-strange")).current.checks
    assert (check.number, check.answer) == ("", "unknown")


def test_a_permit_whose_id_is_too_long_for_a_pass_is_refused(story: Story) -> None:
    said = declarations.to_json(story.state("sz", story.declare()).current.declaration)
    body = {"version": 1, "declaration": said}
    assert say(story, "sz", "sz-p-" + "x" * 40, "permit.declared", body, MEMBER) == ["id_too_long"]
