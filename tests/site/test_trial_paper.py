"""The public register of trials: who stands in it, what it says and does not say, its exit report on page and paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader
from tests.story import Story
from tests.trials import FIRST, Trials, protocol, words

from twoparks.pilots import actions, register
from twoparks.pilots.rules import NoTrial
from twoparks.pilots.types import TrialId
from twoparks.site.paper import pdf, trial, wording
from twoparks.site.paper.shape import Paper

pytestmark = pytest.mark.one_database  # what a paper says is the same whatever the database
LANGS = {"en": "en-GB", "zh-Hant": "zh-HK", "zh-Hans": "zh-CN"}
TITLES = {"en": "Exit report of a trial", "zh-Hant": "試行退出報告", "zh-Hans": "试行退出报告"}
SUMMARY = {"proposal": "end", "summary": words("A seal was broken twice.")}


@pytest.fixture
def trials(tmp_path: Path, django_db_blocker: Any) -> Iterator[Trials]:
    with django_db_blocker.unblock():
        story = Story.open(tmp_path / "homes")
        try:
            yield Trials(story)
        finally:
            story.nodes.close()


def reported(trials: Trials) -> TrialId:
    """Live, one permit under it, stopped by its rule after harms, reported."""
    number = trials.live()
    trials.story.declare()
    for _ in range(3):
        trials.harm("sz", number)
        trials.nodes.settle()
    assert trials.status("hk", number) == "stopped"
    with trials.nodes.at("sz"):
        actions.report(trials.story.user("sz-rules"), number, SUMMARY, trials.seen(number), trials.nodes.now)
    trials.nodes.settle()
    return number


def paper(trials: Trials, number: TrialId, park: str = "hk", language: str = "en") -> Paper:
    with trials.nodes.at(park), wording.language(language) as spoken:
        return trial.paper(register.entry(number, trials.nodes.now), spoken)


def rows(made: Paper) -> list[tuple[str, ...]]:
    """Every row of every table."""
    return [row for s in made.sections for b in s.blocks if b.type == "table" for row in b.rows]


def cells(made: Paper) -> list[str]:
    """Every cell of every table."""
    return [cell for row in rows(made) for cell in row]


def test_a_trial_that_one_park_has_not_signed_is_not_registered(trials: Trials) -> None:
    number = trials.file()
    trials.agree("sz", number)
    trials.sign("sz", number)
    trials.nodes.settle()
    with trials.nodes.at("hk"), pytest.raises(NoTrial):
        register.entry(number, trials.nodes.now)
    with trials.nodes.at("hk"):
        assert Client().get(f"/trials/register/{number}/").status_code == 404


def test_everybody_reads_a_signed_trial_without_an_account(trials: Trials) -> None:
    number = trials.signed()
    with trials.nodes.at("hk"):
        listed = Client().get("/trials/register/").content.decode()
        page = Client().get(f"/trials/register/{number}/").content.decode()
    assert number in listed
    assert "Do notified samples cross sooner and as safely?" in page
    assert "A trial in the register" in page


def test_effects_are_not_told_before_it_is_over(trials: Trials) -> None:
    with_effects = "What it did for those who took part"
    number = trials.live()
    assert with_effects not in [section.title for section in paper(trials, number).sections]


def test_the_report_says_what_is_proposed_and_how_it_ended(trials: Trials) -> None:
    made = paper(trials, reported(trials))
    assert made.title == TITLES["en"]
    assert made.answer == "What is proposed: End it."
    assert "by its stop rule" in cells(made)
    assert "Permits already in force are revoked by both parks." in str(made)


def test_one_case_is_too_few_to_say_anything_of_the_effect(trials: Trials) -> None:
    said = [cell for cell in cells(paper(trials, reported(trials))) if cell.startswith("Too few cases")]
    assert said == ["Too few cases to say: fewer than 10 on one side."]


def test_both_parks_report_the_same_figures(trials: Trials) -> None:
    number = reported(trials)
    papers = [paper(trials, number, park) for park in ("hk", "sz")]
    tables = [[b for s in made.sections for b in s.blocks if b.type == "table"] for made in papers]
    planned, harms = ([each.rows for each in park[1:5]] for park in tables)
    assert planned == harms
    digests = [
        line.values
        for made in papers
        for b in made.sections[-1].blocks
        if b.type == "pairs"
        for line in b.lines
    ]
    assert digests[:2] == digests[2:]


def test_opened_early_it_may_decide_from_its_day_and_not_before(trials: Trials) -> None:
    later = FIRST + timedelta(days=2)
    dates = {**protocol()["dates"], "live_from": later.isoformat()}
    number = trials.live(protocol(dates=dates))
    said = next(row for row in rows(paper(trials, number)) if row[0] == "May decide from")
    assert said[1:] == ("24 November 2026", "24 November 2026, 00:00")


def test_the_report_names_no_organisation_that_did_not_agree_and_no_permit(trials: Trials) -> None:
    number = reported(trials)
    permit = trials.cases("hk", number)[0].permit
    text = str(paper(trials, number))
    assert "Riverbank" not in text
    assert permit not in text
    assert "A seal was broken." not in text  # reasons an officer gave for one harm


@pytest.mark.parametrize("language", LANGS)
def test_the_exit_report_is_a_tagged_pdf_in_its_language(trials: Trials, language: str) -> None:
    made = paper(trials, reported(trials), language=language)
    read = PdfReader(BytesIO(pdf.pdf(made)))
    assert made.title == TITLES[language]
    assert read.trailer["/Root"]["/Lang"] == LANGS[language]
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert made.number in "".join(page.extract_text() for page in read.pages)
