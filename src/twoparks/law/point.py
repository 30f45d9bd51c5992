"""One case at a time: the graph as generated Python, compiled once.

Truth values are the two bits of `kleene`; a missing value is MISSING and makes whatever compares it unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from .graph import Graph, Node
from .kleene import MISSING, NOT

Evaluator = Callable[[Mapping[str, object]], tuple[object, ...]]


WorkingDaysAfter = Callable[[str, int, int], object]
"""From bank, day and count to the day, or MISSING where no calendar is held."""


def evaluator(graph: Graph, roots: Sequence[int], workdays: WorkingDaysAfter) -> Evaluator:
    """A function from stated facts (dates as ordinals, sets as frozensets) to the values of `roots`, in order."""
    lines = ["def evaluate(F):", " get = F.get"]
    for node in graph.reachable(roots):
        lines.extend(f" {line}" for line in _lines(node, graph.nodes[node]))
    lines.append(f" return ({', '.join(f'v{root}' for root in roots)}{',' if len(roots) == 1 else ''})")
    space: dict[str, object] = {"M": MISSING, "NOT": NOT, "months_after": months_after, "workdays": workdays}
    # The text is built from checked nodes only; words enter it through repr().
    exec(compile("\n".join(lines), "<law>", "exec"), space)  # noqa: S102
    made: Evaluator = space["evaluate"]  # type: ignore[assignment]
    return made


def months_after(day: int, months: int) -> int:
    """The ordinal of the same day so many months later, or of the last day of a shorter month."""
    start = date.fromordinal(day)
    years, month = divmod(start.month - 1 + months, 12)
    for last in (start.day, 30, 29, 28):
        try:
            return date(start.year + years, month + 1, last).toordinal()
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _lines(number: int, node: Node) -> list[str]:
    """The Python lines that compute one node."""
    target = f"v{number} ="
    if node.operator == "fact":
        return _fact(number, node)
    parts = [f"v{part}" for part in node.arguments]
    if node.operator == "const":
        return [f"{target} {3 if node.value else 0}"]
    if node.operator == "number":
        return [f"{target} {node.value!r}"]
    if node.operator == "not":
        return [f"{target} NOT[{parts[0]}]"]
    if node.operator in ("and", "or"):
        return [f"{target} {(' & ' if node.operator == 'and' else ' | ').join(parts)}"]
    if node.operator == "has":
        return [f"{target} 1 if {parts[0]} is M else 0 if {parts[0]} is None else 3"]
    if node.operator == "some":
        return [f"{target} M if {parts[0]} is None else {parts[0]}"]
    if node.operator == "pick":
        test, then, other = parts
        return [f"{target} {then} if {test} == 3 else {other} if {test} == 0 or {then} == {other} else M"]
    missing = " or ".join(f"{part} is M" for part in parts)
    if node.operator in TESTS:
        test = TESTS[node.operator].format(*parts, word=repr(node.value))
        return [f"{target} 1 if {missing} else 3 if {test} else 0"]
    return [f"{target} M if {missing} else {AMOUNTS[node.operator].format(*parts, word=repr(node.value))}"]


TESTS = {
    "truth": "{0}",
    "is": "{0} == {word}",
    "among": "{0} in {word}",
    "contains": "{word} in {0}",
    "same": "{0} == {1}",
    "eq": "{0} == {1}",
    "lt": "{0} < {1}",
    "le": "{0} <= {1}",
}

AMOUNTS = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "neg": "-{0}",
    "min": "{0} if {0} < {1} else {1}",
    "max": "{0} if {0} > {1} else {1}",
    "months": "months_after({0}, {1})",
    "workdays": "workdays({word}, {0}, {1})",
    "per_mille": "{0} * {1} // 1000",
    "share": "{0} * {1} // {2}",
}


def _fact(number: int, node: Node) -> list[str]:
    """A stated fact, or what others imply of it."""
    assert isinstance(node.value, tuple)
    name, values = node.value
    lines = [f"v{number} = get({name!r}, M)"]
    if not node.arguments:
        return lines
    lines.append(f"if v{number} is M:")
    word = "if"
    for when, value in zip(node.arguments, values, strict=True):
        lines.append(f" {word} v{when} == 3: v{number} = {value!r}")
        word = "elif"
    return lines
