"""The only writers about people who cross: registered by their employer, invited, the keys of their phones."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.utils.translation import gettext as _

from twoparks.ledger.canonical import base64url
from twoparks.passes.claims import holder_digest
from twoparks.registry import finding, said
from twoparks.registry.access import Subject, Verb, demand
from twoparks.registry.actions import NotAccepted, give, open_account
from twoparks.registry.ids import random_id
from twoparks.registry.models import Invitation, Organisation, Person, Role, User
from twoparks.registry.pseudonyms import pairwise

INVITATION_LASTS = timedelta(days=7)
MOST_NAME = 120
POINT_BYTES = 33  # a compressed P-256 point


@transaction.atomic
def register_person(user: User, organisation: Organisation, name: str, now: datetime) -> Person:
    """Register somebody who works for `organisation` and will cross; the name stays at this node."""
    demand(user, Verb.REGISTER_PERSON, Subject(owner=organisation.id))
    given = " ".join(name.split())
    if not 1 <= len(given) <= MOST_NAME:
        raise NotAccepted(
            "name", _("Give the person's name, at most %(most)d characters.") % {"most": MOST_NAME}
        )
    person = random_id("n")
    made = Person.objects.create(
        id=person,
        organisation=organisation,
        name=given,
        pseudonym=pairwise(person),
        registered_at=now,
    )
    finding.keep_traveller(made)
    return made


@transaction.atomic
def invite(user: User, person: Person, now: datetime) -> str:
    """The secret part of a link by which the person takes an account; earlier links end. It cannot be shown again."""
    by = demand(user, Verb.REGISTER_PERSON, Subject(owner=person.organisation_id))
    if person.user_id is not None:
        raise NotAccepted("person", _("This person has an account already."))
    Invitation.objects.filter(person=person, used_at=None).delete()
    token = secrets.token_urlsafe(24)
    Invitation.objects.create(
        person=person, token_digest=_token_digest(token), expires_at=now + INVITATION_LASTS
    )
    said.say(said.Said(said.INVITED, person.id, {"pseudonym": person.pseudonym}, (user, by)), now)
    return token


@transaction.atomic
def accept_invitation(token: str, username: str, password: str, now: datetime) -> User:
    """Give the invited person an account that reaches what is about this person alone."""
    invitation = open_invitation(token, now)
    person = invitation.person
    user = open_account(username, password, person.name)
    role = Role(user=user, kind=Role.Kind.PERSON)
    give(role, (user, role), now)
    Invitation.objects.filter(pk=invitation.pk).update(used_at=now)
    Person.objects.filter(pk=person.pk).update(user=user)
    return user


def open_invitation(token: str, now: datetime) -> Invitation:
    """The invitation a link stands for; raises NotAccepted when it is unknown, used or over."""
    found = Invitation.objects.select_related("person").filter(token_digest=_token_digest(token)).first()
    if found is None or found.used_at is not None or found.expires_at <= now:
        says = _("This link is not good any more. Ask your employer for a new one.")
        raise NotAccepted("token", says)
    return found


@transaction.atomic
def keep_phone_key(user: User, point: bytes, now: datetime) -> Person:
    """Remember the public key of the person's phone; permits declared from now on are bound to it.

    Raises NotAccepted unless `point` is a compressed point of P-256.
    """
    demand(user, Verb.OWN_TRAVEL, Subject(person=user.pk))
    person = Person.objects.select_for_update().get(user=user)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise NotAccepted("key", _("This is not the public key of a phone.")) from None
    if len(point) != POINT_BYTES:
        raise NotAccepted("key", _("This is not the public key of a phone."))
    person.holder, person.holder_at = base64url(holder_digest(point)), now
    person.save(update_fields=["holder", "holder_at"])
    return person


def _token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
