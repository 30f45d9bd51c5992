"""What one filing serves on both banks: the packs say it with its source, and answers tell it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from tests.law.small import SAYS, case, provision, zone

from twoparks.law.command import main
from twoparks.law.letter import letter
from twoparks.law.measures import serving
from twoparks.law.pack import PackError
from twoparks.law.zone import Zone
from twoparks.packs import load

pytestmark = pytest.mark.one_database

BOTH = "{also: [paper], in_force: [2026-01-01, null], crosses: out, source: https://example.org/s, confidence: S, says: SAYS}"


def stamped(folder: Path, serves: str, effect: str = "require: stamp") -> Zone:
    more = f"measures: [{{key: stamp, name: {SAYS}, serves: [{serves.replace('SAYS', SAYS)}]}}]"
    return zone(folder, provision("P", "fragile", effect), more=more)


def told(law: Zone, **facts: object) -> list[tuple[str, tuple[str, ...]]]:
    found = serving(law, law.determine(case(fragile=True, **facts)))
    return [(measure.key, one.also) for measure, one in found]


def test_it_is_told_where_the_measure_is_required(tmp_path: Path) -> None:
    law = stamped(tmp_path, BOTH)
    assert told(law) == [("stamp", ("paper",))]
    assert serving(law, law.determine(case(fragile=False))) == ()


def test_it_is_told_of_an_alternative_too(tmp_path: Path) -> None:
    assert told(stamped(tmp_path, BOTH, "require: {one_of: [seal, stamp]}")) == [("stamp", ("paper",))]


def test_it_is_told_from_its_first_day_and_in_its_direction(tmp_path: Path) -> None:
    law = stamped(tmp_path, BOTH)
    assert told(law, on="2025-12-31") == []
    assert law.measures["stamp"].served(date(2026, 1, 1), "in") == ()


@pytest.mark.parametrize(
    ("serves", "says"),
    [
        (BOTH.replace("paper", "seal"), "also is of one bank only; name a measure of the other bank"),
        (BOTH.replace("paper", "stamp"), "also is 'stamp'; accepted are seal, notice, fast_lane, paper"),
        (BOTH.replace(", says: SAYS", ""), "says is"),
        (BOTH.replace("confidence: S", "confidence: X"), "confidence is 'X'; accepted are V, S, M"),
    ],
)
def test_a_pack_that_says_it_wrongly_is_refused(tmp_path: Path, serves: str, says: str) -> None:
    with pytest.raises(PackError) as refused:
        stamped(tmp_path, serves)
    assert says in str(refused.value)


def test_the_letter_and_the_measure_say_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    law = stamped(tmp_path, BOTH)
    assert "One filing serves both banks: x (stamp, paper) [S]" in letter(
        law.determine(case(fragile=True)), law
    )
    assert main(["measure", "stamp", "--on", "2026-02-01"], law) == 0
    assert "One filing serves both banks: stamp, paper [S]" in capsys.readouterr().out
    assert main(["measure", "stamp", "--on", "2026-02-01", "--json"], law) == 0
    assert json.loads(capsys.readouterr().out)["serves"][0]["also"] == ["paper"]


def test_the_packs_name_a_source_for_each() -> None:
    law = load()
    found = {measure.key: measure.serves for measure in law.measures.values() if measure.serves}
    assert {"gba_standard_contract", "pia", "hk_dh_biological_import_permit", "ata_carnet"} == set(found)
    assert all(one.source.startswith("http") for serves in found.values() for one in serves)
