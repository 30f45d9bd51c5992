"""What seldom happens at gates and must come out right: late, aged, rewound, tampered with, twice at once, borrowed."""

from __future__ import annotations

import json
from contextlib import closing, suppress
from dataclasses import replace

from tests.laws.schedules import honest, showing
from tests.laws.schedules.oracle import Shown
from tests.laws.schedules.wanted import demand
from tests.laws.schedules.world import SECOND_LANE, World, store_of
from tests.two_nodes import PARKS

from twoparks.crossings.actions import take_gate_events
from twoparks.crossings.device import BUNDLE
from twoparks.crossings.models import GateDevice
from twoparks.federation.types import Refused
from twoparks.passes.refusal import PassRefused
from twoparks.permits import actions
from twoparks.permits.types import PermitId

DAY_S = 86_400


def late(world: World) -> str:
    """A pass is shown after its time, or shortly before, at a gate that is up to date."""
    world.nodes.tick(world.random.choice([13, 15, 59, 61]) * DAY_S)
    return f"late: {_refresh(world)}; {showing.scan(world)}"


def aged(world: World) -> str:
    """A gate was not refreshed for a while."""
    seconds = world.random.choice([1000, 4000, 15_000])
    world.nodes.tick(seconds)
    return f"aged {seconds}: {showing.scan(world)}"


def at_once(world: World) -> str:
    """Two lanes of one group read the same pass in the same moment."""
    found = showing.genuine(world)
    if found is None:
        return "at once: nothing signed"
    state, version, claims, parts = found
    gate = world.memory.cases[state.id].gates[world.random.choice(["exit", "entry"])]
    shown = Shown(showing.code(claims.encode(), parts), showing.labels_of(version), showing.fresh_id(world))
    return f"at once {gate}: {showing.both_lanes(world, gate, shown)}"


def rewound(world: World) -> str:
    """A park ends a permit, the other fetches its list, and is then served the one from before until the gates ask."""
    park = world.random.choice(PARKS)
    other = world.nodes.other(park)
    _refresh(world)
    world.nodes.tick(5)
    said = honest.revoke(world, other)
    world.look()
    before = [(token, known) for owner, token, known in world.memory.tokens if owner == other]
    _refresh(world)
    with suppress(Refused):
        world.take_status(park, *before[-1])
    for gate in honest.gates_of_cases(world):
        world.sync(gate)
    return f"rewound {park}, {said}: {showing.scan(world)}"


def at_odds(world: World) -> str:
    """Both parks clear a new version unheard of each other, one for the first half of its time, one for the second."""
    permit = honest.a_permit(world)
    said = honest.vary(world, permit)
    honest.settle(world)
    for park in PARKS:
        honest.grant(world, (permit, park))
    first = world.random.choice(PARKS)
    answers = [_clear_half(world, permit, park, park == first) for park in PARKS]
    honest.settle(world)
    return f"at odds {said}: {answers}"


def _clear_half(world: World, permit: PermitId, park: str, early: bool) -> str:
    def act() -> None:
        asked = honest.asked_terms(permit)
        middle = asked.valid_from + (asked.valid_until - asked.valid_from) / 2
        given = replace(asked, valid_until=middle) if early else replace(asked, valid_from=middle)
        officer = world.story.user(f"{park}-officer")
        actions.clear(officer, permit, given, world.story.seen(permit), world.nodes.now)

    return honest.as_person(world, park, act)


def tampered(world: World) -> str:
    """Somebody changed the terms in a lane's folder, or took them out, and much is carried past the counter."""
    found = showing.genuine(world)
    if found is None:
        return "tampered: nothing signed"
    state, version, claims, parts = found
    gate = world.memory.cases[state.id].gates[world.random.choice(["exit", "entry"])] + SECOND_LANE
    world.sync(gate.removesuffix(SECOND_LANE))
    world.sync_second(gate)
    path = world.gates[gate].folder / BUNDLE
    bundle = json.loads(path.read_text(encoding="utf-8"))
    kind = world.random.choice(["raised", "taken out"])
    if kind == "taken out":
        bundle["terms"] = {}
    for document in bundle["terms"].values():
        for item in document["terms"]["items"]:
            item["quantity"] *= 10
    path.write_text(json.dumps(bundle), encoding="utf-8")
    code = showing.code(claims.encode(), parts)
    shown = Shown(code, showing.labels_of(version), showing.fresh_id(world), kind == "taken out")
    said = showing.present(world, gate, shown, {1: 9 * version.declaration.items[0].quantity})
    world.sync_second(gate)
    return f"tampered {kind} {gate}: {said}"


def elsewhere(world: World) -> str:
    """A pass is shown at the other control point, everything there being fresh."""
    found = showing.genuine(world)
    if found is None:
        return "elsewhere: nothing signed"
    _state, version, claims, parts = found
    gate = world.random.choice([*world.node_gates])
    _refresh(world)
    world.sync(gate)
    shown = Shown(showing.code(claims.encode(), parts), showing.labels_of(version), showing.fresh_id(world))
    return f"elsewhere {gate}: {showing.present(world, gate, shown)}"


def borrowed(world: World) -> str:
    """A pass is shown under the presentation by which another permit was let through there."""
    found = showing.genuine(world)
    if found is None:
        return "borrowed: nothing signed"
    state, version, claims, parts = found
    others = [a for a in world.memory.admitted if a.permit != state.id]
    if not others:
        return f"borrowed: {showing.scan(world)}"
    other = world.random.choice(others)
    shown = Shown(showing.code(claims.encode(), parts), showing.labels_of(version), other.use_id)
    return f"borrowed {other.gate}: {showing.present(world, other.gate, shown)}"


def out_of_order(world: World) -> str:
    """Two events of one gate are handed over backwards, the second alone, or a neighbour's in their stead."""
    found = showing.genuine(world)
    if found is None:
        return "out of order: nothing signed"
    state, version, claims, parts = found
    code = showing.code(claims.encode(), parts)
    gates = list(world.memory.cases[state.id].gates.values())
    world.random.shuffle(gates)
    gate = gates[0]
    neighbour = next(g for g in world.node_gates if g != gate and g[:2] == gate[:2])
    for one in (gate, gate, neighbour):
        shown = Shown(code, showing.labels_of(version), showing.fresh_id(world))
        showing.present(world, one, replace(shown, labels=shown.labels[: world.random.randint(0, 2)]))
    kind, batch = _batch(world, gate, neighbour)
    if not batch:
        return f"out of order {kind} {gate}: too few events"
    try:
        with world.nodes.at(gate[:2]):
            take_gate_events(gate, batch, world.nodes.now)
    except PassRefused as refused:
        return f"out of order {kind} {gate}: {refused.refusal.code}"
    demand(False, gate, "'s node took events", kind)
    return ""


def _batch(world: World, gate: str, neighbour: str) -> tuple[str, list[bytes]]:
    """Events that may not be taken from that gate, and what is wrong with them."""
    with world.nodes.at(gate[:2]):
        last = GateDevice.objects.get(gate=gate).last_number
    with closing(store_of(world, gate)) as store, closing(store_of(world, neighbour)) as other:
        fresh = [e.envelope for e in store.events_after(last)]
        kinds = {"reversed": fresh[::-1] if len(fresh) > 1 else [], "gap": fresh[1:]}
        if last == 0:
            kinds["neighbour"] = [e.envelope for e in other.events_after(0)]
    kind = world.random.choice([*kinds])
    return kind, kinds[kind]


def _refresh(world: World) -> str:
    """Both nodes pull what is new and every gate of the day comes in, unless the network is cut."""
    if world.nodes.network.cut:
        return "cut off"
    for park in PARKS:
        world.fetch_status(park)
    for gate in honest.gates_of_cases(world):
        world.sync(gate)
    return "refreshed"
