"""Trees of the language written back as text."""

from __future__ import annotations

from .language import Binary, Call, Choice, Exists, Listing, Literal, Name, Parameter, Tree, Unary

_BINDS = {"||": 1, "&&": 2, "+": 4, "-": 4, "*": 5}
_RELATION, _UNARY, _ATOM = 3, 6, 7


def written(tree: Tree) -> str:
    """The condition as it would be written; reading it again gives the same tree."""
    return _written(tree)[0]


def _written(tree: Tree) -> tuple[str, int]:
    """The text and how tightly it binds."""
    if isinstance(tree, Binary):
        return _joined(tree)
    if isinstance(tree, Unary):
        return f"{tree.operator}{_within(tree.operand, _UNARY)}", _UNARY
    if isinstance(tree, Choice):
        test, then = _within(tree.condition, 1), written(tree.then)
        return f"{test} ? {then} : {written(tree.otherwise)}", 0
    return _atom(tree), _ATOM


def _joined(tree: Binary) -> tuple[str, int]:
    binds = _BINDS.get(tree.operator, _RELATION)
    left = _within(tree.left, binds + (binds == _RELATION))
    return f"{left} {tree.operator} {_within(tree.right, binds + 1)}", binds


def _within(tree: Tree, least: int) -> str:
    text, binds = _written(tree)
    return text if binds >= least else f"({text})"


def _atom(tree: Tree) -> str:
    if isinstance(tree, Literal):
        if isinstance(tree.value, bool):
            return "true" if tree.value else "false"
        quote = "'" if '"' in str(tree.value) else '"'
        return f"{quote}{tree.value}{quote}" if isinstance(tree.value, str) else str(tree.value)
    if isinstance(tree, Parameter):
        return f"param.{tree.name}"
    if isinstance(tree, Listing):
        return f"[{', '.join(written(item) for item in tree.items)}]"
    if isinstance(tree, Call):
        return f"{tree.function}({', '.join(written(argument) for argument in tree.arguments)})"
    if isinstance(tree, Exists):
        return f"{tree.subject}.exists({tree.variable}, {written(tree.body)})"
    assert isinstance(tree, Name)
    return tree.name
