"""What an applicant does: keep a draft, declare, vary, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from twoparks.federation.actions import record
from twoparks.federation.types import NewAct, StreamId
from twoparks.permits import declarations
from twoparks.permits.actions.guards import demand_open, take_up
from twoparks.permits.actions.node import follow
from twoparks.permits.applications import read_declaration
from twoparks.permits.models import Draft
from twoparks.permits.on_trial import LawFor, offered
from twoparks.permits.queries import draft as find_draft
from twoparks.permits.reading import Reader
from twoparks.permits.subjects import actor_of
from twoparks.permits.types import Action, Declaration, DraftId, NotPossible, PermitId
from twoparks.registry.access import Subject, Verb, demand, demand_somewhere
from twoparks.registry.ids import random_id
from twoparks.registry.models import Project, User
from twoparks.registry.queries import organisations, own_projects


@transaction.atomic
def save_draft(user: User, draft: DraftId | None, content: Mapping[str, Any], now: datetime) -> Draft:
    """Keep what was typed, as typed; a new draft when `draft` is None."""
    project = own_projects(user).filter(pk=str(content.get("project", ""))).first()
    if draft is None:
        owner = project.organisation if project else next(iter(organisations(user)), None)
        demand(user, Verb.DECLARE, Subject(owner=owner.id if owner else None))
        assert owner is not None, "nobody without an organisation may declare"
        return Draft.objects.create(
            id=random_id("d"),
            organisation=owner,
            project=project,
            author=user,
            content=dict(content),
            changed_at=now,
        )
    found = find_draft(user, draft)
    found.content, found.project, found.changed_at = dict(content), project, now
    found.save(update_fields=["content", "project", "changed_at"])
    return found


@transaction.atomic
def discard_draft(user: User, draft: DraftId) -> None:
    """Throw a draft away."""
    find_draft(user, draft).delete()


@transaction.atomic
def declare(user: User, raw: Mapping[str, Any], now: datetime, draft: DraftId | None = None) -> PermitId:
    """Declare what `raw` says to both banks; raises Invalid with every problem, and then nothing is declared."""
    demand_somewhere(user, Verb.DECLARE)
    declaration, project = read_declaration(user, raw, now)
    role = demand(user, Verb.DECLARE, _owned_by(project))
    permit = PermitId(random_id("p"))
    body = _declared(declaration, 1, offered(declaration, "", now))
    record(NewAct("permit.declared", StreamId(permit), body, actor_of(user, role)), now, expected=0)
    follow(StreamId(permit), now)
    if draft is not None:
        Draft.objects.filter(pk=draft, organisation=project.organisation_id).delete()
    return permit


@transaction.atomic
def vary(user: User, permit: PermitId, raw: Mapping[str, Any], seen: int, now: datetime) -> None:
    """Declare a new version; every clearance given for an earlier one ends with it."""
    case = take_up(user, permit, seen)
    role = demand_open(case, Verb.VARY, Action.VARY, now)
    declaration, _same = read_declaration(user, raw, now, permit)
    _demand_same_permit(case.state.current.declaration, declaration)
    before, under = case.state.current, offered(declaration, permit, now)
    if declarations.digest_of(declaration) == before.digest and under.trial == before.trial:
        raise NotPossible("nothing_varied", _("Nothing differs from the version already declared."))
    body = _declared(declaration, before.number + 1, under)
    said = record(NewAct("permit.declared", case.stream, body, actor_of(user, role)), now, expected=seen)
    follow(case.stream, now, (*case.acts, said))


@transaction.atomic
def withdraw(user: User, permit: PermitId, seen: int, now: datetime) -> None:
    """Take the declaration back for good."""
    case = take_up(user, permit, seen)
    role = demand_open(case, Verb.WITHDRAW, Action.WITHDRAW, now)
    said = record(case.act("permit.withdrawn", {}, role), now, expected=seen)
    follow(case.stream, now, (*case.acts, said))


def _declared(declaration: Declaration, number: int, under: LawFor) -> dict[str, object]:
    """What is declared, under the trial that takes it, if one does."""
    body: dict[str, object] = {"version": number, "declaration": declarations.to_json(declaration)}
    return {**body, "trial": under.trial} if under.trial else body


def _owned_by(project: Project) -> Subject:
    return Subject(owner=project.organisation_id, parties=frozenset({project.organisation_id}))


def _demand_same_permit(before: Declaration, after: Declaration) -> None:
    reader = Reader()
    if after.project.id != before.project.id:
        reader.wrong("project", after.project.id, _keeps(before.project.id))
    if after.crosses != before.crosses:
        reader.wrong("crosses", after.crosses, _keeps(before.crosses))
    reader.done()


def _keeps(value: str) -> str:
    return _("a variation keeps %(value)s; declare anew for another") % {"value": value}
