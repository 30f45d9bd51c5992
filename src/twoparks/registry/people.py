"""Pages of people: who has an account here and in which roles; giving and ending both."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import cast

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from twoparks.lists.pages import show
from twoparks.packs import load
from twoparks.registry import actions, queries
from twoparks.registry.access import Verb, may
from twoparks.registry.models import Organisation, Role, User
from twoparks.registry.node import this_node
from twoparks.registry.people_lists import PEOPLE
from twoparks.registry.pseudonyms import pseudonym
from twoparks.registry.telling import KINDS
from twoparks.registry.words import words
from twoparks.registry.zone import zone

NODE_KINDS = tuple(k for k in Role.Kind if k not in actions.IN_ORGANISATION | {Role.Kind.PERSON})


class NewPerson(forms.Form):
    """What giving an account asks."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=gettext_lazy("Organisation"), empty_label=None
    )
    name = forms.CharField(
        max_length=actions.NAME_MAX,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("As colleagues use it."),
    )
    username = forms.CharField(
        max_length=actions.USERNAME_MAX,
        label=gettext_lazy("User name"),
        help_text=gettext_lazy("What the person types to sign in. Letters, digits and . _ - @ +"),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[(kind, KINDS[kind]) for kind in (Role.Kind.MEMBER, Role.Kind.ADMINISTRATOR)],
        help_text=gettext_lazy(
            "A member declares and follows. An administrator opens projects and gives accounts as well."
        ),
    )


class NewRole(forms.Form):
    """What giving a role asks: one choice holds kind and place."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))


@login_required
def people(request: HttpRequest) -> HttpResponseBase:
    """Everybody whose account the reader may see."""
    may_add = queries.given_organisations(cast(User, request.user)).exists()
    return show(request, PEOPLE, "registry/people.html", {"may_add": may_add})


@login_required
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: roles held and ended, and what the reader may change."""
    user = cast(User, request.user)
    detail = queries.person(user, person_id)
    form = NewRole()
    choices = [*_within(detail), *(_node_roles() if detail.may_give else [])]
    form.fields["role"].choices = choices  # type: ignore[attr-defined]
    context = {
        "detail": detail,
        "line": detail.line,
        "form": form,
        "may_give": bool(choices),
        "stream": pseudonym(detail.line.person) if may(user, Verb.SEE_LEDGER) else "",
    }
    return render(request, "registry/person.html", context)


@sensitive_variables("given")
@login_required
def new_person(request: HttpRequest) -> HttpResponse:
    """Give a person an account; the first password is shown once."""
    user = cast(User, request.user)
    form = NewPerson(request.POST or None)
    form.fields["organisation"].queryset = queries.given_organisations(user)  # type: ignore[attr-defined]
    form.fields["organisation"].label_from_instance = lambda o: words(o.name)  # type: ignore[attr-defined]
    if form.is_valid():
        said, given = form.cleaned_data, first_password()
        try:
            kind = Role.Kind(said["kind"])
            new = actions.NewAccount(said["username"], given, kind, said["organisation"], said["name"])
            made = actions.add_person(user, new, timezone.now())
        except actions.NotAccepted as wrong:
            form.add_error(wrong.field if wrong.field in form.fields else None, str(wrong))
        else:
            return _show_once(request, made, given)
    return render(request, "registry/new_person.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_POST
@reauthentication_required
def give_role(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give a role."""
    user = cast(User, request.user)
    kind, _bar, where = request.POST.get("role", "").partition("|")
    held = queries.person(user, person_id).line.person
    if kind not in Role.Kind.values:
        messages.error(request, _("Choose a role."))
        return redirect("person", person_id)
    return _do(
        request,
        person_id,
        lambda: actions.add_role(user, held, Role.Kind(kind), where, timezone.now()),
        _("The role is given."),
    )


@login_required
@require_POST
def end_role(request: HttpRequest, person_id: int) -> HttpResponse:
    """End a role."""
    user, number = cast(User, request.user), request.POST.get("role", "")
    line = queries.person(user, person_id).line
    role = next((role for role in line.roles if str(role.pk) == number), None)
    if role is None:
        raise Role.DoesNotExist
    return _do(
        request, person_id, lambda: actions.end_role(user, role, timezone.now()), _("The role is ended.")
    )


@login_required
@require_POST
def end_account(request: HttpRequest, person_id: int) -> HttpResponse:
    """End an account with all its roles."""
    user = cast(User, request.user)
    held = queries.person(user, person_id).line.person
    return _do(
        request,
        person_id,
        lambda: actions.end_account(user, held, timezone.now()),
        _("The account is ended."),
    )


@sensitive_variables("given")
@login_required
@require_POST
@reauthentication_required
def new_password(request: HttpRequest, person_id: int) -> HttpResponse:
    """Let somebody in again who lost password or second factor."""
    user, given = cast(User, request.user), first_password()
    held = queries.person(user, person_id).line.person
    actions.give_password(user, held, given, timezone.now())
    return _show_once(request, held, given)


def first_password() -> str:
    """A password to be changed at the first sign-in: 80 random bits in four groups that can be read out."""
    letters = "abcdefghjkmnpqrstvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _n in range(4)) for _group in range(4))


def _show_once(request: HttpRequest, held: User, given: str) -> HttpResponse:
    answer = render(request, "registry/first_password.html", {"person": held, "given": given})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _do(request: HttpRequest, person_id: int, action: Callable[[], object], says: str) -> HttpResponse:
    try:
        action()
    except actions.NotAccepted as wrong:
        messages.error(request, str(wrong))
    else:
        messages.success(request, says)
    return redirect("person", person_id)


def _within(detail: queries.PersonDetail) -> list[tuple[str, str]]:
    """The roles the person does not have yet in organisations where the reader gives roles."""
    live = [role for role in detail.line.roles if role.pk in detail.endable and role.organisation]
    held = {(role.kind, role.organisation_id) for role in live}
    found = {}
    for role in live if detail.may_end else []:
        for kind in (Role.Kind.ADMINISTRATOR, Role.Kind.MEMBER):
            if (kind, role.organisation_id) not in held and role.organisation is not None:
                found[f"{kind}|{role.organisation_id}"] = f"{KINDS[kind]}: {words(role.organisation.name)}"
    return list(found.items())


def _node_roles() -> list[tuple[str, str]]:
    """Every role that can be given at this node, with its place."""
    here = this_node().park
    found = []
    for kind in NODE_KINDS:
        word = str(KINDS[kind])
        if kind == Role.Kind.AUTHORITY_OFFICER:
            known = load().authorities.items()
            ours = [(key, a) for key, a in known if a.bank in (here.bank, "both") and key != "party"]
            found += [(f"{kind}|{key}", f"{word}: {words(a.name)}") for key, a in ours]
        elif kind == Role.Kind.GATE:
            groups = (g for g in zone().gate_groups.values() if g.park == here.id)
            found += [(f"{kind}|{gate}", f"{word}: {gate}") for group in groups for gate in group.gates]
        else:
            found.append((f"{kind}|", word))
    return found
