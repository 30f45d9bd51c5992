"""The rule maker's laboratory on its pages: a change drafted, read back by the law, and tried on the past."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.site.conftest import Stage

from twoparks.law.cases import failures, read_cases
from twoparks.packs import load
from twoparks.pilots import drafts, histories
from twoparks.pilots.actions import impact
from twoparks.pilots.models import ImpactRun, TrialDraft

RULES, OTHER = "sz-rules", "sz-officer"


@pytest.fixture
def draft(stage: Stage) -> str:
    """A fresh draft about data to Hong Kong; its address."""
    answer = stage.post(RULES, "/trials/drafts/begin/", {"flow": "data", "crosses": "sz-hk"})
    assert answer.status == 302
    return answer.goes_to


def lower(stage: Stage, draft: str, value: str = "80,000", **more: str) -> str:
    """The exemption's threshold changed on its form; where the form leads."""
    page = stage.get(RULES, f"{draft}parameter/exempt_below_persons/")
    sent = {"seen": page.hidden("seen"), "of": "0", "value": value, "from": "2027-01-04", **more}
    return stage.post(RULES, f"{draft}parameter/exempt_below_persons/", sent).goes_to


def test_a_threshold_is_changed_without_a_word_of_yaml(stage: Stage, draft: str) -> None:
    assert lower(stage, draft) == draft
    page = stage.get(RULES, draft)
    assert "80,000 persons, from 2027-01-04" in page.text
    assert "value: 80000" in page.html


def test_the_law_is_searched_in_any_language(stage: Stage, draft: str) -> None:
    for typed in ("gateway needed 1 January", "豁免三項出境機制", "exempt_below"):
        assert "exempt_below_persons" in stage.get(RULES, f"{draft}law/?q={typed}").text
    assert "exempt_below_persons" not in stage.get(RULES, f"{draft}law/?q=genome").text


def test_a_value_that_is_none_is_refused_by_its_field(stage: Stage, draft: str) -> None:
    page = stage.get(RULES, f"{draft}parameter/exempt_below_persons/")
    sent = {"seen": page.hidden("seen"), "value": "many", "from": "soon"}
    answer = stage.post(RULES, f"{draft}parameter/exempt_below_persons/", sent)
    assert answer.status == 422
    assert "use figures" in answer.text
    assert "use YYYY-MM-DD" in answer.text


def test_a_text_that_is_no_law_is_kept_and_its_line_named(stage: Stage, draft: str) -> None:
    seen = stage.get(RULES, draft).hidden("seen")
    stage.post(RULES, draft, {"seen": seen, "of": "0", "text": "parameters:\n  - name: x\n    type: word\n"})
    page = stage.get(RULES, draft)
    assert "Line 3" in page.text
    assert "accepted are int, date" in page.text
    assert "type: word" in page.html
    form = {"seen": page.hidden("seen"), "value": "7", "from": "2027-01-04"}
    assert stage.post(RULES, f"{draft}parameter/exempt_below_persons/", form).status == 409


def test_who_writes_over_somebody_elses_change_is_told(stage: Stage, draft: str) -> None:
    seen = stage.get(RULES, draft).hidden("seen")
    stage.story.nodes.now = stage.story.nodes.now.replace(minute=59)
    assert stage.post(RULES, draft, {"seen": seen, "of": "0", "text": "drop: [CN-CBDF-05-4]\n"}).status == 302
    assert stage.post(RULES, draft, {"seen": seen, "of": "0", "text": ""}).status == 409


def test_a_provision_is_changed_and_taken_out_again(stage: Stage, draft: str) -> None:
    page = stage.get(RULES, f"{draft}provision/CN-CBDF-05-4/")
    says = {f"says.{k}": "As before." for k in ("en", "zh-Hant", "zh-Hans")}
    measures = ["cac_security_assessment", "pi_export_standard_contract"]
    sent = {
        "seen": page.hidden("seen"),
        "id": "CN-CBDF-05-4",
        "when": "personal_export && !ciio",
        "effect": "exempt",
    }
    answer = stage.post(RULES, f"{draft}provision/CN-CBDF-05-4/", {**sent, "measures": measures, **says})
    assert answer.status == 302
    page = stage.get(RULES, draft)
    assert "personal_export && !ciio" in page.text
    sent = {"seen": page.hidden("seen"), "section": "provisions", "key": "CN-CBDF-05-4"}
    stage.post(RULES, f"{draft}take-out/", sent)
    assert "Nothing yet" in stage.get(RULES, draft).text


def test_a_rule_that_names_what_is_unknown_is_refused_in_the_laws_words(stage: Stage, draft: str) -> None:
    seen = stage.get(RULES, f"{draft}provision/new/").hidden("seen")
    says = {f"says.{k}": "New." for k in ("en", "zh-Hant", "zh-Hans")}
    sent = {
        "seen": seen,
        "id": "trial-1",
        "instrument": "this-trial",
        "when": "colour == 3",
        "effect": "movement",
    }
    answer = stage.post(RULES, f"{draft}provision/new/", {**sent, **says})
    assert answer.status == 422
    assert "colour" in answer.text
    assert (
        stage.post(
            RULES,
            f"{draft}provision/new/",
            {**sent, **says, "when": "persons > param.exempt_below_persons", "from": "2027-01-01"},
        ).status
        == 302
    )
    assert "Forbids the movement" in stage.get(RULES, draft).text


def test_the_witness_stands_at_the_boundary_in_words(stage: Stage, draft: str) -> None:
    lower(stage, draft)
    page = stage.get(RULES, f"{draft}?checked=1")
    assert "from 80,000 persons to 99,999 persons" in page.text
    assert "The answer of both banks : May cross → Conditional" in page.text
    assert "CN-CBDF-05-4" in page.text
    assert stage.get(RULES, f"{draft}checks/").text in page.text


def test_a_witness_kept_as_a_test_is_passed_by_the_changed_law_alone(
    stage: Stage, draft: str, tmp_path: Path
) -> None:
    lower(stage, draft)
    text = stage.get(RULES, draft).html
    (tmp_path / "kept.yaml").write_bytes(stage.get(RULES, f"{draft}cases.yaml").response.content)
    kept = read_cases(tmp_path)
    with stage.story.nodes.at("sz"):
        changed = drafts.zone_with(TrialDraft.objects.get().change)
    assert "Keep as a test" not in text  # until the comparison is asked for
    assert len(kept) > 3
    assert [failures(changed, case) for case in kept] == [[]] * len(kept)
    assert all(failures(load(), case) for case in kept)


def test_a_change_that_changes_nothing_is_proved_to(stage: Stage, draft: str) -> None:
    lower(stage, draft, "100000")
    assert "every case is told the same as today" in stage.get(RULES, f"{draft}?checked=1").text


def test_an_alternative_begins_as_the_change_stands_and_is_kept_apart(stage: Stage, draft: str) -> None:
    lower(stage, draft)
    where = stage.post(RULES, f"{draft}alternatives/").goes_to
    assert where == f"{draft}?of=1"
    lower(stage, draft, "60000", of="1")
    assert "80,000 persons" in stage.get(RULES, draft).text
    assert "60,000 persons" in stage.get(RULES, where).text


def test_every_example_can_be_begun_from(stage: Stage) -> None:
    keys = re.findall(r'name="example" value="([^"]+)"', stage.get(RULES, "/trials/drafts/").html)
    assert len(keys) == 3
    for key in keys:
        page = stage.get(RULES, stage.post(RULES, "/trials/drafts/begin/", {"example": key}).goes_to)
        assert "from an example" in page.text
        assert "cannot be read" not in page.text


def test_nobody_but_rule_makers_writes_and_auditors_only_read(stage: Stage, draft: str) -> None:
    assert stage.get(OTHER, draft).status == 403
    assert stage.get("sz-auditor", draft).status == 200
    assert "Keep the text" not in stage.get("sz-auditor", draft).html
    assert stage.post("sz-auditor", draft, {"seen": "", "text": "drop: [CN-CBDF-05-4]"}).status == 403
    assert (
        stage.post("sz-auditor", "/trials/drafts/begin/", {"flow": "data", "crosses": "sz-hk"}).status == 403
    )


def tried(stage: Stage, draft: str, **asked: str) -> str:
    """Ask what the draft would have done and let the worker do it; the address of the result."""
    sent = {"history": "generated", "crosses": "sz-hk", "on": "2027-01-04", **asked}
    where = stage.post(RULES, f"{draft}impact/", sent).goes_to
    with stage.story.nodes.at("sz"):
        for run in ImpactRun.objects.filter(state="waiting"):
            impact.carry_out(run.pk)
    return where


def test_the_impact_says_how_many_who_and_whose_desk(stage: Stage, draft: str, few: None) -> None:
    lower(stage, draft)
    where = tried(stage, draft)
    page = stage.get(RULES, where)
    assert re.search(r"\d+ of 20,000 cases would have been answered otherwise", page.text)
    assert "fictitious" in page.text
    assert "Worse off" in page.text
    assert "Guangdong" in page.text
    assert "<svg" in page.html
    turn = re.search(r'href="([^"]*turn=[^"]+)"', page.html)
    assert turn
    case = stage.get(RULES, turn[1].replace("&amp;", "&"))
    assert "How many distinct persons" in case.text or "persons" in case.text


def test_the_same_question_is_answered_from_what_was_kept(stage: Stage, draft: str, few: None) -> None:
    lower(stage, draft)
    assert tried(stage, draft) == tried(stage, draft)
    assert tried(stage, draft, on="2027-02-01") != tried(stage, draft)


def test_the_parks_own_record_is_tried_by_its_newest_versions(stage: Stage) -> None:
    permit = stage.story.declare()
    draft = stage.post(RULES, "/trials/drafts/begin/", {"flow": "materials", "crosses": "sz-hk"}).goes_to
    seen = stage.get(RULES, draft).hidden("seen")
    forbids = "provisions:\n  - {id: T-1, instrument: quarantine-law-2024, article: '1', flow: materials, crosses: sz-hk, status: pilot, confidence: S, when: human_genome_inside, forbid: movement, says: {en: a, zh-Hant: b, zh-Hans: c}}\n"
    stage.post(RULES, draft, {"seen": seen, "of": "0", "text": forbids})
    page = stage.get(RULES, tried(stage, draft, history="record"))
    assert "1 of 1 cases would have been answered otherwise" in page.text
    turn = re.search(r'href="([^"]*turn=[^"]+)"', page.html)
    assert turn
    assert str(permit) in stage.get(RULES, turn[1].replace("&amp;", "&")).text
    with stage.story.nodes.at("sz"):
        assert list((Path(str(impact.this_node().home)) / "histories").glob("record-*")) == []


def test_a_draft_keeps_only_its_newest_answers(
    stage: Stage, draft: str, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impact, "SHOWN", 2)
    lower(stage, draft)
    where = []
    for day in ("2027-01-04", "2027-02-01", "2027-03-01"):
        stage.story.nodes.tick(1)
        where.append(tried(stage, draft, on=day))
    assert [stage.get(RULES, address).status for address in where] == [404, 200, 200]


def test_what_is_explained_in_the_change_is_no_warning(stage: Stage) -> None:
    draft = stage.post(RULES, "/trials/drafts/begin/", {"example": "white-list"}).goes_to
    assert "no contradiction that the packs do not explain" in stage.get(RULES, f"{draft}checks/").text


def test_a_stopped_scan_is_said_to_be_partial(stage: Stage, draft: str, few: None) -> None:
    lower(stage, draft)
    sent = {"history": "generated", "crosses": "sz-hk", "on": ""}
    where = stage.post(RULES, f"{draft}impact/", sent).goes_to
    assert "waits for the background worker" in stage.get(RULES, where).text
    stage.post(RULES, f"{where}stop/")
    with stage.story.nodes.at("sz"):
        run = ImpactRun.objects.get()
        run.stop_asked = True
        watch = impact._Watch(run)
        watch.progress(1, 2)
        assert watch.stop()


def test_throwing_a_draft_away_leaves_nothing_of_it(stage: Stage, draft: str, few: None) -> None:
    lower(stage, draft)
    tried(stage, draft)
    stage.post(RULES, f"{draft}discard/")
    with stage.story.nodes.at("sz"):
        assert (TrialDraft.objects.count(), ImpactRun.objects.count()) == (0, 0)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Generated histories of twenty thousand cases."""
    monkeypatch.setattr(histories, "ROWS", 20_000)
