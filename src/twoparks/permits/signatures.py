"""Whether a signature under a permit still serves: pass keys are given up and retired while permits are in force. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from twoparks.ledger.canonical import read_base64url
from twoparks.ledger.keys import PublicKey
from twoparks.ledger.trust import Trust, TrustList
from twoparks.passes.cose import key_named
from twoparks.permits.types import Signature


def signed_with(signature: Signature) -> str:
    """The name of the key a stored signature is by."""
    return key_named(read_base64url(signature.part))


def serves(signature: Signature, trust_list: TrustList, until: datetime) -> bool:
    """Whether the key behind a stored signature opens gates until the permit ends."""
    key = trust_list.key(signed_with(signature))
    return key is not None and outlasts(key, until)


def outlasts(key: PublicKey, until: datetime) -> bool:
    """Whether `key` vouches up to `until`: active, or retired and verifying that long."""
    if key.status == "active":
        return True
    return key.status == "retired" and key.verify_until is not None and key.verify_until >= until


def as_known_at(trust: Trust, park: str, moment: datetime) -> Trust:
    """Trust in which the keys of `park` that were good at `moment` still are."""
    theirs = trust.lists[park]
    keys = tuple(_as_known_at(key, moment) for key in theirs.keys)
    return Trust({**trust.lists, park: replace(theirs, keys=keys)})


def _as_known_at(key: PublicKey, moment: datetime) -> PublicKey:
    if key.refusal_of_dated(moment, logged=True) is not None:
        return key
    return replace(key, status="active", retired_at=None, compromised_at=None, verify_until=None)
