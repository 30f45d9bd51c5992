"""The test of harms keeps its error rate however often it is looked at, and finds what it is there to find."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoparks.pilots import sequential as s

pytestmark = pytest.mark.one_database

RATES = st.integers(1, 500)
MOST = 150  # cases of a simulated trial


def bounds(accepted: int, error: int) -> list[int | None]:
    """After each number of cases, how many harms stop the trial."""
    return [s.stopping_number(cases, accepted, error) for cases in range(MOST + 1)]


def ever_stops(harmful: int, limits: list[int | None], chance: random.Random) -> int | None:
    """The case after which one simulated trial stops, looked at after each; None when it never does."""
    harms = 0
    for cases in range(1, MOST + 1):
        harms += chance.randrange(1000) < harmful
        limit = limits[cases]
        if limit is not None and harms >= limit:
            return cases
    return None


@pytest.mark.parametrize("accepted", [20, 50, 200])
def test_at_the_accepted_rate_it_stops_no_more_often_than_its_error_rate(accepted: int) -> None:
    limits, chance, runs = bounds(accepted, 50), random.Random(7), 4000  # a simulation
    stopped = sum(ever_stops(accepted, limits, chance) is not None for _ in range(runs))
    assert stopped / runs <= 0.05


def test_harms_four_times_as_frequent_as_accepted_are_found_in_most_trials() -> None:
    limits, chance, runs = bounds(50, 50), random.Random(7), 1000  # a simulation
    found = [at for _ in range(runs) if (at := ever_stops(200, limits, chance)) is not None]
    assert len(found) / runs > 0.95
    assert sorted(found)[len(found) // 2] < 50


@given(RATES, st.integers(0, 60), st.data())
def test_one_more_case_leaves_the_expected_value_at_most_as_it_was(
    accepted: int, cases: int, data: st.DataObject
) -> None:
    harms, rate = data.draw(st.integers(0, cases)), Fraction(data.draw(st.integers(0, accepted)), 1000)
    after = rate * s.e_value(cases + 1, harms + 1, accepted) + (1 - rate) * s.e_value(
        cases + 1, harms, accepted
    )
    assert after <= s.e_value(cases, harms, accepted)


@given(RATES)
def test_before_the_first_case_nothing_speaks_against_the_rate(accepted: int) -> None:
    assert s.e_value(0, 0, accepted) == 1


@given(RATES, st.integers(1, 60), st.integers(1, 200))
def test_the_stopping_number_is_the_first_that_stops(accepted: int, cases: int, error: int) -> None:
    found = s.stopping_number(cases, accepted, error)
    stopping = [harms for harms in range(cases + 1) if s.stops(cases, harms, accepted, error)]
    assert stopping[:1] == ([] if found is None else [found])


def test_the_interval_holds_the_true_rate_at_every_look_in_nearly_all_trials() -> None:
    chance, missed, runs = random.Random(11), 0, 150  # a simulation
    for _ in range(runs):
        harms, held = 0, True
        for cases in range(1, 61):
            harms += chance.randrange(1000) < 100
            if cases % 5 == 0:
                low, high = s.interval(cases, harms, 50)
                held = held and low <= 100 <= high
        missed += not held
    assert missed / runs <= 0.05


def test_the_interval_narrows_as_cases_come() -> None:
    assert s.interval(0, 0, 50) == (0, 1000)
    few, many = s.interval(20, 2, 50), s.interval(200, 20, 50)
    assert few[0] < many[0] < 100 < many[1] < few[1]


@pytest.mark.parametrize(("cases", "harms", "accepted"), [(3, 4, 50), (3, -1, 50), (3, 1, 0), (3, 1, 1000)])
def test_counts_that_cannot_be_are_refused(cases: int, harms: int, accepted: int) -> None:
    with pytest.raises(ValueError, match="use"):
        s.e_value(cases, harms, accepted)


def test_a_thousand_cases_are_read_in_an_instant() -> None:
    found = s.reading(1000, 61, 50, 50)
    assert found.next_bound is not None
    assert found.stops is (found.harms >= found.next_bound)
