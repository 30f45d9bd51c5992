"""What a person does about the own pass: consent to what crosses, and take that back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from twoparks.federation.actions import record
from twoparks.federation.queries import acts
from twoparks.federation.types import Actor, NewAct, StreamId
from twoparks.permits import rules
from twoparks.permits.actions.node import follow
from twoparks.permits.flows.personnel import consent_digest
from twoparks.permits.models import PermitRow
from twoparks.permits.subjects import actor_of
from twoparks.permits.types import OPEN, USABLE, PermitId, Status
from twoparks.registry.access import Subject, Verb, demand
from twoparks.registry.models import Person, User

CONSENTED, WITHDRAWN = "person.consented", "person.consent_withdrawn"


@transaction.atomic
def consent(user: User, facts: Mapping[str, Any], recipient: str, now: datetime) -> Person:
    """Record the person's own, separate consent that exactly these facts go to the other park, for that partner."""
    role = demand(user, Verb.OWN_TRAVEL, Subject(person=user.pk))
    person = Person.objects.select_for_update().get(user=user)
    body = {
        "pseudonym": person.pseudonym,
        "recipient": recipient,
        "facts": sorted(facts),
        "facts_digest": consent_digest(facts, recipient),
    }
    _record(person, CONSENTED, body, actor_of(user, role), now)
    return person


@transaction.atomic
def withdraw_consent(user: User, now: datetime) -> tuple[PermitId, ...]:
    """Take every consent back; permits that rest on it end now and are returned."""
    role = demand(user, Verb.OWN_TRAVEL, Subject(person=user.pk))
    person = Person.objects.select_for_update().get(user=user)
    actor = actor_of(user, role)
    _record(person, WITHDRAWN, {"pseudonym": person.pseudonym}, actor, now)
    ended = []
    for permit in permits_to_end(person, now):
        version = rules.fold(acts(StreamId(permit))).current.number
        record(NewAct("permit.withdrawn", StreamId(permit), {"version": version}, actor), now)
        follow(StreamId(permit), now)
        ended.append(permit)
    return tuple(ended)


def permits_to_end(person: Person, now: datetime) -> tuple[PermitId, ...]:
    """Permits of the person that a withdrawal would end."""
    live = list(OPEN | USABLE | {Status.REFUSED})
    rows = PermitRow.objects.filter(person=person.pseudonym, status__in=live, valid_until__gt=now)
    return tuple(PermitId(permit) for permit in rows.order_by("id").values_list("id", flat=True))


def rebuild_people() -> int:
    """Make the consents that stand again from the acts; returns how many people's differed."""
    changed = 0
    for person in Person.objects.all():
        if (standing := _standing(person)) != person.agreed:
            Person.objects.filter(pk=person.pk).update(agreed=standing)
            changed += 1
    return changed


def _record(person: Person, kind: str, body: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    record(NewAct(kind, StreamId(person.id), dict(body), actor), now)
    person.agreed = _standing(person)
    person.save(update_fields=["agreed"])


def _standing(person: Person) -> list[str]:
    """Digests of the consents given since the last withdrawal, in order, each once."""
    found: dict[str, None] = {}
    for act in acts(StreamId(person.id)):
        if act.kind == WITHDRAWN:
            found.clear()
        elif act.kind == CONSENTED:
            found[act.body["facts_digest"]] = None
    return list(found)
