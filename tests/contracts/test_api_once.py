"""A write asked for under an Idempotency-Key happens once, whatever happens to its answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from tests.contracts.calling import Caller
from tests.two_nodes import Killed

from twoparks.permits.models import Draft
from twoparks.site.calls import once
from twoparks.site.models import Answered

BODY = {"project": "sz-j-multicentre", "seal": "S-1"}


def keep(call: Caller, key: str = "k-1", person: str = "sz-lab", body: Any = None) -> HttpResponse:
    """Keep a draft under a key."""
    return call(person, "POST", "/drafts", body or BODY, Idempotency_Key=key)


def drafts(call: Caller) -> int:
    """How many drafts the Shenzhen node holds."""
    with call.story.nodes.at("sz"):
        return Draft.objects.count()


def test_the_answer_is_given_again_and_nothing_is_done_twice(call: Caller) -> None:
    first, second = keep(call), keep(call)
    assert (first.status_code, second.status_code, drafts(call)) == (201, 201, 1)
    assert first.content == second.content
    assert ("Idempotency-Replayed" in first.headers, second.headers["Idempotency-Replayed"]) == (
        False,
        "true",
    )


def test_an_answer_without_content_is_given_again_without_content(call: Caller) -> None:
    made = keep(call).json()["id"]
    first, second = (call("sz-lab", "DELETE", f"/drafts/{made}", Idempotency_Key="k-2") for _ in range(2))
    assert [(a.status_code, a.content) for a in (first, second)] == [(204, b"")] * 2


def test_another_key_is_another_request(call: Caller) -> None:
    keep(call, "k-1")
    keep(call, "k-2")
    assert drafts(call) == 2


def test_another_body_under_the_same_key_is_refused(call: Caller) -> None:
    keep(call)
    answer = keep(call, body={**BODY, "seal": "S-2"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:twoparks:problem:key_reused")


def test_a_key_belongs_to_one_account(call: Caller) -> None:
    keep(call)
    answer = keep(call, person="sz-biobank", body={"seal": "S-3"})
    assert (answer.status_code, drafts(call)) == (201, 2)


def test_after_a_day_the_key_is_free(call: Caller) -> None:
    keep(call)
    call.story.nodes.tick(once.KEPT.total_seconds())
    keep(call)
    assert drafts(call) == 2


def test_a_refusal_is_not_remembered(call: Caller) -> None:
    permit = call.story.declare()
    body = {"seen": call.seen("sz-officer", permit)}
    early = call("sz-officer", "POST", f"/permits/{permit}/clearance", body, Idempotency_Key="k")
    with call.story.nodes.at("sz"):
        assert (early.status_code, Answered.objects.count()) == (409, 0)


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "schlüssel"])
def test_a_key_that_is_none_is_refused(call: Caller, key: str) -> None:
    answer = keep(call, key)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:twoparks:problem:key_malformed")


def _claimed(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process took the key and died before it could finish."""
    with monkeypatch.context() as patched:
        patched.setattr(once, "_give_up", lambda *claim: None)
        patched.setattr("twoparks.permits.actions.save_draft", _dies)
        with pytest.raises(Killed):
            keep(call)


def _dies(*given: object) -> None:
    raise Killed


def test_a_request_still_being_done_asks_for_patience(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    _claimed(call, monkeypatch)
    call.story.nodes.tick(10)
    answer = keep(call)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:twoparks:problem:being_done")
    assert int(answer.headers["Retry-After"]) == once.CLAIM_S - 10


def test_a_request_whose_process_died_is_done_by_the_next(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    _claimed(call, monkeypatch)
    call.story.nodes.tick(once.CLAIM_S)
    assert (keep(call).status_code, drafts(call)) == (201, 1)


@pytest.mark.parametrize("statement", range(1, 12))
def test_killed_at_any_statement_the_write_happens_once(
    call: Caller, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    with monkeypatch.context() as patched, call.story.nodes.killed_at("sz", statement):
        patched.setattr(once, "_give_up", lambda *claim: None)
        keep(call)
    call.story.nodes.tick(once.CLAIM_S)
    assert (keep(call).status_code, drafts(call)) == (201, 1)


def test_who_lost_its_claim_keeps_nothing(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    from twoparks.permits import actions

    slow = actions.save_draft

    def overtaken(*given: Any) -> Draft:
        Answered.objects.update(claim="another process")
        return slow(*given)

    with monkeypatch.context() as patched:
        patched.setattr(actions, "save_draft", overtaken)
        answer = keep(call)
    assert (answer.status_code, drafts(call)) == (409, 0)


def test_old_answers_are_forgotten(call: Caller) -> None:
    keep(call)
    with call.story.nodes.at("sz"):
        once.forget(call.story.nodes.now + once.KEPT - timedelta(seconds=1))
        left = Answered.objects.count()
        once.forget(call.story.nodes.now + once.KEPT)
        assert (left, Answered.objects.count()) == (1, 0)
