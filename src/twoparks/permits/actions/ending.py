"""Ending a permit by the node itself, where the trial it was declared under was stopped."""

from __future__ import annotations

from datetime import datetime

from twoparks.federation.actions import record
from twoparks.federation.queries import acts
from twoparks.federation.types import SYSTEM, NewAct, StreamId
from twoparks.permits import rules
from twoparks.permits.actions.node import follow
from twoparks.permits.types import OPEN, USABLE, PermitState
from twoparks.registry.node import this_node


def end_with_trial(permit: str, reasons: str, revokes: bool, now: datetime) -> PermitState:
    """Ask an open permit again under the law that now holds; refuse it where this park had cleared it already.

    One in force is revoked by this park where `revokes`, else it stays as both parks signed it.
    """
    stream = StreamId(permit)
    found = acts(stream)
    state = rules.fold(found)
    status, version, park = rules.status(state, now), state.current, this_node().id
    body: dict[str, object] = {"version": version.number, "reasons": reasons}
    if status in OPEN and park in version.cleared:
        body |= {"declaration_digest": version.digest, "provisions": []}
        found.append(record(NewAct("permit.refused", stream, body, SYSTEM), now))
    elif revokes and status in USABLE and park in version.cleared:
        found.append(record(NewAct("permit.revoked", stream, body, SYSTEM), now))
    return follow(stream, now, found)
