"""What the API of permits takes and gives: one shape an operation, described in openapi.json."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Schema

Raw = dict[str, Any]  # Any: a declaration as typed; `check_declaration` says what of it is accepted


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
    waits: str
    valid_from: datetime
    valid_until: datetime
    changed_at: datetime


class LinesOut(Schema):
    """One page of permits."""

    rows: list[LineOut]
    number: int
    pages: int
    total: int


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
    work: list[TodoOut]
    possible: list[PossibleOut]
    terms: dict[str, Any] | None  # Any: as `permit.cleared` carries them
    offer: dict[str, Any]
    remaining: dict[int, int]
    cleared_by: list[str]
    signed_by: list[str]
    acts_seen: int


class SeenIn(Schema):
    """How many acts of the permit you had before you."""

    seen: int


class ReasonsIn(SeenIn):
    """An action with its reasons and the provisions relied on."""

    reasons: str
    provisions: list[str] = []


class DecisionIn(ReasonsIn):
    """An answer for one authority about one measure or one provision."""

    authority: str | None
    decision: Literal["grant", "refuse", "ask"]
    measure: str | None = None
    provision: str | None = None
    number: str = ""


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


class QuestionIn(Schema):
    """Facts known so far, in the vocabulary of the packs."""

    flow: str = "materials"
    crosses: str
    on: date
    facts: Raw = {}
    held: list[str] = []


class DraftOut(Schema):
    """A declaration being typed."""

    id: str
    content: Raw
    changed_at: datetime
