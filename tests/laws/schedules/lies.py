"""Lies of a park with good keys about all that a green light does not rest on: declarations, passages, who owes what, dates."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from tests.laws.schedules import honest
from tests.laws.schedules.book import plain
from tests.laws.schedules.wanted import demand
from tests.laws.schedules.wire import Body, hear
from tests.laws.schedules.world import World
from tests.two_nodes import PARKS

from twoparks.federation.keys import node_keys
from twoparks.federation.types import Refused
from twoparks.ledger.canonical import instant
from twoparks.ledger.keys import KeyPurpose
from twoparks.passes.cbor import decode, encode
from twoparks.passes.status import TAG, TYPE
from twoparks.permits.types import PermitId
from twoparks.registry.zone import zone

Said = tuple[str, str, Body]  # kind, role, body
Act = tuple[Said, Body]  # and what of the act itself is changed
Lie = Callable[[World, str, PermitId], Act | None]


def lie(world: World) -> str:
    """A park says to the other one what it may not say."""
    permit, liar = honest.a_permit(world), world.random.choice(PARKS)
    victim = world.nodes.other(liar)
    if not world.books[victim].version(permit):
        return "lie: not declared there yet"
    for kind in world.random.sample([*LIES], len(LIES)):
        found = LIES[kind](world, liar, permit)
        if found is not None:
            break
    else:
        return "lie: no occasion"
    said, changes = found
    answer = hear(world, liar, permit, said, **changes)
    demand(answer not in ("accepted", "duplicate"), victim, "took a lie of", liar, ":", kind)
    return f"lie {kind}: {answer}"


def false_list(world: World) -> str:
    """A node is served a status list that is not one: altered, by a key for passes, its own, or out of date."""
    park, kind = world.random.choice(PARKS), world.random.choice(["altered", "pass key", "own", "late"])
    other = world.nodes.other(park)
    tokens = [(token, known) for owner, token, known in world.memory.tokens if owner == other]
    (token, known), own = tokens[-1], [t for owner, t, _ in world.memory.tokens if owner == park]
    match kind:
        case "altered":
            token = token[:-1] + bytes([token[-1] ^ 1])
        case "pass key":
            token = _signed_for_passes(world, other, token)
        case "own":
            token = own[-1]
        case "late":
            world.nodes.tick(30_000)
    try:
        world.take_status(park, token, known)
    except Refused as refused:
        return f"false list {kind}: {refused.code}"
    demand(False, park, "took a status list that is", kind)
    return ""


def _signed_for_passes(world: World, park: str, token: bytes) -> bytes:
    with world.nodes.at(park):
        key = node_keys().signer(KeyPurpose.PASSES)
    _protected, _, claims, _signature = decode(token[len(TAG) :])  # type: ignore[misc]  # COSE_Sign1 has four parts
    protected = encode({1: -7, 4: key.public.kid_bytes, 16: TYPE})
    return TAG + encode([protected, {}, claims, key.sign(encode(["Signature1", protected, b"", claims]))])


# --- declarations -----------------------------------------------------------------------------------------------


def _declared(change: Callable[[Any], None]) -> Lie:
    """The next version of the liar's own applicant, changed into what no node would declare."""

    def said(world: World, liar: str, permit: PermitId) -> Act | None:
        if world.memory.cases[permit].home != liar or _withdrawn(world, liar, permit):
            return None
        body = _last_declared(world, liar, permit)
        change(body["declaration"])
        return ("permit.declared", "member", body), {}

    return said


def _last_declared(world: World, liar: str, permit: PermitId) -> Any:
    victim = world.books[world.nodes.other(liar)]
    last = [line.act for line in victim.stream(permit) if line.act["kind"] == "permit.declared"][-1]
    body = json.loads(plain(last["body"]))
    body["version"] += 1
    return body


def _withdrawn(world: World, liar: str, permit: PermitId) -> bool:
    return any(line.says("permit.withdrawn") for line in world.books[world.nodes.other(liar)].stream(permit))


def _misplaced(declaration: Any) -> None:
    declaration["sender"], declaration["recipient"] = declaration["recipient"], declaration["sender"]


def _other_gate(declaration: Any) -> None:
    declaration["route"]["exit_group"] = declaration["route"]["entry_group"]


def _ends_early(declaration: Any) -> None:
    start = date.fromisoformat(declaration["valid_from"])
    declaration["valid_until"] = (start - timedelta(days=1)).isoformat()


def _renumbered(declaration: Any) -> None:
    declaration["items"][0]["line"] = 7


def _after_withdrawal(world: World, liar: str, permit: PermitId) -> Act | None:
    if world.memory.cases[permit].home != liar or not _withdrawn(world, liar, permit):
        return None
    return ("permit.declared", "member", _last_declared(world, liar, permit)), {}


def _long_name(world: World, liar: str, permit: PermitId) -> Act | None:
    if world.memory.cases[permit].home != liar:
        return None
    body = {**_last_declared(world, liar, permit), "version": 1}
    return ("permit.declared", "member", body), {"stream": f"{liar}-p-" + "x" * 40, "seq": 1}


def _refuses_other_bytes(world: World, liar: str, permit: PermitId) -> Act | None:
    version = world.books[world.nodes.other(liar)].version(permit)
    body = {"version": version, "declaration_digest": "0" * 64, "reasons": "No.", "provisions": []}
    return ("permit.refused", "park_officer", body), {}


# --- passages and discrepancies ---------------------------------------------------------------------------------


def _passed(role: str = "gate", wrong_way: bool = False, skip: int = 0, line: int = 1) -> Lie:
    """A passage under a permit in force, as a gate of the liar's would record it but for one thing."""

    def said(world: World, liar: str, permit: PermitId) -> Act | None:
        book, case = world.books[world.nodes.other(liar)], world.memory.cases[permit]
        version = book.version(permit)
        if not all(book.find(permit, "permit.signed", park, version) for park in PARKS):
            return None
        groups = [g for g in zone().gate_groups.values() if g.park == liar]
        group = next(g for g in groups if (str(g.crosses) != case.crosses) == wrong_way)
        lines = book.stream(permit)
        before = sum(o.says("crossing.passed", leg=group.leg) and o.act["park"] == liar for o in lines)
        body = {
            "crossing": f"{permit}-x{before + 1 + skip}",
            "leg": str(group.leg),
            "gate": str(group.gates[0]),
            "group": str(group.id),
            "event_number": 1,
            "at": instant(world.nodes.now),
            "version": version,
            "items": [{"line": line, "quantity": 1}],
            "labels_digest": None,
            "seal": None,
            "inspection": None,
        }
        return ("crossing.passed", role, body), {}

    return said


def _opened(role: str = "node", own: bool = True) -> Lie:
    """A discrepancy nobody has opened of a crossing the victim knows."""

    def said(world: World, liar: str, permit: PermitId) -> Act | None:
        victim = world.nodes.other(liar)
        lines = world.books[victim].stream(permit)
        crossings = [o.act["body"]["crossing"] for o in lines if o.says("crossing.passed")]
        fresh = [c for c in crossings if not any(o.says(OPENED, crossing=c, code="short") for o in lines)]
        if not fresh:
            return None
        owner = liar if own else victim
        body = {"crossing": fresh[0], "code": "short", "owner": owner, "expected": [], "found": []}
        return (OPENED, role, body), {}

    return said


def _known(world: World, liar: str, permit: PermitId, owner: str) -> Any:
    """The body of a discrepancy of that owner, known to the victim and not closed."""
    lines = world.books[world.nodes.other(liar)].stream(permit)
    for body in (o.act["body"] for o in lines if o.says(OPENED, owner=owner)):
        if not any(o.says(CLOSED, crossing=body["crossing"], code=body["code"]) for o in lines):
            return body
    return None


def _opened_again(world: World, liar: str, permit: PermitId) -> Act | None:
    body = _known(world, liar, permit, liar)
    return body and ((OPENED, "node", dict(body)), {})


def _closed(role: str, own: bool) -> Lie:
    def said(world: World, liar: str, permit: PermitId) -> Act | None:
        found = _known(world, liar, permit, liar if own else world.nodes.other(liar))
        if found is None:
            return None
        return (CLOSED, role, {**{n: found[n] for n in ("crossing", "code")}, "explanation": "Found."}), {}

    return said


# --- any act ----------------------------------------------------------------------------------------------------


def _act(name: str) -> Lie:
    """A withdrawal that could be the applicant's own, but for what is changed of the act."""

    def said(world: World, liar: str, permit: PermitId) -> Act | None:
        if world.memory.cases[permit].home != liar:
            return None
        victim = world.nodes.other(liar)
        body = {"version": world.books[victim].version(permit)}
        number = f"{world.random.getrandbits(60):x}"
        changes: Mapping[str, Body] = {
            "ahead": {"at": instant(world.nodes.now + timedelta(seconds=600))},
            "name": {"id": f"{victim}-a-{number}"},
            "field": {"body": {**body, "applicant": "Somebody"}},
        }
        return ("permit.withdrawn", "member", body), changes[name]

    return said


def _stays(world: World, liar: str, permit: PermitId) -> Act | None:
    """What an authority decided, which is nobody's business across the river."""
    version = world.books[world.nodes.other(liar)].version(permit)
    body = {"version": version, "measure": None, "provision": "P", "authority": None, "decision": "grant"}
    more = {"reasons": "Good.", "provisions": [], "number": "", "seen": 1}
    return ("permit.decided", "authority_officer", {**body, **more}), {}


OPENED, CLOSED = "crossing.discrepancy_opened", "crossing.discrepancy_closed"
LIES: Mapping[str, Lie] = {
    "parties misplaced": _declared(_misplaced),
    "a gate that leads elsewhere": _declared(_other_gate),
    "an end before the beginning": _declared(_ends_early),
    "lines not in order": _declared(_renumbered),
    "declared after withdrawal": _after_withdrawal,
    "a name too long": _long_name,
    "other bytes refused": _refuses_other_bytes,
    "a passage said by an officer": _passed(role="park_officer"),
    "a passage the wrong way": _passed(wrong_way=True),
    "a passage out of turn": _passed(skip=1),
    "a passage of other goods": _passed(line=99),
    "a discrepancy opened by an officer": _opened(role="park_officer"),
    "a discrepancy in the other's name": _opened(own=False),
    "a discrepancy opened again": _opened_again,
    "a discrepancy closed by nobody": _closed("node", own=True),
    "the other's discrepancy closed": _closed("park_officer", own=False),
    "dated ahead": _act("ahead"),
    "named by the other": _act("name"),
    "more than the contract allows": _act("field"),
    "what stays at home": _stays,
}
