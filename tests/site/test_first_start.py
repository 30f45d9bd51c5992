"""What the supervisor does before the first start: the history is played once, where it is wanted."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from twoparks.site import supervisor
from twoparks.site.places import PLAYED_IN, demonstration, places

pytestmark = pytest.mark.one_database


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands the supervisor gave, none of which ran."""
    given: list[list[str]] = []

    def run(words: list[str], **_how: Any) -> subprocess.CompletedProcess[bytes]:
        given.append(words[3:])
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr(supervisor.subprocess, "run", run)
    for name in ("TWOPARKS_DEMONSTRATION", "TWOPARKS_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return given


def test_a_fresh_machine_plays_the_history(tmp_path: Path, asked: list[list[str]]) -> None:
    supervisor._play_history(tmp_path, places(tmp_path))
    assert asked == [["demonstration", "--var", str(tmp_path)]]


def test_a_machine_with_a_park_does_not(tmp_path: Path, asked: list[list[str]]) -> None:
    (tmp_path / "hk").mkdir()
    supervisor._play_history(tmp_path, places(tmp_path))
    assert asked == []


def test_one_that_was_killed_while_moving_in_does(tmp_path: Path, asked: list[list[str]]) -> None:
    (tmp_path / "hk").mkdir()
    (tmp_path / PLAYED_IN).mkdir()
    supervisor._play_history(tmp_path, places(tmp_path))
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("name", "value"), [("TWOPARKS_DEMONSTRATION", "small"), ("TWOPARKS_DATABASE_URL", "postgresql://u@h/n")]
)
def test_it_is_left_out_where_it_is_not_wanted_or_cannot_be(
    tmp_path: Path, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    supervisor._play_history(tmp_path, places(tmp_path))
    assert asked == []


def test_another_word_is_refused_with_the_words_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOPARKS_DEMONSTRATION", "large")
    with pytest.raises(SystemExit, match="none, small, full"):
        demonstration()
