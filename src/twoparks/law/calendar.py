"""Working days of each bank, from the calendars in the packs. Years no notice covers are not invented."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from .kleene import MISSING
from .pack import BANKS, CalendarYear

_SATURDAY = 5


class CalendarGapError(LookupError):
    """A day in a year whose calendar no pack holds."""


class WorkingDays:
    """The working days of one bank: weekends and holidays are off, make-up days are on.

    Hong Kong packs hold general holidays; that government counters keep a five-day week is an assumption stated there.
    """

    def __init__(self, years: Iterable[CalendarYear], bank: str) -> None:
        self.bank = bank
        self._years = {year.year: year for year in years if year.bank == bank}

    def is_working(self, day: date) -> bool:
        """Whether `day` is a working day; CalendarGapError where the year is not held."""
        year = self._years.get(day.year)
        if year is None:
            held = ", ".join(str(known) for known in sorted(self._years)) or "none"
            raise CalendarGapError(f"no calendar of {self.bank} for {day.year}; the packs hold {held}")
        return day in year.working or (day.weekday() < _SATURDAY and day not in year.holidays)

    def after(self, day: date, count: int) -> date:
        """The day that is `count` working days after `day` (before it, if negative); `day` itself does not count."""
        step = timedelta(days=1 if count > 0 else -1)
        left = abs(count)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`."""
        days = (end - start).days
        return sum(self.is_working(start + timedelta(days=step)) for step in range(1, days + 1))


class Calendars:
    """The working days of every bank, as the evaluator asks for them."""

    def __init__(self, years: Iterable[CalendarYear]) -> None:
        found = tuple(years)
        self._banks = {bank: WorkingDays(found, bank) for bank in BANKS}

    def of(self, bank: str) -> WorkingDays:
        """The working days of one bank."""
        return self._banks[bank]

    def after(self, bank: str, day: int, count: int) -> object:
        """The ordinal of the day `count` working days after the ordinal `day`; MISSING where no calendar is held."""
        try:
            return self._banks[bank].after(date.fromordinal(day), count).toordinal()
        except CalendarGapError:
            return MISSING
