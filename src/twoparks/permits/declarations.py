"""A declaration as JSON and back: the bytes both banks decide on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from twoparks.ledger.canonical import digest
from twoparks.permits.flows import FLOWS
from twoparks.permits.types import Declaration, Evidence, Party, ProjectRef


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
        **FLOWS[declaration.flow].to_json(declaration),
        "uses": declaration.uses,
        "valid_from": declaration.valid_from.isoformat(),
        "valid_until": declaration.valid_until.isoformat(),
    }


def from_json(raw: Mapping[str, Any]) -> Declaration:
    """The declaration of a body that its contract accepted."""
    read = FLOWS[raw["flow"]].from_json(raw)
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
        carries=read.carries,
        exit_groups=read.exit_groups,
        entry_groups=read.entry_groups,
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


def _party(party: Party) -> dict[str, Any]:
    return {"park": party.park, "id": party.id, "name": dict(party.name)}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
