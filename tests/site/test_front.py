"""The front page: the zone at a glance, for everybody, in three languages."""

from __future__ import annotations

import pytest
from tests.site.conftest import Stage

NAMES = {
    "en": ("Shenzhen Park", "Hong Kong Park", "Gate No. 1", "Under construction"),
    "zh-Hant": ("深圳園區", "香港園區", "一號通道", "興建中"),
    "zh-Hans": ("深圳园区", "香港园区", "一号通道", "在建"),
}


@pytest.mark.parametrize("language", NAMES)
def test_the_page_is_in_the_language_the_browser_asks_for(stage: Stage, language: str) -> None:
    page = stage.visit("hk", "/", **{"Accept-Language": language})
    assert f'<html lang="{language}">' in page.html
    assert [name for name in NAMES[language] if name not in page.text] == []


def test_a_language_that_is_not_spoken_here_is_answered_in_english(stage: Stage) -> None:
    assert '<html lang="en">' in stage.visit("hk", "/", **{"Accept-Language": "fr"}).html


def test_a_chosen_language_prevails_over_the_browser(stage: Stage) -> None:
    client = stage.client("hk")
    with stage.story.nodes.at("hk"):
        client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
        page = client.get("/", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="zh-Hans">' in page


def test_the_banner_says_on_whose_ground_the_reader_stands(stage: Stage) -> None:
    assert 'class="banner north"' in stage.visit("sz", "/").html
    assert 'class="banner south"' in stage.visit("hk", "/").html


def test_nothing_waits_before_anybody_declares(stage: Stage) -> None:
    assert "Nothing waits at this park." in stage.visit("sz", "/").text


def test_what_waits_is_listed_with_whom_it_waits_for(stage: Stage) -> None:
    stage.story.declare()
    page = stage.visit("sz", "/").text
    assert "National Health Commission 1" in page
    assert "customs 3" in page


def test_a_crossing_shows_in_the_figures_and_on_the_plan(stage: Stage) -> None:
    stage.story.cross(stage.story.in_force())
    page = stage.visit("hk", "/").text
    assert "entries today 1" in page
    assert "2 passages today" in page


def test_the_front_page_names_nobody(stage: Stage) -> None:
    stage.story.cross(stage.story.in_force())
    page = stage.visit("sz", "/").text
    assert "Riverbank" not in page
    assert "sz-p-" not in page


def test_the_plan_has_a_text_for_those_who_do_not_see_it(stage: Stage) -> None:
    page = stage.visit("hk", "/").text
    assert "The river runs from west to east" in page
    assert page.index("Gate No. 1 Open") < page.index("West bridge Under construction")


def test_the_front_page_asks_the_database_a_bounded_number_of_questions(stage: Stage) -> None:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    for _ in range(3):
        stage.story.declare()
    with stage.story.nodes.at("sz"), CaptureQueriesContext(connections["default"]) as asked:
        assert stage.client("sz").get("/").status_code == 200
    assert len(asked) <= 12
