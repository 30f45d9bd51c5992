"""`/health/live` and `/health/ready`: whether this process runs, and whether the node can do its work. No personal data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import Error as DatabaseFault
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from twoparks.federation import queries as federation
from twoparks.federation.keys import OWN_PURPOSES, node_keys, peer_trust
from twoparks.federation.worker import HEARTBEAT_S
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.registry.zone import zone

WORKER_SILENT_S = 12 * HEARTBEAT_S
PEER_SILENT_S = 300
State = Literal["good", "late", "failed"]  # late: work goes on and will catch up; failed: it does not


@dataclass(frozen=True)
class Check:
    """One thing looked at; `age_s` where it is an age."""

    name: str
    state: State
    code: str = ""
    age_s: float | None = None

    def as_json(self) -> dict[str, object]:
        """What there is to say of it."""
        said = {"name": self.name, "state": self.state, "code": self.code, "age_s": self.age_s}
        return {name: value for name, value in said.items() if value not in ("", None)}


@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is looked at."""
    return _answer({"status": "live"}, 200)


@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    """200 `ready` or `late`, 503 `failed`, with every check made and the reasons."""
    checks = list(look(timezone.now()))
    states = {check.state for check in checks}
    status = "failed" if "failed" in states else "late" if "late" in states else "ready"
    reasons = [check.code for check in checks if check.code]
    said = {"status": status, "reasons": reasons, "checks": [check.as_json() for check in checks]}
    return _answer(said, 503 if status == "failed" else 200)


def look(now: datetime) -> Iterator[Check]:
    """Every check; after a database that does not answer only what needs none."""
    try:
        behind = _migrations_missing()
    except DatabaseFault:
        yield Check("database", "failed", "database_unreachable")
        yield _keys()
        return
    yield Check("database", "good")
    if behind:
        yield Check("migrations", "failed", "migrations_missing")
        yield _keys()
        return
    yield Check("migrations", "good")
    yield _keys()
    yield _peer_trusted()
    seen, outbox = federation.last_seen(), federation.queue()
    yield _age("worker", seen.worker_at, now, (WORKER_SILENT_S, "failed", "worker_silent"))
    late = zone().timing.checkpoint_cosign_grace_s
    oldest = now if outbox.oldest_waiting_at is None else outbox.oldest_waiting_at
    yield _age("outbox", oldest, now, (late, "late", "outbox_waits"))
    yield _age("peer", seen.peer_at, now, (PEER_SILENT_S, "late", "peer_silent"))
    if federation.restoring() is not None:
        yield Check("restored", "failed", "not_caught_up")
    if outbox.stopped:
        yield Check("streams", "late", "streams_stopped")


def _age(name: str, since: datetime | None, now: datetime, limit: tuple[float, State, str]) -> Check:
    most, state, code = limit
    if since is None:
        return Check(name, state, code)
    age = max(0.0, (now - since).total_seconds())
    return Check(name, "good", age_s=age) if age <= most else Check(name, state, code, age)


def _migrations_missing() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _keys() -> Check:
    return _readable("keys", _read_keys, "failed", "keys_unreadable")


def _peer_trusted() -> Check:
    return _readable("trust", peer_trust, "late", "peer_not_trusted")


def _readable(name: str, read: Callable[[], object], state: State, code: str) -> Check:
    try:
        read()
    except (LedgerRefusal, OSError, DatabaseFault):
        return Check(name, state, code)
    return Check(name, "good")


def _read_keys() -> None:
    keys = node_keys()
    for purpose in OWN_PURPOSES:
        keys.signer(purpose)


def _answer(said: dict[str, object], status: int) -> HttpResponse:
    return JsonResponse(said, status=status, headers={"Cache-Control": "no-store"})
