"""Pages that must exist do, those made from code are fresh, and none tells where it was written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.docs.tree import DOCS, ROOT, files, shown, tables
from tools.docs import PAGES

pytestmark = pytest.mark.one_database

DECISIONS = DOCS / "adr"
PARTS = ("Status", "Context", "Decision", "Consequences")
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|root|home)/[\w.-]+")
SHARED = "../" + "shared"
BINARY = {".woff2", ".mo", ".png", ".jpg", ".ico", ".pdf", ".otf"}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_generated_page_says_what_the_code_says(name: str) -> None:
    page = DOCS / name
    written = page.read_text(encoding="utf-8") if page.exists() else ""
    assert written == PAGES[name](), f"docs/{name} is behind the code; run make docs"


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"])
def test_the_page_a_newcomer_looks_for_is_there(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) >= 5


def test_the_changelog_has_a_place_for_what_is_not_released() -> None:
    assert "\n## Unreleased\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_index_of_decisions_lists_each_decision_once() -> None:
    rows = [row for table in tables(DECISIONS / "README.md").values() for row in table[1:]]
    listed = re.findall(r"\]\(([^)]+)\)", " ".join(cell for row in rows for cell in row))
    written = [path.name for path in files() if path.parent == DECISIONS and path.name != "README.md"]
    assert sorted(listed) == sorted(written)


@pytest.mark.parametrize(
    "page", [p for p in files() if p.parent == DECISIONS and p.name != "README.md"], ids=shown
)
def test_a_decision_has_its_parts_on_one_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = [
        part for part in PARTS if not re.search(rf"^(?:#+ |\*\*){part}\b|^{part}:", text, re.MULTILINE)
    ]
    assert (missing, len(text.splitlines()) <= 60) == ([], True)


def test_no_committed_file_names_a_machine_path() -> None:
    named = {shown(path): found for path in _readable() if (found := MACHINE_PATH.findall(_text(path)))}
    assert named == {}


def test_only_the_tests_of_standards_name_the_folder_beside_the_repository() -> None:
    named = [shown(path) for path in _readable() if SHARED in _text(path)]
    assert [name for name in named if not name.startswith("tests/standards/")] == []


def _readable() -> list[Path]:
    return [path for path in files() if path.suffix not in BINARY]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
