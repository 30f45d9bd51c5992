"""Days on each bank, from movements alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from twoparks.crossings.days import Bounds, Days, Moved, days, ended_months, months, unsure

ZONES = {"north": "Asia/Shanghai", "south": "Asia/Hong_Kong"}
THERE = ZoneInfo("Asia/Shanghai")


def moment(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of January 2026 in the zone."""
    return datetime(2026, 1, day, hour, minute, tzinfo=THERE)


def out(day: int, hour: int, sure: bool = True) -> Moved:
    """Leaves the north then, reaches the south half an hour later."""
    return Moved("north", "south", moment(day, hour), moment(day, hour, 30), sure)


def back(day: int, hour: int, sure: bool = True) -> Moved:
    """The way back."""
    return Moved("south", "north", moment(day, hour), moment(day, hour, 30), sure)


def counted(movements: list[Moved], now: datetime) -> dict[str, tuple[int, int]]:
    """Present and partial days by park."""
    found = days(movements, "north", ZONES, now)
    return {d.park: (d.present, d.partial) for d in found}


def test_who_stays_at_home_is_there_every_whole_day() -> None:
    assert counted([], moment(11)) == {"north": (10, 0), "south": (0, 0)}


def test_a_same_day_commuter_counts_no_whole_day_that_day() -> None:
    assert counted([out(5, 8), back(5, 18)], moment(11)) == {"north": (10, 1), "south": (1, 1)}


def test_a_night_away_begins_two_days_there() -> None:
    assert counted([out(5, 8), back(6, 18)], moment(11)) == {"north": (10, 2), "south": (2, 2)}


def test_whole_days_away_are_whole_days_there() -> None:
    assert counted([out(5, 8), back(8, 18)], moment(11)) == {"north": (8, 2), "south": (4, 2)}


def test_the_day_of_counting_is_begun_and_not_whole() -> None:
    assert counted([], moment(11, 9)) == {"north": (11, 1), "south": (0, 0)}


def test_order_of_knowing_does_not_matter() -> None:
    known = [out(5, 8), back(5, 18), out(6, 8), back(6, 18)]
    assert counted(known[::-1], moment(11)) == counted(known, moment(11))


def test_a_stay_over_new_year_counts_in_the_year_it_is_in() -> None:
    before = Moved(
        "north", "south", moment(1) - timedelta(days=3), moment(1) - timedelta(days=2, hours=23), True
    )
    assert counted([before, back(2, 12)], moment(4)) == {"north": (2, 1), "south": (2, 1)}


@pytest.mark.parametrize(
    ("known", "wrong"),
    [
        ([out(5, 8), back(5, 18)], 0),
        ([out(5, 8), back(5, 18, sure=False)], 1),
        ([out(5, 8), out(6, 8)], 1),
    ],
)
def test_what_is_stated_or_does_not_follow_makes_the_count_incomplete(known: list[Moved], wrong: int) -> None:
    assert len(unsure(known)) == wrong


def test_days_are_values() -> None:
    assert days([], "north", ZONES, moment(2))[0] == Days("north", 1, 0)


def month(movements: list[Moved], name: str = "2026-01") -> tuple[int, bool]:
    """Days in the south in that month, and whether gates saw all of it."""
    (found,) = months(movements, Bounds("south", "north", THERE), [name])
    return found.days, found.complete


def test_a_month_counts_each_day_across_once() -> None:
    assert month([out(5, 8), back(5, 12), out(5, 14), back(5, 18), out(6, 8), back(6, 18)]) == (2, True)


def test_a_stay_over_the_end_of_a_month_counts_in_both() -> None:
    home = moment(31) + timedelta(days=3, hours=9)
    movements = [out(30, 8), Moved("south", "north", home, home, True)]
    assert month(movements) == (2, True)
    assert month(movements, "2026-02") == (3, True)


def test_a_month_resting_on_what_no_gate_saw_is_incomplete() -> None:
    assert month([out(5, 8), back(5, 18, sure=False), out(6, 8), back(6, 18)]) == (2, False)


def test_a_doubt_stays_in_the_months_between_its_neighbours() -> None:
    doubtful = [out(5, 8), back(5, 18, sure=False), out(6, 8), back(6, 18)]
    assert month(doubtful, "2026-02") == (0, True)
    assert month([out(5, 8), back(5, 18, sure=False)], "2026-02") == (0, False)


def test_a_way_back_nobody_saw_makes_the_month_incomplete() -> None:
    assert month([out(5, 8), out(7, 8), back(7, 18)])[1] is False


def test_only_months_that_are_over_can_be_released() -> None:
    found = ended_months(date(2026, 3, 31))
    assert found[:3] == ("2026-02", "2026-01", "2025-12")
    assert len(found) == 12
