"""The page on reading the ledger explains every finding there can be."""

from __future__ import annotations

import ast
import re

import pytest
from tests.docs.tree import DOCS, SOURCE, tables

pytestmark = pytest.mark.one_database

AUDITS = (
    SOURCE / "ledger" / "audit.py",
    SOURCE / "federation" / "audit.py",
    SOURCE / "federation" / "roles.py",
)
PAGE = DOCS / "how-to" / "read-the-ledger.md"


def codes_in_the_code() -> set[str]:
    """First arguments of every `Finding(…)`; a code that is not a literal fails the test below."""
    calls = [
        n for path in AUDITS for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)
    ]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Finding"]
    return {ast.literal_eval(call.args[0]) for call in named}


def test_every_finding_is_explained_and_no_other() -> None:
    explained = {
        code for row in tables(PAGE)["Is the log whole?"][1:] for code in re.findall(r"`([a-z_]+)`", row[0])
    }
    assert explained == codes_in_the_code()
