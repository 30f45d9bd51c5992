"""What a trial changed, beside published examples of the same methods."""

from __future__ import annotations

import random

import pytest

from twoparks.pilots.effect import LEAST, of_rates, of_times

# Permeability constants of the human chorioamnion, in thousandths (Hollander and Wolfe, Nonparametric Statistical Methods, table 4.1)
AT_TERM = (800, 830, 1890, 1040, 1450, 1380, 1910, 1640, 730, 1460)
EARLIER = (1150, 880, 900, 740, 1210)


def test_a_difference_of_rates_has_the_interval_of_newcombes_first_example() -> None:
    """56 of 70 and 48 of 80 give 0.0524 to 0.3339 in table II of the paper, method 10."""
    found = of_rates(56, 70, 48, 80)
    assert (found.difference, found.low, found.high) == (200, 52, 334)
    assert found.says == "more"


def test_equal_rates_leave_the_question_open() -> None:
    found = of_rates(5, 50, 5, 50)
    assert found.difference == 0
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high
    assert found.says == "open"


def test_a_shift_of_times_is_the_estimate_of_hollander_and_wolfe(monkeypatch: pytest.MonkeyPatch) -> None:
    """They give -0.305 and, at 96 per cent, -0.76 to 0.15; the large-sample form rounded outwards holds that interval."""
    monkeypatch.setattr("twoparks.pilots.effect.LEAST", 5)
    found = of_times(EARLIER, AT_TERM)
    assert found.difference == -305
    assert found.low is not None
    assert found.low <= -760
    assert found.high is not None
    assert found.high >= 150
    assert found.says == "open"


def test_times_that_all_lie_below_the_others_are_less() -> None:
    found = of_times(range(100, 120), range(500, 540))
    assert (found.value, found.other_value, found.says) == (109, 519, "less")


@pytest.mark.parametrize("cases", [0, 1, LEAST - 1])
def test_too_few_cases_say_nothing_of_the_difference(cases: int) -> None:
    assert of_rates(0, cases, 3, 40).says == "too_few"
    assert of_times([60] * cases, [90] * 40).says == "too_few"


def test_the_least_number_of_cases_is_enough() -> None:
    assert of_rates(0, LEAST, LEAST, LEAST).says == "less"


def test_a_group_without_cases_has_no_value() -> None:
    assert of_rates(0, 0, 1, 20).value is None
    assert of_times([], [5] * 20).value is None


def test_the_order_of_cases_changes_nothing() -> None:
    drawn = random.Random(15)
    ours, others = ([drawn.randrange(9_000) for _ in range(n)] for n in (2_600, 3_100))
    before = of_times(ours, others)
    drawn.shuffle(ours)
    drawn.shuffle(others)
    assert of_times(ours, others) == before


def test_the_interval_of_a_shift_holds_it_as_often_as_it_says() -> None:
    """300 seeded samples with a true shift of 100: the interval holds it in at least 270 (285 expected)."""
    drawn = random.Random(1963)
    held = 0
    for _ in range(300):
        ours = [round(drawn.expovariate(1 / 600)) + 100 for _ in range(40)]
        others = [round(drawn.expovariate(1 / 600)) for _ in range(60)]
        found = of_times(ours, others)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 100 <= found.high
    assert held >= 270


def test_counts_that_cannot_be_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="7 of 5 cases cannot be; use 0 to 5"):
        of_rates(7, 5, 0, 10)
