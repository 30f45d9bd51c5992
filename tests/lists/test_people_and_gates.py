"""People and gates as lists: found in either script, filtered, never in an address, and nobody's movements among them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.lists.test_files import csv_rows
from tests.site.conftest import Stage
from tests.story import EXIT, LABELS
from tests.travel import OUT, Travel

from twoparks.lists.sealing import opened, sealed
from twoparks.registry import travellers
from twoparks.registry.models import Organisation, Role

NEW = {"organisation": "sz-o-riverbank", "name": "陳樂華", "username": "chanlw", "kind": "member"}


def rows(stage: Stage, person: str, path: str) -> list[dict[str, Any]]:
    """Rows of one page over the API."""
    found: list[dict[str, Any]] = stage.get(person, f"/api{path}").response.json()["rows"]
    return found


@pytest.mark.parametrize("typed", ["陈乐华", "陳樂", "CHANLW", "chan"])
def test_a_person_is_found_in_either_script_and_by_user_name(stage: Stage, typed: str) -> None:
    stage.post("sz-lab-admin", "/people/new/", NEW)
    assert [row["name"] for row in rows(stage, "sz-officer", f"/people?q={typed}")] == ["陳樂華"]


def test_a_name_typed_into_the_form_stands_in_no_address(stage: Stage) -> None:
    stage.post("sz-lab-admin", "/people/new/", NEW)
    sent = stage.post("sz-officer", "/people/", {"do": "narrow", "q": "陈乐华", "account": "open"})
    assert "q=~" in sent.goes_to.replace("%7E", "~")
    page = stage.get("sz-officer", sent.goes_to)
    assert ("陳樂華" in page.text, 'value="陈乐华"' in page.html) == (True, True)
    assert [
        link for link in re.findall(r'href="([^"]*)"', page.html) if "陈" in link or "%E9%99%88" in link
    ] == []


def test_a_part_of_the_page_asked_by_a_sealed_form_tells_the_browser_a_sealed_address(stage: Stage) -> None:
    page = stage.post("sz-officer", "/people/", {"do": "narrow", "q": "Lin"}, **{"HX-Request": "true"})
    assert (page.status, "Lin" in page.response.headers["HX-Push-Url"], "Lin Xiaohe" in page.text) == (
        200,
        False,
        True,
    )


def test_what_was_sealed_here_opens_and_anything_else_stands_as_it_is() -> None:
    assert [opened(sealed("陳樂華")), opened("~nonsense"), opened("Lin")] == ["陳樂華", "~nonsense", "Lin"]
    assert sealed("a") == sealed("a") != sealed("b")


def test_a_view_kept_of_a_search_for_a_person_opens_it_again(stage: Stage) -> None:
    to = stage.post("sz-officer", "/people/", {"do": "narrow", "q": "Xiaohe"}).goes_to
    stage.post("sz-officer", to, {"name": "mine"})
    links = re.findall(r'href="(/people/\?[^"]*)"', stage.get("sz-officer", "/views/").html)
    assert [("Lin Xiaohe" in stage.get("sz-officer", link).text, "iaohe" in link) for link in links] == [
        (True, False)
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("role=administrator", {"sz-lab-admin"}),
        ("role=member", {"sz-lab"}),
        ("role=park_officer", set()),
        ("account=closed", set()),
        ("second_factor=yes", set()),
        ("organisation=sz-o-riverbank&role=member", {"sz-lab"}),
        ("organisation=sz-o-biobank", set()),
    ],
)
def test_each_filter_of_people_lets_through_what_it_says(stage: Stage, asked: str, found: set[str]) -> None:
    assert {row["username"] for row in rows(stage, "sz-lab-admin", f"/people?{asked}")} == found


def test_a_role_held_elsewhere_is_not_told_by_being_found(stage: Stage) -> None:
    with stage.story.nodes.at("sz"):
        own = stage.story.user("sz-lab")
        Role.objects.create(user=own, kind=Role.Kind.AUDITOR)
        Role.objects.create(user=own, kind=Role.Kind.MEMBER, organisation_id="sz-o-biobank")
    assert rows(stage, "sz-lab-admin", "/people?role=auditor") == []
    assert rows(stage, "sz-lab-admin", "/people?organisation=sz-o-biobank") == []
    assert [row["username"] for row in rows(stage, "sz-officer", "/people?role=auditor")].count("sz-lab") == 1


def test_an_employer_finds_whom_it_registered_and_what_they_lack(stage: Stage) -> None:
    with stage.story.nodes.at("sz"):
        employer = Organisation.objects.get(pk="sz-o-riverbank")
        travellers.register_person(
            stage.story.user("sz-lab-admin"), employer, "阮思樂", stage.story.nodes.now
        )
    (found,) = rows(stage, "sz-lab-admin", "/travellers?q=阮思乐&account=invited&phone=none")
    assert (found["name"], found["next"], found["phone"]) == ("阮思樂", "invite", "none")
    assert rows(stage, "sz-lab-admin", "/travellers?q=阮思乐&phone=ready") == []
    (seen,) = rows(stage, "sz-lab", "/travellers?q=阮思乐")
    assert seen["next"] == ""  # a member registers nobody


def test_the_file_of_people_holds_the_rows_of_the_page(stage: Stage) -> None:
    listed = [row["username"] for row in rows(stage, "sz-officer", "/people")]
    assert [row["User name"] for row in csv_rows(stage, "sz-officer", "/people/?as=csv")] == listed
    assert len(listed) > 5


def _scanned(stage: Stage) -> str:
    permit = stage.story.in_force()
    stage.story.sync(EXIT)
    code = stage.story.code("sz", permit)
    for labels in (LABELS, LABELS[:1]):
        fields = {"do": "scan", "code": code, "labels": "\n".join(labels), "use_id": labels[-1]}
        stage.post("sz-gate", f"/gate/{EXIT}/", fields)
    return str(permit)


def test_events_say_what_was_shown_and_why_it_was_turned_back(stage: Stage) -> None:
    permit = _scanned(stage)
    turned, through = rows(stage, "sz-officer", "/gates/events")
    assert (through["verdict"], turned["verdict"]) == ("gate.passed", "gate.refused")
    assert {through["permit"], turned["permit"]} == {permit}
    assert "not exactly the boxes" in turned["reasons"]


@pytest.mark.parametrize(
    ("asked", "many"),
    [
        ("verdict=gate.refused", 1),
        ("point=huanggang", 2),
        ("point=gate_1", 0),
        ("recorded=waiting", 0),
        ("q=肝癌", 2),
        ("q=nothing", 0),
        (f"gate={EXIT}", 2),
        ("at_until=2026-11-01", 0),
    ],
)
def test_each_filter_of_events_lets_through_what_it_says(stage: Stage, asked: str, many: int) -> None:
    _scanned(stage)
    assert len(rows(stage, "sz-officer", f"/gates/events?{asked}")) == many


def test_no_list_of_events_tells_a_persons_movements(stage: Stage) -> None:
    travel = Travel(stage.story)
    permit = travel.in_force()
    travel.pass_gates(permit, OUT[0])
    (found,) = rows(stage, "sz-officer", "/gates/events")
    assert (found["verdict"], found["permit"]) == ("gate.passed", "")
    assert rows(stage, "sz-officer", f"/gates/events?permit={permit}") == []
    assert rows(stage, "sz-officer", f"/gates/events?q={permit}") == []
    assert str(permit) not in stage.get("sz-officer", f"/gate/{OUT[0]}/").html


def test_gates_are_found_by_their_crossing_point_in_either_script(stage: Stage) -> None:
    found = [
        {row["gate"] for row in rows(stage, "sz-officer", f"/gates?q={typed}")} for typed in ("皇岗", "皇崗")
    ]
    assert found[0] == found[1] != set()
    assert all("huanggang" in gate for gate in found[0])


def test_a_gate_that_was_cut_off_is_found_so(stage: Stage) -> None:
    from twoparks.crossings.actions import cut_off_gate

    with stage.story.nodes.at("sz"):
        cut_off_gate(stage.story.user("sz-officer"), EXIT, stage.story.nodes.now)
    assert [row["gate"] for row in rows(stage, "sz-officer", "/gates?state=cut_off")] == [EXIT]
    assert EXIT not in {row["gate"] for row in rows(stage, "sz-officer", "/gates?state=enrolled")}


def test_the_file_of_events_has_no_permit_of_a_person(stage: Stage) -> None:
    travel = Travel(stage.story)
    travel.pass_gates(travel.in_force(), OUT[0])
    found = csv_rows(stage, "sz-auditor", "/gate/events/?as=csv")
    assert [row["Permit"] for row in found] == [""]
