"""The law as OpenFisca would reckon it: one NumPy array a term over all cases, each term once. Every fact is stated: it knows no unknown."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from twoparks.law import amounts
from twoparks.law.block import Numbers
from twoparks.law.compiled import Compiled
from twoparks.law.graph import Node
from twoparks.law.pack import BANKS
from twoparks.law.parquet import Chunk
from twoparks.law.settle import remembers

Array = npt.NDArray[Any]
_TWO: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "le": operator.le,
    "same": operator.eq,
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "min": np.minimum,
    "max": np.maximum,
}
_CLEAR, _CONDITIONAL, _REFER, _FORBIDDEN = range(4)


class Arrays:
    """One reading over whole arrays."""

    def __init__(self, compiled: Compiled, chunk: Chunk) -> None:
        self.reading = compiled.reading
        self.compiled = compiled
        self.facts = chunk.facts
        self.size = len(chunk.days)
        self.deciding = [rule for rule in self.reading.rules if rule.provision.decides]
        banks = (*self.reading.banks.values(), *self.reading.banks_without_memory.values())
        roots = [root for group in banks for root in group] + [rule.holds for rule in self.deciding]
        self.order = self.reading.graph.reachable(roots)

    def run(self) -> tuple[Array, dict[str, Array]]:
        """The outcome of each case as its place among clear, conditional, refer, forbidden; and which provisions hold."""
        found: dict[int, Any] = {}
        for at in self.order:
            found[at] = self.term(self.reading.graph.nodes[at], found)
        rank = self.rank(self.reading.banks, found)
        if remembers(self.reading):
            verified = self.rank(self.reading.banks_without_memory, found)
            rank = np.where(rank == verified, rank, _REFER)
        return rank, {rule.provision.id: found[rule.holds] for rule in self.deciding}

    def rank(self, banks: Mapping[str, Any], found: Mapping[int, Any]) -> Array:
        """The worse of both banks."""
        forbidden, referred, unmet = (
            found[banks[BANKS[0]][place]] | found[banks[BANKS[1]][place]] for place in range(3)
        )
        return np.select([forbidden, referred, unmet], [_FORBIDDEN, _REFER, _CONDITIONAL], _CLEAR)

    def term(self, node: Node, found: Mapping[int, Any]) -> Any:
        """One term over all cases."""
        parts, value = [found[part] for part in node.arguments], node.value
        match node.operator:
            case "const":
                return np.full(self.size, value)
            case "number":
                return value
            case "fact":
                return self.fact(str(value[0])) if isinstance(value, tuple) else None
            case "and":
                return np.logical_and.reduce(parts)
            case "or":
                return np.logical_or.reduce(parts)
            case "not":
                return ~parts[0]
            case "has":
                name = self.reading.graph.nodes[node.arguments[0]].value
                return self.stated(str(name[0]) if isinstance(name, tuple) else "")
            case "truth" | "some":
                return parts[0]
            case "is" | "among":
                words = self.words(node)
                return np.isin(parts[0], words) if node.operator == "among" else parts[0] == words[0]
            case "contains":
                return parts[0].get(value, np.zeros(self.size, np.bool_))
            case "pick":
                return np.where(*parts)
            case "months":
                return amounts.months(_numbers(parts[0]), _numbers(parts[1])).values
            case operator_:
                return _TWO[operator_](*parts)

    def words(self, node: Node) -> list[int]:
        """The codes of the words that a fact is compared with."""
        name = self.reading.graph.nodes[node.arguments[0]]
        name = self.reading.graph.nodes[name.arguments[0]] if name.operator == "some" else name
        assert isinstance(name.value, tuple)
        values = self.reading.facts[name.value[0]].values
        return [
            values.index(w) for w in (node.value if isinstance(node.value, tuple) else (str(node.value),))
        ]

    def fact(self, name: str) -> Any:
        """A fact as an array; a set as an array a word."""
        if name not in self.facts:
            return {} if self.reading.facts[name].type == "set" else np.zeros(self.size, np.int64)
        raw, kind = self.facts[name], self.reading.facts[name].type
        return raw.members if kind == "set" else raw.cells == 1 if kind == "bool" else raw.cells

    def stated(self, name: str) -> Array:
        """Whether a nullable fact has a value."""
        raw = self.facts.get(name)
        if raw is None:
            return np.zeros(self.size, np.bool_)
        return (raw.cells if raw.state is None else raw.state) < 60_000


def _numbers(values: Any) -> Numbers:
    least, most = (int(np.min(values)), int(np.max(values)))
    return Numbers(values, least, most)
