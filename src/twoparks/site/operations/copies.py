"""What a copy of a node consists of: its list of contents with checksums, and the databases' own ways to copy."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from twoparks.ledger.canonical import instant, read_instant

CONTENTS = "contents.json"
FORMAT = 1
SQLITE, POSTGRESQL = "database.sqlite3", "database.dump"
KEYS = "keys.sealed"
STORES = "gates"


class CopyRefused(RuntimeError):
    """A copy cannot be made or put back; the message says why and what to do."""


@dataclass(frozen=True)
class Contents:
    """What a copy says of itself. `files`: SHA-256 by path below the copy's folder."""

    format: int
    zone: str
    park: str
    made_at: str
    leaves: int
    root: str  # of the log as copied, hex
    keys: str  # "sealed" or "left out"
    files: dict[str, str]

    @property
    def copied_at(self) -> datetime:
        """When the copy was begun."""
        return read_instant(self.made_at)

    def write(self, folder: Path) -> None:
        """Put the list into the copy's folder."""
        (folder / CONTENTS).write_text(json.dumps(asdict(self), indent=1, sort_keys=True))

    @classmethod
    def read(cls, folder: Path) -> Contents:
        """The list of a copy whose files are all there and unchanged; raises CopyRefused."""
        try:
            found = cls(**json.loads((folder / CONTENTS).read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise CopyRefused(f"{folder} is not a copy of a node: {CONTENTS}: {error}") from error
        if found.format != FORMAT:
            raise CopyRefused(f"{folder} has format {found.format}; this program reads {FORMAT}")
        for name, digest in found.files.items():
            path = folder / name
            if not path.is_file() or digest_of(path) != digest:
                raise CopyRefused(
                    f"{path} is missing or was changed since the copy was made; use another copy"
                )
        return found


def now_text() -> str:
    """This instant as a copy writes it."""
    return instant(datetime.now(UTC).replace(microsecond=0))


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_database(folder: Path) -> Path:
    """A consistent copy of the database while the node runs; raises CopyRefused."""
    if connection.vendor == "sqlite":
        return copy_sqlite(_sqlite(), folder / SQLITE)
    target = folder / POSTGRESQL
    _postgresql("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    return target


def put_back_database(folder: Path) -> None:
    """Load a copy into the empty database of this node; raises CopyRefused."""
    name = SQLITE if connection.vendor == "sqlite" else POSTGRESQL
    if not (folder / name).exists():
        raise CopyRefused(
            f"the copy was made of another kind of database; this node uses {connection.vendor}"
        )
    if connection.introspection.table_names():
        raise CopyRefused(
            "this node's database is not empty; put a copy back into a fresh one and keep this one aside"
        )
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(f"file:{folder / name}?mode=ro", uri=True)) as source:
            source.backup(_sqlite())
    else:
        database = str(connection.settings_dict["NAME"])
        words = ("--exit-on-error", "--no-owner", "--no-privileges", "--single-transaction")
        _postgresql("pg_restore", *words, f"--dbname={database}", str(folder / name), named=False)
    connection.close() if connection.vendor == "postgresql" else None


def copy_sqlite(source: sqlite3.Connection, target: Path) -> Path:
    """A whole copy of an SQLite database in use, in one step, checked."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        (said,) = copy.execute("PRAGMA integrity_check").fetchone()
    if said != "ok":
        raise CopyRefused(f"{target.name}: the copy is damaged: {said}")
    target.chmod(0o600)
    return target


def _sqlite() -> sqlite3.Connection:
    connection.ensure_connection()
    raw: sqlite3.Connection = connection.connection
    return raw


def _postgresql(tool: str, *words: str, named: bool = True) -> None:
    """Run one of PostgreSQL's own tools on this node's database; the password goes by environment, not by words."""
    if shutil.which(tool) is None:
        raise CopyRefused(f"{tool} is missing (Debian: apt install postgresql-client)")
    said = connection.settings_dict
    where = [
        f"--host={said['HOST']}",
        f"--port={said['PORT'] or 5432}",
        f"--username={said['USER']}",
        "--no-password",
    ]
    target = [f"--dbname={said['NAME']}"] if named else []
    done = subprocess.run(
        [tool, *where, *target, *words],
        env={**os.environ, "PGPASSWORD": str(said["PASSWORD"])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CopyRefused(f"{tool} failed: {done.stderr.strip()[-800:]}")
