"""The main job in a real browser against two running nodes, every page on the way fit for everybody."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from tests.journeys.conftest import Desk, Parks, sit

pytestmark = pytest.mark.journey

GOODS = {
    "description": "Plasma aliquots, coded",
    "hs_code": "300212",
    "origin": "CN",
    "quantity": "80",
    "value_hkd_cents": "4000",
    "gross_mass_g": "2400",
    "net_mass_g": "160",
}
ANSWERS = {
    "goods_kind": "human_material",
    "human_genome_inside": "true",
    "mainland_donors": "true",
    "managed_as": "none",
    "quarantine_grade": "c",
    "pathogen": "known_risk",
    "infection_suspected": "true",
    "infectious_to_humans": "true",
    "purpose": "joint_research",
    "at_clinical_institution": "false",
    "material_leaves_mainland": "true",
    "payment": "none",
    "endangered_species": "false",
    "inspection_required": "true",
    "first_or_resumed_import": "false",
    "dual_use_class": "none",
    "hk_schedule": "none",
    "wmd_end_use": "false",
    "temporary": "no_return",
    "transport_mode": "road",
    "primary_volume_ml": "2",
    "package_volume_ml": "240",
    "packing_conditions_met": "true",
    "sender_foreign_percent": "0",
    "sender_foreign_dominated": "false",
    "recipient_foreign_percent": "100",
    "recipient_foreign_dominated": "true",
    "recipient_mainland_controlled": "false",
    "penalised_exporter": "false",
    "hgr_cooperation_covers": "true",
}
LABELS = "BOX-JOURNEY-1\nBOX-JOURNEY-2"
OFFICERS = {"sz": ("sz-nhc", "sz-customs"), "hk": ("hk-dh",)}
OPEN_QUESTIONS = """() => [...new Map([...document.querySelectorAll('form [name^="facts."]')]
    .filter(e => !e.closest('details')).map(e => [e.name, [e.name, e.tagName, e.type]])).values()]"""


def declare(desk: Desk, check: bool = True) -> str:
    """From the project to the permit's page; returns the permit's id."""
    page = desk.page
    desk.go("/projects/")
    page.get_by_role("link", name=re.compile("Multi-centre")).click()
    page.get_by_role("link", name="Declare samples under this project").click()
    desk.press("Begin")
    begun = page.url
    for part, fill in (
        ("goods", _goods),
        ("questions", _questions),
        ("approvals", _approvals),
        ("route", _route),
    ):
        page.goto(begun + part + "/")
        if check:
            desk.look()
        fill(desk)
        expect(page).to_have_url(begun)
    page.get_by_role("link", name="Read it through and declare").click()
    if check:
        desk.look()
    desk.press("Declare")
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("Declared|In review"))
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def _goods(desk: Desk) -> None:
    for name, value in GOODS.items():
        desk.page.fill(f'[name="items.1.{name}"]', value)
    desk.page.select_option('[name="items.1.unit"]', "tube")
    desk.page.select_option('[name="items.1.un_number"]', "un3373")
    desk.page.fill("[name=containers]", LABELS)
    desk.press("Save and go on")


def _questions(desk: Desk) -> None:
    """Answer what is asked, round by round, until nothing more is."""
    for _round in range(12):
        asked = desk.page.evaluate(OPEN_QUESTIONS)
        for name, tag, kind in asked:
            value = ANSWERS[name.removeprefix("facts.")]
            if tag == "SELECT":
                desk.page.select_option(f'[name="{name}"]', value)
            elif kind == "radio":
                desk.page.check(f'[name="{name}"][value="{value}"]')
            else:
                desk.page.fill(f'[name="{name}"]', value)
        desk.press("Save and go on")
        if "/questions/" not in desk.page.url:
            return
    raise AssertionError("the form never stopped asking")


def _approvals(desk: Desk) -> None:
    for box in desk.page.locator("input[name=held]").all():
        box.check()
    desk.press("Save and go on")


def _route(desk: Desk) -> None:
    desk.page.locator("[name=route]").first.check()
    today = datetime.now(ZoneInfo("Asia/Hong_Kong")).date()  # the running nodes' own clock
    desk.page.fill("[name=valid_from]", today.isoformat())
    desk.page.fill("[name=valid_until]", (today + timedelta(days=9)).isoformat())
    desk.press("Save and go on")


def _grant_all(desk: Desk, permit: str) -> None:
    """Grant everything that waits for this officer."""
    desk.go(f"/permits/{permit}/decide/")
    desk.look()
    waiting = desk.page.locator("section.notice.wait")
    while waiting.count():
        waiting.first.get_by_label("Grant").check()
        waiting.first.get_by_label("Reasons").fill("The papers are in order.")
        desk.press("Record the decision")
        desk.go(f"/permits/{permit}/decide/")


def _scan(desk: Desk, code: str, answer: str, labels: str = LABELS) -> None:
    desk.page.fill("#code", code)
    desk.page.fill("#labels", labels)
    desk.press("Check")
    expect(desk.page.locator(".verdict .word")).to_have_text(answer)
    desk.look()


def test_a_box_of_samples_crosses_the_river(parks: Parks, browser: Browser, context: BrowserContext) -> None:
    lab = sit(context, parks, "sz", "sz-lab")
    partner = sit(context, parks, "hk", "hk-lab")  # the same browser, signed in to both parks at once
    lab.go("/")
    lab.look()
    permit = declare(lab)
    lab.look()
    for park, people in OFFICERS.items():
        for person in people:
            desk = sit(browser.new_context(locale="en"), parks, park, person)
            desk.go("/work/")
            desk.until("Multi-centre study")
            desk.look()
            _grant_all(desk, permit)
    for park in OFFICERS:
        officer = sit(browser.new_context(locale="en"), parks, park, f"{park}-officer")
        officer.go(f"/permits/{permit}/decide/")
        officer.until("Every authority the law names has decided.")
        officer.look()
        officer.press("Clear")
        if park == "sz":  # the other officer decides on what has arrived, or would be asked to read again
            partner.go(f"/permits/{permit}/")
            partner.until("One park has cleared it; the other has not yet.")
    lab.go(f"/permits/{permit}/")
    lab.until("These goods may cross.")
    lab.look()
    partner.go(f"/permits/{permit}/")
    partner.until("These goods may cross.")
    code = lab.page.locator("details pre.code").text_content()
    assert code is not None
    for park, gate in (("sz", "sz-gate1-exit-a"), ("hk", "hk-gate1-entry-a")):
        desk = sit(browser.new_context(locale="en"), parks, park, f"{park}-gate")
        desk.go(f"/gate/{gate}/")
        desk.press("Refresh now")
        _scan(desk, code, "Do not pass", labels="BOX-JOURNEY-1")
        _scan(desk, code, "Pass")
        _scan(desk, code, "Do not pass")  # a copy: it may be used once
    lab.go(f"/crossings/{permit}-x1/")
    lab.until("Crossed: what left is what arrived.")
    lab.look()
    lab.go(f"/permits/{permit}/")
    lab.until("These goods have crossed.")
    auditor = sit(browser.new_context(locale="en"), parks, "sz", "sz-auditor")
    auditor.go("/ledger/")
    auditor.until("the other park has cosigned it")
    auditor.press("Prove the log now")
    expect(auditor.page.locator(".notice")).to_contain_text("The log is whole.")
    auditor.look()
