"""The gate page: a large answer, its reasons, and what the node learns of it; crossings afterwards."""

from __future__ import annotations

import re
from pathlib import Path

from tests.site.conftest import Shown, Stage
from tests.story import ENTRY, EXIT, LABELS

from twoparks.passes.verdict import Light, Reason

PASSES = Path(__file__).parents[2] / "src" / "twoparks" / "passes"
VALUES = {
    "park": "sz",
    "age_s": 1,
    "left": 1,
    "uses": 1,
    "used": 1,
    "line": 1,
    "carried": 1,
    "hours": "07:00-22:00",
    "now": "06:59",
    "error_s": 20,
}


def _scan(stage: Stage, person: str, gate: str, code: str, **changes: str) -> Shown:
    fields = {"do": "scan", "code": code, "labels": "\n".join(LABELS), "use_id": "first", **changes}
    return stage.post(person, f"/gate/{gate}/", fields)


def _ready(stage: Stage, gate: str) -> str:
    permit = stage.story.in_force()
    stage.story.sync(gate)
    return stage.story.code("sz", permit)


def test_a_good_pass_is_let_through_and_the_reasons_are_shown(stage: Stage) -> None:
    page = _scan(stage, "sz-gate", EXIT, _ready(stage, EXIT))
    assert "Pass" in page.text
    assert "Both parks signed it." in page.text
    assert "Recorded as event 1 of this gate." in page.text


def test_boxes_the_pass_was_not_made_for_are_stopped(stage: Stage) -> None:
    page = _scan(stage, "sz-gate", EXIT, _ready(stage, EXIT), labels="BOX-RB-0001")
    assert "Do not pass" in page.text
    assert "not exactly the boxes" in page.text


def test_the_same_pass_is_not_let_through_twice(stage: Stage) -> None:
    code = _ready(stage, EXIT)
    _scan(stage, "sz-gate", EXIT, code)
    assert "It was used before: 1 of 1" in _scan(stage, "sz-gate", EXIT, code, use_id="second").text


def test_the_same_form_sent_twice_is_one_passage(stage: Stage) -> None:
    code = _ready(stage, EXIT)
    _scan(stage, "sz-gate", EXIT, code)
    assert "its record stands" in _scan(stage, "sz-gate", EXIT, code).text


def test_spaces_are_letters_of_a_code_and_line_breaks_are_not(stage: Stage) -> None:
    code = _ready(stage, EXIT)
    broken = code[:40] + "\r\n" + code[40:]
    assert "Both parks signed it." in _scan(stage, "sz-gate", EXIT, broken).text


def test_a_forged_pass_is_stopped(stage: Stage) -> None:
    code = _ready(stage, EXIT)
    page = _scan(stage, "sz-gate", EXIT, code[:-4] + ("0000" if code[-4:] != "0000" else "1111"))
    assert "Do not pass" in page.text


def test_an_old_status_list_sends_the_goods_to_the_counter_and_its_officer_may_let_them_through(
    stage: Stage,
) -> None:
    code = _ready(stage, EXIT)
    stage.story.nodes.tick(3600)
    page = _scan(stage, "sz-gate", EXIT, code)
    assert "Refer to the counter" in page.text
    assert "Checked by hand at the counter" in page.text
    assert (
        "Pass"
        in _scan(
            stage, "sz-gate", EXIT, code, do="counter", use_id="by-hand", reason="Papers read at the counter"
        ).text
    )


def test_an_empty_code_is_asked_for_again(stage: Stage) -> None:
    page = _scan(stage, "sz-gate", EXIT, "")
    assert page.status == 422
    assert "it begins with TP1:" in page.text


def test_only_the_gate_scans(stage: Stage) -> None:
    code = _ready(stage, EXIT)
    assert _scan(stage, "sz-lab", EXIT, code).status == 403
    assert _scan(stage, "sz-officer", EXIT, code).status == 403
    assert stage.get("sz-officer", f"/gate/{EXIT}/").status == 200


def test_a_gate_of_no_zone_is_not_found(stage: Stage) -> None:
    assert stage.get("sz-gate", "/gate/nowhere/").status == 404


def test_a_whole_crossing_is_shown_with_both_legs(stage: Stage) -> None:
    permit = stage.story.in_force()
    stage.story.cross(permit)
    page = stage.get("sz-lab", f"/crossings/{permit}-x1/").text
    assert "Crossed: what left is what arrived." in page
    assert EXIT in page
    assert ENTRY in page


def test_a_short_arrival_has_an_owner_who_explains_and_closes_it(stage: Stage) -> None:
    permit = stage.story.in_force()
    stage.story.cross(permit, quantities={1: 40, 2: 79})
    with stage.story.nodes.at("hk"):
        from twoparks.crossings.actions import open_discrepancies

        open_discrepancies(stage.story.nodes.now)
    address = f"/crossings/{permit}-x1/"
    assert "Less arrived than left." in stage.get("hk-officer", address).text
    assert stage.post("hk-officer", address, {"code": "short", "explanation": " "}).status == 422
    done = stage.post("hk-officer", address, {"code": "short", "explanation": "One tube broke."})
    assert done.goes_to == address
    assert "One tube broke." in stage.get("hk-lab", address).text
    assert stage.post("sz-officer", address, {"code": "short", "explanation": "Mine"}).status in {
        403,
        404,
        409,
    }


def test_every_code_a_gate_can_give_has_its_sentence() -> None:
    from twoparks.crossings.telling import sentence

    sources = [
        (PASSES / name).read_text(encoding="utf-8") for name in ("gate.py", "cose.py", "qr.py", "claims.py")
    ]
    pattern = r'(?:stop|refer|green|refuse|Refusal)\(\s*"([a-z_0-9]+)"'
    codes = {code for source in sources for code in re.findall(pattern, source)}
    plain = "said only in English"
    untold = {c for c in codes if sentence(Reason(Light.REFUSE, c, plain, VALUES)) == plain}
    assert untold == set()


def test_an_officer_at_the_counter_must_say_why(stage: Stage) -> None:
    page = _scan(stage, "sz-gate", EXIT, "TP1:whatever", do="counter", use_id="by-hand", reason=" ")
    assert page.status == 422
    assert "Say why it may pass" in page.text
