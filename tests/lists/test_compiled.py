"""A query compiled once gives what the ORM gives, whatever is asked, on every database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.site.conftest import Stage

from twoparks.lists.compiled import Compiled
from twoparks.permits.models import PermitRow, StatusPlace

COLUMNS = ("id", "version", "declared_at", "title", "expires_at")
DECLARED = Compiled(
    lambda home, since: (
        PermitRow.objects.filter(home=home, declared_at__gte=since).order_by("id").values_list(*COLUMNS)
    )
)
NAMED = Compiled(lambda start: PermitRow.objects.filter(id__startswith=start).values_list("id"))


def _by_orm(home: str, since: Any) -> list[tuple[Any, ...]]:
    found = PermitRow.objects.filter(home=home, declared_at__gte=since).order_by("id")
    return list(found.values_list(*COLUMNS))


def test_rows_are_those_of_the_orm_in_its_types(stage: Stage) -> None:
    first = stage.story.declare()
    stage.story.nodes.tick(60)
    later = stage.story.nodes.now
    stage.story.declare(containers=["BOX-1"], seal=None)
    with stage.story.nodes.at("sz"):
        for home, since in (("sz", later - timedelta(days=1)), ("sz", later), ("hk", later)):
            assert DECLARED(home, since) == _by_orm(home, since)
        assert len(DECLARED("sz", later)) == 1
        assert NAMED(first[:-1]) == [(first,)]
        assert NAMED("%") == []


def test_a_truth_value_is_one_on_both_databases(stage: Stage) -> None:
    permit = stage.story.in_force()
    places = Compiled(lambda permit: StatusPlace.objects.filter(permit=permit).values_list("ended"))
    with stage.story.nodes.at("sz"):
        assert [ended for (ended,) in places(permit)] == [False]
        assert type(places(permit)[0][0]) is bool


def test_it_is_compiled_once(stage: Stage) -> None:
    built = []

    def build(home: Any) -> Any:
        built.append(home)
        return PermitRow.objects.filter(home=home).values_list("id")

    asked = Compiled(build)
    with stage.story.nodes.at("sz"):
        assert (asked("sz"), asked.first("hk")) == ([], None)
    assert len(built) == 1


@pytest.mark.parametrize("park", ["sz", "hk"])
def test_what_was_compiled_at_one_database_is_asked_of_the_one_stood_on(stage: Stage, park: str) -> None:
    stage.story.declare()
    ids = Compiled(lambda version: PermitRow.objects.filter(version=version).values_list("id"))
    with stage.story.nodes.at("sz"):
        ids(1)
        PermitRow.objects.all().delete()
    with stage.story.nodes.at(park):
        assert len(ids(1)) == PermitRow.objects.count()
