"""Where a newcomer to the demonstration begins: its stories, the permits of every status, the accounts of this park."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from twoparks.permits import queries as permits
from twoparks.permits import standing
from twoparks.permits.types import Status
from twoparks.registry import queries as registry
from twoparks.registry.node import this_node
from twoparks.registry.telling import role_words
from twoparks.registry.words import words
from twoparks.site import demonstration

FILE = Path(demonstration.__file__).with_name("tour.yaml")


@dataclass(frozen=True)
class Told:
    """One story at this park: the account that sees it best, and those of its projects whose permits this park has."""

    title: str
    says: str
    account: str
    projects: tuple[tuple[str, str], ...]  # id, title


def begin(request: HttpRequest) -> HttpResponse:
    """What to look at first; for everybody, and only where there is a demonstration."""
    if settings.TWOPARKS_DEMONSTRATION == "none":
        raise Http404
    by_status = standing.figures(timezone.now()).by_status
    context = {
        "stories": [_told(story) for story in _stories()],
        "statuses": [(status, by_status.get(status, 0)) for status in Status],
        "accounts": _accounts(),
        "history": settings.TWOPARKS_DEMONSTRATION == "full",
        "peer_url": this_node().peer_url,
    }
    return render(request, "site/begin.html", context)


def _told(story: Mapping[str, Any]) -> Told:
    park = str(this_node().id)
    known = permits.titles(story["projects"])
    return Told(
        title=words(story["title"]),
        says=words(story["says"]),
        account=story["accounts"].get(park, ""),
        projects=tuple((key, words(known[key])) for key in story["projects"] if key in known),
    )


def _accounts() -> list[tuple[str, str, list[str]]]:
    """User name, name and roles of every account whose password the start of the demonstration tells."""
    names = [account.username for account in demonstration.accounts(this_node().id)]
    found = {user.username: user for user in registry.fictitious(names)}
    return [
        (name, found[name].get_full_name(), [role_words(role) for role in found[name].roles.all()])
        for name in names
        if name in found
    ]


@cache
def _stories() -> tuple[Mapping[str, Any], ...]:
    return tuple(yaml.safe_load(FILE.read_text(encoding="utf-8"))["stories"])
