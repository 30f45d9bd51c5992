"""The stage of these tests: both parks' pages, as in tests/site."""

from __future__ import annotations

from tests.site.conftest import _words, stage

__all__ = ["_words", "stage"]
