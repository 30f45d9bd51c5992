"""Documents a node offers for its peer to pull, and what it does with those it pulls. Other apps add theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Publisher = Callable[[], bytes | None]  # None: nothing to show yet
Subscriber = Callable[[bytes, datetime], None]  # verifies and keeps; raises Refused when it is no good

OWN = frozenset(["inbox", "cosignature", "consistency", "frontier", "held", "returned"])
_publishers: dict[str, Publisher] = {}
_subscribers: dict[str, Subscriber] = {}


def publish(name: str, function: Publisher) -> None:
    """Serve what `function` returns at /federation/<name>."""
    if name in OWN:
        raise ValueError(f"/federation/{name} is the protocol's own; choose another name")
    _publishers[name] = function


def subscribe(name: str, function: Subscriber) -> None:
    """Give `function` the peer's /federation/<name> each time the worker has fetched it."""
    _subscribers[name] = function


def document(name: str) -> bytes | None:
    """What this node serves under `name` now; None when it serves nothing."""
    function = _publishers.get(name)
    return None if function is None else function()


def subscriptions() -> dict[str, Subscriber]:
    """Who waits for which of the peer's documents."""
    return dict(_subscribers)
