"""A reading made ready to answer: its evaluators, and what can be written before a case is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple, cast

from .answer import MeasureLine, ProvisionLine
from .calendar import Calendars
from .kleene import TRUE, truth
from .pack import BANKS, Bank, Measure, MeasureTerm, Provision, Vocabulary
from .point import Evaluator, evaluator
from .reach import reach_evaluator
from .verdict import Reading


class Question:
    """A case ready to be determined: facts as the evaluator reads them, who asks, what is held and sought (in order)."""

    __slots__ = ("bank", "banks", "crosses", "day", "held", "sought", "values")

    def __init__(self, values: Mapping[str, object], bank: Bank, day: date, crosses: str) -> None:
        self.values = values
        self.bank = bank
        self.day = day
        self.crosses = crosses
        self.banks: tuple[str, ...] = BANKS if bank == "both" else (bank,)
        self.held = cast("frozenset[str]", values["held"])
        self.sought = tuple(sorted(cast("frozenset[str]", values["sought"])))


class View(NamedTuple):
    """Which rules one kind of question looks at, with where their states stand."""

    deciding: tuple[tuple[int, tuple[ProvisionLine, ...]], ...]
    shadow: tuple[tuple[int, tuple[ProvisionLine, ...]], ...]
    requires: tuple[tuple[int, Provision], ...]


class Fork(NamedTuple):
    """Where the three roots of a bank stand among the states: of all its law, and without what rests on memory."""

    full: tuple[int, int, int]
    without_memory: tuple[int, int, int]


class Asked(NamedTuple):
    """A measure as provisions ask for it on some facts."""

    measure: str
    one_of: tuple[str, ...]
    held: bool
    provisions: tuple[str, ...]
    sure: bool


_LINES_KEPT = 4096
"""Lines of measures kept for one reading; those asked for again are not written anew."""


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
            (key, self.place[reading.routes[key].open])
            for key, measure in self.measures.items()
            if key in reading.routes and measure.kind in ("route", "facility")
        ]
        self._views: dict[tuple[Bank, tuple[str, ...]], View] = {}
        self.referring = [
            rule for rule in reading.rules if rule.provision.effect.kind == "refer" and rule.provision.decides
        ]
        self.memory = reading.remembered()
        self.forks = {bank: self._fork(bank) for bank in BANKS}
        self._terms: dict[tuple[str, date], tuple[tuple[int | None, MeasureTerm], ...]] = {}
        self._measure_lines: dict[tuple[object, ...], MeasureLine] = {}

    def _fork(self, bank: str) -> Fork:
        reading, place = self.reading, self.place
        return Fork(
            *(
                cast("tuple[int, int, int]", tuple(place[root] for root in roots[bank]))
                for roots in (reading.banks, reading.banks_without_memory)
            )
        )

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

    @cached_property
    def reach(self) -> Evaluator:
        """All roots as masks of what they may be while some facts are free."""
        return reach_evaluator(self.reading.graph, self.roots, self.calendars.after)

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
            if at is None or states[at] == TRUE:
                return term
        return None

    def _dated(self, measure: str, question: Question) -> tuple[tuple[int | None, MeasureTerm], ...]:
        """The entries of a measure for the day and direction, with the place of their condition."""
        key = (measure, question.day)
        if key not in self._terms:
            nodes = self.reading.terms
            self._terms[key] = tuple(
                (self.place[nodes[measure, at]] if (measure, at) in nodes else None, t)
                for at, t in enumerate(self.measures[measure].terms)
                if t.in_force.covers(question.day) and (not t.crosses or question.crosses in t.crosses)
            )
        return self._terms[key]

    def measure_line(self, asked: Asked, term: MeasureTerm | None) -> MeasureLine:
        """The line of a measure, written once for each way it is asked."""
        key = (asked, id(term))
        line = self._measure_lines.get(key)
        if line is None:
            if len(self._measure_lines) >= _LINES_KEPT:
                self._measure_lines.clear()
            line = self._measure_lines[key] = _measure_line(self.measures[asked.measure], asked, term)
        return line


def _measure_line(known: Measure, asked: Asked, term: MeasureTerm | None) -> MeasureLine:
    terms: Mapping[str, object] = {} if term is None else term.terms
    days = terms.get("decision_working_days")
    return MeasureLine(
        known.key,
        known.kind,
        known.bank,
        asked.one_of,
        asked.held,
        known.authority if term is None else term.authority,
        days if isinstance(days, int) else None,
        asked.provisions,
        asked.sure,
        terms,
    )


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
