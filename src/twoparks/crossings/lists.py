"""The list of crossings: its columns, what it can be narrowed by, its order. Page, files and API are made from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from twoparks.crossings import queries, rules
from twoparks.crossings.queries import CrossingLine
from twoparks.crossings.types import State
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
from twoparks.permits import finding
from twoparks.permits.lists import directions
from twoparks.registry.access import roles_of
from twoparks.registry.models import Role, User
from twoparks.registry.node import this_node
from twoparks.registry.words import direction_word, park_word, words
from twoparks.registry.zone import GroupId, zone


def _states() -> Options:
    return [(str(state), status_word(state)) for state in State]


def points() -> Options:
    """Every crossing point that has a gate."""
    used = {group.control_point for group in zone().gate_groups.values()}
    return [(point.id, words(point.name)) for point in zone().control_points.values() if point.id in used]


def _at_point(rows: Rows, value: str, _now: datetime) -> Rows:
    groups = [group.id for group in zone().gate_groups.values() if group.control_point == value]
    return rows.filter(Q(exit_group__in=groups) | Q(entry_group__in=groups))


def _found(rows: Rows, typed: str) -> Rows:
    if rules.number_of(number := typed.strip().lower()):
        return rows.filter(pk=number)
    return search.narrow(rows, finding.KIND, typed, key="permit")


def _in_discrepancy(rows: Rows, value: str, _now: datetime) -> Rows:
    match value:
        case "open":
            return rows.filter(open_code__gt="")
        case "own":
            return rows.filter(open_code__gt="", owner=this_node().id)
        case "closed":
            return rows.filter(recorded__gt="", open_code="")
    return rows.filter(recorded="")


def _discrepancies() -> Options:
    return [
        ("open", _("open")),
        ("own", _("open, for this park to explain")),
        ("closed", _("explained")),
        ("none", _("none")),
    ]


def _lines(rows: Sequence[Row], now: datetime) -> Sequence[CrossingLine]:
    return [queries.line(row, now) for row in rows]


def _group_word(group: str) -> str:
    known = zone().gate_groups.get(GroupId(group))
    return words(known.name) if known else group


def _recorded(codes: str) -> str:
    return ", ".join(status_word(code) for code in re.findall(r"\w+", codes))


def _ready(user: User) -> Sequence[View]:
    found = [
        View(_("On the way"), "state=departed"),
        View(_("Open discrepancies"), "discrepancy=open"),
        View(_("Overdue"), "state=overdue"),
    ]
    if any(role.kind == Role.Kind.PARK_OFFICER for role in roles_of(user)):
        found.insert(0, View(_("For this park to explain"), "discrepancy=own"))
    return found


CROSSINGS: Listing[CrossingLine] = Listing(
    name="crossings",
    title=_("Crossings"),
    columns=(
        Column(
            "id",
            _("Crossing"),
            lambda line: line.row.id,
            Kind.CODE,
            href=lambda line: reverse("crossing", args=[line.row.id]),
        ),
        Column("state", _("Status"), lambda line: str(line.state), Kind.STATUS, word=status_word),
        Column("permit", _("Permit"), lambda line: line.row.permit, Kind.CODE, on_page=False),
        Column("crosses", _("Direction"), lambda line: line.row.crosses, word=direction_word, on_page=False),
        Column("sender", _("From"), lambda line: words(line.row.sender_name)),
        Column("recipient", _("To"), lambda line: words(line.row.recipient_name)),
        Column(
            "first",
            _("First leg"),
            lambda line: line.row.first_at,
            Kind.MOMENT,
            sort="first_at",
            on_page=False,
        ),
        Column("exit_at", _("Exit"), lambda line: line.row.exit_at, Kind.MOMENT),
        Column(
            "exit_group", _("Exit gate"), lambda line: line.row.exit_group, word=_group_word, on_page=False
        ),
        Column("entry_at", _("Entry"), lambda line: line.row.entry_at, Kind.MOMENT),
        Column(
            "entry_group", _("Entry gate"), lambda line: line.row.entry_group, word=_group_word, on_page=False
        ),
        Column(
            "open_code",
            _("Open discrepancy"),
            lambda line: line.row.open_code,
            Kind.STATUS,
            word=status_word,
            on_page=False,
        ),
        Column("owner", _("To be explained by"), lambda line: line.row.owner, Kind.BANK, word=park_word),
        Column(
            "recorded",
            _("Discrepancies recorded"),
            lambda line: line.row.recorded,
            word=_recorded,
            on_page=False,
        ),
    ),
    filters=(
        Search(
            _("Search"),
            _(
                "Words of the permit's title, the parties, the goods or labels, or a number; in either Chinese script."
            ),
            _found,
        ),
        Choice(
            "state", _("Status"), _states, lambda rows, value, now: queries.in_state(rows, State(value), now)
        ),
        Choice("crosses", _("Direction"), directions, lambda rows, value, _now: rows.filter(crosses=value)),
        Choice("point", _("Crossing point"), points, _at_point),
        Choice("discrepancy", _("Discrepancy"), _discrepancies, _in_discrepancy),
        Days("first", _("First leg"), "first_at"),
        Exactly("permit", _("Permit"), "permit"),
    ),
    rows=lambda user, _now: queries.visible(user),
    lines=_lines,
    order="-first",
    empty=_("A crossing appears here when a gate lets something through under a permit that concerns you."),
    ready=_ready,
)
