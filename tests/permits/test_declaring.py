"""What people type, on the page or in a file: everything wrong is said at once, with what would be accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils.translation import override
from tests.story import EXAMPLES, Story

from twoparks.lists.queries import page
from twoparks.lists.types import Asked
from twoparks.permits import actions, queries
from twoparks.permits.files import read_file
from twoparks.permits.lists import PERMITS
from twoparks.permits.types import Invalid

Raw = dict[str, Any]


def problems(story: Story, change: Callable[[Raw], object]) -> dict[str, str]:
    raw = story.example()
    change(raw)
    with story.nodes.at("sz"), pytest.raises(Invalid) as invalid:
        actions.declare(story.user("sz-lab"), raw, story.nodes.now)
    return {problem.path: problem.says for problem in invalid.value.problems}


def item(raw: Raw) -> Raw:
    found: Raw = raw["items"][1]
    return found


@pytest.mark.parametrize(
    ("path", "value", "accepted"),
    [
        ("items.2.quantity", -1, "items, row 2, quantity: -1 is not accepted; give a whole number from 1"),
        ("items.2.quantity", "many", "give a whole number"),
        ("items.2.quantity", 1.5, "give a whole number"),
        ("items.2.quantity", True, "give a whole number"),
        ("items.2.hs_code", "30O212", "Harmonized System code of 6, 8 or 10 digits"),
        ("items.2.origin", "Shenzhen", "two-letter ISO 3166 code"),
        ("items.2.unit", "handful", "use one of tube, vial"),
        ("items.2.un_number", "un9999", "use one of un3373"),
        ("items.2.net_mass_g", 99_999, "greater than the gross mass"),
        ("items.2.value_hkd_cents", -5, "give a whole number from 0"),
        ("items.2.description", "", "this is needed"),
    ],
)
def test_a_wrong_item_is_named_by_row_and_field(
    story: Story, path: str, value: object, accepted: str
) -> None:
    found = problems(story, lambda raw: item(raw).update({path.split(".")[-1]: value}))
    assert accepted in found[path]


@pytest.mark.parametrize(
    ("field", "value", "accepted"),
    [
        ("valid_until", "2026-02-31", "2026-02-31 is not accepted; there is no such day in the calendar"),
        ("valid_until", "31/02/2026", "give a date as YYYY-MM-DD"),
        ("valid_until", "2026-11-21", "lies before the first"),
        ("valid_until", "2028-01-01", "at most 366 days"),
        ("uses", 0, "give a whole number from 1"),
        ("crosses", "sz-mars", "use one of sz-hk, hk-sz"),
        ("flow", "wine", "use one of materials"),
        ("containers", [], "give 1 to 50 labels"),
        ("seal", "box-rb-0001", "already a container label"),
        ("project", "sz-j-reagents", "use one of sz-j-multicentre"),
        ("colour", "red", "there is no such field"),
        ("items", [], "give 1 to 100 rows"),
        ("facts", "all fine", "give names and values"),
    ],
)
def test_a_wrong_value_is_said_with_what_would_be_accepted(
    story: Story, field: str, value: object, accepted: str
) -> None:
    assert accepted in problems(story, lambda raw: raw.update({field: value}))[field]


@pytest.mark.parametrize(
    ("fact", "value", "accepted"),
    [
        ("goods_kind", "moon_rock", "human_material"),
        ("temporary_months", -1, "whole number from 0"),
        ("payment", True, "cost_recovery"),
        ("donor_name", "somebody", "is not accepted"),
        ("held", [], "says this by itself"),
        ("value_hkd_cents", 5, "the items say 1200000"),
        ("un_numbers", ["un2814"], "the items say"),
    ],
)
def test_a_wrong_fact_is_said_with_what_would_be_accepted(
    story: Story, fact: str, value: object, accepted: str
) -> None:
    found = problems(story, lambda raw: raw["facts"].update({fact: value}))
    assert accepted in found[f"facts.{fact}"]


@pytest.mark.parametrize(
    ("fact", "value", "accepted"),
    [
        ("temporary_months", -1, "請填 0 至 1200 的整數（單位：個月）"),
        ("temporary_month", 1, "這類要素流動沒有這項事實；相近的有 temporary_months, temporary"),
        ("own_use", "perhaps", "請填 true 或 false"),
        ("exemption_waived_on", "2026-02-31", "請按 YYYY-MM-DD 格式填寫曆法上存在的日期"),
    ],
)
def test_a_wrong_fact_is_said_in_the_reader_s_language(
    story: Story, fact: str, value: object, accepted: str
) -> None:
    with override("zh-hant"):
        found = problems(story, lambda raw: raw["facts"].update({fact: value}))
    assert accepted in found[f"facts.{fact}"]


def test_a_fact_the_law_needs_is_asked_for_with_its_question(story: Story) -> None:
    found = problems(story, lambda raw: raw["facts"].pop("payment"))
    assert "the law needs this" in found["facts.payment"]


def test_gate_groups_must_lead_the_declared_way(story: Story) -> None:
    route = {"exit_group": "hk-gate1-exit", "entry_group": "hk-gate1-entry"}
    found = problems(story, lambda raw: raw.update(route=route))
    assert "use one of sz-gate1-exit, sz-huanggang-exit" in found["route.exit_group"]


def test_exit_and_entry_must_be_at_one_control_point(story: Story) -> None:
    route = {"exit_group": "sz-gate1-exit", "entry_group": "hk-lokmachau-entry"}
    found = problems(story, lambda raw: raw.update(route=route))
    assert "same control point" in found["route.entry_group"]


def test_container_labels_are_unique_whatever_their_capitals(story: Story) -> None:
    found = problems(story, lambda raw: raw.update(containers=["box-1", "BOX-1"]))
    assert "listed twice" in found["containers.2"]


@pytest.mark.parametrize(
    ("evidence", "path", "accepted"),
    [
        ({"measure": "good_will", "number": "1"}, "evidence.1.measure", "use one of"),
        (
            {"measure": "hgr_ethics_review", "number": "1", "authority": "nhc"},
            "evidence.1.authority",
            "ethics_committee",
        ),
        ({"measure": "hgr_ethics_review"}, "evidence.1.number", "this is needed"),
        (
            {"measure": "hgr_ethics_review", "number": "1", "valid_until": "2026-11-21"},
            "evidence.1.valid_until",
            "ends before",
        ),
    ],
)
def test_evidence_names_a_known_measure_its_authority_and_number(
    story: Story, evidence: Raw, path: str, accepted: str
) -> None:
    found = problems(story, lambda raw: raw.update(evidence=[evidence]))
    assert accepted in found[path]


def test_every_problem_is_said_at_once(story: Story) -> None:
    def spoil(raw: Raw) -> None:
        item(raw).update(quantity=-1, unit="handful")
        raw["valid_until"] = "2026-02-31"

    assert {"items.2.quantity", "items.2.unit", "valid_until"} <= set(problems(story, spoil))


def test_nothing_is_recorded_when_something_is_wrong(story: Story) -> None:
    problems(story, lambda raw: raw.update(uses=0))
    with story.nodes.at("sz"):
        assert page(PERMITS, story.user("sz-lab"), Asked(), story.nodes.now).total == 0


def test_values_typed_into_a_form_are_read_as_their_kind(story: Story) -> None:
    raw = story.example()
    raw["items"] = [{k: None if v is None else str(v) for k, v in i.items()} for i in raw["items"]]
    raw["facts"] = {
        k: ",".join(v) if isinstance(v, list) else str(v).lower() for k, v in raw["facts"].items()
    }
    raw["containers"] = "BOX-RB-0001, BOX-RB-0002"
    raw["uses"] = "1"
    with story.nodes.at("sz"):
        typed = queries.check(story.user("sz-lab"), raw, story.nodes.now)
        filed = queries.check(story.user("sz-lab"), story.example(), story.nodes.now)
    assert typed == filed


def test_approvals_of_the_project_are_reused_when_no_evidence_is_listed(story: Story) -> None:
    raw = story.example()
    del raw["evidence"]
    with story.nodes.at("sz"):
        found = queries.check(story.user("sz-lab"), raw, story.nodes.now)
    assert {e.number for e in found.evidence} == {"EC-2026-118", "ICF v3.1", "HGR-IC-2026-0042", "SOP-PK-07"}


def test_a_varied_declaration_can_be_typed_again_as_it_stands(story: Story) -> None:
    permit = story.declare()
    with story.nodes.at("sz"):
        user = story.user("sz-lab")
        detail = queries.detail(user, permit, story.nodes.now)
        again = queries.check(user, queries.typed(detail), story.nodes.now)
    assert again == detail.version.declaration


@pytest.mark.parametrize("name", sorted(p.stem for p in EXAMPLES.glob("*.yaml")))
def test_every_example_can_be_declared(story: Story, name: str) -> None:
    raw = story.example(name)
    park = str(raw["project"])[:2]
    with story.nodes.at(park):
        from twoparks.registry.models import Project, Role

        project = Project.objects.get(pk=raw["project"])
        member = Role.objects.get(organisation=project.organisation, kind="member").user
        assert actions.declare(member, raw, story.nodes.now)


def test_a_bad_file_is_answered_with_the_line_of_each_value(story: Story) -> None:
    text = (EXAMPLES / "samples-to-hong-kong.yaml").read_text()
    lines = text.splitlines()
    number = next(i for i, line in enumerate(lines, 1) if "quantity: 80" in line)
    file = read_file(text.replace("quantity: 80", "quantity: -80"))
    with story.nodes.at("sz"), pytest.raises(Invalid) as invalid:
        actions.declare(story.user("sz-lab"), file.raw, story.nodes.now)
    (said,) = [file.located(problem) for problem in invalid.value.problems]
    assert said == (
        f"line {number}: items, row 2, quantity: -80 is not accepted; give a whole number from 1 to 1000000000000"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\na: 2\n", "line 2: a is said twice"),
        ("items:\n  - {quantity: 1, quantity: 2}\n", "line 2: items.1.quantity is said twice"),
        ("a: [1,\n", "this is not YAML"),
        ("- 1\n", "a list of names and values"),
        ("", "a list of names and values"),
        ("a: !!python/object:os.system {}\n", "this is not YAML"),
        ("a: &x {b: *x}\n", "line 1"),
        ("a: &x [1, 2]\nb: *x\n", "line 2"),
    ],
)
def test_a_file_that_is_no_declaration_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(Invalid, match="line") as invalid:
        read_file(text)
    assert says in str(invalid.value)


def test_a_file_that_is_not_utf8_says_so() -> None:
    with pytest.raises(Invalid, match=r"line 2: .*UTF-8"):
        read_file(b"a: 1\nb: \xff\n")


def test_a_date_in_a_file_stays_as_typed_until_it_is_judged() -> None:
    assert read_file("valid_until: 2026-02-31\nhs: 300212\n").raw == {
        "valid_until": "2026-02-31",
        "hs": 300212,
    }


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("values", {"items.2.quantity", "items.1.unit", "items.2.hs_code", "valid_until"}),
        ("unknown-field", {"donor", "facts.donor_name"}),
    ],
)
def test_an_example_that_is_wrong_on_purpose_is_refused_for_exactly_that(
    story: Story, name: str, says: set[str]
) -> None:
    raw = story.example(f"wrong/{name}")
    with story.nodes.at("sz"), pytest.raises(Invalid) as invalid:
        actions.declare(story.user("sz-lab"), raw, story.nodes.now)
    assert {problem.path for problem in invalid.value.problems} == says


def test_the_example_that_is_not_yaml_is_refused(story: Story) -> None:
    with pytest.raises(Invalid, match="this is not YAML"):
        story.example("wrong/not-yaml")
