"""Salted commitments: the tree holds only these, so a body can be erased and the log still verifies."""

from __future__ import annotations

import hashlib
import hmac

from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.tree import leaf_hash

SALT_BYTES = 32


class SaltRefused(LedgerRefusal):
    """A salt has the wrong length."""

    code = "salt_length"


def commit(salt: bytes, envelope: bytes) -> bytes:
    """SHA-256 of salt ‖ envelope: the 32 bytes that become a leaf. The salt is 32 random bytes."""
    if len(salt) != SALT_BYTES:
        raise SaltRefused(f"the salt has {len(salt)} bytes; {SALT_BYTES} random ones are needed")
    return hashlib.sha256(salt + envelope).digest()


def opens(commitment: bytes, salt: bytes, envelope: bytes) -> bool:
    """Whether salt and envelope are what the commitment was made of."""
    return len(salt) == SALT_BYTES and hmac.compare_digest(commit(salt, envelope), commitment)


def leaf_of(commitment: bytes) -> bytes:
    """The leaf hash the tree stores for a commitment."""
    return leaf_hash(commitment)
