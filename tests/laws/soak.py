"""The schedules for hours: `python -m tests.laws.soak [FIRST [HOW_MANY]]`, on every core, until one fails or all are done."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator

CHUNK = 200


def main(first: int, how_many: int) -> int:
    """Play that many schedules on all cores, tell how far it is; 1 at the first that fails, its story printed."""
    began, done = time.monotonic(), 0
    chunks = list(_chunks(first, how_many))
    with multiprocessing.get_context("spawn").Pool(os.cpu_count(), _begin) as pool:
        for count, failure in pool.imap_unordered(_play, chunks):
            done += count
            if failure:
                print(failure, flush=True)
                return 1
            rate = done / (time.monotonic() - began)
            print(f"{done:>9} of {how_many} schedules, {rate:.0f} a second", flush=True)
    return 0


def _chunks(first: int, how_many: int) -> Iterator[tuple[int, int]]:
    for start in range(first, first + how_many, CHUNK):
        yield start, min(start + CHUNK, first + how_many)


def _begin() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    logging.disable(logging.CRITICAL)


def _play(seeds: tuple[int, int]) -> tuple[int, str]:
    from tests.laws.schedules.running import Failed, run

    for seed in range(*seeds):
        try:
            run(seed)
        except Failed as failed:
            return seed - seeds[0] + 1, str(failed)
    return seeds[1] - seeds[0], ""


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(numbers + [20260801, 1_000_000][len(numbers) :])))
