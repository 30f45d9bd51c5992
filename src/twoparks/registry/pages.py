"""Pages of projects: the list, one project with its partner and approvals, opening one, adding an approval."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twoparks.lists.pages import show
from twoparks.packs import load
from twoparks.registry import actions, queries
from twoparks.registry.access import Verb, may
from twoparks.registry.lists import APPROVALS, ORGANISATIONS, PROJECTS
from twoparks.registry.models import Approval, Organisation, User
from twoparks.registry.telling import seers_told
from twoparks.registry.words import reading, words

BY_PROJECT = ("ethics_committee", "party")  # authorities whose approvals are the project's own work


class NewProject(forms.Form):
    """What opening a project asks."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=gettext_lazy("Your organisation"), empty_label=None
    )
    partner = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=gettext_lazy("Partner across the river"),
        help_text=gettext_lazy("An organisation of the other park. It will see the project and its permits."),
    )
    title = forms.CharField(max_length=160, label=gettext_lazy("Title"))
    protocol = forms.CharField(
        max_length=80,
        required=False,
        label=gettext_lazy("Protocol number"),
        help_text=gettext_lazy("If the study has one. Leave empty otherwise."),
    )


class NewApprovalForm(forms.Form):
    """What adding an approval asks."""

    measure = forms.ChoiceField(label=gettext_lazy("What was approved"))
    number = forms.CharField(
        max_length=80,
        label=gettext_lazy("Number"),
        help_text=gettext_lazy("As it stands on the document. It is checked with the authority's register."),
    )
    valid_from = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    valid_until = forms.DateField(
        required=False,
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Leave empty when it has no end."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


@login_required
def projects(request: HttpRequest) -> HttpResponseBase:
    """Projects the reader may see."""
    user = cast(User, request.user)
    may_open = any(may(user, Verb.CHANGE_PROJECT, _own(o)) for o in queries.organisations(user))
    return show(request, PROJECTS, "registry/projects.html", {"may_open": may_open})


@login_required
def organisations(request: HttpRequest) -> HttpResponseBase:
    """Organisations the reader may look up."""
    return show(request, ORGANISATIONS)


@login_required
def approvals(request: HttpRequest) -> HttpResponseBase:
    """Approvals of the reader's projects."""
    return show(request, APPROVALS)


@login_required
def project(request: HttpRequest, project_id: str) -> HttpResponse:
    """One project: parties, ethics approval and consents, other approvals, what can be done."""
    detail = queries.project(cast(User, request.user), project_id)
    rows = [_approval_row(approval) for approval in detail.approvals]
    context = {
        "detail": detail,
        "project": detail.project,
        "own": [row for row in rows if row["authority_key"] in BY_PROJECT],
        "granted": [row for row in rows if row["authority_key"] not in BY_PROJECT],
        "seers": seers_told(detail.seers),
        "crossed": None,
        "may_declare": queries.own_projects(cast(User, request.user)).filter(pk=project_id).exists(),
    }
    return render(request, "registry/project.html", context)


@login_required
def new_project(request: HttpRequest) -> HttpResponse:
    """Open a project."""
    user = cast(User, request.user)
    form = NewProject(request.POST or None)
    own = [o.pk for o in queries.organisations(user) if may(user, Verb.CHANGE_PROJECT, _own(o))]
    form.fields["organisation"].queryset = Organisation.objects.filter(pk__in=own)  # type: ignore[attr-defined]
    form.fields["partner"].queryset = queries.partners()  # type: ignore[attr-defined]
    for name in ("organisation", "partner"):
        form.fields[name].label_from_instance = lambda o: words(o.name)  # type: ignore[attr-defined]
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.create_project(
                user, given["organisation"], given["partner"], {reading(): given["title"]}, given["protocol"]
            )
        except actions.NotAccepted as wrong:
            form.add_error(wrong.field, str(wrong))
        else:
            messages.success(request, _("The project is open."))
            return redirect("project", made.pk)
    return render(request, "registry/new_project.html", {"form": form}, status=422 if form.errors else 200)


@login_required
def new_approval(request: HttpRequest, project_id: str) -> HttpResponse:
    """Add an approval to a project."""
    user = cast(User, request.user)
    detail = queries.project(user, project_id)
    form = NewApprovalForm(request.POST or None, initial={"measure": request.GET.get("measure")})
    form.fields["measure"].choices = _measures()  # type: ignore[attr-defined]
    if form.is_valid():
        measure, authority = form.cleaned_data["measure"].split("|")
        given = {k: v for k, v in form.cleaned_data.items() if k != "measure"}
        try:
            actions.add_approval(
                user, detail.project, actions.NewApproval(measure=measure, authority=authority, **given)
            )
        except actions.NotAccepted as wrong:
            form.add_error(wrong.field if wrong.field in form.fields else None, str(wrong))
        else:
            messages.success(request, _("The approval is kept. Every permit of this project can rely on it."))
            return redirect("project", project_id)
    context = {"form": form, "project": detail.project}
    return render(request, "registry/new_approval.html", context, status=422 if form.errors else 200)


def _approval_row(approval: Approval) -> dict[str, object]:
    law = load()
    measure, authority = law.measures.get(approval.measure), law.authorities.get(approval.authority)
    return {
        "approval": approval,
        "authority_key": approval.authority,
        "measure": measure.name if measure else approval.measure,
        "authority": authority.name if authority else approval.authority,
    }


def _measures() -> list[tuple[str, str]]:
    """Every approval somebody can hold, with each authority that may give it, in the reader's order of letters."""
    law = load()
    found = [
        (f"{key}|{authority}", f"{words(measure.name)} · {words(law.authorities[authority].name)}")
        for key, measure in law.measures.items()
        if measure.kind == "step"
        for authority in measure.authority
    ]
    return sorted(found, key=lambda choice: choice[1])


def _own(organisation: Organisation) -> actions.Subject:
    return actions.Subject(owner=organisation.pk, parties=frozenset({organisation.pk}))
