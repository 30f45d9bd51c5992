"""Two signatures over the same bytes: every way to have fewer, tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.passes.scene import NORTH, NOW, SOUTH, Zone

from twoparks.ledger.keys import P256_ORDER, KeyPair, KeyPurpose
from twoparks.ledger.trust import Trust, compromise, rotate
from twoparks.passes.cbor import decode, encode
from twoparks.passes.cose import (
    CONTEXT,
    TAG,
    Verified,
    assemble,
    sign_part,
    verify,
    verify_part,
    verify_signatures,
)
from twoparks.passes.refusal import PassRefused, Refusal

ZONE = Zone()
TRUST = ZONE.trust
CLAIMS = ZONE.claims().encode()
GOOD = ZONE.pass_bytes()


def taken_apart(raw: bytes = GOOD) -> list[Any]:
    body = decode(raw[len(TAG) :])
    assert isinstance(body, list)
    return body


def rebuilt(change: Callable[[list[Any]], object]) -> bytes:
    body = taken_apart()
    change(body)
    return TAG + encode(body)


def code_of(raw: bytes, trust: Trust = TRUST) -> str:
    found = verify(raw, trust, NOW)
    assert isinstance(found, Refusal), "the pass was believed"
    return found.code


def raw_part(key: KeyPair, protected: bytes, claims: bytes = CLAIMS) -> list[Any]:
    signed = encode(["Signature", b"", protected, CONTEXT, claims])
    return [protected, {}, key.sign(signed)]


def header(key: KeyPair, **more: Any) -> bytes:
    return encode({1: -7, 4: key.public.kid_bytes, **more})


def test_a_pass_both_parks_signed_is_verified() -> None:
    found = verify(GOOD, TRUST, NOW)
    assert isinstance(found, Verified)
    assert found.claims == ZONE.claims()


def test_the_keys_are_named_exit_side_first() -> None:
    found = verify(GOOD, TRUST, NOW)
    assert isinstance(found, Verified)
    assert [key.park for key in found.keys] == ["north", "south"]


def test_both_parks_assemble_the_same_bytes_from_the_same_parts() -> None:
    parts = ZONE.parts(CLAIMS)
    assert assemble(CLAIMS, parts) == assemble(CLAIMS, dict(reversed(parts.items())))


def test_a_pass_with_the_second_signature_zeroed_is_refused() -> None:
    assert code_of(rebuilt(lambda body: body[3][1].__setitem__(2, bytes(64)))) == "signature_zeroed"


def test_a_pass_with_the_first_signature_zeroed_is_refused() -> None:
    assert code_of(rebuilt(lambda body: body[3][0].__setitem__(2, bytes(64)))) == "signature_zeroed"


@pytest.mark.parametrize("gone", [0, 1])
def test_a_pass_with_one_signature_is_refused(gone: int) -> None:
    assert code_of(rebuilt(lambda body: body[3].pop(gone))) == "signature_missing"


def test_a_pass_without_signatures_is_refused() -> None:
    assert code_of(rebuilt(lambda body: body[3].clear())) == "signature_missing"


@pytest.mark.parametrize(("kept", "put"), [(0, 1), (1, 0)])
def test_a_pass_with_one_signature_copied_over_the_other_is_refused(kept: int, put: int) -> None:
    assert code_of(rebuilt(lambda body: body[3].__setitem__(put, body[3][kept]))) == "signature_copied"


def test_a_pass_with_one_park_signing_twice_with_two_keys_is_refused() -> None:
    second = KeyPair.generate(KeyPurpose.PASSES, "north", NOW - timedelta(days=3))
    north = rotate(ZONE.north.trust_list(), second.public, NOW, NOW + timedelta(days=9))
    trust = Trust.of(north, ZONE.south.trust_list())
    part = decode(sign_part(CLAIMS, second))
    assert code_of(rebuilt(lambda body: body[3].__setitem__(1, part)), trust) == "key_other_park"


def test_a_pass_with_its_signatures_in_the_other_order_is_refused() -> None:
    assert code_of(rebuilt(lambda body: body[3].reverse())) == "key_other_park"


def test_a_third_signature_is_refused() -> None:
    assert code_of(rebuilt(lambda body: body[3].append(body[3][0]))) == "signature_extra"


def test_a_signature_by_another_purposes_key_is_refused() -> None:
    key = ZONE.south.keys[KeyPurpose.STATUS]
    part = raw_part(key, header(key))
    assert code_of(rebuilt(lambda body: body[3].__setitem__(1, part))) == "key_other_purpose"


def test_a_signature_by_an_unknown_key_is_refused() -> None:
    key = KeyPair.generate(KeyPurpose.PASSES, "south", NOW)
    part = raw_part(key, header(key))
    assert code_of(rebuilt(lambda body: body[3].__setitem__(1, part))) == "key_unknown"


def test_a_signature_by_a_retired_key_counts_until_its_last_pass_ends() -> None:
    new = KeyPair.generate(KeyPurpose.PASSES, "south", NOW)
    south = rotate(ZONE.south.trust_list(), new.public, NOW, NOW + timedelta(hours=1))
    trust = Trust.of(ZONE.north.trust_list(), south)
    assert isinstance(verify(GOOD, trust, NOW), Verified)


def test_a_signature_by_a_retired_key_past_its_last_pass_is_refused() -> None:
    new = KeyPair.generate(KeyPurpose.PASSES, "south", NOW)
    south = rotate(ZONE.south.trust_list(), new.public, NOW - timedelta(hours=2), NOW)
    assert code_of(GOOD, Trust.of(ZONE.north.trust_list(), south)) == "key_retired"


def test_a_signature_by_a_compromised_key_is_refused() -> None:
    south = compromise(ZONE.south.trust_list(), ZONE.south.keys[KeyPurpose.PASSES].kid, NOW)
    assert code_of(GOOD, Trust.of(ZONE.north.trust_list(), south)) == "key_compromised"


def test_a_signature_by_a_key_not_yet_valid_is_refused() -> None:
    key = replace(ZONE.south.keys[KeyPurpose.PASSES].public, valid_from=NOW + timedelta(hours=1))
    trust = Trust.of(ZONE.north.trust_list(), ZONE.south.trust_list(passes=key))
    assert code_of(GOOD, trust) == "key_not_yet_valid"


def test_a_pass_of_a_park_that_is_not_trusted_is_refused() -> None:
    assert code_of(GOOD, Trust.of(ZONE.north.trust_list())) == "park_unknown"


@pytest.mark.parametrize("changed", [{"uses": 2}, {"terms_digest": bytes(16)}, {"version": 2}])
def test_signatures_over_other_terms_are_refused(changed: dict[str, Any]) -> None:
    other = ZONE.claims(**changed).encode()
    assert code_of(rebuilt(lambda body: body.__setitem__(2, other))) == "signature_false"


def test_one_park_signing_other_terms_is_refused() -> None:
    other = ZONE.claims(uses=2).encode()
    parts = {**ZONE.parts(CLAIMS), SOUTH: ZONE.parts(other)[SOUTH]}
    assert code_of(assemble(CLAIMS, parts)) == "signature_false"


def test_a_signature_in_its_second_form_is_refused() -> None:
    def flip(body: list[Any]) -> None:
        r, s = body[3][0][2][:32], int.from_bytes(body[3][0][2][32:], "big")
        body[3][0][2] = r + (P256_ORDER - s).to_bytes(32, "big")

    assert code_of(rebuilt(flip)) == "signature_high_s"


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    assert code_of(rebuilt(lambda body: body[3][1].__setitem__(2, b"\1" * length))) == "signature_length"


def test_trailing_bytes_are_refused() -> None:
    assert code_of(GOOD + b"\0") == "trailing_bytes"


@pytest.mark.parametrize("alg", [-8, -35, 5, "ES256", None])
def test_another_algorithm_is_refused(alg: object) -> None:
    key = ZONE.south.keys[KeyPurpose.PASSES]
    said: dict[Any, Any] = {4: key.public.kid_bytes} if alg is None else {1: alg, 4: key.public.kid_bytes}
    part = raw_part(key, encode(said))
    assert code_of(rebuilt(lambda body: body[3].__setitem__(1, part))) == "algorithm_other"


def test_an_unprotected_header_in_a_signature_is_refused() -> None:
    assert code_of(rebuilt(lambda body: body[3][1].__setitem__(1, {4: b"x" * 8}))) == "header_refused"


def test_an_unprotected_header_around_the_claims_is_refused() -> None:
    assert code_of(rebuilt(lambda body: body.__setitem__(1, {1: -7}))) == "header_refused"


def test_a_protected_header_around_the_claims_is_refused() -> None:
    assert code_of(rebuilt(lambda body: body.__setitem__(0, encode({1: -7})))) == "header_refused"


def test_one_header_more_in_a_good_signature_is_refused() -> None:
    key = ZONE.south.keys[KeyPurpose.PASSES]
    part = raw_part(key, encode({1: -7, 3: 0, 4: key.public.kid_bytes}))
    assert code_of(rebuilt(lambda body: body[3].__setitem__(1, part))) == "header_refused"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ([header(ZONE.south.keys[KeyPurpose.PASSES]), {}], "malformed"),
        ([header(ZONE.south.keys[KeyPurpose.PASSES]), {}, b"", b""], "malformed"),
        ([header(ZONE.south.keys[KeyPurpose.PASSES]), {}, "signature"], "malformed"),
        ([encode([1, -7]), {}, bytes(64)], "algorithm_other"),
        ([encode({1: -7, 4: "key name"}), {}, bytes(64)], "header_refused"),
        ([encode({1: -7, 4: b"x" * 9}), {}, bytes(64)], "header_refused"),
        ([encode({1: -7}), {}, bytes(64)], "header_refused"),
    ],
)
def test_a_signature_of_another_shape_is_refused(part: list[Any], code: str) -> None:
    assert code_of(rebuilt(lambda body: body[3].__setitem__(1, part))) == code


def test_a_signature_made_for_another_context_is_refused() -> None:
    key = ZONE.south.keys[KeyPurpose.PASSES]
    protected = header(key)
    part = [protected, {}, key.sign(encode(["Signature", b"", protected, b"", CLAIMS]))]
    assert code_of(rebuilt(lambda body: body[3].__setitem__(1, part))) == "signature_false"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        TAG,
        TAG + encode([1]),
        TAG + encode({}),
        TAG + encode([b"", {}, CLAIMS, 7]),
        TAG + encode([b"", {}, "claims", []]),
        TAG + encode([b"", {}, CLAIMS, [1, 2]]),
        TAG + encode([b"", {}, CLAIMS, [[1, {}, b""], [1, {}, b""]]]),
        b"\xd2" + GOOD[2:],
    ],
)
def test_bytes_that_are_no_pass_are_refused(raw: bytes) -> None:
    assert code_of(raw) == "malformed"


def test_a_pass_longer_than_any_is_not_even_read() -> None:
    assert code_of(TAG + bytes(600)) == "too_long"


def test_a_pass_before_its_time_is_refused() -> None:
    assert code_of(ZONE.pass_bytes(valid_from=NOW + timedelta(seconds=1))) == "not_yet_valid"


def test_a_pass_ends_at_the_second_it_names() -> None:
    assert code_of(ZONE.pass_bytes(valid_until=NOW)) == "expired"


def test_an_expired_pass_still_shows_whose_it_is() -> None:
    found = verify_signatures(ZONE.pass_bytes(valid_until=NOW), TRUST, NOW)
    assert isinstance(found, Verified)


def test_the_peers_part_is_verified_over_ones_own_bytes() -> None:
    found = verify_part(CLAIMS, ZONE.parts(CLAIMS)[SOUTH], SOUTH, TRUST, NOW)
    assert found == ZONE.south.keys[KeyPurpose.PASSES].public


@pytest.mark.parametrize(("park", "code"), [(NORTH, "key_other_park"), (9, "park_unknown")])
def test_the_peers_part_under_another_parks_number_is_refused(park: int, code: str) -> None:
    found = verify_part(CLAIMS, ZONE.parts(CLAIMS)[SOUTH], park, TRUST, NOW)
    assert isinstance(found, Refusal)
    assert found.code == code


def test_the_peers_part_over_other_claims_is_refused() -> None:
    other = ZONE.claims(version=2).encode()
    found = verify_part(CLAIMS, ZONE.parts(other)[SOUTH], SOUTH, TRUST, NOW)
    assert isinstance(found, Refusal)
    assert found.code == "signature_false"


def test_a_pass_cannot_be_assembled_from_one_part() -> None:
    with pytest.raises(PassRefused, match="parts of parks"):
        assemble(CLAIMS, {NORTH: ZONE.parts(CLAIMS)[NORTH]})


def test_a_part_cannot_be_signed_with_another_purposes_key() -> None:
    with pytest.raises(PassRefused, match="not for passes"):
        sign_part(CLAIMS, ZONE.north.keys[KeyPurpose.STATUS])


def test_a_part_cannot_be_signed_over_bytes_that_are_no_claims() -> None:
    with pytest.raises(PassRefused):
        sign_part(b"anything", ZONE.north.keys[KeyPurpose.PASSES])


@settings(max_examples=400)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_byte_of_a_pass_can_be_changed(place: int, by: int) -> None:
    changed = bytearray(GOOD)
    changed[place] ^= by
    assert isinstance(verify(bytes(changed), TRUST, NOW), Refusal)


@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_the_verifier_stumble(raw: bytes) -> None:
    assert isinstance(verify(TAG + raw, TRUST, NOW), Refusal)


@given(st.integers(0, len(GOOD) - 1))
def test_no_beginning_of_a_pass_is_a_pass(length: int) -> None:
    assert isinstance(verify(GOOD[:length], TRUST, NOW), Refusal)
