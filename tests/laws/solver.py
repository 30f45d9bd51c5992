"""The question "can k changes lead to a yes?" put to z3, written from the graph alone, as an oracle for `what_if`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twoparks.law.compiled import Compiled, Question
from twoparks.law.kleene import MISSING
from twoparks.law.smt import Smt, Truth
from twoparks.law.solver import Solver
from twoparks.law.zone import Zone


def change_within(zone: Zone, facts: Mapping[str, object], changes: int | None) -> object | None:
    """Facts of which at most so many changeable ones (None: any number) are changed and to which the answer is yes."""
    compiled, question = zone._question(facts, "both", None)
    if changes is not None and changes < 0:
        return None
    asked = _Asked(compiled, question)
    logic = asked.smt.logic
    wanted = asked.yes()
    if changes is not None:
        counted = [logic.z3.If(flag, 1, 0) for flag in asked.changed.values()]
        wanted.append(logic.z3.Sum(counted) <= changes if counted else True)
    return Solver(asked.smt, zone.calendars.after).case(*wanted)


class _Asked:
    """A reading over the facts of a case, of which those the applicant can change may be changed."""

    def __init__(self, compiled: Compiled, question: Question) -> None:
        self.compiled = compiled
        self.question = question
        self.smt = Smt(compiled.reading.graph, compiled.reading.facts)
        fixed = compiled.every(question.values)
        settled = {n for n, at in compiled.implied.items() if any(fixed[i] is not MISSING for i in at)}
        self.changed: dict[str, Any] = {}
        for name, spec in compiled.reading.facts.items():
            stated = self.smt.settled(spec, question.values.get(name, MISSING))
            if spec.changeable and (name in question.values or name not in settled):
                self.changed[name] = self.smt.logic.bit(f"changed {name}")
                self.smt.stated[name] = self.smt.choose(self.changed[name], self.smt.free(spec), stated)
            else:
                self.smt.stated[name] = stated

    def truth(self, node: int) -> Truth:
        return self.smt.truth(node)

    def yes(self) -> list[Any]:
        """Clear or conditional, settled, and the same without what rests on memory."""
        deciding = bool(self.compiled.deciding)
        if self.question.sought:
            return [*self._yes_to_sought(), deciding]
        logic, reading = self.smt.logic, self.compiled.reading
        wanted, unmet = [], []
        for banks in (reading.banks, reading.banks_without_memory):
            roots = [banks[bank] for bank in self.question.banks]
            for root in roots:
                wanted += [logic.no(self.truth(node).may) for node in (root.forbidden, root.referred)]
            gaps = [self.truth(root.unmet) for root in roots]
            sure, may = logic.any(gap.sure for gap in gaps), logic.any(gap.may for gap in gaps)
            wanted.append(logic.same(sure, may))
            unmet.append(sure)
        return [*wanted, logic.same(*unmet), deciding]

    def _yes_to_sought(self) -> list[Any]:
        """Nothing certainly forbids the movement; all that is asked for is open and not referred, by memory or without it."""
        logic, reading, question = self.smt.logic, self.compiled.reading, self.question
        wanted = [logic.no(self.truth(reading.banks[bank].forbidden).sure) for bank in question.banks]
        least, most = [], []
        for key in question.sought:
            if key not in reading.routes:
                return [False]
            for route in (reading.routes[key], reading.routes_without_memory[key]):
                wanted += [self.truth(route.open).sure, logic.no(self.truth(route.referred).may)]
            waits = key not in question.held
            full, known = (self.truth(r[key].unmet) for r in (reading.routes, reading.routes_without_memory))
            least.append(logic.any((waits, full.sure)))
            most.append(logic.any((waits, full.may)))
            agree = logic.all((logic.same(full.sure, known.sure), logic.same(full.may, known.may)))
            wanted.append(logic.any((waits, logic.no(logic.same(full.sure, full.may)), agree)))
        return [*wanted, logic.same(logic.any(least), logic.any(most))]
