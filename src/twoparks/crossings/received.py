"""What this node's rules refuse of the other park's acts about crossings, and which crossings to look at for discrepancies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from twoparks.crossings import rules
from twoparks.crossings.models import CrossingRow
from twoparks.crossings.types import Crossing, State
from twoparks.federation.types import StoredAct
from twoparks.lists.compiled import Compiled
from twoparks.permits.received import Refusal
from twoparks.permits.types import PermitState
from twoparks.registry.zone import Zone, ZoneError


def refusal(
    permit: PermitState | None, earlier: Sequence[StoredAct], act: StoredAct, zone: Zone
) -> Refusal | None:
    """Why `act` cannot follow on the `permit` that the `earlier` acts of its stream make, or None when it can."""
    if permit is None:
        return Refusal("no_declaration", f"{act.kind} speaks of {act.stream}, which was never declared")
    if act.kind == "crossing.passed":
        return _passed(permit, act, zone)
    if act.kind == rules.DECLARED:
        return _declared(permit, act)
    found = {c.id: c for c in rules.crossings(permit, earlier)}
    crossing = found.get(act.body["crossing"])
    if crossing is None:
        return Refusal("no_crossing", f"{act.body['crossing']} is not known here")
    if act.kind == rules.OPENED:
        return _opened(crossing, act)
    return _closed(crossing, act)


def _to_look_at(now: Any) -> QuerySet[CrossingRow, Any]:
    late = Q(late_at__lte=now, recorded="")
    short = Q(state=State.SHORT) & ~Q(recorded__contains=State.SHORT)
    over = Q(state=State.OVER) & ~Q(recorded__contains=State.OVER)
    return CrossingRow.objects.filter(late | short | over).order_by().values_list("permit")


_TO_LOOK_AT = Compiled(lambda now: _to_look_at(now))


def permits_to_look_at(now: datetime) -> list[str]:
    """Permits with a crossing that may be wrong and is not recorded as such: lone and late, or two legs that differ."""
    return sorted({permit for (permit,) in _TO_LOOK_AT(now)})


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
    if group.id not in (*version.declaration.exit_groups, *version.declaration.entry_groups):
        return Refusal("wrong_direction", f"{permit.id} does not name the group of gate {body['gate']}")
    if (wrong := _misnumbered(permit, act, group.crosses)) is not None:
        return wrong
    lines = {item.line for item in version.declaration.items}
    named = [row["line"] for row in body["items"]]
    if not set(named) <= lines or len(set(named)) != len(named):
        return Refusal("lines", "the passage names a line that was not declared, or one twice")
    return None


def _misnumbered(permit: PermitState, act: StoredAct, crosses: str) -> Refusal | None:
    """Goods have one next number. A person's movement may be one that only the other park has seen begin."""
    body = act.body
    if permit.current.declaration.traveller is None:
        leg = rules.Leg(body["leg"], crosses, act.at)
        expected = rules.next_crossing(permit, leg, timedelta())
        if body["crossing"] != expected:
            return Refusal("crossing_number", f"{expected} was expected, {body['crossing']} came")
        return None
    if not _names(permit, body["crossing"], rules.way_under(permit, crosses)):
        return Refusal("crossing_number", f"{body['crossing']} is not a movement of {permit.id} that way")
    known = {c.id: c for c in rules.crossings(permit, ())}
    before = known.get(body["crossing"])
    if before is not None and (before.exit if body["leg"] == "exit" else before.entry) is not None:
        return Refusal("leg_taken", f"the {body['leg']} of {before.id} is recorded already")
    return None


def _declared(permit: PermitState, act: StoredAct) -> Refusal | None:
    body = act.body
    if act.by.role not in {"person", "administrator"} or act.park != permit.home:
        return Refusal("wrong_speaker", "a return is stated by the person or the employer, at their own park")
    version = permit.version(body["version"])
    if version is None or version.declaration.traveller is None or len(version.signed) < 2:
        return Refusal("not_in_force", f"version {body['version']} of {permit.id} carries no person in force")
    if not any(_names(permit, body["crossing"], way) for way in (rules.OUT, rules.BACK)):
        return Refusal("crossing_number", f"{body['crossing']} is not a movement of {permit.id}")
    if any(one.crossing == body["crossing"] for v in permit.versions for one in v.declared):
        return Refusal("declared_before", f"{body['crossing']} was stated before")
    return None


def _names(permit: PermitState, crossing: str, way: str) -> bool:
    return rules.permit_of(crossing) == permit.id and rules.way_of(crossing) == way


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
