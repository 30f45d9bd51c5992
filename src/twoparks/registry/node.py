"""Which park this process runs, from settings; tests may stand on both banks in one process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from twoparks.registry.zone import Park, ParkId, zone


@dataclass(frozen=True)
class Node:
    """One park's installation: its park, its peer, where its keys and gate folders live, where the peer answers."""

    park: Park
    peer: Park
    home: Path  # keys/, trust/, gates/
    peer_url: str
    origin: str  # public address of this node, part of every transport signature

    @property
    def id(self) -> ParkId:
        """The park's id."""
        return self.park.id


_standing: ContextVar[Node | None] = ContextVar("twoparks_node", default=None)


def this_node() -> Node:
    """The node this code acts for."""
    return _standing.get() or _from_settings()


@contextmanager
def stand_on(node: Node) -> Iterator[Node]:
    """Act for `node` inside the block (tests and simulations)."""
    token = _standing.set(node)
    try:
        yield node
    finally:
        _standing.reset(token)


def _from_settings() -> Node:
    from django.conf import settings

    park = zone().park(settings.TWOPARKS_PARK)
    return Node(
        park=park,
        peer=zone().peer_of(park.id),
        home=Path(settings.TWOPARKS_HOME),
        peer_url=settings.TWOPARKS_PEER_URL,
        origin=settings.TWOPARKS_ORIGIN,
    )
