"""Trust lists: never back, never forked, never another park's keys; and the drills of rotation and compromise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from twoparks.ledger.canonical import canonical, instant, parse
from twoparks.ledger.envelope import (
    BadSignature,
    KeyNotUsable,
    NotAnEnvelope,
    OtherPark,
    OtherPurpose,
    UnknownKey,
    open_envelope,
    seal,
)
from twoparks.ledger.keys import KeyPair, KeyPurpose
from twoparks.ledger.trust import (
    ForeignKey,
    KeyRevived,
    Trust,
    TrustForked,
    TrustList,
    TrustRefused,
    TrustWentBack,
    accept,
    compromise,
    retire,
    rotate,
)

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROOT = KeyPair.generate(KeyPurpose.TRUST, "north", NOW - 10 * HOUR)
ACTS = KeyPair.generate(KeyPurpose.ACTS, "north", NOW - 10 * HOUR)
PASSES = KeyPair.generate(KeyPurpose.PASSES, "north", NOW - 10 * HOUR)
FIRST = TrustList("north", 1, 1, NOW - 10 * HOUR, (ACTS.public, PASSES.public))


def act(at: datetime = NOW, park: str = "north") -> dict[str, object]:
    return {"id": "n-a-1", "kind": "permit.declared", "park": park, "at": instant(at), "body": {}}


def test_a_signed_list_is_read_back_the_same() -> None:
    assert set(accept(None, FIRST.sign(ROOT), ROOT.public).keys) == set(FIRST.keys)


def test_the_same_list_again_is_accepted() -> None:
    raw = FIRST.sign(ROOT)
    assert accept(raw, raw, ROOT.public).version == 1


def test_a_list_that_goes_back_is_refused() -> None:
    newer = replace(FIRST, version=2).sign(ROOT)
    with pytest.raises(TrustWentBack):
        accept(newer, FIRST.sign(ROOT), ROOT.public)


def test_two_lists_of_one_version_are_refused() -> None:
    other = replace(FIRST, issued_at=NOW).sign(ROOT)
    with pytest.raises(TrustForked):
        accept(FIRST.sign(ROOT), other, ROOT.public)


def test_a_list_signed_by_another_root_is_refused() -> None:
    other = KeyPair.generate(KeyPurpose.TRUST, "north", NOW)
    with pytest.raises(BadSignature):
        accept(None, FIRST.sign(other), ROOT.public)


def test_a_list_checked_against_a_key_that_is_no_root_is_refused() -> None:
    with pytest.raises(TrustRefused, match="trust root"):
        accept(None, seal(parse(FIRST.sign(ROOT))["act"], ACTS).raw, ACTS.public)


def test_a_list_cannot_be_signed_by_a_key_that_is_no_root() -> None:
    with pytest.raises(TrustRefused):
        FIRST.sign(ACTS)


def test_a_list_changed_after_signing_is_refused() -> None:
    envelope = parse(FIRST.sign(ROOT))
    envelope["act"]["version"] = 9
    with pytest.raises(BadSignature):
        accept(None, canonical(envelope), ROOT.public)


def test_a_key_of_another_park_in_the_list_is_refused() -> None:
    foreign = KeyPair.generate(KeyPurpose.STATUS, "south", NOW).public
    with pytest.raises(ForeignKey):
        accept(None, replace(FIRST, keys=(*FIRST.keys, foreign)).sign(ROOT), ROOT.public)


def test_a_list_of_another_park_under_this_root_is_refused() -> None:
    raw = seal({**parse(FIRST.sign(ROOT))["act"], "park": "south"}, ROOT).raw
    with pytest.raises(ForeignKey):
        accept(None, raw, ROOT.public)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "list"},
        {"version": 0},
        {"version": True},
        {"version": "2"},
        {"keys": [1]},
        {"keys": 1},
        {"extra": 1},
    ],
)
def test_a_list_of_another_shape_is_refused(change: dict[str, object]) -> None:
    raw = seal({**parse(FIRST.sign(ROOT))["act"], **change}, ROOT).raw
    with pytest.raises(TrustRefused):
        accept(None, raw, ROOT.public)


def test_a_list_cannot_be_signed_by_the_root_of_another_park() -> None:
    with pytest.raises(TrustRefused):
        FIRST.sign(KeyPair.generate(KeyPurpose.TRUST, "south", NOW))


def test_an_empty_list_of_another_park_under_this_root_is_refused() -> None:
    raw = seal({**parse(FIRST.sign(ROOT))["act"], "park": "south", "keys": []}, ROOT).raw
    with pytest.raises(ForeignKey):
        accept(None, raw, ROOT.public)


def test_a_list_that_names_a_key_twice_is_refused() -> None:
    gate = KeyPair.generate(KeyPurpose.GATE, "north", NOW).public
    with pytest.raises(TrustRefused, match="twice"):
        accept(None, replace(FIRST, keys=(gate, gate)).sign(ROOT), ROOT.public)


def test_a_list_filed_under_another_park_is_refused() -> None:
    with pytest.raises(ForeignKey):
        Trust({"south": FIRST})


def test_two_active_keys_for_one_purpose_are_refused() -> None:
    second = KeyPair.generate(KeyPurpose.ACTS, "north", NOW).public
    with pytest.raises(TrustRefused, match="two active"):
        accept(None, replace(FIRST, keys=(*FIRST.keys, second)).sign(ROOT), ROOT.public)


def test_a_compromised_key_cannot_come_back_to_life() -> None:
    bad = compromise(FIRST, ACTS.kid, NOW)
    healed = replace(FIRST, version=3)
    with pytest.raises(KeyRevived):
        accept(bad.sign(ROOT), healed.sign(ROOT), ROOT.public)


def test_two_parks_cannot_share_a_number() -> None:
    with pytest.raises(TrustRefused, match="number"):
        Trust.of(FIRST, TrustList("south", 1, 1, NOW, ()))


def test_two_parks_cannot_file_one_key() -> None:
    with pytest.raises(TrustRefused, match="same key"):
        Trust.of(FIRST, TrustList("south", 2, 1, NOW, (ACTS.public,)))


def test_an_act_opens_with_its_parks_key() -> None:
    assert open_envelope(seal(act(), ACTS).raw, Trust.of(FIRST)).act == act()


def test_an_act_by_an_unknown_key_is_refused() -> None:
    with pytest.raises(UnknownKey):
        open_envelope(seal(act(), KeyPair.generate(KeyPurpose.ACTS, "north", NOW)).raw, Trust.of(FIRST))


def test_an_act_by_a_key_of_another_purpose_is_refused() -> None:
    with pytest.raises(OtherPurpose):
        open_envelope(seal(act(), PASSES).raw, Trust.of(FIRST))


def test_an_act_in_the_name_of_the_other_park_is_refused() -> None:
    with pytest.raises(OtherPark):
        open_envelope(seal(act(park="south"), ACTS).raw, Trust.of(FIRST))


def test_an_act_changed_after_signing_is_refused() -> None:
    envelope = parse(seal(act(), ACTS).raw)
    envelope["act"]["body"] = {"quantity": 2}
    with pytest.raises(BadSignature):
        open_envelope(canonical(envelope), Trust.of(FIRST))


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b"",
        b'{"act":{},"kid":"a"}',
        b'{"act":1,"kid":"a","sig":""}',
        b'{"act":{},"kid":1,"sig":""}',
        b'{"act":{},"kid":"a","sig":"=="}',
        b'{"act":{},"extra":1,"kid":"a","sig":""}',
    ],
)
def test_bytes_that_are_no_envelope_are_refused(raw: bytes) -> None:
    with pytest.raises(NotAnEnvelope):
        open_envelope(raw, Trust.of(FIRST))


def test_an_act_without_its_date_is_refused() -> None:
    with pytest.raises(NotAnEnvelope, match="at"):
        open_envelope(seal({"park": "north"}, ACTS).raw, Trust.of(FIRST))


class TestRotationDrill:
    """A park rotates its keys in the ordinary way."""

    new_acts = KeyPair.generate(KeyPurpose.ACTS, "north", NOW)
    new_passes = KeyPair.generate(KeyPurpose.PASSES, "north", NOW)

    def test_the_rotated_list_is_accepted_after_the_first(self) -> None:
        second = rotate(FIRST, self.new_acts.public, NOW)
        assert (
            accept(FIRST.sign(ROOT), second.sign(ROOT), ROOT.public).active(KeyPurpose.ACTS)
            == self.new_acts.public
        )

    def test_the_retired_acts_key_vouches_for_acts_dated_before(self) -> None:
        trust = Trust.of(rotate(FIRST, self.new_acts.public, NOW))
        assert open_envelope(seal(act(NOW - HOUR), ACTS).raw, trust).kid == ACTS.kid

    def test_the_retired_acts_key_does_not_vouch_for_acts_dated_after(self) -> None:
        trust = Trust.of(rotate(FIRST, self.new_acts.public, NOW))
        with pytest.raises(KeyNotUsable, match="key_retired"):
            open_envelope(seal(act(NOW), ACTS).raw, trust)

    def test_the_new_acts_key_vouches_for_acts_dated_after(self) -> None:
        trust = Trust.of(rotate(FIRST, self.new_acts.public, NOW))
        assert open_envelope(seal(act(NOW), self.new_acts).raw, trust).kid == self.new_acts.kid

    def test_the_retired_pass_key_verifies_until_its_last_pass_ends(self) -> None:
        old = rotate(FIRST, self.new_passes.public, NOW, verify_until=NOW + 5 * HOUR).key(PASSES.kid)
        assert old is not None
        assert [old.refusal_now(NOW + 4 * HOUR), old.refusal_now(NOW + 5 * HOUR)] == [None, "key_retired"]

    def test_a_retired_gate_key_vouches_only_for_earlier_events(self) -> None:
        gate = KeyPair.generate(KeyPurpose.GATE, "north", NOW - 5 * HOUR)
        cut_off = retire(replace(FIRST, keys=(*FIRST.keys, gate.public)), gate.kid, NOW).key(gate.kid)
        assert cut_off is not None
        assert [cut_off.refusal_of_dated(NOW - HOUR), cut_off.refusal_of_dated(NOW)] == [None, "key_retired"]


class TestCompromiseDrill:
    """A park finds that a key was stolen."""

    def test_nothing_new_by_the_stolen_key_opens_even_when_dated_before(self) -> None:
        trust = Trust.of(compromise(FIRST, ACTS.kid, NOW))
        with pytest.raises(KeyNotUsable, match="key_compromised"):
            open_envelope(seal(act(NOW - HOUR), ACTS).raw, trust)

    def test_what_the_log_already_holds_still_opens(self) -> None:
        trust = Trust.of(compromise(FIRST, ACTS.kid, NOW))
        assert open_envelope(seal(act(NOW - HOUR), ACTS).raw, trust, logged=True).kid == ACTS.kid

    def test_a_stolen_pass_key_verifies_nothing(self) -> None:
        stolen = compromise(FIRST, PASSES.kid, NOW).key(PASSES.kid)
        assert stolen is not None
        assert stolen.refusal_now(NOW) == "key_compromised"

    def test_a_retired_key_can_still_be_called_stolen(self) -> None:
        retired = rotate(FIRST, KeyPair.generate(KeyPurpose.PASSES, "north", NOW).public, NOW, NOW + 9 * HOUR)
        stolen = compromise(retired, PASSES.kid, NOW + HOUR)
        found = accept(retired.sign(ROOT), stolen.sign(ROOT), ROOT.public).key(PASSES.kid)
        assert found is not None
        assert found.refusal_now(NOW + 2 * HOUR) == "key_compromised"

    def test_the_park_goes_on_with_a_new_key(self) -> None:
        new = KeyPair.generate(KeyPurpose.ACTS, "north", NOW + HOUR)
        healed = rotate(compromise(FIRST, ACTS.kid, NOW), new.public, NOW + HOUR)
        assert open_envelope(seal(act(NOW + 2 * HOUR), new).raw, Trust.of(healed)).kid == new.kid

    def test_without_an_active_key_the_list_says_what_to_do(self) -> None:
        with pytest.raises(TrustRefused, match="rotate"):
            compromise(FIRST, ACTS.kid, NOW).active(KeyPurpose.ACTS)

    def test_a_key_that_is_not_there_cannot_be_retired(self) -> None:
        with pytest.raises(TrustRefused, match="has no key"):
            retire(FIRST, "AAAAAAAAAAA", NOW)

    def test_a_key_that_is_not_there_cannot_be_called_stolen(self) -> None:
        with pytest.raises(TrustRefused, match="has no key"):
            compromise(FIRST, "AAAAAAAAAAA", NOW)
