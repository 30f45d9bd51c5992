"""What packs hold, once read: plain values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from .language import Tree

Text = Mapping[str, str]
"""One sentence in each language: `en`, `zh-Hant`, `zh-Hans`."""

LANGUAGES = ("en", "zh-Hant", "zh-Hans")
BANKS = ("ml", "hk")
Bank = Literal["ml", "hk", "both"]
Confidence = Literal["V", "S", "M"]
DECIDES = ("in_force", "assumed")
STATUSES = (*DECIDES, "pending", "policy_intent", "pilot")
FINDINGS = ("unreachable", "shadowed", "gap", "conflict", "no_way_across", "dead_parameter", "unsettled")
EFFECTS = ("forbid", "require", "exempt", "permit", "refer", "compute", "state")


class PackError(Exception):
    """A pack that cannot be read: file, line, column, what stands there, what would be accepted."""


class Place(NamedTuple):
    """Where something stands in the packs."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Interval(NamedTuple):
    """Half-open days `[from_on, until_on)`; None is open."""

    from_on: date | None = None
    until_on: date | None = None

    def covers(self, day: date) -> bool:
        """Whether `day` lies within."""
        return (self.from_on is None or self.from_on <= day) and (
            self.until_on is None or day < self.until_on
        )

    def contains(self, other: Interval) -> bool:
        """Whether every day of the other lies within."""
        return (self.from_on or date.min) <= (other.from_on or date.min) and (other.until_on or date.max) <= (
            self.until_on or date.max
        )

    def meets(self, other: Interval) -> bool:
        """Whether some day lies within both."""
        begin = max(self.from_on or date.min, other.from_on or date.min)
        return begin < min(self.until_on or date.max, other.until_on or date.max)


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed condition or amount and where it was written."""

    text: str
    tree: Tree
    place: Place


@dataclass(frozen=True, slots=True)
class Implied:
    """A value that other stated facts settle when `when` holds."""

    value: bool | str
    when: Expression


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact of the vocabulary with its question."""

    name: str
    type: str
    flows: tuple[str, ...]
    meaning: str
    values: tuple[str, ...] = ()
    unit: str | None = None
    nullable: bool = False
    minimum: int | None = None
    maximum: int | None = None
    question: Text = field(default_factory=dict)
    help: Text = field(default_factory=dict)
    value_labels: Mapping[str, Text] = field(default_factory=dict)
    stated_by: str = "applicant"
    changeable: bool = False
    first: bool = False  # what everything else is about: asked before the rest
    after: str | None = None  # the fact it is about: not asked while that one is open
    implied: tuple[Implied, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasureTerm:
    """What holds of a measure during an interval; `terms` are those of the vocabulary."""

    in_force: Interval
    crosses: tuple[str, ...]
    terms: Mapping[str, object]
    authority: tuple[str, ...]
    confidence: Confidence
    source: str
    article: str
    applies: Text
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """What one filing for a measure also serves, so that both banks are served by it; `also` names the other measures."""

    also: tuple[str, ...]
    in_force: Interval
    crosses: tuple[str, ...]
    says: Text
    source: str
    article: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Measure:
    """A permit, filing, act, route or facility that provisions name."""

    key: str
    kind: str
    bank: Bank
    flows: tuple[str, ...]
    authority: tuple[str, ...]
    meaning: str
    name: Text = field(default_factory=dict)
    how: Text = field(default_factory=dict)
    documents: tuple[Text, ...] = ()
    after: tuple[str, ...] = ()
    terms: tuple[MeasureTerm, ...] = ()
    serves: tuple[Served, ...] = ()

    def served(self, day: date, crosses: str | None = None) -> tuple[Served, ...]:
        """What one filing for it serves on both banks, on `day` and in this direction (in any when None)."""
        return tuple(
            one
            for one in self.serves
            if one.in_force.covers(day) and (not crosses or not one.crosses or crosses in one.crosses)
        )

    def term(self, day: date, crosses: str | None = None) -> MeasureTerm | None:
        """The term that holds on `day` for this direction, or None."""
        for term in self.terms:
            if term.in_force.covers(day) and (not term.crosses or crosses in term.crosses):
                return term
        return None


@dataclass(frozen=True, slots=True)
class Result:
    """A computed result that packs may give."""

    key: str
    type: str
    flows: tuple[str, ...]
    unit: str | None
    meaning: str


@dataclass(frozen=True, slots=True)
class Authority:
    """Who decides or receives."""

    key: str
    meaning: str
    name: Text = field(default_factory=dict)
    bank: Bank = "both"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every name a pack may use."""

    places: tuple[str, ...]
    outcomes: Mapping[str, str]
    facts: tuple[FactSpec, ...]
    measures: Mapping[str, Measure]
    results: Mapping[str, Result]
    authorities: Mapping[str, Authority]
    terms: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One named line of an amount; `unit` is None where it is the result's."""

    name: str
    value: Expression
    says: Text
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a provision does; which fields matter depends on `kind` (see docs/packs.md)."""

    kind: str
    measures: tuple[str, ...] = ()
    one_of: bool = False
    afresh: bool = False
    authority: str | None = None
    result: str | None = None
    value: Expression | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Provision:
    """One rule: when, effect, what it yields to, and where it is written."""

    id: str
    instrument: str
    article: str
    bank: Bank
    flows: tuple[str, ...]
    crosses: tuple[str, ...]
    when: Expression
    effect: Effect
    unless: tuple[str, ...]
    route: str | None
    in_force: Interval
    status: str
    confidence: Confidence
    says: Text
    source: str
    authority: str | None
    place: Place
    live: bool = False  # a pilot's own provision, in the law of its live run

    @property
    def decides(self) -> bool:
        """Whether it takes part in the outcome, or is only shown beside it."""
        return self.status in DECIDES or (self.live and self.status == "pilot")


@dataclass(frozen=True, slots=True)
class Instrument:
    """A statute, regulation, notice or plan."""

    key: str
    title: Text
    issuer: Text
    source: str
    bank: Bank
    in_force: Interval
    status: str
    place: Place


@dataclass(frozen=True, slots=True)
class Definition:
    """A name for a condition, for some flows and some time."""

    name: str
    flows: tuple[str, ...]
    in_force: Interval
    means: Expression
    says: Text


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """What a parameter is during an interval, and who says so."""

    in_force: Interval
    value: int | date
    source: str
    article: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class DatedParameter:
    """A number or day the law sets."""

    name: str
    type: str
    unit: str | None
    says: Text
    values: tuple[ParameterValue, ...]
    place: Place

    def on(self, day: date) -> ParameterValue | None:
        """Its value on `day`, or None."""
        return next((value for value in self.values if value.in_force.covers(day)), None)


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """The days off and the make-up working days of one year on one bank."""

    bank: Bank
    year: int
    holidays: frozenset[date]
    working: frozenset[date]
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why findings of one kind are as they should be (`cites` an instrument, with its confidence), or that nobody has decided (None)."""

    kind: str
    flows: tuple[str, ...]
    crosses: tuple[str, ...]
    banks: tuple[str, ...]
    of: tuple[str, ...]
    beside: tuple[str, ...]
    period: Interval
    cites: str | None
    article: str
    confidence: Confidence | None
    says: Text
    place: Place

    @property
    def remembered(self) -> bool:
        """Whether what it cites was not read but is cited from memory."""
        return self.confidence == "M"

    @property
    def undecided(self) -> bool:
        """Whether it only says that nobody has decided."""
        return self.cites is None

    def explains(self, kind: str, where: Mapping[str, str], names: Sequence[str], period: Interval) -> bool:
        """Whether it is about a finding: what it leaves out may be anything. The first name is whom the finding is about."""
        places = ((self.flows, "flow"), (self.crosses, "crosses"), (self.banks, "bank"))
        return (
            kind == self.kind
            and all(not accepted or where[name] in accepted for accepted, name in places)
            and (not self.of or (bool(names) and names[0] in self.of))
            and (not self.beside or not set(self.beside).isdisjoint(names[1:]))
            and self.period.contains(period)
        )


@dataclass(frozen=True, slots=True)
class Law:
    """All packs together, as read; `digest` is the SHA-256 of their canonical content."""

    vocabulary: Vocabulary
    instruments: Mapping[str, Instrument]
    provisions: tuple[Provision, ...]
    definitions: tuple[Definition, ...]
    parameters: Mapping[str, DatedParameter]
    calendar: tuple[CalendarYear, ...]
    citations: Mapping[str, Text]  # by the English words of an article
    digest: str
    explained: tuple[Explanation, ...] = ()
