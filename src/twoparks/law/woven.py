"""Readings of one flow in one graph: what directions, periods and versions share is one node, and is proved once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from .graph import Graph
from .pack import FactSpec, Interval
from .point import WorkingDaysAfter
from .pool import Pool
from .smt import Bit, Smt
from .solver import MOST_STEPS, Solver
from .verdict import BankRoots, Reading, RouteRoots


def laid(graph: Graph, other: Graph) -> list[int]:
    """Where each node of another graph stands in this one, put there where it was not."""
    at: list[int] = []
    for node in other.nodes:
        at.append(graph.add(node.operator, tuple(at[part] for part in node.arguments), node.value))
    return at


def woven(graph: Graph, reading: Reading) -> Reading:
    """The same reading with its nodes in `graph`."""
    at = laid(graph, reading.graph)

    def banks(roots: Mapping[str, BankRoots]) -> dict[str, BankRoots]:
        return {key: BankRoots(*(at[root] for root in found)) for key, found in roots.items()}

    def routes(roots: Mapping[str, RouteRoots]) -> dict[str, RouteRoots]:
        return {key: RouteRoots(*(at[root] for root in found)) for key, found in roots.items()}

    return Reading(
        graph,
        reading.facts,
        tuple(rule.moved(at) for rule in reading.rules),
        banks=banks(reading.banks),
        banks_without_memory=banks(reading.banks_without_memory),
        routes=routes(reading.routes),
        routes_without_memory=routes(reading.routes_without_memory),
        lifted={key: at[root] for key, root in reading.lifted.items()},
        computed=tuple(computed.moved(at) for computed in reading.computed),
        terms={key: at[root] for key, root in reading.terms.items()},
    )


class Possible:
    """Whether some case makes certain nodes of a woven graph hold and others not; each question is put to z3 once.

    Every fact is stated in such a case, unless `partial`. Raises solver.Undecided where z3 did not settle it within its steps.
    """

    def __init__(
        self,
        facts: Mapping[str, FactSpec],
        workdays: WorkingDaysAfter,
        *,
        partial: bool = False,
        steps: int = MOST_STEPS,
    ) -> None:
        self.graph = Graph()
        self.smt = Smt(self.graph, facts, partial=partial)
        self.solver = Solver(self.smt, workdays, steps)
        self._known: dict[object, dict[str, object] | None] = {}
        self._dated: list[bool] = []
        self._workdays = workdays
        self._pool = Pool(self.graph, facts, (), workdays)

    def watch(self, nodes: Sequence[int], periods: Iterable[Interval]) -> None:
        """Keep the truth of these nodes in each case met from now on: most questions about them then cost nothing."""
        self._pool = Pool(self.graph, self.smt.facts, nodes, self._workdays)
        self._pool.days = sorted({first_day(period).toordinal() for period in periods})

    def case(self, holds: Sequence[int], fails: Sequence[int], period: Interval) -> dict[str, object] | None:
        """Facts of a day within the period on which all of `holds` certainly hold and all of `fails` certainly do not."""
        holds, fails = sorted(set(holds)), sorted(set(fails))
        if self.graph.false in holds or self.graph.true in fails:
            return None
        dated = any(map(self.rests_on_the_day, (*holds, *fails)))
        days = period if dated else None
        met = self._pool.find(holds, fails, days)
        if met is not None:
            return {**met, "on": met["on"] if dated else first_day(period).toordinal()}
        key = (tuple(holds), tuple(fails), days)
        if key not in self._known:
            smt = self.smt
            wanted = [smt.truth(node).sure for node in holds]
            wanted += [smt.logic.no(smt.truth(node).may) for node in fails]
            found = self.solver.case(*wanted, *(self.within(period) if dated else ()))
            self._known[key] = None if found is None else self._met(found, period)
        return self._known[key]

    def asked(self, condition: Bit, period: Interval) -> dict[str, object] | None:
        """Facts of a day within the period on which a condition over this graph holds."""
        if condition is False:
            return None
        found = self.solver.case(condition, *self.within(period))
        defaults = {"on": first_day(period).toordinal(), "held": frozenset(), "sought": frozenset()}
        return None if found is None else {**defaults, **found}

    def _met(self, found: dict[str, object], period: Interval) -> dict[str, object]:
        """A case with its day and whatever has a default, kept for later questions."""
        begins = first_day(period).toordinal()
        case = {"on": begins, "held": frozenset(), "sought": frozenset(), **found}
        self._pool.take(case)
        return case

    def within(self, period: Interval) -> list[object]:
        """That the day lies within the period."""
        on = self.smt.fact("on").now
        found: list[object] = [] if period.from_on is None else [on >= period.from_on.toordinal()]
        return found + ([] if period.until_on is None else [on < period.until_on.toordinal()])

    def rests_on_the_day(self, node: int) -> bool:
        """Whether the day asked about may change a node."""
        for at in range(len(self._dated), len(self.graph.nodes)):
            known = self.graph.nodes[at]
            own = known.operator == "fact" and isinstance(known.value, tuple) and known.value[0] == "on"
            self._dated.append(own or any(self._dated[part] for part in known.arguments))
        return self._dated[node]


def first_day(period: Interval) -> date:
    """The first day of a period, or the last before it ends where it has no beginning."""
    if period.from_on is not None:
        return period.from_on
    return date(2000, 1, 1) if period.until_on is None else date.fromordinal(period.until_on.toordinal() - 1)
