"""The list of permits: its columns, what it can be narrowed by, its order. Page, files and API are made from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twoparks.lists import search
from twoparks.lists.statuses import status_word
from twoparks.lists.types import (
    Choice,
    Column,
    Days,
    Exactly,
    Kind,
    Listing,
    Options,
    Row,
    Rows,
    Search,
    View,
)
from twoparks.permits import finding, queries
from twoparks.permits.queries import PermitLine
from twoparks.permits.types import Status
from twoparks.registry.access import roles_of
from twoparks.registry.models import Role, User
from twoparks.registry.words import direction_word, park_word, words
from twoparks.registry.zone import zone

WAITS = {
    "authority": _("an authority"),
    "applicant": _("the applicant"),
    "park": _("this park"),
    "peer": _("the other park"),
}
OUTCOMES = ("clear", "conditional", "forbidden", "refer", "unknown")


def directions() -> Options:
    """Every way over the river."""
    return [(key, direction_word(key)) for key in zone().directions]


def _statuses() -> Options:
    return [(str(status), status_word(status)) for status in Status]


def _in_status(rows: Rows, value: str, now: datetime) -> Rows:
    return queries.in_status(rows, Status(value), now)


def _waiting(rows: Rows, value: str, now: datetime) -> Rows:
    return rows.filter(waits_here=value).exclude(expires_at__lte=now)


def _lines(rows: Sequence[Row], now: datetime) -> Sequence[PermitLine]:
    return [queries.line(row, now) for row in rows]


def _ready(user: User) -> Sequence[View]:
    kinds = {role.kind for role in roles_of(user)}
    found = []
    if kinds & {Role.Kind.MEMBER, Role.Kind.ADMINISTRATOR}:
        found.append(View(_("Waits for the applicant"), "waits=applicant"))
    if Role.Kind.PARK_OFFICER in kinds:
        found.append(View(_("Waits for this park"), "waits=park"))
    found += [
        View(_("In review"), "status=in_review"),
        View(_("In force"), "status=in_force"),
        View(_("In force, ending soonest"), "status=in_force&sort=valid_until"),
    ]
    return found


def _note(line: PermitLine) -> str:
    return _("%(number)s · on trial") % {"number": line.id} if line.trial else str(line.id)


PERMITS: Listing[PermitLine] = Listing(
    name="permits",
    title=_("Permits"),
    columns=(
        Column(
            "title",
            _("Permit"),
            lambda line: words(line.title),
            href=lambda line: reverse("permit", args=[line.id]),
            note=_note,
        ),
        Column("id", _("Number"), lambda line: line.id, Kind.CODE, on_page=False),
        Column("status", _("Status"), lambda line: line.status, Kind.STATUS, word=status_word),
        Column("crosses", _("Direction"), lambda line: line.crosses, word=direction_word, on_page=False),
        Column("sender", _("From"), lambda line: words(line.sender_name)),
        Column("recipient", _("To"), lambda line: words(line.recipient_name)),
        Column("waits", _("Waits for"), lambda line: line.waits, word=lambda key: str(WAITS.get(key, key))),
        Column(
            "outcome", _("Law here"), lambda line: line.outcome, Kind.STATUS, word=status_word, on_page=False
        ),
        Column("version", _("Version"), lambda line: line.version, Kind.NUMBER, on_page=False),
        Column("project", _("Project"), lambda line: line.project, Kind.CODE, on_page=False),
        Column("trial", _("Trial"), lambda line: line.trial, Kind.CODE, on_page=False),
        Column("home", _("Declared at"), lambda line: line.home, Kind.BANK, word=park_word, on_page=False),
        Column("valid_from", _("Valid from"), lambda line: line.valid_from, Kind.MOMENT, on_page=False),
        Column(
            "valid_until", _("Valid until"), lambda line: line.valid_until, Kind.MOMENT, sort="valid_until"
        ),
        Column(
            "declared",
            pgettext_lazy("column: the moment when", "Declared"),
            lambda line: line.declared_at,
            Kind.MOMENT,
            sort="declared_at",
            on_page=False,
        ),
        Column("changed", _("Changed"), lambda line: line.changed_at, Kind.MOMENT, sort="changed_at"),
    ),
    filters=(
        Search(
            _("Search"),
            _(
                "Words of the title, the parties, the goods or labels, or the number; in either Chinese script."
            ),
            lambda rows, typed: search.narrow(rows, finding.KIND, typed),
        ),
        Choice("status", _("Status"), _statuses, _in_status),
        Choice("crosses", _("Direction"), directions, lambda rows, value, _now: rows.filter(crosses=value)),
        Choice("waits", _("Waits for"), lambda: list(WAITS.items()), _waiting),
        Days("declared", pgettext_lazy("column: the moment when", "Declared"), "declared_at"),
        Days("valid_until", _("Valid until"), "valid_until"),
        Exactly("project", _("Project"), "project"),
        Exactly("trial", _("Trial"), "trial"),
    ),
    rows=lambda user, _now: queries.visible(user),
    apart=queries.reaches,
    lines=_lines,
    order="-changed",
    empty=_(
        "Permits appear here once somebody declares something that concerns you: yours, what is sent to you, or what is before your desk."
    ),
    ready=_ready,
)
