"""Arithmetic on whole columns, exact: what would not fit in 64 bits is reckoned in Python's integers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date
from functools import lru_cache, reduce
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from .block import Numbers, Plane, packed, unpacked
from .kleene import MISSING
from .point import WorkingDaysAfter
from .settle import Truth

_LEAST, _MOST = -(2**63), 2**63 - 1
_EPOCH = 719_163
"""The ordinal of 1970-01-01."""
_FROM, _UNTIL, _REACH = date(1900, 1, 1).toordinal(), date(2100, 1, 1).toordinal(), 1200
"""The days and the months' distance that the table of months covers."""


def either_missing(*parts: Plane | None) -> Plane | None:
    """What is missing of any of them."""
    found = [part for part in parts if part is not None]
    return reduce(operator.or_, found) if found else None


def plain(number: int) -> Numbers:
    """One number for all cases."""
    return Numbers(number, number, number)


def _wide(*bounds: int) -> bool:
    return min(bounds) < _LEAST or max(bounds) > _MOST


def _exact(part: Numbers, wide: bool) -> Any:
    """The values of a column, as Python's integers where 64 bits would not do."""
    if not wide or isinstance(part.values, int) or part.values.dtype == object:
        return part.values
    return part.values.astype(object)


def _joined(
    left: Numbers, right: Numbers, run: Callable[[Any, Any], Any], bounds: tuple[int, ...]
) -> Numbers:
    wide = _wide(*bounds) or _wide(left.least, left.most) or _wide(right.least, right.most)
    values = run(_exact(left, wide), _exact(right, wide))
    return Numbers(values, min(bounds), max(bounds), either_missing(left.missing, right.missing))


def add(left: Numbers, right: Numbers) -> Numbers:
    """Sum."""
    return _joined(left, right, lambda x, y: x + y, (left.least + right.least, left.most + right.most))


def sub(left: Numbers, right: Numbers) -> Numbers:
    """Difference."""
    return _joined(left, right, lambda x, y: x - y, (left.least - right.most, left.most - right.least))


def mul(left: Numbers, right: Numbers) -> Numbers:
    """Product."""
    corners = tuple(x * y for x, y in product((left.least, left.most), (right.least, right.most)))
    return _joined(left, right, lambda x, y: x * y, corners)


def neg(part: Numbers) -> Numbers:
    """Its negative."""
    return sub(plain(0), part)


def least(left: Numbers, right: Numbers) -> Numbers:
    """The smaller."""
    bounds = min(left.least, right.least), min(left.most, right.most)
    return _joined(left, right, _smaller, bounds)


def most(left: Numbers, right: Numbers) -> Numbers:
    """The larger."""
    bounds = max(left.least, right.least), max(left.most, right.most)
    return _joined(left, right, _larger, bounds)


def _smaller(x: Any, y: Any) -> Any:
    return min(x, y) if isinstance(x, int) and isinstance(y, int) else np.minimum(x, y)


def _larger(x: Any, y: Any) -> Any:
    return max(x, y) if isinstance(x, int) and isinstance(y, int) else np.maximum(x, y)


def per_mille(amount: Numbers, parts: Numbers) -> Numbers:
    """So many thousandths, rounded down."""
    return divided(mul(amount, parts), 1000)


def share(amount: Numbers, parts: Numbers, whole: Numbers) -> Numbers:
    """So many parts of a whole (both plain numbers above 0), rounded down."""
    assert isinstance(whole.values, int)
    return divided(mul(amount, parts), whole.values)


def divided(amount: Numbers, by: int) -> Numbers:
    """Divided by a plain number above 0, rounded down."""
    values = amount.values // by
    bounds = amount.least // by, amount.most // by
    if not isinstance(values, int) and values.dtype == object and not _wide(*bounds):
        values = values.astype(np.int64)
    return Numbers(values, *bounds, amount.missing)


def months(day: Numbers, count: Numbers) -> Numbers:
    """The same day so many months later, or the last day of a shorter month."""
    bounds = day.least + 28 * count.least - 31, day.most + 31 * count.most + 31
    missing = either_missing(day.missing, count.missing)
    within = day.least >= _FROM and day.most < _UNTIL and count.least >= -_REACH and count.most <= _REACH
    values: Any
    if within and isinstance(count.values, int):
        values = _days_later(count.values)[day.values - _FROM]
    else:
        values = (_months if within else _far_months)(day.values, count.values)
    return Numbers(int(values) if not values.ndim else values, min(bounds), max(bounds), missing)


@lru_cache(maxsize=32)
def _days_later(count: int) -> npt.NDArray[np.int64]:
    """Each day of the table so many months later."""
    return _months(np.arange(_FROM, _UNTIL), count)


def _months(day: Any, count: Any) -> npt.NDArray[np.int64]:
    """By table: turning days into months by reckoning takes ten times as long."""
    month_of, day_in, first_of = _months_table()
    place = day - _FROM
    month = month_of[place] + count + _REACH
    found: npt.NDArray[np.int64] = np.minimum(first_of[month] + day_in[place], first_of[month + 1] - 1)
    return found


@lru_cache(maxsize=1)
def _months_table() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each day its month and its place in it; for each month, from `_REACH` before, its first day."""
    day = (np.arange(_FROM, _UNTIL) - _EPOCH).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    first = month[0] + np.arange(-_REACH, int((month[-1] - month[0]).astype(int)) + _REACH + 2)
    day_in = (day - month.astype("datetime64[D]")).astype(np.int64)
    first_of = first.astype("datetime64[D]").astype(np.int64) + _EPOCH
    return (month - month[0]).astype(np.int64), day_in, first_of


def _far_months(days: Any, count: Any) -> npt.NDArray[np.int64]:
    """For days and distances that the table leaves out."""
    day = np.asarray(np.asarray(days, np.int64) - _EPOCH).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    day_in = (day - month.astype("datetime64[D]")).astype(np.int64)
    later = month + np.asarray(count, np.int64).astype("timedelta64[M]")
    first = later.astype("datetime64[D]").astype(np.int64)
    last = (later + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - 1
    found: npt.NDArray[np.int64] = np.minimum(first + day_in, last) + _EPOCH
    return found


def workdays(bank: str, day: Numbers, count: Numbers, after: WorkingDaysAfter, size: int) -> Numbers:
    """The day so many working days later; missing where no calendar is held."""
    pairs = np.empty((size, 2), np.int64)
    pairs[:, 0], pairs[:, 1] = day.values, count.values
    distinct, places = np.unique(pairs, axis=0, return_inverse=True)
    found = [after(bank, d, n) if d > 0 else MISSING for d, n in distinct.tolist()]
    known = np.array([0 if value is MISSING else value for value in found], np.int64)
    gaps = np.array([value is MISSING for value in found], np.bool_)
    places = places.reshape(-1)
    missing = packed(gaps[places]) if gaps.any() else None
    values = known[places]
    bounds = int(known.min()), int(known.max())
    return Numbers(values, *bounds, either_missing(day.missing, count.missing, missing))


def pick(test: Truth[Plane], then: Numbers, other: Numbers, size: int) -> Numbers:
    """One or the other; where the test is unknown, what both give."""
    wide = _wide(then.least, then.most, other.least, other.most)
    one, two = _exact(then, wide), _exact(other, wide)
    values = np.where(unpacked(test.certain, size), one, two)
    unknown = test.may & test.may_not
    lost = []
    if unknown.any():
        lost.append(unknown & packed(_cells(one != two, size)))
    if then.missing is not None:
        lost.append(then.missing & test.may)
    if other.missing is not None:
        lost.append(other.missing & test.may_not)
    missing = either_missing(*lost)
    bounds = min(then.least, other.least), max(then.most, other.most)
    return Numbers(values, *bounds, missing if missing is not None and missing.any() else None)


def compared(
    left: Numbers, right: Numbers, test: Callable[[Any, Any], Any], size: int
) -> tuple[npt.NDArray[np.bool_], Plane | None]:
    """The cells of a comparison, and where it is unknown."""
    wide = _wide(left.least, left.most) or _wide(right.least, right.most)
    cells = _cells(test(_exact(left, wide), _exact(right, wide)), size)
    return cells, either_missing(left.missing, right.missing)


def _cells(found: Any, size: int) -> npt.NDArray[np.bool_]:
    """One truth a case, also where two plain numbers were compared."""
    return np.full(size, found, np.bool_) if np.ndim(found) == 0 else np.asarray(found, np.bool_)
