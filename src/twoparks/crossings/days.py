"""Days on each bank, from a person's own movements: whole ones, begun ones, and what is not known. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from twoparks.crossings.types import Crossing


@dataclass(frozen=True)
class Moved:
    """One movement of a person, told in time: when the person left one bank and when the other was reached."""

    leaves: str  # park whose bank is left
    reaches: str
    left_at: datetime
    reached_at: datetime
    sure: bool  # both legs seen by gates


@dataclass(frozen=True)
class Days:
    """Days of one calendar year on one bank: `present` with any presence, `partial` of them with less than 24 hours."""

    park: str
    present: int
    partial: int


def moved(crossing: Crossing, leaves: str, reaches: str) -> Moved:
    """The crossing as a movement; a leg that no gate saw is taken to be at the time of the other, and not sure."""
    at = [leg.at for leg in (crossing.exit, crossing.entry) if leg is not None]
    if crossing.declared is not None:
        at.append(crossing.declared.at)
    left = crossing.exit.at if crossing.exit else min(at)
    reached = crossing.entry.at if crossing.entry else max(at)
    return Moved(leaves, reaches, left, reached, crossing.exit is not None and crossing.entry is not None)


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
