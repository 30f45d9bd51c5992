"""A million schedules are played over several sittings: nothing is played twice, and nothing counts that was not played."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.laws import soak
from tests.laws.soak import Played, chunks, read, told, unplayed

pytestmark = pytest.mark.one_database

FIRST, LATER = Played(100, 200, 4.0, "a"), Played(250, 300, 1.0, "b")


@pytest.mark.parametrize(
    ("done", "left"),
    [
        ([], [(100, 400)]),
        ([FIRST], [(200, 400)]),
        ([LATER, FIRST], [(200, 250), (300, 400)]),
        ([Played(0, 150, 1.0, "a"), Played(390, 900, 1.0, "a")], [(150, 390)]),
        ([Played(500, 900, 1.0, "a")], [(100, 400)]),
        ([Played(0, 900, 1.0, "a"), FIRST], []),
    ],
)
def test_a_sitting_plays_what_none_before_it_has(done: list[Played], left: list[tuple[int, int]]) -> None:
    assert unplayed(done, 100, 400) == left


def test_pieces_are_the_stretches_and_nothing_else() -> None:
    pieces = list(chunks([(0, 250), (300, 310)]))
    assert pieces == [(0, 100), (100, 200), (200, 250), (300, 310)]


def test_a_piece_is_written_down_when_it_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = soak._asked(["--folder", str(tmp_path), "--since", "0", "--until", "300"])
    assert soak._sit(asked, [(0, 100, 5.0, ""), (100, 200, 5.0, "schedule 123: …"), (200, 300, 5.0, "")]) == 1
    assert [(one.first, one.end) for one in read(tmp_path)] == [(0, 100)]
    assert "schedule 123" in capsys.readouterr().out


def test_a_line_cut_off_counts_for_nothing(tmp_path: Path) -> None:
    soak._write(tmp_path, FIRST)
    with (tmp_path / "done.jsonl").open("a") as file:
        file.write('{"first": 200, "en')
    assert read(tmp_path) == [FIRST]


def test_the_sum_says_what_is_left_and_how_fast_a_core_was() -> None:
    said = told([FIRST, LATER], 100, 400)
    assert said == "150 of 300 schedules held, 30.0 a second of a core, at 2 commits; 150 left"
