"""A fictitious history holds cases that the vocabulary accepts, in the shares assumed, and the same ones again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from twoparks.law.command import main
from twoparks.law.history import Assumptions, Sample, read_assumptions, write_history
from twoparks.law.pack import PackError
from twoparks.packs import FOLDER, load

pytestmark = pytest.mark.one_database

FLOWS = ("personnel", "materials", "data", "capital")
WAYS = ("sz-hk", "hk-sz")


def rows(path: Path, what: str = "*") -> list[dict[str, Any]]:
    found = duckdb.execute(f"SELECT {what} FROM read_parquet(?)", [str(path)])
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.parquet"
    write_history(load(), read_assumptions(FOLDER, load(), "data"), "sz-hk", Sample(20_000, 1), path)
    return path


@pytest.mark.parametrize("crosses", WAYS)
@pytest.mark.parametrize("flow", FLOWS)
def test_every_case_is_one_that_the_law_can_be_asked_about(flow: str, crosses: str, tmp_path: Path) -> None:
    path = tmp_path / "history.parquet"
    write_history(load(), read_assumptions(FOLDER, load(), flow), crosses, Sample(200, 1), path)
    for row in rows(path):
        row.pop("case")
        unstated = [
            name
            for name, value in list(row.items())
            if value is None and row.pop(f"{name}_none", None) is None
        ]
        assert unstated == []
        row = {name: value for name, value in row.items() if not name.endswith("_none")}
        assert load().check_facts({**row, "flow": flow, "crosses": crosses}) == []


def test_the_same_seed_draws_the_same_cases_and_another_others(tmp_path: Path) -> None:
    assumed = read_assumptions(FOLDER, load(), "capital")
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_history(load(), assumed, "hk-sz", Sample(50, seed), tmp_path / name)
    assert rows(tmp_path / "a") == rows(tmp_path / "b") != rows(tmp_path / "c")


def test_what_is_drawn_has_the_share_that_is_assumed(data: Path) -> None:
    [share] = rows(data, "avg((access_mode = 'transfer')::INT) AS transfers, avg(minimal::INT) AS minimal")
    assert share == pytest.approx({"transfers": 0.70, "minimal": 0.93}, abs=0.015)


def test_what_hangs_on_another_fact_follows_it(data: Path) -> None:
    [found] = rows(
        data, "count(*) FILTER (len(sensitive_kinds) > 0 AND personal IN ('none', 'anonymised')) AS wrong"
    )
    assert found == {"wrong": 0}


def test_what_does_not_hang_together_is_drawn_by_itself(data: Path) -> None:
    both = "list_contains(held, 'pia')::INT, list_contains(held, 'separate_consent')::INT"
    [found] = rows(data, f"corr({both}) AS held, corr(ciio::INT, volume_split::INT) AS other")
    assert {name: abs(value) < 0.05 for name, value in found.items()} == dict.fromkeys(found, True)


def test_a_number_said_to_be_at_least_another_is(data: Path) -> None:
    [found] = rows(
        data, "count(*) FILTER (pi_persons_year < persons) AS less, count(DISTINCT persons) > 1000 AS many"
    )
    assert found == {"less": 0, "many": True}


def test_days_lie_within_the_two_years(data: Path) -> None:
    assumed: Assumptions = read_assumptions(FOLDER, load(), "data")
    [found] = rows(
        data,
        'min("on") >= ?::DATE AS begins'.replace("?", f"'{assumed.from_on}'")
        + f", max(\"on\") < '{assumed.until_on}' AS ends",
    )
    assert found == {"begins": True, "ends": True}


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ("{colour: 3}", "histories/data.yaml:6:17: colour is not a fact that can be assumed"),
        (
            "{ciio: [{if: {minimal: ['true']}, then: 3}], minimal: [{if: {ciio: ['true']}, then: 3}]}",
            "these facts rest on each other",
        ),
    ],
)
def test_an_assumption_that_does_not_fit_is_refused_by_its_place(
    facts: str, says: str, tmp_path: Path
) -> None:
    folder = tmp_path / "histories"
    folder.mkdir()
    text = (
        "flow: data\nfrom: 2024-01-01\nuntil: 2025-01-01\nassumed: {en: a, zh-Hant: b, zh-Hans: c}\n# facts\n"
    )
    (folder / "data.yaml").write_text(f"{text}facts: {facts}\n", encoding="utf-8")
    with pytest.raises(PackError, match=says.replace("(", r"\(")):
        read_assumptions(tmp_path, load(), "data")


def test_a_flow_without_assumptions_is_told_those_that_have_them() -> None:
    with pytest.raises(PackError, match="accepted are capital, data, materials, personnel"):
        read_assumptions(FOLDER, load(), "schemes")


def test_the_command_writes_a_history_and_says_what_was_assumed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "h.parquet"
    words = ["history", str(out), "--flow", "data", "--crosses", "hk-sz", "--rows", "30"]
    assert main(words) == 0
    assert "30 fictitious cases" in capsys.readouterr().out
    assert len(rows(out)) == 30
