"""Nothing crosses with one signature, ever: random schedules over the real outbox, inbox, permit actions and gates.

TWOPARKS_SEED and TWOPARKS_SCHEDULES choose which schedules; most are of days on which anything happens, some of the
other kinds (`schedules/days.py`). A failure prints the shortest one and how to play it again.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from tests.laws import soak
from tests.laws.schedules.running import quietly, run
from tests.laws.schedules.world import the_world

pytestmark = pytest.mark.one_database  # both nodes live in SQLite in memory here, whatever the suite runs on

BASE = int(os.environ.get("TWOPARKS_SEED", "20260801"))
SCHEDULES = int(os.environ.get("TWOPARKS_SCHEDULES", "2000"))
HALVES = 2  # so that two workers share the time


@pytest.mark.parametrize("half", range(HALVES))
def test_no_schedule_lets_anything_cross_that_both_parks_did_not_sign(
    half: int, django_db_blocker: Any
) -> None:
    seeds = range(BASE + half, BASE + SCHEDULES, HALVES)
    print(f"seeds {BASE} to {BASE + SCHEDULES - 1}, every {HALVES}nd from {BASE + half}")
    with django_db_blocker.unblock(), quietly():
        for seed in seeds:
            run(seed)
        print("\n".join(f"{count:>7}  {name}" for name, count in the_world().ran.most_common()))


@pytest.mark.soak
def test_a_million_schedules_let_nothing_cross_that_both_parks_did_not_sign() -> None:
    assert soak.main(BASE, int(os.environ.get("TWOPARKS_SCHEDULES", "1000000"))) == 0
