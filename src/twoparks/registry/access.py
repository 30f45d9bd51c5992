"""The one place that answers who may do what to what. Default deny: a verb nobody listed is nobody's."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from django.utils.translation import gettext as _

from twoparks.registry.models import Role, User


class Verb(StrEnum):
    """Everything a person can ask this node to do or show."""

    SEE_PERMIT = "see_permit"
    DECLARE = "declare"
    VARY = "vary"
    WITHDRAW = "withdraw"
    DECIDE = "decide"
    CLEAR = "clear"
    REFUSE = "refuse"
    REVOKE = "revoke"
    SEE_QUEUE = "see_queue"
    SEE_PROJECT = "see_project"
    CHANGE_PROJECT = "change_project"
    SEE_PEOPLE = "see_people"
    ADD_PERSON = "add_person"
    ADD_ROLE = "add_role"
    SCAN = "scan"
    SEE_GATE = "see_gate"
    ENROL_GATE = "enrol_gate"
    SEE_CROSSING = "see_crossing"
    CLOSE_DISCREPANCY = "close_discrepancy"
    SEE_LEDGER = "see_ledger"
    ACCEPT_LOSS = "accept_loss"
    REGISTER_PERSON = "register_person"  # to cross
    SEE_TRAVELLERS = "see_travellers"
    OWN_TRAVEL = "own_travel"  # consent, make the phone's key, show the pass: nobody does that for another
    DECLARE_RETURN = "declare_return"
    SEE_MOVEMENTS = "see_movements"
    SEE_COUNTS = "see_counts"  # days across that people released to their employer
    ASK_MOVEMENTS = "ask_movements"  # with a reason that is recorded
    SEE_DRAFTS = "see_drafts"  # of trials
    DRAFT_TRIAL = "draft_trial"
    FILE_TRIAL = "file_trial"
    AGREE_TRIAL = "agree_trial"
    SIGN_TRIAL = "sign_trial"  # or refuse it
    OPEN_TRIAL = "open_trial"
    STOP_TRIAL = "stop_trial"
    RECORD_HARM = "record_harm"
    JOIN_TRIAL = "join_trial"  # or leave it
    SEE_TRIAL = "see_trial"
    SEE_TRIAL_CASES = "see_trial_cases"
    REPORT_TRIAL = "report_trial"


class Scope(StrEnum):
    """How far a role's right reaches."""

    NODE = "node"  # everything at this node
    OWNER = "owner"  # things whose owner is the role's organisation
    PARTY = "party"  # things to which the role's organisation is a party
    AUTHORITY = "authority"  # things before the role's authority
    GATE = "gate"  # things of the role's gate
    SELF = "self"  # things about the person whose role it is


@dataclass(frozen=True)
class Subject:
    """What access needs to know of a thing. Empty sets match no role but one whose right reaches the whole node."""

    owner: str | None = None  # organisation id
    parties: frozenset[str] = field(default_factory=frozenset)  # organisation ids, owner included
    authorities: frozenset[str] = field(default_factory=frozenset)
    gates: frozenset[str] = field(default_factory=frozenset)
    person: int | None = None  # account of the person who crosses


NODE = Subject()  # the node itself: its queue, its ledger

_Kind = Role.Kind
RULES: dict[Verb, tuple[tuple[Role.Kind, Scope], ...]] = {
    Verb.SEE_PERMIT: (
        (_Kind.MEMBER, Scope.PARTY),
        (_Kind.ADMINISTRATOR, Scope.PARTY),
        (_Kind.PARK_OFFICER, Scope.NODE),
        (_Kind.AUTHORITY_OFFICER, Scope.AUTHORITY),
        (_Kind.AUDITOR, Scope.NODE),
        (_Kind.PERSON, Scope.SELF),
    ),
    Verb.DECLARE: ((_Kind.MEMBER, Scope.OWNER), (_Kind.ADMINISTRATOR, Scope.OWNER)),
    Verb.VARY: ((_Kind.MEMBER, Scope.OWNER), (_Kind.ADMINISTRATOR, Scope.OWNER)),
    Verb.WITHDRAW: ((_Kind.MEMBER, Scope.OWNER), (_Kind.ADMINISTRATOR, Scope.OWNER)),
    Verb.DECIDE: ((_Kind.AUTHORITY_OFFICER, Scope.AUTHORITY),),
    Verb.CLEAR: ((_Kind.PARK_OFFICER, Scope.NODE),),
    Verb.REFUSE: ((_Kind.PARK_OFFICER, Scope.NODE),),
    Verb.REVOKE: ((_Kind.PARK_OFFICER, Scope.NODE),),
    Verb.SEE_QUEUE: (
        (_Kind.PARK_OFFICER, Scope.NODE),
        (_Kind.AUTHORITY_OFFICER, Scope.AUTHORITY),
        (_Kind.AUDITOR, Scope.NODE),
    ),
    Verb.SEE_PROJECT: (
        (_Kind.MEMBER, Scope.PARTY),
        (_Kind.ADMINISTRATOR, Scope.PARTY),
        (_Kind.PARK_OFFICER, Scope.NODE),
        (_Kind.AUDITOR, Scope.NODE),
    ),
    Verb.CHANGE_PROJECT: ((_Kind.ADMINISTRATOR, Scope.OWNER),),
    Verb.SEE_PEOPLE: (
        (_Kind.ADMINISTRATOR, Scope.OWNER),
        (_Kind.PARK_OFFICER, Scope.NODE),
        (_Kind.AUDITOR, Scope.NODE),
    ),
    Verb.ADD_PERSON: ((_Kind.ADMINISTRATOR, Scope.OWNER), (_Kind.PARK_OFFICER, Scope.NODE)),
    Verb.ADD_ROLE: ((_Kind.PARK_OFFICER, Scope.NODE),),
    Verb.SCAN: ((_Kind.GATE, Scope.GATE),),
    Verb.SEE_GATE: ((_Kind.GATE, Scope.GATE), (_Kind.PARK_OFFICER, Scope.NODE), (_Kind.AUDITOR, Scope.NODE)),
    Verb.ENROL_GATE: ((_Kind.PARK_OFFICER, Scope.NODE),),
    Verb.SEE_CROSSING: (
        (_Kind.MEMBER, Scope.PARTY),
        (_Kind.ADMINISTRATOR, Scope.PARTY),
        (_Kind.PARK_OFFICER, Scope.NODE),
        (_Kind.AUTHORITY_OFFICER, Scope.AUTHORITY),
        (_Kind.GATE, Scope.GATE),
        (_Kind.AUDITOR, Scope.NODE),
        (_Kind.PERSON, Scope.SELF),
    ),
    Verb.CLOSE_DISCREPANCY: ((_Kind.PARK_OFFICER, Scope.NODE),),
    Verb.ACCEPT_LOSS: ((_Kind.PARK_OFFICER, Scope.NODE),),
    Verb.SEE_LEDGER: ((_Kind.PARK_OFFICER, Scope.NODE), (_Kind.AUDITOR, Scope.NODE)),
    Verb.REGISTER_PERSON: ((_Kind.ADMINISTRATOR, Scope.OWNER),),
    Verb.SEE_TRAVELLERS: ((_Kind.ADMINISTRATOR, Scope.OWNER), (_Kind.MEMBER, Scope.OWNER)),
    Verb.OWN_TRAVEL: ((_Kind.PERSON, Scope.SELF),),
    Verb.DECLARE_RETURN: ((_Kind.PERSON, Scope.SELF), (_Kind.ADMINISTRATOR, Scope.OWNER)),
    Verb.SEE_MOVEMENTS: ((_Kind.PERSON, Scope.SELF),),
    Verb.SEE_COUNTS: ((_Kind.ADMINISTRATOR, Scope.OWNER),),
    Verb.ASK_MOVEMENTS: ((_Kind.PARK_OFFICER, Scope.NODE), (_Kind.AUDITOR, Scope.NODE)),
    Verb.SEE_DRAFTS: ((_Kind.RULE_MAKER, Scope.NODE), (_Kind.AUDITOR, Scope.NODE)),
    Verb.DRAFT_TRIAL: ((_Kind.RULE_MAKER, Scope.NODE),),
    Verb.FILE_TRIAL: ((_Kind.RULE_MAKER, Scope.NODE),),
    Verb.AGREE_TRIAL: ((_Kind.AUTHORITY_OFFICER, Scope.AUTHORITY),),
    Verb.SIGN_TRIAL: ((_Kind.PARK_OFFICER, Scope.NODE),),
    Verb.OPEN_TRIAL: ((_Kind.PARK_OFFICER, Scope.NODE),),
    Verb.STOP_TRIAL: ((_Kind.PARK_OFFICER, Scope.NODE),),
    Verb.RECORD_HARM: ((_Kind.PARK_OFFICER, Scope.NODE), (_Kind.AUTHORITY_OFFICER, Scope.AUTHORITY)),
    Verb.JOIN_TRIAL: ((_Kind.ADMINISTRATOR, Scope.OWNER),),
    Verb.SEE_TRIAL: (
        (_Kind.MEMBER, Scope.NODE),
        (_Kind.ADMINISTRATOR, Scope.NODE),
        (_Kind.PARK_OFFICER, Scope.NODE),
        (_Kind.AUTHORITY_OFFICER, Scope.NODE),
        (_Kind.AUDITOR, Scope.NODE),
        (_Kind.RULE_MAKER, Scope.NODE),
    ),
    Verb.SEE_TRIAL_CASES: (
        (_Kind.PARK_OFFICER, Scope.NODE),
        (_Kind.AUDITOR, Scope.NODE),
        (_Kind.RULE_MAKER, Scope.NODE),
    ),
    Verb.REPORT_TRIAL: ((_Kind.RULE_MAKER, Scope.NODE),),
}

# Who decides, lets through or reads what is others'. A gate officer is one: at the counter a person lets through.
DECIDING = frozenset(
    {_Kind.PARK_OFFICER, _Kind.AUTHORITY_OFFICER, _Kind.GATE, _Kind.AUDITOR, _Kind.RULE_MAKER}
)

# Whose account somebody else's rights hang on, by deciding or by giving accounts and roles: it needs a second factor.
GUARDED = DECIDING | {_Kind.ADMINISTRATOR}


@dataclass(frozen=True)
class Allowed:
    """Yes, by this role."""

    role: Role

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True)
class Denied:
    """No, and why, in the reader's language."""

    code: str
    says: str

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True)
class Seer:
    """Who may do something: everybody with a role of that kind for that organisation, authority or gate, or at the node."""

    kind: Role.Kind
    scope: Scope
    where: str  # empty when the role reaches the whole node


class Forbidden(PermissionError):
    """Raised by actions and queries when `may` says no; carries the answer."""

    def __init__(self, denied: Denied) -> None:
        self.denied = denied
        super().__init__(denied.says)


class Asking(Protocol):
    """A user, signed in or not."""

    @property
    def is_authenticated(self) -> bool: ...
    @property
    def is_active(self) -> bool: ...


def may(user: Asking, verb: Verb, subject: Subject = NODE) -> Allowed | Denied:
    """Whether `user` may do `verb` to `subject`, by which role, or why not."""
    if not (isinstance(user, User) and user.is_authenticated and user.is_active):
        return Denied("signed_out", _("Sign in first."))
    if not _within_token(user, verb):
        return Denied("not_in_token", _("This token was not given the right to do this."))
    rules = RULES.get(verb, ())
    roles = roles_of(user)
    for role in roles:
        for kind, scope in rules:
            if role.kind == kind and _reaches(role, scope, subject):
                return Allowed(role)
    return _why_not(roles, rules)


def demand(user: Asking, verb: Verb, subject: Subject = NODE) -> Role:
    """The role by which `user` may do `verb`; raises Forbidden with the reason otherwise."""
    answer = may(user, verb, subject)
    if isinstance(answer, Denied):
        raise Forbidden(answer)
    return answer.role


def demand_somewhere(user: Asking, verb: Verb) -> None:
    """Raise Forbidden when there is nothing at all to which `user` may do `verb`."""
    if isinstance(user, User) and verb in open_verbs(user):
        return
    demand(user, verb)


def roles_of(user: User) -> tuple[Role, ...]:
    """The user's roles in a fixed order, read once per user object."""
    kept: tuple[Role, ...] | None = getattr(user, "_twoparks_roles", None)
    if kept is None:
        kept = tuple(user.roles.filter(ended_at=None).select_related("organisation").order_by("id"))
        user._twoparks_roles = kept  # type: ignore[attr-defined]  # one reading per request
    return kept


def limit(user: User, verbs: frozenset[Verb]) -> None:
    """Let this user object do no more than `verbs`, and of those only what its roles allow: it acts by a token."""
    user._twoparks_verbs = verbs  # type: ignore[attr-defined]  # of this object alone, as its roles are


def open_verbs(user: User) -> frozenset[Verb]:
    """Every verb that some role of the user gives for something."""
    kinds = {role.kind for role in roles_of(user)}
    return frozenset(
        verb
        for verb, rules in RULES.items()
        if _within_token(user, verb) and any(kind in kinds for kind, _scope in rules)
    )


def decides(user: User) -> bool:
    """Whether any role of the user decides for others or sees what is others': such a session ends early."""
    return any(role.kind in DECIDING for role in roles_of(user))


def guarded(user: User) -> bool:
    """Whether any role of the user decides for others, or gives accounts and roles: such an account needs a second factor."""
    return any(role.kind in GUARDED for role in roles_of(user))


def who_may(verb: Verb, subject: Subject = NODE) -> tuple[Seer, ...]:
    """Which roles may do `verb` to `subject` at this node, and for whom: what `may` answers, asked the other way round."""
    found = []
    for kind, scope in RULES.get(verb, ()):
        match scope:
            case Scope.NODE:
                places: tuple[str, ...] = ("",)
            case Scope.OWNER:
                places = (subject.owner,) if subject.owner else ()
            case Scope.PARTY:
                places = tuple(sorted(subject.parties))
            case Scope.AUTHORITY:
                places = tuple(sorted(subject.authorities))
            case Scope.GATE:
                places = tuple(sorted(subject.gates))
            case Scope.SELF:
                places = () if subject.person is None else ("",)
        found += [Seer(kind, scope, place) for place in places]
    return tuple(found)


def scopes_of(user: User, verb: Verb) -> tuple[tuple[Role, Scope], ...]:
    """Every role that gives `verb` and how far it reaches; lists filter by it."""
    if not _within_token(user, verb):
        return ()
    return tuple(
        (role, scope) for role in roles_of(user) for kind, scope in RULES.get(verb, ()) if role.kind == kind
    )


def _within_token(user: User, verb: Verb) -> bool:
    verbs: frozenset[Verb] | None = getattr(user, "_twoparks_verbs", None)
    return verbs is None or verb in verbs


def _reaches(role: Role, scope: Scope, subject: Subject) -> bool:
    match scope:
        case Scope.NODE:
            return True
        case Scope.OWNER:
            return role.organisation_id is not None and role.organisation_id == subject.owner
        case Scope.PARTY:
            return role.organisation_id is not None and role.organisation_id in subject.parties
        case Scope.AUTHORITY:
            return bool(role.authority) and role.authority in subject.authorities
        case Scope.GATE:
            return bool(role.gate) and role.gate in subject.gates
        case Scope.SELF:
            return role.user_id == subject.person


def _why_not(roles: tuple[Role, ...], rules: tuple[tuple[Role.Kind, Scope], ...]) -> Denied:
    if not roles:
        return Denied(
            "no_role", _("Your account has no role yet. Ask an administrator of your organisation.")
        )
    if not any(role.kind == kind for role in roles for kind, _scope in rules):
        return Denied("not_your_role", _("None of your roles may do this."))
    return Denied("not_yours", _("This belongs to others. Your roles do not reach it."))
