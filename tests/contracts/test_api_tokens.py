"""A token acts for a person, within what it was given and what that person may do at that moment."""

from __future__ import annotations

import logging

import pytest
from django.db import connection
from tests.contracts.calling import Caller

from twoparks.registry.access import Verb
from twoparks.registry.actions import NotAccepted
from twoparks.registry.models import Role, Token, User
from twoparks.registry.tokens import MOST_LIVE, NewToken, make_token, revoke_token

READS = (Verb.SEE_PERMIT, Verb.SEE_PROJECT)


def test_a_token_declares_without_browser_or_form_token(call: Caller) -> None:
    token = call.token("sz-lab", Verb.DECLARE, *READS)
    made = call.with_token(token, "POST", "/permits", call.story.example())
    assert made.status_code == 201, made.content
    assert call.with_token(token, "GET", f"/permits/{made.json()['id']}").status_code == 200


def test_a_token_does_nothing_it_was_not_given(call: Caller) -> None:
    answer = call.with_token(call.token("sz-lab", *READS), "POST", "/permits", call.story.example())
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:twoparks:problem:not_in_token")


def test_a_list_shows_nothing_a_token_may_not_see(call: Caller) -> None:
    call.story.declare()
    seen = [
        call.with_token(call.token("sz-lab", verb), "GET", "/permits").json()["total"]
        for verb in (Verb.SEE_PERMIT, Verb.SEE_PROJECT)
    ]
    assert seen == [1, 0]


def test_a_token_gives_no_more_than_its_owner_may_do_now(call: Caller) -> None:
    permit, token = call.story.declare(), call.token("sz-officer")
    assert call.with_token(token, "GET", f"/permits/{permit}").status_code == 200
    with call.story.nodes.at("sz"):
        Role.objects.filter(user__username="sz-officer").delete()
    answer = call.with_token(token, "GET", f"/permits/{permit}")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:twoparks:problem:no_role")


def test_nobody_makes_a_token_for_more_than_they_may_do(call: Caller) -> None:
    with pytest.raises(NotAccepted, match="clear"):
        call.token("sz-lab", Verb.CLEAR)


@pytest.mark.parametrize("days", [0, 366])
def test_a_token_lives_a_year_at_most(call: Caller, days: int) -> None:
    with pytest.raises(NotAccepted):
        call.token("sz-lab", *READS, days=days)


def test_a_person_has_a_limited_number_of_live_tokens(call: Caller) -> None:
    for _each in range(MOST_LIVE):
        call.token("sz-lab", *READS)
    with pytest.raises(NotAccepted, match="revoke one"):
        call.token("sz-lab", *READS)


def _dead(call: Caller, token: str) -> bool:
    answer = call.with_token(token, "GET", "/me")
    dead = answer.json().get("type") == "urn:twoparks:problem:token_not_live"
    assert dead == (answer.status_code == 401)
    return dead


def test_a_token_ends_on_its_day(call: Caller) -> None:
    token = call.token("sz-lab", *READS, days=30)
    call.story.nodes.tick(30 * 86_400 - 1)
    before = _dead(call, token)
    call.story.nodes.tick(1)
    assert (before, _dead(call, token)) == (False, True)


def test_a_revoked_token_is_dead_at_once(call: Caller) -> None:
    token = call.token("sz-lab", *READS)
    with call.story.nodes.at("sz"):
        revoke_token(call.story.user("sz-lab"), token.split("_")[1], call.story.nodes.now)
    assert _dead(call, token)


def test_a_token_dies_with_its_owners_account(call: Caller) -> None:
    token = call.token("sz-lab", *READS)
    with call.story.nodes.at("sz"):
        User.objects.filter(username="sz-lab").update(is_active=False)
    assert _dead(call, token)


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer twoparks_00000000_" + "0" * 64, "Basic c3o6eA==", "Bearer ü"]
)
def test_a_wrong_authorization_is_refused_even_with_a_session(call: Caller, header: str) -> None:
    answer = call("sz-lab", "GET", "/me", Authorization=header)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


def test_a_token_of_one_park_is_nothing_at_the_other(call: Caller) -> None:
    token = call.token("sz-lab", *READS)
    assert call("hk", "GET", "/me", Authorization=f"Bearer {token}").status_code == 401


def test_a_token_is_kept_only_as_a_digest(call: Caller) -> None:
    token = call.token("sz-lab", *READS)
    call.with_token(token, "GET", "/me")
    with call.story.nodes.at("sz"), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM registry_token")
        rows = repr(cursor.fetchall())
    assert token.rsplit("_", 1)[1] not in rows


def test_a_token_is_in_no_log(
    call: Caller, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*given: object) -> None:
        raise RuntimeError("a fault of ours")

    token = call.token("sz-lab", *READS)
    monkeypatch.setattr("twoparks.permits.api.lists.answer", fault)
    with caplog.at_level(logging.DEBUG):
        assert call.with_token(token, "GET", "/permits").status_code == 500
    assert "a fault of ours" in caplog.text
    assert token.rsplit("_", 1)[1] not in caplog.text


def test_the_last_day_of_use_is_noted(call: Caller) -> None:
    token = call.token("sz-lab", *READS)
    call.with_token(token, "GET", "/me")
    with call.story.nodes.at("sz"):
        assert Token.objects.get().last_used_on == call.story.nodes.now.date()


def test_a_token_cannot_make_a_wider_one(call: Caller) -> None:
    with call.story.nodes.at("sz"):
        from twoparks.registry.tokens import believe

        token = believe(call.token("sz-lab", *READS), call.story.nodes.now)
        assert token is not None
        with pytest.raises(NotAccepted, match="declare"):
            make_token(token.user, NewToken("wider", frozenset({Verb.DECLARE})), call.story.nodes.now)
