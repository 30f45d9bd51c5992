"""A reading made ready to answer: its evaluators, and what can be written before a case is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple, cast

from .answer import ProvisionLine
from .calendar import Calendars
from .kleene import TRUE, truth
from .pack import Bank, MeasureTerm, Provision, Vocabulary
from .point import Evaluator, evaluator
from .verdict import Reading


@dataclass(frozen=True)
class Question:
    """A case ready to be determined: facts as the evaluator reads them, and who asks."""

    values: Mapping[str, object]
    bank: Bank
    day: date
    crosses: str

    @cached_property
    def banks(self) -> tuple[str, ...]:
        """The banks whose law is asked."""
        return ("ml", "hk") if self.bank == "both" else (self.bank,)

    @cached_property
    def held(self) -> frozenset[str]:
        """Measures held."""
        return cast("frozenset[str]", self.values["held"])

    @cached_property
    def sought(self) -> tuple[str, ...]:
        """Measures asked for, in order."""
        return tuple(sorted(cast("frozenset[str]", self.values["sought"])))


class View(NamedTuple):
    """Which rules one kind of question looks at, with where their states stand."""

    deciding: tuple[tuple[int, tuple[ProvisionLine, ...]], ...]
    shadow: tuple[tuple[int, tuple[ProvisionLine, ...]], ...]
    requires: tuple[tuple[int, Provision], ...]


class Compiled:
    """A reading with its generated evaluators and the lines that can be written in advance."""

    def __init__(self, reading: Reading, vocabulary: Vocabulary, calendars: Calendars, digest: str) -> None:
        self.calendars = calendars
        self.reading = reading
        self.measures = vocabulary.measures
        self.results = vocabulary.results
        self.digest = digest
        self.implied = _implied_nodes(reading)
        self.roots = self._roots()
        self.place = {root: at for at, root in enumerate(self.roots)}
        self.lines = [tuple(_line(rule.provision, state) for state in range(4)) for rule in reading.rules]
        self.deciding = [at for at, rule in enumerate(reading.rules) if rule.provision.decides]
        self.gated = [
            key
            for key, measure in self.measures.items()
            if key in reading.routes and measure.kind in ("route", "facility")
        ]
        self._views: dict[tuple[Bank, tuple[str, ...]], View] = {}
        self._terms: dict[tuple[str, date], tuple[tuple[int, MeasureTerm], ...]] = {}

    def _roots(self) -> tuple[int, ...]:
        reading = self.reading
        roots: dict[int, None] = {}
        for group in chain(reading.banks.values(), reading.banks_without_memory.values()):
            roots.update(dict.fromkeys(group))
        for routes in (reading.routes, reading.routes_without_memory):
            for route in routes.values():
                roots.update(dict.fromkeys(route))
        for rule in reading.rules:
            roots.update(dict.fromkeys((rule.holds, rule.unmet)))
        roots.update(dict.fromkeys(reading.lifted.values()))
        for computed in reading.computed:
            roots.update(dict.fromkeys(line.typed.node for line in computed.lines))
        for nodes in self.implied.values():
            roots.update(dict.fromkeys(nodes))
        roots.update(dict.fromkeys(reading.terms.values()))
        return tuple(roots)

    @cached_property
    def evaluate(self) -> Evaluator:
        """All roots: what a full answer needs."""
        return evaluator(self.reading.graph, self.roots, self.calendars.after)

    @cached_property
    def decide(self) -> Evaluator:
        """Only the roots of the outcome: what a scan or a gate needs."""
        groups = (*self.reading.banks.values(), *self.reading.banks_without_memory.values())
        return evaluator(self.reading.graph, tuple(chain.from_iterable(groups)), self.calendars.after)

    @cached_property
    def every(self) -> Evaluator:
        """The value of each node, for finding what is missing."""
        return evaluator(self.reading.graph, range(len(self.reading.graph.nodes)), self.calendars.after)

    def view(self, question: Question) -> View:
        """The rules that bear on a question: of its banks, and tied to no measure or to one that is sought."""
        key = (question.bank, question.sought)
        if key not in self._views:
            bears = [
                (self.place[rule.holds], rule.provision, lines)
                for rule, lines in zip(self.reading.rules, self.lines, strict=True)
                if rule.provision.bank in (*question.banks, "both")
                and (rule.provision.route is None or rule.provision.route in question.sought)
            ]
            self._views[key] = View(
                tuple((at, lines) for at, provision, lines in bears if provision.decides),
                tuple((at, lines) for at, provision, lines in bears if not provision.decides),
                tuple((at, p) for at, p, _ in bears if p.decides and p.effect.kind == "require"),
            )
        return self._views[key]

    def term(self, measure: str, question: Question, states: Sequence[Any]) -> MeasureTerm | None:
        """What the packs say of a measure on the day: the first entry that certainly applies to these facts."""
        for at, term in self._dated(measure, question):
            node = self.reading.terms.get((measure, at))
            if node is None or states[self.place[node]] == TRUE:
                return term
        return None

    def _dated(self, measure: str, question: Question) -> tuple[tuple[int, MeasureTerm], ...]:
        """The entries of a measure for the day and direction, with their places."""
        key = (measure, question.day)
        if key not in self._terms:
            entries = enumerate(self.measures[measure].terms)
            self._terms[key] = tuple(
                (at, t)
                for at, t in entries
                if t.in_force.covers(question.day) and (not t.crosses or question.crosses in t.crosses)
            )
        return self._terms[key]


def _line(provision: Provision, state: int) -> ProvisionLine:
    return ProvisionLine(
        provision.id,
        provision.instrument,
        provision.article,
        truth(state),
        provision.effect.kind,
        provision.says,
        provision.source,
        provision.confidence,
        provision.status,
        provision.bank,
    )


def _implied_nodes(reading: Reading) -> dict[str, list[int]]:
    """The nodes of each fact that others may imply."""
    found: dict[str, list[int]] = {}
    for at, node in enumerate(reading.graph.nodes):
        if node.operator == "fact" and node.arguments and isinstance(node.value, tuple):
            found.setdefault(str(node.value[0]), []).append(at)
    return found
