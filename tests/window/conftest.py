"""The stage of these tests: both parks' pages, as in tests/site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation
from tests.site.conftest import _words, stage

__all__ = ["_words", "stage"]


@pytest.fixture(autouse=True)
def _no_language_left() -> Iterator[None]:
    """A page read in Chinese leaves no Chinese to the tests that follow."""
    yield
    translation.deactivate()
