"""What a change would have done to past cases: the law of today and each drafted version, over one history, in one scan."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from twoparks.law.answer import Outcome
from twoparks.law.as_on import as_on
from twoparks.law.calendar import CalendarGapError, WorkingDays
from twoparks.law.pack import Law
from twoparks.law.replay import Outcomes, Past, Progress, Stop

SHOWN = 25
"""Cases kept for each change of outcome, to be looked at."""

MILDER = (Outcome.CLEAR, Outcome.CONDITIONAL, Outcome.REFER, Outcome.UNKNOWN, Outcome.FORBIDDEN)
GROUPED_BY = {"personnel": "employer_kind"}  # else the sender's kind


@dataclass(frozen=True)
class Impact:
    """The result of a scan as JSON keeps it: version 0 is the law of today, then the change, then its alternatives."""

    cases: int
    partial: bool
    first: str
    last: str
    counts: tuple[tuple[tuple[str, ...], int], ...]
    groups: tuple[tuple[str, tuple[tuple[tuple[str, ...], int], ...]], ...]
    fired: Mapping[str, tuple[int, ...]]  # provisions that held unequally often
    desks: Mapping[str, tuple[int, ...]]  # cases before each authority
    samples: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]  # of each change of outcome the first cases
    seconds: float

    @property
    def versions(self) -> int:
        """How many readings of the law were compared, today's included."""
        return len(self.counts[0][0]) if self.counts else 0

    def pairs(self, version: int) -> Mapping[tuple[str, str], int]:
        """Cases by outcome before and after, for one version."""
        found: Counter[tuple[str, str]] = Counter()
        for outcomes, number in self.counts:
            found[outcomes[0], outcomes[version]] += number
        return found

    def affected(self, version: int) -> int:
        """Cases whose outcome differs under that version."""
        return sum(number for (before, after), number in self.pairs(version).items() if before != after)

    def moved(self, version: int) -> tuple[tuple[str, int, int, int], ...]:
        """For each kind of organisation: cases in all, better off, worse off."""
        return tuple((kind, *_moved(counts, version)) for kind, counts in self.groups)


def _moved(counts: Sequence[tuple[tuple[str, ...], int]], version: int) -> tuple[int, int, int]:
    every = sum(number for _outcomes, number in counts)
    steps = [(_step(outcomes[0], outcomes[version]), number) for outcomes, number in counts]
    return every, sum(n for step, n in steps if step < 0), sum(n for step, n in steps if step > 0)


def _step(before: str, after: str) -> int:
    """Below 0 when the case is better off, above when worse."""
    return MILDER.index(Outcome(after)) - MILDER.index(Outcome(before))


def versions_on(laws: Sequence[Law], day: date | None) -> tuple[Law, ...]:
    """The versions as they read on one day, or each case's own day where None."""
    return tuple(laws if day is None else (as_on(law, day) for law in laws))


def measure(
    laws: Sequence[Law],
    past: Past,
    on: date | None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Impact:
    """Decide every case under each of the laws and count; `partial` where `stop` ended it. `on` as in `versions_on`."""
    from twoparks.law.desks import Desks, counted
    from twoparks.law.tally import Scan, Tally, rows_with

    began = time.monotonic()
    by = GROUPED_BY.get(past.flow, "sender_kind")
    with Scan(versions_on(laws, on), past, (by,)) as scan:
        tally, kept = Tally(len(laws), scan.key), _Kept(rows_with)
        first, last = scan.file.days() or (date.min, date.min)
        desks: dict[int, Desks] = {}
        work: list[Counter[str]] = [Counter() for _law in laws]
        for read in scan.read(progress, stop):
            tally.add(read)
            kept.add(read)
            seen: dict[int, dict[str, int]] = {}
            for at, plan in enumerate(read.plans):
                if id(plan) not in seen:
                    desk = desks.setdefault(id(plan), Desks(plan, on or last, past.crosses))
                    seen[id(plan)] = counted(desk.planes(read.block))
                work[at].update(seen[id(plan)])
        told, samples = tally.told(scan.partial), kept.told(scan)
    return Impact(
        cases=told.cases,
        partial=told.partial,
        first=first.isoformat(),
        last=last.isoformat(),
        counts=_listed(told.counts),
        groups=tuple((group.key[0], _listed(group.counts)) for group in told.groups),
        fired={name: numbers for name, numbers in told.fired.items() if len(set(numbers)) > 1},
        desks={name: tuple(one[name] for one in work) for name in sorted(set().union(*work))},
        samples=samples,
        seconds=round(time.monotonic() - began, 2),
    )


def _listed(counts: Mapping[Outcomes, int]) -> tuple[tuple[tuple[str, ...], int], ...]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((tuple(map(str, outcomes)), number) for outcomes, number in ordered)


class _Kept:
    """The first rows of every change of outcome, in the order of the history as far as it was read."""

    def __init__(self, rows_with: Callable[[Any, Outcomes, int], list[int]]) -> None:
        self.rows_with = rows_with
        self.rows: dict[Outcomes, list[int]] = {}

    def add(
        self, read: Any
    ) -> None:  # Any: tally.Read, whose module is loaded with numpy only when it is needed
        """Take what is lacking from one block."""
        ungrouped = read._replace(groups=None)
        for outcomes in _met(read.decided):
            kept = self.rows.setdefault(outcomes, [])
            if len(kept) < SHOWN:
                kept += self.rows_with(ungrouped, outcomes, 0)[: SHOWN - len(kept)]

    def told(self, scan: Any) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:  # Any: as above
        """The names of the cases by their outcomes."""
        found = []
        for outcomes, rows in sorted(self.rows.items()):
            names = tuple(case.id for case in scan.cases(sorted(rows)))
            found.append((tuple(map(str, outcomes)), names))
        return tuple(found)


def _met(decided: Sequence[Any]) -> list[Outcomes]:
    """Every way in which the versions differ over some case of a block."""
    found: list[tuple[Outcomes, Any]] = [((), None)]
    for version in decided:
        found = [
            ((*outcomes, outcome), both)
            for outcomes, plane in found
            for outcome, own in version.outcomes.items()
            if (both := own if plane is None else plane & own).any()
        ]
    return [outcomes for outcomes, _plane in found if len(set(outcomes)) > 1]


def working_days(calendar: WorkingDays, first: str, last: str) -> tuple[int, bool]:
    """Working days of a bank from the first to the last day, and whether its calendars were held; weekdays where not."""
    begins, ends = date.fromisoformat(first), date.fromisoformat(last)
    try:
        return max(1, calendar.between(begins - timedelta(days=1), ends)), True
    except CalendarGapError:
        days = (begins + timedelta(days=n) for n in range((ends - begins).days + 1))
        return max(1, sum(day.weekday() < 5 for day in days)), False


def to_json(found: Impact) -> dict[str, Any]:
    """The result as it is kept."""
    return asdict(found)


def from_json(raw: Mapping[str, Any]) -> Impact:
    """A result that was kept."""
    counts = _pairs(raw["counts"])
    return Impact(
        cases=raw["cases"],
        partial=raw["partial"],
        first=raw["first"],
        last=raw["last"],
        counts=counts,
        groups=tuple((kind, _pairs(numbers)) for kind, numbers in raw["groups"]),
        fired={name: tuple(numbers) for name, numbers in raw["fired"].items()},
        desks={name: tuple(numbers) for name, numbers in raw["desks"].items()},
        samples=tuple((tuple(outcomes), tuple(names)) for outcomes, names in raw["samples"]),
        seconds=raw["seconds"],
    )


def _pairs(raw: Sequence[Any]) -> tuple[tuple[tuple[str, ...], int], ...]:  # Any: JSON lists of two
    return tuple((tuple(outcomes), number) for outcomes, number in raw)
