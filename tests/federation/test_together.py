"""Several processes of one node write its log at once: one order, no gap, nothing lost."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper as Sqlite
from django.utils.module_loading import import_string
from tests.federation.say import OFFICER, STREAM
from tests.two_nodes import START, TwoNodes

from twoparks.federation import log
from twoparks.federation.actions import record
from twoparks.federation.models import Act
from twoparks.federation.queries import acts, log_copy
from twoparks.federation.types import NewAct
from twoparks.ledger.commit import leaf_of
from twoparks.ledger.tree import root_of
from twoparks.registry.node import Node, stand_on

WRITERS, EACH = 4, 15


def write(settings: dict[str, Any], node: Node, failures: list[BaseException]) -> None:
    """One writer with a connection of its own, as a process has."""
    backend = import_string(f"{settings['ENGINE']}.base.DatabaseWrapper")
    connections["default"] = backend(settings, alias="default")
    try:
        with stand_on(node):
            for index in range(EACH):
                with transaction.atomic():
                    record(NewAct("test.noted", STREAM, {"says": f"n{index}"}, OFFICER), START)
    except BaseException as failure:
        failures.append(failure)
    finally:
        connections["default"].close()


def write_together(settings: dict[str, Any], node: Node) -> None:
    """Let all writers at it; raises what any of them met."""
    failures: list[BaseException] = []
    threads = [threading.Thread(target=write, args=(settings, node, failures)) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def check() -> None:
    """One order: numbers, leaves and tree agree."""
    found = acts(STREAM)
    assert [act.seq for act in found] == list(range(1, WRITERS * EACH + 1))
    leaves = list(Act.objects.order_by("number").values_list("leaf_index", flat=True))
    assert leaves == list(range(WRITERS * EACH))


@pytest.mark.one_database
def test_writers_on_one_sqlite_file_make_one_log(two_nodes: TwoNodes, tmp_path: Path) -> None:
    settings = {
        **two_nodes.sides["sz"].database.settings_dict,
        "NAME": str(tmp_path / "db.sqlite3"),
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL;",
        },
    }
    before, connections["default"] = connections["default"], Sqlite(settings, alias="default")
    try:
        call_command("migrate", run_syncdb=True, verbosity=0)
        write_together(settings, two_nodes["sz"])
        check()
    finally:
        connections["default"].close()
        connections["default"] = before


@pytest.mark.django_db(transaction=True)
def test_writers_on_one_postgresql_database_make_one_log(two_nodes: TwoNodes) -> None:
    if connections["default"].vendor != "postgresql":
        pytest.skip("runs where the suite runs on PostgreSQL")
    write_together(dict(connections["default"].settings_dict), two_nodes["sz"])
    check()


def test_the_tree_grown_act_by_act_has_the_root_of_its_leaves(two_nodes: TwoNodes) -> None:
    with two_nodes.at("sz"):
        for index in range(13):
            with transaction.atomic():
                record(NewAct("test.noted", STREAM, {"says": f"n{index}"}, OFFICER), START)
        copy = log_copy()
        assert log.tree().root() == root_of([leaf_of(entry.commitment) for entry in copy.entries])
