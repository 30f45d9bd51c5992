"""Programs and browsers calling both parks' APIs in somebody's name, at the story's time."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from tests.story import Story

from twoparks.registry.access import Verb, open_verbs
from twoparks.registry.tokens import NewToken, make_token


class Caller:
    """Calls as `person` (whose name begins with the park's id); the park alone is nobody known."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def __call__(self, person: str, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        data = json.dumps(body) if body is not None else ""
        return self.raw(person, method, path, data, **headers)

    def raw(
        self, person: str, method: str, path: str, data: str | bytes = "", **headers: str
    ) -> HttpResponse:
        """The body as it is; headers by name with _ for -, `Content_Type` among them."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = said.pop("Content-Type", "application/json")
        with self.story.nodes.at(person[:2]):
            client = Client()
            if len(person) > 2:
                client.force_login(self.story.user(person))
            return client.generic(method, f"/api{path}", data, content_type=content_type, headers=said)

    def with_token(
        self, token: str, method: str, path: str, body: Any = None, **headers: str
    ) -> HttpResponse:
        """A program at the Shenzhen Park with nothing but a token."""
        return self("sz", method, path, body, Authorization=f"Bearer {token}", **headers)

    def token(self, person: str, *verbs: Verb, days: int = 90) -> str:
        """A token of the person; without verbs, for all that the person may do."""
        with self.story.nodes.at(person[:2]):
            user = self.story.user(person)
            new = NewToken("a program", frozenset(verbs) or open_verbs(user), days)
            return make_token(user, new, self.story.nodes.now)[1]

    def seen(self, person: str, permit: str) -> int:
        """How many acts the person has before them."""
        return int(self(person, "GET", f"/permits/{permit}").json()["acts_seen"])
