"""Many cases at a time: the graph over bit planes, two a truth (may be true, may be false), so that negation costs nothing."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from . import amounts
from .answer import Outcome
from .block import EMPTY_UNLESS_STATED, Block, Bools, Column, Members, Numbers, Plane, Words, packed, unpacked
from .compiled import Compiled
from .graph import Node
from .pack import BANKS, Bank
from .point import WorkingDaysAfter
from .settle import Truth, conjunction, disjunction, settle
from .verdict import Reading

_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "le": operator.le,
}
_AMOUNTS: Mapping[str, Callable[..., Numbers]] = {
    "add": amounts.add,
    "sub": amounts.sub,
    "mul": amounts.mul,
    "neg": amounts.neg,
    "min": amounts.least,
    "max": amounts.most,
    "months": amounts.months,
    "per_mille": amounts.per_mille,
    "share": amounts.share,
}

State = Truth[Plane] | Column


class Decided(NamedTuple):
    """Which cases of a block have which outcome, over both banks and of each, and in which each provision holds."""

    outcomes: Mapping[Outcome, Plane]
    banks: Mapping[str, Mapping[Outcome, Plane]]
    fired: Mapping[str, Plane]


class Plan:
    """A reading made ready for blocks of cases."""

    def __init__(self, compiled: Compiled) -> None:
        reading = compiled.reading
        self.reading: Reading = reading
        self.digest = compiled.digest
        self.measures = compiled.measures
        self.workdays: WorkingDaysAfter = compiled.calendars.after
        self.fired = [
            (rule.provision.id, rule.provision.route, rule.holds)
            for rule in reading.rules
            if rule.provision.decides
        ]
        groups = (*reading.banks.values(), *reading.banks_without_memory.values())
        roots = [root for group in groups for root in group] + [holds for *_, holds in self.fired]
        self.order = reading.graph.reachable(roots)
        routes = [*reading.routes.values(), *reading.routes_without_memory.values()]
        self.with_routes = reading.graph.reachable(roots + [root for route in routes for root in route])

    @cached_property
    def asks(self) -> Mapping[str, frozenset[str]]:
        """The facts that it reads, and of each set the words."""
        nodes = self.reading.graph.nodes
        found: dict[str, set[str]] = {}
        for at in self.with_routes:
            node = nodes[at]
            if node.operator == "fact" and isinstance(node.value, tuple):
                found.setdefault(str(node.value[0]), set())
            elif node.operator == "contains":
                fact = nodes[node.arguments[0]]
                fact = nodes[fact.arguments[0]] if fact.operator == "some" else fact
                assert isinstance(fact.value, tuple)
                found.setdefault(str(fact.value[0]), set()).add(str(node.value))
        return {name: frozenset(words) for name, words in found.items()}

    @cached_property
    def signature(self) -> Hashable:
        """Equal for plans that say the same of every case."""
        reading = self.reading
        place = {node: at for at, node in enumerate(self.with_routes)}
        nodes = [reading.graph.nodes[node] for node in self.with_routes]
        roots = (reading.banks, reading.banks_without_memory, reading.routes, reading.routes_without_memory)
        reckons = any(node.operator == "workdays" for node in nodes)
        return (
            tuple(
                (node.operator, tuple(place[part] for part in node.arguments), node.value) for node in nodes
            ),
            tuple(
                tuple((key, tuple(place[r] for r in group)) for key, group in kind.items()) for kind in roots
            ),
            tuple((name, route, place[node]) for name, route, node in self.fired),
            bool(reading.remembered()),
            self.digest if reckons else None,  # the calendars stand in the packs
        )

    def decide(self, block: Block, banks: Sequence[Bank] = (), fired: bool = True) -> Decided:
        """The outcome over both banks (and of each of `banks` by itself) and the provisions that hold, in one pass."""
        sought = block.columns.get("sought")
        asked = tuple(sorted(sought.planes)) if isinstance(sought, Members) else ()
        cases = _Cases(self, block)
        cases.run(self.with_routes if asked else self.order)
        outcomes = settle(self.reading, cases, BANKS, asked)
        every = block.cases if block.size % 64 else None  # then no bit stands after the last case
        return Decided(
            _only(outcomes, every),
            {bank: _only(settle(self.reading, cases, (bank,)), every) for bank in banks},
            self._fired(cases, every) if fired else {},
        )

    def _fired(self, cases: _Cases, every: Plane | None) -> dict[str, Plane]:
        found = {}
        for name, route, node in self.fired:
            holds = cases.truth(node).certain
            holds = holds if every is None else holds & every
            found[name] = holds if route is None else holds & cases.states("sought", route)
        return found

    def states(self, block: Block, nodes: Iterable[int]) -> list[State]:
        """The states of any nodes of the graph, in order."""
        wanted = list(nodes)
        cases = _Cases(self, block)
        cases.run(self.reading.graph.reachable(wanted))
        return [cases.state[node] for node in wanted]


def _only(outcomes: Mapping[Outcome, Plane], every: Plane | None) -> Mapping[Outcome, Plane]:
    return outcomes if every is None else {outcome: plane & every for outcome, plane in outcomes.items()}


class _Cases:
    """One block being read."""

    def __init__(self, plan: Plan, block: Block) -> None:
        self.plan = plan
        self.block = block
        self.size = block.size
        self.nodes = plan.reading.graph.nodes
        self.never: Plane = np.zeros(block.words, np.uint64)
        self.always: Plane = ~self.never
        self.state: dict[int, State] = {}

    def run(self, order: Iterable[int]) -> None:
        """Evaluate these nodes, children first."""
        for at in order:
            self.state[at] = self.evaluated(self.nodes[at])

    def truth(self, node: int) -> Truth[Plane]:
        """The truth of a node already evaluated."""
        found = self.state[node]
        assert isinstance(found, Truth)
        return found

    def numbers(self, node: int) -> Numbers:
        """The numbers of a node already evaluated."""
        found = self.state[node]
        assert isinstance(found, Numbers)
        return found

    def states(self, fact: str, word: str) -> Plane:
        """Whether `held` or `sought` names a measure."""
        column = self.block.columns.get(fact)
        return column.planes.get(word, self.never) if isinstance(column, Members) else self.never

    def evaluated(self, node: Node) -> State:
        """The state of a node, from those of its arguments."""
        match node.operator:
            case "and":
                return conjunction(map(self.truth, node.arguments))
            case "or":
                return disjunction(map(self.truth, node.arguments))
            case "not":
                truth = self.truth(node.arguments[0])
                return Truth(truth.may_not, truth.may)
            case "const":
                return Truth(self.always, self.never) if node.value else Truth(self.never, self.always)
            case "fact":
                return self.fact(node)
            case "number":
                assert isinstance(node.value, int)
                return amounts.plain(node.value)
            case "some":
                column = self.column(node)
                return column._replace(missing=amounts.either_missing(column.missing, column.none), none=None)
            case "truth" | "is" | "among" | "contains" | "same" | "has":
                return self.tested(node)
            case "eq" | "lt" | "le":
                left, right = map(self.numbers, node.arguments)
                cells, missing = amounts.compared(left, right, _COMPARED[node.operator], self.size)
                return _truth(packed(cells), missing)
            case _:
                return self.amount(node)

    def amount(self, node: Node) -> Numbers:
        """A number reckoned from others."""
        if node.operator == "pick":
            test, then, other = node.arguments
            return amounts.pick(self.truth(test), self.numbers(then), self.numbers(other), self.size)
        parts = [self.numbers(part) for part in node.arguments]
        if node.operator == "workdays":
            day, count = parts
            return amounts.workdays(str(node.value), day, count, self.plan.workdays, self.size)
        return _AMOUNTS[node.operator](*parts)

    def column(self, node: Node) -> Column:
        """The fact that a node is about."""
        found = self.state[node.arguments[0]]
        assert not isinstance(found, Truth)
        return found

    def tested(self, node: Node) -> Truth[Plane]:
        """A test of one fact, or of two words."""
        column, value = self.column(node), node.value
        if node.operator == "has":
            none = self.never if column.none is None else column.none
            return _truth(~none, column.missing)
        if isinstance(column, Bools):
            return _truth(column.true, column.missing)
        if isinstance(column, Members):
            return _truth(column.planes.get(str(value), self.never), column.missing)
        assert isinstance(column, Words)
        if node.operator == "is":
            return _truth(packed(column.codes == column.values.index(str(value))), column.missing)
        if node.operator == "among":
            assert isinstance(value, tuple)
            return _truth(_any(column, value), column.missing)
        other = self.state[node.arguments[1]]
        assert isinstance(other, Words)
        return _truth(_same(column, other), amounts.either_missing(column.missing, other.missing))

    def fact(self, node: Node) -> Column:
        """A fact as stated, or as others imply it."""
        assert isinstance(node.value, tuple)
        name, values = node.value
        column = self.block.columns.get(name)
        if column is None:
            column = self.absent(name)
        if column.missing is None or not node.arguments:
            return column
        missing = column.missing
        for when, value in zip(node.arguments, values, strict=True):
            hit = missing & self.truth(when).certain
            missing = missing & ~hit
            column = _with(column, hit, value, self.size)
        return column._replace(missing=missing)

    def absent(self, name: str) -> Column:
        """A fact that no case states."""
        if name in EMPTY_UNLESS_STATED:
            return Members({})
        spec = self.plan.reading.facts[name]
        if spec.type == "bool":
            return Bools(self.never, self.always)
        if spec.type == "enum":
            return Words(np.zeros(self.size, np.uint8), spec.values, self.always)
        return Members({}, self.always) if spec.type == "set" else Numbers(1, 1, 1, self.always)


def _truth(true: Plane, missing: Plane | None) -> Truth[Plane]:
    if missing is None:
        return Truth(true, ~true)
    return Truth(true | missing, ~true | missing)


def _any(column: Words, words: Sequence[str]) -> Plane:
    """Whether the word is among several; the fewer tests of them and of the rest."""
    codes = [column.values.index(word) for word in words]
    rest = [code for code in range(len(column.values)) if code not in codes]
    few = codes if len(codes) <= len(rest) else rest
    cells = np.zeros(len(column.codes), np.bool_)
    for code in few:
        cells |= column.codes == code
    plane = packed(cells)
    return plane if few is codes else ~plane


def _same(left: Words, right: Words) -> Plane:
    """Whether two facts state the same word, each by its own list."""
    # Where a word is missing its code says nothing, and may lie beyond the list.
    places = np.full(2**16, -1, np.int64)
    places[: len(left.values)] = [right.values.index(w) if w in right.values else -1 for w in left.values]
    return packed(places[left.codes] == right.codes)


def _with(column: Column, where: Plane, value: object, size: int) -> Column:
    """The column with one value in some cases."""
    if isinstance(column, Bools):
        return column._replace(true=column.true | where if value else column.true & ~where)
    assert isinstance(column, Words)
    code = column.values.index(str(value))
    return column._replace(codes=np.where(unpacked(where, size), column.codes.dtype.type(code), column.codes))
