"""The text of a change is read as law and edited a rule at a time; what an edit does not touch stays as it was written."""

from __future__ import annotations

from datetime import date

import pytest

from twoparks.packs import load
from twoparks.pilots import drafts
from twoparks.pilots.examples import examples

pytestmark = pytest.mark.one_database

FROM = date(2027, 1, 4)
THRESHOLD = "exempt_below_persons"


def lowered(value: int, text: str = "") -> str:
    item = drafts.parameter_item(load().parameters[THRESHOLD], value, FROM)
    return drafts.with_item(text, "parameters", item)


def test_a_new_value_holds_from_its_day_and_the_old_one_until_then() -> None:
    zone = drafts.zone_with(lowered(80_000))
    days = [zone.parameter(THRESHOLD, day) for day in (date(2027, 1, 3), FROM)]
    assert days == [100_000, 80_000]
    assert drafts.begins_on(lowered(80_000)) == FROM


def test_an_edit_keeps_the_writers_comments_and_the_other_rules() -> None:
    text = "# asked by the committee\n" + lowered(80_000)
    rule = drafts.provision_item(load().provisions["CN-CBDF-05-4"])
    both = drafts.with_item(text, "provisions", rule)
    again = lowered(60_000, both)
    assert again.startswith("# asked by the committee\n")
    assert [changed.key for changed in drafts.changed_rules(again)] == [THRESHOLD, "CN-CBDF-05-4"]
    assert "80000" not in again
    assert drafts.without_item(both, "provisions", "CN-CBDF-05-4") == text


def test_a_text_in_one_line_can_be_edited_too() -> None:
    text = "{drop: [CN-PIPL-06]}"
    assert drafts.touched(lowered(80_000, text)) == {THRESHOLD, "CN-PIPL-06"}


@pytest.mark.parametrize("effect", ["require", "exempt", "permit", "forbid", "refer", "compute", "state"])
def test_a_provision_restated_as_it_is_changes_but_its_status(effect: str) -> None:
    rule = (
        next(p for p in load().provisions.values() if p.effect.kind == effect and p.unless)
        if effect in ("require", "forbid")
        else next(p for p in load().provisions.values() if p.effect.kind == effect)
    )
    text = drafts.with_item("", "provisions", drafts.provision_item(rule))
    assert drafts.faults(text) == ()
    [changed] = drafts.changed_rules(text)
    assert (changed.after.when.text, changed.after.unless, changed.after.effect.measures) == (
        rule.when.text,
        rule.unless,
        rule.effect.measures,
    )


def test_a_rule_dropped_and_kept_after_all_leaves_nothing() -> None:
    text = drafts.dropping("", "CN-PIPL-06")
    assert drafts.touched(text) == {"CN-PIPL-06"}
    assert drafts.dropping(text, "CN-PIPL-06", drops=False) == ""


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("parameters:\n  - name: x\n    type: word\n", 3, "accepted are int, date"),
        ("drop: [NO-SUCH-RULE]\n", 1, "NO-SUCH-RULE"),
        ("colour: 3\n", 1, "is not known here"),
    ],
)
def test_a_fault_is_told_by_its_line(text: str, line: int, says: str) -> None:
    [fault] = drafts.faults(text)
    assert (fault.line, says in fault.says) == (line, True)


def test_every_example_and_its_alternatives_are_law() -> None:
    found = [text for each in examples().values() for text in (each.change, *each.alternatives)]
    assert len(found) == 9
    assert [drafts.faults(text) for text in found] == [()] * 9
