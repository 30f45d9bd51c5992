"""Filters, orders and pages: what the address says is what is listed, and what it cannot mean is said."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from tests.site.conftest import Stage

from twoparks.lists import queries


def listed(stage: Stage, person: str, **asked: str) -> Any:
    """A page of permits over the API."""
    client = stage.client(person[:2], person)
    with stage.story.nodes.at(person[:2]):
        return client.get("/api/permits", asked).json()


def ids(stage: Stage, person: str, **asked: str) -> list[str]:
    return [row["id"] for row in listed(stage, person, **asked)["rows"]]


@pytest.fixture
def three(stage: Stage) -> list[str]:
    """Three permits, a day between them, the last one declared last."""
    made = []
    for number in range(3):
        made.append(stage.story.declare(containers=[f"BOX-{number}"], seal=None))
        stage.story.nodes.tick(86_400)
    return made


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"status": "in_review"}, {0, 1, 2}),
        ({"status": "in_force"}, set()),
        ({"crosses": "sz-hk"}, {0, 1, 2}),
        ({"crosses": "hk-sz"}, set()),
        ({"waits": "authority"}, {0, 1, 2}),
        ({"waits": "peer"}, set()),
        ({"project": "sz-j-multicentre"}, {0, 1, 2}),
        ({"declared_from": "2026-11-23"}, {1, 2}),
        ({"declared_until": "2026-11-23"}, {0, 1}),
        ({"declared_from": "2026-11-23", "declared_until": "2026-11-23"}, {1}),
        ({"q": "box-2", "status": "in_review"}, {2}),
    ],
)
def test_each_filter_lets_through_what_it_says(
    stage: Stage, three: list[str], asked: dict[str, str], found: set[int]
) -> None:
    assert set(ids(stage, "sz-lab", **asked)) == {three[n] for n in found}


def test_the_last_changed_stands_first_unless_asked_otherwise(stage: Stage, three: list[str]) -> None:
    orders = [
        ids(stage, "sz-lab"),
        ids(stage, "sz-lab", sort="changed"),
        ids(stage, "sz-lab", sort="-declared"),
    ]
    assert orders == [three[::-1], three, three[::-1]]


@pytest.mark.parametrize("sort", ["-changed", "changed", "valid_until", "-valid_until"])
def test_pages_forth_and_back_show_every_row_once_in_one_order(
    stage: Stage, three: list[str], monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    whole = ids(stage, "sz-lab", sort=sort)
    monkeypatch.setattr(queries, "PAGE", 1)
    forth, page = [], listed(stage, "sz-lab", sort=sort)
    forth += [page["rows"][0]["id"]]
    while page["next"]:
        page = listed(stage, "sz-lab", sort=sort, after=page["next"])
        forth += [page["rows"][0]["id"]]
    back = [page["rows"][0]["id"]]
    while page["earlier"]:
        page = listed(stage, "sz-lab", sort=sort, before=page["earlier"])
        back += [page["rows"][0]["id"]]
    assert (forth, back) == (whole, whole[::-1])


def test_a_row_that_comes_meanwhile_does_not_shift_the_next_page(
    stage: Stage, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 1)
    first = listed(stage, "sz-lab")
    stage.story.declare(containers=["BOX-9"], seal=None)
    assert ids(stage, "sz-lab", after=first["next"]) == [three[1]]


def test_no_page_counts_further_than_it_says(
    stage: Stage, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "COUNT_MAX", 2)
    found = listed(stage, "sz-lab")
    assert (found["total"], found["more"], len(found["rows"])) == (2, True, 3)
    assert "more than 2" in stage.get("sz-lab", "/permits/").text


def test_the_count_asks_the_database_for_no_more_rows_than_it_says(stage: Stage, three: list[str]) -> None:
    with stage.story.nodes.at("sz"), CaptureQueriesContext(connections["default"]) as asked:
        stage.client("sz", "sz-officer").get("/api/permits")
    (counting,) = (q["sql"] for q in asked if "COUNT(" in q["sql"] and "permitrow" in q["sql"])
    assert "LIMIT 10001" in counting


WRONG = [
    ("status=lost", "Status: lost is not one of the choices"),
    ("declared_from=31/02/2026", "Declared: 31/02/2026 is not a date; use YYYY-MM-DD."),
    ("declared_from=2026-02-31", "Declared: 2026-02-31 is not a date"),
    ("declared_from=0000-01-01", "0000-01-01 is not a date"),
    (
        "declared_from=2026-03-02&declared_until=2026-03-01",
        "the last day, 2026-03-01, lies before the first, 2026-03-02",
    ),
    ("q=***", "has no letter or digit to look for"),
    ("q=" + "x" * 201, "at most 200 letters"),
    ("sort=sender_name", "sender_name: the list cannot be ordered by this; use one of"),
    ("after=sz-p-nowhere", "begin at the first page"),
]


@pytest.mark.parametrize(("query", "says"), [*WRONG, ("project=a%00b", "at most 200 letters")])
def test_a_value_that_cannot_be_used_is_named_and_nothing_is_listed(
    stage: Stage, query: str, says: str
) -> None:
    permit = stage.story.declare()
    page = stage.get("sz-lab", f"/permits/?{query}")
    assert (page.status, says in page.text, permit in page.text) == (422, True, False)


@pytest.mark.parametrize(("query", "says"), WRONG)
def test_the_api_names_it_too(stage: Stage, query: str, says: str) -> None:
    answer = stage.get("sz-lab", f"/api/permits?{query}")
    assert (answer.status, answer.response["Content-Type"]) == (422, "application/problem+json")
    assert says in answer.html


def test_the_place_of_somebody_elses_row_is_nowhere(stage: Stage, three: list[str]) -> None:
    assert stage.get("sz-biobank", f"/permits/?after={three[0]}").status == 422


def test_an_empty_list_says_what_would_fill_it(stage: Stage) -> None:
    said = stage.get("sz-lab", "/permits/").text, stage.get("sz-lab", "/permits/?status=revoked").text
    assert "Permits appear here once somebody declares" in said[0]
    assert "Nothing matches." in said[1]


def test_the_heading_says_how_the_list_is_ordered_and_turns_it(stage: Stage) -> None:
    stage.story.declare()
    page = stage.get("sz-lab", "/permits/?sort=valid_until").html
    assert 'aria-sort="ascending"><a id="sort-valid_until" href="/permits/?sort=-valid_until"' in page
    assert 'aria-sort="none"><a id="sort-changed" href="/permits/?sort=-changed"' in page


def test_a_script_gets_only_the_part_that_changes(stage: Stage) -> None:
    permit = stage.story.declare()
    part = stage.get("sz-lab", "/permits/?status=in_review", **{"HX-Request": "true"})
    assert (permit in part.html, "<html" in part.html, "HX-Request" in part.response["Vary"]) == (
        True,
        False,
        True,
    )


def test_the_address_bar_gets_the_shortest_address(stage: Stage) -> None:
    stage.story.declare()
    typed = "/permits/?q=&status=in_review&crosses=&declared_from=&sort="
    part = stage.get("sz-lab", typed, **{"HX-Request": "true"})
    assert part.response["HX-Push-Url"] == "/permits/?status=in_review"


def test_the_whole_page_comes_when_a_browser_goes_back(stage: Stage) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in stage.get("sz-lab", "/permits/", **headers).html


LISTS = ("/permits/", "/crossings/", "/projects/", "/organisations/", "/approvals/")


@pytest.mark.parametrize("address", LISTS)
def test_every_list_asks_few_questions_however_long_it_is(stage: Stage, address: str) -> None:
    counts = []
    for _ in range(2):
        for _again in range(2):
            stage.story.declare()
        client = stage.client("sz", "sz-lab")
        with stage.story.nodes.at("sz"), CaptureQueriesContext(connections["default"]) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
    assert (counts[1] - counts[0], counts[1] <= 9) == (0, True), counts


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("language", ["zh-hant", "zh-hans"])
def test_every_list_is_a_page_in_chinese(stage: Stage, address: str, language: str) -> None:
    page = stage.get("sz-lab", address, **{"Accept-Language": language})
    assert (page.status, "Search" in page.text, "Filter" in page.text) == (200, False, False)


def test_the_log_is_listed_for_the_auditor_and_for_nobody_of_a_tenant(stage: Stage) -> None:
    permit = stage.story.declare()
    page = stage.get("sz-auditor", f"/ledger/acts/?stream={permit}")
    assert page.status == 200
    assert page.text.count(permit) > 2
    addresses = ("/ledger/acts/", "/ledger/acts/?as=csv", "/ledger/acts/?as=xlsx", "/api/ledger/acts")
    assert [stage.get("sz-lab", address).status for address in addresses] == [403] * 4
