"""What a green light must rest on, computed from both logs and the attacker's diary, not by the code under test."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import base45
import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from tests.laws.schedules.book import Line, plain
from tests.laws.schedules.wanted import demand
from tests.laws.schedules.world import SECOND_LANE, Admitted, World

from twoparks.federation.keys import node_keys
from twoparks.passes.verdict import Verdict
from twoparks.registry.zone import zone

FRESH_S, MOST_S = 900, 14400  # of the zone's file; stated again so that a changed reading is noticed


@dataclass(frozen=True)
class Shown:
    """What was shown at a gate. `counter` says that an officer let a referred pass through."""

    code: str
    labels: tuple[str, ...]
    use_id: str
    counter: bool = False


def judge(world: World, gate: str, shown: Shown, verdict: Verdict) -> None:
    """A green light was given: demand everything it must rest on, and write it into the diary."""
    code, labels, use_id = shown.code, shown.labels, shown.use_id
    raw = base45.b45decode(code.removeprefix("TP1:"))
    _protected, _unprotected, claims_bytes, signatures = cbor2.loads(raw[2:])
    claims = cbor2.loads(claims_bytes)
    said = claims[-65537]
    permit, number = said[1], said[2]
    event = verdict.event
    demand(event is not None, "green without a signed event at", gate)
    assert event is not None
    written = act_in(event.envelope)
    demand(
        (written["permit"], written["leg"]) == (permit, leg_of(gate)),
        gate,
        "answered with the event of another passage",
    )
    carried = {row["line"]: row["quantity"] for row in written["observed"]["items"]}
    one = Admitted(gate, use_id, permit, number, carried)
    store = world.gates[gate].store
    earlier = [a for a in world.memory.admitted if a.use_id == use_id and world.gates[a.gate].store == store]
    if earlier:
        demand(earlier[0].permit == permit, "use", use_id, "of", earlier[0].permit, "opened for", permit)
        return  # the same presentation again: its record stands
    terms = _agreed(world, permit, number)
    _demand_signatures(world, (permit, number), claims_bytes, signatures)
    _demand_keys_good(world, gate, signatures)
    _demand_claims(world, claims, terms, (permit, number))
    now = world.nodes.now
    demand(claims[5] <= now.timestamp() < claims[4], gate, "opened outside the validity of", permit)
    _demand_place(gate, said, terms)
    declared = world.books[permit[:2]].find(permit, "permit.declared", permit[:2], number)
    assert declared is not None
    _demand_labels(declared.act["body"]["declaration"], labels, gate)
    _demand_not_ended(world, gate, (permit, number), MOST_S if shown.counter else FRESH_S)
    world.memory.admitted.append(one)
    _demand_uses(world, one, terms)


def _agreed(world: World, permit: str, number: int) -> Mapping[str, Any]:
    """The intersection of both clearances, each read in its own park's log."""
    found = []
    for park, book in world.books.items():
        line = book.find(permit, "permit.cleared", park, number)
        demand(line is not None, "green for", permit, number, "that", park, "never cleared")
        assert line is not None
        demand(line.act["by"]["role"] == "park_officer", permit, "cleared by", line.act["by"]["role"])
        digests = {b.declaration(permit, number) for b in world.books.values()}
        demand(digests == {line.act["body"]["declaration_digest"]}, permit, "cleared over other bytes")
        found.append(line.act["body"]["terms"])
    one, other = found
    theirs = {item["line"]: item["quantity"] for item in other["items"]}
    items = [{**i, "quantity": min(i["quantity"], theirs.get(i["line"], 0))} for i in one["items"]]
    uses = [t["uses"] for t in found if t["uses"] is not None]
    return {
        "items": sorted((i for i in items if i["quantity"]), key=lambda i: i["line"]),
        "exit_groups": sorted({*one["exit_groups"]} & {*other["exit_groups"]}),
        "entry_groups": sorted({*one["entry_groups"]} & {*other["entry_groups"]}),
        "uses": min(uses) if uses else None,
        "valid_from": max(t["valid_from"] for t in found),
        "valid_until": min(t["valid_until"] for t in found),
    }


def agreed_end(world: World, permit: str, number: int) -> datetime:
    """Until when both parks cleared it."""
    return datetime.fromisoformat(_agreed(world, permit, number)["valid_until"])


def _demand_signatures(world: World, named: tuple[str, int], claims: bytes, signatures: list[Any]) -> None:
    """Both parks recorded that they signed exactly these bytes, and both signatures shown are theirs."""
    permit, number = named
    digest = hashlib.sha256(claims).hexdigest()
    demand(len(signatures) == 2, "green for", permit, "with", len(signatures), "signatures")
    signers = set()
    for park, book in world.books.items():
        line = book.find(permit, "permit.signed", park, number)
        demand(line is not None, "green for", permit, number, "that", park, "never signed")
        assert line is not None
        demand(line.act["body"]["permit_digest"] == digest, "green over bytes", park, "never signed")
        keys = [(_pass_key(world, park, kid_of(signature)), signature) for signature in signatures]
        signers |= {park for key, signature in keys if key is not None and _is_by(key, signature, claims)}
    demand(signers == set(world.books), "green with good signatures of", sorted(signers), "only")


def _demand_keys_good(world: World, gate: str, signatures: list[Any]) -> None:
    """No key was given up, or verifies no more, as far as this gate could know."""
    bars = world.memory.gate_bars.get(gate, {})
    for kid in map(kid_of, signatures):
        demand(kid not in bars or world.nodes.now < bars[kid], gate, "opened for a key given up:", kid)


def kid_of(part: Any) -> str:
    """The name of the key a signature part says it is by."""
    kid: bytes = cbor2.loads(part[0])[4]
    return urlsafe_b64encode(kid).rstrip(b"=").decode()


def _pass_key(world: World, park: str, kid: str) -> ec.EllipticCurvePublicKey | None:
    """A pass key of the park with that name that it signs with, or did when this schedule began."""
    with world.nodes.at(park):
        found = node_keys().trust_list.key(kid)
    served = found is not None and (found.status == "active" or kid in world.memory.ended_keys[park])
    if found is None or not served or found.purpose.value != "passes":
        return None
    key = load_der_public_key(found.spki)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def _is_by(key: ec.EllipticCurvePublicKey, part: Any, claims: bytes) -> bool:
    protected, _, signature = part
    signed = cbor2.dumps(["Signature", b"", protected, b"twoparks-pass-v1", claims])
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _demand_claims(world: World, claims: Any, terms: Mapping[str, Any], named: tuple[str, int]) -> None:
    """The pass says what both parks cleared and nothing more."""
    permit, number = named
    said = claims[-65537]
    document = {
        "permit": permit,
        "version": number,
        "declaration": world.books[permit[:2]].declaration(permit, number),
        "terms": terms,
    }
    digest = hashlib.sha256(b"twoparks-terms-v1\n" + plain(document)).digest()[:16]
    demand(said[3] == digest, "green for", permit, "under terms nobody agreed")
    demand(
        said[6] == (terms["uses"] or 0), "green for", permit, "with", said[6], "uses, agreed", terms["uses"]
    )
    bounds = [datetime.fromisoformat(terms[name]).timestamp() for name in ("valid_from", "valid_until")]
    demand([claims[5], claims[4]] == bounds, "green for", permit, "with a validity nobody agreed")


def _demand_place(gate: str, said: Any, terms: Mapping[str, Any]) -> None:
    group = zone().group_of_gate(gate.removesuffix(SECOND_LANE))
    wanted = terms[f"{group.leg}_groups"]
    demand(str(group.id) in wanted, gate, "opened for", said[1], "that leads through", wanted)
    numbers = said[7] if group.leg == "exit" else said[8]
    demand(group.number in numbers, gate, "opened for a pass that names groups", numbers)


def _demand_labels(declaration: Mapping[str, Any], labels: tuple[str, ...], gate: str) -> None:
    wanted = [*declaration["containers"], *([declaration["seal"]] if declaration["seal"] else [])]
    demand(sorted(wanted) == sorted(labels), gate, "opened for boxes", labels, "the pass is for", wanted)


def _demand_not_ended(world: World, gate: str, version: tuple[str, int], limit_s: int) -> None:
    """The lists this gate could hold are young enough and end nothing of it."""
    for made_at, ended in world.memory.gate_knows[gate]:
        age = world.nodes.now - made_at
        demand(age <= timedelta(seconds=limit_s + 1), gate, "green on a status list of", age)
        demand(version not in ended, gate, "green for", version, "which its list ends")


def _demand_uses(world: World, one: Admitted, terms: Mapping[str, Any]) -> None:
    store = world.gates[one.gate].store
    same = [a for a in world.memory.admitted if a.permit == one.permit and world.gates[a.gate].store == store]
    if terms["uses"] is not None:
        demand(len(same) <= terms["uses"], one.permit, "let through", len(same), "times of", terms["uses"])
    for item in terms["items"]:
        out = sum(a.carried.get(item["line"], 0) for a in same)
        demand(
            out <= item["quantity"],
            one.permit,
            "line",
            item["line"],
            "let",
            out,
            "through of",
            item["quantity"],
        )
    lines = {item["line"] for item in terms["items"]}
    demand({*one.carried} <= lines, one.permit, "let lines through that are not in its terms")


def leg_of(gate: str) -> str:
    """The leg of a gate or of its second lane."""
    return str(zone().group_of_gate(gate.removesuffix(SECOND_LANE)).leg)


def act_in(envelope: bytes) -> Mapping[str, Any]:
    """The act in an envelope, read without the code under test."""
    found: Mapping[str, Any] = json.loads(envelope)["act"]
    return found


def signatures_seen(lines: list[Line]) -> list[Mapping[str, Any]]:
    """Every `permit.signed` body among these acts."""
    return [line.act["body"] for line in lines if line.act["kind"] == "permit.signed"]
