"""Every problem of a fact has words of its own in each language."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.utils.translation import override

from twoparks.law.facts import Problem
from twoparks.packs import load
from twoparks.permits import form
from twoparks.permits.accepted import accepted, unusable

pytestmark = pytest.mark.one_database

CASE = {"flow": "materials", "crosses": "sz-hk", "on": "2026-09-01"}
WRONG = {
    "goods_kind": "moon_rock",
    "own_use": None,
    "bonded": "perhaps",
    "temporary_months": -1,
    "un_numbers": "un2814",
    "exemption_waived_on": "2026-02-31",
    "good_kind": "reagent",
    "zzz": 1,
}


def problems() -> dict[str, Problem]:
    return {problem.name: problem for problem in load().check_facts({**CASE, **WRONG})}


def test_each_is_said_otherwise_than_in_english() -> None:
    assert set(problems()) == set(WRONG)
    for problem in problems().values():
        with override("en"):
            english = accepted(problem)
        for language in ("zh-hant", "zh-hans"):
            with override(language):
                assert accepted(problem) != english, problem.name


def test_a_number_says_its_bounds_and_unit() -> None:
    with override("en"):
        assert accepted(problems()["temporary_months"]) == "give a whole number from 0 to 1200 (months)"


def test_money_is_counted_in_cents_wherever_no_page_reads_it() -> None:
    (problem,) = load().check_facts({**CASE, "value_hkd_cents": "much"})
    with override("en"):
        assert accepted(problem).endswith("(cents of HKD)")


def test_a_form_holds_money_in_whole_currency_and_times_as_hours_and_minutes() -> None:
    specs = load().facts_of("personnel")
    income, minute = (specs[name] for name in ("income_business_hkd_cents", "minute_of_day"))
    money = form.asked(income, {income.name: 2_500_000_50})
    assert (money.name, money.value, money.unit) == ("money.income_business_hkd_cents", "2500000.50", "HKD")
    assert form.asked(minute, {"minute_of_day": 390}).value == "06:30"
    posted = QueryDict("money.income_business_hkd_cents=2,500,000.50&time.minute_of_day=06:30&money.x=much")
    assert form.answers(posted, {})["facts"] == {income.name: 2_500_000_50, "minute_of_day": 390, "x": "much"}


def test_the_whole_sentence_names_fact_and_value_and_shows_no_more_than_a_little_of_it() -> None:
    long = Problem("zzz", "x" * 500, "is wrong", "something else")
    with override("en"):
        assert unusable(problems()["bonded"]) == "bonded: perhaps is not accepted; give true or false"
        assert len(unusable(long)) < 120


def test_what_is_not_stated_at_all_is_asked_for() -> None:
    (problem,) = load().check_facts({"flow": "materials", "crosses": "sz-hk"})
    with override("en"):
        assert unusable(problem) == "on: give a day that exists, as YYYY-MM-DD"
