"""The node's background work, one loop: deliver, fetch, sign and cosign checkpoints, and what other apps ask for."""

from __future__ import annotations

import logging
import random
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import close_old_connections, transaction
from django.utils import timezone

from twoparks.federation import log, published
from twoparks.federation.actions import beat, report, take_trust
from twoparks.federation.catching_up import catch_up
from twoparks.federation.delivery import Jitter, Report, deliver_due
from twoparks.federation.keys import PEER_TRUST, PeerUnknown
from twoparks.federation.transport import Transport, Unreachable
from twoparks.federation.types import Refused
from twoparks.federation.witness import (
    Asking,
    cosign_peer,
    read_consistency,
    read_frontier,
    sign_checkpoint,
)
from twoparks.ledger.refusal import LedgerRefusal

LOOP_S = 0.5
HEARTBEAT_S = 5.0
WORKER = "worker"
TRUST_S, FETCH_S, CHECKPOINT_S = 10.0, 30.0, 10.0

_told = logging.getLogger(__name__)
DutyFunction = Callable[[datetime], None]


@dataclass(frozen=True)
class Duty:
    """Something done every so often; an exception is logged and the next turn tries again."""

    name: str
    every_s: float
    function: DutyFunction


_duties: dict[str, Duty] = {}


def register_duty(name: str, every_s: float, function: DutyFunction) -> None:
    """Have the worker call `function(now)` every `every_s` seconds, first at its start; one duty a name."""
    _duties[name] = Duty(name, every_s, function)


@dataclass
class Worker:
    """The background work of `this_node()` over one transport."""

    transport: Transport
    jitter: Jitter = random.random
    _next_at: dict[str, datetime] = field(default_factory=dict)
    _silence: str = ""

    def tick(self, now: datetime) -> Report:
        """Do everything that is due; never raises for one part of it."""
        restoring = not log.caught_up()
        for duty in self._restoring_duties() if restoring else (*self._own_duties(), *_duties.values()):
            if now >= self._next_at.get(duty.name, now):
                self._next_at[duty.name] = now + timedelta(seconds=duty.every_s)
                self._do(duty, now)
        said = Report()
        if restoring:
            return said

        def deliver(at: datetime) -> None:
            nonlocal said
            said = deliver_due(self.transport, at, self.jitter)

        self._do(Duty("deliver", 0, deliver), now)
        return said

    def run(self, stop: threading.Event) -> None:
        """Tick until `stop` is set; the tick under way is finished first."""
        while not stop.is_set():
            close_old_connections()
            self.tick(timezone.now())
            stop.wait(LOOP_S)

    def _restoring_duties(self) -> tuple[Duty, ...]:
        """All that is done while the node, put back from a copy, has not caught up."""
        return (
            Duty("heartbeat", HEARTBEAT_S, lambda now: beat(WORKER, now)),
            Duty("trust", TRUST_S, self._trust),
            Duty("catching up", TRUST_S, self._catch_up),
        )

    def _catch_up(self, now: datetime) -> None:
        found = catch_up(self.transport, now)
        if not found.done:
            _told.warning("put back from a copy, not caught up: %s", found.plain)

    def _own_duties(self) -> tuple[Duty, ...]:
        return (
            Duty("heartbeat", HEARTBEAT_S, lambda now: beat(WORKER, now)),
            Duty("trust", TRUST_S, self._trust),
            Duty("checkpoint", CHECKPOINT_S, self._checkpoint),
            Duty("fetch", FETCH_S, self._fetch),
        )

    def _do(self, duty: Duty, now: datetime) -> None:
        try:
            duty.function(now)
        except PeerUnknown as unknown:
            _told.info("%s waits: %s", duty.name, unknown.plain)
        except Exception:  # one broken duty must not stop delivery
            _told.exception("%s failed; it is tried again at its next turn", duty.name)

    def _trust(self, now: datetime) -> None:
        offered = self.transport.fetch(PEER_TRUST, now)
        self._tell_silence(offered.plain if isinstance(offered, Unreachable) else "")
        if not isinstance(offered, Unreachable):
            take_trust(offered, now)

    def _tell_silence(self, why: str) -> None:
        """Say once that the other park does not answer, and once that it answers again."""
        if why and not self._silence:
            _told.warning("the other park does not answer: %s", why)
        elif self._silence and not why:
            _told.info("the other park answers again")
        self._silence = why

    def _checkpoint(self, now: datetime) -> None:
        sign_checkpoint(now)
        offered = self.transport.fetch("checkpoint", now)
        if isinstance(offered, Unreachable):
            return
        ask = Asking(lambda old, new: self._proof(old, new, now), lambda size: self._frontier(size, now))
        cosigned = cosign_peer(offered.decode("utf-8", "replace"), ask, now)
        if cosigned is not None:
            self.transport.cosignature(cosigned, now)

    def _proof(self, old: int, new: int, now: datetime) -> list[bytes] | None:
        document = self.transport.fetch(f"consistency?from={old}&to={new}", now)
        return None if isinstance(document, Unreachable) else read_consistency(document, old, new)

    def _frontier(self, size: int, now: datetime) -> list[bytes] | None:
        document = self.transport.fetch(f"frontier?size={size}", now)
        return None if isinstance(document, Unreachable) else read_frontier(document, size)

    def _fetch(self, now: datetime) -> None:
        for name, function in published.subscriptions().items():
            document = self.transport.fetch(name, now)
            if isinstance(document, Unreachable):
                continue
            try:
                with transaction.atomic():
                    function(document, now)
            except (Refused, LedgerRefusal) as refused:
                code, plain = refused.code, str(refused)
                report("document_refused", now, {"code": code, "plain": plain, "name": name})


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM or Ctrl-C sets."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
