"""The reading that proves says what the reading that answers says: on random laws, and on the packs' own cases."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law.histories import cases
from tests.laws.both import Both
from tests.laws.expressions import conditions, facts
from tests.laws.random_packs import CROSSES, DAYS, FLOW, MEASURES, packs
from tests.laws.test_language_laws import SPECS

from twoparks.law.aspects import aspects
from twoparks.law.cases import read_cases
from twoparks.law.check import condition, term
from twoparks.law.determine import determine
from twoparks.law.diff import difference
from twoparks.law.graph import Graph
from twoparks.law.kleene import MISSING
from twoparks.law.language import parse
from twoparks.law.pack import Expression, FactSpec, Place
from twoparks.law.point import Evaluator
from twoparks.law.prove import findings
from twoparks.law.scope import Scope
from twoparks.law.woven import laid
from twoparks.law.zone import Zone
from twoparks.packs import FOLDER, load

pytestmark = pytest.mark.one_database

DATED = {
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


@settings(max_examples=120, deadline=None)
@given(st.lists(conditions, min_size=3, max_size=3), facts, st.sets(st.sampled_from(sorted(SPECS))))
def test_z3_says_of_random_conditions_what_the_answering_reading_says(
    texts: list[str], stated: dict[str, object], hidden: set[str]
) -> None:
    scope = Scope(graph=Graph(), facts=SPECS, constants={})
    roots = [condition(parsed(text), scope) for text in texts]
    both = Both(scope.graph, SPECS, lambda *_: MISSING)
    some = {name: value for name, value in stated.items() if name not in hidden}
    assert both.agree(
        roots,
        both.point(roots),
        {n: frozenset(v) if isinstance(v, list) else v for n, v in some.items()},
    )


DAY = st.one_of(
    st.dates(date(1999, 1, 1), date(2030, 12, 31)),
    st.sampled_from([date(2024, 1, 31), date(2024, 2, 29), date(2026, 2, 16), date(2026, 9, 30)]),
)


@cache
def amounts() -> tuple[Both, list[int], Evaluator]:
    scope = Scope(graph=Graph(), facts=DATED, constants={})
    roots = [term(parsed(text), scope).node for text in AMOUNTS]
    both = Both(scope.graph, DATED, load().calendars.after)
    return both, roots, both.point(roots)


@settings(max_examples=60, deadline=None)
@given(DAY, st.none() | DAY, st.integers(0, 10**12), st.sets(st.sampled_from(sorted(DATED)), max_size=1))
def test_z3_reckons_days_and_amounts_exactly(
    begun: date, ended: date | None, amount: int, hidden: set[str]
) -> None:
    days = {"begun_on": begun.toordinal(), "ended_on": ended.toordinal() if ended else None}
    stated: dict[str, object] = {**days, "amount": amount}
    both, roots, point = amounts()
    assert both.agree(roots, point, {name: value for name, value in stated.items() if name not in hidden})


CASES = read_cases(FOLDER / "cases")
EVERY = 4  # of the packs' cases this many are one: planes, read from the same graph, are asked all of them
FLOWS = sorted({str(case.facts["flow"]) for case in CASES})


@pytest.mark.parametrize("flow", FLOWS)
def test_z3_says_of_a_part_of_the_packs_cases_what_the_answering_reading_says(flow: str) -> None:
    zone, graph = load(), Graph()
    both = Both(graph, zone.facts_of(flow), zone.calendars.after)
    roots: dict[int, list[int]] = {}
    for case in [case for case in CASES if case.facts["flow"] == flow][::EVERY]:
        compiled, question = zone._question(case.facts, "both", None)
        if id(compiled) not in roots:
            at = laid(graph, compiled.reading.graph)
            roots[id(compiled)] = [at[root] for root in compiled.roots]
        assert both.agree(roots[id(compiled)], compiled.evaluate, question.values), case.where


@settings(max_examples=50, deadline=None)
@given(packs(), st.integers(0, 2**32))
def test_z3_says_of_random_packs_and_facts_what_a_determination_says(pack: Zone, seed: int) -> None:
    compiled = pack.compiled(FLOW, CROSSES, DAYS[0])
    both = Both(compiled.reading.graph, compiled.reading.facts, pack.calendars.after)
    words = aspects(compiled.reading)["outcome"].said(both.smt).words
    for past in cases(pack.facts_of(FLOW), seed=seed, count=4, days=DAYS, measures=MEASURES):
        _, question = pack._question({"flow": FLOW, "crosses": CROSSES, **past, "sought": []}, "both", None)
        assert both.agree(compiled.roots, compiled.evaluate, question.values)
        model = both.fixed(question.values)
        told = [word for word, bit in words.items() if model.bit(bit)]
        assert told == [str(determine(compiled, question).outcome)]


STEPS = 200_000  # random laws may be hard on purpose; those of the packs are settled in far fewer


@settings(max_examples=20, deadline=None)
@given(packs(), packs(), st.integers(0, 2**32))
def test_two_random_packs_differ_where_they_are_said_to_and_nowhere_else(
    old: Zone, new: Zone, seed: int
) -> None:
    found = difference(old.law, new.law, steps=STEPS)
    if found.unsettled:
        return
    pairs = {(change.before, change.after) for change in found.changes if change.what == "outcome"}
    for change in found.changes:
        if change.what == "outcome":
            told = [str(pack.determine(change.witness).outcome) for pack in (old, new)]
            assert told == [change.before, change.after]
    for past in cases(old.facts_of(FLOW), seed=seed, count=20, days=DAYS, measures=MEASURES):
        stated = {"flow": FLOW, "crosses": CROSSES, **past, "sought": []}
        before, after = (pack.determine(stated).outcome for pack in (old, new))
        settled = "unknown" not in (before, after)
        assert before == after or not settled or (str(before), str(after)) in pairs


@settings(max_examples=30, deadline=None)
@given(packs(), st.integers(0, 2**32))
def test_a_provision_that_is_said_never_to_hold_holds_in_no_random_case(pack: Zone, seed: int) -> None:
    never = {f.provisions[0] for f in findings(pack.law, flow=FLOW, steps=STEPS) if f.kind == "unreachable"}
    for past in cases(pack.facts_of(FLOW), seed=seed, count=20, days=DAYS, measures=MEASURES):
        found = pack.determine({"flow": FLOW, "crosses": CROSSES, **past, "sought": []})
        assert never.isdisjoint(line.id for line in (*found.provisions, *found.shadow) if line.holds)
