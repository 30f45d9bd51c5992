"""The ways in which a condition holds, as a decision table: its parts down the side, a column for each way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from .language import Binary, Choice, Literal, Tree, Unary
from .written import written

_MOST_WAYS, _MOST_PARTS = 10, 14

Way = Mapping[str, bool]
"""What each part that matters must be, by its text."""


class Table(NamedTuple):
    """The parts of a condition and its ways; None in a way where the part does not matter to it."""

    parts: tuple[Tree, ...]
    ways: tuple[tuple[bool | None, ...], ...]


def table(tree: Tree) -> Table | None:
    """The decision table of a condition; None where there is one way only, or too much to be read at a glance."""
    parts: dict[str, Tree] = {}
    found = _shortest(_ways(tree, True, parts))
    if not 1 < len(found) <= _MOST_WAYS or len(parts) > _MOST_PARTS:
        return None
    return Table(tuple(parts.values()), tuple(tuple(way.get(text) for text in parts) for way in found))


def _ways(tree: Tree, holds: bool, parts: dict[str, Tree]) -> list[Way]:
    """The ways in which a tree holds, or does not; its parts are added to `parts` as they are met."""
    if isinstance(tree, Unary) and tree.operator == "!":
        return _ways(tree.operand, not holds, parts)
    if isinstance(tree, Binary) and tree.operator in ("&&", "||"):
        left, right = _ways(tree.left, holds, parts), _ways(tree.right, holds, parts)
        return _together(left, right) if (tree.operator == "&&") == holds else [*left, *right]
    if isinstance(tree, Choice):
        return [
            way
            for test, part in ((True, tree.then), (False, tree.otherwise))
            for way in _together(_ways(tree.condition, test, parts), _ways(part, holds, parts))
        ]
    if isinstance(tree, Literal) and isinstance(tree.value, bool):
        return [{}] if tree.value == holds else []
    if isinstance(tree, Binary) and tree.operator == "!=":
        return _ways(replace(tree, operator="=="), not holds, parts)
    parts.setdefault(written(tree), tree)
    return [{written(tree): holds}]


def _together(left: Iterable[Way], right: Iterable[Way]) -> list[Way]:
    """Each of one with each of the other, where they do not contradict each other."""
    return [
        {**one, **other}
        for one, other in product(left, list(right))
        if all(one.get(text, holds) == holds for text, holds in other.items())
    ]


def _shortest(ways: Iterable[Way]) -> list[Way]:
    """Without the ways that ask for all that another asks for, and more."""
    found: list[Way] = []
    for way in sorted(ways, key=len):
        if not any(known.items() <= way.items() for known in found):
            found.append(way)
    return found
