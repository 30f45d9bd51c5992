"""Random ids for this node's records; a demonstration may have them come out the same each time."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from twoparks.registry.node import this_node

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
_chance: ContextVar[random.Random] = ContextVar("twoparks_ids")


def random_id(kind: str) -> str:
    """'<park>-<kind>-' and 12 random letters; 60 bits, no two alike in practice."""
    chance = _chance.get(None) or secrets.SystemRandom()
    return f"{this_node().id}-{kind}-" + "".join(chance.choice(_ALPHABET) for _unused in range(12))


@contextmanager
def seeded(chance: random.Random) -> Iterator[None]:
    """Take the letters of ids from `chance` inside the block. For fictitious records alone: such ids can be foreseen."""
    token = _chance.set(chance)
    try:
        yield
    finally:
        _chance.reset(token)
