"""A filter kept under a name: its owner's alone."""

from __future__ import annotations

import pytest
from tests.site.conftest import Stage

from twoparks.lists.models import SavedView


def kept(stage: Stage, person: str) -> list[tuple[str, str]]:
    with stage.story.nodes.at(person[:2]):
        found = SavedView.objects.filter(user__username=person)
        return [(view.name, view.query) for view in found]


@pytest.fixture
def view(stage: Stage) -> int:
    """One view of the laboratory's."""
    stage.post("sz-lab", "/permits/?status=in_force&sort=valid_until", {"name": "Ending soon"})
    with stage.story.nodes.at("sz"):
        return SavedView.objects.get().pk


def test_a_filter_is_kept_under_a_name_and_stands_above_the_list(stage: Stage, view: int) -> None:
    assert kept(stage, "sz-lab") == [("Ending soon", "status=in_force&sort=valid_until")]
    page = stage.get("sz-lab", "/permits/")
    assert '<a href="/permits/?status=in_force&amp;sort=valid_until">Ending soon</a>' in page.html


def test_a_view_keeps_the_filter_alone(stage: Stage) -> None:
    stage.post("sz-lab", "/permits/?status=in_force&after=&unknown=1", {"name": "In force"})
    assert kept(stage, "sz-lab") == [("In force", "status=in_force")]


def test_a_filter_that_cannot_be_used_is_not_kept(stage: Stage) -> None:
    assert stage.post("sz-lab", "/permits/?status=lost", {"name": "Lost"}).status == 422
    assert kept(stage, "sz-lab") == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b"])
def test_a_name_that_is_none_is_refused(stage: Stage, name: str) -> None:
    stage.post("sz-lab", "/permits/", {"name": name})
    assert kept(stage, "sz-lab") == []
    assert "Give the view a name of 1 to 60 letters." in stage.get("sz-lab", "/permits/").text


def test_a_name_is_given_once(stage: Stage, view: int) -> None:
    stage.post("sz-lab", "/permits/?status=revoked", {"name": "Ending soon"})
    assert "choose another name" in stage.get("sz-lab", "/permits/").text
    assert len(kept(stage, "sz-lab")) == 1


def test_views_are_opened_renamed_and_thrown_away(stage: Stage, view: int) -> None:
    assert 'href="/permits/?status=in_force&amp;sort=valid_until"' in stage.get("sz-lab", "/views/").html
    stage.post("sz-lab", "/views/", {"do": "rename", "view": view, "name": "Renew these"})
    assert [name for name, _query in kept(stage, "sz-lab")] == ["Renew these"]
    stage.post("sz-lab", "/views/", {"do": "delete", "view": view})
    assert kept(stage, "sz-lab") == []


def test_nobody_else_sees_a_view(stage: Stage, view: int) -> None:
    for person in ("sz-lab-admin", "sz-officer", "sz-auditor"):
        seen = stage.get(person, "/permits/").text + stage.get(person, "/views/").text
        assert "Ending soon" not in seen, person


@pytest.mark.parametrize("do", ["rename", "delete"])
def test_nobody_else_changes_a_view(stage: Stage, view: int, do: str) -> None:
    answer = stage.post("sz-lab-admin", "/views/", {"do": do, "view": view, "name": "Mine now"})
    assert (answer.status, [name for name, _query in kept(stage, "sz-lab")]) == (404, ["Ending soon"])


def test_a_stranger_has_no_views(stage: Stage) -> None:
    assert stage.visit("sz", "/views/").goes_to.startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("person", "ready"),
    [("sz-lab", "Waits for the applicant"), ("sz-officer", "Waits for this park")],
)
def test_each_role_finds_ready_made_views(stage: Stage, person: str, ready: str) -> None:
    assert f">{ready}</a>" in stage.get(person, "/permits/").html


@pytest.mark.parametrize("person", ["sz-lab", "sz-officer", "sz-nhc", "sz-auditor"])
@pytest.mark.parametrize("address", ["/permits/", "/crossings/"])
def test_every_ready_made_view_opens(stage: Stage, person: str, address: str) -> None:
    import re
    from html import unescape

    page = stage.get(person, address).html
    views = re.search(r'<nav id="views".*?</nav>', page, re.S)
    assert views
    links = [unescape(link) for link in re.findall(r'href="([^"]+)"', views[0])]
    assert len(links) > 2
    assert {stage.get(person, link).status for link in links} == {200}
