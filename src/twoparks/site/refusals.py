"""Answers to what cannot be done: one place turns each kind of refusal into a page in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.template import loader
from django.utils.translation import gettext as _

from twoparks.crossings.types import NotPossible as CrossingNotPossible
from twoparks.federation.types import NotCaughtUp, Stale
from twoparks.permits.rules import NoPermit
from twoparks.permits.types import NotPossible
from twoparks.pilots.rules import NoTrial
from twoparks.registry.access import Forbidden
from twoparks.registry.zone import ZoneError
from twoparks.site.operations.logs import asked


@dataclass(frozen=True)
class Refusal:
    """What a reader or a program is told: status code, short code, and a sentence."""

    status: int
    code: str
    title: str
    says: str


def refusal_of(error: Exception) -> Refusal | None:
    """The refusal that an error stands for, or None when it is a fault of ours."""
    match error:
        case Forbidden():
            status = 401 if error.denied.code == "signed_out" else 403
            return Refusal(status, error.denied.code, _("This is not open to you"), error.denied.says)
        case NoPermit() | NoTrial() | Http404() | ObjectDoesNotExist() | ZoneError():
            return Refusal(404, "not_found", _("There is nothing here"), _("No such thing is known here."))
        case Stale():
            return Refusal(
                409,
                "stale",
                _("Somebody acted meanwhile"),
                _(
                    "Your decision was not recorded: what you had before you has changed. Read it again, then decide."
                ),
            )
        case NotCaughtUp():
            return Refusal(
                503,
                error.code,
                _("Nothing can be recorded now"),
                _(
                    "This park's node was put back from a copy and is catching up with the other park. "
                    "Nothing was recorded; try again later."
                ),
            )
        case NotPossible() | CrossingNotPossible():
            return Refusal(409, error.code, _("This cannot be done now"), str(error))
    return None


class Refusals:
    """Shows a refusal as a page; anything else stays an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django's hook: None leaves the error as it is."""
        if isinstance(error, Http404):
            return None  # Django shows 404.html
        refusal = refusal_of(error)
        if refusal is None:
            return None
        if refusal.status == 401:
            return redirect(f"{resolve_url('account_login')}?next={request.path}")
        context = {"refusal": refusal, "back": request.get_full_path() if refusal.status == 409 else None}
        return render(request, "site/refusal.html", context, status=refusal.status)


def fault(request: HttpRequest) -> HttpResponse:
    """What is shown when the fault is ours: nothing that could fail again, and the number under which it is logged."""
    this = asked.get()
    page = loader.get_template("500.html").render({"request_id": this.request_id if this else ""})
    return HttpResponse(page, status=500)
