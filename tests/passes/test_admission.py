"""Admission: the use taken and the signed event written before the light turns green, or nothing at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.passes.scene import NOW, Zone
from tests.passes.test_gate import ZONE, against, person, with_status

from twoparks.ledger.envelope import open_envelope
from twoparks.ledger.keys import KeyPurpose
from twoparks.passes.gate import GateContext, Passage, admit, check
from twoparks.passes.uses import AlreadyUsed, Consumed, GateEvent, StoreUnreachable, Use
from twoparks.passes.verdict import Light, Verdict


@pytest.fixture
def gate(tmp_path: Path) -> GateContext:
    return ZONE.gate(tmp_path)


def act_of(verdict: Verdict, gate: GateContext) -> Mapping[str, Any]:
    assert verdict.event is not None
    return open_envelope(verdict.event.envelope, gate.trust, KeyPurpose.GATE).act


def test_an_admitted_pass_is_recorded_by_a_signed_event_that_names_what_passed(gate: GateContext) -> None:
    act = act_of(admit(ZONE.shown(), gate, Passage("u-1", {"seal": "SEAL-77"}), NOW), gate)
    told = {
        key: act[key]
        for key in ("kind", "permit", "version", "leg", "crosses", "group", "n", "use_id", "observed")
    }
    assert told == {
        "kind": "gate.passed",
        "permit": "sz-26-7kq2m9xd",
        "version": 1,
        "leg": "exit",
        "crosses": [1, 2],
        "group": 11,
        "n": 1,
        "use_id": "u-1",
        "observed": {"seal": "SEAL-77"},
    }


def test_a_single_pass_shown_again_is_refused(gate: GateContext) -> None:
    admit(ZONE.shown(), gate, Passage("u-1"), NOW)
    assert against(admit(ZONE.shown(), gate, Passage("u-2"), NOW)) == ("refuse", ["already_used"])


def test_a_look_at_a_used_pass_is_refused(gate: GateContext) -> None:
    admit(ZONE.shown(), gate, Passage("u-1"), NOW)
    assert against(check(ZONE.shown(), gate, NOW)) == ("refuse", ["already_used"])


def test_a_single_pass_leaves_by_one_gate_and_enters_by_the_other(tmp_path: Path) -> None:
    legs = [admit(ZONE.shown(), ZONE.gate(tmp_path, leg), Passage("u-1"), NOW) for leg in ("exit", "entry")]
    assert [verdict.light for verdict in legs] == [Light.GREEN, Light.GREEN]


def test_the_same_presentation_retried_answers_green_with_the_first_event(gate: GateContext) -> None:
    first = admit(ZONE.shown(), gate, Passage("u-1"), NOW)
    again = admit(ZONE.shown(), gate, Passage("u-1"), NOW)
    assert (again.light, again.event) == (Light.GREEN, first.event)


def test_a_retry_with_other_labels_is_refused(gate: GateContext) -> None:
    admit(ZONE.shown(), gate, Passage("u-1"), NOW)
    other = replace(ZONE.shown(), labels=("X",))
    assert admit(other, gate, Passage("u-1"), NOW).light is Light.REFUSE


def test_a_presentations_id_used_for_another_permit_is_refused(gate: GateContext) -> None:
    admit(ZONE.shown(), gate, Passage("u-1"), NOW)
    verdict = admit(ZONE.shown(permit="sz-26-other"), gate, Passage("u-1"), NOW)
    assert against(verdict) == ("refuse", ["use_id_taken"])


def test_a_refusal_is_recorded_with_its_codes(gate: GateContext) -> None:
    act = act_of(admit(ZONE.shown(valid_until=NOW), gate, Passage("u-1"), NOW), gate)
    assert (act["kind"], act["codes"]) == ("gate.refused", ["expired"])


def test_a_forgery_is_recorded_without_a_permit(gate: GateContext) -> None:
    act = act_of(admit(Zone().shown(), gate, Passage("u-1"), NOW), gate)
    assert (act["kind"], act["permit"], act["codes"]) == ("gate.refused", None, ["key_unknown"])


def test_a_refusal_takes_no_use(gate: GateContext) -> None:
    admit(replace(ZONE.shown(), labels=("X",)), gate, Passage("u-1"), NOW)
    assert admit(ZONE.shown(), gate, Passage("u-2"), NOW).light is Light.GREEN


class TestAtTheCounter:
    """The status list has aged: a person decides."""

    @pytest.fixture
    def aged(self, gate: GateContext) -> GateContext:
        return with_status(gate, north=ZONE.north.status_list(gate.trust, 1000))

    def test_a_referred_pass_does_not_open_the_lane(self, aged: GateContext) -> None:
        verdict = admit(ZONE.shown(), aged, Passage("u-1"), NOW)
        assert (verdict.light, act_of(verdict, aged)["kind"]) == (Light.REFER, "gate.referred")

    def test_a_referral_takes_no_use(self, aged: GateContext, gate: GateContext) -> None:
        admit(ZONE.shown(), aged, Passage("u-1"), NOW)
        assert check(ZONE.shown(), gate, NOW).light is Light.GREEN

    def test_an_officer_lets_a_referred_pass_through_under_their_name(self, aged: GateContext) -> None:
        verdict = admit(ZONE.shown(), aged, Passage("u-1", counter="p-91f0"), NOW)
        act = act_of(verdict, aged)
        assert (verdict.light, act["counter"], act["codes"]) == (Light.GREEN, "p-91f0", ["status_ageing"])

    def test_an_officer_cannot_let_a_refused_pass_through(self, aged: GateContext) -> None:
        verdict = admit(ZONE.shown(valid_until=NOW), aged, Passage("u-1", counter="p-91f0"), NOW)
        assert verdict.light is Light.REFUSE


def test_a_moving_code_shown_twice_at_one_group_is_refused(gate: GateContext) -> None:
    admit(person(), gate, Passage("u-1"), NOW)
    assert against(admit(person(), gate, Passage("u-2"), NOW)) == ("refuse", ["holder_replayed"])


class LosingStore:
    """A store that another lane beats between the check and the taking, or that is gone by then."""

    def __init__(self, answer: AlreadyUsed | StoreUnreachable) -> None:
        self.answer = answer
        self.recorded: list[Mapping[str, Any]] = []

    def earlier(self, permit: str, leg: str) -> tuple[GateEvent, ...]:
        return ()

    def carried(self, permit: str, leg: str) -> Counter[int]:
        return Counter()

    def taken(self, use_id: str) -> GateEvent | None:
        return None

    def consume(self, use: Use, event: Mapping[str, Any]) -> Consumed | AlreadyUsed:
        if isinstance(self.answer, StoreUnreachable):
            raise self.answer
        return self.answer

    def record(self, event: Mapping[str, Any]) -> GateEvent:
        self.recorded.append(event)
        return GateEvent("gate", len(self.recorded), b"")

    def events_after(self, n: int) -> list[GateEvent]:
        return []


def test_a_lane_beaten_between_check_and_taking_refuses(gate: GateContext) -> None:
    losing = LosingStore(AlreadyUsed("already_used", (GateEvent("other", 1, b""),)))
    verdict = admit(ZONE.shown(), replace(gate, store=losing), Passage("u-1"), NOW)
    assert (against(verdict), losing.recorded[0]["kind"]) == (("refuse", ["already_used"]), "gate.refused")


def test_a_store_lost_between_check_and_taking_asks_the_counter(gate: GateContext) -> None:
    losing = LosingStore(StoreUnreachable("gone"))
    verdict = admit(ZONE.shown(), replace(gate, store=losing), Passage("u-1"), NOW)
    assert against(verdict) == ("refer", ["store_unreachable"])


def test_a_gate_cut_off_from_its_store_admits_nobody(gate: GateContext) -> None:
    assert against(admit(ZONE.shown(), replace(gate, store=None), Passage("u-1"), NOW)) == (
        "refer",
        ["store_unreachable"],
    )
