"""The nouns of a crossing: two legs, what became of them, and what is wrong between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

from twoparks.permits.types import Declared, Passage

CrossingId = NewType(
    "CrossingId", str
)  # '<permit>-x<n>': the n-th way out; '<permit>-r<n>': the n-th way back


class State(StrEnum):
    """Where a crossing stands; computed from its legs and, for what is late, from the clock."""

    DEPARTED = "departed"  # left one bank
    ARRIVED = "arrived"  # came in; the other bank's word of its leaving is still on the way
    RECONCILED = "reconciled"
    DECLARED = "declared"  # stated by the person: no gate of ours saw it, counts resting on it are incomplete
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
    """One movement under a permit: its legs, what was stated where no gate saw it, and discrepancies recorded about it."""

    id: CrossingId
    permit: str
    version: int
    exit: Passage | None
    entry: Passage | None
    opened: tuple[Opened, ...] = ()
    declared: Declared | None = None

    @property
    def first_at(self) -> datetime:
        """When the first leg was passed, or stated to be."""
        return min(leg.at for leg in (self.exit, self.entry, self.declared) if leg is not None)

    @property
    def incomplete(self) -> bool:
        """Whether a leg is only stated."""
        return self.declared is not None and (self.exit is None or self.entry is None)


class NotPossible(RuntimeError):
    """The state of a crossing or gate does not allow the action; `code` for programs, the message for people."""

    def __init__(self, code: str, says: str) -> None:
        self.code = code
        super().__init__(says)
