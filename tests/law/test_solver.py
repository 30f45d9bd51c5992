"""z3 is asked only where something is proved, and stops after so many steps."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from tests.law.small import provision, zone

from twoparks.law.kleene import MISSING
from twoparks.law.smt import Smt
from twoparks.law.solver import Solver, Undecided

pytestmark = pytest.mark.one_database


def test_the_engine_is_loaded_without_z3() -> None:
    told = "import sys; import twoparks.law.command, twoparks.law.smt, twoparks.packs; sys.exit('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0


def solver(folder: Path, when: str, steps: int) -> tuple[Smt, Solver, int]:
    reading = (
        zone(folder, provision("P", when, "forbid: movement"))
        .compiled("goods", "out", date(2026, 1, 1))
        .reading
    )
    smt = Smt(reading.graph, reading.facts)
    return smt, Solver(smt, lambda *_: MISSING, steps), reading.rules[0].holds


def test_a_case_is_found_on_which_a_condition_holds(tmp_path: Path) -> None:
    smt, asked, holds = solver(tmp_path, 'mass_g * 3 > 100 && mass_g < 35 && "red" in marks', 10**6)
    assert asked.case(smt.truth(holds).sure) == {"mass_g": 34, "marks": frozenset({"red"})}


def test_no_case_is_found_where_there_is_none(tmp_path: Path) -> None:
    smt, asked, holds = solver(tmp_path, "mass_g * 3 > 100 && mass_g < 34", 10**6)
    assert asked.case(smt.truth(holds).sure) is None


def test_a_question_that_takes_too_many_steps_is_said_to_be_undecided(tmp_path: Path) -> None:
    smt, asked, holds = solver(tmp_path, "mass_g * 3 > 100 && share + mass_g * 7 == 1001", 1)
    with pytest.raises(Undecided):
        asked.case(smt.truth(holds).sure)
