"""The quick way to canonical bytes says what the reference says, for whatever JSON there is."""

from __future__ import annotations

from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from twoparks.ledger.canonical import NotCanonical, canonical

SCALARS = st.none() | st.booleans() | st.integers() | st.text()
KEYS = st.text() | st.sampled_from(["a", "\ue000", "\U0001f600", "\x7f", "é"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner) | st.tuples(inner, inner),
    max_leaves=24,
)


def reference(value: Any) -> bytes | None:
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        return None


@given(st.dictionaries(KEYS, VALUES))
def test_canonical_bytes_are_those_of_the_reference_or_refused_by_both(value: dict[str, Any]) -> None:
    try:
        found: bytes | None = canonical(value)
    except NotCanonical:
        found = None
    assert found == reference(value)
