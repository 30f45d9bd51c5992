"""`twoparks ledger verify`: this node's log against its own past, against what the peer holds, and the peer's log too."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from twoparks.federation import roles
from twoparks.federation.keys import both_trusts, log_name, node_keys, peer_trust, verifiers
from twoparks.federation.models import PeerCheckpoint
from twoparks.federation.queries import incidents, log_copy
from twoparks.federation.transport import Transport, Unreachable
from twoparks.federation.witness import FORKS, read_consistency, read_witnessed
from twoparks.ledger import audit as ledger
from twoparks.ledger.audit import Finding, Readers
from twoparks.ledger.checkpoint import Checkpoint, Verifier, read_note, verify_checkpoint
from twoparks.ledger.envelope import KeyFinder
from twoparks.ledger.keys import KeyPurpose
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.tree import verify_consistency
from twoparks.registry.node import this_node
from twoparks.registry.zone import zone


@dataclass(frozen=True)
class Audit:
    """What was found, how much was read, and whether the peer was asked."""

    findings: tuple[Finding, ...]
    leaves: int
    checkpoints: int
    peer_asked: bool

    @property
    def whole(self) -> bool:
        """No fault; warnings may stand."""
        return not any(finding.severity == "fault" for finding in self.findings)


def audit_node(now: datetime, transport: Transport | None = None) -> Audit:
    """Audit this node's log; with a transport also what the peer was shown of it, and the peer's log as shown here."""
    copy = log_copy()
    notes = None if transport is None else _peer_notes(transport, now)
    found = [*ledger.audit(copy, notes, _readers(now)), *_forks(), *roles.findings()]
    if transport is not None and notes is not None:
        found += _peer_log(transport, now)
    return Audit(tuple(found), len(copy.entries), len(copy.checkpoints), notes is not None)


def _readers(now: datetime) -> Readers:
    node, own = this_node(), node_keys().trust_list
    acts: KeyFinder = own
    witnesses: Sequence[Verifier] = ()
    with suppress(LedgerRefusal):  # no peer trusted yet: nothing of it can be in the log
        acts, witnesses = both_trusts(), verifiers(node.peer, peer_trust())
    # Notes of long ago stay signed by keys that were given up since; the peer's cosignature vouches for their date.
    log = [Verifier(log_name(node.park), k) for k in own.keys if k.purpose is KeyPurpose.CHECKPOINT]
    grace = timedelta(seconds=zone().timing.checkpoint_cosign_grace_s)
    return Readers(log=log, witnesses=witnesses, acts=acts, now=now, grace=grace)


def _peer_notes(transport: Transport, now: datetime) -> list[str] | None:
    document = transport.fetch("witnessed", now)
    if isinstance(document, Unreachable):
        return None
    try:
        return list(read_witnessed(document).notes)
    except LedgerRefusal:
        return None


def _peer_log(transport: Transport, now: datetime) -> list[Finding]:
    """Whether the peer's log, as it shows it now, continues the last checkpoint this node cosigned."""
    last = PeerCheckpoint.objects.order_by("-size").first()
    offered = transport.fetch("checkpoint", now)
    if last is None or isinstance(offered, Unreachable):
        return []
    old, text = read_note(last.note).checkpoint, offered.decode("utf-8", "replace")
    try:
        new = verify_checkpoint(text, verifiers(this_node().peer, peer_trust())[0])
        proof: list[bytes] = []
        if old.size < new.size:
            document = transport.fetch(f"consistency?from={old.size}&to={new.size}", now)
            if isinstance(document, Unreachable):
                return []
            proof = read_consistency(document, old.size, new.size)
    except LedgerRefusal as refused:
        return [_peer_finding(old, refused.plain, (last.note, text))]
    if verify_consistency((old.size, old.root), (new.size, new.root), proof):
        return []
    return [_peer_finding(old, f"{new.size} leaves that do not continue it", (last.note, text))]


def _peer_finding(old: Checkpoint, found: str, evidence: tuple[str, ...]) -> Finding:
    expected = f"a log of {old.origin} that continues the {old.size} leaves cosigned here"
    return Finding("peer_log_inconsistent", "fault", expected, found, size=old.size, evidence=evidence)


def _forks() -> list[Finding]:
    """Forks of the peer's log met while cosigning stay findings until the incident is closed."""
    found = []
    for incident in incidents():
        if incident.detail.get("code") in FORKS:
            size = read_note(incident.detail["notes"][1]).checkpoint.size
            evidence = tuple(incident.detail["notes"])
            said = incident.detail["plain"]
            found.append(
                Finding(
                    "peer_log_forked",
                    "fault",
                    "one log of the peer, growing",
                    said,
                    size=size,
                    evidence=evidence,
                )
            )
    return found
