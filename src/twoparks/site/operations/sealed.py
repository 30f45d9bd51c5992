"""Secrets in a copy: a folder packed and encrypted under a passphrase (scrypt, AES-256-GCM)."""

from __future__ import annotations

import io
import secrets
import tarfile
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"twoparks-sealed-1\n"
SALT, NONCE, KEY = 16, 12, 32
LEAST_LETTERS = 12


class PassphraseRefused(ValueError):
    """The passphrase is too short, or not the one the file was sealed with."""


def seal(home: Path, names: Iterable[str], passphrase: str) -> bytes:
    """The named files and folders below `home`, packed and encrypted; raises PassphraseRefused for a short one."""
    if len(passphrase) < LEAST_LETTERS:
        raise PassphraseRefused(
            f"the passphrase has {len(passphrase)} letters; at least {LEAST_LETTERS} are wanted"
        )
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in names:
            if (home / name).exists():
                tar.add(home / name, arcname=name, filter=_plain)
    salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
    return MAGIC + salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, packed.getvalue(), MAGIC)


def opened(sealed: bytes, passphrase: str) -> bytes:
    """What was packed; raises PassphraseRefused when the passphrase is wrong or the file was changed."""
    at = len(MAGIC)
    salt, nonce = sealed[at : at + SALT], sealed[at + SALT : at + SALT + NONCE]
    try:
        return AESGCM(_key(passphrase, salt)).decrypt(nonce, sealed[at + SALT + NONCE :], MAGIC)
    except (InvalidTag, ValueError) as error:
        raise PassphraseRefused(
            "the passphrase is not the one of this copy, or its keys were changed"
        ) from error


def unpack(packed: bytes, home: Path) -> None:
    """Write packed files below `home`, each readable by its owner alone."""
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(home, filter="data")
    for path in home.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _plain(found: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = Path(found.name).name
    return found if (found.isfile() and not name.startswith(".")) or found.isdir() else None


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY, n=2**15, r=8, p=1).derive(passphrase.encode())
