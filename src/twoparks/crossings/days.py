"""Days on each bank, from a person's own movements: whole ones, begun ones, and what is not known. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

MONTHS = 12  # as many ended months as a person can release


@dataclass(frozen=True)
class Moved:
    """One movement of a person, told in time: when the person left one bank and when the other was reached."""

    leaves: str  # park whose bank is left
    reaches: str
    left_at: datetime
    reached_at: datetime
    sure: bool  # both legs seen by gates


@dataclass(frozen=True)
class Month:
    """Days of one calendar month with any presence on the other bank; not `complete` where that rests on what no gate saw."""

    name: str  # '2026-10'
    days: int
    complete: bool

    @property
    def first(self) -> date:
        """Its first day."""
        return date.fromisoformat(f"{self.name}-01")


@dataclass(frozen=True)
class Days:
    """Days of one calendar year on one bank: `present` with any presence, `partial` of them with less than 24 hours."""

    park: str
    present: int
    partial: int


def days(movements: Iterable[Moved], home: str, zones: Mapping[str, str], now: datetime) -> tuple[Days, ...]:
    """Days of the year of `now` on each bank up to `now`, beginning at `home`; `zones` are the time zones by park."""
    found = []
    known = sorted(movements, key=lambda m: (m.left_at, m.reached_at))
    for park, name in zones.items():
        there = ZoneInfo(name)
        first = datetime.combine(date(now.astimezone(there).year, 1, 1), time(), there)
        covered: dict[date, timedelta] = {}
        for start, end in _stays(known, park, home, first, now):
            for day, spent in _by_day(start.astimezone(there), end.astimezone(there)):
                covered[day] = covered.get(day, timedelta()) + spent
        whole = sum(spent >= timedelta(days=1) for spent in covered.values())
        found.append(Days(park, len(covered), len(covered) - whole))
    return tuple(found)


def unsure(movements: Iterable[Moved]) -> tuple[Moved, ...]:
    """Movements that rest on a statement or lack a leg, or do not follow on the one before: counts with them are incomplete."""
    known = sorted(movements, key=lambda m: (m.left_at, m.reached_at))
    broken = [b for a, b in pairwise(known) if a.reaches != b.leaves]
    return tuple(m for m in known if not m.sure or m in broken)


def ended_months(today: date) -> tuple[str, ...]:
    """The last months that are over by `today`, as '2026-10', the latest first."""
    first, found = today.replace(day=1), []
    for _month in range(MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(f"{first:%Y-%m}")
    return tuple(found)


@dataclass(frozen=True)
class Bounds:
    """The park across, the home park, and the clock across."""

    across: str
    home: str
    clock: tzinfo


def months(movements: Iterable[Moved], bounds: Bounds, named: Iterable[str]) -> tuple[Month, ...]:
    """Days across in each month named ('2026-10'), the earliest first."""
    known = sorted(movements, key=lambda m: (m.left_at, m.reached_at))
    found, there = [], bounds.clock
    for name in sorted(named):
        first = datetime.combine(date.fromisoformat(f"{name}-01"), time(), there)
        after = (first + timedelta(days=31)).replace(day=1)
        spans = _stays([m for m in known if m.left_at < after], bounds.across, bounds.home, first, after)
        seen = {day for s, e in spans for day, _spent in _by_day(s.astimezone(there), e.astimezone(there))}
        doubt = any(start < after and end >= first for start, end in _doubtful(known, after))
        found.append(Month(name, len(seen), not doubt))
    return tuple(found)


def _doubtful(known: list[Moved], until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of time of which the gates do not say where the person was: around whatever is unsure."""
    wrong = set(unsure(known))
    for n, movement in enumerate(known):
        if movement in wrong:
            before = known[n - 1].reached_at if n else movement.left_at
            after = known[n + 1].left_at if n + 1 < len(known) else until
            yield min(before, movement.left_at), max(after, movement.reached_at)


def _stays(
    known: list[Moved], park: str, home: str, first: datetime, now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of time at `park` between `first` and `now`."""
    at, since = home, first
    for movement in known:
        if movement.leaves == park and at == park and movement.left_at > since:
            yield max(since, first), max(movement.left_at, first)
        at, since = movement.reaches, movement.reached_at
    if at == park and now > since:
        yield max(since, first), now


def _by_day(start: datetime, end: datetime) -> Iterator[tuple[date, timedelta]]:
    while start < end:
        midnight = datetime.combine(start.date() + timedelta(days=1), time(), start.tzinfo)
        yield start.date(), min(midnight, end) - start
        start = midnight
