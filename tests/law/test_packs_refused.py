"""A pack that cannot be right is refused with file, line, column and what would be accepted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.law.small import SAYS, case, instrument, provision, zone

from twoparks.law.pack import PackError
from twoparks.law.source import compose, plain

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ('kind == "crate"', "'crate' is not a value here; accepted are box, barrel, animal"),
        ('kind in ["box", "tin"]', "'tin' is not a value here; accepted are box, barrel, animal"),
        ('"pink" in marks', "'pink' is not a value here; accepted are red, green, blue"),
        ("packed_on < on", "packed_on may be null; write has(packed_on) && … first"),
        ("mass_g", "is a number; a condition must be true or false"),
        ("mass_g < on", "< takes two numbers or two dates, not a number and a date"),
        ("fragile && mass_g", "a number stands where true or false is expected"),
        ("kind", "is a word; a condition must be true or false"),
        ("mass_g * mass_g > 3", "* multiplies by a number or a parameter only"),
        ("mas_g > 3", "mas_g is neither a fact of this flow nor a definition in force"),
        ("age > 3", "age is neither a fact of this flow"),
        ("mass_g > param.limit", "param.limit has no value in this period"),
        ('on < date("2026-02-30")', "'2026-02-30' is not a date; use YYYY-MM-DD"),
        ("fragile.exists(x, true)", "fragile is true or false; exists() runs over a set"),
        ('"red"', "'red' alone says nothing; compare a fact with it"),
    ],
)
def test_a_condition_that_does_not_fit_names_its_place_and_what_fits(
    tmp_path: Path, when: str, says: str
) -> None:
    small = zone(tmp_path, provision("P", when.replace("'", "''"), "forbid: movement"))
    with pytest.raises(PackError) as refused:
        small.compiled("goods", "out", date(2026, 1, 1))
    assert says in str(refused.value)
    assert str(refused.value).startswith("pack.yaml:12:")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (provision("P", "true", "forbids: movement"), "exactly one effect of forbid, require"),
        (provision("P", "true", "forbid: movement", "require: stamp"), "this has 2"),
        (provision("P", "true", "require: stmp"), "require is 'stmp'; accepted are stamp, seal"),
        (
            provision(
                "P",
                "true",
                f"compute: {{key: fee, value: a, steps: [{{name: a, value: mass_g, unit: gram, says: {SAYS}}}]}}",
            ),
            "unit is 'gram'; accepted are per mille, cents, grams",
        ),
        (
            provision("P", "true", "forbid: movement", "flow: persons"),
            "flow is 'persons'; accepted are goods, people",
        ),
        (
            provision("P", "true", "forbid: movement", "confidence: X"),
            "confidence is 'X'; accepted are V, S, M",
        ),
        (provision("P", "true", "forbid: movement", "colour: red"), "colour is not known here; accepted are"),
        (
            provision("P", "true", "forbid: movement", "in_force: [2026-02-30, null]"),
            "use YYYY-MM-DD, a day that exists",
        ),
        (
            provision("P", "true", "forbid: movement", "in_force: [2026-02-02, 2026-02-01]"),
            "the first day must come before",
        ),
        (provision("P", "true", "forbid: movement", "unless: [Q]"), "P yields to Q, which no pack holds"),
        (provision("P", "true", "refer: mayor"), "refer is 'mayor'; accepted are post, gate, party"),
        (provision("P", "kind = 3", "forbid: movement"), "'=' is not part of the language"),
        (
            provision("P", "true", "forbid: movement").replace("zh-Hans: 甲", "zh-TW: 甲"),
            "says is not in three languages",
        ),
    ],
)
def test_a_provision_that_cannot_be_read_says_why(tmp_path: Path, written: str, says: str) -> None:
    with pytest.raises(PackError) as refused:
        zone(tmp_path, written)
    assert says in str(refused.value)
    assert str(refused.value).startswith("pack.yaml:12:")


def test_an_id_used_twice_names_the_first_place(tmp_path: Path) -> None:
    twice = provision("P", "true", "forbid: movement")
    with pytest.raises(PackError, match=r"'P', used before at pack\.yaml:12:"):
        zone(tmp_path, twice, twice)


def test_provisions_that_yield_to_each_other_are_refused(tmp_path: Path) -> None:
    small = zone(
        tmp_path,
        provision("P", "true", "forbid: movement", "unless: [Q]"),
        provision("Q", "true", "forbid: movement", "unless: [P]"),
    )
    with pytest.raises(PackError, match="yield to each other"):
        small.determine(case())


def test_a_definition_that_rests_on_itself_is_refused(tmp_path: Path) -> None:
    more = f"""
    definitions:
      - {{name: heavy, flow: goods, means: bulky, says: {SAYS}}}
      - {{name: bulky, flow: goods, means: heavy, says: {SAYS}}}
    """
    small = zone(tmp_path, provision("P", "heavy", "forbid: movement"), more=more)
    with pytest.raises(PackError, match="heavy is defined by itself: heavy -> bulky -> heavy"):
        small.determine(case())


def test_an_instrument_key_used_twice_is_refused(tmp_path: Path) -> None:
    one = instrument([provision("P", "true", "forbid: movement")])
    with pytest.raises(PackError, match="key is 'act', used before"):
        zone(tmp_path, instruments=[one, one])


def test_a_key_written_twice_is_refused() -> None:
    with pytest.raises(PackError, match=r"x\.yaml:2:1: a stands twice"):
        compose("a: 1\na: 2\n", "x.yaml")


def test_on_and_no_are_words_and_dates_are_text() -> None:
    assert plain(compose("on: 2026-01-02\nanswer: no\n", "x.yaml")) == {"on": "2026-01-02", "answer": "no"}


def test_a_mapping_may_be_laid_under_another() -> None:
    assert plain(compose("base: &b {a: 1, c: 2}\nown: {<<: *b, a: 3}\n", "x.yaml")) == {
        "base": {"a": 1, "c": 2},
        "own": {"a": 3, "c": 2},
    }
