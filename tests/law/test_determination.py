"""How provisions make an outcome."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.law.small import SAYS, case, instrument, provision, zone

from twoparks.law.answer import Outcome
from twoparks.packs import load

pytestmark = pytest.mark.one_database

FORBIDS = provision("F", "fragile", "forbid: movement")
REFERS = provision("R", "alive", "refer: gate")
REQUIRES = provision("Q", "mass_g > 100", "require: stamp")


def test_nothing_that_holds_is_clear(tmp_path: Path) -> None:
    small = zone(tmp_path, FORBIDS, REFERS, REQUIRES)
    assert small.determine(case(fragile=False, alive=False, mass_g=100)).outcome is Outcome.CLEAR


def test_a_missing_step_is_conditional(tmp_path: Path) -> None:
    small = zone(tmp_path, FORBIDS, REFERS, REQUIRES)
    assert small.determine(case(fragile=False, alive=False, mass_g=101)).outcome is Outcome.CONDITIONAL


def test_a_held_step_is_clear_and_still_listed(tmp_path: Path) -> None:
    found = zone(tmp_path, REQUIRES).determine(case(mass_g=101, held=["stamp"]))
    assert (found.outcome, [(line.id, line.held) for line in found.measures]) == (
        Outcome.CLEAR,
        [("stamp", True)],
    )


def test_a_referring_provision_outweighs_a_missing_step(tmp_path: Path) -> None:
    found = zone(tmp_path, REFERS, REQUIRES).determine(case(alive=True, mass_g=101))
    assert (found.outcome, found.refer_to) == (Outcome.REFER, (("R", "gate"),))


def test_a_forbidding_provision_outweighs_everything(tmp_path: Path) -> None:
    small = zone(tmp_path, FORBIDS, REFERS, REQUIRES)
    assert small.determine(case(fragile=True, alive=True, mass_g=101)).outcome is Outcome.FORBIDDEN


def test_what_is_certainly_forbidden_needs_no_further_fact(tmp_path: Path) -> None:
    found = zone(tmp_path, FORBIDS, REFERS, REQUIRES).determine(case(fragile=True))
    assert (found.outcome, found.missing) == (Outcome.FORBIDDEN, ())


def test_a_missing_fact_that_could_forbid_makes_the_outcome_unknown(tmp_path: Path) -> None:
    found = zone(tmp_path, FORBIDS, REQUIRES).determine(case(mass_g=101))
    assert (found.outcome, found.missing) == (Outcome.UNKNOWN, ("fragile",))


def test_a_missing_fact_that_cannot_change_the_outcome_is_not_asked_for(tmp_path: Path) -> None:
    second = provision("Q2", "alive", "require: seal")
    found = zone(tmp_path, REQUIRES, second).determine(case(mass_g=101))
    assert (found.outcome, found.missing, found.open_questions) == (Outcome.CONDITIONAL, (), ("alive",))


def test_the_fact_that_settles_most_is_named_first(tmp_path: Path) -> None:
    found = zone(tmp_path, provision("A", "alive && mass_g > 3", "require: stamp"), FORBIDS).determine(case())
    assert found.missing[0] == "fragile"


def test_a_provision_yields_to_those_it_names(tmp_path: Path) -> None:
    small = zone(
        tmp_path,
        provision("F", "fragile", "forbid: movement", "unless: [E]"),
        provision("E", "alive", "permit: [fast_lane]"),
    )
    assert small.determine(case(fragile=True, alive=True)).outcome is Outcome.CLEAR
    assert small.determine(case(fragile=True, alive=False)).outcome is Outcome.FORBIDDEN


def test_an_exemption_lifts_the_requirement(tmp_path: Path) -> None:
    found = zone(tmp_path, REQUIRES, provision("E", "alive", "exempt: [stamp]")).determine(
        case(mass_g=101, alive=True)
    )
    assert (found.outcome, found.measures) == (Outcome.CLEAR, ())


def test_an_exemption_from_one_alternative_leaves_the_other(tmp_path: Path) -> None:
    either = provision("Q", "true", "require: {one_of: [stamp, seal]}")
    found = zone(tmp_path, either, provision("E", "true", "exempt: [stamp]")).determine(case())
    assert found.outcome is Outcome.CONDITIONAL


@pytest.mark.parametrize("held", ["stamp", "seal"])
def test_any_one_alternative_serves(tmp_path: Path, held: str) -> None:
    found = zone(tmp_path, provision("Q", "true", "require: {one_of: [stamp, seal]}")).determine(
        case(held=[held])
    )
    assert found.outcome is Outcome.CLEAR
    assert {line.one_of for line in found.measures} == {("stamp", "seal")}


def test_a_closed_alternative_does_not_serve(tmp_path: Path) -> None:
    either = provision("Q", "true", "require: {one_of: [stamp, seal]}")
    closed = provision("C", "alive", "forbid: [stamp]")
    found = zone(tmp_path, either, closed).determine(case(alive=True, held=["stamp"]))
    assert (found.outcome, [line.id for line in found.measures]) == (Outcome.CONDITIONAL, ["seal"])


def test_a_requirement_without_an_open_way_forbids(tmp_path: Path) -> None:
    small = zone(
        tmp_path, provision("Q", "true", "require: stamp"), provision("C", "alive", "forbid: [stamp]")
    )
    assert small.determine(case(alive=True)).outcome is Outcome.FORBIDDEN


def test_a_route_nobody_permits_is_no_alternative(tmp_path: Path) -> None:
    either = provision("Q", "true", "require: {one_of: [stamp, fast_lane]}")
    small = zone(tmp_path, either, provision("P", "alive", "permit: [fast_lane]"))
    assert small.determine(case(alive=False, held=["fast_lane"])).outcome is Outcome.CONDITIONAL
    assert small.determine(case(alive=True, held=["fast_lane"])).outcome is Outcome.CLEAR


def test_what_must_be_obtained_afresh_is_not_served_by_what_is_held(tmp_path: Path) -> None:
    again = provision("A", "alive", "require: stamp", "afresh: true")
    found = zone(tmp_path, provision("Q", "true", "require: stamp"), again).determine(
        case(alive=True, held=["stamp"])
    )
    assert (found.outcome, [line.held for line in found.measures]) == (Outcome.CONDITIONAL, [False])


def test_a_duty_never_blocks(tmp_path: Path) -> None:
    found = zone(tmp_path, provision("D", "true", "require: notice")).determine(case())
    assert (found.outcome, [line.kind for line in found.measures]) == (Outcome.CLEAR, ["duty"])


def test_pending_law_is_shown_and_decides_nothing(tmp_path: Path) -> None:
    pending = instrument([provision("N", "fragile", "forbid: movement")], key="bill", status="pending")
    small = zone(tmp_path, instruments=[instrument([REQUIRES]), pending])
    found = small.determine(case(fragile=True, mass_g=1))
    assert (found.outcome, [line.id for line in found.shadow]) == (Outcome.CLEAR, ["N"])


def test_law_that_is_silent_is_not_a_yes(tmp_path: Path) -> None:
    small = zone(tmp_path, provision("P", "true", "require: stamp", "in_force: [2026-01-16, null]"))
    assert small.determine(case()).outcome is Outcome.REFER


@pytest.mark.parametrize(
    ("day", "outcome"), [("2026-01-15", "refer"), ("2026-01-16", "conditional"), ("2026-01-31", "refer")]
)
def test_a_provision_counts_from_its_first_day_until_the_day_it_ends(
    tmp_path: Path, day: str, outcome: str
) -> None:
    small = zone(tmp_path, provision("P", "true", "require: stamp", "in_force: [2026-01-16, 2026-01-31]"))
    assert small.determine(case(on=day)).outcome == outcome


class TestMemory:
    """Provisions of confidence M."""

    def test_one_on_which_the_outcome_turns_refers_to_its_desk(self, tmp_path: Path) -> None:
        small = zone(tmp_path, provision("M", "true", "require: seal", "confidence: M"))
        found = small.determine(case())
        assert (found.outcome, found.refer_to) == (Outcome.REFER, (("M", "post"),))

    def test_one_whose_step_is_held_decides_nothing(self, tmp_path: Path) -> None:
        small = zone(tmp_path, provision("M", "true", "require: seal", "confidence: M"))
        assert small.determine(case(held=["seal"])).outcome is Outcome.CLEAR

    def test_one_beside_a_verified_missing_step_decides_nothing(self, tmp_path: Path) -> None:
        small = zone(tmp_path, REQUIRES, provision("M", "true", "require: seal", "confidence: M"))
        assert small.determine(case(mass_g=101)).outcome is Outcome.CONDITIONAL

    def test_one_that_forbids_refers(self, tmp_path: Path) -> None:
        small = zone(tmp_path, provision("M", "fragile", "forbid: movement", "confidence: M"))
        assert small.determine(case(fragile=True)).outcome is Outcome.REFER

    def test_one_beside_a_verified_prohibition_decides_nothing(self, tmp_path: Path) -> None:
        small = zone(tmp_path, FORBIDS, provision("M", "fragile", "forbid: movement", "confidence: M"))
        assert small.determine(case(fragile=True)).outcome is Outcome.FORBIDDEN

    def test_an_exemption_from_memory_refers(self, tmp_path: Path) -> None:
        small = zone(tmp_path, REQUIRES, provision("M", "alive", "exempt: [stamp]", "confidence: M"))
        assert small.determine(case(mass_g=101, alive=True)).outcome is Outcome.REFER

    def test_two_that_ask_for_the_same_step_refer_together(self, tmp_path: Path) -> None:
        both = [provision(name, "true", "require: seal", "confidence: M") for name in ("M1", "M2")]
        found = zone(tmp_path, *both).determine(case())
        assert [referral.provision for referral in found.refer_to] == ["M1", "M2"]

    def test_a_statement_from_memory_to_which_a_prohibition_yields_refers(self, tmp_path: Path) -> None:
        small = zone(
            tmp_path,
            provision("M", "alive", "state: true", "confidence: M"),
            provision("F", "fragile", "forbid: movement", "unless: [M]"),
        )
        found = small.determine(case(alive=True, fragile=True))
        assert (found.outcome, [r.provision for r in found.refer_to]) == (Outcome.REFER, ["M"])

    def test_a_statement_from_memory_that_stands_between_two_others_refers(self, tmp_path: Path) -> None:
        small = zone(
            tmp_path,
            provision("M", "alive", "state: true", "confidence: M"),
            provision("S", "fragile", "state: true", "unless: [M]"),
            provision("F", "fragile", "forbid: movement", "unless: [S]"),
        )
        assert small.determine(case(alive=True, fragile=True)).outcome is Outcome.REFER
        assert small.determine(case(alive=False, fragile=True)).outcome is Outcome.CLEAR

    def test_a_statement_from_memory_to_which_nobody_yields_decides_nothing(self, tmp_path: Path) -> None:
        small = zone(tmp_path, FORBIDS, provision("M", "alive", "state: true", "confidence: M"))
        assert small.determine(case(alive=True, fragile=False)).outcome is Outcome.CLEAR

    def test_a_duty_from_memory_decides_nothing(self, tmp_path: Path) -> None:
        small = zone(tmp_path, provision("M", "true", "require: notice", "confidence: M"))
        assert small.determine(case()).outcome is Outcome.CLEAR


class TestSought:
    """Routes, facilities and schemes that are asked for."""

    LANE = provision("P", "alive", "permit: [fast_lane]")
    TIED = provision("T", "true", "require: seal", "route: fast_lane")

    def test_a_closed_one_is_forbidden_and_named(self, tmp_path: Path) -> None:
        found = zone(tmp_path, self.LANE).determine(case(alive=False, sought=["fast_lane"]))
        assert (found.outcome, found.closed_ways) == (Outcome.FORBIDDEN, ("fast_lane",))

    def test_an_open_one_not_yet_granted_is_conditional(self, tmp_path: Path) -> None:
        found = zone(tmp_path, self.LANE).determine(case(alive=True, sought=["fast_lane"]))
        assert (found.outcome, found.open_ways) == (Outcome.CONDITIONAL, ("fast_lane",))
        assert [(line.id, line.held, line.provisions) for line in found.measures] == [
            ("fast_lane", False, ("P",))
        ]

    def test_one_that_is_held_is_clear(self, tmp_path: Path) -> None:
        found = zone(tmp_path, self.LANE).determine(
            case(alive=True, sought=["fast_lane"], held=["fast_lane"])
        )
        assert found.outcome is Outcome.CLEAR

    def test_what_it_needs_first_must_be_held_too(self, tmp_path: Path) -> None:
        small = zone(tmp_path, self.LANE, self.TIED)
        found = small.determine(case(alive=True, sought=["fast_lane"], held=["fast_lane"]))
        assert (found.outcome, [line.id for line in found.measures]) == (
            Outcome.CONDITIONAL,
            ["seal", "fast_lane"],
        )

    def test_what_it_needs_is_not_asked_of_others(self, tmp_path: Path) -> None:
        assert zone(tmp_path, self.LANE, self.TIED).determine(case(alive=True)).outcome is Outcome.CLEAR

    def test_the_fact_that_opens_it_is_asked_for(self, tmp_path: Path) -> None:
        found = zone(tmp_path, self.LANE).determine(case(sought=["fast_lane"]))
        assert (found.outcome, found.missing) == (Outcome.UNKNOWN, ("alive",))

    def test_a_movement_that_is_forbidden_stays_so(self, tmp_path: Path) -> None:
        small = zone(tmp_path, self.LANE, FORBIDS)
        assert (
            small.determine(case(alive=True, fragile=True, sought=["fast_lane"])).outcome is Outcome.FORBIDDEN
        )


class TestBanks:
    """The law of two banks."""

    HERE = instrument([provision("F", "fragile", "forbid: movement")], key="here")
    THERE = instrument([provision("Q", "alive", "require: paper")], key="there", bank="hk")

    def test_the_worse_one_counts(self, tmp_path: Path) -> None:
        found = zone(tmp_path, instruments=[self.HERE, self.THERE]).determine(case(fragile=False, alive=True))
        assert (found.outcome, found.banks) == (Outcome.CONDITIONAL, {"ml": "clear", "hk": "conditional"})

    def test_one_alone_may_be_asked(self, tmp_path: Path) -> None:
        small = zone(tmp_path, instruments=[self.HERE, self.THERE])
        found = small.determine(case(alive=True), bank="hk")
        assert (found.outcome, [line.id for line in found.provisions]) == (Outcome.CONDITIONAL, ["Q"])

    def test_certain_prohibition_on_one_outweighs_missing_facts_on_the_other(self, tmp_path: Path) -> None:
        small = zone(tmp_path, instruments=[self.HERE, self.THERE])
        assert small.determine(case(fragile=True)).outcome is Outcome.FORBIDDEN


class TestAmounts:
    """Computed results."""

    STEPS = "steps: [{name: base, value: 'per_mille(mass_g, 15)', says: " + SAYS + "}]"
    FEE = "compute: {key: fee, value: 'min(base + 5, param.cap)', " + STEPS + "}"
    CAP = f"""
    parameters:
      - name: cap
        type: int
        says: {SAYS}
        values:
          - {{in_force: [null, 2026-01-15], value: 10, source: x, confidence: V}}
          - {{in_force: [2026-01-15, null], value: 100, source: x, confidence: V}}
    """

    def test_a_result_shows_its_lines(self, tmp_path: Path) -> None:
        found = zone(tmp_path, provision("C", "true", self.FEE), more=self.CAP).determine(case(mass_g=1999))
        assert found.results["fee"].value == 34
        assert [(line.name, line.value) for line in found.results["fee"].lines] == [("base", 29), ("fee", 34)]

    @pytest.mark.parametrize(("day", "fee"), [("2026-01-14", 10), ("2026-01-15", 34)])
    def test_a_parameter_has_the_value_of_the_day(self, tmp_path: Path, day: str, fee: int) -> None:
        small = zone(tmp_path, provision("C", "true", self.FEE), more=self.CAP)
        assert small.determine(case(mass_g=1999, on=day)).results["fee"].value == fee

    def test_a_result_whose_fact_is_missing_is_not_given(self, tmp_path: Path) -> None:
        assert zone(tmp_path, provision("C", "true", self.FEE), more=self.CAP).determine(case()).results == {}

    def test_a_nullable_fact_asked_for_in_the_condition_may_be_used_in_the_amount(
        self, tmp_path: Path
    ) -> None:
        dated = "compute: {key: file_by, value: 'months_after(packed_on, 1)'}"
        small = zone(tmp_path, provision("C", "has(packed_on)", dated))
        assert small.determine(case(packed_on="2026-01-31")).results["file_by"].value == "2026-02-28"
        assert small.determine(case(packed_on=None)).results == {}

    def test_working_days_that_no_calendar_covers_give_no_date(self, tmp_path: Path) -> None:
        calendar = "calendars: [{bank: ml, years: [{year: 2026, source: x, confidence: V, holidays: [2026-01-01], working: [2026-01-17]}]}]"
        compute = 'compute: {key: file_by, value: "working_days_after(\\"ml\\", on, 2)"}'
        small = zone(tmp_path, provision("C", "true", compute), more=calendar)
        assert small.determine(case(on="2026-01-15")).results["file_by"].value == "2026-01-17"
        assert small.determine(case(on="2026-12-31")).results == {}


class TestImplied:
    """What stated facts already settle."""

    QUESTIONS = f"""
    flow: goods
    questions:
      - fact: alive
        question: {SAYS}
        implied:
          - {{value: false, when: 'kind in ["box", "barrel"]'}}
    """

    def test_nobody_is_asked_the_obvious(self, tmp_path: Path) -> None:
        found = zone(tmp_path, REFERS, questions=self.QUESTIONS).determine(case(kind="box"))
        assert (found.outcome, found.implied) == (Outcome.CLEAR, {"alive": False})

    def test_what_is_stated_prevails(self, tmp_path: Path) -> None:
        found = zone(tmp_path, REFERS, questions=self.QUESTIONS).determine(case(kind="box", alive=True))
        assert (found.outcome, found.implied) == (Outcome.REFER, {})

    def test_where_nothing_is_settled_both_facts_are_named(self, tmp_path: Path) -> None:
        found = zone(tmp_path, REFERS, questions=self.QUESTIONS).determine(case())
        assert set(found.missing) == {"alive", "kind"}


def test_whether_a_required_measure_is_open_at_all_is_still_asked(tmp_path: Path) -> None:
    needs, opens = provision("Q", "fragile", "require: stamp"), provision("P", "alive", "permit: stamp")
    found = zone(tmp_path, needs, opens).determine(case(fragile=True))
    assert (found.outcome, found.open_questions) == (Outcome.UNKNOWN, ("alive",))


def test_a_fact_on_which_only_the_use_of_a_held_measure_rests_is_asked_as_well() -> None:
    facts = {
        "flow": "materials",
        "crosses": "sz-hk",
        "on": "2023-06-30",
        "held": ["ata_carnet"],
        "goods_kind": "human_material",
        "un_numbers": [],
        "human_genome_inside": False,
        "wmd_end_use": False,
        "transport_mode": "road",
        "quarantine_grade": "none",
        "pathogen": "none",
        "dual_use_class": "none",
        "hk_schedule": "none",
    }
    found = load().determine(facts)
    assert found.outcome is Outcome.UNKNOWN
    assert set(found.missing) <= set(found.open_questions)
