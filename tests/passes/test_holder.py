"""The moving code: this phone, this permit, this gate group, this half minute."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from tests.passes.scene import NOW, Zone

from twoparks.passes.cbor import encode
from twoparks.passes.claims import holder_digest
from twoparks.passes.holder import GateClock, Shown, check_proof, point_of, prove, step_at
from twoparks.passes.refusal import Refusal

PHONE = ec.generate_private_key(ec.SECP256R1())
CLAIMS = Zone().claims(binding="holder", binding_digest=holder_digest(point_of(PHONE.public_key())))
PROOF = prove(PHONE, CLAIMS.permit, 11, NOW)


def code_of(proof: bytes, group: int = 11, clock: GateClock | None = None) -> str:
    found = check_proof(proof, CLAIMS, group, clock or GateClock(NOW))
    assert isinstance(found, Refusal), "the proof was believed"
    return found.code


@pytest.mark.parametrize(("later_s", "offset"), [(-30, 1), (0, 0), (29, 0), (30, -1), (59, -1)])
def test_a_proof_counts_one_step_around_the_gates_time(later_s: int, offset: int) -> None:
    found = check_proof(PROOF, CLAIMS, 11, GateClock(NOW + timedelta(seconds=later_s)))
    assert found == Shown(step_at(NOW), offset)


@pytest.mark.parametrize("later_s", [-31, 60])
def test_a_proof_of_another_half_minute_is_refused(later_s: int) -> None:
    assert code_of(PROOF, clock=GateClock(NOW + timedelta(seconds=later_s))) == "holder_step"


def test_a_proof_by_another_phone_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    assert code_of(prove(other, CLAIMS.permit, 11, NOW)) == "holder_other_key"


def test_a_proof_for_another_permit_is_refused() -> None:
    assert code_of(prove(PHONE, "sz-26-other", 11, NOW)) == "holder_signature"


def test_a_proof_for_another_gate_group_is_refused() -> None:
    assert code_of(PROOF, group=12) == "holder_signature"


def test_a_step_moved_forward_is_refused() -> None:
    moved = encode([point_of(PHONE.public_key()), step_at(NOW) + 1, PROOF[-64:]])
    assert code_of(moved) == "holder_signature"


@pytest.mark.parametrize("error_s", [15.5, -16.0])
def test_a_gate_whose_clock_is_off_asks_the_counter(error_s: float) -> None:
    assert code_of(PROOF, clock=GateClock(NOW, error_s)) == "gate_clock_off"


def test_a_gate_whose_clock_is_nearly_right_goes_on() -> None:
    assert isinstance(check_proof(PROOF, CLAIMS, 11, GateClock(NOW, 15.0)), Shown)


@pytest.mark.parametrize(
    "proof",
    [
        bytes(129),
        encode([1]),
        encode("abc"),
        encode({}),
        encode([b"x" * 33, "step", b""]),
        encode([b"x" * 32, 1, b""]),
        encode([b"x" * 33, -1, b""]),
    ],
)
def test_bytes_that_are_no_proof_are_refused(proof: bytes) -> None:
    assert code_of(proof) in {"holder_malformed", "malformed"}


def test_a_key_that_is_no_point_of_the_curve_is_refused() -> None:
    bent = b"\x02" + b"\xff" * 32
    claims = Zone().claims(binding="holder", binding_digest=holder_digest(bent))
    found = check_proof(encode([bent, step_at(NOW), bytes(64)]), claims, 11, GateClock(NOW))
    assert isinstance(found, Refusal)
    assert found.code == "holder_malformed"


@given(st.integers(0, len(PROOF) - 1), st.integers(1, 255))
def test_no_byte_of_a_proof_can_be_changed(place: int, by: int) -> None:
    changed = bytearray(PROOF)
    changed[place] ^= by
    assert isinstance(check_proof(bytes(changed), CLAIMS, 11, GateClock(NOW)), Refusal)
