"""The reading that proves says what the reading that answers says: on random laws, and on the packs' own cases."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.laws.both import Both
from tests.laws.expressions import conditions, facts
from tests.laws.test_language_laws import SPECS

from twoparks.law.cases import read_cases
from twoparks.law.check import condition, term
from twoparks.law.graph import Graph
from twoparks.law.kleene import MISSING
from twoparks.law.language import parse
from twoparks.law.pack import Expression, FactSpec, Place
from twoparks.law.scope import Scope
from twoparks.packs import FOLDER, load

pytestmark = pytest.mark.one_database

DAYS = {
    "begun_on": FactSpec("begun_on", "date", ("goods",), ""),
    "ended_on": FactSpec("ended_on", "date", ("goods",), "", nullable=True),
    "amount": FactSpec("amount", "int", ("goods",), ""),
}
AMOUNTS = (
    "months_after(begun_on, 1)",
    "months_after(begun_on, 18)",
    'working_days_after("ml", begun_on, 15)',
    'working_days_after("hk", begun_on, 3)',
    "per_mille(amount, 15)",
    "share(amount, 2, 7)",
    "min(amount, 40) - max(-amount, 3)",
    "has(ended_on) ? ended_on - begun_on : amount",
)


def parsed(text: str) -> Expression:
    return Expression(text, parse(text), Place("x", 1, 1))


@settings(max_examples=250, deadline=None)
@given(st.lists(conditions, min_size=3, max_size=3), facts, st.sets(st.sampled_from(sorted(SPECS))))
def test_z3_says_of_random_conditions_what_the_answering_reading_says(
    texts: list[str], stated: dict[str, object], hidden: set[str]
) -> None:
    scope = Scope(graph=Graph(), facts=SPECS, constants={})
    roots = [condition(parsed(text), scope) for text in texts]
    both = Both(scope.graph, SPECS, roots, lambda *_: MISSING)
    some = {name: value for name, value in stated.items() if name not in hidden}
    assert both.agree({n: frozenset(v) if isinstance(v, list) else v for n, v in some.items()})


DAY = st.one_of(
    st.dates(date(1999, 1, 1), date(2030, 12, 31)),
    st.sampled_from([date(2024, 1, 31), date(2024, 2, 29), date(2026, 2, 16), date(2026, 9, 30)]),
)


@pytest.fixture(scope="module")
def amounts() -> Both:
    scope = Scope(graph=Graph(), facts=DAYS, constants={})
    roots = [term(parsed(text), scope).node for text in AMOUNTS]
    return Both(scope.graph, DAYS, roots, load().calendars.after)


@settings(max_examples=60, deadline=None)
@given(DAY, st.none() | DAY, st.integers(0, 10**12), st.sets(st.sampled_from(sorted(DAYS)), max_size=1))
def test_z3_reckons_days_and_amounts_exactly(
    amounts: Both, begun: date, ended: date | None, amount: int, hidden: set[str]
) -> None:
    days = {"begun_on": begun.toordinal(), "ended_on": ended.toordinal() if ended else None}
    stated: dict[str, object] = {**days, "amount": amount}
    assert amounts.agree({name: value for name, value in stated.items() if name not in hidden})


CASES = read_cases(FOLDER / "cases")
FLOWS = sorted({str(case.facts["flow"]) for case in CASES})


@pytest.mark.parametrize("flow", FLOWS)
def test_z3_says_of_the_packs_cases_what_the_answering_reading_says(flow: str) -> None:
    zone = load()
    readings: dict[int, Both] = {}
    for case in [case for case in CASES if case.facts["flow"] == flow]:
        compiled, question = zone._question(case.facts, "both", None)
        if id(compiled) not in readings:
            reading = compiled.reading
            readings[id(compiled)] = Both(reading.graph, reading.facts, compiled.roots, zone.calendars.after)
        assert readings[id(compiled)].agree(question.values), case.where
