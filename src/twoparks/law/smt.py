"""The graph as z3 reads it: every truth a pair (certainly, possibly), every value exact.

What does not rest on a free fact stays a plain Python value, so z3 sees only what is open. Calendars are not written out: a day so
many months or working days later is first only bounded, and `Solver` adds what is exact about the days that a model uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from .graph import Graph, Node
from .kleene import MISSING
from .logic import Logic
from .pack import FactSpec
from .point import months_after

LARGEST = 2**63 - 1
FIRST_DAY, LAST_DAY = date(1900, 1, 1).toordinal(), date(2199, 12, 31).toordinal()
"""The days that a free date may be."""

Bit = Any
"""A truth: bool where it is settled, else a z3 BoolRef (z3 has no types)."""


class Truth(NamedTuple):
    """Certainly true; possibly true."""

    sure: Bit
    may: Bit


class Value(NamedTuple):
    """Whether it is missing, whether it is null, and what it is: a number (days as ordinals), a truth, or for words and sets
    the truth that it is, or holds, each word."""

    missing: Bit
    null: Bit
    now: Any


class Later(NamedTuple):
    """A day reckoned by the calendar, bounded only: the node, its parts, its result."""

    node: Node
    day: Value
    number: Value
    found: Value


class Smt:
    """The nodes of one graph over facts that are free, unless put into `stated` before; encoded when first asked for.

    With `partial`, a free fact may also be missing; otherwise every fact is stated. Each has a z3 context of its own, so several
    threads may each have one.
    """

    def __init__(
        self,
        graph: Graph,
        facts: Mapping[str, FactSpec],
        *,
        partial: bool = False,
    ) -> None:
        self.graph = graph
        self.facts = facts
        self.partial = partial
        self.logic = Logic()
        self.bounds: list[Bit] = []
        self.later: list[Later] = []
        self.stated: dict[str, Value] = {}
        self.opened: dict[str, None] = {}
        self._made: dict[int, Truth | Value] = {}

    def truth(self, node: int) -> Truth:
        """A truth-valued node."""
        found = self._node(node)
        assert isinstance(found, Truth)
        return found

    def value(self, node: int) -> Value:
        """A value-valued node."""
        found = self._node(node)
        assert isinstance(found, Value)
        return found

    def _node(self, node: int) -> Truth | Value:
        if node not in self._made:
            for at in self.graph.reachable([node]):
                if at not in self._made:
                    self._made[at] = self._encode(self.graph.nodes[at])
        return self._made[node]

    def settled(self, spec: FactSpec, value: object) -> Value:
        """A fact that is known, as the evaluator writes it: MISSING, null, or a value."""
        if value is not MISSING and value is not None:
            return self.constant(value)
        nothing: Any = _Words() if spec.type in ("enum", "set") else False if spec.type == "bool" else 0
        return Value(value is MISSING, value is None, nothing)

    def constant(self, value: object) -> Value:
        """A value, as the evaluator writes it."""
        if isinstance(value, str):
            return Value(False, False, _Words({value: True}))
        return Value(
            False, False, _Words(dict.fromkeys(value, True)) if isinstance(value, frozenset) else value
        )

    def free(self, spec: FactSpec) -> Value:
        """A fact that may be anything its question accepts."""
        logic, name = self.logic, spec.name
        required = name in ("on", "flow", "crosses", "held", "sought")
        missing = logic.bit(f"{name} missing") if self.partial and not required else False
        null = logic.bit(f"{name} null") if spec.nullable else False
        if spec.type == "bool":
            return Value(missing, null, logic.bit(name))
        if spec.type == "set":
            return Value(
                missing, null, _Words(make=lambda word: logic.bit(f"{name} {word}"), only=spec.values)
            )
        if spec.type == "enum":
            words, bound = logic.word(name, spec.values)
            self.bounds.append(bound)
            return Value(missing, null, _Words(words))
        number = logic.number(name)
        least, most = (FIRST_DAY, LAST_DAY) if spec.type == "date" else (spec.minimum or 0, spec.maximum)
        self.bounds.append(logic.all((number >= least, number <= (LARGEST if most is None else most))))
        return Value(missing, null, number)

    def fact(self, name: str) -> Value:
        """A fact as it may be stated."""
        if name not in self.stated:
            self.opened[name] = None
            self.stated[name] = self.free(self.facts[name])
        return self.stated[name]

    def _encode(self, node: Node) -> Truth | Value:
        operator = node.operator
        if operator in ("const", "number"):
            return Truth(node.value, node.value) if operator == "const" else self.constant(node.value)
        if operator == "fact":
            return self._implied(node)
        parts: list[Any] = [self._made[part] for part in node.arguments]
        if operator in _TESTS:
            missing = self.logic.any(part.missing for part in parts)
            found = _TESTS[operator](self.logic, node, *(part.now for part in parts))
            return self._test(missing, found)
        if operator in _AMOUNTS:
            missing = self.logic.any(part.missing for part in parts)
            return Value(missing, False, _AMOUNTS[operator](self.logic, *(part.now for part in parts)))
        special: Callable[..., Truth | Value] = getattr(self, f"_{operator}")
        return special(node, *parts)

    def _implied(self, node: Node) -> Value:
        """A fact as stated, or what others imply of it while it is missing."""
        assert isinstance(node.value, tuple)
        name, values = node.value
        stated = self.fact(name)
        if stated.missing is False:
            return stated
        found = Value(True, False, stated.now)
        for when, value in reversed(list(zip(node.arguments, values, strict=True))):
            test = self._made[when]
            assert isinstance(test, Truth)
            found = self.choose(test.sure, self.constant(value), found)
        return self.choose(stated.missing, found, stated)

    def choose(self, test: Bit, then: Value, other: Value) -> Value:
        """`then` where the test holds, else `other`."""
        choose = self.logic.choose
        now: Any
        if isinstance(then.now, _Words) or isinstance(other.now, _Words):
            words, others = (
                part if isinstance(part, _Words) else _Words({}) for part in (then.now, other.now)
            )
            now = _Words(make=lambda word: choose(test, words[word], others[word]))
        else:
            now = choose(test, then.now, other.now)
        return Value(choose(test, then.missing, other.missing), choose(test, then.null, other.null), now)

    def _test(self, missing: Bit, found: Bit) -> Truth:
        logic = self.logic
        return Truth(logic.all((logic.no(missing), found)), logic.any((missing, found)))

    def _not(self, _: Node, part: Truth) -> Truth:
        sure = self.logic.no(part.may)
        return Truth(sure, sure if part.sure is part.may else self.logic.no(part.sure))

    def _and(self, _: Node, *parts: Truth) -> Truth:
        return self._joined(self.logic.all, parts)

    def _or(self, _: Node, *parts: Truth) -> Truth:
        return self._joined(self.logic.any, parts)

    def _joined(self, join: Callable[[Iterable[Bit]], Bit], parts: Sequence[Truth]) -> Truth:
        sure = join(part.sure for part in parts)
        settled = all(part.sure is part.may for part in parts)
        return Truth(sure, sure if settled else join(part.may for part in parts))

    def _has(self, _: Node, part: Value) -> Truth:
        return self._test(part.missing, self.logic.no(part.null))

    def _some(self, _: Node, part: Value) -> Value:
        return Value(self.logic.any((part.missing, part.null)), False, part.now)

    def _pick(self, _: Node, test: Truth, then: Value, other: Value) -> Value:
        """Unknown gives what both arms give, if they give the same."""
        logic = self.logic
        doubt = logic.all((test.may, logic.no(test.sure)))
        found = self.choose(test.may, then, other)
        if doubt is False:
            return found
        apart = logic.any((then.missing, other.missing, logic.no(logic.same(then.now, other.now))))
        return Value(logic.choose(doubt, apart, found.missing), False, found.now)

    def _months(self, node: Node, day: Value, count: Value) -> Value:
        return self._reckoned(node, day, count, bound=(28, 31))

    def _workdays(self, node: Node, day: Value, count: Value) -> Value:
        return self._reckoned(node, day, count, bound=None)

    def _reckoned(self, node: Node, day: Value, count: Value, bound: tuple[int, int] | None) -> Value:
        """A day that only the calendar can tell: bounded here, made exact where a model uses it."""
        logic, name = self.logic, f"{node.operator} {node.arguments} {node.value}"
        number = logic.number(name)
        if bound is not None:
            if isinstance(count.now, int):
                reach = [day.now + days for days in _days_of(count.now)]
            else:
                reach = [day.now + days * count.now for days in bound]
            forward = logic.all((reach[0] <= number, number <= reach[1]))
            self.bounds.append(
                logic.choose(
                    logic.least(0, count.now), forward, logic.all((reach[1] <= number, number <= reach[0]))
                )
            )
        unheld = logic.bit(f"{name} unheld") if node.operator == "workdays" else False
        found = Value(logic.any((day.missing, count.missing, unheld)), False, number)
        self.later.append(Later(node, day, count, Value(unheld, False, number)))
        return found


@lru_cache(maxsize=64)
def _days_of(months: int) -> tuple[int, int]:
    """The fewest and the most days that so many months make, up or down."""
    firsts = [date(year, month, 1).toordinal() for year in range(1900, 2200) for month in range(1, 13)]
    found = [months_after(day, months) - day for first in firsts for day in (first, first - 1)]
    return (min(found), max(found)) if months >= 0 else (max(found), min(found))


class _Words(dict[str, Bit]):
    """The truth of each word; one not asked for before is made, or false."""

    def __init__(
        self,
        known: Mapping[str, Bit] | None = None,
        make: Callable[[str], Bit] | None = None,
        only: Sequence[str] | None = None,
    ) -> None:
        super().__init__(known or {})
        self._make = make
        self._only = only

    def __missing__(self, word: str) -> Bit:
        accepted = self._make is not None and (self._only is None or word in self._only)
        self[word] = self._make(word) if self._make is not None and accepted else False
        return self[word]


_TESTS: Mapping[str, Callable[..., Bit]] = {
    "truth": lambda logic, node, part: part,
    "is": lambda logic, node, part: part[node.value],
    "contains": lambda logic, node, part: part[node.value],
    "among": lambda logic, node, part: logic.any(part[word] for word in node.value),
    "same": lambda logic, node, left, right: logic.any(
        logic.all((left[word], right[word])) for word in sorted({*left, *right})
    ),
    "eq": lambda logic, node, left, right: logic.same(left, right),
    "lt": lambda logic, node, left, right: logic.no(logic.least(right, left)),
    "le": lambda logic, node, left, right: logic.least(left, right),
}

_AMOUNTS: Mapping[str, Callable[..., Any]] = {
    "add": lambda logic, left, right: left + right,
    "sub": lambda logic, left, right: left - right,
    "mul": lambda logic, left, right: left * right,
    "neg": lambda logic, part: -part,
    "min": lambda logic, left, right: logic.choose(logic.least(left, right), left, right),
    "max": lambda logic, left, right: logic.choose(logic.least(left, right), right, left),
    "per_mille": lambda logic, amount, rate: logic.floored(amount * rate, 1000),
    "share": lambda logic, whole, over, under: logic.floored(whole * over, under),
}
