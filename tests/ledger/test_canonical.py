"""Canonical JSON: one form in, the same form out, nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoparks.ledger.canonical import (
    NotCanonical,
    base64url,
    canonical,
    digest,
    instant,
    parse,
    read_base64url,
    read_instant,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=6), JSON, max_size=5))
def test_what_is_written_is_read_back_the_same(value: dict[str, object]) -> None:
    try:
        raw = canonical(value)
    except NotCanonical:  # lone surrogates cannot be written
        return
    assert parse(raw) == value


def test_keys_are_sorted_by_utf_16_as_rfc_8785_asks() -> None:
    assert canonical({"\U0001f600": 1, "\ufb33": 2, "a": 3}) == '{"a":3,"\U0001f600":1,"\ufb33":2}'.encode()


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1.5}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":9007199254740992}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\ud800"}',
        b'{"a":1}\n',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\xff"}',
        b"[1]",
        b"",
        b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_any_other_form_is_refused(raw: bytes) -> None:
    with pytest.raises(NotCanonical):
        parse(raw)


def test_a_float_is_refused_when_writing() -> None:
    with pytest.raises(NotCanonical, match="float"):
        canonical({"a": [{"b": 0.5}]})


def test_a_key_that_is_not_text_is_refused_when_writing() -> None:
    with pytest.raises(NotCanonical, match="text key"):
        canonical({"a": {1: 2}})


@pytest.mark.parametrize(("levels", "fits"), [(32, True), (33, False)])
def test_nesting_ends_at_32_levels(levels: int, fits: bool) -> None:
    value: list[object] = []
    for _ in range(levels - 1):
        value = [value]
    try:
        canonical({"a": value})
    except NotCanonical:
        assert not fits
    else:
        assert fits


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_an_instant_is_written_in_utc() -> None:
    at = datetime(2026, 11, 22, 16, 0, tzinfo=timezone(timedelta(hours=8)))
    assert instant(at) == "2026-11-22T08:00:00Z"


def test_an_instant_without_time_zone_is_refused() -> None:
    with pytest.raises(NotCanonical, match="time zone"):
        instant(datetime(2026, 11, 22, 8, 0))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00Z",
        "2026-11-22T08:00:00+08:00",
        "2026-11-22",
        "2026-11-22T08:00:00.5Z",
        "2026-1-22T8:00:00Z",
        7,
    ],
)
def test_a_date_that_does_not_exist_or_is_written_otherwise_is_refused(text: object) -> None:
    with pytest.raises(NotCanonical):
        read_instant(text)


def test_an_instant_survives_the_round() -> None:
    assert read_instant("2026-11-22T08:00:00Z") == datetime(2026, 11, 22, 8, tzinfo=UTC)


@given(st.binary(max_size=40))
def test_base64url_survives_the_round(raw: bytes) -> None:
    assert read_base64url(base64url(raw)) == raw


@pytest.mark.parametrize("text", ["AA==", "A", "AB", "A+", None])
def test_base64url_with_padding_loose_bits_or_other_letters_is_refused(text: object) -> None:
    with pytest.raises(NotCanonical):
        read_base64url(text)
