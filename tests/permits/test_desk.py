"""`twoparks permit`: the main job by command, and plain words where it cannot go on."""

from functools import partial

import pytest
from tests.story import Story

from twoparks.permits.desk import BAD_INPUT, DONE, NOT_NOW, permit
from twoparks.permits.types import PermitId, Status


def say(story: Story, park: str, words: str) -> int:
    """Run one command line at one park, at the stage's clock; `_` stands for a space inside a word."""
    with story.nodes.at(park):
        argv = [word.replace("_", " ") if word.endswith(".") else word for word in words.split()]
        return permit(argv, clock=lambda: story.nodes.now)


def decide_and_clear(story: Story, found: PermitId) -> None:
    at = partial(say, story)
    assert at("sz", f"decide {found} --as sz-nhc --because In_order. --number N-1") == DONE
    assert at("sz", f"decide {found} --as sz-customs --because In_order.") == DONE
    assert at("sz", f"clear {found} --as sz-officer") == DONE
    story.nodes.settle()
    assert at("hk", f"decide {found} --as hk-dh --because In_order. --number N-2") == DONE
    assert at("hk", f"clear {found} --as hk-officer") == DONE
    story.nodes.settle()


def test_the_permit_comes_into_force_by_command(story: Story) -> None:
    found = story.declare()
    decide_and_clear(story, found)
    assert [story.status(park, found) for park in ("sz", "hk")] == [Status.IN_FORCE, Status.IN_FORCE]


def test_the_code_printed_is_the_one_the_page_shows(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    found = story.declare()
    decide_and_clear(story, found)
    capsys.readouterr()
    assert say(story, "sz", f"code {found} --as sz-lab") == DONE
    assert capsys.readouterr().out.strip() == story.code("sz", found)


def test_clearing_with_work_left_is_refused_and_says_why(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    found = story.declare()
    assert say(story, "sz", f"clear {found} --as sz-officer") == NOT_NOW
    assert "each authority the law names must have decided first" in capsys.readouterr().err


def test_an_officer_of_another_authority_decides_nothing(story: Story) -> None:
    found = story.declare()
    assert say(story, "sz", f"decide {found} --as sz-mofcom --because In_order.") == NOT_NOW


def test_a_permit_that_is_not_there_is_bad_input(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    assert say(story, "sz", "show sz-p-000000000000 --as sz-lab") == BAD_INPUT
    assert "no declaration under this number" in capsys.readouterr().err


def test_what_waits_and_for_whom_is_shown(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    found = story.declare()
    assert say(story, "sz", f"show {found} --as sz-officer") == DONE
    assert "waits: hgr_material_export_certificate for nhc" in capsys.readouterr().out
