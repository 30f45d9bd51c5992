"""Where a measurement stands: a process of its own on a throw-away SQLite file, and one inside a throw-away PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twoparks.site.demonstration.stage import Stage

PARKS = ("sz", "hk")
FOLDER = "TWOPARKS_BENCH_FOLDER"


def on_both_databases(module: str) -> None:
    """Run `python -m MODULE child` on SQLite, then on PostgreSQL with its usual durability; says so when there is none."""
    for tool in ([], ["pg_virtualenv"]):
        if tool and shutil.which(tool[0]) is None:
            print("PostgreSQL: pg_virtualenv is missing (Debian: apt install postgresql postgresql-common)")
            continue
        with tempfile.TemporaryDirectory(prefix="twoparks-bench-") as folder:
            url = "postgresql://$PGUSER:$PGPASSWORD@$PGHOST:$PGPORT/postgres" if tool else ""
            said = f'TWOPARKS_DATABASE_URL="{url}" exec "{sys.executable}" -m {module} child'
            env = {**os.environ, FOLDER: folder, "TWOPARKS_LOG_LEVEL": "ERROR"}
            env |= {"TWOPARKS_PARK": "sz", "TWOPARKS_HOME": f"{folder}/home", "TWOPARKS_SECRET_KEY": "bench"}
            env |= {"TWOPARKS_WAIVE_SECOND_FACTOR": "1"}  # its sign-in is no part of a read
            env |= {"DJANGO_SETTINGS_MODULE": "twoparks.site.settings"}
            words, quiet = [*tool, "sh", "-c", said], subprocess.PIPE
            done = subprocess.run(words, env=env, check=False, stderr=quiet, text=True)
            if done.returncode != 0:
                print(f"{module}: failed\n{done.stderr[-3000:]}", file=sys.stderr)


def two_parks() -> Stage:
    """Both parks with their small demonstration, each on a database file (or PostgreSQL database) of its own."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    from twoparks.site.demonstration import load
    from twoparks.site.demonstration.stage import Side, Stage, introduce, nodes_in

    folder, now = Path(os.environ[FOLDER]), datetime.now(UTC).replace(microsecond=0)
    sides = {park: Side(node, _database(park, folder)) for park, node in nodes_in(folder / "homes").items()}
    introduce(sides, now - timedelta(days=1))
    stage = Stage(sides, now)
    for park in PARKS:
        with stage.at(park):
            load(now)
    stage.exchange_documents()
    return stage


def _database(park: str, folder: Path) -> Any:
    """The wrapper of one node's database, with the settings users run."""
    from django.db import connections
    from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
    from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite

    said = {**connections.settings["default"], "CONN_MAX_AGE": None, "ATOMIC_REQUESTS": False}
    if said["ENGINE"].endswith("sqlite3"):
        return SQLite({**said, "NAME": str(folder / f"{park}.sqlite3")}, alias="default")
    import psycopg

    with psycopg.connect(os.environ["TWOPARKS_DATABASE_URL"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE bench_{park}")
    return PostgreSQL({**said, "NAME": f"bench_{park}"}, alias="default")


def vendor() -> str:
    """The database of the node stood on, as a table names it."""
    from django.db import connection

    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]


def seconds(run: Callable[[], object]) -> float:
    """How long one call takes."""
    began = perf_counter()
    run()
    return perf_counter() - began


def percentile(values: list[float], share: float) -> float:
    """The value below which that share lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def load_average() -> str:
    """How busy the machine is, to stand beside every table."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


@contextmanager
def quietly() -> Iterator[None]:
    """What the house prints meanwhile is not part of a table."""
    before = sys.stdout
    sys.stdout = sys.stderr
    try:
        yield
    finally:
        sys.stdout = before
