"""Facts that cannot be used are refused, each with its value and what would be accepted."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.law.small import case, provision, zone

from twoparks.law.facts import FactError
from twoparks.law.zone import Zone
from twoparks.packs import load

pytestmark = pytest.mark.one_database


@pytest.fixture
def small(tmp_path: Path) -> Zone:
    return zone(tmp_path, provision("Q", "mass_g > 100", "require: stamp"))


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"mass_g": -1}, "mass_g: -1 is out of range; a whole number from 0 grams"),
        ({"mass_g": 2**63}, "is out of range"),
        ({"mass_g": 1.5}, "mass_g: 1.5 is not a whole number"),
        ({"mass_g": True}, "mass_g: True is not a whole number"),
        ({"mass_g": "12"}, "mass_g: '12' is not a whole number"),
        ({"mass_g": None}, "mass_g: null is not a value of this fact; leave the fact out if it is not known"),
        ({"share": 101}, "share: 101 is out of range; a whole number from 0 to 100 percent"),
        ({"fragile": "yes"}, "fragile: 'yes' is neither true nor false; accepted are true and false"),
        ({"fragile": 1}, "fragile: 1 is neither true nor false"),
        ({"kind": "crate"}, "kind: 'crate' is not one of its values; accepted are box, barrel, animal"),
        ({"marks": "red"}, "marks: 'red' is not a list; write a list, [] for none"),
        ({"marks": ["red", "pink"]}, "marks: 'pink' cannot be in it; accepted are red, green, blue"),
        ({"held": ["visa"]}, "held: 'visa' cannot be in it; accepted are stamp"),
        (
            {"packed_on": "2026-02-30"},
            "packed_on: '2026-02-30' is not a date; use YYYY-MM-DD, a day that exists",
        ),
        ({"packed_on": "20260101"}, "is not a date"),
        ({"on": "31/02/2026"}, "on: '31/02/2026' is not a date"),
        ({"mas_g": 3}, "mas_g: is not a fact of this flow (value 3); near it are mass_g"),
        ({"age": 3}, "age: is not a fact of this flow (value 3)"),
        ({"flow": "ideas"}, "flow: 'ideas' is not one of its values; accepted are goods, people"),
        ({"crosses": "sideways"}, "crosses: 'sideways' is not one of its values; accepted are out, in"),
    ],
)
def test_a_value_that_cannot_be_used_says_what_would_be(
    small: Zone, facts: dict[str, object], says: str
) -> None:
    with pytest.raises(FactError) as refused:
        small.determine(case(**facts))
    assert says in str(refused.value)


def test_every_problem_is_named_at_once(small: Zone) -> None:
    problems = small.check_facts(case(mass_g=-1, kind="crate", fragile=0))
    assert [problem.name for problem in problems] == ["mass_g", "kind", "fragile"]


@pytest.mark.parametrize("name", ["flow", "crosses", "on"])
def test_what_every_question_needs_is_asked_for(small: Zone, name: str) -> None:
    facts = {key: value for key, value in case().items() if key != name}
    assert [problem.name for problem in small.check_facts(facts)] == [name]


def test_facts_that_can_be_used_have_no_problem(small: Zone) -> None:
    assert small.check_facts(case(mass_g=0, packed_on=None, marks=[], kind="box")) == []


def test_a_form_asks_first_what_settles_most_and_then_nothing(small: Zone) -> None:
    assert small.relevant_facts("goods", "out", {}) == ("on",)
    assert small.relevant_facts("goods", "out", {"on": "2026-01-15"}) == ("mass_g",)
    assert small.relevant_facts("goods", "out", {"on": "2026-01-15", "mass_g": 3}) == ()


def test_what_is_about_another_fact_is_not_asked_while_that_one_is_open() -> None:
    """How long goods stay is no question before it is known whether they come back."""
    known = {"on": "2026-11-22", "goods_kind": "human_material"}
    packs = load()
    asked = packs.relevant_facts("materials", "sz-hk", known)
    assert "temporary" in asked
    assert "temporary_months" not in asked
    back = packs.relevant_facts("materials", "sz-hk", {**known, "temporary": "exhibition"})
    assert "temporary_months" in back
