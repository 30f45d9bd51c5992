"""The lists of gates and of what they recorded. Page, files and API are made from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twoparks.crossings import queries, telling
from twoparks.crossings.lists import points
from twoparks.crossings.models import GateDevice, GateEvent
from twoparks.lists import search
from twoparks.lists.folding import asked_words, kept_words
from twoparks.lists.statuses import status_word
from twoparks.lists.types import (
    Choice,
    Column,
    Days,
    Exactly,
    Kind,
    Listing,
    Row,
    Rows,
    Search,
    View,
)
from twoparks.permits import finding
from twoparks.permits.lists import directions
from twoparks.registry.models import User
from twoparks.registry.words import direction_word, words
from twoparks.registry.zone import GateGroup, GroupId, zone

KINDS = ("gate.passed", "gate.referred", "gate.refused")
STATES = ("enrolled", "cut_off")


@dataclass(frozen=True)
class EventLine:
    """One event of a gate. `permit` is empty where it would tell a person's movements, or is not known here."""

    event: GateEvent
    permit: str


def _group(group: str) -> GateGroup | None:
    return zone().gate_groups.get(GroupId(group))


def _group_word(group: str) -> str:
    known = _group(group)
    return words(known.name) if known else group


def _gate_word(gate: str) -> str:
    """The name of the group that a gate belongs to."""
    found = next((group for group in zone().gate_groups.values() if gate in group.gates), None)
    return words(found.name) if found else gate


def _crosses(device: GateDevice) -> str:
    known = _group(device.group)
    return known.crosses if known else ""


def _point(device: GateDevice) -> str:
    known = _group(device.group)
    return known.control_point if known else ""


def _point_word(point: str) -> str:
    return str(dict(points()).get(point, point))


def _state(device: GateDevice) -> str:
    return "cut_off" if device.cut_off_at else "enrolled"


def _in_state(rows: Rows, value: str, _now: datetime) -> Rows:
    return rows.filter(cut_off_at__isnull=value == "enrolled")


def _groups_at(point: str) -> list[GateGroup]:
    return [group for group in zone().gate_groups.values() if group.control_point == point]


def _found(rows: Rows, typed: str) -> Rows:
    """Gates by the names of their group and its crossing point in the zone file, in either script."""
    found = []
    for group in zone().gate_groups.values():
        point = zone().control_points[group.control_point]
        said = kept_words([group.id, *group.gates, *group.name.values(), *point.name.values()])
        if all(f" {word}" in said for word in asked_words(typed)):
            found.append(group.id)
    return rows.filter(group__in=found)


def _as_they_are(rows: Sequence[Row], _now: datetime) -> Sequence[Row]:
    return rows


GATES: Listing[GateDevice] = Listing(
    name="gate",
    title=_("Gates"),
    columns=(
        Column(
            "name",
            _("Gate"),
            lambda gate: _group_word(gate.group),
            href=lambda gate: reverse("gate_desk", args=[gate.gate]),
            note=lambda gate: gate.gate,
        ),
        Column("gate", _("Number"), lambda gate: gate.gate, Kind.CODE, sort="pk", on_page=False),
        Column("state", _("Status"), _state, Kind.STATUS, word=status_word),
        Column("point", _("Crossing point"), _point, word=_point_word),
        Column("crosses", _("Direction"), _crosses, word=direction_word),
        Column(
            "enrolled_at",
            pgettext_lazy("column: the moment when", "Enrolled"),
            lambda gate: gate.enrolled_at,
            Kind.MOMENT,
            on_page=False,
        ),
        Column(
            "cut_off_at",
            pgettext_lazy("column: the moment when", "Cut off"),
            lambda gate: gate.cut_off_at,
            Kind.MOMENT,
            on_page=False,
        ),
        Column("synced_at", _("Refreshed"), lambda gate: gate.synced_at, Kind.MOMENT),
        Column("events", _("Events handed over"), lambda gate: gate.last_number, Kind.NUMBER),
    ),
    filters=(
        Search(
            _("Search"),
            _("Words of the gate or its crossing point, or its number; in either Chinese script."),
            _found,
        ),
        Choice(
            "point",
            _("Crossing point"),
            lambda: points(),
            lambda rows, value, _now: rows.filter(group__in=[group.id for group in _groups_at(value)]),
        ),
        Choice(
            "crosses",
            _("Direction"),
            directions,
            lambda rows, value, _now: rows.filter(
                group__in=[group.id for group in zone().gate_groups.values() if group.crosses == value]
            ),
        ),
        Choice("state", _("Status"), lambda: [(key, status_word(key)) for key in STATES], _in_state),
    ),
    rows=lambda user, _now: queries.gates(user),
    lines=_as_they_are,
    order="gate",
    empty=_("Your account works at no gate. A park officer gives that role."),
    ready=lambda _user: [View(_("Cut off"), "state=cut_off")],
)


def _at_point(rows: Rows, value: str, _now: datetime) -> Rows:
    return rows.filter(gate__in=[gate for group in _groups_at(value) for gate in group.gates])


def _of_goods(rows: Rows, permit: str) -> Rows:
    """The events about one permit, unless they would tell a person's movements."""
    return queries.about_goods(rows.filter(permit=permit))


def _lines(rows: Sequence[Row], _now: datetime) -> Sequence[EventLine]:
    shown = queries.goods(row.permit for row in rows)
    return [EventLine(row, row.permit if row.permit in shown else "") for row in rows]


def _reasons(line: EventLine) -> str:
    return " ".join(telling.in_short(code) for code in line.event.codes)


def _recorded(line: EventLine) -> str:
    if line.event.kind != "gate.passed":
        return ""
    return "waiting" if line.event.waits else "done"


EVENTS: Listing[EventLine] = Listing(
    name="gate_events",
    title=_("Events of the gates"),
    columns=(
        Column("at", _("When"), lambda line: line.event.at, Kind.MOMENT, sort="at"),
        Column(
            "gate",
            _("Gate"),
            lambda line: line.event.gate,
            word=_gate_word,
            note=lambda line: f"{line.event.gate} · {line.event.number}",
        ),
        Column("number", _("Number"), lambda line: line.event.number, Kind.NUMBER, on_page=False),
        Column("verdict", _("Verdict"), lambda line: line.event.kind, Kind.STATUS, word=status_word),
        Column("permit", _("Permit"), lambda line: line.permit, Kind.CODE),
        Column("reasons", _("Why"), _reasons),
        Column("codes", _("Codes"), lambda line: " ".join(line.event.codes), Kind.CODE, on_page=False),
        Column(
            "recorded",
            _("Recorded as a crossing"),
            _recorded,
            Kind.STATUS,
            word=status_word,
            on_page=False,
        ),
        Column("taken_at", _("Handed over"), lambda line: line.event.taken_at, Kind.MOMENT, on_page=False),
    ),
    filters=(
        Search(
            _("Search"),
            _(
                "Words of the permit's title, the parties, the goods or labels, or its number; in either Chinese script. "
                "A person's passages are not found by it."
            ),
            lambda rows, typed: search.narrow(queries.about_goods(rows), finding.KIND, typed, key="permit"),
        ),
        Choice(
            "verdict",
            _("Verdict"),
            lambda: [(kind, status_word(kind)) for kind in KINDS],
            lambda rows, value, _now: rows.filter(kind=value),
        ),
        Choice("point", _("Crossing point"), lambda: points(), _at_point),
        Choice(
            "recorded",
            _("Recorded as a crossing"),
            lambda: [("waiting", _("not yet: the permit is not in force here"))],
            lambda rows, _value, _now: rows.filter(waits=True),
        ),
        Days("at", _("When"), "at"),
        Exactly("gate", _("Gate"), "gate"),
        Exactly("permit", _("Permit"), narrow=_of_goods),
    ),
    rows=lambda user, _now: queries.gate_events(user),
    lines=_lines,
    order="-at",
    empty=_(
        "Every code shown at a gate, let through or not, is recorded and listed once the gate handed it over."
    ),
    ready=lambda _user: [
        View(_("Referred"), "verdict=gate.referred"),
        View(_("Turned back"), "verdict=gate.refused"),
    ],
)


def without_device(user: User) -> list[tuple[str, str]]:
    """Gates of this park that the user may see and that have no key yet: name and number. There are as many as the zone file says."""
    known = set(GateDevice.objects.values_list("gate", flat=True))
    return [(_gate_word(gate), gate) for gate in queries.gates_seen(user) if gate not in known]
