"""Checkpoints of both logs: signing one's own, cosigning the peer's once it is proved to continue the last one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from twoparks.federation import log
from twoparks.federation.actions import report
from twoparks.federation.keys import log_name, log_signer, node_keys, peer_trust, verifiers
from twoparks.federation.models import Checkpoint, PeerCheckpoint
from twoparks.ledger.canonical import NotCanonical, canonical, parse
from twoparks.ledger.checkpoint import Checkpoint as Statement
from twoparks.ledger.checkpoint import (
    CosignRefused,
    NoteSignatureRefused,
    Verifier,
    Witness,
    read_note,
    verify_checkpoint,
    verify_cosignature,
)
from twoparks.ledger.checkpoint import (
    sign_checkpoint as sign_note,
)
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.tree import hashes_in, root_of_frontier
from twoparks.registry.node import this_node

WITNESSED_SHOWN = 500
FORKS = ("log_shrank", "log_forked")
Hashes = Sequence[bytes] | None  # None when the peer is not reachable


@dataclass(frozen=True)
class Asking:
    """How the peer is asked about its log: the consistency proof between two sizes, and the frontier of one."""

    proof: Callable[[int, int], Hashes]
    frontier: Callable[[int], Hashes]


class FrontierDiffers(LedgerRefusal):
    """The peer showed a frontier that does not give the root it signed."""

    code = "frontier_differs"


def sign_checkpoint(now: datetime) -> Checkpoint | None:
    """Sign what the log is now, when it grew since the last checkpoint; None when there is nothing new to sign."""
    with transaction.atomic():
        log.lock()
        log.demand_caught_up()
        tree = log.tree()
        last = Checkpoint.objects.order_by("-size").first()
        if tree.size == (0 if last is None else last.size):
            return None
        statement = Statement(log_name(this_node().park), tree.size, tree.root())
        return Checkpoint.objects.create(
            size=statement.size,
            root=statement.root,
            note=sign_note(statement, log_signer().key),
            signed_at=now,
        )


def current_note() -> str | None:
    """The newest checkpoint of this log, signed with the key in use now; None while nothing was signed.

    Raises NotCaughtUp: the newest one of a copy may be older than what the other park saw, and would look cut back.
    """
    log.demand_caught_up()
    last = Checkpoint.objects.order_by("-size").first()
    if last is None:
        return None
    statement = Statement(log_name(this_node().park), last.size, bytes(last.root))
    return sign_note(statement, log_signer().key)


def cosign_peer(offered: str, ask: Asking, now: datetime) -> str | None:
    """The peer's checkpoint with this node's cosignature, or None when it has none coming.

    None: already cosigned at that size, proof not reachable, or refused. A log that shrank, forked or does not
    continue leaves an incident with both notes and is never cosigned. The frontier is kept for the peer: should it
    lose its newest acts, it can go on after them without a fork.
    """
    peer, trust_list = this_node().peer, peer_trust()
    witness = Witness(log_signer(), verifiers(peer, trust_list)[0])
    last = PeerCheckpoint.objects.order_by("-size").first()
    try:
        new = verify_checkpoint(offered, witness.log)
        if last is not None and (last.size, bytes(last.root)) == (new.size, new.root):
            return None
        proof: Sequence[bytes] | None = ()
        if last is not None and last.size < new.size:
            proof = ask.proof(last.size, new.size)
        if proof is None:
            return None
        frontier = ask.frontier(new.size)
        with transaction.atomic():
            log.lock()
            cosigned = _cosigned(witness, offered, proof, now)
            return _kept(new, cosigned, frontier, now)
    except CosignRefused as refused:
        kind = "peer_log_forked" if refused.reason in FORKS else "peer_log_inconsistent"
        notes = list(refused.evidence or (last.note if last is not None else "", offered))
        report(kind, now, {"code": refused.reason, "plain": refused.plain, "notes": notes})
    except LedgerRefusal as refused:
        report(
            "peer_checkpoint_refused",
            now,
            {"code": refused.code, "plain": refused.plain, "note": offered[:4096]},
        )
    return None


def _cosigned(witness: Witness, offered: str, proof: Sequence[bytes], now: datetime) -> str:
    # Read again under the lock: another process may have cosigned meanwhile.
    last = PeerCheckpoint.objects.order_by("-size").first()
    return witness.cosign(offered, None if last is None else last.note, proof, now)


def _kept(new: Statement, cosigned: str, frontier: Hashes, now: datetime) -> str | None:
    if frontier is None:
        return None
    if root_of_frontier(new.size, frontier) != new.root:
        raise FrontierDiffers(f"the frontier shown for {new.size} leaves is not that of the root signed")
    columns = {"root": new.root, "note": cosigned, "frontier": b"".join(frontier), "seen_at": now}
    PeerCheckpoint.objects.bulk_create([PeerCheckpoint(size=new.size, **columns)], ignore_conflicts=True)
    return cosigned


def take_cosignature(note: str, now: datetime) -> bool:
    """Keep the peer's cosignature under one of this node's checkpoints; raises a LedgerRefusal when it is none.

    True when it is new, False when it was there already.
    """
    node = this_node()
    statement = own_statement(note)
    if not any(_cosigned_by(note, verifier) for verifier in verifiers(node.peer, peer_trust())):
        raise NoteSignatureRefused(
            f"the checkpoint at {statement.size} carries no cosignature of {node.peer.id}"
        )
    with transaction.atomic():
        log.lock()
        mine = Checkpoint.objects.filter(size=statement.size, root=statement.root).first()
        if mine is None:
            raise NoteSignatureRefused(f"this log never signed that root for {statement.size} leaves")
        if mine.cosigned_at is not None:
            return False
        Checkpoint.objects.filter(pk=mine.pk).update(cosigned_note=note, cosigned_at=now)
    return True


def own_statement(note: str) -> Statement:
    """The checkpoint in a note this node signed itself, with whichever of its keys; raises a LedgerRefusal."""
    node, found = this_node(), read_note(note).checkpoint
    for verifier in verifiers(node.park, node_keys().trust_list):
        try:
            return verify_checkpoint(note, verifier)
        except NoteSignatureRefused:
            continue
    raise NoteSignatureRefused(f"the checkpoint at {found.size} is not signed by this log")


def cosigned_at(note: str) -> datetime | None:
    """When the peer cosigned a checkpoint of this log; None when it did not."""
    for verifier in verifiers(this_node().peer, peer_trust()):
        if (at := verify_cosignature(note, verifier)) is not None:
            return at
    return None


def _cosigned_by(note: str, witness: Verifier) -> bool:
    at = verify_cosignature(note, witness)
    return at is not None and witness.key.refusal_of_dated(at) is None


def consistency_document(old: int, new: int) -> bytes:
    """The proof between two sizes of this log as it is served; raises TreeError beyond its size."""
    return canonical({"from": old, "to": new, "proof": _hex(log.proof(old, new))})


def frontier_document(size: int) -> bytes:
    """The frontier of this log at `size` as it is served; raises TreeError beyond its size."""
    return canonical({"frontier": _hex(log.tree().frontier(size)), "size": size})


def read_frontier(document: bytes, size: int) -> list[bytes]:
    """The hashes in a served document; raises NotCanonical when it is not the frontier of that size."""
    found = parse(document)
    if set(found) != {"frontier", "size"} or found["size"] != size:
        raise NotCanonical(f"the frontier of {size} leaves was asked for; got {json.dumps(found)[:80]}")
    return _hashes(found["frontier"], "frontier")


@dataclass(frozen=True)
class Witnessed:
    """What the other park cosigned of a log: its notes, the newest last, and the frontier of that one."""

    notes: Sequence[str]
    frontier: Sequence[bytes]


def witnessed_document() -> bytes:
    """The peer's checkpoints this node cosigned, for the peer's own audit, and to go on from after a loss."""
    rows = list(PeerCheckpoint.objects.order_by("-size")[:WITNESSED_SHOWN])
    frontier = bytes(rows[0].frontier) if rows else b""
    return canonical({"frontier": _hex(hashes_in(frontier)), "notes": [row.note for row in reversed(rows)]})


def read_witnessed(document: bytes) -> Witnessed:
    """What a served document says; raises NotCanonical when it holds anything else."""
    found = parse(document)
    notes = found.get("notes")
    if set(found) != {"frontier", "notes"} or not isinstance(notes, list):
        raise NotCanonical("a list of checkpoint notes and a frontier were expected")
    if not all(isinstance(note, str) for note in notes):
        raise NotCanonical("a list of checkpoint notes was expected")
    return Witnessed(notes, _hashes(found["frontier"], "frontier"))


def read_consistency(document: bytes, old: int, new: int) -> list[bytes]:
    """The proof in a served document; raises NotCanonical when it is not one for these sizes."""
    found = parse(document)
    if set(found) != {"from", "to", "proof"} or (found["from"], found["to"]) != (old, new):
        raise NotCanonical(f"a proof from {old} to {new} was asked for; got {json.dumps(found)[:80]}")
    return _hashes(found["proof"], "proof")


def _hex(hashes: Sequence[bytes]) -> list[str]:
    return [one.hex() for one in hashes]


def _hashes(found: object, name: str) -> list[bytes]:
    try:
        return [bytes.fromhex(part) for part in found]  # type: ignore[attr-defined]  # checked by trying
    except (TypeError, ValueError) as error:
        raise NotCanonical(f"{name}: a list of hexadecimal hashes was expected") from error
