"""The packs answer their own cases, and say what they must say of every provision."""

from __future__ import annotations

from datetime import date

import pytest

from twoparks.law.cases import Case, failures, read_cases
from twoparks.law.verify import faults
from twoparks.packs import FOLDER, load

pytestmark = pytest.mark.one_database

CASES = read_cases(FOLDER / "cases")


@pytest.mark.parametrize("case", CASES, ids=[f"{case.where}: {case.name}" for case in CASES])
def test_a_case_is_answered_as_its_author_expects(case: Case) -> None:
    assert failures(load(), case) == []


def test_nothing_is_wrong_with_any_pack() -> None:
    assert faults(load(), CASES) == []


def test_every_provision_names_its_source() -> None:
    assert [p.id for p in load().provisions.values() if not p.source.strip()] == []


def test_what_is_only_announced_never_decides() -> None:
    announced = [p for p in load().provisions.values() if p.status in ("pending", "policy_intent", "pilot")]
    assert announced
    assert not any(p.decides for p in announced)


@pytest.mark.parametrize(
    ("bank", "start", "days", "end"),
    [
        ("ml", "2026-09-24", 1, "2026-09-28"),
        ("ml", "2026-09-30", 1, "2026-10-08"),
        ("ml", "2026-10-08", 2, "2026-10-10"),
        ("ml", "2026-02-14", 1, "2026-02-24"),
        ("hk", "2026-09-25", 1, "2026-09-28"),
        ("hk", "2026-09-30", 1, "2026-10-02"),
        ("hk", "2026-04-02", 1, "2026-04-08"),
    ],
)
def test_working_days_follow_the_notices(bank: str, start: str, days: int, end: str) -> None:
    found = load().calendars.of(bank).after(date.fromisoformat(start), days)
    assert found == date.fromisoformat(end)


def test_the_mainland_calendar_of_2027_is_not_invented() -> None:
    years = {year.year for year in load().law.calendar if year.bank == "ml"}
    assert 2027 not in years


def test_lunar_new_year_2026_is_off_on_both_banks() -> None:
    day = date(2026, 2, 17)
    assert not load().calendars.of("ml").is_working(day)
    assert not load().calendars.of("hk").is_working(day)


@pytest.mark.parametrize(("day", "authority"), [("2024-04-30", "most"), ("2024-05-01", "nhc")])
def test_the_certificate_is_granted_by_whoever_was_competent(day: str, authority: str) -> None:
    term = load().measures["hgr_material_export_certificate"].term(date.fromisoformat(day), "sz-hk")
    assert term is not None
    assert term.authority == (authority,)


@pytest.mark.parametrize(("day", "days"), [("2026-07-31", 20), ("2026-08-01", None)])
def test_the_new_quarantine_rules_give_no_time_limit_that_was_read(day: str, days: int | None) -> None:
    term = load().measures["customs_special_goods_quarantine_approval"].term(date.fromisoformat(day), "sz-hk")
    assert term is not None
    assert term.terms.get("decision_working_days") == days
