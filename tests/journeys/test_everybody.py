"""The pages are for everybody: without scripts, on a phone, in the dark, in Chinese, by keyboard, two at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.journeys.conftest import Desk, Parks, sit
from tests.journeys.test_main_job import declare

pytestmark = pytest.mark.journey
EXAMPLE = Path(__file__).parents[2] / "examples" / "samples-to-hong-kong.yaml"


def _declared_by_file(desk: Desk) -> str:
    desk.go("/declare/file/")
    desk.page.set_input_files("#id_file", EXAMPLE)
    desk.press("Check and declare")
    return desk.page.url.rstrip("/").rsplit("/", 1)[-1]


def test_a_declaration_is_made_without_scripts(parks: Parks, browser: Browser) -> None:
    lab = sit(browser.new_context(java_script_enabled=False, locale="en"), parks, "sz", "sz-lab")
    permit = declare(lab, check=False)
    lab.go(f"/permits/{permit}/")
    lab.until("What waits, and for whom")


@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hans"])
def test_every_page_fits_a_phone_in_the_dark_and_in_chinese(
    parks: Parks, browser: Browser, language: str
) -> None:
    english = sit(browser.new_context(locale="en"), parks, "sz", "sz-lab")
    permit = _declared_by_file(english)
    phone = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark", locale=language)
    stranger = sit(phone, parks, "hk")
    for address in ("/", "/accounts/login/", "/check/", "/verify/", "/api/"):
        stranger.go(address)
        stranger.look()
    lab = sit(phone, parks, "sz", "sz-lab")
    receipt = f"/permits/{permit}/paper/receipt/"
    places = (
        "/work/",
        "/projects/sz-j-multicentre/",
        "/declare/",
        "/accounts/",
        "/permits/",
        f"/permits/{permit}/",
        receipt,
    )
    for address in places:
        lab.go(address)
        lab.look()
    assert lab.page.get_attribute("html", "lang") == language
    administrator = sit(
        browser.new_context(viewport={"width": 390, "height": 844}, locale=language),
        parks,
        "sz",
        "sz-lab-admin",
    )
    for address in ("/people/", "/travellers/", "/travellers/days/"):
        administrator.go(address)
        administrator.look()
    gate = sit(
        browser.new_context(viewport={"width": 390, "height": 844}, locale=language), parks, "sz", "sz-gate"
    )
    gate.go("/gate/sz-gate1-exit-a/")
    gate.look()


def test_typing_saves_by_itself_and_the_answer_follows(parks: Parks, browser: Browser) -> None:
    lab = sit(browser.new_context(locale="en"), parks, "sz", "sz-lab")
    lab.go("/declare/?project=sz-j-multicentre")
    lab.press("Begin")
    begun = lab.page.url
    lab.page.goto(begun + "questions/")
    lab.page.select_option('[name="facts.goods_kind"]', "literature")
    expect(lab.page.locator("#saved")).to_contain_text("Saved")
    lab.page.reload()
    lab.page.locator("details summary").last.click()
    expect(lab.page.locator('[name="facts.goods_kind"]')).to_have_value("literature")


def test_two_officers_at_one_desk_do_not_decide_over_each_other(parks: Parks, browser: Browser) -> None:
    permit = _declared_by_file(sit(browser.new_context(locale="en"), parks, "sz", "sz-lab"))
    first, second = (sit(browser.new_context(locale="en"), parks, "sz", "sz-nhc") for _ in range(2))
    first.go(f"/permits/{permit}/decide/")
    first.until("Export certificate")
    second.go(f"/permits/{permit}/decide/")
    for desk in (first, second):
        waiting = desk.page.locator("section.notice.wait").first
        waiting.get_by_label("Grant").check()
        waiting.get_by_label("Reasons").fill("The papers are in order.")
        desk.press("Record the decision")
    expect(first.page.locator("main")).to_contain_text("Your decision is recorded.")
    expect(second.page.get_by_role("heading", level=1)).to_have_text("Somebody acted meanwhile")
    second.look()
    second.page.get_by_role("link", name="Read it again").click()
    expect(second.page.locator("main")).to_contain_text("Nothing here waits for you.")


def test_a_queue_is_worked_by_keyboard(parks: Parks, browser: Browser) -> None:
    _declared_by_file(sit(browser.new_context(locale="en"), parks, "sz", "sz-lab"))
    officer = sit(browser.new_context(locale="en"), parks, "sz", "sz-customs")
    officer.go("/work/")
    officer.until("Multi-centre study")
    officer.page.keyboard.press("j")
    officer.page.keyboard.press("Enter")
    expect(officer.page.get_by_role("heading", level=1)).to_have_text("Decide")


def test_a_refused_form_puts_the_reader_at_its_errors(parks: Parks, browser: Browser) -> None:
    lab = sit(browser.new_context(locale="en"), parks, "sz", "sz-lab")
    lab.go("/declare/file/")
    lab.page.fill("#id_text", "flow: nonsense")
    lab.press("Check and declare")
    expect(lab.page.locator(".errors")).to_be_focused()
    lab.look()
