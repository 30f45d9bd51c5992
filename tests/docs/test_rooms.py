"""The map shows the tree as it is."""

from __future__ import annotations

import re

import pytest
from tests.docs.tree import DOCS, ROOT, SOURCE, files, shown, tables

pytestmark = pytest.mark.one_database

MAP = DOCS / "map.md"
ROOMS = {row[0].strip("`").rstrip("/") for row in tables(MAP)["Rooms"][1:]}
PATH = re.compile(r"`((?:src/twoparks|tests|tools|docs|bench|examples)/[\w./-]+|[a-z]+/[a-z_]+\.py)`")


def rooms_in_the_tree() -> set[str]:
    """Packages directly under `src/twoparks`."""
    return {
        path.parent.name for path in files() if path.name == "__init__.py" and path.parent.parent == SOURCE
    }


def test_the_map_lists_every_room_and_no_other() -> None:
    assert rooms_in_the_tree() == ROOMS


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_has_a_readme_of_at_most_a_page(room: str) -> None:
    readme = SOURCE / room / "README.md"
    assert readme.exists(), f"src/twoparks/{room}/README.md is missing"
    assert 5 <= len(readme.read_text(encoding="utf-8").splitlines()) <= 80


@pytest.mark.parametrize("page", ["map.md", "threats.md", "protocol.md"])
def test_every_file_a_page_names_exists(page: str) -> None:
    named = set(PATH.findall((DOCS / page).read_text(encoding="utf-8")))
    missing = {name for name in named if not (ROOT / name).exists() and not (SOURCE / name).exists()}
    assert missing == set()


def test_every_folder_of_tests_is_on_the_map() -> None:
    folders = {
        path.relative_to(ROOT / "tests").parts[0] for path in files() if (ROOT / "tests") in path.parents
    }
    folders = {name for name in folders if (ROOT / "tests" / name).is_dir()}
    text = MAP.read_text(encoding="utf-8")
    assert {name for name in folders if f"tests/{name}" not in text} == set()


def test_every_page_of_the_docs_is_on_the_map() -> None:
    text = MAP.read_text(encoding="utf-8")
    pages = [
        path
        for path in files()
        if path.parent in {DOCS, DOCS / "how-to"} and path.suffix == ".md" and path != MAP
    ]
    assert [shown(page) for page in pages if f"]({page.relative_to(DOCS)}" not in text] == []
