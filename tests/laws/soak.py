"""Schedules for hours, over several sittings: `python -m tests.laws.soak [--since SEED] [--until SEED] [--folder …]`.

Every core plays, at low priority. What was played stands in `done.jsonl` of the folder, a line a chunk of seeds; a
sitting begins after what is there and may be stopped at any time. `--sum` tells how far all sittings came.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

SINCE, HOW_MANY, CHUNK = 20260801, 1_000_000, 100
LOWEST_PRIORITY = 19


@dataclass(frozen=True)
class Played:
    """Seeds from `first` up to `end`, all of which held; of which commit, in how many seconds of a core."""

    first: int
    end: int
    cpu_s: float
    commit: str


def main(words: Sequence[str] = ()) -> int:
    """Play what is left of the seeds; 0 when all hold or the sitting is stopped, 1 at the first that fails, its story printed."""
    asked = _asked(words)
    done = read(asked.folder)
    print(told(done, asked.since, asked.until), flush=True)
    left = list(chunks(unplayed(done, asked.since, asked.until)))
    if asked.sum or not left:
        return 0
    asked.folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with multiprocessing.get_context("spawn").Pool(asked.processes, _begin) as pool:
        try:
            return _sit(asked, pool.imap_unordered(_play, left))
        except KeyboardInterrupt:
            print("\nstopped; the next sitting goes on from here", flush=True)
            return 0


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.laws.soak")
    parser.add_argument("--since", type=int, default=SINCE, metavar="SEED", help="the first seed")
    parser.add_argument("--until", type=int, metavar="SEED", help="the seed to end before")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="how many at once")
    parser.add_argument("--folder", type=Path, default=Path(".soak"), help="where the sittings are kept")
    parser.add_argument("--sum", action="store_true", help="only tell how far it is")
    asked = parser.parse_args(words)
    asked.until = asked.until or asked.since + HOW_MANY
    return asked


def _sit(asked: argparse.Namespace, answers: Iterable[tuple[int, int, float, str]]) -> int:
    began, here, commit = time.monotonic(), 0, _commit()
    left = sum(end - first for first, end in unplayed(read(asked.folder), asked.since, asked.until))
    for first, end, cpu_s, failure in answers:
        if failure:
            print(failure, flush=True)
            return 1
        _write(asked.folder, Played(first, end, round(cpu_s, 1), commit))
        here += end - first
        rate = here / (time.monotonic() - began)
        hours = (left - here) / rate / 3600
        print(f"{here:>9} in this sitting, {rate:.1f} a second, {hours:.1f} hours left", flush=True)
    return 0


# --- what was played --------------------------------------------------------------------------------------------


def read(folder: Path) -> list[Played]:
    """The chunks of all sittings; a line cut off by a power failure counts for nothing."""
    path, found = folder / "done.jsonl", []
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            found.append(Played(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def unplayed(done: Iterable[Played], since: int, until: int) -> list[tuple[int, int]]:
    """The stretches of seeds between `since` and `until` that no sitting has played."""
    left, at = [], since
    for first, end in sorted((one.first, one.end) for one in done):
        if first > at:
            left.append((at, min(first, until)))
        at = max(at, end)
        if at >= until:
            break
    if at < until:
        left.append((at, until))
    return [(first, end) for first, end in left if first < end]


def told(done: Sequence[Played], since: int, until: int) -> str:
    """How far all sittings came, and how fast a core was in them."""
    left = sum(end - first for first, end in unplayed(done, since, until))
    played, cpu_s = sum(one.end - one.first for one in done), sum(one.cpu_s for one in done)
    rate = f", {played / cpu_s:.1f} a second of a core" if cpu_s else ""
    commits = len({one.commit for one in done})
    return (
        f"{until - since - left} of {until - since} schedules held{rate}, at {commits} commits; {left} left"
    )


def chunks(stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The stretches in pieces that one process plays at a time."""
    for since, until in stretches:
        for first in range(since, until, CHUNK):
            yield first, min(first + CHUNK, until)


def _write(folder: Path, played: Played) -> None:
    with (folder / "done.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(played)) + "\n")


def _commit() -> str:
    words = ["git", "describe", "--always", "--dirty"]
    said = subprocess.run(words, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return said.stdout.strip()


# --- playing ----------------------------------------------------------------------------------------------------


def _begin() -> None:
    import django

    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole group; the first process ends the rest
    os.nice(LOWEST_PRIORITY)
    with suppress(OSError):  # where Linux weighs whole sessions before the processes in them
        Path("/proc/self/autogroup").write_text(str(LOWEST_PRIORITY))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    logging.disable(logging.CRITICAL)


def _play(seeds: tuple[int, int]) -> tuple[int, int, float, str]:
    from tests.laws.schedules.running import Failed, run, stages

    stages()
    began = time.process_time()
    for seed in range(*seeds):
        try:
            run(seed)
        except Failed as failed:
            return *seeds, 0.0, str(failed)
    return *seeds, time.process_time() - began, ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
