"""What every page knows: the zone, this park, the other one, and where this reader can go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from twoparks.registry.access import roles_of
from twoparks.registry.models import Role
from twoparks.registry.node import this_node
from twoparks.registry.zone import zone

KIND = Role.Kind
TENANT = {KIND.MEMBER, KIND.ADMINISTRATOR}
OFFICER = {KIND.PARK_OFFICER, KIND.AUTHORITY_OFFICER}


@dataclass(frozen=True)
class Destination:
    """One entry of the menu."""

    href: str
    label: str
    here: bool


def site(request: HttpRequest) -> dict[str, object]:
    """Template context shared by all pages."""
    node = this_node()
    return {
        "zone": zone(),
        "node": node,
        "park": node.park,
        "peer": node.peer,
        "begins": settings.TWOPARKS_DEMONSTRATION != "none",
        "waived_here": settings.TWOPARKS_WAIVE_SECOND_FACTOR and zone().demonstration,
        "places": list(_destinations(request)),
    }


def _destinations(request: HttpRequest) -> Iterator[Destination]:
    user = getattr(request, "user", None)  # absent when an error page is made before the user is known
    if user is None or not user.is_authenticated:
        return
    kinds = {role.kind for role in roles_of(user)}
    menu = [
        ("my_pass", _("My pass"), {KIND.PERSON}),
        ("work", _("My work"), TENANT | OFFICER),
        ("projects", _("Projects"), TENANT),
        ("declare", _("Declare"), TENANT),
        ("permits", _("Permits"), TENANT | OFFICER | {KIND.AUDITOR, KIND.PERSON}),
        ("crossings", _("Crossings"), TENANT | {KIND.PARK_OFFICER, KIND.AUDITOR, KIND.PERSON}),
        ("gate", _("Gate"), {KIND.GATE, KIND.PARK_OFFICER}),
        ("trials", _("Trials"), TENANT | OFFICER | {KIND.AUDITOR, KIND.RULE_MAKER}),
        ("ledger", _("Ledger"), {KIND.AUDITOR, KIND.PARK_OFFICER}),
        ("trial_drafts", _("Drafts of trials"), {KIND.RULE_MAKER, KIND.AUDITOR}),
        ("travellers", _("People who cross"), TENANT),
        ("people", _("People"), {KIND.ADMINISTRATOR, KIND.AUDITOR, KIND.PARK_OFFICER}),
    ]
    found = [(reverse(name), label) for name, label, for_kinds in menu if kinds & for_kinds]
    here = max((href for href, _label in found if request.path.startswith(href)), key=len, default="")
    for href, label in found:
        yield Destination(href, label, href == here)
