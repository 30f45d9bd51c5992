"""People over the API: accounts and roles, given and ended by the same rules as on the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Path, Query, Router, Schema
from ninja.responses import Status as Answer

from twoparks.lists import api as lists
from twoparks.registry import actions, queries
from twoparks.registry.models import Organisation, Role, User
from twoparks.registry.people_lists import PEOPLE, TRAVELLERS
from twoparks.registry.shapes import Given, Key

router = Router(tags=["people"])
PersonNumber = Annotated[int, Path(ge=1, le=2**53)]


class RoleOut(Schema):
    """A role, held or ended; exactly one of organisation, authority and gate where the kind needs it."""

    id: int
    kind: str
    organisation: str | None
    authority: str
    gate: str
    given_at: datetime
    given_act: str  # id of the act in the log
    ended_at: datetime | None
    ended_act: str


class PersonOut(Schema):
    """Somebody with an account here, as far as the caller may know."""

    id: int
    username: str
    name: str
    active: bool
    second_factor: bool
    roles: list[RoleOut]


class PersonIn(Given):
    """An account to give. The password must be changed at the first sign-in."""

    username: Key
    name: Key
    password: Key
    kind: Literal["member", "administrator"]
    organisation: Key


class RoleIn(Given):
    """A role to give; `where` is the organisation, authority or gate that the kind needs."""

    kind: Literal["member", "administrator", "park_officer", "authority_officer", "gate", "auditor"]
    where: Key = ""


class PasswordIn(Given):
    """A password to be changed at the next sign-in."""

    password: Key


PeopleAsked = lists.parameters(PEOPLE)
TravellersAsked = lists.parameters(TRAVELLERS)


@router.get("/people", response=lists.answers(PEOPLE), summary="People with an account")
def list_people(request: HttpRequest, asked: Query[PeopleAsked]) -> dict[str, Any]:  # type: ignore[valid-type]
    """Everybody whose account you may see, as the page lists them."""
    return lists.answer(request, PEOPLE, asked)


@router.get("/travellers", response=lists.answers(TRAVELLERS), summary="People registered to cross")
def list_travellers(request: HttpRequest, asked: Query[TravellersAsked]) -> dict[str, Any]:  # type: ignore[valid-type]
    """Whom your organisation registered to cross, as the page lists them."""
    return lists.answer(request, TRAVELLERS, asked)


@router.post("/people", response={201: PersonOut}, summary="Give an account")
def add_person(request: HttpRequest, body: PersonIn) -> Answer:
    """Give a person an account in an organisation."""
    user = cast(User, request.user)
    organisation = Organisation.objects.filter(pk=body.organisation).first()
    if organisation is None:
        raise actions.NotAccepted(
            "organisation", _("%(key)s is not an organisation known here.") % {"key": body.organisation}
        )
    new = actions.NewAccount(body.username, body.password, Role.Kind(body.kind), organisation, body.name)
    made = actions.add_person(user, new, timezone.now())
    return Answer(201, _person(queries.person(user, made.pk).line))


@router.get("/people/{person_id}", response=PersonOut, summary="One person")
def one_person(request: HttpRequest, person_id: PersonNumber) -> dict[str, object]:
    """One person with the roles you may know of, ended ones among them."""
    return _person(queries.person(cast(User, request.user), person_id).line)


@router.post("/people/{person_id}/roles", response={201: RoleOut}, summary="Give a role")
def give_role(request: HttpRequest, person_id: PersonNumber, body: RoleIn) -> Answer:
    """Give a role to somebody who has an account."""
    user = cast(User, request.user)
    held = queries.person(user, person_id).line.person
    return Answer(201, _role(actions.add_role(user, held, Role.Kind(body.kind), body.where, timezone.now())))


@router.post("/people/{person_id}/roles/{role_id}/end", response=PersonOut, summary="End a role")
def end_role(request: HttpRequest, person_id: PersonNumber, role_id: PersonNumber) -> dict[str, object]:
    """End a role; that it was held is kept."""
    user = cast(User, request.user)
    role = next((r for r in queries.person(user, person_id).line.roles if r.pk == role_id), None)
    if role is None:
        raise Role.DoesNotExist
    actions.end_role(user, role, timezone.now())
    return _person(queries.person(user, person_id).line)


@router.post("/people/{person_id}/end", response={204: None}, summary="End an account")
def end_account(request: HttpRequest, person_id: PersonNumber) -> Answer:
    """End every role of a person, close the account, end its sessions and tokens."""
    user = cast(User, request.user)
    actions.end_account(user, queries.person(user, person_id).line.person, timezone.now())
    return Answer(204, None)


@router.post("/people/{person_id}/password", response={204: None}, summary="Give a new password")
def give_password(request: HttpRequest, person_id: PersonNumber, body: PasswordIn) -> Answer:
    """Let somebody in again: second factors are removed, sessions end, the password must be changed at once."""
    user = cast(User, request.user)
    actions.give_password(user, queries.person(user, person_id).line.person, body.password, timezone.now())
    return Answer(204, None)


def _person(line: queries.PersonLine) -> dict[str, object]:
    return {
        "id": line.person.pk,
        "username": line.person.username,
        "name": line.person.first_name,
        "active": line.person.is_active,
        "second_factor": line.has_factor,
        "roles": [_role(role) for role in line.roles],
    }


def _role(role: Role) -> dict[str, object]:
    return {
        "id": role.pk,
        "kind": role.kind,
        "organisation": role.organisation_id,
        "authority": role.authority,
        "gate": role.gate,
        "given_at": role.given_at,
        "given_act": role.given_act,
        "ended_at": role.ended_at,
        "ended_act": role.ended_act,
    }
