"""Pages and API with a million crossings (generated rows), on both databases: time to answer and queries asked.

Asked of the application itself in this process, middleware and templates included, without a network; 95th percentile
of READS readings after one that is not counted. TWOPARKS_BENCH_CROSSINGS changes the number of rows.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from typing import Any

from bench._stand import load_average, on_both_databases, percentile, seconds, two_parks, vendor

READS = 20
CROSSINGS = int(os.environ.get("TWOPARKS_BENCH_CROSSINGS", "1000000"))
PAGES = (
    ("", "/"),
    ("sz-officer", "/work/"),
    ("sz-officer", "/permits/"),
    ("sz-officer", "/permits/?q=serum"),
    ("sz-officer", "/permits/?q=lot4711"),
    ("sz-lab", "/permits/"),
    ("sz-officer", "/permits/{permit}/"),
    ("sz-officer", "/crossings/"),
    ("sz-lab", "/crossings/"),
    ("sz-lab", "/crossings/?q=serum"),
    ("sz-nhc", "/crossings/"),
    ("sz-officer", "/crossings/?discrepancy=open"),
    ("sz-officer", "/crossings/?state=overdue"),
    ("sz-officer", "/crossings/{crossing}/"),
    ("sz-officer", "/gate/"),
    ("sz-officer", "/gate/sz-huanggang-exit-a/"),
    ("sz-officer", "/gate/events/"),
    ("sz-officer", "/gate/events/?q=serum"),
    ("sz-auditor", "/ledger/"),
    ("sz-officer", "/api/permits"),
    ("sz-officer", "/api/crossings"),
    ("sz-auditor", "/api/ledger"),
    ("", "/health/ready"),
    ("", "/metrics"),
)


def main() -> None:
    """Measure on both databases."""
    on_both_databases("bench.reads")


def child() -> None:
    """Measure on the database of this process."""
    stage = two_parks()  # Django is set up by it
    from tests.story import Story

    story = Story(stage)  # type: ignore[arg-type]  # it asks nothing of the pair that a stage has not
    permit = story.in_force()
    story.cross(permit)
    with stage.at("sz"):
        from bench._million import fill

        took = seconds(lambda: fill(story, CROSSINGS, stage.now))
        print(
            f"\n{vendor()}, {CROSSINGS:,} crossings generated in {took:.0f} s; milliseconds; {load_average()}",
            flush=True,
        )
        print(f"{'page':<34}{'reader':<12}{'queries':>8}{'median':>9}{'p95':>9}")
        names = {"permit": str(permit), "crossing": f"{permit}-x1"}
        for person, address in PAGES:
            print(row(person, address.format(**names)), flush=True)


def row(person: str, address: str) -> str:
    """One line of the table."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from twoparks.registry.models import User

    client = Client(HTTP_HOST="localhost")
    if person:
        client.force_login(User.objects.get(username=person))
    turn = count()

    def ask() -> Any:
        next(turn)
        answer = client.get(address)
        b"".join(answer.streaming_content) if answer.streaming else answer.content
        return answer

    with CaptureQueriesContext(connection) as asked:
        first = ask()
    queries = len(asked)  # later requests empty the connection's own list
    if first.status_code not in (200, 503):
        return f"{address[:33]:<34}{person or 'anybody':<12}{first.status_code:>8}  {first.headers.get('Location', '')}"
    times = [seconds(ask) * 1000 for _ in range(READS)]
    middle, slow = percentile(times, 0.5), percentile(times, 0.95)
    return f"{address[:33]:<34}{person or 'anybody':<12}{queries:>8}{middle:>9.1f}{slow:>9.1f}"


if __name__ == "__main__" and sys.argv[1:] == ["child"]:
    child()
