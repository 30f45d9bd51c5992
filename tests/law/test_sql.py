"""The law as SQL for databases that no test runs: what is written is kept beside this file and read as a change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.law import small

from twoparks.law.dialects import DIALECTS, laid_out
from twoparks.law.pack import PackError
from twoparks.law.sql import Cases, select
from twoparks.law.zone import Zone

pytestmark = pytest.mark.one_database

GOLDEN = Path(__file__).parent / "golden"
QUESTIONS = """
flow: goods
questions:
  - fact: fragile
    question: {en: q, zh-Hant: 甲, zh-Hans: 甲}
    implied: [{value: true, when: 'kind == "barrel"'}]
"""
COLUMNS = frozenset(
    ["case", "on", "kind", "marks", "fragile", "alive", "mass_g", "packed_on", "packed_on_none", "held"]
)


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    """A little of everything that is written in words of its own."""
    return small.zone(
        tmp_path,
        small.provision("A", '"red" in marks && fragile', "require: stamp"),
        small.provision(
            "B", "has(packed_on) && months_after(packed_on, 3) < on", "forbid: movement", "unless: [A]"
        ),
        small.provision(
            "C",
            "per_mille(mass_g - 20, 333) >= share(mass_g, 1, 3) || !alive",
            "refer: gate",
            "confidence: M",
        ),
        questions=QUESTIONS,
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect_is_written_as_it_was_read_and_found_right(dialect: str, zone: Zone) -> None:
    day = zone.periods("goods", "out")[0]
    written = (
        laid_out(select(zone.compiled("goods", "out", day), Cases("past", COLUMNS), dialect), dialect) + "\n"
    )
    kept = GOLDEN / f"{dialect}.sql"
    if os.environ.get("TWOPARKS_WRITE_GOLDEN"):
        kept.write_text(written, encoding="utf-8")
    assert written == kept.read_text(encoding="utf-8")


def test_a_dialect_that_is_none_is_refused_with_those_there_are(zone: Zone) -> None:
    compiled = zone.compiled("goods", "out", zone.periods("goods", "out")[0])
    with pytest.raises(PackError, match="'oracle' is not a dialect; accepted are duckdb, postgres, spark"):
        select(compiled, Cases("past", COLUMNS), "oracle")
