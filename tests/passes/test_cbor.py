"""Deterministic CBOR: our reader against the library's writer, and every other form refused."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoparks.passes.cbor import Item, decode, encode
from twoparks.passes.refusal import PassRefused

KEYS = st.integers(0, 2**32) | st.text(max_size=5)
ITEMS = st.recursive(
    st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=30) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=6,
)


def deep(item: Item) -> int:
    if isinstance(item, dict):
        return 1 + max(map(deep, item.values()), default=0)
    return 1 + max(map(deep, item), default=0) if isinstance(item, list) else 0


@given(ITEMS)
def test_what_the_library_writes_is_read_back_the_same(item: Item) -> None:
    if deep(item) <= 6 and not _mixed(item):
        assert decode(encode(item)) == item


def _mixed(item: Item) -> bool:
    """Maps whose keys the two sorting rules (by length first, by bytes) order differently are not used in passes."""
    if isinstance(item, dict):
        keys = [cbor2.dumps(key) for key in item]
        return sorted(keys) != sorted(keys, key=lambda k: (len(k), k)) or any(map(_mixed, item.values()))
    return any(map(_mixed, item)) if isinstance(item, list) else False


@given(st.binary(max_size=40))
def test_whatever_is_read_has_no_other_encoding(raw: bytes) -> None:
    try:
        item = decode(raw)
    except PassRefused:
        return
    if not _mixed(item):
        assert encode(item) == raw


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("1817", "not_deterministic"),  # 23 in two bytes
        ("190017", "not_deterministic"),
        ("1900ff", "not_deterministic"),
        ("1a0000ffff", "not_deterministic"),
        ("1b00000000ffffffff", "not_deterministic"),
        ("a202010101", "not_deterministic"),  # keys out of order
        ("a201010102", "not_deterministic"),  # key twice
        ("0000", "trailing_bytes"),
        ("9f01ff", "malformed"),  # indefinite length
        ("5f4101ff", "malformed"),
        ("c11a00000000", "malformed"),  # tag
        ("f5", "malformed"),  # true
        ("f6", "malformed"),  # null
        ("fb3ff8000000000000", "malformed"),  # float
        ("1c" + "ff" * 16, "malformed"),
        ("bbffffffffffffffff", "malformed"),
        ("61ff", "malformed"),  # not UTF-8
        ("4401", "malformed"),  # too short
        ("9bffffffffffffffff", "malformed"),
        ("", "malformed"),
        ("18", "malformed"),
        ("a1810101", "malformed"),  # a list as key
        ("81" * 9 + "00", "malformed"),  # too deep
    ],
)
def test_every_other_form_is_refused(raw: str, code: str) -> None:
    with pytest.raises(PassRefused) as caught:
        decode(bytes.fromhex(raw))
    assert caught.value.refusal.code == code
