"""The only writers of the registry: projects, approvals, people and their roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from twoparks.packs import load
from twoparks.registry import finding
from twoparks.registry.access import NODE, Subject, Verb, demand
from twoparks.registry.ids import random_id
from twoparks.registry.models import Approval, Organisation, Project, Role, User
from twoparks.registry.sessions import name_of
from twoparks.registry.zone import zone


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


@transaction.atomic
def create_project(
    user: User,
    organisation: Organisation,
    partner: Organisation,
    title: Mapping[str, str],
    protocol: str = "",
) -> Project:
    """Open a joint project of `organisation` with `partner` on the other bank."""
    demand(user, Verb.CHANGE_PROJECT, Subject(owner=organisation.id, parties=frozenset({organisation.id})))
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
def add_person(user: User, username: str, password: str, kind: Role.Kind, organisation: Organisation) -> User:
    """Give a person an account as member or administrator of `organisation`."""
    demand(user, Verb.ADD_PERSON, Subject(owner=organisation.id, parties=frozenset({organisation.id})))
    if kind not in {Role.Kind.MEMBER, Role.Kind.ADMINISTRATOR}:
        raise NotAccepted("kind", _("An organisation has members and administrators; choose one of the two."))
    if User.objects.filter(username=username).exists():
        raise NotAccepted("username", _("%(name)s is taken; choose another user name.") % {"name": username})
    person = User.objects.create_user(username=username, password=password)
    Role.objects.create(user=person, kind=kind, organisation=organisation)
    return person


@transaction.atomic
def add_role(user: User, person: User, kind: Role.Kind, where: str = "") -> Role:
    """Give `person` a role at this node; `where` is the authority or gate that the kind needs."""
    demand(user, Verb.ADD_ROLE, NODE)
    authority = gate = ""
    if kind == Role.Kind.AUTHORITY_OFFICER:
        authority = _authority(where)
    elif kind == Role.Kind.GATE:
        zone().group_of_gate(where)
        gate = where
    elif kind in {Role.Kind.MEMBER, Role.Kind.ADMINISTRATOR}:
        raise NotAccepted("kind", _("Roles in an organisation are given with the person's account."))
    role, _made = Role.objects.get_or_create(
        user=person, kind=kind, organisation=None, authority=authority, gate=gate
    )
    return role


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
