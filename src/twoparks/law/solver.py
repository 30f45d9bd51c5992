"""z3 asked for a case: the same answer each time, within a count of steps instead of a time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from .kleene import FALSE, MISSING, TRUE, UNKNOWN
from .logic import Logic
from .point import WorkingDaysAfter, months_after
from .smt import FIRST_DAY, LAST_DAY, Bit, Later, Smt, Truth, Value

MOST_STEPS = 2_000_000
"""z3's own count of work for one question (about a second); not a time, so that an answer never depends on the machine."""
_MOST_LEMMAS = 300  # facts of the calendar that one question may need
_STRIDE = 20  # days; less than any year's calendar, so that no year held is stepped over


class Undecided(Exception):
    """A question z3 did not settle within its steps."""


class Model:
    """Values of every free fact that z3 found together."""

    def __init__(self, found: Any, logic: Logic) -> None:
        self._found = found
        self._z3 = logic.z3
        self._context = logic.context.ref()

    def bit(self, bit: Bit) -> bool:
        """A truth in this model."""
        if isinstance(bit, bool):
            return bit
        # As ModelRef.eval, which takes ten times as long to wrap the answer; a model is read a hundred times.
        answer = (self._z3.Ast * 1)()
        self._z3.Z3_model_eval(self._context, self._found.model, bit.as_ast(), True, answer)
        return bool(self._z3.Z3_get_bool_value(self._context, answer[0]) == 1)

    def number(self, number: Any) -> int:
        """A number in this model."""
        return (
            number
            if isinstance(number, int)
            else int(self._found.eval(number, model_completion=True).as_long())
        )

    def truth(self, truth: Truth) -> int:
        """A truth as the evaluator writes it."""
        return TRUE if self.bit(truth.sure) else UNKNOWN if self.bit(truth.may) else FALSE

    def value(self, kind: str, value: Value) -> object:
        """A value of a fact's type as the evaluator writes it."""
        if self.bit(value.missing):
            return MISSING
        if self.bit(value.null):
            return None
        if kind == "bool":
            return self.bit(value.now)
        if kind in ("enum", "set"):
            words = [word for word, bit in value.now.items() if self.bit(bit)]
            return frozenset(words) if kind == "set" else words[0]
        return self.number(value.now)

    def facts(self, smt: Smt) -> dict[str, object]:
        """The free facts that are stated in this model."""
        found = {name: self.value(smt.facts[name].type, smt.stated[name]) for name in smt.opened}
        return {name: value for name, value in found.items() if value is not MISSING}


class Solver:
    """Cases in which what is wanted holds, over the facts of one `Smt`."""

    def __init__(self, smt: Smt, workdays: WorkingDaysAfter, steps: int = MOST_STEPS) -> None:
        self.smt = smt
        self.logic = smt.logic
        self.asked = 0
        self._workdays = workdays
        self._solver = self.logic.z3.SimpleSolver(ctx=self.logic.context)
        self._solver.set("rlimit", steps)
        self._solver.set("random_seed", 0)
        self._bounded = 0

    def case(self, *wanted: Bit) -> dict[str, object] | None:
        """Facts, as the evaluator reads them, on which all that is wanted holds; None where there are none. Raises Undecided."""
        model = self.model(*wanted)
        return None if model is None else model.facts(self.smt)

    def model(self, *wanted: Bit) -> Model | None:
        """Likewise, as a model to be read."""
        condition = self.logic.all(wanted)
        if condition is False:
            return None
        added = 0
        while added < _MOST_LEMMAS:
            self._bound()
            model = self._candidate(condition)
            if model is None:
                return None
            lemmas = [lemma for later in self.smt.later if (lemma := self._exact(model, later)) is not None]
            if not lemmas:
                return model
            added += len(lemmas)
            self._solver.add(*lemmas)
        raise Undecided("too many days would have to be looked up in the calendar")

    def _candidate(self, condition: Bit) -> Model | None:
        """A model of the condition as far as the calendar is known to z3, None where there is none."""
        self.asked += 1
        self._solver.push()
        try:
            if condition is not True:
                self._solver.add(condition)
            answer = self._solver.check()
            if answer == self.logic.z3.unknown:
                raise Undecided(f"z3 stopped: {self._solver.reason_unknown()}")
            return None if answer == self.logic.z3.unsat else Model(self._solver.model(), self.logic)
        finally:
            self._solver.pop()

    def _bound(self) -> None:
        """What facts may be, for those met since the last question."""
        fresh = self.smt.bounds[self._bounded :]
        self._solver.add(*(bound for bound in fresh if bound is not True))
        self._bounded = len(self.smt.bounds)

    def _exact(self, model: Model, later: Later) -> Bit | None:
        """What is exact about the day a model uses, where the model has it wrong."""
        if model.bit(later.day.missing) or model.bit(later.number.missing):
            return None
        day, count, found = (model.number(part.now) for part in (later.day, later.number, later.found))
        unheld = model.bit(later.found.missing)
        if later.node.operator == "months":
            first, last, target = _month(day, count)
            exact = target(day)
            if exact == found:
                return None
            length = target(last) - target(first)
            into = later.day.now - first
            step = self.logic.choose(self.logic.least(into, length), into, length)
            then = self.logic.same(later.found.now, step + target(first))
        else:
            bank = str(later.node.value)
            held = self._workdays(bank, day, count)
            if unheld == (held is MISSING) and held in (found, MISSING):
                return None
            first, last = self._alike(bank, day, count, held)
            then = later.found.missing
            if held is not MISSING:
                told = self.logic.same(later.found.now, held)
                then = self.logic.all((self.logic.no(later.found.missing), told))
        logic = self.logic
        here = logic.all((first <= later.day.now, later.day.now <= last, logic.same(later.number.now, count)))
        return logic.any((logic.no(here), then))

    def _alike(self, bank: str, day: int, count: int, held: object) -> tuple[int, int]:
        """The days about this one from which as many working days lead to the same."""
        ends = []
        for way, limit in ((-1, FIRST_DAY), (1, LAST_DAY)):
            at = day
            for stride in (_STRIDE, 1) if held is MISSING else (1,):
                while (
                    at * way + stride <= limit * way
                    and self._workdays(bank, at + way * stride, count) == held
                ):
                    at += way * stride
            ends.append(at)
        return ends[0], ends[1]


def _month(day: int, count: int) -> tuple[int, int, Any]:
    """The month of a day, and what a number of months makes of each of its days."""
    start = date.fromordinal(day).replace(day=1)
    last = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return start.toordinal(), last.toordinal(), lambda at: months_after(at, count)
