"""The question "can k changes lead to a yes?" put to z3, written from the graph alone, as an oracle for `what_if`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import z3

from twoparks.law.compiled import Compiled, Question
from twoparks.law.graph import VALUES, Node
from twoparks.law.kleene import MISSING, TRUE
from twoparks.law.pack import FactSpec
from twoparks.law.zone import Zone

_LARGEST = 2**63 - 1


class NotEncodedError(Exception):
    """An operation on a free fact that this oracle does not know."""


@dataclass(frozen=True)
class Truth:
    """Certainly true; possibly true."""

    sure: Any
    may: Any


@dataclass(frozen=True)
class Value:
    """Whether it is missing, whether it is null, and what it is: an Int, or a word's membership for sets."""

    missing: Any
    null: Any
    is_now: Any


def change_within(zone: Zone, facts: Mapping[str, object], changes: int | None) -> object | None:
    """A model in which at most so many changeable facts (None: any number) are changed and the answer is yes."""
    compiled, question = zone._question(facts, "both", None)
    encoding = _Encoding(compiled, question)
    solver = z3.Solver()
    solver.add(*encoding.yes(), *encoding.bounds)
    if changes is not None:
        if changes < 0:
            return None
        solver.add(
            z3.Sum([z3.If(flag, 1, 0) for flag in encoding.changed.values()] or [z3.IntVal(0)]) <= changes
        )
    found = solver.check()
    assert found != z3.unknown
    model: object | None = solver.model() if found == z3.sat else None
    return model


class _Encoding:
    """Every node of a reading, constant where no changeable fact stands below it."""

    def __init__(self, compiled: Compiled, question: Question) -> None:
        self.compiled = compiled
        self.question = question
        self.graph = compiled.reading.graph
        self.fixed = compiled.every(question.values)
        self.bounds: list[Any] = []
        self.changed: dict[str, Any] = {}
        self.words = {word: at for at, word in enumerate(self._all_words())}
        settled = {n for n, at in compiled.implied.items() if any(self.fixed[i] is not MISSING for i in at)}
        self.free = {
            name: spec
            for name, spec in compiled.reading.facts.items()
            if spec.changeable and (name in question.values or name not in settled)
        }
        self.facts: dict[str, Value] = {}
        self.made: list[Truth | Value] = []
        rests: list[bool] = []
        for at, node in enumerate(self.graph.nodes):
            own = node.operator == "fact" and node.value[0] in self.free  # type: ignore[index]
            rests.append(own or any(rests[part] for part in node.arguments))
            self.made.append(self.encode(node) if rests[at] else self.constant(node, self.fixed[at]))

    def _all_words(self) -> dict[str, None]:
        return dict.fromkeys(word for spec in self.compiled.reading.facts.values() for word in spec.values)

    def constant(self, node: Node, value: object) -> Truth | Value:
        if node.operator not in VALUES:
            assert isinstance(value, int)
            return Truth(z3.BoolVal(value == TRUE), z3.BoolVal(bool(value)))
        missing, null = z3.BoolVal(value is MISSING), z3.BoolVal(value is None)
        if isinstance(value, frozenset):
            return Value(missing, null, {word: z3.BoolVal(word in value) for word in self.words})
        return Value(missing, null, self.number(value))

    def number(self, value: object) -> Any:
        if isinstance(value, str):
            return z3.IntVal(self.words[value])
        return z3.IntVal(int(value) if isinstance(value, int) else 0)

    def encode(self, node: Node) -> Truth | Value:
        if node.operator == "fact":
            return self.fact(node)
        parts = [self.made[part] for part in node.arguments]
        return getattr(self, f"_{node.operator}", self.unknown)(node, *parts)  # type: ignore[no-any-return]

    def unknown(self, node: Node, *_: object) -> Truth:
        raise NotEncodedError(node.operator)

    def fact(self, node: Node) -> Value:
        """Its value as stated, implied or changed."""
        name, implied = node.value  # type: ignore[misc]
        stated = self.question.values.get(name, MISSING)
        spec = self.compiled.reading.facts[name]
        now = self.constant(Node("fact", (), None), stated)
        assert isinstance(now, Value)
        if spec.type == "set" and stated is MISSING:
            now = Value(now.missing, now.null, dict.fromkeys(self.words, z3.BoolVal(False)))
        if stated is MISSING:
            for when, value in reversed(list(zip(node.arguments, implied, strict=True))):
                test = self.made[when]
                assert isinstance(test, Truth)
                taken = Value(z3.BoolVal(False), z3.BoolVal(False), self.number(value))
                now = self._choose(test.sure, taken, now)
        return self._choose(self.flag(name), self.new_value(spec), now) if name in self.free else now

    def flag(self, name: str) -> Any:
        return self.changed.setdefault(name, z3.Bool(f"changed {name}"))

    def new_value(self, spec: FactSpec) -> Value:
        if spec.name not in self.facts:
            null = z3.Bool(f"null {spec.name}") if spec.nullable else z3.BoolVal(False)
            if spec.type == "set":
                asked = {
                    w: z3.Bool(f"{spec.name} {w}") if w in spec.values else z3.BoolVal(False)
                    for w in self.words
                }
                self.facts[spec.name] = Value(z3.BoolVal(False), null, asked)
            else:
                variable = z3.Int(spec.name)
                self.bounds.append(self.within(spec, variable))
                self.facts[spec.name] = Value(z3.BoolVal(False), null, variable)
        return self.facts[spec.name]

    def within(self, spec: FactSpec, variable: Any) -> Any:
        if spec.type == "bool":
            return z3.And(variable >= 0, variable <= 1)
        if spec.type == "enum":
            return z3.Or([variable == self.words[word] for word in spec.values])
        if spec.type == "date":
            day = self.question.day.toordinal()
            return z3.And(variable >= day - 40_000, variable <= day + 40_000)
        most = _LARGEST if spec.maximum is None else spec.maximum
        return z3.And(variable >= (spec.minimum or 0), variable <= most)

    def _choose(self, test: Any, then: Value, other: Value) -> Value:
        if isinstance(then.is_now, dict):
            value: Any = {word: z3.If(test, then.is_now[word], other.is_now[word]) for word in then.is_now}
        else:
            value = z3.If(test, then.is_now, other.is_now)
        return Value(z3.If(test, then.missing, other.missing), z3.If(test, then.null, other.null), value)

    def _test(self, parts: tuple[Value, ...], found: Any) -> Truth:
        missing = z3.Or([part.missing for part in parts])
        return Truth(z3.And(z3.Not(missing), found), z3.Or(missing, found))

    def _amount(self, parts: tuple[Value, ...], found: Any) -> Value:
        return Value(z3.Or([part.missing for part in parts]), z3.BoolVal(False), found)

    def _not(self, _: Node, part: Truth) -> Truth:
        return Truth(z3.Not(part.may), z3.Not(part.sure))

    def _and(self, _: Node, *parts: Truth) -> Truth:
        return Truth(z3.And([part.sure for part in parts]), z3.And([part.may for part in parts]))

    def _or(self, _: Node, *parts: Truth) -> Truth:
        return Truth(z3.Or([part.sure for part in parts]), z3.Or([part.may for part in parts]))

    def _has(self, _: Node, part: Value) -> Truth:
        present = z3.Not(part.null)
        return Truth(z3.And(z3.Not(part.missing), present), z3.Or(part.missing, present))

    def _some(self, _: Node, part: Value) -> Value:
        return Value(z3.Or(part.missing, part.null), z3.BoolVal(False), part.is_now)

    def _truth(self, _: Node, part: Value) -> Truth:
        return self._test((part,), part.is_now == 1)

    def _is(self, node: Node, part: Value) -> Truth:
        return self._test((part,), part.is_now == self.words[str(node.value)])

    def _among(self, node: Node, part: Value) -> Truth:
        assert isinstance(node.value, tuple)
        return self._test((part,), z3.Or([part.is_now == self.words[word] for word in node.value]))

    def _contains(self, node: Node, part: Value) -> Truth:
        return self._test((part,), part.is_now[node.value])

    def _eq(self, _: Node, left: Value, right: Value) -> Truth:
        return self._test((left, right), left.is_now == right.is_now)

    _same = _eq

    def _lt(self, _: Node, left: Value, right: Value) -> Truth:
        return self._test((left, right), left.is_now < right.is_now)

    def _le(self, _: Node, left: Value, right: Value) -> Truth:
        return self._test((left, right), left.is_now <= right.is_now)

    def _add(self, _: Node, left: Value, right: Value) -> Value:
        return self._amount((left, right), left.is_now + right.is_now)

    def _sub(self, _: Node, left: Value, right: Value) -> Value:
        return self._amount((left, right), left.is_now - right.is_now)

    def _mul(self, _: Node, left: Value, right: Value) -> Value:
        return self._amount((left, right), left.is_now * right.is_now)

    def _neg(self, _: Node, part: Value) -> Value:
        return self._amount((part,), -part.is_now)

    def _min(self, _: Node, left: Value, right: Value) -> Value:
        return self._amount((left, right), z3.If(left.is_now < right.is_now, left.is_now, right.is_now))

    def _max(self, _: Node, left: Value, right: Value) -> Value:
        return self._amount((left, right), z3.If(left.is_now > right.is_now, left.is_now, right.is_now))

    def _per_mille(self, _: Node, left: Value, right: Value) -> Value:
        return self._amount((left, right), left.is_now * right.is_now / 1000)

    def _share(self, _: Node, whole: Value, over: Value, under: Value) -> Value:
        return self._amount((whole, over, under), whole.is_now * over.is_now / under.is_now)

    def _months(self, node: Node, day: Value, months: Value) -> Value:
        """Some day as many months later may be: wider than the calendar, so a refusal by z3 still is one."""
        found = z3.Int(f"months {node.arguments}")
        shortest, longest = day.is_now + 28 * months.is_now, day.is_now + 31 * months.is_now
        self.bounds.append(z3.And(found >= shortest, found <= longest))
        return self._amount((day, months), found)

    def _pick(self, _: Node, test: Truth, then: Value, other: Value) -> Value:
        found = self._choose(test.sure, then, other)
        doubt = z3.And(test.may, z3.Not(test.sure), then.is_now != other.is_now)
        return Value(z3.Or(found.missing, doubt), z3.BoolVal(False), found.is_now)

    def truth(self, node: int) -> Truth:
        found = self.made[node]
        assert isinstance(found, Truth)
        return found

    def yes(self) -> list[Any]:
        """Clear or conditional, settled, and the same without what rests on memory."""
        deciding = z3.BoolVal(bool(self.compiled.deciding))
        if self.question.sought:
            return [*self._yes_to_sought(), deciding]
        reading = self.compiled.reading
        wanted, unmet = [], []
        for banks in (reading.banks, reading.banks_without_memory):
            roots = [banks[bank] for bank in self.question.banks]
            for root in roots:
                wanted += [z3.Not(self.truth(node).may) for node in (root.forbidden, root.referred)]
            gaps = [self.truth(root.unmet) for root in roots]
            sure, may = z3.Or([gap.sure for gap in gaps]), z3.Or([gap.may for gap in gaps])
            wanted.append(sure == may)
            unmet.append(sure)
        return [*wanted, unmet[0] == unmet[1], deciding]

    def _yes_to_sought(self) -> list[Any]:
        """Nothing certainly forbids the movement; all that is asked for is open and not referred, by memory or without it."""
        reading, question = self.compiled.reading, self.question
        wanted = [z3.Not(self.truth(reading.banks[bank].forbidden).sure) for bank in question.banks]
        least, most = [], []
        for key in question.sought:
            if key not in reading.routes:
                return [z3.BoolVal(False)]
            for route in (reading.routes[key], reading.routes_without_memory[key]):
                wanted += [self.truth(route.open).sure, z3.Not(self.truth(route.referred).may)]
            waits = z3.BoolVal(key not in question.held)
            full, known = (self.truth(r[key].unmet) for r in (reading.routes, reading.routes_without_memory))
            least.append(z3.Or(waits, full.sure))
            most.append(z3.Or(waits, full.may))
            agree = z3.And(full.sure == known.sure, full.may == known.may)
            wanted.append(z3.Or(waits, full.sure != full.may, agree))
        return [*wanted, z3.Or(least) == z3.Or(most)]
