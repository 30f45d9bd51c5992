"""A page that shows how law is written uses words the vocabulary has."""

from __future__ import annotations

import re

import pytest
from tests.docs.tree import blocks, markdown, shown
from tests.docs.vocabulary import facts, measures, vocabulary

pytestmark = pytest.mark.one_database

WORDS = re.compile(r"[a-z][a-z0-9_]+")
MEASURE_PLACES = re.compile(
    r"^\s*-?\s*(?:require|exempt|permit|forbid|requires|not_requires|after):\s*(.+)$", re.MULTILINE
)
AUTHORITY_PLACES = re.compile(r"(?:\brefer|\bauthority):\s*([a-z_]+)\b(?!:)")
FACT_PLACES = re.compile(r"^\s*-\s*fact:\s*([a-z_]+)", re.MULTILINE)
PACK_BLOCKS = [block for page in markdown() for block in blocks(page) if block.language == "yaml"]
PLAIN = {"movement", "one_of"}


def test_there_are_examples_of_packs_to_look_at() -> None:
    assert any(MEASURE_PLACES.search(block.text) for block in PACK_BLOCKS)


def test_every_measure_an_example_names_is_in_the_vocabulary() -> None:
    named = {
        (shown(b.page), w)
        for b in PACK_BLOCKS
        for line in MEASURE_PLACES.findall(b.text)
        for w in _words(line)
    }
    assert {each for each in named if len(each[1]) > 1 and each[1] not in measures() | PLAIN} == set()


def test_every_authority_an_example_names_is_in_the_vocabulary() -> None:
    named = {(shown(b.page), word) for b in PACK_BLOCKS for word in AUTHORITY_PLACES.findall(b.text)}
    assert {each for each in named if each[1] not in vocabulary()["authorities"]} == set()


def test_every_fact_an_example_asks_for_is_in_the_vocabulary() -> None:
    named = {(shown(b.page), word) for b in PACK_BLOCKS for word in FACT_PLACES.findall(b.text)}
    assert {each for each in named if each[1] not in facts()} == set()


def _words(line: str) -> list[str]:
    return WORDS.findall(line.split("#")[0])
