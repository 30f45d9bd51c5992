"""Delivery over a network that loses, repeats, holds back and kills: nothing is lost, nothing is stored twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from tests.federation.say import STREAM, heard, key, note, sealed, taken
from tests.two_nodes import Fate, Killed, TwoNodes

from twoparks.federation import queries
from twoparks.federation.actions import resume
from twoparks.federation.delivery import deliver_due, wait_s
from twoparks.federation.keys import compromise, rotate
from twoparks.federation.models import Act, Outgoing, TreeNode
from twoparks.federation.transport import Unreachable
from twoparks.federation.types import Answer, Receipt, StreamId
from twoparks.ledger.keys import KeyPurpose

OTHER = StreamId("sz-26-otherone")


def test_an_act_recorded_on_one_bank_is_read_on_the_other(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "hello")
    two_nodes.settle()
    assert heard(two_nodes, "hk") == ["hello"]


def test_a_round_sends_a_whole_stream_in_order(two_nodes: TwoNodes) -> None:
    for says in ("a", "b", "c"):
        note(two_nodes, "sz", says)
    assert two_nodes.deliver("sz").delivered == 3
    assert heard(two_nodes, "hk") == ["a", "b", "c"]


def test_the_peers_answers_of_one_round_are_written_down_together(two_nodes: TwoNodes) -> None:
    for says in ("a", "b", "c"):
        note(two_nodes, "sz", says)
    with two_nodes.at("sz"):
        with CaptureQueriesContext(connections["default"]) as asked:
            deliver_due(two_nodes.line("sz"), two_nodes.now, lambda: 0.0)
        assert Outgoing.objects.filter(delivered_at=None).count() == 0
    assert sum(query["sql"].startswith("UPDATE") for query in asked) == 1


def test_what_was_delivered_is_not_sent_again(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    two_nodes.deliver("sz")
    two_nodes.tick(1000)
    two_nodes.deliver("sz")
    assert len(two_nodes.network.sent) == 1


def test_an_act_made_during_an_outage_of_an_hour_arrives_after_it(two_nodes: TwoNodes) -> None:
    two_nodes.network.cut = True
    note(two_nodes, "sz", "a")
    for _ in range(12):
        two_nodes.deliver("sz")
        two_nodes.tick(300)
    two_nodes.settle()
    assert heard(two_nodes, "hk") == ["a"]


def test_a_silent_peer_is_asked_once_a_round(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    note(two_nodes, "sz", "b", OTHER)
    two_nodes.network.cut = True
    two_nodes.deliver("sz")
    assert len(two_nodes.network.sent) == 1


def test_an_act_put_off_is_not_tried_before_its_time(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    two_nodes.network.cut = True
    two_nodes.deliver("sz")
    two_nodes.tick(0.5)
    two_nodes.deliver("sz")
    assert len(two_nodes.network.sent) == 1


def test_once_the_peer_answers_what_waited_for_it_is_due_at_once(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    two_nodes.network.cut = True
    for _ in range(9):
        two_nodes.deliver("sz")
        two_nodes.tick(300)
    two_nodes.deliver("sz")
    two_nodes.network.cut = False
    note(two_nodes, "sz", "b", OTHER)
    two_nodes.deliver("sz")
    two_nodes.deliver("sz")
    assert heard(two_nodes, "hk") == ["a"]


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 1), (1, 2), (5, 32), (8, 256), (9, 300), (900, 300)])
def test_waits_double_from_one_second_to_five_minutes(attempts: int, seconds: int) -> None:
    assert wait_s(attempts, 0.0) == seconds


def test_jitter_shortens_a_wait_by_at_most_half() -> None:
    assert (wait_s(3, 0.0), wait_s(3, 1.0)) == (8.0, 4.0)


@pytest.mark.parametrize("fate", [f for f in Fate if f is not Fate.DELIVER])
def test_whatever_befalls_the_first_message_all_arrive_once_and_in_order(
    two_nodes: TwoNodes, fate: Fate
) -> None:
    fates = iter([fate])
    two_nodes.network.fate = lambda sender, envelope: next(fates, Fate.DELIVER)
    for says in ("a", "b", "c"):
        note(two_nodes, "sz", says)
    two_nodes.deliver("sz")
    two_nodes.settle()
    assert heard(two_nodes, "hk") == ["a", "b", "c"]


def test_held_messages_that_arrive_backwards_are_asked_for_in_order(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    two_nodes.network.fate = lambda sender, envelope: Fate.HOLD
    two_nodes.deliver("sz")
    two_nodes.settle()
    note(two_nodes, "sz", "b")
    two_nodes.settle()
    held = two_nodes.network.held
    assert [two_nodes.network.arrive(len(held) - 1).answer for _ in list(held)] == [Answer.DUPLICATE]


def test_a_receiver_killed_at_any_statement_has_all_of_an_act_or_nothing(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    before, seen = two_nodes.snapshot(), set()
    for statement in range(1, 16):
        two_nodes.restore(before)
        two_nodes.network.fate = lambda sender, envelope: Fate.KILL_RECEIVER
        two_nodes.network.kill_at = statement
        two_nodes.deliver("sz")
        with two_nodes.at("hk"):
            seen.add((Act.objects.count(), TreeNode.objects.count()))
    assert seen == {(0, 0), (1, 1)}


def test_a_sender_killed_between_signing_and_sending_sends_when_it_starts_again(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")

    class Dies:
        """A transport whose process ends before anything leaves."""

        def send(self, envelope: bytes, now: object) -> Unreachable:
            raise Killed

    with two_nodes.at("sz"), pytest.raises(Killed):
        deliver_due(Dies(), two_nodes.now)  # type: ignore[arg-type]
    two_nodes.settle()
    assert heard(two_nodes, "hk") == ["a"]


def test_a_sender_killed_after_the_peer_took_it_causes_one_duplicate(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    two_nodes.network.fate = lambda sender, envelope: Fate.KILL_SENDER
    two_nodes.deliver("sz")
    two_nodes.settle()
    assert (len(two_nodes.network.sent), heard(two_nodes, "hk")) == (2, ["a"])


def test_a_refused_act_stops_its_stream_and_no_other(two_nodes: TwoNodes) -> None:
    for stream, says in ((STREAM, "refuse me"), (STREAM, "after"), (OTHER, "fine")):
        note(two_nodes, "sz", says, stream)
    two_nodes.settle()
    assert (heard(two_nodes, "hk", STREAM), heard(two_nodes, "hk", OTHER)) == ([], ["fine"])


def test_a_stopped_stream_is_an_incident_at_the_sender_too(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "refuse me")
    two_nodes.deliver("sz")
    with two_nodes.at("sz"):
        assert [(i.kind, i.detail["code"]) for i in queries.incidents()] == [
            ("stream_stopped", "rules_refuse")
        ]


def test_a_conflict_stops_the_stream(two_nodes: TwoNodes) -> None:
    taken(two_nodes, sealed(two_nodes))
    note(two_nodes, "sz", "another first act")
    two_nodes.deliver("sz")
    with two_nodes.at("sz"):
        assert (queries.outbox_summary().stopped, Outgoing.objects.get().stopped_code) == (1, "seq_repeated")


def test_a_stopped_stream_goes_on_when_someone_resumes_it(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "hello")
    with two_nodes.at("sz"):
        Outgoing.objects.update(stopped_code="rules_refuse")
        assert resume(STREAM, two_nodes.now) == 1
    two_nodes.settle()
    assert heard(two_nodes, "hk") == ["hello"]


def test_a_peer_restored_from_an_old_copy_gets_what_it_lost(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    empty = two_nodes.snapshot()[1]
    two_nodes.settle()
    _put_back(two_nodes, empty)
    note(two_nodes, "sz", "b")
    two_nodes.settle()
    assert heard(two_nodes, "hk") == ["a", "b"]


def test_a_peer_that_lost_acts_is_an_incident(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    empty = two_nodes.snapshot()[1]
    two_nodes.settle()
    _put_back(two_nodes, empty)
    note(two_nodes, "sz", "b")
    two_nodes.settle()
    with two_nodes.at("sz"):
        assert [i.kind for i in queries.incidents()] == ["peer_lost_acts"]


def _put_back(nodes: TwoNodes, content: bytes) -> None:
    """The second park's database is an older copy of itself."""
    now = nodes.now
    nodes.restore((nodes.snapshot()[0], content))
    nodes.now = now


@pytest.mark.parametrize("expects", [None, 2, 3])
def test_an_early_answer_that_makes_no_sense_is_tried_again_later(
    two_nodes: TwoNodes, expects: int | None
) -> None:
    note(two_nodes, "sz", "a")
    note(two_nodes, "sz", "b")

    class Confused:
        """A peer that calls everything early."""

        def send(self, envelope: bytes, now: object) -> Receipt:
            return Receipt(Answer.EARLY, "early", "", expects)

    with two_nodes.at("sz"):
        report = deliver_due(Confused(), two_nodes.now, lambda: 0.0)  # type: ignore[arg-type]
        assert (report.put_off, report.rewound, queries.incidents()) == (1, 0, [])


def test_a_peer_that_answers_with_an_error_puts_off_that_stream_only(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    note(two_nodes, "sz", "b", OTHER)
    line = two_nodes.line("sz")

    class Stumbles:
        """A peer with a fault that one stream meets."""

        def send(self, envelope: bytes, now: datetime) -> Receipt | Unreachable:
            if STREAM.encode() in envelope:
                return Unreachable("server_error", "the peer answered 500")
            return line.send(envelope, now)

    with two_nodes.at("sz"):
        deliver_due(Stumbles(), two_nodes.now, lambda: 0.0)  # type: ignore[arg-type]
    assert (heard(two_nodes, "hk", STREAM), heard(two_nodes, "hk", OTHER)) == ([], ["b"])


def test_a_refused_transport_signature_is_an_incident_until_the_peer_hears_again(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")

    class Deaf:
        """A peer that does not know our transport key."""

        def send(self, envelope: bytes, now: datetime) -> Unreachable:
            return Unreachable("transport_refused", "not a key of sz")

    with two_nodes.at("sz"):
        deliver_due(Deaf(), two_nodes.now, lambda: 0.0)  # type: ignore[arg-type]
        assert [i.kind for i in queries.incidents()] == ["transport_refused"]
    two_nodes.settle()
    with two_nodes.at("sz"):
        assert queries.incidents() == []


def test_an_act_signed_by_a_new_key_waits_until_the_peer_knows_the_key(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"):
        rotate(KeyPurpose.ACTS, two_nodes.now - timedelta(seconds=5))
    note(two_nodes, "sz", "a")
    report = two_nodes.deliver("sz")
    assert (report.put_off, report.stopped, heard(two_nodes, "hk")) == (1, 0, [])


def test_an_act_that_waited_for_its_key_arrives_and_its_incident_is_closed(two_nodes: TwoNodes) -> None:
    from tests.federation.test_receive import learn

    with two_nodes.at("sz"):
        rotate(KeyPurpose.ACTS, two_nodes.now - timedelta(seconds=5))
    note(two_nodes, "sz", "a")
    two_nodes.deliver("sz")
    learn(two_nodes)
    two_nodes.settle()
    assert heard(two_nodes, "hk") == ["a"]
    with two_nodes.at("hk"):
        assert queries.incidents() == []


def test_acts_waiting_when_their_key_is_given_up_are_signed_again_and_arrive(two_nodes: TwoNodes) -> None:
    from tests.federation.test_receive import learn

    note(two_nodes, "sz", "a")
    with two_nodes.at("sz"):
        compromise(key(two_nodes, "sz", KeyPurpose.ACTS).kid, two_nodes.tick())
    learn(two_nodes)
    two_nodes.settle()
    assert heard(two_nodes, "hk") == ["a"]
