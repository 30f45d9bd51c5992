"""The worker: what is due is done, one broken part stops no other, and it ends when asked."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from tests.federation.say import heard, key, note
from tests.two_nodes import TwoNodes

from twoparks.federation import published, queries, worker
from twoparks.federation.actions import keep
from twoparks.federation.keys import peer_trust, rotate
from twoparks.federation.models import Checkpoint
from twoparks.federation.types import Refused
from twoparks.federation.worker import Worker, register_duty
from twoparks.ledger.keys import KeyPurpose


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Duties and subscriptions of other apps stay out of these tests."""
    monkeypatch.setattr(worker, "_duties", {})
    monkeypatch.setattr(published, "_subscribers", {})
    monkeypatch.setattr(published, "_publishers", dict(published._publishers))


def work(nodes: TwoNodes, park: str) -> Worker:
    """A worker of one node."""
    return Worker(nodes.line(park), lambda: 0.0)


def test_a_tick_delivers_what_waits(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "hello")
    with two_nodes.at("sz"):
        work(two_nodes, "sz").tick(two_nodes.now)
    assert heard(two_nodes, "hk") == ["hello"]


def test_a_tick_learns_the_peers_new_keys(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"):
        rotate(KeyPurpose.ACTS, two_nodes.now)
    with two_nodes.at("hk"):
        work(two_nodes, "hk").tick(two_nodes.now)
        assert peer_trust().active(KeyPurpose.ACTS).kid == key(two_nodes, "sz", KeyPurpose.ACTS).kid


def test_a_tick_signs_a_log_that_grew(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "hello")
    with two_nodes.at("sz"):
        work(two_nodes, "sz").tick(two_nodes.now)
        assert Checkpoint.objects.get().size == 1


def test_a_checkpoint_is_signed_also_while_the_peer_is_silent(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "hello")
    two_nodes.network.cut = True
    with two_nodes.at("sz"):
        work(two_nodes, "sz").tick(two_nodes.now)
        assert Checkpoint.objects.count() == 1


def test_a_duty_is_done_at_once_and_then_every_so_often(two_nodes: TwoNodes) -> None:
    done: list[datetime] = []
    register_duty("count", 60, done.append)
    with two_nodes.at("sz"):
        working = work(two_nodes, "sz")
        for _ in range(5):
            working.tick(two_nodes.now)
            two_nodes.tick(30)
    assert len(done) == 3


def test_a_broken_duty_stops_neither_delivery_nor_other_duties(two_nodes: TwoNodes) -> None:
    done: list[datetime] = []

    def broken(now: datetime) -> None:
        raise ZeroDivisionError

    register_duty("broken", 1, broken)
    register_duty("fine", 1, done.append)
    note(two_nodes, "sz", "hello")
    with two_nodes.at("sz"):
        work(two_nodes, "sz").tick(two_nodes.now)
    assert (len(done), heard(two_nodes, "hk")) == (1, ["hello"])


def test_a_published_document_reaches_its_subscriber(two_nodes: TwoNodes) -> None:
    published.publish("status", lambda: b"a list")
    published.subscribe("status", lambda content, now: keep("status", content, now, now))
    with two_nodes.at("sz"):
        work(two_nodes, "sz").tick(two_nodes.now)
        document = queries.fetched("status")
    assert document is not None
    assert (document.content, document.fetched_at) == (b"a list", two_nodes.now)


def test_a_document_its_subscriber_refuses_is_an_incident_and_undone(two_nodes: TwoNodes) -> None:
    def take(content: bytes, now: datetime) -> None:
        keep("status", content, now, now)
        raise Refused("status_went_back", "older than the one held")

    published.publish("status", lambda: b"a list")
    published.subscribe("status", take)
    with two_nodes.at("sz"):
        work(two_nodes, "sz").tick(two_nodes.now)
        assert queries.fetched("status") is None
        assert [i.detail["code"] for i in queries.incidents()] == ["status_went_back"]


def test_a_name_of_the_protocol_is_not_published_by_others() -> None:
    with pytest.raises(ValueError, match="the protocol's own"):
        published.publish("inbox", lambda: b"")


def test_a_worker_asked_to_stop_finishes_its_tick_and_ends(two_nodes: TwoNodes) -> None:
    stop, ticks = threading.Event(), []

    def once(now: datetime) -> None:
        ticks.append(now)
        stop.set()

    register_duty("once", 0, once)
    with two_nodes.at("sz"):
        work(two_nodes, "sz").run(stop)
    assert len(ticks) == 1
