"""The printed code: small enough to scan, and read back exactly or not at all."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.passes.scene import NOW, Place, Zone

from twoparks.passes.qr import HOLDER_PREFIX, PREFIX, from_text, qr, svg, to_text
from twoparks.passes.refusal import PassRefused

ZONE = Zone()


def code_of(text: str, prefix: str = PREFIX) -> str:
    with pytest.raises(PassRefused) as caught:
        from_text(text, prefix)
    return caught.value.refusal.code


@given(st.binary(max_size=300))
def test_bytes_survive_the_round(raw: bytes) -> None:
    assert from_text(to_text(raw)) == raw


def test_a_pass_fits_a_qr_of_version_15_at_level_m() -> None:
    code = qr(to_text(ZONE.pass_bytes()))
    assert code.error == "M"
    assert int(code.version) <= 15


def test_the_longest_pass_there_can_be_fits_too() -> None:
    most = 2**32 - 1
    places = (Place(1, most, most), Place(2, most, most))
    room = 150 - len(ZONE.claims(permit="p", places=places).encode())
    raw = ZONE.pass_bytes(permit="p" * min(40, room), places=places)
    assert int(qr(to_text(raw)).version) <= 15


def test_a_scanners_line_end_does_not_matter() -> None:
    assert from_text(to_text(b"pass") + "\r\n") == b"pass"


@pytest.mark.parametrize("text", ["", "HC1:ABC", "tp1:abc", "https://example.com", "TP2:00"])
def test_a_code_of_another_kind_is_refused(text: str) -> None:
    assert code_of(text) == "qr_prefix"


def test_a_moving_code_is_not_a_pass() -> None:
    assert code_of(to_text(b"proof", HOLDER_PREFIX)) == "qr_prefix"


@pytest.mark.parametrize("text", ["TP1:A", "TP1:abc", "TP1:GGW", "TP1:::::", "TP1:BB8 B", "TP1:ÄÖÜ"])
def test_a_code_read_with_errors_is_refused(text: str) -> None:
    assert code_of(text) == "qr_base45"


def test_a_code_longer_than_any_is_refused() -> None:
    assert code_of("TP1:" + "0" * 2000) == "qr_too_long"


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(PassRefused) as caught:
        qr(to_text(bytes(500)))
    assert caught.value.refusal.code == "qr_too_large"


def test_the_svg_is_one_well_formed_element_without_script() -> None:
    root = ET.fromstring(svg(to_text(ZONE.pass_bytes())))
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {"svg", "g", "path"}


def test_the_code_names_no_person_and_no_word_of_the_terms() -> None:
    assert b"vial" not in ZONE.pass_bytes(valid_from=NOW)
