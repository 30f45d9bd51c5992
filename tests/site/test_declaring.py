"""Declaring by page: short sections, saved as typed, answered by the law, refused with every problem named."""

from __future__ import annotations

import re

import pytest
from tests.site.conftest import Stage
from tests.story import EXAMPLES

PROJECT = "sz-j-multicentre"
GOODS = {
    "items.1.description": "Plasma aliquots, coded",
    "items.1.hs_code": "3002.12",
    "items.1.origin": "cn",
    "items.1.quantity": "80",
    "items.1.unit": "tube",
    "items.1.value_hkd_cents": "4,000.50",
    "items.1.gross_mass_g": "2400",
    "items.1.net_mass_g": "160",
    "items.1.un_number": "un3373",
    "containers": "BOX-1\nBOX-2",
}
ROUTE = {
    "route": "sz-huanggang-exit|hk-lokmachau-entry",
    "valid_from": "2026-11-23",
    "valid_until": "2026-12-05",
    "uses_kind": "single",
}
FACTS = {
    "goods_kind": "human_material",
    "human_genome_inside": "true",
    "mainland_donors": "true",
    "managed_as": "none",
    "quarantine_grade": "c",
    "pathogen": "known_risk",
    "infection_suspected": "true",
    "infectious_to_humans": "true",
    "purpose": "joint_research",
    "at_clinical_institution": "false",
    "material_leaves_mainland": "true",
    "payment": "none",
    "endangered_species": "false",
    "inspection_required": "true",
    "first_or_resumed_import": "false",
    "dual_use_class": "none",
    "hk_schedule": "none",
    "wmd_end_use": "false",
    "temporary": "no_return",
    "transport_mode": "road",
    "primary_volume_ml": "2",
    "package_volume_ml": "240",
    "packing_conditions_met": "true",
    "recipient_foreign_percent": "100",
    "recipient_foreign_dominated": "true",
    "recipient_mainland_controlled": "false",
}


def _begun(stage: Stage) -> str:
    return stage.post("sz-lab", "/declare/", {"project": PROJECT}).goes_to


def _filled(stage: Stage) -> str:
    draft = _begun(stage)
    stage.post("sz-lab", draft + "goods/", GOODS)
    stage.post("sz-lab", draft + "questions/", {f"facts.{name}": value for name, value in FACTS.items()})
    held = re.findall(r'name="held"[^>]*value="([^"]+)"', stage.get("sz-lab", draft + "approvals/").html)
    stage.post("sz-lab", draft + "approvals/", {"held": held})
    stage.post("sz-lab", draft + "route/", ROUTE)
    return draft


def test_a_declaration_begins_with_a_project(stage: Stage) -> None:
    page = stage.get("sz-lab", _begun(stage))
    assert page.status == 200
    assert "Four short parts" in page.text


def test_what_the_registry_knows_of_the_parties_is_not_asked(stage: Stage) -> None:
    draft = _begun(stage)
    page = stage.get("sz-lab", draft + "questions/").html
    asked = page.split("<details", 1)[0]
    assert 'name="facts.sender_kind"' not in asked
    assert 'name="facts.sender_kind"' in page


def test_an_answer_changes_what_is_asked_next(stage: Stage) -> None:
    draft = _begun(stage)
    before = stage.get("sz-lab", draft).text
    stage.post("sz-lab", draft + "questions/", {"facts.goods_kind": "literature"})
    assert stage.get("sz-lab", draft).text != before


def test_typing_saves_and_shows_the_answer_so_far(stage: Stage) -> None:
    draft = _begun(stage)
    fields = {"facts.goods_kind": "human_material"}
    answer = stage.post("sz-lab", draft + "questions/", fields, **{"HX-Request": "true"})
    assert answer.status == 200
    assert "Saved" in answer.text
    assert "<html" not in answer.html
    assert re.search(r'value="human_material"[^>]* selected', stage.get("sz-lab", draft + "questions/").html)


def test_money_is_typed_in_dollars_and_kept_in_cents(stage: Stage) -> None:
    draft = _begun(stage)
    stage.post("sz-lab", draft + "goods/", GOODS)
    assert 'value="4000.50"' in stage.get("sz-lab", draft + "goods/").html
    assert "4,000.50" in stage.get("sz-lab", draft + "review/").text


def test_a_wrong_value_is_kept_and_named_beside_its_field(stage: Stage) -> None:
    draft = _begun(stage)
    page = stage.post("sz-lab", draft + "goods/", {**GOODS, "items.1.quantity": "-1"})
    assert page.status == 422
    assert "give a whole number from 1" in page.text
    assert 'href="#f-items-1-quantity"' in page.html
    assert 'value="-1"' in page.html


def test_a_day_that_does_not_exist_is_refused(stage: Stage) -> None:
    page = stage.post("sz-lab", _begun(stage) + "route/", {**ROUTE, "valid_until": "2026-02-31"})
    assert page.status == 422
    assert "there is no such day in the calendar" in page.text


def test_an_empty_set_is_an_answer_and_no_answer_is_none(stage: Stage) -> None:
    draft = _begun(stage)
    fields = {"sets": "licence_changes", "many.licence_changes": "1"}
    stage.post("sz-lab", draft + "questions/", {**fields, "facts.licence_changes": "null"})
    assert re.search(r'value="null" checked', stage.get("sz-lab", draft + "questions/").html)
    stage.post("sz-lab", draft + "questions/", fields)
    assert not re.search(r'value="null" checked', stage.get("sz-lab", draft + "questions/").html)


def test_a_whole_declaration_is_declared(stage: Stage) -> None:
    draft = _filled(stage)
    page = stage.get("sz-lab", draft + "review/")
    assert page.status == 200, page.text
    assert "To correct before you declare" not in page.text
    permit = stage.post("sz-lab", draft + "review/").goes_to
    assert permit.startswith("/permits/sz-p-")
    assert "Declared. Both banks are being asked." in stage.get("sz-lab", permit).text
    assert stage.get("sz-lab", draft).status == 404


def test_an_unfinished_declaration_is_not_declared(stage: Stage) -> None:
    draft = _begun(stage)
    page = stage.post("sz-lab", draft + "review/")
    assert page.status == 422
    assert "To correct before you declare" in page.text


def test_a_draft_is_seen_by_its_organisation_alone(stage: Stage) -> None:
    draft = _begun(stage)
    assert stage.get("sz-lab-admin", draft).status == 200
    assert stage.get("sz-biobank", draft).status == 403
    assert stage.get("sz-officer", draft).status == 403


def test_a_draft_thrown_away_is_gone(stage: Stage) -> None:
    draft = _begun(stage)
    stage.post("sz-lab", draft + "discard/")
    assert stage.get("sz-lab", draft).status == 404


def test_an_example_file_is_declared_by_page(stage: Stage) -> None:
    text = (EXAMPLES / "samples-to-hong-kong.yaml").read_text(encoding="utf-8")
    done = stage.post("sz-lab", "/declare/file/", {"text": text})
    assert done.goes_to.startswith("/permits/sz-p-")


def test_a_file_with_a_wrong_value_names_its_line(stage: Stage) -> None:
    text = (
        (EXAMPLES / "samples-to-hong-kong.yaml")
        .read_text(encoding="utf-8")
        .replace("quantity: 40", "quantity: -1")
    )
    line = text.splitlines().index("    quantity: -1") + 1
    page = stage.post("sz-lab", "/declare/file/", {"text": text})
    assert page.status == 422
    assert f"line {line}" in page.text
    assert "-1 is not accepted" in page.text


def test_a_new_version_starts_from_what_was_declared(stage: Stage) -> None:
    permit = stage.story.declare()
    draft = stage.post("sz-lab", f"/permits/{permit}/vary/").goes_to
    assert "Liver biopsy tissue" in stage.get("sz-lab", draft + "goods/").html
    goods = {**GOODS, "seal": "SEAL-9"}
    stage.post("sz-lab", draft + "goods/", goods)
    page = stage.get("sz-lab", draft + "review/")
    assert "Declare the new version" in page.text, page.text
    done = stage.post("sz-lab", draft + "review/", {"seen": page.hidden("seen")})
    assert done.goes_to == f"/permits/{permit}/"
    assert "version 2" in stage.get("sz-lab", done.goes_to).text


def test_a_problem_names_its_field_as_the_form_does(stage: Stage) -> None:
    page = stage.post("sz-lab", _begun(stage) + "goods/", {**GOODS, "items.1.hs_code": "12"})
    assert "Line 1, HS code: 12 is not accepted" in page.text


@pytest.mark.parametrize("name", ["goods", "questions", "approvals", "route"])
@pytest.mark.parametrize(
    "typed", [{}, {"items.1.quantity": "x", "route": "|", "held": "||", "valid_from": "x"}]
)
def test_a_section_with_nothing_or_nonsense_typed_is_shown_again_or_left(
    stage: Stage, name: str, typed: dict[str, str]
) -> None:
    assert stage.post("sz-lab", f"{_begun(stage)}{name}/", typed).status in {302, 422}
