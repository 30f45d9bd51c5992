"""What makes a protocol unfit to be signed, field by field; asked of what a rule maker files and of what the other park sends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from twoparks.law.zone import Zone as Law
from twoparks.pilots import protocol as p
from twoparks.pilots.types import Protocol
from twoparks.registry.zone import Zone

LONGEST = timedelta(days=731)


@dataclass(frozen=True)
class Fault:
    """One thing that cannot be signed: where, which value, what would be accepted."""

    path: str
    value: object
    accepted: str


def faults(protocol: Protocol, zone: Zone, law: Law) -> tuple[Fault, ...]:
    """Everything wrong with a protocol; whether its change fits the packs is asked where it is signed."""
    checks = (_scope, _authorities, _participants, _caps, _dates, _measures)
    return tuple(fault for check in checks for fault in check(protocol, zone, law))


def _scope(protocol: Protocol, zone: Zone, law: Law) -> Iterator[Fault]:
    if protocol.flow not in law.flows:
        yield Fault("flow", protocol.flow, _one_of(law.flows))
    if protocol.crosses is not None and protocol.crosses not in zone.directions:
        yield Fault("crosses", protocol.crosses, _one_of(zone.directions))
    if protocol.change_digest != p.change_digest(protocol.change):
        yield Fault("change_digest", protocol.change_digest, _("the digest is that of another change"))
    if bool(protocol.change.strip()) != (protocol.kind == "rule"):
        yield Fault("change", None, _("a trial of a rule has a change, a trial of a technology none"))


def _authorities(protocol: Protocol, zone: Zone, law: Law) -> Iterator[Fault]:
    banks = [park.bank for park in zone.parks.values()]
    for bank in protocol.authorities:
        if bank not in banks:
            yield Fault("authorities", bank, _one_of(banks))
    for bank in banks:
        known = [key for key, authority in law.authorities.items() if authority.bank in (bank, "both")]
        named = protocol.authorities.get(bank, ())
        if not named:
            yield Fault(f"authorities.{bank}", None, _("name at least one authority of this bank"))
        for key in named:
            if key not in known:
                yield Fault(f"authorities.{bank}", key, _one_of(known))


def _participants(protocol: Protocol, zone: Zone, law: Law) -> Iterator[Fault]:
    who = protocol.participants
    if who.how == "invited" and not who.organisations:
        yield Fault("participants.organisations", None, _("name at least one organisation to be invited"))
    if (who.how == "lot") != (who.drawn_per_mille is not None):
        accepted = _("a lot needs the share drawn, in per mille; nothing else has one")
        yield Fault("participants.drawn_per_mille", who.drawn_per_mille, accepted)
    kinds = law.facts["sender_kind"].values
    for kind in who.sender_kinds:
        if kind not in kinds:
            yield Fault("participants.sender_kinds", kind, _one_of(kinds))
    yield from _by_park("participants.places", who.places, zone)


def _caps(protocol: Protocol, zone: Zone, law: Law) -> Iterator[Fault]:
    yield from _by_park("caps.permits", protocol.permits, zone)
    quantity = protocol.quantity
    if quantity is None:
        return
    yield from _by_park("caps.quantity.most", quantity.most, zone)
    facts = law.facts_of(protocol.flow) if protocol.flow in law.flows else {}
    whole = [name for name, spec in facts.items() if spec.type == "int"]
    if quantity.counts != "items" and quantity.counts not in whole:
        yield Fault("caps.quantity.counts", quantity.counts, _one_of(["items", *whole]))


def _dates(protocol: Protocol, zone: Zone, law: Law) -> Iterator[Fault]:
    if protocol.live_from < protocol.shadow_from:
        accepted = _("the live run cannot begin before the shadow run")
        yield Fault("dates.live_from", protocol.live_from, accepted)
    if protocol.ends < protocol.live_from:
        yield Fault("dates.ends", protocol.ends, _("the last day cannot lie before the live run"))
    if protocol.ends - protocol.shadow_from > LONGEST:
        yield Fault("dates.ends", protocol.ends, _("a trial lasts two years at most"))
    if protocol.data_until < protocol.ends:
        accepted = _("what is kept is kept at least until the trial ends")
        yield Fault("data_kept.until", protocol.data_until, accepted)


def _measures(protocol: Protocol, zone: Zone, law: Law) -> Iterator[Fault]:
    for name, keys in (
        ("benefit", [b.key for b in protocol.benefit]),
        ("harm", [h.key for h in protocol.harm]),
    ):
        for key in {key for key in keys if keys.count(key) > 1}:
            yield Fault(name, key, _("each measure has a key of its own"))
    if protocol.harm_of(protocol.stop_rule.harm) is None:
        yield Fault("stop_rule.harm", protocol.stop_rule.harm, _one_of([h.key for h in protocol.harm]))


def _by_park(path: str, counts: object, zone: Zone) -> Iterator[Fault]:
    given = dict(counts) if hasattr(counts, "keys") else {}
    for park in given:
        if park not in zone.parks:
            yield Fault(path, park, _one_of(zone.parks))
    for park in zone.parks:
        if park not in given:
            yield Fault(f"{path}.{park}", None, _("give a whole number, 0 for none"))
    if not any(given.values()):
        yield Fault(path, None, _("at least one park has a share above 0"))


def _one_of(known: object) -> str:
    return _("use one of %(known)s") % {"known": ", ".join(str(each) for each in list(known)[:12])}
