"""Sending what waits: per stream in order, repeated until answered, and no stream ever waits for another."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from django.db import transaction
from django.db.models import F

from twoparks.federation.actions import UNTIL_TRUSTED, report
from twoparks.federation.keys import node_keys
from twoparks.federation.models import Act, Outgoing
from twoparks.federation.transport import Transport, Unreachable
from twoparks.federation.types import Answer, Receipt
from twoparks.ledger.envelope import read_envelope, seal
from twoparks.ledger.keys import KeyPurpose

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 300.0
ACTS_A_ROUND = 5000
PEER_WIDE = ("no_answer", "transport_refused")  # says nothing about the act: the peer hears none of them

Jitter = Callable[[], float]  # a number from 0 to 1


@dataclass
class Report:
    """What one round of delivery did."""

    delivered: int = 0
    rewound: int = 0
    stopped: int = 0
    put_off: int = 0
    unreachable: str = ""


class _Next(Enum):
    SAME_STREAM = auto()
    OTHER_STREAM = auto()
    NO_MORE = auto()


def deliver_due(transport: Transport, now: datetime, jitter: Jitter = random.random) -> Report:
    """Send every act that is due, each stream from its lowest undelivered number; no transaction spans a sending.

    A peer that does not answer ends the round: the act tried is put off, the rest stays due.
    """
    this = _Round(Report(), jitter)
    for stream in waiting():
        if _send_stream(stream, transport, now, this) is _Next.NO_MORE:
            break
    return this.said


@dataclass
class _Round:
    said: Report
    jitter: Jitter


def waiting() -> list[list[Outgoing]]:
    """What is undelivered, stream by stream in order of number, the longest waiting first; stopped streams left out."""
    undelivered = Outgoing.objects.filter(delivered_at=None)
    stopped = undelivered.exclude(stopped_code="").values("stream")
    streams: dict[str, list[Outgoing]] = {}
    for row in undelivered.exclude(stream__in=stopped).order_by("id")[:ACTS_A_ROUND]:
        streams.setdefault(row.stream, []).append(row)
    return [sorted(rows, key=lambda row: row.seq) for rows in streams.values()]


def _send_stream(rows: list[Outgoing], transport: Transport, now: datetime, this: _Round) -> _Next:
    for row in rows:
        if row.next_attempt_at > now:
            return _Next.OTHER_STREAM
        step = _settle(row, transport.send(_to_send(row), now), now, this)
        if step is not _Next.SAME_STREAM:
            return step
    return _Next.OTHER_STREAM


def _to_send(row: Outgoing) -> bytes:
    """The stored envelope; sealed again when its key was given up after it was signed, for this log vouches for it."""
    raw = bytes(Act.objects.values_list("envelope", flat=True).get(pk=row.act_id))
    keys = node_keys()
    given_up = {key.kid for key in keys.trust_list.keys if key.status == "compromised"}
    if given_up and (envelope := read_envelope(raw)).kid in given_up:
        return seal(envelope.act, keys.signer(KeyPurpose.ACTS)).raw
    return raw


def _settle(row: Outgoing, answer: Receipt | Unreachable, now: datetime, this: _Round) -> _Next:
    with transaction.atomic():
        if isinstance(answer, Unreachable):
            return _put_off(row, answer, now, this)
        if answer.answer in (Answer.ACCEPTED, Answer.DUPLICATE):
            return _delivered(row, now, this)
        if answer.code in UNTIL_TRUSTED:
            return _put_off(row, Unreachable(answer.code, answer.plain), now, this)
        if answer.answer is Answer.EARLY:
            return _rewind(row, answer, now, this)
        return _stop(row, answer, now, this)


def _delivered(row: Outgoing, now: datetime, this: _Round) -> _Next:
    Outgoing.objects.filter(pk=row.pk).update(delivered_at=now, waits_for="", attempts=F("attempts") + 1)
    # The peer answers again: what was put off for its silence need not wait any longer.
    Outgoing.objects.filter(delivered_at=None, waits_for="no_answer").update(
        next_attempt_at=now, waits_for=""
    )
    this.said.delivered += 1
    return _Next.SAME_STREAM


def _put_off(row: Outgoing, answer: Unreachable, now: datetime, this: _Round) -> _Next:
    wait = timedelta(seconds=wait_s(row.attempts, this.jitter()))
    Outgoing.objects.filter(pk=row.pk).update(
        attempts=F("attempts") + 1, next_attempt_at=now + wait, waits_for=answer.code[:20]
    )
    this.said.put_off += 1
    this.said.unreachable = answer.plain
    if answer.code == "transport_refused":
        report("transport_refused", now, {"code": answer.code, "plain": answer.plain})
    return _Next.NO_MORE if answer.code in PEER_WIDE else _Next.OTHER_STREAM


def _rewind(row: Outgoing, answer: Receipt, now: datetime, this: _Round) -> _Next:
    """Send again from the number the peer expects; it lost what it had confirmed, or the answer is nonsense."""
    missing = Outgoing.objects.filter(stream=row.stream, seq=answer.expects).first()
    if answer.expects is None or answer.expects >= row.seq or missing is None:
        return _put_off(
            row, Unreachable("answer_malformed", f"early, but expects {answer.expects}"), now, this
        )
    lost = Outgoing.objects.filter(stream=row.stream, seq__gte=answer.expects, seq__lt=row.seq)
    lost.update(delivered_at=None, next_attempt_at=now)
    detail = {"code": "peer_lost_acts", "stream": row.stream, "expects": answer.expects, "sent": row.seq}
    report("peer_lost_acts", now, detail | {"plain": f"{row.stream}: sending again from {answer.expects}"})
    Outgoing.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1)
    this.said.rewound += 1
    return _Next.OTHER_STREAM  # the next round begins this stream at what is missing


def _stop(row: Outgoing, answer: Receipt, now: datetime, this: _Round) -> _Next:
    code = answer.code or answer.answer.value
    Outgoing.objects.filter(pk=row.pk).update(stopped_code=code[:60], attempts=F("attempts") + 1)
    detail = {"code": code, "plain": answer.plain, "stream": row.stream, "seq": row.seq, "id": row.act.id}
    report("stream_stopped", now, detail)
    this.said.stopped += 1
    return _Next.OTHER_STREAM


def wait_s(attempts: int, jitter: float) -> float:
    """Seconds to wait after `attempts` failures before: 1 doubling to 300, of which a `jitter` share up to half is cut."""
    whole = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts, 12))
    return whole * (1 - 0.5 * jitter)
