"""Cases already met, each with the truth of many nodes: most questions are answered by one of them and never reach z3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from .graph import Graph
from .kleene import FALSE, TRUE
from .pack import FactSpec, Interval
from .point import WorkingDaysAfter, evaluator

_VARIANTS = 12
_FIXED = ("flow", "crosses", "on")


class Pool:
    """Cases as the evaluator reads them; for every node watched, a bit a case: certainly true, certainly false."""

    def __init__(
        self, graph: Graph, facts: Mapping[str, FactSpec], watched: Sequence[int], workdays: WorkingDaysAfter
    ) -> None:
        self.days: Sequence[int] = ()  # some day of every period that may be asked about
        self.cases: list[Mapping[str, object]] = []
        self._facts = facts
        self._watched = tuple(dict.fromkeys(watched))
        self._states = evaluator(graph, self._watched, workdays) if self._watched else None
        self._true = dict.fromkeys(self._watched, 0)
        self._false = dict.fromkeys(self._watched, 0)
        self._within: dict[Interval, tuple[int, int]] = {}
        self._random = Random(0)  # noqa: S311 - the same variants each time

    def take(self, case: Mapping[str, object]) -> None:
        """Keep a case, and some that differ from it in a few facts."""
        if self._states is None:
            return
        self._keep(case)
        names = [name for name in case if name not in _FIXED]
        for _ in range(_VARIANTS if names else 0):
            turned = self._random.sample(names, min(len(names), self._random.randint(1, 3)))
            on = self._random.choice(self.days) if self.days else case["on"]
            self._keep({**case, **{name: self._other(name, case[name]) for name in turned}, "on": on})

    def _other(self, name: str, value: object) -> object:
        spec = self._facts[name]
        if spec.type == "bool":
            return not value
        if spec.type == "enum":
            return self._random.choice(spec.values)
        if isinstance(value, frozenset):
            return value ^ {self._random.choice(spec.values)}
        return value

    def _keep(self, case: Mapping[str, object]) -> None:
        assert self._states is not None
        bit = 1 << len(self.cases)
        self.cases.append(case)
        for node, state in zip(self._watched, self._states(case), strict=True):
            if state == TRUE:
                self._true[node] |= bit
            elif state == FALSE:
                self._false[node] |= bit

    def find(
        self, holds: Sequence[int], fails: Sequence[int], period: Interval | None
    ) -> Mapping[str, object] | None:
        """The first case on which all of one certainly hold and all of the other certainly do not, on a day of the period."""
        bits = (1 << len(self.cases)) - 1
        if period is not None and bits:
            bits = self._days(period)
        for node in holds:
            bits &= self._true.get(node, 0)
        for node in fails:
            bits &= self._false.get(node, 0)
        return self.cases[(bits & -bits).bit_length() - 1] if bits else None

    def _days(self, period: Interval) -> int:
        """The cases whose day lies within."""
        counted, bits = self._within.get(period, (0, 0))
        begins = 0 if period.from_on is None else period.from_on.toordinal()
        ends = 1 << 30 if period.until_on is None else period.until_on.toordinal()
        for at in range(counted, len(self.cases)):
            day = self.cases[at]["on"]
            assert isinstance(day, int)
            if begins <= day < ends:
                bits |= 1 << at
        self._within[period] = (len(self.cases), bits)
        return bits
