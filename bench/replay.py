"""Ten million past cases decided anew: bit planes, SQL, one at a time, whole arrays, and other engines.

The cases are a fictitious history of the packs' own shares, a million different ones gone over ten times. Every way gives the outcome over
both banks and counts in how many cases each provision holds; all that can be compared agree before they are timed. What is too slow for ten
million is timed on fewer and projected. Then the whole way from a Parquet file, and what memory that takes.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import duckdb
import numpy as np

from bench._arrays import Arrays
from bench._stand import load_average
from twoparks.law.answer import Outcome
from twoparks.law.block import Block
from twoparks.law.compiled import Compiled
from twoparks.law.history import Sample, read_assumptions, write_history
from twoparks.law.kleene import TRUE
from twoparks.law.parquet import Chunk
from twoparks.law.planes import Plan
from twoparks.law.replay import Past
from twoparks.law.sql import HOLDS, Cases, select
from twoparks.law.tally import BLOCK, Read, Scan, Tally, wanting
from twoparks.law.zone import Zone
from twoparks.packs import FOLDER, load

ROWS, TIMES = 1_000_000, 10


class Rate(NamedTuple):
    """Cases a second: by the clock, and of each second a core worked for it."""

    wall: float
    core: float


CROSSES, DAY = "sz-hk", date(2026, 9, 1)
FEW = 5_000


def main() -> None:
    """Print the tables; `python -m bench.replay child FLOW FILE` is what the last of them measures."""
    zone = load()
    with tempfile.TemporaryDirectory(prefix="twoparks-bench-") as folder:
        for flow in ("materials", "data"):
            path = Path(folder) / f"{flow}.parquet"
            write_history(zone, read_assumptions(FOLDER, zone, flow), CROSSES, Sample(ROWS, 1), path)
            table(zone, flow, path)
        others(zone)
        files(zone, Path(folder))
    print(load_average())


def table(zone: Zone, flow: str, path: Path) -> None:
    """Each way over the same cases, by the law of one day."""
    compiled = zone.compiled(flow, CROSSES, DAY)
    plan = Plan(compiled)
    whole, blocks = loaded(zone, flow, path, plan)
    arrays = Arrays(compiled, whole)
    agree(plan, blocks, arrays)
    nodes = len(plan.order)
    print(f"\n{flow} {CROSSES}, law of {DAY}: {len(plan.fired)} deciding provisions, {nodes} terms")
    print(f"{'million cases a second':<66}{'clock':>9}{'a core':>9}{'ratio':>9}")
    ways: list[tuple[str, Rate]] = [
        ("bit planes, one process", rate(lambda: planes(plan, blocks), ROWS)),
        ("bit planes, two processes", in_two(plan, blocks)),
        ("OpenFisca-style NumPy, whole arrays", rate(lambda: whole_arrays(arrays), ROWS)),
        ("DuckDB, its table in memory", rate(in_duckdb(compiled, path), ROWS)),
        (
            f"one at a time, outcome and provisions (projected from {FEW:,})",
            rate(one_by_one(zone, compiled, flow, path), FEW),
        ),
    ]
    for name, found in ways:
        ratio = found.core / ways[0][1].core
        print(f"{name:<66}{found.wall / 1e6:>9.3f}{found.core / 1e6:>9.3f}{ratio:>9.4f}")


def rate(run: Callable[[], object], cases: int) -> Rate:
    """The best of three runs and more, until two seconds are over."""
    walls, works, until = [], [], perf_counter() + 2
    while len(walls) < 3 or perf_counter() < until:
        wall, work = perf_counter(), process_time()
        run()
        walls.append(perf_counter() - wall)
        works.append(process_time() - work)
    return Rate(cases / min(walls), cases / min(works))


def loaded(zone: Zone, flow: str, path: Path, plan: Plan) -> tuple[Chunk, list[Block]]:
    """All cases as one chunk of arrays, and as blocks."""
    with Scan([zone.law], Past(flow, CROSSES, path), ()) as scan:
        chunks = list(scan.file.chunks(wanting([(plan,)], scan.specs)))
        facts = {}
        for name, first in chunks[0].facts.items():
            raws = [chunk.facts[name] for chunk in chunks]
            members = {word: np.concatenate([raw.members[word] for raw in raws]) for word in first.members}
            state = (
                None
                if first.state is None
                else np.concatenate([raw.state for raw in raws if raw.state is not None])
            )
            facts[name] = first._replace(
                cells=np.concatenate([raw.cells for raw in raws]), state=state, members=members
            )
        rows, days = (
            np.concatenate(list(parts)) for parts in zip(*((c.rows, c.days) for c in chunks), strict=True)
        )
        whole = Chunk(rows, days, facts, None, len(rows))
        cuts = range(0, len(rows), BLOCK)
        return whole, [whole.block(scan.specs, slice(at, at + BLOCK)) for at in cuts]


def planes(plan: Plan, blocks: Sequence[Block]) -> Tally:
    """Decide and count all blocks."""
    tally = Tally(1, lambda place: ())
    for block in blocks:
        tally.add(Read(block, (plan.decide(block),), np.empty(0, np.int64), None))
    return tally


def in_two(plan: Plan, blocks: Sequence[Block]) -> Rate:
    """Two processes, each going over all blocks five times."""
    context = multiprocessing.get_context("fork")
    gate, works = context.Barrier(3), context.Array("d", 2)

    def work(at: int) -> None:
        planes(plan, blocks)
        gate.wait()
        began = process_time()
        for _ in range(TIMES // 2):
            planes(plan, blocks)
        works[at] = process_time() - began

    both = [context.Process(target=work, args=(at,)) for at in range(2)]
    for process in both:
        process.start()
    gate.wait()
    began = perf_counter()
    for process in both:
        process.join()
    return Rate(ROWS * TIMES / (perf_counter() - began), ROWS * TIMES / sum(works))


def whole_arrays(arrays: Arrays) -> tuple[object, object]:
    """Decide and count by whole arrays."""
    rank, fired = arrays.run()
    return np.bincount(rank), {name: int(np.count_nonzero(cells)) for name, cells in fired.items()}


def agree(plan: Plan, blocks: Sequence[Block], arrays: Arrays) -> None:
    """AssertionError unless planes and arrays count alike what is not unknown."""
    told = planes(plan, blocks).told(False)
    counts = {outcomes[0]: number for outcomes, number in told.counts.items()}
    rank, _ = arrays.run()
    known = np.bincount(rank, minlength=4).tolist()
    loose = counts.get("unknown", 0)
    for place, name in enumerate(("clear", "conditional", "refer", "forbidden")):
        assert counts.get(name, 0) <= known[place] <= counts.get(name, 0) + loose, (name, counts, known)


def in_duckdb(compiled: Compiled, path: Path) -> Callable[[], object]:
    """Outcome and provisions counted by one SELECT."""
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE past AS SELECT * FROM '{path}'")
    columns = frozenset(name for name, *_ in connection.execute("DESCRIBE past").fetchall())
    names = [f"{HOLDS}{rule.provision.id}" for rule in compiled.reading.rules if rule.provision.decides]
    counts = ", ".join(f'count_if("{name}")' for name in names)
    outcomes = ", ".join(f"count_if(outcome = '{outcome}')" for outcome in Outcome)
    text = select(compiled, Cases("past", columns))
    return lambda: connection.execute(f"SELECT {outcomes}, {counts} FROM ({text})").fetchall()


def one_by_one(zone: Zone, compiled: Compiled, flow: str, path: Path) -> Callable[[], object]:
    """The generated Python over cases already read; their outcomes and provisions, no lines written."""
    from twoparks.law.compiled import Question
    from twoparks.law.facts import read
    from twoparks.law.outcome import Weighing

    found = duckdb.execute(f"SELECT * FROM '{path}' LIMIT {FEW}")
    names = [name for name, *_ in found.description or ()]
    specs, questions = zone.facts_of(flow), []
    for row in found.fetchall():
        stated = {n: v for n, v in zip(names, row, strict=True) if n in specs and v is not None}
        values = {"held": frozenset(), "sought": frozenset(), **read(stated, specs)[0]}
        questions.append(Question(values, "both", DAY, CROSSES))
    places = [(rule.provision.id, compiled.place[rule.holds]) for rule in compiled.reading.rules]

    def run() -> None:
        outcomes: Counter[str] = Counter()
        fired: Counter[str] = Counter()
        for question in questions:
            states = compiled.evaluate(question.values)
            outcomes[Weighing(compiled, question, states).settle().outcome] += 1
            fired.update(name for name, at in places if states[at] == TRUE)

    return run


def others(zone: Zone) -> None:
    """zen and Cedar, from one data case asked again and again."""
    try:
        from bench import _engines
        from bench.law import least_us
    except ImportError as error:
        print(f"other engines not compared: {error}; pip install twoparks[bench]")
        return
    print("\nother engines on one data case, outcome and provisions, projected; million cases a second")
    for engine in _engines.compared(zone):
        if engine.name.startswith(("this", "zen", "cedar")):
            microseconds = least_us(engine.decide, calls=100) + least_us(engine.trace, calls=50)
            print(f"{engine.name:<66}{1 / microseconds:>9.4f}")


def files(zone: Zone, folder: Path) -> None:
    """The whole way from Parquet: two versions, counted by a column; seconds and the most memory it took."""
    print(
        f"\n{'from Parquet, two versions by sender_kind':<34}{'rows':>12}{'seconds':>9}{'of a core':>11}{'peak MB':>9}"
    )
    for flow, rows in (("materials", ROWS), ("data", ROWS), ("materials", ROWS * TIMES)):
        path = folder / f"{flow}-{rows}.parquet"
        write_history(zone, read_assumptions(FOLDER, zone, flow), CROSSES, Sample(rows, 1), path)
        words = [sys.executable, "-m", "bench.replay", "child", flow, str(path)]
        told = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        print(f"{flow:<34}{rows:>12,}{told['seconds']:>9.2f}{told['core']:>11.2f}{told['peak_mb']:>9}")
        path.unlink()


def child(flow: str, path: str) -> None:
    """One replay in a process of its own."""
    from dataclasses import replace

    from twoparks.law.replay import replay

    law = load().law
    other = replace(
        law, digest="another", provisions=tuple(p for p in law.provisions if p.effect.kind != "exempt")
    )
    began, worked = perf_counter(), process_time()
    replay([law, other], Past(flow, CROSSES, Path(path)), ("sender_kind",))
    seconds, core = perf_counter() - began, process_time() - worked
    # Not getrusage: there a process begins with the peak of the one that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
    print(json.dumps({"seconds": seconds, "core": core, "peak_mb": peak}))


if __name__ == "__main__" and sys.argv[1:2] == ["child"]:
    child(*sys.argv[2:])
