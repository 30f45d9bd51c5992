"""A person's permit: declared by the employer, consented to by the person, decided by the same code as goods."""

from __future__ import annotations

from typing import Any

import pytest
from tests.story import Story
from tests.travel import Travel

from twoparks.federation.models import Act
from twoparks.federation.queries import acts
from twoparks.federation.types import StreamId
from twoparks.permits import actions, issued, queries
from twoparks.permits.flows.personnel import consent_digest
from twoparks.permits.types import Invalid, PermitId, Problem
from twoparks.registry.access import Forbidden


@pytest.fixture
def travel(story: Story) -> Travel:
    """Both parks and the commuter of each."""
    return Travel(story)


def wrong(travel: Travel, **changes: Any) -> dict[str, Problem]:
    """What is wrong with the commuter's declaration after these changes, by field."""
    raw = {**travel.story.example("commuter-to-hong-kong"), **changes}
    with travel.nodes.at("sz"), pytest.raises(Invalid) as told:
        queries.check(travel.story.user("sz-lab"), raw, travel.nodes.now)
    return {problem.path: problem for problem in told.value.problems}


def test_a_standing_permit_of_a_commuter_comes_into_force_by_two_clearances(travel: Travel) -> None:
    permit = travel.in_force()
    assert {park: travel.story.status(park, permit) for park in ("sz", "hk")} == {
        "sz": "in_force",
        "hk": "in_force",
    }


def test_a_single_visit_differs_in_nothing_but_its_uses(travel: Travel) -> None:
    visit = travel.story.declare(travel.story.example("visitor-to-hong-kong"))
    travel.clear(visit)
    version = travel.story.state("hk", visit).current
    assert (version.declaration.uses, travel.story.status("hk", visit)) == (1, "in_force")


def test_the_commuter_of_the_other_park_goes_the_other_way(travel: Travel) -> None:
    raw = {
        **travel.story.example("commuter-to-hong-kong"),
        "project": "hk-j-sequencing",
        "crosses": "hk-sz",
        "person": "hk-n-commuter",
        "control_points": ["futian"],
        "evidence": [{"measure": "home_return_permit"}],
        "facts": _facts("hk-n-commuter"),
    }
    with travel.nodes.at("hk"):
        permit = actions.declare(travel.story.user("hk-lab"), raw, travel.nodes.now)
    travel.nodes.settle()
    with travel.nodes.at("sz"):
        (waits,) = queries.detail(travel.story.user("sz-officer"), permit, travel.nodes.now).work
    assert (waits.why, waits.authorities, waits.measures) == ("confirm", ("nia",), ("home_return_permit",))


def _facts(person: str) -> dict[str, Any]:
    from twoparks.site.demonstration import read

    rows = [row for park in read()["parks"].values() for row in park["people"]]
    return dict(next(row["facts"] for row in rows if row["id"] == person))


def test_the_example_states_exactly_what_the_demonstration_person_consented_to(travel: Travel) -> None:
    for name in ("commuter-to-hong-kong", "visitor-to-hong-kong"):
        assert travel.story.example(name)["facts"] == _facts("sz-n-commuter")


def test_the_law_is_asked_for_the_way_out_and_the_way_back(travel: Travel) -> None:
    permit = travel.declare()
    with travel.nodes.at("hk"):
        answer = queries.detail(travel.story.user("hk-officer"), permit, travel.nodes.now).answer
    assert [str(a.facts["crosses"]) for a in answer.by_way()] == ["sz-hk", "hk-sz"]


def test_the_worse_way_counts(travel: Travel) -> None:
    hours = wrong_for_futian_at_night(travel)
    assert hours == "forbidden"


def wrong_for_futian_at_night(travel: Travel) -> str:
    """The spur line closes at night: hours until midnight there are forbidden, whatever the morning says."""
    permit = travel.declare(control_points=["futian"], hours="07:00-23:59")
    with travel.nodes.at("hk"):
        return str(queries.detail(travel.story.user("hk-officer"), permit, travel.nodes.now).answer.outcome)


def test_what_crosses_is_a_pseudonym_a_key_digest_hours_and_facts(travel: Travel) -> None:
    permit = travel.declare()
    with travel.nodes.at("hk"):
        said = acts(StreamId(permit))[0].body["declaration"]
    person = travel.person()
    assert said["person"] == {
        "pseudonym": person.pseudonym,
        "holder": person.holder,
        "hours": [420, 1320],
    }
    assert set(said) == {
        "flow",
        "crosses",
        "project",
        "sender",
        "recipient",
        "facts",
        "evidence",
        "person",
        "route",
        "uses",
        "valid_from",
        "valid_until",
    }


@pytest.mark.parametrize("field", ["name", "document_number", "portrait"])
def test_a_message_with_a_field_for_who_it_is_is_refused_before_it_is_signed(
    travel: Travel, field: str
) -> None:
    from twoparks.federation.contracts import ContractBroken, check_body, contract

    permit = travel.declare()
    with travel.nodes.at("sz"):
        body = dict(acts(StreamId(permit))[0].body)
    person = {**body["declaration"]["person"], field: "Wen Jiaqi"}
    with pytest.raises(ContractBroken, match=field):
        check_body(
            contract("permit.declared"), {**body, "declaration": {**body["declaration"], "person": person}}
        )


def test_a_number_of_a_document_is_not_taken(travel: Travel) -> None:
    evidence = [{"measure": "park_lane_registration", "authority": "nia", "number": "H1234567"}]
    found = wrong(travel, evidence=evidence)
    assert "stays with the person" in found["evidence.1.number"].says
    assert "H1234567" not in found["evidence.1.number"].says


def test_nothing_is_declared_that_the_person_did_not_consent_to(travel: Travel) -> None:
    facts = {**travel.story.example("commuter-to-hong-kong")["facts"], "stay_days": 2}
    assert "has not consented to exactly these facts" in wrong(travel, facts=facts)["consent"].says


def test_a_consent_is_recorded_at_home_and_never_crosses(travel: Travel) -> None:
    person = travel.person()
    with travel.nodes.at("sz"):
        kinds = [act.kind for act in acts(StreamId(person.id))]
    travel.nodes.settle()
    with travel.nodes.at("hk"):
        there = Act.objects.filter(stream=person.id).count()
    assert (kinds, there) == (["person.consented"], 0)


def test_a_consent_names_the_facts_and_the_partner(travel: Travel) -> None:
    person = travel.person()
    with travel.nodes.at("sz"):
        body = acts(StreamId(person.id))[0].body
    facts = _facts("sz-n-commuter")
    assert body["facts"] == sorted(facts)
    assert body["facts_digest"] == consent_digest(facts, "hk-o-loop-genomics")
    assert body["facts_digest"] != consent_digest(facts, "hk-o-southbank")


def test_withdrawing_consent_ends_the_permits_that_rest_on_it_at_both_parks(travel: Travel) -> None:
    permit = travel.in_force()
    with travel.nodes.at("sz"):
        ended = actions.withdraw_consent(travel.story.user("sz-commuter"), travel.nodes.now)
    travel.nodes.settle()
    assert ended == (permit,)
    assert {travel.story.status(park, permit) for park in ("sz", "hk")} == {"withdrawn"}


def test_nobody_consents_for_another(travel: Travel) -> None:
    with travel.nodes.at("sz"), pytest.raises(Forbidden):
        actions.consent(travel.story.user("sz-lab-admin"), {}, "hk-o-loop-genomics", travel.nodes.now)


def test_a_new_phone_is_declared_as_a_new_version(travel: Travel) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    from twoparks.passes.holder import point_of
    from twoparks.registry.travellers import keep_phone_key

    permit = travel.in_force()
    before = travel.story.state("sz", permit).current.declaration
    fresh = ec.generate_private_key(ec.SECP256R1())
    with travel.nodes.at("sz"):
        keep_phone_key(travel.story.user("sz-commuter"), point_of(fresh.public_key()), travel.nodes.now)
        typed = queries.typed(queries.detail(travel.story.user("sz-lab"), permit, travel.nodes.now))
        actions.vary(travel.story.user("sz-lab"), permit, typed, travel.story.seen(permit), travel.nodes.now)
    travel.nodes.settle()
    after = travel.story.state("hk", permit).current
    assert after.number == 2
    assert before.traveller is not None
    assert after.declaration.traveller is not None
    assert after.declaration.traveller.holder != before.traveller.holder
    assert after.declaration.facts == before.facts


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"hours": "22:00-07:00"}, "hours", "such as 07:00-23:00"),
        ({"control_points": ["huanggang"]}, "control_points.1", "use one of gate_1, futian"),
        ({"uses": 5}, "control_points", "choose one control point"),
        ({"person": "sz-n-nobody"}, "person", "registered under People"),
        ({"crosses": "hk-sz"}, "crosses", "begin on the employer's own bank"),
        ({"items": []}, "items", "there is no such field"),
    ],
)
def test_what_cannot_be_declared_is_told_with_what_would_be(
    travel: Travel, changes: dict[str, Any], field: str, says: str
) -> None:
    assert says in wrong(travel, **changes)[field].says


def test_a_pass_of_a_person_is_bound_to_the_phone_and_counts_both_ways(travel: Travel) -> None:
    from twoparks.permits.terms import permit_claims
    from twoparks.registry.zone import zone

    permit = travel.in_force()
    with travel.nodes.at("sz"):
        state = issued.permit_state(PermitId(permit))
    claims = permit_claims(state.id, state.current, zone())
    assert claims is not None
    assert (claims.binding, claims.both_ways, claims.standing, claims.uses) == ("holder", True, True, 0)
    assert (claims.exit_groups, claims.entry_groups) == ((11, 13, 31, 33), (12, 14, 32, 34))


def test_the_employer_does_not_read_where_the_person_crossed(travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, "sz-gate1-exit-a")
    with travel.nodes.at("sz"):
        shown = {
            who: [a.kind for a in queries.detail(travel.story.user(who), permit, travel.nodes.now).acts]
            for who in ("sz-lab", "sz-officer", "sz-commuter")
        }
    assert {who: "crossing.passed" in kinds for who, kinds in shown.items()} == {
        "sz-lab": False,
        "sz-officer": False,
        "sz-commuter": True,
    }


def test_rebuilding_changes_nothing_of_a_persons_permit(travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, "sz-gate1-exit-a", "hk-gate1-entry-a")
    for park in ("sz", "hk"):
        with travel.nodes.at(park):
            assert actions.rebuild() == 0
