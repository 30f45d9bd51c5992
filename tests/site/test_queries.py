"""Lists ask the database a bounded number of questions, however long they are."""

from __future__ import annotations

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from tests.site.conftest import Stage

CEILINGS = {
    ("sz-lab", "/permits/"): 9,
    ("sz-lab", "/work/"): 11,
    ("sz-lab", "/projects/"): 9,
    ("sz-lab", "/crossings/"): 9,
    ("sz-lab", "/api/permits"): 8,
    ("sz-nhc", "/work/"): 11,
    ("sz-officer", "/work/"): 12,
    ("sz-officer", "/waiting/"): 11,
    ("sz-nhc", "/api/work"): 10,
    ("sz-officer", "/permits/"): 9,
    ("sz-auditor", "/ledger/"): 12,
}


@pytest.mark.parametrize(("person", "address"), CEILINGS)
def test_a_longer_list_asks_no_more_questions(stage: Stage, person: str, address: str) -> None:
    for _ in range(2):
        stage.story.declare()
    few = _asked(stage, person, address)
    for _ in range(4):
        stage.story.declare()
    many = _asked(stage, person, address)
    assert (many - few, many <= CEILINGS[person, address]) == (0, True), f"{few}, then {many}"


def _asked(stage: Stage, person: str, address: str) -> int:
    client = stage.client(person[:2], person)
    with stage.story.nodes.at(person[:2]), CaptureQueriesContext(connections["default"]) as asked:
        assert client.get(address).status_code == 200
    return len(asked)
