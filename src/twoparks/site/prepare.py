"""`twoparks prepare`: what one node needs before it can start; safe to run again at any time."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.core.management import call_command

from twoparks.federation import actions as federation
from twoparks.federation import keys
from twoparks.registry.node import this_node
from twoparks.site.greeting import people


def prepare(argv: Sequence[str]) -> int:
    """Do one step: `base` (database, static files, keys), or `peer` (trust the park next door, demonstration data)."""
    parser = argparse.ArgumentParser(prog="twoparks prepare")
    parser.add_argument("step", choices=["base", "peer"])
    step = parser.parse_args(argv).step
    return _base() if step == "base" else _peer()


def _base() -> int:
    home = this_node().home
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    keys.ensure_keys(datetime.now(UTC))
    return 0


def _peer() -> int:
    """Both parks stand on one machine here: read the neighbour's public root and trust list from its folder.

    Between two machines an officer carries the root over: `twoparks keys root`, `twoparks keys trust FILE`.
    """
    node = this_node()
    folder = node.home.parent / node.peer.id / "keys"
    if not (folder / "root.json").exists():
        print(f"{node.id}: no keys of {node.peer.id} in {folder}; prepare its base first", file=sys.stderr)
        return 1
    keys.trust_peer_root((folder / "root.json").read_bytes())
    federation.take_trust((folder / "trust.json").read_bytes(), datetime.now(UTC))
    if settings.TWOPARKS_DEMONSTRATION != "none":
        from twoparks.site import demonstration

        demonstration.load()
        known = {a.username: ", ".join(a.roles) for a in demonstration.accounts(node.id)}
        print(people(demonstration.password(node.home), known))
    return 0
