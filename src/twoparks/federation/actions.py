"""The only writers of acts: what happens here is signed and logged, what the other park did is checked and logged."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from twoparks.federation import contracts, log
from twoparks.federation.envelopes import believe, look_at
from twoparks.federation.keys import PEER_TRUST, PeerUnknown, node_keys, peer_root, peer_trust
from twoparks.federation.models import Act, Fetched, Heartbeat, Incident, Outgoing
from twoparks.federation.queries import fetched
from twoparks.federation.types import (
    Answer,
    Contract,
    NewAct,
    Receipt,
    Refused,
    Stale,
    StoredAct,
    StreamId,
)
from twoparks.ledger.canonical import instant
from twoparks.ledger.envelope import Envelope, seal
from twoparks.ledger.keys import KeyPurpose
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.trust import accept as accept_trust
from twoparks.registry.node import this_node

REFUSED = "message_refused"
UNTIL_TRUSTED = ("key_unknown", "peer_unknown", "key_serves")  # refusals that a newer trust list may lift

_told = logging.getLogger(__name__)


def record(new: NewAct, now: datetime, expected: int | None = None) -> StoredAct:
    """Sign an act of this park, log it, and queue it for the other park when its kind crosses.

    Runs inside the caller's transaction. Raises UnknownKind, ContractBroken, NoTransaction, and Stale when
    `expected` is given and the stream already holds another number of acts.
    """
    contract = contracts.contract(new.kind)
    contracts.check_body(contract, new.body)
    log.lock()
    park = this_node().id
    act_id = f"{park}-a-{secrets.token_hex(10)}"
    at = log.place(park, new.stream, act_id)
    if expected is not None and at.length != expected:
        raise Stale(new.stream, expected, at.length)
    act = {
        "id": act_id,
        "kind": new.kind,
        "park": park,
        "stream": new.stream,
        "seq": at.next_seq if contract.crosses else None,
        "at": instant(now),
        "by": asdict(new.by),
        "body": dict(new.body),
    }
    row = log.append(seal(act, node_keys().signer(KeyPurpose.ACTS)), at, now)
    if contract.crosses:
        Outgoing.objects.create(act=row, stream=row.stream, seq=row.seq, next_attempt_at=now)
    return log.stored(row, act)


def receive(raw: bytes, now: datetime) -> Receipt:
    """Take one envelope from the other park: store and apply it, or say why not and remember that.

    One transaction. Whatever is refused leaves nothing but an incident; what is accepted twice is stored once.
    """
    with transaction.atomic():
        log.lock()
        try:
            return _accept(look_at(raw), now)
        except Refused as refused:
            code, plain = refused.code, refused.plain
        except PeerUnknown as unknown:
            code, plain = unknown.code, unknown.plain
        report(REFUSED, now, {"code": code, "plain": plain} | _named(raw))
        return Receipt(Answer.REFUSED, code, plain)


def _accept(envelope: Envelope, now: datetime) -> Receipt:
    act = envelope.act
    at = log.place(act["park"], act["stream"], act["id"])
    if at.digest is not None and at.digest == envelope.digest.hex():
        return Receipt(Answer.DUPLICATE)
    contract = believe(envelope, peer_trust(), now)
    if at.digest is not None:
        return _conflict(envelope, "id_repeated", f"{act['id']} is stored with another content", now)
    if act["seq"] > at.next_seq:
        plain = f"{act['stream']} waits for number {at.next_seq}"
        return Receipt(Answer.EARLY, "early", plain, at.next_seq)
    if act["seq"] < at.next_seq:
        plain = f"number {act['seq']} of {act['stream']} is stored with another content"
        return _conflict(envelope, "seq_repeated", plain, now)
    with transaction.atomic():
        _apply(contract, log.stored(log.append(envelope, at, now), act), now)
    return Receipt(Answer.ACCEPTED)


def _apply(contract: Contract, act: StoredAct, now: datetime) -> None:
    if contract.apply is not None:
        contract.apply(act, now)


def _conflict(envelope: Envelope, code: str, plain: str, now: datetime) -> Receipt:
    report("message_conflict", now, {"code": code, "plain": plain} | _named(envelope.raw))
    return Receipt(Answer.CONFLICT, code, plain)


def _named(raw: bytes) -> dict[str, Any]:
    """What a refused envelope says it is, as far as it can be read; never its body."""
    try:
        envelope = look_at(raw)
    except Refused:
        return {}
    said = {name: envelope.act[name] for name in ("id", "kind", "park", "stream", "seq")}
    return said | {"kid": envelope.kid, "digest": envelope.digest.hex()}


def report(kind: str, now: datetime, detail: Mapping[str, Any]) -> Incident:
    """Write down something that must not happen; the same thing while it is open is written once."""
    same = Incident.objects.filter(kind=kind, detail=dict(detail), closed_at=None).first()
    if same is not None:
        return same
    _told.warning("%s: %s", kind, detail.get("plain", ""))
    return Incident.objects.create(kind=kind, stream=detail.get("stream", ""), detail=dict(detail), at=now)


def close(kind: str, now: datetime, codes: Collection[str] = ()) -> int:
    """Close the open incidents of a kind (and of these codes) that time has resolved; returns how many."""
    found = Incident.objects.filter(kind=kind, closed_at=None)
    if codes:
        found = found.filter(detail__code__in=list(codes))
    return found.update(closed_at=now)


def erase(act: StoredAct) -> None:
    """Forget what an act said: envelope and salt go, commitment and leaf stay, and the log still verifies."""
    with transaction.atomic():
        log.lock()
        unsent = Outgoing.objects.filter(act_id=act.number, delivered_at=None, stopped_code="")
        if unsent.exists():
            raise Refused(
                "not_delivered", f"{act.id} is still on its way to the other park; erase it afterwards"
            )
        Act.objects.filter(number=act.number).update(envelope=None, salt=None)


def resume(stream: StreamId, now: datetime) -> int:
    """Let a stopped stream go on after its cause was dealt with; returns how many acts wait again."""
    return (
        Outgoing.objects.filter(stream=stream, delivered_at=None)
        .exclude(stopped_code="")
        .update(stopped_code="", waits_for="", attempts=0, next_attempt_at=now)
    )


def beat(name: str, now: datetime) -> None:
    """Say that the background process of that name runs."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})


def keep(name: str, document: bytes, issued_at: datetime, now: datetime) -> None:
    """Keep the newest verified document of that name; the caller has verified it."""
    columns = {"document": document, "issued_at": issued_at, "fetched_at": now}
    if not Fetched.objects.filter(name=name).update(**columns):
        Fetched.objects.create(name=name, **columns)


def take_trust(offered: bytes, now: datetime) -> bool:
    """Accept the peer's trust list when it may follow the one held; a list that goes back leaves an incident.

    True when it is accepted, also when it is the one held already.
    """
    with transaction.atomic():
        log.lock()
        held = fetched(PEER_TRUST)
        try:
            new = accept_trust(None if held is None else held.content, offered, peer_root())
        except LedgerRefusal as refusal:
            report("trust_refused", now, {"code": refusal.code, "plain": refusal.plain})
            return False
        keep(PEER_TRUST, offered, new.issued_at, now)
        if held is None or held.content != offered:
            close(REFUSED, now, UNTIL_TRUSTED)  # the peer sends those again
        return True
