"""The zone's phrase book: what is often written by hand, in three languages. What was signed stays as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml
from django.conf import settings

from twoparks.registry.words import reading

LANGUAGES = ("en", "zh-Hant", "zh-Hans")  # the book's columns
BETWEEN = ("; ", "；", "；")  # of a text made of several


class PhraseBookError(ValueError):
    """A phrase book that cannot be used; says which row and what it would have to be."""


def phrase(text: object) -> str:
    """The text in the reader's language where the book knows it, whole or between semicolons; else as it was written."""
    given = "" if text is None else str(text)
    at = LANGUAGES.index(reading())
    book = _book(Path(settings.TWOPARKS_ZONE_FILE).with_suffix(".phrases.yaml"))
    parts = [given] if given in book else given.split(BETWEEN[0])
    return BETWEEN[at].join(book[part][at] for part in parts) if all(p in book for p in parts) else given


@lru_cache(maxsize=4)
def _book(path: Path) -> Mapping[str, tuple[str, ...]]:
    """Every phrase by each of its wordings; a zone without a book has none."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else []
    found: dict[str, tuple[str, ...]] = {}
    for number, row in enumerate(rows or [], 1):
        if not (
            isinstance(row, list) and len(row) == len(LANGUAGES) and all(isinstance(w, str) for w in row)
        ):
            raise PhraseBookError(f"{path.name}, row {number}: a row is one text in {', '.join(LANGUAGES)}")
        found |= dict.fromkeys(row, tuple(row))
    return found
