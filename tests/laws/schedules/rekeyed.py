"""Pass keys given up or retired while permits are in force: what stops, what is signed anew, what somebody tries with them."""

from __future__ import annotations

from datetime import timedelta

from tests.laws.schedules import showing
from tests.laws.schedules.oracle import Shown
from tests.laws.schedules.wanted import demand
from tests.laws.schedules.wire import hear
from tests.laws.schedules.world import World
from tests.two_nodes import PARKS, START

from twoparks.federation import keys
from twoparks.ledger.canonical import base64url
from twoparks.ledger.keys import KeyPurpose
from twoparks.passes.cose import sign_part
from twoparks.permits import actions


def give_up(world: World) -> str:
    """A park says that its pass key is lost; somebody else has it from then on."""
    park = world.random.choice(PARKS)
    with world.nodes.at(park):
        key = keys.node_keys().signer(KeyPurpose.PASSES)
        keys.compromise(key.kid, world.nodes.tick(1))
    world.memory.lost[park] = key
    world.memory.ended_keys[park][key.kid] = START
    world.nodes.tick(1)
    return f"give up {park}"


def retire(world: World) -> str:
    """A park signs with a fresh pass key; the old one verifies to the end of what it signed, or for an hour only."""
    park, hour = world.random.choice(PARKS), world.nodes.now + timedelta(hours=1)
    until = world.random.choice([None, hour.replace(microsecond=0)])
    with world.nodes.at(park):
        kid = keys.node_keys().signer(KeyPurpose.PASSES).kid
        keys.rotate(KeyPurpose.PASSES, world.nodes.now, until)
        retired = keys.node_keys().trust_list.key(kid)
    assert retired is not None
    world.memory.ended_keys[park][kid] = retired.verify_until or START
    world.nodes.tick(1)
    return f"retire {park} {'for an hour' if until else 'at leisure'}"


def sign_anew(world: World) -> str:
    """A node signs anew what its old keys no longer vouch for, as its worker does regularly."""
    park = world.random.choice(PARKS)
    with world.nodes.at(park):
        signed = actions.follow_keys(world.nodes.now)
        demand(actions.follow_keys(world.nodes.now) == 0, park, "signs the same anew again")
    return f"sign anew {park}: {signed}"


def show_first(world: World) -> str:
    """A pass of the signatures first given is shown, whatever was given up since, at a gate that came in or did not."""
    found = showing.genuine(world, first=True)
    if found is None:
        return "show first: nothing signed"
    state, version, claims, parts = found
    gate = world.memory.cases[state.id].gates[world.random.choice(["exit", "entry"])]
    if world.random.random() < 0.7:
        world.sync(gate)
    code = showing.code(claims.encode(), parts)
    shown = Shown(code, showing.labels_of(version), showing.fresh_id(world))
    return f"show first {gate}: {showing.present(world, gate, shown)}"


def sign_for_nothing(world: World) -> str:
    """A park signs a version again, with its old key that verifies still, though the one it used serves."""
    found = showing.genuine(world)
    if found is None:
        return "sign for nothing: nothing signed"
    state, version, claims, _parts = found
    liar = world.random.choice(PARKS)
    if (
        world.memory.ended_keys[liar]
        or world.books[world.nodes.other(liar)].version(state.id) != version.number
    ):
        return "sign for nothing: with good reason"
    raw, last = claims.encode(), world.books[liar].find(state.id, "permit.signed", liar, version.number)
    if last is None or last.digest not in world.books[world.nodes.other(liar)].digests:
        return "sign for nothing: not signed before"
    part = base64url(sign_part(raw, world.stolen.resting[liar]))
    body = {**last.act["body"], "signature_part": part}
    answer = hear(world, liar, state.id, ("permit.signed", "node", body))
    demand(answer not in ("accepted", "duplicate"), "a second signature of", liar, "was", answer)
    return f"sign for nothing {liar}: {answer}"
