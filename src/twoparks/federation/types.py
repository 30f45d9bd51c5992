"""Shapes shared by everything that writes or reads acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

ActId = NewType("ActId", str)
StreamId = NewType("StreamId", str)
Body = Mapping[str, Any]  # JSON object; its shape is the contract of the act's kind


@dataclass(frozen=True)
class Actor:
    """Who acted, as the act may say it: a role, a pseudonym made at this node, and the authority acted for."""

    role: str
    actor: str
    authority: str | None = None


SYSTEM = Actor(role="node", actor="node")


@dataclass(frozen=True)
class NewAct:
    """An act about to be recorded by this node."""

    kind: str
    stream: StreamId
    body: Body
    by: Actor


@dataclass(frozen=True)
class StoredAct:
    """An act in this node's log. `number` is the node's own order; `seq` the author's order among acts that cross."""

    number: int
    id: ActId
    kind: str
    park: str
    stream: StreamId
    seq: int | None
    at: datetime
    by: Actor
    body: Body
    digest: str  # SHA-256 of the canonical act, hex


class Answer(StrEnum):
    """What the inbox says to one delivered envelope."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    EARLY = "early"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True)
class Receipt:
    """The inbox's answer with its reason; `expects` is the sequence number wanted when early."""

    answer: Answer
    code: str = ""
    plain: str = ""
    expects: int | None = None


class Stale(Exception):
    """Someone acted on the stream since the caller looked: `expected` acts then, `found` now. Nothing was recorded."""

    def __init__(self, stream: StreamId, expected: int, found: int) -> None:
        super().__init__(
            f"{stream}: you had {expected} acts before you and there are {found} now; read the new ones and decide again"
        )
        self.stream, self.expected, self.found = stream, expected, found


class NotCaughtUp(Exception):
    """This node was put back from a copy and has not caught up with what the other park saw: nothing may be recorded."""

    code = "not_caught_up"

    def __init__(self) -> None:
        super().__init__(
            "this node was put back from a copy; nothing is recorded until it has caught up with what the other park "
            "saw: `twoparks ledger restored` says what is missing"
        )


class Refused(Exception):
    """Raised by an `apply` when the rules refuse a received act: nothing is stored but an incident."""

    def __init__(self, code: str, plain: str) -> None:
        super().__init__(plain)
        self.code, self.plain = code, plain


@dataclass(frozen=True)
class Field:
    """One field of a message: how it is checked and why it may cross the river."""

    check: Callable[[object], str | None]  # None when fine, else what would be accepted
    why: str
    optional: bool = False


@dataclass(frozen=True)
class Contract:
    """A kind of act: whether it crosses, its fields, and what a node does on accepting one from its peer."""

    kind: str
    crosses: bool
    fields: Mapping[str, Field]
    apply: Callable[[StoredAct, datetime], None] | None = None
