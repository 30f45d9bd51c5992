"""What a trial changed: participants beside those who did not take part, with an interval, in whole numbers.

Rates: difference of two proportions with the interval of R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10 (Wilson's
score limits of both, combined). Times: the shift of J. L. Hodges and E. L. Lehmann, Ann. Math. Stat. 34 (1963) 598-611, with the interval
from the rank-sum test in its large-sample form, rounded outwards (M. Hollander and D. A. Wolfe, Nonparametric Statistical Methods, 4.3).
Who takes part is chosen, not drawn, unless the protocol says by lot: a difference is then not proved to come from the rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

LEAST = 10  # cases on either side below which nothing is said of the difference
CONFIDENCE_PER_MILLE = 950
_PAIRS_MAX = 4_000_000  # differences between cases that are looked at; of more cases, evenly spread ones


@dataclass(frozen=True)
class Effect:
    """One measure: both groups' cases and value, and the difference participants less others with its interval.

    Rates in per mille, times in minutes. A value is None for a group without cases, the difference None where one has fewer than `LEAST`.
    """

    unit: Literal["per_mille", "minutes"]
    cases: int
    value: int | None
    other_cases: int
    other_value: int | None
    difference: int | None = None
    low: int | None = None
    high: int | None = None

    @property
    def says(self) -> Literal["more", "less", "open", "too_few"]:
        """Whether the interval leaves out no difference; `open` where it does not."""
        if self.low is None or self.high is None:
            return "too_few"
        if self.low > 0:
            return "more"
        return "less" if self.high < 0 else "open"

    def as_json(self) -> dict[str, Any]:
        """Whole numbers and words, as acts and reports carry them."""
        names = ("unit", "cases", "value", "other_cases", "other_value", "difference", "low", "high")
        return {name: getattr(self, name) for name in names}


def of_rates(harms: int, cases: int, other_harms: int, other_cases: int) -> Effect:
    """The difference between two rates; ValueError for counts that cannot be."""
    for part, whole in ((harms, cases), (other_harms, other_cases)):
        if not 0 <= part <= whole:
            raise ValueError(f"{part} of {whole} cases cannot be; use 0 to {whole}")
    value, other = _per_mille(harms, cases), _per_mille(other_harms, other_cases)
    if min(cases, other_cases) < LEAST:
        return Effect("per_mille", cases, value, other_cases, other)
    rate, other_rate = harms / cases, other_harms / other_cases
    (low, high), (other_low, other_high) = _wilson(harms, cases), _wilson(other_harms, other_cases)
    difference = rate - other_rate
    down = sqrt((rate - low) ** 2 + (other_high - other_rate) ** 2)
    up = sqrt((high - rate) ** 2 + (other_rate - other_low) ** 2)
    return Effect(
        "per_mille",
        cases,
        value,
        other_cases,
        other,
        round(1000 * difference),
        floor(1000 * (difference - down)),
        ceil(1000 * (difference + up)),
    )


def of_times(minutes: Sequence[int], others: Sequence[int]) -> Effect:
    """The shift between two sets of times; values are medians."""
    cases, other_cases = len(minutes), len(others)
    value, other = _median(minutes), _median(others)
    if min(cases, other_cases) < LEAST:
        return Effect("minutes", cases, value, other_cases, other)
    ours, theirs = _thinned(minutes, others)
    differences = np.sort(np.subtract.outer(ours, theirs), axis=None)
    m, n = len(ours), len(theirs)
    spread = _quantile() * sqrt(m * n * (m + n + 1) / 12)
    rank = max(1, floor(m * n / 2 - spread))  # counted from 1
    middle = floor(float(np.median(differences)))
    low, high = int(differences[rank - 1]), int(differences[m * n - rank])
    return Effect("minutes", cases, value, other_cases, other, middle, low, high)


def _wilson(part: int, whole: int) -> tuple[float, float]:
    z = _quantile()
    rate = part / whole
    middle = rate + z * z / (2 * whole)
    half = z * sqrt(rate * (1 - rate) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return (middle - half) / scale, (middle + half) / scale


def _quantile() -> float:
    return NormalDist().inv_cdf((1000 + CONFIDENCE_PER_MILLE) / 2000)


def _per_mille(part: int, whole: int) -> int | None:
    return round(1000 * part / whole) if whole else None


def _median(values: Sequence[int]) -> int | None:
    return floor(float(np.median(values))) if len(values) else None


def _thinned(a: Sequence[int], b: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Both sorted, and where there are too many pairs only evenly spread ones: the same cases give the same numbers everywhere."""
    ours, theirs = np.sort(np.asarray(a, dtype=np.int64)), np.sort(np.asarray(b, dtype=np.int64))
    most = int(sqrt(_PAIRS_MAX))
    return tuple(_spread(each, most) for each in (ours, theirs))  # type: ignore[return-value]


def _spread(values: np.ndarray, most: int) -> np.ndarray:
    if len(values) <= most:
        return values
    return values[np.linspace(0, len(values) - 1, most).astype(np.int64)]
