"""Whatever is sent to an operation, it answers as its description says, and never with a fault.

Cases are made by schemathesis from the description, half of them fitting it and half not; in every third the body is the recorded
example with one to three of its values spoilt, which comes past the first questions. So do ids of things that are there, and the
number of acts that somebody has seen.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.contracts.calling import Caller
from tests.story import ENTRY, EXIT, Story
from tests.trials import protocol

from twoparks.registry.access import open_verbs
from twoparks.registry.models import Role, User
from twoparks.registry.tokens import NewToken, make_token
from twoparks.site.api import api
from twoparks.site.calls.description import examples

CASES, SOAK_CASES = 8, 200
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(), default=str)))
SCHEMA.app = get_wsgi_application()
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 2**31, 2**53 - 1, -(2**53 - 1)),
    *(
        "",
        " ",
        "x" * 2_000,
        "0",
        "\x1f",
        "\r\n",
        "\u202e",
        "\U0001f9ea",
        "𠮷",
        "9999-12-31",
        "0001-01-01",
        "today + 99999999 days",
    ),
    *([], {}, [None], [[]], {"": None}, ["x"] * 300),
)
EVERYTHING = (
    {"kind": Role.Kind.ADMINISTRATOR, "organisation_id": "sz-o-riverbank"},
    {"kind": Role.Kind.PARK_OFFICER},
    {"kind": Role.Kind.AUTHORITY_OFFICER, "authority": "nhc"},
    {"kind": Role.Kind.GATE, "gate": EXIT},
    {"kind": Role.Kind.AUDITOR},
    {"kind": Role.Kind.RULE_MAKER},
)


class Target:
    """The Shenzhen node with permits in several states, and somebody who may do everything there."""

    def __init__(self, story: Story) -> None:
        self.story = story
        crossed = story.in_force()
        story.cross(crossed)
        self.permits = [str(crossed), *(str(story.declare()) for _ in range(3))]
        with story.nodes.at("sz"):
            user = User.objects.create(username="everybody", fictitious=True)
            for role in EVERYTHING:
                Role.objects.create(user=user, **role)
            wanted = NewToken("fuzz", open_verbs(user))
            self.token = make_token(user, wanted, story.nodes.now)[1]
        self.call = Caller(story)
        draft = self("POST", "/drafts", {"project": "sz-j-multicentre"}).json()["id"]
        trial = self("POST", "/trials", {"protocol": protocol()}).json()["id"]
        change = self("POST", "/trials/drafts", {"example": "financing-quota"}).json()["id"]
        self.things = {
            "permit_id": self.permits,
            "crossing_id": [f"{crossed}-x1"],
            "project_id": ["sz-j-multicentre"],
            "draft_id": [draft, change],
            "trial_id": [trial],
            "gate": [EXIT, ENTRY],
            "code": ["short", "overdue"],
        }

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        return self.call.with_token(self.token, method, path, body)

    def spoilt(self, case: Case, chosen: random.Random) -> Case:
        """The operation's recorded body with some values in it replaced by odd ones; the case itself without one."""
        body = copy.deepcopy(
            examples().get(str(case.operation.definition.raw["operationId"]), {}).get("request")
        )
        if body is None:
            return case
        places = list(_places(body))
        for holder, name in chosen.sample(places, min(len(places), chosen.randint(1, 3))):
            holder[name] = copy.deepcopy(chosen.choice(ODD))
        case.body, case.media_type = body, "application/json"
        return case

    def look(self, case: Case) -> None:
        """Have the case say what somebody would who has just looked at its permit or trial."""
        for name, place in (("permit_id", "permits"), ("trial_id", "trials")):
            if name in case.path_parameters:
                found = self("GET", f"/{place}/{quote(str(case.path_parameters[name]), safe='')}")
                case.body["seen"] = found.json().get("acts_seen", 0)

    def take(self, case: Case, chosen: random.Random) -> None:
        """Send one case; raises when the answer is not as described."""
        if chosen.random() < 0.33:
            case = self.spoilt(case, chosen)
        for name in case.path_parameters:
            if name in self.things and chosen.random() < 0.7:
                case.path_parameters[name] = chosen.choice(self.things[name])
        if isinstance(case.body, dict) and "seen" in case.body and chosen.random() < 0.7:
            self.look(case)
        with self.story.nodes.at("sz"):
            answer = case.call(headers={"Authorization": f"Bearer {self.token}"})
            case.validate_response(answer, checks=CHECKS)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Target]:
    """One node for all cases: what one leaves behind, the next one meets."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patched:
        story = Story.open(tmp_path_factory.mktemp("fuzz") / "homes")
        patched.setattr("django.utils.timezone.now", lambda: story.nodes.now)
        patched.setattr(
            "django.conf.settings.TWOPARKS_CALLS_PER_MINUTE", {"token": 0, "person": 0, "address": 0}
        )
        try:
            yield Target(story)
        finally:
            story.nodes.close()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (holder, name or number) at which a JSON value holds another."""
    named = list(
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, inner in named:
        yield value, name
        yield from _places(inner)


def _fuzz(target: Target, label: str, cases: int, derandomize: bool) -> None:
    operation = OPERATIONS[label]
    fitting = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    other = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(
        max_examples=cases,
        derandomize=derandomize,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(fitting, other), chosen=st.randoms(use_true_random=False))
    def run(case: Case, chosen: random.Random) -> None:
        target.take(case, chosen)

    run()


# Ending the token that makes the cases would end the test; nothing else of it is to be fuzzed.
LABELS = sorted(set(OPERATIONS) - {"DELETE /api/token"})


@pytest.mark.one_database
@pytest.mark.parametrize("label", LABELS)
def test_an_operation_answers_as_described(target: Target, label: str) -> None:
    _fuzz(target, label, CASES, derandomize=True)


@pytest.mark.soak
@pytest.mark.parametrize("label", LABELS)
def test_an_operation_answers_as_described_at_length(target: Target, label: str) -> None:
    _fuzz(target, label, SOAK_CASES, derandomize=False)
