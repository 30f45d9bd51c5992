"""Health answers: what is looked at, what makes the node unfit, and that nobody is named."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from tests.site.conftest import Shown, Stage

from twoparks.federation.actions import beat, take_trust
from twoparks.federation.keys import node_keys
from twoparks.federation.models import Outgoing
from twoparks.site.operations import health


def ask(stage: Stage, park: str = "sz") -> Shown:
    return stage.visit(park, "/health/ready")


def working(stage: Stage) -> Stage:
    """The worker ran just now and the other park answered."""
    nodes = stage.story.nodes
    with nodes.at("hk"):
        published = node_keys().published
    with nodes.at("sz"):
        beat("worker", nodes.now)
        take_trust(published, nodes.now)
    return stage


def states(shown: Shown) -> dict[str, str]:
    return {check["name"]: check["state"] for check in shown.response.json()["checks"]}


def test_a_process_is_alive_without_looking_at_anything(stage: Stage, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert stage.visit("sz", "/health/live").response.json() == {"status": "live"}


def test_a_node_at_work_is_ready(stage: Stage) -> None:
    shown = ask(working(stage))
    assert (shown.status, shown.response.json()["status"]) == (200, "ready"), shown.html


def test_a_worker_that_is_silent_makes_the_node_unfit(stage: Stage) -> None:
    working(stage).story.nodes.tick(health.WORKER_SILENT_S + 1)
    shown = ask(stage)
    assert shown.status == 503
    assert shown.response.json()["reasons"] == ["worker_silent"]


def test_a_node_whose_worker_never_ran_is_unfit(stage: Stage) -> None:
    assert states(ask(stage))["worker"] == "failed"


def test_a_silent_peer_is_said_and_work_goes_on(stage: Stage) -> None:
    working(stage)
    now = stage.story.nodes.tick(health.PEER_SILENT_S + 1)
    with stage.story.nodes.at("sz"):
        beat("worker", now)
    shown = ask(stage)
    assert (shown.status, shown.response.json()["reasons"]) == (200, ["peer_silent"])


def test_acts_that_wait_too_long_are_said(stage: Stage) -> None:
    stage.story.nodes.network.cut = True
    with stage.story.nodes.at("sz"):
        from twoparks.permits import actions

        actions.declare(stage.story.user("sz-lab"), stage.story.example(), stage.story.nodes.now)
    stage.story.nodes.tick(3601)
    assert states(ask(working(stage)))["outbox"] == "late"


def test_a_stopped_stream_is_said(stage: Stage) -> None:
    stage.story.declare()
    with stage.story.nodes.at("sz"):
        Outgoing.objects.update(delivered_at=None, stopped_code="refused")
    assert "streams_stopped" in ask(working(stage)).response.json()["reasons"]


def test_a_node_without_its_keys_is_unfit(stage: Stage) -> None:
    working(stage)
    (stage.story.nodes["sz"].home / "keys" / "trust.json").unlink()
    shown = ask(stage)
    assert (shown.status, shown.response.json()["reasons"]) == (503, ["keys_unreadable"])


def test_a_database_that_does_not_answer_makes_the_node_unfit(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> bool:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "_migrations_missing", broken)
    shown = ask(stage)
    assert (shown.status, shown.response.json()["reasons"]) == (503, ["database_unreachable"])


def test_a_database_behind_the_code_makes_the_node_unfit(stage: Stage) -> None:
    from django.db import connection

    with stage.story.nodes.at("sz"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'crossings'")
    assert states(ask(working(stage)))["migrations"] == "failed"
