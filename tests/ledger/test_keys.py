"""Keys: names, files, signatures of one form only."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from twoparks.ledger.keys import P256_ORDER, KeyPair, KeyPurpose, KeyRefused, PublicKey

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture(params=list(KeyPurpose))
def pair(request: pytest.FixtureRequest) -> KeyPair:
    return KeyPair.generate(request.param, "north", NOW)


def test_a_signature_is_64_bytes_and_verifies(pair: KeyPair) -> None:
    signature = pair.sign(b"words")
    assert len(signature) == 64
    assert pair.public.verify(b"words", signature)


def test_a_signature_over_other_words_is_refused(pair: KeyPair) -> None:
    assert not pair.public.verify(b"other", pair.sign(b"words"))


def test_a_signature_of_another_length_is_refused(pair: KeyPair) -> None:
    assert not pair.public.verify(b"words", pair.sign(b"words") + b"\0")


def test_the_second_form_of_an_es256_signature_is_refused() -> None:
    pair = KeyPair.generate(KeyPurpose.PASSES, "north", NOW)
    signature = pair.sign(b"words")
    other = P256_ORDER - int.from_bytes(signature[32:], "big")
    assert not pair.public.verify(b"words", signature[:32] + other.to_bytes(32, "big"))


def test_an_es256_signature_with_a_zero_pushed_in_is_refused() -> None:
    pair = KeyPair.generate(KeyPurpose.PASSES, "north", NOW)
    signature = pair.sign(b"words")
    assert not pair.public.verify(b"words", signature[:32] + b"\0" + signature[32:])


def test_the_bare_key_has_32_bytes_or_is_a_compressed_point() -> None:
    bare = [len(KeyPair.generate(p, "north", NOW).public.raw) for p in (KeyPurpose.ACTS, KeyPurpose.PASSES)]
    assert bare == [32, 33]


def test_a_key_file_of_another_algorithm_is_refused(tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP384R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    body = {"purpose": "passes", "park": "north", "valid_from": "2026-11-22T08:00:00Z", "private": pem}
    (tmp_path / "key").write_text(json.dumps(body))
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(KeyRefused, match="P-256"):
        KeyPair.load(tmp_path / "key")


def test_a_key_file_of_an_exchange_key_is_refused(tmp_path: Path) -> None:
    pem = x25519.X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    body = {"purpose": "acts", "park": "n", "valid_from": "2026-11-22T08:00:00Z", "private": pem.decode()}
    (tmp_path / "key").write_text(json.dumps(body))
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(KeyRefused, match="algorithm"):
        KeyPair.load(tmp_path / "key")


def test_a_p256_key_that_calls_itself_ed25519_is_refused() -> None:
    raw = dict(KeyPair.generate(KeyPurpose.PASSES, "north", NOW).public.to_json())
    with pytest.raises(KeyRefused, match="this is ES256"):
        PublicKey.from_json({**raw, "purpose": "acts", "algorithm": "Ed25519"})


def test_a_key_called_retired_with_a_date_of_compromise_is_refused() -> None:
    raw = dict(KeyPair.generate(KeyPurpose.ACTS, "north", NOW).public.to_json())
    at = "2026-11-22T09:00:00Z"
    with pytest.raises(KeyRefused, match="disagree"):
        PublicKey.from_json({**raw, "status": "retired", "retired_at": at, "compromised_at": at})


def test_an_es256_signature_of_zeros_is_refused() -> None:
    assert not KeyPair.generate(KeyPurpose.PASSES, "north", NOW).public.verify(b"words", bytes(64))


def test_a_key_read_back_from_its_file_signs_the_same(pair: KeyPair, tmp_path: Path) -> None:
    pair.save(tmp_path / "key")
    assert pair.public.verify(b"words", KeyPair.load(tmp_path / "key").sign(b"words"))


def test_a_key_file_is_for_its_owner_only(pair: KeyPair, tmp_path: Path) -> None:
    pair.save(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_key_file_others_can_read_is_refused(pair: KeyPair, tmp_path: Path) -> None:
    pair.save(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(KeyRefused, match="read by others"):
        KeyPair.load(tmp_path / "key")


def test_a_key_file_is_never_overwritten(pair: KeyPair, tmp_path: Path) -> None:
    pair.save(tmp_path / "key")
    with pytest.raises(KeyRefused, match="never overwritten"):
        pair.save(tmp_path / "key")


@pytest.mark.parametrize("text", ["", "{}", '{"purpose": 1}', "[]", '{"private": 5}'])
def test_a_file_that_is_no_key_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(text)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(KeyRefused, match="not a key file"):
        KeyPair.load(tmp_path / "key")


def test_a_key_never_shows_its_private_half(pair: KeyPair) -> None:
    assert "PRIVATE" in pair.pem().decode()
    assert "PRIVATE" not in repr(pair)


def test_a_key_survives_its_json(pair: KeyPair) -> None:
    assert PublicKey.from_json(dict(pair.public.to_json())) == pair.public


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kid", "AAAAAAAAAAA"),
        ("purpose", "anything"),
        ("algorithm", "RS256"),
        ("status", "retired"),
        ("status", "lost"),
        ("spki", "AAAA"),
        ("extra", "1"),
    ],
)
def test_a_key_whose_fields_contradict_each_other_is_refused(field: str, value: str) -> None:
    raw = dict(KeyPair.generate(KeyPurpose.ACTS, "north", NOW).public.to_json())
    with pytest.raises(KeyRefused):
        PublicKey.from_json({**raw, field: value})


def test_an_acts_key_relabelled_as_a_pass_key_is_refused() -> None:
    raw = dict(KeyPair.generate(KeyPurpose.ACTS, "north", NOW).public.to_json())
    with pytest.raises(KeyRefused, match="ES256"):
        PublicKey.from_json({**raw, "purpose": "passes"})


def test_a_key_vouches_for_nothing_before_it_was_valid() -> None:
    key = KeyPair.generate(KeyPurpose.ACTS, "north", NOW).public
    assert key.refusal_of_dated(NOW - timedelta(seconds=1)) == "key_not_yet_valid"
    assert key.refusal_now(NOW - timedelta(seconds=1)) == "key_not_yet_valid"


def test_a_compromised_key_vouches_only_for_what_was_logged_before() -> None:
    key = replace(
        KeyPair.generate(KeyPurpose.ACTS, "north", NOW).public,
        status="compromised",
        compromised_at=NOW + timedelta(hours=2),
    )
    before, after = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
    answers = [
        key.refusal_of_dated(before, True),
        key.refusal_of_dated(before),
        key.refusal_of_dated(after, True),
    ]
    assert answers == [None, "key_compromised", "key_compromised"]
