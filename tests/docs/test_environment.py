"""The page on running a node lists every variable the code reads, and no other."""

from __future__ import annotations

import re

import pytest
from tests.docs.tree import DOCS, SOURCE

pytestmark = pytest.mark.one_database

PAGE = DOCS / "how-to" / "run-a-node.md"
READ = re.compile(r"""environ(?:\.get\(|\.setdefault\(|\[)\s*["'](TWOPARKS_[A-Z_]+)""")


def test_every_variable_read_is_listed_and_every_listed_one_is_read() -> None:
    read = {name for path in SOURCE.rglob("*.py") for name in READ.findall(path.read_text("utf-8"))}
    listed = set(re.findall(r"^\| `(TWOPARKS_[A-Z_]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE))
    assert listed == read
