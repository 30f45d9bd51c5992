"""Acts from park to park: recorded, signed, logged, delivered, verified, logged again, on both databases.

Over real HTTP on this machine: the receiving park is a web server of its own, the sender this process. Beside it, in the
same run, the bare request to the same server: what remains is the price of signatures, checks and two durable logs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from time import perf_counter
from typing import TYPE_CHECKING

import httpx

from bench._stand import FOLDER, load_average, on_both_databases, two_parks, vendor

if TYPE_CHECKING:
    from twoparks.site.demonstration.stage import Stage

ACTS = 100
PORT = 8171
KIND = "permit.withdrawn"


def main() -> None:
    """Measure on both databases."""
    on_both_databases("bench.federation")


def child() -> None:
    """Measure on the database of this process."""
    stage = two_parks()
    from twoparks.federation.delivery import deliver_due
    from twoparks.registry.node import stand_on

    streams = [declared(stage, n) for n in range(ACTS)]
    server = serve(stage)
    try:
        await_server()
        bare = rate(lambda: [httpx_client.get(f"http://127.0.0.1:{PORT}/health/live") for _ in range(ACTS)])
        with stage.at("sz") as node:
            from dataclasses import replace

            from twoparks.federation.transport import HttpTransport

            here = replace(node, peer_url=f"http://localhost:{PORT}")
            with stand_on(here):
                began = perf_counter()
                said = deliver_due(HttpTransport(), stage.now)
                delivered = said.delivered / (perf_counter() - began)
    finally:
        server.terminate()
        server.wait()
    print(
        f"\n{vendor()}: {load_average()}; {len(streams)} declarations, {said.delivered} acts delivered, {said.left} left"
    )
    print(f"{'bare requests, one after the other':<44}{bare:>8.0f}/s{1.0:>8.2f}")
    print(f"{'acts delivered park to park':<44}{delivered:>8.0f}/s{delivered / bare:>8.2f}")
    print(f"{'acts recorded here, one transaction each':<44}{recorded(stage):>8.0f}/s")


httpx_client = httpx.Client()


def rate(run: object) -> float:
    """Things done a second."""
    assert callable(run)
    began = perf_counter()
    run()
    return ACTS / (perf_counter() - began)


def declared(stage: Stage, n: int) -> str:
    """One declaration at the sending park; it waits in the outbox."""
    from tests.story import Story

    from twoparks.permits import actions

    story = Story(stage)  # type: ignore[arg-type]  # it asks nothing of the pair that a stage has not
    with stage.at("sz"):
        return str(actions.declare(story.user("sz-lab"), story.example(), stage.now))


def recorded(stage: Stage) -> float:
    """Acts of this park alone, each signed, logged and committed durably."""
    from django.db import transaction

    from twoparks.federation.actions import record
    from twoparks.federation.types import SYSTEM, NewAct, StreamId

    body = {"size": 0, "continues_at": 0, "brought_back": 0, "not_taken": 0}
    with stage.at("sz"):

        def run() -> None:
            for _ in range(ACTS):
                with transaction.atomic():
                    record(NewAct("log.restored", StreamId("sz-bench"), body, SYSTEM), stage.now)

        return rate(run)


def serve(stage: Stage) -> subprocess.Popen[bytes]:
    """The receiving park as users run it: granian over its own database and home."""
    folder, said = os.environ[FOLDER], dict(os.environ)
    said |= {
        "TWOPARKS_PARK": "hk",
        "TWOPARKS_HOME": f"{folder}/homes/hk",
        "TWOPARKS_ORIGIN": f"http://localhost:{PORT}",
    }
    if url := os.environ.get("TWOPARKS_DATABASE_URL"):
        said["TWOPARKS_DATABASE_URL"] = url.rsplit("/", 1)[0] + "/bench_hk"
    else:
        os.symlink(f"{folder}/hk.sqlite3", f"{folder}/homes/hk/db.sqlite3")
    words = [
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(PORT),
        "--workers",
        "2",
        "--no-ws",
        "--no-log",
    ]
    app = "twoparks.site.wsgi:application"
    return subprocess.Popen(
        [sys.executable, "-m", "granian", *words, app], env=said, stdout=subprocess.DEVNULL
    )


def await_server() -> None:
    """Wait until it answers; raises RuntimeError after a minute."""
    until = perf_counter() + 60
    while perf_counter() < until:
        try:
            if httpx_client.get(f"http://127.0.0.1:{PORT}/health/live").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise RuntimeError(f"the receiving park does not answer on port {PORT}")


if __name__ == "__main__" and sys.argv[1:] == ["child"]:
    child()
