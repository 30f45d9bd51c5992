"""What is shown at gates: passes as they should be, and whatever can be put together from all bytes ever seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from tests.laws.schedules import honest
from tests.laws.schedules.book import read_base64url
from tests.laws.schedules.honest import gates_of_cases
from tests.laws.schedules.oracle import Shown, judge
from tests.laws.schedules.wanted import demand
from tests.laws.schedules.world import SECOND_LANE, World, store_of
from tests.two_nodes import PARKS

from twoparks.crossings.actions import take_gate_events
from twoparks.crossings.device import Counter, Seen
from twoparks.crossings.models import GateDevice
from twoparks.federation.keys import node_keys
from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.passes.cbor import decode, encode
from twoparks.passes.claims import PassClaims, Place, labels_digest
from twoparks.passes.cose import TAG, _to_sign
from twoparks.passes.qr import to_text
from twoparks.passes.refusal import PassRefused
from twoparks.passes.uses import SqliteUseStore
from twoparks.permits import issued, terms
from twoparks.permits.types import PermitId, PermitState, Version
from twoparks.registry.zone import zone

Parts = list[bytes]
OFFICER = Counter("p-counter", "The papers were read.")


def scan(world: World) -> str:
    """Show an honest pass where it belongs, with the right boxes; one presentation may be shown again, or twice at once."""
    found = genuine(world)
    if found is None:
        return "scan: nothing signed"
    state, version, claims, parts = found
    case = world.memory.cases[state.id]
    gate = case.gates[world.random.choice(["exit", "entry"])] + world.random.choice(["", "", SECOND_LANE])
    shown = _shown(world, code(claims.encode(), parts), labels_of(version))
    if world.random.random() < 0.15:
        return f"scan {gate} at once: {both_lanes(world, gate, shown)}"
    return f"scan {gate}: {present(world, gate, shown)}"


def overtake(world: World) -> str:
    """One park ends a permit; the other hears of it by the status list before the act arrives, and shows the pass."""
    ending = world.random.choice([honest.revoke, honest.revoke, honest.vary, honest.withdraw])(world)
    world.look()
    for park in PARKS:
        if not world.nodes.network.cut:
            world.fetch_status(park)
    for gate in gates_of_cases(world):
        world.sync(gate)
    return f"overtake {ending}; {scan(world)}"


def misuse(world: World) -> str:
    """Show an honest pass at another gate, with other boxes, with too much, or under another's presentation."""
    found = genuine(world)
    if found is None:
        return "misuse: nothing signed"
    state, version, claims, parts = found
    gate = world.random.choice([*world.gates, *gates_of_cases(world) * 4])
    labels = labels_of(version)
    shown, carried = _shown(world, code(claims.encode(), parts), labels), None
    kind = world.random.choice(["gate", "labels", "none", "more", "presentation", "old_labels"])
    match kind:
        case "labels":
            shown = replace(shown, labels=(*labels, "BOX-EXTRA"))
        case "none":
            shown = replace(shown, labels=())
        case "old_labels":
            shown = replace(shown, labels=labels_of(state.versions[0]))
        case "more":
            carried = {1: world.random.choice([10_000, 301, 25])}
        case "presentation" if world.memory.admitted:
            shown = replace(shown, use_id=world.random.choice(world.memory.admitted).use_id)
    return f"misuse {kind} {gate}: {present(world, gate, shown, carried)}"


def forge(world: World) -> str:
    """Show a pass that some signature is missing from: put together, cut down, copied, or signed with stolen keys."""
    states = _states(world)
    if not states:
        return "forge: nothing known"
    state = world.random.choice(states)
    version = world.random.choice(state.versions)
    claims = _wished(world, state, version)
    if claims is None:
        return "forge: nothing cleared"
    gate = world.memory.cases[state.id].gates[world.random.choice(["exit", "entry"])]
    kind = world.random.choice([*FORGERIES])
    if kind == "one place":
        claims = replace(
            claims, places=(claims.places[0], replace(claims.places[1], park=claims.places[0].park))
        )
    parts = FORGERIES[kind](world, claims, version)
    if parts is None:
        return f"forge {kind}: no bytes for it"
    shown = _shown(world, code(_encoded(claims), parts), labels_of(version))
    return f"forge {kind} {gate}: {present(world, gate, shown)}"


def hand_over(world: World) -> str:
    """Gate events come to the node twice, out of order, altered, or from another gate."""
    gate = world.random.choice(gates_of_cases(world))
    with closing(store_of(world, gate)) as store, closing(store_of(world, gate + SECOND_LANE)) as lane:
        events = [e.envelope for e in store.events_after(0)]
        others = [e.envelope for e in lane.events_after(0)]
    with world.nodes.at(gate[:2]):
        last = GateDevice.objects.get(gate=gate).last_number
        fresh = events[last:]
        kind = world.random.choice(["again", "gap", "reversed", "altered", "other"])
        batch = {
            "again": events[:last],
            "gap": fresh[1:],
            "reversed": fresh[::-1] if len(fresh) > 1 else [],
            "altered": [e.replace(b'"at":"20', b'"at":"19') for e in fresh],
            "other": others,
        }[kind]
        if not batch:
            return f"hand over {kind}: nothing"
        try:
            take_gate_events(gate, batch, world.nodes.now)
        except PassRefused as refused:
            return f"hand over {kind}: {refused.refusal.code}"
    demand(False, "events handed over", kind, "were taken from", gate)
    return ""


# --- presenting -------------------------------------------------------------------------------------------------


def fresh_id(world: World) -> str:
    """The name of a presentation not made before."""
    return f"u{world.random.getrandbits(48):012x}"


def _shown(world: World, text: str, labels: tuple[str, ...]) -> Shown:
    earlier = [a.use_id for a in world.memory.admitted]
    if earlier and world.random.random() < 0.1:
        return Shown(text, labels, world.random.choice(earlier))
    counter = world.random.random() < 0.15
    return Shown(text, labels, fresh_id(world), counter)


def present(world: World, gate: str, shown: Shown, carried: Mapping[int, int] | None = None) -> str:
    if not (world.gates[gate].folder / "bundle.json").exists():
        world.sync_second(gate)
    if carried is None and world.random.random() < 0.4:
        carried = {1: world.random.choice([1, 5, 20])}
    seen = Seen(
        shown.code, shown.labels, carried, use_id=shown.use_id, counter=OFFICER if shown.counter else None
    )
    verdict = world.gates[gate].scan(seen, world.nodes.now)
    if verdict.light.word == "green":
        judge(world, gate, shown, verdict)
    return ",".join(verdict.codes) or verdict.light.word


def both_lanes(world: World, gate: str, shown: Shown) -> str:
    """Between the check and the taking at one lane, the other lane takes the same pass."""
    first = gate.removesuffix(SECOND_LANE)
    other = first if gate != first else first + SECOND_LANE
    second = replace(shown, use_id=shown.use_id + "-2")
    consume, said = SqliteUseStore.consume, list[str]()

    def interrupted(store: SqliteUseStore, *asked: Any) -> Any:
        if not said:
            said.append("…")
            said.append(present(world, other, second))
        return consume(store, *asked)

    with patch.object(SqliteUseStore, "consume", interrupted):
        said.append(present(world, gate, shown))
    return " and ".join(said)


# --- putting passes together ------------------------------------------------------------------------------------


def _states(world: World) -> list[PermitState]:
    """Each permit as each park knows it: the attacker reads both, anew when something new was logged."""
    found = []
    for park, book in world.books.items():
        if book.states is None:
            known = [permit for permit in world.memory.cases if book.version(permit)]
            with world.nodes.at(park):
                book.states = [issued.permit_state(permit) for permit in known]
        found += book.states
    return found


def genuine(world: World, first: bool = False) -> tuple[PermitState, Version, PassClaims, Parts] | None:
    """A pass with both parks' signatures, newest or first, of any version, as some node or the wire had it."""
    found = []
    for state in _states(world):
        for version in state.versions:
            claims = terms.permit_claims(state.id, version, zone()) if len(version.cleared) == 2 else None
            parts = _parts(world, state.id, version.number, first)
            if claims is not None and len(parts) == 2:
                found.append((state, version, claims, _ordered(claims, parts)))
    return world.random.choice(found) if found else None


def _parts(world: World, permit: PermitId, version: int, first: bool = False) -> dict[int, bytes]:
    """The newest signature part, or the first one, that each park recorded for that version, by park number."""
    found = {}
    for park, book in world.books.items():
        line = (book.find if first else book.last)(permit, "permit.signed", park, version)
        if line is not None:
            found[zone().park(park).number] = read_base64url(line.act["body"]["signature_part"])
    return found


def _ordered(claims: PassClaims, parts: Mapping[int, bytes]) -> Parts:
    return [parts[number] for number in claims.crosses if number in parts]


def _wished(world: World, state: PermitState, version: Version) -> PassClaims | None:
    """The claims an attacker would like: those agreed, those of an offer nobody answered, or better ones."""
    agreed = terms.permit_claims(state.id, version, zone()) if len(version.cleared) == 2 else None
    if agreed is None:
        offered = terms.offer(version.declaration, "UTC")
        leaving, arriving = zone().directions[version.declaration.crosses]
        places = [_place_of(version, park) for park in (leaving, arriving)]
        group = {str(g.id): g.number for g in zone().gate_groups.values()}
        agreed = PassClaims(
            state.id,
            version.number,
            terms.terms_digest(terms.document(state.id, version.number, version.digest, offered)),
            labels_digest(labels_of(version)),
            "labels",
            offered.uses != 1,
            False,
            offered.uses or 0,
            (group[offered.exit_groups[0]],),
            (group[offered.entry_groups[0]],),
            offered.valid_from,
            offered.valid_until,
            (places[0], places[1]),
        )
    match world.random.randrange(5):
        case 0:
            return replace(agreed, uses=agreed.uses + 1, standing=True)
        case 1:
            return replace(agreed, valid_until=agreed.valid_until + timedelta(days=30))
        case 2:
            return replace(
                agreed, places=(replace(agreed.places[0], index=7), replace(agreed.places[1], index=7))
            )
        case _:
            return agreed


def _place_of(version: Version, park: str) -> Place:
    cleared = version.cleared.get(park)
    return Place(zone().park(park).number, 1, cleared.place.index if cleared else 5)


def _sign(claims: bytes, key: KeyPair) -> bytes:
    """A part by any key whatsoever, as only a forger makes it."""
    protected = encode({1: -7, 4: key.public.kid_bytes})
    return encode([protected, {}, key.sign(_to_sign(protected, claims))])


def _encoded(claims: PassClaims) -> bytes:
    with _unchecked():
        return claims.encode()


@contextmanager
def _unchecked() -> Any:
    with patch.object(PassClaims, "check", lambda self: None):
        yield


def code(claims: bytes, parts: Parts) -> str:
    return to_text(TAG + encode([b"", {}, claims, [decode(part) for part in parts]]))


def labels_of(version: Version) -> tuple[str, ...]:
    goods = version.declaration.goods
    return goods.labels if goods else ()


def _own(world: World, park: str, purpose: KeyPurpose = KeyPurpose.PASSES) -> KeyPair:
    """A key of a park that cheats: it has its own, and nobody else's."""
    with world.nodes.at(park):
        return node_keys().signer(purpose)


def _good(world: World, claims: PassClaims, version: Version) -> dict[int, bytes]:
    return _parts(world, PermitId(claims.permit), version.number)


def _one(world: World, claims: PassClaims, version: Version) -> Parts | None:
    parts = _ordered(claims, _good(world, claims, version))
    return [world.random.choice(parts)] if parts else None


def _copied(world: World, claims: PassClaims, version: Version) -> Parts | None:
    one = _one(world, claims, version)
    return one and one * 2


def _zeroed(world: World, claims: PassClaims, version: Version) -> Parts | None:
    parts = _ordered(claims, _good(world, claims, version))
    if not parts:
        return None
    protected, unprotected, _ = decode(parts[-1])  # type: ignore[misc]  # a part is a list of three
    blank = encode([protected, unprotected, bytes(64)])
    return [parts[0], blank] if world.random.random() < 0.5 else [blank, parts[0]]


def _mixed(world: World, claims: PassClaims, version: Version) -> Parts | None:
    """Parts of different versions, or in the wrong order."""
    state = next(s for s in _states(world) if s.id == claims.permit)
    pool = [part for v in state.versions for part in _parts(world, state.id, v.number).values()]
    return [world.random.choice(pool), world.random.choice(pool)] if pool else None


def _with(key_of: Callable[[World, int], KeyPair]) -> Callable[[World, PassClaims, Version], Parts]:
    """One park's own part and, in the other's place, one by a key of the attacker's choice."""

    def parts(world: World, claims: PassClaims, version: Version) -> Parts:
        raw, cheat = _encoded(claims), world.random.choice(PARKS)
        number = zone().park(cheat).number
        other = next(n for n in claims.crosses if n != number)
        made = {number: _sign(raw, _own(world, cheat)), other: _sign(raw, key_of(world, number))}
        return [made[n] for n in claims.crosses]

    return parts


def _park(number: int) -> str:
    return next(str(p.id) for p in zone().parks.values() if p.number == number)


def _other(number: int) -> str:
    return str(zone().peer_of(_park(number)).id)


def _one_place(world: World, claims: PassClaims, version: Version) -> Parts:
    """Both places of one park, which has two keys that verify: the one in use and one retired not long ago."""
    raw, park = _encoded(claims), _park(claims.crosses[0])
    return [_sign(raw, _own(world, park)), _sign(raw, world.stolen.resting[park])]


FORGERIES: Mapping[str, Callable[[World, PassClaims, Version], Parts | None]] = {
    "one part": _one,
    "copied": _copied,
    "zeroed": _zeroed,
    "mixed": _mixed,
    "unknown key": _with(lambda world, n: world.stolen.own),
    "same park": _with(
        lambda world, n: world.random.choice([_own(world, _park(n)), world.stolen.resting[_park(n)]])
    ),
    "lost key": _with(lambda world, n: world.memory.lost.get(_other(n)) or world.stolen.lost[_other(n)]),
    "retired key": _with(lambda world, n: world.stolen.retired[_other(n)]),
    "own lost key": _with(lambda world, n: world.memory.lost.get(_park(n)) or world.stolen.lost[_park(n)]),
    "status key": _with(lambda world, n: _own(world, _other(n), KeyPurpose.STATUS)),
    "one place": _one_place,
}
