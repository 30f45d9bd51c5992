"""Counted use: taking a use from a permit and writing the gate's signed event are one transaction.

One gate group has one store; its lanes share it. Each gate numbers its own events without gap, signs them and
chains each to the one before.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from twoparks.ledger.canonical import JsonObject, base64url
from twoparks.ledger.envelope import read_envelope, seal
from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.passes.refusal import refuse

BUSY_TIMEOUT_S, PAUSE_S = 5.0, 0.005
PUT_BACK = "put_back"  # a file beside a store that was put back from a copy: uses since taken are not in it
_SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    gate TEXT NOT NULL, n INTEGER NOT NULL, envelope BLOB NOT NULL, digest BLOB NOT NULL,
    PRIMARY KEY (gate, n)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS used (
    use_id TEXT PRIMARY KEY, permit TEXT NOT NULL, version INTEGER NOT NULL, leg TEXT NOT NULL,
    gate TEXT NOT NULL, n INTEGER NOT NULL, FOREIGN KEY (gate, n) REFERENCES event) STRICT;
CREATE INDEX IF NOT EXISTS used_by_permit ON used (permit, leg);
CREATE TABLE IF NOT EXISTS holder_step (
    permit TEXT NOT NULL, step INTEGER NOT NULL, use_id TEXT NOT NULL,
    PRIMARY KEY (permit, step)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS carried (
    permit TEXT NOT NULL, leg TEXT NOT NULL, line INTEGER NOT NULL, quantity INTEGER NOT NULL,
    PRIMARY KEY (permit, leg, line)) STRICT, WITHOUT ROWID;
"""
PASSAGES = -1  # the line of `carried` under which passages themselves are counted


@dataclass(frozen=True)
class Use:
    """One passage about to be taken. `use_id` is the lane's name for this presentation; `allowed` 0 is not counted.

    `taking` are the quantities carried, by line; `limits` those the terms allow, all passages on the leg together
    (None: no limit).
    """

    use_id: str
    permit: str
    version: int
    leg: str
    allowed: int
    holder_step: int | None = None
    taking: Mapping[int, int] = field(default_factory=dict)
    limits: Mapping[int, int] | None = None


@dataclass(frozen=True)
class GateEvent:
    """One numbered, signed event of a gate; `envelope` are the exact bytes."""

    gate: str
    n: int
    envelope: bytes


@dataclass(frozen=True)
class Consumed:
    """The use is taken and its event written; `repeated` when this very presentation had been recorded before."""

    event: GateEvent
    repeated: bool


@dataclass(frozen=True)
class AlreadyUsed:
    """Nothing left, too little left, or the holder's step was shown before; `events` are the earlier passages."""

    reason: str  # already_used, quantity_exceeds, holder_replayed
    events: tuple[GateEvent, ...]


class StoreUnreachable(OSError):
    """The group's store cannot be read or written now; nothing was taken, the answer is the counter."""


class UseStore(Protocol):
    """The durable memory of one gate group, as one of its gates holds it; every call may raise StoreUnreachable."""

    def earlier(self, permit: str, leg: str) -> tuple[GateEvent, ...]:
        """The passages of a permit on a leg, oldest first, whatever its version."""
        ...

    def carried(self, permit: str, leg: str) -> Counter[int]:
        """Quantities by line that all passages of a permit on a leg took through."""
        ...

    def consume(self, use: Use, event: Mapping[str, Any]) -> Consumed | AlreadyUsed:
        """Take the use and write the event, both or neither; the same `use_id` again answers as before."""
        ...

    def record(self, event: Mapping[str, Any]) -> GateEvent:
        """Write an event that takes no use (refused, referred)."""
        ...

    def taken(self, use_id: str) -> GateEvent | None:
        """The event of a presentation already admitted, or None."""
        ...

    def events_after(self, n: int) -> list[GateEvent]:
        """This gate's events numbered above `n`, in order."""
        ...


class SqliteUseStore:
    """A use store in one SQLite file; a handle belongs to one thread of one gate."""

    def __init__(self, path: Path, gate: str, key: KeyPair) -> None:
        if key.public.purpose is not KeyPurpose.GATE:
            raise refuse(
                "key_other_purpose", f"{key!r} cannot sign gate events; enrol the gate with its own key"
            )
        self.gate = gate
        self._key = key
        self._put_back = path.with_name(PUT_BACK).exists()
        with _reaching():
            self._db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S)
            _write_ahead(self._db)
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def earlier(self, permit: str, leg: str) -> tuple[GateEvent, ...]:
        """The passages of a permit on a leg, oldest first, whatever its version."""
        with _reaching():
            rows = self._db.execute(
                "SELECT e.gate, e.n, e.envelope FROM used u JOIN event e ON (e.gate, e.n) = (u.gate, u.n)"
                " WHERE u.permit = ? AND u.leg = ? ORDER BY u.rowid",
                (permit, leg),
            ).fetchall()
        return tuple(GateEvent(*row) for row in rows)

    def carried(self, permit: str, leg: str) -> Counter[int]:
        """Quantities by line that all passages of a permit on a leg took through; the sums kept, or the events added up."""
        with _reaching():
            sums = self._sums(permit, leg)
        return carried(self.earlier(permit, leg)) if sums is None else sums

    def taken(self, use_id: str) -> GateEvent | None:
        """The event of a presentation already admitted, or None."""
        with _reaching():
            row = self._db.execute(
                "SELECT e.gate, e.n, e.envelope FROM used u JOIN event e ON (e.gate, e.n) = (u.gate, u.n)"
                " WHERE u.use_id = ?",
                (use_id,),
            ).fetchone()
        return None if row is None else GateEvent(*row)

    def consume(self, use: Use, event: Mapping[str, Any]) -> Consumed | AlreadyUsed:
        """Take the use and write the event, both or neither; the same `use_id` again answers as before.

        Raises PassRefused (`use_id_taken`) when the id was used for another permit or leg, and StoreUnreachable for a
        counted use while the store is one put back from a copy: nobody here knows what was used since.
        """
        if self._put_back and (use.allowed or use.limits):
            raise StoreUnreachable("the group's store was put back from a copy and not reopened since")
        with self._transaction():
            row = self._db.execute("SELECT permit, leg FROM used WHERE use_id = ?", (use.use_id,)).fetchone()
            if row is not None:
                return self._again(use, row)
            sums = None if use.limits is None else self.carried(use.permit, use.leg)
            refused = self._refusal(use, sums)
            if refused is not None:
                return refused
            written = self._append({**event, "use_id": use.use_id})
            self._db.execute(
                "INSERT INTO used VALUES (?, ?, ?, ?, ?, ?)",
                (use.use_id, use.permit, use.version, use.leg, written.gate, written.n),
            )
            if sums is not None:
                self._add_up(use, sums)
            if use.holder_step is not None:
                self._db.execute(
                    "INSERT INTO holder_step VALUES (?, ?, ?)", (use.permit, use.holder_step, use.use_id)
                )
            return Consumed(written, repeated=False)

    def record(self, event: Mapping[str, Any]) -> GateEvent:
        """Write an event that takes no use (refused, referred)."""
        with self._transaction():
            return self._append(event)

    def events_after(self, n: int) -> list[GateEvent]:
        """This gate's events numbered above `n`, in order."""
        with _reaching():
            rows = self._db.execute(
                "SELECT gate, n, envelope FROM event WHERE gate = ? AND n > ? ORDER BY n", (self.gate, n)
            ).fetchall()
        return [GateEvent(*row) for row in rows]

    def _again(self, use: Use, row: tuple[str, str]) -> Consumed:
        if row != (use.permit, use.leg):
            raise refuse(
                "use_id_taken", f"use id {use.use_id} stands for permit {row[0]} on {row[1]}; make a new one"
            )
        event = self.taken(use.use_id)
        assert event is not None, "foreign key: a use has its event"
        return Consumed(event, repeated=True)

    def _sums(self, permit: str, leg: str) -> Counter[int] | None:
        """The sums kept, or None where they are not those of every passage: a store written before sums were kept."""
        where = (permit, leg)
        rows = self._db.execute("SELECT line, quantity FROM carried WHERE permit = ? AND leg = ?", where)
        sums = Counter(dict(rows.fetchall()))
        return sums if sums.pop(PASSAGES, 0) == self._passages(permit, leg) else None

    def _passages(self, permit: str, leg: str) -> int:
        where = (permit, leg)
        found = self._db.execute("SELECT count(*) FROM used WHERE permit = ? AND leg = ?", where).fetchone()
        return int(found[0])

    def _add_up(self, use: Use, before: Counter[int]) -> None:
        """Keep the sums with the passage just written; `before` are those without it."""
        sums = {**before, PASSAGES: self._passages(use.permit, use.leg)}
        for line, quantity in use.taking.items():
            sums[line] = sums.get(line, 0) + quantity
        self._db.executemany(
            "INSERT OR REPLACE INTO carried VALUES (?, ?, ?, ?)",
            [(use.permit, use.leg, line, quantity) for line, quantity in sums.items()],
        )

    def _refusal(self, use: Use, sums: Counter[int] | None) -> AlreadyUsed | None:
        if use.holder_step is not None:
            shown = self._db.execute(
                "SELECT use_id FROM holder_step WHERE permit = ? AND step = ?", (use.permit, use.holder_step)
            ).fetchone()
            if shown is not None:
                event = self.taken(shown[0])
                return AlreadyUsed("holder_replayed", () if event is None else (event,))
        if use.allowed and self._passages(use.permit, use.leg) >= use.allowed:
            return AlreadyUsed("already_used", self.earlier(use.permit, use.leg))
        if use.limits is not None and _exceeds(use, sums or {}, use.limits):
            return AlreadyUsed("quantity_exceeds", self.earlier(use.permit, use.leg))
        return None

    def _append(self, event: Mapping[str, Any]) -> GateEvent:
        last = self._db.execute(
            "SELECT n, digest FROM event WHERE gate = ? ORDER BY n DESC LIMIT 1", (self.gate,)
        ).fetchone()
        n, prev = (1, None) if last is None else (last[0] + 1, base64url(last[1]))
        act: JsonObject = {**event, "gate": self.gate, "park": self._key.public.park, "n": n, "prev": prev}
        raw = seal(act, self._key).raw
        self._db.execute(
            "INSERT INTO event VALUES (?, ?, ?, ?)", (self.gate, n, raw, hashlib.sha256(raw).digest())
        )
        return GateEvent(self.gate, n, raw)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _reaching():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def carried(events: Iterable[GateEvent]) -> Counter[int]:
    """Quantities by line that these passages took through, as their gates observed them."""
    found: Counter[int] = Counter()
    for event in events:
        for row in read_envelope(event.envelope).act["observed"].get("items", ()):
            found[row["line"]] += row["quantity"]
    return found


def _exceeds(use: Use, before: Mapping[int, int], limits: Mapping[int, int]) -> bool:
    return any(
        before.get(line, 0) + quantity > limits.get(line, 0)
        for line, quantity in use.taking.items()
        if quantity
    )


def _write_ahead(db: sqlite3.Connection) -> None:
    """Switch the file to write-ahead logging; SQLite refuses that at once, without waiting, while another lane opens it."""
    until = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(PAUSE_S)
        else:
            return


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StoreUnreachable(f"the gate group's store does not answer: {error}") from error
