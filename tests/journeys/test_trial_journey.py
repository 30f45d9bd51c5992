"""A rule tried from end to end: a threshold lowered, agreed by both banks, in shadow, live, stopped by its rule, reported, read by all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect
from tests.journeys.conftest import WAIT_LIMIT_S, Desk, Parks, sit

pytestmark = pytest.mark.journey

SAMPLES = Path(__file__).parent.parent.parent / "examples" / "samples-to-hong-kong.yaml"
TITLE = {
    "en": "Foreign share from 40 percent",
    "zh-Hant": "外方比例降至百分之四十",
    "zh-Hans": "外方比例降至百分之四十（试）",
}
SUMMARY = {
    "en": "A seal was broken at once.",
    "zh-Hant": "首宗即有封條破損。",
    "zh-Hans": "首宗即有封条破损。",
}
NAMED = {"sz": ("sz-customs", "customs_ml"), "hk": ("hk-dh", "dh")}


class People:
    """Everybody at a desk of his own, sat down when first needed."""

    def __init__(self, parks: Parks, browser: Browser) -> None:
        self.parks, self.browser = parks, browser
        self.desks: dict[str, Desk] = {}

    def __getitem__(self, person: str) -> Desk:
        if person not in self.desks:
            made = self.browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
            self.desks[person] = sit(made, self.parks, person.split("-")[0], person)
        return self.desks[person]

    def at(self, person: str, address: str, until: str = "") -> Desk:
        """That person's desk with a page open, which says `until` by then."""
        desk = self[person]
        desk.go(address)
        if until:
            desk.until(until)
        return desk

    def declare(self) -> str:
        """The laboratory declares its samples from a file; returns the permit's number."""
        words = [sys.executable, "-m", "twoparks.site.command", "declare", str(SAMPLES)]
        words += ["--park", "sz", "--var", str(self.parks.var), "--as", "sz-lab"]
        env = {k: v for k, v in os.environ.items() if not k.startswith(("TWOPARKS_", "DJANGO_"))}
        said = subprocess.run(words, capture_output=True, text=True, env=env, check=True).stdout
        found = re.search(r"sz-p-[0-9a-z]+", said)
        assert found is not None, said
        return found[0]


@pytest.fixture
def people(parks: Parks, browser: Browser) -> People:
    return People(parks, browser)


def drafted(maker: Desk) -> str:
    """The rule maker lowers a threshold, reads where it turns, tries it on a million cases; returns the draft's page."""
    page = maker.page
    maker.go("/trials/drafts/")
    page.select_option("#f-flow", "materials")
    page.select_option("#f-crosses", "sz-hk")
    maker.press("Begin a draft")
    draft = page.url
    page.get_by_role("link", name="Change a rule").click()
    page.fill("#f-q", "held from abroad counts as foreign")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=re.compile("Change this.*Share of capital")).first.click()
    page.fill("#f-value", "40")
    maker.press("Put it into the draft")
    expect(page.locator("#live")).to_contain_text(re.compile("from 40.* to 49"), timeout=WAIT_LIMIT_S * 1000)
    maker.look()
    page.get_by_role("link", name="See what it would have done").click()
    maker.press("Try it")
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        re.compile(r"of 1,000,000 cases would have been"), timeout=WAIT_LIMIT_S * 1000
    )
    maker.look()
    return draft


def filed(maker: Desk, draft: str) -> str:
    """The rule maker files a protocol from the draft, to begin today; returns the trial's number."""
    page = maker.page
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    page.goto(draft)
    page.get_by_role("link", name="File it as a trial").click()
    for tongue, words in TITLE.items():
        page.fill(f"[name='title_{tongue}']", words)
        page.fill(f"[name='question_{tongue}']", words)
    for bank, (_officer, authority) in zip(("ml", "hk"), NAMED.values(), strict=True):
        page.select_option(f"[name='authorities_{bank}']", authority)
    for name in ("shadow_from", "live_from"):
        page.fill(f"[name='{name}']", today)
    for box in page.locator("[name='harm']").all():
        box.set_checked(box.get_attribute("value") == "recorded")
    page.fill("[name='accepted_recorded']", "10")
    page.select_option("[name='tested']", "recorded")
    page.fill("[name='at_least']", "1")
    maker.look()
    maker.press("File it")
    page.wait_for_url(re.compile(r"/trials/sz-t-\w+/$"))
    maker.look()
    return page.url.rstrip("/").rsplit("/", 1)[1]


def signed(people: People, trial: str) -> None:
    """Each bank's authority agrees, and each park signs."""
    arrived = TITLE["en"]
    for park, (officer, authority) in NAMED.items():
        desk = people.at(officer, f"/trials/{trial}/", arrived)
        desk.page.fill(f"#r-{authority}", f"It can be counted, says {authority}.")
        desk.press("It agrees")
        desk = people.at(f"{park}-officer", f"/trials/{trial}/", f"says {authority}.")
        desk.press("Sign for this park")
        arrived = "Signed"
    desk.until("In shadow")


def test_a_rule_is_tried_from_its_draft_to_its_report(people: People, browser: Browser) -> None:
    maker = people["sz-rules"]
    trial = filed(maker, drafted(maker))
    signed(people, trial)

    shadow = people.declare()
    for park, arrived in (("sz", "What both laws say of the cases"), ("hk", "Opened")):
        desk = people.at(f"{park}-officer", f"/trials/{trial}/", arrived)
        desk.press("I have seen the figures below: let it decide")
    desk.until("Live")
    desk.look()
    joins = people.at("sz-lab-admin", f"/trials/{trial}/", "Join the trial")
    joins.press("Join the trial")

    live = people.declare()
    assert "on trial" not in people.at("sz-lab", f"/permits/{shadow}/").page.inner_text("main")
    lab = people.at("sz-lab", f"/permits/{live}/", "The law on trial answers here")
    lab.look()

    officer = people.at("hk-officer", f"/permits/{live}/", "The law on trial answers here")
    officer.go(f"/trials/{trial}/")
    officer.page.locator("summary", has_text="Record a harm").click()
    officer.page.fill("#h-permit", live)
    officer.page.fill("#h-reasons", "A seal was broken.")
    officer.press("Record it")
    officer.until("Stopped: by its stop rule.")
    lab.page.reload()
    lab.until("the law in force answers")

    people.at("sz-rules", f"/trials/{trial}/", "Report what came of it")
    for tongue, words in SUMMARY.items():
        maker.page.fill(f"#summary_{tongue}", words)
    maker.press("Report at both parks")
    maker.look()
    read_by_everybody(people, browser, trial)


def read_by_everybody(people: People, browser: Browser, trial: str) -> None:
    """Whoever passes by reads the exit report at the other park, in each language, and on paper."""
    for language, tongue in (("en", "en"), ("zh-Hant-HK", "zh-Hant"), ("zh-Hans-CN", "zh-Hans")):
        context = browser.new_context(viewport={"width": 390, "height": 800}, locale=language)
        visitor = sit(context, people.parks, "hk")
        visitor.go("/trials/register/")
        visitor.until(TITLE[tongue])
        visitor.page.get_by_role("link", name=TITLE[tongue]).first.click()
        visitor.until(SUMMARY[tongue])
        visitor.look()
    paper = visitor.page.request.get(f"{visitor.origin}/trials/register/{trial}.pdf?lang=zh-Hans")
    assert paper.body().startswith(b"%PDF-")
