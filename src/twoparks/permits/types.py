"""The nouns of a permit: what is declared, what each park answered, what is left to do. Values only, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, NewType

from twoparks.permits.besides import ALL_READ, Besides
from twoparks.permits.carried import Carried, Goods, Hours, Item, Traveller

PermitId = NewType("PermitId", str)  # '<park>-p-<random>'; also the name of the stream of its acts
DraftId = NewType("DraftId", str)

APPLICANT = "party"  # the packs' key for what the applicant does by itself


class Status(StrEnum):
    """Where a permit stands; always computed from its acts."""

    DECLARED = "declared"
    IN_REVIEW = "in_review"
    CLEARED_BY_ONE = "cleared_by_one"
    IN_FORCE = "in_force"
    IN_TRANSIT = "in_transit"
    COMPLETED = "completed"
    REFUSED = "refused"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OPEN = frozenset({Status.DECLARED, Status.IN_REVIEW, Status.CLEARED_BY_ONE})
USABLE = frozenset({Status.IN_FORCE, Status.IN_TRANSIT})
TO_BE_USED = USABLE | {
    Status.CLEARED_BY_ONE
}  # shown as cleared by one until the other park's signature is here


class Action(StrEnum):
    """What can be done to a permit by a person."""

    VARY = "vary"
    WITHDRAW = "withdraw"
    DECIDE = "decide"
    CLEAR = "clear"
    REFUSE = "refuse"
    REVOKE = "revoke"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what was typed: where, which value, and what would be accepted, in the reader's language."""

    path: str  # 'items.2.quantity': names and one-based rows, joined by dots
    value: object
    says: str  # whole sentence(s), ready to show


class Invalid(ValueError):
    """What was typed is not a declaration; `problems` says why, one by one."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(p.says for p in problems))


class NotPossible(RuntimeError):
    """The permit's state does not allow the action; `code` for programs, the message for people."""

    def __init__(self, code: str, says: str) -> None:
        self.code = code
        super().__init__(says)


@dataclass(frozen=True)
class Party:
    """An organisation as the other park may know it."""

    park: str
    id: str
    name: Mapping[str, str]


@dataclass(frozen=True)
class ProjectRef:
    """The project a permit belongs to."""

    id: str
    title: Mapping[str, str]


@dataclass(frozen=True)
class Evidence:
    """A measure the applicant holds. `valid_until` is the last day, inclusive; `number` is empty for the applicant's own act."""

    measure: str
    number: str
    authority: str
    valid_until: date | None


@dataclass(frozen=True)
class Declaration:
    """What both banks decide on. `valid_until` is the last day, inclusive; `uses` None means any number of uses.

    `crosses` is the way out; a flow that comes back names the gate groups of both ways.
    """

    flow: str
    crosses: str
    project: ProjectRef
    sender: Party
    recipient: Party
    facts: Mapping[str, Any]  # vocabulary names; JSON values, dates as YYYY-MM-DD
    evidence: tuple[Evidence, ...]
    carries: Carried
    exit_groups: tuple[str, ...]
    entry_groups: tuple[str, ...]
    uses: int | None
    valid_from: date
    valid_until: date

    @property
    def goods(self) -> Goods | None:
        """The goods, where goods cross."""
        return self.carries if isinstance(self.carries, Goods) else None

    @property
    def traveller(self) -> Traveller | None:
        """The person, where a person crosses."""
        return self.carries if isinstance(self.carries, Traveller) else None

    @property
    def items(self) -> tuple[Item, ...]:
        """The lines of goods; none where a person crosses."""
        return self.carries.items if isinstance(self.carries, Goods) else ()


@dataclass(frozen=True)
class ItemTerms:
    """How much of one line may cross."""

    line: int
    quantity: int
    unit: str


@dataclass(frozen=True)
class Terms:
    """What is allowed; instants half-open [valid_from, valid_until). Goods have lines, persons may have hours."""

    items: tuple[ItemTerms, ...]
    exit_groups: tuple[str, ...]
    entry_groups: tuple[str, ...]
    uses: int | None
    valid_from: datetime
    valid_until: datetime
    hours: Hours | None = None


@dataclass(frozen=True)
class Empty:
    """Two clearances that share nothing, and where."""

    field: Literal["items", "exit_groups", "entry_groups", "uses", "hours", "validity"]
    says: str


@dataclass(frozen=True)
class StatusPlaceRef:
    """The bit of a park's status list that ends a permit."""

    list: int
    index: int


@dataclass(frozen=True)
class Reasons:
    """Why an officer decided so: own words, lines ended by a line feed however typed, and the provisions relied on, each once."""

    text: str
    provisions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", "\n".join(self.text.replace("\r\n", "\n").split("\r")).strip())
        object.__setattr__(self, "provisions", tuple(dict.fromkeys(self.provisions)))


@dataclass(frozen=True)
class Required:
    """One measure a bank's law requires, as the other park may know it."""

    measure: str
    held: bool


@dataclass(frozen=True)
class Determined:
    """What one bank's law answered for a version."""

    park: str
    bank: str
    outcome: str
    pack_digest: str
    facts_digest: str
    required: tuple[Required, ...]
    at: datetime
    trial: str = ""  # the trial whose law answered


@dataclass(frozen=True)
class RegisterCheck:
    """What a register answered about a number."""

    measure: str
    number: str
    register: str
    answer: str
    simulated: bool
    valid_until: date | None
    at: datetime


@dataclass(frozen=True)
class Decision:
    """What an authority decided about a measure or about a provision that refers. Exactly one of the two is set."""

    measure: str | None
    provision: str | None
    authority: str | None  # None: the park itself, where the law names nobody
    decision: Literal["grant", "refuse", "ask"]
    reasons: Reasons
    number: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class Clearance:
    """One park's signed offer of terms for one version."""

    park: str
    declaration_digest: str
    terms: Terms
    place: StatusPlaceRef
    grounds: tuple[Mapping[str, Any], ...]
    actor: str
    at: datetime


@dataclass(frozen=True)
class Said:
    """A refusal or revocation: who, why, when."""

    park: str
    reasons: Reasons
    actor: str
    at: datetime


@dataclass(frozen=True)
class Signature:
    """One park's signature part over the permit bytes."""

    park: str
    permit_digest: str
    part: str  # base64url
    at: datetime


@dataclass(frozen=True)
class Passage:
    """One leg passed under a permit, as the gate recorded it."""

    crossing: str
    leg: Literal["exit", "entry"]
    park: str
    gate: str
    group: str
    event_number: int
    at: datetime
    version: int
    quantities: Mapping[int, int]  # line -> quantity
    inspection: str | None


@dataclass(frozen=True)
class Declared:
    """A movement that no gate of ours saw, as the person or the employer states it. It is told apart everywhere."""

    crossing: str
    control_point: str  # a value of the vocabulary
    at: datetime
    park: str


@dataclass(frozen=True)
class Version:
    """One version of the declaration and everything said about it, by park where both parks speak."""

    number: int
    declaration: Declaration
    digest: str
    at: datetime
    determined: Mapping[str, Determined] = field(default_factory=dict)
    checks: tuple[RegisterCheck, ...] = ()
    decisions: tuple[Decision, ...] = ()
    cleared: Mapping[str, Clearance] = field(default_factory=dict)
    refused: Mapping[str, Said] = field(default_factory=dict)
    revoked: Mapping[str, Said] = field(default_factory=dict)
    signed: Mapping[str, Signature] = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
    declared: tuple[Declared, ...] = ()
    trial: str = ""  # the trial of rules it was declared under


@dataclass(frozen=True)
class PermitState:
    """A permit as its acts make it. `acts` is what an officer has seen; carry it as `seen` when deciding.

    `besides` is empty wherever all acts were read, which is everywhere but where one passage is added.
    """

    id: PermitId
    home: str
    versions: tuple[Version, ...]
    withdrawn_at: datetime | None
    acts: int
    changed_at: datetime
    settled: frozenset[str] = frozenset()  # crossings whose discrepancy was closed
    faulty: frozenset[str] = frozenset()  # crossings on which a discrepancy was ever recorded
    besides: Besides = ALL_READ

    @property
    def current(self) -> Version:
        """The latest version: the only one that can be cleared or used."""
        return self.versions[-1]

    def version(self, number: int) -> Version | None:
        """That version, or None when it was never declared here."""
        return self.versions[number - 1] if 1 <= number <= len(self.versions) else None


class Waits(StrEnum):
    """Why a piece of work waits."""

    MISSING = "missing"  # the law requires it, nothing is held
    CONFIRM = "confirm"  # stated as held without a number; the authority looks in its own records
    REGISTER = "register"  # held, but the register did not say valid
    REFERRED = "referred"  # the law leaves the point to a person
    ASKED = "asked"  # the authority asked the applicant and waits
    DENIED = "denied"  # the authority refused; the park can only refuse
    STATEMENT = "statement"  # the applicant's own act is not stated yet
    LAW = "law"  # forbidden or unknown: the park can only refuse


@dataclass(frozen=True)
class Todo:
    """One thing left before this park may clear, whose it is and why."""

    authorities: tuple[
        str, ...
    ]  # any of them settles it; (APPLICANT,) for the applicant, () for the park itself
    why: Waits
    measures: tuple[str, ...] = ()  # any of them settles it
    provisions: tuple[str, ...] = ()  # what makes it necessary
    register_answer: str | None = None
    simulated: bool = False
    question: str = ""  # what the authority asked, where it asked
    no_desk: bool = False  # nobody at this node decides for any of `authorities`


@dataclass(frozen=True)
class AuthorityAnswer:
    """What an officer answers for an authority (None: for the park itself) about one measure or one provision."""

    authority: str | None
    decision: Literal["grant", "refuse", "ask"]
    reasons: Reasons
    measure: str | None = None
    provision: str | None = None
    number: str = ""  # of the approval granted, where it has one


@dataclass(frozen=True)
class Possible:
    """Whether an action can be taken now; when not, why not."""

    action: Action
    open: bool
    says: str = ""
