"""A protocol as JSON and back: the bytes both parks sign."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, cast

from twoparks.ledger.canonical import digest
from twoparks.pilots.types import Benefit, Harm, Participants, Protocol, Quantity, StopRule


def to_json(protocol: Protocol) -> dict[str, Any]:
    """The protocol as `trial.filed` carries it."""
    who, quantity, rule = protocol.participants, protocol.quantity, protocol.stop_rule
    dates = ("shadow_from", "live_from", "ends")
    plain = ("kind", "change", "change_digest", "base_digest", "flow", "crosses", "when_stopped")
    return {
        **{name: getattr(protocol, name) for name in plain},
        "title": dict(protocol.title),
        "question": dict(protocol.question),
        "authorities": {bank: list(keys) for bank, keys in protocol.authorities.items()},
        "participants": {
            "how": who.how,
            "organisations": list(who.organisations),
            "sender_kinds": list(who.sender_kinds),
            "places": dict(who.places),
            "drawn_per_mille": who.drawn_per_mille,
        },
        "caps": {
            "permits": dict(protocol.permits),
            "per_participant": protocol.per_participant,
            "quantity": asdict(quantity) if quantity else None,
        },
        "dates": {name: getattr(protocol, name).isoformat() for name in dates},
        "benefit": [asdict(benefit) for benefit in protocol.benefit],
        "harm": [asdict(harm) for harm in protocol.harm],
        "stop_rule": asdict(rule),
        "data_kept": {"what": dict(protocol.data_kept), "until": protocol.data_until.isoformat()},
        "assumed": list(protocol.assumed),
    }


def from_json(raw: Mapping[str, Any]) -> Protocol:
    """The protocol of a body that its contract accepted."""
    who, caps, dates, rule = raw["participants"], raw["caps"], raw["dates"], raw["stop_rule"]
    quantity = caps["quantity"]
    return Protocol(
        title=raw["title"],
        question=raw["question"],
        kind=cast(Any, raw["kind"]),  # Any: one of the two words its contract allows
        change=raw["change"],
        change_digest=raw["change_digest"],
        base_digest=raw["base_digest"],
        flow=raw["flow"],
        crosses=raw["crosses"],
        authorities={bank: tuple(keys) for bank, keys in raw["authorities"].items()},
        participants=Participants(
            how=who["how"],
            organisations=tuple(who["organisations"]),
            sender_kinds=tuple(who["sender_kinds"]),
            places=who["places"],
            drawn_per_mille=who["drawn_per_mille"],
        ),
        permits=caps["permits"],
        per_participant=caps["per_participant"],
        quantity=None if quantity is None else Quantity(**quantity),
        shadow_from=date.fromisoformat(dates["shadow_from"]),
        live_from=date.fromisoformat(dates["live_from"]),
        ends=date.fromisoformat(dates["ends"]),
        benefit=tuple(Benefit(**b) for b in raw["benefit"]),
        harm=tuple(Harm(**h) for h in raw["harm"]),
        stop_rule=StopRule(**rule),
        data_kept=raw["data_kept"]["what"],
        data_until=date.fromisoformat(raw["data_kept"]["until"]),
        when_stopped=cast(Any, raw["when_stopped"]),  # Any: as above
        assumed=tuple(raw["assumed"]),
    )


def digest_of(protocol: Protocol) -> str:
    """SHA-256 of the protocol's canonical bytes, hex: what both parks sign."""
    return digest(to_json(protocol)).hex()


def change_digest(change: str) -> str:
    """SHA-256 of a change's text, hex."""
    return hashlib.sha256(change.encode()).hexdigest()
