"""The end of a schedule: the network heals, the gates come in, and both parks must agree on everything."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import cbor2
from tests.laws.schedules.book import Book, Line, read_base64url
from tests.laws.schedules.honest import sign_and_cosign
from tests.laws.schedules.oracle import act_in, agreed_end, kid_of, leg_of
from tests.laws.schedules.wanted import NotRebuilt, demand
from tests.laws.schedules.world import World, store_of
from tests.two_nodes import PARKS

from twoparks.crossings.actions import open_discrepancies, record_waiting
from twoparks.federation.audit import audit_node
from twoparks.permits import actions, issued, rules
from twoparks.permits.types import USABLE, PermitState

TRANSIT_MAX = timedelta(minutes=240)  # of the zone's file, stated again


def put_in_order(world: World) -> None:
    """Heal, settle, reconcile; raises Violation unless nothing was lost, doubled, or is seen differently by the two."""
    _exchange_keys(world)
    _settle(world)
    while world.nodes.network.held:
        world.nodes.network.arrive(0)
    for gate in sorted({a.gate for a in world.memory.admitted} & {*world.node_gates}):
        world.sync(gate)
    _settle(world)
    _duties(world)
    world.nodes.now += TRANSIT_MAX
    _duties(world)
    for park in PARKS:
        sign_and_cosign(world, park)
    _demand_same_logs(world)
    for permit in world.memory.cases:
        _demand_same_permit(world, permit)
        _demand_serving(world, permit)
        _demand_crossings(world, permit)
    for park in PARKS:
        _demand_nothing_lost(world, park)
    dear = world.random.choice([_demand_rebuilt, _demand_only_growth])  # one of them at one node each time
    dear(world, world.random.choice(PARKS))


def _settle(world: World) -> None:
    world.nodes.settle()
    world.look()


def _exchange_keys(world: World) -> None:
    """Both parks hear of keys that ended, and sign anew what those no longer vouch for."""
    if any(world.memory.ended_keys.values()):
        for park in PARKS:
            world.fetch_trust(park)
        _follow_keys(world)


def _follow_keys(world: World) -> None:
    for park in PARKS:
        with world.nodes.at(park):
            actions.follow_keys(world.nodes.now)
    world.look()


def _duties(world: World) -> None:
    for park in PARKS:
        with world.nodes.at(park):
            record_waiting(world.nodes.now)
            open_discrepancies(world.nodes.now)
    _settle(world)


def _demand_same_logs(world: World) -> None:
    """Every act that crosses stands in both logs, once, in its author's order."""
    crossed = {park: _crossed(book) for park, book in world.books.items()}
    one, other = (crossed[park] for park in PARKS)
    demand(one == other, "the parks know different acts:", sorted(one.keys() ^ other.keys()))


def _crossed(book: Book) -> dict[tuple[str, str, int], bytes]:
    return {
        (line.act["stream"], line.act["park"], line.act["seq"]): line.digest
        for line in book.lines
        if line.act["seq"] is not None
    }


def _demand_same_permit(world: World, permit: str) -> None:
    states = {}
    for park in PARKS:
        with world.nodes.at(park):
            state = issued.permit_state(permit)
            states[park] = (_shared(state), rules.status(state, world.nodes.now))
    one, other = (states[park] for park in PARKS)
    demand(one == other, permit, "is", one[1], "at one park and", other[1], "at the other")


def _demand_serving(world: World, permit: str) -> None:
    """What may still be used is signed with keys that vouch to its end, at both parks."""
    with world.nodes.at(PARKS[0]):
        state = issued.permit_state(permit)
        usable = rules.status(state, world.nodes.now) in USABLE
    if not usable:
        return
    number = state.current.number
    for park, book in world.books.items():
        line = book.last(permit, "permit.signed", park, number)
        assert line is not None
        kid = kid_of(cbor2.loads(read_base64url(line.act["body"]["signature_part"])))
        until = world.memory.ended_keys[park].get(kid)
        demand(
            until is None or until >= agreed_end(world, permit, number),
            permit,
            "rests on a key given up by",
            park,
        )


def _shared(state: PermitState) -> Any:
    """What both parks must see alike: all but what stays at home and the order of what came in."""
    versions = [
        replace(
            v, decisions=(), checks=(), passages=tuple(sorted(v.passages, key=lambda p: (p.leg, p.crossing)))
        )
        for v in state.versions
    ]
    return state.id, state.home, versions, state.withdrawn_at, state.settled


def _demand_crossings(world: World, permit: str) -> None:
    """Passages are those of the gates, within the terms; what left and did not come has an owner."""
    lines = world.books[PARKS[0]].stream(permit)
    passed = [line for line in lines if line.act["kind"] == "crossing.passed"]
    legs: dict[str, dict[str, Line]] = {}
    for line in passed:
        found = legs.setdefault(line.act["body"]["crossing"], {})
        demand(
            line.act["body"]["leg"] not in found, "two passages in one leg of", line.act["body"]["crossing"]
        )
        found[line.act["body"]["leg"]] = line
    _demand_passages_of_gates(world, permit, passed)
    for name, pair in legs.items():
        if set(pair) == {"exit"}:
            owner = pair["exit"].act["park"]
            demand(_opened(lines, name, "overdue", owner), name, "left and is not overdue at", owner)
        if set(pair) == {"entry"}:
            owner = pair["entry"].act["park"]
            demand(_opened(lines, name, "unannounced", owner), name, "came and is not unannounced at", owner)
    for park in PARKS:
        with world.nodes.at(park):
            left = [rules.remaining(v) for v in issued.permit_state(permit).versions]
        demand(
            all(q >= 0 for lines_left in left for q in lines_left.values()),
            permit,
            "written off below zero:",
            left,
        )


def _opened(lines: Sequence[Line], crossing: str, code: str, owner: str) -> bool:
    return any(
        line.says("crossing.discrepancy_opened", crossing=crossing, code=code, owner=owner) for line in lines
    )


def _demand_passages_of_gates(world: World, permit: str, passed: Sequence[Line]) -> None:
    """One act for each green light the gates of a node gave, and none else."""
    recorded = sorted((line.act["body"]["gate"], line.act["body"]["event_number"]) for line in passed)
    lights = []
    for gate in {a.gate for a in world.memory.admitted} & {*world.node_gates}:
        store = store_of(world, gate)
        events = [(e.n, act_in(e.envelope)) for e in store.events_after(0)]
        store.close()
        lights += [
            (gate, n)
            for n, act in events
            if act["kind"] == "gate.passed" and act["permit"] == permit and act["leg"] == leg_of(gate)
        ]
    demand(
        recorded == sorted(lights), permit, "recorded passages", recorded, "of green lights", sorted(lights)
    )


def _demand_nothing_lost(world: World, park: str) -> None:
    """The peer never had to be sent again what it had confirmed, and nothing stopped on its way."""
    rows = world.connection(park).execute("SELECT kind, detail FROM federation_incident").fetchall()
    found = [row for row in rows if row[0] in ("peer_lost_acts", "stream_stopped", "transport_refused")]
    demand(not found, park, "met", found)


def _demand_rebuilt(world: World, park: str) -> None:
    with world.nodes.at(park):
        changed = actions.rebuild()
    if changed:
        raise NotRebuilt(f"{park} rebuilt {changed} rows otherwise than they stood")


def _demand_only_growth(world: World, park: str) -> None:
    """The log is the one it always was: its own audit finds nothing, and each earlier reading is its beginning."""
    rows = (
        world.connection(park).execute("SELECT commitment FROM federation_act ORDER BY leaf_index").fetchall()
    )
    held = [line.commitment for line in world.books[park].lines]
    demand([bytes(row[0]) for row in rows] == held, park, "changed what it had logged")
    with world.nodes.at(park):
        found = audit_node(world.nodes.now, world.nodes.line(park))
    demand(found.whole, park, "audit:", [f.plain for f in found.findings if f.severity == "fault"])
    _demand_tree(world, park, held)


def _demand_tree(world: World, park: str, commitments: Sequence[bytes]) -> None:
    """Every checkpoint ever signed is the root of that many commitments (RFC 6962, computed here)."""
    rows = world.connection(park).execute("SELECT size, root FROM federation_checkpoint").fetchall()
    leaves = [hashlib.sha256(b"\x00" + c).digest() for c in commitments]
    for size, root in rows:
        demand(_root(leaves[:size]) == bytes(root), park, "checkpoint", size, "is not the root of its leaves")


def _root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _root(leaves[:split]) + _root(leaves[split:])).digest()
