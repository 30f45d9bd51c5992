"""The printed form: base45 behind a prefix, in a QR code of version 15 or less at level M."""

from __future__ import annotations

import base45
import segno

from twoparks.passes.refusal import refuse

PREFIX = "TP1:"
HOLDER_PREFIX = "TH1:"
MAX_VERSION = 15
MAX_TEXT = 1024


def to_text(raw: bytes, prefix: str = PREFIX) -> str:
    """The text a QR code of these bytes carries."""
    encoded: bytes = base45.b45encode(raw)
    return prefix + encoded.decode("ascii")


def from_text(text: str, prefix: str = PREFIX) -> bytes:
    """The bytes in scanned text; raises PassRefused (`qr_prefix`, `qr_too_long`, `qr_base45`)."""
    tidy = text.strip("\r\n\t")
    if not tidy.startswith(prefix):
        raise refuse("qr_prefix", f"this code does not begin with {prefix}: it is not a TwoParks pass")
    if len(tidy) > MAX_TEXT:
        raise refuse("qr_too_long", f"the code holds {len(tidy)} characters; at most {MAX_TEXT} are read")
    encoded = tidy[len(prefix) :]
    try:
        raw = base45.b45decode(encoded)
    except ValueError:
        raise refuse("qr_base45", "the code was read with errors (not base45): scan it again") from None
    return bytes(raw)


def qr(text: str) -> segno.QRCode:
    """The QR code of that text; raises PassRefused (`qr_too_large`) above version 15 at level M."""
    code = segno.make_qr(text, error="m", boost_error=False)
    if not isinstance(code.version, int) or code.version > MAX_VERSION:
        raise refuse(
            "qr_too_large",
            f"{len(text)} characters need QR version {code.version}; {MAX_VERSION} is the limit",
        )
    return code


def svg(text: str, scale: int = 4) -> str:
    """The QR code as an SVG element for a page, with a quiet zone of four modules."""
    return qr(text).svg_inline(scale=scale, border=4, dark="#000", light="#fff")
