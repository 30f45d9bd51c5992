"""Keys at a node: made once, kept private, rotated and given up by command; the drill of each."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from tests.federation.say import heard, key, note
from tests.federation.test_receive import learn
from tests.two_nodes import TwoNodes

from twoparks.federation import keys as node
from twoparks.federation.command import keys as command
from twoparks.federation.keys import KeysMissing, PeerUnknown, compromise, ensure_keys, node_keys, rotate
from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.ledger.trust import TrustRefused
from twoparks.registry.node import Node, stand_on
from twoparks.registry.zone import zone


@pytest.fixture
def bare(two_nodes: TwoNodes, tmp_path: Path) -> Node:
    """A node without a home yet."""
    first = two_nodes["sz"]
    return Node(first.park, first.peer, tmp_path / "new", first.peer_url, first.origin)


def test_first_start_makes_one_active_key_per_purpose(bare: Node, two_nodes: TwoNodes) -> None:
    with stand_on(bare):
        made = ensure_keys(two_nodes.now).trust_list
    assert sorted(k.purpose for k in made.keys if k.status == "active") == sorted(node.OWN_PURPOSES)


def test_starting_again_changes_no_key(bare: Node, two_nodes: TwoNodes) -> None:
    with stand_on(bare):
        assert ensure_keys(two_nodes.now).published == ensure_keys(two_nodes.tick(60)).published


def test_nobody_else_can_read_a_key_file(bare: Node, two_nodes: TwoNodes) -> None:
    with stand_on(bare):
        folder = ensure_keys(two_nodes.now).folder
    assert {stat.S_IMODE(f.stat().st_mode) for f in folder.glob("*.json")} == {0o600}


def test_the_folder_of_keys_is_closed_to_others(bare: Node, two_nodes: TwoNodes) -> None:
    with stand_on(bare):
        folder = ensure_keys(two_nodes.now).folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_node_before_set_up_says_that_it_has_no_keys(bare: Node) -> None:
    with stand_on(bare), pytest.raises(KeysMissing, match="has no keys yet"):
        node_keys()


def test_two_nodes_in_one_process_keep_their_keys_apart(two_nodes: TwoNodes) -> None:
    assert key(two_nodes, "sz", KeyPurpose.ACTS).public.park == "sz"
    assert key(two_nodes, "hk", KeyPurpose.ACTS).public.park == "hk"


def test_a_rotation_by_another_process_is_seen_at_the_next_act(two_nodes: TwoNodes) -> None:
    before = key(two_nodes, "sz", KeyPurpose.ACTS).kid
    with two_nodes.at("sz"):
        fresh = rotate(KeyPurpose.ACTS, two_nodes.tick(5))
    assert key(two_nodes, "sz", KeyPurpose.ACTS).kid == fresh.kid != before


def test_the_private_half_of_a_retired_key_is_destroyed(two_nodes: TwoNodes) -> None:
    kid = key(two_nodes, "sz", KeyPurpose.ACTS).kid
    with two_nodes.at("sz") as here:
        rotate(KeyPurpose.ACTS, two_nodes.now)
    assert not (here.home / "keys" / f"{kid}.json").exists()


def test_drill_rotating_every_key_loses_no_act(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "before")
    with two_nodes.at("sz"):
        for purpose in node.OWN_PURPOSES:
            rotate(purpose, two_nodes.tick(5), two_nodes.now + timedelta(days=1))
    note(two_nodes, "sz", "after")
    learn(two_nodes)
    two_nodes.settle()
    assert heard(two_nodes, "hk") == ["before", "after"]


def test_an_act_signed_in_the_second_of_a_rotation_is_still_good(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "same second")
    with two_nodes.at("sz"):
        rotate(KeyPurpose.ACTS, two_nodes.now + timedelta(milliseconds=700))
    learn(two_nodes)
    two_nodes.settle()
    assert heard(two_nodes, "hk") == ["same second"]


def test_a_retired_pass_key_verifies_until_its_last_pass_ends(
    two_nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = two_nodes.now.replace(microsecond=0) + timedelta(days=40)
    monkeypatch.setattr(node, "_last_uses", {KeyPurpose.PASSES: lambda: last})
    old = key(two_nodes, "sz", KeyPurpose.PASSES).kid
    with two_nodes.at("sz"):
        rotate(KeyPurpose.PASSES, two_nodes.now)
        retired = node_keys().trust_list.key(old)
    assert retired is not None
    assert retired.refusal_now(last - timedelta(seconds=1)) is None
    assert retired.refusal_now(last) == "key_retired"


def test_a_pass_key_is_not_rotated_while_nobody_knows_when_its_last_pass_ends(
    two_nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "_last_uses", {})
    with two_nodes.at("sz"), pytest.raises(KeysMissing, match="--verify-until"):
        rotate(KeyPurpose.PASSES, two_nodes.now)


def test_a_retired_status_key_verifies_as_long_as_any_gate_believes_its_last_list(
    two_nodes: TwoNodes,
) -> None:
    old = key(two_nodes, "sz", KeyPurpose.STATUS).kid
    with two_nodes.at("sz"):
        rotate(KeyPurpose.STATUS, two_nodes.now)
        retired = node_keys().trust_list.key(old)
    assert retired is not None
    assert retired.verify_until == two_nodes.now + timedelta(seconds=zone().timing.status_max_s)


def test_a_compromised_pass_key_verifies_nothing_from_then_on(two_nodes: TwoNodes) -> None:
    lost = key(two_nodes, "sz", KeyPurpose.PASSES).kid
    with two_nodes.at("sz"):
        compromise(lost, two_nodes.now)
        known = node_keys().trust_list.key(lost)
    assert known is not None
    assert known.refusal_now(two_nodes.now) == "key_compromised"


def test_a_compromised_key_is_replaced_at_once(two_nodes: TwoNodes) -> None:
    lost = key(two_nodes, "sz", KeyPurpose.ACTS).kid
    with two_nodes.at("sz"):
        fresh = compromise(lost, two_nodes.now)
    assert fresh is not None
    assert key(two_nodes, "sz", KeyPurpose.ACTS).kid == fresh.kid


def test_giving_up_a_key_that_is_none_names_those_there_are(two_nodes: TwoNodes) -> None:
    kid = key(two_nodes, "sz", KeyPurpose.ACTS).kid
    with two_nodes.at("sz"), pytest.raises(TrustRefused, match=kid):
        compromise("nonsense", two_nodes.now)


def test_a_gate_key_is_enrolled_beside_the_others_and_cut_off_alone(two_nodes: TwoNodes) -> None:
    gates = [KeyPair.generate(KeyPurpose.GATE, "sz", two_nodes.now).public for _ in range(2)]
    with two_nodes.at("sz"):
        for gate in gates:
            node.enrol(gate, two_nodes.now)
        node.cut_off(gates[0].kid, two_nodes.tick(60))
        found = node_keys().trust_list
    assert [found.key(g.kid).status for g in gates] == ["retired", "active"]  # type: ignore[union-attr]


def test_only_gate_keys_are_enrolled(two_nodes: TwoNodes) -> None:
    stranger = KeyPair.generate(KeyPurpose.ACTS, "sz", two_nodes.now).public
    with two_nodes.at("sz"), pytest.raises(TrustRefused, match="only gate keys"):
        node.enrol(stranger, two_nodes.now)


def test_the_peers_root_is_not_replaced_in_silence(two_nodes: TwoNodes) -> None:
    other = KeyPair.generate(KeyPurpose.TRUST, "hk", two_nodes.now).public
    with two_nodes.at("sz"), pytest.raises(PeerUnknown, match="already trusts another root"):
        node.trust_peer_root(json.dumps(other.to_json()).encode())


def test_this_parks_own_root_is_not_taken_for_the_peers(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"), pytest.raises(PeerUnknown, match="the trust root of hk is wanted"):
        node.trust_peer_root(node.root_document())


def test_the_command_lists_every_key_with_its_purpose(
    two_nodes: TwoNodes, capsys: pytest.CaptureFixture[str]
) -> None:
    with two_nodes.at("sz"):
        assert command(["list"]) == 0
    said = capsys.readouterr().out
    assert [p for p in node.OWN_PURPOSES if f" {p.value} " not in said] == []


def test_the_command_gives_up_a_key_and_names_the_one_that_signs_now(
    two_nodes: TwoNodes, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = key(two_nodes, "sz", KeyPurpose.TRANSPORT).kid
    with two_nodes.at("sz"):
        assert command(["compromise", lost]) == 0
    assert key(two_nodes, "sz", KeyPurpose.TRANSPORT).kid in capsys.readouterr().out


def test_the_command_refuses_a_key_that_is_none(
    two_nodes: TwoNodes, capsys: pytest.CaptureFixture[str]
) -> None:
    with two_nodes.at("sz"):
        assert command(["compromise", "nonsense"]) == 64
    assert "has no key nonsense" in capsys.readouterr().err


def test_roots_are_exchanged_as_printed(
    two_nodes: TwoNodes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with two_nodes.at("sz"):
        command(["root"])
    (tmp_path / "root.json").write_text(capsys.readouterr().out)
    with two_nodes.at("hk") as here:
        (here.home / "trust" / "peer-root.json").unlink()
        assert command(["trust", str(tmp_path / "root.json")]) == 0
