"""The API offers what the pages offer, by the same rules, and says plainly what is wrong."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.contracts.calling import Caller
from tests.story import ENTRY, EXIT, LABELS

from twoparks.site.api import api
from twoparks.site.calls.description import examples

OPEN = {
    ("get", "/api/zone"),
    ("get", "/api/figures"),
    ("get", "/api/today"),
    ("post", "/api/check"),
    ("post", "/api/verify"),
    ("get", "/api/verify/{permit_id}/{digest}"),
    ("get", "/api/trials/register"),
    ("get", "/api/trials/register/{trial_id}"),
    ("get", "/api/trials/register/{trial_id}/pdf"),
}


def _operations() -> list[tuple[str, str]]:
    paths = api.get_openapi_schema()["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods]


def test_the_description_is_openapi_and_every_operation_says_what_it_does(call: Caller) -> None:
    schema = call("sz", "GET", "/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    operations = [o for methods in schema["paths"].values() for o in methods.values()]
    assert [o["operationId"] for o in operations if not (o.get("summary") and o.get("description"))] == []


def test_the_description_is_shown_as_a_page(call: Caller) -> None:
    page = call("sz", "GET", "/").content.decode()
    assert [path for _method, path in _operations() if path not in page] == []


@pytest.mark.parametrize(("method", "path"), sorted(set(_operations()) - OPEN))
def test_an_operation_asks_a_stranger_to_sign_in(call: Caller, method: str, path: str) -> None:
    address = path.removeprefix("/api").replace("{", "").replace("}", "")
    answer = call("sz", method.upper(), address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")


@pytest.mark.parametrize(("method", "path"), sorted(OPEN))
def test_counts_the_zone_the_law_and_checks_are_open_to_everybody(
    call: Caller, method: str, path: str
) -> None:
    operation = api.get_openapi_schema()["paths"][path][method]
    body = examples()[operation["operationId"]]["request"]
    answer = call("sz", method.upper(), path.removeprefix("/api").replace("{", "").replace("}", ""), body)
    nobody_knows_it = (
        "{trial_id}" in path
    )  # a trial of that number; the main point is that nobody has to sign in
    assert answer.status_code == (404 if nobody_knows_it else 200)


def test_the_main_job_goes_through_the_api(call: Caller) -> None:
    story = call.story
    permit = call("sz-lab", "POST", "/permits", story.example()).json()["id"]
    story.nodes.settle()
    for park in ("sz", "hk"):
        for officer, authority in _queue_owners(park):
            for line in call(officer, "GET", f"/queue?authority={authority}").json()["rows"]:
                for work in line["work"]:
                    body = {
                        "authority": authority,
                        "decision": "grant",
                        "measure": work["measures"][0],
                        "reasons": "The papers are in order.",
                        "seen": call.seen(officer, permit),
                    }
                    assert call(officer, "POST", f"/permits/{permit}/decisions", body).status_code == 200
        officer = f"{park}-officer"
        body = {"seen": call.seen(officer, permit)}
        assert call(officer, "POST", f"/permits/{permit}/clearance", body).status_code == 200
        story.nodes.settle()
    code = call("sz-lab", "GET", f"/permits/{permit}/pass").json()["text"]
    for gate, person in ((EXIT, "sz-gate"), (ENTRY, "hk-gate")):
        story.exchange_documents()
        call(person, "POST", f"/gates/{gate}/refresh")
        verdict = call(person, "POST", f"/gates/{gate}/scan", {"code": code, "labels": LABELS}).json()
        assert verdict["light"] == "green", verdict
        call(person, "POST", f"/gates/{gate}/refresh")
        story.nodes.settle()
    assert call("hk-lab", "GET", f"/permits/{permit}").json()["status"] == "completed"
    crossing = call("sz-officer", "GET", f"/crossings/{permit}-x1").json()
    assert (crossing["state"], crossing["exit"]["gate"], crossing["entry"]["gate"]) == (
        "reconciled",
        EXIT,
        ENTRY,
    )


def _queue_owners(park: str) -> list[tuple[str, str]]:
    return {"sz": [("sz-nhc", "nhc"), ("sz-customs", "customs_ml")], "hk": [("hk-dh", "dh")]}[park]


def test_a_wrong_declaration_names_every_problem(call: Caller) -> None:
    raw = call.story.example()
    raw["items"][0]["quantity"] = -1
    raw["valid_until"] = "2026-02-31"
    raw["colour"] = "blue"
    answer = call("sz-lab", "POST", "/permits", raw)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    told = answer.json()
    assert (told["status"], told["type"]) == (422, "urn:twoparks:problem:invalid")
    assert {p["path"] for p in told["problems"]} == {"items.1.quantity", "valid_until", "colour"}


def test_a_check_declares_nothing(call: Caller) -> None:
    answer = call("sz-lab", "POST", "/permits/check", call.story.example())
    assert answer.json()["items"][0]["quantity"] == 40
    assert call("sz-lab", "GET", "/permits").json()["total"] == 0


def test_a_stale_decision_is_a_conflict(call: Caller) -> None:
    permit = call.story.declare()
    body = {"reasons": "No.", "seen": call.seen("sz-officer", permit) - 1}
    answer = call("sz-officer", "POST", f"/permits/{permit}/refusal", body)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:twoparks:problem:stale")


def test_clearing_too_early_is_a_conflict_that_says_why(call: Caller) -> None:
    permit = call.story.declare()
    body = {"seen": call.seen("sz-officer", permit)}
    answer = call("sz-officer", "POST", f"/permits/{permit}/clearance", body)
    assert answer.status_code == 409
    assert "each authority the law names must have decided first" in answer.json()["detail"]


def test_somebody_elses_permit_is_refused(call: Caller) -> None:
    permit = call.story.declare()
    answer = call("sz-biobank", "GET", f"/permits/{permit}")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:twoparks:problem:not_yours")


def test_a_permit_that_does_not_exist_is_not_found(call: Caller) -> None:
    answer = call("sz-lab", "GET", "/permits/sz-p-000000000000")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_a_body_of_the_wrong_shape_says_where(call: Caller) -> None:
    permit = call.story.declare()
    answer = call("sz-officer", "POST", f"/permits/{permit}/refusal", {"reasons": "No.", "seen": "many"})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["path"].endswith("seen")


def test_terms_of_the_wrong_shape_are_refused(call: Caller) -> None:
    permit = call.story.declare()
    body = {"seen": call.seen("sz-officer", permit), "terms": {"items": "all"}}
    assert call("sz-officer", "POST", f"/permits/{permit}/clearance", body).status_code == 422


def test_a_form_token_is_asked_of_browsers(call: Caller) -> None:
    with call.story.nodes.at("sz"):
        client = Client(enforce_csrf_checks=True)
        client.force_login(call.story.user("sz-lab"))
        answer = client.post("/api/permits/check", "{}", content_type="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")


def test_the_law_is_asked_without_recording_anything(call: Caller) -> None:
    facts = {k: v for k, v in call.story.example()["facts"].items() if k != "goods_kind"}
    body = {"crosses": "sz-hk", "on": "2026-11-22", "facts": facts}
    answers = call("sz-lab", "POST", "/determination", body).json()
    assert set(answers) == {"ml", "hk"}
    asked = call("sz-lab", "POST", "/questions", {**body, "facts": {}}).json()
    assert "goods_kind" in {question["name"] for question in asked}


def test_a_fact_the_law_does_not_know_is_refused(call: Caller) -> None:
    body = {"crosses": "sz-hk", "on": "2026-11-22", "facts": {"colour": "blue"}}
    answer = call("sz-lab", "POST", "/determination", body)
    assert answer.status_code == 422
    assert "colour" in answer.json()["detail"]


def test_a_draft_is_kept_changed_and_thrown_away(call: Caller) -> None:
    made = call("sz-lab", "POST", "/drafts", {"project": "sz-j-multicentre", "seal": "S-1"}).json()
    changed = call("sz-lab", "PUT", f"/drafts/{made['id']}", {"project": "sz-j-multicentre", "seal": "S-2"})
    assert changed.json()["content"]["seal"] == "S-2"
    assert call("sz-biobank", "DELETE", f"/drafts/{made['id']}").status_code == 403
    assert call("sz-lab", "DELETE", f"/drafts/{made['id']}").status_code == 204
    assert call("sz-lab", "GET", "/drafts").json() == []


def test_the_auditor_proves_the_log(call: Caller) -> None:
    call.story.in_force()
    found = call("sz-auditor", "POST", "/ledger/proof").json()
    assert found["whole"]
    assert found["leaves"] > 0
    assert call("sz-lab", "GET", "/ledger").status_code == 403


def test_a_project_is_opened_and_its_approval_kept(call: Caller) -> None:
    body = {"organisation": "sz-o-riverbank", "partner": "hk-o-southbank", "title": {"en": "Second study"}}
    made = call("sz-lab-admin", "POST", "/projects", body).json()
    approval = {
        "measure": "hgr_ethics_review",
        "authority": "ethics_committee",
        "number": "EC-9",
        "valid_from": "2026-11-01",
    }
    assert call("sz-lab-admin", "POST", f"/projects/{made['id']}/approvals", approval).status_code == 201
    detail = call("sz-lab", "GET", f"/projects/{made['id']}").json()
    assert [a["number"] for a in detail["approvals"]] == ["EC-9"]
    wrong = call("sz-lab-admin", "POST", "/projects", {**body, "partner": "hk-o-nobody"})
    assert (wrong.status_code, wrong.json()["problems"][0]["path"]) == (422, "partner")


def test_no_answer_carries_a_persons_name(call: Caller) -> None:
    permit = call.story.declare()
    told = call("sz-officer", "GET", f"/permits/{permit}/acts").content.decode()
    assert "sz-lab" not in told
    assert "Lin Xiaohe" not in told
