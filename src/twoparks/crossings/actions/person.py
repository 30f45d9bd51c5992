"""What a person does about the own movements: a return stated, counts given to the employer; and an officer's reading of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from twoparks.crossings import rules
from twoparks.crossings.actions.gates import follow
from twoparks.crossings.queries import offered_months
from twoparks.crossings.types import Crossing, CrossingId, NotPossible
from twoparks.federation.actions import record
from twoparks.federation.queries import acts
from twoparks.federation.types import NewAct, StreamId
from twoparks.ledger.canonical import instant
from twoparks.packs import load
from twoparks.permits import issued
from twoparks.permits.reading import Reader
from twoparks.permits.subjects import actor_of, subject_of
from twoparks.registry.access import Subject, Verb, demand
from twoparks.registry.models import Person, User
from twoparks.registry.node import this_node

RELEASED, TAKEN_BACK = "person.counts_released", "person.counts_withdrawn"


@transaction.atomic
def declare_return(user: User, permit: str, control_point: str, at: datetime, now: datetime) -> CrossingId:
    """State that the person came back by another control point; it closes the open exit or stay and is marked as stated.

    Raises NotPossible when the person is not away, as far as this park knows.
    """
    state = issued.permit_state(permit)
    subject = subject_of(state)
    role = demand(user, Verb.DECLARE_RETURN, subject)
    if state.home != this_node().id:
        raise NotPossible("not_home", _("A return is declared at the park where the person is registered."))
    crossing = rules.to_declare(state)
    if crossing is None:
        raise NotPossible("not_away", _("No exit and no stay is open under this permit."))
    before = max(c.first_at for c in rules.crossings(state, ()))
    reader = Reader()
    reader.choice(control_point, "control_point", load().facts["control_point"].values)
    if not before <= at <= now:
        reader.wrong("at", at, _("give a time after the last passage and not after now"))
    reader.done()
    body = {
        "crossing": crossing,
        "version": state.current.number,
        "control_point": control_point,
        "at": instant(at),
    }
    record(NewAct(rules.DECLARED, StreamId(permit), body, actor_of(user, role)), now)
    follow(StreamId(permit))
    return crossing


@transaction.atomic
def read_movements(user: User, permit: str, reason: str, now: datetime) -> tuple[Crossing, ...]:
    """A person's movements under a permit for an officer, whose reason is recorded before anything is shown."""
    state = issued.permit_state(permit)
    role = demand(user, Verb.ASK_MOVEMENTS, subject_of(state))
    reader = Reader()
    reader.long_text(reason, "reason", 2000)
    reader.done()
    record(
        NewAct("person.movements_read", StreamId(permit), {"reasons": reason.strip()}, actor_of(user, role)),
        now,
    )
    follow(StreamId(permit))
    return rules.crossings(state, acts(StreamId(permit)))


@transaction.atomic
def release_counts(user: User, months: Iterable[str], now: datetime) -> Person:
    """Let the person's employer see the days across of exactly these months ('2026-10') and no others, until taken back.

    Raises Invalid for a month that has not ended or is no longer counted: a running month would tell on which day one crossed.
    """
    role = demand(user, Verb.OWN_TRAVEL, Subject(person=user.pk))
    person = Person.objects.select_for_update().get(user=user)
    named, offered = sorted(set(months)), offered_months(person, now)
    reader = Reader()
    if not named:
        reader.wrong("months", None, _("choose at least one month"))
    if wrong := sorted(set(named) - set(offered)):
        reader.wrong("months", ", ".join(wrong), _("choose months that are over, since you were registered"))
    reader.done()
    body = {"pseudonym": person.pseudonym, "employer": person.organisation_id, "months": named}
    record(NewAct(RELEASED, StreamId(person.id), body, actor_of(user, role)), now)
    return _kept(person)


@transaction.atomic
def withdraw_counts(user: User, now: datetime) -> Person:
    """Take every released count back: from now on the employer sees none."""
    role = demand(user, Verb.OWN_TRAVEL, Subject(person=user.pk))
    person = Person.objects.select_for_update().get(user=user)
    body = {"pseudonym": person.pseudonym, "employer": person.organisation_id}
    record(NewAct(TAKEN_BACK, StreamId(person.id), body, actor_of(user, role)), now)
    return _kept(person)


def rebuild_counts() -> int:
    """Make the months released again from the acts; returns how many people's differed."""
    changed = 0
    for person in Person.objects.all():
        before = person.counts_released
        changed += _kept(person).counts_released != before
    return changed


def _kept(person: Person) -> Person:
    """The person with the months of the latest release, none after it was taken back or where the employer changed."""
    months: list[str] = []
    for act in acts(StreamId(person.id)):
        if act.kind == RELEASED:
            months = list(act.body["months"]) if act.body["employer"] == person.organisation_id else []
        elif act.kind == TAKEN_BACK:
            months = []
    person.counts_released = months
    person.save(update_fields=["counts_released"])
    return person
