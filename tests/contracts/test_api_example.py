"""The example program does what it says, against a node, over lost answers and limits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
import yaml
from django.core.wsgi import get_wsgi_application
from tests.contracts.calling import Caller
from tests.story import EXAMPLES

PROGRAM = Path(__file__).parents[2] / "examples" / "api" / "declare_and_follow.py"


@pytest.fixture(scope="module")
def program() -> ModuleType:
    """The program as a module."""
    spec = spec_from_file_location("declare_and_follow", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    made = module_from_spec(spec)
    sys.modules["declare_and_follow"] = made
    spec.loader.exec_module(made)
    return made


class Wire(httpx.BaseTransport):
    """The way to the Shenzhen node; `lose` answers are lost after the node did its work."""

    def __init__(self, call: Caller, lose: int = 0) -> None:
        self.call, self.lose = call, lose
        self.node = httpx.WSGITransport(app=get_wsgi_application(), raise_app_exceptions=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request and its answer."""
        with self.call.story.nodes.at("sz"):
            answer = self.node.handle_request(request)
            answer.read()
        if self.lose:
            self.lose -= 1
            raise httpx.ReadTimeout("the answer was lost", request=request)
        return answer


def client(call: Caller, **how: Any) -> httpx.Client:
    """A client with a token of the laboratory."""
    headers = {"Authorization": f"Bearer {call.token('sz-lab')}"}
    return httpx.Client(base_url="http://testserver", headers=headers, transport=Wire(call, **how))


def declaration(name: str = "samples-to-hong-kong") -> Any:
    """A file of examples/ as the program reads it."""
    return yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text("utf-8"))


def steps(call: Caller) -> Iterator[None]:
    """What the officers of both parks do while the program waits, one step a pause."""
    story = call.story
    with story.nodes.at("sz"):
        from twoparks.permits.models import PermitRow

        permit = PermitRow.objects.get().pk
    for park in ("sz", "hk"):
        story.nodes.settle()
        story.grant_all(park, permit)
        yield
        story.clear(park, permit)
        story.nodes.settle()
        yield


def test_the_program_declares_follows_and_fetches_the_pass(
    call: Caller, program: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    doing = None

    def pause(seconds: float) -> None:
        nonlocal doing
        doing = doing or steps(call)
        next(doing)

    made = program.declare_and_follow(program.Node(client(call), pause), declaration())
    assert made["text"].startswith("TP1:")
    said = [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()]
    assert (said[0], said[-1]) == ("declared", "in_force")


def test_a_lost_answer_does_not_declare_twice(call: Caller, program: ModuleType) -> None:
    node = program.Node(client(call, lose=2), lambda seconds: None)
    made = node.post("/permits", declaration())
    assert [row["id"] for row in node.get("/permits")["rows"]] == [made["id"]]


def test_the_program_waits_as_it_is_told(call: Caller, program: ModuleType, settings: Any) -> None:
    settings.TWOPARKS_CALLS_PER_MINUTE = {"token": 2, "person": 2, "address": 2}
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        call.story.nodes.tick(seconds)

    node = program.Node(client(call), pause)
    assert [node.get("/me")["username"] for _each in range(3)] == ["sz-lab"] * 3
    assert waited == [30.0]


def test_the_program_tells_every_problem_of_a_declaration(call: Caller, program: ModuleType) -> None:
    wrong = {**declaration(), "valid_until": "2026-02-31", "colour": "blue"}
    with pytest.raises(program.NotDone, match=r"(?s)colour.*valid_until|valid_until.*colour"):
        program.declare_and_follow(program.Node(client(call), lambda seconds: None), wrong)


def test_a_refused_declaration_ends_the_program(call: Caller, program: ModuleType) -> None:
    def refuse(seconds: float) -> None:
        permit = call("sz-lab", "GET", "/permits").json()["rows"][0]["id"]
        said = {"reasons": "No.", "seen": call.seen("sz-officer", permit)}
        call("sz-officer", "POST", f"/permits/{permit}/refusal", said)

    with pytest.raises(program.NotDone, match="is refused"):
        program.declare_and_follow(program.Node(client(call), refuse), declaration())
