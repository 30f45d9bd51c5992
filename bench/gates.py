"""A gate's event, durable before the light turns green: the group's own store, and the node that takes events over.

The store is one SQLite file with full synchronisation. Beside it stands what a user would do without it, in the same run:
the bare signature and row committed one by one, and the same rows in one commit, which no light could wait for.
Then the node: events handed over in batches, each recorded as an act of its log, on both databases.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from time import perf_counter

from bench._stand import load_average, on_both_databases, percentile, seconds, two_parks, vendor
from twoparks.ledger.envelope import seal
from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.passes.uses import SqliteUseStore, Use

ALONE, LATER = 15, 300  # events taken over one by one, at first and after so many
EVENTS, TURNS = 200, 5
LANES = 4
BATCH = 50
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
EVENT = {
    "kind": "gate.passed",
    "permit": "sz-p-7kq2m9xd",
    "version": 1,
    "codes": [],
    "observed": {"items": [], "seal": None, "inspection": None},
}


def main() -> None:
    """The store here, the node on both databases."""
    with tempfile.TemporaryDirectory(prefix="twoparks-bench-") as folder:
        _store(Path(folder))
    on_both_databases("bench.gates")


def _store(folder: Path) -> None:
    key = KeyPair.generate(KeyPurpose.GATE, "sz", NOW)
    print(f"\na gate group's store, {EVENTS} counted uses, the best of {TURNS} turns; {load_average()}")
    print(f"{'way':<44}{'events/s':>10}{'p99 ms':>9}{'ratio':>8}")
    ways: dict[str, Callable[[Path], tuple[float, float]]] = {
        "the store, one lane": lambda path: _uses(path, key, 1),
        f"the store, {LANES} lanes": lambda path: _uses(path, key, LANES),
        "signed row, committed one by one, unchecked": lambda path: _rows(path, key, EVENTS),
        "signed rows, all in one commit": lambda path: _rows(path, key, 1),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(TURNS):  # taking turns, so that what else the disk does falls on all of them
        for number, (name, run) in enumerate(ways.items()):
            found[name].append(run(folder / f"{turn}-{number}.sqlite3"))
    store = max(found["the store, one lane"])[0]
    for name, runs in found.items():
        rate, wait = max(runs)
        print(f"{name:<44}{rate:>10.0f}{wait:>9.1f}{rate / store:>8.2f}")


def _uses(path: Path, key: KeyPair, lanes: int) -> tuple[float, float]:
    """Counted uses of one group by so many lanes at once: events a second, and the wait of the slowest in a hundred."""
    waits: list[float] = []

    def lane(number: int) -> None:
        store = SqliteUseStore(path, f"gate-{number}", key)
        for n in range(EVENTS // lanes):
            permit, began = f"sz-p-{number}-{n}", perf_counter()
            store.consume(Use(f"{number}-{n}", permit, 1, "exit:1-2", 1), EVENT | {"permit": permit})
            waits.append((perf_counter() - began) * 1000)
        store.close()

    SqliteUseStore(path, "gate-0", key).close()
    threads = [threading.Thread(target=lane, args=(number,)) for number in range(lanes)]
    began = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(waits) / (perf_counter() - began), percentile(waits, 0.99)


def _rows(path: Path, key: KeyPair, commits: int) -> tuple[float, float]:
    """Signed rows without looking whether a use is left, in so many commits."""
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE event (n INTEGER PRIMARY KEY, e BLOB)"
    )
    waits, numbers, began = [], count(1), perf_counter()
    for _ in range(commits):
        start = perf_counter()
        db.execute("BEGIN IMMEDIATE")
        for _ in range(EVENTS // commits):
            n = next(numbers)
            db.execute("INSERT INTO event VALUES (?, ?)", (n, seal({**EVENT, "n": n, "park": "sz"}, key).raw))
        db.execute("COMMIT")
        waits.append((perf_counter() - start) * 1000)
    return EVENTS / (perf_counter() - began), percentile(waits, 0.99)


def child() -> None:
    """Events of a real gate, taken over by the node of this process."""
    stage = two_parks()
    from tests.story import EXIT, LABELS, Story

    from twoparks.crossings import bundles
    from twoparks.crossings.actions import take_gate_events
    from twoparks.crossings.device import Seen

    story = Story(stage)  # type: ignore[arg-type]  # it asks nothing of the pair that a stage has not
    code = _standing(story)
    story.sync(EXIT)
    with stage.at("sz"):
        device = bundles.device(EXIT)
    seen = Seen(code, LABELS, {1: 0})
    scans = [seconds(lambda: device.scan(seen, stage.now)) * 1000 for _ in range(LATER + BATCH + 2 * ALONE)]
    first, last = percentile(scans[:ALONE], 0.5), percentile(scans[-ALONE:], 0.5)
    print(
        f"\n{vendor()}: {load_average()}; a whole scan {first:.1f} ms, after {len(scans)} of the permit {last:.1f} ms"
    )
    with stage.at("sz"):
        events = iter([event.envelope for event in device.events_after(0)])

        def take(many: int) -> float:
            return seconds(lambda: take_gate_events(EXIT, islice(events, many), stage.now))

        print(f"events/s taken over by the node, {BATCH} a transaction: {BATCH / take(BATCH):.0f}", end="")
        alone = percentile([take(1) * 1000 for _ in range(ALONE)], 0.5)
        rest = LATER / BATCH - 1
        print(f", later {BATCH * rest / sum(take(BATCH) for _ in range(int(rest))):.0f}")
        late = percentile([take(1) * 1000 for _ in range(ALONE)], 0.5)
        print(
            f"one event alone: {alone:.1f} ms after {BATCH} passages of its permit, {late:.1f} ms after {LATER}"
        )


def _standing(story: object) -> str:
    """The code of a permit whose uses are not counted."""
    from tests.story import Story

    assert isinstance(story, Story)
    permit = story.declare({**story.example(), "uses": None})
    for park in ("sz", "hk"):
        story.grant_all(park, permit)
        story.clear(park, permit)
        story.nodes.settle()
    return story.code("sz", permit)


if __name__ == "__main__" and sys.argv[1:] == ["child"]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twoparks.site.settings")
    child()
