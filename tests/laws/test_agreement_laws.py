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

PACKS, PACKS_BY_SQL, CASES, CASES_BY_SQL = 500, 30, 24, 70
LAWS_BY_SQL = 10  # of each flow, those with the most cases; on PostgreSQL all
FLOWS = ("capital", "data", "materials", "personnel", "schemes")
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


def by_law(flow: str, most: int | None = None) -> list[tuple[str, str, list[dict[str, object]]]]:
    """The cases of a flow by law, those of periods that decide alike together: a SELECT costs more than its rows.

    With `most`, only so many laws: those with the most cases.
    """
    found: dict[Hashable, tuple[str, str, list[dict[str, object]]]] = {}
    for (own, crosses, period), facts in pack_cases().items():
        if own == flow:
            plan = Plan(zone().compiled(flow, crosses, zone().periods(flow, crosses)[period]))
            found.setdefault((crosses, plan.signature), (flow, crosses, []))[2].extend(facts)
    return sorted(found.values(), key=lambda group: len(group[2]), reverse=True)[:most]


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


@pytest.mark.parametrize("flow", FLOWS)
def test_sql_says_of_pack_cases_what_a_determination_says(flow: str, duckdb: DuckDB) -> None:
    groups = by_law(flow, LAWS_BY_SQL)
    assert by_sql(zone(), groups, duckdb) == [by_point(zone(), *group) for group in groups]


@settings(max_examples=PACKS_BY_SQL, deadline=None)
@given(pack=packs(), seed=st.integers(0, 2**32))
def test_sql_says_of_random_packs_and_facts_what_a_determination_says(
    duckdb: DuckDB, pack: Zone, seed: int
) -> None:
    facts = cases(pack.facts_of(FLOW), seed=seed, count=CASES_BY_SQL, days=DAYS, measures=MEASURES)
    assert by_sql(pack, [(FLOW, CROSSES, facts)], duckdb) == [by_point(pack, FLOW, CROSSES, facts)]
