"""Everything the inbox refuses: each leaves an incident, nothing else, and an answer that says why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from tests.federation.conftest import NOTE
from tests.federation.say import OFFICER, STREAM, heard, key, refusal, sealed, taken
from tests.two_nodes import TwoNodes

from twoparks.federation import contracts
from twoparks.federation.actions import record, take_trust
from twoparks.federation.envelopes import MAX_ENVELOPE_BYTES
from twoparks.federation.keys import compromise, node_keys, peer_root, rotate
from twoparks.federation.models import Act, Fetched, Incident
from twoparks.federation.types import Answer, NewAct, Refused
from twoparks.ledger.canonical import canonical, parse
from twoparks.ledger.keys import KeyPair, KeyPurpose


def learn(nodes: TwoNodes) -> None:
    """The second park fetches the first one's trust list."""
    with nodes.at("sz"):
        published = node_keys().published
    with nodes.at("hk"):
        take_trust(published, nodes.now)


def test_a_sound_act_is_accepted(two_nodes: TwoNodes) -> None:
    assert taken(two_nodes, sealed(two_nodes)).answer is Answer.ACCEPTED
    assert heard(two_nodes, "hk") == ["hello"]


def test_the_same_act_again_is_a_duplicate_and_stored_once(two_nodes: TwoNodes) -> None:
    envelope = sealed(two_nodes)
    taken(two_nodes, envelope)
    assert taken(two_nodes, envelope).answer is Answer.DUPLICATE
    assert heard(two_nodes, "hk") == ["hello"]


def test_an_act_changed_after_signing_is_refused(two_nodes: TwoNodes) -> None:
    envelope = parse(sealed(two_nodes))
    envelope["act"]["body"]["says"] = "goodbye"
    assert refusal(two_nodes, canonical(envelope)) == "refused: bad_signature"


def test_an_act_by_a_key_nobody_knows_is_refused(two_nodes: TwoNodes) -> None:
    stranger = KeyPair.generate(KeyPurpose.ACTS, "sz", two_nodes.now)
    assert refusal(two_nodes, sealed(two_nodes, stranger)) == "refused: key_unknown"


def test_an_act_dated_after_its_key_retired_is_refused(two_nodes: TwoNodes) -> None:
    old = key(two_nodes, "sz", KeyPurpose.ACTS)
    with two_nodes.at("sz"):
        rotate(KeyPurpose.ACTS, two_nodes.now)
    learn(two_nodes)
    two_nodes.tick(5)
    assert refusal(two_nodes, sealed(two_nodes, old)) == "refused: key_not_usable"


def test_an_act_dated_before_its_key_retired_is_accepted(two_nodes: TwoNodes) -> None:
    envelope = sealed(two_nodes)
    with two_nodes.at("sz"):
        rotate(KeyPurpose.ACTS, two_nodes.now)
    learn(two_nodes)
    two_nodes.tick(5)
    assert taken(two_nodes, envelope).answer is Answer.ACCEPTED


def test_an_act_by_a_compromised_key_is_refused_whatever_its_date(two_nodes: TwoNodes) -> None:
    envelope = sealed(two_nodes)
    two_nodes.tick(60)
    with two_nodes.at("sz"):
        compromise(key(two_nodes, "sz", KeyPurpose.ACTS).kid, two_nodes.now)
    learn(two_nodes)
    assert refusal(two_nodes, envelope) == "refused: key_not_usable"


def test_an_act_stored_before_its_key_was_compromised_is_still_a_duplicate(two_nodes: TwoNodes) -> None:
    envelope = sealed(two_nodes)
    taken(two_nodes, envelope)
    with two_nodes.at("sz"):
        compromise(key(two_nodes, "sz", KeyPurpose.ACTS).kid, two_nodes.tick())
    learn(two_nodes)
    assert taken(two_nodes, envelope).answer is Answer.DUPLICATE


@pytest.mark.parametrize("purpose", [KeyPurpose.TRANSPORT, KeyPurpose.CHECKPOINT, KeyPurpose.PASSES])
def test_an_act_by_a_key_of_another_purpose_is_refused(two_nodes: TwoNodes, purpose: KeyPurpose) -> None:
    signer = key(two_nodes, "sz", purpose)
    assert refusal(two_nodes, sealed(two_nodes, signer)) == "refused: key_other_purpose"


def test_an_act_in_the_name_of_the_receiving_park_is_refused(two_nodes: TwoNodes) -> None:
    envelope = sealed(two_nodes, park="hk", id="hk-a-00000000000000000001")
    assert refusal(two_nodes, envelope) == "refused: key_other_park"


def test_a_parks_own_act_sent_back_to_it_is_refused(two_nodes: TwoNodes) -> None:
    own = key(two_nodes, "hk", KeyPurpose.ACTS)
    envelope = sealed(two_nodes, own, park="hk", id="hk-a-00000000000000000001")
    assert refusal(two_nodes, envelope) == "refused: key_unknown"


def test_a_kind_nobody_registered_is_refused(two_nodes: TwoNodes) -> None:
    assert refusal(two_nodes, sealed(two_nodes, kind="test.unheard_of")) == "refused: kind_unknown"


def test_a_kind_that_stays_at_home_is_refused_when_it_crosses(two_nodes: TwoNodes) -> None:
    assert refusal(two_nodes, sealed(two_nodes, kind="test.kept")) == "refused: stays_at_home"


@pytest.mark.parametrize(
    "body",
    [
        {"says": "hello", "name": "somebody"},
        {},
        {"says": 7},
        {"says": ""},
        {"says": "x" * 41},
        {"says": "hello", "count": -1},
        {"says": "hello", "count": True},
        {"says": "bell \x07"},
    ],
    ids=["unknown field", "missing", "wrong type", "empty", "too long", "negative", "bool", "control"],
)
def test_a_body_its_contract_does_not_allow_is_refused(two_nodes: TwoNodes, body: dict[str, Any]) -> None:
    assert refusal(two_nodes, sealed(two_nodes, body=body)) == "refused: contract_broken"


def test_an_incident_names_the_field_and_never_what_it_said(two_nodes: TwoNodes) -> None:
    taken(two_nodes, sealed(two_nodes, body={"says": "hello", "name": "A123456(7)"}))
    with two_nodes.at("hk"):
        detail = Incident.objects.get().detail
    assert "name" in detail["plain"]
    assert "A123456(7)" not in str(detail)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "hk-a-1"},
        {"id": "SZ-A-1"},
        {"stream": "a" * 61},
        {"stream": None},
        {"seq": 0},
        {"seq": True},
        {"seq": None},
        {"at": "2026-02-30T08:00:00Z"},
        {"at": "2026-11-22 08:00:00"},
        {"by": {"role": "park_officer"}},
        {"by": {"role": "park_officer", "actor": "Chan Tai Man", "authority": None}},
        {"body": []},
        {"extra": 1},
    ],
    ids=lambda changes: ",".join(f"{k}={v}" for k, v in changes.items())[:40],
)
def test_an_act_of_another_shape_is_refused(two_nodes: TwoNodes, changes: dict[str, Any]) -> None:
    assert refusal(two_nodes, sealed(two_nodes, **changes)) == "refused: act_malformed"


def test_an_act_dated_ahead_of_this_clock_is_refused(two_nodes: TwoNodes) -> None:
    assert refusal(two_nodes, sealed(two_nodes, at="2026-11-22T08:05:01Z")) == "refused: dated_ahead"


def test_bytes_that_are_no_envelope_are_refused(two_nodes: TwoNodes) -> None:
    assert refusal(two_nodes, b'{"act": {}}') == "refused: not_an_envelope"


def test_an_envelope_larger_than_allowed_is_refused(two_nodes: TwoNodes) -> None:
    envelope = sealed(two_nodes, body={"says": "x" * MAX_ENVELOPE_BYTES})
    assert refusal(two_nodes, envelope) == "refused: too_large"


def test_a_repeated_id_with_another_body_is_a_conflict(two_nodes: TwoNodes) -> None:
    taken(two_nodes, sealed(two_nodes))
    assert refusal(two_nodes, sealed(two_nodes, body={"says": "goodbye"})) == "conflict: id_repeated"


def test_a_repeated_number_with_another_act_is_a_conflict(two_nodes: TwoNodes) -> None:
    taken(two_nodes, sealed(two_nodes))
    envelope = sealed(two_nodes, id="sz-a-00000000000000000002", body={"says": "goodbye"})
    assert refusal(two_nodes, envelope) == "conflict: seq_repeated"


def test_an_act_that_skips_a_number_waits_and_says_which_is_wanted(two_nodes: TwoNodes) -> None:
    receipt = taken(two_nodes, sealed(two_nodes, seq=3))
    assert (receipt.answer, receipt.expects) == (Answer.EARLY, 1)


def test_an_early_act_leaves_nothing_behind(two_nodes: TwoNodes) -> None:
    taken(two_nodes, sealed(two_nodes, seq=3))
    with two_nodes.at("hk"):
        assert (Act.objects.count(), Incident.objects.count()) == (0, 0)


def test_what_the_rules_refuse_leaves_only_an_incident(two_nodes: TwoNodes) -> None:
    assert refusal(two_nodes, sealed(two_nodes, body={"says": "refuse me"})) == "refused: rules_refuse"


def test_what_an_apply_did_before_refusing_is_undone(
    two_nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def apply(act: Any, now: Any) -> None:
        record(NewAct("test.kept", STREAM, {"says": "half done"}, OFFICER), now)
        raise Refused("rules_refuse", "second thoughts")

    monkeypatch.setitem(contracts._contracts, "test.noted", replace(NOTE, apply=apply))
    assert refusal(two_nodes, sealed(two_nodes)) == "refused: rules_refuse"


def test_an_apply_may_record_this_parks_own_act_in_the_same_transaction(
    two_nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def apply(act: Any, now: Any) -> None:
        record(NewAct("test.kept", STREAM, {"says": f"heard {act.body['says']}"}, OFFICER), now)

    monkeypatch.setitem(contracts._contracts, "test.noted", replace(NOTE, apply=apply))
    taken(two_nodes, sealed(two_nodes))
    assert heard(two_nodes, "hk") == ["hello", "heard hello"]


def test_the_same_refused_message_again_is_one_incident(two_nodes: TwoNodes) -> None:
    envelope = sealed(two_nodes, kind="test.unheard_of")
    taken(two_nodes, envelope)
    two_nodes.tick(60)
    taken(two_nodes, envelope)
    with two_nodes.at("hk"):
        assert Incident.objects.count() == 1


def test_a_node_without_the_peers_root_refuses_everything_and_says_so(two_nodes: TwoNodes) -> None:
    (two_nodes["hk"].home / "trust" / "peer-root.json").unlink()
    assert refusal(two_nodes, sealed(two_nodes)) == "refused: peer_unknown"


def test_a_node_that_fetched_no_trust_list_yet_refuses_everything(two_nodes: TwoNodes) -> None:
    with two_nodes.at("hk"), transaction.atomic():
        Fetched.objects.all().delete()
    assert refusal(two_nodes, sealed(two_nodes)) == "refused: peer_unknown"


def test_a_trust_list_that_goes_back_is_refused_and_reported(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"):
        first = node_keys().published
        rotate(KeyPurpose.ACTS, two_nodes.now)
    learn(two_nodes)
    with two_nodes.at("hk"):
        assert not take_trust(first, two_nodes.now)
        assert Incident.objects.get().detail["code"] == "trust_went_back"


def test_a_trust_list_of_another_root_is_refused(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"):
        keys = node_keys()
        other_root = KeyPair.generate(KeyPurpose.TRUST, "sz", two_nodes.now)
        forged = replace(keys.trust_list, version=9).sign(other_root)
    with two_nodes.at("hk"):
        assert not take_trust(forged, two_nodes.now)
        assert peer_root().kid != other_root.kid
