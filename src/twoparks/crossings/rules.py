"""What a crossing is: a pure function of the acts on its permit's stream, the same at both nodes in whatever order they came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from twoparks.crossings.types import Crossing, CrossingId, Discrepancy, Opened, State
from twoparks.federation.types import StoredAct
from twoparks.permits.types import Passage, PermitState

DECLARED = "crossing.declared"
OPENED, CLOSED = "crossing.discrepancy_opened", "crossing.discrepancy_closed"
OUT, BACK = "x", "r"  # the two ways of a permit, in the ids of its crossings
_NUMBER = re.compile(r"(.+)-([xr])([1-9]\d{0,8})")


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
    for version, one in ((v, one) for v in permit.versions for one in v.declared):
        name = CrossingId(one.crossing)
        found[name] = replace(
            found.get(name) or Crossing(name, permit.id, version.number, None, None), declared=one
        )
    for act in acts:
        if act.kind in (OPENED, CLOSED) and act.body["crossing"] in found:
            name = act.body["crossing"]
            found[name] = (_opened if act.kind == OPENED else _closed)(found[name], act)
    return tuple(sorted(found.values(), key=lambda c: (number_of(c.id), way_of(c.id) == BACK)))


def state(crossing: Crossing, now: datetime, transit_max: timedelta) -> State:
    """Where the crossing stands at `now`."""
    late = now >= crossing.first_at + transit_max
    if crossing.incomplete:
        return State.DECLARED
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


@dataclass(frozen=True)
class Leg:
    """A passage about to be recorded: which leg, in which direction, when."""

    leg: str
    crosses: str
    at: datetime


def next_crossing(permit: PermitState, new: Leg, transit_max: timedelta) -> CrossingId:
    """The crossing to which a passage belongs, so that both nodes name it alike without asking each other.

    Goods pair by the order of their legs. A person may come back another way, so a leg joins the latest movement that
    way which lacks it and is not older than `transit_max`; else it begins the next number nobody has used.
    """
    way = way_under(permit, new.crosses)
    if permit.current.declaration.traveller is None:
        counted = permit.besides.exits if new.leg == "exit" else permit.besides.entries
        passed = counted + sum(p.leg == new.leg for v in permit.versions for p in v.passages)
        return CrossingId(f"{permit.id}-{way}{passed + 1}")
    same = [c for c in crossings(permit, ()) if way_of(c.id) == way]
    waiting = [c for c in same if _lacks(c, new.leg) and abs(c.first_at - new.at) <= transit_max]
    if waiting:
        return waiting[-1].id
    highest = max((number_of(c.id) for c in same), default=0)
    return CrossingId(f"{permit.id}-{way}{max(highest, permit.besides.highest.get(way, 0)) + 1}")


def to_declare(permit: PermitState) -> CrossingId | None:
    """The movement that a stated return closes: an exit nobody saw arrive, else the way back of an open stay; or None."""
    found = crossings(permit, ())
    last = max(found, key=lambda c: (c.first_at, way_of(c.id) == BACK), default=None)
    if last is None or last.incomplete:
        return None
    if last.entry is None:
        return last.id
    if way_of(last.id) == BACK:
        return None
    number = max((number_of(c.id) for c in found if way_of(c.id) == BACK), default=0) + 1
    return CrossingId(f"{permit.id}-{BACK}{number}")


def way_under(permit: PermitState, crosses: str) -> str:
    """Whether a direction is the permit's way out or its way back."""
    return OUT if crosses == permit.current.declaration.crosses else BACK


def way_of(crossing: str) -> str:
    """The way a crossing's id names; empty when it is not one."""
    found = _NUMBER.fullmatch(crossing)
    return found[2] if found else ""


def number_of(crossing: str) -> int:
    """The crossing's number under its permit; 0 when the id is not one."""
    found = _NUMBER.fullmatch(crossing)
    return int(found[3]) if found else 0


def permit_of(crossing: str) -> str | None:
    """The permit a crossing belongs to, or None when the id is not one."""
    found = _NUMBER.fullmatch(crossing)
    return found[1] if found else None


def quantities(rows: Iterable[Mapping[str, int]]) -> dict[int, int]:
    """Lines and quantities as acts write them, by line."""
    return {row["line"]: row["quantity"] for row in rows}


def _lacks(crossing: Crossing, leg: str) -> bool:
    return crossing.declared is None and (crossing.exit if leg == "exit" else crossing.entry) is None


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
