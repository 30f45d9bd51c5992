"""Pages of a person who crosses: the pass on the phone, consent, the phone's key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from twoparks.ledger.canonical import NotCanonical, read_base64url
from twoparks.passes.qr import svg
from twoparks.permits import actions, consenting, issued
from twoparks.permits.types import PermitId, PermitState, Terms
from twoparks.registry import queries as registry
from twoparks.registry.access import Subject, Verb, demand
from twoparks.registry.actions import NotAccepted
from twoparks.registry.models import Person, User
from twoparks.registry.travellers import keep_phone_key
from twoparks.registry.words import words
from twoparks.registry.zone import GroupId, zone

WORKER = "pass-worker.js"


@dataclass(frozen=True)
class Lane:
    """A gate group the person may choose: its number is what the moving code is made for."""

    number: int
    name: str


@dataclass(frozen=True)
class Pass:
    """One permit as the phone shows it."""

    id: PermitId
    picture: str
    holder: str
    lanes: tuple[Lane, ...]
    terms: Terms
    title: str


@login_required
def my_pass(request: HttpRequest) -> HttpResponse:
    """The passes in force, what is asked of the person, and the phone's key."""
    _user, person = own(request)
    now = timezone.now()
    rows = issued.usable_of(person.pseudonym, now)
    passes = [found for row in rows if (found := _pass(issued.permit_state(row))) is not None]
    asked = consenting.requests(person)
    context = {
        "person": person,
        "passes": passes,
        "asked": [request for request in asked if not request.agreed],
        "given": [request for request in asked if request.agreed],
        "to_end": actions.permits_to_end(person, now),
        "heard_at": now,
        "waiting": issued.waiting_of(person.pseudonym, now),
    }
    return render(request, "crossings/my_pass.html", context)


@login_required
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Record the consent to what was read, as long as it still stands so."""
    user, person = own(request)
    wanted = request.POST.get("digest", "")
    found = next((r for r in consenting.requests(person) if r.digest == wanted), None)
    if found is None:
        messages.error(request, _("The employer has changed these facts meanwhile. Read them again."))
    else:
        actions.consent(user, found.facts, found.partner.id, timezone.now())
        messages.success(request, _("Your consent is recorded. You can take it back at any time."))
    return redirect("my_pass")


@login_required
@require_POST
def withdraw_consent(request: HttpRequest) -> HttpResponse:
    """Take every consent back; permits that rest on it end."""
    user, _person = own(request)
    ended = actions.withdraw_consent(user, timezone.now())
    if ended:
        said = _("Your consent is withdrawn. These permits have ended: %(permits)s.")
        messages.success(request, said % {"permits": ", ".join(ended)})
    else:
        messages.success(request, _("Your consent is withdrawn."))
    return redirect("my_pass")


@login_required
@require_POST
def keep_key(request: HttpRequest) -> HttpResponse:
    """Keep the public key that the phone has just made."""
    user, _person = own(request)
    try:
        keep_phone_key(user, read_base64url(request.POST.get("point", "")), timezone.now())
    except (NotAccepted, NotCanonical):
        messages.error(request, _("No key came with that. This needs scripts, and https or localhost."))
    else:
        messages.success(request, _("This phone is ready. Permits declared from now on are bound to it."))
    return redirect("my_pass")


@require_GET
def worker(request: HttpRequest) -> FileResponse:
    """The script that keeps the pass page for when there is no network; served here so that it serves only this page."""
    found = finders.find(WORKER)
    if not isinstance(found, str):
        raise Http404
    return FileResponse(open(found, "rb"), content_type="text/javascript")  # closed by the response


def own(request: HttpRequest) -> tuple[User, Person]:
    """The reader and the registered person behind the account; raises Forbidden for everybody else."""
    user = cast(User, request.user)
    demand(user, Verb.OWN_TRAVEL, Subject(person=user.pk))
    person = registry.person_of(user)
    if person is None:
        raise Http404
    return user, person


def _pass(state: PermitState) -> Pass | None:
    text, allowed = issued.pass_text(state), issued.agreed(state)
    traveller = state.current.declaration.traveller
    if text is None or allowed is None or traveller is None:
        return None
    groups = [zone().gate_groups[GroupId(g)] for g in (*allowed.exit_groups, *allowed.entry_groups)]
    order = {way: at for at, way in enumerate(zone().ways(state.current.declaration.crosses))}
    groups.sort(key=lambda g: (order[g.crosses], g.control_point, g.leg == "entry"))
    return Pass(
        id=state.id,
        picture=svg(text),
        holder=traveller.holder,
        lanes=tuple(Lane(g.number, words(g.name)) for g in groups),
        terms=allowed,
        title=words(state.current.declaration.project.title),
    )
