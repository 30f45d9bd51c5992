"""Where each park's node lives on this machine: its folder, its address, its environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twoparks.registry.zone import Zone, read_zone

CERTIFICATE = Path("https") / "certificate.pem"
DEMONSTRATIONS = ("none", "small", "full")
PLAYED_IN = ".demonstration"  # folder beside the homes while a history is played; gone once it is in place
ZONE_FILE = Path(__file__).parent / "zones" / "hetao.yaml"


@dataclass(frozen=True)
class Place:
    """One node on this machine."""

    park: str
    home: Path
    host: str
    port: int
    scheme: str

    @property
    def origin(self) -> str:
        """Public address, without a trailing slash."""
        return f"{self.scheme}://{self.host}:{self.port}"


def zone_file() -> Path:
    """The zone file of this installation."""
    return Path(os.environ.get("TWOPARKS_ZONE_FILE", ZONE_FILE))


def places(var: Path, ports: Mapping[str, int] | None = None, scheme: str | None = None) -> dict[str, Place]:
    """Every park's place under `var`: as given, else as it last ran there, else as the zone file says."""
    zone: Zone = read_zone(zone_file())
    ran = _as_it_ran(var)
    chosen = {**{park.id: park.port for park in zone.parks.values()}, **ran.get("ports", {}), **(ports or {})}
    how = scheme or ran.get("scheme", "http")
    return {
        str(park.id): Place(str(park.id), var / park.id, "localhost", chosen[park.id], how)
        for park in sorted(zone.parks.values(), key=lambda park: park.port)
    }


def remember(var: Path, known: Mapping[str, Place]) -> None:
    """Write down where the parks run, so that a command given later finds them there."""
    var.mkdir(parents=True, exist_ok=True)
    fresh = var / ".places.json"
    ports = {place.park: place.port for place in known.values()}
    fresh.write_text(json.dumps({"ports": ports, "scheme": next(iter(known.values())).scheme}))
    fresh.replace(var / "places.json")


def _as_it_ran(var: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((var / "places.json").read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return found


def demonstration() -> str:
    """How much fictitious content parks get at first start: `none`, `small` (people, projects), `full` (their history too)."""
    if not read_zone(zone_file()).demonstration:
        return "none"
    wanted = os.environ.get("TWOPARKS_DEMONSTRATION", "full")
    if wanted not in DEMONSTRATIONS:
        raise SystemExit(f"TWOPARKS_DEMONSTRATION={wanted}: use one of {', '.join(DEMONSTRATIONS)}")
    return wanted


def environment(place: Place, peer: Place) -> dict[str, str]:
    """Environment of a process of this node; what the caller's environment already says about it wins."""
    made = {
        "TWOPARKS_PARK": place.park,
        "TWOPARKS_HOME": str(place.home.resolve()),
        "TWOPARKS_ORIGIN": place.origin,
        "TWOPARKS_PEER_URL": peer.origin,
        "TWOPARKS_DEMONSTRATION": demonstration(),
        "DJANGO_SETTINGS_MODULE": "twoparks.site.settings",
    }
    if place.scheme == "https":  # one certificate made here, for both parks
        made["SSL_CERT_FILE"] = str(place.home.resolve().parent / CERTIFICATE)
    return {
        **made,
        **{
            k: os.environ[k]
            for k in made
            if k in os.environ and os.environ.get("TWOPARKS_PARK") == place.park
        },
    }


def enter(park: str, var: Path) -> None:
    """Make this process act for `park`: environment, then Django. Exits with 64 when there is no such park."""
    known = places(var)
    if park not in known:
        raise SystemExit(f"--park {park}: not a park of this zone; use one of {', '.join(known)}")
    peer = next(p for p in known.values() if p.park != park)
    os.environ.update(environment(known[park], peer))
    import django

    django.setup()


def prepared() -> bool:
    """Whether the park this process acts for has been prepared: keys, and the tables of its database."""
    from django.db import connection

    from twoparks.registry.node import this_node

    if not (this_node().home / "keys" / "trust.json").exists():
        return False
    return "federation_act" in connection.introspection.table_names()
