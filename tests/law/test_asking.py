"""What is still asked, and in which order: what all else is about, then what settles most, then which alternatives are open."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.law.small import case, provision, zone

from twoparks.law.zone import Zone
from twoparks.packs import load

pytestmark = pytest.mark.one_database

CHOICE = provision("P", "fragile", "require: {one_of: [stamp, fast_lane]}")
LANE = provision("L", "alive && mass_g > 3", "permit: fast_lane")


def asked(law: Zone, **facts: object) -> tuple[str, ...]:
    return law.determine(case(**facts)).open_questions


def test_whether_an_alternative_is_open_is_asked_once_it_is_one(tmp_path: Path) -> None:
    law = zone(tmp_path, CHOICE, LANE)
    assert asked(law) == ("fragile",)
    assert set(asked(law, fragile=True)) == {"alive", "mass_g"}
    assert asked(law, fragile=True, alive=False) == ()


def test_what_is_held_or_not_required_asks_for_no_alternative(tmp_path: Path) -> None:
    law = zone(tmp_path, CHOICE, LANE)
    assert asked(law, fragile=False) == ()
    assert "mass_g" not in asked(law, fragile=True, alive=False, held=["stamp"])


def test_an_alternative_that_may_be_closed_is_marked_so(tmp_path: Path) -> None:
    law = zone(tmp_path, CHOICE, LANE)
    found = law.determine(case(fragile=True))
    assert {line.id: line.sure for line in found.measures} == {"stamp": True, "fast_lane": False}
    found = law.determine(case(fragile=True, alive=True, mass_g=4))
    assert {line.id: line.sure for line in found.measures} == {"stamp": True, "fast_lane": True}


def test_what_closes_a_measure_nobody_requires_is_not_asked(tmp_path: Path) -> None:
    law = zone(
        tmp_path, provision("P", "fragile", "require: stamp"), provision("S", "alive", "forbid: [seal]")
    )
    assert asked(law) == ("fragile",)


def test_of_alternatives_one_that_may_be_closed_is_planned_only_for_want_of_another(tmp_path: Path) -> None:
    lane_first = provision("P", "fragile", "require: {one_of: [fast_lane, stamp]}")
    (step,) = zone(tmp_path, lane_first, LANE).what_if(case(fragile=True)).plan.steps
    assert (step.measure, step.instead_of) == ("stamp", ("fast_lane",))


FIRST = """
    flow: goods
    questions:
      - {fact: kind, first: true, question: {en: What is it?, zh-Hant: 是何物？, zh-Hans: 是什么？}}
"""


def test_what_everything_else_is_about_is_asked_first(tmp_path: Path) -> None:
    rules = [
        provision("P", "fragile", "forbid: movement"),
        provision("Q", 'kind == "box" && alive', "require: stamp"),
    ]
    assert asked(zone(tmp_path, *rules))[0] == "fragile"
    assert asked(zone(tmp_path, *rules, questions=FIRST))[0] == "kind"


@pytest.mark.parametrize(
    ("flow", "crosses", "first"),
    [
        ("materials", "sz-hk", "goods_kind"),
        ("materials", "hk-sz", "goods_kind"),
        ("data", "sz-hk", "access_mode"),
        ("capital", "hk-sz", "transaction"),
        ("personnel", "sz-hk", "status"),
    ],
)
def test_the_packs_begin_with_what_it_is_about(flow: str, crosses: str, first: str) -> None:
    found = load().determine({"flow": flow, "crosses": crosses, "on": "2026-09-01", "held": [], "sought": []})
    assert found.open_questions[0] == first
