"""The nouns of checking a crossing: the case in a link, and its answer. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from twoparks.permits.form import Asked
from twoparks.permits.letter import Cited, Letter


@dataclass(frozen=True)
class Case:
    """What one link asks. Facts are JSON values by the vocabulary's names; `wrong` says which were left out, and why."""

    flow: str
    crosses: str
    on: date
    facts: Mapping[str, Any] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    wrong: Mapping[str, str] = field(default_factory=dict)  # fact -> what would be accepted


@dataclass(frozen=True)
class Given:
    """One answer given, in words; `without` is the query of the same case without it."""

    name: str
    question: str
    says: str
    without: str


@dataclass(frozen=True)
class Changed:
    """One fact that would have to be otherwise, in words."""

    question: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """One line of a computed amount."""

    says: str
    value: str


@dataclass(frozen=True)
class Amount:
    """One computed result, the lines that led to it, and the provision that gives it."""

    value: str
    says: str
    lines: tuple[Line, ...]
    law: Cited | None


@dataclass(frozen=True)
class Due:
    """One measure to obtain, and when. Days are None where the law lays down no time or a calendar is missing.

    `held` is the query of the same case with the measure held already.
    """

    name: str
    who: str
    instead_of: tuple[str, ...]
    working_days: int | None
    apply_on: date | None
    ready_on: date | None
    held: str


@dataclass(frozen=True)
class Way:
    """What leads to a yes: the facts to change (none when steps suffice) and the steps, earliest first."""

    verdict: str  # impossible, nothing, change or not_found
    changes: tuple[Changed, ...]
    steps: tuple[Due, ...]
    ready_on: date | None
    lead_days: int | None
    gaps: tuple[str, ...]

    @property
    def timed(self) -> bool:
        """Whether some law says how long something takes, so that a last day can be told."""
        return self.ready_on is not None and any(step.working_days for step in self.steps)


@dataclass(frozen=True)
class Route:
    """A way or lighter treatment of this flow that can be asked about by itself; `query` asks it, or all again where it is asked."""

    name: str
    open: bool
    asked: bool
    query: str


@dataclass(frozen=True)
class Answer:
    """What both banks' law says to a case, and what is asked next."""

    outcome: str
    says: str
    certain: bool
    letter: Letter
    question: Asked | None
    later: int  # questions that may follow this one
    given: tuple[Given, ...]
    skipped: tuple[Given, ...]
    amounts: tuple[Amount, ...]
    way: Way | None
    routes: tuple[Route, ...]
