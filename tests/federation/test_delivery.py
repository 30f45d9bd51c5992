"""Delivery over a network that loses, repeats, holds back and kills: nothing is lost, nothing is stored twice."""

from __future__ import annotations

from tests.federation.say import STREAM, heard, note
from tests.two_nodes import TwoNodes


def test_an_act_recorded_on_one_bank_is_read_on_the_other(two_nodes: TwoNodes) -> None:
    note(two_nodes, "sz", "hello")
    two_nodes.settle()
    assert heard(two_nodes, "hk", STREAM) == ["hello"]
