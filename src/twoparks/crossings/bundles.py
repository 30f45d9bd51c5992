"""What a node puts together for one of its gates, and where that gate's folder lies on this machine."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from twoparks.crossings.device import STORE, Bundle, Gate, root_json, token_text
from twoparks.federation.keys import PEER_TRUST, node_keys, peer_root, peer_trust
from twoparks.federation.queries import fetched
from twoparks.ledger.envelope import read_envelope
from twoparks.permits import issued
from twoparks.registry.node import this_node
from twoparks.registry.zone import zone


def device(gate: str) -> Gate:
    """The gate's folder and its group's store below this node's home; raises ZoneError for an unknown gate."""
    group = zone().group_of_gate(gate)
    gates = this_node().home / "gates"
    return Gate(gates / gate, gates / f"group-{group.id}" / STORE)


def folder_of(gate: str) -> Path:
    """The gate's own folder."""
    return device(gate).folder


def bundle(gate: str, now: datetime) -> Bundle:
    """Everything the gate needs to decide by itself until it is synchronised again."""
    node, group = this_node(), zone().group_of_gate(gate)
    leaving, arriving = zone().directions[group.crosses]
    peer_trust()  # raises PeerUnknown before the other park's keys are known
    held = fetched(PEER_TRUST)
    statuses = [((node.park.number, issued.LIST), issued.status_token(now))]
    if (theirs := fetched(issued.STATUS)) is not None:
        statuses.append(((node.peer.number, issued.LIST), theirs.content))
    return Bundle(
        gate=gate,
        group=group.id,
        group_number=group.number,
        leg=group.leg,
        crosses=(zone().park(leaving).number, zone().park(arriving).number),
        made_at=now.isoformat(),
        status_fresh_s=zone().timing.status_fresh_s,
        status_max_s=zone().timing.status_max_s,
        time_zone=node.park.time_zone,
        roots=(root_json(node_keys().root.public), root_json(peer_root())),
        trust_lists=tuple(token_text(raw) for raw in (node_keys().published, held.content if held else b"")),
        status_lists=tuple(token_text(raw) for _name, raw in statuses),
        status_names=tuple(name for name, _raw in statuses),
        terms=_terms(group.id),
    )


def act_in(envelope: bytes) -> dict[str, Any]:
    """The event a gate's envelope holds; it was verified when it was taken."""
    return dict(read_envelope(envelope).act)


def _terms(group: str) -> dict[str, dict[str, Any]]:
    named = issued.rows_at_groups([group]).values_list("id", "terms")
    return {permit: terms for permit, terms in named if terms is not None}
