"""Claims: one encoding, at most 150 bytes, nothing unknown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.passes.scene import LABELS, NOW, Zone

from twoparks.passes.cbor import decode, encode
from twoparks.passes.claims import PassClaims, Place, holder_digest, labels_digest, terms_digest
from twoparks.passes.refusal import PassRefused

ZONE = Zone()
NUMBERS = st.integers(0, 2**32 - 1)
PLACES = st.builds(Place, st.integers(1, 9), NUMBERS, NUMBERS)


def code_of(act: Any) -> str:
    with pytest.raises(PassRefused) as caught:
        act()
    return caught.value.refusal.code


@given(NUMBERS.filter(bool), NUMBERS, st.booleans(), st.booleans(), PLACES, PLACES)
def test_claims_survive_their_encoding(
    version: int, uses: int, holder: bool, both_ways: bool, one: Place, other: Place
) -> None:
    if one.park == other.park:
        return
    claims = ZONE.claims(
        version=version,
        uses=uses,
        standing=not uses,
        binding="holder" if holder else "labels",
        both_ways=both_ways,
        places=(one, other),
    )
    assert PassClaims.decode(claims.encode()) == claims


def test_an_ordinary_pass_has_at_most_150_bytes_of_claims() -> None:
    assert len(ZONE.claims().encode()) <= 150


def test_the_widest_numbers_with_a_usual_permit_id_fit_150_bytes() -> None:
    most = 2**32 - 1
    claims = ZONE.claims(
        permit="sz-26-7kq2m9xd",
        version=most,
        uses=most,
        places=(Place(200, most, most), Place(201, most, most)),
    )
    assert len(claims.encode()) <= 150


def test_claims_that_do_not_fit_say_what_to_do() -> None:
    claims = ZONE.claims(permit="p" * 40, standing=True, uses=0, exit_groups=tuple(range(1000, 1020)))
    assert code_of(claims.encode) == "claims_too_long"


def test_two_encodings_of_the_same_claims_are_the_same_bytes() -> None:
    assert ZONE.claims().encode() == ZONE.claims().encode()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"permit": ""}, "claims_permit"),
        ({"permit": "x" * 41}, "claims_permit"),
        ({"permit": "許可"}, "claims_permit"),
        ({"terms_digest": b"short"}, "claims_digest"),
        ({"binding_digest": bytes(32)}, "claims_digest"),
        ({"version": 0}, "claims_number"),
        ({"uses": -1}, "claims_number"),
        ({"valid_until": NOW - timedelta(days=2)}, "claims_validity"),
        ({"valid_from": NOW.replace(microsecond=1)}, "claims_validity"),
        (
            {"valid_from": NOW.replace(tzinfo=None), "valid_until": NOW.replace(tzinfo=None, year=2027)},
            "claims_validity",
        ),
        ({"places": (Place(1, 0, 1), Place(1, 0, 2))}, "claims_one_park"),
        ({"exit_groups": ()}, "claims_groups"),
        ({"exit_groups": (11, 13)}, "claims_groups"),
        ({"entry_groups": (14, 12), "both_ways": True}, "claims_groups"),
        ({"uses": 0}, "claims_uses"),
    ],
)
def test_claims_that_contradict_each_other_are_refused(changed: dict[str, Any], code: str) -> None:
    assert code_of(ZONE.claims(**changed).encode) == code


PASS = -65537


def outer() -> dict[Any, Any]:
    found = decode(ZONE.claims().encode())
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        (99, 1, "claims_unknown"),
        (4, "tomorrow", "claims_type"),
        (4, 2**33, "claims_type"),
        (5, -1, "claims_type"),
        (PASS, 7, "claims_type"),
    ],
)
def test_a_foreign_outer_claim_is_refused(key: int, value: Any, code: str) -> None:
    assert code_of(lambda: PassClaims.decode(encode({**outer(), key: value}))) == code


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        (11, 1, "claims_unknown"),
        (1, b"bytes", "claims_type"),
        (2, "one", "claims_type"),
        (3, "digest", "claims_type"),
        (5, 8, "claims_flags"),
        (7, 11, "claims_type"),
        (7, ["a"], "claims_type"),
        (9, [1, 2], "claims_type"),
        (9, [1, 2, 3, 4], "claims_type"),
    ],
)
def test_a_foreign_inner_claim_is_refused(key: int, value: Any, code: str) -> None:
    changed = {**outer(), PASS: {**outer()[PASS], key: value}}
    assert code_of(lambda: PassClaims.decode(encode(changed))) == code


@pytest.mark.parametrize("key", [4, 5, PASS])
def test_a_missing_claim_is_refused(key: int) -> None:
    left = {k: v for k, v in outer().items() if k != key}
    assert code_of(lambda: PassClaims.decode(encode(left))) == "claims_unknown"


def test_claims_longer_than_the_limit_are_not_even_read() -> None:
    assert code_of(lambda: PassClaims.decode(bytes(151))) == "claims_too_long"


def test_claims_that_are_no_map_are_refused() -> None:
    assert code_of(lambda: PassClaims.decode(encode([1]))) == "claims_type"


def test_the_order_capitals_and_outer_spaces_of_labels_do_not_count() -> None:
    assert labels_digest([f" {label.lower()} " for label in reversed(LABELS)]) == labels_digest(LABELS)


def test_one_label_more_is_another_binding() -> None:
    assert labels_digest([*LABELS, "BOX-0003"]) != labels_digest(LABELS)


@pytest.mark.parametrize("labels", [[], [""], ["a", " "], ["a", "A"]])
def test_empty_or_repeated_labels_are_refused(labels: list[str]) -> None:
    assert code_of(lambda: labels_digest(labels)) == "labels_malformed"


def test_the_three_digests_never_stand_for_each_other() -> None:
    assert len({terms_digest({}), labels_digest(["x"]), holder_digest(b"x")}) == 3
