"""Who may do what: the whole matrix, verb by verb, for every kind of person at two parks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import AnonymousUser
from tests.story import Story

from twoparks.registry.access import NODE, RULES, Denied, Scope, Subject, Verb, may, roles_of, who_may

OWN = Subject(
    owner="sz-o-riverbank",
    parties=frozenset({"sz-o-riverbank", "hk-o-loop-genomics"}),
    authorities=frozenset({"nhc"}),
    gates=frozenset({"sz-gate1-exit-a"}),
)
PEOPLE = (
    "sz-lab",
    "sz-lab-admin",
    "sz-biobank",
    "sz-officer",
    "sz-nhc",
    "sz-customs",
    "sz-gate",
    "sz-auditor",
    "sz-rules",
    "sz-commuter",
)
MATRIX = {
    Verb.SEE_PERMIT: {"sz-lab", "sz-lab-admin", "sz-officer", "sz-nhc", "sz-auditor", "sz-commuter"},
    Verb.DECLARE: {"sz-lab", "sz-lab-admin"},
    Verb.VARY: {"sz-lab", "sz-lab-admin"},
    Verb.WITHDRAW: {"sz-lab", "sz-lab-admin"},
    Verb.DECIDE: {"sz-nhc"},
    Verb.CLEAR: {"sz-officer"},
    Verb.REFUSE: {"sz-officer"},
    Verb.REVOKE: {"sz-officer"},
    Verb.SEE_QUEUE: {"sz-officer", "sz-nhc", "sz-auditor"},
    Verb.SEE_PROJECT: {"sz-lab", "sz-lab-admin", "sz-officer", "sz-auditor"},
    Verb.CHANGE_PROJECT: {"sz-lab-admin"},
    Verb.SEE_PEOPLE: {"sz-lab-admin", "sz-officer", "sz-auditor"},
    Verb.ADD_PERSON: {"sz-lab-admin", "sz-officer"},
    Verb.ADD_ROLE: {"sz-officer"},
    Verb.SCAN: {"sz-gate"},
    Verb.SEE_GATE: {"sz-gate", "sz-officer", "sz-auditor"},
    Verb.ENROL_GATE: {"sz-officer"},
    Verb.SEE_CROSSING: {
        "sz-lab",
        "sz-lab-admin",
        "sz-officer",
        "sz-nhc",
        "sz-gate",
        "sz-auditor",
        "sz-commuter",
    },
    Verb.CLOSE_DISCREPANCY: {"sz-officer"},
    Verb.ACCEPT_LOSS: {"sz-officer"},
    Verb.SEE_LEDGER: {"sz-officer", "sz-auditor"},
    Verb.REGISTER_PERSON: {"sz-lab-admin"},
    Verb.SEE_TRAVELLERS: {"sz-lab", "sz-lab-admin"},
    Verb.OWN_TRAVEL: {"sz-commuter"},
    Verb.DECLARE_RETURN: {"sz-lab-admin", "sz-commuter"},
    Verb.SEE_MOVEMENTS: {"sz-commuter"},
    Verb.SEE_COUNTS: {"sz-lab-admin"},
    Verb.ASK_MOVEMENTS: {"sz-officer", "sz-auditor"},
    Verb.SEE_DRAFTS: {"sz-rules", "sz-auditor"},
    Verb.DRAFT_TRIAL: {"sz-rules"},
    Verb.FILE_TRIAL: {"sz-rules"},
    Verb.AGREE_TRIAL: {"sz-nhc"},
    Verb.SIGN_TRIAL: {"sz-officer"},
    Verb.OPEN_TRIAL: {"sz-officer"},
    Verb.STOP_TRIAL: {"sz-officer"},
    Verb.RECORD_HARM: {"sz-officer", "sz-nhc"},
    Verb.JOIN_TRIAL: {"sz-lab-admin"},
    Verb.SEE_TRIAL: set(PEOPLE) - {"sz-gate", "sz-commuter"},
    Verb.SEE_TRIAL_CASES: {"sz-officer", "sz-rules", "sz-auditor"},
    Verb.REPORT_TRIAL: {"sz-rules"},
}


@pytest.mark.parametrize("verb", list(Verb))
def test_exactly_these_people_may(story: Story, verb: Verb) -> None:
    with story.nodes.at("sz"):
        thing = replace(OWN, person=story.user("sz-commuter").pk)
        assert {name for name in PEOPLE if may(story.user(name), verb, thing)} == MATRIX[verb]


def test_every_verb_has_its_rule() -> None:
    assert set(RULES) == set(Verb) == set(MATRIX)


@pytest.mark.parametrize("verb", list(Verb))
def test_nobody_signed_out_may_anything(verb: Verb) -> None:
    answer = may(AnonymousUser(), verb, OWN)
    assert isinstance(answer, Denied)
    assert answer.code == "signed_out"


def test_a_recipient_across_the_river_sees_but_does_not_change(story: Story) -> None:
    with story.nodes.at("hk"):
        user = story.user("hk-lab")
        assert may(user, Verb.SEE_PERMIT, OWN)
        assert not may(user, Verb.VARY, OWN)


def test_a_suspended_account_may_nothing(story: Story) -> None:
    with story.nodes.at("sz"):
        user = story.user("sz-officer")
        user.is_active = False
        assert not may(user, Verb.CLEAR, OWN)


def test_a_person_without_a_role_is_told_whom_to_ask(story: Story) -> None:
    with story.nodes.at("sz"):
        user = story.user("sz-lab")
        user.roles.all().delete()
        answer = may(user, Verb.SEE_PERMIT, NODE)
    assert isinstance(answer, Denied)
    assert "Ask an administrator" in answer.says


def test_the_reason_tells_a_wrong_role_from_somebody_elses_thing(story: Story) -> None:
    with story.nodes.at("sz"):
        wrong_role = may(story.user("sz-lab"), Verb.CLEAR, OWN)
        not_mine = may(story.user("sz-biobank"), Verb.SEE_PERMIT, OWN)
    assert isinstance(wrong_role, Denied)
    assert isinstance(not_mine, Denied)
    assert (wrong_role.code, not_mine.code) == ("not_your_role", "not_yours")


@pytest.mark.parametrize("verb", list(Verb))
def test_who_may_names_exactly_those_whom_may_allows(story: Story, verb: Verb) -> None:
    seers = {(seer.kind, seer.where) for seer in who_may(verb, OWN)}
    with story.nodes.at("sz"):
        for name in PEOPLE:
            user = story.user(name)
            held = {
                (role.kind, where)
                for role in roles_of(user)
                for where in ("", role.organisation_id, role.authority, role.gate)
            }
            assert bool(may(user, verb, OWN)) == bool(seers & held), name


def test_who_may_knows_every_reach() -> None:
    everything = Subject("o", frozenset({"o"}), frozenset({"a"}), frozenset({"g"}), person=1)
    told = {seer.scope for verb in Verb for seer in who_may(verb, everything)}
    assert told == set(Scope)
