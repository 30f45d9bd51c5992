"""`twoparks law replay` counts, compares two folders of packs, shows cases, and says when its result is partial."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from shutil import copytree

import duckdb
import pytest
from tests.law.histories import write
from tests.law.small import provision, zone

from twoparks.law import replay_command
from twoparks.law.command import main

pytestmark = pytest.mark.one_database


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """Goods heavier than 100 grams are forbidden."""
    folder = tmp_path / "packs"
    folder.mkdir()
    zone(folder, provision("F", "mass_g > 100", "forbid: movement"))
    return folder


@pytest.fixture
def history(packs: Path, tmp_path: Path) -> Path:
    """Three cases: 50, 150 and 250 grams."""
    from twoparks.law.zone import Zone

    found = [{"on": "2026-03-01", "mass_g": mass, "kind": "box"} for mass in (50, 150, 250)]
    return write(found, Zone.read(packs).facts_of("goods"), tmp_path / "history.parquet")


def replayed(packs: Path, history: Path, *words: str) -> int:
    return main(["replay", "--flow", "goods", "--crosses", "out", str(history), *words], folder=packs)


def test_cases_are_counted_by_outcome(packs: Path, history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replayed(packs, history, "--by", "kind") == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["3", "cases,", "0", "changed"],
        ["kind", "box"],
        ["2", "forbidden"],
        ["1", "clear"],
        ["provisions", "that", "held"],
        ["2", "F"],
    ]


def test_two_folders_of_packs_are_set_side_by_side(
    packs: Path, history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = copytree(packs, tmp_path / "old")
    zone(packs, provision("F", "mass_g > 200", "forbid: movement"))
    replayed(packs, history, "--versions", str(old), "--json")
    told = json.loads(capsys.readouterr().out)
    counts = {tuple(line["outcomes"]): line["cases"] for line in told["groups"][0]["counts"]}
    assert counts == {("clear", "clear"): 1, ("forbidden", "clear"): 1, ("forbidden", "forbidden"): 1}
    assert (told["changed"], told["fired"], len(set(told["packs"]))) == (1, {"F": [2, 1]}, 2)


def test_cases_of_an_outcome_are_shown(
    packs: Path, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replayed(packs, history, "--show", "forbidden", "--limit", "1")
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "case": "2",
        "on": "2026-03-01",
        "facts": {"on": "2026-03-01", "mass_g": 150, "kind": "box"},
    }


def test_interrupted_it_tells_what_it_counted_and_that_it_is_partial(
    packs: Path, history: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twoparks.law.parquet.ROWS_A_CHUNK", 1)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(replay_command, "_bar", lambda done, rows: os.kill(os.getpid(), signal.SIGINT))
    assert replayed(packs, history) == 130
    assert capsys.readouterr().out.startswith("1 cases (partial: the scan was stopped)")


def test_a_history_that_does_not_fit_is_refused_with_what_would(
    packs: Path, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replayed(packs, history.with_name("absent.parquet")) == 64
    assert "name a Parquet file of past cases" in capsys.readouterr().err


def test_as_many_outcomes_are_asked_for_as_there_are_versions(
    packs: Path, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replayed(packs, history, "--show", "clear,forbidden") == 64
    assert "takes 1 outcomes here" in capsys.readouterr().err


def test_the_law_is_written_as_sql_that_the_database_runs(
    packs: Path, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sql", "--flow", "goods", "--crosses", "out", "--on", "2026-03-01"]
    assert main(words, folder=packs) == 0
    columns = ", ".join(
        f"{cell} AS {name}"
        for name, cell in {"alive": True, "fragile": True, "share": 1, "marks": "[]", "held": "[]"}.items()
    )
    nulls = "CAST(NULL AS DATE) AS packed_on, false AS packed_on_none"
    rows = f"SELECT row_number() OVER () AS \"case\", *, {columns}, {nulls} FROM '{history}'"
    text = capsys.readouterr().out.replace("past", f"({rows})").rstrip().rstrip(";")
    found = duckdb.sql(f"SELECT outcome, count(*) FROM ({text}) GROUP BY 1 ORDER BY 1").fetchall()
    assert found == [("clear", 1), ("forbidden", 2)]
