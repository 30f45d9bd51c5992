"""What the API of permits takes and gives: one shape an operation, described in openapi.json."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from twoparks.registry.shapes import Given, Key, Raw, Text


class Made(Schema):
    """The id of what was made."""

    id: str


class LineOut(Schema):
    """One permit in a list."""

    id: str
    status: str
    version: int
    home: str
    crosses: str
    sender_name: dict[str, str]
    recipient_name: dict[str, str]
    project: str
    title: dict[str, str]
    outcome: str
    trial: str
    waits: str
    valid_from: datetime
    valid_until: datetime
    changed_at: datetime


class TodoOut(Schema):
    """A piece of work left at this park, whose it is and why."""

    authorities: list[str]
    why: str
    measures: list[str]
    provisions: list[str]
    register_answer: str | None
    simulated: bool
    question: str
    no_desk: bool


class QueueLineOut(Schema):
    """One permit in a queue."""

    permit: LineOut
    work: list[TodoOut]
    since: datetime
    ready: bool


class QueueOut(Schema):
    """One page of a queue."""

    rows: list[QueueLineOut]
    number: int
    pages: int
    total: int


class FiguresOut(Schema):
    """What stands at this park now."""

    by_status: dict[str, int]
    waiting_by_authority: dict[str, int]
    ready_to_clear: int
    waiting_for_applicant: int
    waiting_for_peer: int
    waiting_without_desk: dict[str, int]


class PossibleOut(Schema):
    """An action your roles allow; `open` says whether the permit's state does too, `says` why not."""

    action: str
    open: bool
    says: str


class ActOut(Schema):
    """One signed act of the permit's stream."""

    id: str
    kind: str
    park: str
    seq: int | None
    at: datetime
    by: dict[str, str | None]
    body: dict[str, Any]  # Any: as the contract of its kind says
    digest: str


class PermitOut(Schema):
    """One permit. Send `acts_seen` back as `seen` with every action."""

    id: str
    home: str
    status: str
    version: int
    declaration: dict[str, Any]  # Any: docs/protocol.md, Declaration
    declaration_digest: str
    outcome: str
    trial: str  # the trial of rules it was declared under, or empty
    answered_by: str  # the trial whose law gave this outcome, or empty: the law in force
    work: list[TodoOut]
    possible: list[PossibleOut]
    terms: dict[str, Any] | None  # Any: as `permit.cleared` carries them
    offer: dict[str, Any]
    remaining: dict[int, int]
    cleared_by: list[str]
    signed_by: list[str]
    acts_seen: int


class SeenIn(Given):
    """How many acts of the permit you had before you."""

    seen: Annotated[int, Field(ge=0)]


class ReasonsIn(SeenIn):
    """An action with its reasons and the provisions relied on."""

    reasons: Text
    provisions: list[Key] = []


class DecisionIn(ReasonsIn):
    """An answer for one authority about one measure or one provision."""

    authority: Key | None
    decision: Literal["grant", "refuse", "ask"]
    measure: Key | None = None
    provision: Key | None = None
    number: Key = ""


class ClearIn(SeenIn):
    """A clearance; without terms, of all that was declared."""

    terms: Raw | None = None


class VaryIn(SeenIn):
    """A new version of the declaration."""

    declaration: Raw


class PassOut(Schema):
    """The pass as the gate reads it, and as a picture."""

    text: str
    svg: str


class QuestionIn(Given):
    """Facts known so far, in the vocabulary of the packs."""

    flow: Key = "materials"
    crosses: Key
    on: date
    facts: Raw = {}
    held: list[Key] = []


class DraftOut(Schema):
    """A declaration being typed."""

    id: str
    content: Raw
    changed_at: datetime
