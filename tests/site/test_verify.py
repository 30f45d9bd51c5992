"""The public check of a pass: each answer there can be, by text, by printed address and over the API, and what it never shows."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from tests.site.conftest import Shown, Stage
from tests.travel import BACK, OUT, Travel

from twoparks.federation import keys
from twoparks.ledger.keys import KeyPurpose
from twoparks.passes.qr import from_text, to_text
from twoparks.permits import actions, issued
from twoparks.permits.types import PermitId, Reasons
from twoparks.site.paper.verify import DIGEST_LETTERS

GARBAGE = [
    "hello",
    "TP1:",
    "TP1:%%%",
    "TP1:ABC",
    "TH1:6BFOXN",
    "TP1:" + "A" * 1015,
    "http://elsewhere/verify/x/y/",
    "\x00\x01",
]


def ask(stage: Stage, given: str, park: str = "hk") -> Shown:
    """The page's answer to what a stranger scanned or typed."""
    with stage.story.nodes.at(park):
        return Shown(stage.client(park).post("/verify/", {"given": given}))


def outcome(stage: Stage, given: str, park: str = "hk") -> tuple[str, str]:
    """The API's answer: outcome and code."""
    with stage.story.nodes.at(park):
        body = {"given": given}
        found = stage.client(park).post("/api/verify", body, content_type="application/json").json()
    return found["outcome"], found["code"]


def address(stage: Stage, permit: PermitId, park: str = "sz", version: int = 1) -> str:
    """The address that one park prints on the permit, without the park's own name."""
    state = stage.story.state(park, permit)
    signed = state.versions[version - 1].signed
    return f"/verify/{permit}/{next(iter(signed.values())).permit_digest[:DIGEST_LETTERS]}/"


def in_force(stage: Stage) -> tuple[PermitId, str]:
    """A permit both parks know, each with a fresh list of the other, and its pass."""
    permit = stage.story.in_force()
    stage.story.exchange_documents()
    return permit, stage.story.code("sz", permit)


def revoke(stage: Stage, permit: PermitId, park: str = "hk") -> None:
    """The park's officer revokes; the other park is not told here."""
    with stage.story.nodes.at(park):
        officer, seen = stage.story.user(f"{park}-officer"), stage.story.seen(permit)
        actions.revoke(officer, permit, Reasons("Recalled by the maker."), seen, stage.story.nodes.now)


def revoked(stage: Stage, permit: PermitId) -> None:
    revoke(stage, permit)
    stage.story.nodes.settle()


def withdrawn(stage: Stage, permit: PermitId) -> None:
    with stage.story.nodes.at("sz"):
        actions.withdraw(stage.story.user("sz-lab"), permit, stage.story.seen(permit), stage.story.nodes.now)
    stage.story.nodes.settle()


def replaced(stage: Stage, permit: PermitId) -> None:
    with stage.story.nodes.at("sz"):
        raw = {**stage.story.example(), "seal": "SEAL-448121"}
        seen = stage.story.seen(permit)
        actions.vary(stage.story.user("sz-lab"), permit, raw, seen, stage.story.nodes.now)
    stage.story.nodes.settle()


def used(stage: Stage, permit: PermitId) -> None:
    stage.story.cross(permit)


@pytest.mark.parametrize("park", ["sz", "hk"])
def test_a_permit_that_stands_is_valid_at_both_parks(stage: Stage, park: str) -> None:
    permit, code = in_force(stage)
    assert outcome(stage, code, park) == ("valid", "valid")
    assert outcome(stage, address(stage, permit), park) == ("valid", "valid")


@pytest.mark.parametrize(
    ("end", "code"),
    [(revoked, "revoked"), (withdrawn, "withdrawn"), (replaced, "replaced"), (used, "used_up")],
)
@pytest.mark.parametrize("park", ["sz", "hk"])
def test_a_permit_that_ended_says_how(
    stage: Stage, park: str, end: Callable[[Stage, PermitId], None], code: str
) -> None:
    permit, text = in_force(stage)
    printed = address(stage, permit)
    end(stage, permit)
    assert outcome(stage, text, park) == ("ended", code)
    assert outcome(stage, printed, park) == ("ended", code)


def test_whether_a_person_s_single_permit_was_used_is_told_nobody(stage: Stage) -> None:
    travel = Travel(stage.story)
    permit = travel.in_force(uses=1, control_points=["gate_1"])
    travel.pass_gates(permit, *OUT)
    stage.story.exchange_documents()
    code = stage.story.code("sz", permit)
    travel.pass_gates(permit, *BACK)
    stage.story.exchange_documents()
    assert outcome(stage, code) == ("valid", "valid")
    assert "not whether it was used" in ask(stage, code).text


def test_a_revocation_heard_by_the_status_list_alone_ends_it_too(stage: Stage) -> None:
    permit, code = in_force(stage)
    revoke(stage, permit, "hk")
    stage.story.exchange_documents()
    with stage.story.nodes.at("sz"):
        assert not issued.permit_state(permit).current.revoked
    assert outcome(stage, code, "sz") == ("ended", "revoked")


def test_the_page_names_the_park_that_revoked_and_when_each_was_heard(stage: Stage) -> None:
    permit, code = in_force(stage)
    revoked(stage, permit)
    page = ask(stage, code, "sz").text
    assert "It was revoked by Hong Kong Park." in page
    assert "fetched on 22 November 2026" in page


def test_before_its_first_day_it_is_not_valid(stage: Stage) -> None:
    _permit, code = in_force(stage)
    stage.story.nodes.tick(-2 * 86_400)
    assert outcome(stage, code) in {("not_now", "not_yet_valid"), ("refused", "key_not_yet_valid")}


def test_after_its_last_day_it_is_no_longer_valid(stage: Stage) -> None:
    _permit, code = in_force(stage)
    stage.story.nodes.tick(16 * 86_400)
    assert outcome(stage, code) == ("not_now", "expired")


def test_without_fresh_word_of_the_other_park_nothing_is_promised(stage: Stage) -> None:
    _permit, code = in_force(stage)
    stage.story.nodes.tick(901)
    assert outcome(stage, code) == ("undecided", "status_old")


def test_one_false_signature_is_refused(stage: Stage) -> None:
    _permit, code = in_force(stage)
    raw = bytearray(from_text(code))
    raw[-1] ^= 1
    assert outcome(stage, to_text(bytes(raw))) == ("refused", "signature_false")


def test_changed_claims_are_refused(stage: Stage) -> None:
    permit, code = in_force(stage)
    raw = from_text(code).replace(permit.encode(), permit.encode()[:-1] + b"z")
    assert outcome(stage, to_text(raw)) == ("refused", "signature_false")


def test_a_pass_under_a_key_that_was_given_up_asks_for_a_fresh_print(stage: Stage) -> None:
    permit, code = in_force(stage)
    with stage.story.nodes.at("hk"):
        lost = keys.node_keys().trust_list.active(KeyPurpose.PASSES).kid
        keys.compromise(lost, stage.story.nodes.now)
        actions.follow_keys(stage.story.nodes.tick(2))
    stage.story.exchange_documents()
    stage.story.nodes.settle()
    stage.story.exchange_documents()
    assert outcome(stage, code) == ("refused", "key_compromised")
    assert "a fresh print is good" in ask(stage, code).text
    assert outcome(stage, address(stage, permit)) == ("valid", "valid")


def test_a_permit_of_the_same_keys_that_this_park_does_not_hold_is_unknown(stage: Stage) -> None:
    permit, code = in_force(stage)
    from twoparks.federation.models import Act

    with stage.story.nodes.at("hk"):
        Act.objects.filter(stream=permit).update(envelope=None)
    assert outcome(stage, code) == ("unknown", "permit_unknown")


@pytest.mark.parametrize("change", ["digest", "permit", "short"])
def test_an_address_that_is_not_the_printed_one_is_unknown_whatever_exists(stage: Stage, change: str) -> None:
    permit, _code = in_force(stage)
    right = address(stage, permit)
    wrong = {
        "digest": re.sub(r"/[0-9a-f]{24}/", "/" + "0" * 24 + "/", right),
        "permit": right.replace(permit, "sz-p-000000000000"),
        "short": re.sub(r"/([0-9a-f]{8})[0-9a-f]{16}/", r"/\1/", right),
    }[change]
    page = stage.visit("hk", wrong)
    assert (page.status, "Not known here" in page.text) == (200, True)


def test_a_permit_not_yet_signed_is_unknown_by_address(stage: Stage) -> None:
    permit = stage.story.declare()
    assert "Not known here" in stage.visit("sz", f"/verify/{permit}/{'0' * 24}/").text


@pytest.mark.parametrize("given", GARBAGE)
def test_what_is_no_pass_is_said_to_be_none(stage: Stage, given: str) -> None:
    page = ask(stage, given)
    assert (page.status, "neither the text of a pass" in page.text) == (422, True)


def test_the_api_answers_garbage_with_a_problem(stage: Stage) -> None:
    with stage.story.nodes.at("hk"):
        answer = stage.client("hk").post("/api/verify", {"given": "hello"}, content_type="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")


def test_a_text_with_a_line_end_from_a_reader_is_read(stage: Stage) -> None:
    _permit, code = in_force(stage)
    assert outcome(stage, code + "\r\n") == ("valid", "valid")


@pytest.mark.parametrize("language", ["en", "zh-hant", "zh-hans"])
def test_the_answer_shows_no_goods_no_organisation_and_no_person(stage: Stage, language: str) -> None:
    permit, code = in_force(stage)
    declaration = stage.story.state("sz", permit).current.declaration
    told = [item.description for item in declaration.items] + list(
        declaration.goods.labels if declaration.goods else ()
    )
    told += [*declaration.sender.name.values(), *declaration.recipient.name.values()]
    told += [declaration.sender.id, declaration.recipient.id, *declaration.project.title.values()]
    for page in (
        stage.visit("hk", address(stage, permit), **{"Accept-Language": language}),
        ask(stage, code),
    ):
        assert [each for each in told if each in page.html] == []


def test_the_page_asks_for_nothing_but_the_code_and_needs_no_script(stage: Stage) -> None:
    page = stage.visit("hk", "/verify/")
    assert page.status == 200
    assert re.findall(r'<button class="button second" type="button" data-camera hidden>', page.html)
    assert re.findall(r'<form method="post" action="/verify/"', page.html)


def test_a_check_asks_the_database_a_few_questions_however_often_the_pass_was_used(stage: Stage) -> None:
    permit, code = in_force(stage)
    with stage.story.nodes.at("hk"):
        few = _asked(stage, code)
    stage.story.cross(permit)
    with stage.story.nodes.at("hk"):
        many = _asked(stage, code)
    assert (many - few <= 1, many <= 8) == (True, True), (few, many)


def _asked(stage: Stage, code: str) -> int:
    with CaptureQueriesContext(connections["default"]) as asked:
        assert stage.client("hk").post("/verify/", {"given": code}).status_code == 200
    return len(asked)


def test_the_front_page_leads_to_the_check(stage: Stage) -> None:
    assert 'href="/verify/"' in stage.visit("hk", "/").html
