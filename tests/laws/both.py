"""One case put to two readings: what generated Python says of each root, asked of z3 with every fact fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twoparks.law.graph import VALUES, Graph
from twoparks.law.kleene import MISSING, TRUE, UNKNOWN
from twoparks.law.pack import FactSpec
from twoparks.law.point import Evaluator, WorkingDaysAfter, evaluator
from twoparks.law.smt import Bit, Smt, Truth, Value
from twoparks.law.solver import Model, Solver


class Both:
    """A graph ready for `point` and for z3."""

    def __init__(self, graph: Graph, facts: Mapping[str, FactSpec], workdays: WorkingDaysAfter) -> None:
        self.graph = graph
        self.workdays = workdays
        self.smt = Smt(graph, facts, partial=True)
        self.solver = Solver(self.smt, workdays)

    def point(self, roots: Sequence[int]) -> Evaluator:
        """The generated reading of some roots."""
        return evaluator(self.graph, roots, self.workdays)

    def made(self, root: int) -> Truth | Value:
        """A root as z3 reads it."""
        in_values = self.graph.nodes[root].operator in VALUES
        return self.smt.value(root) if in_values else self.smt.truth(root)

    def agree(self, roots: Sequence[int], point: Evaluator, values: Mapping[str, object]) -> bool:
        """Whether z3, told these facts, says of every root what `point` says."""
        said = self.smt.logic.all(map(self.says, map(self.made, roots), point(values)))
        return bool(self.fixed(values).bit(said))

    def says(self, made: Truth | Value, found: object) -> Bit:
        """That a root is what `point` found."""
        if isinstance(made, Value):
            return self.is_now(made, found)
        logic = self.smt.logic
        if found == UNKNOWN:
            return logic.all((made.may, logic.no(made.sure)))
        return made.sure if found == TRUE else logic.no(made.may)

    def fixed(self, values: Mapping[str, object]) -> Model:
        """The one model in which every fact is as it is stated here, or missing."""
        told = [self.is_now(value, values.get(name, MISSING)) for name, value in self.smt.stated.items()]
        model = self.solver.model(*told)
        assert model is not None, "z3 cannot take facts that are read"
        return model

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
