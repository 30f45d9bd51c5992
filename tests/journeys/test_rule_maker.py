"""A rule maker lowers a threshold, reads where it turns, and sees what it would have done to a million cases."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from tests.journeys.conftest import WAIT_LIMIT_S, Desk, Parks, sit

pytestmark = pytest.mark.journey


@pytest.fixture
def maker(parks: Parks, browser: Browser) -> Desk:
    return sit(
        browser.new_context(viewport={"width": 1280, "height": 900}, locale="en"), parks, "sz", "sz-rules"
    )


def test_from_a_threshold_to_its_witness_and_its_impact(maker: Desk) -> None:
    page = maker.page
    maker.go("/trials/drafts/")
    maker.look()
    page.select_option("#f-flow", "data")
    page.select_option("#f-crosses", "sz-hk")
    maker.press("Begin a draft")
    draft = page.url
    page.get_by_role("link", name="Change a rule").click()
    page.fill("#f-q", "no gateway is needed")
    page.get_by_role("button", name="Search").click()
    maker.look()
    page.get_by_role("link", name=re.compile("Change this.*gateway")).first.click()
    page.fill("#f-value", "80,000")
    maker.look()
    maker.press("Put it into the draft")
    expect(page.locator("#live")).to_contain_text(
        "from 80,000 persons to 99,999 persons", timeout=WAIT_LIMIT_S * 1000
    )
    maker.look()
    page.get_by_role("link", name="See what it would have done").click()
    maker.look()
    maker.press("Try it")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("cases would have been answered otherwise", timeout=WAIT_LIMIT_S * 1000)
    assert re.search(r"[\d,]+ of 1,000,000 cases", heading.inner_text())
    maker.look()
    page.get_by_role("link", name=re.compile("Look at cases")).first.click()
    maker.look()
    page.set_viewport_size({"width": 390, "height": 800})
    for address in (draft, page.url, f"{draft}law/", f"{draft}provision/new/"):
        page.goto(address)
        maker.look()


def test_the_text_is_checked_while_it_is_typed(maker: Desk) -> None:
    page = maker.page
    maker.go("/trials/drafts/")
    maker.press("Begin a draft")
    page.locator("summary", has_text="The text").click()
    page.fill("#f-text", "colour: 3\n")
    expect(page.locator("#live")).to_contain_text("Line 1, place 9")
    page.fill("#f-text", "drop: [CN-CBDF-05-4]\n")
    expect(page.locator("#told")).to_contain_text("dropped")
    expect(page.locator("#live")).to_contain_text("What it tells differently", timeout=WAIT_LIMIT_S * 1000)
    page.reload()
    assert "drop: [CN-CBDF-05-4]" in page.locator("#f-text").input_value()
