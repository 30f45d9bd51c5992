"""The glossary is a table that catalogues can trust."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from babel.messages.pofile import read_po
from tests.docs.tree import DOCS, SOURCE, tables
from tests.docs.vocabulary import vocabulary

from twoparks.packs import load

pytestmark = pytest.mark.one_database

LANGUAGES = ("en", "zh-Hant", "zh-Hans")
COLUMNS = ["key", "en", "zh-Hant", "zh-Hans", "meaning"]
TAIWAN_ONLY = (
    "網路",
    "軟體",
    "硬體",
    "使用者",
    "數位",
    "專案",
    "視訊",
    "螢幕",
    "印表機",
    "簡訊",
    "智慧財產",
    "大陸",
)
ANOTHER_WORD = {  # spelt as the term, and meant otherwise on pages
    "clear": "on a button it is what a park officer does: 核准",
    "pass": "at a gate it is the verdict: 放行",
    "route": "in a declaration it is the way over the river: 路線",
}
TERMS = tables(DOCS / "glossary.md")
ROWS = [
    (section, dict(zip(COLUMNS, row, strict=False))) for section, rows in TERMS.items() for row in rows[1:]
]


def test_every_table_has_the_five_columns() -> None:
    assert {section: rows[0] for section, rows in TERMS.items() if rows[0] != COLUMNS} == {}


def test_no_cell_is_empty_and_none_is_missing() -> None:
    rows = [row for rows in TERMS.values() for row in rows]
    assert [row for row in rows if len(row) != len(COLUMNS) or not all(row)] == []


def test_a_key_stands_once_in_its_table() -> None:
    keys = [(section, row["key"]) for section, row in ROWS]
    assert sorted(keys) == sorted(set(keys))


def test_there_are_at_least_ninety_terms() -> None:
    assert len(ROWS) >= 90


@pytest.mark.parametrize(("column", "charset"), [("zh-Hant", "big5hkscs"), ("zh-Hans", "gb2312")])
def test_each_chinese_column_keeps_to_its_own_characters(column: str, charset: str) -> None:
    strange = {row["key"]: row[column] for _, row in ROWS if not _encodes(row[column], charset)}
    assert strange == {}


def test_no_term_is_in_the_usage_of_taiwan() -> None:
    used = [(row["key"], word) for _, row in ROWS for word in TAIWAN_ONLY if word in row["zh-Hant"]]
    assert used == []


def test_the_authorities_are_those_of_the_vocabulary() -> None:
    listed = {row["key"] for section, row in ROWS if section == "Authorities"}
    assert listed == set(vocabulary()["authorities"])


def test_every_outcome_of_the_vocabulary_has_its_words() -> None:
    listed = {row["key"] for section, row in ROWS if section == "Law"}
    assert set(vocabulary()["outcomes"]) <= listed


def test_authorities_and_measures_have_the_names_that_pages_show() -> None:
    named = load()
    shown: dict[str, Mapping[str, str]] = {key: each.name for key, each in named.measures.items()}
    for section, row in ROWS:
        names = named.authorities[row["key"]].name if section == "Authorities" else shown.get(row["key"])
        if names is not None:
            there = {language: _spelt(names[language]) for language in LANGUAGES}
            assert {language: _spelt(row[language]) for language in LANGUAGES} == there


@pytest.mark.parametrize(("catalogue", "column"), [("zh_Hant", "zh-Hant"), ("zh_Hans", "zh-Hans")])
def test_a_page_says_a_term_as_the_glossary_does(catalogue: str, column: str) -> None:
    with (SOURCE / "site" / "locale" / catalogue / "LC_MESSAGES" / "django.po").open("rb") as file:
        said = {each.id.lower(): each.string for each in read_po(file) if isinstance(each.id, str)}
    terms = [(row["en"].lower(), row[column]) for _, row in ROWS if row["en"].lower() not in ANOTHER_WORD]
    assert {en: said[en] for en, word in terms if said.get(en, word) != word} == {}


def _spelt(name: str) -> str:
    """Without regard to a leading capital and to the two ways of writing 衞, of which this page has Hong Kong's."""
    return (name[0].lower() + name[1:]).replace("衛", "衞")


def _encodes(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
