"""Working days of each bank, from the calendars in the packs. Years no notice covers are not invented."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from .kleene import MISSING
from .pack import BANKS, CalendarYear

_SATURDAY = 5


class CalendarGapError(LookupError):
    """A day in a year whose calendar no pack holds."""


class _Stretch(NamedTuple):
    """Years one after the other whose calendars are held, and the ordinals of their working days in order."""

    first: int
    last: int
    working: list[int]


class WorkingDays:
    """The working days of one bank: weekends and holidays are off, make-up days are on.

    Hong Kong packs hold general holidays; that government counters keep a five-day week is an assumption stated there.
    """

    def __init__(self, years: Iterable[CalendarYear], bank: str) -> None:
        self.bank = bank
        self._years = {year.year: year for year in years if year.bank == bank}
        self._stretches: dict[int, _Stretch] = {}
        for year in sorted(self._years):
            before = self._stretches.get(year - 1)
            stretch = _Stretch(before.first if before else year, year, before.working if before else [])
            stretch.working.extend(self._working(year))
            self._stretches |= dict.fromkeys(range(stretch.first, year + 1), stretch)

    def stretches(self) -> list[tuple[int, int, list[int]]]:
        """Years one after the other that are held: their first and last day and the working days between, as ordinals."""
        found = {stretch.first: stretch for _, stretch in sorted(self._stretches.items())}
        return [
            (date(s.first, 1, 1).toordinal(), date(s.last, 12, 31).toordinal(), s.working)
            for s in found.values()
        ]

    def _working(self, year: int) -> list[int]:
        days = range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
        return [day for day in days if self.is_working(date.fromordinal(day))]

    def is_working(self, day: date) -> bool:
        """Whether `day` is a working day; CalendarGapError where the year is not held."""
        year = self._years.get(day.year)
        if year is None:
            raise self._gap(day.year)
        return day in year.working or (day.weekday() < _SATURDAY and day not in year.holidays)

    def _gap(self, year: int) -> CalendarGapError:
        held = ", ".join(str(known) for known in sorted(self._years)) or "none"
        return CalendarGapError(f"no calendar of {self.bank} for {year}; the packs hold {held}")

    def after(self, day: date, count: int) -> date:
        """The day that is `count` working days after `day` (before it, if negative); `day` itself does not count."""
        if not count:
            return day
        start = (day + timedelta(days=1 if count > 0 else -1)).year
        stretch = self._stretches.get(start)
        if stretch is None:
            raise self._gap(start)
        at = (
            bisect_right(stretch.working, day.toordinal()) + count - 1
            if count > 0
            else bisect_left(stretch.working, day.toordinal()) + count
        )
        if not 0 <= at < len(stretch.working):
            raise self._gap(stretch.last + 1 if count > 0 else stretch.first - 1)
        return date.fromordinal(stretch.working[at])

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
