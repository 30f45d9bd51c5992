"""What this node's rules refuse of the other park's acts about crossings, and which crossings to look at for discrepancies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from twoparks.crossings import rules
from twoparks.crossings.models import CrossingRow
from twoparks.crossings.types import Crossing, State
from twoparks.federation.types import StoredAct
from twoparks.permits.received import Refusal
from twoparks.permits.rules import NoPermit, fold
from twoparks.permits.types import PermitState
from twoparks.registry.zone import Zone, ZoneError


def refusal(earlier: Sequence[StoredAct], act: StoredAct, zone: Zone) -> Refusal | None:
    """Why `act` cannot follow on the `earlier` acts of its stream, or None when it can."""
    try:
        permit = fold(earlier)
    except NoPermit:
        return Refusal("no_declaration", f"{act.kind} speaks of {act.stream}, which was never declared")
    if act.kind == "crossing.passed":
        return _passed(permit, act, zone)
    found = {c.id: c for c in rules.crossings(permit, earlier)}
    crossing = found.get(act.body["crossing"])
    if crossing is None:
        return Refusal("no_crossing", f"{act.body['crossing']} is not known here")
    if act.kind == rules.OPENED:
        return _opened(crossing, act)
    return _closed(crossing, act)


def permits_to_look_at(now: datetime) -> list[str]:
    """Permits with a crossing that may be wrong and is not recorded as such: lone and late, or two legs that differ."""
    late = Q(late_at__lte=now, recorded="")
    short = Q(state=State.SHORT) & ~Q(recorded__contains=State.SHORT)
    over = Q(state=State.OVER) & ~Q(recorded__contains=State.OVER)
    rows = CrossingRow.objects.filter(late | short | over)
    return sorted(set(rows.values_list("permit", flat=True)))


def _passed(permit: PermitState, act: StoredAct, zone: Zone) -> Refusal | None:
    body = act.body
    try:
        group = zone.group_of_gate(body["gate"])
    except ZoneError as error:
        return Refusal("gate_unknown", str(error))
    if act.by.role != "gate" or act.by.actor != body["gate"]:
        return Refusal("wrong_speaker", "a passage is said by its gate")
    if (group.park, group.id, group.leg) != (act.park, body["group"], body["leg"]):
        return Refusal("gate_elsewhere", f"gate {body['gate']} is not a gate of that park, group and leg")
    version = permit.version(body["version"])
    if version is None or len(version.signed) < 2:
        return Refusal(
            "not_in_force", f"version {body['version']} of {permit.id} was not signed by both parks"
        )
    if group.crosses != version.declaration.crosses:
        return Refusal("wrong_direction", f"gate {body['gate']} does not lead {version.declaration.crosses}")
    expected = rules.next_crossing(permit, body["leg"], act.park)
    if body["crossing"] != expected:
        return Refusal("crossing_number", f"{expected} was expected, {body['crossing']} came")
    lines = {item.line for item in version.declaration.items}
    named = [row["line"] for row in body["items"]]
    if not set(named) <= lines or len(set(named)) != len(named):
        return Refusal("lines", "the passage names a line that was not declared, or one twice")
    return None


def _opened(crossing: Crossing, act: StoredAct) -> Refusal | None:
    if act.by.role != "node":
        return Refusal("wrong_speaker", "a discrepancy is opened by the node itself")
    if act.body["owner"] != act.park:
        return Refusal("other_owner", f"{act.park} opened a discrepancy that it does not own")
    if any(o.discrepancy.code == act.body["code"] for o in crossing.opened):
        return Refusal("opened_before", "this discrepancy was recorded before")
    return None


def _closed(crossing: Crossing, act: StoredAct) -> Refusal | None:
    if act.by.role != "park_officer":
        return Refusal("wrong_speaker", "a discrepancy is closed by a park officer")
    open_ones = [o for o in crossing.opened if o.closed_at is None and o.discrepancy.code == act.body["code"]]
    if not open_ones or open_ones[0].discrepancy.owner != act.park:
        return Refusal("not_open", f"{act.park} has no such open discrepancy")
    return None
