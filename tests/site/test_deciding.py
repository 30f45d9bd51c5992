"""Officers decide by page: with reasons, knowing what they saw, and only what is theirs."""

from __future__ import annotations

import pytest
from tests.site.conftest import Stage

CERTIFICATE = "hgr_material_export_certificate"


def _decide(permit: str, seen: str, **changes: object) -> dict[str, object]:
    return {
        "do": "decide",
        "seen": seen,
        "authority": "nhc",
        "measure": CERTIFICATE,
        "decision": "grant",
        "reasons": "The papers are in order.",
        "provisions": ["CN-HGR-27"],
        "number": "HGR-EX-1",
        **changes,
    }


def test_the_queue_says_why_each_case_waits(stage: Stage) -> None:
    stage.story.declare()
    page = stage.get("sz-nhc", "/work/").text
    assert "Multi-centre study" in page
    assert "The law requires it and nothing is held." in page


def test_an_empty_queue_says_what_would_fill_it(stage: Stage) -> None:
    assert "A declaration comes when the law names this desk" in stage.get("sz-nhc", "/work/").text


def test_an_authority_decides_with_reasons_and_provisions(stage: Stage) -> None:
    permit = stage.story.declare()
    address = f"/permits/{permit}/decide/"
    seen = stage.get("sz-nhc", address).hidden("seen")
    assert stage.post("sz-nhc", address, _decide(permit, seen)).goes_to == f"/permits/{permit}/"
    page = stage.get("sz-nhc", f"/permits/{permit}/").text
    assert "The papers are in order." in page
    assert "CN-HGR-27" in page


def test_a_decision_without_reasons_is_refused_and_nothing_is_recorded(stage: Stage) -> None:
    permit = stage.story.declare()
    address = f"/permits/{permit}/decide/"
    seen = stage.get("sz-nhc", address).hidden("seen")
    page = stage.post("sz-nhc", address, _decide(permit, seen, reasons=" "))
    assert page.status == 422
    assert "Nothing was recorded" in page.text
    assert page.hidden("seen") == seen


def test_a_stale_decision_is_refused_with_a_clear_message(stage: Stage) -> None:
    permit = stage.story.declare()
    address = f"/permits/{permit}/decide/"
    seen = stage.get("sz-nhc", address).hidden("seen")
    stage.post("sz-nhc", address, _decide(permit, seen))
    with stage.story.nodes.at("sz"):
        before = stage.story.seen(permit)
    page = stage.post("sz-nhc", address, _decide(permit, seen, decision="refuse"))
    assert page.status == 409
    assert "Somebody acted meanwhile" in page.text
    assert f'href="{address}"' in page.html
    with stage.story.nodes.at("sz"):
        assert stage.story.seen(permit) == before


def test_a_question_reaches_the_applicant(stage: Stage) -> None:
    permit = stage.story.declare()
    address = f"/permits/{permit}/decide/"
    seen = stage.get("sz-nhc", address).hidden("seen")
    stage.post("sz-nhc", address, _decide(permit, seen, decision="ask", reasons="How many donors?"))
    assert "How many donors?" in stage.get("sz-lab", f"/permits/{permit}/").text


def test_the_park_cannot_clear_while_an_authority_has_not_decided(stage: Stage) -> None:
    permit = stage.story.declare()
    address = f"/permits/{permit}/decide/"
    page = stage.get("sz-officer", address)
    assert "each authority the law names must have decided first" in page.text
    refused = stage.post("sz-officer", address, {"do": "clear", "seen": page.hidden("seen")})
    assert refused.status == 409
    assert "This cannot be done now" in refused.text


def test_both_parks_clear_and_the_pass_appears(stage: Stage) -> None:
    permit = stage.story.declare()
    for park in ("sz", "hk"):
        stage.story.grant_all(park, permit)
        address = f"/permits/{permit}/decide/"
        seen = stage.get(f"{park}-officer", address).hidden("seen")
        assert stage.post(f"{park}-officer", address, {"do": "clear", "seen": seen}).status == 302
        stage.story.nodes.settle()
    page = stage.get("sz-lab", f"/permits/{permit}/")
    assert "These goods may cross." in page.text
    assert "TP1:" in page.html
    assert "Every step that the law asks for has been taken." in page.text
    picture = stage.get("sz-lab", f"/permits/{permit}/pass.svg")
    assert picture.response.headers["Content-Type"] == "image/svg+xml"
    assert picture.html.startswith('<svg xmlns="http://www.w3.org/2000/svg"')


def test_a_clearance_may_allow_less_than_was_declared(stage: Stage) -> None:
    permit = stage.story.declare()
    stage.story.grant_all("sz", permit)
    address = f"/permits/{permit}/decide/"
    seen = stage.get("sz-officer", address).hidden("seen")
    fields = {"do": "clear", "seen": seen, "quantity.1": "10", "quantity.2": "80"}
    stage.post("sz-officer", address, fields)
    clearance = stage.story.state("sz", permit).current.cleared["sz"]
    assert [item.quantity for item in clearance.terms.items] == [10, 80]


def test_a_refusal_tells_the_applicant_why_and_lets_a_new_version_be_declared(stage: Stage) -> None:
    permit = stage.story.declare()
    address = f"/permits/{permit}/decide/"
    seen = stage.get("hk-officer", address).hidden("seen")
    fields = {"do": "refuse", "seen": seen, "reasons": "The lane is closed that week."}
    assert stage.post("hk-officer", address, fields).status == 302
    stage.story.nodes.settle()
    page = stage.get("sz-lab", f"/permits/{permit}/")
    assert "The lane is closed that week." in page.text
    assert "Declare a new version" in page.text


def test_a_revoked_permit_shows_no_pass(stage: Stage) -> None:
    permit = stage.story.in_force()
    address = f"/permits/{permit}/decide/"
    seen = stage.get("hk-officer", address).hidden("seen")
    fields = {"do": "revoke", "seen": seen, "reasons": "A box was found open."}
    assert stage.post("hk-officer", address, fields).status == 302
    stage.story.nodes.settle()
    page = stage.get("sz-lab", f"/permits/{permit}/")
    assert "These goods may not cross: revoked." in page.text
    assert "TP1:" not in page.html
    assert stage.get("sz-lab", f"/permits/{permit}/pass.svg").status == 404


@pytest.mark.parametrize("person", ["sz-customs", "sz-lab", "sz-auditor"])
def test_nobody_else_decides_for_an_authority(stage: Stage, person: str) -> None:
    permit = stage.story.declare()
    seen = stage.get("sz-nhc", f"/permits/{permit}/decide/").hidden("seen")
    assert stage.post(person, f"/permits/{permit}/decide/", _decide(permit, seen)).status == 403


def test_the_applicant_withdraws_for_good(stage: Stage) -> None:
    permit = stage.story.declare()
    seen = stage.get("sz-lab", f"/permits/{permit}/").hidden("seen")
    stage.post("sz-lab", f"/permits/{permit}/withdraw/", {"seen": seen})
    assert "Withdrawn by the applicant." in stage.get("sz-lab", f"/permits/{permit}/").text


def test_a_permit_in_force_offers_its_officer_to_revoke_and_not_to_decide(stage: Stage) -> None:
    page = stage.get("sz-officer", f"/permits/{stage.story.in_force()}/").html
    assert [f'/decide/">{word}</a>' in page for word in ("Decide", "Revoke")] == [False, True]
