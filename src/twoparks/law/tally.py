"""One scan of past cases: chunks of a file cut into blocks of one law each, decided under every version, and counted."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from .answer import Outcome
from .block import Block, Plane, unpacked
from .pack import FactSpec, Law
from .parquet import Chunk, Parquet, Wanting
from .planes import Decided, Plan
from .replay import CASE, NONE, Group, Outcomes, Past, PastCase, Progress, Replayed, Stop, known
from .zone import Zone

BLOCK = 2**17
"""Cases decided at a time: enough that a step of the interpreter is cheap, few enough that their planes stay in the cache."""

_ORDER = tuple(Outcome)


class Read(NamedTuple):
    """A block decided under each version, with the rows of the file and the groups its cases belong to."""

    block: Block
    decided: tuple[Decided, ...]
    rows: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64] | None
    plans: tuple[Plan, ...]


class Scan:
    """The cases asked about, and the law of their days in each version."""

    def __init__(self, versions: Sequence[Law], past: Past, by: Sequence[str]) -> None:
        zones = [Zone(law) for law in versions]
        self.specs = _merged([zone.facts_of(past.flow) for zone in zones], zones[0].facts)
        known(past, self.specs)
        self._folder = TemporaryDirectory(prefix="twoparks-replay-")
        self.file = Parquet(_in_a_file(past, Path(self._folder.name)), self.specs, by)
        self.key = self.file.key
        self.partial = False
        days = self.file.days()
        self.turning = _turning(zones, past, days) if days else []
        self.plans = _plans(zones, past, self.turning)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.connection.close()
        self._folder.cleanup()

    def read(self, progress: Progress | None, stop: Stop | None) -> Iterator[Read]:
        """Every block, decided; sets `partial` where `stop` ended it."""
        chunks = self.file.chunks(wanting(self.plans, self.specs))
        with ThreadPoolExecutor(1, "replay") as ahead:  # DuckDB reads the next chunk meanwhile
            coming = ahead.submit(next, chunks, None)
            while (chunk := coming.result()) is not None:
                if stop is not None and stop():
                    self.partial = True
                    return
                coming = ahead.submit(next, chunks, None)
                yield from self._blocks(chunk)
                if progress is not None:
                    progress(chunk.read, self.file.rows)

    def _blocks(self, chunk: Chunk) -> Iterator[Read]:
        """The chunk in blocks whose cases have one law in every version."""
        laws = list(dict.fromkeys(self.plans))
        law_of = np.array([laws.index(plans) for plans in self.plans], np.int64)
        which = law_of[np.searchsorted(self.turning, chunk.days, "right") - 1]
        for law in np.flatnonzero(np.bincount(which, minlength=len(laws))):
            rows = np.flatnonzero(which == law)
            for begin in range(0, len(rows), BLOCK):
                some = rows[begin : begin + BLOCK]
                unbroken = some[-1] - some[0] + 1 == len(some)
                cut = slice(int(some[0]), int(some[-1]) + 1) if unbroken else some
                block = chunk.block(self.specs, cut)
                groups = None if chunk.groups is None else chunk.groups[cut]
                yield Read(block, _decided(laws[law], block), chunk.rows[cut], groups, laws[law])

    def place(self, key: tuple[str, ...]) -> int:
        """The place of a group among all; -1 where the history has no such group."""
        place = 0
        for value, values in zip(key, self.file.groups, strict=True):
            if value not in values:
                return -1
            place = place * len(values) + values.index(value)
        return place

    def cases(self, rows: Sequence[int]) -> Iterator[PastCase]:
        """The cases at these rows of the file."""
        for row, stored in zip(rows, self.file.cases(rows) if rows else (), strict=True):
            facts = {name: stored[name] for name in self.specs if stored.get(name) is not None}
            facts |= {name: None for name in self.specs if stored.get(name + NONE) is True}
            day = facts["on"]
            assert isinstance(day, date)
            yield PastCase(str(stored.get(CASE, row + 1)), day, facts)


def _decided(plans: tuple[Plan, ...], block: Block) -> tuple[Decided, ...]:
    """A plan that several versions share is run once."""
    found = {id(plan): plan.decide(block) for plan in dict.fromkeys(plans)}
    return tuple(found[id(plan)] for plan in plans)


def _in_a_file(past: Past, folder: Path) -> Past:
    """A relation is written to a file, so that it is read like one."""
    if isinstance(past.history, Path):
        return past
    path = folder / "history.parquet"
    past.history.write_parquet(str(path))
    return replace(past, history=path)


def _merged(
    versions: Sequence[Mapping[str, FactSpec]], common: Mapping[str, FactSpec]
) -> dict[str, FactSpec]:
    """The facts of all versions; where they differ, whatever one of them accepts."""
    found: dict[str, FactSpec] = {name: common[name] for name in ("flow", "crosses", "on")}
    for name, spec in ((name, spec) for version in versions for name, spec in version.items()):
        before = found.get(name, spec)
        values = tuple(dict.fromkeys((*before.values, *spec.values)))
        least = (
            None if None in (before.minimum, spec.minimum) else min(before.minimum or 0, spec.minimum or 0)
        )
        most = None if before.maximum is None or spec.maximum is None else max(before.maximum, spec.maximum)
        found[name] = replace(spec, values=values, minimum=least, maximum=most)
    return found


def _turning(zones: Sequence[Zone], past: Past, days: tuple[date, date]) -> list[int]:
    """The first days of the periods, over all versions, in which cases fall."""
    begins = sorted({day for zone in zones for day in zone.periods(past.flow, past.crosses)})
    first, last = bisect_right(begins, days[0]) - 1, bisect_right(begins, days[1])
    return [day.toordinal() for day in begins[first:last]]


def _plans(zones: Sequence[Zone], past: Past, turning: Sequence[int]) -> list[tuple[Plan, ...]]:
    """For each period the plan of every version; equal ones are one."""
    same: dict[Hashable, Plan] = {}
    found = []
    for day in turning:
        plans = [Plan(zone.compiled(past.flow, past.crosses, date.fromordinal(day))) for zone in zones]
        found.append(tuple(same.setdefault(plan.signature, plan) for plan in plans))
    return found


def wanting(plans: Sequence[tuple[Plan, ...]], specs: Mapping[str, FactSpec]) -> Wanting:
    """What any of the plans asks; `sought` may name any measure."""
    facts: dict[str, frozenset[str]] = {"held": frozenset(), "sought": frozenset(specs["sought"].values)}
    for plan in {plan for several in plans for plan in several}:
        for name, words in plan.asks.items():
            facts[name] = facts.get(name, frozenset()) | words
    return Wanting(frozenset(facts), facts)


class Tally:
    """What has been counted so far."""

    def __init__(self, versions: int, key: Callable[[int], tuple[str, ...]]) -> None:
        self.versions = versions
        self.key = key
        self.cases = 0
        self.counts: dict[int, Counter[Outcomes]] = {}
        self.fired: dict[str, list[int]] = {}

    def add(self, read: Read) -> None:
        """Count one block."""
        self.cases += read.block.size
        outcomes = [decided.outcomes for decided in read.decided]
        if read.groups is None:
            self.counts.setdefault(0, Counter()).update(_together(outcomes, read.block.cases))
        else:
            self._by_group(outcomes, read.groups)
        for at, decided in enumerate(read.decided):
            for name, plane in decided.fired.items():
                numbers = self.fired.setdefault(name, [0] * self.versions)
                numbers[at] += int(np.bitwise_count(plane).sum())

    def _by_group(self, outcomes: Sequence[Mapping[Outcome, Plane]], groups: npt.NDArray[np.int64]) -> None:
        code = groups.copy()
        for version in outcomes:
            own = np.zeros(len(groups), np.int64)
            for at, outcome in enumerate(_ORDER[1:], start=1):
                own[unpacked(version[outcome], len(groups))] = at
            code = code * len(_ORDER) + own
        numbers = np.bincount(code)
        for place in np.flatnonzero(numbers).tolist():
            number, found = int(numbers[place]), []
            for _ in outcomes:
                place, at = divmod(place, len(_ORDER))
                found.append(_ORDER[at])
            self.counts.setdefault(place, Counter())[tuple(reversed(found))] += number

    def told(self, partial: bool) -> Replayed:
        """All of it; groups in the order of their values."""
        groups = [Group(self.key(place), dict(counts)) for place, counts in sorted(self.counts.items())]
        return Replayed(
            self.cases,
            partial,
            tuple(groups),
            {name: tuple(numbers) for name, numbers in sorted(self.fired.items())},
        )


def _together(versions: Sequence[Mapping[Outcome, Plane]], among: Plane) -> dict[Outcomes, int]:
    """How many of these cases have which outcomes."""
    if not versions:
        return {(): int(np.bitwise_count(among).sum())}
    found: dict[Outcomes, int] = {}
    for outcome, plane in versions[0].items():
        some = among & plane
        if some.any():
            rest = _together(versions[1:], some)
            found |= {(outcome, *others): number for others, number in rest.items()}
    return found


def rows_with(read: Read, outcomes: Outcomes, group: int) -> list[int]:
    """The rows of the block's cases that have these outcomes and belong to the group."""
    plane = read.block.cases
    for decided, outcome in zip(read.decided, outcomes, strict=True):
        plane = plane & decided.outcomes[outcome]
    cells = unpacked(plane, read.block.size)
    if read.groups is not None:
        cells = cells & (read.groups == group)
    return [int(row) for row in read.rows[cells]]
