"""The public register of trials: its list, and each trial as a page and a PDF. No account is needed."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from twoparks.lists.pages import show
from twoparks.pilots import register as trials
from twoparks.pilots.lists import REGISTER
from twoparks.registry.access import Verb, may
from twoparks.registry.models import User
from twoparks.site.paper import trial, wording
from twoparks.site.paper.pdf import pdf
from twoparks.site.paper.shape import Paper


@never_cache
def register(request: HttpRequest) -> HttpResponseBase:
    """Every trial that both parks signed."""
    return show(request, REGISTER, "pilots/register.html")


@never_cache
def entry(request: HttpRequest, trial_id: str) -> HttpResponse:
    """One trial of the register; its exit report once it is over."""
    inside = request.user.is_authenticated and may(cast(User, request.user), Verb.SEE_TRIAL)
    with wording.language(request.GET.get("lang", "")) as language:
        return render(request, "pilots/entry.html", {"paper": _made(trial_id, language), "inside": inside})


@never_cache
def entry_pdf(request: HttpRequest, trial_id: str) -> HttpResponse:
    """The same as PDF/UA-1."""
    with wording.language(request.GET.get("lang", "")) as language:
        made = _made(trial_id, language)
        content = pdf(made)
    name = f"{made.number}-{language}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "Content-Language": language},
    )


def _made(trial_id: str, language: str) -> Paper:
    return trial.paper(trials.entry(trial_id, timezone.now()), language)
