"""What a determination tells of a measure, and provisions that only say something."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.law.small import case, provision, zone

from twoparks.law.answer import Outcome
from twoparks.law.letter import letter
from twoparks.law.pack import PackError
from twoparks.law.zone import Zone

pytestmark = pytest.mark.one_database

NEEDS_STAMP = provision("Q", "true", "require: stamp")
APPLIES = "applies: {en: x, zh-Hant: 甲, zh-Hans: 甲}"


def stamped(folder: Path, *entries: str) -> Zone:
    """A zone that requires a stamp with these dated entries."""
    listed = "".join(f"\n          - {{{entry}, source: x, confidence: V}}" for entry in entries)
    more = f"""
    measures:
      - key: stamp
        name: {{en: Stamp, zh-Hant: 印, zh-Hans: 印}}
        terms:{listed}
    """
    return zone(folder, NEEDS_STAMP, more=more)


def told(small: Zone, **facts: object) -> dict[str, object]:
    """What the answer says of the stamp."""
    return small.determine(case(**facts)).measures[0].as_dict()


def test_the_first_entry_whose_condition_holds_is_told(tmp_path: Path) -> None:
    small = stamped(
        tmp_path,
        f"{APPLIES}, when: fragile, authority: gate, decision_working_days: 3",
        "decision_working_days: 9",
    )
    found = [told(small, fragile=fragile) for fragile in (True, False)]
    assert [(line["authority"], line["decision_working_days"]) for line in found] == [
        ("gate", 3),
        ("post", 9),
    ]


def test_an_entry_whose_condition_is_unknown_is_not_told(tmp_path: Path) -> None:
    small = stamped(tmp_path, f"{APPLIES}, when: fragile, authority: gate, decision_working_days: 3")
    line = told(small)
    assert ("decision_working_days" in line, line["authority"]) == (False, "post")


def test_an_entry_with_a_condition_begins_on_its_own_day(tmp_path: Path) -> None:
    entry = f"in_force: [2026-01-15, null], {APPLIES}, when: fragile, decision_working_days: 3"
    small = stamped(tmp_path, entry)
    days = ("2026-01-14", "2026-01-15")
    assert [told(small, fragile=True, on=day).get("decision_working_days") for day in days] == [None, 3]


def test_a_condition_on_an_entry_is_also_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="add applies"):
        stamped(tmp_path, "when: fragile, decision_working_days: 3")


def test_a_provision_that_only_says_something_is_listed_and_decides_nothing(tmp_path: Path) -> None:
    small = zone(tmp_path, provision("S", "mass_g > 60", "state: true"))
    found = small.determine(case())
    lines = [small.determine(case(mass_g=mass)).provisions[0].holds for mass in (60, 61)]
    assert (found.outcome, found.provisions[0].holds, lines) == (Outcome.CLEAR, None, [False, True])


def test_a_provision_from_memory_that_only_says_something_refers_nothing(tmp_path: Path) -> None:
    found = zone(tmp_path, provision("S", "fragile", "state: true", "confidence: M")).determine(
        case(fragile=True)
    )
    assert (found.outcome, found.refer_to) == (Outcome.CLEAR, ())


def test_a_provision_cannot_state_falsely(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="write state: true"):
        zone(tmp_path, provision("S", "fragile", "state: false"))


def test_a_letter_leaves_out_the_rule_of_a_result_that_lacks_its_facts(tmp_path: Path) -> None:
    small = zone(tmp_path, provision("C", "true", "compute: {key: fee, value: mass_g}"))
    told = [letter(small.determine(facts), small) for facts in (case(), case(mass_g=5))]
    assert ["  C  " in text for text in told] == [False, True]
