"""The table of `isolation.py` is whole, and every row of it holds for every kind of account."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.site.isolation import MEMBER, NOBODY, OPERATIONS, PAGES, PEOPLE, Row
from tests.story import EXIT, Story
from tests.travel import Travel
from tests.trials import Trials, protocol

from twoparks.permits import queries
from twoparks.permits.types import PermitId
from twoparks.pilots import histories
from twoparks.pilots.actions import drafts, impact
from twoparks.registry.access import Verb
from twoparks.registry.node import this_node
from twoparks.registry.tokens import NewToken, make_token
from twoparks.site.api import api
from twoparks.site.demonstration import password

pytestmark = pytest.mark.one_database  # who may do what is asked of roles, not of a database

ROWS = [(name, row) for name, rows in (*PAGES.items(), *OPERATIONS.items()) for row in rows]
SECRETS = ("{permit}", "{waiting}", "{draft}", "RB-2026-014", "EC-2026-118", "BOX-RB-0001", "Lin Xiaohe")


@dataclass
class Scene:
    """One organisation's things at one park, and a browser for each kind of account, freshly confirmed."""

    story: Story
    named: dict[str, Any]
    clients: dict[str, Client]

    def ask(self, person: str, row: Row) -> HttpResponse:
        """The answer to that person; whatever it wrote is taken back."""
        body = self.filled(row.body)
        client, address = self.clients[person], row.address.format(**self.named)
        how: dict[str, Any] = {"data": body}
        if address.startswith("/api/"):
            how = {"data": json.dumps(body), "content_type": "application/json"}
        if row.method == "get":
            how = {}
        with self.story.nodes.at("sz"), transaction.atomic():
            answer = getattr(client, row.method)(address, **how)
            if answer.streaming:
                answer = HttpResponse(b"".join(answer.streaming_content), status=answer.status_code)  # type: ignore[arg-type,attr-defined]
            transaction.set_rollback(True)
        return answer  # type: ignore[no-any-return]

    def filled(self, body: Any) -> Any:
        """The body with the names of the things put in."""
        if "__declaration__" in body:
            return self.story.example()
        filled = {k: v.format(**self.named) if isinstance(v, str) else v for k, v in body.items()}
        return {k: int(v) if k == "seen" and str(v).isdigit() else v for k, v in filled.items()}

    def shows(self, answer: HttpResponse, text: str) -> bool:
        """Whether the answer holds that text; a workbook is looked into."""
        raw = answer.content
        if raw[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(raw)) as book:
                raw = b"".join(book.read(name) for name in book.namelist())
        return text.format(**self.named).encode() in raw


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Scene]:
    """A permit that crossed, one that waits, a draft, a token, a key: all of one organisation."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        story = Story.open(tmp_path_factory.mktemp("isolation") / "homes")
        patch.setattr("django.utils.timezone.now", lambda: story.nodes.now)
        patch.setattr(settings, "TWOPARKS_CALLS_PER_MINUTE", {"token": 0, "person": 0, "address": 0})
        try:
            permit = story.in_force()
            story.cross(permit)
            valid, waiting = story.in_force(), story.declare()
            travel = Travel(story)
            with story.nodes.at("sz"):
                named = _things(story, permit, waiting, valid)
                person = travel.person()
            named |= {"traveller": person.pk, "pseudonym": person.pseudonym, "travel": travel.in_force()}
            named |= _trials(story)
            with story.nodes.at("sz"):
                clients = {person: _browser(story, person) for person in PEOPLE}
            yield Scene(story, named, clients)
        finally:
            story.nodes.close()


def _things(story: Story, permit: PermitId, waiting: PermitId, valid: PermitId) -> dict[str, Any]:
    owner = story.user("sz-lab")
    client = Client()
    client.force_login(owner)
    draft = client.post("/declare/", {"project": "sz-j-multicentre"}).headers["Location"].split("/")[2]
    token, _text = make_token(owner, NewToken("mine", frozenset({Verb.SEE_PERMIT})), story.nodes.now)
    key = Authenticator.objects.create(
        user=story.user("sz-instruments"), type="webauthn", data={"name": "a key of my own"}
    )
    found = queries.detail(owner, permit, story.nodes.now)
    return {
        **_drafted(story),
        "valid": valid,
        "seen": story.seen(waiting),
        "seen_valid": story.seen(valid),
        "permit": permit,
        "waiting": waiting,
        "crossing": f"{permit}-x1",
        "digest": found.version.digest,
        "project": "sz-j-multicentre",
        "draft": draft,
        "gate": EXIT,
        "person": owner.pk,
        "role": owner.roles.get().pk,
        "token": token.prefix,
        "key": key.pk,
    }


def _drafted(story: Story) -> dict[str, str]:
    """A draft of a trial, tried on a few cases."""
    maker = story.user("sz-rules")
    draft = drafts.begin(maker, "data", "sz-hk", story.nodes.now)
    seen = drafts.Seen(draft.pk, 0, draft.changed_at.isoformat())
    forbids = (
        "provisions: [{id: T-1, instrument: pipl, article: '1', status: pilot, confidence: S, when: persons > 5,"
        " flow: data, crosses: sz-hk, forbid: movement, says: {en: a, zh-Hant: b, zh-Hans: c}}]"
    )
    draft = drafts.write_change(maker, seen, forbids, story.nodes.now)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(histories, "ROWS", 300)
        run = impact.ask(maker, draft.pk, impact.Asked("generated", "sz-hk"), story.nodes.now)
        impact.carry_out(run.pk)
    run.refresh_from_db()
    turn = next(f"{of[0]}-{of[1]}" for of, _names in run.result["samples"])
    return {
        "trial_draft": draft.pk,
        "trial_seen": draft.changed_at.isoformat(),
        "trial_run": run.pk,
        "trial_turn": turn,
    }


def _trials(story: Story) -> dict[str, Any]:
    """A live trial of that organisation with a case of its own, and one that is filed only."""
    trials = Trials(story)
    raw = protocol(authorities={"ml": ["nhc"], "hk": ["dh"]})
    filed, live = trials.file(raw), trials.live()
    seen = {"seen_filed": trials.at("sz", filed).acts, "on_trial": story.declare()}
    return {"trial": live, "filed": filed, "seen_trial": trials.at("sz", live).acts, **seen}


def _browser(story: Story, person: str) -> Client:
    client = Client()
    if person:
        client.force_login(story.user(person))
        confirmed = client.post("/accounts/reauthenticate/", {"password": password(this_node().home)})
        assert confirmed.status_code == 302
    return client


def _denied(answer: HttpResponse, row: Row) -> bool:
    if answer.status_code == row.refused:
        return True
    to = answer.headers.get("Location", "")
    return answer.status_code in (401, 403, 404) or to.startswith("/accounts/login/")


def test_every_page_stands_in_the_table_and_no_other() -> None:
    assert set(_names(get_resolver().url_patterns)) == set(PAGES)


def test_every_operation_stands_in_the_table_and_no_other() -> None:
    methods = [m for methods in api.get_openapi_schema()["paths"].values() for m in methods.values()]
    assert {operation["operationId"] for operation in methods} == set(OPERATIONS)


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[f"{r.method} {r.address}" for _n, r in ROWS])
def test_a_thing_of_one_organisation_is_open_to_exactly_these(scene: Scene, name: str, row: Row) -> None:
    answers = {person: scene.ask(person, row) for person in PEOPLE}
    broken = {person: a.status_code for person, a in answers.items() if a.status_code == 500}
    assert broken == {}
    through = {person for person, answer in answers.items() if not _denied(answer, row)}
    match row.kind:
        case "public":
            assert through == set(PEOPLE)
        case "own":
            assert NOBODY not in through
        case "thing":
            assert through == row.allowed, {p: a.status_code for p, a in answers.items()}
        case "list":
            assert NOBODY not in through
            assert {p for p, answer in answers.items() if scene.shows(answer, row.shows)} == row.allowed
        case "machine":
            assert len({answer.status_code for answer in answers.values()}) == 1
    assert _told_to_others(scene, row, answers) == []


def _told_to_others(scene: Scene, row: Row, answers: dict[str, HttpResponse]) -> list[str]:
    """What an answer to somebody not let through gave away; addresses say back what they were asked."""
    found = []
    allowed = frozenset[str]().union(*(r.allowed for _name, r in ROWS if r.address == row.address))
    secrets = [
        s for s in SECRETS if row.address != "/api/" or "{" in s
    ]  # examples there are of the same story
    for person, answer in answers.items():
        if person in allowed or row.kind == "own":
            continue
        asked = row.address.format(**scene.named)
        for secret in secrets:
            text = secret.format(**scene.named)
            if text in asked or (secret == "Lin Xiaohe" and person in MEMBER):
                continue
            if scene.shows(answer, secret):
                found.append(f"{person}: {secret}")
    return found


def _names(patterns: Any, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if route != "api/":
                yield from _names(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or route
