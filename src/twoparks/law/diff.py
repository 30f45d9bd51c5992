"""Two versions of the law: the proof that they say the same, or what changes for whom, with a case at the boundary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import NamedTuple

from .amend import flows_touched
from .aspects import Aspect, absent, aspects
from .between import Between
from .pack import Interval, Law
from .solver import MOST_STEPS, Undecided
from .verdict import Reading
from .witness import Facts
from .woven import Possible, first_day, woven
from .zone import Zone


@dataclass(frozen=True, slots=True)
class Changed:
    """What some cases are told differently: `what` is `outcome`, a bank, or `measure:`, `way:` or `result:` with its key.

    `witness` is such a case with the fewest facts. Where one number or day decides (`boundary`), `fact` names it, `witness` has its
    first value that is told differently and `last` its last. `provisions` are those that hold there in one version only.
    """

    flow: str
    crosses: str
    period: Interval
    what: str
    before: str
    after: str
    provisions: tuple[str, ...]
    witness: Mapping[str, object]
    fact: str | None = None
    last: Mapping[str, object] | None = None

    @property
    def boundary(self) -> bool:
        """Whether the witness stands where one number or day turns the answer."""
        return self.fact is not None

    def as_dict(self) -> dict[str, object]:
        """JSON values."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        days = [day.isoformat() if day else None for day in self.period]
        return found | {"period": days, "boundary": self.boundary, "provisions": list(self.provisions)}


@dataclass(frozen=True, slots=True)
class Difference:
    """Every change, in the order of flows, directions and days; `unsettled` are flow, direction and period that z3 left open."""

    changes: tuple[Changed, ...]
    unsettled: tuple[tuple[str, str, Interval], ...] = ()

    @property
    def equal(self) -> bool:
        """Whether it is proved that both versions tell every case the same."""
        return not self.changes and not self.unsettled


def difference(
    old: Law, new: Law, *, flow: str | None = None, on: date | None = None, steps: int = MOST_STEPS
) -> Difference:
    """How two versions that share their vocabulary differ (in one flow, on one day), over all cases with a day from 1900 to 2199.

    First cases with every fact stated are compared; where they are told the same, also those with facts missing. Nothing is asked for
    in them (`sought`), but what would be told to who asks for a measure is compared as its `way`.
    """
    before, after = Zone(old), Zone(new)
    changes: list[Changed] = []
    unsettled: list[tuple[str, str, Interval]] = []
    touched = flows_touched(old, new)
    for name in touched if flow is None else {flow} & set(touched):
        compared = _Flow(before, after, name, steps)
        for crosses in after.directions:
            found: list[_Apart] = []
            for period in _periods(before, after, (name, crosses), on):
                try:
                    found += compared.apart(crosses, period)
                except Undecided:
                    unsettled.append((name, crosses, period))
            changes += [compared.changed(crosses, apart) for apart in _joined(found)]
    return Difference(tuple(changes), tuple(unsettled))


def _periods(before: Zone, after: Zone, place: tuple[str, str], on: date | None) -> Iterator[Interval]:
    """The periods in which neither version changes."""
    days = sorted({*before.periods(*place), *after.periods(*place)})
    for day, until in zip(days, [*days[1:], None], strict=True):
        period = Interval(None if day == date.min else day, until)
        if on is None or period.covers(on):
            yield period


class _Apart(NamedTuple):
    """A case of a day from `within` on that is told one word by the old version and another by the new, throughout `period`."""

    period: Interval
    within: Interval
    what: str
    words: tuple[str, str]
    facts: Facts


def _joined(found: Sequence[_Apart]) -> list[_Apart]:
    """Those of neighbouring periods as one, with the newest case."""
    joined: list[_Apart] = []
    newest: dict[object, int] = {}
    for apart in found:
        at = newest.get((apart.what, apart.words))
        if at is not None and joined[at].period.until_on == apart.period.from_on:
            joined[at] = apart._replace(period=Interval(joined[at].period.from_on, apart.period.until_on))
        else:
            newest[apart.what, apart.words] = len(joined)
            joined.append(apart)
    return joined


class _Flow:
    """One flow of both versions, in one graph."""

    def __init__(self, before: Zone, after: Zone, flow: str, steps: int) -> None:
        self.zones = (before, after)
        self.flow = flow
        specs, workdays = after.facts_of(flow), after.calendars.after
        self.full = Possible(specs, workdays, steps=steps)
        self.partial = Possible(specs, workdays, partial=True, steps=steps)
        self._known: dict[object, list[tuple[tuple[str, str], Facts]]] = {}

    def apart(self, crosses: str, period: Interval) -> list[_Apart]:
        """What is told differently in a direction and period: to cases that state everything, else to those that do not."""
        old, new = (zone.reading(self.flow, crosses, first_day(period)) for zone in self.zones)
        if old.graph.nodes == new.graph.nodes and replace(old, graph=new.graph) == new:
            return []
        for possible in (self.full, self.partial):
            both = woven(possible.graph, old), woven(possible.graph, new)
            found = [_Apart(period, period, *told) for told in self._told_apart(possible, both, period)]
            if found:
                return found
        return []

    def _told_apart(
        self, possible: Possible, both: tuple[Reading, Reading], period: Interval
    ) -> Iterator[tuple[str, tuple[str, str], Facts]]:
        """A case for each pair of things that one version says and the other does not; a bank's own only where the whole agrees."""
        old, new = map(aspects, both)
        whole = False
        for what in dict.fromkeys((*old, *new)):
            here, there = (found[what] if what in found else absent(what) for found in (old, new))
            if here.key == there.key or (whole and what in ("ml", "hk")):
                continue
            for words, facts in self._cases(possible, here, there, period):
                whole = whole or what == "outcome"
                yield what, words, facts

    def _cases(
        self, possible: Possible, here: Aspect, there: Aspect, period: Interval
    ) -> list[tuple[tuple[str, str], Facts]]:
        """A case for each pair of words, asked once for all periods of which it does not depend."""
        dated = any(map(possible.rests_on_the_day, (*here.rests_on, *there.rests_on)))
        asks = (here.key, here.barring, there.key, there.barring)
        key = (possible is self.full, *asks, period if dated else None)
        if key not in self._known:
            smt = possible.smt
            pairs = here.said(smt).apart(there.said(smt), smt.logic)
            asked = [(words, possible.asked(apart, period)) for words, apart in pairs]
            self._known[key] = [(words, facts) for words, facts in asked if facts is not None]
        begins = first_day(period).toordinal()
        return [(words, facts if dated else {**facts, "on": begins}) for words, facts in self._known[key]]

    def changed(self, crosses: str, apart: _Apart) -> Changed:
        """What is told apart, with its case made small and moved to the boundary."""
        between = Between(self.zones, (self.flow, crosses), apart.within)
        return Changed(self.flow, crosses, apart.period, apart.what, *between.shown(apart.what, apart.facts))
