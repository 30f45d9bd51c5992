"""What would turn a no into a yes: the fewest facts to change, among those the applicant can change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Literal, NamedTuple, cast

from .answer import Outcome
from .breaks import worth_trying
from .compiled import Compiled, Question
from .facts import plain
from .kleene import MISSING
from .outcome import Weighing
from .path import Plan
from .reach import MAY_BE_FALSE, MAY_BE_TRUE, MAY_BE_UNKNOWN, freed

_PIVOTS = 3
MOST_TRIED = 5_000  # looks at the law that one search may take: about a quarter of a second
_YES = (Outcome.CLEAR, Outcome.CONDITIONAL)


class FactChange(NamedTuple):
    """A fact and what it would have to be; `before` is None where it was not stated."""

    fact: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Change:
    """The answer to "what if": the outcome now, what to change, the outcome then, and what remains to be obtained.

    `after` is None where no change of the applicant's makes it possible. `missing` are facts to state first: while the
    outcome is unknown nothing is proposed. `searched` is false where the possibilities were too many to try them all.
    """

    before: Outcome
    after: Outcome | None
    changes: tuple[FactChange, ...]
    missing: tuple[str, ...]
    plan: Plan
    pack_digest: str
    searched: bool = True

    @property
    def verdict(self) -> Literal["unknown", "impossible", "nothing", "change", "not_found"]:
        """Which of the five answers this is."""
        if self.before is Outcome.UNKNOWN:
            return "unknown"
        if not self.searched:
            return "not_found"
        return "impossible" if self.after is None else "change" if self.changes else "nothing"

    def as_dict(self) -> dict[str, object]:
        """JSON values."""
        return {
            "verdict": self.verdict,
            "before": str(self.before),
            "after": None if self.after is None else str(self.after),
            "changes": [change._asdict() for change in self.changes],
            "missing": list(self.missing),
            "plan": self.plan.as_dict(),
            "pack_digest": self.pack_digest,
        }


Way = Sequence[tuple[int, int]]
"""Places of roots with the masks of which each must share a truth: all of them together may be a yes."""


class TooMany(Exception):
    """More possibilities than one search may try."""


def smallest_change(compiled: Compiled, question: Question) -> dict[str, object] | None:
    """The new values of the fewest facts that lead to a yes; {} when none is needed, None when none suffices.

    Among as few facts, those that stand earlier in the vocabulary. A set counts as one fact. Raises TooMany after
    MOST_TRIED looks at the law without an answer.
    """
    silent = not compiled.deciding or any(key not in compiled.reading.routes for key in question.sought)
    return None if silent else _Search(compiled, question).run()


def fact_changes(
    compiled: Compiled, before: Mapping[str, object], after: Mapping[str, object]
) -> tuple[FactChange, ...]:
    """The changed values as they are written."""
    types = {name: compiled.reading.facts[name].type for name in after}
    return tuple(
        FactChange(name, plain(before.get(name), types[name]), plain(value, types[name]))
        for name, value in after.items()
    )


class _Search:
    """Sets of facts to change are proposed that hit every known conflict; each that fails yields another conflict.

    A conflict is a set of facts of which at least one must change. Whether free facts could lead to a yes at all is first
    asked of masks (`reach`), which refuse most choices without trying a value.
    """

    def __init__(self, compiled: Compiled, question: Question) -> None:
        self.compiled = compiled
        self.question = question
        self.facts = self._changeable()
        self._pivots = self._split()
        self._ways = _ways(compiled, question)
        self._left = MOST_TRIED

    def _changeable(self) -> list[str]:
        """Facts the applicant can change and the outcome may rest on; what others imply is not the applicant's to state."""
        graph, values = self.compiled.reading.graph, self.question.values
        nodes = [graph.nodes[at] for at in graph.reachable(self.compiled.roots)]
        used = {node.value[0] for node in nodes if node.operator == "fact" and isinstance(node.value, tuple)}
        settled = {
            name
            for name, found in self.compiled.implied.items()
            if name not in values and self._implied(found)
        }
        return [
            name
            for name, spec in self.compiled.reading.facts.items()
            if spec.changeable and name in used and name not in settled
        ]

    def _implied(self, nodes: Sequence[int]) -> bool:
        states = self.compiled.evaluate(self.question.values)
        return any(states[self.compiled.place[node]] is not MISSING for node in nodes)

    def run(self) -> dict[str, object] | None:
        """The changed values."""
        conflicts: list[frozenset[str]] = []
        while True:
            chosen = self._hitting(conflicts)
            if chosen is None:
                return None
            found = self._assigned(chosen)
            if found is not None:
                return {name: found[name] for name in chosen}
            conflicts.append(self._conflict(chosen))

    def _hitting(self, conflicts: Sequence[frozenset[str]]) -> tuple[str, ...] | None:
        """The fewest facts, one at least of every conflict."""
        for size in range(len(self.facts) + 1):
            for chosen in combinations(self.facts, size):
                if not any(conflict.isdisjoint(chosen) for conflict in conflicts):
                    return chosen
        return None

    def _conflict(self, chosen: Sequence[str]) -> frozenset[str]:
        """Facts outside `chosen` of which one must change, fewer where that is seen without trying many values."""
        open_facts = set(chosen)
        if not self._refused(open_facts):
            return frozenset(self.facts) - open_facts
        for name in self.facts:
            if name not in open_facts and self._refused(open_facts | {name}):
                open_facts.add(name)
        return frozenset(self.facts) - open_facts

    def _refused(self, open_facts: set[str]) -> bool:
        """Whether these facts, free, certainly lead to no yes: at once, or for each value of one of them."""
        stated = self.question.values
        if not self._possible(stated, open_facts):
            return True
        return any(
            not any(self._possible({**stated, name: value}, open_facts - {name}) for value in values)
            for name, values in self._pivots
            if name in open_facts
        )

    def _possible(self, values: Mapping[str, object], open_facts: Iterable[str]) -> bool:
        """Whether a yes is not excluded while these facts are free."""
        self._count()
        specs = self.compiled.reading.facts
        masks = self.compiled.reach(freed(values, {name: specs[name].nullable for name in open_facts}))
        return any(all(cast("int", masks[at]) & mask for at, mask in way) for way in self._ways)

    def _split(self) -> Sequence[tuple[str, Sequence[object]]]:
        """The facts of few values that are worth trying value by value, those of most values first."""
        specs = (self.compiled.reading.facts[name] for name in self.facts)
        found = [
            (s.name, s.values if s.type == "enum" else (True, False))
            for s in specs
            if s.type in ("enum", "bool")
        ]
        return sorted(found, key=lambda pivot: -len(pivot[1]))[:_PIVOTS]

    def _assigned(self, chosen: Sequence[str]) -> Mapping[str, object] | None:
        """Values of the chosen facts with which the answer is yes, clear before conditional where one fact is chosen."""
        values = {k: v for k, v in self.question.values.items() if k not in chosen}
        if not chosen:
            return values if self._outcome(values) in _YES else None
        if not self._possible(values, chosen):
            return None
        best = None
        for found, outcome in self._tried(values, chosen):
            if outcome is Outcome.CLEAR:
                return found
            best = best or found
            if len(chosen) > 1:
                break
        return best

    def _tried(
        self, values: Mapping[str, object], waiting: Sequence[str]
    ) -> Iterator[tuple[Mapping[str, object], Outcome]]:
        """Every way to a yes, a fact at a time, given up as soon as no value of the rest could help."""
        name, rest = waiting[0], waiting[1:]
        stated = self.question.values
        now = {**values, name: stated[name]} if name in stated else values
        for value in worth_trying(self.compiled, name, now):
            tried = {**values, name: value}
            if not rest:
                outcome = self._outcome(tried)
                if outcome in _YES:
                    yield tried, outcome
            elif self._possible(tried, rest):
                yield from self._tried(tried, rest)

    def _outcome(self, values: Mapping[str, object]) -> Outcome:
        self._count()
        question = self.question
        asked = Question(values, question.bank, question.day, question.crosses)
        return Weighing(self.compiled, asked, self.compiled.evaluate(values)).settle().outcome

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooMany


def _ways(compiled: Compiled, question: Question) -> list[Way]:
    """The ways to a yes: with all the law and without what rests on memory, clear in both or conditional in both."""
    if question.sought:
        return _sought_ways(compiled, question)
    forks = [compiled.forks[bank] for bank in question.banks]
    full, sure = [fork.full for fork in forks], [fork.without_memory for fork in forks]
    never = [(at, MAY_BE_FALSE) for forbidden, referred, _ in (*full, *sure) for at in (forbidden, referred)]
    clear = [(unmet, MAY_BE_FALSE) for _, _, unmet in (*full, *sure)]
    some = [
        [(one[2], MAY_BE_TRUE), (other[2], MAY_BE_TRUE)] for one, other in product(full, sure)
    ]  # at least one bank asks for something, by either reading
    return [[*never, *settled] for settled in (clear, *some)]


def _sought_ways(compiled: Compiled, question: Question) -> list[Way]:
    """The ways to have all that is asked for; where all is held, either nothing more is missing or something certainly is."""
    reading, place = compiled.reading, compiled.place
    barred = MAY_BE_FALSE | MAY_BE_UNKNOWN
    common = [(compiled.forks[bank].full[0], barred) for bank in question.banks]
    for key in question.sought:
        for roots in (reading.routes[key], reading.routes_without_memory[key]):
            common += [(place[roots.referred], MAY_BE_FALSE), (place[roots.open], MAY_BE_TRUE)]
    if not question.held.issuperset(question.sought):
        return [common]
    unmet = [place[reading.routes[key].unmet] for key in question.sought]
    settled = [[(at, MAY_BE_FALSE) for at in unmet], *([(at, MAY_BE_TRUE)] for at in unmet)]
    return [[*common, *way] for way in settled]
