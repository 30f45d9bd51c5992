"""Contracts that exist only for these tests, the two nodes, and the two with their people."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.story import story
from tests.two_nodes import two_nodes

from twoparks.federation import contracts
from twoparks.federation.contracts import integer, register, text
from twoparks.federation.types import Contract, Field, Refused, StoredAct

__all__ = ["story", "two_nodes"]


def _apply(act: StoredAct, now: datetime) -> None:
    if act.body["says"] == "refuse me":
        raise Refused("rules_refuse", "the rules refuse what this act says")


NOTE = Contract(
    kind="test.noted",
    crosses=True,
    fields={
        "says": Field(text(40), why="the test compares it on both banks"),
        "count": Field(integer(0, 9), why="a number to get wrong", optional=True),
    },
    apply=_apply,
)
HOME = Contract(kind="test.kept", crosses=False, fields={"says": Field(text(40), why="stays")})


@pytest.fixture(autouse=True)
def known_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register the test kinds beside the real ones for one test."""
    monkeypatch.setattr(contracts, "_contracts", dict(contracts._contracts))
    register(NOTE)
    register(HOME)
