"""Past cases decided anew: each by the law of its day, under several versions, in groups; and what a history may hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pytest
from tests.law import small
from tests.law.histories import cases, write

from twoparks.law import parquet, tally
from twoparks.law.answer import Outcome
from twoparks.law.facts import FactError
from twoparks.law.pack import Law
from twoparks.law.parquet import HistoryError
from twoparks.law.replay import Past, Replayed, drill, replay
from twoparks.law.zone import Zone
from twoparks.packs import load

pytestmark = pytest.mark.one_database

FLOW, CROSSES = "materials", "sz-hk"
CLEAR, FORBIDDEN, UNKNOWN = Outcome.CLEAR, Outcome.FORBIDDEN, Outcome.UNKNOWN
LIMIT = """
parameters:
- name: most_g
  type: int
  unit: grams
  says: {en: x, zh-Hant: 甲, zh-Hans: 甲}
  values:
    - {in_force: [2020-01-01, 2026-01-01], value: 10, source: "https://example.org", article: "1", confidence: V}
    - {in_force: [2026-01-01, null], value: 20, source: "https://example.org", article: "1", confidence: V}
"""


@cache
def zone() -> Zone:
    return load()


@pytest.fixture
def limited(tmp_path: Path) -> Law:
    """Goods heavier than a limit are forbidden: 10 grams until 2025, 20 from 2026."""
    folder = tmp_path / "packs"
    folder.mkdir()
    heavy = small.provision(
        "X-1", "mass_g > param.most_g", "forbid: movement", "in_force: [2020-01-01, null]"
    )
    return small.zone(folder, heavy, more=LIMIT).law


def raised(law: Law, value: int) -> Law:
    """The same law with the limit of 2026 at another value."""
    limit = law.parameters["most_g"]
    values = (limit.values[0], replace(limit.values[1], value=value))
    return replace(law, parameters={"most_g": replace(limit, values=values)}, digest=f"raised to {value}")


def weighed(tmp_path: Path, law: Law, *grams: int, on: str = "2026-03-01", **others: list[object]) -> Path:
    """A history of goods of these masses."""
    found = [
        {"on": on, "mass_g": mass, **{name: values[at] for name, values in others.items()}}
        for at, mass in enumerate(grams)
    ]
    return write(
        found, Zone(law).facts_of("goods"), tmp_path / "history.parquet", **dict.fromkeys(others, "VARCHAR")
    )


def goods(path: Path) -> Past:
    return Past("goods", "out", path)


@pytest.mark.parametrize(("rows", "block"), [(2 * 122_880, 2**17), (97, 64)])
def test_each_case_is_decided_as_a_determination_by_the_law_of_its_day(
    rows: int, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "ROWS_A_CHUNK", rows)
    monkeypatch.setattr(tally, "BLOCK", block)
    days = [day for day in zone().periods(FLOW, CROSSES) if day > date(2000, 1, 1)]
    measures = [key for key, measure in zone().measures.items() if FLOW in measure.flows]
    past = cases(zone().facts_of(FLOW), seed=5, count=400, days=days, measures=measures, missing=0.05)
    path = write(past, zone().facts_of(FLOW), tmp_path / "history.parquet")
    wanted: Counter[tuple[str, Outcome]] = Counter()
    fired: Counter[str] = Counter()
    for case in past:
        said = zone().determine({**case, "flow": FLOW, "crosses": CROSSES})
        wanted[str(case.get("goods_kind", "")), said.outcome] += 1
        fired.update(line.id for line in said.provisions if line.holds)
    found = replay([zone().law], Past(FLOW, CROSSES, path), ("goods_kind",))
    counted = {
        (group.key[0], outcome): number
        for group in found.groups
        for (outcome,), number in group.counts.items()
    }
    assert counted == dict(wanted)
    assert {name: number for name, (number,) in found.fired.items() if number} == dict(fired)


def test_two_versions_are_counted_side_by_side(limited: Law, tmp_path: Path) -> None:
    path = weighed(tmp_path, limited, 5, 15, 25, 35)
    found = replay([limited, raised(limited, 30)], goods(path))
    assert found.counts == {(CLEAR, CLEAR): 2, (FORBIDDEN, CLEAR): 1, (FORBIDDEN, FORBIDDEN): 1}
    assert (found.changed, found.fired) == (1, {"X-1": (2, 1)})


def test_a_case_of_another_day_is_decided_by_the_law_of_that_day(limited: Law, tmp_path: Path) -> None:
    before, after = (
        replay([limited], goods(weighed(tmp_path, limited, 15, on=day))).counts
        for day in ("2025-12-31", "2026-01-01")
    )
    assert (before, after) == ({(FORBIDDEN,): 1}, {(CLEAR,): 1})


def test_groups_are_of_any_column(limited: Law, tmp_path: Path) -> None:
    path = weighed(tmp_path, limited, 5, 25, 26, sender=["hospital", "hospital", "start-up"])
    found = replay([limited], goods(path), ("sender", "month"))
    assert {group.key: dict(group.counts) for group in found.groups} == {
        ("hospital", "2026-03"): {(CLEAR,): 1, (FORBIDDEN,): 1},
        ("start-up", "2026-03"): {(FORBIDDEN,): 1},
    }


def test_a_change_is_drilled_down_to_its_cases(limited: Law, tmp_path: Path) -> None:
    path = weighed(tmp_path, limited, 25, 26, 27, 35, case=["a", "b", "c", "d"], sender=["x", "y", "y", "y"])
    found = drill([limited, raised(limited, 30)], goods(path), (FORBIDDEN, CLEAR), {"sender": "y"}, limit=1)
    assert [(case.id, case.day, case.facts["mass_g"]) for case in found] == [("b", date(2026, 3, 1), 26)]


def test_only_the_days_asked_about_are_counted(limited: Law, tmp_path: Path) -> None:
    past = [{"on": f"2026-03-0{day}", "mass_g": 5} for day in range(1, 6)]
    path = write(past, Zone(limited).facts_of("goods"), tmp_path / "history.parquet")
    assert replay([limited], Past("goods", "out", path, date(2026, 3, 2), date(2026, 3, 4))).cases == 2


def test_cases_of_another_flow_or_direction_are_left_out(limited: Law, tmp_path: Path) -> None:
    path = weighed(
        tmp_path, limited, 5, 25, 35, flow=["goods", "people", "goods"], crosses=["out", "out", "in"]
    )
    assert replay([limited], goods(path)).counts == {(CLEAR,): 1}


def test_a_fact_without_a_column_is_unknown(limited: Law, tmp_path: Path) -> None:
    path = write(
        [{"on": "2026-03-01", "alive": True}], Zone(limited).facts_of("goods"), tmp_path / "h.parquet"
    )
    assert replay([limited], goods(path)).counts == {(UNKNOWN,): 1}


def test_an_empty_history_has_no_cases(limited: Law, tmp_path: Path) -> None:
    path = weighed(tmp_path, limited, 5)
    found = replay([limited], Past("goods", "out", path, since=date(2030, 1, 1)))
    assert found == Replayed(0, False, (), {})


def test_a_relation_is_replayed_like_a_file(limited: Law, tmp_path: Path) -> None:
    relation = duckdb.sql(
        "SELECT DATE '2026-03-01' AS \"on\", CAST(range AS BIGINT) AS mass_g FROM range(30)"
    )
    assert replay([limited], Past("goods", "out", relation)).counts == {(CLEAR,): 21, (FORBIDDEN,): 9}


def test_a_scan_that_is_stopped_says_that_it_is_partial(
    limited: Law, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "ROWS_A_CHUNK", 2)
    seen: list[tuple[int, int]] = []
    path = weighed(tmp_path, limited, 1, 2, 3, 4, 5)
    found = replay([limited], goods(path), (), lambda *at: seen.append(at), lambda: len(seen) == 2)
    assert (found.cases, found.partial, seen) == (4, True, [(2, 5), (4, 5)])


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("'heavy' AS mass_g", "mass_g: is a column of VARCHAR; store it as BIGINT"),
        ("-1 AS mass_g", "mass_g: row 1: -1 does not fit; a whole number from 0 grams"),
        ("101 AS share", "share: row 1: 101 does not fit; a whole number from 0 to 100 percent"),
        ("'crate' AS kind", "kind: row 1: 'crate' does not fit; accepted are box, barrel, animal"),
        ("['pink'] AS marks", "marks: row 1: ['pink'] does not fit; accepted are red, green, blue"),
        ("1 AS fragile", "fragile: is a column of INTEGER; store it as BOOLEAN"),
        ("1 AS mas_g", "mas_g: is not a fact of this flow; near it is mass_g"),
    ],
)
def test_what_does_not_fit_the_vocabulary_is_refused(columns: str, said: str, tmp_path: Path) -> None:
    everything = 'kind == "box" && "red" in marks && fragile && mass_g > share'
    law = small.zone(tmp_path, small.provision("X-1", everything, "forbid: movement")).law
    relation = duckdb.sql(f"SELECT DATE '2026-03-01' AS \"on\", {columns}")
    with pytest.raises(HistoryError) as refused:
        replay([law], Past("goods", "out", relation))
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (
            lambda path: Past("goods", "up", path),
            "crosses: 'up' is not one of its values; accepted are out, in",
        ),
        (lambda path: Past("goods", "out", path.parent / "none.parquet"), "none.parquet: cannot be read"),
        (
            lambda path: Past("goods", "out", duckdb.sql("SELECT 1 AS mass_g")),
            "on: is no column of the history",
        ),
        (
            lambda path: Past(
                "goods",
                "out",
                duckdb.sql("SELECT CAST(NULL AS DATE) AS \"on\" UNION ALL SELECT DATE '2026-03-01'"),
            ),
            "on: row 1: None does not fit; use YYYY-MM-DD",
        ),
    ],
)
def test_a_history_that_cannot_be_replayed_is_refused(
    past: Callable[[Path], Past], said: str, limited: Law, tmp_path: Path
) -> None:
    with pytest.raises(FactError) as refused:
        replay([limited], past(weighed(tmp_path, limited, 5)))
    assert str(refused.value).startswith(said)


def test_a_group_that_is_no_column_is_refused_with_those_there_are(limited: Law, tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="colour: is no column of the history; accepted are on, mass_g"):
        replay([limited], goods(weighed(tmp_path, limited, 5)), ("colour",))
