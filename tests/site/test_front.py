"""The front page: the zone at a glance, for everybody, in three languages."""

from __future__ import annotations

import pytest
from tests.site.conftest import Stage
from tests.story import BECAUSE, SZ_WORK

from twoparks.permits.types import AuthorityAnswer
from twoparks.registry.models import User
from twoparks.site import front

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


def test_a_crossing_shows_in_the_figures_by_point_and_direction(stage: Stage) -> None:
    stage.story.cross(stage.story.in_force())
    page = stage.visit("hk", "/").text
    assert "entries today 1" in page
    assert "Lok Ma Chau / Huanggang 1 0" in page
    assert "Gate No. 1 0 0" in page


def test_the_plan_carries_the_count_of_each_direction(stage: Stage) -> None:
    stage.story.cross(stage.story.in_force())
    page = stage.visit("hk", "/").html
    assert page.count("↓ 1") == 2  # on the plan for desks and in the list beside the one for phones


def test_what_crossed_yesterday_is_not_counted_today(stage: Stage) -> None:
    stage.story.cross(stage.story.in_force())
    stage.story.nodes.tick(86_400)
    assert "Lok Ma Chau / Huanggang 0 0" in stage.visit("hk", "/").text


def test_the_plan_says_that_its_positions_are_approximate(stage: Stage) -> None:
    assert "Positions and shapes are approximate" in stage.visit("hk", "/").text


def test_work_without_a_desk_is_said_where_it_waits(stage: Stage) -> None:
    stage.story.declare()
    with stage.story.nodes.at("sz"):
        User.objects.filter(username="sz-nhc").update(is_active=False)
    assert "National Health Commission 1 without a desk at this park" in stage.visit("sz", "/").text


def test_one_permit_waits_and_two_wait(stage: Stage) -> None:
    says = [front.waiting_word(n) for n in (1, 2)]
    assert says == ["permit waits for the applicant's answer", "permits wait for the applicant's answer"]


@pytest.mark.parametrize(
    ("person", "says", "href"),
    [
        ("sz-nhc", "1 to decide for National Health Commission", "/work/"),
        ("sz-lab", "Declare something that is to cross", "/declare/"),
        ("sz-gate", "Open your gate", "/gate/"),
        ("sz-rules", "Draft a change of a rule", "/trials/drafts/"),
        ("sz-auditor", "Read the ledger", "/ledger/"),
    ],
)
def test_a_person_signed_in_sees_first_what_to_do_next(
    stage: Stage, person: str, says: str, href: str
) -> None:
    stage.story.declare()
    page = stage.get(person, "/")
    assert says in page.text
    assert page.text.index(says) < page.text.index("What crosses today")
    assert f'<a href="{href}' in page.html


def test_an_officer_sees_what_can_be_cleared_and_what_has_to_be_explained(stage: Stage) -> None:
    story = stage.story
    story.grant_all("sz", story.declare())
    assert "1 for this park to clear or refuse" in stage.get("sz-officer", "/").text


def test_a_question_put_to_the_applicant_is_the_applicants_next_step(stage: Stage) -> None:
    story = stage.story
    permit = story.declare()
    for authority, measure in SZ_WORK:
        how = "ask" if authority == "nhc" else "grant"
        story.decide("sz", permit, AuthorityAnswer(authority, how, BECAUSE, measure=measure, number="N-1"))  # type: ignore[arg-type]
    page = stage.get("sz-lab", "/")
    assert "1 permit waits for the applicant's answer" in page.text
    assert permit in stage.get("sz-lab", "/permits/?waits=applicant").text


def test_nothing_to_do_is_said_too(stage: Stage) -> None:
    assert "Nothing waits for you." in stage.get("sz-officer", "/").text


def test_a_stranger_is_told_no_next_step(stage: Stage) -> None:
    assert "Next for you" not in stage.visit("sz", "/").text


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
