"""Two running nodes as a newcomer starts them, and a real browser in front of them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Cookie, Page, sync_playwright

START_LIMIT_S = 120
WAIT_LIMIT_S = 90  # for what the other park has to do first
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Parks:
    """Both running nodes: their addresses and the demonstration password of each."""

    origins: dict[str, str]
    passwords: dict[str, str]
    var: Path
    sessions: dict[tuple[str, str], list[Cookie]] = field(
        default_factory=dict
    )  # who signed in at a park before


@dataclass
class Desk:
    """One person before one park's pages; remembers what the browser complained about."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)

    def go(self, address: str) -> None:
        """Open an address of this park."""
        self.page.goto(self.origin + address)

    def look(self) -> None:
        """Nothing on this page keeps anybody out, overflows, or breaks the page's own policy."""
        found = Axe().run(self.page, options={"runOnly": WCAG, "resultTypes": ["violations"]})
        told = [
            f"{v['id']}: {node['html'][:160]}"
            for v in found.response["violations"]
            for node in v["nodes"][:3]
        ]
        assert told == [], f"{self.page.url}\n" + "\n".join(told)
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{self.page.url} is {wide} px wider than the screen"
        assert self.complaints == []

    def press(self, words: str) -> None:
        """Press the button that says so, and wait for the page that answers."""
        self.page.get_by_role("button", name=words, exact=True).first.click()
        self.page.wait_for_load_state()

    def until(self, words: str) -> None:
        """Look again until the page says so: the other park and the workers act in their own time."""
        deadline = time.monotonic() + WAIT_LIMIT_S
        while words not in self.page.inner_text("main"):
            assert time.monotonic() < deadline, (
                f"{self.page.url} never said {words!r}:\n" + self.page.inner_text("main")
            )
            self.page.wait_for_timeout(500)
            self.page.reload()


@pytest.fixture(scope="session")
def parks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parks]:
    """`twoparks run` on free ports with a folder of its own."""
    var = tmp_path_factory.mktemp("parks")
    ports = dict(zip(("hk", "sz"), _free_ports(2), strict=True))
    words = [sys.executable, "-m", "twoparks.site.command", "run", "--var", str(var)]
    for park, port in ports.items():
        words += ["--port", f"{park}={port}"]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("TWOPARKS_", "DJANGO_"))}
    env["TWOPARKS_DEMONSTRATION"] = "small"
    log = var / "run.log"
    with log.open("w") as sink:
        running = subprocess.Popen(words, stdout=sink, stderr=sink, env=env)
    try:
        _await_greeting(running, log)
        yield Parks(
            {park: f"http://localhost:{port}" for park, port in ports.items()},
            {park: (var / park / "demonstration_password").read_text() for park in ports},
            var,
        )
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.fail("chromium is missing (Debian: apt install chromium fonts-noto-cjk)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(autouse=True)
def _desks_are_left(browser: Browser) -> Iterator[None]:
    """What a test opened is closed after it: a page left open goes on asking and drawing."""
    before = list(browser.contexts)
    yield
    for made in browser.contexts:
        if made not in before:
            made.close()


@pytest.fixture
def context(browser: Browser) -> BrowserContext:
    """One browser profile at a desk: a person may be signed in to both parks in it."""
    return browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")


def sit(context: BrowserContext, parks: Parks, park: str, person: str = "") -> Desk:
    """Sit down before a park, signed in as `person` when there is one: with the password the first time, then as before."""
    desk = Desk(context.new_page(), parks.origins[park])
    desk.page.set_default_timeout(20_000)
    desk.page.on(
        "console", lambda told: desk.complaints.append(told.text) if "Security Policy" in told.text else None
    )
    desk.page.on("pageerror", lambda error: desk.complaints.append(str(error)))
    if person:
        kept = parks.sessions.get((park, person))
        if kept is None:
            _sign_in(desk, person, parks.passwords[park])
            cookies = context.cookies(desk.origin)
            kept = parks.sessions[park, person] = [one for one in cookies if one["name"].endswith("_session")]
        context.add_cookies(kept)  # type: ignore[arg-type]  # as `cookies` gave them
    return desk


def _sign_in(desk: Desk, person: str, password: str) -> None:
    desk.go("/accounts/login/")
    desk.page.fill("#id_login", person)
    desk.page.fill("#id_password", password)
    desk.page.press("#id_password", "Enter")
    desk.page.wait_for_url(lambda url: "/accounts/login/" not in url)


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _await_greeting(running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while "what to try first" not in log.read_text():
        assert running.poll() is None, f"twoparks run ended by itself:\n{log.read_text()}"
        assert time.monotonic() < deadline, (
            f"twoparks run did not greet within {START_LIMIT_S} s:\n{log.read_text()}"
        )
        time.sleep(0.2)
