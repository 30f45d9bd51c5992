"""What a draft would have done to a million past cases, as the laboratory reckons it: each shipped example beside its bare outcomes.

The whole of it is outcomes, groups, deciding provisions, work before each authority and the cases behind each number; the bare row counts
outcomes under the same versions and keeps nothing else. Histories are generated from the packs' assumed shares, once a flow and direction.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

from bench._stand import load_average
from twoparks.law.history import Sample, read_assumptions, write_history
from twoparks.law.replay import Past, replay
from twoparks.packs import FOLDER, load
from twoparks.pilots.drafts import zone_with
from twoparks.pilots.examples import Example, examples
from twoparks.pilots.impact import measure

ROWS, CROSSES = 1_000_000, "sz-hk"


def main() -> None:
    """Print seconds by the clock and of a core, for each example with its change and with its alternatives too."""
    head = f"{ROWS:,} generated cases, {CROSSES}"
    print(f"{head:<48}{'versions':>9}{'seconds':>9}{'of a core':>11}{'ratio':>7}")
    with tempfile.TemporaryDirectory(prefix="twoparks-bench-") as folder:
        for example in examples().values():
            if example.crosses in ("", CROSSES):
                table(example, Path(folder))
    print(load_average())


def table(example: Example, folder: Path) -> None:
    """One example over its history: drawing it, the impact, and the bare outcomes."""
    path = folder / f"{example.key}.parquet"
    assumed = read_assumptions(FOLDER, load(), example.flow)
    line(
        f"{example.key}: drawing the history",
        0,
        lambda: write_history(load(), assumed, CROSSES, Sample(ROWS, 1), path),
    )
    past = Past(example.flow, CROSSES, path)
    changes = [example.change, *example.alternatives]
    for number in sorted({1, len(changes)}):
        laws = [load().law, *(zone_with(text).law for text in changes[:number])]
        bare = line(f"{example.key}: outcomes alone", len(laws), lambda laws=laws: replay(laws, past))
        line(f"{example.key}: the whole of it", len(laws), lambda laws=laws: measure(laws, past, None), bare)


def line(name: str, versions: int, work: Callable[[], object], bare: float | None = None) -> float:
    """Do it once and say what it took, beside the bare row where there is one; returns the seconds of a core."""
    began, worked = perf_counter(), process_time()
    work()
    seconds, core = perf_counter() - began, process_time() - worked
    ratio = "" if bare is None else f"{core / bare:.1f}"
    print(f"{name:<48}{versions or '':>9}{seconds:>9.2f}{core:>11.2f}{ratio:>7}", flush=True)
    return core
