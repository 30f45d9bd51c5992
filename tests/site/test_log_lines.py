"""Log lines: JSON when asked for, an id that ties them together, and nobody's name, account or search in them."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from tests.crossings.test_no_person_crosses import people
from tests.site.conftest import Stage

from twoparks.registry.pseudonyms import pseudonym
from twoparks.site.operations.logs import logging_settings


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that a node writing JSON at level DEBUG would send to its collector."""
    said = logging_settings("json", "DEBUG")
    logging.config.dictConfig({**said, "root": {"handlers": ["stderr"], "level": "DEBUG"}})
    (handler,) = logging.getLogger().handlers
    sink = io.StringIO()
    handler.setStream(sink)  # type: ignore[attr-defined]
    yield sink
    logging.config.dictConfig(logging_settings("text", "INFO"))


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_request_is_one_line_with_route_status_and_time(stage: Stage, lines: io.StringIO) -> None:
    permit = stage.story.declare()
    stage.get("sz-lab", f"/permits/{permit}/")
    line = next(line for line in read(lines) if line.get("route") == "permits/<str:permit_id>/")
    assert (line["method"], line["status"], line["logger"]) == ("GET", 200, "twoparks.request")
    assert line["ms"] > 0


def test_a_line_says_the_pseudonym_of_who_asked(stage: Stage, lines: io.StringIO) -> None:
    stage.get("sz-lab", "/work/")
    with stage.story.nodes.at("sz"):
        actor = pseudonym(stage.story.user("sz-lab"))
    assert next(line for line in read(lines) if line.get("route") == "work/")["actor"] == actor


def test_an_id_given_by_the_proxy_is_kept_and_returned(stage: Stage, lines: io.StringIO) -> None:
    page = stage.visit("sz", "/", **{"X-Request-Id": "edge-12345678"})
    assert page.response.headers["X-Request-Id"] == "edge-12345678"
    assert [line["request_id"] for line in read(lines) if line.get("route") == "/"] == ["edge-12345678"]


@pytest.mark.parametrize("given", ["short", "with space and more", 'in"jected" : line'])
def test_an_id_that_is_none_is_replaced(stage: Stage, given: str) -> None:
    page = stage.visit("sz", "/", **{"X-Request-Id": given})
    assert len(page.response.headers["X-Request-Id"]) == 16


def test_log_lines_name_nobody_and_hold_no_query(stage: Stage, lines: io.StringIO) -> None:
    story = stage.story
    for person in ("sz-lab", "sz-officer", "sz-auditor"):
        stage.post(person, "/accounts/login/", {"login": person, "password": "wrong"})
        for address in ("/work/", "/permits/?q=Chan+Tai+Man", "/projects/", "/nobody/Chan/"):
            stage.get(person, address)
    stage.story.cross(story.in_force())
    text = lines.getvalue()
    assert len(read(lines)) > 10
    assert [word for word in [*people(story), "Chan", "wrong", "?q"] if word in text] == []


def test_what_a_database_says_of_a_row_stays_out_of_a_traceback(lines: io.StringIO) -> None:
    said = "duplicate key\nDETAIL:  Key (username)=(chan.tai.man) already exists."
    try:
        raise RuntimeError(said)
    except RuntimeError:
        logging.getLogger("twoparks").exception("saving failed")
    assert "duplicate key" in lines.getvalue()
    assert "chan.tai.man" not in lines.getvalue()


@pytest.mark.parametrize(
    ("form", "level", "named"),
    [("xml", "INFO", "TWOPARKS_LOG_FORMAT"), ("json", "LOUD", "TWOPARKS_LOG_LEVEL")],
)
def test_a_format_or_level_that_does_not_exist_is_told(form: str, level: str, named: str) -> None:
    with pytest.raises(ValueError, match=f"{named}: .* use one of"):
        logging_settings(form, level)
