"""What a condition rests on besides facts: directions and periods that agree on it read it alike, so it is checked once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from .check import condition
from .dead import parts_of
from .graph import Graph
from .language import Name, Parameter
from .pack import Expression, Law
from .scope import Scope


class Conditions:
    """The conditions of a law as nodes of one graph, whatever the direction and period."""

    def __init__(self, law: Law, graph: Graph) -> None:
        self.graph = graph
        self._behind: dict[str, list[Expression]] = {}
        for definition in law.definitions:
            self._behind.setdefault(definition.name, []).append(definition.means)
        for spec in law.vocabulary.facts:
            self._behind.setdefault(spec.name, []).extend(rule.when for rule in spec.implied)
        self._names: dict[int, tuple[str, ...]] = {}
        self._known: dict[Hashable, int] = {}

    def node(self, expression: Expression, scope: Scope) -> int:
        """The node of a condition as a scope over this graph reads it; PackError where it does not fit."""
        key = (id(expression), *(_meaning(name, scope) for name in self._rests_on(expression)))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = condition(expression, scope)
        return found

    def _rests_on(self, expression: Expression) -> tuple[str, ...]:
        """Every name and parameter in it, in what its definitions mean and in what implies its facts."""
        if id(expression) not in self._names:
            seen: dict[str, None] = {}
            waiting = [expression]
            while waiting:
                for name in _names(waiting.pop()):
                    if name not in seen:
                        seen[name] = None
                        waiting += self._behind.get(name, ())
            self._names[id(expression)] = tuple(seen)
        return self._names[id(expression)]


def _names(expression: Expression) -> Iterator[str]:
    return (part.name for part in parts_of(expression.tree) if isinstance(part, Name | Parameter))


def _meaning(name: str, scope: Scope) -> Hashable:
    """What a name or parameter means in a scope, as far as that is no fact."""
    return scope.parameters.get(name), id(scope.definitions.get(name)), scope.constants.get(name)
