"""What must hold of every answer of the zone's law, whatever the case."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twoparks.law.answer import Outcome
from twoparks.law.pack import FactSpec
from twoparks.law.zone import Zone
from twoparks.packs import load

pytestmark = pytest.mark.one_database

FLOW = "materials"
DAYS = [
    "2019-06-30",
    "2023-06-30",
    "2024-09-30",
    "2025-07-18",
    "2026-02-10",
    "2026-07-31",
    "2026-08-01",
    "2026-11-22",
]
RANK = {Outcome.CLEAR: 0, Outcome.CONDITIONAL: 1, Outcome.REFER: 2, Outcome.FORBIDDEN: 3}


@cache
def zone() -> Zone:
    return load()


def values(spec: FactSpec) -> st.SearchStrategy[object]:
    """Values a fact may have."""
    if spec.type == "bool":
        return st.booleans()
    if spec.type == "enum":
        return st.sampled_from(spec.values)
    if spec.type == "set":
        return st.lists(st.sampled_from(spec.values), max_size=3, unique=True)
    if spec.type == "date":
        return st.one_of(st.none(), st.sampled_from(DAYS)) if spec.nullable else st.sampled_from(DAYS)
    return st.integers(min_value=0, max_value=spec.maximum or 10_000)


def measures() -> list[str]:
    return [key for key, measure in zone().measures.items() if FLOW in measure.flows]


@st.composite
def cases(draw: st.DrawFn, whole: bool = False) -> dict[str, object]:
    """A case of the flow; `whole` states every fact."""
    specs = [
        s for s in zone().facts_of(FLOW).values() if s.name not in ("flow", "crosses", "on", "held", "sought")
    ]
    case: dict[str, object] = {
        "flow": FLOW,
        "crosses": draw(st.sampled_from(["sz-hk", "hk-sz", "sz-ml"])),
        "on": draw(st.sampled_from(DAYS)),
    }
    stated = specs if whole else [spec for spec in specs if draw(st.integers(0, 3))]
    case |= {spec.name: draw(values(spec)) for spec in stated}
    case["held"] = draw(st.lists(st.sampled_from(measures()), max_size=8, unique=True))
    return case


@settings(max_examples=150, deadline=None)
@given(cases())
def test_the_same_case_gives_the_same_bytes(case: dict[str, object]) -> None:
    turned = dict(reversed(list(case.items())))
    assert zone().determine(case).to_json() == zone().determine(turned).to_json()


@settings(max_examples=150, deadline=None)
@given(cases(whole=True))
def test_with_every_fact_stated_the_outcome_is_known(case: dict[str, object]) -> None:
    assert zone().determine(case).outcome is not Outcome.UNKNOWN


@settings(max_examples=150, deadline=None)
@given(cases(), st.data())
def test_a_settled_outcome_stands_when_one_more_fact_is_stated(
    case: dict[str, object], data: st.DataObject
) -> None:
    before = zone().determine(case)
    absent = [
        name
        for name in zone().facts_of(FLOW)
        if name not in case and name not in before.implied and name != "sought"
    ]
    if before.outcome is Outcome.UNKNOWN or not absent:
        return
    name = data.draw(st.sampled_from(absent))
    more = case | {name: data.draw(values(zone().facts_of(FLOW)[name]))}
    assert zone().determine(more).outcome is before.outcome


@settings(max_examples=150, deadline=None)
@given(cases(), st.data())
def test_holding_one_more_measure_never_forbids_and_never_adds_a_missing_step(
    case: dict[str, object], data: st.DataObject
) -> None:
    before = zone().determine(case)
    extra = data.draw(st.sampled_from(measures()))
    held = case["held"]
    assert isinstance(held, list)
    after = zone().determine(case | {"held": [*held, extra]})
    if before.outcome is not Outcome.FORBIDDEN:
        assert after.outcome is not Outcome.FORBIDDEN
    if before.outcome is Outcome.CLEAR:
        assert after.outcome is Outcome.CLEAR


@settings(max_examples=150, deadline=None)
@given(cases())
def test_both_banks_together_are_never_milder_than_what_each_requires(case: dict[str, object]) -> None:
    both, here, there = (zone().determine(case, bank) for bank in ("both", "ml", "hk"))
    asked = {line.id for line in both.measures}
    assert asked == {line.id for line in (*here.measures, *there.measures)}
    if Outcome.FORBIDDEN in (here.outcome, there.outcome):
        assert both.outcome is Outcome.FORBIDDEN


@settings(max_examples=100, deadline=None)
@given(cases())
def test_an_unknown_outcome_names_what_is_missing_and_a_known_one_nothing(case: dict[str, object]) -> None:
    found = zone().determine(case)
    assert bool(found.missing) is (found.outcome is Outcome.UNKNOWN)
    assert not set(found.missing) & set(case)


@settings(max_examples=40, deadline=None)
@given(cases(whole=True))
def test_asking_what_the_law_still_needs_ends_and_settles_the_outcome(case: dict[str, object]) -> None:
    known: dict[str, object] = {"on": case["on"], "held": case["held"]}
    for _ in range(len(case)):
        needed = zone().relevant_facts(FLOW, str(case["crosses"]), known)
        if not needed:
            break
        known[needed[0]] = case[needed[0]]
    found = zone().determine(known | {"flow": FLOW, "crosses": case["crosses"]})
    assert found.outcome is not Outcome.UNKNOWN
    assert len(known) <= len(case)
