"""One case put to two readings: what generated Python says of each root, asked of z3 with every fact fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twoparks.law.graph import VALUES, Graph
from twoparks.law.kleene import MISSING
from twoparks.law.pack import FactSpec
from twoparks.law.point import WorkingDaysAfter, evaluator
from twoparks.law.smt import Bit, Smt, Truth, Value
from twoparks.law.solver import Solver


class Both:
    """Some roots of a graph, ready for `point` and for z3."""

    def __init__(
        self, graph: Graph, facts: Mapping[str, FactSpec], roots: Sequence[int], workdays: WorkingDaysAfter
    ) -> None:
        self.roots = roots
        self.point = evaluator(graph, roots, workdays)
        self.smt = Smt(graph, facts, partial=True)
        self.solver = Solver(self.smt, workdays)
        self.made = [
            self.smt.value(at) if graph.nodes[at].operator in VALUES else self.smt.truth(at) for at in roots
        ]

    def agree(self, values: Mapping[str, object]) -> bool:
        """Whether z3, told these facts, says of every root what `point` says."""
        told = [self.is_now(value, values.get(name, MISSING)) for name, value in self.smt.stated.items()]
        model = self.solver.model(*told)
        assert model is not None, "z3 cannot take facts that are read"
        return all(
            model.truth(made) == found
            if isinstance(made, Truth)
            else bool(model.bit(self.is_now(made, found)))
            for made, found in zip(self.made, self.point(values), strict=True)
        )

    def is_now(self, made: Value, found: object) -> Bit:
        """That a value is missing, null, or this."""
        logic = self.smt.logic
        if found is MISSING:
            return made.missing
        if found is None:
            return logic.all((logic.no(made.missing), made.null))
        value = self.smt.constant(found).now
        if isinstance(value, dict):
            words = {*made.now, *value}
            same = logic.all(made.now[word] if word in value else logic.no(made.now[word]) for word in words)
        else:
            same = logic.same(made.now, value)
        return logic.all((logic.no(made.missing), logic.no(made.null), same))
