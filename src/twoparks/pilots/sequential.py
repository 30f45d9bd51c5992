"""A test of harms that may be looked at after every case and keeps its error rate; exact, in whole numbers.

The e-value is a mixture of likelihood ratios of rates above the accepted one. While the true rate is at most the accepted one it is a
nonnegative supermartingale that begins at 1, so by Ville's inequality it ever reaches 1/alpha with probability at most alpha, however often
one looks and whenever one stops. The interval is the set of rates that the same kind of test, over all rates, has not refused.
Sources: J. Ville, Etude critique de la notion de collectif (1939); H. Robbins, Ann. Math. Stat. 41 (1970) 1397-1409;
I. Waudby-Smith and A. Ramdas, J. R. Stat. Soc. B 86 (2024) 1-27.

A harm that is seen late makes its case count as harmless until then, and the e-value too small, never too large: the test only waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

WHOLE = 1000  # rates are whole per mille
_ALTERNATIVES = 48  # rates above the accepted one that the mixture holds, evenly spread


@dataclass(frozen=True)
class Reading:
    """How a test stands: `e_value` rounded down to thousandths and cut at a million."""

    cases: int
    harms: int
    e_value_per_mille: int
    bound: int  # the e-value at which it stops, 1/alpha, in thousandths
    stops: bool
    next_bound: int | None  # harms among the cases so far at which it would stop; None: no number would


def e_value(cases: int, harms: int, accepted_per_mille: int) -> Fraction:
    """How much better rates above the accepted one explain `harms` among `cases`; 1 before the first case.

    Raises ValueError for counts that cannot be and for an accepted rate outside 1 to 999 per mille.
    """
    _demand(cases, harms)
    if not 1 <= accepted_per_mille < WHOLE:
        raise ValueError(f"an accepted rate of {accepted_per_mille} per mille; use 1 to {WHOLE - 1}")
    rates = alternatives(accepted_per_mille)
    above = sum(_likelihood(rate, cases, harms) for rate in rates)
    return Fraction(above, len(rates) * _likelihood(accepted_per_mille, cases, harms))


@cache
def alternatives(accepted_per_mille: int) -> tuple[int, ...]:
    """The rates above the accepted one, in per mille, that the mixture weighs alike."""
    room = WHOLE - accepted_per_mille
    return tuple(
        sorted(
            {
                accepted_per_mille + max(1, room * n // (_ALTERNATIVES + 1))
                for n in range(1, _ALTERNATIVES + 1)
            }
        )
    )


def stops(cases: int, harms: int, accepted_per_mille: int, error_per_mille: int) -> bool:
    """Whether the test has crossed its bound: it does so with probability at most the error rate when the rate is accepted."""
    return e_value(cases, harms, accepted_per_mille) >= Fraction(WHOLE, error_per_mille)


def stopping_number(cases: int, accepted_per_mille: int, error_per_mille: int) -> int | None:
    """The least number of harms among `cases` at which the test stops, None when even all of them would not do.

    The e-value grows with the number of harms, so the number is found by halving.
    """
    if not stops(cases, cases, accepted_per_mille, error_per_mille):
        return None
    low, high = 0, cases
    while low < high:
        middle = (low + high) // 2
        if stops(cases, middle, accepted_per_mille, error_per_mille):
            high = middle
        else:
            low = middle + 1
    return low


def reading(cases: int, harms: int, accepted_per_mille: int, error_per_mille: int) -> Reading:
    """How the test stands after so many cases and harms."""
    value = e_value(cases, harms, accepted_per_mille)
    return Reading(
        cases=cases,
        harms=harms,
        e_value_per_mille=min(int(value * WHOLE), 10**9),
        bound=WHOLE * WHOLE // error_per_mille,
        stops=value >= Fraction(WHOLE, error_per_mille),
        next_bound=stopping_number(cases, accepted_per_mille, error_per_mille),
    )


def interval(cases: int, harms: int, error_per_mille: int) -> tuple[int, int]:
    """Least and greatest rate, in per mille, that the cases so far do not refuse; (0, 1000) before the first case.

    Read after every case, all intervals together hold the true rate with probability at least one less the error rate.
    """
    _demand(cases, harms)
    likelihoods = [_likelihood(rate, cases, harms) for rate in range(WHOLE + 1)]
    mixed = sum(likelihoods)
    kept = [
        rate
        for rate, likelihood in enumerate(likelihoods)
        if mixed * error_per_mille < likelihood * len(likelihoods) * WHOLE
    ]
    return max(0, kept[0] - 1), min(WHOLE, kept[-1] + 1)


def _likelihood(rate: int, cases: int, harms: int) -> int:
    """Of a rate in per mille, times 1000 to the power of the cases."""
    return int(rate**harms * (WHOLE - rate) ** (cases - harms))


def _demand(cases: int, harms: int) -> None:
    if not 0 <= harms <= cases:
        raise ValueError(f"{harms} harms among {cases} cases cannot be; use 0 to {cases}")
