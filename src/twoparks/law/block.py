"""The facts of many cases side by side: truths as bit planes, words as codes, numbers and days as int64.

A plane holds one bit a case, 64 to a word; the bits after the last case say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .pack import FactSpec

EMPTY_UNLESS_STATED = ("held", "sought")

Plane = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]


def packed(flags: npt.NDArray[Any]) -> Plane:
    """One bit a case from an array whose non-zero cells are true."""
    bits = np.packbits(flags, bitorder="little")
    if len(bits) % 8:
        bits = np.pad(bits, (0, -len(bits) % 8))
    return bits.view(np.uint64)


def unpacked(plane: Plane, size: int) -> Flags:
    """The inverse of `packed`."""
    return np.unpackbits(plane.view(np.uint8), count=size, bitorder="little").view(np.bool_)


class Bools(NamedTuple):
    """A fact that is true or false."""

    true: Plane
    missing: Plane | None = None
    none: Plane | None = None


class Words(NamedTuple):
    """A fact that is one of `values`, by its place among them."""

    codes: npt.NDArray[np.integer[Any]]
    values: tuple[str, ...]
    missing: Plane | None = None
    none: Plane | None = None


class Members(NamedTuple):
    """A set: the plane of each word that some case's set holds."""

    planes: Mapping[str, Plane]
    missing: Plane | None = None
    none: Plane | None = None


class Numbers(NamedTuple):
    """Whole numbers or days (as ordinals), all within [least, most]; where missing they say nothing.

    `values` is int64, or Python's integers where those would not fit, or one number for all cases.
    """

    values: npt.NDArray[Any] | int
    least: int
    most: int
    missing: Plane | None = None
    none: Plane | None = None


Column = Bools | Words | Members | Numbers
"""`missing` marks what is not stated, `none` what is stated to be none; None where that is so of no case."""


class Block(NamedTuple):
    """So many cases; a fact without a column is stated in none of them, but `held` and `sought` are then empty."""

    size: int
    columns: Mapping[str, Column]

    @property
    def words(self) -> int:
        """The length of a plane."""
        return -(-self.size // 64)

    @property
    def cases(self) -> Plane:
        """The plane that is true of every case and false after the last."""
        return packed(np.ones(self.size, np.bool_))


def of_cases(cases: Sequence[Mapping[str, object]], specs: Mapping[str, FactSpec]) -> Block:
    """The block of cases whose facts are as the evaluator reads them (days as ordinals, sets as frozensets, None for none)."""
    stated = {name for case in cases for name in case} & set(specs)
    return Block(
        len(cases),
        {name: _column(specs[name], [case.get(name, _ABSENT) for case in cases]) for name in stated},
    )


_ABSENT = object()


def _column(spec: FactSpec, cells: list[Any]) -> Column:
    beside = _marked(cells, _ABSENT), _marked(cells, None)
    if spec.name in EMPTY_UNLESS_STATED:
        cells, beside = [frozenset() if cell is _ABSENT else cell for cell in cells], (None, None)
    if spec.type == "bool":
        return Bools(packed(np.array([cell is True for cell in cells], np.bool_)), *beside)
    if spec.type == "enum":
        places = {word: at for at, word in enumerate(spec.values)}
        return Words(np.array([places.get(cell, 0) for cell in cells], np.uint16), spec.values, *beside)
    if spec.type == "set":
        held = [cell if isinstance(cell, frozenset) else frozenset() for cell in cells]
        words = frozenset[str]().union(*held)
        return Members({w: packed(np.array([w in s for s in held], np.bool_)) for w in words}, *beside)
    known = [cell for cell in cells if isinstance(cell, int)] or [1]
    values = np.array([cell if isinstance(cell, int) else known[0] for cell in cells], np.int64)
    return Numbers(values, min(known), max(known), *beside)


def _marked(cells: list[Any], mark: object) -> Plane | None:
    found = np.array([cell is mark for cell in cells], np.bool_)
    return packed(found) if found.any() else None
