"""A passkey in a real browser: added at a park, signing in alone, and shown after the password; each park its own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page
from tests.journeys.conftest import Desk, Parks

pytestmark = [pytest.mark.journey, pytest.mark.one_database]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def _desk(browser: Browser, parks: Parks, park: str) -> Desk:
    """A desk whose browser has a key built in."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en").new_page()
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    desk = Desk(page, parks.origins[park])
    page.on("console", lambda m: desk.complaints.append(m.text) if m.type == "error" else None)
    return desk


def _inside(url: str) -> bool:
    return "/accounts/" not in url


def _password(page: Page, parks: Parks, park: str) -> None:
    page.fill("#id_login", f"{park}-auditor")
    page.fill("#id_password", parks.passwords[park])
    page.press("#id_password", "Enter")


@pytest.mark.parametrize("park", ["hk", "sz"])
def test_an_officer_adds_a_passkey_and_signs_in_with_it_alone_and_after_the_password(
    browser: Browser, parks: Parks, park: str
) -> None:
    desk = _desk(browser, parks, park)
    page = desk.page
    desk.go("/accounts/login/")
    _password(page, parks, park)
    page.wait_for_url(_inside)
    desk.go("/accounts/factors/passkeys/add/")
    page.fill("#id_password", parks.passwords[park])
    desk.press("Go on")
    desk.look()
    page.click("#key-button")
    page.wait_for_url("**/factors/codes/")
    desk.look()
    desk.go("/accounts/")
    desk.look()
    assert "Passkey 1" in page.inner_text("main")
    desk.press("Sign out")
    desk.go("/accounts/login/")
    desk.look()
    page.click("#key-button")
    page.wait_for_url(_inside)
    desk.press("Sign out")
    desk.go("/accounts/login/")
    _password(page, parks, park)
    page.wait_for_url("**/factors/show/")
    desk.look()
    page.click("#key-button")
    page.wait_for_url(_inside)
    page.context.close()


def test_a_key_the_park_does_not_know_is_refused_on_the_page(browser: Browser, parks: Parks) -> None:
    desk = _desk(browser, parks, "sz")
    desk.go("/accounts/login/")
    desk.page.click("#key-button")
    desk.page.wait_for_selector("[data-key-failed]:not([hidden])")
    assert "The key was not used" in desk.page.inner_text("main")
    desk.page.context.close()
