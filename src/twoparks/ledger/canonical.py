"""RFC 8785 canonical JSON: one byte string for one meaning, and a reader that accepts nothing else."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NoReturn

import rfc8785

from twoparks.ledger.refusal import LedgerRefusal

# Acts are JSON whose shape each contract states; here only "an object" is known, hence Any.
JsonObject = dict[str, Any]

MAX_DEPTH = 32
_EXACT = 2**53 - 1  # the largest whole number RFC 8785 writes
_PLAIN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


class NotCanonical(LedgerRefusal):
    """The bytes are not RFC 8785 JSON of the allowed kind."""

    code = "not_canonical"


def canonical(value: Mapping[str, Any] | list[Any]) -> bytes:
    """RFC 8785 bytes of `value`; raises NotCanonical on floats, large integers, odd keys or deep nesting."""
    if _is_plain(value, 0):
        with suppress(UnicodeEncodeError):  # a lone surrogate: rfc8785 says what is wrong with it
            return _PLAIN.encode(value).encode("utf-8")
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise NotCanonical(f"cannot be written as canonical JSON: {error}") from error


def digest(value: Mapping[str, Any] | list[Any]) -> bytes:
    """SHA-256 of the canonical bytes of `value`."""
    return hashlib.sha256(canonical(value)).digest()


def parse(raw: bytes) -> JsonObject:
    """The object `raw` stands for; raises NotCanonical unless `raw` is exactly its canonical form."""
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_without_repeats,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"is not JSON in UTF-8: {error}") from error
    if not isinstance(value, dict):
        raise NotCanonical(f"is a JSON {type(value).__name__}; an object was expected")
    if canonical(value) != raw:
        raise NotCanonical("is JSON but not in RFC 8785 form (order of keys, spaces, escapes)")
    return value


def instant(moment: datetime) -> str:
    """`moment` in UTC to the second, as acts write it: 2026-11-22T08:00:00Z."""
    if moment.tzinfo is None:
        raise NotCanonical(f"{moment.isoformat()} has no time zone; pass an aware datetime")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_instant(text: object) -> datetime:
    """The moment `text` names; raises NotCanonical unless it looks like 2026-11-22T08:00:00Z."""
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise NotCanonical(f"{text!r} is not an instant; write it like 2026-11-22T08:00:00Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise NotCanonical(f"{text!r} names a moment that does not exist") from error


def base64url(raw: bytes) -> str:
    """Unpadded base64url."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def read_base64url(text: object) -> bytes:
    """The bytes of unpadded base64url; raises NotCanonical on padding, other letters or loose bits."""
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise NotCanonical(f"{text!r} is not unpadded base64url")
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(raw) != text:
        raise NotCanonical(f"{text!r} is base64url with loose bits at its end")
    return raw


def _is_plain(value: object, depth: int) -> bool:
    """Whether the C encoder of `json` writes `value` as RFC 8785 does; raises NotCanonical on what no act may hold.

    The two differ only in numbers beyond 2^53, in keys sorted by UTF-16 and in types `json` does not know.
    """
    if depth > MAX_DEPTH:
        raise NotCanonical(f"is nested deeper than {MAX_DEPTH} levels")
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return -_EXACT <= value <= _EXACT  # type: ignore[operator]  # `kind` says that it is an int
    if isinstance(value, float):
        raise NotCanonical(f"{value!r} is a float; write a whole number of the smallest unit")
    plain = kind is dict or kind is list or kind is tuple
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise NotCanonical(f"{key!r} is not a text key")
            plain = _is_plain(inner, depth + 1) and key.isascii() and plain
    elif isinstance(value, list | tuple):
        for inner in value:
            plain = _is_plain(inner, depth + 1) and plain
    return plain


def _without_repeats(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise NotCanonical(f"the key {repeated!r} appears twice")
    return found


def _no_float(text: str) -> NoReturn:
    raise NotCanonical(f"{text} is not a whole number; floats, NaN and infinities have no place in an act")
