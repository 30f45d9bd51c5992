"""Gates: enrolled, synchronised, cut off; deciding with nothing but their folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from tests.story import ENTRY, EXIT, LABELS, Story

from twoparks.crossings import actions, adding, bundles, queries
from twoparks.crossings.device import BUNDLE, Gate, NotReady, Seen
from twoparks.crossings.models import CrossingRow, GateDevice, GateEvent
from twoparks.crossings.types import NotPossible
from twoparks.federation.actions import record
from twoparks.federation.queries import incidents
from twoparks.federation.types import Actor, NewAct, StoredAct, StreamId
from twoparks.passes.refusal import PassRefused
from twoparks.permits import issued, rules
from twoparks.permits.types import PermitId, PermitState, Status
from twoparks.registry.access import Forbidden


def green_code(story: Story) -> tuple[PermitId, str]:
    permit = story.in_force()
    for gate in (EXIT, ENTRY):
        story.sync(gate)
    return permit, story.code("sz", permit)


def test_a_gate_opens_for_a_permit_in_force(story: Story) -> None:
    _permit, code = green_code(story)
    verdict = story.scan(EXIT, code)
    assert (verdict.light.word, verdict.event is not None) == ("green", True)


def test_a_gate_needs_nothing_but_its_folder_and_its_groups_store(story: Story, tmp_path: Path) -> None:
    _permit, code = green_code(story)
    with story.nodes.at("sz"):
        device = bundles.device(EXIT)
    away = Gate(device.folder.rename(tmp_path / EXIT), device.store.rename(tmp_path / "uses.sqlite3"))
    story.nodes.close()  # no database of any node answers any more
    assert away.scan(Seen(code, LABELS), story.nodes.now).light.word == "green"


@pytest.mark.parametrize(
    ("gate", "labels", "code"),
    [
        (EXIT, LABELS[:2], "labels_differ"),
        (EXIT, (*LABELS, "BOX-9"), "labels_differ"),
        (EXIT, (), "labels_missing"),
        ("sz-gate1-exit-a", LABELS, "wrong_group"),
        ("hk-lokmachau-exit-a", LABELS, "wrong_direction"),
    ],
)
def test_a_gate_refuses_what_does_not_match_the_pass(
    story: Story, gate: str, labels: tuple[str, ...], code: str
) -> None:
    _permit, text = green_code(story)
    story.sync(gate)
    verdict = story.scan(gate, text, labels)
    assert verdict.light.word == "refuse"
    assert code in verdict.codes


def test_labels_may_be_read_in_any_order_and_case(story: Story) -> None:
    _permit, code = green_code(story)
    assert story.scan(EXIT, code, tuple(label.lower() for label in reversed(LABELS))).light.word == "green"


def test_a_single_use_is_gone_after_its_passage(story: Story) -> None:
    _permit, code = green_code(story)
    assert story.scan(EXIT, code).light.word == "green"
    again = story.scan(EXIT, code)
    assert again.light.word == "refuse"


def test_the_same_presentation_after_a_crash_answers_as_before(story: Story) -> None:
    _permit, code = green_code(story)
    first = story.scan(EXIT, code, use_id="lane-1")
    again = story.scan(EXIT, code, use_id="lane-1")
    assert first.event == again.event
    assert again.light.word == "green"


def test_a_permit_the_gate_has_not_heard_of_goes_to_the_counter(story: Story) -> None:
    story.sync(EXIT)
    permit = story.in_force()
    verdict = story.scan(EXIT, story.code("sz", permit))
    assert verdict.light.word == "refer"
    assert "terms_missing" in verdict.codes


def test_an_ageing_status_list_refers_and_an_old_one_refuses(story: Story) -> None:
    _permit, code = green_code(story)
    story.nodes.tick(901)
    assert story.scan(EXIT, code).light.word == "refer"
    story.nodes.tick(4 * 3600)
    assert story.scan(EXIT, code).light.word == "refuse"


def test_a_gate_refuses_before_and_after_the_validity(story: Story) -> None:
    raw = story.example()
    raw["valid_from"] = "2026-11-24"
    permit = story.declare(raw)
    for park in ("sz", "hk"):
        story.grant_all(park, permit)
        story.clear(park, permit)
    story.nodes.settle()
    code = story.code("sz", permit)
    for ahead, reason in ((0, "not_yet_valid"), (20 * 86_400, "expired")):
        story.nodes.tick(ahead)
        story.sync(EXIT)
        assert reason in story.scan(EXIT, code).codes


def test_more_than_the_permit_allows_does_not_pass(story: Story) -> None:
    _permit, code = green_code(story)
    verdict = story.scan(EXIT, code, quantities={1: 41})
    assert verdict.codes == ["quantity_exceeds"]
    assert story.scan(EXIT, code, quantities={1: 40}).light.word == "green"


def test_a_bundle_tampered_with_does_not_open_the_gate(story: Story) -> None:
    permit, code = green_code(story)
    with story.nodes.at("sz"):
        file = bundles.device(EXIT).folder / BUNDLE
    content: dict[str, Any] = json.loads(file.read_text())
    content["terms"][permit]["terms"]["items"][0]["quantity"] = 4000
    file.write_text(json.dumps(content))
    assert "terms_differ" in story.scan(EXIT, code).codes


def test_a_gate_that_was_never_synchronised_says_what_to_do(story: Story, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="gate sync"):
        Gate(tmp_path, tmp_path / "uses").scan(Seen("TP1:", ()), story.nodes.now)


def test_a_gate_is_enrolled_once(story: Story) -> None:
    with story.nodes.at("sz"), pytest.raises(NotPossible, match="enrolled already"):
        actions.enrol_gate(None, EXIT, story.nodes.now)


def test_a_gate_is_enrolled_in_its_own_park(story: Story) -> None:
    with story.nodes.at("sz"), pytest.raises(NotPossible, match="other park"):
        actions.enrol_gate(None, ENTRY, story.nodes.now)


def test_a_laboratory_cannot_enrol_or_cut_off_a_gate(story: Story) -> None:
    with story.nodes.at("sz"):
        for action in (actions.enrol_gate, actions.cut_off_gate):
            with pytest.raises(Forbidden):
                action(story.user("sz-lab"), EXIT, story.nodes.now)


def test_a_gate_cut_off_keeps_what_it_recorded_and_gets_nothing_new_believed(story: Story) -> None:
    permit, code = green_code(story)
    story.scan(EXIT, code)
    story.nodes.tick(5)
    with story.nodes.at("sz"):
        device = bundles.device(EXIT)
        actions.cut_off_gate(story.user("sz-officer"), EXIT, story.nodes.now)
        assert GateEvent.objects.filter(gate=EXIT, kind="gate.passed").count() == 1
    story.nodes.tick(5)
    late = device.scan(Seen(code, LABELS), story.nodes.now)
    assert late.event is not None
    with story.nodes.at("sz"), pytest.raises(PassRefused):
        actions.take_gate_events(EXIT, [late.event.envelope], story.nodes.now)
    assert story.status("sz", permit) == Status.IN_TRANSIT


def test_a_gate_cut_off_can_be_enrolled_again_with_a_new_key(story: Story) -> None:
    _permit, code = green_code(story)
    story.scan(EXIT, code)
    with story.nodes.at("sz"):
        story.nodes.tick(5)
        actions.cut_off_gate(None, EXIT, story.nodes.now)
        story.nodes.tick(5)
        before = GateDevice.objects.get(gate=EXIT).kid
        actions.enrol_gate(None, EXIT, story.nodes.now)
        assert GateDevice.objects.get(gate=EXIT).kid != before
    assert story.scan(EXIT, code).light.word == "refuse"  # its one use stays used
    assert story.sync(EXIT) == 1


def test_an_event_altered_on_its_way_is_refused_with_all_after_it(story: Story) -> None:
    _permit, code = green_code(story)
    story.scan(EXIT, code)
    with story.nodes.at("sz"):
        (event,) = bundles.device(EXIT).events_after(0)
        altered = event.envelope.replace(b'"quantity":40', b'"quantity":41')
        with pytest.raises(PassRefused):
            actions.take_gate_events(EXIT, [altered], story.nodes.now)
        assert not GateEvent.objects.exists()


def test_a_missing_event_is_noticed(story: Story) -> None:
    _permit, code = green_code(story)
    story.scan(EXIT, code)
    story.scan(EXIT, code)
    with story.nodes.at("sz"):
        _first, second = bundles.device(EXIT).events_after(0)
        with pytest.raises(PassRefused):
            actions.take_gate_events(EXIT, [second.envelope], story.nodes.now)


def test_handing_over_events_twice_records_them_once(story: Story) -> None:
    permit, code = green_code(story)
    story.scan(EXIT, code)
    assert (story.sync(EXIT), story.sync(EXIT)) == (1, 0)
    assert len(story.state("sz", permit).current.passages) == 1


def test_passages_of_one_batch_are_folded_onto_what_was_known_of_their_permit(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    permit = story.declare({**story.example(), "uses": None})
    for park in ("sz", "hk"):
        story.grant_all(park, permit)
        story.clear(park, permit)
        story.nodes.settle()
    story.sync(EXIT)
    code = story.code("sz", permit)
    for _ in range(4):
        assert story.scan(EXIT, code, quantities={1: 0}).light.word == "green"
    folded: list[str] = []
    one = rules.fold

    def counting(acts: Iterable[StoredAct], before: PermitState | None = None) -> PermitState:
        found = list(acts)
        folded.extend(act.kind for act in found)
        return one(found, before)

    monkeypatch.setattr(adding, "fold", counting)
    story.sync(EXIT)
    assert folded.count("permit.declared") == 1
    assert folded.count("crossing.passed") == 4


def test_a_passage_waits_until_its_permit_is_known_in_force_here(story: Story) -> None:
    permit = story.declare()
    for park in ("sz", "hk"):
        story.grant_all(park, permit)
        story.clear(park, permit)
    story.nodes.deliver("hk")
    story.nodes.deliver("sz")  # the other park has both signatures, this one has not heard of its own
    code = story.code("hk", permit)
    story.sync(EXIT)
    known = issued.terms_document(story.state("hk", permit))
    with story.nodes.at("sz"):
        gate = bundles.device(EXIT)
        gate.take_bundle(
            replace(gate.bundle(), terms={permit: known or {}})
        )  # of before its node lost the news
    assert story.scan(EXIT, code).light.word == "green"
    story.sync(EXIT)
    assert story.state("sz", permit).current.passages == ()
    story.nodes.settle()
    with story.nodes.at("sz"):
        assert actions.record_waiting(story.nodes.now) == 1
        assert CrossingRow.objects.get().permit == permit


def test_a_passage_under_a_permit_that_is_not_signed_by_both_is_refused_and_reported(story: Story) -> None:
    permit = story.declare()
    body = {
        "crossing": f"{permit}-x1",
        "leg": "entry",
        "gate": ENTRY,
        "group": "hk-lokmachau-entry",
        "event_number": 1,
        "at": "2026-11-22T08:00:00Z",
        "version": 1,
        "items": [{"line": 1, "quantity": 40}],
        "labels_digest": None,
        "seal": None,
        "inspection": None,
    }
    with story.nodes.at("hk"), transaction.atomic():
        record(NewAct("crossing.passed", StreamId(permit), body, Actor("gate", ENTRY)), story.nodes.now)
    story.nodes.deliver("hk")
    with story.nodes.at("sz"):
        assert [incident.detail["code"] for incident in incidents()] == ["not_in_force"]


def test_a_gate_desk_shows_what_the_gate_holds_and_recorded(story: Story) -> None:
    _permit, code = green_code(story)
    story.scan(EXIT, code, LABELS[:1])
    story.sync(EXIT)
    with story.nodes.at("sz"):
        desk = queries.desk(story.user("sz-gate"), EXIT)
        assert (desk.enrolled, desk.ready, desk.permits_held) == (True, "", 1)
        assert [event.kind for event, _permit in desk.events] == ["gate.refused"]
        with pytest.raises(Forbidden):
            queries.desk(story.user("sz-lab"), EXIT)
