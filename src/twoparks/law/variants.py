"""One condition or amount, changed in one place: what a mutation of the packs does to an expression.

A conjunct or alternative is left out rather than negated: whatever case sees it left out also sees it negated, and
the reverse is not so. What stands alone is negated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from .language import Binary, Call, Choice, Exists, Listing, Tree, Unary
from .written import written

_STRICT = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_OTHER = {"==": "!=", "!=": "==", "+": "-", "-": "+"}
_FUNCTION = {"min": "max", "max": "min"}


class Variant(NamedTuple):
    """A changed tree, what was changed, and the case that would tell it from the original."""

    tree: Tree
    what: str
    wanted: str


def variants(tree: Tree, *, truth: bool) -> Iterator[Variant]:
    """Every change of one place of a tree; `truth` when the whole is a condition."""
    if truth and not _is_join(tree):
        yield Variant(_negated(tree), f"{written(tree)} negated", f"{written(tree)} is true or false")
    yield from _inside(tree)


def _is_join(tree: Tree) -> bool:
    return isinstance(tree, Binary) and tree.operator in ("&&", "||")


def _negated(tree: Tree) -> Tree:
    return tree.operand if isinstance(tree, Unary) and tree.operator == "!" else Unary("!", tree, tree.at)


def _inside(tree: Tree) -> Iterator[Variant]:
    """Changes at this place and below it."""
    if isinstance(tree, Binary):
        yield from _of_join(tree) if _is_join(tree) else _of_binary(tree)
        for name, part in (("left", tree.left), ("right", tree.right)):
            yield from (found._replace(tree=_with(tree, name, found.tree)) for found in _inside(part))
    elif isinstance(tree, Unary):
        yield from (
            found._replace(tree=_with(tree, "operand", found.tree)) for found in _inside(tree.operand)
        )
    elif isinstance(tree, Choice):
        yield from _of_choice(tree)
    elif isinstance(tree, Call):
        yield from _of_call(tree)
    elif isinstance(tree, Exists):
        yield from (found._replace(tree=_with(tree, "body", found.tree)) for found in _inside(tree.body))
    elif isinstance(tree, Listing):
        yield from _of_listing(tree)


def _with(tree: Tree, name: str, part: Tree) -> Tree:
    return replace(tree, **{name: part})  # type: ignore[arg-type]  # the field exists where it was read


def _of_join(tree: Binary) -> Iterator[Variant]:
    """Each side left out."""
    settles = "false" if tree.operator == "&&" else "true"
    for gone, kept in ((tree.left, tree.right), (tree.right, tree.left)):
        if not (isinstance(gone, Binary) and gone.operator == tree.operator):
            text = written(gone)
            yield Variant(kept, f"{text} left out", f"{text} alone is {settles} among what it is joined with")


def _of_binary(tree: Binary) -> Iterator[Variant]:
    """A boundary or sign turned."""
    found = _STRICT.get(tree.operator)
    if found is not None:
        equal = f"{written(tree.left)} equals {written(tree.right)}"
        yield Variant(
            replace(tree, operator=found), f"{tree.operator} made {found} in {written(tree)}", equal
        )
    found = _OTHER.get(tree.operator)
    if found is not None:
        what = f"{tree.operator} made {found} in {written(tree)}"
        yield Variant(replace(tree, operator=found), what, f"{written(tree)} makes the difference")


def _of_choice(tree: Choice) -> Iterator[Variant]:
    """The question turned round, and what stands below it."""
    for found in variants(tree.condition, truth=True):
        yield found._replace(tree=replace(tree, condition=found.tree))
    for name, part in (("then", tree.then), ("otherwise", tree.otherwise)):
        yield from (found._replace(tree=_with(tree, name, found.tree)) for found in _inside(part))


def _of_call(tree: Call) -> Iterator[Variant]:
    """The smaller taken for the larger, and what stands in the arguments."""
    other = _FUNCTION.get(tree.function)
    if other is not None:
        what = f"{tree.function} made {other} in {written(tree)}"
        yield Variant(replace(tree, function=other), what, f"the arguments of {written(tree)} differ")
    for at, argument in enumerate(tree.arguments):
        for found in _inside(argument):
            arguments = (*tree.arguments[:at], found.tree, *tree.arguments[at + 1 :])
            yield found._replace(tree=replace(tree, arguments=arguments))


def _of_listing(tree: Listing) -> Iterator[Variant]:
    """Each word left out of a list that has others."""
    for at, item in enumerate(tree.items) if len(tree.items) > 1 else ():
        items = (*tree.items[:at], *tree.items[at + 1 :])
        yield Variant(
            replace(tree, items=items),
            f"{written(item)} left out of {written(tree)}",
            f"the fact is {written(item)}",
        )
