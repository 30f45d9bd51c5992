"""The stylesheet keeps its promises: small, legible in light and dark, two accents used for the banks alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_database
STATIC = Path(__file__).resolve().parents[2] / "src" / "twoparks" / "site" / "static"
SHEET = (STATIC / "twoparks.css").read_text(encoding="utf-8")
TEXT, LARGE = 4.5, 3.0
PAIRS = [
    ("ink", "paper", TEXT),
    ("ink", "surface", TEXT),
    ("ink", "sunk", TEXT),
    ("ink", "plain-tint", TEXT),
    ("soft", "paper", TEXT),
    ("soft", "surface", TEXT),
    ("soft", "sunk", TEXT),
    ("soft", "plain-tint", TEXT),
    ("good", "good-tint", TEXT),
    ("wait", "wait-tint", TEXT),
    ("stop", "stop-tint", TEXT),
    ("stop", "surface", TEXT),
    ("stop", "paper", TEXT),
    ("north", "surface", TEXT),
    ("north", "paper", TEXT),
    ("north", "north-tint", TEXT),
    ("south", "surface", TEXT),
    ("south", "paper", TEXT),
    ("south", "south-tint", TEXT),
    ("strong-line", "surface", LARGE),
    ("strong-line", "paper", LARGE),
]


def _tokens(dark: bool) -> dict[str, str]:
    blocks = re.findall(r":root \{(.*?)\}", SHEET, re.S)
    found: dict[str, str] = {}
    for block in blocks[: 2 if dark else 1]:
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))
    return found


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(d * 2 for d in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("fore", "back", "least"), PAIRS)
def test_words_stand_out_from_their_ground(fore: str, back: str, least: float, dark: bool) -> None:
    tokens = _tokens(dark)
    assert _contrast(tokens[fore], tokens[back]) >= least


def test_the_stylesheet_is_small() -> None:
    assert len(SHEET.splitlines()) <= 600


def test_the_accents_are_used_for_the_banks_alone() -> None:
    outside = re.sub(r":root[^{]*\{.*?\}", "", SHEET, flags=re.S)
    users = re.findall(r"([^{}]+)\{[^{}]*var\(--(?:north|south)", outside)
    assert {rule.strip() for rule in users} == {".north", ".south"}


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert re.findall(r"url\(|@import|https?://", SHEET) == []
