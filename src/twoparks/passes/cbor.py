"""Deterministic CBOR (RFC 8949 4.2): the one encoding of a value, and a reader that accepts no other.

The reader is our own because a general one decodes tags, floats and unbounded numbers that no pass holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import cbor2

from twoparks.passes.refusal import PassRefused, refuse

Item: TypeAlias = int | bytes | str | Sequence["Item"] | Mapping[int | str, "Item"]

MAX_DEPTH = 6
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP = range(6)


def encode(item: Item) -> bytes:
    """The deterministic encoding of `item`; map keys must be whole numbers below 2^64 or texts."""
    return cbor2.dumps(item, canonical=True)


def decode(raw: bytes) -> Item:
    """The item `raw` encodes; raises PassRefused (`malformed`, `not_deterministic`, `trailing_bytes`)."""
    reader = _Reader(raw)
    try:
        item = reader.item(0)
    except (IndexError, UnicodeDecodeError) as error:
        raise _malformed("ends too early or holds text that is not UTF-8") from error
    if reader.place != len(raw):
        raise refuse("trailing_bytes", f"{len(raw) - reader.place} bytes follow where the item ends")
    return item


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.place = 0

    def item(self, depth: int) -> Item:
        if depth > MAX_DEPTH:
            raise _malformed(f"is nested deeper than {MAX_DEPTH} levels")
        first = self.raw[self.place]
        self.place += 1
        kind, number = first >> 5, self._number(first & 0x1F)
        if kind == _UNSIGNED:
            return number
        if kind == _NEGATIVE:
            return -1 - number
        if kind == _BYTES:
            return self._take(number)
        if kind == _TEXT:
            return self._take(number).decode("utf-8")
        if kind == _ARRAY:
            return [self.item(depth + 1) for _ in range(number)]
        if kind == _MAP:
            return self._map(number, depth)
        raise _malformed("holds a tag, float or simple value where none may stand")

    def _number(self, short: int) -> int:
        if short < 24:
            return short
        if short > 27:
            raise _malformed("uses an indefinite or reserved length")
        width = 1 << (short - 24)
        number = int.from_bytes(self._take(width), "big")
        if number < 24 or (number >> (4 * width) == 0 and width > 1):
            raise refuse("not_deterministic", "a number is written longer than it needs to be")
        return number

    def _take(self, length: int) -> bytes:
        end = self.place + length
        if end > len(self.raw):
            raise _malformed("ends too early")
        taken, self.place = self.raw[self.place : end], end
        return taken

    def _map(self, count: int, depth: int) -> dict[int | str, Item]:
        found: dict[int | str, Item] = {}
        last = b""
        for _ in range(count):
            start = self.place
            key = self.item(depth + 1)
            encoded = self.raw[start : self.place]
            if not isinstance(key, int | str):
                raise _malformed("has a map key that is neither number nor text")
            if encoded <= last:
                raise refuse("not_deterministic", "map keys are repeated or out of order")
            last = encoded
            found[key] = self.item(depth + 1)
        return found


def _malformed(why: str) -> PassRefused:
    return refuse("malformed", f"the CBOR {why}")
