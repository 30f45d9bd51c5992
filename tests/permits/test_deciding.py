"""Who decides what, on what picture, and what a park can never do by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.story import BECAUSE, HK_WORK, SZ_WORK, Story

from twoparks.federation.types import Stale
from twoparks.law.pack import Bank
from twoparks.permits import actions, bank_law, queries, rules
from twoparks.permits.actions import node
from twoparks.permits.on_trial import LawFor
from twoparks.permits.types import (
    AuthorityAnswer,
    Declaration,
    Invalid,
    NotPossible,
    PermitId,
    Reasons,
    Status,
    Todo,
    Waits,
)
from twoparks.registry.access import Forbidden


def work(story: Story, park: str, permit: PermitId) -> tuple[Todo, ...]:
    with story.nodes.at(park):
        return queries.detail(story.user(f"{park}-officer"), permit, story.nodes.now).work


def grant(authority: str, measure: str) -> AuthorityAnswer:
    return AuthorityAnswer(authority, "grant", BECAUSE, measure=measure)


def test_each_bank_has_the_work_its_own_law_names(story: Story) -> None:
    permit = story.declare()
    for park, expected in (("sz", SZ_WORK), ("hk", HK_WORK)):
        found = {(todo.authorities[0], todo.measures[0]) for todo in work(story, park, permit)}
        assert found == set(expected)


def test_a_declared_permit_is_in_review_once_both_banks_have_determined(story: Story) -> None:
    story.nodes.network.cut = True
    with story.nodes.at("sz"):
        permit = actions.declare(story.user("sz-lab"), story.example(), story.nodes.now)
    assert story.status("sz", permit) == Status.DECLARED
    story.nodes.settle()
    assert {story.status(park, permit) for park in ("sz", "hk")} == {Status.IN_REVIEW}


def test_a_held_approval_that_its_register_confirms_leaves_no_work(story: Story) -> None:
    permit = story.declare()
    checks = story.state("sz", permit).current.checks
    assert {(c.measure, c.answer, c.simulated) for c in checks} == {
        ("hgr_ethics_review", "valid", True),
        ("hgr_international_cooperation_approval", "valid", True),
    }


@pytest.mark.parametrize(
    ("number", "answer"),
    [("EC-2024-009", "expired"), ("EC-0000", "unknown")],
)
def test_a_held_approval_its_register_does_not_confirm_waits_for_the_authority(
    story: Story, number: str, answer: str
) -> None:
    raw = story.example()
    raw["evidence"][0] = {"measure": "hgr_ethics_review", "authority": "ethics_committee", "number": number}
    permit = story.declare(raw)
    (todo,) = [t for t in work(story, "sz", permit) if t.measures == ("hgr_ethics_review",)]
    assert (todo.why, todo.register_answer, todo.authorities) == (
        Waits.REGISTER,
        answer,
        ("ethics_committee",),
    )


def test_an_approval_of_another_holder_waits_for_the_authority(story: Story) -> None:
    raw = story.example()
    raw["evidence"][2]["number"] = "HGR-IC-2025-0007"
    permit = story.declare(raw)
    (todo,) = [t for t in work(story, "sz", permit) if t.why is Waits.REGISTER]
    assert todo.register_answer == "other_holder"


def test_what_the_applicant_has_not_stated_waits_for_the_applicant(story: Story) -> None:
    raw = story.example()
    raw["evidence"] = [e for e in raw["evidence"] if e["measure"] != "hgr_informed_consent"]
    permit = story.declare(raw)
    (todo,) = [t for t in work(story, "sz", permit) if t.why is Waits.STATEMENT]
    assert todo.measures == ("hgr_informed_consent",)
    story.grant_all("sz", permit)
    with pytest.raises(NotPossible, match="Work is left"):
        story.clear("sz", permit)


def test_a_park_officer_cannot_clear_while_an_authority_has_not_decided(story: Story) -> None:
    permit = story.declare()
    for authority, measure in SZ_WORK[:-1]:
        story.decide("sz", permit, grant(authority, measure))
    with pytest.raises(NotPossible, match="Work is left"):
        story.clear("sz", permit)


def test_a_park_officer_cannot_decide_for_an_authority(story: Story) -> None:
    permit = story.declare()
    with story.nodes.at("sz"), pytest.raises(Forbidden):
        actions.decide(
            story.user("sz-officer"), permit, grant(*SZ_WORK[0]), story.seen(permit), story.nodes.now
        )


def test_an_authority_cannot_decide_what_waits_for_another(story: Story) -> None:
    permit = story.declare()
    with pytest.raises(NotPossible, match="does not wait"):
        story.decide("sz", permit, grant("nhc", "customs_declaration"))


def test_a_decision_on_an_old_picture_is_stale_and_records_nothing(story: Story) -> None:
    permit = story.declare()
    with story.nodes.at("sz"):
        seen = story.seen(permit)
        actions.decide(story.user("sz-customs"), permit, grant(*SZ_WORK[1]), seen, story.nodes.now)
        with pytest.raises(Stale) as stale:
            actions.decide(story.user("sz-nhc"), permit, grant(*SZ_WORK[0]), seen, story.nodes.now)
        assert (stale.value.expected, stale.value.found, story.seen(permit)) == (seen, seen + 1, seen + 1)


def test_a_clearance_on_an_old_picture_is_stale(story: Story) -> None:
    permit = story.declare()
    story.grant_all("hk", permit)
    with story.nodes.at("hk"), pytest.raises(Stale):
        actions.clear(story.user("hk-officer"), permit, None, story.seen(permit) - 1, story.nodes.now)


def test_an_authority_that_asks_keeps_the_work_and_shows_its_question(story: Story) -> None:
    permit = story.declare()
    question = Reasons("Which preservative was used?")
    story.decide("hk", permit, AuthorityAnswer("dh", "ask", question, measure=HK_WORK[0][1]))
    (todo,) = work(story, "hk", permit)
    assert (todo.why, todo.question) == (Waits.ASKED, question.text)


def test_what_an_authority_refuses_the_park_can_only_refuse(story: Story) -> None:
    permit = story.declare()
    story.decide("hk", permit, AuthorityAnswer("dh", "refuse", BECAUSE, measure=HK_WORK[0][1]))
    with pytest.raises(NotPossible, match="only be refused"):
        story.clear("hk", permit)
    with story.nodes.at("hk"):
        actions.refuse(story.user("hk-officer"), permit, BECAUSE, story.seen(permit), story.nodes.now)
    story.nodes.settle()
    assert {story.status(park, permit) for park in ("sz", "hk")} == {Status.REFUSED}


def test_an_authority_may_change_its_mind_until_the_park_has_cleared(story: Story) -> None:
    permit = story.declare()
    story.decide("hk", permit, AuthorityAnswer("dh", "refuse", BECAUSE, measure=HK_WORK[0][1]))
    story.decide("hk", permit, grant(*HK_WORK[0]))
    assert work(story, "hk", permit) == ()
    story.clear("hk", permit)
    with pytest.raises(NotPossible, match="has cleared"):
        story.decide("hk", permit, AuthorityAnswer("dh", "refuse", BECAUSE, measure=HK_WORK[0][1]))


def test_what_the_law_forbids_cannot_be_cleared(story: Story) -> None:
    raw = story.example()
    raw["facts"]["payment"] = "price"
    permit = story.declare(raw)
    (todo,) = work(story, "sz", permit)
    assert todo.why is Waits.LAW
    assert "CN-HGR-10" in todo.provisions
    with pytest.raises(NotPossible, match="only be refused"):
        story.clear("sz", permit)


def test_nothing_is_in_force_with_one_clearance(story: Story) -> None:
    permit = story.declare()
    story.grant_all("sz", permit)
    story.clear("sz", permit)
    story.nodes.settle()
    for park in ("sz", "hk"):
        state = story.state(park, permit)
        assert (story.status(park, permit), dict(state.current.signed)) == (Status.CLEARED_BY_ONE, {})


def test_reasons_are_needed_to_decide(story: Story) -> None:
    permit = story.declare()
    with pytest.raises(Invalid, match="say why"):
        story.decide("hk", permit, AuthorityAnswer("dh", "grant", Reasons("  "), measure=HK_WORK[0][1]))


def test_a_provision_that_does_not_apply_cannot_be_cited(story: Story) -> None:
    permit = story.declare()
    reasons = replace(BECAUSE, provisions=("CN-DAT-99",))
    with pytest.raises(Invalid, match="CN-DAT-99"):
        story.decide("hk", permit, AuthorityAnswer("dh", "grant", reasons, measure=HK_WORK[0][1]))


def test_decisions_and_register_answers_never_leave_their_park(story: Story) -> None:
    permit = story.in_force()
    with story.nodes.at("hk"):
        detail = queries.detail(story.user("hk-officer"), permit, story.nodes.now)
    foreign = {act.kind for act in detail.acts if act.park == "sz"}
    assert foreign == {"permit.declared", "permit.determined", "permit.cleared", "permit.signed"}


def test_a_clearance_names_the_measures_and_authorities_it_rests_on(story: Story) -> None:
    permit = story.in_force()
    grounds = story.state("hk", permit).current.cleared["sz"].grounds
    assert {(g["authority"], g["measure"]) for g in grounds} >= set(SZ_WORK)


def test_a_permit_nobody_declared_is_not_found(story: Story) -> None:
    with story.nodes.at("sz"), pytest.raises(rules.NoPermit):
        queries.detail(story.user("sz-officer"), PermitId("sz-p-nothing"), story.nodes.now)


def test_an_open_permit_is_determined_again_when_the_packs_changed(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    permit = story.declare()

    def digests() -> list[str]:
        with story.nodes.at("sz"):
            found = queries.detail(story.user("sz-officer"), permit, story.nodes.now).acts
        return [
            act.body["pack_digest"] for act in found if act.kind == "permit.determined" and act.park == "sz"
        ]

    with story.nodes.at("sz"):
        assert actions.follow_law(story.nodes.now) == 0
    asked = bank_law.ask

    def later(declaration: Declaration, bank: Bank, under: LawFor) -> bank_law.BankAnswer:
        found = asked(declaration, bank, under)
        return replace(found, all=tuple(replace(answer, pack_digest="f" * 64) for answer in found.all))

    monkeypatch.setattr(node, "ask", later)
    with story.nodes.at("sz"):
        assert actions.follow_law(story.nodes.now) == 1
        assert actions.follow_law(story.nodes.now) == 0
    assert digests()[-1] == "f" * 64


def test_reasons_of_several_lines_are_kept_with_plain_line_ends(story: Story) -> None:
    permit = story.declare()
    with story.nodes.at("sz"):
        said = Reasons("The seal is broken.\r\nThe list is not.\r\n")
        actions.refuse(story.user("sz-officer"), permit, said, story.seen(permit), story.nodes.now)
    refused = story.state("sz", permit).current.refused
    assert "The seal is broken.\nThe list is not." in repr(refused).replace("\\n", "\n")


def test_reasons_with_control_characters_are_refused(story: Story) -> None:
    permit = story.declare()
    with story.nodes.at("sz"), pytest.raises(Invalid, match="plain text"):
        actions.refuse(
            story.user("sz-officer"), permit, Reasons("a\x16b"), story.seen(permit), story.nodes.now
        )


def test_a_number_longer_than_a_document_carries_is_refused(story: Story) -> None:
    permit = story.declare()
    answer = AuthorityAnswer(
        "nhc", "grant", BECAUSE, measure="hgr_material_export_certificate", number="9" * 81
    )
    with pytest.raises(Invalid, match="80"):
        story.decide("sz", permit, answer)
