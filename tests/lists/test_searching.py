"""What is typed in one script finds what is written in the other, on every list, and nothing of others."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from tests.site.conftest import Stage

from twoparks.lists import search
from twoparks.lists.models import SearchText
from twoparks.permits import actions

TITLE = {"en": "Water study", "zh-Hans": "深圳河水质联合研究", "zh-Hant": "深圳河水質聯合研究"}


def numbers(stage: Stage, person: str, typed: str, path: str = "/api/permits") -> list[str]:
    """Ids of the rows that a search gives."""
    client = stage.client(person[:2], person)
    with stage.story.nodes.at(person[:2]):
        return [row["id"] for row in client.get(path, {"q": typed}).json()["rows"]]


@pytest.fixture
def permit(stage: Stage) -> str:
    return stage.story.declare(containers=["BOX-ZHUHAI-9"], seal=None)


@pytest.mark.parametrize(
    "typed",
    [
        "liver cancer",
        "肝癌",
        "多中心",
        "Riverbank",
        "loop genomics",
        "box-zhuhai",
        "ＢＯＸ－ＺＨＵＨＡＩ－９",
        "sz-j-multicentre",
    ],
)
def test_a_permit_is_found_by_words_of_its_title_parties_and_labels(
    stage: Stage, permit: str, typed: str
) -> None:
    assert numbers(stage, "sz-lab", typed) == [permit]


def test_a_permit_is_found_by_its_number(stage: Stage, permit: str) -> None:
    assert numbers(stage, "sz-lab", permit.upper()) == [permit]


def test_words_that_do_not_all_occur_find_nothing(stage: Stage, permit: str) -> None:
    assert numbers(stage, "sz-lab", "liver zeppelin") == []


def test_a_word_of_the_declaration_before_it_was_varied_finds_it_no_more(stage: Stage, permit: str) -> None:
    story = stage.story
    with story.nodes.at("sz"):
        raw = {**story.example(), "containers": ["BOX-OTHER-1"], "seal": None}
        actions.vary(story.user("sz-lab"), permit, raw, story.seen(permit), story.nodes.now)  # type: ignore[arg-type]
    found = [numbers(stage, "sz-lab", word) for word in ("zhuhai", "box-other")]
    assert found == [[], [permit]]


def test_others_find_nothing_by_the_same_word(stage: Stage, permit: str) -> None:
    assert numbers(stage, "sz-biobank", "Riverbank") == []


def test_a_crossing_is_found_by_its_permits_words_and_by_its_number(stage: Stage) -> None:
    permit = stage.story.in_force()
    stage.story.cross(permit)
    name = f"{permit}-x1"
    found = [numbers(stage, "sz-lab", word, "/api/crossings") for word in ("肝癌", name.upper(), "zeppelin")]
    assert found == [[name], [name], []]


def test_a_project_opened_in_one_script_is_found_in_the_other(stage: Stage) -> None:
    body = {"organisation": "sz-o-riverbank", "partner": "hk-o-loop-genomics", "title": TITLE}
    with stage.story.nodes.at("sz"):
        made = stage.client("sz", "sz-lab-admin").post("/api/projects", body, content_type="application/json")
    assert made.status_code == 201, made.content
    found = [numbers(stage, "sz-lab", typed, "/api/projects") for typed in ("水質聯合", "水质联合")]
    assert found == [[made.json()["id"]]] * 2


def test_a_common_word_finds_the_same_by_reading_along_as_by_the_index(
    stage: Stage, permit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.story.declare()
    by_index = numbers(stage, "sz-lab", "肝癌 riverb")
    monkeypatch.setattr(search, "RARE", 0)
    assert (len(by_index), numbers(stage, "sz-lab", "肝癌 riverb")) == (2, by_index)


def test_the_index_is_used_to_find_a_rare_word(stage: Stage, permit: str) -> None:
    with stage.story.nodes.at("sz"), transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {search.SQLITE}", ["zhuhai", 9])
            assert "lists_searchtext_words VIRTUAL TABLE" in str(cursor.fetchall())
        else:  # the planner reads so small a table along unless it may not
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
            plan = search.lexemes(["zhuhai"]).explain()
            assert "Bitmap Index Scan on lists_searchtext_words" in plan


@pytest.mark.parametrize(
    "typed", ["' OR 1=1", 'a" OR b*', "x':* | 'y", "\\", "NEAR(a b)", "肝\u0301癌", "a\u2028b"]
)
def test_signs_of_a_query_language_are_not_obeyed(stage: Stage, permit: str, typed: str) -> None:
    with stage.story.nodes.at("sz"):
        status = stage.client("sz", "sz-lab").get("/api/permits", {"q": typed}).status_code
    assert status in {200, 422}


def test_a_rebuild_makes_the_words_again(stage: Stage, permit: str) -> None:
    with stage.story.nodes.at("sz"):
        SearchText.objects.filter(kind="permits").update(search=" spoiled")
        changed = actions.rebuild()
    assert (changed, numbers(stage, "sz-lab", "liver")) == (1, [permit])
