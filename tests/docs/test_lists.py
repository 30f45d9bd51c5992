"""Every page that shows a table of rows is a declared list, or the page on lists says why not."""

from __future__ import annotations

import re

import pytest
from tests.docs.tree import DOCS, SOURCE

pytestmark = pytest.mark.one_database

TEMPLATES = SOURCE / "site" / "templates"
PAGE = (DOCS / "lists.md").read_text("utf-8")


def test_every_template_with_a_table_stands_in_the_page_on_lists() -> None:
    found = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if re.search(r'<tbody|<table|class="tasks"', path.read_text("utf-8"))
    }
    assert found - set(re.findall(r"`([\w/]+\.html)`", PAGE)) == set(), "name them in docs/lists.md"
