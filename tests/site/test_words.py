"""Every visible word is in the catalogues, and both Chinese catalogues are whole."""

from __future__ import annotations

import pytest
from tools import catalogues

pytestmark = pytest.mark.one_database


def test_no_visible_string_is_outside_the_catalogues() -> None:
    assert catalogues.check() == 0


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_string_is_translated(language: str) -> None:
    catalogue = catalogues._read(language)
    assert [m.id for m in catalogue if m.id and not catalogues._translated(m)] == []


def test_a_lost_placeholder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    spoiled = catalogues._read("zh_Hant")
    message = next(m for m in spoiled if m.id and "%(n)s" in str(m.id))
    message.string = ("沒有",) if isinstance(message.id, tuple) else "沒有"
    monkeypatch.setattr(catalogues, "_read", lambda language: spoiled)
    assert catalogues.check() == 1


def test_hong_kong_and_mainland_words_differ_where_the_glossary_says_so() -> None:
    hant, hans = (
        {str(m.id): str(m.string) for m in catalogues._read(language)} for language in catalogues.LANGUAGES
    )
    assert (hant["Crossings"], hans["Crossings"]) == ("過關紀錄", "通关记录")
    assert "封條" in hant["Seal number"]
    assert "封志" in hans["Seal number"]
