"""No smaller change exists: against every change on small laws, against z3 on the zone's own packs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from itertools import combinations, product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law.small import SAYS, case, provision, zone
from tests.laws.expressions import FLAGS, KINDS, MARKS, conditions, facts
from tests.laws.solver import change_within

from twoparks.law.answer import Outcome
from twoparks.law.cases import Case, read_cases
from twoparks.law.pack import FactSpec
from twoparks.law.zone import Zone
from twoparks.packs import FOLDER, load

pytestmark = pytest.mark.one_database

YES = (Outcome.CLEAR, Outcome.CONDITIONAL)
FINITE: Mapping[str, tuple[object, ...]] = {
    "kind": KINDS,
    **dict.fromkeys(FLAGS, (True, False)),
    "marks": tuple(list(found) for size in range(4) for found in combinations(MARKS, size)),
}
ASKED = "\n".join(f"  - {{fact: {name}, question: {SAYS}, changeable: true}}" for name in FINITE)
EFFECTS = ("forbid: movement", "refer: gate", "require: stamp", "forbid: stamp", "exempt: stamp")


def small(whens: list[str], effects: list[str]) -> Zone:
    provisions = [
        provision(f"p{at}", when.replace("'", '"'), effect)
        for at, (when, effect) in enumerate(zip(whens, effects, strict=True))
    ]
    with TemporaryDirectory() as folder:
        return zone(Path(folder), *provisions, questions=f"flow: goods\nquestions:\n{ASKED}")


def fewest(law: Zone, stated: dict[str, object]) -> int | None:
    """The least number of facts to change, by trying every change."""
    for size in range(len(FINITE) + 1):
        for chosen in combinations(FINITE, size):
            for values in product(*(FINITE[name] for name in chosen)):
                if law.determine(stated | dict(zip(chosen, values, strict=True))).outcome in YES:
                    return size
    return None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(conditions, min_size=3, max_size=3),
    st.lists(st.sampled_from(EFFECTS), min_size=3, max_size=3),
    facts,
)
def test_trying_every_change_finds_no_smaller_one(
    whens: list[str], effects: list[str], stated: dict[str, object]
) -> None:
    law = small(whens, effects)
    found = law.what_if(case(**stated))
    least = fewest(law, case(**stated))
    assert (None if found.after is None else len(found.changes)) == least


@cache
def refused() -> list[Case]:
    """The packs' cases whose answer is no."""
    bad = (Outcome.FORBIDDEN, Outcome.REFER)
    return [case for case in read_cases(FOLDER / "cases") if load().determine(case.facts).outcome in bad]


def of(flow: str, *, asking: bool) -> list[Case]:
    """Those of a flow that ask for a measure, or those that do not."""
    return [
        each for each in refused() if each.facts["flow"] == flow and asking == bool(each.facts.get("sought"))
    ]


FLOWS = ("materials", "data", "personnel", "capital", "schemes")
ASKED_OF_Z3 = [(flow, False) for flow in FLOWS] + [(flow, True) for flow in ("data", "personnel", "schemes")]


@pytest.mark.parametrize(("flow", "asking"), ASKED_OF_Z3)
def test_z3_finds_no_smaller_change_in_the_packs(flow: str, asking: bool) -> None:
    cases = of(flow, asking=asking)[:12]
    assert cases
    for each in cases:
        found = load().what_if(each.facts)
        smaller = None if found.after is None else len(found.changes) - 1
        assert change_within(load(), each.facts, smaller) is None, each.where


@pytest.mark.parametrize(("flow", "asking"), ASKED_OF_Z3)
def test_z3_finds_a_change_of_the_size_that_is_proposed(flow: str, asking: bool) -> None:
    cases = of(flow, asking=asking)
    changed = [(c, found) for c in cases if (found := load().what_if(c.facts)).after is not None][:4]
    assert changed
    for each, found in changed:
        assert change_within(load(), each.facts, len(found.changes)) is not None, each.where


def test_what_is_proposed_leads_to_the_outcome_it_promises() -> None:
    for each in refused():
        found = load().what_if(each.facts)
        if found.after is not None:
            then = {**each.facts, **{change.fact: change.after for change in found.changes}}
            assert load().determine(then).outcome is found.after, each.where


def drawn(draw: Random, spec: FactSpec) -> object:
    """Some value of a fact."""
    if spec.type == "bool":
        return draw.random() < 0.5
    if spec.type == "enum":
        return draw.choice(spec.values)
    if spec.type == "set":
        return draw.sample(spec.values, min(2, len(spec.values)))
    if spec.type == "date":
        return date(2026, 1, 1) - timedelta(days=draw.randrange(1000))
    return draw.randint(spec.minimum or 0, spec.maximum or 10_000_000)


def partial(draw: Random) -> dict[str, object]:
    """The facts of some case, a part of them left out and a few others drawn."""
    stated = dict(draw.choice(refused()).facts)
    kept = draw.random()
    fixed = ("flow", "crosses", "on", "held", "sought")
    found = {name: value for name, value in stated.items() if name in fixed or draw.random() < kept}
    specs = load().facts_of(str(stated["flow"]))
    for name in draw.sample([name for name in specs if name not in fixed], 4):
        found[name] = drawn(draw, specs[name])
    return found


def test_no_search_over_partial_cases_of_any_flow_gives_up() -> None:
    draw = Random(2026)
    found = [load().what_if(partial(draw)).verdict for _ in range(400)]
    assert {"impossible", "change", "unknown"} <= set(found)
    assert "not_found" not in found
