"""Nothing crosses with one signature, ever: random schedules over the real outbox, inbox, permit actions and gates.

TWOPARKS_SEED and TWOPARKS_SCHEDULES choose which schedules; most are of days on which anything happens, some of the
other kinds (`schedules/days.py`). A failure prints the shortest one and how to play it again. `soak.py` plays a million.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from tests.laws.schedules.running import quietly, run
from tests.laws.schedules.world import the_world

pytestmark = pytest.mark.one_database  # both nodes live in SQLite in memory here, whatever the suite runs on

BASE = int(os.environ.get("TWOPARKS_SEED", "20260801"))
SCHEDULES = int(os.environ.get("TWOPARKS_SCHEDULES", "1200"))
PARTS = 8  # so that workers share the time


@pytest.mark.parametrize("part", range(PARTS))
def test_no_schedule_lets_anything_cross_that_both_parks_did_not_sign(
    part: int, django_db_blocker: Any
) -> None:
    seeds = range(BASE + part, BASE + SCHEDULES, PARTS)
    print(f"seeds {BASE} to {BASE + SCHEDULES - 1}, every {PARTS}th from {BASE + part}")
    with django_db_blocker.unblock(), quietly():
        for seed in seeds:
            run(seed)
        print("\n".join(f"{count:>7}  {name}" for name, count in the_world().ran.most_common()))
