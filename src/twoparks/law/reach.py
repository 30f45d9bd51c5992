"""What could become of each condition if some facts were free to take any value: the graph over sets of truths.

A truth here is a mask of what it may be: 1 false, 2 unknown, 4 true. A value is known, MISSING (never stated), ANY (stated,
whatever it is) or PERHAPS (any, or missing). Masks forget how facts hang together, so they may hold too much, never too little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

from .graph import Graph, Node
from .kleene import FALSE, MISSING, NOT, TRUE, UNKNOWN
from .point import AMOUNTS, TESTS, Evaluator, WorkingDaysAfter, months_after

MAY_BE_FALSE, MAY_BE_UNKNOWN, MAY_BE_TRUE = 1, 2, 4


class _Some:
    """A value that is not fixed; named for error messages."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


ANY: Final = _Some("ANY")
PERHAPS: Final = _Some("PERHAPS")

_BIT = {FALSE: MAY_BE_FALSE, UNKNOWN: MAY_BE_UNKNOWN, TRUE: MAY_BE_TRUE}
_OPEN = frozenset((MISSING, ANY, PERHAPS))
_TEST_OF = {MISSING: MAY_BE_UNKNOWN, ANY: MAY_BE_FALSE | MAY_BE_TRUE, PERHAPS: 7}


def _members(mask: int) -> list[int]:
    return [state for state, bit in _BIT.items() if mask & bit]


def _table(join: str) -> tuple[tuple[int, ...], ...]:
    def cell(left: int, right: int) -> int:
        found = 0
        for a, b in product(_members(left), _members(right)):
            found |= _BIT[a & b if join == "and" else a | b]
        return found

    return tuple(tuple(cell(left, right) for right in range(8)) for left in range(8))


_AND, _OR = _table("and"), _table("or")
_NOT = tuple(sum({_BIT[NOT[state]] for state in _members(mask)}) for mask in range(8))


def reach_evaluator(graph: Graph, roots: Sequence[int], workdays: WorkingDaysAfter) -> Evaluator:
    """As `point.evaluator`, to the masks of truth-valued roots; facts may be given as ANY, or PERHAPS where null is a value."""
    lines = ["def evaluate(F):", " get = F.get"]
    for number in graph.reachable(roots):
        lines.extend(f" {line}" for line in _lines(number, graph.nodes[number]))
    lines.append(f" return ({', '.join(f'v{root}' for root in roots)},)")
    space: dict[str, object] = {
        "M": MISSING,
        "AND": _AND,
        "OR": _OR,
        "NOT": _NOT,
        "OPEN": _OPEN,
        "ANY": ANY,
        "PERHAPS": PERHAPS,
        "least": _least,
        "test_of": _TEST_OF,
        "months_after": months_after,
        "workdays": workdays,
    }
    # As in `point`: built from checked nodes only; words enter through repr().
    exec(compile("\n".join(lines), "<reach>", "exec"), space)  # noqa: S102
    made: Evaluator = space["evaluate"]  # type: ignore[assignment]
    return made


def _least(*parts: object) -> object:
    """What is made of several values of which one at least is not fixed."""
    return MISSING if MISSING in parts else PERHAPS if PERHAPS in parts else ANY


def _lines(number: int, node: Node) -> list[str]:
    target = f"v{number} ="
    if node.operator == "fact":
        return _fact(number, node)
    parts = [f"v{part}" for part in node.arguments]
    if node.operator == "const":
        return [f"{target} {4 if node.value else 1}"]
    if node.operator == "number":
        return [f"{target} {node.value!r}"]
    if node.operator == "not":
        return [f"{target} NOT[{parts[0]}]"]
    if node.operator in ("and", "or"):
        joined = parts[0]
        for part in parts[1:]:
            joined = f"{node.operator.upper()}[{joined}][{part}]"
        return [f"{target} {joined}"]
    if node.operator == "has":
        part = parts[0]
        return [
            f"{target} 2 if {part} is M else 1 if {part} is None else 4 if {part} is ANY else 7 if {part} is PERHAPS else 4"
        ]
    if node.operator == "some":
        return [f"{target} M if {parts[0]} is None else {parts[0]}"]
    if node.operator == "pick":
        test, then, other = parts
        return [
            f"{target} {then} if {test} == 4 or {then} == {other} else {other} if {test} == 1 else PERHAPS"
        ]
    return [_over_values(target, node, parts)]


def _over_values(target: str, node: Node, parts: Sequence[str]) -> str:
    """A test or an amount: as usual where its values are fixed."""
    unfixed = " or ".join(f"{part} in OPEN" for part in parts)
    listed = ", ".join(parts)
    if node.operator in TESTS:
        test = TESTS[node.operator].format(*parts, word=repr(node.value))
        return f"{target} test_of[least({listed})] if {unfixed} else 4 if {test} else 1"
    amount = AMOUNTS[node.operator].format(*parts, word=repr(node.value))
    perhaps = "PERHAPS" if node.operator == "workdays" else f"least({listed})"
    return f"{target} {perhaps} if {unfixed} else {amount}"


def _fact(number: int, node: Node) -> list[str]:
    """A stated fact, or what others may imply of it: settled only where no earlier rule is in doubt."""
    assert isinstance(node.value, tuple)
    name, values = node.value
    lines = [f"v{number} = get({name!r}, M)"]
    word = "if"
    if node.arguments:
        lines.append(f"if v{number} is M:")
    for when, value in zip(node.arguments, values, strict=True):
        lines.append(f" {word} v{when} == 4: v{number} = {value!r}")
        lines.append(f" elif v{when} & 4: v{number} = PERHAPS")
        word = "elif"
    return lines


def freed(values: Mapping[str, object], nullable: Mapping[str, bool]) -> dict[str, object]:
    """The facts with those named in `nullable` free."""
    return {**values, **{name: PERHAPS if null else ANY for name, null in nullable.items()}}
