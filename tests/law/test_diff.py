"""Two versions of the law are proved equal, or differ for a case that stands at the boundary."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.law.small import SAYS, provision, zone

from twoparks.law.amend import amended
from twoparks.law.cases import failures, read_cases
from twoparks.law.command import main
from twoparks.law.diff import Changed, difference
from twoparks.law.pack import Interval, Law
from twoparks.law.zone import Zone
from twoparks.packs import load

pytestmark = pytest.mark.one_database

LIMIT = f"""
parameters:
  - name: limit
    type: int
    says: {SAYS}
    values:
      - {{in_force: [null, null], value: VALUE, source: here, confidence: V}}
"""
HEAVY = provision("HEAVY", "fragile && mass_g > param.limit", "require: stamp")


@pytest.fixture
def law(tmp_path: Path) -> Law:
    return zone(
        tmp_path, HEAVY, provision("CRATE", "alive", "require: seal"), more=LIMIT.replace("VALUE", "100000")
    ).law


def of(old: Law, new: Law, what: str = "outcome") -> list[Changed]:
    return [change for change in difference(old, new).changes if change.what == what]


Restated = Callable[..., Law]


@pytest.fixture
def restated(tmp_path: Path) -> Restated:
    """The law with HEAVY written otherwise."""

    def written(when: str, effect: str = "require: stamp", more: str = "") -> Law:
        heavy = provision("HEAVY", when, effect, more)
        crate = provision("CRATE", "alive", "require: seal")
        return zone(tmp_path, heavy, crate, more=LIMIT.replace("VALUE", "100000")).law

    return written


def test_a_law_is_proved_equal_to_itself_written_otherwise(law: Law, restated: Restated) -> None:
    assert difference(law, restated("!(!fragile || mass_g <= param.limit)")).equal


def test_a_way_that_differs_is_compared_anew_where_a_prohibition_begins(tmp_path: Path) -> None:
    def lane(when: str) -> Law:
        open_to = provision("LANE", when, "permit: fast_lane")
        barred = provision("BARRED", "alive", "forbid: movement", "in_force: [2026-01-01, null]")
        return zone(tmp_path, open_to, barred).law

    found = of(lane("alive"), lane("alive && fragile"), "way:fast_lane")
    closed = [
        change.period for change in found if (change.before, change.after) == ("conditional", "forbidden")
    ]
    assert closed == [Interval(None, date(2026, 1, 1))]


def test_laws_that_differ_only_while_facts_are_missing_are_not_equal(law: Law, restated: Restated) -> None:
    (change,) = of(law, restated("fragile && mass_g > param.limit || alive && !alive && share > 3"))
    assert (change.before, change.after) == ("clear", "unknown")
    assert "share" not in change.witness


def test_the_witness_of_a_lowered_threshold_stands_at_its_first_and_its_last_value(law: Law) -> None:
    (change,) = of(law, amended(law, LIMIT.replace("VALUE", "80000")))
    assert (change.before, change.after, change.fact, change.boundary) == (
        "clear",
        "conditional",
        "mass_g",
        True,
    )
    assert change.last is not None
    assert (change.witness["mass_g"], change.last["mass_g"]) == (80001, 100000)
    assert change.provisions == ("HEAVY",)


def test_a_witness_states_no_more_than_it_takes(law: Law) -> None:
    (change,) = of(law, amended(law, LIMIT.replace("VALUE", "80000")), "measure:stamp")
    assert set(change.witness) == {"flow", "crosses", "on", "fragile", "mass_g"}


def test_each_pair_of_outcomes_has_its_own_case(law: Law, restated: Restated) -> None:
    found = of(law, restated("mass_g > param.limit", "forbid: movement"))
    assert {(change.before, change.after) for change in found} == {
        ("clear", "forbidden"),
        ("conditional", "forbidden"),
    }


def test_the_case_of_every_change_is_answered_as_it_says_by_both_versions(
    law: Law, restated: Restated
) -> None:
    new = restated("mass_g > param.limit", "refer: gate")
    for change in of(law, new):
        stated = dict(change.witness)
        assert Zone(law).determine(stated).outcome == change.before
        assert Zone(new).determine(stated).outcome == change.after


def test_a_requirement_exchanged_for_another_is_seen_where_the_outcome_stays(
    law: Law, restated: Restated
) -> None:
    new = restated("fragile && mass_g > param.limit", "require: seal")
    told = {change.what: (change.before, change.after) for change in difference(law, new).changes}
    assert told["measure:stamp"] == ("required", "not required")
    assert told["measure:seal"] == ("not required", "required")


def test_a_result_that_changes_is_seen(tmp_path: Path) -> None:
    def paying(value: str) -> str:
        return provision("FEE", "true", f'compute: {{key: fee, value: "{value}"}}')

    law, new = (zone(tmp_path, paying(f"per_mille(mass_g, {rate})")).law for rate in (10, 11))
    (change,) = of(law, new, "result:fee")
    assert (change.before, change.after) != ("none", "none")
    assert change.before != change.after


def test_a_way_that_is_opened_is_seen_by_who_asks_for_it(tmp_path: Path) -> None:
    law, new = (
        zone(tmp_path, provision("LANE", when, "permit: fast_lane")).law
        for when in ("alive", "alive || fragile")
    )
    found = of(law, new, "way:fast_lane")
    assert {(change.before, change.after) for change in found} == {
        ("forbidden", "conditional"),
        ("forbidden", "clear"),
    }


def test_neighbouring_periods_with_the_same_change_are_one(tmp_path: Path) -> None:
    brief = provision("X", "alive", "require: seal", "in_force: [2024-01-01, 2025-01-01]")
    old, new = (
        zone(tmp_path, provision("P", when, "require: stamp", "in_force: [2023-01-01, null]"), brief).law
        for when in ("fragile && alive", "fragile")
    )
    (change,) = of(old, new, "measure:stamp")
    assert change.period == Interval(date(2023, 1, 1))


def test_on_a_day_only_the_law_of_that_day_is_compared(law: Law, restated: Restated) -> None:
    new = restated("fragile", more="in_force: [2023-01-01, null]")
    before = new.provisions[0].in_force.from_on
    assert before is not None
    assert difference(law, new, on=before).changes
    assert all(change.period.covers(before) for change in difference(law, new, on=before).changes)


def test_what_is_not_settled_is_never_called_equal(law: Law, restated: Restated) -> None:
    new = restated("mass_g * 3 == share * 7 + 1 && mass_g > share * 5 - 20")
    found = difference(law, new, steps=1)
    assert not found.equal
    assert found.unsettled


def folder(at: Path, limit: int) -> str:
    at.mkdir()
    zone(at, HEAVY, more=LIMIT.replace("VALUE", str(limit)))
    return str(at)


def test_the_command_tells_what_changes_and_keeps_it_as_cases_that_the_new_version_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = folder(tmp_path / "old", 100), folder(tmp_path / "new", 80)
    kept = tmp_path / "new" / "cases" / "kept.yaml"
    kept.parent.mkdir()
    assert main(["diff", old, new, "--keep", str(kept)], Zone.read(Path(new))) == 1
    assert "mass_g from 81 to 100, as in" in capsys.readouterr().out
    cases = read_cases(kept.parent)
    assert cases
    assert [failures(Zone.read(Path(new)), each) for each in cases] == [[] for _ in cases]
    assert all(failures(Zone.read(Path(old)), each) for each in cases)


def test_the_command_says_when_two_versions_are_proved_equal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = folder(tmp_path / "old", 100), folder(tmp_path / "new", 100)
    assert main(["diff", old, new], Zone.read(Path(new))) == 0
    assert "proved equal" in capsys.readouterr().out


def test_a_drafted_change_is_compared_with_what_it_is_laid_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, draft = folder(tmp_path / "old", 100), tmp_path / "draft.yaml"
    draft.write_text(LIMIT.replace("VALUE", "90"), encoding="utf-8")
    assert main(["diff", old, str(draft), "--json"], Zone.read(Path(old))) == 1
    assert '"fact": "mass_g"' in capsys.readouterr().out


def test_a_version_that_does_not_exist_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = folder(tmp_path / "old", 100)
    assert main(["diff", old, "no-such-version"], Zone.read(Path(old)), tmp_path) == 64
    assert "neither a folder of packs" in capsys.readouterr().err


def test_a_threshold_of_the_packs_lowered_is_seen_at_its_boundary() -> None:
    law = load().law
    begins = law.parameters["exempt_below_persons"].values[0].in_force.from_on
    assert begins is not None
    lowered = LIMIT.replace("limit", "exempt_below_persons").replace("VALUE", "80000")
    new = amended(law, lowered.replace("[null,", f"[{begins},"))
    found = difference(law, new, flow="data", on=begins)
    later = [change for change in found.changes if change.what == "outcome"]
    assert later
    for change in later:
        assert change.last is not None
        assert (change.witness["pi_persons_year"], change.last["pi_persons_year"]) == (80000, 99999)
        assert load().determine(change.witness).outcome == change.before
        assert Zone(new).determine(change.last).outcome == change.after
