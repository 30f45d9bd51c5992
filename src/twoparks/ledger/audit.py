"""`twoparks ledger verify`: is this log what it always was, and the same for everybody?

Three witnesses are set against each other: the entries with their bodies, the stored tree with the log's own
checkpoints, and what the other park holds. Erased bodies are no fault; everything else that does not fit is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from twoparks.ledger.checkpoint import (
    Checkpoint,
    NoteMalformed,
    NoteSignatureRefused,
    Verifier,
    read_note,
    verify_checkpoint,
    verify_cosignature,
)
from twoparks.ledger.commit import leaf_of, opens
from twoparks.ledger.envelope import KeyFinder, open_envelope
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.tree import MemoryNodes, Tree

Severity = Literal["fault", "warning"]


@dataclass(frozen=True)
class Entry:
    """One leaf as the log keeps it. `salt` and `envelope` are None together once erased."""

    index: int
    commitment: bytes
    leaf: bytes  # the leaf hash stored in the tree
    salt: bytes | None = None
    envelope: bytes | None = None


@dataclass(frozen=True)
class Signed:
    """A checkpoint note the log keeps, with its cosignatures, and when it was signed."""

    note: str
    signed_at: datetime


@dataclass(frozen=True)
class Gap:
    """Leaves `start` to `end` - 1, lost when the log was put back from a copy; the tree goes on from `frontier` at `end`."""

    start: int
    end: int
    frontier: Sequence[bytes]


@dataclass(frozen=True)
class LogCopy:
    """A whole log as one reader holds it: entries by index, its own checkpoints oldest first, what it lost and said so."""

    entries: Sequence[Entry]
    checkpoints: Sequence[Signed]
    gaps: Sequence[Gap] = ()

    def lost(self, size: int) -> bool:
        """Whether a tree of that size ends among lost leaves: nothing can be said of its root."""
        return any(gap.start < size < gap.end for gap in self.gaps)


@dataclass(frozen=True)
class Readers:
    """Whose signatures count: the log's earlier and present keys under its origin, its witnesses, everybody's acts.

    `grace` is how old a checkpoint may grow before a missing cosignature is a fault.
    """

    log: Sequence[Verifier]
    witnesses: Sequence[Verifier]
    acts: KeyFinder
    now: datetime
    grace: timedelta


@dataclass(frozen=True)
class Finding:
    """One thing that does not fit. `index` is a leaf, `size` a checkpoint's; `evidence` are notes that prove it."""

    code: str
    severity: Severity
    expected: str
    found: str
    index: int | None = None
    size: int | None = None
    evidence: tuple[str, ...] = field(default=(), repr=False)

    @property
    def plain(self) -> str:
        """The finding in one English line."""
        where = f"leaf {self.index}" if self.index is not None else f"checkpoint {self.size}"
        return f"{self.severity}: {self.code} at {where}: expected {self.expected}; found {self.found}"


def audit(log: LogCopy, peer_notes: Sequence[str] | None, readers: Readers) -> list[Finding]:
    """Everything wrong with the log; empty when it is whole. `peer_notes` are its checkpoints as the other park holds them.

    With `peer_notes` None only the log's own story is checked, which cannot find two logs shown to two readers.
    """
    rebuilt = _Rebuilt.of(log)
    findings = [*rebuilt.findings]
    for entry in log.entries:
        findings += _entry(entry, readers.acts)
    own: list[tuple[Signed, Checkpoint]] = []
    for signed in log.checkpoints:
        checkpoint, faults = _believe(signed.note, readers.log, signed.signed_at)
        findings += faults
        if checkpoint is not None:
            own.append((signed, checkpoint))
            findings += [] if log.lost(checkpoint.size) else rebuilt.against(checkpoint, signed.note)
    findings += _cosigned(own, readers)
    if peer_notes is not None:
        tellable = [note for note in peer_notes if not log.lost(_size(note))]
        findings += _peer(tellable, own, rebuilt, readers)
    return _once(findings)


@dataclass(frozen=True)
class _Rebuilt:
    """The tree computed afresh from the commitments alone, and what it showed on the way."""

    tree: Tree
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, log: LogCopy) -> _Rebuilt:
        tree, expected = Tree(MemoryNodes(), 0), 0
        findings: list[Finding] = []
        gaps = {gap.start: gap for gap in log.gaps}
        for entry in sorted(log.entries, key=lambda entry: entry.index):
            expected = _over(gaps.pop(expected, None), tree, expected, findings)
            if entry.index < expected:
                findings.append(_repeated(entry.index))
            elif entry.index > expected:
                findings.append(_removed(expected, entry.index))
            expected = entry.index + 1
            tree.append(leaf_of(entry.commitment))
            if leaf_of(entry.commitment) != entry.leaf:
                findings.append(_changed(entry))
        _over(gaps.pop(expected, None), tree, expected, findings)
        return cls(tree, tuple(findings))

    def against(self, checkpoint: Checkpoint, note: str) -> Iterator[Finding]:
        """Whether the entries still give the checkpoint's root."""
        if checkpoint.size > self.tree.size:
            yield Finding(
                "log_cut_back",
                "fault",
                f"{checkpoint.size} leaves, which the log signed for",
                f"{self.tree.size} leaves",
                size=checkpoint.size,
                evidence=(note,),
            )
        elif self.tree.root(checkpoint.size) != checkpoint.root:
            yield Finding(
                "root_differs",
                "fault",
                f"root {checkpoint.root.hex()[:16]} as signed",
                f"root {self.tree.root(checkpoint.size).hex()[:16]} from the entries held",
                size=checkpoint.size,
                evidence=(note,),
            )


def _over(gap: Gap | None, tree: Tree, expected: int, findings: list[Finding]) -> int:
    """Lead the tree over a gap that begins at `expected`; returns the next leaf to expect."""
    if gap is None:
        return expected
    try:
        tree.continue_from(gap.end, gap.frontier)
    except LedgerRefusal as refused:
        said = f"a tree whose past differs: {refused.plain}"
        findings.append(
            Finding("gap_differs", "fault", "a tree that continues this log", said, index=gap.start)
        )
        return expected
    lost = "hashes that the other park cosigned; the acts were lost when the log was put back from a copy"
    findings.append(
        Finding("leaves_lost", "warning", f"leaves {gap.start} to {gap.end - 1}", lost, index=gap.start)
    )
    return gap.end


def _size(note: str) -> int:
    """The size a note speaks of; 0 when it cannot be read."""
    try:
        return read_note(note).checkpoint.size
    except NoteMalformed:
        return 0


def _removed(expected: int, came: int) -> Finding:
    return Finding(
        "leaf_removed", "fault", f"leaf {expected}", f"leaf {came} as the next one", index=expected
    )


def _repeated(index: int) -> Finding:
    return Finding("leaf_repeated", "fault", f"one leaf {index}", "two", index=index)


def _changed(entry: Entry) -> Finding:
    return Finding(
        "leaf_changed",
        "fault",
        f"leaf hash {entry.leaf.hex()[:16]} as the tree stored it",
        f"a commitment whose leaf hash is {leaf_of(entry.commitment).hex()[:16]}",
        index=entry.index,
    )


def _entry(entry: Entry, acts: KeyFinder) -> Iterator[Finding]:
    if entry.salt is None or entry.envelope is None:
        return  # erased: the commitment alone stays, and still stands in the tree
    if not opens(entry.commitment, entry.salt, entry.envelope):
        yield Finding(
            "body_differs",
            "fault",
            f"the body that commitment {entry.commitment.hex()[:16]} was made of",
            "another body or salt",
            index=entry.index,
        )
    try:
        open_envelope(entry.envelope, acts, logged=True)
    except LedgerRefusal as refused:
        yield Finding(
            "act_signature",
            "fault",
            "an act signed by a key that may vouch for it",
            f"{refused.code}: {refused.plain}",
            index=entry.index,
        )


def _believe(
    note: str, log: Sequence[Verifier], signed_at: datetime | None
) -> tuple[Checkpoint | None, list[Finding]]:
    """The checkpoint when one of the log's keys signed it, and that key's faults at `signed_at` (None: unknown)."""
    found = "no key of the log is known"
    for verifier in log:
        try:
            checkpoint = verify_checkpoint(note, verifier)
        except (NoteMalformed, NoteSignatureRefused) as error:
            found = error.plain
            continue
        reason = verifier.key.refusal_of_dated(signed_at, logged=True) if signed_at else None
        return checkpoint, [] if reason is None else [_checkpoint_key(verifier, reason, checkpoint.size)]
    try:
        size: int | None = read_note(note).checkpoint.size
    except NoteMalformed:
        size = None
    return None, [
        Finding("checkpoint_signature", "fault", "a checkpoint signed by the log", found, size=size)
    ]


def _checkpoint_key(verifier: Verifier, reason: str, size: int) -> Finding:
    expected = f"a key of {verifier.name} good when the checkpoint was signed"
    return Finding("checkpoint_key", "fault", expected, f"key {verifier.key.kid}: {reason}", size=size)


def _cosigned(own: Sequence[tuple[Signed, Checkpoint]], readers: Readers) -> Iterator[Finding]:
    covered = 0
    for signed, checkpoint in own:
        for witness in readers.witnesses:
            try:
                if verify_cosignature(signed.note, witness) is not None:
                    covered = max(covered, checkpoint.size)
            except NoteSignatureRefused as refused:
                yield Finding(
                    "cosignature_false",
                    "fault",
                    f"a cosignature by {witness.name}",
                    refused.plain,
                    size=checkpoint.size,
                )
    # A cosigned checkpoint vouches for every smaller one, so the oldest beyond it tells how long the wait is.
    waiting = [(signed, checkpoint) for signed, checkpoint in own if checkpoint.size > covered]
    if not waiting:
        return
    signed, checkpoint = min(waiting, key=lambda pair: pair[0].signed_at)
    age = readers.now - signed.signed_at
    names = ", ".join(witness.name for witness in readers.witnesses) or "a witness"
    yield Finding(
        "not_cosigned",
        "warning" if age < readers.grace else "fault",
        f"a cosignature by {names} within {int(readers.grace.total_seconds())} s",
        f"none after {int(age.total_seconds())} s",
        size=checkpoint.size,
    )


def _peer(
    peer_notes: Sequence[str],
    own: Sequence[tuple[Signed, Checkpoint]],
    rebuilt: _Rebuilt,
    readers: Readers,
) -> Iterator[Finding]:
    shown_here = {checkpoint.size: (checkpoint, signed.note) for signed, checkpoint in own}
    for note in peer_notes:
        checkpoint, faults = _believe(note, readers.log, None)
        yield from faults
        if checkpoint is None:
            continue
        mine = shown_here.get(checkpoint.size)
        if mine is not None and mine[0].root != checkpoint.root:
            yield _two_logs(mine[0], checkpoint, (mine[1], note))
        elif checkpoint.size > rebuilt.tree.size:
            yield Finding(
                "log_cut_back",
                "fault",
                f"{checkpoint.size} leaves, as the other park was shown",
                f"{rebuilt.tree.size} leaves",
                size=checkpoint.size,
                evidence=(note,),
            )
        elif rebuilt.tree.root(checkpoint.size) != checkpoint.root:
            yield _regrown(checkpoint, rebuilt.tree.root(checkpoint.size), note)


def _two_logs(mine: Checkpoint, theirs: Checkpoint, evidence: tuple[str, str]) -> Finding:
    return Finding(
        "two_logs",
        "fault",
        f"one root for {mine.size} leaves",
        f"{mine.root.hex()[:16]} signed for this reader, {theirs.root.hex()[:16]} for the other park",
        size=mine.size,
        evidence=evidence,
    )


def _regrown(checkpoint: Checkpoint, root: bytes, note: str) -> Finding:
    return Finding(
        "log_regrown",
        "fault",
        f"root {checkpoint.root.hex()[:16]} at {checkpoint.size} leaves, as the other park was shown",
        f"root {root.hex()[:16]}: the log was cut back and grown again, or its past was changed",
        size=checkpoint.size,
        evidence=(note,),
    )


def _once(findings: Sequence[Finding]) -> list[Finding]:
    seen: dict[tuple[str, int | None, int | None], Finding] = {}
    for finding in findings:
        seen.setdefault((finding.code, finding.index, finding.size), finding)
    return sorted(seen.values(), key=lambda finding: finding.severity != "fault")
