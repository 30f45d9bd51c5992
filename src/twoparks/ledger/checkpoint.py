"""Checkpoints as C2SP signed notes (c2sp.org/signed-note, /tlog-checkpoint, /tlog-cosignature v1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from twoparks.ledger.keys import KeyPair, PublicKey
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.ledger.tree import verify_consistency

NOTE_SIGNATURE = b"\x01"
COSIGNATURE = b"\x04"
MAX_NOTE_BYTES = 65536
_DASH = "— "


class NoteMalformed(LedgerRefusal):
    """The text is not a signed note holding a checkpoint."""

    code = "checkpoint_malformed"


class NoteSignatureRefused(LedgerRefusal):
    """The note lacks the signature asked for, or carries a false one."""

    code = "checkpoint_signature"


class CosignRefused(LedgerRefusal):
    """A checkpoint that must not be cosigned; `evidence` holds the two notes that contradict each other, if any."""

    code = "cosign_refused"

    def __init__(self, reason: str, message: str, evidence: tuple[str, str] | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.evidence = evidence


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: its name, how many leaves, which root."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """The note text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"

    @classmethod
    def read(cls, body: str) -> Self:
        """The checkpoint in a note text; raises NoteMalformed. Extension lines are refused: nobody audits them."""
        lines = body.split("\n")
        if len(lines) != 4 or lines[3] != "" or not lines[0]:
            raise NoteMalformed("a checkpoint has three lines: origin, size, root")
        origin, size, root = lines[:3]
        if not (size.isascii() and size.isdigit()) or str(int(size[:19])) != size:
            raise NoteMalformed(f"{size!r} is not a tree size; write decimal digits without leading zeros")
        return cls(origin, int(size), _base64(root, 32))


@dataclass(frozen=True)
class Signer:
    """A name and the key that signs under it."""

    name: str
    key: KeyPair


@dataclass(frozen=True)
class Verifier:
    """A name and the key it is expected to sign with."""

    name: str
    key: PublicKey


@dataclass(frozen=True)
class Note:
    """A parsed signed note: its text and its signature lines, none of them believed yet."""

    body: str
    signatures: tuple[tuple[str, bytes], ...]  # name, key id and signature

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint the text states."""
        return Checkpoint.read(self.body)

    def find(self, name: str, key_id: bytes) -> bytes | None:
        """The signature under that name and key id, or None."""
        return next((sig[4:] for who, sig in self.signatures if who == name and sig[:4] == key_id), None)


def read_note(text: str) -> Note:
    """Take a signed note apart; raises NoteMalformed."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_NOTE_BYTES:
        raise NoteMalformed(f"the note is longer than {MAX_NOTE_BYTES} bytes")
    if any(ord(letter) < 0x20 and letter != "\n" for letter in text):
        raise NoteMalformed("the note holds control characters")
    body, gap, tail = text.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise NoteMalformed("a note is a text, an empty line and signature lines")
    return Note(body + "\n", tuple(_signature_line(line) for line in tail[:-1].split("\n")))


def sign_checkpoint(checkpoint: Checkpoint, key: KeyPair) -> str:
    """The signed note of a log about itself; the signature's name is the origin."""
    _check_name(checkpoint.origin)
    body = checkpoint.body()
    return f"{body}\n{_line(checkpoint.origin, NOTE_SIGNATURE, key.public, key.sign(body.encode()))}"


def verify_checkpoint(text: str, log: Verifier) -> Checkpoint:
    """The checkpoint in a note that `log` signed; raises NoteMalformed or NoteSignatureRefused."""
    note = read_note(text)
    checkpoint = note.checkpoint
    if checkpoint.origin != log.name:
        raise NoteSignatureRefused(f"the checkpoint is of {checkpoint.origin!r}, expected {log.name!r}")
    signature = note.find(log.name, key_id(log, NOTE_SIGNATURE))
    if signature is None:
        raise NoteSignatureRefused(
            f"the checkpoint of {log.name} at size {checkpoint.size} is not signed by it"
        )
    if not log.key.verify(note.body.encode(), signature):
        raise NoteSignatureRefused(
            f"the signature of {log.name} on its checkpoint at {checkpoint.size} is false"
        )
    return checkpoint


def verify_cosignature(text: str, witness: Verifier) -> datetime | None:
    """When `witness` cosigned the note, None if it did not; raises NoteSignatureRefused when the line is false."""
    note = read_note(text)
    found = note.find(witness.name, key_id(witness, COSIGNATURE))
    if found is None:
        return None
    seconds = int.from_bytes(found[:8], "big")
    if len(found) != 72 or not witness.key.verify(_cosigned(note.body, seconds), found[8:]):
        raise NoteSignatureRefused(f"the cosignature of {witness.name} is false")
    return datetime.fromtimestamp(seconds, UTC)


def cosignature_line(body: str, witness: Signer, now: datetime) -> str:
    """One cosignature line over a note text; `cosign` is the way to earn it."""
    _check_name(witness.name)
    seconds = int(now.timestamp())
    signature = seconds.to_bytes(8, "big") + witness.key.sign(_cosigned(body, seconds))
    return _line(witness.name, COSIGNATURE, witness.key.public, signature)


@dataclass(frozen=True)
class Witness:
    """Whoever cosigns another log's checkpoints: its own signer, and the log it watches."""

    signer: Signer
    log: Verifier

    def cosign(self, offered: str, previous: str | None, proof: Sequence[bytes], now: datetime) -> str:
        """`offered` with this witness's line, once `proof` shows it continues `previous` (the last note cosigned).

        Raises CosignRefused (`reason`: `other_log`, `log_shrank`, `log_forked`, `inconsistent`), NoteMalformed or
        NoteSignatureRefused. The caller keeps the answer as the next `previous`, in one transaction.
        """
        new = verify_checkpoint(offered, self.log)
        if previous is not None:
            # This witness's own record: the log may have rotated its key since, so only the text counts.
            self._continues(read_note(previous).checkpoint, new, proof, (previous, offered))
        return add_line(offered, cosignature_line(new.body(), self.signer, now))

    def _continues(
        self, old: Checkpoint, new: Checkpoint, proof: Sequence[bytes], notes: tuple[str, str]
    ) -> None:
        if old.origin != new.origin:
            raise CosignRefused("other_log", f"{old.origin} was cosigned before, this is {new.origin}")
        if new.size < old.size:
            raise CosignRefused(
                "log_shrank", f"the log of {new.origin} had {old.size} leaves and now shows {new.size}", notes
            )
        if new.size == old.size and new.root != old.root:
            raise CosignRefused(
                "log_forked", f"{new.origin} signed two different roots for {new.size} leaves", notes
            )
        if not verify_consistency((old.size, old.root), (new.size, new.root), proof):
            raise CosignRefused(
                "inconsistent",
                f"the proof does not show that {new.size} leaves of {new.origin} continue the first {old.size}",
            )


def add_line(text: str, line: str) -> str:
    """The note with one more signature line; a line already there is not repeated."""
    note = read_note(text)
    added_name, added_signature = _signature_line(line.rstrip("\n"))
    if (added_name, added_signature[:4]) in {(name, sig[:4]) for name, sig in note.signatures}:
        return text
    return text + line


def key_id(verifier: Verifier, kind: bytes) -> bytes:
    """The 4-byte key id of the signed-note format."""
    return hashlib.sha256(verifier.name.encode() + b"\n" + kind + verifier.key.raw).digest()[:4]


def _cosigned(body: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{body}".encode()


def _line(name: str, kind: bytes, key: PublicKey, signature: bytes) -> str:
    named = key_id(Verifier(name, key), kind) + signature
    return f"{_DASH}{name} {base64.b64encode(named).decode('ascii')}\n"


def _signature_line(line: str) -> tuple[str, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not name:
        raise NoteMalformed(f"{line!r} is not a signature line")
    signature = _base64(encoded)
    if len(signature) < 5:
        raise NoteMalformed(f"the signature of {name} is too short")
    return name, signature


def _base64(text: str, length: int | None = None) -> bytes:
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise NoteMalformed(f"{text!r} is not base64") from error
    if base64.b64encode(raw).decode("ascii") != text or (length is not None and len(raw) != length):
        raise NoteMalformed(f"{text!r} is not base64 of the length expected here")
    return raw


def _check_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise NoteMalformed(f"{name!r} cannot name a signer: no spaces, no plus, not empty")
