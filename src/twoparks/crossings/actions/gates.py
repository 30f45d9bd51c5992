"""Gates enrolled and cut off, their events taken, discrepancies opened and closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from twoparks.crossings import bundles, received, rules
from twoparks.crossings.adding import Streams, opened
from twoparks.crossings.device import KEY, Gate
from twoparks.crossings.models import GateDevice, GateEvent
from twoparks.crossings.projection import project
from twoparks.crossings.types import CrossingId, Discrepancy, NotPossible
from twoparks.federation import keys
from twoparks.federation.actions import record, report
from twoparks.federation.queries import acts
from twoparks.federation.types import SYSTEM, Actor, NewAct, Refused, StoredAct, StreamId
from twoparks.ledger.canonical import read_instant
from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.lists.compiled import Compiled
from twoparks.passes.events import Known, read_events
from twoparks.passes.refusal import PassRefused
from twoparks.passes.uses import PUT_BACK
from twoparks.permits import actions as permits
from twoparks.permits import issued
from twoparks.permits.reading import Reader
from twoparks.permits.rules import NoPermit, fold
from twoparks.permits.subjects import actor_of, subject_of
from twoparks.permits.types import Reasons
from twoparks.registry.access import Verb, demand
from twoparks.registry.models import User
from twoparks.registry.node import this_node
from twoparks.registry.zone import zone

EVENTS_A_STATEMENT = 50
_DEVICE = Compiled(
    lambda gate: GateDevice.objects.filter(gate=gate).values_list("kid", "last_number", "last_digest")
)
_WAITING = Compiled(lambda: GateEvent.objects.filter(waits=True).order_by().values_list("id"))


def enrol_gate(user: User | None, gate: str, now: datetime) -> Gate:
    """Give a gate its key and let this park stand behind it; `user` None is whoever keeps the node's machine.

    Raises NotPossible when the gate has a key already or stands in the other park.
    """
    if user is not None:
        demand(user, Verb.ENROL_GATE)
    group = zone().group_of_gate(gate)
    if group.park != this_node().id:
        raise NotPossible("other_park", _("This gate stands in the other park; enrol it there."))
    device = bundles.device(gate)
    device.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    device.store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = GateDevice.objects.filter(gate=gate).first()
    if known is not None and known.cut_off_at is None:
        raise NotPossible(
            "enrolled", _("This gate is enrolled already; cut it off before it gets a new key.")
        )
    pair = _fresh_key(device.folder, now)
    keys.enrol(pair.public, now)
    GateDevice.objects.update_or_create(
        gate=gate,
        defaults={
            "group": group.id,
            "kid": pair.kid,
            "enrolled_at": now,
            "cut_off_at": None,
            "last_number": 0 if known is None else known.last_number,
            "last_digest": None if known is None else known.last_digest,
        },
    )
    sync_gate(gate, now)
    return device


def cut_off_gate(user: User | None, gate: str, now: datetime) -> None:
    """Stop believing a gate from now on: what it recorded before still counts."""
    if user is not None:
        demand(user, Verb.ENROL_GATE)
    known, device = _enrolled(gate), bundles.device(gate)
    if (device.folder / KEY).exists():
        take_gate_events(gate, [e.envelope for e in device.events_after(known.n)], now)
    keys.cut_off(known.kid, now)
    GateDevice.objects.filter(gate=gate).update(cut_off_at=now)


def reopen_store(gate: str) -> bool:
    """Count uses again in a store put back from a copy, after somebody has seen what passed since; whether it was held back."""
    mark = bundles.device(gate).store.with_name(PUT_BACK)
    held_back = mark.exists()
    mark.unlink(missing_ok=True)
    return held_back


def sync_gate(gate: str, now: datetime) -> int:
    """Take the gate's new events and hand it a fresh bundle; returns how many events were taken."""
    known, device = _enrolled(gate), bundles.device(gate)
    taken = take_gate_events(gate, [e.envelope for e in device.events_after(known.n)], now)
    device.take_bundle(bundles.bundle(gate, now))
    GateDevice.objects.filter(gate=gate).update(synced_at=now)
    return taken


@transaction.atomic
def take_gate_events(gate: str, envelopes: Iterable[bytes], now: datetime) -> int:
    """Keep a gate's next signed events and record each passage as an act; returns how many were new.

    Raises PassRefused on a gap, a broken chain or a false signature: nothing of the batch is kept then.
    """
    raw = list(envelopes)
    found, known = read_events(raw, _enrolled(gate), keys.both_trusts())
    streams = Streams(Counter(str(act["permit"]) for act in found if act["kind"] == "gate.passed"))
    events = []
    for envelope, act in zip(raw, found, strict=True):
        event = GateEvent(
            gate=gate,
            kid=known.kid,
            number=act["n"],
            kind=act["kind"],
            permit=act["permit"] or "",
            codes=act["codes"],
            at=read_instant(act["at"]),
            taken_at=now,
            envelope=envelope,
        )
        event.waits = act["kind"] == "gate.passed" and not _pass(event, act, streams, now)
        events.append(event)
    GateEvent.objects.bulk_create(events, batch_size=EVENTS_A_STATEMENT)
    streams.write()
    GateDevice.objects.filter(gate=gate).update(last_number=known.n, last_digest=known.digest)
    return len(found)


def record_waiting(now: datetime) -> int:
    """Record passages whose permit was not known in force here when their gate handed them over; how many succeeded."""
    done = 0
    waiting = [key for (key,) in _WAITING()]
    for event in GateEvent.objects.filter(pk__in=waiting).order_by("at", "number") if waiting else ():
        with transaction.atomic():
            streams = Streams(Counter([event.permit]))
            if _pass(event, bundles.act_in(bytes(event.envelope)), streams, now):
                GateEvent.objects.filter(pk=event.pk).update(waits=False)
                streams.write()
                done += 1
    return done


@transaction.atomic
def open_discrepancies(now: datetime) -> int:
    """Record what is wrong and this park's business; returns how many were opened."""
    opened = 0
    for permit in received.permits_to_look_at(now):
        opened += _open(StreamId(permit), now)
    return opened


@transaction.atomic
def close_discrepancy(user: User, crossing: CrossingId, code: str, explanation: str, now: datetime) -> None:
    """Close a recorded discrepancy of this park with its explanation; both parks keep it."""
    permit = rules.permit_of(crossing)
    if permit is None:
        raise NoPermit(f"{crossing!r} is not a crossing")
    state = issued.permit_state(permit)
    role = demand(user, Verb.CLOSE_DISCREPANCY, subject_of(state))
    reader = Reader()
    said = Reasons(explanation).text
    reader.long_text(said, "explanation", 2000)
    reader.done()
    found = next((c for c in rules.crossings(state, acts(StreamId(permit))) if c.id == crossing), None)
    open_ones = [o for o in (found.opened if found else ()) if o.closed_at is None]
    match = next((o for o in open_ones if o.discrepancy.code == code), None)
    if match is None:
        raise NotPossible("not_open", _("No such discrepancy is open on this crossing."))
    if match.discrepancy.owner != this_node().id:
        raise NotPossible("other_owner", _("This discrepancy is the other park's to close."))
    body = {"crossing": crossing, "code": code, "explanation": said}
    record(NewAct(rules.CLOSED, StreamId(permit), body, actor_of(user, role)), now)
    follow(StreamId(permit))


def apply(act: StoredAct, now: datetime) -> None:
    """Take an act of the other park about a crossing, stored already; raises Refused when the rules do not allow it."""
    at = opened(act.stream, before=act.number, about=act.body.get("crossing"))
    refusal = received.refusal(None if at is None else at.state, () if at is None else at.acts, act, zone())
    if refusal is not None:
        raise Refused(refusal.code, refusal.plain)
    if at is not None:
        at.add(act)
        at.write()


def _pass(event: GateEvent, act: dict[str, Any], streams: Streams, now: datetime) -> bool:
    """Record one passage as an act, if its permit is in force here; the caller writes the streams it is added to."""
    stream = StreamId(event.permit)
    group = zone().group_of_gate(event.gate)
    leg = rules.Leg(act["leg"], group.crosses, read_instant(act["at"]))
    at = streams.of(stream, leg)
    version = None if at is None else at.state.version(act["version"])
    if at is None or version is None or len(version.signed) < 2:
        return False
    body = {
        "crossing": rules.next_crossing(at.state, leg, zone().timing.transit_max),
        "leg": act["leg"],
        "gate": event.gate,
        "group": group.id,
        "event_number": event.number,
        "at": act["at"],
        "version": version.number,
        "items": act["observed"]["items"],
        "labels_digest": act["labels_digest"],
        "seal": act["observed"]["seal"],
        "inspection": act["observed"]["inspection"],
    }
    at.add(record(NewAct("crossing.passed", stream, body, Actor("gate", event.gate)), now))
    streams.keep(at)
    return True


def _open(stream: StreamId, now: datetime) -> int:
    state = issued.permit_state(stream)
    opened = 0
    for crossing in rules.crossings(state, acts(stream)):
        found = rules.to_open(crossing, this_node().id, now, zone().timing.transit_max)
        if found is not None:
            record(NewAct(rules.OPENED, stream, _body(crossing.id, found), SYSTEM), now)
            opened += 1
    if opened:
        follow(stream)
    return opened


def _body(crossing: CrossingId, found: Discrepancy) -> dict[str, object]:
    return {
        "crossing": crossing,
        "code": found.code,
        "owner": found.owner,
        "expected": [{"line": line, "quantity": q} for line, q in sorted(found.expected.items())],
        "found": [{"line": line, "quantity": q} for line, q in sorted(found.found.items())],
    }


def follow(stream: StreamId) -> None:
    """Write the rows of a permit and its crossings again, after an act on it."""
    found = acts(stream)
    state = fold(found)
    permits.project(state)
    project(state, rules.crossings(state, found), found)


def _fresh_key(folder: Path, now: datetime) -> KeyPair:
    """A new key in the gate's folder; the old file, useless once cut off, goes."""
    pair = KeyPair.generate(KeyPurpose.GATE, this_node().id, now)
    (folder / KEY).unlink(missing_ok=True)
    pair.save(folder / KEY)
    return pair


def _enrolled(gate: str) -> Known:
    """The gate, its key and the last of its events taken."""
    zone().group_of_gate(gate)
    row = _DEVICE.first(gate)
    if row is None:
        raise NotPossible("not_enrolled", _("Gate %(gate)s is not enrolled at this park.") % {"gate": gate})
    kid, number, digest = row
    return Known(gate, kid, number, None if digest is None else bytes(digest))


def sync_all(now: datetime) -> None:
    """Synchronise every gate whose folder is on this machine; one that fails is written down and does not stop the others."""
    for row in GateDevice.objects.filter(cut_off_at=None):
        if (bundles.device(row.gate).folder / KEY).exists():
            try:
                sync_gate(row.gate, now)
            except PassRefused as refused:
                detail = {"gate": row.gate, "code": refused.refusal.code, "plain": refused.plain}
                report("gate_events_refused", now, detail)
