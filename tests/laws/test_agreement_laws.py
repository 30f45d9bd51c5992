"""The readings of the law agree: one case at a time, many in planes, a table by SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law.histories import cases
from tests.laws.agreement import (
    DuckDB,
    by_planes,
    by_point,
    by_sql,
    states_by_planes,
    states_by_point,
)
from tests.laws.random_packs import CROSSES, DAYS, FLOW, MEASURES, packs

from twoparks.law.cases import read_cases
from twoparks.law.facts import read
from twoparks.law.planes import Plan
from twoparks.law.zone import Zone
from twoparks.packs import FOLDER, load

pytestmark = pytest.mark.one_database

PACKS, PACKS_BY_SQL, CASES = 500, 30, 70
Alike = dict[tuple[str, str, int], list[dict[str, object]]]


@cache
def zone() -> Zone:
    return load()


@cache
def pack_cases() -> Alike:
    """Every case of the packs that can be determined, by flow, direction and period."""
    found: Alike = defaultdict(list)
    for case in read_cases(FOLDER / "cases"):
        facts = dict(case.facts)
        if "on" not in facts or zone().check_facts(facts):
            continue
        flow, crosses = str(facts.pop("flow")), str(facts.pop("crosses"))
        values = read(facts, zone().facts_of(flow))[0]
        day = date.fromordinal(int(str(values["on"])))
        found[flow, crosses, zone().period(flow, crosses, day)].append(facts)
    return found


def by_law() -> list[tuple[str, str, list[dict[str, object]]]]:
    """The same cases with those of periods whose law decides alike together, since a SELECT costs more than its rows."""
    found: dict[Hashable, tuple[str, str, list[dict[str, object]]]] = {}
    for (flow, crosses, period), facts in pack_cases().items():
        plan = Plan(zone().compiled(flow, crosses, zone().periods(flow, crosses)[period]))
        found.setdefault((flow, crosses, plan.signature), (flow, crosses, []))[2].extend(facts)
    return list(found.values())


def test_planes_say_of_every_pack_case_what_a_determination_says() -> None:
    assert sum(map(len, pack_cases().values())) > 1000
    for (flow, crosses, _), facts in pack_cases().items():
        assert by_planes(zone(), flow, crosses, facts) == by_point(zone(), flow, crosses, facts)


def test_planes_reckon_every_amount_of_every_pack_case_alike() -> None:
    for (flow, crosses, _), facts in pack_cases().items():
        assert states_by_planes(zone(), flow, crosses, facts) == states_by_point(zone(), flow, crosses, facts)


@settings(max_examples=PACKS, deadline=None)
@given(packs(), st.integers(0, 2**32))
def test_planes_say_of_random_packs_and_facts_what_a_determination_says(pack: Zone, seed: int) -> None:
    facts = cases(pack.facts_of(FLOW), seed=seed, count=CASES, days=DAYS, measures=MEASURES)
    assert by_planes(pack, FLOW, CROSSES, facts) == by_point(pack, FLOW, CROSSES, facts)


@pytest.fixture(scope="module")
def duckdb(tmp_path_factory: pytest.TempPathFactory) -> DuckDB:
    return DuckDB(tmp_path_factory.mktemp("past"))


def test_sql_says_of_every_pack_case_what_a_determination_says(duckdb: DuckDB) -> None:
    for flow, crosses, facts in by_law():
        assert by_sql(zone(), flow, crosses, facts, duckdb) == by_point(zone(), flow, crosses, facts)


@settings(max_examples=PACKS_BY_SQL, deadline=None)
@given(pack=packs(), seed=st.integers(0, 2**32))
def test_sql_says_of_random_packs_and_facts_what_a_determination_says(
    duckdb: DuckDB, pack: Zone, seed: int
) -> None:
    facts = cases(pack.facts_of(FLOW), seed=seed, count=CASES, days=DAYS, measures=MEASURES)
    assert by_sql(pack, FLOW, CROSSES, facts, duckdb) == by_point(pack, FLOW, CROSSES, facts)
