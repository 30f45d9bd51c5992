"""What comes over the wire from somebody hostile: replayed and altered envelopes, and acts of a park that cheats.

Every forged act here must be refused whatever the receiver knows: its author never recorded it, and `Book` says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

from tests.laws.schedules.book import Book, Line, plain
from tests.laws.schedules.wanted import demand
from tests.laws.schedules.world import World
from tests.two_nodes import PARKS

from twoparks.federation.actions import receive, take_trust
from twoparks.federation.keys import node_keys
from twoparks.federation.types import Refused
from twoparks.ledger.canonical import base64url, instant
from twoparks.ledger.envelope import seal
from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.passes.cose import sign_part
from twoparks.passes.status import StatusBits, StatusList, encode_status
from twoparks.permits import issued, terms
from twoparks.permits.types import PermitId
from twoparks.registry.zone import zone

Body = dict[str, Any]


def replay(world: World) -> str:
    """Any envelope ever sent comes again, to either node."""
    if not world.nodes.network.sent:
        return "replay: nothing sent"
    _sender, raw = world.random.choice(world.nodes.network.sent)
    return f"replay: {_receive(world, world.random.choice(PARKS), raw)}"


def alter(world: World) -> str:
    """An envelope comes with another body, another key's name, or another key's signature."""
    known = [(park, line) for park, book in world.books.items() for line in book.lines if line.act["seq"]]
    if not known:
        return "alter: nothing known"
    under_way = [
        (p, line) for p, line in known if line.digest not in world.books[world.nodes.other(p)].digests
    ]
    _holder, line = world.random.choice(under_way or known)
    author = line.act["park"]
    receiver = world.nodes.other(author)
    arrived = line.digest in world.books[receiver].digests
    kind = world.random.choice([k for k in ALTERED if arrived or k not in KNOWN_ONLY])
    raw = ALTERED[kind](world, line)
    answer = _receive(world, receiver, raw)
    demand(answer != "accepted", "an envelope altered in its", kind, "was", answer)
    return f"alter {kind}: {answer}"


def cheat(world: World) -> str:
    """A park with its own good keys says what it may not say."""
    permit = PermitId(world.random.choice([*world.memory.cases]))
    liar = world.random.choice(PARKS)
    victim = world.nodes.other(liar)
    if not world.books[victim].version(permit):
        return "cheat: not declared there yet"
    for kind in world.random.sample([*LIES], len(LIES)):
        body = LIES[kind](world, (liar, victim), permit)
        if body is not None:
            break
    else:
        return "cheat: no occasion"
    act_kind, by = SAID.get(kind, ("permit.cleared", "park_officer"))
    answer = hear(world, liar, permit, (act_kind, by, body))
    demand(answer not in ("accepted", "duplicate"), victim, "took a lie of", liar, ":", kind)
    return f"cheat {kind}: {answer}"


def hear(world: World, liar: str, permit: str, said: tuple[str, str, Body], **changes: object) -> str:
    """What the other park answers to an act (kind, role, body) that this one signs and sends past its own log."""
    act = _act(world, liar, permit, said) | changes
    return _receive(world, world.nodes.other(liar), seal(act, _key(world, liar)).raw)


def documents(world: World) -> str:
    """Instead of the newest trust or status list an old one is served, or one signed with a lost key."""
    park = world.random.choice(PARKS)
    other = world.nodes.other(park)
    if world.random.random() < 0.4:
        with world.nodes.at(park):
            taken = take_trust(world.stolen.old_trust[other], world.nodes.now)
        demand(not taken, park, "took a trust list from before the losses")
        return f"documents {park}: old trust"
    tokens = [entry for entry in world.memory.tokens if entry[0] == other]
    _owner, token, known = world.random.choice(tokens)
    if world.random.random() < 0.4:
        token = _forged_status(world, other)
        try:
            world.take_status(park, token, known)
        except Refused as refused:
            return f"documents {park}: forged status {refused.code}"
        demand(False, park, "took a status list signed with a lost key")
    with suppress(Refused):
        world.take_status(park, token, known)
    return f"documents {park}: old status"


# --- envelopes --------------------------------------------------------------------------------------------------


def _receive(world: World, park: str, raw: bytes) -> str:
    with world.nodes.at(park):
        return str(receive(raw, world.nodes.now).answer)


def _key(world: World, park: str, purpose: KeyPurpose = KeyPurpose.ACTS) -> KeyPair:
    with world.nodes.at(park):
        return node_keys().signer(purpose)


def _raw(world: World, line: Line) -> Body:
    """The envelope of an act as its author keeps it."""
    author = line.act["park"]
    query = "SELECT envelope FROM federation_act WHERE id = ?"
    (raw,) = world.connection(author).execute(query, (line.act["id"],)).fetchone()
    envelope: Body = json.loads(raw)
    return envelope


def _other_body(world: World, line: Line) -> bytes:
    envelope = _raw(world, line)
    envelope["act"]["at"] = instant(world.nodes.now)
    envelope["act"]["id"] += "0"
    return plain(_next(world, envelope))


def _next(world: World, envelope: Body) -> Body:
    """The same envelope numbered as the receiver wants it next."""
    act = envelope["act"]
    receiver = world.books[world.nodes.other(act["park"])]
    act["seq"] = receiver.next_seq(act["stream"], act["park"])
    return envelope


def _resigned(key: Callable[[World, str], KeyPair]) -> Callable[[World, Line], bytes]:
    def altered(world: World, line: Line) -> bytes:
        act = _next(world, json.loads(plain({"act": dict(line.act)})))["act"]
        act["id"] = f"{act['id'][:20]}{world.random.randrange(10**6)}"
        signer = key(world, act["park"])
        signature = signer.sign(b"twoparks-acts-v1\n" + plain(act))
        return plain({"act": act, "kid": signer.kid, "sig": base64url(signature)})

    return altered


def _same_id(world: World, line: Line) -> bytes:
    """The author's own key over another act under an id it used before, numbered as before or as the next."""
    act = {**line.act, "at": instant(world.nodes.now), "by": {**line.act["by"], "actor": "somebody-else"}}
    if world.random.random() < 0.5:
        act["seq"] = world.books[world.nodes.other(act["park"])].next_seq(act["stream"], act["park"])
    return seal(act, _key(world, line.act["park"])).raw


def _same_number(world: World, line: Line) -> bytes:
    act = {**line.act, "id": f"{line.act['park']}-a-{world.random.getrandbits(40):x}"}
    act["by"] = {**act["by"], "actor": "somebody-else"}
    return seal(act, _key(world, act["park"])).raw


def _ahead(world: World, line: Line) -> bytes:
    """A number that leaves a gap."""
    act = json.loads(_same_number(world, line))["act"]
    receiver: Book = world.books[world.nodes.other(act["park"])]
    act["seq"] = receiver.next_seq(act["stream"], act["park"]) + 1 + world.random.randrange(3)
    return seal(act, _key(world, act["park"])).raw


def _as_receiver(world: World, line: Line) -> bytes:
    """An act in the receiver's own name, signed with the sender's key."""
    author = line.act["park"]
    receiver = world.nodes.other(author)
    act = {**line.act, "park": receiver, "id": f"{receiver}-a-{world.random.getrandbits(40):x}"}
    act["seq"] = world.books[receiver].next_seq(act["stream"], receiver)
    return seal(act, _key(world, author)).raw


def _spaced(world: World, line: Line) -> bytes:
    return json.dumps(_raw(world, line), indent=1).encode()


ALTERED: Mapping[str, Callable[[World, Line], bytes]] = {
    "body": _other_body,
    "signature by nobody's key": _resigned(lambda world, park: world.stolen.own_acts),
    "signature by a lost key": _resigned(lambda world, park: world.stolen.lost_acts[park]),
    "signature by the transport key": _resigned(lambda world, park: _key(world, park, KeyPurpose.TRANSPORT)),
    "signature by the receiver": _resigned(lambda world, park: _key(world, world.nodes.other(park))),
    "content under the same id": _same_id,
    "content under the same number": _same_number,
    "number": _ahead,
    "author": _as_receiver,
    "spaces": _spaced,
}

KNOWN_ONLY = (
    "content under the same id",
    "content under the same number",
)  # else nobody can tell it from the first


def _forged_status(world: World, park: str) -> bytes:
    """A clean list, signed with a status key the park gave up."""
    now = world.nodes.now.replace(microsecond=0)
    clean = StatusList(park, issued.LIST, StatusBits(issued.SIZE), now, now + timedelta(hours=4), 900)
    return encode_status(clean, world.stolen.lost_status[park])


# --- lies -------------------------------------------------------------------------------------------------------


def _act(world: World, liar: str, permit: str, said: tuple[str, str, Body]) -> Body:
    kind, role, body = said
    victim = world.books[world.nodes.other(liar)]
    gate = body.get("gate", "somebody") if role == "gate" else "somebody"
    return {
        "id": f"{liar}-a-{world.random.getrandbits(60):x}",
        "kind": kind,
        "park": liar,
        "stream": permit,
        "seq": victim.next_seq(permit, liar),
        "at": instant(world.nodes.now),
        "by": {"role": role, "actor": gate, "authority": None},
        "body": body,
    }


Two = tuple[str, str]  # liar, victim
Lie = Callable[[World, Two, PermitId], Body | None]


def _clearance(world: World, two: Two, permit: PermitId, **changes: object) -> Body:
    """A clearance of all that was declared, as the liar's officer would give it, changed in something."""
    liar, victim = two
    with world.nodes.at(victim):
        version = issued.permit_state(permit).current
    offered = terms.to_json(terms.offer(version.declaration, zone().park(liar).time_zone))
    said: Body = {
        "version": version.number,
        "declaration_digest": version.digest,
        "terms": offered,
        "status_place": {"list": 1, "index": world.random.randrange(issued.SIZE)},
        "grounds": [],
        "seen": 1,
    }
    return said | changes


def _has(world: World, two: Two, permit: PermitId, kind: str) -> bool:
    liar, victim = two
    book = world.books[victim]
    return book.find(permit, kind, liar, book.version(permit)) is not None


def _other_digest(world: World, two: Two, permit: PermitId) -> Body | None:
    return (
        None if _closed(world, two, permit) else _clearance(world, two, permit, declaration_digest="0" * 64)
    )


def _closed(world: World, two: Two, permit: PermitId) -> bool:
    return any(_has(world, two, permit, f"permit.{word}") for word in ("cleared", "refused"))


def _beyond(world: World, two: Two, permit: PermitId) -> Body | None:
    body = _clearance(world, two, permit)
    body["terms"]["items"][0]["quantity"] += 1
    return body


def _by_node(world: World, two: Two, permit: PermitId) -> Body | None:
    return None if _closed(world, two, permit) else _clearance(world, two, permit)


def _twice(world: World, two: Two, permit: PermitId) -> Body | None:
    return _clearance(world, two, permit) if _has(world, two, permit, "permit.cleared") else None


def _unasked(world: World, two: Two, permit: PermitId) -> Body | None:
    return None if _has(world, two, permit, "permit.determined") else _clearance(world, two, permit)


def _forbidden(world: World, two: Two, permit: PermitId) -> Body | None:
    return _clearance(world, two, permit) if two[0] in world.memory.cases[permit].forbidden else None


def _signature(world: World, two: Two, permit: PermitId, key: KeyPair, over: tuple[bytes, bytes]) -> Body:
    """A signature: what is signed, and of which bytes it says to be."""
    signed, named = over
    part = base64url(sign_part(signed, key))
    version = world.books[two[1]].version(permit)
    return {"version": version, "permit_digest": sha256(named).hexdigest(), "signature_part": part}


def _claims(world: World, two: Two, permit: PermitId) -> Any:
    with world.nodes.at(two[1]):
        state = issued.permit_state(permit)
        version = state.current
        if len(version.cleared) < 2 or two[0] in version.signed:
            return None
        return terms.permit_claims(permit, version, zone())


def _signed_alone(world: World, two: Two, permit: PermitId) -> Body | None:
    """Signed without having cleared."""
    if _has(world, two, permit, "permit.cleared"):
        return None
    return {"version": world.books[two[1]].version(permit), "permit_digest": "0" * 64, "signature_part": "gw"}


def _signed_by_other_key(world: World, two: Two, permit: PermitId) -> Body | None:
    claims = _claims(world, two, permit)
    key = world.random.choice([world.stolen.own, world.stolen.lost[two[0]], world.stolen.retired[two[0]]])
    return None if claims is None else _signature(world, two, permit, key, (claims.encode(),) * 2)


def _signed_other_bytes(world: World, two: Two, permit: PermitId) -> Body | None:
    claims = _claims(world, two, permit)
    if claims is None:
        return None
    good, better = claims.encode(), replace(claims, uses=claims.uses + 1, standing=True).encode()
    over = world.random.choice([(better, better), (better, good), (good, better)])
    return _signature(world, two, permit, _key(world, two[0], KeyPurpose.PASSES), over)


def _declared_elsewhere(world: World, two: Two, permit: PermitId) -> Body | None:
    """A new version from the park that is not the permit's home, or one that skips a number."""
    book = world.books[two[1]]
    home = world.memory.cases[permit].home
    last = [line.act for line in book.stream(permit) if line.act["kind"] == "permit.declared"][-1]
    return {**last["body"], "version": last["body"]["version"] + (1 if home != two[0] else 2)}


def _withdrawn_elsewhere(world: World, two: Two, permit: PermitId) -> Body | None:
    if world.memory.cases[permit].home == two[0]:
        return None
    return {"version": world.books[two[1]].version(permit)}


def _determined_for_other(world: World, two: Two, permit: PermitId) -> Body | None:
    digest = "0" * 64
    bank = zone().park(two[1]).bank
    said = {"bank": bank, "outcome": "clear", "pack_digest": digest, "facts_digest": digest, "required": []}
    return {"version": world.books[two[1]].version(permit), **said}


def _revoked_uncleared(world: World, two: Two, permit: PermitId) -> Body | None:
    if _has(world, two, permit, "permit.cleared"):
        return None
    return {"version": world.books[two[1]].version(permit), "reasons": "Because."}


def _passed(world: World, two: Two, permit: PermitId) -> Body | None:
    """A passage nobody was let through for: not in force, or at a gate of the victim's."""
    book, case = world.books[two[1]], world.memory.cases[permit]
    version = book.version(permit)
    gate = next(g for g in case.gates.values() if g.startswith(two[0]))
    signed = all(book.find(permit, "permit.signed", park, version) for park in PARKS)
    if signed:
        gate = next(g for g in case.gates.values() if g.startswith(two[1]))
    group = zone().group_of_gate(gate)
    number = 1 + sum(
        line.says("crossing.passed", leg=group.leg) and line.act["park"] == two[0]
        for line in book.stream(permit)
    )
    return {
        "crossing": f"{permit}-x{number}",
        "leg": group.leg,
        "gate": gate,
        "group": str(group.id),
        "event_number": 1,
        "at": instant(world.nodes.now),
        "version": version,
        "items": [{"line": 1, "quantity": 1}],
        "labels_digest": None,
        "seal": None,
        "inspection": None,
    }


LIES: Mapping[str, Lie] = {
    "clears other bytes": _other_digest,
    "clears beyond what was asked": _beyond,
    "clears without an officer": _by_node,
    "clears twice": _twice,
    "clears unasked": _unasked,
    "clears what it forbids": _forbidden,
    "signs alone": _signed_alone,
    "signs with another key": _signed_by_other_key,
    "signs other bytes": _signed_other_bytes,
    "declares elsewhere": _declared_elsewhere,
    "withdraws elsewhere": _withdrawn_elsewhere,
    "speaks for the other law": _determined_for_other,
    "revokes what it never cleared": _revoked_uncleared,
    "lets pass what is not in force": _passed,
}
SAID: Mapping[str, tuple[str, str]] = {
    "clears without an officer": ("permit.cleared", "node"),
    "signs alone": ("permit.signed", "node"),
    "signs with another key": ("permit.signed", "node"),
    "signs other bytes": ("permit.signed", "node"),
    "declares elsewhere": ("permit.declared", "member"),
    "withdraws elsewhere": ("permit.withdrawn", "member"),
    "speaks for the other law": ("permit.determined", "node"),
    "revokes what it never cleared": ("permit.revoked", "park_officer"),
    "lets pass what is not in force": ("crossing.passed", "gate"),
}
