"""How many calls a caller may make: a pace for each, kept in one file that all processes of the node share.

The pace is a leaky bucket (GCRA): one number a caller, the moment at which its bucket would be empty. The file stands in the
node's home beside the database and is not synced to disk: losing it forgets counts, nothing else. Machines count for
themselves. Should the file not answer, calls go on uncounted and that is logged.
"""

from __future__ import annotations

import hmac
import logging
import math
import os
import sqlite3
import threading
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from twoparks.registry.node import this_node

WINDOW_S = 60
_FORGET_EVERY = 4096  # calls of one process between two clearings of callers long silent
_TABLE = "CREATE TABLE IF NOT EXISTS pace (who TEXT PRIMARY KEY, empty_at INTEGER NOT NULL) WITHOUT ROWID"
_TAKE = """
    INSERT INTO pace (who, empty_at) VALUES (:who, :now + :cost)
    ON CONFLICT (who) DO UPDATE SET empty_at = max(empty_at, :now) + :cost
    WHERE max(empty_at, :now) + :cost <= :now + :window
    RETURNING empty_at
"""
_told = logging.getLogger(__name__)
_open = threading.local()


@dataclass(frozen=True)
class Pace:
    """Where a caller stands: how many calls a minute it has, how many are left, in how many seconds all are back."""

    kind: str  # token, person or address
    limit: int
    left: int
    back_in_s: int
    wait_s: int = 0  # above 0: this call is one too many

    def headers(self) -> dict[str, str]:
        """RateLimit fields (draft-ietf-httpapi-ratelimit-headers), and Retry-After for a call too many."""
        said = {
            "RateLimit-Policy": f'"{self.kind}";q={self.limit};w={WINDOW_S}',
            "RateLimit": f'"{self.kind}";r={self.left};t={self.back_in_s}',
        }
        return {**said, "Retry-After": str(self.wait_s)} if self.wait_s else said


def take(kind: str, who: str, now: datetime) -> Pace | None:
    """Count one call of `who`; None when calls of that kind are not limited or the file does not answer."""
    limit = settings.TWOPARKS_CALLS_PER_MINUTE[kind]
    if not limit:
        return None
    try:
        return _take(kind, f"{kind}:{who}", limit, int(now.timestamp() * 1_000_000))
    except sqlite3.Error as error:
        _told.warning("calls are not counted: %s", error)
        return None


def address_of(request: HttpRequest) -> str:
    """A keyed digest of the caller's address, useless to a reader of the file; an IPv6 caller is its /64."""
    shown = request.META.get("REMOTE_ADDR", "")
    if settings.TWOPARKS_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        shown = hops[-settings.TWOPARKS_PROXIES] if len(hops) >= settings.TWOPARKS_PROXIES else shown
    try:
        address = ip_address(shown)
    except ValueError:
        address = ip_address("0.0.0.0")  # noqa: S104  # nobody listens there: a name for callers without address
    raw = address.packed[:8] if isinstance(address, IPv6Address) else address.packed
    return hmac.new(settings.SECRET_KEY.encode(), b"address:" + raw, sha256).hexdigest()[:24]


def _take(kind: str, who: str, limit: int, now: int) -> Pace:
    window, cost = WINDOW_S * 1_000_000, WINDOW_S * 1_000_000 // limit
    file = _file()
    row = file.execute(_TAKE, {"who": who, "now": now, "cost": cost, "window": window}).fetchone()
    if row is None:
        (empty_at,) = file.execute("SELECT empty_at FROM pace WHERE who = ?", (who,)).fetchone() or (now,)
        wait = math.ceil((empty_at + cost - now - window) / 1_000_000)
        return Pace(kind, limit, 0, math.ceil((empty_at - now) / 1_000_000), max(1, wait))
    _forget(file, now)
    return Pace(kind, limit, (now + window - row[0]) // cost, math.ceil((row[0] - now) / 1_000_000))


def _forget(file: sqlite3.Connection, now: int) -> None:
    """A caller whose bucket is empty stands where one stands who never called."""
    _open.taken = getattr(_open, "taken", 0) + 1
    if _open.taken % _FORGET_EVERY == 1:
        file.execute("DELETE FROM pace WHERE empty_at < ?", (now,))


def _file() -> sqlite3.Connection:
    """This thread's connection to the file of the node it acts for."""
    path: Path = this_node().home / "calls.sqlite3"
    if getattr(_open, "of", None) != (os.getpid(), path):
        if (old := getattr(_open, "file", None)) is not None:
            old.close()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = sqlite3.connect(path, timeout=1, isolation_level=None)
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = OFF")
        file.execute(_TABLE)
        _open.of, _open.file = (os.getpid(), path), file
    found: sqlite3.Connection = _open.file
    return found
