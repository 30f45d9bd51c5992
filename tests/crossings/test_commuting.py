"""Out in the morning, back in the evening, on one permit: both ways, hours, the phone, and a return nobody saw."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.story import Story
from tests.travel import BACK, OUT, Travel

from twoparks.crossings import actions, queries, rules
from twoparks.crossings.types import CrossingId, NotPossible
from twoparks.federation.queries import acts
from twoparks.federation.types import StreamId
from twoparks.permits import issued
from twoparks.permits.types import Invalid, PermitId
from twoparks.registry.access import Forbidden
from twoparks.registry.zone import zone

DAY_S = 86_400


@pytest.fixture
def travel(story: Story) -> Travel:
    """Both parks and the commuter of each; at 16:00 in the zone."""
    return Travel(story)


def states(travel: Travel, park: str, permit: PermitId) -> dict[str, str]:
    """Every movement one park knows, by its short number."""
    with travel.nodes.at(park):
        state = issued.permit_state(permit)
        return {
            c.id.rpartition("-")[2]: str(rules.state(c, travel.nodes.now, zone().timing.transit_max))
            for c in rules.crossings(state, acts(StreamId(permit)))
        }


def at(travel: Travel, hour: int, minute: int = 0) -> None:
    """Let it be that time of the zone's day, on this day or the next."""
    local = travel.nodes.now + timedelta(hours=8)
    wanted = local.replace(hour=hour, minute=minute, second=0)
    travel.nodes.now += wanted - local + (timedelta(days=1) if wanted < local else timedelta())


def test_out_and_back_are_two_movements_that_both_parks_name_alike(travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT, *BACK)
    assert states(travel, "sz", permit) == {"x1": "reconciled", "r1": "reconciled"}
    assert states(travel, "hk", permit) == states(travel, "sz", permit)


def test_the_same_permit_serves_day_after_day(travel: Travel) -> None:
    permit = travel.in_force()
    for _day in range(3):
        at(travel, 8)
        travel.pass_gates(permit, *OUT)
        at(travel, 18)
        travel.pass_gates(permit, *BACK)
    wanted = {f"{way}{n}": "reconciled" for n in (1, 2, 3) for way in "xr"}
    assert states(travel, "hk", permit) == wanted
    assert states(travel, "sz", permit) == wanted


def test_it_may_go_out_by_one_point_and_come_back_by_the_other(travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT, "hk-spurline-exit-a", "sz-futian-entry-a")
    assert states(travel, "sz", permit) == {"x1": "reconciled", "r1": "reconciled"}


def test_while_the_parks_cannot_speak_both_still_number_alike(travel: Travel) -> None:
    permit = travel.in_force()
    for gate in (*OUT, *BACK):
        travel.story.sync(gate)
        assert travel.scan(gate, permit).light.word == "green"
        travel.nodes.tick(900)
    for gate in (*BACK, *OUT):
        travel.story.sync(gate, exchange=False)
    travel.nodes.settle()
    assert states(travel, "sz", permit) == {"x1": "reconciled", "r1": "reconciled"}
    assert states(travel, "hk", permit) == states(travel, "sz", permit)


def test_a_missed_gate_does_not_shift_the_days_after_it(travel: Travel) -> None:
    permit = travel.in_force()
    at(travel, 8)
    travel.pass_gates(permit, OUT[0])
    travel.nodes.tick(DAY_S)
    at(travel, 8)
    travel.pass_gates(permit, *OUT)
    assert states(travel, "hk", permit) == {"x1": "overdue", "x2": "reconciled"}


@pytest.mark.parametrize(
    ("hour", "minute", "light"), [(6, 59, "refuse"), (7, 0, "green"), (21, 59, "green"), (22, 0, "refuse")]
)
def test_the_hours_begin_and_end_on_the_minute_of_the_gates_own_clock(
    travel: Travel, hour: int, minute: int, light: str
) -> None:
    permit = travel.in_force()
    travel.nodes.tick(DAY_S)
    at(travel, hour, minute)
    travel.story.sync(OUT[0])
    verdict = travel.scan(OUT[0], permit)
    assert verdict.light.word == light
    assert ("outside_hours" in verdict.codes) is (light == "refuse")


def test_who_comes_in_late_goes_to_the_counter_and_is_not_turned_back(travel: Travel) -> None:
    permit = travel.in_force()
    at(travel, 21, 50)
    travel.pass_gates(permit, OUT[0], between_s=900)
    travel.story.sync(OUT[1])
    verdict = travel.scan(OUT[1], permit)
    assert (verdict.light.word, verdict.codes) == ("refer", ["outside_hours"])


def test_a_copied_screen_opens_nothing_a_second_time(travel: Travel) -> None:
    permit = travel.in_force()
    travel.story.sync(OUT[0])
    proof = travel.proof(permit, OUT[0])
    assert travel.scan(OUT[0], permit, holder=proof).light.word == "green"
    again = travel.scan(OUT[0], permit, holder=proof)
    assert (again.light.word, again.codes) == ("refuse", ["holder_replayed"])


@pytest.mark.parametrize(
    ("how", "code"), [("missing", "holder_missing"), ("other", "holder_other_key"), ("old", "holder_step")]
)
def test_the_pass_alone_on_another_phone_or_late_is_refused(travel: Travel, how: str, code: str) -> None:
    permit = travel.in_force()
    travel.story.sync(OUT[0])
    holder = {
        "missing": None,
        "other": travel.proof(permit, OUT[0], key=ec.generate_private_key(ec.SECP256R1())),
        "old": travel.proof(permit, OUT[0], at=travel.nodes.now - timedelta(seconds=90)),
    }[how]
    verdict = travel.scan(OUT[0], permit, holder=holder)
    assert (verdict.light.word, verdict.codes) == ("refuse", [code])


def test_one_visit_goes_out_once_and_comes_back_once(travel: Travel) -> None:
    permit = travel.story.declare(travel.story.example("visitor-to-hong-kong"))
    travel.clear(permit)
    travel.story.sync(BACK[1])
    travel.pass_gates(permit, *OUT, *BACK)
    assert travel.story.status("sz", permit) == "completed"
    again = travel.scan(OUT[0], permit)
    assert (again.light.word, "already_used" in again.codes) == ("refuse", True)


def test_the_same_presentation_after_a_crash_answers_as_before(travel: Travel) -> None:
    permit = travel.in_force()
    travel.story.sync(OUT[0])
    proof = travel.proof(permit, OUT[0])
    first = travel.scan(OUT[0], permit, holder=proof, use_id="u-1")
    second = travel.scan(OUT[0], permit, holder=proof, use_id="u-1")
    assert first.event is not None
    assert second.event is not None
    assert (second.light.word, second.event.n) == ("green", first.event.n)


def test_a_return_by_another_control_point_ends_the_stay_and_is_marked_as_declared(travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT)
    back_at = travel.nodes.now
    travel.nodes.tick(3600)
    with travel.nodes.at("sz"):
        crossing = actions.declare_return(
            travel.story.user("sz-commuter"), permit, "luohu", back_at, travel.nodes.now
        )
    travel.nodes.settle()
    assert crossing == f"{permit}-r1"
    assert {park: states(travel, park, permit) for park in ("sz", "hk")} == {
        "sz": {"x1": "reconciled", "r1": "declared"},
        "hk": {"x1": "reconciled", "r1": "declared"},
    }


def test_the_day_after_a_declared_return_is_numbered_and_paired_as_ever(travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT)
    with travel.nodes.at("sz"):
        actions.declare_return(
            travel.story.user("sz-commuter"), permit, "luohu", travel.nodes.now, travel.nodes.now
        )
    travel.nodes.settle()
    travel.nodes.tick(DAY_S)
    at(travel, 8)
    travel.pass_gates(permit, *OUT, *BACK)
    assert states(travel, "hk", permit) == {
        "x1": "reconciled",
        "r1": "declared",
        "x2": "reconciled",
        "r2": "reconciled",
    }


def test_an_exit_that_nobody_saw_arrive_is_closed_by_the_declared_return(travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, OUT[0])
    with travel.nodes.at("sz"):
        actions.declare_return(
            travel.story.user("sz-lab-admin"), permit, "huanggang", travel.nodes.now, travel.nodes.now
        )
    travel.nodes.tick(DAY_S)
    travel.nodes.settle()
    for park in ("sz", "hk"):
        with travel.nodes.at(park):
            assert actions.open_discrepancies(travel.nodes.now) == 0
    assert states(travel, "hk", permit) == {"x1": "declared"}


def test_nobody_returns_who_is_not_away(travel: Travel) -> None:
    permit = travel.in_force()
    with travel.nodes.at("sz"), pytest.raises(NotPossible) as told:
        actions.declare_return(
            travel.story.user("sz-commuter"), permit, "luohu", travel.nodes.now, travel.nodes.now
        )
    assert told.value.code == "not_away"


@pytest.mark.parametrize(
    ("point", "when", "field"),
    [("nowhere", timedelta(), "control_point"), ("luohu", timedelta(hours=1), "at")],
)
def test_a_return_names_a_control_point_and_a_time_that_has_been(
    travel: Travel, point: str, when: timedelta, field: str
) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT)
    with travel.nodes.at("sz"), pytest.raises(Invalid) as told:
        actions.declare_return(
            travel.story.user("sz-commuter"), permit, point, travel.nodes.now + when, travel.nodes.now
        )
    assert [problem.path for problem in told.value.problems] == [field]


def test_a_return_is_declared_by_the_person_or_the_employer_alone(travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT)
    with travel.nodes.at("sz"), pytest.raises(Forbidden):
        actions.declare_return(
            travel.story.user("sz-officer"), permit, "luohu", travel.nodes.now, travel.nodes.now
        )


def test_an_officer_reads_movements_only_with_a_reason_that_the_person_sees(travel: Travel) -> None:
    from twoparks.permits import queries as permits

    permit = travel.in_force()
    travel.pass_gates(permit, *OUT)
    with travel.nodes.at("sz"):
        officer = travel.story.user("sz-officer")
        with pytest.raises(Forbidden):
            queries.detail(officer, CrossingId(f"{permit}-x1"), travel.nodes.now)
        with pytest.raises(Invalid):
            actions.read_movements(officer, permit, " ", travel.nodes.now)
        found = actions.read_movements(officer, permit, "A lost bag at the gate.", travel.nodes.now)
        told = permits.detail(travel.story.user("sz-commuter"), permit, travel.nodes.now).acts[-1]
    assert [c.id for c in found] == [f"{permit}-x1"]
    assert (told.kind, told.body["reasons"]) == ("person.movements_read", "A lost bag at the gate.")


def test_lists_show_a_persons_movements_to_that_person_alone(travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT)
    with travel.nodes.at("sz"):
        seen = {
            who: len(queries.of_permit(travel.story.user(who), permit, travel.nodes.now))
            for who in (
                "sz-commuter",
                "sz-lab",
                "sz-lab-admin",
                "sz-officer",
                "sz-auditor",
                "sz-nia",
                "sz-gate",
            )
        }
    assert seen == {
        "sz-commuter": 1,
        "sz-lab": 0,
        "sz-lab-admin": 0,
        "sz-officer": 0,
        "sz-auditor": 0,
        "sz-nia": 0,
        "sz-gate": 0,
    }


def test_a_year_of_commuting_writes_only_what_a_passage_changed(travel: Travel) -> None:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    permit = travel.in_force()
    for _day in range(4):
        at(travel, 8)
        travel.pass_gates(permit, *OUT)
        at(travel, 18)
        travel.pass_gates(permit, *BACK)
    travel.story.sync(OUT[0])
    assert travel.scan(OUT[0], permit).light.word == "green"
    with travel.nodes.at("sz"), CaptureQueriesContext(connections["default"]) as asked:
        actions.sync_gate(OUT[0], travel.nodes.now)
    written = [q["sql"] for q in asked if "crossings_crossingrow" in q["sql"] and q["sql"][:6] != "SELECT"]
    assert len(written) == 1


def test_a_test_phone_stands_in_for_a_real_one_in_a_terminal(
    travel: Travel, capsys: pytest.CaptureFixture[str]
) -> None:
    from twoparks.crossings.device import split_code
    from twoparks.permits.desk import permit as command

    permit = travel.in_force()
    travel.story.sync(OUT[0])
    with travel.nodes.at("sz") as node:
        key = node.home / "phones" / "sz-n-commuter.pem"
        words = ["code", permit, "--as", "sz-lab", "--holder", str(key), "--gate", OUT[0]]
        assert command(words, lambda: travel.nodes.now) == 0
    code, moving = split_code(capsys.readouterr().out.strip("\n"))
    assert code == travel.story.code("sz", permit)
    assert travel.scan(OUT[0], permit, holder=moving).light.word == "green"


def test_a_file_that_is_no_phones_key_is_told(travel: Travel, capsys: pytest.CaptureFixture[str]) -> None:
    from twoparks.permits.desk import permit as command

    permit = travel.in_force()
    with travel.nodes.at("sz"):
        words = ["code", permit, "--as", "sz-lab", "--holder", "README.md", "--gate", OUT[0]]
        assert command(words, lambda: travel.nodes.now) == 64
    assert "no private key" in capsys.readouterr().err
