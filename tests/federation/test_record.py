"""Recording this park's own acts."""

from __future__ import annotations

import pytest
from django.db import transaction
from tests.federation.say import OFFICER, STREAM, heard, note
from tests.two_nodes import TwoNodes

from twoparks.federation import queries
from twoparks.federation.actions import erase, record
from twoparks.federation.contracts import ContractBroken, UnknownKind
from twoparks.federation.log import NoTransaction
from twoparks.federation.models import Act, Outgoing
from twoparks.federation.types import NewAct, Refused, Stale, StreamId

OTHER = StreamId("sz-26-otherone")


def keep(nodes: TwoNodes, park: str, says: str) -> None:
    """Record one act that stays at home."""
    with nodes.at(park), transaction.atomic():
        record(NewAct("test.kept", STREAM, {"says": says}, OFFICER), nodes.now)


def test_a_crossing_act_is_numbered_per_author_and_stream(two_nodes: TwoNodes) -> None:
    numbers = [note(two_nodes, "sz", "a").seq, note(two_nodes, "sz", "b").seq]
    numbers.append(note(two_nodes, "sz", "c", OTHER).seq)
    assert numbers == [1, 2, 1]


def test_the_peers_acts_do_not_count_in_this_parks_numbers(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    two_nodes.settle()
    assert note(two_nodes, "hk", "b").seq == 1


def test_an_act_that_stays_at_home_has_no_number_and_is_not_queued(two_nodes: TwoNodes) -> None:
    keep(two_nodes, "sz", "mine")
    with two_nodes.at("sz"):
        assert queries.acts(STREAM)[0].seq is None
        assert Outgoing.objects.count() == 0


def test_an_act_reads_back_as_it_was_recorded(two_nodes: TwoNodes) -> None:
    recorded = note(two_nodes, "sz", "hello")
    with two_nodes.at("sz"):
        assert queries.acts(STREAM) == [recorded]


def test_acts_are_not_recorded_outside_a_transaction(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"), pytest.raises(NoTransaction):
        record(NewAct("test.noted", STREAM, {"says": "a"}, OFFICER), two_nodes.now)


def test_a_rolled_back_transaction_leaves_no_act_and_no_message(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"):
        with transaction.atomic():
            record(NewAct("test.noted", STREAM, {"says": "a"}, OFFICER), two_nodes.now)
            transaction.set_rollback(True)
        assert (Act.objects.count(), Outgoing.objects.count()) == (0, 0)


def test_someone_who_saw_all_acts_may_record(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    assert note(two_nodes, "sz", "b", expected=1).seq == 2


def test_someone_who_saw_fewer_acts_is_told_so_and_nothing_is_recorded(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "a")
    with pytest.raises(Stale) as stale:
        note(two_nodes, "sz", "b", expected=0)
    assert (stale.value.expected, stale.value.found) == (0, 1)
    assert heard(two_nodes, "sz") == ["a"]


def test_acts_that_stay_at_home_count_for_who_saw_what(two_nodes: TwoNodes) -> None:
    keep(two_nodes, "sz", "mine")
    with pytest.raises(Stale):
        note(two_nodes, "sz", "a", expected=0)


def test_a_field_outside_the_contract_is_refused_by_the_sender(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"), transaction.atomic(), pytest.raises(ContractBroken, match="donor"):
        record(NewAct("test.noted", STREAM, {"says": "a", "donor": "x"}, OFFICER), two_nodes.now)


def test_a_kind_without_a_contract_is_refused_by_the_sender(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"), transaction.atomic(), pytest.raises(UnknownKind, match=r"test\.noted"):
        record(NewAct("test.unheard_of", STREAM, {}, OFFICER), two_nodes.now)


def test_an_erased_act_leaves_the_reading_and_stays_in_the_count(two_nodes: TwoNodes) -> None:
    act = note(two_nodes, "sz", "a")
    two_nodes.settle()
    with two_nodes.at("sz"):
        erase(act)
        assert (queries.acts(STREAM), queries.stream_length(STREAM)) == ([], 1)


def test_an_act_on_its_way_is_not_erased(two_nodes: TwoNodes) -> None:
    act = note(two_nodes, "sz", "a")
    with two_nodes.at("sz"), pytest.raises(Refused, match="on its way"):
        erase(act)
