"""Working days come from notices, and no year is invented."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from twoparks.law.calendar import CalendarGapError, WorkingDays
from twoparks.law.pack import CalendarYear

pytestmark = pytest.mark.one_database

DAYS = WorkingDays(
    [
        CalendarYear(
            "ml",
            2026,
            frozenset({date(2026, 10, 1), date(2026, 10, 2)}),
            frozenset({date(2026, 10, 10)}),
            "x",
            "V",
        )
    ],
    "ml",
)


def test_a_weekday_is_a_working_day() -> None:
    assert DAYS.is_working(date(2026, 10, 8))


def test_a_holiday_is_not() -> None:
    assert not DAYS.is_working(date(2026, 10, 1))


def test_a_sunday_is_not() -> None:
    assert not DAYS.is_working(date(2026, 10, 11))


def test_a_make_up_saturday_is() -> None:
    assert DAYS.is_working(date(2026, 10, 10))


def test_the_day_itself_does_not_count() -> None:
    assert DAYS.after(date(2026, 9, 30), 1) == date(2026, 10, 5)


def test_a_make_up_day_counts() -> None:
    assert DAYS.after(date(2026, 10, 9), 2) == date(2026, 10, 12)


def test_days_may_be_counted_back() -> None:
    assert DAYS.after(date(2026, 10, 5), -1) == date(2026, 9, 30)


def test_between_is_the_inverse_of_after() -> None:
    assert DAYS.between(date(2026, 9, 1), DAYS.after(date(2026, 9, 1), 25)) == 25


def test_a_year_without_a_notice_is_refused() -> None:
    with pytest.raises(CalendarGapError, match="no calendar of ml for 2027; the packs hold 2026"):
        DAYS.after(date(2026, 12, 31), 1)


def test_the_year_before_the_first_held_is_refused_too() -> None:
    with pytest.raises(CalendarGapError, match="no calendar of ml for 2025; the packs hold 2026"):
        DAYS.after(date(2026, 1, 5), -3)


def test_the_last_day_of_the_year_before_may_be_counted_from() -> None:
    assert DAYS.after(date(2025, 12, 31), 1) == date(2026, 1, 1)


@pytest.mark.parametrize("count", [-40, -1, 1, 7, 40])
def test_counting_a_day_at_a_time_comes_to_the_same_day(count: int) -> None:
    day = start = date(2026, 9, 27)
    left = abs(count)
    while left:
        day += timedelta(days=1 if count > 0 else -1)
        left -= DAYS.is_working(day)
    assert DAYS.after(start, count) == day
