"""The only writers of the registry: projects, approvals, people and their roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from twoparks.packs import load
from twoparks.registry import finding, said
from twoparks.registry.access import NODE, Subject, Verb, demand
from twoparks.registry.ids import random_id
from twoparks.registry.models import Approval, Organisation, Project, Role, User
from twoparks.registry.node import this_node
from twoparks.registry.pseudonyms import pseudonym
from twoparks.registry.sessions import name_of
from twoparks.registry.zone import ZoneError, zone

IN_ORGANISATION = frozenset({Role.Kind.MEMBER, Role.Kind.ADMINISTRATOR})
NAME_MAX, USERNAME_MAX = 80, 60


class NotAccepted(ValueError):
    """A value the registry cannot keep; the message says which and what would be accepted."""

    def __init__(self, field: str, says: str) -> None:
        self.field = field
        super().__init__(says)


@dataclass(frozen=True)
class NewApproval:
    """An approval about to be added. `valid_until` is the last day, inclusive; None when it has no end."""

    measure: str
    authority: str
    number: str
    valid_from: date
    valid_until: date | None = None
    document_digest: str = ""


@dataclass(frozen=True)
class NewAccount:
    """An account about to be given, with its first role; `name` as colleagues use it."""

    username: str
    password: str
    kind: Role.Kind
    organisation: Organisation
    name: str


@transaction.atomic
def create_project(
    user: User,
    organisation: Organisation,
    partner: Organisation,
    title: Mapping[str, str],
    protocol: str = "",
) -> Project:
    """Open a joint project of `organisation` with `partner` on the other bank."""
    demand(user, Verb.CHANGE_PROJECT, subject_of_organisation(organisation))
    here, there = zone().park(organisation.park), zone().park(partner.park)
    if here.id == there.id:
        raise NotAccepted("partner", _("A joint project needs a partner in the other park."))
    words = {language: text.strip() for language, text in title.items() if text.strip()}
    if not words:
        raise NotAccepted("title", _("Give the project a title in at least one language."))
    made = Project.objects.create(
        id=random_id("j"), organisation=organisation, partner=partner, title=words, protocol=protocol.strip()
    )
    finding.keep_project(made)
    return made


@transaction.atomic
def add_approval(user: User, project: Project, new: NewApproval) -> Approval:
    """Keep an approval that every permit under the project may rely on."""
    demand(user, Verb.CHANGE_PROJECT, subject_of(project))
    _check_approval(new)
    return Approval.objects.create(
        id=random_id("a"),
        project=project,
        organisation=project.organisation,
        measure=new.measure,
        authority=new.authority,
        number=new.number.strip(),
        valid_from=new.valid_from,
        valid_until=new.valid_until,
        document_digest=new.document_digest,
    )


@transaction.atomic
def add_person(user: User, new: NewAccount, now: datetime) -> User:
    """Give a person an account as member or administrator of an organisation; its owner must choose a password first."""
    by = demand(user, Verb.ADD_PERSON, subject_of_organisation(new.organisation))
    if new.kind not in IN_ORGANISATION:
        raise NotAccepted("kind", _("An organisation has members and administrators; choose one of the two."))
    name = new.name.strip()
    if not name or len(name) > NAME_MAX:
        raise NotAccepted("name", _("Give a name of at most %(most)d letters.") % {"most": NAME_MAX})
    person = User(username=_username(new.username), first_name=name, password_given=True)
    _set_password(person, new.password)
    give(Role(user=person, kind=new.kind, organisation=new.organisation, given_by=user), (user, by), now)
    return person


def give(role: Role, by: tuple[User, Role] | None, now: datetime) -> Role:
    """Keep a role made by an action of this room, and record the act that gives it."""
    _note_once(now)
    role.given_at, role.given_act = now, said.say(_said(said.GIVEN, role, by), now)
    role.save()
    return role


@transaction.atomic
def note_roles(roles: QuerySet[Role], now: datetime) -> int:
    """Record that these roles stand without an act of their own, all in one act; returns how many did."""
    bare = list(roles.filter(given_act="").select_related("user"))
    if bare:
        body = {"roles": len(bare), "digest": said.digest(bare)}
        act = said.say(said.Said(said.NOTED, f"{this_node().id}-roles", body), now)
        Role.objects.filter(pk__in=[role.pk for role in bare]).update(given_act=act)
    return len(bare)


def _note_once(now: datetime) -> None:
    """With the first act about roles, note those given before acts of roles were kept; never again by itself."""
    if not Role.objects.exclude(given_act="").exists():
        note_roles(Role.objects.all(), now)


def _said(kind: str, role: Role, by: tuple[User, Role] | None) -> said.Said:
    return said.Said(kind, pseudonym(role.user), said.about(role), by)


def open_account(username: str, password: str, name: str) -> User:
    """An account of somebody's own choosing, without a role yet."""
    person = User(username=_username(username), first_name=name[:NAME_MAX])
    _set_password(person, password)
    return person


@transaction.atomic
def add_role(user: User, person: User, kind: Role.Kind, where: str, now: datetime) -> Role:
    """Give `person` a role; `where` is the organisation, authority or gate that the kind needs."""
    authority = gate = ""
    organisation = None
    if kind in IN_ORGANISATION:
        organisation = _organisation(where)
        by = demand(user, Verb.ADD_PERSON, subject_of_organisation(organisation))
        demand_over(user, person)
    else:
        by = demand(user, Verb.ADD_ROLE, NODE)
    if kind == Role.Kind.PERSON:
        raise NotAccepted("kind", _("A person who crosses takes the account by the employer's invitation."))
    if not person.is_active:
        raise NotAccepted("person", _("This account was ended; give the person a new one."))
    if kind == Role.Kind.AUTHORITY_OFFICER:
        authority = _authority(where)
    elif kind == Role.Kind.GATE:
        gate = _gate(where)
    new = {"kind": kind, "organisation": organisation, "authority": authority, "gate": gate}
    held = Role.objects.filter(user=person, ended_at=None, **new).first()
    return held or give(Role(user=person, given_by=user, **new), (user, by), now)


@transaction.atomic
def end_role(user: User, role: Role, now: datetime) -> None:
    """Take a role away and keep that it was held. The last administrator of an organisation and the last park officer stay."""
    by = _demand_role(user, role)
    _not_the_last(role)
    if role.ended_at is None:
        _note_once(now)
        role.ended_at, role.ended_by = now, user
        role.ended_act = said.say(_said(said.ENDED, role, (user, by)), now)
        role.save(update_fields=["ended_at", "ended_by", "ended_act"])


@transaction.atomic
def end_account(user: User, person: User, now: datetime) -> None:
    """End every role of a person, close the account and sign it out everywhere. What the person did stays."""
    by = demand_over(user, person)
    for role in person.roles.filter(ended_at=None):
        end_role(user, role, now)
    person.is_active = False
    person.save(update_fields=["is_active"])
    _say_of_account(said.ACCOUNT_ENDED, person, (user, by), now)
    end_sessions(person)
    person.tokens.filter(revoked_at=None).update(revoked_at=now)


@transaction.atomic
def give_password(user: User, person: User, password: str, now: datetime) -> None:
    """Let a person in again who lost password or second factor: a password to be changed at once, no factor, no session."""
    by = demand_over(user, person)
    person.password_given = True
    _set_password(person, password)
    Authenticator.objects.filter(user=person).delete()
    end_sessions(person)
    _say_of_account(said.PASSWORD_GIVEN, person, (user, by), now)


def _say_of_account(kind: str, person: User, by: tuple[User, Role], now: datetime) -> None:
    name = pseudonym(person)
    said.say(said.Said(kind, name, {"person": name}, by), now)


@transaction.atomic
def first_officer(username: str, password: str, now: datetime) -> User:
    """The first park officer of a node that has none; whoever commands the machine may do this once."""
    if Role.objects.filter(kind=Role.Kind.PARK_OFFICER, ended_at=None, user__is_active=True).exists():
        raise NotAccepted("username", _("This node has a park officer already, who gives the other roles."))
    person = User(username=_username(username), password_given=True)
    _set_password(person, password)
    give(Role(user=person, kind=Role.Kind.PARK_OFFICER), None, now)
    return person


def demand_over(user: User, person: User) -> Role:
    """Raise Forbidden unless the user could have given every role the person has; nobody rises by another's account.

    Returns the role by which the user may.
    """
    live = list(person.roles.filter(ended_at=None).select_related("organisation"))
    by = [_demand_role(user, role) for role in live]
    return by[0] if by else demand(user, Verb.ADD_ROLE, NODE)


def _demand_role(user: User, role: Role) -> Role:
    if role.organisation is not None:
        return demand(user, Verb.ADD_PERSON, subject_of_organisation(role.organisation))
    return demand(user, Verb.ADD_ROLE, NODE)


def _not_the_last(role: Role) -> None:
    if role.kind not in {Role.Kind.ADMINISTRATOR, Role.Kind.PARK_OFFICER}:
        return
    alike = Role.objects.select_for_update().filter(
        kind=role.kind, organisation=role.organisation_id, ended_at=None
    )
    active = set(alike.filter(user__is_active=True).values_list("pk", flat=True))
    if active <= {role.pk}:
        raise NotAccepted(
            "role", _("This is the last one; give the role to somebody else first, then end it here.")
        )


def _username(given: str) -> str:
    name = given.strip()
    try:
        User.username_validator(name)
    except ValidationError:
        raise NotAccepted("username", _("Use letters, digits and . _ - @ + for a user name.")) from None
    if len(name) > USERNAME_MAX:
        raise NotAccepted("username", _("Use at most %(most)d letters.") % {"most": USERNAME_MAX})
    if User.objects.filter(username__iexact=name).exists():
        raise NotAccepted("username", _("%(name)s is taken; choose another user name.") % {"name": name})
    return name


def _set_password(person: User, password: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise NotAccepted("password", " ".join(error.messages)) from None
    made = person.pk is None
    person.set_password(password)
    person.save()
    if made:
        finding.keep_account(person)


def _organisation(key: str) -> Organisation:
    found = Organisation.objects.filter(pk=key, park=this_node().id).first()
    if found is None:
        raise NotAccepted("where", _("%(key)s is not an organisation of this park.") % {"key": key})
    return found


def _gate(gate: str) -> str:
    try:
        zone().group_of_gate(gate)
    except ZoneError:
        raise NotAccepted("gate", _("%(gate)s is not a gate of this zone.") % {"gate": gate}) from None
    return gate


@transaction.atomic
def end_session(user: User, name: str) -> bool:
    """Sign the user out of the browser of that name; False when there is none (any more)."""
    keys = user.sessions.values_list("pk", flat=True)
    found = [key for key in keys if name_of(key) == name]
    user.sessions.filter(pk__in=found).delete()
    return bool(found)


@transaction.atomic
def end_sessions(user: User, but: str | None = None) -> int:
    """Sign the user out of every browser except the session with the key `but`; how many that were."""
    gone = user.sessions.exclude(pk=but) if but else user.sessions.all()
    return gone.delete()[0]


def subject_of_organisation(organisation: Organisation) -> Subject:
    """What access needs to know of an organisation."""
    return Subject(owner=organisation.id, parties=frozenset({organisation.id}))


def subject_of(project: Project) -> Subject:
    """What access needs to know of a project."""
    return Subject(
        owner=project.organisation_id, parties=frozenset({project.organisation_id, project.partner_id})
    )


def _authority(key: str) -> str:
    known = load().authorities
    if key not in known:
        raise NotAccepted(
            "authority",
            _("%(key)s is not an authority of the packs; use one of %(known)s.")
            % {"key": key, "known": ", ".join(sorted(known))},
        )
    return key


def _check_approval(new: NewApproval) -> None:
    measures = load().measures
    if new.measure not in measures:
        raise NotAccepted("measure", _("%(key)s is not a measure of the packs.") % {"key": new.measure})
    _authority(new.authority)
    if not new.number.strip():
        raise NotAccepted("number", _("Give the number that stands on the approval."))
    if new.valid_until is not None and new.valid_until < new.valid_from:
        raise NotAccepted("valid_until", _("The last day lies before the first; give a later day."))
