"""A node with a million crossings. The rows are generated: written straight into the lists' tables, not played by anybody.

Their shape is that of the demonstration; what a detail page reads is the one permit that was really played.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from django.db import connection, models
from tests.story import Story

CROSSINGS_A_PERMIT = 10
BESIDE = 5  # acts, deliveries and gate events: for every so many crossings one
WORDS = ("serum", "plasma", "tissue", "enzyme", "vector", "reagent", "sensor", "optics", "battery", "lidar")


def fill(story: Story, count: int, now: datetime) -> None:
    """Write `count` crossings, a permit for every ten, and a fifth as many acts, deliveries and gate events."""
    from twoparks.crossings.models import CrossingRow, GateEvent
    from twoparks.federation.models import Act, Outgoing
    from twoparks.lists.models import SearchText
    from twoparks.permits.models import PermitRow

    people = _organisations()
    permits = max(1, count // CROSSINGS_A_PERMIT)
    _write(PermitRow, (_permit(n, people, now) for n in range(permits)))
    _write(SearchText, (_words(n) for n in range(permits)))
    _write(CrossingRow, (_crossing(n, people, now) for n in range(count)))
    first = Act.objects.order_by("-number").values_list("number", flat=True).first() or 0
    beside = count // BESIDE
    _write(Act, (_act(first + 1 + n, n, now) for n in range(beside)))
    _write(Outgoing, (_outgoing(first + 1 + n, n, now) for n in range(beside)))
    _write(GateEvent, (_event(n, now) for n in range(beside)))
    with connection.cursor() as cursor:
        cursor.execute(
            "VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE"
        )  # as it is by itself


def _organisations() -> list[tuple[str, Any]]:
    from twoparks.registry.models import Organisation

    return list(Organisation.objects.values_list("id", "name"))


def _when(n: int, now: datetime) -> datetime:
    """Forty thousand crossings a day, the newest a few minutes ago."""
    return now - timedelta(seconds=300 + n * 86_400 / 40_000)


def _name(n: int) -> str:
    return f"sz-p-{n:012x}"


def _permit(n: int, people: list[tuple[str, Any]], now: datetime) -> dict[str, Any]:
    at = _when(n * CROSSINGS_A_PERMIT, now)
    (sender, sender_name), (recipient, recipient_name) = (
        people[n % len(people)],
        people[(n + 7) % len(people)],
    )
    status = (
        ("completed", "completed", "completed", "in_force", "in_review")[n % 5] if n < 1000 else "completed"
    )
    return {
        "id": _name(n),
        "status": status,
        "terms": None,
        "expires_at": None,
        "sender": sender,
        "recipient": recipient,
        "sender_name": sender_name,
        "recipient_name": recipient_name,
        "declared_at": at - timedelta(days=3),
        "changed_at": at,
        "waits_here": "authority" if status == "in_review" else "",
    }


def _words(n: int) -> dict[str, Any]:
    from twoparks.permits import finding

    said = f" {_name(n)} {WORDS[n % len(WORDS)]} {WORDS[n // 10 % len(WORDS)]} lot{n}"
    return {"kind": finding.KIND, "key": _name(n), "search": said}


def _crossing(n: int, people: list[tuple[str, Any]], now: datetime) -> dict[str, Any]:
    permit, at = n // CROSSINGS_A_PERMIT, _when(n, now)
    (sender, sender_name), (recipient, recipient_name) = (
        people[permit % len(people)],
        people[(permit + 7) % len(people)],
    )
    departed, short = n < 200, n % 5000 == 1
    return {
        "id": f"{_name(permit)}-x{n % CROSSINGS_A_PERMIT + 1}",
        "permit": _name(permit),
        "version": 1,
        "crosses": "sz-hk" if n % 2 else "hk-sz",
        "state": "departed" if departed else "short" if short else "reconciled",
        "late_at": at + timedelta(hours=2) if departed else None,
        "first_at": at,
        "exit_at": at,
        "entry_at": None if departed else at + timedelta(minutes=20),
        "exit_group": "sz-huanggang-exit",
        "entry_group": "" if departed else "hk-lokmachau-entry",
        "sender": sender,
        "recipient": recipient,
        "sender_name": sender_name,
        "recipient_name": recipient_name,
        "open_code": "short" if short and n % 3 == 0 else "",
        "owner": "sz" if short and n % 3 == 0 else "",
        "recorded": "short" if short else "",
    }


def _act(number: int, n: int, now: datetime) -> dict[str, Any]:
    """An erased act: its row and commitment stand, its body is gone."""
    return {
        "number": number,
        "id": f"sz-a-{n:020x}",
        "kind": "crossing.passed",
        "park": "sz",
        "stream": _name(n // CROSSINGS_A_PERMIT),
        "seq": 100 + n % CROSSINGS_A_PERMIT,
        "at": _when(n, now),
        "digest": f"{n:064x}",
        "envelope": None,
        "salt": None,
        "commitment": n.to_bytes(32, "big"),
        "leaf_index": number - 1,
        "recorded_at": _when(n, now),
    }


def _outgoing(number: int, n: int, now: datetime) -> dict[str, Any]:
    at = _when(n, now)
    return {
        "act_id": number,
        "stream": _name(n // CROSSINGS_A_PERMIT),
        "seq": 100 + n % CROSSINGS_A_PERMIT,
        "attempts": 1,
        "next_attempt_at": at,
        "delivered_at": at,
        "waits_for": "",
        "stopped_code": "",
    }


def _event(n: int, now: datetime) -> dict[str, Any]:
    at = _when(n, now)
    return {
        "gate": "sz-huanggang-exit-a",
        "kid": "generated",
        "number": n + 1,
        "kind": "gate.passed",
        "permit": _name(n // CROSSINGS_A_PERMIT),
        "codes": [],
        "at": at,
        "taken_at": at,
        "envelope": b"generated",
        "waits": False,
    }


def _write(model: type[models.Model], rows: Iterator[dict[str, Any]]) -> None:
    """The rows, as fast as the database takes them."""
    played = model._default_manager.order_by(
        "pk"
    ).first()  # what is not said of a generated row is as in this one
    first = next(rows)
    numbered = isinstance(model._meta.pk, models.AutoField)
    fields = {
        f.column: f
        for f in model._meta.concrete_fields
        if not (f.primary_key and numbered and f.attname not in first)
    }
    base = {f.attname: getattr(played, f.attname) for f in fields.values()}
    order = [f.attname for f in fields.values()]

    def prepared() -> Iterator[tuple[Any, ...]]:
        json_at = {i for i, f in enumerate(fields.values()) if isinstance(f, models.JSONField)}
        for row in chain([first], rows):
            yield _tuple(base | row, order, json_at)

    table, columns = model._meta.db_table, ", ".join(f'"{name}"' for name in fields)
    if connection.vendor == "postgresql":
        _copy(f"COPY {table} ({columns}) FROM STDIN", prepared())
    else:
        _insert(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(order))})", prepared())


def _tuple(row: dict[str, Any], order: list[str], json_at: set[int]) -> tuple[Any, ...]:
    return tuple(
        json.dumps(row[name], ensure_ascii=False) if i in json_at and row[name] is not None else row[name]
        for i, name in enumerate(order)
    )


def _copy(sql: str, rows: Iterator[tuple[Any, ...]]) -> None:
    connection.ensure_connection()
    with connection.connection.cursor() as cursor, cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)


def _insert(sql: str, rows: Iterator[tuple[Any, ...]]) -> None:
    """Durability is switched off while generating, and on again before anything is measured."""
    connection.ensure_connection()
    raw = connection.connection
    raw.execute("PRAGMA synchronous=OFF")
    raw.execute("BEGIN")
    raw.executemany(sql, (tuple(map(_plain, row)) for row in rows))
    raw.execute("COMMIT")
    raw.execute("PRAGMA synchronous=FULL")


def _plain(value: Any) -> Any:
    return (
        value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
        if isinstance(value, datetime)
        else value
    )
