"""What `twoparks run` says when both parks answer: where they are, who can sign in, what to try first."""

from __future__ import annotations

from collections.abc import Mapping

from twoparks.registry.zone import read_zone
from twoparks.site.places import Place, zone_file

FIRST = """what to look at first: {north}/begin/

what to try first
  1. sign in at {north} as {lab}, open the project, declare samples; or
     .venv/bin/twoparks declare examples/samples-to-hong-kong.yaml --park {park} --as {lab}
  2. sign in at both parks as their officers (both at once is fine), decide and clear
  3. scan the permit's code at the gate page: exit on one bank, entry on the other
Ctrl-C stops both parks; nothing is lost."""


def people(home_password: str, accounts: Mapping[str, str]) -> str:
    """One park's demonstration accounts, as `prepare` prints them for the greeting."""
    lines = [f"    {name:<22} {roles}" for name, roles in accounts.items()]
    return "\n".join([f"  password {home_password}", *lines])


def greeting(all_places: Mapping[str, Place], people_of: Mapping[str, str]) -> str:
    """The words printed at start; everyone named in them is fictitious."""
    zone = read_zone(zone_file())
    lines = [""]
    for place in all_places.values():
        lines += [f"{zone.park(place.park).name['en']}: {place.origin}", people_of[place.park], ""]
    north = next(p for p in all_places.values() if zone.park(p.park).side == "north")
    lab = people_of[north.park].splitlines()[1].split()[0] if people_of[north.park] else "your account"
    lines.append(FIRST.format(north=north.origin, lab=lab, park=north.park))
    return "\n".join(lines)
