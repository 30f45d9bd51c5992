"""A list is worked in a browser: narrowed, searched in the other script, ordered, taken away, kept under a name."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.journeys.conftest import Desk, Parks, sit
from tests.journeys.test_everybody import _declared_by_file

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def lab(parks: Parks, browser: Browser) -> Desk:
    desk = sit(browser.new_context(locale="en"), parks, "sz", "sz-lab")
    for _ in range(2):
        _declared_by_file(desk)
    return desk


def _titles(desk: Desk) -> list[str]:
    return desk.page.locator("table.list tbody th a").all_inner_texts()


def test_a_list_is_narrowed_while_one_chooses(lab: Desk) -> None:
    lab.go("/permits/")
    everything = len(_titles(lab))
    lab.page.locator("form.filter summary").click()
    lab.page.select_option("#id_status", "withdrawn")
    expect(lab.page.locator("#results")).to_contain_text("Nothing matches.")
    lab.page.select_option("#id_status", "")
    expect(lab.page.locator("table.list tbody tr")).to_have_count(everything)
    lab.look()


def test_a_search_in_one_script_finds_what_is_written_in_the_other(lab: Desk) -> None:
    lab.go("/permits/")
    with lab.page.expect_response(lambda answer: "q=" in answer.url):
        lab.page.fill("#id_q", "河岸腫瘤")
    assert any("Multi-centre study" in title for title in _titles(lab))
    lab.look()


def test_a_heading_orders_the_list_and_says_so(lab: Desk) -> None:
    lab.go("/permits/")
    lab.page.locator("#sort-valid_until").click()
    heading = lab.page.locator("th:has(#sort-valid_until)")
    expect(heading).to_have_attribute("aria-sort", "descending")
    lab.page.locator("#sort-valid_until").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    lab.look()


def test_the_file_holds_the_rows_of_the_page(lab: Desk) -> None:
    lab.go("/permits/?q=riverbank")
    with lab.page.expect_download() as taken:
        lab.page.get_by_role("link", name="CSV").click()
    lines = Path(taken.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(_titles(lab))


def test_a_filter_kept_under_a_name_is_offered_above_the_list(lab: Desk) -> None:
    lab.go("/permits/?q=riverbank")
    lab.page.get_by_text("Keep this filter as a view").click()
    lab.page.fill("#view-name", "Ours")
    lab.press("Keep")
    lab.go("/permits/")
    lab.page.get_by_role("navigation", name="Views").get_by_role("link", name="Ours").click()
    expect(lab.page.locator("#id_q")).to_have_value("riverbank")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_desks_work_is_a_list_for_everybody(lab: Desk, parks: Parks, browser: Browser, width: int) -> None:
    screen = browser.new_context(viewport={"width": width, "height": 844}, locale="en")
    officer = sit(screen, parks, "sz", "sz-customs")
    officer.go("/work/")
    officer.until("Multi-centre study")
    officer.look()
