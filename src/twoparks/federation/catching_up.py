"""After a node was put back from a copy: nothing is recorded until it has caught up with what the other park saw.

The other park has cosigned checkpoints that an older copy knows nothing of; a log that simply went on from the copy
would be a second log under the same name. So the node asks what was cosigned, has the acts given back that both parks
held, and goes on where the last cosigned checkpoint ends: leaves between are lost, which an officer accepts by name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from twoparks.federation import contracts, keys, log
from twoparks.federation.actions import record, report
from twoparks.federation.envelopes import believe, look_at
from twoparks.federation.models import Checkpoint, Outgoing, Restoration, TreeNode
from twoparks.federation.queries import held_of
from twoparks.federation.returning import (
    Held,
    held_question,
    read_held,
    read_returned,
    returned_question,
)
from twoparks.federation.transport import Transport, Unreachable
from twoparks.federation.types import SYSTEM, Actor, Contract, Field, NewAct, Refused, StreamId
from twoparks.federation.witness import Witnessed, cosigned_at, own_statement, read_witnessed
from twoparks.ledger.checkpoint import Checkpoint as Statement
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.tree import frontier_places, root_of_frontier
from twoparks.registry.access import Verb, demand
from twoparks.registry.models import User
from twoparks.registry.node import this_node
from twoparks.registry.pseudonyms import pseudonym

RESTORED = "log.restored"
_told = logging.getLogger(__name__)

CONTRACT = Contract(
    RESTORED,
    crosses=False,
    fields={
        "size": Field(contracts.integer(0, 2**53), ""),
        "continues_at": Field(contracts.integer(0, 2**53), ""),
        "brought_back": Field(contracts.integer(0, 2**31), ""),
        "not_taken": Field(contracts.integer(0, 2**31), ""),
    },
)


class OtherLog(LedgerRefusal):
    """What the other park cosigned is not a continuation of this copy: it is of another log."""

    code = "copy_of_another_log"


class LossDiffers(ValueError):
    """The loss an officer named is not the one there is."""


@dataclass(frozen=True)
class Standing:
    """How far catching up is. `lost` leaves were cosigned and are not in the copy; `acts` of them both parks held."""

    done: bool
    why: str = ""  # what it waits for: peer_silent, loss_not_accepted
    plain: str = ""
    lost: int = 0
    acts: int = 0


@dataclass(frozen=True)
class _Lacking:
    """A stream of which the peer holds more, with what is held here."""

    stream: str
    here: Held
    acts: int


_CAUGHT_UP = Standing(done=True)
_after: list[Callable[[datetime], None]] = []


def register_after(function: Callable[[datetime], None]) -> None:
    """Have `function` called once the node has caught up, in the same transaction: lists are made again, work goes on."""
    if function not in _after:
        _after.append(function)


def put_back(copied_at: datetime, now: datetime) -> None:
    """Say that the log here was put back from a copy made at `copied_at`: from now on nothing is recorded."""
    with transaction.atomic():
        log.lock()
        Restoration.objects.filter(ended_at=None).update(
            ended_at=now
        )  # put back again before it had caught up
        Restoration.objects.create(copied_at=copied_at, restored_at=now, size=log.size())


def accept_loss(user: User, leaves: int, transport: Transport, now: datetime) -> Standing:
    """An officer accepts that `leaves` leaves are lost, and the log goes on after them.

    Raises Forbidden, and LossDiffers when that is not the number lost as the other park says now.
    """
    demand(user, Verb.ACCEPT_LOSS)
    found = catch_up(transport, now)
    if found.done or found.why != "loss_not_accepted":
        return found
    if found.lost != leaves:
        raise LossDiffers(f"{leaves} leaves were named, {found.lost} are lost; accept that number or none")
    return catch_up(transport, now, pseudonym(user))


def catch_up(transport: Transport, now: datetime, accepted_by: str = "") -> Standing:
    """Go as far as can be gone now; asking again goes on from there. Raises OtherLog, which no waiting mends."""
    row = Restoration.objects.filter(ended_at=None).first()
    if row is None:
        return _CAUGHT_UP
    try:
        _own_keys(transport, now)
        witnessed = read_witnessed(_fetched(transport, "witnessed", now))
        statement = _newest(witnessed, row)
        lacking = list(_lacking(transport, now))
        acts, lost = sum(one.acts for one in lacking), max(0, statement.size - row.size if statement else 0)
        if row.continues_at is None:
            if lost and not accepted_by:
                return _to_accept(lost, acts)
            _bridge(row, statement if lost else None, witnessed, now, accepted_by)
        not_taken = sum(_bring_back(transport, one, row, now) for one in lacking)
    except _Silent as silent:
        return Standing(False, "peer_silent", f"the other park was asked and did not answer: {silent}")
    _end(row, not_taken, now)
    return Standing(done=True, lost=lost, acts=acts)


class _Silent(Exception):
    """The peer gave no answer that counts."""


def _to_accept(lost: int, acts: int) -> Standing:
    plain = (
        f"the other park cosigned {lost} leaves that this copy does not hold. It holds {acts} acts of both parks that are "
        f"missing here and gives them back; what stayed at home in those leaves is lost. An officer accepts that with "
        f"`twoparks ledger accept-loss --leaves {lost}`"
    )
    return Standing(False, "loss_not_accepted", plain, lost, acts)


def _own_keys(transport: Transport, now: datetime) -> None:
    """Keys changed after the copy: their public halves come back from the peer, lost private halves are replaced."""
    answer = transport.fetch("peer-trust", now)
    if not isinstance(answer, Unreachable):
        keys.take_back(answer)
    for purpose in keys.missing():
        keys.rotate(purpose, now)


def _fetched(transport: Transport, name: str, now: datetime) -> bytes:
    answer = transport.fetch(name, now)
    if isinstance(answer, Unreachable):
        raise _Silent(answer.plain)
    return answer


def _asked(transport: Transport, name: str, question: bytes, now: datetime) -> bytes:
    answer = transport.ask(name, question, now)
    if isinstance(answer, Unreachable):
        raise _Silent(answer.plain)
    return answer


def _newest(witnessed: Witnessed, row: Restoration) -> Statement | None:
    """The last checkpoint the peer cosigned of this log; raises OtherLog when this copy is not its beginning."""
    known = [own_statement(note) for note in witnessed.notes]
    within = [one for one in known if one.size <= row.size]
    if within and log.tree().root(within[-1].size) != within[-1].root:
        raise OtherLog(
            f"the other park cosigned another root for {within[-1].size} leaves than this copy has: "
            "it is a copy of another log, or it was changed"
        )
    return known[-1] if known else None


def _lacking(transport: Transport, now: datetime) -> Iterator[_Lacking]:
    """Every stream of which the peer holds acts that are missing here."""
    after, parks = "", (str(this_node().id), str(this_node().peer.id))
    while True:
        page = read_held(_asked(transport, "held", held_question(after), now))
        here = held_of(page.streams)
        for stream, there in page.streams.items():
            held = {park: here.get((stream, park), 0) for park in parks}
            acts = sum(max(0, there.get(park, 0) - held[park]) for park in parks)
            if acts:
                yield _Lacking(stream, held, acts)
        if not page.after or page.after <= after:
            return
        after = page.after


def _bridge(
    row: Restoration, statement: Statement | None, witnessed: Witnessed, now: datetime, accepted_by: str
) -> None:
    """Say where the log goes on: after what the copy holds, or after the leaves the peer cosigned and the copy lacks."""
    with transaction.atomic():
        log.lock()
        if statement is None:
            row.continues_at = row.size
        else:
            if root_of_frontier(statement.size, witnessed.frontier) != statement.root:
                raise _Silent(f"it shows no frontier for the {statement.size} leaves it cosigned")
            _lay(statement.size, list(witnessed.frontier))
            _keep_checkpoint(statement, witnessed.notes[-1], now)
            row.continues_at, row.accepted_by = statement.size, accepted_by
            row.frontier = b"".join(witnessed.frontier)
        row.save()


def _lay(size: int, frontier: list[bytes]) -> None:
    """Store the frontier's hashes; raises OtherLog when this copy holds another one in the same place."""
    for (level, index), value in zip(frontier_places(size), frontier, strict=True):
        held = TreeNode.objects.filter(level=level, index=index).first()
        if held is None:
            TreeNode.objects.create(level=level, index=index, hash=value)
        elif bytes(held.hash) != value:
            raise OtherLog(f"the other park cosigned another past: level {level}, place {index} differs")


def _keep_checkpoint(statement: Statement, note: str, now: datetime) -> None:
    """The cosigned checkpoint comes back too: the next one continues it."""
    Checkpoint.objects.get_or_create(
        size=statement.size,
        defaults={
            "root": statement.root,
            "note": note,
            "signed_at": cosigned_at(note) or now,  # its key may have been retired since
            "cosigned_note": note,
            "cosigned_at": now,
        },
    )


def _bring_back(transport: Transport, lacking: _Lacking, row: Restoration, now: datetime) -> int:
    """Take the acts of one stream that the peer gives back; returns how many this node's rules did not take."""
    held, not_taken = lacking.here, 0
    while True:
        found = read_returned(_asked(transport, "returned", returned_question(lacking.stream, held), now))
        if not found:
            return not_taken
        taken = 0
        for raw in found:
            envelope = look_at(raw)
            park, seq = envelope.act["park"], envelope.act["seq"]
            if envelope.act["stream"] != lacking.stream or seq <= held.get(park, seq):
                raise Refused(
                    "answer_malformed", f"{lacking.stream}: an act that was not asked for came back"
                )
            held = {**held, park: seq}
            taken += _take_back(raw, now)
        not_taken += len(found) - taken
        Restoration.objects.filter(pk=row.pk).update(brought_back=F("brought_back") + taken)


def _take_back(raw: bytes, now: datetime) -> bool:
    """Write one act that came back as the log's next leaf, by the rules for any act of its park."""
    envelope, node = look_at(raw), this_node()
    own = envelope.act["park"] == node.id
    try:
        trust = keys.node_keys().trust_list if own else keys.peer_trust()
        contract = believe(envelope, trust, now, logged=True)
        with transaction.atomic(), _bringing_back():
            log.lock()
            at = log.place(envelope.act["park"], envelope.act["stream"], envelope.act["id"])
            act = log.stored(log.append(envelope, at, now), envelope.act)
            if own:
                Outgoing.objects.create(
                    act_id=act.number, stream=act.stream, seq=act.seq, next_attempt_at=now, delivered_at=now
                )
            elif contract.apply is not None:
                contract.apply(act, now)
    except Refused as refused:
        detail = {"code": refused.code, "plain": refused.plain, "stream": envelope.act["stream"]}
        report("act_not_taken_back", now, detail | {"id": envelope.act["id"]})
        return False
    return True


def _end(row: Restoration, not_taken: int, now: datetime) -> None:
    """Record what happened as the first act of the log that goes on, and let work go on."""
    with transaction.atomic():
        log.lock()
        row.refresh_from_db()
        row.ended_at = now
        row.save()
        body = {
            "size": row.size,
            "continues_at": row.continues_at,
            "brought_back": row.brought_back,
            "not_taken": not_taken,
        }
        by = Actor("park_officer", row.accepted_by) if row.accepted_by else SYSTEM
        record(NewAct(RESTORED, StreamId(f"{this_node().id}-log"), body, by), now)
        for function in _after:
            function(now)
    _told.warning("caught up after the copy of %s; %d acts came back", row.copied_at, row.brought_back)


@contextmanager
def _bringing_back() -> Iterator[None]:
    token = log.bringing_back.set(True)
    try:
        yield
    finally:
        log.bringing_back.reset(token)
