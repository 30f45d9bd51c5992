"""One case put to two versions of the law: made small, and moved to where the answers begin to differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from .answer import Determination
from .aspects import NONE, NOT_REQUIRED, REQUIRED
from .breaks import worth_trying
from .compiled import Compiled, Question
from .determine import determine
from .graph import Graph
from .pack import Interval
from .witness import Facts, fewest, written
from .woven import first_day
from .zone import Zone

_COMPARES = ("lt", "le", "eq")
_EMPTY: Facts = {"held": frozenset(), "sought": frozenset()}


class Shown(NamedTuple):
    """What both versions tell of a case, the provisions that hold in one of them only, the case, and where it turns."""

    before: str
    after: str
    provisions: tuple[str, ...]
    witness: Mapping[str, object]
    fact: str | None
    last: Mapping[str, object] | None


class _Run(NamedTuple):
    """The first and the last value of a fact that are told apart."""

    fact: str
    first: int
    last: int


class Between:
    """Two versions of the law of one flow, direction and period."""

    def __init__(self, zones: Sequence[Zone], place: tuple[str, str], period: Interval) -> None:
        self.flow, self.crosses = place
        self.period = period
        self.specs = zones[1].facts_of(self.flow)
        self.versions = [zone.compiled(*place, first_day(period)) for zone in zones]

    def shown(self, what: str, found: Facts) -> Shown:
        """The case with the fewest facts that is told apart likewise, at the boundary where a number or day makes it so."""
        first = self._told(what, found)
        if first[0] == first[1]:
            raise AssertionError(f"the prover and the answers disagree on {what}: {dict(found)}")
        values = what.startswith("result:")

        def shows(case: Facts) -> bool:
            before, after = self._told(what, case)
            return before != after if values else (before, after) == first

        begins = {**found, "on": first_day(self.period).toordinal()}
        case = fewest(begins if shows(begins) else found, shows)
        turning = self._turning(case)
        for name in [
            name for name, value in case.items() if _is_number(value) and name not in ("on", *turning)
        ]:
            tried = self._tried(name, case)
            wanted = int(str(case["on"])) if self.specs[name].type == "date" else 0
            fitting = [value for value in tried if shows({**case, name: value})]
            case[name] = min(fitting, key=lambda value: abs(value - wanted))
        runs = (self._run(name, case, shows) for name in turning)
        run = next((run for run in runs if run is not None), None)
        last = None
        if run is not None:
            last = self._written({**case, run.fact: run.last})
            case[run.fact] = run.first
        before, after = self._told(what, case)
        return Shown(before, after, self._provisions(case), self._written(case), run and run.fact, last)

    def _written(self, case: Facts) -> dict[str, object]:
        return {"flow": self.flow, "crosses": self.crosses, **written(case, self.specs)}

    def _told(self, what: str, case: Facts) -> tuple[str, str]:
        before, after = (told(self._answer(version, case, what), what) for version in self.versions)
        return before, after

    def _answer(self, version: Compiled, case: Facts, what: str = "") -> Determination:
        kind, _, key = what.partition(":")
        asked = {"sought": frozenset({key})} if kind == "way" else {}
        day = date.fromordinal(int(str(case["on"])))
        values = {**_EMPTY, "flow": self.flow, "crosses": self.crosses, **case, **asked}
        return determine(version, Question(values, "both", day, self.crosses))

    def _provisions(self, case: Facts) -> tuple[str, ...]:
        """Those that hold in one version only; where none does, those that hold in both and are written differently."""
        old, new = (
            {line.id for line in self._answer(version, case).provisions if line.holds}
            for version in self.versions
        )
        written_apart = {
            rule.provision.id: rule.provision
            for rule in self.versions[0].reading.rules
            if rule.provision.id in new
        }
        changed = [
            rule.provision.id
            for rule in self.versions[1].reading.rules
            if rule.provision.id in old & new
            and rule.provision.effect != written_apart[rule.provision.id].effect
        ]
        return tuple(sorted(old ^ new) or changed)

    def _turning(self, case: Facts) -> list[str]:
        """The numbers and days of a case that one version compares with something else than the other."""
        old, new = (_compared(version.reading.graph) for version in self.versions)
        names = {name for pair in old ^ new for name in pair[0]}
        return [name for name in case if name in names and _is_number(case[name])]

    def _tried(self, name: str, case: Facts) -> list[int]:
        """The ends of all intervals that either version distinguishes, within the period for the day asked about."""
        found = {int(str(case[name]))}
        for version in self.versions:
            found |= {value for value in worth_trying(version, name, {**_EMPTY, **case}) if _is_number(value)}  # type: ignore[misc]
        return sorted(v for v in found if name != "on" or self.period.covers(date.fromordinal(v)))

    def _run(self, name: str, case: Facts, shows: Callable[[Facts], bool]) -> _Run | None:
        """The values about the present one that are told apart likewise, where values beyond them are not."""
        tried = self._tried(name, case)
        low = high = tried.index(int(str(case[name])))
        while low > 0 and shows({**case, name: tried[low - 1]}):
            low -= 1
        while high + 1 < len(tried) and shows({**case, name: tried[high + 1]}):
            high += 1
        whole = low == 0 and high == len(tried) - 1
        return None if whole else _Run(name, tried[low], tried[high])


def told(answer: Determination, what: str) -> str:
    """One piece of an answer, in a word or a value."""
    kind, _, key = what.partition(":")
    if kind == "measure":
        return REQUIRED if any(line.id == key for line in answer.measures) else NOT_REQUIRED
    if kind == "result":
        return str(answer.results[key].value) if key in answer.results else NONE
    return str(answer.banks.get(what, answer.outcome))


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _compared(graph: Graph) -> set[tuple[frozenset[str], object]]:
    """Every comparison: the facts in it, and the numbers it is made with."""
    return set(_comparisons(graph))


def _comparisons(graph: Graph) -> Iterator[tuple[frozenset[str], object]]:
    for at, node in enumerate(graph.nodes):
        if node.operator in _COMPARES:
            below = [graph.nodes[part] for part in graph.reachable([at])]
            facts = frozenset(
                str(part.value[0])
                for part in below
                if part.operator == "fact" and isinstance(part.value, tuple)
            )
            yield facts, tuple((part.operator, part.value) for part in below if part.operator != "fact")
