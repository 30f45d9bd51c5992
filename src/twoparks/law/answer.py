"""What a determination says, as plain immutable values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Protocol

from .pack import Text


class Outcome(StrEnum):
    """The five answers; see the vocabulary for what each promises."""

    CLEAR = "clear"
    CONDITIONAL = "conditional"
    FORBIDDEN = "forbidden"
    REFER = "refer"
    UNKNOWN = "unknown"


EXIT_CODES = {
    Outcome.CLEAR: 0,
    Outcome.CONDITIONAL: 1,
    Outcome.FORBIDDEN: 2,
    Outcome.REFER: 3,
    Outcome.UNKNOWN: 4,
}


class MeasureLine(NamedTuple):
    """A measure that is required on these facts; `one_of` lists the alternatives, itself included, or is empty.

    `sure` is false of an alternative, or of what is asked for, that facts not stated may still close.
    """

    id: str
    kind: str
    bank: str
    one_of: tuple[str, ...]
    held: bool
    authority: tuple[str, ...]
    working_days: int | None
    provisions: tuple[str, ...]
    sure: bool = True
    terms: Mapping[str, object] = MappingProxyType({})

    def as_dict(self) -> dict[str, object]:
        """JSON values: the terms that apply stand beside the rest; `authority` is one key, or a list of several."""
        found = self._asdict() | {
            "authority": self.authority[0] if len(self.authority) == 1 else self.authority
        }
        terms: Mapping[str, object] = found.pop("terms")
        return found | {key: str(v) if isinstance(v, date) else v for key, v in terms.items()}


class ProvisionLine(NamedTuple):
    """A provision that was considered; `holds` is None while facts that it needs are missing."""

    id: str
    instrument: str
    article: str
    holds: bool | None
    effect: str
    says: Text
    source: str
    confidence: str
    status: str
    bank: str


class ResultStep(NamedTuple):
    """One line of a computed result, in its own unit."""

    name: str
    value: object
    provision: str
    unit: str | None


class ResultValue(NamedTuple):
    """A computed result with the lines that led to it."""

    value: object
    unit: str | None
    provision: str
    lines: tuple[ResultStep, ...]


class Referral(NamedTuple):
    """A provision a person must decide on, and whose desk it goes to."""

    provision: str
    authority: str | None


class AnsweredCase(Protocol):
    """What an answer can still be asked; computed only then."""

    def stated(self) -> Mapping[str, object]:
        """The facts stated."""

    def implied(self) -> Mapping[str, object]:
        """The facts they settle."""

    def still_asked(self) -> tuple[str, ...]:
        """The facts that could still matter."""


@dataclass(frozen=True, slots=True)
class Determination:
    """The answer to one case, with everything it rests on. Equal facts and packs give equal bytes.

    `missing` names the facts that could still change the outcome, most settling first; `open_questions` those that
    could change the list of measures as well. `open_ways` are the routes and facilities open on these facts.
    """

    outcome: Outcome
    banks: Mapping[str, Outcome]
    measures: tuple[MeasureLine, ...]
    provisions: tuple[ProvisionLine, ...]
    missing: tuple[str, ...]
    results: Mapping[str, ResultValue]
    refer_to: tuple[Referral, ...]
    shadow: tuple[ProvisionLine, ...]
    open_ways: tuple[str, ...]
    closed_ways: tuple[str, ...]
    pack_digest: str
    _case: AnsweredCase = field(repr=False, compare=False)

    @property
    def facts(self) -> Mapping[str, object]:
        """The facts stated, as they are written, in order of their names."""
        return self._case.stated()

    @property
    def implied(self) -> Mapping[str, object]:
        """Facts nobody stated that those stated settle."""
        return self._case.implied()

    @property
    def open_questions(self) -> tuple[str, ...]:
        """Facts that could still change the outcome or the list of measures, most settling first."""
        return self._case.still_asked()

    def as_dict(self) -> dict[str, object]:
        """The answer as JSON values; `authority` is written as in the vocabulary: one key, or a list of several."""
        return {
            "outcome": str(self.outcome),
            "banks": {bank: str(outcome) for bank, outcome in self.banks.items()},
            "measures": [line.as_dict() for line in self.measures],
            "results": {
                key: {
                    "value": r.value,
                    "unit": r.unit,
                    "provision": r.provision,
                    "lines": [s._asdict() for s in r.lines],
                }
                for key, r in self.results.items()
            },
            "provisions": [line._asdict() for line in self.provisions],
            "missing": self.missing,
            "refer_to": [referral._asdict() for referral in self.refer_to],
            "shadow": [line._asdict() for line in self.shadow],
            "open_ways": self.open_ways,
            "closed_ways": self.closed_ways,
            "facts": dict(self.facts),
            "implied": dict(self.implied),
            "pack_digest": self.pack_digest,
        }

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces, the same bytes for the same facts and packs."""
        return json.dumps(self.as_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
