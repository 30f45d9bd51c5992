"""The gate: green needs everything; every single thing missing has its own answer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.passes.scene import LABELS, NORTH, NOW, SOUTH, TERMS, Zone

from twoparks.ledger.keys import KeyPurpose
from twoparks.ledger.trust import Trust, compromise
from twoparks.passes.claims import Place, holder_digest
from twoparks.passes.gate import GateContext, Presented, check
from twoparks.passes.holder import point_of, prove
from twoparks.passes.qr import HOLDER_PREFIX, to_text
from twoparks.passes.verdict import Light, Verdict, as_json

ZONE = Zone()
PHONE = ec.generate_private_key(ec.SECP256R1())
HOLDER = {"binding": "holder", "binding_digest": holder_digest(point_of(PHONE.public_key()))}
STANDING = {"standing": True, "uses": 0, "exit_groups": (), "entry_groups": ()}


@pytest.fixture
def gate(tmp_path: Path) -> GateContext:
    return ZONE.gate(tmp_path)


def against(verdict: Verdict) -> tuple[str, list[str]]:
    return verdict.light.word, verdict.codes


def with_status(gate: GateContext, **by_park: Any) -> GateContext:
    held = {**gate.statuses}
    for number, name in ((NORTH, "north"), (SOUTH, "south")):
        if name in by_park:
            held[number, 0] = by_park[name]
    return replace(gate, statuses=held)


def test_a_good_pass_is_green(gate: GateContext) -> None:
    assert check(ZONE.shown(), gate, NOW).light is Light.GREEN


def test_a_green_verdict_names_every_check_it_made(gate: GateContext) -> None:
    assert [reason.code for reason in check(ZONE.shown(), gate, NOW).reasons] == [
        "signatures_good",
        "valid",
        "route_matches",
        "status_fresh",
        "status_fresh",
        "terms_match",
        "labels_match",
        "use_left",
    ]


def test_a_good_pass_is_green_on_the_other_bank_too(tmp_path: Path) -> None:
    assert check(ZONE.shown(), ZONE.gate(tmp_path, "entry"), NOW).light is Light.GREEN


def test_a_code_that_is_no_pass_is_refused(gate: GateContext) -> None:
    assert against(check(Presented("https://example.com"), gate, NOW)) == ("refuse", ["qr_prefix"])


def test_a_forged_pass_is_refused_and_shows_no_claims(gate: GateContext) -> None:
    forged = Zone()
    verdict = check(forged.shown(), gate, NOW)
    assert (against(verdict), verdict.claims) == (("refuse", ["key_unknown"]), None)


def test_an_expired_pass_is_refused(gate: GateContext) -> None:
    assert against(check(ZONE.shown(valid_until=NOW), gate, NOW)) == ("refuse", ["expired"])


def test_a_pass_before_its_time_is_refused(gate: GateContext) -> None:
    early = ZONE.shown(valid_from=NOW + timedelta(hours=1))
    assert against(check(early, gate, NOW)) == ("refuse", ["not_yet_valid"])


@pytest.mark.parametrize("park", ["north", "south"])
@pytest.mark.parametrize("status", [1])
def test_a_pass_either_park_revoked_is_refused(park: str, status: int, tmp_path: Path) -> None:
    zone = Zone()
    place = {"north": 101, "south": 202}[park]
    getattr(zone, park).bits.set(place, status)
    assert against(check(zone.shown(), zone.gate(tmp_path), NOW)) == ("refuse", ["revoked"])


def test_another_passes_revocation_does_not_matter(tmp_path: Path) -> None:
    zone = Zone()
    zone.north.bits.set(102, 1)
    assert check(zone.shown(), zone.gate(tmp_path), NOW).light is Light.GREEN


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [
        (900, ("green", [])),
        (901, ("refer", ["status_ageing"])),
        (14400, ("refer", ["status_ageing"])),
        (14401, ("refuse", ["status_stale"])),
        (-120, ("refer", ["status_future"])),
    ],
)
def test_the_age_of_one_parks_status_list_decides(
    age_s: int, expected: tuple[str, list[str]], gate: GateContext
) -> None:
    aged = with_status(gate, south=ZONE.south.status_list(gate.trust, age_s))
    assert against(check(ZONE.shown(), aged, NOW)) == expected


def test_a_gate_without_one_parks_status_list_refuses(gate: GateContext) -> None:
    alone = replace(gate, statuses={(NORTH, 0): gate.statuses[NORTH, 0]})
    assert against(check(ZONE.shown(), alone, NOW)) == ("refuse", ["status_missing"])


def test_one_parks_list_filed_under_the_other_is_refused(gate: GateContext) -> None:
    swapped = with_status(gate, south=gate.statuses[NORTH, 0])
    assert against(check(ZONE.shown(), swapped, NOW)) == ("refuse", ["status_missing"])


def test_a_status_list_whose_key_was_stolen_since_is_refused(gate: GateContext) -> None:
    south = compromise(ZONE.south.trust_list(), ZONE.south.keys[KeyPurpose.STATUS].kid, NOW)
    since = replace(gate, trust=Trust.of(ZONE.north.trust_list(), south))
    assert against(check(ZONE.shown(), since, NOW)) == ("refuse", ["status_key"])


def test_a_status_list_whose_key_left_the_trust_list_is_refused(gate: GateContext) -> None:
    listed = ZONE.south.trust_list()
    left = tuple(key for key in listed.keys if key.purpose is not KeyPurpose.STATUS)
    since = replace(gate, trust=Trust.of(ZONE.north.trust_list(), replace(listed, keys=left)))
    assert against(check(ZONE.shown(), since, NOW)) == ("refuse", ["status_key"])


def test_a_place_outside_the_list_is_refused(gate: GateContext) -> None:
    shown = ZONE.shown(places=(Place(NORTH, 0, 5000), Place(SOUTH, 0, 1)))
    assert against(check(shown, gate, NOW)) == ("refuse", ["status_index"])


def test_other_terms_than_those_signed_are_refused(gate: GateContext) -> None:
    more = replace(ZONE.shown(), terms={**TERMS, "uses": 2})
    assert against(check(more, gate, NOW)) == ("refuse", ["terms_differ"])


def test_terms_that_cannot_be_read_are_refused(gate: GateContext) -> None:
    odd = replace(ZONE.shown(), terms={"quantity": 1.5})
    assert against(check(odd, gate, NOW)) == ("refuse", ["terms_differ"])


def test_a_gate_that_must_see_the_terms_asks_the_counter_without_them(gate: GateContext) -> None:
    bare = replace(ZONE.shown(), terms=None)
    assert against(check(bare, replace(gate, terms_required=True), NOW)) == ("refer", ["terms_missing"])


def test_a_pass_for_the_other_direction_is_refused(gate: GateContext) -> None:
    back = ZONE.shown(places=(Place(SOUTH, 0, 202), Place(NORTH, 0, 101)))
    # South signs first in that direction; the pass is good, this lane leads the other way.
    assert against(check(back, gate, NOW)) == ("refuse", ["wrong_direction"])


def test_a_pass_of_two_other_parks_is_for_another_bank(gate: GateContext) -> None:
    elsewhere = replace(gate, crosses=(7, 8))
    assert against(check(ZONE.shown(), elsewhere, NOW)) == ("refuse", ["wrong_bank"])


def test_a_pass_for_another_gate_group_is_refused(gate: GateContext) -> None:
    assert against(check(ZONE.shown(exit_groups=(21,)), gate, NOW)) == ("refuse", ["wrong_group"])


def test_a_pass_whose_other_leg_uses_this_group_is_refused(gate: GateContext) -> None:
    mixed = ZONE.shown(exit_groups=(12,), entry_groups=(11,))
    assert against(check(mixed, gate, NOW)) == ("refuse", ["wrong_leg"])


def test_a_both_ways_pass_is_green_in_both_directions(gate: GateContext) -> None:
    shown = ZONE.shown(both_ways=True, **STANDING)
    back = replace(gate, crosses=(SOUTH, NORTH), group=14)
    assert [check(shown, one, NOW).light for one in (gate, back)] == [Light.GREEN, Light.GREEN]


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        ((), "labels_missing"),
        (LABELS[:2], "labels_differ"),
        ((*LABELS, "BOX-0003"), "labels_differ"),
        (("BOX-0001", "BOX-0002", "SEAL-78"), "labels_differ"),
        ((*LABELS, "SEAL-77"), "labels_malformed"),
    ],
)
def test_labels_that_are_not_exactly_those_bound_are_refused(
    labels: tuple[str, ...], code: str, gate: GateContext
) -> None:
    assert against(check(replace(ZONE.shown(), labels=labels), gate, NOW)) == ("refuse", [code])


def person(group: int = 11, **more: Any) -> Presented:
    shown = ZONE.shown(**HOLDER, **STANDING, **more)
    proof = to_text(prove(PHONE, ZONE.claims().permit, group, NOW), HOLDER_PREFIX)
    return replace(shown, labels=(), holder_text=proof)


def test_a_personal_pass_on_its_own_phone_is_green(gate: GateContext) -> None:
    assert check(person(), gate, NOW).light is Light.GREEN


def test_a_personal_pass_without_its_moving_code_is_refused(gate: GateContext) -> None:
    assert against(check(replace(person(), holder_text=None), gate, NOW)) == ("refuse", ["holder_missing"])


def test_a_personal_pass_with_a_spoilt_moving_code_is_refused(gate: GateContext) -> None:
    spoilt = replace(person(), holder_text="TH1:abc")
    assert against(check(spoilt, gate, NOW)) == ("refuse", ["qr_base45"])


def test_a_copied_personal_pass_is_refused(gate: GateContext) -> None:
    other = to_text(
        prove(ec.generate_private_key(ec.SECP256R1()), ZONE.claims().permit, 11, NOW), HOLDER_PREFIX
    )
    assert against(check(replace(person(), holder_text=other), gate, NOW)) == ("refuse", ["holder_other_key"])


def test_a_gate_with_a_wrong_clock_asks_the_counter(gate: GateContext) -> None:
    assert against(check(person(), replace(gate, clock_error_s=40.0), NOW)) == ("refer", ["gate_clock_off"])


def test_a_gate_cut_off_from_its_store_asks_the_counter(gate: GateContext) -> None:
    cut = replace(gate, store=None)
    assert against(check(ZONE.shown(), cut, NOW)) == ("refer", ["store_unreachable"])


def test_several_faults_are_all_named_the_refusals_first(gate: GateContext) -> None:
    aged = with_status(gate, north=ZONE.north.status_list(gate.trust, 1000))
    shown = replace(ZONE.shown(valid_until=NOW), labels=("X",))
    assert against(check(shown, aged, NOW)) == ("refuse", ["expired", "labels_differ", "status_ageing"])


def test_checking_alone_takes_nothing(gate: GateContext) -> None:
    check(ZONE.shown(), gate, NOW)
    assert gate.store is not None
    assert gate.store.events_after(0) == []


LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # of base45


@cache
def _shown() -> Presented:
    """One pass for every draw: a new one is signed with new random numbers, and has other letters."""
    return ZONE.shown()


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_letter_of_a_code_can_be_changed_and_stay_green(gate: GateContext, draw: st.DataObject) -> None:
    shown = _shown()
    text = shown.qr_text
    place = draw.draw(st.integers(0, len(text) - 1))
    further = draw.draw(st.integers(1, len(LETTERS) - 1))
    letter = LETTERS[(LETTERS.index(text[place]) + further) % len(LETTERS)]
    changed = replace(shown, qr_text=text[:place] + letter + text[place + 1 :])
    assert check(changed, gate, NOW).light is Light.REFUSE


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_no_text_at_all_makes_the_gate_stumble(gate: GateContext, text: str) -> None:
    assert check(Presented("TP1:" + text, holder_text="TH1:" + text), gate, NOW).light is Light.REFUSE


def test_a_verdict_is_written_as_json(gate: GateContext) -> None:
    said = json.loads(json.dumps(as_json(check(ZONE.shown(valid_until=NOW), gate, NOW))))
    assert (said["light"], said["permit"], said["reasons"][0]["code"]) == (
        "refuse",
        "sz-26-7kq2m9xd",
        "expired",
    )


def test_a_verdict_is_said_in_one_line(gate: GateContext) -> None:
    assert check(ZONE.shown(), gate, NOW).plain == "green: every check passed"
