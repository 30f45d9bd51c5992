"""The room of lists knows no other room of the house."""

from __future__ import annotations

import ast

import pytest
from tests.docs.tree import SOURCE

pytestmark = pytest.mark.one_database


def test_lists_import_no_other_room() -> None:
    found = set()
    for path in (SOURCE / "lists").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found |= {name for name in names if name.startswith("twoparks.")}
    assert {name for name in found if not name.startswith("twoparks.lists")} == set()
