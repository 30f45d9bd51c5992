"""The databases of a two-node stage: in memory on SQLite, two of their own on PostgreSQL; filled and emptied fast."""

from __future__ import annotations

import atexit
import os
import pickle
import sqlite3
from functools import cache
from typing import Any, cast

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite
from psycopg.pq import TransactionStatus

MIGRATED = {"django_migrations", "django_content_type", "auth_permission"}  # the same in every dump
EMPTY_COPY_BYTES = 21  # header and trailer of a binary copy without rows


_idle: dict[str, list[PostgreSQL]] = {}  # connections left by a stage that was closed, by database


def open_database(park: str) -> BaseDatabaseWrapper:
    """A database for one node of the stage, on the engine the settings name. Empty on SQLite, as left on PostgreSQL."""
    settings: dict[str, Any] = {
        **connections.settings["default"],
        "CONN_MAX_AGE": None,
        "ATOMIC_REQUESTS": False,
    }
    if settings["ENGINE"].endswith("sqlite3"):
        return SQLite(
            {**settings, "NAME": ":memory:", "OPTIONS": {"transaction_mode": "IMMEDIATE"}}, alias="default"
        )
    left = _idle.setdefault(_created(park), [])
    return left.pop() if left else PostgreSQL({**settings, "NAME": _created(park)}, alias="default")


def dump(database: BaseDatabaseWrapper) -> bytes:
    """All that the database holds."""
    if database.vendor == "sqlite":
        return _sqlite(database).serialize()
    held: dict[str, list[bytes]] = {}
    with _psycopg(database).cursor() as cursor:
        for table in _tables(cursor):
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
                held[table] = [bytes(part) for part in copy]
        cursor.execute(
            "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
        )
        return pickle.dumps((held, cursor.fetchall()))


def fill(database: BaseDatabaseWrapper, content: bytes) -> None:
    """Make the database hold exactly `content`, a dump of one with the same tables."""
    if database.vendor == "sqlite":
        _sqlite(database).deserialize(content)
        return
    held, sequences = cast(
        "tuple[dict[str, list[bytes]], list[tuple[str, int, bool]]]", pickle.loads(content)
    )
    counted = ", ".join(f"setval('\"{name}\"', {last}, {called})" for name, last, called in sequences)
    with _psycopg(database).cursor() as cursor:
        emptied = "; ".join(f'DELETE FROM "{table}"' for table in held)
        cursor.execute(f"SET session_replication_role = replica; {emptied}; SELECT {counted}")
        for table, parts in held.items():
            if sum(map(len, parts)) > EMPTY_COPY_BYTES:
                with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as copy:
                    for part in parts:
                        copy.write(part)
        cursor.execute("SET session_replication_role = origin")


def close(database: BaseDatabaseWrapper) -> None:
    """Let go of it; a connection that nothing is left open on serves the next stage."""
    if isinstance(database, PostgreSQL) and _is_idle(database):
        _idle[database.settings_dict["NAME"]].append(database)
    elif database.vendor == "sqlite":
        _sqlite(database).close()
    else:
        database.close()


def _is_idle(database: PostgreSQL) -> bool:
    left = (database.in_atomic_block, database.run_on_commit, database.execute_wrappers)
    if any(left) or database.connection is None or database.connection.closed:
        return False
    return bool(database.connection.info.transaction_status == TransactionStatus.IDLE)


def _sqlite(database: BaseDatabaseWrapper) -> sqlite3.Connection:
    database.ensure_connection()
    return cast(sqlite3.Connection, database.connection)


def _psycopg(database: BaseDatabaseWrapper) -> psycopg.Connection[Any]:
    database.ensure_connection()
    return cast("psycopg.Connection[Any]", database.connection)


def _tables(cursor: psycopg.Cursor[Any]) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [row[0] for row in cursor.fetchall() if row[0] not in MIGRATED]


@cache
def _created(park: str) -> str:
    """A fresh database of this process, dropped at its end."""
    name = f"stage_{os.getpid()}_{park}"
    with _server() as server:
        server.execute(f'CREATE DATABASE "{name}"')
    atexit.register(_dropped, name)
    return name


def _dropped(name: str) -> None:
    with _server() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _server() -> psycopg.Connection[Any]:
    said = connections.settings["default"]
    return psycopg.connect(
        host=said["HOST"],
        port=said["PORT"],
        user=said["USER"],
        password=said["PASSWORD"],
        dbname="postgres",
        autocommit=True,
    )
