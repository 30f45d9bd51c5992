"""What the demonstration's organisations send: kinds of consignment from a file, made into declarations as a form types them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from twoparks.registry.models import Organisation, Project
from twoparks.registry.zone import zone

FILE = Path(__file__).with_name("declarations.yaml")


@dataclass(frozen=True)
class Kind:
    """One kind of consignment; `items` carry the least and the most quantity, and value and masses of one piece."""

    crosses: str
    routes: Sequence[Sequence[str]]  # exit group, entry group
    label: str
    days: int  # how long a permit for it is asked for
    items: Sequence[Mapping[str, Any]]
    facts: Mapping[str, Any]
    evidence: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


@dataclass(frozen=True)
class Order:
    """One consignment wanted: for whom, from which day, how often it may cross, and its running number."""

    kind: Kind
    project: Project
    first: date
    uses: int
    number: int


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its name; one that is `like` another says only what differs."""
    raw: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {name: Kind(**_whole(raw, name)) for name in raw}


def typed(order: Order, chance: random.Random) -> dict[str, Any]:
    """The declaration as the applicant types it."""
    kind = order.kind
    exit_group, entry_group = chance.choice(kind.routes)
    boxes = [f"{kind.label}-{order.number:04d}"] + (
        [f"{kind.label}-{order.number:04d}B"] * chance.randint(0, 1)
    )
    return {
        "project": order.project.id,
        "flow": "materials",
        "crosses": kind.crosses,
        "valid_from": order.first.isoformat(),
        "valid_until": (order.first + timedelta(days=kind.days)).isoformat(),
        "uses": order.uses,
        "route": {"exit_group": exit_group, "entry_group": entry_group},
        "items": [_item(item, chance) for item in kind.items],
        "containers": boxes,
        "seal": f"SEAL-{440000 + order.number}",
        "evidence": [dict(row) for row in kind.evidence],
        "facts": {**_about(order), **kind.facts},
    }


def _whole(raw: Mapping[str, dict[str, Any]], name: str) -> dict[str, Any]:
    said = dict(raw[name])
    changed = said.pop("changed", {})
    if "like" in said:
        said = {**_whole(raw, said.pop("like")), **said}
    return {**said, "facts": {**said["facts"], **changed}}


def _item(item: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    quantity = chance.randint(*item["quantity"])
    each = {name: item[name] * quantity for name in ("value_hkd_cents", "gross_mass_g", "net_mass_g")}
    return {**item, "quantity": quantity, **each}


def _about(order: Order) -> dict[str, Any]:
    """What the law asks about the two parties, as their own records say it."""
    both = (order.project.organisation, order.project.partner)
    leaving = zone().directions[order.kind.crosses][0]
    sender, recipient = both if both[0].park == leaving else (both[1], both[0])
    return {**_party("sender", sender), **_party("recipient", recipient)}


def _party(word: str, organisation: Organisation) -> dict[str, Any]:
    return {
        f"{word}_place": organisation.place,
        f"{word}_kind": organisation.kind,
        f"{word}_foreign_percent": organisation.profile.get("sender_foreign_percent", 0),
        f"{word}_foreign_dominated": False,
    }
