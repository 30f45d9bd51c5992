"""The values of a fact among which the law can tell a difference, those nearest to the present one first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain, combinations

from .compiled import Compiled
from .graph import Graph
from .kleene import MISSING
from .pack import FactSpec
from .point import Evaluator, evaluator

_LARGEST = 2**63 - 1
_DAYS_AROUND = 40_000
_COMPARED = ("lt", "le", "eq")


def worth_trying(compiled: Compiled, name: str, values: Mapping[str, object]) -> Iterator[object]:
    """Other values of a fact, given the rest: every word and truth; of numbers and days one in each interval that the law
    distinguishes, its end nearest to the present value; of sets every selection of the words that the law asks about."""
    spec = compiled.reading.facts[name]
    now = values.get(name, MISSING)
    found: Iterator[object]
    if spec.type == "set":
        found = _selections(compiled.reading.graph, name, now)
    elif spec.type == "bool":
        found = iter((True, False))
    elif spec.type == "enum":
        found = iter(spec.values)
    else:
        found = iter(_numbers(compiled, spec, values))
    for value in chain(found, (None,) if spec.nullable else ()):
        if value != now:
            yield value


def _selections(graph: Graph, name: str, now: object) -> Iterator[object]:
    """Sets that differ from the present one in ever more words."""
    present = now if isinstance(now, frozenset) else frozenset()
    if not isinstance(now, frozenset):
        yield present
    words = sorted(_words(graph, name))
    for size in range(1, len(words) + 1):
        for turned in combinations(words, size):
            yield present ^ frozenset(turned)


def _words(graph: Graph, name: str) -> set[str]:
    """The words of a set that some condition asks about."""
    return {
        str(node.value)
        for node in graph.nodes
        if node.operator == "contains" and _is_fact(graph, node.arguments[0], name)
    }


def _is_fact(graph: Graph, at: int, name: str) -> bool:
    node = graph.nodes[at]
    return node.operator == "fact" and isinstance(node.value, tuple) and node.value[0] == name


def _numbers(compiled: Compiled, spec: FactSpec, values: Mapping[str, object]) -> list[int]:
    """The ends of the intervals, nearest first, and the bounds of the fact itself."""
    now = values.get(spec.name)
    least, most = _bounds(spec, values)
    middle = now if isinstance(now, int) else least
    sides = _sides(compiled, spec.name)
    found: set[int] = {least, most}
    for at in range(0, len(sides.roots), 2):
        found |= _ends(sides, at, (least, most), dict(values) | {spec.name: MISSING})
    return sorted((value for value in found if least <= value <= most), key=lambda v: (abs(v - middle), v))


def _bounds(spec: FactSpec, values: Mapping[str, object]) -> tuple[int, int]:
    if spec.type == "date":
        day = values["on"]
        assert isinstance(day, int)
        return max(1, day - _DAYS_AROUND), day + _DAYS_AROUND
    return spec.minimum or 0, _LARGEST if spec.maximum is None else spec.maximum


class _Sides:
    """Both sides of every comparison that a fact takes part in, ready to be evaluated."""

    def __init__(self, compiled: Compiled, name: str) -> None:
        graph = compiled.reading.graph
        resting = [False] * len(graph.nodes)
        self.name = name
        self.roots: list[int] = []
        for at, node in enumerate(graph.nodes):
            resting[at] = _is_fact(graph, at, name) or any(resting[part] for part in node.arguments)
            if node.operator in _COMPARED and resting[at]:
                self.roots.extend(node.arguments)
        self.evaluate: Evaluator = evaluator(graph, self.roots, compiled.calendars.after)


@lru_cache(maxsize=256)
def _sides(compiled: Compiled, name: str) -> _Sides:
    return _Sides(compiled, name)


def _ends(sides: _Sides, at: int, bounds: tuple[int, int], values: dict[str, object]) -> set[int]:
    """Where one comparison turns between two bounds: the last value before and the first after, by halving."""

    def sign(value: int) -> int | None:
        values[sides.name] = value
        left, right = sides.evaluate(values)[at : at + 2]
        if not isinstance(left, int) or not isinstance(right, int):
            return None
        return (left > right) - (left < right)

    found: set[int] = set()
    waiting = [(*bounds, sign(bounds[0]), sign(bounds[1]))]
    while waiting:
        low, high, first, last = waiting.pop()
        if first == last:
            continue
        if high - low == 1:
            found |= {low, high}
            continue
        middle = (low + high) // 2
        turned = sign(middle)
        waiting += [(low, middle, first, turned), (middle, high, turned, last)]
    return found
