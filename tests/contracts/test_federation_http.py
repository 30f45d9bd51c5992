"""The protocol over HTTP as docs/protocol.md states it: addresses, answers, limits."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.federation.conftest import known_kinds
from tests.federation.say import STREAM, heard, key, note, sealed
from tests.federation.wire import client, http
from tests.two_nodes import TwoNodes, two_nodes

from twoparks.federation import endpoints
from twoparks.federation.delivery import deliver_due
from twoparks.federation.keys import node_keys
from twoparks.federation.models import Checkpoint
from twoparks.federation.transport import HttpTransport, Message, Unreachable, sign
from twoparks.federation.worker import Worker
from twoparks.ledger.keys import KeyPurpose

__all__ = ["known_kinds", "two_nodes"]

INBOX = "http://hk.test/federation/inbox"


@pytest.fixture(autouse=True)
def one_clock(two_nodes: TwoNodes, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoints read the pair's clock and answer to the pair's addresses."""
    settings.ALLOWED_HOSTS = ["hk.test", "sz.test"]
    monkeypatch.setattr(endpoints, "clock", lambda: two_nodes.now)


def post(nodes: TwoNodes, body: bytes, url: str = INBOX) -> httpx.Response:
    """A post of the first park, properly signed."""
    message = Message("POST", url, body)
    sign(message, key(nodes, "sz", KeyPurpose.TRANSPORT), nodes.now)
    return client(nodes, "hk").post(url, content=body, headers=dict(message.headers))


def test_an_act_travels_from_outbox_to_inbox_over_http(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "hello")
    with two_nodes.at("sz"):
        assert deliver_due(http(two_nodes, "sz"), two_nodes.now).delivered == 1
    assert heard(two_nodes, "hk") == ["hello"]


def test_200_says_accepted_then_duplicate(two_nodes: TwoNodes) -> None:
    envelope = sealed(two_nodes)
    answers = [post(two_nodes, envelope) for _ in range(2)]
    assert [(a.status_code, a.json()["answer"]) for a in answers] == [(200, "accepted"), (200, "duplicate")]


def test_a_message_replayed_within_its_five_minutes_is_a_duplicate(two_nodes: TwoNodes) -> None:
    envelope = sealed(two_nodes)
    message = Message("POST", INBOX, envelope)
    sign(message, key(two_nodes, "sz", KeyPurpose.TRANSPORT), two_nodes.now)
    answers = []
    for _ in range(2):
        answers.append(
            client(two_nodes, "hk").post(INBOX, content=envelope, headers=dict(message.headers)).json()
        )
        two_nodes.tick(200)
    assert answers[1] == {"answer": "duplicate"}


def test_409_early_says_which_number_is_expected(two_nodes: TwoNodes) -> None:
    answer = post(two_nodes, sealed(two_nodes, seq=4))
    assert (answer.status_code, answer.json()["answer"], answer.json()["expects"]) == (409, "early", 1)


def test_409_conflict_for_a_repeated_id_with_another_body(two_nodes: TwoNodes) -> None:
    post(two_nodes, sealed(two_nodes))
    answer = post(two_nodes, sealed(two_nodes, body={"says": "goodbye"}))
    assert (answer.status_code, answer.json()["answer"]) == (409, "conflict")


def test_422_names_the_code_and_says_it_in_words(two_nodes: TwoNodes) -> None:
    answer = post(two_nodes, sealed(two_nodes, kind="test.unheard_of"))
    assert (answer.status_code, answer.json()["code"]) == (422, "kind_unknown")
    assert "test.unheard_of" in answer.json()["plain"]


def test_401_for_a_message_without_transport_signature(two_nodes: TwoNodes) -> None:
    answer = client(two_nodes, "hk").post(INBOX, content=sealed(two_nodes))
    assert (answer.status_code, answer.json()["code"]) == (401, "transport_refused")


def test_401_for_a_message_whose_content_digest_was_exchanged(two_nodes: TwoNodes) -> None:
    message = Message("POST", INBOX, b"{}")
    sign(message, key(two_nodes, "sz", KeyPurpose.TRANSPORT), two_nodes.now)
    answer = client(two_nodes, "hk").post(INBOX, content=sealed(two_nodes), headers=dict(message.headers))
    assert answer.status_code == 401


def test_401_for_a_message_signed_an_hour_ago(two_nodes: TwoNodes) -> None:
    message = Message("POST", INBOX, sealed(two_nodes))
    sign(message, key(two_nodes, "sz", KeyPurpose.TRANSPORT), two_nodes.now)
    two_nodes.tick(3600)
    answer = client(two_nodes, "hk").post(INBOX, content=message.body, headers=dict(message.headers))
    assert answer.status_code == 401


def post_by_way_of(nodes: TwoNodes, host: str, url: str) -> int:
    """A message signed for `url` that a proxy hands to the node under another host name."""
    message = Message("POST", url, sealed(nodes))
    sign(message, key(nodes, "sz", KeyPurpose.TRANSPORT), nodes.now)
    headers = {**message.headers, "Host": host}
    return client(nodes, "hk").post(INBOX, content=message.body, headers=headers).status_code


def test_a_proxy_that_changes_the_host_name_changes_nothing(two_nodes: TwoNodes) -> None:
    assert post_by_way_of(two_nodes, "sz.test", INBOX) == 200


def test_401_for_a_message_signed_for_the_name_it_came_under(two_nodes: TwoNodes) -> None:
    assert post_by_way_of(two_nodes, "sz.test", "http://sz.test/federation/inbox") == 401


def test_401_stores_nothing(two_nodes: TwoNodes) -> None:
    client(two_nodes, "hk").post(INBOX, content=sealed(two_nodes))
    assert heard(two_nodes, "hk", STREAM) == []


def test_413_for_more_than_256_kib(two_nodes: TwoNodes) -> None:
    answer = post(two_nodes, b"x" * (256 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_405_for_reading_the_inbox(two_nodes: TwoNodes) -> None:
    assert client(two_nodes, "hk").get(INBOX).status_code == 405


def test_404_for_a_document_nobody_publishes(two_nodes: TwoNodes) -> None:
    answer = client(two_nodes, "hk").get("http://hk.test/federation/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_published")


@pytest.mark.parametrize("query", ["", "?from=1", "?from=-1&to=2", "?from=a&to=b", "?from=²&to=3"])
def test_400_for_a_consistency_proof_without_two_sizes(two_nodes: TwoNodes, query: str) -> None:
    answer = client(two_nodes, "hk").get("http://hk.test/federation/consistency" + query)
    assert (answer.status_code, answer.json()["code"]) == (400, "sizes_wanted")


def test_404_for_a_consistency_proof_beyond_the_log(two_nodes: TwoNodes) -> None:
    answer = client(two_nodes, "hk").get("http://hk.test/federation/consistency?from=1&to=99")
    assert answer.status_code == 404


def test_the_trust_list_is_served_as_it_was_signed(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"):
        published = node_keys().published
    with two_nodes.at("hk"):
        assert http(two_nodes, "hk").fetch("trust", two_nodes.now) == published


def test_422_for_a_cosignature_that_is_none(two_nodes: TwoNodes) -> None:
    answer = post(two_nodes, b"hello", "http://hk.test/federation/cosignature")
    assert answer.status_code == 422


def test_two_workers_over_http_cosign_each_others_logs(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "hello")
    workers = {park: Worker(http(two_nodes, park), lambda: 0.0) for park in ("sz", "hk")}
    for _ in range(3):
        for park, worker in workers.items():
            with two_nodes.at(park):
                worker.tick(two_nodes.tick(30))
    for park in workers:
        with two_nodes.at(park):
            assert list(Checkpoint.objects.filter(cosigned_at=None)) == []
            assert Checkpoint.objects.count() == 1


def answering(status: int, content: bytes) -> HttpTransport:
    """A transport whose peer always answers the same."""
    return HttpTransport(
        httpx.Client(transport=httpx.MockTransport(lambda r: httpx.Response(status, content=content)))
    )


@pytest.mark.parametrize(
    ("status", "content", "code"),
    [
        (500, b"oops", "server_error"),
        (302, b"", "server_error"),
        (401, b'{"plain": "too old"}', "transport_refused"),
        (200, b"<html>", "answer_malformed"),
        (200, b'{"answer": "perhaps"}', "answer_malformed"),
        (200, b"[]", "answer_malformed"),
    ],
)
def test_an_answer_outside_the_protocol_delivers_nothing(
    two_nodes: TwoNodes, status: int, content: bytes, code: str
) -> None:
    with two_nodes.at("sz"):
        answer = answering(status, content).send(b"{}", two_nodes.now)
    assert isinstance(answer, Unreachable)
    assert answer.code == code


def test_an_accepted_answer_with_an_error_status_delivers_nothing(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"):
        answer = answering(422, b'{"answer": "accepted"}').send(b"{}", two_nodes.now)
    assert isinstance(answer, Unreachable)


def test_a_peer_that_cannot_be_reached_is_said_to_be_silent(two_nodes: TwoNodes) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    with two_nodes.at("sz"):
        answer = HttpTransport(httpx.Client(transport=httpx.MockTransport(refuse))).send(b"{}", two_nodes.now)
    assert answer == Unreachable("no_answer", "connection refused")


def test_a_document_without_end_is_given_up(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"):
        answer = answering(200, b"x" * (8 * 1024 * 1024 + 1)).fetch("status", two_nodes.now)
    assert isinstance(answer, Unreachable)
