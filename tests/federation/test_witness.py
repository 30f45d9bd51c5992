"""Checkpoints: signed when the log grows, cosigned by the other park only when proved to continue."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.federation.say import key, note
from tests.federation.test_receive import learn
from tests.two_nodes import TwoNodes

from twoparks.federation import log, queries
from twoparks.federation.actions import take_trust
from twoparks.federation.keys import log_name, node_keys, rotate
from twoparks.federation.models import Checkpoint, PeerCheckpoint
from twoparks.federation.witness import Asking, cosign_peer, current_note, sign_checkpoint, take_cosignature
from twoparks.ledger.checkpoint import Checkpoint as Statement
from twoparks.ledger.checkpoint import NoteSignatureRefused, Signer, add_line, cosignature_line, read_note
from twoparks.ledger.checkpoint import sign_checkpoint as sign_note
from twoparks.ledger.keys import KeyPurpose


def shown(nodes: TwoNodes) -> str:
    """The first park's newest checkpoint, as it shows it."""
    with nodes.at("sz"):
        sign_checkpoint(nodes.now)
        said = current_note()
    assert said is not None
    return said


def offer(nodes: TwoNodes, checkpoint: str) -> str | None:
    """What the second park makes of it, asking the first for the proof."""

    def proof(old: int, new: int) -> Sequence[bytes]:
        with nodes.at("sz"):
            return log.proof(old, new)

    def frontier(size: int) -> Sequence[bytes]:
        with nodes.at("sz"):
            return log.tree().frontier(size)

    with nodes.at("hk"):
        return cosign_peer(checkpoint, Asking(proof, frontier), nodes.now)


def false_proof(nodes: TwoNodes) -> Asking:
    """The peer answers with a true frontier and a proof of nothing."""

    def frontier(size: int) -> Sequence[bytes]:
        with nodes.at("sz"):
            return log.tree().frontier(size)

    return Asking(lambda old, new: [b"\x01" * 32] * 3, frontier)


def grow(nodes: TwoNodes, count: int = 1) -> None:
    """The first park's log gets longer."""
    for index in range(count):
        note(nodes, "sz", f"n{index}")


def forged(nodes: TwoNodes, size: int) -> str:
    """Another root for that size, truly signed by the first park."""
    with nodes.at("sz") as here:
        name = log_name(here.park)
    return sign_note(Statement(name, size, b"\x07" * 32), key(nodes, "sz", KeyPurpose.CHECKPOINT))


def incidents(nodes: TwoNodes) -> list[tuple[str, str]]:
    """Kinds and codes of the second park's open incidents."""
    with nodes.at("hk"):
        return [(i.kind, i.detail["code"]) for i in queries.incidents()]


def test_an_empty_log_has_no_checkpoint(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"):
        assert sign_checkpoint(two_nodes.now) is None


def test_a_log_that_did_not_grow_is_not_signed_again(two_nodes: TwoNodes) -> None:
    grow(two_nodes)
    with two_nodes.at("sz"):
        sign_checkpoint(two_nodes.now)
        assert sign_checkpoint(two_nodes.tick(60)) is None


def test_a_first_checkpoint_is_cosigned(two_nodes: TwoNodes) -> None:
    grow(two_nodes, 3)
    assert offer(two_nodes, shown(two_nodes)) is not None


def test_a_cosignature_is_kept_by_the_log_it_is_for(two_nodes: TwoNodes) -> None:
    grow(two_nodes, 3)
    cosigned = offer(two_nodes, shown(two_nodes))
    with two_nodes.at("sz"):
        assert take_cosignature(str(cosigned), two_nodes.now)
        assert Checkpoint.objects.get().cosigned_at == two_nodes.now


def test_a_cosignature_taken_twice_changes_nothing(two_nodes: TwoNodes) -> None:
    grow(two_nodes, 3)
    cosigned = str(offer(two_nodes, shown(two_nodes)))
    with two_nodes.at("sz"):
        take_cosignature(cosigned, two_nodes.now)
        assert not take_cosignature(cosigned, two_nodes.tick())


def test_a_log_that_grew_is_cosigned_with_its_proof(two_nodes: TwoNodes) -> None:
    for count in (1, 2, 5, 8):
        grow(two_nodes, count)
        assert offer(two_nodes, shown(two_nodes)) is not None


def test_without_the_proof_nothing_is_cosigned_and_nobody_is_blamed(two_nodes: TwoNodes) -> None:
    grow(two_nodes)
    offer(two_nodes, shown(two_nodes))
    grow(two_nodes)
    with two_nodes.at("hk"):
        assert (
            cosign_peer(shown(two_nodes), Asking(lambda old, new: None, lambda size: None), two_nodes.now)
            is None
        )
    assert incidents(two_nodes) == []


def test_a_false_proof_is_an_incident_and_no_cosignature(two_nodes: TwoNodes) -> None:
    grow(two_nodes)
    offer(two_nodes, shown(two_nodes))
    grow(two_nodes, 4)
    with two_nodes.at("hk"):
        assert cosign_peer(shown(two_nodes), false_proof(two_nodes), two_nodes.now) is None
    assert incidents(two_nodes) == [("peer_log_inconsistent", "inconsistent")]


def test_another_root_of_the_same_size_is_a_fork_with_both_notes_as_evidence(two_nodes: TwoNodes) -> None:
    grow(two_nodes, 3)
    offer(two_nodes, shown(two_nodes))
    assert offer(two_nodes, forged(two_nodes, 3)) is None
    with two_nodes.at("hk"):
        detail = queries.incidents()[0].detail
    assert (detail["code"], len(detail["notes"])) == ("log_forked", 2)


def test_a_log_that_shrank_is_a_fork(two_nodes: TwoNodes) -> None:
    grow(two_nodes, 3)
    offer(two_nodes, shown(two_nodes))
    assert offer(two_nodes, forged(two_nodes, 2)) is None
    assert incidents(two_nodes) == [("peer_log_forked", "log_shrank")]


def test_after_a_fork_the_last_honest_checkpoint_stays_the_one_compared(two_nodes: TwoNodes) -> None:
    grow(two_nodes, 3)
    offer(two_nodes, shown(two_nodes))
    offer(two_nodes, forged(two_nodes, 3))
    with two_nodes.at("hk"):
        assert PeerCheckpoint.objects.count() == 1


def test_a_checkpoint_signed_by_another_key_is_refused(two_nodes: TwoNodes) -> None:
    grow(two_nodes)
    with two_nodes.at("sz") as here:
        statement = Statement(log_name(here.park), 1, log.tree().root())
    note_ = sign_note(statement, key(two_nodes, "hk", KeyPurpose.CHECKPOINT))
    assert offer(two_nodes, note_) is None
    assert incidents(two_nodes) == [("peer_checkpoint_refused", "checkpoint_signature")]


def test_a_text_that_is_no_checkpoint_is_refused(two_nodes: TwoNodes) -> None:
    assert offer(two_nodes, "hello\n") is None
    assert incidents(two_nodes) == [("peer_checkpoint_refused", "checkpoint_malformed")]


def test_a_rotated_checkpoint_key_signs_the_same_checkpoint_again(two_nodes: TwoNodes) -> None:
    grow(two_nodes)
    shown(two_nodes)
    with two_nodes.at("sz"):
        rotate(KeyPurpose.CHECKPOINT, two_nodes.tick(5))
    learn(two_nodes)
    assert offer(two_nodes, shown(two_nodes)) is not None


def test_a_note_without_the_peers_line_is_no_cosignature(two_nodes: TwoNodes) -> None:
    grow(two_nodes)
    said = shown(two_nodes)
    with two_nodes.at("sz"), pytest.raises(NoteSignatureRefused, match="carries no cosignature"):
        take_cosignature(said, two_nodes.now)


def test_a_cosigned_note_of_a_root_this_log_never_had_is_refused(two_nodes: TwoNodes) -> None:
    grow(two_nodes, 3)
    note, ask = forged(two_nodes, 8), Asking(lambda old, new: [], lambda size: [b"\x07" * 32])
    with two_nodes.at("hk"):
        cosigned = str(cosign_peer(note, ask, two_nodes.now))
    with two_nodes.at("sz"), pytest.raises(NoteSignatureRefused, match="never signed that root"):
        take_cosignature(cosigned, two_nodes.now)


def test_a_cosignature_dated_after_its_key_retired_is_refused(two_nodes: TwoNodes) -> None:
    grow(two_nodes)
    said, old = shown(two_nodes), key(two_nodes, "hk", KeyPurpose.CHECKPOINT)
    with two_nodes.at("hk") as there:
        name = log_name(there.park)
        rotate(KeyPurpose.CHECKPOINT, two_nodes.now)
        published = node_keys().published
    late = cosignature_line(read_note(said).body, Signer(name, old), two_nodes.tick(60))
    with two_nodes.at("sz"):
        take_trust(published, two_nodes.now)
        with pytest.raises(NoteSignatureRefused, match="carries no cosignature"):
            take_cosignature(add_line(said, late), two_nodes.now)


def test_a_frontier_that_does_not_give_the_signed_root_is_refused(two_nodes: TwoNodes) -> None:
    grow(two_nodes, 3)
    ask = Asking(lambda old, new: [], lambda size: [b"\x01" * 32] * 2)
    said = shown(two_nodes)
    with two_nodes.at("hk"):
        assert cosign_peer(said, ask, two_nodes.now) is None
    assert incidents(two_nodes) == [("peer_checkpoint_refused", "frontier_differs")]


def test_nothing_is_cosigned_before_the_frontier_is_there(two_nodes: TwoNodes) -> None:
    grow(two_nodes, 3)
    said = shown(two_nodes)
    with two_nodes.at("hk"):
        assert cosign_peer(said, Asking(lambda old, new: [], lambda size: None), two_nodes.now) is None
        assert not PeerCheckpoint.objects.exists()


def test_a_fork_is_told_also_when_no_frontier_is_shown(two_nodes: TwoNodes) -> None:
    grow(two_nodes, 3)
    offer(two_nodes, shown(two_nodes))
    note = forged(two_nodes, 3)
    with two_nodes.at("hk"):
        cosign_peer(note, Asking(lambda old, new: [], lambda size: None), two_nodes.now)
    assert ("peer_log_forked", "log_forked") in incidents(two_nodes)
