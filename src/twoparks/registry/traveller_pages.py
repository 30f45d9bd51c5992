"""Pages of people who cross: the employer's list, registering one, the invitation, and taking the account by it."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from twoparks.lists.pages import show
from twoparks.registry import queries, travellers
from twoparks.registry.access import Subject, Verb, demand, may
from twoparks.registry.actions import NotAccepted
from twoparks.registry.models import Organisation, User
from twoparks.registry.people_lists import TRAVELLERS
from twoparks.registry.words import words


class NewTraveller(forms.Form):
    """What registering a person asks: a name, which stays here."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=gettext_lazy("Employer"), empty_label=None
    )
    name = forms.CharField(
        max_length=travellers.MOST_NAME,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("It stays at this park. The other park learns a pseudonym."),
    )


class Joining(forms.Form):
    """What taking the account asks."""

    username = forms.CharField(max_length=60, label=gettext_lazy("User name"))
    password = forms.CharField(
        max_length=128,
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("Twelve characters or more."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


@login_required
def people(request: HttpRequest) -> HttpResponseBase:
    """People registered to cross: what each still lacks before a pass can be made."""
    may_add = _employers(cast(User, request.user)).exists()
    return show(request, TRAVELLERS, "registry/travellers.html", {"may_add": may_add})


@login_required
def register(request: HttpRequest) -> HttpResponse:
    """Register a person, then show the invitation once."""
    user = cast(User, request.user)
    form = NewTraveller(request.POST or None)
    form.fields["organisation"].queryset = _employers(user)  # type: ignore[attr-defined]
    form.fields["organisation"].label_from_instance = lambda o: words(o.name)  # type: ignore[attr-defined]
    if form.is_valid():
        now, given = timezone.now(), form.cleaned_data
        try:
            made = travellers.register_person(user, given["organisation"], given["name"], now)
        except NotAccepted as wrong:
            form.add_error("name", str(wrong))
        else:
            return _invited(request, made.pk)
    return render(request, "registry/new_traveller.html", {"form": form}, status=422 if form.errors else 200)


@login_required
def invite(request: HttpRequest, person_id: str) -> HttpResponse:
    """A new invitation, made by POST; links given before end."""
    if request.method == "POST":
        return _invited(request, person_id)
    user = cast(User, request.user)
    person = get_object_or_404(queries.travellers(user), pk=person_id)
    demand(user, Verb.REGISTER_PERSON, Subject(owner=person.organisation_id))
    return render(
        request, "registry/invite.html", {"person": person, "days": travellers.INVITATION_LASTS.days}
    )


def _invited(request: HttpRequest, person_id: str) -> HttpResponse:
    user = cast(User, request.user)
    person = get_object_or_404(queries.travellers(user), pk=person_id)
    try:
        token = travellers.invite(user, person, timezone.now())
    except NotAccepted as wrong:
        messages.error(request, str(wrong))
        return redirect("travellers")
    address = request.build_absolute_uri(reverse("join", args=[token]))
    context = {"person": person, "address": address, "days": travellers.INVITATION_LASTS.days}
    return render(request, "registry/invited.html", context)


@sensitive_post_parameters("password")
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Take the account that an invitation is for; the address works once and is never logged with a name."""
    now, form = timezone.now(), Joining(request.POST or None)
    try:
        invitation = travellers.open_invitation(token, now)
    except NotAccepted as wrong:
        return render(request, "registry/join.html", {"over": str(wrong)}, status=410)
    if form.is_valid():
        given = form.cleaned_data
        try:
            travellers.accept_invitation(token, given["username"], given["password"], now)
        except NotAccepted as wrong:
            form.add_error(wrong.field if wrong.field in form.fields else None, str(wrong))
        else:
            messages.success(request, _("Your account is made. Sign in to go on."))
            return redirect("account_login")
    context = {"form": form, "employer": invitation.person.organisation}
    return render(request, "registry/join.html", context, status=422 if form.errors else 200)


def _employers(user: User) -> QuerySet[Organisation]:
    own = [o.pk for o in queries.organisations(user) if may(user, Verb.REGISTER_PERSON, Subject(owner=o.pk))]
    return Organisation.objects.filter(pk__in=own)
