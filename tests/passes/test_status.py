"""Status lists: the draft's own bits, signed by the right key, never older than the one held."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.passes.scene import NOW, Zone

from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.ledger.trust import Trust, compromise, rotate
from twoparks.passes.cbor import decode, encode
from twoparks.passes.refusal import PassRefused
from twoparks.passes.status import TAG, StatusBits, StatusList, decode_and_verify, encode_status

ZONE = Zone()
TRUST = ZONE.trust
KEY = ZONE.north.keys[KeyPurpose.STATUS]


def listed(**changed: Any) -> StatusList:
    bits = StatusBits(1024)
    bits.set(7, 1)
    return replace(StatusList("north", 0, bits, NOW, NOW + timedelta(days=1), 900), **changed)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(PassRefused) as caught:
        act()
    return caught.value.refusal.code


def test_the_drafts_one_bit_example_comes_out() -> None:
    bits = StatusBits(16)
    for index, status in enumerate([1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]):
        bits.set(index, status)
    assert bytes(bits).hex() == "b9a3"
    assert zlib.compress(bytes(bits), 9).hex() == "78dadbb918000217015d"


def test_the_drafts_two_bit_example_comes_out() -> None:
    bits = StatusBits(12, 2)
    for index, status in enumerate([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]):
        bits.set(index, status)
    assert bytes(bits).hex() == "c944f9"


@given(st.sampled_from([1, 2]), st.data())
def test_setting_one_status_changes_no_other(width: int, draw: st.DataObject) -> None:
    bits = StatusBits(64, width)
    told = draw.draw(st.dictionaries(st.integers(0, 63), st.integers(0, 2**width - 1)))
    for index, status in told.items():
        bits.set(index, status)
    assert [bits.get(index) for index in range(64)] == [told.get(index, 0) for index in range(64)]


def test_a_status_can_be_taken_back() -> None:
    bits = StatusBits(8, 2)
    bits.set(3, 2)
    bits.set(3, 0)
    assert bytes(bits) == b"\0\0"


@pytest.mark.parametrize(("size", "width"), [(0, 1), (9, 1), (3, 2), (8, 4)])
def test_a_list_of_odd_size_is_refused(size: int, width: int) -> None:
    assert code_of(lambda: StatusBits(size, width)) == "status_size"


@pytest.mark.parametrize("index", [-1, 8])
def test_an_index_outside_the_list_is_refused(index: int) -> None:
    assert code_of(lambda: StatusBits(8).get(index)) == "status_index"


def test_a_status_that_does_not_fit_is_refused() -> None:
    assert code_of(lambda: StatusBits(8).set(0, 2)) == "status_value"


def test_a_signed_list_is_read_back_the_same() -> None:
    found = decode_and_verify(encode_status(listed(), KEY), TRUST, NOW)
    assert (bytes(found.statuses), found.issued_at, found.expires_at, found.ttl_s, found.number) == (
        bytes(listed().statuses),
        NOW,
        NOW + timedelta(days=1),
        900,
        0,
    )


def test_a_two_bit_list_is_read_back_the_same() -> None:
    bits = StatusBits(16, 2)
    bits.set(5, 2)
    found = decode_and_verify(encode_status(listed(statuses=bits), KEY), TRUST, NOW)
    assert found.statuses.get(5) == 2


def test_a_list_cannot_be_signed_with_another_purposes_key() -> None:
    assert code_of(lambda: encode_status(listed(), ZONE.north.keys[KeyPurpose.PASSES])) == "key_other_purpose"


def test_a_list_cannot_be_signed_by_the_other_park() -> None:
    assert code_of(lambda: encode_status(listed(), ZONE.south.keys[KeyPurpose.STATUS])) == "key_other_purpose"


def test_a_list_older_than_the_one_held_is_refused() -> None:
    held = decode_and_verify(encode_status(listed(), KEY), TRUST, NOW)
    older = encode_status(listed(issued_at=NOW - timedelta(seconds=1)), KEY)
    assert code_of(lambda: decode_and_verify(older, TRUST, NOW, held)) == "status_went_back"


def test_another_list_than_the_one_held_is_refused() -> None:
    held = decode_and_verify(encode_status(listed(), KEY), TRUST, NOW)
    other = encode_status(listed(number=1), KEY)
    assert code_of(lambda: decode_and_verify(other, TRUST, NOW, held)) == "status_other_list"


def test_a_newer_list_takes_the_place_of_the_one_held() -> None:
    held = decode_and_verify(encode_status(listed(), KEY), TRUST, NOW)
    newer = encode_status(listed(issued_at=NOW + timedelta(seconds=1)), KEY)
    assert decode_and_verify(newer, TRUST, NOW, held).issued_at > held.issued_at


def test_a_list_past_its_end_is_refused() -> None:
    raw = encode_status(listed(), KEY)
    assert code_of(lambda: decode_and_verify(raw, TRUST, NOW + timedelta(days=1))) == "status_expired"


def test_a_list_by_an_unknown_key_is_refused() -> None:
    stranger = KeyPair.generate(KeyPurpose.STATUS, "north", NOW)
    assert code_of(lambda: decode_and_verify(encode_status(listed(), stranger), TRUST, NOW)) == "key_unknown"


def test_a_list_by_a_compromised_key_is_refused() -> None:
    trust = Trust.of(compromise(ZONE.north.trust_list(), KEY.kid, NOW))
    assert code_of(lambda: decode_and_verify(encode_status(listed(), KEY), trust, NOW)) == "key_compromised"


def test_a_list_by_a_retired_key_counts_until_the_date_given() -> None:
    new = KeyPair.generate(KeyPurpose.STATUS, "north", NOW).public
    trust = Trust.of(rotate(ZONE.north.trust_list(), new, NOW, NOW + timedelta(hours=4)))
    raw = encode_status(listed(), KEY)
    assert decode_and_verify(raw, trust, NOW + timedelta(hours=3)).kid == KEY.kid
    assert code_of(lambda: decode_and_verify(raw, trust, NOW + timedelta(hours=4))) == "key_retired"


def forged(
    claims: dict[Any, Any] | None = None, header: dict[Any, Any] | None = None, key: KeyPair = KEY
) -> bytes:
    """A list properly signed over whatever claims and header are given."""
    body = decode(encode_status(listed(), KEY)[len(TAG) :])
    assert isinstance(body, list)
    said, named = decode(body[2]), decode(body[0])
    assert isinstance(said, dict)
    assert isinstance(named, dict)
    payload, protected = encode({**said, **(claims or {})}), encode({**named, **(header or {})})
    return TAG + encode([protected, {}, payload, key.sign(encode(["Signature1", protected, b"", payload]))])


BOMB = zlib.compress(bytes(1 << 21), 9)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        TAG + encode([1]),
        TAG + encode([b"", {1: 1}, b"", b""]),
        TAG + encode(["", {}, b"", b""]),
        forged(claims={99: 1}),
        forged(claims={2: "urn:twoparks:status:south:0"}),
        forged(claims={2: "urn:twoparks:status:north:-1"}),
        forged(claims={2: 7}),
        forged(claims={4: "late"}),
        forged(claims={4: 1, 6: 2}),
        forged(claims={65533: {"bits": 4, "lst": b""}}),
        forged(claims={65533: {"bits": 1}}),
        forged(claims={65533: {"bits": 1, "lst": b"not zlib"}}),
        forged(claims={65533: {"bits": 1, "lst": BOMB}}),
        forged(claims={65533: {"bits": 1, "lst": zlib.compress(b"")}}),
        forged(claims={65533: {"bits": 1, "lst": zlib.compress(b"a") + b"b"}}),
        forged(claims={65533: {"bits": "1", "lst": zlib.compress(b"a")}}),
        forged(claims={65533: {"bits": 8, "lst": zlib.compress(b"a")}}),
        forged(claims={65533: {"bits": 1, "lst": "text"}}),
        forged(claims={65533: 1}),
        forged(header={4: "key"}),
        TAG + encode({0: 1, 1: 1, 2: 1, 3: 1}),
        TAG + encode([encode([1, 4, 16]), {}, b"", b""]),
        TAG + bytes(1 << 20),
        forged(header={1: -8}),
        forged(header={16: "application/statuslist+jwt"}),
        forged(header={3: 0}),
    ],
)
def test_a_list_of_another_shape_is_refused(raw: bytes) -> None:
    assert code_of(lambda: decode_and_verify(raw, TRUST, NOW)) == "status_malformed"


def test_a_list_signed_by_a_pass_key_is_refused() -> None:
    key = ZONE.north.keys[KeyPurpose.PASSES]
    raw = forged(header={4: key.public.kid_bytes}, key=key)
    assert code_of(lambda: decode_and_verify(raw, TRUST, NOW)) == "key_other_purpose"


@given(st.data())
def test_no_byte_of_a_list_can_be_changed(draw: st.DataObject) -> None:
    raw = bytearray(encode_status(listed(), KEY))
    raw[draw.draw(st.integers(0, len(raw) - 1))] ^= draw.draw(st.integers(1, 255))
    with pytest.raises(PassRefused):
        decode_and_verify(bytes(raw), TRUST, NOW)


def test_claims_that_are_no_map_are_refused() -> None:
    body = decode(encode_status(listed(), KEY)[len(TAG) :])
    assert isinstance(body, list)
    payload = encode([2, 4, 6, 65533, 65534])
    signed = KEY.sign(encode(["Signature1", body[0], b"", payload]))
    raw = TAG + encode([body[0], {}, payload, signed])
    assert code_of(lambda: decode_and_verify(raw, TRUST, NOW)) == "status_malformed"


def test_a_list_past_its_end_is_stale_however_young() -> None:
    assert (
        listed(expires_at=NOW + timedelta(seconds=5)).freshness(NOW + timedelta(seconds=5), 900, 14400)
        == "stale"
    )


@pytest.mark.parametrize(
    ("age_s", "word"),
    [
        (-61, "future"),
        (-60, "fresh"),
        (0, "fresh"),
        (900, "fresh"),
        (901, "ageing"),
        (14400, "ageing"),
        (14401, "stale"),
    ],
)
def test_a_list_ages_by_the_limits_given(age_s: int, word: str) -> None:
    held = listed(issued_at=NOW - timedelta(seconds=age_s))
    assert held.freshness(NOW, 900, 14400) == word
