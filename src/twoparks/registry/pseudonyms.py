"""Pseudonyms made at this node: stable for one user here, meaningless anywhere else."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from twoparks.registry.models import User
from twoparks.registry.node import this_node

_FILE = "pseudonym_key"


def pseudonym(user: User) -> str:
    """'p-' and 16 hexadecimal digits, keyed by a secret that never leaves the node's home."""
    key = _key(this_node().home)
    return "p-" + hmac.new(key, f"user:{user.pk}".encode(), hashlib.sha256).hexdigest()[:16]


def pairwise(person: str) -> str:
    """'h-' and 16 hexadecimal digits: what the other park calls a person of this one. Another park would get another."""
    node = this_node()
    said = f"person:{node.peer.id}:{person}".encode()
    return "h-" + hmac.new(_key(node.home), said, hashlib.sha256).hexdigest()[:16]


@lru_cache(maxsize=64)
def _key(home: Path) -> bytes:
    path = home / "keys" / _FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink:
            sink.write(secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):  # another process of this node made it first
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()
