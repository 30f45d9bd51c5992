"""Sending what waits: per stream in order, repeated until answered, and no stream ever waits for another."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from django.db import transaction
from django.db.models import F

from twoparks.federation.actions import UNTIL_TRUSTED, close, report
from twoparks.federation.keys import node_keys
from twoparks.federation.models import Act, Outgoing
from twoparks.federation.transport import Transport, Unreachable
from twoparks.federation.types import Answer, Receipt
from twoparks.ledger.envelope import read_envelope, seal
from twoparks.ledger.keys import KeyPurpose
from twoparks.lists.compiled import Compiled

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 300.0
ACTS_A_ROUND = 5000
ANSWERS_A_COMMIT = (
    32  # a sender killed before it wrote them down sends so many again: duplicates, nothing more
)
PEER_WIDE = ("no_answer", "transport_refused")  # says nothing about the act: the peer hears none of them

_ENVELOPE = Compiled(lambda number: Act.objects.filter(number=number).values_list("envelope"))
Jitter = Callable[[], float]  # a number from 0 to 1


@dataclass
class Report:
    """What one round of delivery did, and how many acts still wait in streams that were not stopped before it."""

    delivered: int = 0
    rewound: int = 0
    stopped: int = 0
    put_off: int = 0
    left: int = 0
    unreachable: str = ""


class _Next(Enum):
    SAME_STREAM = auto()
    OTHER_STREAM = auto()
    NO_MORE = auto()


@dataclass
class _Round:
    now: datetime
    jitter: Jitter
    said: Report
    silence: bool  # some act waits because the peer did not answer
    arrived: list[int] = field(default_factory=list)  # rows the peer confirmed, not written down yet


def deliver_due(transport: Transport, now: datetime, jitter: Jitter = random.random) -> Report:
    """Send every act that is due, each stream from its lowest undelivered number; no transaction spans a sending.

    A peer that does not answer ends the round: the act tried is put off, the rest stays due.
    """
    streams = _waiting()
    silence = any(row.waits_for in PEER_WIDE for rows in streams for row in rows)
    this = _Round(now, jitter, Report(left=sum(map(len, streams))), silence)
    try:
        for rows in streams:
            if _send_stream(rows, transport, this) is _Next.NO_MORE:
                break
    finally:
        _write_down(this)
    this.said.left -= this.said.delivered
    return this.said


# Asked twice a second by every worker; `stopped` streams are left out whole.
_WAITING = """
SELECT * FROM federation_outgoing WHERE delivered_at IS NULL AND stream NOT IN
    (SELECT stream FROM federation_outgoing WHERE delivered_at IS NULL AND stopped_code <> '')
ORDER BY id LIMIT %s
"""


def _waiting() -> list[list[Outgoing]]:
    """What is undelivered, stream by stream in order of number, the longest waiting first; stopped streams left out."""
    streams: dict[str, list[Outgoing]] = {}
    for row in Outgoing.objects.raw(_WAITING, [ACTS_A_ROUND]):
        streams.setdefault(row.stream, []).append(row)
    return [sorted(rows, key=lambda row: row.seq) for rows in streams.values()]


def _send_stream(rows: list[Outgoing], transport: Transport, this: _Round) -> _Next:
    for row in rows:
        if row.next_attempt_at > this.now:
            return _Next.OTHER_STREAM
        answer = transport.send(_to_send(row), this.now)
        step = _settle(row, answer, this)
        if step is not _Next.SAME_STREAM:
            return step
    return _Next.OTHER_STREAM


def _to_send(row: Outgoing) -> bytes:
    """The stored envelope; sealed again when its key was given up after it was signed, for this log vouches for it."""
    ((envelope,),) = _ENVELOPE(row.act_id)
    raw = bytes(envelope)
    keys = node_keys()
    given_up = {key.kid for key in keys.trust_list.keys if key.status == "compromised"}
    if given_up and (opened := read_envelope(raw)).kid in given_up:
        return seal(opened.act, keys.signer(KeyPurpose.ACTS)).raw
    return raw


def _settle(row: Outgoing, answer: Receipt | Unreachable, this: _Round) -> _Next:
    if not isinstance(answer, Unreachable) and answer.answer in (Answer.ACCEPTED, Answer.DUPLICATE):
        return _delivered(row, this)
    _write_down(this)
    with transaction.atomic():
        return _not_delivered(row, answer, this)


def _not_delivered(row: Outgoing, answer: Receipt | Unreachable, this: _Round) -> _Next:
    if isinstance(answer, Unreachable):
        return _put_off(row, answer, this)
    if answer.code in UNTIL_TRUSTED:
        return _put_off(row, Unreachable(answer.code, answer.plain), this)
    if answer.answer is Answer.EARLY:
        return _rewind(row, answer, this)
    return _stop(row, answer, this)


def _delivered(row: Outgoing, this: _Round) -> _Next:
    this.arrived.append(row.pk)
    this.said.delivered += 1
    if this.silence or len(this.arrived) >= ANSWERS_A_COMMIT:
        _write_down(this)
    return _Next.SAME_STREAM


def _write_down(this: _Round) -> None:
    """Mark in one transaction what the peer has confirmed since the last time."""
    if not this.arrived:
        return
    with transaction.atomic():
        rows = Outgoing.objects.filter(pk__in=this.arrived)
        rows.update(delivered_at=this.now, waits_for="", attempts=F("attempts") + 1)
        if this.silence:  # the peer answers again: what waited for it is due at once
            again = Outgoing.objects.filter(delivered_at=None, waits_for__in=PEER_WIDE)
            again.update(next_attempt_at=this.now, waits_for="")
            close("transport_refused", this.now)
    this.arrived.clear()
    this.silence = False


def _put_off(row: Outgoing, answer: Unreachable, this: _Round) -> _Next:
    wait = timedelta(seconds=wait_s(row.attempts, this.jitter()))
    Outgoing.objects.filter(pk=row.pk).update(
        attempts=F("attempts") + 1, next_attempt_at=this.now + wait, waits_for=answer.code[:20]
    )
    this.said.put_off += 1
    this.said.unreachable = answer.plain
    if answer.code == "transport_refused":
        report("transport_refused", this.now, {"code": answer.code, "plain": answer.plain})
    return _Next.NO_MORE if answer.code in PEER_WIDE else _Next.OTHER_STREAM


def _rewind(row: Outgoing, answer: Receipt, this: _Round) -> _Next:
    """Send again from the number the peer expects: it lost what it had confirmed, or the answer is nonsense."""
    stream = Outgoing.objects.filter(stream=row.stream)
    if answer.expects is None or answer.expects >= row.seq or not stream.filter(seq=answer.expects).exists():
        nonsense = f"{row.stream}: number {row.seq} was called early, yet {answer.expects} is expected"
        return _put_off(row, Unreachable("answer_malformed", nonsense), this)
    lost = stream.filter(seq__gte=answer.expects, seq__lt=row.seq)
    lost.update(delivered_at=None, next_attempt_at=this.now)
    Outgoing.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1)
    detail = {"code": "peer_lost_acts", "stream": row.stream, "expects": answer.expects, "sent": row.seq}
    plain = f"the peer lacks acts of {row.stream} that it had confirmed; sending again from {answer.expects}"
    report("peer_lost_acts", this.now, detail | {"plain": plain})
    this.said.rewound += 1
    return _Next.OTHER_STREAM  # the next round begins this stream at what is missing


def _stop(row: Outgoing, answer: Receipt, this: _Round) -> _Next:
    code = answer.code or answer.answer.value
    Outgoing.objects.filter(pk=row.pk).update(stopped_code=code[:60], attempts=F("attempts") + 1)
    detail = {"code": code, "plain": answer.plain, "stream": row.stream, "seq": row.seq, "id": row.act.id}
    report("stream_stopped", this.now, detail)
    this.said.stopped += 1
    return _Next.OTHER_STREAM


def wait_s(attempts: int, jitter: float) -> float:
    """Seconds to wait after `attempts` failures before: 1 doubling to 300, of which a `jitter` share up to half is cut."""
    whole: float = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts, 12))
    return whole * (1 - 0.5 * jitter)
