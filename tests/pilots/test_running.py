"""What a trial does to declarations: shown beside in shadow, deciding for its participants while live, nothing once stopped."""

from __future__ import annotations

from django.db import transaction
from tests.story import BECAUSE, Story
from tests.trials import Trials, protocol
from tests.two_nodes import Fate

from twoparks.federation.log import bringing_back
from twoparks.permits import actions as permits
from twoparks.permits.types import AuthorityAnswer, PermitId, Status
from twoparks.pilots import actions


def outcomes(story: Story, park: str, permit: PermitId) -> tuple[str, str]:
    """What the two banks' law answered, and under which trial, as one park holds it."""
    found = story.state(park, permit).current.determined
    return found["sz"].trial, found["hk"].trial


def required(story: Story, permit: PermitId) -> set[str]:
    return {r.measure for r in story.state("hk", permit).current.determined["sz"].required if not r.held}


def test_in_shadow_both_laws_are_asked_and_the_ordinary_one_decides(trials: Trials) -> None:
    trial = trials.signed()
    permit = trials.story.declare()
    case = trials.cases("hk", trial)[0]
    assert (case.permit, case.live, case.group) == (permit, False, "other")
    ml = case.banks["ml"]
    assert "customs_quarantine_inspection" in set(ml["measures_before"]) - set(ml["measures_after"])
    assert "CN-TRY-01" in case.provisions
    assert (case.before, case.after, case.changed) == ("conditional", "conditional", True)
    assert "customs_quarantine_inspection" in required(trials.story, permit)


def test_live_it_decides_for_a_participant_and_both_parks_say_so(trials: Trials) -> None:
    trial = trials.live()
    permit = trials.story.declare()
    assert outcomes(trials.story, "hk", permit) == (trial, trial)
    assert "customs_quarantine_inspection" not in required(trials.story, permit)


def test_live_it_does_not_decide_for_who_takes_no_part(trials: Trials) -> None:
    trials.live(joins=False)
    permit = trials.story.declare()
    assert outcomes(trials.story, "hk", permit) == ("", "")


def test_before_both_parks_opened_it_nothing_is_decided_under_it(trials: Trials) -> None:
    trial = trials.signed()
    trials.join(trial)
    trials.open("sz", trial)
    trials.nodes.settle()
    trials.nodes.tick(60)
    assert trials.status("sz", trial) == "shadow"
    assert outcomes(trials.story, "sz", trials.story.declare()) == ("", "")


def test_the_cap_of_a_park_is_never_passed_and_the_trial_ends_with_it(trials: Trials) -> None:
    trial = trials.live(
        protocol(caps={"permits": {"sz": 2, "hk": 0}, "per_participant": None, "quantity": None})
    )
    named = [outcomes(trials.story, "hk", trials.story.declare())[0] for _ in range(3)]
    assert named == [trial, trial, ""]
    assert {trials.status(park, trial) for park in ("sz", "hk")} == {"stopped"}
    stopped = trials.at("hk", trial).stopped
    assert stopped is not None
    assert stopped.why == "cap"


def test_what_was_declared_within_a_filled_cap_is_still_decided_under_the_trial(trials: Trials) -> None:
    trial = trials.live(
        protocol(caps={"permits": {"sz": 1, "hk": 0}, "per_participant": None, "quantity": None})
    )
    permit = trials.story.declare()
    with trials.nodes.at("sz"):
        permits.follow_law(trials.nodes.now)
    assert outcomes(trials.story, "sz", permit) == (trial, trial)


def test_stopped_by_an_officer_open_permits_are_asked_again_at_both_parks(trials: Trials) -> None:
    trial = trials.live()
    permit = trials.story.declare()
    with trials.nodes.at("hk"):
        officer = trials.story.user("hk-officer")
        actions.stop(officer, trial, "A doubt.", trials.seen(trial), trials.nodes.now)
    trials.nodes.settle()
    assert {outcomes(trials.story, park, permit) for park in ("sz", "hk")} == {("", "")}
    assert "customs_quarantine_inspection" in required(trials.story, permit)


def test_a_declaration_that_overtakes_the_news_of_who_takes_part_is_asked_again(trials: Trials) -> None:
    trial = trials.live(joins=False)
    trials.nodes.network.fate = lambda _sender, envelope: (
        Fate.HOLD if b"trial.joined" in envelope else Fate.DELIVER
    )
    trials.join(trial)
    trials.nodes.deliver("sz")
    with trials.nodes.at("sz"):
        lab = trials.story.user("sz-lab")
        permit = permits.declare(lab, trials.story.example(), trials.nodes.now)
    trials.nodes.deliver("sz")
    assert outcomes_of(trials.story, "hk", permit) == {"hk": "", "sz": trial}
    trials.nodes.network.arrive()
    assert outcomes_of(trials.story, "hk", permit) == {"hk": trial, "sz": trial}


def test_after_a_restore_what_a_stopped_trial_left_open_is_ended(trials: Trials) -> None:
    trial = trials.live()
    permit = trials.story.declare()
    trials.nodes.settle()
    with trials.nodes.at("hk"):
        officer = trials.story.user("hk-officer")
        token = bringing_back.set(True)
        try:
            actions.stop(officer, trial, "A doubt.", trials.seen(trial), trials.nodes.now)
        finally:
            bringing_back.reset(token)
        with transaction.atomic():
            actions.go_on(trials.nodes.now)
    assert outcomes_of(trials.story, "hk", permit)["hk"] == ""


def outcomes_of(story: Story, park: str, permit: PermitId) -> dict[str, str]:
    """Under which trial each park answered, as one park holds it."""
    return {key: said.trial for key, said in story.state(park, permit).current.determined.items()}


def in_force(trials: Trials) -> PermitId:
    """A permit of the trial cleared and signed by both parks."""
    story = trials.story
    permit = story.declare()
    for park, work in (
        ("sz", [("nhc", "hgr_material_export_certificate"), ("customs_ml", "customs_declaration")]),
        ("hk", [("dh", "hk_dh_biological_import_permit")]),
    ):
        for authority, measure in work:
            story.decide(
                park, permit, AuthorityAnswer(authority, "grant", BECAUSE, measure=measure, number="N-1")
            )
        story.clear(park, permit)
        story.nodes.settle()
    return permit


def test_a_permit_of_a_trial_does_not_outlast_it(trials: Trials) -> None:
    raw = protocol()
    raw["dates"]["ends"] = "2026-11-25"
    trials.live(raw)
    permit = in_force(trials)
    state = trials.story.state("hk", permit)
    assert {c.terms.valid_until.isoformat() for c in state.current.cleared.values()} == {
        "2026-11-25T16:00:00+00:00"
    }


def test_the_stop_rule_ends_it_at_both_parks_and_revokes_as_the_protocol_says(trials: Trials) -> None:
    trial = trials.live()
    permit = in_force(trials)
    trials.harm("hk", trial, permit)
    trials.nodes.settle()
    assert {trials.at(park, trial).stopped.why for park in ("sz", "hk")} == {"stop_rule"}  # type: ignore[union-attr]
    assert {trials.story.status(park, permit) for park in ("sz", "hk")} == {Status.REVOKED}


def test_what_is_in_force_stays_where_the_protocol_says_so(trials: Trials) -> None:
    trial = trials.live(protocol(when_stopped="stays"))
    permit = in_force(trials)
    trials.harm("hk", trial, permit)
    trials.nodes.settle()
    assert trials.status("sz", trial) == "stopped"
    assert {trials.story.status(park, permit) for park in ("sz", "hk")} == {Status.IN_FORCE}


def test_a_clearance_given_under_a_stopped_trial_does_not_stand(trials: Trials) -> None:
    trial = trials.live()
    permit = trials.story.declare()
    trials.story.decide(
        "hk",
        permit,
        AuthorityAnswer("dh", "grant", BECAUSE, measure="hk_dh_biological_import_permit", number="N-1"),
    )
    trials.story.clear("hk", permit)
    trials.nodes.settle()
    with trials.nodes.at("sz"):
        actions.stop(trials.story.user("sz-officer"), trial, "A doubt.", trials.seen(trial), trials.nodes.now)
    trials.nodes.settle()
    assert {trials.story.status(park, permit) for park in ("sz", "hk")} == {Status.REFUSED}


def test_both_parks_count_the_same(trials: Trials) -> None:
    trial = trials.live()
    in_force(trials)
    trials.story.declare(project="sz-j-multicentre")
    assert trials.figures("sz", trial).as_json() == trials.figures("hk", trial).as_json()
    assert trials.figures("hk", trial).in_force == 1


def test_rebuilding_changes_no_row(trials: Trials) -> None:
    trial = trials.live()
    in_force(trials)
    for park in ("sz", "hk"):
        with trials.nodes.at(park):
            assert permits.rebuild() == 0
    assert len(trials.cases("hk", trial)) == 1


def test_the_end_asks_open_permits_again(trials: Trials) -> None:
    raw = protocol()
    raw["dates"]["ends"] = "2026-11-22"
    trial = trials.live(raw)
    permit = trials.story.declare()
    trials.nodes.tick(86_400)
    for park in ("sz", "hk"):
        with trials.nodes.at(park):
            actions.follow_days(trials.nodes.now)
    trials.nodes.settle()
    assert trials.status("hk", trial) == "ended"
    assert outcomes(trials.story, "hk", permit) == ("", "")
