"""Text that may name a person, kept out of addresses: sealed with a key of this node, so that no history, log or referrer says it."""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

MARK = "~"  # no word that is looked for begins with it


def sealed(text: str) -> str:
    """The text as an address may carry it: the same text always alike, so that addresses can be compared."""
    raw = _key().encrypt(text.encode(), None)
    return MARK + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def opened(text: str) -> str:
    """What was sealed here; any other text, typed into an address by hand or sealed elsewhere, as it stands."""
    if not text.startswith(MARK):
        return text
    try:
        raw = base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
        return _key().decrypt(raw, None).decode()
    except (binascii.Error, ValueError, InvalidTag):
        return text


def _key() -> AESSIV:
    return AESSIV(hashlib.sha256(b"twoparks.lists " + settings.SECRET_KEY.encode()).digest())
