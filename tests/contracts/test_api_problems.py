"""Whatever goes wrong under /api/ is said as problem details, in the reader's language."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client, RequestFactory
from tests.contracts.calling import Caller

from twoparks.site.calls import door

WRONG: dict[str, tuple[int, str, dict[str, Any]]] = {
    "an address nobody knows": (404, "not_found", {"path": "/nowhere"}),
    "an address nobody knows, with a slash": (404, "not_found", {"path": "/permits/x/y/z/"}),
    "a method that is not taken": (405, "no_such_method", {"method": "PATCH", "path": "/permits"}),
    "no JSON": (400, "not_json", {"method": "POST", "data": "{"}),
    "JSON that is not UTF-8": (400, "not_json", {"method": "POST", "data": b'{"a": "\xff"}'}),
    "half a character": (400, "not_json", {"method": "POST", "data": r'{"title": "\ud800"}'}),
    "NUL": (400, "not_json", {"method": "POST", "data": r'{"title": "\u0000"}'}),
    "NaN": (400, "not_json", {"method": "POST", "data": '{"uses": NaN}'}),
    "a number no reader holds": (400, "not_json", {"method": "POST", "data": '{"uses": 9007199254740992}'}),
    "a number of ten thousand digits": (400, "not_json", {"method": "POST", "data": "1" * 10_000}),
    "a name twice": (400, "not_json", {"method": "POST", "data": '{"uses": 1, "uses": 2}'}),
    "a very deep nest": (400, "not_json", {"method": "POST", "data": "[" * 100_000}),
    "a nest a bit too deep": (400, "not_json", {"method": "POST", "data": "[" * 40 + "]" * 40}),
    "a body of another kind": (
        415,
        "not_json",
        {"method": "POST", "data": "a=1", "Content_Type": "text/plain"},
    ),
    "a body too large": (413, "too_large", {"method": "POST", "data": " " * (door.MOST_BYTES + 1)}),
    "NUL in the address": (400, "malformed_request", {"path": "/permits/%00"}),
    "NUL in the query": (400, "malformed_request", {"path": "/permits?project=%00"}),
    "too many fields in the query": (400, "malformed_request", {"path": "/permits?" + "a&" * 1_001}),
    "a page that is no number": (422, "malformed", {"path": "/queue?page=many"}),
    "a page beyond any list": (422, "malformed", {"path": f"/queue?page={10**30}"}),
    "a body that is missing": (422, "malformed", {"method": "POST", "path": "/permits/x/refusal"}),
    "a field nobody knows": (
        422,
        "malformed",
        {"method": "POST", "path": "/permits/x/withdrawal", "data": '{"seen": 1, "colour": "blue"}'},
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_a_problem(call: Caller, what: str) -> None:
    status, code, said = WRONG[what]
    asked = {"method": "GET", "path": "/permits", "data": "", **said}
    answer = call.raw("sz-lab", asked.pop("method"), asked.pop("path"), asked.pop("data"), **asked)
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    told = answer.json()
    assert (answer.status_code, told["type"]) == (status, f"urn:twoparks:problem:{code}"), told
    assert (told["status"], bool(told["title"]), bool(told["detail"])) == (status, True, True)


def test_a_body_without_length_is_refused_not_taken_as_empty(call: Caller) -> None:
    token = f"Bearer {call.token('sz-lab')}"
    said = {"Authorization": token, "Transfer-Encoding": "chunked"}
    with call.story.nodes.at("sz"):
        request = RequestFactory().post("/api/drafts", headers=said, content_type="application/json")
        del request.META["CONTENT_LENGTH"]
        answer = get_wsgi_application().get_response(request)
    assert (answer.status_code, json.loads(answer.content)["type"]) == (411, "urn:twoparks:problem:no_length")


def test_a_method_not_taken_says_which_are(call: Caller) -> None:
    assert set(call("sz-lab", "PUT", "/permits").headers["Allow"].split(", ")) == {"GET", "POST"}


def test_a_fault_of_ours_is_a_problem_without_its_cause(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*given: object) -> None:
        raise RuntimeError("the password is xyzzy")

    monkeypatch.setattr("twoparks.permits.api.lists.answer", fault)
    answer = call("sz-lab", "GET", "/permits")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:twoparks:problem:fault")
    assert "xyzzy" not in answer.content.decode()


def test_a_fault_before_any_operation_is_a_problem_too(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*given: object) -> None:
        raise RuntimeError("a broken middleware")

    monkeypatch.setattr("allauth.account.middleware.AccountMiddleware.process_view", fault, raising=False)
    monkeypatch.setattr("twoparks.site.refusals.Refusals.__call__", fault)
    client = Client(raise_request_exception=False)
    with call.story.nodes.at("sz"):
        answer = client.get("/api/zone")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")


def test_a_browser_without_its_form_token_is_told(call: Caller) -> None:
    client = Client(enforce_csrf_checks=True)
    with call.story.nodes.at("sz"):
        client.force_login(call.story.user("sz-lab"))
        answer = client.post("/api/permits/check", "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:twoparks:problem:no_form_token")


@pytest.mark.parametrize(
    ("asked", "title", "given"),
    [
        ("en", "Too large", "en"),
        ("zh-HK", "內容太大", "zh-hant"),
        ("zh-Hant", "內容太大", "zh-hant"),
        ("zh-CN,zh;q=0.9", "内容过大", "zh-hans"),
    ],
)
def test_a_problem_speaks_the_readers_language(call: Caller, asked: str, title: str, given: str) -> None:
    answer = call.raw("sz-lab", "POST", "/permits", " " * (door.MOST_BYTES + 1), Accept_Language=asked)
    assert (answer.json()["title"], answer.headers["Content-Language"]) == (title, given)


def test_a_malformed_field_is_told_in_the_readers_language(call: Caller) -> None:
    answer = call("sz-lab", "POST", "/permits/x/withdrawal", {"seen": "many"}, Accept_Language="zh-Hans")
    assert answer.json()["problems"] == [{"path": "seen", "value": None, "says": "这里须为整数。"}]
