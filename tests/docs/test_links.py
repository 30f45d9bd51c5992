"""Every link of every page leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.docs.tree import markdown, prose, shown

pytestmark = pytest.mark.one_database

LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.*)$", re.MULTILINE)


def anchor(heading: str) -> str:
    """The anchor a heading gets where the pages are read."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def local_links(page: Path) -> list[str]:
    """Targets inside the repository."""
    return [link for link in LINK.findall(prose(page)) if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("page", markdown(), ids=shown)
def test_a_link_leads_to_a_file_and_heading_that_exist(page: Path) -> None:
    broken = []
    for link in local_links(page):
        name, _, part = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (
            part and part not in {anchor(found) for found in HEADING.findall(prose(target))}
        ):
            broken.append(link)
    assert broken == []


def test_the_readers_way_in_is_linked() -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve() for page in markdown() for link in local_links(page)
    }
    guides = [page for page in markdown() if page.parent.name in {"docs", "how-to"}]
    assert [shown(page) for page in guides if page not in linked] == []
