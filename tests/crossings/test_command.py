"""`twoparks gate` and `twoparks declare` as somebody at a terminal meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.story import ENTRY, EXAMPLES, EXIT, LABELS, Story

from twoparks.crossings import command as crossings
from twoparks.permits import command as permits

Said = Any


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, story: Story) -> Story:
    """Both commands read the story's clock."""

    class Fixed:
        @staticmethod
        def now(_zone: object) -> object:
            return story.nodes.now

    monkeypatch.setattr(crossings, "datetime", Fixed)
    monkeypatch.setattr(permits, "datetime", Fixed)
    return story


def gate(story: Story, words: str, *more: str) -> int:
    park = words.split("--gate ")[1][:2]
    with story.nodes.at(park):
        return crossings.gate([*words.split(), *more])


def test_a_scan_prints_its_verdict_and_exits_with_it(clock: Story, capsys: Said) -> None:
    permit = clock.in_force()
    code = clock.code("sz", permit)
    clock.exchange_documents()
    assert gate(clock, f"sync --gate {EXIT}") == 0
    assert gate(clock, f"scan --gate {EXIT}", code, "--labels", ",".join(LABELS)) == 0
    assert "GREEN" in capsys.readouterr().out
    assert gate(clock, f"scan --gate {EXIT}", code, "--labels", ",".join(LABELS)) == 2
    assert "used 1 of 1 times" in capsys.readouterr().out
    clock.nodes.tick(1000)
    assert (
        gate(clock, f"scan --gate {ENTRY}", code, "--labels", ",".join(LABELS)) == 2
    )  # never synchronised since
    assert gate(clock, f"events --gate {EXIT}") == 0
    assert "gate.passed" in capsys.readouterr().out


def test_a_scan_in_json_gives_codes(clock: Story, capsys: Said) -> None:
    permit = clock.in_force()
    clock.exchange_documents()
    gate(clock, f"sync --gate {EXIT}")
    capsys.readouterr()
    assert gate(clock, f"scan --gate {EXIT} --json", clock.code("sz", permit), "--labels", "BOX-1") == 2
    said = json.loads(capsys.readouterr().out)
    assert said["light"] == "refuse"
    assert "labels_differ" in [reason["code"] for reason in said["reasons"]]


def test_what_is_no_pass_is_refused(clock: Story, capsys: Said) -> None:
    clock.exchange_documents()
    gate(clock, f"sync --gate {EXIT}")
    assert gate(clock, f"scan --gate {EXIT} hello --labels A") == 2
    assert "not a TwoParks pass" in capsys.readouterr().out


def test_an_unknown_gate_is_bad_input(clock: Story, capsys: Said) -> None:
    assert gate(clock, "sync --gate sz-nowhere-a") == 64
    assert "is not a gate of this zone; use one of" in capsys.readouterr().err


def test_the_gate_of_the_other_park_is_bad_input(clock: Story, capsys: Said) -> None:
    with clock.nodes.at("sz"):
        assert crossings.gate(["sync", "--gate", ENTRY]) == 64
    assert "not enrolled at this park" in capsys.readouterr().err


def test_a_quantity_that_is_none_is_bad_input(clock: Story) -> None:
    with pytest.raises(SystemExit) as ended:
        gate(clock, f"scan --gate {EXIT} TP1:X --quantity 1=many")
    assert ended.value.code == 64


def declare(story: Story, *words: str) -> int:
    with story.nodes.at("sz"):
        return permits.declare(list(words))


def test_declaring_from_a_file_prints_the_reference_and_both_banks_answers(
    clock: Story, capsys: Said
) -> None:
    assert declare(clock, str(EXAMPLES / "samples-to-hong-kong.yaml"), "--as", "sz-lab") == 0
    said = capsys.readouterr().out
    assert "declared as sz-p-" in said
    assert "hgr_material_export_certificate" in said
    assert "hk_dh_biological_import_permit" in said


def test_checking_a_file_declares_nothing(clock: Story, capsys: Said) -> None:
    assert declare(clock, str(EXAMPLES / "samples-to-hong-kong.yaml"), "--as", "sz-lab", "--check") == 0
    assert "nothing was declared" in capsys.readouterr().out
    with clock.nodes.at("sz"):
        from twoparks.permits.models import PermitRow

        assert not PermitRow.objects.exists()


def test_a_wrong_file_is_answered_with_file_line_and_field(clock: Story, capsys: Said) -> None:
    file = EXAMPLES / "wrong" / "values.yaml"
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "quantity: -1" in text)
    assert declare(clock, str(file), "--as", "sz-lab") == 64
    assert f"{file}, line {line}: items, row 2, quantity: -1 is not accepted" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_bad_input(clock: Story, tmp_path: Path, capsys: Said) -> None:
    assert declare(clock, str(tmp_path / "none.yaml"), "--as", "sz-lab") == 64
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize("user", ["nobody", "sz-officer"])
def test_who_cannot_declare_is_told_so(clock: Story, capsys: Said, user: str) -> None:
    assert declare(clock, str(EXAMPLES / "samples-to-hong-kong.yaml"), "--as", user) == 64
    assert capsys.readouterr().err


def test_rebuilding_by_command_says_that_nothing_differed(clock: Story, capsys: Said) -> None:
    clock.in_force()
    with clock.nodes.at("sz"):
        assert permits.rebuild([]) == 0
    assert "as its acts make it" in capsys.readouterr().out
