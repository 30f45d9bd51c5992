"""Figures for a monitor: who gets them, what they count, and that they stay few."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from tests.crossings.test_no_person_crosses import people
from tests.site.conftest import Stage

from twoparks.site.operations import meters


def figures(stage: Stage, park: str = "sz") -> dict[str, float]:
    """What Prometheus would read at that park, by name with labels."""
    page = stage.visit(park, "/metrics", host="localhost")
    assert page.status == 200, page.html
    lines = [line for line in page.html.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_figures_count_acts_by_kind_and_author(stage: Stage) -> None:
    before = figures(stage, "hk").get('twoparks_acts_total{by="there",kind="permit.declared"}', 0)
    stage.story.declare()
    assert figures(stage, "hk")['twoparks_acts_total{by="there",kind="permit.declared"}'] == before + 1


def test_a_counter_starts_again_when_a_table_went_back(stage: Stage) -> None:
    name = 'twoparks_acts_total{by="here",kind="permit.declared"}'
    empty = stage.story.nodes.snapshot()
    stage.story.declare()
    counted = figures(stage)[name]
    stage.story.nodes.restore(empty)
    assert figures(stage).get(name, 0) == counted - 1


def test_figures_say_what_waits_for_the_other_park_and_how_long(stage: Stage) -> None:
    stage.story.nodes.network.cut = True
    with stage.story.nodes.at("sz"):
        from twoparks.permits import actions

        actions.declare(stage.story.user("sz-lab"), stage.story.example(), stage.story.nodes.now)
    stage.story.nodes.tick(90)
    found = figures(stage)
    assert (found["twoparks_outbox_waiting"], found["twoparks_outbox_oldest_seconds"]) == (2, 90)


def test_requests_are_counted_by_the_template_of_their_address(stage: Stage) -> None:
    permit = stage.story.declare()
    stage.get("sz-lab", f"/permits/{permit}/")
    found = [name for name in figures(stage) if name.startswith("twoparks_request_seconds_count")]
    assert any('route="permits/<str:permit_id>/"' in name for name in found)
    assert not [name for name in found if permit in name]


def test_addresses_nobody_serves_share_one_label(stage: Stage) -> None:
    stage.visit("sz", "/a/")
    before = len(figures(stage))
    for n in range(20):
        stage.visit("sz", f"/nothing/{n}/")
    assert len(figures(stage)) == before


def test_a_refused_message_is_counted_by_its_code(stage: Stage) -> None:
    with stage.story.nodes.at("sz"):
        Client().post("/federation/inbox", b"{}", content_type="application/json")
    assert figures(stage)['twoparks_inbox_answers_total{answer="refused",code="transport_refused"}'] >= 1


def test_figures_name_nobody(stage: Stage) -> None:
    permit = stage.story.in_force()
    stage.story.cross(permit)
    stage.get("sz-lab", f"/permits/?q={people(stage.story)[0]}")
    text = stage.visit("sz", "/metrics", host="localhost").html
    assert [word for word in [*people(stage.story), permit] if word in text] == []


@pytest.mark.parametrize("through", ["X-Forwarded-For", "Forwarded", "Via"])
def test_without_a_token_what_comes_through_a_proxy_is_refused(stage: Stage, through: str) -> None:
    page = stage.visit("sz", "/metrics", host="localhost", **{through: "203.0.113.9"})
    assert (page.status, page.response.json()["code"]) == (403, "local_only")


def test_without_a_token_the_public_name_is_refused(stage: Stage) -> None:
    assert stage.visit("sz", "/metrics", host="testserver").status == 403


def test_with_a_token_only_its_bearer_is_answered(stage: Stage, settings: pytest.FixtureRequest) -> None:
    settings.TWOPARKS_METRICS_TOKEN = "a-long-token"  # type: ignore[attr-defined]
    assert stage.visit("sz", "/metrics", host="localhost").status == 401
    assert stage.visit("sz", "/metrics", authorization="Bearer another").status == 401
    assert stage.visit("sz", "/metrics", authorization="Bearer a-long-token").status == 200


COUNTING = """
import os, sys
from pathlib import Path
from twoparks.site.operations import meters
meters.share(Path(sys.argv[1]))
import django; django.setup()
from twoparks.site.operations.requests import SECONDS
SECONDS.labels("work/", "GET", "2xx").observe(0.02)
from twoparks.site.operations.metrics import _counted
from prometheus_client import generate_latest
print(generate_latest(_counted()).decode())
"""


@pytest.mark.one_database
def test_processes_of_one_web_server_count_together(tmp_path: Path) -> None:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    said = [
        subprocess.run(
            [sys.executable, "-c", COUNTING, str(tmp_path)],
            env=env,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    counted = re.findall(r"twoparks_request_seconds_count\{[^}]*\} ([\d.]+)", said[1])
    assert counted == ["2.0"]


@pytest.mark.one_database
def test_counts_of_a_server_that_ended_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(meters.SHARED, raising=False)
    ended = subprocess.Popen(["true"])
    ended.wait()
    old = tmp_path / "metrics" / str(ended.pid)
    old.mkdir(parents=True)
    meters.share(tmp_path)
    monkeypatch.delenv(meters.SHARED)
    assert [folder.name for folder in old.parent.iterdir()] == [str(os.getppid())]
