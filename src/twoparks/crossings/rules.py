"""What a crossing is: a pure function of the acts on its permit's stream, the same at both nodes in whatever order they came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from twoparks.crossings.types import Crossing, CrossingId, Discrepancy, Opened, State
from twoparks.federation.types import StoredAct
from twoparks.permits.types import Passage, PermitState

OPENED, CLOSED = "crossing.discrepancy_opened", "crossing.discrepancy_closed"
_NUMBER = re.compile(r"(.+)-x([1-9]\d{0,8})")


def crossings(permit: PermitState, acts: Iterable[StoredAct]) -> tuple[Crossing, ...]:
    """Every crossing under the permit, in order of their numbers."""
    legs: dict[str, dict[str, Passage]] = {}
    for version in permit.versions:
        for passage in version.passages:
            legs.setdefault(passage.crossing, {}).setdefault(passage.leg, passage)
    found = {
        name: Crossing(
            CrossingId(name),
            permit.id,
            next(iter(pair.values())).version,
            pair.get("exit"),
            pair.get("entry"),
        )
        for name, pair in legs.items()
    }
    for act in acts:
        if act.kind in (OPENED, CLOSED) and act.body["crossing"] in found:
            name = act.body["crossing"]
            found[name] = (_opened if act.kind == OPENED else _closed)(found[name], act)
    return tuple(sorted(found.values(), key=lambda c: number_of(c.id)))


def state(crossing: Crossing, now: datetime, transit_max: timedelta) -> State:
    """Where the crossing stands at `now`."""
    late = now >= crossing.first_at + transit_max
    if crossing.entry is None:
        return State.OVERDUE if late else State.DEPARTED
    if crossing.exit is None:
        return State.UNANNOUNCED if late else State.ARRIVED
    left, came = crossing.exit.quantities, crossing.entry.quantities
    if any(came.get(line, 0) < quantity for line, quantity in left.items()):
        return State.SHORT
    if any(quantity > left.get(line, 0) for line, quantity in came.items()):
        return State.OVER
    return State.RECONCILED


def discrepancy(crossing: Crossing, now: datetime, transit_max: timedelta) -> Discrepancy | None:
    """What is wrong at `now`; its owner is the park on whose bank the goods last were seen."""
    stands = state(crossing, now, transit_max)
    left = {} if crossing.exit is None else crossing.exit.quantities
    came = {} if crossing.entry is None else crossing.entry.quantities
    if stands is State.OVERDUE and crossing.exit is not None:
        return Discrepancy("overdue", crossing.exit.park, left, came)
    if crossing.entry is None:
        return None
    owner = crossing.entry.park
    match stands:
        case State.UNANNOUNCED:
            return Discrepancy("unannounced", owner, left, came)
        case State.SHORT:
            return Discrepancy("short", owner, left, came)
        case State.OVER:
            return Discrepancy("over", owner, left, came)
    return None


def to_open(crossing: Crossing, park: str, now: datetime, transit_max: timedelta) -> Discrepancy | None:
    """The discrepancy that `park` still has to record about this crossing, if any."""
    found = discrepancy(crossing, now, transit_max)
    if found is None or found.owner != park:
        return None
    known = {opened.discrepancy.code for opened in crossing.opened}
    return None if found.code in known else found


def next_crossing(permit: PermitState, leg: str, park: str) -> CrossingId:
    """The crossing to which the next passage of that leg at that park belongs: legs pair by their order."""
    passed = sum(p.leg == leg and p.park == park for v in permit.versions for p in v.passages)
    return CrossingId(f"{permit.id}-x{passed + 1}")


def number_of(crossing: str) -> int:
    """The crossing's number under its permit; 0 when the id is not one."""
    found = _NUMBER.fullmatch(crossing)
    return int(found[2]) if found else 0


def permit_of(crossing: str) -> str | None:
    """The permit a crossing belongs to, or None when the id is not one."""
    found = _NUMBER.fullmatch(crossing)
    return found[1] if found else None


def quantities(rows: Iterable[Mapping[str, int]]) -> dict[int, int]:
    """Lines and quantities as acts write them, by line."""
    return {row["line"]: row["quantity"] for row in rows}


def _opened(crossing: Crossing, act: StoredAct) -> Crossing:
    body = act.body
    found = Discrepancy(body["code"], body["owner"], quantities(body["expected"]), quantities(body["found"]))
    return replace(crossing, opened=(*crossing.opened, Opened(found, act.at)))


def _closed(crossing: Crossing, act: StoredAct) -> Crossing:
    code = act.body["code"]
    return replace(
        crossing,
        opened=tuple(
            replace(o, explanation=act.body["explanation"], closed_at=act.at)
            if o.discrepancy.code == code and o.closed_at is None
            else o
            for o in crossing.opened
        ),
    )
