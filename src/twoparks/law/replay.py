"""Past cases decided anew by one version of the law or several, each case by the law of its day, in one scan.

The scan is of bit planes (`planes`) over a Parquet file (`parquet`), a few row groups at a time, so memory does not grow with the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .answer import Outcome
from .facts import FactError, Problem, Wanted
from .pack import FactSpec, Law

if TYPE_CHECKING:
    import duckdb

CASE, NONE = "case", "_none"
"""The column that names a case, and what stands behind a fact's name in the column that says there is none."""

Outcomes = tuple[Outcome, ...]
"""The outcome of a case under each version, in the order in which they were given."""

Progress = Callable[[int, int], None]
"""Told after each step how many rows have been read, of how many."""

Stop = Callable[[], bool]
"""Asked before each step; True ends the scan, and what was counted so far is said to be partial."""


@dataclass(frozen=True, slots=True)
class Past:
    """Which cases: a flow and direction in a history (a Parquet file or a DuckDB relation), of the days [since, until)."""

    flow: str
    crosses: str
    history: Path | duckdb.DuckDBPyRelation
    since: date | None = None
    until: date | None = None


class Group(NamedTuple):
    """The cases of one group by their outcomes; `key` has a value for each column grouped by."""

    key: tuple[str, ...]
    counts: Mapping[Outcomes, int]


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many cases were counted, by group and outcomes, and how often each provision held under each version."""

    cases: int
    partial: bool
    groups: tuple[Group, ...]
    fired: Mapping[str, tuple[int, ...]]

    @property
    def counts(self) -> Mapping[Outcomes, int]:
        """All groups together."""
        found: Counter[Outcomes] = Counter()
        for group in self.groups:
            found.update(group.counts)
        return found

    @property
    def changed(self) -> int:
        """The cases to which the versions do not all give one outcome."""
        return sum(number for outcomes, number in self.counts.items() if len(set(outcomes)) > 1)


class PastCase(NamedTuple):
    """A case of the history: its name (or row number from 1), day, and the facts stated."""

    id: str
    day: date
    facts: Mapping[str, object]


def replay(
    versions: Sequence[Law],
    past: Past,
    by: tuple[str, ...] = (),
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Replayed:
    """Decide every case under each version and count; HistoryError where a column or cell does not fit the vocabulary.

    `by` names columns of the history, facts or others, or `month` or `year` of the day.
    """
    from .tally import Scan, Tally

    with Scan(versions, past, by) as scan:
        tally = Tally(len(versions), scan.key)
        for read in scan.read(progress, stop):
            tally.add(read)
        return tally.told(scan.partial)


def drill(
    versions: Sequence[Law],
    past: Past,
    outcomes: Outcomes,
    group: Mapping[str, str] | None = None,
    limit: int = 50,
) -> tuple[PastCase, ...]:
    """The first cases, in the order of the history, that have these outcomes; of one group, where columns and values name it."""
    from .tally import Scan, rows_with

    named = group or {}
    with Scan(versions, past, tuple(named)) as scan:
        rows: list[int] = []
        for read in scan.read(None, lambda: len(rows) >= limit):
            rows.extend(rows_with(read, outcomes, scan.place(tuple(named.values()))))
        return tuple(scan.cases(sorted(rows)[:limit]))


def known(past: Past, specs: Mapping[str, FactSpec]) -> None:
    """FactError where flow or direction is not one of the vocabulary's."""
    for name, value in (("flow", past.flow), ("crosses", past.crosses)):
        if value not in specs[name].values:
            accepted = f"accepted are {', '.join(specs[name].values)}"
            raise FactError(
                [
                    Problem(
                        name,
                        value,
                        f"{value!r} is not one of its values",
                        accepted,
                        Wanted.WORD,
                        spec=specs[name],
                    )
                ]
            )


def lines(found: Replayed, by: Sequence[str]) -> Iterator[str]:
    """The result as a table in plain text."""
    yield f"{found.cases:,} cases{' (partial: the scan was stopped)' if found.partial else ''}, {found.changed:,} changed"
    for group in found.groups:
        if group.key:
            yield ", ".join(f"{name} {value}" for name, value in zip(by, group.key, strict=True))
        for outcomes, number in sorted(group.counts.items(), key=lambda item: -item[1]):
            yield f"{number:>14,}  {' -> '.join(outcomes)}"
    if found.fired:
        yield "provisions that held"
    for name, numbers in found.fired.items():
        yield f"{' '.join(f'{number:>14,}' for number in numbers)}  {name}"
