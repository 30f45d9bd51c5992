"""The states of a case become an outcome: per bank, over the banks asked, or for what is sought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, NamedTuple

from .answer import Outcome
from .compiled import Compiled, Question
from .kleene import FALSE, TRUE, UNKNOWN
from .pack import Provision
from .verdict import RouteRoots, Rule

_RANKED = (Outcome.CLEAR, Outcome.CONDITIONAL, Outcome.REFER, Outcome.FORBIDDEN)
_REFER, _FORBIDDEN = 2, 3


class Range(NamedTuple):
    """The mildest and the severest outcome that the missing facts allow, as places in `_RANKED`."""

    least: int
    most: int

    @property
    def outcome(self) -> Outcome:
        """The outcome where both ends agree, else unknown."""
        return _RANKED[self.least] if self.least == self.most else Outcome.UNKNOWN


def _range(forbidden: int, referred: int, unmet: int) -> Range:
    least = _FORBIDDEN if forbidden == TRUE else _REFER if referred == TRUE else int(unmet == TRUE)
    most = _FORBIDDEN if forbidden else _REFER if referred else int(unmet != FALSE)
    return Range(least, most)


_RANGES = {states: _range(*states) for states in product((FALSE, UNKNOWN, TRUE), repeat=3)}


class Settled(NamedTuple):
    """An outcome, each bank's own, and the provisions from memory on which it turns."""

    outcome: Outcome
    banks: dict[str, Outcome]
    decisive: tuple[Provision, ...]


class Weighing:
    """One case being weighed. The worse bank counts.

    A provision from memory is decisive when the settled outcome would differ without all such provisions; an outcome that does
    not turn on them stands. A bank's own outcome is weighed by itself, since each bank answers under its own law.
    """

    def __init__(self, compiled: Compiled, question: Question, states: Sequence[Any]) -> None:
        self.compiled = compiled
        self.question = question
        self.states = states

    def state(self, root: int) -> int:
        """The truth of a root."""
        state: int = self.states[self.compiled.place[root]]
        return state

    def settle(self) -> Settled:
        """The outcome of the question."""
        banks = self.question.banks
        own = {bank: self.over([bank]) for bank in banks}
        outcome, decisive = own[banks[0]] if len(banks) == 1 else self.over(banks)
        if self.question.sought:
            outcome, decisive = self.sought(), ()
        return Settled(outcome, {bank: found for bank, (found, _) in own.items()}, decisive)

    def over(self, banks: Iterable[str]) -> tuple[Outcome, tuple[Provision, ...]]:
        """The outcome over these banks, and what from memory it turns on."""
        names = tuple(banks)
        if not self.compiled.deciding:
            return Outcome.REFER, ()
        limits = self.limits(names)
        if (
            limits.least != limits.most
            or not self.compiled.memory
            or limits == self.limits(names, memory=False)
        ):
            return limits.outcome, ()
        return Outcome.REFER, tuple(
            rule.provision
            for rule in self.compiled.memory
            if rule.provision.bank in (*names, "both") and self.weighs(rule)
        )

    def limits(self, banks: Iterable[str], *, memory: bool = True) -> Range:
        """The range over these banks, with or without what rests on memory."""
        forks = self.compiled.forks
        found = [self.range(forks[bank].full if memory else forks[bank].without_memory) for bank in banks]
        if len(found) == 1:
            return found[0]
        return Range(max(least for least, _ in found), max(most for _, most in found))

    def range(self, roots: tuple[int, int, int]) -> Range:
        """The range that the states at three places allow."""
        states = self.states
        forbidden, referred, unmet = states[roots[0]], states[roots[1]], states[roots[2]]
        return _RANGES[forbidden, referred, unmet]

    def barred(self) -> bool:
        """Whether the movement is certainly forbidden."""
        return self.limits(self.question.banks).least == _FORBIDDEN

    def weighs(self, rule: Rule) -> bool:
        """Whether a provision from memory takes part in the outcome on these facts."""
        return self.state(rule.holds) == TRUE and (
            rule.provision.effect.kind != "require" or self.state(rule.unmet) == TRUE
        )

    def open_state(self, measure: str) -> int:
        """Whether a measure that is asked for is open; one the law never names is closed."""
        route = self.compiled.reading.routes.get(measure)
        return FALSE if route is None else self.state(route.open)

    def sought(self) -> Outcome:
        """The answer to what is asked for: the worst of several counts, and a movement certainly forbidden stays so.

        The facts of the rest of the movement are not asked; what is stated and forbids it is not ignored.
        """
        if self.barred():
            return Outcome.FORBIDDEN
        ranges = [self.route_range(measure) for measure in self.question.sought]
        return Range(max(found.least for found in ranges), max(found.most for found in ranges)).outcome

    def route_range(self, measure: str) -> Range:
        """The range for one measure; a settled one that turns on what is remembered is for a person to decide."""
        reading = self.compiled.reading
        if measure not in reading.routes:
            return Range(_FORBIDDEN, _FORBIDDEN)
        found = self.way(reading.routes[measure], measure)
        if found.least != found.most or found == self.way(reading.routes_without_memory[measure], measure):
            return found
        return Range(_REFER, _REFER)

    def way(self, route: RouteRoots, measure: str) -> Range:
        """The range that one reading of a measure allows: closed is forbidden, open and not held is conditional."""
        is_open, referred, unmet = (self.state(root) for root in route)
        if is_open == FALSE:
            return Range(_FORBIDDEN, _FORBIDDEN)
        waits = measure not in self.question.held
        least = 0 if is_open == UNKNOWN else _REFER if referred == TRUE else int(waits or unmet == TRUE)
        most = _FORBIDDEN if is_open == UNKNOWN else _REFER if referred else int(waits or unmet != FALSE)
        return Range(least, most)
