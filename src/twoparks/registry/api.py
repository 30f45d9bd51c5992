"""Projects over the API: what the pages offer, by the same rules of access."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from ninja.responses import Status as Answer
from pydantic import Field

from twoparks.lists import api as lists
from twoparks.registry import actions, queries
from twoparks.registry.lists import APPROVALS, ORGANISATIONS, PROJECTS
from twoparks.registry.models import Organisation, User
from twoparks.registry.shapes import Given, Key

router = Router(tags=["projects"])


class PartyOut(Schema):
    """An organisation."""

    id: str
    park: str
    kind: str
    name: dict[str, str]


class ProjectOut(Schema):
    """A project with both parties."""

    id: str
    title: dict[str, str]
    protocol: str
    organisation: PartyOut
    partner: PartyOut
    fictitious: bool


class ApprovalOut(Schema):
    """Evidence that a measure is held; `valid_until` is the last day, null when it has no end."""

    id: str
    measure: str
    authority: str
    number: str
    valid_from: date
    valid_until: date | None


class ProjectDetailOut(Schema):
    """A project with its approvals."""

    project: ProjectOut
    approvals: list[ApprovalOut]
    may_change: bool


class ProjectIn(Given):
    """A project to open; title by language tag, one language is enough."""

    organisation: Key
    partner: Key
    title: dict[Key, Annotated[str, Field(max_length=160)]]
    protocol: Annotated[str, Field(max_length=80)] = ""


class ApprovalIn(Given):
    """An approval to keep."""

    measure: Key
    authority: Key
    number: Annotated[str, Field(max_length=80)]
    valid_from: date
    valid_until: date | None = None


ProjectsAsked = lists.parameters(PROJECTS)
OrganisationsAsked = lists.parameters(ORGANISATIONS)
ApprovalsAsked = lists.parameters(APPROVALS)


@router.get("/projects", response=lists.answers(PROJECTS), summary="Projects you may see")
def projects(request: HttpRequest, asked: Query[ProjectsAsked]) -> dict[str, Any]:  # type: ignore[valid-type]
    """Yours, and those to which your organisation is a partner; as the page lists them."""
    return lists.answer(request, PROJECTS, asked)


@router.get("/organisations", response=lists.answers(ORGANISATIONS), summary="Organisations you may look up")
def organisations(request: HttpRequest, asked: Query[OrganisationsAsked]) -> dict[str, Any]:  # type: ignore[valid-type]
    """As the page lists them."""
    return lists.answer(request, ORGANISATIONS, asked)


@router.get("/approvals", response=lists.answers(APPROVALS), summary="Approvals of your projects")
def approvals(request: HttpRequest, asked: Query[ApprovalsAsked]) -> dict[str, Any]:  # type: ignore[valid-type]
    """As the page lists them."""
    return lists.answer(request, APPROVALS, asked)


@router.post("/projects", response={201: ProjectOut}, summary="Open a project")
def create_project(request: HttpRequest, body: ProjectIn) -> Answer:
    """Open a joint project with a partner in the other park."""
    found = {o.pk: o for o in Organisation.objects.filter(pk__in=[body.organisation, body.partner])}
    for field in ("organisation", "partner"):
        if getattr(body, field) not in found:
            raise actions.NotAccepted(
                field, _("%(id)s is not an organisation known here.") % {"id": getattr(body, field)}
            )
    made = actions.create_project(
        cast(User, request.user), found[body.organisation], found[body.partner], body.title, body.protocol
    )
    return Answer(201, made)


@router.get("/projects/{project_id}", response=ProjectDetailOut, summary="One project")
def project(request: HttpRequest, project_id: str) -> queries.ProjectDetail:
    """One project with its approvals."""
    return queries.project(cast(User, request.user), project_id)


@router.post("/projects/{project_id}/approvals", response={201: ApprovalOut}, summary="Add an approval")
def add_approval(request: HttpRequest, project_id: str, body: ApprovalIn) -> Answer:
    """Keep an approval that every permit of the project may rely on."""
    user = cast(User, request.user)
    detail = queries.project(user, project_id)
    return Answer(201, actions.add_approval(user, detail.project, actions.NewApproval(**body.dict())))


@router.get("/partners", response=list[PartyOut], summary="Organisations of the other park")
def partners(request: HttpRequest) -> list[Organisation]:
    """Organisations of the other park with which a project can be opened."""
    return list(queries.partners())
