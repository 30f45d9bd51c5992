"""The typed graph that every reading of the law starts from: equal subterms are one node.

Children always stand before their parents, so ascending order of ids is an order of evaluation.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from .kleene import MISSING, UNKNOWN

VALUES = frozenset(
    [
        "number",
        "fact",
        "some",
        "add",
        "sub",
        "mul",
        "neg",
        "min",
        "max",
        "months",
        "workdays",
        "per_mille",
        "share",
        "pick",
    ]
)


class Node(NamedTuple):
    """An operation on earlier nodes.

    Truth-valued: const, truth, has, is, among, contains, same, eq, lt, le, and, or, not.
    Value-valued (int, date as ordinal, enum, set): number, fact, some, add, sub, mul, neg, min, max, months, workdays, per_mille, share, pick.
    """

    operator: str
    arguments: tuple[int, ...]
    value: Hashable


class Graph:
    """A hash-consed store of nodes."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._ids: dict[Node, int] = {}
        self.true = self.add("const", (), True)
        self.false = self.add("const", (), False)

    def add(self, operator: str, arguments: tuple[int, ...] = (), value: Hashable = None) -> int:
        """The id of this node, new or met before."""
        # bool and int compare equal in Python; the operator keeps `const True` and `number 1` apart.
        node = Node(operator, arguments, value)
        known = self._ids.get(node)
        if known is None:
            known = len(self.nodes)
            self.nodes.append(node)
            self._ids[node] = known
        return known

    def both(self, parts: Iterable[int]) -> int:
        """Conjunction, flattened, without repetitions, folded where a part is constant."""
        return self._join("and", parts, self.true, self.false)

    def either(self, parts: Iterable[int]) -> int:
        """Disjunction, likewise."""
        return self._join("or", parts, self.false, self.true)

    def _join(self, operator: str, parts: Iterable[int], neutral: int, absorbing: int) -> int:
        flat: dict[int, None] = {}
        for part in parts:
            node = self.nodes[part]
            for piece in node.arguments if node.operator == operator else (part,):
                flat[piece] = None
        flat.pop(neutral, None)
        if absorbing in flat:
            return absorbing
        if not flat:
            return neutral
        return next(iter(flat)) if len(flat) == 1 else self.add(operator, tuple(flat))

    def negation(self, part: int) -> int:
        """Negation; twice is nothing."""
        node = self.nodes[part]
        if node.operator == "const":
            return self.false if node.value else self.true
        return node.arguments[0] if node.operator == "not" else self.add("not", (part,))

    def constant(self, node: int) -> bool | None:
        """True or False where the node is settled whatever the facts, else None."""
        found = self.nodes[node]
        return bool(found.value) if found.operator == "const" else None

    def reachable(self, roots: Iterable[int]) -> list[int]:
        """Every node the roots rest on, in an order of evaluation."""
        seen: set[int] = set()
        stack = list(roots)
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(self.nodes[node].arguments)
        return sorted(seen)

    def citations(self, roots: Sequence[tuple[str, int]]) -> dict[int, tuple[str, ...]]:
        """For every node, the provisions (given with their roots) that rest on it."""
        cited: dict[int, list[str]] = {}
        for name, root in roots:
            for node in self.reachable([root]):
                cited.setdefault(node, []).append(name)
        return {node: tuple(names) for node, names in cited.items()}


def asked(graph: Graph, states: Sequence[object], weights: dict[int, float]) -> dict[str, float]:
    """How much each missing fact would settle of the undetermined nodes given with their weights.

    `states` holds the value of every node; a node's weight is shared among its undetermined parts.
    """
    load = [0.0] * len(graph.nodes)
    for node, weight in weights.items():
        load[node] += weight
    found: dict[str, float] = {}
    for node in range(len(graph.nodes) - 1, -1, -1):
        operator, arguments, value = graph.nodes[node]
        if not load[node] or not _open(operator, states[node]):
            continue
        if operator == "fact":
            name = str(value[0]) if isinstance(value, tuple) else str(value)
            found[name] = found.get(name, 0.0) + load[node]
        undetermined = [part for part in arguments if _open(graph.nodes[part].operator, states[part])]
        for part in undetermined:
            load[part] += load[node] / len(undetermined)
    return found


def _open(operator: str, state: object) -> bool:
    """Whether a node is undetermined: a missing value, or a truth that is unknown."""
    return state is MISSING if operator in VALUES else state == UNKNOWN
