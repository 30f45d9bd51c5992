"""A law on trial is told as such wherever its answer shows: page, list, file, API, paper, and where a crossing is checked."""

from __future__ import annotations

import json

import pytest
from tests.site.conftest import Stage
from tests.trials import Trials

from twoparks.permits.types import PermitId
from twoparks.pilots import actions
from twoparks.pilots.types import TrialId
from twoparks.site.paper import papers


@pytest.fixture
def running(stage: Stage) -> tuple[TrialId, PermitId]:
    trials = Trials(stage.story)
    trial = trials.live()
    return trial, stage.story.declare()


def test_the_permit_page_says_that_the_law_on_trial_answers(
    stage: Stage, running: tuple[TrialId, PermitId]
) -> None:
    trial, permit = running
    for person in ("sz-lab", "hk-officer"):
        page = stage.get(person, f"/permits/{permit}/")
        assert "The law on trial answers here, not the law in force." in page.text
        assert f"trial {trial}" in page.text


def test_its_own_provision_is_told_in_words(stage: Stage, running: tuple[TrialId, PermitId]) -> None:
    assert (
        "On trial, special goods of grades C and D" in stage.get("sz-officer", f"/permits/{running[1]}/").text
    )


def test_once_stopped_the_page_says_that_the_law_in_force_answers(
    stage: Stage, running: tuple[TrialId, PermitId]
) -> None:
    trial, permit = running
    with stage.story.nodes.at("hk"):
        seen = Trials(stage.story).seen(trial)
        actions.stop(stage.story.user("hk-officer"), trial, "A doubt.", seen, stage.story.nodes.now)
    stage.story.nodes.settle()
    assert "the law in force answers" in stage.get("sz-lab", f"/permits/{permit}/").text


def test_where_officers_decide_it_is_told(stage: Stage, running: tuple[TrialId, PermitId]) -> None:
    page = stage.get("sz-officer", f"/permits/{running[1]}/decide/")
    assert "The law on trial answers here" in page.text


def test_a_list_row_and_its_file_say_so(stage: Stage, running: tuple[TrialId, PermitId]) -> None:
    trial, permit = running
    assert f"{permit} · on trial" in stage.get("sz-lab", "/permits/").text
    with stage.story.nodes.at("sz"):
        sent = stage.client("sz", "sz-lab").get("/permits/?as=csv")
        assert trial in b"".join(sent.streaming_content).decode()


def test_the_api_names_the_trial(stage: Stage, running: tuple[TrialId, PermitId]) -> None:
    trial, permit = running
    told = json.loads(stage.get("hk-officer", f"/api/permits/{permit}").html)
    assert (told["trial"], told["answered_by"]) == (trial, trial)


def test_a_paper_is_marked(stage: Stage, running: tuple[TrialId, PermitId]) -> None:
    trial, permit = running
    page = stage.get("sz-lab", f"/permits/{permit}/paper/{papers.PaperKind.RECEIPT}/")
    assert f"On trial: declared under trial {trial}" in page.text


def test_a_check_says_that_a_trial_runs_there_and_answers_by_the_law_in_force(
    stage: Stage, running: tuple[TrialId, PermitId]
) -> None:
    assert "A trial runs here: Notified samples" in stage.visit("hk", "/check/materials/sz-hk/").text
    assert "A trial runs here" not in stage.visit("hk", "/check/materials/hk-sz/").text
