"""Who sees which page: default no, in plain words."""

from __future__ import annotations

import pytest
from tests.site.conftest import Stage

PAGES = [
    "/work/",
    "/projects/",
    "/declare/",
    "/permits/",
    "/crossings/",
    "/gate/",
    "/ledger/",
    "/api/permits",
]


@pytest.mark.parametrize("address", PAGES[:-1])
def test_a_page_sends_a_stranger_to_sign_in(stage: Stage, address: str) -> None:
    page = stage.visit("sz", address)
    assert page.status == 302
    assert page.goes_to.startswith("/accounts/login/?next=")


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("sz-lab", 200),
        ("sz-lab-admin", 200),
        ("sz-officer", 200),
        ("sz-nhc", 200),
        ("sz-auditor", 200),
        ("hk-lab", 200),
        ("hk-officer", 200),
        ("hk-dh", 200),
        ("sz-biobank", 403),
        ("sz-mofcom", 403),
        ("sz-gate", 403),
        ("hk-diagnostics", 403),
        ("hk-tid", 403),
    ],
)
def test_a_permit_is_open_to_those_it_concerns_alone(stage: Stage, person: str, status: int) -> None:
    permit = stage.story.declare()
    assert stage.get(person, f"/permits/{permit}/").status == status


@pytest.mark.parametrize(("person", "status"), [("sz-auditor", 200), ("sz-officer", 200), ("sz-lab", 403)])
def test_the_ledger_is_open_to_auditors_and_the_park(stage: Stage, person: str, status: int) -> None:
    assert stage.get(person, "/ledger/").status == status


def test_the_auditor_proves_the_log_by_page(stage: Stage) -> None:
    stage.story.in_force()
    assert "The log is whole." in stage.post("sz-auditor", "/ledger/").text


def test_somebody_elses_permit_is_refused_in_plain_words(stage: Stage) -> None:
    permit = stage.story.declare()
    page = stage.get("sz-biobank", f"/permits/{permit}/").text
    assert "This is not open to you" in page
    assert "This belongs to others." in page


def test_a_permit_that_does_not_exist_is_not_found(stage: Stage) -> None:
    page = stage.get("sz-lab", "/permits/sz-p-000000000000/")
    assert page.status == 404
    assert "There is nothing here" in page.text


def test_an_address_that_does_not_exist_is_not_found(stage: Stage) -> None:
    assert stage.visit("sz", "/no/such/page/").status == 404


def test_a_member_cannot_change_the_project_an_administrator_can(stage: Stage) -> None:
    fields = {
        "measure": "hgr_ethics_review|ethics_committee",
        "number": "EC-2026-200",
        "valid_from": "2026-11-01",
    }
    address = "/projects/sz-j-multicentre/approvals/new/"
    assert stage.post("sz-lab", address, fields).status == 403
    assert stage.post("sz-lab-admin", address, fields).status == 302
    assert "EC-2026-200" in stage.get("sz-lab", "/projects/sz-j-multicentre/").text


def test_an_administrator_opens_a_project_with_a_partner_across_the_river(stage: Stage) -> None:
    fields = {"organisation": "sz-o-riverbank", "partner": "hk-o-southbank", "title": "Second study"}
    made = stage.post("sz-lab-admin", "/projects/new/", fields).goes_to
    page = stage.get("sz-lab-admin", made).text
    assert "Second study" in page
    assert "Southbank Diagnostics" in page


def test_signing_in_leads_to_ones_work_and_a_wrong_password_says_so(stage: Stage) -> None:
    from twoparks.registry.node import this_node
    from twoparks.site.demonstration import password

    with stage.story.nodes.at("sz"):
        client, right = stage.client("sz"), password(this_node().home)
        wrong = client.post("/accounts/login/", {"login": "sz-lab", "password": "not it at all"})
        assert "errors-title" in wrong.content.decode()
        done = client.post("/accounts/login/", {"login": "sz-lab", "password": right})
    assert done.headers["Location"] == "/work/"


def test_a_permit_says_who_can_see_it_and_what_crossed_and_why(stage: Stage) -> None:
    permit = stage.story.declare()
    page = stage.get("sz-lab", f"/permits/{permit}/").text
    assert "Riverbank Oncology Institute (fictitious) : Member, Administrator" in page
    assert "Shenzhen Park : Park officer, Auditor" in page
    assert "National Health Commission : Authority officer" in page
    assert (
        "Loop Genomics Centre (fictitious) : Member, Administrator (at the other park, by its own rules)"
        in page
    )
    assert "the other bank's law is asked about it" in page


def test_what_stays_at_home_is_not_said_to_have_crossed(stage: Stage) -> None:
    permit = stage.story.declare()
    page = stage.get("sz-lab", f"/permits/{permit}/").html
    crossed = page[page.index("What crossed to the other park") :]
    assert "Declared" in crossed
    assert "Checked with the register" not in crossed


@pytest.mark.parametrize(
    ("lang", "says"), [("zh-hant", "須據此查詢另一岸的法律"), ("zh-hans", "须据此查询另一岸的法律")]
)
def test_why_a_field_crossed_is_said_in_the_readers_language(stage: Stage, lang: str, says: str) -> None:
    permit = stage.story.declare()
    assert says in stage.get("sz-lab", f"/permits/{permit}/", **{"Accept-Language": lang}).text


def test_a_project_and_a_crossing_say_who_can_see_them(stage: Stage) -> None:
    permit = stage.story.in_force()
    stage.story.cross(permit)
    assert (
        "Riverbank Oncology Institute (fictitious) : Member"
        in stage.get("sz-lab", "/projects/sz-j-multicentre/").text
    )
    page = stage.get("sz-lab", f"/crossings/{permit}-x1/").text
    assert "Who can see this" in page
    assert "exit and entry are recorded on different banks" in page
