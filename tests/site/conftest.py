"""The stage of these tests: both parks with their demonstration people, and a browser without scripts for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.story import Story
from tools import catalogues


@pytest.fixture(scope="session", autouse=True)
def _words() -> None:
    """What `make run` compiles at set-up, so that pages are in the reader's language."""
    catalogues.compile_all()


@dataclass(frozen=True)
class Shown:
    """An answered page: its status and what a reader sees of it."""

    response: HttpResponse

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def html(self) -> str:
        """The page as sent."""
        return self.response.content.decode()

    @property
    def text(self) -> str:
        """The words between the tags, one space between any two."""
        body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", self.html, flags=re.S)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())

    @property
    def goes_to(self) -> str:
        """Where a redirect leads; empty for a page."""
        return str(self.response.headers.get("Location", ""))

    def hidden(self, name: str) -> str:
        """Value of the first hidden field of that name."""
        found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', self.html)
        assert found, f"no hidden field {name}"
        return unescape(found[1])


class Stage:
    """Both parks at a fixed time. Pages are asked for by park, person and address."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.clients: dict[tuple[str, str], Client] = {}

    def client(self, park: str, person: str = "") -> Client:
        """The person's browser at that park; nobody's when empty."""
        key = (park, person)
        if key not in self.clients:
            made = Client()
            if person:
                with self.story.nodes.at(park):
                    made.force_login(self.story.user(person))
            self.clients[key] = made
        return self.clients[key]

    def get(self, person: str, address: str, **headers: str) -> Shown:
        """A page as `person` (whose name begins with the park's id) sees it."""
        park = person[:2]
        client = self.client(park, person)
        with self.story.nodes.at(park):
            return Shown(client.get(address, headers=headers or None))

    def post(self, person: str, address: str, data: Any = None, **headers: str) -> Shown:
        """A form sent by `person`."""
        park = person[:2]
        client = self.client(park, person)
        with self.story.nodes.at(park):
            return Shown(client.post(address, data or {}, headers=headers or None))

    def visit(self, park: str, address: str, **headers: str) -> Shown:
        """A page as somebody sees it who is not signed in."""
        with self.story.nodes.at(park):
            return Shown(Client().get(address, headers=headers or None))


@pytest.fixture
def stage(tmp_path: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Both parks, everybody in place, the clock of the pages that of the story."""
    with django_db_blocker.unblock():
        story = Story.open(tmp_path / "homes")
        monkeypatch.setattr("django.utils.timezone.now", lambda: story.nodes.now)
        try:
            yield Stage(story)
        finally:
            story.nodes.close()
