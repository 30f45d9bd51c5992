"""`ledger verify`: one test for each thing that can be done to a log."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from twoparks.ledger.audit import Entry, Finding, LogCopy, Readers, Signed, audit
from twoparks.ledger.canonical import instant
from twoparks.ledger.checkpoint import Checkpoint, Signer, Verifier, Witness, sign_checkpoint
from twoparks.ledger.commit import commit, leaf_of
from twoparks.ledger.envelope import seal
from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.ledger.tree import MemoryNodes, Tree
from twoparks.ledger.trust import Trust, TrustList

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ORIGIN, PEER = "north.example/log", "south.example/log"
BEFORE = NOW - timedelta(days=30)
ACTS = KeyPair.generate(KeyPurpose.ACTS, "north", BEFORE)
LOG_KEY = KeyPair.generate(KeyPurpose.CHECKPOINT, "north", BEFORE)
PEER_KEY = KeyPair.generate(KeyPurpose.CHECKPOINT, "south", BEFORE)
STRANGER = KeyPair.generate(KeyPurpose.ACTS, "north", BEFORE)
WITNESS = Witness(Signer(PEER, PEER_KEY), Verifier(ORIGIN, LOG_KEY.public))
READERS = Readers(
    log=[Verifier(ORIGIN, LOG_KEY.public)],
    witnesses=[Verifier(PEER, PEER_KEY.public)],
    acts=Trust.of(TrustList("north", 1, 1, BEFORE, (ACTS.public, LOG_KEY.public))),
    now=NOW,
    grace=timedelta(hours=1),
)


@dataclass
class Log:
    """A log that keeps what `audit` reads."""

    entries: list[Entry] = field(default_factory=list)
    checkpoints: list[Signed] = field(default_factory=list)
    tree: Tree = field(default_factory=lambda: Tree(MemoryNodes(), 0))

    def add(self, count: int, key: KeyPair = ACTS, word: str = "declared") -> Log:
        for _ in range(count):
            n = self.tree.size
            act = {"id": f"n-a-{n}", "kind": word, "park": "north", "at": instant(NOW - timedelta(hours=5))}
            salt, envelope = bytes([n]) * 32, seal(act, key).raw
            commitment = commit(salt, envelope)
            self.tree.append(leaf_of(commitment))
            self.entries.append(Entry(n, commitment, leaf_of(commitment), salt, envelope))
        return self

    def sign(self, age: timedelta = timedelta(hours=2), cosigned: bool = True) -> Log:
        note = sign_checkpoint(Checkpoint(ORIGIN, self.tree.size, self.tree.root()), LOG_KEY)
        if cosigned:
            last = self.checkpoints[-1].note if self.checkpoints else None
            old = Tree(self.tree._nodes, self.tree.size).consistency_proof(self._last_size(), self.tree.size)
            note = WITNESS.cosign(note, last, old, NOW - age)
        self.checkpoints.append(Signed(note, NOW - age))
        return self

    def _last_size(self) -> int:
        return int(self.checkpoints[-1].note.split("\n")[1]) if self.checkpoints else 0

    @property
    def notes(self) -> list[str]:
        return [signed.note for signed in self.checkpoints]

    @property
    def copy(self) -> LogCopy:
        return LogCopy(self.entries, self.checkpoints)


def whole() -> Log:
    return Log().add(5).sign().add(4).sign()


def only(findings: list[Finding], code: str) -> Finding:
    (found,) = [finding for finding in findings if finding.code == code]
    return found


def test_a_whole_log_has_no_findings() -> None:
    log = whole()
    assert audit(log.copy, log.notes, READERS) == []


@pytest.mark.parametrize("left", [{}, {"salt": b"s" * 32}, {"envelope": b"{}"}])
def test_erased_bodies_are_no_finding(left: dict[str, bytes]) -> None:
    log = whole()
    log.entries[2] = replace(log.entries[2], **{"salt": None, "envelope": None, **left})
    assert audit(log.copy, log.notes, READERS) == []


def test_a_changed_body_is_found_at_its_leaf() -> None:
    log = whole()
    other = seal({"park": "north", "at": instant(BEFORE), "kind": "changed"}, ACTS).raw
    log.entries[3] = replace(log.entries[3], envelope=other)
    assert [(f.code, f.index) for f in audit(log.copy, log.notes, READERS)] == [("body_differs", 3)]


def test_a_changed_commitment_is_found_at_its_leaf() -> None:
    log = whole()
    log.entries[3] = replace(log.entries[3], commitment=b"\x05" * 32, salt=None, envelope=None)
    assert only(audit(log.copy, log.notes, READERS), "leaf_changed").index == 3


def test_a_leaf_changed_together_with_its_stored_hash_is_found_by_the_checkpoints_that_cover_it() -> None:
    log = whole()
    forged = b"\x05" * 32
    log.entries[6] = Entry(6, forged, leaf_of(forged))
    assert [(f.code, f.size) for f in audit(log.copy, None, READERS)] == [("root_differs", 9)]


def test_a_removed_leaf_is_found_at_its_place() -> None:
    log = whole()
    del log.entries[4]
    assert only(audit(log.copy, log.notes, READERS), "leaf_removed").index == 4


def test_a_repeated_leaf_is_found_at_its_place() -> None:
    log = whole()
    log.entries.insert(4, log.entries[3])
    assert only(audit(log.copy, log.notes, READERS), "leaf_repeated").index == 3


def test_a_log_cut_back_below_its_own_checkpoint_is_found() -> None:
    log = whole()
    del log.entries[7:]
    assert only(audit(log.copy, None, READERS), "log_cut_back").size == 9


def test_a_log_cut_back_with_its_checkpoints_is_found_by_what_the_peer_holds() -> None:
    log = whole()
    peer = log.notes
    del log.entries[5:], log.checkpoints[1:]
    assert [(f.code, f.size) for f in audit(log.copy, peer, READERS)] == [("log_cut_back", 9)]


def test_a_log_cut_back_and_regrown_is_found_by_what_the_peer_holds() -> None:
    peer = whole().notes
    regrown = Log().add(5).sign().add(8, word="other").sign()
    finding = only(audit(regrown.copy, peer, READERS), "log_regrown")
    assert (finding.size, finding.evidence) == (9, (peer[1],))


def test_a_regrown_log_is_not_found_without_the_peer() -> None:
    assert audit(Log().add(5).sign().add(8, word="other").sign().copy, None, READERS) == []


def test_two_logs_shown_to_two_readers_are_found_with_both_notes() -> None:
    mine, theirs = whole(), Log().add(5).sign().add(4, word="other").sign()
    finding = only(audit(mine.copy, theirs.notes, READERS), "two_logs")
    assert (finding.size, finding.evidence) == (9, (mine.notes[1], theirs.notes[1]))


def test_a_young_checkpoint_without_cosignature_is_a_warning() -> None:
    log = whole().add(1).sign(age=timedelta(minutes=5), cosigned=False)
    finding = only(audit(log.copy, log.notes, READERS), "not_cosigned")
    assert (finding.severity, finding.size) == ("warning", 10)


def test_an_old_checkpoint_without_cosignature_is_a_fault() -> None:
    log = whole().add(1).sign(cosigned=False).add(1).sign(age=timedelta(minutes=5), cosigned=False)
    finding = only(audit(log.copy, log.notes, READERS), "not_cosigned")
    assert (finding.severity, finding.size) == ("fault", 10)


def test_a_later_cosignature_covers_an_earlier_checkpoint() -> None:
    log = Log().add(5).sign(cosigned=False)
    skipped = log.checkpoints.pop()
    log.add(2).sign()
    log.checkpoints.insert(0, skipped)
    assert audit(log.copy, log.notes, READERS) == []


def test_a_false_cosignature_is_found() -> None:
    log = whole()
    line = log.notes[0].splitlines(keepends=True)[-1]
    body = log.notes[1].rpartition("— ")[0]
    log.checkpoints[1] = Signed(body + line, log.checkpoints[1].signed_at)
    assert only(audit(log.copy, None, READERS), "cosignature_false").size == 9


def test_a_checkpoint_with_a_broken_signature_is_found() -> None:
    log = whole()
    log.checkpoints[1] = Signed(log.notes[1].replace("\n9\n", "\n8\n"), NOW)
    assert only(audit(log.copy, None, READERS), "checkpoint_signature").size == 8


def test_a_note_at_the_peer_that_the_log_never_signed_is_found() -> None:
    log = whole()
    forged = sign_checkpoint(Checkpoint(ORIGIN, 9, bytes(32)), PEER_KEY)
    assert only(audit(log.copy, [forged], READERS), "checkpoint_signature").size == 9


def test_a_checkpoint_that_is_no_note_is_found() -> None:
    log = whole()
    log.checkpoints.append(Signed("nothing", NOW))
    assert only(audit(log.copy, None, READERS), "checkpoint_signature").size is None


def test_a_checkpoint_signed_after_its_key_retired_is_found() -> None:
    retired = replace(LOG_KEY.public, status="retired", retired_at=NOW - timedelta(hours=3))
    readers = replace(READERS, log=[Verifier(ORIGIN, retired)])
    log = whole()
    assert {(f.code, f.size) for f in audit(log.copy, None, readers)} == {
        ("checkpoint_key", 5),
        ("checkpoint_key", 9),
    }


def test_an_act_with_a_broken_signature_is_found_at_its_leaf() -> None:
    log = Log().add(2).add(1, key=STRANGER).add(2).sign()
    assert [(f.code, f.index) for f in audit(log.copy, log.notes, READERS)] == [("act_signature", 2)]


def test_a_finding_says_in_one_line_what_was_expected_and_found() -> None:
    log = whole()
    del log.entries[4]
    said = only(audit(log.copy, log.notes, READERS), "leaf_removed").plain
    assert said == "fault: leaf_removed at leaf 4: expected leaf 4; found leaf 5 as the next one"


def test_faults_stand_before_warnings() -> None:
    log = whole().add(1).sign(age=timedelta(minutes=5), cosigned=False)
    del log.entries[1]
    assert [f.severity for f in audit(log.copy, None, READERS)][-1] == "warning"
