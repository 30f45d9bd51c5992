"""Checkpoints and cosignatures as C2SP writes them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from twoparks.ledger.checkpoint import (
    Checkpoint,
    CosignRefused,
    NoteMalformed,
    NoteSignatureRefused,
    Signer,
    Verifier,
    Witness,
    add_line,
    key_id,
    read_note,
    sign_checkpoint,
    verify_checkpoint,
    verify_cosignature,
)
from twoparks.ledger.keys import KeyPair, KeyPurpose, PublicKey
from twoparks.ledger.tree import MemoryNodes, Tree, leaf_hash

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ORIGIN, PEER = "north.example/log", "south.example/log"
LOG_KEY = KeyPair.generate(KeyPurpose.CHECKPOINT, "north", NOW)
PEER_KEY = KeyPair.generate(KeyPurpose.CHECKPOINT, "south", NOW)
LOG, WITNESSED = Verifier(ORIGIN, LOG_KEY.public), Verifier(PEER, PEER_KEY.public)
WITNESS = Witness(Signer(PEER, PEER_KEY), LOG)


@dataclass
class Log:
    """A growing log that signs checkpoints."""

    salt: bytes = b""
    key: KeyPair = LOG_KEY
    tree: Tree = field(default_factory=lambda: Tree(MemoryNodes(), 0))

    def grow(self, size: int) -> Log:
        while self.tree.size < size:
            self.tree.append(leaf_hash(self.salt + str(self.tree.size).encode()))
        return self

    def note(self, size: int) -> str:
        self.grow(size)
        return sign_checkpoint(Checkpoint(ORIGIN, size, self.tree.root(size)), self.key)


def test_the_signed_note_of_the_reference_implementation_is_read_and_its_key_id_found() -> None:
    raw = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
    spki = ed25519.Ed25519PublicKey.from_public_bytes(raw).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    key = PublicKey(KeyPurpose.CHECKPOINT, "north", "Ed25519", spki, NOW)
    note = read_note(
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    found = note.find("PeterNeumann", key_id(Verifier("PeterNeumann", key), b"\x01"))
    assert found is not None
    assert key.verify(note.body.encode(), found)


def test_the_published_example_checkpoint_is_read() -> None:
    note = read_note(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    witness = note.signatures[1][1]
    seconds = int.from_bytes(witness[4:12], "big")
    assert (note.checkpoint.size, seconds) == (20852163, 1679315147)


def test_a_checkpoint_signed_is_verified() -> None:
    assert verify_checkpoint(Log().note(7), LOG).size == 7


def test_a_checkpoint_by_another_key_is_refused() -> None:
    with pytest.raises(NoteSignatureRefused, match="not signed by it"):
        verify_checkpoint(Log(key=PEER_KEY).note(7), LOG)


def test_a_checkpoint_of_another_log_is_refused() -> None:
    with pytest.raises(NoteSignatureRefused, match="expected"):
        verify_checkpoint(Log().note(7), WITNESSED)


def test_a_checkpoint_changed_after_signing_is_refused() -> None:
    with pytest.raises(NoteSignatureRefused, match="false"):
        verify_checkpoint(Log().note(7).replace("\n7\n", "\n8\n"), LOG)


ROOT64 = base64.b64encode(bytes(32)).decode()
LINE = "— n AAAAAAA=\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ORIGIN}\n7\n{ROOT64}\n",
        f"{ORIGIN}\n07\n{ROOT64}\n\n{LINE}",
        f"{ORIGIN}\n-7\n{ROOT64}\n\n{LINE}",
        f"{ORIGIN}\n٧\n{ROOT64}\n\n{LINE}",
        f"{ORIGIN}\n{'9' * 30}\n{ROOT64}\n\n{LINE}",
        f"{ORIGIN}\n7\n{ROOT64[:-4]}\n\n{LINE}",
        f"{ORIGIN}\n7\n{ROOT64}\nextension\n\n{LINE}",
        f"\n7\n{ROOT64}\n\n{LINE}",
        f"{ORIGIN}\n7\n{ROOT64}\n\n- n AAAAAAA=\n",
        f"{ORIGIN}\n7\n{ROOT64}\n\n— n AAAA\n",
        f"{ORIGIN}\n7\n{ROOT64}\n\n— n !!!\n",
        f"{ORIGIN}\r\n7\n{ROOT64}\n\n{LINE}",
        f"{ORIGIN}\n7\n{ROOT64}\n\n" + LINE * 5000,
    ],
)
def test_a_note_that_holds_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteMalformed):
        _ = read_note(text).checkpoint


@pytest.mark.parametrize("body", ["a\n1", f"a\n1\n{ROOT64}", f"a\n1\n{ROOT64}\nmore", f"a\n1\n{ROOT64}\n\n"])
def test_a_text_that_is_not_three_lines_is_no_checkpoint(body: str) -> None:
    with pytest.raises(NoteMalformed, match="three lines"):
        Checkpoint.read(body)


@pytest.mark.parametrize("line", ["nAAAAAAA=", "— nAAAAAAA=", "—  AAAAAAA=", "— n AAAAAAB=", "— n AAAAA"])
def test_a_line_that_is_no_signature_is_refused(line: str) -> None:
    with pytest.raises(NoteMalformed):
        read_note(f"a\n1\n{ROOT64}\n\n{line}\n")


@pytest.mark.parametrize("text", [f"a\n{LINE}", f"a\n\n{LINE}".rstrip("\n")])
def test_a_text_without_gap_or_end_is_no_note(text: str) -> None:
    with pytest.raises(NoteMalformed, match="empty line"):
        read_note(text)


def test_a_cosignature_of_another_length_is_false() -> None:
    text = WITNESS.cosign(Log().note(7), None, [], NOW)
    name, raw = read_note(text).signatures[1]
    body = text.rpartition("— ")[0]
    with pytest.raises(NoteSignatureRefused):
        verify_cosignature(f"{body}— {name} {base64.b64encode(raw[:9]).decode()}\n", WITNESSED)


def test_a_first_checkpoint_is_cosigned_with_its_time() -> None:
    assert verify_cosignature(WITNESS.cosign(Log().note(7), None, [], NOW), WITNESSED) == NOW


def test_the_logs_own_signature_survives_the_cosignature() -> None:
    assert verify_checkpoint(WITNESS.cosign(Log().note(7), None, [], NOW), LOG).size == 7


def test_cosigning_twice_leaves_one_line() -> None:
    log = Log()
    once = WITNESS.cosign(log.note(7), None, [], NOW)
    twice = WITNESS.cosign(once, once, [], NOW + timedelta(hours=1))
    assert len(read_note(twice).signatures) == 2


def test_a_checkpoint_that_continues_the_last_is_cosigned() -> None:
    log = Log()
    last = WITNESS.cosign(log.note(7), None, [], NOW)
    new = WITNESS.cosign(log.note(20), last, log.tree.consistency_proof(7, 20), NOW)
    assert verify_cosignature(new, WITNESSED) == NOW


def test_a_checkpoint_continues_across_a_rotation_of_the_logs_key() -> None:
    log = Log()
    last = WITNESS.cosign(log.note(7), None, [], NOW)
    log.key = KeyPair.generate(KeyPurpose.CHECKPOINT, "north", NOW)
    after = Witness(WITNESS.signer, Verifier(ORIGIN, log.key.public))
    assert verify_cosignature(
        after.cosign(log.note(9), last, log.tree.consistency_proof(7, 9), NOW), WITNESSED
    )


def refusal_of(offered: str, previous: str, proof: list[bytes]) -> CosignRefused:
    with pytest.raises(CosignRefused) as caught:
        WITNESS.cosign(offered, previous, proof, NOW)
    return caught.value


def test_a_checkpoint_without_a_proof_is_not_cosigned() -> None:
    log = Log()
    assert refusal_of(log.note(20), log.note(7), []).reason == "inconsistent"


def test_a_regrown_log_is_not_cosigned() -> None:
    regrown = Log(salt=b"other").grow(20)
    assert (
        refusal_of(regrown.note(20), Log().note(7), regrown.tree.consistency_proof(7, 20)).reason
        == "inconsistent"
    )


def test_a_smaller_log_is_not_cosigned_and_both_notes_are_kept() -> None:
    log = Log()
    small, large = log.note(7), log.note(20)
    refused = refusal_of(small, large, [])
    assert (refused.reason, refused.evidence) == ("log_shrank", (large, small))


def test_two_roots_for_one_size_are_not_cosigned_and_both_notes_are_kept() -> None:
    one, other = Log().note(7), Log(salt=b"other").note(7)
    refused = refusal_of(other, one, [])
    assert (refused.reason, refused.evidence) == ("log_forked", (one, other))


def test_a_checkpoint_is_not_held_against_another_logs() -> None:
    other = sign_checkpoint(Checkpoint(PEER, 3, bytes(32)), PEER_KEY)
    assert refusal_of(Log().note(7), other, []).reason == "other_log"


def test_a_checkpoint_the_log_did_not_sign_is_not_cosigned() -> None:
    with pytest.raises(NoteSignatureRefused):
        WITNESS.cosign(Log(key=PEER_KEY).note(7), None, [], NOW)


def test_a_missing_cosignature_is_none() -> None:
    assert verify_cosignature(Log().note(7), WITNESSED) is None


def test_a_cosignature_moved_to_another_checkpoint_is_false() -> None:
    log = Log()
    line = WITNESS.cosign(log.note(7), None, [], NOW).splitlines(keepends=True)[-1]
    with pytest.raises(NoteSignatureRefused):
        verify_cosignature(add_line(log.note(8), line), WITNESSED)


def test_a_cosignature_with_another_time_is_false() -> None:
    text = WITNESS.cosign(Log().note(7), None, [], NOW)
    name, raw = read_note(text).signatures[1]
    later = raw[:4] + (int(NOW.timestamp()) + 1).to_bytes(8, "big") + raw[12:]
    body = text.rpartition("— ")[0]
    with pytest.raises(NoteSignatureRefused):
        verify_cosignature(f"{body}— {name} {base64.b64encode(later).decode()}\n", WITNESSED)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b"])
def test_a_name_that_would_break_the_line_is_refused(name: str) -> None:
    with pytest.raises(NoteMalformed):
        sign_checkpoint(Checkpoint(name, 0, bytes(32)), LOG_KEY)
