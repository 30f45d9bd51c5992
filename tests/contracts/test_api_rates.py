"""Callers are held to a pace, each for itself, and told where they stand."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.contracts.calling import Caller

from twoparks.registry.access import Verb
from twoparks.site.calls import rates


@pytest.fixture(autouse=True)
def _slow(settings: Any) -> None:
    settings.TWOPARKS_CALLS_PER_MINUTE = {"token": 3, "person": 2, "address": 1}


def test_one_call_too_many_is_told_to_wait(call: Caller) -> None:
    codes = [call("sz-lab", "GET", "/me").status_code for _ in range(2)]
    answer = call("sz-lab", "GET", "/me")
    assert (codes, answer.status_code) == ([200, 200], 429)
    assert (answer.headers["Retry-After"], answer.json()["type"]) == ("30", "urn:twoparks:problem:too_many")


def test_who_waits_as_told_is_served(call: Caller) -> None:
    for _ in range(3):
        answer = call("sz-lab", "GET", "/me")
    call.story.nodes.tick(int(answer.headers["Retry-After"]))
    assert call("sz-lab", "GET", "/me").status_code == 200


def test_a_refused_call_does_not_lengthen_the_wait(call: Caller) -> None:
    waits = [call("sz-lab", "GET", "/me").headers.get("Retry-After") for _ in range(5)]
    assert waits == [None, None, "30", "30", "30"]


def test_every_answer_says_where_the_caller_stands(call: Caller) -> None:
    said = [call("sz-lab", "GET", "/me").headers for _ in range(2)]
    assert [h["RateLimit"] for h in said] == ['"person";r=1;t=30', '"person";r=0;t=60']
    assert said[0]["RateLimit-Policy"] == '"person";q=2;w=60'


def test_a_token_has_a_pace_of_its_own(call: Caller) -> None:
    token = call.token("sz-lab", Verb.SEE_PERMIT)
    for _ in range(3):
        call("sz-lab", "GET", "/me")
    assert call.with_token(token, "GET", "/me").headers["RateLimit"] == '"token";r=2;t=20'


def test_a_stranger_is_counted_by_address_also_at_unknown_places(call: Caller) -> None:
    codes = [call("sz", "GET", path).status_code for path in ("/nowhere", "/zone")]
    assert codes == [404, 429]


def test_guessing_tokens_is_paced(call: Caller) -> None:
    codes = [call.with_token("twoparks_0_0", "GET", "/me").status_code for _ in range(2)]
    assert codes == [401, 429]


def test_addresses_are_not_kept_in_clear(call: Caller) -> None:
    call("sz", "GET", "/zone")
    file = call.story.nodes["sz"].home / "calls.sqlite3"
    written = b"".join(path.read_bytes() for path in file.parent.glob("calls.sqlite3*"))
    assert b"address:" in written
    assert b"127.0.0.1" not in written


def test_neighbours_in_one_ipv6_network_are_one_caller(call: Caller, rf: Any) -> None:
    named = {rates.address_of(rf.get("/", REMOTE_ADDR=f"2001:db8:0:1::{n}")) for n in (1, 2)}
    other = rates.address_of(rf.get("/", REMOTE_ADDR="2001:db8:0:2::1"))
    assert (len(named), other in named) == (1, False)


def test_a_caller_cannot_choose_its_address(call: Caller, rf: Any, settings: Any) -> None:
    shown = [rates.address_of(rf.get("/", headers={"X-Forwarded-For": f"10.0.0.{n}"})) for n in (1, 2)]
    settings.TWOPARKS_PROXIES = 1
    behind = [
        rates.address_of(rf.get("/", headers={"X-Forwarded-For": f"6.6.6.6, 10.0.0.{n}"})) for n in (1, 2)
    ]
    assert (len(set(shown)), len(set(behind))) == (1, 2)


def test_no_limit_means_no_count(call: Caller, settings: Any) -> None:
    settings.TWOPARKS_CALLS_PER_MINUTE = {"token": 0, "person": 0, "address": 0}
    answer = call("sz-lab", "GET", "/me")
    assert [name for name in answer.headers if re.match("RateLimit", name)] == []


def test_a_file_that_does_not_answer_stops_nobody(call: Caller, caplog: pytest.LogCaptureFixture) -> None:
    home = call.story.nodes["sz"].home
    (home / "calls.sqlite3").mkdir()
    assert call("sz-lab", "GET", "/me").status_code == 200
    assert "calls are not counted" in caplog.text
