"""What the tests of this folder read: the committed files, the Markdown pages, their blocks and tables."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "twoparks"
DOCS = ROOT / "docs"
LEFT_OUT = {
    ".git",
    ".venv",
    "var",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    "node_modules",
}

_FENCE = re.compile(r"^```([a-z]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    language: str
    text: str


@lru_cache(maxsize=1)
def files() -> tuple[Path, ...]:
    """Every committed file, or every file outside made folders where there is no repository (an unpacked archive)."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        named = [ROOT / name for name in listed.stdout.split("\0") if name]
        return tuple(path for path in named if path.is_file())
    walked = (path for path in ROOT.rglob("*") if not LEFT_OUT & set(path.relative_to(ROOT).parts))
    return tuple(sorted(path for path in walked if path.is_file()))


def markdown() -> tuple[Path, ...]:
    """Every committed Markdown page."""
    return tuple(path for path in files() if path.suffix == ".md")


def shown(path: Path) -> str:
    """The path as a test names it."""
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def blocks(path: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for language, text in _FENCE.findall(path.read_text(encoding="utf-8")):
        yield Block(path, language, text)


def tables(path: Path) -> dict[str, list[list[str]]]:
    """Rows of the tables of a page under the heading above them, the header row first, the rule left out."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    for line in prose(path).splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").strip()
        elif line.startswith("|") and not line.startswith("|---"):
            found.setdefault(heading, []).append(
                [cell.strip() for cell in line.strip().strip("|").split("|")]
            )
    return found
