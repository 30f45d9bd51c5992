"""A declaration as JSON and back: the bytes both banks decide on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from twoparks.ledger.canonical import digest
from twoparks.permits.types import Declaration, Evidence, Item, Party, ProjectRef


def to_json(declaration: Declaration) -> dict[str, Any]:
    """The declaration as `permit.declared` carries it."""
    return {
        "flow": declaration.flow,
        "crosses": declaration.crosses,
        "project": {"id": declaration.project.id, "title": dict(declaration.project.title)},
        "sender": _party(declaration.sender),
        "recipient": _party(declaration.recipient),
        "facts": dict(declaration.facts),
        "evidence": [
            {
                "measure": e.measure,
                "number": e.number,
                "authority": e.authority,
                "valid_until": None if e.valid_until is None else e.valid_until.isoformat(),
            }
            for e in declaration.evidence
        ],
        "items": [asdict(item) for item in declaration.items],
        "containers": list(declaration.containers),
        "seal": declaration.seal,
        "customs_declaration": declaration.customs_declaration,
        "route": {"exit_group": declaration.exit_group, "entry_group": declaration.entry_group},
        "uses": declaration.uses,
        "valid_from": declaration.valid_from.isoformat(),
        "valid_until": declaration.valid_until.isoformat(),
    }


def from_json(raw: Mapping[str, Any]) -> Declaration:
    """The declaration of a body that its contract accepted."""
    return Declaration(
        flow=raw["flow"],
        crosses=raw["crosses"],
        project=ProjectRef(raw["project"]["id"], raw["project"]["title"]),
        sender=Party(**raw["sender"]),
        recipient=Party(**raw["recipient"]),
        facts=raw["facts"],
        evidence=tuple(
            Evidence(e["measure"], e["number"], e["authority"], _day(e["valid_until"]))
            for e in raw["evidence"]
        ),
        items=tuple(Item(**item) for item in raw["items"]),
        containers=tuple(raw["containers"]),
        seal=raw["seal"],
        customs_declaration=raw["customs_declaration"],
        exit_group=raw["route"]["exit_group"],
        entry_group=raw["route"]["entry_group"],
        uses=raw["uses"],
        valid_from=date.fromisoformat(raw["valid_from"]),
        valid_until=date.fromisoformat(raw["valid_until"]),
    )


def digest_of(declaration: Declaration) -> str:
    """SHA-256 of the declaration's canonical bytes, hex."""
    return digest(to_json(declaration)).hex()


def held(declaration: Declaration) -> tuple[str, ...]:
    """Measures the evidence states, sorted, each once: the vocabulary's `held`."""
    return tuple(sorted({e.measure for e in declaration.evidence}))


def law_facts(declaration: Declaration, on: date) -> dict[str, Any]:
    """The facts the law is asked about, for a movement on that day."""
    return {
        **declaration.facts,
        "flow": declaration.flow,
        "crosses": declaration.crosses,
        "on": on.isoformat(),
        "held": list(held(declaration)),
        "sought": declaration.facts.get("sought", []),
    }


def organisations(declaration: Declaration) -> frozenset[str]:
    """Ids of both parties."""
    return frozenset({declaration.sender.id, declaration.recipient.id})


def party_of(declaration: Declaration, park: str) -> Party:
    """The party on that park's side."""
    return declaration.sender if declaration.sender.park == park else declaration.recipient


def labels(declaration: Declaration) -> tuple[str, ...]:
    """Everything a gate can read off the consignment: container labels and the seal."""
    return (*declaration.containers, *((declaration.seal,) if declaration.seal else ()))


def _party(party: Party) -> dict[str, Any]:
    return {"park": party.park, "id": party.id, "name": dict(party.name)}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
