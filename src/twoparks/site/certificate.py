"""A certificate of one's own for https on a local network: phones give camera and keys to pages only over https."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from twoparks.site.places import TRUSTED

VALID_DAYS = 365


def certificate(home: Path) -> tuple[Path, Path]:
    """Paths of certificate and key under `home`, made at first use for localhost, 127.0.0.1 and ::1."""
    folder = home / "https"
    cert_path, key_path = folder / "certificate.pem", folder / "key.pem"
    if cert_path.exists() and key_path.exists():
        return cert_path, key_path
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    key_path.touch(mode=0o600)
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    fresh = cert_path.with_suffix(".new")
    fresh.write_bytes(_self_signed(key).public_bytes(serialization.Encoding.PEM))
    os.replace(fresh, cert_path)
    return cert_path, key_path


def trusted_certificates(homes: Sequence[Path]) -> Path:
    """One file with the certificates of all these homes: what the parks' workers believe when they call each other."""
    together = homes[0].parent / TRUSTED
    together.write_bytes(b"".join(certificate(home)[0].read_bytes() for home in homes))
    return together


def _self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names += [x509.IPAddress(ipaddress.ip_address(a)) for a in ("127.0.0.1", "::1")]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
