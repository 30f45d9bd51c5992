"""Every check earns its place: without any one of them some schedule of the law next door breaks.

`FOUND_BY` names, for each, a schedule that finds it; when a schedule changes, others are searched. A check that
nothing finds must say in the table which other one stands behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.laws.schedules.checks import CHECKS
from tests.laws.schedules.removing import Check, still_there, without
from tests.laws.schedules.running import play, quietly, stages
from tests.laws.schedules.wanted import NotRebuilt

pytestmark = pytest.mark.one_database  # both nodes live in SQLite in memory here, whatever the suite runs on

TRIES = 1500
FOUND_BY: Mapping[str, int] = {}
NEEDED = [check for check in CHECKS if not check.spare]


@pytest.mark.parametrize("check", NEEDED, ids=lambda check: check.name)
def test_without_this_check_a_schedule_breaks_that_holds_with_it(
    check: Check, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock(), quietly():
        stages()  # made with every check in place
        for seed in (FOUND_BY.get(check.name, 0), *range(TRIES)):
            with without(check):
                broken, _trace = play(seed)
            if broken is not None and not isinstance(broken, NotRebuilt):  # the stage was made by other code
                assert play(seed)[0] is None
                return
    pytest.fail(f"nobody noticed in {TRIES} schedules that this was gone: {check.name}")


@pytest.mark.parametrize("check", [c for c in CHECKS if c.spare], ids=lambda check: check.name)
def test_a_check_with_another_behind_it_is_still_there(check: Check) -> None:
    assert still_there(check)
