"""A text of law that nobody would write is refused by its place, in no time: not read without end, not broken off."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.law.small import case, provision, zone

from twoparks.law.amend import amended
from twoparks.law.answer import Outcome
from twoparks.law.language import DEPTH_MAX, TOKENS_MAX, LanguageError, parse
from twoparks.law.pack import PackError
from twoparks.packs import load

pytestmark = pytest.mark.one_database

LAUGHING = "x0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "\n".join(
    f"x{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)
)
LONGEST = "mass_g > 0" + "".join(f" && mass_g > {n}" for n in range(1, (TOKENS_MAX - 4) // 4))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (LAUGHING, "too much; use at most 50000 values, aliases written out"),
        ("provisions: &a [*a]\n", "nested too deep"),
        ("provisions: " + "[" * 9000 + "]" * 9000, "nested too deep"),
        ("a" * 10 + ": {" * 200, "not YAML"),
    ],
    ids=["aliases of aliases", "inside itself", "deep", "broken"],
)
def test_a_change_without_bounds_is_refused(text: str, says: str) -> None:
    with pytest.raises(PackError, match=says):
        amended(load().law, text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("(" * (DEPTH_MAX + 1) + "true" + ")" * (DEPTH_MAX + 1), f"nested deeper than {DEPTH_MAX} levels"),
        ("!" * (DEPTH_MAX + 1) + "true", f"nested deeper than {DEPTH_MAX} levels"),
        (" || ".join(["fragile"] * TOKENS_MAX), f"use at most {TOKENS_MAX}"),
        ("mass_g > " + "9" * 5000, "does not fit in 64 bits"),
    ],
    ids=["brackets", "signs", "words", "digits"],
)
def test_a_condition_without_bounds_is_refused(text: str, says: str) -> None:
    with pytest.raises(LanguageError, match=says):
        parse(text)


@pytest.mark.parametrize(
    ("when", "outcome"),
    [
        (LONGEST, Outcome.FORBIDDEN),
        ("(" * (DEPTH_MAX - 1) + "mass_g > 0" + ")" * (DEPTH_MAX - 1), Outcome.FORBIDDEN),
        ("!" * (DEPTH_MAX - 2) + "fragile", Outcome.CLEAR),
        ("mass_g > 999 ? true : " * 60 + "false", Outcome.CLEAR),
    ],
    ids=["longest", "deepest", "signs", "choices"],
)
def test_the_longest_and_deepest_conditions_are_decided(tmp_path: Path, when: str, outcome: Outcome) -> None:
    law = zone(tmp_path, provision("LONG", when, "forbid: movement"))
    assert law.determine(case(mass_g=500, fragile=False)).outcome == outcome
