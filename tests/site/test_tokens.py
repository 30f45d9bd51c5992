"""People make, see and revoke their own tokens on pages, and whoever keeps the machine by command."""

from __future__ import annotations

import re

import pytest
from tests.site.conftest import Shown, Stage

from twoparks.registry.command import token as command
from twoparks.registry.models import Token
from twoparks.site.demonstration import password

WANTED = {"label": "Our laboratory system", "days": "90", "verbs": ["declare", "see_permit"]}


def confirm(stage: Stage, person: str = "sz-lab") -> None:
    """The person shows once more who they are."""
    said = {"password": password(stage.story.nodes[person[:2]].home)}
    stage.post(person, "/accounts/reauthenticate/?next=/tokens/new/", said)


def make(stage: Stage, person: str = "sz-lab", **changes: object) -> Shown:
    """Make a token by its form."""
    return stage.post(person, "/tokens/new/", {**WANTED, **changes})


def test_a_token_is_made_after_showing_once_more_who_one_is(stage: Stage) -> None:
    first = stage.get("sz-lab", "/tokens/new/")
    assert (first.status, first.goes_to) == (302, "/accounts/reauthenticate/?next=%2Ftokens%2Fnew%2F")
    confirm(stage)
    made = make(stage)
    text = re.search(r"twoparks_[0-9a-f]{8}_[0-9a-f]{64}", made.html)
    assert text is not None
    called = stage.visit("sz", "/api/token", Authorization=f"Bearer {text[0]}").response.json()
    assert (called["label"], called["verbs"]) == ("Our laboratory system", ["declare", "see_permit"])


def test_the_page_that_shows_a_token_is_not_kept_by_the_browser(stage: Stage) -> None:
    confirm(stage)
    assert make(stage).response.headers["Cache-Control"] == "no-store"


def test_a_form_offers_only_rights_its_reader_has(stage: Stage) -> None:
    confirm(stage)
    assert "clear for the park" not in stage.get("sz-lab", "/tokens/new/").text
    assert make(stage, verbs=["clear"]).status == 422


@pytest.mark.parametrize("wrong", [{"label": " "}, {"days": "1000"}, {"verbs": []}])
def test_what_is_missing_is_asked_for(stage: Stage, wrong: dict[str, object]) -> None:
    confirm(stage)
    assert make(stage, **wrong).status == 422


def test_the_list_shows_ones_own_tokens_alone(stage: Stage) -> None:
    confirm(stage)
    make(stage)
    assert "Our laboratory system" in stage.get("sz-lab", "/tokens/").text
    assert "Our laboratory system" not in stage.get("sz-officer", "/tokens/").text


def test_a_token_is_revoked_by_its_owner_alone(stage: Stage) -> None:
    confirm(stage)
    make(stage)
    with stage.story.nodes.at("sz"):
        prefix = Token.objects.get().prefix
    assert stage.post("sz-officer", f"/tokens/{prefix}/revoke/").status == 404
    assert stage.post("sz-lab", f"/tokens/{prefix}/revoke/").goes_to == "/tokens/"
    assert "Revoked" in stage.get("sz-lab", "/tokens/").text


def test_a_program_revokes_the_token_it_shows(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    with stage.story.nodes.at("sz"):
        command(["make", "--as", "sz-lab", "--label", "x"], lambda: stage.story.nodes.now)
    said = {"Authorization": f"Bearer {capsys.readouterr().out.strip()}"}
    client = stage.client("sz")
    with stage.story.nodes.at("sz"):
        codes = [client.delete("/api/token", headers=said).status_code for _ in range(2)]
    assert codes == [204, 401]


def test_a_call_without_token_has_none_to_show(stage: Stage) -> None:
    answer = stage.get("sz-lab", "/api/token").response
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:twoparks:problem:no_token")


def test_tokens_are_made_listed_and_revoked_by_command(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    with stage.story.nodes.at("sz"):

        def run(*words: str) -> str:
            assert command([*words, "--as", "sz-lab"], lambda: stage.story.nodes.now) == 0
            return capsys.readouterr().out.strip()

        made = run("make", "--label", "nightly", "--may", "see_permit", "--days", "30")
        prefix = made.split("_")[1]
        assert run("list") == f"{prefix}  live     until 2026-12-22  nightly  see_permit"
        assert run("revoke", prefix) == "revoked: nightly"
        assert "revoked" in run("list")


def test_a_command_gives_nobody_more_than_they_may_do(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    with stage.story.nodes.at("sz"):
        words = ["make", "--as", "sz-lab", "--label", "x", "--may", "clear"]
        assert command(words, lambda: stage.story.nodes.now) == 64
    assert "None of your roles has this right: clear" in capsys.readouterr().err
