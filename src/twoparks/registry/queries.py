"""The only readers of the registry for pages and API."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    When,
)

from twoparks.packs import load
from twoparks.registry.access import (
    NODE,
    Forbidden,
    Scope,
    Seer,
    Verb,
    demand,
    may,
    roles_of,
    scopes_of,
    who_may,
)
from twoparks.registry.actions import demand_over, subject_of, subject_of_organisation
from twoparks.registry.models import Approval, Organisation, Person, Project, Role, User
from twoparks.registry.node import this_node
from twoparks.registry.sessions import name_of
from twoparks.registry.words import words

SESSIONS = 50  # as many as a page shows of one person


@dataclass(frozen=True)
class SessionLine:
    """One browser in which the user is signed in; `name` ends it without being a key to it."""

    name: str
    browser: str
    signed_in_at: datetime | None
    seen_at: datetime | None
    here: bool


@dataclass(frozen=True)
class PersonLine:
    """One person with an account here, and the roles the reader may know of, live ones first."""

    person: User
    roles: tuple[Role, ...]
    has_factor: bool


@dataclass(frozen=True)
class PersonDetail:
    """A person, and what the reader may do about the account."""

    line: PersonLine
    may_end: bool  # the account, and give a new password
    may_give: bool  # roles at this node
    endable: frozenset[int]  # keys of the roles the reader may end


@dataclass(frozen=True)
class ProjectDetail:
    """A project as its parties see it."""

    project: Project
    approvals: tuple[Approval, ...]
    may_change: bool
    seers: tuple[Seer, ...]  # who can see it at this park


def project(user: User, project_id: str) -> ProjectDetail:
    """One project; raises Project.DoesNotExist, or Forbidden when it is none of the user's business."""
    found = Project.objects.select_related("organisation", "partner").get(pk=project_id)
    subject = subject_of(found)
    demand(user, Verb.SEE_PROJECT, subject)
    approvals = tuple(found.approvals.order_by("measure", "valid_from", "id"))
    own = {role.organisation_id for role in roles_of(user) if role.kind == Role.Kind.ADMINISTRATOR}
    return ProjectDetail(found, approvals, subject.owner in own, who_may(Verb.SEE_PROJECT, subject))


def projects(user: User) -> QuerySet[Project]:
    """Every project the user may see."""
    all_of_them = Project.objects.select_related("organisation", "partner")
    scopes = scopes_of(user, Verb.SEE_PROJECT)
    if any(scope is Scope.NODE for _role, scope in scopes):
        return all_of_them
    own = [role.organisation_id for role, scope in scopes if scope is Scope.PARTY]
    return all_of_them.filter(Q(organisation__in=own) | Q(partner__in=own))


def own_projects(user: User) -> QuerySet[Project]:
    """Projects under which the user may declare: those of the user's own organisations."""
    own = [role.organisation_id for role, scope in scopes_of(user, Verb.DECLARE) if scope is Scope.OWNER]
    return Project.objects.select_related("organisation", "partner").filter(organisation__in=own)


def partners() -> QuerySet[Organisation]:
    """Organisations of the other park that this node knows."""
    return Organisation.objects.filter(park=this_node().peer.id)


def known_organisations(user: User) -> QuerySet[Organisation]:
    """Organisations the user may look up: all for the park's officers and auditors; a tenant's own and those of the other park."""
    scopes = scopes_of(user, Verb.SEE_PROJECT)
    if any(scope is Scope.NODE for _role, scope in scopes):
        return Organisation.objects.all()
    own = [role.organisation_id for role, scope in scopes if scope is Scope.PARTY]
    across = Q(park=this_node().peer.id) if own else Q(pk__in=[])
    return Organisation.objects.filter(across | Q(pk__in=own))


def approvals(user: User) -> QuerySet[Approval]:
    """Approvals of the projects the user may see, and of the user's own organisations."""
    every = Approval.objects.select_related("project", "organisation")
    scopes = scopes_of(user, Verb.SEE_PROJECT)
    if any(scope is Scope.NODE for _role, scope in scopes):
        return every
    own = [role.organisation_id for role, scope in scopes if scope is Scope.PARTY]
    return every.filter(
        Q(organisation__in=own) | Q(project__organisation__in=own) | Q(project__partner__in=own)
    )


def kinds() -> list[tuple[str, str]]:
    """Kinds of organisations in the reader's language, as the packs' vocabulary names them."""
    spec = load().facts_of("materials")["sender_kind"]
    return [(value, words(spec.value_labels.get(value, {}) or value)) for value in spec.values]


def kind_word(kind: str) -> str:
    """One kind of organisation in the reader's language."""
    return dict(kinds()).get(kind, kind)


def organisations(user: User) -> tuple[Organisation, ...]:
    """The user's own organisations, each once."""
    seen = {
        role.organisation.id: role.organisation for role in roles_of(user) if role.organisation is not None
    }
    return tuple(seen.values())


def authorities(user: User) -> tuple[str, ...]:
    """Keys of the authorities the user decides for."""
    return tuple(dict.fromkeys(r.authority for r in roles_of(user) if r.kind == Role.Kind.AUTHORITY_OFFICER))


def desks() -> frozenset[str]:
    """Keys of the authorities for which somebody decides at this node."""
    officers = Role.objects.filter(kind=Role.Kind.AUTHORITY_OFFICER, ended_at=None, user__is_active=True)
    return frozenset(officers.values_list("authority", flat=True))


def gates(user: User) -> tuple[str, ...]:
    """Gates the user works at."""
    return tuple(dict.fromkeys(r.gate for r in roles_of(user) if r.kind == Role.Kind.GATE))


def people(user: User) -> QuerySet[User]:
    """Everybody with an account whom the user may see; `known` are the roles of theirs that the user may know of."""
    own, all_of_them = _people_reach(user)
    rows = User.objects.annotate(known=FilteredRelation("roles"))
    if not all_of_them:
        here = Role.objects.filter(organisation__in=own)
        within = FilteredRelation("roles", condition=Q(roles__organisation__in=own))
        rows = User.objects.filter(pk__in=here.values("user")).annotate(known=within)
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=("totp", "webauthn"))
    roles = Role.objects.select_related("organisation", "given_by", "ended_by").order_by("-given_at", "-pk")
    roles = roles if all_of_them else roles.filter(organisation__in=own)
    return rows.annotate(has_factor=Exists(factors)).prefetch_related(
        Prefetch("roles", roles, to_attr="shown_roles")
    )


def person_line(row: User) -> PersonLine:
    """A row of `people` as pages and API tell it."""
    roles = sorted(row.shown_roles, key=lambda role: role.ended_at is not None)  # type: ignore[attr-defined]
    return PersonLine(row, tuple(roles), row.has_factor)  # type: ignore[attr-defined]


def person(user: User, person_id: int) -> PersonDetail:
    """One person; raises User.DoesNotExist for nobody, and for whoever is none of the user's business."""
    line = person_line(people(user).get(pk=person_id))
    live = [role for role in line.roles if role.ended_at is None]
    return PersonDetail(
        line,
        may_end=_allowed(lambda: demand_over(user, line.person)) and line.person.pk != user.pk,
        may_give=bool(may(user, Verb.ADD_ROLE, NODE)),
        endable=frozenset(
            role.pk
            for role in live
            if (
                may(user, Verb.ADD_PERSON, subject_of_organisation(role.organisation))
                if role.organisation
                else may(user, Verb.ADD_ROLE, NODE)
            )
        ),
    )


def given_organisations(user: User) -> QuerySet[Organisation]:
    """Organisations of this park in which the user may give accounts."""
    here = Organisation.objects.filter(park=this_node().id)
    scopes = scopes_of(user, Verb.ADD_PERSON)
    if any(scope is Scope.NODE for _role, scope in scopes):
        return here
    return here.filter(pk__in=[role.organisation_id for role, _scope in scopes])


def _people_reach(user: User) -> tuple[list[str | None], bool]:
    scopes = scopes_of(user, Verb.SEE_PEOPLE)
    if not scopes:
        demand(user, Verb.SEE_PEOPLE)
    return [role.organisation_id for role, _scope in scopes], any(s is Scope.NODE for _role, s in scopes)


def _allowed(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Forbidden:
        return False
    return True


def sessions(user: User, this_one: str | None, now: datetime) -> tuple[SessionLine, ...]:
    """Where the user is signed in, this browser first, then the one used last."""
    rows = user.sessions.filter(expire_date__gt=now).order_by("-seen_at")[:SESSIONS]
    lines = (SessionLine(name_of(r.pk), r.browser, r.signed_in_at, r.seen_at, r.pk == this_one) for r in rows)
    return tuple(sorted(lines, key=lambda line: not line.here))


def has_role(user: User, kind: Role.Kind) -> bool:
    """Whether the user has any role of that kind."""
    return any(role.kind == kind for role in roles_of(user))


def fictitious(usernames: Iterable[str]) -> QuerySet[User]:
    """The made-up people among those user names, with their roles; real people are never listed."""
    named = User.objects.filter(username__in=list(usernames), fictitious=True, is_active=True)
    return named.prefetch_related("roles__organisation")


def travellers(user: User) -> QuerySet[Person]:
    """Everybody whom the user's organisations registered to cross; `invitable` whether the user may invite them. Raises Forbidden."""
    if not (scopes := scopes_of(user, Verb.SEE_TRAVELLERS)):
        demand(user, Verb.SEE_TRAVELLERS)
    own = [role.organisation_id for role, _scope in scopes]
    inviting = [role.organisation_id for role, _scope in scopes_of(user, Verb.REGISTER_PERSON)]
    found = Person.objects.select_related("organisation", "user").filter(organisation__in=own)
    may_be = Case(When(organisation__in=inviting, then=True), default=False, output_field=BooleanField())
    return found.annotate(invitable=may_be)


def person_called(pseudonym: str) -> Person | None:
    """Whom the other park calls so, where the person is registered here."""
    return Person.objects.filter(pseudonym=pseudonym).first()


def person_of(user: User) -> Person | None:
    """The registered person behind an account, if that is one."""
    return Person.objects.select_related("organisation").filter(user=user).first()
