"""The nouns of a crossing: two legs, what became of them, and what is wrong between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

from twoparks.permits.types import Passage

CrossingId = NewType("CrossingId", str)  # '<permit>-x<n>': the n-th passage of a leg under the permit


class State(StrEnum):
    """Where a crossing stands; computed from its legs and, for what is late, from the clock."""

    DEPARTED = "departed"  # left one bank
    ARRIVED = "arrived"  # came in; the other bank's word of its leaving is still on the way
    RECONCILED = "reconciled"
    SHORT = "short"
    OVER = "over"
    OVERDUE = "overdue"
    UNANNOUNCED = "unannounced"


DISCREPANCIES = frozenset({State.SHORT, State.OVER, State.OVERDUE, State.UNANNOUNCED})


@dataclass(frozen=True)
class Discrepancy:
    """What is wrong between two legs, and the park whose business it is. Quantities by line."""

    code: Literal["short", "over", "overdue", "unannounced"]
    owner: str
    expected: Mapping[int, int]
    found: Mapping[int, int]


@dataclass(frozen=True)
class Opened:
    """A discrepancy a node recorded, and how it was closed."""

    discrepancy: Discrepancy
    at: datetime
    explanation: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Crossing:
    """One movement under a permit: the pair of its legs and the discrepancies recorded about it."""

    id: CrossingId
    permit: str
    version: int
    exit: Passage | None
    entry: Passage | None
    opened: tuple[Opened, ...] = ()

    @property
    def first_at(self) -> datetime:
        """When the first leg was passed."""
        return min(leg.at for leg in (self.exit, self.entry) if leg is not None)


class NotPossible(RuntimeError):
    """The state of a crossing or gate does not allow the action; `code` for programs, the message for people."""

    def __init__(self, code: str, says: str) -> None:
        self.code = code
        super().__init__(says)
