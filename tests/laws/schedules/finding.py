"""Which schedule finds each missing check: `python -m tests.laws.schedules.finding [NAME …]` searches again and prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import cache
from itertools import product

from tests.laws.schedules.checks import CHECKS
from tests.laws.schedules.days import DAYS, Day
from tests.laws.schedules.removing import Check, without
from tests.laws.schedules.running import play, quietly, stages
from tests.laws.schedules.wanted import NotRebuilt

TRIES = 1500


def finds(check: Check, seed: int, day: Day) -> bool:
    """Whether the schedule breaks without the check and holds with it.

    Of a check of several cuts any one put back must hold it too: each then stands behind the others, and none is idle.
    """
    return (
        _breaks(check, seed, day)
        and _holds(seed, day)
        and not any(_breaks(rest, seed, day) for rest in _mended(check))
    )


def search(check: Check) -> tuple[Day, int] | None:
    """The first schedule that finds the check gone, the kinds of days in turn; None when none of many does."""
    for seed, day in product(range(TRIES), DAYS):
        if finds(check, seed, day):
            return day, seed
    return None


def _breaks(check: Check, seed: int, day: Day) -> bool:
    with without(check):
        cause, _trace = play(seed, day)
    return cause is not None and not isinstance(cause, NotRebuilt)  # the stage was made by other code


@cache
def _holds(seed: int, day: Day) -> bool:
    return play(seed, day)[0] is None


def _mended(check: Check) -> Iterable[Check]:
    """The check with one of its several cuts put back, for each."""
    if len(check.cuts) > 1:
        for index in range(len(check.cuts)):
            yield Check(check.name, check.cuts[:index] + check.cuts[index + 1 :])


def main(names: list[str]) -> None:
    """Search for these checks, or all, and print each as the test's table wants it."""
    for check in CHECKS:
        if not check.spare and (not names or check.name in names):
            found = search(check)
            said = "nobody noticed" if found is None else f"{found[0].name}, {found[1]}"
            print(f"{check.name}: {said}", flush=True)


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    with quietly():
        stages()  # made with every check in place
        main(sys.argv[1:])
