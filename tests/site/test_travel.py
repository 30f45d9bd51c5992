"""What a person, the employer and officers see of a pass and of movements."""

from __future__ import annotations

import re

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from tests.site.conftest import Stage
from tests.travel import BACK, OUT, Travel

from twoparks.crossings import actions as crossings
from twoparks.federation.queries import acts
from twoparks.federation.types import StreamId
from twoparks.permits import actions
from twoparks.permits.actions import rebuild, save_draft
from twoparks.permits.models import Draft
from twoparks.registry.models import Organisation, Person
from twoparks.registry.travellers import register_person

DAY_S = 86_400


@pytest.fixture
def travel(stage: Stage) -> Travel:
    """The commuter's story behind the pages."""
    return Travel(stage.story)


def test_the_pass_says_what_it_is_and_what_remains(stage: Stage, travel: Travel) -> None:
    permit = travel.in_force()
    page = stage.get("sz-commuter", "/my-pass/")
    assert page.status == 200
    assert "Pre-cleared by both parks. Boundary control as at other land crossings remains." in page.text
    assert f'data-permit="{permit}"' in page.html
    assert page.html.count("<option value=") == 8


def test_who_signs_in_to_cross_comes_to_the_pass(stage: Stage) -> None:
    assert stage.get("sz-commuter", "/work/").goes_to == "/my-pass/"


def test_the_pass_is_nobody_elses(stage: Stage, travel: Travel) -> None:
    travel.in_force()
    for who in ("sz-lab-admin", "sz-officer", "sz-gate"):
        assert stage.get(who, "/my-pass/").status == 403


def test_an_employer_registers_invites_and_the_person_joins_once(stage: Stage) -> None:
    shown = stage.post(
        "sz-lab-admin", "/travellers/new/", {"organisation": "sz-o-riverbank", "name": "Ruan Sile"}
    )
    address = re.search(r'value="http://[^/"]+(/join/[^"]+)"', shown.html)
    assert address
    assert "Ruan Sile" not in address[1]
    form = {"username": "ruan", "password": "a long pass phrase 7"}
    with stage.story.nodes.at("sz"):
        from django.test import Client

        assert Client().post(address[1], form).status_code == 302
        assert Client().post(address[1], form).status_code == 410
        person = Person.objects.get(name="Ruan Sile")
        assert person.user is not None
        assert [role.kind for role in person.user.roles.all()] == ["person"]


def test_a_member_registers_nobody(stage: Stage) -> None:
    form = {"organisation": "sz-o-riverbank", "name": "Ruan Sile"}
    assert stage.post("sz-lab", "/travellers/new/", form).status in {403, 422}
    with stage.story.nodes.at("sz"):
        assert not Person.objects.filter(name="Ruan Sile").exists()


def _draft(stage: Stage) -> str:
    form = {"project": "sz-j-multicentre", "flow": "personnel"}
    address = stage.post("sz-lab", "/declare/", form).goes_to
    stage.post("sz-lab", address + "person/", {"person": "sz-n-commuter"})
    facts = {
        "facts.status": "mainland_resident",
        "facts.endorsement": "hetao_talent",
        "facts.activity": "meeting_or_exchange",
        "facts.genuine_purpose": "true",
        "facts.paid": "false",
        "facts.stay_days": "3",
        "facts.work_place": "sz_park_supervised",
    }
    stage.post("sz-lab", address + "questions/", facts)
    route = {
        "control_points": ["gate_1"],
        "hours_from": "07:00",
        "hours_until": "22:00",
        "uses_kind": "standing",
        "valid_from": "2026-11-23",
        "valid_until": "2027-03-31",
    }
    stage.post("sz-lab", address + "route/", route)
    return address


def test_the_form_leads_to_a_permit_once_the_person_has_consented(stage: Stage) -> None:
    address = _draft(stage)
    review = stage.get("sz-lab", address + "review/")
    assert "has not consented to exactly these facts" in review.text
    asked = stage.get("sz-commuter", "/my-pass/")
    assert "Your employer asks for your consent" in asked.text
    assert "neither; ask your employer to leave it out" not in asked.text
    digest = asked.hidden("digest")
    assert stage.post("sz-commuter", "/my-pass/consent/", {"digest": digest}).goes_to == "/my-pass/"
    done = stage.post("sz-lab", address + "review/")
    assert done.goes_to.startswith("/permits/sz-p-")
    permit = stage.get("sz-lab", done.goes_to)
    assert "Wen Jiaqi" in permit.text
    stage.story.nodes.settle()
    there = stage.get("hk-officer", done.goes_to)
    assert there.status == 200
    assert "Wen Jiaqi" not in there.text


def test_facts_changed_after_reading_are_not_consented_to(stage: Stage) -> None:
    address = _draft(stage)
    digest = stage.get("sz-commuter", "/my-pass/").hidden("digest")
    stage.post("sz-lab", address + "questions/", {"facts.stay_days": "4"})
    stage.post("sz-commuter", "/my-pass/consent/", {"digest": digest})
    with stage.story.nodes.at("sz"):
        assert digest not in Person.objects.get(pk="sz-n-commuter").agreed
        assert Draft.objects.count() == 1


def test_taking_consent_back_names_what_ends(stage: Stage, travel: Travel) -> None:
    permit = travel.in_force()
    assert permit in stage.get("sz-commuter", "/my-pass/").text
    stage.post("sz-commuter", "/my-pass/consent/withdraw/")
    assert f"These permits have ended: {permit}" in stage.get("sz-commuter", "/my-pass/").text


def test_days_and_movements_are_told_with_the_laws_own_lines(stage: Stage, travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT)
    page = stage.get("sz-commuter", "/my-pass/movements/")
    assert page.status == 200
    assert "Days that count for tax residence in the Mainland" in page.text
    assert "full 24 hours" in page.text
    assert "Incomplete." in page.text


def test_a_return_is_declared_on_the_page(stage: Stage, travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT)
    form = {"permit": permit, "control_point": "luohu", "at": "2026-11-22T15:00"}
    assert "after the last passage" in stage.post("sz-commuter", "/my-pass/movements/", form).text
    local = (travel.nodes.now).strftime("%Y-%m-%d")
    travel.nodes.tick(7200)
    late = {**form, "at": f"{local}T23:59"}
    travel.nodes.tick(20 * 3600)
    assert stage.post("sz-commuter", "/my-pass/movements/", late).goes_to == "/my-pass/movements/"
    assert "Back by another control point?" not in stage.get("sz-commuter", "/my-pass/movements/").text


def test_an_officer_reads_movements_for_a_reason_that_stands_on_the_persons_page(
    stage: Stage, travel: Travel
) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT)
    address = f"/permits/{permit}/movements/"
    assert stage.get("sz-lab", address).status == 403
    assert f"{permit}-x1" not in stage.get("sz-officer", address).text
    assert f"{permit}-x1" in stage.post("sz-officer", address, {"reason": "A lost bag."}).text
    assert "A lost bag." in stage.get("sz-commuter", f"/permits/{permit}/").text


def test_a_phones_key_is_kept_by_its_public_half(stage: Stage) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    from twoparks.ledger.canonical import base64url
    from twoparks.passes.claims import holder_digest
    from twoparks.passes.holder import point_of

    point = point_of(ec.generate_private_key(ec.SECP256R1()).public_key())
    stage.post("sz-commuter", "/my-pass/key/", {"point": base64url(point)})
    with stage.story.nodes.at("sz"):
        assert Person.objects.get(pk="sz-n-commuter").holder == base64url(holder_digest(point))
    before = stage.post("sz-commuter", "/my-pass/key/", {"point": base64url(b"\x02" * 20)})
    assert before.goes_to == "/my-pass/"
    with stage.story.nodes.at("sz"):
        assert Person.objects.get(pk="sz-n-commuter").holder == base64url(holder_digest(point))


def test_the_permits_page_of_a_person_speaks_of_the_person(stage: Stage, travel: Travel) -> None:
    permit = travel.in_force()
    page = stage.get("hk-officer", f"/permits/{permit}/")
    assert page.status == 200
    assert travel.person().pseudonym in page.text
    assert "Goods" not in page.text.split("What happened")[0].split("What was declared")[1]


def test_ending_consent_needs_the_person(stage: Stage, travel: Travel) -> None:
    permit = travel.in_force()
    assert stage.post("sz-lab-admin", "/my-pass/consent/withdraw/").status == 403
    with stage.story.nodes.at("sz"):
        assert actions.permits_to_end(travel.person(), travel.nodes.now) == (permit,)


def test_an_employer_sees_nothing_of_whoever_released_nothing(stage: Stage, travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT, *BACK)
    travel.nodes.tick(30 * DAY_S)
    page = stage.get("sz-lab-admin", "/travellers/days/")
    assert "Wen Jiaqi" in page.text
    assert "Not released" in page.text
    assert "2026" not in page.text.partition("Wen Jiaqi")[2]


def test_a_person_releases_a_month_and_the_employer_sees_its_days_and_no_more(
    stage: Stage, travel: Travel
) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT, *BACK)
    travel.nodes.tick(30 * DAY_S)
    mine = stage.get("sz-commuter", "/my-pass/movements/")
    assert "November 2026" in mine.text
    stage.post("sz-commuter", "/my-pass/movements/released/", {"months": ["2026-11"]})
    seen = stage.get("sz-lab-admin", "/travellers/days/").text.partition("Wen Jiaqi")[2]
    assert "November 2026 : 1 day" in seen.replace("2026:", "2026 :")
    assert permit not in seen
    assert "incomplete" not in seen
    stage.post("sz-commuter", "/my-pass/movements/taken-back/")
    assert "November" not in stage.get("sz-lab-admin", "/travellers/days/").text


def test_a_month_resting_on_a_statement_is_released_as_incomplete(stage: Stage, travel: Travel) -> None:
    permit = travel.in_force()
    travel.pass_gates(permit, *OUT)
    travel.nodes.tick(7200)
    with travel.nodes.at("sz"):
        person = travel.story.user("sz-commuter")
        crossings.declare_return(person, permit, "luohu", travel.nodes.now, travel.nodes.now)
    travel.nodes.tick(30 * DAY_S)
    stage.post("sz-commuter", "/my-pass/movements/released/", {"months": ["2026-11"]})
    assert "1 day incomplete" in stage.get("sz-lab-admin", "/travellers/days/").text


def test_a_month_that_is_not_over_cannot_be_released(stage: Stage) -> None:
    stage.post("sz-commuter", "/my-pass/movements/released/", {"months": ["2026-11"]})
    assert "2026-11 is not accepted" in stage.get("sz-commuter", "/my-pass/movements/").text
    with stage.story.nodes.at("sz"):
        assert Person.objects.get(pk="sz-n-commuter").counts_released == []


def test_releasing_and_taking_back_are_acts_that_stay_at_home(stage: Stage, travel: Travel) -> None:
    travel.nodes.tick(30 * DAY_S)
    stage.post("sz-commuter", "/my-pass/movements/released/", {"months": ["2026-11"]})
    stage.post("sz-commuter", "/my-pass/movements/taken-back/")
    with travel.nodes.at("sz"):
        told = [a for a in acts(StreamId("sz-n-commuter")) if a.kind.startswith("person.counts")]
        assert [a.kind for a in told] == ["person.counts_released", "person.counts_withdrawn"]
        assert told[0].body["months"] == ["2026-11"]
        assert {a.seq for a in told} == {None}
        assert rebuild() == 0
    travel.nodes.settle()
    with travel.nodes.at("hk"):
        assert not acts(StreamId("sz-n-commuter"))


def test_a_longer_list_of_people_has_pages(stage: Stage) -> None:
    with stage.story.nodes.at("sz"):
        admin, employer = stage.story.user("sz-lab-admin"), Organisation.objects.get(pk="sz-o-riverbank")
        for n in range(26):
            register_person(admin, employer, f"Person {n:02d}", stage.story.nodes.now)
    first = stage.get("sz-lab-admin", "/travellers/")
    assert ("27 entries" in first.text, "Next page" in first.text) == (True, True)
    assert "Page 2 of 2" in stage.get("sz-lab-admin", "/travellers/days/?page=2").text


def test_a_control_point_nobody_knows_is_told_and_breaks_no_page(stage: Stage) -> None:
    address = _draft(stage)
    refused = stage.post("sz-lab", address + "route/", {"control_points": ["moon"], "uses_kind": "standing"})
    assert (refused.status, "moon" in refused.text) == (422, True)
    assert stage.get("sz-lab", address).status == 200
    assert stage.get("sz-commuter", "/my-pass/").status == 200


def test_an_employers_draft_that_says_nothing_readable_breaks_no_pass(stage: Stage) -> None:
    with stage.story.nodes.at("sz"):
        employer = stage.story.user("sz-lab-admin")
        for content in ({}, {"crosses": "up"}, {"crosses": "sz-hk", "control_points": "x", "facts": "y"}):
            said = {"person": "sz-n-commuter", "project": "sz-j-multicentre", **content}
            save_draft(employer, None, said, stage.story.nodes.now)
    assert stage.get("sz-commuter", "/my-pass/").status == 200


def test_the_same_facts_are_asked_for_once(stage: Stage) -> None:
    _draft(stage)
    _draft(stage)
    assert stage.get("sz-commuter", "/my-pass/").text.count("Your employer asks for your consent") == 1


def test_more_people_and_months_ask_no_more_questions_of_the_database(stage: Stage) -> None:
    def asked() -> int:
        with stage.story.nodes.at("sz"), CaptureQueriesContext(connections["default"]) as counted:
            assert stage.client("sz", "sz-lab-admin").get("/travellers/days/").status_code == 200
        return len(counted)

    stage.story.nodes.tick(60 * DAY_S)
    with stage.story.nodes.at("sz"):
        Person.objects.update(counts_released=["2026-11"])
    asked()  # packs, zone and session are read once
    few = asked()
    with stage.story.nodes.at("sz"):
        admin, employer = stage.story.user("sz-lab-admin"), Organisation.objects.get(pk="sz-o-riverbank")
        for n in range(10):
            register_person(admin, employer, f"Person {n:02d}", stage.story.nodes.now)
        Person.objects.update(counts_released=["2026-11", "2026-12"])
    assert (asked() - few, few <= 9) == (0, True), few
