"""The zone as configured: its parks, control points and gate groups. Read once from YAML, never from the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NewType, cast

import yaml

ParkId = NewType("ParkId", str)
GroupId = NewType("GroupId", str)
GateId = NewType("GateId", str)
Bank = Literal["ml", "hk"]
Leg = Literal["exit", "entry"]
Words = Mapping[str, str]  # language tag -> words

LEGS: tuple[Leg, Leg] = ("exit", "entry")
LANGUAGES = ("en", "zh-Hant", "zh-Hans")


class ZoneError(ValueError):
    """The zone file says something that cannot be; the message names the entry and what would be accepted."""


@dataclass(frozen=True)
class Park:
    """One park: its bank, side of the river and number inside passes."""

    id: ParkId
    number: int
    name: Words
    bank: Bank
    side: Literal["north", "south"]
    time_zone: str
    port: int
    area_ha: int


@dataclass(frozen=True)
class ControlPoint:
    """A place where the river is crossed; `x` is its place on the plan, 0 west to 100 east."""

    id: str
    x: int
    status: Literal["open", "under_construction", "planned"]
    name: Words


@dataclass(frozen=True)
class GateGroup:
    """Gates of one leg that share one durable store of uses."""

    id: GroupId
    number: int
    park: ParkId
    leg: Leg
    crosses: str
    control_point: str
    gates: tuple[GateId, ...]
    name: Words
    flows: tuple[str, ...]  # what it lets through: materials, personnel


@dataclass(frozen=True)
class Timing:
    """Working limits of the installation, in the unit each name carries; `status` says `assumed` until agreed."""

    status: str
    status_fresh_s: int
    status_max_s: int
    transit_max_minutes: int
    checkpoint_cosign_grace_s: int

    @property
    def transit_max(self) -> timedelta:
        """How long a crossing may take between its two gates before it is a discrepancy."""
        return timedelta(minutes=self.transit_max_minutes)


@dataclass(frozen=True)
class Zone:
    """Everything the code may ask about the zone it runs."""

    id: str
    name: Words
    demonstration: bool
    parks: Mapping[ParkId, Park]
    directions: Mapping[str, tuple[ParkId, ParkId]]
    control_points: Mapping[str, ControlPoint]
    gate_groups: Mapping[GroupId, GateGroup]
    timing: Timing

    def park(self, park: str) -> Park:
        """The park of that id; raises ZoneError naming the ids there are."""
        try:
            return self.parks[ParkId(park)]
        except KeyError:
            raise ZoneError(
                f"{park!r} is not a park of this zone; use one of {', '.join(self.parks)}"
            ) from None

    def peer_of(self, park: str) -> Park:
        """The other park."""
        return next(p for p in self.parks.values() if p.id != park)

    def groups(self, crosses: str, leg: Leg, flow: str) -> tuple[GateGroup, ...]:
        """Gate groups of one direction and leg that let a flow through, in file order."""
        found = (g for g in self.gate_groups.values() if g.crosses == crosses and g.leg == leg)
        return tuple(g for g in found if flow in g.flows)

    def ways(self, crosses: str) -> tuple[str, str]:
        """The way out and the way back, for a direction."""
        here = self.directions[crosses]
        return crosses, next(way for way, to in self.directions.items() if to == here[::-1])

    def group_of_gate(self, gate: str) -> GateGroup:
        """The group a gate belongs to; raises ZoneError naming the gates there are."""
        for group in self.gate_groups.values():
            if gate in group.gates:
                return group
        known = ", ".join(g for group in self.gate_groups.values() for g in group.gates)
        raise ZoneError(f"{gate!r} is not a gate of this zone; use one of {known}")


def read_zone(path: Path) -> Zone:
    """Read and check a zone file; raises ZoneError on a missing language, unknown park or repeated number."""
    raw = cast(dict[str, Any], yaml.safe_load(path.read_text(encoding="utf-8")))
    parks = {ParkId(k): Park(id=ParkId(k), **v) for k, v in raw["parks"].items()}
    groups = {
        GroupId(k): GateGroup(id=GroupId(k), **{**v, "gates": tuple(v["gates"]), "flows": tuple(v["flows"])})
        for k, v in raw["gate_groups"].items()
    }
    zone = Zone(
        id=raw["id"],
        name=raw["name"],
        demonstration=raw["demonstration"],
        parks=parks,
        directions={k: (ParkId(v["from"]), ParkId(v["to"])) for k, v in raw["crosses"].items()},
        control_points={k: ControlPoint(id=k, **v) for k, v in raw["control_points"].items()},
        gate_groups=groups,
        timing=Timing(**raw["timing"]),
    )
    _check(zone)
    return zone


def _check(zone: Zone) -> None:
    if len(zone.parks) != 2:
        raise ZoneError(f"a zone has two parks; {zone.id} lists {len(zone.parks)}")
    numbers = [g.number for g in zone.gate_groups.values()]
    if len(set(numbers)) != len(numbers):
        raise ZoneError("gate_groups: two groups share a number; numbers stand in passes and must differ")
    for group in zone.gate_groups.values():
        zone.park(group.park)
        if group.crosses not in zone.directions or group.control_point not in zone.control_points:
            raise ZoneError(f"gate group {group.id}: unknown direction {group.crosses!r} or control point")
    named = [*zone.parks.values(), *zone.control_points.values(), *zone.gate_groups.values()]
    for thing in named:
        missing = [lang for lang in LANGUAGES if lang not in thing.name]
        if missing:
            raise ZoneError(f"{thing.id}: name lacks {', '.join(missing)}")


@lru_cache(maxsize=1)
def zone() -> Zone:
    """The zone of this installation, read once."""
    from django.conf import settings

    return read_zone(Path(settings.TWOPARKS_ZONE_FILE))
