"""Do two readings of the law tell the same of a measure, whatever the facts? Every kind of facts is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, combinations, product
from math import prod

from .check import condition
from .graph import Graph
from .kleene import MISSING, TRUE
from .pack import FactSpec
from .point import Evaluator, evaluator
from .zone import Zone

_MOST_KINDS = 50_000
_COMPARED = ("lt", "le", "eq", "same")
_Place = tuple[str, str, date]


def told_alike(law: Zone, other: Zone, measure: str, places: Sequence[_Place]) -> bool:
    """Whether both tell the same entry of a measure in each of these flows, directions and days, for all facts.

    A fact is tried with each of its words, missing, null, and about each number it is compared with. Where a condition
    compares facts with each other or reckons with them, or the kinds are too many, the answer is False: not shown.
    """
    return all(_alike(_Told(law, measure, place), _Told(other, measure, place)) for place in places)


class _Told:
    """The conditions of a measure's entries in one flow, direction and day."""

    def __init__(self, zone: Zone, measure: str, place: _Place) -> None:
        scope = zone.scope(*place)
        _, crosses, on = place
        roots = [
            scope.graph.true if term.when is None else condition(term.when, scope)
            for term in zone.measures[measure].terms
            if term.in_force.covers(on) and (not term.crosses or crosses in term.crosses)
        ]
        self.graph: Graph = scope.graph
        self.facts: Mapping[str, FactSpec] = scope.facts
        self.used = self.graph.reachable(roots)
        self._evaluate: Evaluator = evaluator(self.graph, roots, zone.calendars.after)

    def entry(self, values: Mapping[str, object]) -> int | None:
        """The place of the first entry that certainly applies."""
        states = self._evaluate(values)
        return states.index(TRUE) if TRUE in states else None

    def simple(self) -> bool:
        """Whether every number that is compared with a fact is a fixed one."""
        nodes = self.graph.nodes
        return all(
            nodes[at].operator not in _COMPARED
            or (
                any(nodes[part].operator == "number" for part in nodes[at].arguments)
                and all(nodes[part].operator in ("number", "fact", "some") for part in nodes[at].arguments)
            )
            for at in self.used
        )

    def kinds(self) -> dict[str, set[object]]:
        """The values of each fact among which the conditions may tell a difference."""
        nodes = [self.graph.nodes[at] for at in self.used]
        numbers = {node.value for node in nodes if node.operator == "number"}
        near = {value + step for value in numbers if isinstance(value, int) for step in (-1, 0, 1)}
        words = {str(node.value) for node in nodes if node.operator == "contains"}
        named = {
            str(node.value[0]) for node in nodes if node.operator == "fact" and isinstance(node.value, tuple)
        }
        return {name: set(_values(self.facts[name], near, words)) for name in named}


def _values(spec: FactSpec, near: set[int], words: set[str]) -> Iterator[object]:
    yield MISSING
    if spec.nullable:
        yield None
    if spec.type == "bool":
        yield from (True, False)
    elif spec.type == "enum":
        yield from spec.values
    elif spec.type == "set":
        own = sorted(words & set(spec.values))
        yield from map(
            frozenset, chain.from_iterable(combinations(own, size) for size in range(len(own) + 1))
        )
    else:
        yield from near


def _alike(one: _Told, other: _Told) -> bool:
    if not one.simple() or not other.simple():
        return False
    kinds = one.kinds()
    for name, values in other.kinds().items():
        kinds[name] = kinds.get(name, set()) | values
    if prod(len(values) for values in kinds.values()) > _MOST_KINDS:
        return False
    return all(
        one.entry(stated) == other.entry(stated)
        for stated in (
            {name: value for name, value in zip(kinds, found, strict=True) if value is not MISSING}
            for found in product(*kinds.values())
        )
    )
