"""`twoparks ledger verify` on a real node: an honest log is whole, every tampering has its name."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.federation.say import key, note
from tests.two_nodes import TwoNodes

from twoparks.federation import command as words
from twoparks.federation.actions import erase
from twoparks.federation.audit import Audit, audit_node
from twoparks.federation.keys import compromise, rotate
from twoparks.federation.log import stored
from twoparks.federation.models import Act, Checkpoint, Outgoing, TreeNode
from twoparks.federation.transport import Transport
from twoparks.federation.witness import sign_checkpoint
from twoparks.federation.worker import Worker
from twoparks.ledger.keys import KeyPurpose


def witness(nodes: TwoNodes) -> None:
    """Both workers sign, fetch and cosign."""
    for _ in range(3):
        for park in ("sz", "hk"):
            with nodes.at(park):
                Worker(nodes.line(park), lambda: 0.0).tick(nodes.tick(30))


def audited(nodes: TwoNodes, transport: Transport | None = None) -> Audit:
    """The first park's audit."""
    with nodes.at("sz"):
        return audit_node(nodes.now, transport)


def codes(audit: Audit) -> set[str]:
    """Codes of the faults found."""
    return {f.code for f in audit.findings if f.severity == "fault"}


@pytest.fixture
def witnessed(two_nodes: TwoNodes) -> TwoNodes:
    """Two nodes with six acts and cosigned logs."""
    for index in range(3):
        note(two_nodes, "sz", f"s{index}")
        note(two_nodes, "hk", f"h{index}")
    witness(two_nodes)
    return two_nodes


def test_an_honest_log_is_whole_and_the_peer_agrees(witnessed: TwoNodes) -> None:
    found = audited(witnessed, witnessed.line("sz"))
    assert (found.findings, found.leaves, found.peer_asked) == ((), 6, True)


def test_a_log_with_erased_bodies_is_whole(witnessed: TwoNodes) -> None:
    with witnessed.at("sz"):
        erase(stored(Act.objects.get(leaf_index=1)))
    assert audited(witnessed, witnessed.line("sz")).findings == ()


def test_a_log_whose_keys_were_all_rotated_is_whole(witnessed: TwoNodes) -> None:
    with witnessed.at("sz"):
        rotate(KeyPurpose.ACTS, witnessed.tick(5))
        rotate(KeyPurpose.CHECKPOINT, witnessed.tick(5))
    witness(witnessed)
    assert codes(audited(witnessed, witnessed.line("sz"))) == set()


def test_acts_logged_before_their_key_was_given_up_stay_good(witnessed: TwoNodes) -> None:
    with witnessed.at("sz"):
        compromise(key(witnessed, "sz", KeyPurpose.ACTS).kid, witnessed.tick(5))
    assert codes(audited(witnessed)) == set()


def change_body() -> None:
    """Rewrite what an act said."""
    other = Act.objects.get(leaf_index=2)
    Act.objects.filter(leaf_index=1).update(envelope=other.envelope)


def change_commitment() -> None:
    """Rewrite a commitment so that it matches another body."""
    Act.objects.filter(leaf_index=1).update(commitment=b"\x05" * 32)


def remove_leaf() -> None:
    """Take an act out of the middle."""
    Outgoing.objects.filter(act__leaf_index=1).delete()
    Act.objects.filter(leaf_index=1).delete()


def cut_back() -> None:
    """Forget the last two acts, tree and all."""
    Outgoing.objects.filter(act__leaf_index__gte=4).delete()
    Act.objects.filter(leaf_index__gte=4).delete()
    TreeNode.objects.filter(level=0, index__gte=4).delete()


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (change_body, "body_differs"),
        (change_commitment, "leaf_changed"),
        (remove_leaf, "leaf_removed"),
        (cut_back, "log_cut_back"),
    ],
)
def test_tampering_is_found_and_named(witnessed: TwoNodes, tamper: Callable[[], None], code: str) -> None:
    with witnessed.at("sz"):
        tamper()
    assert code in codes(audited(witnessed))


def regrow(nodes: TwoNodes) -> None:
    """The first park forgets its last acts and checkpoints and writes others in their place."""
    with nodes.at("sz"):
        cut_back()
        TreeNode.objects.filter(level=1, index__gte=2).delete()
        TreeNode.objects.filter(level__gte=2, index__gte=1).delete()
        Checkpoint.objects.all().delete()
    for index in range(2):
        note(nodes, "sz", f"another {index}")
    with nodes.at("sz"):
        sign_checkpoint(nodes.tick())


def test_a_log_cut_back_and_regrown_agrees_with_itself(witnessed: TwoNodes) -> None:
    regrow(witnessed)
    assert codes(audited(witnessed)) == set()


def test_a_log_cut_back_and_regrown_is_given_away_by_the_peer(witnessed: TwoNodes) -> None:
    regrow(witnessed)
    assert codes(audited(witnessed, witnessed.line("sz"))) & {"log_regrown", "two_logs"}


def test_a_regrown_log_is_never_cosigned_again(witnessed: TwoNodes) -> None:
    regrow(witnessed)
    witness(witnessed)
    with witnessed.at("sz"):
        assert Checkpoint.objects.exclude(cosigned_at=None).count() == 0


def test_the_park_that_was_shown_a_fork_keeps_it_as_a_finding(witnessed: TwoNodes) -> None:
    regrow(witnessed)
    witness(witnessed)
    with witnessed.at("hk"):
        assert {f.code for f in audit_node(witnessed.now).findings} == {"peer_log_forked"}


def test_the_peers_log_is_audited_as_it_is_shown_now(witnessed: TwoNodes) -> None:
    regrow(witnessed)
    with witnessed.at("hk"):
        found = audit_node(witnessed.now, witnessed.line("hk"))
    assert codes(found) == {"peer_log_inconsistent"}


def test_a_missing_cosignature_is_a_warning_at_first(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    with two_nodes.at("sz"):
        sign_checkpoint(two_nodes.now)
    two_nodes.tick(3599)
    assert [(f.code, f.severity) for f in audited(two_nodes).findings] == [("not_cosigned", "warning")]


def test_a_cosignature_missing_for_an_hour_is_a_fault(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    with two_nodes.at("sz"):
        sign_checkpoint(two_nodes.now)
    two_nodes.tick(3600)
    assert codes(audited(two_nodes)) == {"not_cosigned"}


def test_a_peer_that_does_not_answer_is_said_not_blamed(witnessed: TwoNodes) -> None:
    witnessed.network.cut = True
    found = audited(witnessed, witnessed.line("sz"))
    assert (found.peer_asked, found.whole) == (False, True)


def test_the_command_answers_with_0_for_a_whole_log(
    witnessed: TwoNodes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(words.timezone, "now", lambda: witnessed.now)
    with witnessed.at("sz"):
        assert words.ledger(["verify", "--offline"]) == 0
    assert "the log is whole" in capsys.readouterr().out


def test_the_command_answers_with_1_and_the_finding_for_a_changed_leaf(
    witnessed: TwoNodes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(words.timezone, "now", lambda: witnessed.now)
    with witnessed.at("sz"):
        change_commitment()
        assert words.ledger(["verify", "--offline", "--json"]) == 1
    assert "leaf_changed" in [f["code"] for f in json.loads(capsys.readouterr().out)["findings"]]
