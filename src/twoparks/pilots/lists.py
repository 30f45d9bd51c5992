"""The lists of trials and of their cases: columns, filters, order. Page, files and API are made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from twoparks.lists.statuses import status_word
from twoparks.lists.types import Choice, Column, Days, Exactly, Kind, Listing, Options, Row, Rows, View
from twoparks.permits.lists import directions
from twoparks.pilots import queries, register, telling
from twoparks.pilots.flow_words import FLOW_WORDS, direction_words
from twoparks.pilots.models import TrialCase, TrialRow
from twoparks.pilots.types import Status
from twoparks.registry.access import roles_of
from twoparks.registry.models import Role, User
from twoparks.registry.words import direction_word, park_word, words

OUTCOMES = ("clear", "conditional", "refer", "unknown", "forbidden")


@dataclass(frozen=True)
class TrialLine:
    """One trial in a list."""

    row: TrialRow
    status: Status


def _lines(rows: Sequence[Row], now: datetime) -> Sequence[TrialLine]:
    return [TrialLine(row, queries.status_of(row, now)) for row in rows]


def _case_lines(rows: Sequence[Row], _now: datetime) -> Sequence[TrialCase]:
    return list(rows)


def _flows() -> Options:
    return [(flow, telling.flow_word(flow)) for flow in FLOW_WORDS]


def _in_direction(rows: Rows, value: str, _now: datetime) -> Rows:
    return rows.filter(crosses__in=("", value))


def _changed(rows: Rows, value: str, _now: datetime) -> Rows:
    return rows.filter(changed=value == "yes")


def _ready(user: User) -> Sequence[View]:
    kinds = {role.kind for role in roles_of(user)}
    found = [View(_("Live"), "status=live"), View(_("In shadow"), "status=shadow")]
    if kinds & {Role.Kind.PARK_OFFICER, Role.Kind.AUTHORITY_OFFICER, Role.Kind.RULE_MAKER}:
        found.insert(0, View(_("Filed, not signed by both parks"), "status=filed"))
    return found


TRIALS: Listing[TrialLine] = Listing(
    name="trials",
    title=_("Trials"),
    columns=(
        Column(
            "title",
            _("Trial"),
            lambda line: words(line.row.title),
            href=lambda line: reverse("trial", args=[line.row.id]),
            note=lambda line: line.row.id,
        ),
        Column("id", _("Number"), lambda line: line.row.id, Kind.CODE, on_page=False),
        Column("status", _("Status"), lambda line: f"trial_{line.status}", Kind.STATUS, word=status_word),
        Column("flow", _("What moves"), lambda line: line.row.flow, word=telling.flow_word),
        Column("crosses", _("Direction"), lambda line: line.row.crosses, word=direction_words),
        Column("home", _("Filed at"), lambda line: line.row.home, Kind.BANK, word=park_word),
        Column("joined", _("Organisations"), lambda line: line.row.joined, Kind.NUMBER),
        Column("live_at", _("Live from"), lambda line: line.row.live_at, Kind.MOMENT, on_page=False),
        Column("ends_at", _("Ends"), lambda line: line.row.ends_at, Kind.MOMENT),
        Column(
            "stopped_why",
            _("Stopped"),
            lambda line: line.row.stopped_why,
            word=telling.why_word,
            on_page=False,
        ),
        Column("changed", _("Changed"), lambda line: line.row.changed_at, Kind.MOMENT, sort="changed_at"),
    ),
    filters=(
        Choice(
            "status",
            _("Status"),
            lambda: [(str(s), status_word(f"trial_{s}")) for s in Status],
            lambda rows, value, now: queries.in_status(rows, Status(value), now),
        ),
        Choice("flow", _("What moves"), _flows, lambda rows, value, _now: rows.filter(flow=value)),
        Choice("crosses", _("Direction"), directions, _in_direction),
        Days("changed", _("Changed"), "changed_at"),
    ),
    rows=lambda user, _now: queries.visible(user),
    lines=_lines,
    order="-changed",
    empty=_("A trial appears here once a rule maker of either park files its protocol."),
    ready=_ready,
)

_PUBLIC = (Status.AGREED, Status.SHADOW, Status.LIVE, Status.STOPPED, Status.ENDED, Status.REPORTED)
REGISTER: Listing[TrialLine] = Listing(
    name="trial_register",
    title=_("Register of trials"),
    columns=(
        replace(TRIALS.columns[0], href=lambda line: reverse("trial_entry", args=[line.row.id])),
        Column("question", _("Question"), lambda line: words(line.row.question)),
        *(c for c in TRIALS.columns if c.name in ("id", "status", "flow", "crosses", "home", "joined")),
        *(c for c in TRIALS.columns if c.name in ("ends_at", "changed")),
    ),
    filters=(
        Choice(
            "status",
            _("Status"),
            lambda: [(str(s), status_word(f"trial_{s}")) for s in _PUBLIC],
            lambda rows, value, now: queries.in_status(rows, Status(value), now),
        ),
        *(each for each in TRIALS.filters if each.name in ("flow", "crosses")),
    ),
    rows=lambda _user, _now: register.registered(),
    lines=_lines,
    order="-changed",
    empty=_("A trial stands here once both parks have signed its protocol."),
)

_GROUPS: Mapping[str, object] = {
    "participant": _("takes part"),
    "waiting": _("joined, not drawn or not then"),
    "other": _("takes no part"),
}


def _group_word(key: str) -> str:
    return str(_GROUPS.get(key, key))


CASES: Listing[TrialCase] = Listing(
    name="trial_cases",
    title=_("Cases of trials"),
    columns=(
        Column("permit", _("Permit"), lambda case: case.permit, Kind.CODE),
        Column("trial", _("Trial"), lambda case: case.trial, Kind.CODE, on_page=False),
        Column("before", _("Law in force"), lambda case: case.before, Kind.STATUS, word=status_word),
        Column("after", _("Law on trial"), lambda case: case.after, Kind.STATUS, word=status_word),
        Column(
            "live", _("Decided by"), lambda case: "trial" if case.live else "law", word=telling.decided_word
        ),
        Column("group", _("Organisation"), lambda case: case.group, word=_group_word),
        Column("sender_kind", _("Kind"), lambda case: case.sender_kind, word=telling.sender_word),
        Column("provisions", _("Provisions that differ"), lambda case: ", ".join(case.provisions)),
        Column("crosses", _("Direction"), lambda case: case.crosses, word=direction_word, on_page=False),
        Column("home", _("Declared at"), lambda case: case.home, Kind.BANK, word=park_word, on_page=False),
        Column("result", _("Came to"), lambda case: case.result, word=telling.result_word),
        Column(
            "minutes",
            _("Until in force"),
            lambda case: case.working_minutes,
            Kind.NUMBER,
            _("min of working days"),
            on_page=False,
        ),
        Column("crossings", _("Crossings"), lambda case: case.crossings, Kind.NUMBER, on_page=False),
        Column(
            "discrepancies", _("Discrepancies"), lambda case: case.discrepancies, Kind.NUMBER, on_page=False
        ),
        Column("declared", _("Declared"), lambda case: case.declared_at, Kind.MOMENT, sort="declared_at"),
    ),
    filters=(
        Choice(
            "after",
            _("Law on trial"),
            lambda: [(o, status_word(o)) for o in OUTCOMES],
            lambda rows, value, _now: rows.filter(after=value),
        ),
        Choice(
            "before",
            _("Law in force"),
            lambda: [(o, status_word(o)) for o in OUTCOMES],
            lambda rows, value, _now: rows.filter(before=value),
        ),
        Choice("changed", _("Answer"), lambda: [("yes", _("another")), ("no", _("the same"))], _changed),
        Choice(
            "group",
            _("Organisation"),
            lambda: list(_GROUPS.items()),
            lambda rows, value, _now: rows.filter(group=value),
        ),
        Days("declared", _("Declared"), "declared_at"),
        Exactly("trial", _("Trial"), "trial"),
        Exactly("permit", _("Permit"), "permit"),
    ),
    rows=lambda user, _now: queries.visible_cases(user),
    lines=_case_lines,
    order="-declared",
    empty=_("A case appears here when something within a trial's scope is declared while it runs."),
)
