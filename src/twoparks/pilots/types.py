"""The nouns of a trial. Values only, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, NewType

TrialId = NewType("TrialId", str)  # '<park>-t-<random>'; also the name of the stream of its acts
Words = Mapping[str, str]


class Status(StrEnum):
    """Where a trial stands; computed from its acts and the moment."""

    FILED = "filed"
    REFUSED = "refused"
    AGREED = "agreed"  # signed by both parks, its first day not come
    SHADOW = "shadow"
    LIVE = "live"
    STOPPED = "stopped"
    ENDED = "ended"
    REPORTED = "reported"


class Why(StrEnum):
    """Why a trial was stopped."""

    OFFICER = "officer"
    CAP = "cap"
    STOP_RULE = "stop_rule"
    LAW = "law"  # the packs changed, and its change no longer fits them
    END = "end"  # its last day is over


class Action(StrEnum):
    """What a person can do to a trial."""

    FILE = "file"  # its next version
    AGREE = "agree"
    SIGN = "sign"
    REFUSE = "refuse"
    OPEN = "open"
    JOIN = "join"
    LEAVE = "leave"
    HARM = "harm"
    STOP = "stop"
    REPORT = "report"


@dataclass(frozen=True)
class Benefit:
    """What is hoped for, and how it is counted from acts."""

    key: str
    words: Words
    counted: str  # working_minutes, in_force or clear_at_once


@dataclass(frozen=True)
class Harm:
    """What is feared, how it is counted, and the rate still accepted."""

    key: str
    words: Words
    counted: str  # refused, discrepancy or recorded
    accepted_per_mille: int


@dataclass(frozen=True)
class StopRule:
    """The harm tested after every case, the error rate of the test, and the cases before which it never stops."""

    harm: str
    error_per_mille: int
    at_least: int


@dataclass(frozen=True)
class Quantity:
    """A cap on what is declared: a whole-number fact, or items counted in a unit."""

    counts: str  # name of a fact, or 'items'
    unit: str
    most: Mapping[str, int]  # by home park


@dataclass(frozen=True)
class Participants:
    """Who may take part: by invitation, everybody of some kinds, or those of them drawn by lot."""

    how: Literal["invited", "open", "lot"]
    organisations: tuple[str, ...]  # invited, by id
    sender_kinds: tuple[str, ...]  # of the vocabulary; empty: any
    places: Mapping[str, int]  # organisations at most, by home park
    drawn_per_mille: int | None  # of a lot


@dataclass(frozen=True)
class Protocol:
    """What both parks sign. Days are of the home park; `ends` is the last one."""

    title: Words
    question: Words
    kind: Literal["rule", "technology"]
    change: str  # text as `law/amend.py` reads it; empty where a technology is tried
    change_digest: str
    base_digest: str  # of the packs it was filed over
    flow: str
    crosses: str | None  # None: both ways
    authorities: Mapping[str, tuple[str, ...]]  # by bank
    participants: Participants
    permits: Mapping[str, int]  # permits at most, by home park
    per_participant: int | None
    quantity: Quantity | None
    shadow_from: date
    live_from: date
    ends: date
    benefit: tuple[Benefit, ...]
    harm: tuple[Harm, ...]
    stop_rule: StopRule
    data_kept: Words
    data_until: date
    when_stopped: Literal["stays", "revoked"]
    assumed: tuple[str, ...]  # which figures are assumed, not from a source

    def harm_of(self, key: str) -> Harm | None:
        """The measure of harm of that key."""
        return next((harm for harm in self.harm if harm.key == key), None)

    @property
    def tested(self) -> Harm:
        """The measure of harm that the stop rule tests."""
        found = self.harm_of(self.stop_rule.harm)
        assert found is not None, "a protocol's stop rule names one of its harms"
        return found


@dataclass(frozen=True)
class Agreed:
    """What a named authority said about a version."""

    authority: str
    agrees: bool
    reasons: str
    park: str
    at: datetime


@dataclass(frozen=True)
class Said:
    """A park's signature, refusal or opening of a version."""

    park: str
    at: datetime
    reasons: str = ""
    seen: str = ""  # digest of the figures seen, where it opens


@dataclass(frozen=True)
class Version:
    """One version of the protocol and what was said about it."""

    number: int
    protocol: Protocol
    digest: str
    at: datetime
    agreed: Mapping[str, Agreed] = field(default_factory=dict)  # by authority
    signed: Mapping[str, Said] = field(default_factory=dict)  # by park
    refused: Mapping[str, Said] = field(default_factory=dict)
    opened: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True)
class Joined:
    """An organisation that takes part; `left_at` once it no longer does."""

    organisation: str
    park: str
    sender_kind: str
    named: bool  # it agreed to be named in the public register
    at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True)
class Harmed:
    """A harm that an officer recorded."""

    measure: str
    permit: str | None
    reasons: str
    park: str
    at: datetime


@dataclass(frozen=True)
class Stopped:
    """The end before its time, or the end itself; `figures` as the park that stopped it had them."""

    why: Why
    park: str
    at: datetime
    reasons: str
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Reported:
    """What the home park's rule makers propose after it."""

    proposal: Literal["widen", "repeat", "end"]
    summary: Words
    figures: Mapping[str, Any]
    figures_digest: str
    at: datetime


@dataclass(frozen=True)
class Trial:
    """A trial as its acts make it. `acts` is what somebody has seen; carry it as `seen` when acting."""

    id: TrialId
    home: str
    time_zone: str
    versions: tuple[Version, ...]
    joined: Mapping[str, Joined]
    harms: tuple[Harmed, ...]
    stops: tuple[Stopped, ...]  # earliest first
    reported: Reported | None
    acts: int
    changed_at: datetime

    @property
    def current(self) -> Version:
        """The latest version: the only one that can be agreed, signed or run."""
        return self.versions[-1]

    @property
    def protocol(self) -> Protocol:
        """Of the current version."""
        return self.current.protocol

    @property
    def stopped(self) -> Stopped | None:
        """What ended it first."""
        return self.stops[0] if self.stops else None

    def version(self, number: int) -> Version | None:
        """That version, or None when it was never filed here."""
        return self.versions[number - 1] if 1 <= number <= len(self.versions) else None


@dataclass(frozen=True)
class Possible:
    """Whether an action can be taken now; when not, why not."""

    action: Action
    open: bool
    says: str = ""
