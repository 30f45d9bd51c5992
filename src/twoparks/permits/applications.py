"""Reading what a person typed against that person's own projects, partners and approvals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from twoparks.packs import load
from twoparks.permits.bank_law import missing
from twoparks.permits.checks import check_declaration
from twoparks.permits.flows import Context, Registered
from twoparks.permits.on_trial import offered
from twoparks.permits.reading import Reader
from twoparks.permits.types import Declaration, Evidence, Party, ProjectRef
from twoparks.registry.models import Approval, Organisation, Person, Project, User
from twoparks.registry.node import this_node
from twoparks.registry.queries import own_projects
from twoparks.registry.words import words
from twoparks.registry.zone import zone


def read_declaration(
    user: User, raw: Mapping[str, Any], now: datetime, permit: str = ""
) -> tuple[Declaration, Project]:
    """The declaration in `raw` and its project; raises Invalid with every problem, facts the law still needs included.

    `permit`: the one that is varied.
    """
    project = _project(user, raw.get("project"))
    declaration = check_declaration(raw, context_of(project, now))
    reader = Reader()
    facts = load().facts_of(declaration.flow)
    banks, under = (this_node().park.bank, this_node().peer.bank), offered(declaration, permit, now)
    for name in missing(declaration, banks, under):
        question = words(facts[name].question) or name
        reader.wrong(
            f"facts.{name}", None, _("the law needs this to answer: %(question)s") % {"question": question}
        )
    reader.done()
    return declaration, project


def context_of(project: Project, now: datetime) -> Context:
    """What declarations under `project` are read against."""
    today = now.astimezone(ZoneInfo(this_node().park.time_zone)).date()
    approvals = Approval.objects.filter(
        Q(project=project) | Q(project=None, organisation=project.organisation_id)
    ).order_by("measure", "valid_from", "id")
    return Context(
        project=ProjectRef(project.id, project.title),
        applicant=party(project.organisation),
        partner=party(project.partner),
        approvals=tuple(Evidence(a.measure, a.number, a.authority, a.valid_until) for a in approvals),
        zone=zone(),
        law=load(),
        today=today,
        person=partial(_registered, project.organisation_id),
    )


def party(organisation: Organisation) -> Party:
    """The organisation as the other park may know it."""
    return Party(organisation.park, organisation.id, organisation.name)


def _registered(organisation: str, person: str) -> Registered | None:
    found = Person.objects.filter(pk=person, organisation=organisation).first()
    if found is None:
        return None
    return Registered(found.id, found.pseudonym, found.holder or None, frozenset(found.agreed))


def _project(user: User, given: object) -> Project:
    found = {project.id: project for project in own_projects(user)}
    reader = Reader()
    chosen = reader.choice(given, "project", tuple(found))
    reader.done()
    return found[chosen]
