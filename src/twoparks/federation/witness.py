"""Checkpoints of both logs: signing one's own, cosigning the peer's once it is proved to continue the last one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
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
from twoparks.registry.node import this_node

WITNESSED_SHOWN = 500
FORKS = ("log_shrank", "log_forked")
Fetch = Callable[
    [int, int], Sequence[bytes] | None
]  # consistency proof between two sizes, None when not reachable


def sign_checkpoint(now: datetime) -> Checkpoint | None:
    """Sign what the log is now, when it grew since the last checkpoint; None when there is nothing new to sign."""
    with transaction.atomic():
        log.lock()
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
    """The newest checkpoint of this log, signed with the key in use now; None while nothing was signed."""
    last = Checkpoint.objects.order_by("-size").first()
    if last is None:
        return None
    statement = Statement(log_name(this_node().park), last.size, bytes(last.root))
    return sign_note(statement, log_signer().key)


def cosign_peer(offered: str, fetch_proof: Fetch, now: datetime) -> str | None:
    """The peer's checkpoint with this node's cosignature, or None when it has none coming.

    None: already cosigned at that size, proof not reachable, or refused. A log that shrank, forked or does not
    continue leaves an incident with both notes and is never cosigned.
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
            proof = fetch_proof(last.size, new.size)
        if proof is None:
            return None
        with transaction.atomic():
            log.lock()
            return _cosign(witness, new, offered, proof, now)
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


def _cosign(witness: Witness, new: Statement, offered: str, proof: Sequence[bytes], now: datetime) -> str:
    # Read again under the lock: another process may have cosigned meanwhile.
    last = PeerCheckpoint.objects.order_by("-size").first()
    cosigned = witness.cosign(offered, None if last is None else last.note, proof, now)
    PeerCheckpoint.objects.get_or_create(
        size=new.size, defaults={"root": new.root, "note": cosigned, "seen_at": now}
    )
    return cosigned


def take_cosignature(note: str, now: datetime) -> bool:
    """Keep the peer's cosignature under one of this node's checkpoints; raises a LedgerRefusal when it is none.

    True when it is new, False when it was there already.
    """
    node = this_node()
    statement = _own(note)
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


def _own(note: str) -> Statement:
    """The checkpoint in a note this node signed itself, with whichever of its keys; raises a LedgerRefusal."""
    node, found = this_node(), read_note(note).checkpoint
    for verifier in verifiers(node.park, node_keys().trust_list):
        try:
            return verify_checkpoint(note, verifier)
        except NoteSignatureRefused:
            continue
    raise NoteSignatureRefused(f"the checkpoint at {found.size} is not signed by this log")


def _cosigned_by(note: str, witness: Verifier) -> bool:
    at = verify_cosignature(note, witness)
    return at is not None and witness.key.refusal_of_dated(at) is None


def consistency_document(old: int, new: int) -> bytes:
    """The proof between two sizes of this log as it is served; raises TreeError beyond its size."""
    return canonical({"from": old, "to": new, "proof": [part.hex() for part in log.proof(old, new)]})


def witnessed_document() -> bytes:
    """The peer's checkpoints this node cosigned, the newest last, for the peer's own audit."""
    notes = PeerCheckpoint.objects.order_by("-size").values_list("note", flat=True)[:WITNESSED_SHOWN]
    return canonical({"notes": list(reversed(notes))})


def read_witnessed(document: bytes) -> list[str]:
    """The notes in a served document; raises NotCanonical when it holds anything else."""
    found = parse(document)
    notes = found.get("notes")
    if set(found) != {"notes"} or not isinstance(notes, list) or not all(isinstance(n, str) for n in notes):
        raise NotCanonical("a list of checkpoint notes was expected")
    return notes


def read_consistency(document: bytes, old: int, new: int) -> list[bytes]:
    """The proof in a served document; raises NotCanonical when it is not one for these sizes."""
    found = parse(document)
    if set(found) != {"from", "to", "proof"} or (found["from"], found["to"]) != (old, new):
        raise NotCanonical(f"a proof from {old} to {new} was asked for; got {json.dumps(found)[:80]}")
    try:
        return [bytes.fromhex(part) for part in found["proof"]]
    except (TypeError, ValueError) as error:
        raise NotCanonical("proof: a list of hexadecimal hashes was expected") from error
