"""A commuter's morning in a real browser: the key made on a phone, the pass with its moving code, the gate."""

from __future__ import annotations

import json
import re

import pytest
import segno
from playwright.sync_api import Browser, expect
from tests.journeys.conftest import Desk, Parks, sit
from tests.story import EXAMPLES

pytestmark = pytest.mark.journey
PHONE = {"width": 390, "height": 844}
EXIT = "sz-gate1-exit-a"
PRECLEARED = {
    "zh-Hant": "兩個園區已預先審核",
    "zh-Hans": "两个园区已预先审核",
    "en": "Pre-cleared by both parks",
}


def declared(lab: Desk) -> str:
    """The employer declares by file: any hour, by the one point, so that the clock of the day does not matter."""
    text = (EXAMPLES / "commuter-to-hong-kong.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^hours:.*\n", "", text).replace("[gate_1, futian]", "[gate_1]")
    lab.go("/declare/file/")
    lab.page.fill("textarea[name=text]", text)
    lab.page.locator("form button.button").first.click()
    lab.page.wait_for_url(re.compile(r"/permits/sz-p-"))
    return lab.page.url.rstrip("/").rpartition("/")[2]


def alone(browser: Browser, parks: Parks, person: str) -> Desk:
    """Somebody at a desk of their own: a browser profile holds one person a park."""
    made = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    return sit(made, parks, person[:2], person)


def refreshed(gate: Desk, parks: Parks) -> None:
    """The gate holds both parks' status lists: its node hears of the other's within half a minute."""
    (bundle,) = (parks.var / "sz").rglob(f"{EXIT}/bundle.json")
    gate.go(f"/gate/{EXIT}/")
    for _try in range(60):
        gate.press("Refresh now")
        if len(json.loads(bundle.read_text(encoding="utf-8"))["status_names"]) == len(parks.origins):
            return
        gate.page.wait_for_timeout(1000)
    raise AssertionError("the gate never heard of the other park's status list")


def cleared(browser: Browser, parks: Parks, permit: str) -> None:
    """Border inspection registers the lane; both parks clear."""
    nia = alone(browser, parks, "sz-nia")
    nia.go(f"/permits/{permit}/decide/")
    nia.until("you have 3 acts before you")  # the other park has asked its law: nothing comes between now
    nia.page.get_by_label("Grant", exact=True).first.check()
    nia.page.locator("textarea[name=reasons]").first.fill("On the list of the park.")
    nia.press("Record the decision")
    for park in ("sz", "hk"):
        officer = alone(browser, parks, f"{park}-officer")
        officer.go(f"/permits/{permit}/decide/")
        officer.until("Every authority the law names has decided.")
        officer.press("Clear")
    officer.until("This person may cross.")


def without_network(phone: Desk, permit: str, language: str, words: str) -> str:
    """The page in that language, opened again without a network: the pass and its moving code are there. The code as text."""
    page, pocket = phone.page, phone.page.context
    page.locator(f'button[name=language][lang="{language}"]').click()
    page.wait_for_url(re.compile(r"/my-pass/$"))
    page.wait_for_function("path => caches.match(path).then(kept => kept !== undefined)", arg="/my-pass/")
    errors: list[str] = []
    page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    pocket.set_offline(True)
    (worker,) = pocket.service_workers
    for asks in (page, worker):
        assert asks.evaluate("fetch('/api/zone').then(() => 'answered', () => 'no network')") == "no network"
    errors.clear()  # of that question
    page.reload()
    assert page.locator("html").get_attribute("lang") == language
    assert words in page.inner_text("main")
    moving = page.locator(f'[data-permit="{permit}"] [data-text]')
    expect(moving).to_contain_text("TH1:")
    said = moving.text_content() or ""
    assert errors == []
    pocket.set_offline(False)
    page.reload()
    return said


def test_a_commuter_makes_a_key_carries_the_pass_and_is_let_through(browser: Browser, parks: Parks) -> None:
    pocket = browser.new_context(viewport=PHONE, locale="en")
    phone = sit(pocket, parks, "sz", "sz-commuter")
    phone.go("/my-pass/")
    phone.press("Use this phone from now on")
    phone.until("It is on this phone.")
    phone.look()

    lab = alone(browser, parks, "sz-lab")
    permit = declared(lab)
    cleared(browser, parks, permit)

    phone.go("/my-pass/")
    phone.until("Pre-cleared by both parks.")
    live = phone.page.locator(f'[data-permit="{permit}"]')
    expect(live.locator("[data-text]")).to_contain_text("TH1:")
    phone.look()
    moving = live.locator("[data-text]").text_content() or ""
    drawn = phone.page.evaluate("text => window.twoparksPass.matrix(text)", moving)
    wanted = segno.make(moving, error="m", version=7, mask=0, boost_error=False, mode="alphanumeric")
    assert drawn == [list(row) for row in wanted.matrix]

    gate = alone(browser, parks, "sz-gate")
    refreshed(gate, parks)

    offline = ""
    for language, words in PRECLEARED.items():
        offline = without_network(phone, permit, language, words)

    lab.go(f"/permits/{permit}/")
    code = lab.page.locator("pre.code").first.text_content() or ""
    gate.page.fill("#code", code)
    gate.page.fill("#holder", offline)
    gate.press("Check")
    assert gate.page.locator(".verdict .word").inner_text() == "Pass", gate.page.inner_text("main")
    gate.page.fill("#code", code)
    gate.page.fill("#holder", offline)
    gate.press("Check")
    assert "was shown here before" in gate.page.inner_text("main")
    phone.go("/my-pass/movements/")
    phone.until("Back by another control point?")
    phone.look()
