"""What would make it possible: the fewest changes, and the plan of what is then to be obtained."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from tests.law.small import SAYS, case, instrument, provision, zone

from twoparks.law import change
from twoparks.law.command import main
from twoparks.law.zone import Zone

pytestmark = pytest.mark.one_database

ASK = f"question: {SAYS}, changeable: true"
QUESTIONS = f"""
    flow: goods
    questions:
      - {{fact: kind, {ASK}, labels: {{box: {SAYS}, barrel: {SAYS}, animal: {SAYS}}}}}
      - {{fact: fragile, {ASK}}}
      - {{fact: mass_g, {ASK}}}
      - {{fact: marks, {ASK}, labels: {{red: {SAYS}, green: {SAYS}, blue: {SAYS}}}}}
      - {{fact: alive, question: {SAYS}}}
"""
MEASURES = f"""
    measures:
      - {{key: stamp, name: {SAYS}, terms: [{{decision_working_days: 3, confidence: V, source: "https://example.org"}}]}}
      - {{key: seal, name: {SAYS}, after: [stamp], terms: [{{decision_working_days: 2, confidence: V, source: "https://example.org"}}]}}
      - {{key: paper, name: {SAYS}}}
    calendars:
      - bank: ml
        years: [{{year: 2026, source: "https://example.org", confidence: V, holidays: [2026-01-19], working: []}}]
"""


def goods(folder: Path, *provisions: str, more: str = MEASURES) -> Zone:
    return zone(folder, *provisions, more=more, questions=QUESTIONS)


def changes(law: Zone, **facts: object) -> dict[str, object]:
    return {change.fact: change.after for change in law.what_if(case(**facts)).changes}


def test_what_is_already_possible_needs_no_change(tmp_path: Path) -> None:
    found = goods(tmp_path, provision("p", "fragile", "forbid: movement")).what_if(case(fragile=False))
    assert (found.verdict, found.after, found.changes) == ("nothing", "clear", ())


def test_a_number_is_moved_no_further_than_its_boundary(tmp_path: Path) -> None:
    law = goods(tmp_path, provision("p", "mass_g > 100", "forbid: movement"))
    assert changes(law, mass_g=5000) == {"mass_g": 100}


def test_one_change_is_preferred_to_two(tmp_path: Path) -> None:
    law = goods(tmp_path, provision("p", '(fragile || mass_g > 100) && kind == "box"', "forbid: movement"))
    assert changes(law, fragile=True, mass_g=200, kind="box") == {"kind": "barrel"}


def test_two_changes_are_found_where_one_does_not_suffice(tmp_path: Path) -> None:
    law = goods(
        tmp_path, provision("p", "fragile", "forbid: movement"), provision("q", "mass_g > 100", "refer: gate")
    )
    assert changes(law, fragile=True, mass_g=200) == {"fragile": False, "mass_g": 100}


def test_a_set_loses_the_words_that_bar_it_and_keeps_the_rest(tmp_path: Path) -> None:
    law = goods(tmp_path, provision("p", '"red" in marks', "forbid: movement"))
    assert changes(law, marks=["red", "green"]) == {"marks": ["green"]}


def test_a_fact_the_applicant_cannot_change_is_not_changed(tmp_path: Path) -> None:
    found = goods(tmp_path, provision("p", "alive", "forbid: movement")).what_if(case(alive=True))
    assert (found.verdict, found.after, found.changes) == ("impossible", None, ())


def test_a_search_that_would_take_too_long_says_so_and_claims_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change, "MOST_TRIED", 5)
    law = goods(
        tmp_path, provision("p", "fragile", "forbid: movement"), provision("q", "mass_g > 100", "refer: gate")
    )
    found = law.what_if(case(fragile=True, mass_g=200))
    assert (found.verdict, found.after, found.as_dict()["verdict"]) == ("not_found", None, "not_found")


def test_nothing_is_searched_where_a_fact_nobody_can_change_leaves_it_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change, "MOST_TRIED", 10)
    law = goods(
        tmp_path,
        provision("p", 'mass_g > 100 || kind == "box" || "red" in marks', "forbid: movement"),
        provision("q", "alive", "require: stamp"),
    )
    assert law.what_if(case(mass_g=200, kind="box", marks=["red"])).verdict == "impossible"


def test_what_is_asked_for_opens_though_the_movement_is_undetermined(tmp_path: Path) -> None:
    law = goods(
        tmp_path, provision("p", "!fragile", "permit: fast_lane"), provision("q", "alive", "forbid: movement")
    )
    assert changes(law, fragile=True, sought=["fast_lane"]) == {"fragile": False}


def test_while_facts_are_missing_nothing_is_proposed(tmp_path: Path) -> None:
    found = goods(tmp_path, provision("p", "alive && fragile", "forbid: movement")).what_if(
        case(fragile=True)
    )
    assert (found.verdict, found.missing) == ("unknown", ("alive",))


def test_a_change_that_would_need_a_fact_nobody_stated_is_no_yes(tmp_path: Path) -> None:
    law = goods(tmp_path, provision("p", "fragile ? true : alive", "forbid: movement"))
    assert law.what_if(case(fragile=True)).verdict == "impossible"


def test_a_clear_way_is_preferred_to_a_conditional_one(tmp_path: Path) -> None:
    law = goods(
        tmp_path,
        provision("p", 'kind == "box"', "forbid: movement"),
        provision("q", 'kind == "barrel"', "require: stamp"),
    )
    assert changes(law, kind="box") == {"kind": "animal"}


def test_a_measure_asked_for_that_is_closed_opens_by_the_change(tmp_path: Path) -> None:
    law = goods(tmp_path, provision("p", "!fragile", "permit: fast_lane"))
    assert changes(law, fragile=True, sought=["fast_lane"]) == {"fragile": False}


def test_a_measure_no_law_names_is_opened_by_no_change(tmp_path: Path) -> None:
    law = goods(tmp_path, provision("p", "fragile", "permit: fast_lane"))
    assert law.what_if(case(fragile=True, sought=["paper"])).verdict == "impossible"


def test_the_plan_waits_for_what_comes_before_and_skips_holidays(tmp_path: Path) -> None:
    law = goods(tmp_path, provision("p", "fragile", "require: [seal, stamp]"))
    plan = law.what_if(case(fragile=True)).plan
    # Thursday 15 January; the 17th and 18th are a weekend, the 19th a holiday.
    assert [(s.measure, s.ready_on) for s in plan.steps] == [
        ("stamp", date(2026, 1, 21)),
        ("seal", date(2026, 1, 23)),
    ]
    assert (plan.path, plan.ready_on, plan.lead_days) == (("stamp", "seal"), date(2026, 1, 23), 8)


def test_what_is_held_is_not_waited_for(tmp_path: Path) -> None:
    law = goods(tmp_path, provision("p", "fragile", "require: [seal, stamp]"))
    plan = law.what_if(case(fragile=True, held=["stamp"])).plan
    assert [(step.measure, step.after) for step in plan.steps] == [("seal", ())]


def test_of_alternatives_the_one_held_first_is_planned(tmp_path: Path) -> None:
    law = goods(tmp_path, provision("p", "fragile", "require: {one_of: [stamp, seal]}"))
    (step,) = law.what_if(case(fragile=True)).plan.steps
    assert (step.measure, step.instead_of) == ("seal", ("stamp",))


def test_a_year_without_calendar_is_said_and_no_day_invented(tmp_path: Path) -> None:
    law = goods(tmp_path, provision("p", "fragile", "require: stamp"))
    plan = law.what_if(case(fragile=True, on="2026-12-31")).plan
    assert (plan.ready_on, plan.steps[0].ready_on) == (None, None)
    assert plan.gaps == ("no calendar of ml for 2027; the packs hold 2026",)


def test_a_measure_whose_time_no_law_lays_down_is_named(tmp_path: Path) -> None:
    law = goods(tmp_path, provision("p", "fragile", "require: paper"))
    assert law.what_if(case(fragile=True)).plan.untimed == ("paper",)


def test_a_duty_is_not_obtained_beforehand(tmp_path: Path) -> None:
    law = goods(tmp_path, provision("p", "fragile", "require: notice"), more="")
    assert law.what_if(case(fragile=True)).plan.steps == ()


def test_what_rests_on_memory_is_no_way_to_a_yes(tmp_path: Path) -> None:
    sure = instrument([provision("p", 'kind == "box"', "forbid: movement")])
    memory = provision("q", 'kind == "barrel"', "require: stamp", "confidence: M")
    law = zone(
        tmp_path, instruments=[sure, instrument([memory], key="old")], questions=QUESTIONS, more=MEASURES
    )
    assert changes(law, kind="box") == {"kind": "animal"}


@pytest.mark.parametrize("form", ["--json", "text"])
def test_the_command_says_what_to_change_and_ends_with_the_outcome_then(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    law = goods(tmp_path, provision("p", 'kind == "box"', "forbid: movement"))
    (tmp_path / "case.json").write_text(json.dumps({"facts": case(kind="box")}), encoding="utf-8")
    words = ["what-if", str(tmp_path / "case.json")] + ([form] if form == "--json" else [])
    assert main(words, zone=law) == 0
    shown = capsys.readouterr().out
    if form == "--json":
        assert json.loads(shown)["changes"] == [{"fact": "kind", "before": "box", "after": "barrel"}]
    else:
        assert "kind: box -> barrel" in shown
