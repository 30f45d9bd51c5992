"""How provisions make an outcome, written into the same graph as their conditions.

Nothing here looks at a case: what is built once per flow, direction and period is then read for one case (`point`) and, later, for many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from .check import condition, term
from .graph import Graph
from .pack import BANKS, FactSpec, Measure, PackError, Provision
from .scope import Scope, Typed

_MOVES_NOTHING = ("compute", "state")  # effects that by themselves make no outcome


class Rule(NamedTuple):
    """A provision in one reading: whether it holds (after what it yields to and what lifts it), and whether its step is missing.

    For proofs also: its condition alone, whether it stands before anything lifts it, and whether it asks for what is not open.
    """

    provision: Provision
    holds: int
    unmet: int
    when: int
    stands: int
    no_way: int

    def moved(self, at: Sequence[int]) -> Rule:
        """The same rule with its nodes where `at` says."""
        return Rule(self.provision, *(at[node] for node in self[1:]))


class BankRoots(NamedTuple):
    """The three questions that decide a bank's outcome."""

    forbidden: int
    referred: int
    unmet: int


class RouteRoots(NamedTuple):
    """The questions about one measure that is asked for: open, referred, prerequisites missing."""

    open: int
    referred: int
    unmet: int


class Line(NamedTuple):
    """One line of a computed result: a step's name (or the result's), its node and base type, its unit if not the result's."""

    name: str
    typed: Typed
    unit: str | None = None


class Computed(NamedTuple):
    """One provision that may give a result, with its lines; the last line is the result itself."""

    provision: Provision
    key: str
    holds: int
    lines: tuple[Line, ...]

    def moved(self, at: Sequence[int]) -> Computed:
        """The same with its nodes where `at` says."""
        lines = tuple(Line(line.name, line.typed._replace(node=at[line.typed.node])) for line in self.lines)
        return self._replace(holds=at[self.holds], lines=lines)


@dataclass(slots=True)
class Reading:
    """Everything the law of one flow, direction and period asks, as nodes of one graph."""

    graph: Graph
    facts: Mapping[str, FactSpec]
    rules: tuple[Rule, ...]
    banks: dict[str, BankRoots] = field(default_factory=dict)
    banks_without_memory: dict[str, BankRoots] = field(default_factory=dict)
    routes: dict[str, RouteRoots] = field(default_factory=dict)
    routes_without_memory: dict[str, RouteRoots] = field(default_factory=dict)
    lifted: dict[str, int] = field(default_factory=dict)
    computed: tuple[Computed, ...] = ()
    terms: dict[tuple[str, int], int] = field(default_factory=dict)

    def remembered(self) -> list[Rule]:
        """The deciding rules from memory that may move an outcome: by their own effect, or because such a one yields to them."""
        deciding = {rule.provision.id: rule for rule in self.rules if rule.provision.decides}
        moving: set[str] = set()
        for provision in reversed(in_order([rule.provision for rule in deciding.values()])):
            if provision.id in moving or provision.effect.kind not in _MOVES_NOTHING:
                moving.update((provision.id, *provision.unless))
        return [
            rule for name, rule in deciding.items() if name in moving and rule.provision.confidence == "M"
        ]


def build(
    provisions: Sequence[Provision], scope: Scope, measures: Mapping[str, Measure], gated: frozenset[str]
) -> Reading:
    """Compile the provisions that are in force in this scope.

    `gated` are the measures that some provision of the flow, at any time, has to permit before they are open.
    """
    conditions = {provision.id: condition(provision.when, scope) for provision in provisions}
    given = Given(scope.graph, measures, gated, conditions, tuple(in_order(provisions)))
    full, verified = _Builder(given), _Builder(given, without_memory=True)
    reading = Reading(scope.graph, scope.facts, tuple(full.rule(provision) for provision in provisions))
    for bank in BANKS:
        reading.banks[bank] = full.bank(bank)
        reading.banks_without_memory[bank] = verified.bank(bank)
    reading.routes = {key: full.route(key) for key in full.routes()}
    reading.routes_without_memory = {key: verified.route(key) for key in reading.routes}
    reading.lifted = {key: full.any("exempt", key) for key in reading.routes}
    reading.computed = tuple(
        _computed(rule, scope) for rule in reading.rules if rule.provision.effect.kind == "compute"
    )
    return reading


def rules(given: Given) -> tuple[Rule, ...]:
    """The rules alone: all that is asked of the law whatever the case."""
    builder = _Builder(given)
    return tuple(builder.rule(provision) for provision in given.ordered)


def in_order(provisions: Sequence[Provision]) -> list[Provision]:
    """Those that others yield to first; PackError when provisions yield to each other in a circle."""
    known = {provision.id: provision for provision in provisions}
    needs = {
        provision.id: [other for other in provision.unless if other in known] for provision in provisions
    }
    try:
        return [known[name] for name in TopologicalSorter(needs).static_order()]
    except CycleError as error:
        raise PackError(
            f"{provisions[0].place.file}: these provisions yield to each other: {' -> '.join(error.args[1])}"
        ) from None


def _computed(rule: Rule, scope: Scope) -> Computed:
    assert rule.provision.effect.result is not None
    return Computed(rule.provision, rule.provision.effect.result, rule.holds, lines(rule.provision, scope))


def lines(provision: Provision, scope: Scope) -> tuple[Line, ...]:
    """The lines of a result; each may use the names of those before it."""
    effect = provision.effect
    assert effect.value is not None
    assert effect.result is not None
    found = []
    for step in effect.steps:
        scope.amounts[step.name] = term(step.value, scope, provision.when)
        found.append(Line(step.name, scope.amounts[step.name], step.unit))
    found.append(Line(effect.result, term(effect.value, scope, provision.when)))
    scope.amounts.clear()
    return tuple(found)


class Given(NamedTuple):
    """What both versions are built from; `ordered` has those that others yield to first."""

    graph: Graph
    measures: Mapping[str, Measure]
    gated: frozenset[str]
    conditions: Mapping[str, int]
    ordered: tuple[Provision, ...]


class _Builder:
    """Builds the nodes of one version of the law: all of it, or without what rests on memory."""

    def __init__(self, given: Given, *, without_memory: bool = False) -> None:
        self.graph = graph = given.graph
        self.measures = given.measures
        self.gated = given.gated
        self.conditions = given.conditions
        self.deciding: list[Provision] = []
        self.states: dict[str, int] = {}
        shown_only = {provision.id for provision in given.ordered if not provision.decides}
        for provision in given.ordered:
            left_out = without_memory and provision.confidence == "M"
            # What decides never gives way to what is only shown.
            firm = [name for name in provision.unless if not provision.decides or name not in shown_only]
            yields = graph.negation(graph.either(self.states[name] for name in firm if name in self.states))
            state = graph.false if left_out else graph.both((given.conditions[provision.id], yields))
            self.states[provision.id] = state
            if provision.decides:
                self.deciding.append(provision)
        self.naming: dict[tuple[str, str], list[int]] = {}
        for provision in self.deciding:
            for measure in provision.effect.measures:
                named = self.naming.setdefault((provision.effect.kind, measure), [])
                named.append(self.states[provision.id])
        self.ways: dict[str, int] = {}

    def any(self, kind: str, measure: str) -> int:
        """Whether some deciding provision with this effect names the measure."""
        return self.graph.either(self.naming.get((kind, measure), ()))

    def open(self, measure: str) -> int:
        """Whether the measure is a way at all: not closed, and permitted where it must be."""
        if measure not in self.ways:
            self.ways[measure] = self._open(measure)
        return self.ways[measure]

    def _open(self, measure: str) -> int:
        shut = self.graph.negation(self.any("forbid", measure))
        must_be_permitted = measure in self.gated or self.measures[measure].kind in ("route", "facility")
        return self.graph.both((self.any("permit", measure), shut)) if must_be_permitted else shut

    def held(self, measure: str) -> int:
        """Whether the measure is among those held."""
        return self.graph.add("contains", (self.graph.add("fact", (), ("held", ())),), measure)

    def required(self, provision: Provision) -> int:
        """Whether the requirement stands after exemptions: it falls only when everything it names is lifted."""
        lifted = self.graph.both(self.any("exempt", measure) for measure in provision.effect.measures)
        return self.graph.both((self.states[provision.id], self.graph.negation(lifted)))

    def missing(self, provision: Provision) -> int:
        """Whether a required step is not held (duties never block)."""
        graph, effect = self.graph, provision.effect
        steps = [measure for measure in effect.measures if self.measures[measure].kind != "duty"]
        if not steps or (effect.one_of and len(steps) < len(effect.measures)):
            return graph.false
        if effect.one_of:
            served = graph.false if effect.afresh else graph.either(self.serves(measure) for measure in steps)
            return graph.both((self.required(provision), graph.negation(served)))
        gaps = []
        for measure in steps:
            served = graph.false if effect.afresh else self.serves(measure)
            gaps.append(graph.both((graph.negation(served), graph.negation(self.any("exempt", measure)))))
        return graph.both((self.states[provision.id], graph.either(gaps)))

    def serves(self, measure: str) -> int:
        """Held, and open on these facts."""
        return self.graph.both((self.held(measure), self.open(measure)))

    def no_way(self, provision: Provision) -> int:
        """Whether a requirement stands while every alternative is closed."""
        closed = [self.graph.negation(self.open(measure)) for measure in provision.effect.measures]
        shut = self.graph.both(closed) if provision.effect.one_of else self.graph.either(closed)
        return self.graph.both((self.required(provision), shut))

    def rule(self, provision: Provision) -> Rule:
        """The provision's own line."""
        when, state = self.conditions[provision.id], self.states[provision.id]
        if provision.effect.kind != "require":
            return Rule(provision, state, self.graph.false, when, state, self.graph.false)
        return Rule(
            provision, self.required(provision), self.missing(provision), when, state, self.no_way(provision)
        )

    def of_bank(self, bank: str, kind: str) -> list[Provision]:
        """The deciding provisions of a bank with this effect that concern the whole movement."""
        return [
            provision
            for provision in self.deciding
            if provision.bank in (bank, "both") and provision.effect.kind == kind and provision.route is None
        ]

    def bank(self, bank: str) -> BankRoots:
        """The three roots of a bank's outcome."""
        forbids = [self.states[p.id] for p in self.of_bank(bank, "forbid") if not p.effect.measures]
        requires = self.of_bank(bank, "require")
        return BankRoots(
            self.graph.either([*forbids, *(self.no_way(provision) for provision in requires)]),
            self.graph.either(self.states[provision.id] for provision in self.of_bank(bank, "refer")),
            self.graph.either(self.missing(provision) for provision in requires),
        )

    def routes(self) -> list[str]:
        """Every measure about which these provisions say something."""
        named: dict[str, None] = {}
        for provision in self.deciding:
            named.update(dict.fromkeys(provision.effect.measures))
            if provision.route is not None:
                named[provision.route] = None
        return list(named)

    def route(self, measure: str) -> RouteRoots:
        """The roots of the question whether this measure may be had."""
        tied = [provision for provision in self.deciding if provision.route == measure]
        barred = [self.states[p.id] for p in tied if p.effect.kind == "forbid" and not p.effect.measures]
        requires = [p for p in tied if p.effect.kind == "require"]
        barred.extend(self.no_way(p) for p in requires)
        return RouteRoots(
            self.graph.both((self.open(measure), self.graph.negation(self.graph.either(barred)))),
            self.graph.either(self.states[p.id] for p in tied if p.effect.kind == "refer"),
            self.graph.either(self.missing(p) for p in requires),
        )
